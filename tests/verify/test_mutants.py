"""Faults that are planted in generated projects are found, in the cell and the function that they concern.

Every fourth is planted here, `make planted` plants all (`MUTANTS=all`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from notebooks import generate
from planted import FAULTS, NOTEBOOKS, Fault
from verified import check

from nbmde.notebooks.verify import NotebookRun, Verdict

pytestmark = pytest.mark.slow

Made = tuple[Path, Path]
PLANTED = FAULTS if os.environ.get("MUTANTS") == "all" else FAULTS[::4]


@pytest.fixture(scope="module")
def known() -> dict[str, NotebookRun]:
    """Runs of the notebooks: each runs twice, however many faults its project has."""
    return {}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """A notebook and its project; each is converted once."""
    folder = tmp_path_factory.mktemp("planted")
    found: dict[str, Made] = {}

    def make(name: str) -> Made:
        if NOTEBOOKS[name].needs:
            pytest.importorskip(NOTEBOOKS[name].needs)
        if name not in found:
            notebook = NOTEBOOKS[name].write(folder / "notebooks" / name)
            found[name] = notebook, generate(notebook, folder / "made" / name)
        return found[name]

    return make


def located(verdict: Verdict) -> set[tuple[int, str, str, str]]:
    """Cell, function, kind and name of what differs in the first function that does, with and without the name."""
    if verdict.first is None:
        assert verdict.failure is not None
        detail = verdict.failure.detail.partition(" in cell ")[2]
        return {(int(detail.partition(":")[0]), verdict.failure.function, verdict.failure.kind, "")}
    cell, first = verdict.first
    found = [one for one in cell.differences if one.function == first.function]
    return {(cell.number, one.function, one.kind, name) for one in found for name in ("", one.name)}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_projects_without_faults_are_equal(
    name: str, made: Callable[[str], Made], known: dict[str, NotebookRun]
) -> None:
    assert check(*made(name), known=known).equal


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: f"{fault.notebook}: {fault.name}")
def test_a_planted_fault_is_found_and_located(
    fault: Fault, made: Callable[[str], Made], known: dict[str, NotebookRun]
) -> None:
    notebook, project = made(fault.notebook)
    file = project / fault.file
    original = file.read_text()
    assert original.count(fault.before) == 1
    file.write_text(original.replace(fault.before, fault.after))
    try:
        verdict = check(notebook, project, known=known)
    finally:
        file.write_text(original)

    assert not verdict.equal
    assert (fault.cell, fault.function, fault.kind, fault.about) in located(verdict)


def test_the_faults_are_many_and_of_every_kind() -> None:
    names = [(fault.notebook, fault.name) for fault in FAULTS]
    assert len(set(names)) == len(names) >= 180
    assert {fault.kind for fault in FAULTS} == {
        "text", "error", "value", "alias", "random numbers", "option", "picture", "file", "order", "missing", "failure"
    }  # fmt: skip
