"""Looks up what a recorded run tells: values between the statements, what models are fitted with, seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nbmde.notebooks.analysis.program import Unit

from .learning import Fitted

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Call, Notebook, Value

FITS = ("fit", "fit_transform", "fit_predict")
PREDICTS = ("predict", "predict_proba")


class Recorded:
    """Looks up the profile of a notebook; nothing is known where it was not run.

    Values are recorded at the ends of cells. Where a step begins or ends inside a cell, one is known only if no other
    statement of the cell can have changed it.

    Args:
        units: the statements of the program.
        mutated: names that each statement changes in place.
    """

    def __init__(self, notebook: Notebook, units: Sequence[Unit], mutated: Sequence[Sequence[str]]) -> None:
        self.profile = notebook.profile
        self.units = units
        self.touched = [
            {*unit.facts.all_bound, *unit.facts.deletes, *mutated[index]} for index, unit in enumerate(units)
        ]
        self.runs = {run.cell.position: run for run in self.profile.runs} if self.profile is not None else {}
        self._in_cell: dict[int, list[int]] = {}
        for index, unit in enumerate(units):
            self._in_cell.setdefault(unit.cell, []).append(index)

    def before(self, name: str, index: int) -> Value | None:
        """The value of a name before a statement."""
        cell = self.units[index].cell
        around = [place for place in self._in_cell[cell] if name in self.touched[place]]
        if not any(place < index for place in around):
            return self.value(name, cell - 1)
        return None if any(place >= index for place in around) else self.value(name, cell)

    def after(self, name: str, index: int) -> Value | None:
        """The value of a name after a statement."""
        cell = self.units[index].cell
        later = (place for place in self._in_cell[cell] if place > index)
        return None if any(name in self.touched[place] for place in later) else self.value(name, cell)

    def value(self, name: str, cell: int | None = None) -> Value | None:
        """The value of a name at the end of a cell; at the end of the notebook by default."""
        return next((value for _, value in self._values(name, cell)), None)

    def types(self, name: str) -> set[str | None]:
        """All types that a name had at the end of some cell; None among them where one is not known."""
        return {value.type for _, value in self._values(name)}

    def aliases(self, name: str) -> dict[str, int]:
        """Other names of the same object, with the first cell at whose end they were."""
        return {alias: cell for cell, value in self._values(name) for alias in value.aliases}

    def seconds(self, indexes: Sequence[int]) -> float | None:
        """How long the cells of some statements took, if no other statements are in these cells."""
        cells = {self.units[index].cell for index in indexes}
        inside = {place for cell in cells for place in self._in_cell[cell] if self.units[place].placement == "step"}
        took = [self.runs[cell].seconds for cell in cells if cell in self.runs]
        known = [seconds for seconds in took if seconds is not None]
        return round(sum(known), 3) if known and len(known) == len(took) and inside <= set(indexes) else None

    def fitted_with(self, model: Fitted) -> Value | None:
        """Find the value that a model is fitted with."""
        cell = self.units[model.unit].cell
        calls = [call for _, call in self._calls(FITS, cell, cell)]
        own = [call for call in calls if call.receiver == model.name]
        return self._argument(next(iter(own if own or len(calls) != 1 else calls), None))

    def goes_in(self, model: Fitted) -> Value | None:
        """Find the value that goes in before a model's transformers: the one that the first of them is fitted with."""
        if not model.first:
            return self.fitted_with(model)
        calls = self._calls(FITS, 0, self.units[model.unit].cell)
        return self._argument(next((call for _, call in calls if call.receiver == model.first), None))

    def predicts_from(self, model: Fitted) -> Value | None:
        """Find the value that a model predicts from, the last time."""
        calls = self._calls(PREDICTS, self.units[model.unit].cell)
        return self._argument(next((call for _, call in calls if call.receiver == model.name), None))

    def _values(self, name: str, cell: int | None = None) -> Iterator[tuple[int, Value]]:
        """Cells and what was found out there, the last one first."""
        for position, run in reversed(self.runs.items()):
            if cell is None or position <= cell:
                yield from ((position, value) for value in run.values if value.name == name)

    def _calls(self, methods: Sequence[str], first: int, last: int | None = None) -> Iterator[tuple[int, Call]]:
        for position, run in reversed(self.runs.items()):
            if position >= first and (last is None or position <= last):
                yield from ((position, call) for call in reversed(run.calls) if call.method in methods)

    @staticmethod
    def _argument(call: Call | None) -> Value | None:
        arguments = call.arguments if call is not None else ()
        return next((argument for argument in arguments if argument.name in ("0", "X", "x")), None)
