"""Additions from a recorded run of the notebook: sizes, the columns of the service, what tests expect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .rules import transformation

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import FeatureColumn, Service
    from nbmde.metamodels.workflow import Column, Symbol, TrainedModel, Value, Workflow

    from .rules import Context

CONTAINERS = {"pandas.DataFrame": "frame", "pandas.Series": "series", "numpy.ndarray": "array"}
CONTAINERS |= {"list[str]": "series", "list": "records"}  # a list of dictionaries
TABLE, SERIES, ARRAY = "pandas.DataFrame", "pandas.Series", "numpy.ndarray"


def value(values: Iterable[Value], symbol: Symbol) -> Value | None:
    """Find the value of a name among those that are known; None if it is not."""
    return next((value for value in values if value.symbol is symbol), None)


def size(value: Value | None) -> str | None:
    """The size of a table or array, for people."""
    if value is None or not value.shape or value.type not in (TABLE, SERIES, ARRAY):
        return None
    if value.type == TABLE:
        rows, columns = value.shape
        return f"{rows:,} rows, {columns:,} columns"
    sizes = " × ".join(f"{length:,}" for length in value.shape)
    return f"{sizes} values" if len(value.shape) == 1 else sizes


def add_columns(t: Context, model: TrainedModel, service: Service) -> None:
    """The columns that the service takes, where a run recorded them."""
    inputs = model.inputs
    if inputs is None or not inputs.columns:
        return
    container = CONTAINERS.get((inputs.type or "").partition("[dict[")[0])
    if container is None:
        return
    service.container = "series" if container == "array" and len(inputs.shape) == 1 else container
    for place, column in enumerate(inputs.columns):
        service.columns.append(t.make("feature_column", column, key=place))


def expected(workflow: Workflow) -> Iterator[Symbol]:
    """Symbols whose value at the end of the pipeline is that at the end of the notebook, and recorded."""
    passed: dict[Symbol, int] = {}
    for number, step in enumerate(workflow.steps):
        for symbol in step.outputs if not step.exploration else ():
            passed[symbol] = number
    for symbol, last in passed.items():
        later = (statement for step in list(workflow.steps)[last + 1 :] for statement in step.statements)
        bound = any(symbol in (*statement.binds, *statement.maybeBinds, *statement.deletes) for statement in later)
        if symbol.lastValue is not None and symbol.lastValue.type and not bound:
            yield symbol


@transformation.rule("Column", to="FeatureColumn", lazy=True)
def feature_column(t: Context, source: Column, column: FeatureColumn) -> None:
    """A feature of the records."""
    for feature in ("name", "dtype", "kind", "minimum", "maximum"):
        setattr(column, feature, getattr(source, feature))
    column.missing = source.missing is None or source.missing > 0
    column.categories.extend(source.categories)
