"""Rows of api.toml say what the installed libraries have; those of others are in a list that a person has looked at."""

from __future__ import annotations

from pathlib import Path

import installed
import pytest

UNCHECKED = Path(__file__).with_name("unchecked.txt")


@pytest.fixture(scope="module")
def findings() -> installed.Findings:
    return installed.compared(*installed.tables())


def test_what_a_row_names_exists_and_takes_its_keywords(findings: installed.Findings) -> None:
    assert findings.wrong == []
    assert len(findings.checked) > 1500


def test_what_cannot_be_checked_is_what_somebody_has_looked_at(findings: installed.Findings) -> None:
    known = UNCHECKED.read_text(encoding="utf-8").splitlines()
    new = sorted(set(findings.unchecked) - set(known))
    assert not new, f"compare with the library's documentation, then add to {UNCHECKED.name}: {new}"


WRONG = {
    "a misspelled function": ("pandas.raed_csv", {"reads_files": 0, "path_keyword": "filepath_or_buffer"}),
    "a wrong keyword": ("pandas.read_csv", {"reads_files": 0, "path_keyword": "path"}),
    "a wrong seed": ("sklearn.ensemble.RandomForestClassifier", {"random_if_missing": "seed"}),
    "a seed that is forgotten": (
        "sklearn.ensemble.RandomForestClassifier",
        {"kind": "model", "task": "classification"},
    ),
    "a wrong condition": (
        "sklearn.model_selection.KFold",
        {"random_if_missing": "random_state", "random_only_with": ["shufle"]},
    ),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_row_that_is_not_so_is_found(how: str) -> None:
    key, row = WRONG[how]
    assert len(installed.compared({key: row}, set()).wrong) == 1


def test_a_misspelled_row_of_a_library_that_is_not_there_is_not_in_the_list() -> None:
    unknown = installed.compared({"nolibrary.fit_modle": {}}, set()).unchecked
    assert unknown == ["nolibrary.fit_modle"]
    assert not set(unknown) & set(UNCHECKED.read_text(encoding="utf-8").splitlines())
