"""Holds what a verification finds, cell by cell."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

EQUAL, PARTLY, DIFFERS, NOT_COMPARED, NOTHING = (
    "equal",
    "partly compared",
    "differs",
    "not compared",
    "nothing to compare",
)


@dataclass
class Difference:
    """Something that is not the same.

    Attributes:
        kind: "text", "error" (text on standard error), "value", "alias", "random numbers", "option" (of a library),
            "picture", "file", "order", "missing" or "failure".
        name: the variable, where there is one.
        detail: what differs, for a person.
        notebook, project: how it is on either side, shortened.
        file, line, function: where in the project.
    """

    kind: str
    detail: str
    name: str = ""
    notebook: str = ""
    project: str = ""
    file: str = ""
    line: int = 0
    function: str = ""

    @property
    def place(self) -> str:
        """Function, file and line, as far as they are known."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where} in {self.function}" if self.function else where


@dataclass
class Gap:
    """Something that could not be compared, and why."""

    what: str
    reason: str


@dataclass
class CellVerdict:
    """A code cell.

    Attributes:
        number: its position in the document, from 1.
        functions: of the project that its statements stand in.
        values: how many variables are equal; `text`, `pictures` and `files`: the same for characters, pictures
            and written files.
    """

    number: int
    functions: list[str] = field(default_factory=list)
    values: int = 0
    text: int = 0
    pictures: int = 0
    files: int = 0
    differences: list[Difference] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    nothing: bool = False

    @property
    def status(self) -> str:
        """One of the words above."""
        if self.differences:
            return DIFFERS
        if self.nothing:
            return NOTHING
        if not self.gaps:
            return EQUAL
        return PARTLY if self.values or self.text or self.pictures or self.files else NOT_COMPARED


@dataclass
class Verdict:
    """Whether a project computes what its notebook computes.

    Attributes:
        python: version of the interpreter that ran both.
        runs: how many times the notebook ran in a fresh copy.
        reran: whether the project ran a second time where it had run, compared with the notebook run so too.
        notebook_seconds: what its first run took, without looking at its variables.
        seconds: what all took.
        failure: why the project did not get to its end.
        notes: what a person should know.
    """

    notebook: str
    project: str
    python: str
    seed: int
    tolerance: float = 0.0
    runs: int = 1
    reran: bool = False
    notebook_seconds: float = 0.0
    seconds: float = 0.0
    cells: list[CellVerdict] = field(default_factory=list)
    failure: Difference | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether nothing differs, and something was compared where there is something to compare."""
        found = {cell.status for cell in self.cells}
        return self.failure is None and DIFFERS not in found and (bool(found & {EQUAL, PARTLY}) or found <= {NOTHING})

    @property
    def first(self) -> tuple[CellVerdict, Difference] | None:
        """The first cell that differs, and how: the differing statement that ran first."""
        cell = next((cell for cell in self.cells if cell.differences), None)
        return None if cell is None else (cell, cell.differences[0])

    def counts(self) -> dict[str, int]:
        """Numbers of cells by status."""
        found = [cell.status for cell in self.cells]
        return {status: found.count(status) for status in (EQUAL, PARTLY, DIFFERS, NOT_COMPARED, NOTHING)}

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        first = self.first
        return {
            "notebook": self.notebook,
            "project": self.project,
            "equal": self.equal,
            "python": self.python,
            "seed": self.seed,
            "tolerance": self.tolerance,
            "notebook_runs": self.runs,
            "rerun": self.reran,
            "notebook_seconds": round(self.notebook_seconds, 1),
            "seconds": round(self.seconds, 1),
            "counts": self.counts(),
            "values_compared": sum(cell.values for cell in self.cells),
            "pictures_compared": sum(cell.pictures for cell in self.cells),
            "files_compared": sum(cell.files for cell in self.cells),
            "first_difference": {"cell": first[0].number, **asdict(first[1])} if first else None,
            "failure": asdict(self.failure) if self.failure else None,
            "notes": self.notes,
            "cells": [
                {
                    "cell": cell.number,
                    "status": cell.status,
                    "functions": cell.functions,
                    "values": cell.values,
                    "pictures": cell.pictures,
                    "files": cell.files,
                    "differences": [asdict(difference) for difference in cell.differences],
                    "not_compared": [asdict(gap) for gap in cell.gaps],
                }
                for cell in self.cells
            ],
        }
