"""Models that a person edited become projects that run, or are refused with the element and the reason.

EDITS=all, as in `make fuzz`, tries 500 models with edits and runs 50 projects; else it is a sample, always the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import edits
import pytest
from hypothesis import HealthCheck, assume, given, settings

from nbmde.engine import models

ALL = os.environ.get("EDITS") == "all"
FEW = 3
NOTEBOOKS = edits.NOTEBOOKS[: None if ALL else 2]
KINDS = [(Path(notebook).stem, metamodel) for notebook in NOTEBOOKS for metamodel in edits.FILES]


def examples(few: int, many: int) -> settings:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    number = -(-many // len(KINDS)) if ALL else few
    return settings(max_examples=number, derandomize=not ALL, deadline=None, suppress_health_check=checks)


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models of one example."""
    return edits.prepare(tmp_path_factory.mktemp("models"), ["reviews/reviews.ipynb"])[0]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The models of examples, by their names."""
    return {folder.parent.name: folder for folder in edits.prepare(tmp_path_factory.mktemp("models"), NOTEBOOKS)}


@pytest.mark.parametrize("metamodel", edits.FILES)
def test_some_edited_models_are_generated_or_refused(few: Path, metamodel: str) -> None:
    @settings(max_examples=FEW, derandomize=True)
    @given(edits.edited(few, metamodel))
    def check(edited: edits.Edited) -> None:
        assert not edits.outcome(edited).startswith("fault")

    check()


@pytest.mark.slow
@pytest.mark.parametrize(("notebook", "metamodel"), KINDS)
def test_edited_models_are_generated_or_refused(folders: dict[str, Path], notebook: str, metamodel: str) -> None:
    @examples(few=5, many=500)
    @given(edits.edited(folders[notebook], metamodel))
    def check(edited: edits.Edited) -> None:
        assert not edits.outcome(edited).startswith("fault")

    check()


@pytest.mark.slow
@pytest.mark.parametrize(("notebook", "metamodel"), KINDS)
def test_projects_of_edited_models_run(folders: dict[str, Path], notebook: str, metamodel: str) -> None:
    @examples(few=1, many=50)
    @given(edits.edited(folders[notebook], metamodel))
    def check(edited: edits.Edited) -> None:
        told = edits.outcome(edited, run=True)
        assume(not told.startswith("refused"))
        assert not told.startswith("fault")

    check()


def every(root: Any, eclass: str, /, **features: str) -> list[Any]:
    found = [element for element in models.walk(root) if element.eClass.name == eclass]
    return [one for one in found if all(str(getattr(one, key)) == value for key, value in features.items())]


FAULTS: dict[str, tuple[str, Callable[[Any], object], str]] = {
    "no definitions": ("workflow", lambda wf: wf.definitions.clear(), "re is bound by none at module level"),
    "a definition that is none": (
        "workflow",
        lambda wf: setattr(wf.definitions[-1], "kind", wf.steps[-1].statements[-1].kind),
        "a statement of the kind control is placed at module level",
    ),
    "no data sets": ("workflow", lambda wf: wf.datasets.clear(), "names the file reviews.csv, which is no data set"),
    "a keyword as a package": ("mlproject", lambda pr: setattr(pr, "package", "class"), "'class' is no Python ident"),
    "no monitoring": (
        "mlproject",
        lambda pr: every(pr, "Package", name="monitoring")[0].delete(),
        r"TestModule 'test_drift' .* has no module 'drift' of kind monitoring",
    ),
    "a module of the runtime with another name": (
        "mlproject",
        lambda pr: setattr(every(pr, "Module", name="figures")[0], "name", "drawings"),
        r"Module 'drawings' .*: there is no module 'runtime/drawings.py'",
    ),
}
"""Edits of which something else came once: what is edited, and what must be said."""


@pytest.mark.parametrize("what", FAULTS)
def test_what_was_a_fault_is_refused_with_its_element(few: Path, what: str) -> None:
    metamodel, change, said = FAULTS[what]
    path = few / edits.FILES[metamodel]
    root = models.load(path, edits.REGISTRY)
    change(root)
    told = edits.outcome(edits.Edited(root, path, [what]))
    assert re.match(f"refused: .*{said}", told), told


def test_an_error_of_python_in_a_message_is_a_fault() -> None:
    assert edits.FAULT.search("rule x: AttributeError: 'NoneType' object has no attribute 'name'")
    assert not edits.FAULT.search("Step 'load' (step.1): name is required [lower_bound]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print(unheard_of)\n", "unheard_of"),
        ("def half(\n", "SyntaxError|invalid-syntax|Expected"),
        ("import asyncio\n\nawait asyncio.sleep(0)\n", "SyntaxError|await"),
        ("from project.steps import third\n", "has no third"),
        ("from project.steps import half\n", "^$"),
    ],
)
def test_what_nothing_binds_in_a_project_is_found(tmp_path: Path, text: str, said: str) -> None:
    package = tmp_path / "src" / "project"
    package.mkdir(parents=True)
    (package / "pipeline.py").write_text(text)
    (package / "steps.py").write_text("def half():\n    return 2\n")
    assert re.search(said, edits.unresolved(tmp_path))
