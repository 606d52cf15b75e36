"""The model that a metric measures: found where its call runs with values that `flow` follows."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .flow import Value

TRUTH = ("y_true", "y", "labels_true")


@dataclass(frozen=True)
class Prediction:
    """The model and the data of a predicted value, which may have been turned into labels or rounded since.

    Attributes:
        data: the name that held the table, or the one that it was made of; empty where none did.
    """

    model: Value
    table: Value | None
    data: str


@dataclass(frozen=True)
class Evaluation:
    """A run of a call that measures.

    Attributes:
        metric: its name.
        node: the call; it may be in a function that the statement calls.
        unit: the number of the statement.
        prediction: what is measured; None where that is not known.
        target: the name of the true values; empty where none holds them.
        result: what the call gives.
        repeated: it measures models that it fits to parts of the table itself.
    """

    metric: str
    node: ast.Call
    unit: int
    prediction: Prediction | None
    target: str
    result: Value
    repeated: bool = False

    @property
    def part(self) -> str:
        """Which rows the table has, seen from the model."""
        if self.repeated:
            return "crossvalidation"
        if self.prediction is None or self.prediction.table is None:
            return "unknown"
        return part(self.prediction.model, self.prediction.table)


@dataclass(frozen=True)
class Shown:
    """A call of `print`, or an expression that ends a cell, in code that runs once.

    Attributes:
        unit: the number of the statement.
        figures: the values of the expressions in it that are quality figures.
        echoed: it ends a cell, which shows its value.
    """

    node: ast.expr
    unit: int
    figures: Mapping[ast.expr, Value]
    echoed: bool = False


def common(values: Iterable[Value]) -> Prediction | None:
    """Find the prediction that all of some values come from, as far as they were predicted."""
    found = list(dict.fromkeys(known for value in values if (known := predicted(value)) is not None))
    return found[0] if len(found) == 1 else None


def predicted(value: Value) -> Prediction | None:
    """Find the prediction of a value, or of the one of which it is some rows or columns."""
    known: Value | None = value
    while known is not None:
        if known.prediction is not None:
            return known.prediction
        known = known.source if known.through is None else None
    return None


def part(model: Value, table: Value) -> str:
    """Which rows a table has: of those that a model was fitted to, of others, of both; unknown where nothing tells."""
    if model.inputs is None:
        return "unknown"
    learned, asked = _same_rows(model.inputs), _same_rows(table)
    if learned in _lineage(asked):
        return "training"
    if asked in _lineage(learned):
        return "both"
    splits = {one.split[0]: one.split[1] for one in _lineage(learned) if one.split is not None}
    for one in _lineage(asked):
        if one.split is not None and splits.get(one.split[0], one.split[1]) != one.split[1]:
            return "heldout"
    return "unknown"


def _same_rows(value: Value) -> Value:
    """The table before it went through transformers or became an array."""
    while value.source is not None and (value.through is not None or value.array):
        value = value.source
    return value


def _lineage(value: Value) -> Iterator[Value]:
    known: Value | None = value
    while known is not None:
        yield known
        known = known.source
