"""Which data sets values are made of, by what statements read, bind and change: in their order, names apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import DataSet, Statement, Symbol

Found = dict["DataSet", None]


class Origins:
    """Tells what the values of names and the results of statements were read from.

    Args:
        statements: all of them, in the order of the notebook.
    """

    def __init__(self, statements: Iterable[Statement]) -> None:
        self._statements: dict[Statement, Found] = {}
        self._names: dict[Symbol, tuple[list[int], list[Found]]] = {}
        for statement in statements:
            self._see(statement)

    def of(self, statement: Statement) -> list[DataSet]:
        """Return the data sets that a statement has read, and those that all that it reads was made of."""
        return list(self._statements[statement])

    def of_value(self, symbol: Symbol, statement: Statement) -> list[DataSet]:
        """Return the data sets that the value of a name before a statement was made of."""
        return list(self._before(symbol, statement.number))

    def _before(self, symbol: Symbol, number: int) -> Found:
        numbers, found = self._names.get(symbol, ([], []))
        place = bisect_left(numbers, number)
        return found[place - 1] if place else {}

    def _see(self, statement: Statement) -> None:
        number = statement.number
        made = dict.fromkeys(dataset for dataset in statement.datasets if dataset.direction.name != "output")
        for symbol in statement.reads:
            made |= self._before(symbol, number)
        self._statements[statement] = made
        for symbol in statement.binds:
            self._note(symbol, number, made)
        for symbol in (*statement.maybeBinds, *statement.mutates):
            self._note(symbol, number, self._before(symbol, number) | made)

    def _note(self, symbol: Symbol, number: int, made: Found) -> None:
        numbers, found = self._names.setdefault(symbol, ([], []))
        numbers.append(number)
        found.append(made)
