"""Verifies the notebooks of a corpus, and says of all together what is equal, what differs and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import batch
from nbmde.notebooks.corpus import page
from nbmde.notebooks.readability import LINES, PARAMETERS
from nbmde.notebooks.verify.verdict import DIFFERS, EQUAL, NOT_COMPARED, NOTHING, PARTLY

PAGE, TABLE, FIGURES = "report.html", "report.md", "report.json"
TIMES, SECONDS = 3, 10  # what a verification may take: so many times the notebook's own run, and so much more
STATUSES = (
    batch.EQUAL,
    batch.DIFFERS,
    batch.REFUSED,
    batch.FAILS,
    batch.UNVERIFIED,
    batch.TIMEOUT,
    batch.CRASHED,
)
CELLS = (EQUAL, PARTLY, DIFFERS, NOT_COMPARED, NOTHING)


@dataclass
class Row:
    """The facts about a notebook of the corpus.

    Attributes:
        name: what its project is called.
        gaps: what could not be compared: by reason, the cells.
        readability: figures of its project, see `readability`; empty where there is none.
    """

    name: str
    outcome: batch.Outcome
    gaps: dict[str, list[int]] = field(default_factory=dict)
    readability: dict[str, Any] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether it is equal, or was refused with the reason."""
        return self.outcome.status in (batch.EQUAL, batch.REFUSED)

    @property
    def costly(self) -> bool:
        """Whether its verification took longer than it may."""
        verified = self.outcome.cells is not None
        return verified and self.outcome.verify_seconds > TIMES * self.outcome.notebook_seconds + SECONDS


def run(todo: Sequence[batch.Task], output: Path, **options: Any) -> list[Row]:
    """Converts and verifies notebooks, and writes the page and the figures.

    Args:
        todo: as `manifest.tasks` makes them.
        output: the folder of the projects, the record, the page and the figures.
        options: of `batch.run`.
    """
    rows = [_row(outcome) for outcome in batch.run(todo, output, **options)]
    figures = summary(rows)
    try:
        (output / FIGURES).write_text(json.dumps({**figures, "notebooks": _listed(rows)}, indent=1) + "\n", "utf-8")
        (output / PAGE).write_text(page.page(rows, figures), "utf-8")
        (output / TABLE).write_text(page.table(rows), "utf-8")
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(output)) from error
    return rows


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Figures about all notebooks together, for JSON.

    `statuses`: numbers of notebooks; `cells`: numbers of cells of those that were verified; `readability`: of the
    functions that pipelines call, and of projects; `cost`: what verification took, in seconds and in times of the
    notebook's own run.
    """
    outcomes = [row.outcome for row in rows]
    verified = [outcome for outcome in outcomes if outcome.cells is not None]
    statuses = [outcome.status for outcome in outcomes]
    return {
        "statuses": {status: statuses.count(status) for status in STATUSES if status in statuses},
        "cells": {kind: sum((outcome.cells or {}).get(kind, 0) for outcome in verified) for kind in CELLS},
        "readability": _readability([row.readability for row in rows if row.readability]),
        "cost": {
            "verified": len(verified),
            "notebook_seconds": round(sum(outcome.notebook_seconds for outcome in verified), 1),
            "verify_seconds": round(sum(outcome.verify_seconds for outcome in verified), 1),
            "over_the_limit": [row.name for row in rows if row.costly],
        },
    }


def _readability(known: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def every(name: str) -> list[Any]:
        return [value for figures in known for value in figures[name]]

    lines, statements, parameters = every("lines"), every("statements"), every("parameters")
    return {
        "projects": len(known),
        "functions": len(lines),
        "statements_per_function": _spread(statements),
        "lines_per_function": _spread(lines),
        "parameters_per_function": _spread(parameters),
        f"share_with_at_most_{LINES}_lines": _share(line <= LINES for line in lines),
        f"share_with_at_most_{PARAMETERS}_parameters": _share(number <= PARAMETERS for number in parameters),
        "module_level_variables_that_functions_change": len(every("mutable")),
        "global_statements": sum(figures["globals"] for figures in known),
        "module_level_variables_that_functions_change_in_the_runtime": len(every("runtime_mutable")),
        "global_statements_in_the_runtime": sum(figures["runtime_globals"] for figures in known),
        "share_with_a_state_object": _share(figures["state"] for figures in known),
    }


def _spread(numbers: list[int]) -> dict[str, float]:
    return (
        {"median": median(numbers), "mean": round(sum(numbers) / len(numbers), 1), "most": max(numbers)}
        if numbers
        else {}
    )


def _share(found: Iterable[bool]) -> float | None:
    known = list(found)
    return round(sum(known) / len(known), 3) if known else None


def _row(outcome: batch.Outcome) -> Row:
    project = Path(outcome.project)
    row = Row(project.name, outcome)
    if outcome.cells is not None:
        for cell in _read(batch.beside(project, "verify"), "cells") or ():
            for gap in cell["not_compared"]:
                cells = row.gaps.setdefault(gap["reason"], [])
                cells += [cell["cell"]] if cell["cell"] not in cells else []
    if outcome.status != batch.REFUSED:
        path = batch.beside(project, "report")
        row.readability = _read(path, "readability") or {}
        if row.readability:
            row.readability["statements"] = [function["statements"] for function in _read(path, "functions") or ()]
    return row


def _read(path: Path, name: str) -> Any:
    """An entry of a JSON file; None where there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8")).get(name)
    except (OSError, ValueError):
        return None


def _listed(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [{"id": row.name, **asdict(row.outcome), "not_compared": row.gaps} for row in rows]
