"""Shows on a terminal what became of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nbmde.notebooks.corpus import Row
from nbmde.notebooks.readability import LINES, PARAMETERS
from nbmde.notebooks.verify.verdict import DIFFERS, EQUAL, NOT_COMPARED, PARTLY

SHORT = {"Equal": EQUAL, "Partly": PARTLY, "Differ": DIFFERS, "Not compared": NOT_COMPARED}


def show(rows: Sequence[Row], figures: dict[str, Any], console: Console) -> None:
    """Prints a row for each notebook, and the figures of all together.

    Args:
        figures: see `corpus.summary`.
    """
    table = Table()
    table.add_column("Notebook", overflow="fold")
    table.add_column("Result", no_wrap=True)
    for name in (*SHORT, "Seconds", "Verified in"):
        table.add_column(name, justify="right")
    for row in rows:
        outcome, colour = row.outcome, "green" if row.good else "red"
        verified = outcome.cells is not None
        cells = [str((outcome.cells or {}).get(kind, "")) for kind in SHORT.values()]
        seconds = [f"{outcome.notebook_seconds:.1f}", f"{outcome.verify_seconds:.1f}"] if verified else ["", ""]
        table.add_row(escape(row.name), f"[{colour}]{outcome.status}[/]", *cells, *seconds)
    console.print(table)
    for row in rows:
        if row.outcome.message:
            function = (row.outcome.first or {}).get("function", "")
            place = f"  [cyan]{escape(function)}[/]" if function else ""
            console.print(f"[bold]{escape(row.name)}[/]: {escape(row.outcome.message)}{place}", soft_wrap=True)
    console.print(f"Notebooks: {_counted(figures['statuses'])}")
    console.print(f"Cells: {_counted(figures['cells'])}")
    known = figures["readability"]
    if known["functions"]:
        lines, parameters = (
            f"{100 * known[f'share_with_at_most_{most} {what}'.replace(' ', '_')]:.1f} %"
            for most, what in ((LINES, "lines"), (PARAMETERS, "parameters"))
        )
        console.print(
            f"Functions: {known['functions']} in {known['projects']} projects, {lines} with at most {LINES} lines, "
            f"{parameters} with at most {PARAMETERS} parameters"
        )
    over = figures["cost"]["over_the_limit"]
    if over:
        console.print(
            f"Verified in more than three times the notebook's run and ten seconds: {escape(', '.join(over))}"
        )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"
