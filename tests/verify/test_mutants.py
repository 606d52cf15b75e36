"""Faults that are planted in generated projects are found, in the cell and the function that they concern."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from mutants import FILES, MUTANTS, NOTEBOOKS, Mutant
from notebooks import generate, write_notebook
from verified import check

from nbmde.verify import NotebookRun, Verdict

Made = tuple[Path, Path]


@pytest.fixture(scope="module")
def known() -> dict[str, NotebookRun]:
    """Runs of the notebooks: each runs twice, however many mutants its project has."""
    return {}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """A notebook of the table and its project; each is converted once."""
    folder = tmp_path_factory.mktemp("mutants")
    found: dict[str, Made] = {}

    def make(name: str) -> Made:
        if name not in found:
            notebook = write_notebook(folder / "notebooks" / name / f"{name}.ipynb", NOTEBOOKS[name])
            for file, content in FILES[name].items():
                (notebook.parent / file).write_text(content)
            found[name] = notebook, generate(notebook, folder / "made" / name)
        return found[name]

    return make


def located(verdict: Verdict) -> list[tuple[int, str, str]]:
    """Cell, function and kind of what differs in the first cell that does."""
    if verdict.first is None:
        assert verdict.failure is not None
        detail = verdict.failure.detail.partition(" in cell ")[2]
        return [(int(detail.partition(":")[0]), verdict.failure.function, verdict.failure.kind)]
    cell, first = verdict.first
    return [
        (cell.number, difference.function, difference.kind)
        for difference in cell.differences
        if difference.function == first.function
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_projects_without_faults_are_equal(
    name: str, made: Callable[[str], Made], known: dict[str, NotebookRun]
) -> None:
    assert check(*made(name), known=known).equal


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_fault_is_found_and_located(
    mutant: Mutant, made: Callable[[str], Made], known: dict[str, NotebookRun]
) -> None:
    notebook, project = made(mutant.notebook)
    file = project / mutant.file
    original = file.read_text()
    assert original.count(mutant.before) == 1
    file.write_text(original.replace(mutant.before, mutant.after))
    try:
        verdict = check(notebook, project, known=known)
    finally:
        file.write_text(original)

    assert not verdict.equal
    assert (mutant.cell, mutant.function, mutant.kind) in located(verdict)


def test_the_mutants_are_many_and_of_every_kind() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names) >= 60
    assert {mutant.kind for mutant in MUTANTS} == {
        "text", "value", "alias", "random numbers", "picture", "file", "order", "missing", "failure"
    }  # fmt: skip
