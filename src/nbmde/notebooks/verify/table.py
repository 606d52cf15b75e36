"""Shows a verdict to a person."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nbmde.notebooks.verify.verdict import (
    DIFFERS,
    EQUAL,
    NOT_COMPARED,
    NOTHING,
    PARTLY,
    CellVerdict,
    Difference,
    Verdict,
)

COLOURS = {EQUAL: "green", PARTLY: "yellow", DIFFERS: "red", NOT_COMPARED: "yellow", NOTHING: "dim"}
LISTED = 20  # things that are listed of one kind


def show(verdict: Verdict, console: Console) -> None:
    """Prints a table of the cells, what differs, what could not be compared, and the conclusion."""
    table = Table(title=f"{escape(verdict.notebook)} and {escape(verdict.project)}", title_justify="left")
    table.add_column("Cell", justify="right")
    table.add_column("Functions")
    table.add_column("Values", justify="right")
    table.add_column("Pictures", justify="right")
    table.add_column("Result")
    for cell in verdict.cells:
        colour = COLOURS[cell.status]
        values, pictures = (str(count) if count else "" for count in (cell.values, cell.pictures))
        result = f"[{colour}]{cell.status}[/]"
        table.add_row(str(cell.number), escape(", ".join(cell.functions)), values, pictures, result)
    console.print(table)
    for note in verdict.notes:
        console.print(f"[yellow]note:[/] {escape(note)}")
    _list_differences(verdict, console)
    _list_gaps(verdict.cells, console)
    console.print(_conclusion(verdict))


def _list_differences(verdict: Verdict, console: Console) -> None:
    differing = [cell for cell in verdict.cells if cell.differences]
    for cell in differing[:LISTED]:
        console.print(f"\n[red bold]Cell {cell.number} differs[/]")
        for difference in cell.differences[:LISTED]:
            _show_difference(difference, console)
    if len(differing) > LISTED:
        console.print(f"\nand {len(differing) - LISTED} more cells")
    if verdict.failure is not None:
        console.print()
        _show_difference(verdict.failure, console)


def _show_difference(difference: Difference, console: Console) -> None:
    place = f"  [cyan]{escape(difference.place)}[/]" if difference.place else ""
    console.print(f"  {escape(difference.detail)}{place}", soft_wrap=True)
    if difference.notebook or difference.project:
        console.print(f"      notebook: {escape(difference.notebook)}", soft_wrap=True)
        console.print(f"      project:  {escape(difference.project)}", soft_wrap=True)


def _list_gaps(cells: list[CellVerdict], console: Console) -> None:
    """Print what could not be compared, once for each reason."""
    reasons: dict[str, dict[str, list[int]]] = {}
    for cell in cells:
        for gap in cell.gaps:
            reasons.setdefault(gap.reason, {}).setdefault(gap.what, []).append(cell.number)
    if reasons:
        console.print("\n[yellow bold]Not compared[/]")
    for reason, found in reasons.items():
        names = ", ".join(list(found)[:LISTED]) + (f" and {len(found) - LISTED} more" if len(found) > LISTED else "")
        numbers = sorted({number for cells_of in found.values() for number in cells_of})
        console.print(f"  {escape(names)}: {escape(reason)} (cell{'s'[: len(numbers) > 1]} {_ranges(numbers)})")


def _ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 as "1 to 3, 7"."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(str(g[0]) if len(g) == 1 else f"{g[0]}{' to ' if len(g) > 2 else ', '}{g[-1]}" for g in groups)


def _conclusion(verdict: Verdict) -> str:
    counts = {status: count for status, count in verdict.counts().items() if count}
    numbers = ", ".join(f"{count} {status}" for status, count in counts.items())
    values = sum(cell.values for cell in verdict.cells)
    pictures = sum(cell.pictures for cell in verdict.cells)
    colour, word = ("green", "Equal") if verdict.equal else ("red", "Not equal")
    files = sum(cell.files for cell in verdict.cells)
    figures = f", {pictures} picture{'s'[: pictures != 1]}" if pictures else ""
    figures += f", {files} file{'s'[: files != 1]}" if files else ""
    run = f"Python {verdict.python}, seed {verdict.seed}" + ", second runs too" * verdict.reran
    text = f"\n[{colour} bold]{word}[/]: {numbers} ({values} values{figures}; {run})"
    if verdict.first is not None:
        cell, difference = verdict.first
        text += f"\nThe first difference is in cell {cell.number}: {escape(difference.detail)}"
        text += f", [cyan]{escape(difference.place)}[/]" if difference.place else ""
    return text
