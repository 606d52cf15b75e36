"""Every row of distributions.toml is well-formed, and agrees with what is installed beside the tests."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

NAME = r"[A-Za-z_]\w*"
DOTTED = rf"{NAME}(?:\.{NAME})*"
PATTERN = r"\.?[A-Za-z_*][\w*]*(?:\.[\w*]+)*"
USE = re.compile(rf"(?P<call>{PATTERN})(?:\((?P<how>{NAME}|{NAME}='[^']+'|'[^']+'|#[1-9])\))?")


def import_names(table: dict[str, str], imported: str) -> str | None:
    """Distribution of an imported dotted name: that of its longest prefix."""
    while imported:
        if imported in table:
            return table[imported]
        imported = imported.rpartition(".")[0]
    return None


def test_names_of_imports_and_distributions_are_valid(distributions: dict[str, Any]) -> None:
    table = distributions["distributions"]
    assert len(table) >= 300
    for imported, distribution in table.items():
        assert re.fullmatch(DOTTED, imported), imported
        assert re.fullmatch(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", distribution), distribution


def test_the_standard_library_is_not_in_the_table(distributions: dict[str, Any]) -> None:
    for imported in (*distributions["distributions"], *distributions["unavailable"]):
        assert imported.split(".")[0] not in sys.stdlib_module_names, imported


def test_one_spelling_for_each_distribution(distributions: dict[str, Any]) -> None:
    spellings: dict[str, set[str]] = {}
    for distribution in distributions["distributions"].values():
        spellings.setdefault(canonicalize_name(distribution), set()).add(distribution)
    for needed in distributions["extras"].values():
        for distribution in needed:
            spellings.setdefault(canonicalize_name(distribution), set()).add(distribution)
    assert [names for names in spellings.values() if len(names) > 1] == []


@pytest.mark.parametrize(
    ("imported", "distribution"),
    [
        ("sklearn.ensemble", "scikit-learn"),
        ("cv2", "opencv-python-headless"),
        ("PIL.Image", "pillow"),
        ("mpl_toolkits.mplot3d", "matplotlib"),
        ("mpl_toolkits.basemap", "basemap"),
        ("google.cloud.bigquery", "google-cloud-bigquery"),
        ("google.cloud.bigquery_storage", "google-cloud-bigquery-storage"),
        ("google.protobuf.message", "protobuf"),
        ("autogluon.tabular", "autogluon.tabular"),
        ("autogluon.common", "autogluon"),
        ("no_such_module", None),
        ("google.unknown", None),
    ],
)
def test_the_longest_prefix_wins(distributions: dict[str, Any], imported: str, distribution: str | None) -> None:
    assert import_names(distributions["distributions"], imported) == distribution


OTHER_NAMES = Path(__file__).with_name("other_names.txt")
"""Modules in distributions of other names, as a person has looked them up: a stranger's may have the module's name."""


def test_a_distribution_of_another_name_is_one_that_somebody_has_looked_up(distributions: dict[str, Any]) -> None:
    known = dict(line.split() for line in OTHER_NAMES.read_text(encoding="utf-8").splitlines())
    found = {
        imported: distribution
        for imported, distribution in distributions["distributions"].items()
        if canonicalize_name(distribution) not in (canonicalize_name(imported), imported.replace(".", "-").lower())
    }
    assert found == known, f"look the new ones up on the package index, then put them into {OTHER_NAMES.name}"
    assert len(known) > 100


def test_the_table_agrees_with_what_is_installed(distributions: dict[str, Any]) -> None:
    table = distributions["distributions"]
    checked = 0
    for imported, installed in metadata.packages_distributions().items():
        if imported in table and imported not in ("sql",):
            assert canonicalize_name(table[imported]) in map(canonicalize_name, installed), imported
            checked += 1
    assert checked >= 10


def test_other_builds_of_a_distribution_are_those_with_the_same_modules(distributions: dict[str, Any]) -> None:
    assert distributions["variants"] == {
        "faiss-cpu": ["faiss-gpu", "faiss-gpu-cu12"],
        "opencv-python-headless": ["opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless"],
        "psycopg2-binary": ["psycopg2"],
        "tensorflow": ["tensorflow-cpu", "tensorflow-gpu", "tensorflow-intel", "tensorflow-macos"],
        "xgboost": ["xgboost-cpu"],
    }
    assert set(distributions["variants"]) <= set(map(canonicalize_name, distributions["distributions"].values()))


def test_what_is_not_available_has_a_reason_and_no_distribution(distributions: dict[str, Any]) -> None:
    assert not distributions["unavailable"].keys() & distributions["distributions"].keys()
    for imported, reason in distributions["unavailable"].items():
        assert re.fullmatch(DOTTED, imported), imported
        assert ": " in reason, f"{imported}: no remedy"


def test_implicit_needs_name_distributions(distributions: dict[str, Any]) -> None:
    for use, needed in distributions["extras"].items():
        assert USE.fullmatch(use), use
        assert needed, use
        assert len(needed) == len(set(needed)), use
        for distribution in needed:
            assert Requirement(distribution).name == distribution, use


def test_bounds_are_specifiers_of_known_distributions(distributions: dict[str, Any]) -> None:
    known = set(map(canonicalize_name, distributions["distributions"].values()))
    for table, extra in (("era", {"instead"}), ("patterns", {"why"})):
        for use, row in distributions[table].items():
            assert row.keys() <= {"requires"} | extra, use
            assert all(isinstance(value, str) and value for value in row.values()), use
            for alternative in row["requires"].split(" || "):
                requirement = Requirement(alternative)
                assert canonicalize_name(requirement.name) in known, use
                assert {specifier.operator for specifier in requirement.specifier} <= {"<", ">="}, use
                assert len(requirement.specifier) == 1, use


def test_uses_with_bounds_are_well_formed(distributions: dict[str, Any]) -> None:
    for use in distributions["era"]:
        match = USE.fullmatch(use)
        assert match, use
        assert match["how"] or "*" not in use, use


def test_a_keyword_and_the_one_that_replaces_it_overlap(distributions: dict[str, Any]) -> None:
    """A keyword that replaces another is there before the other is gone, or with the same release."""
    era = distributions["era"]
    checked = 0
    for use, row in era.items():
        match = USE.fullmatch(use)
        assert match
        successor = f"{match['call']}({row.get('instead')})"
        if "<" in row["requires"] and successor in era:
            gone, new = Requirement(row["requires"]), Requirement(era[successor]["requires"])
            assert gone.name == new.name
            [since], [until] = new.specifier, gone.specifier
            assert Version(since.version) <= Version(until.version), use
            checked += 1
    assert checked >= 5


def test_oldest_wheels_grow_with_python(distributions: dict[str, Any]) -> None:
    for distribution, wheels in distributions["oldest"].items():
        pythons = [Version(python) for python in wheels]
        releases = [Version(release) for release in wheels.values()]
        assert pythons == sorted(pythons), distribution
        assert releases == sorted(releases), distribution


def test_every_bound_of_the_main_libraries_can_be_judged_on_this_python(distributions: dict[str, Any]) -> None:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python not in distributions["oldest"]["scikit-learn"]:
        pytest.skip("no wheels are listed for this version of Python")
    oldest = Version(distributions["oldest"]["scikit-learn"][python])
    boston = SpecifierSet(str(Requirement(distributions["era"]["sklearn.datasets.load_boston"]["requires"]).specifier))
    assert boston.contains(oldest) == (oldest < Version("1.2"))
