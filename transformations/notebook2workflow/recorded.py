"""Puts in what a recorded run tells: values, types, columns, seconds. It goes before what is inferred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import index, learning
from .profile_lookup import Recorded

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Column as RecordedColumn
    from nbmde.metamodels.notebook import Value as RecordedValue
    from nbmde.metamodels.workflow import Column, Step, Symbol, TrainedModel, Value, Workflow

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.recorded", refines="workflow", optional=True)


@transformation.helper("Workflow", cached=True)
def recorded(t: Context, workflow: Workflow) -> Recorded:
    """Return what a run recorded."""
    known = index.of(t)
    mutated = [[symbol.name for symbol in statement.mutates] for statement in known.statements]
    return Recorded(known.notebook, known.units, mutated)


def _lacks(t: Context, *values: object) -> bool:
    """Was the notebook run, and is what it recorded not in the model yet?"""
    return t.target.notebook.profile is not None and not any(values)


@transformation.rule("Step", guard=lambda t, step: _lacks(t, step.inputValues, step.outputValues))
def recorded_step(t: Context, step: Step) -> None:
    """A step with how long it took, and what went in and came out."""
    known: Recorded = t.helpers.recorded(t.target)
    numbers = sorted(statement.number for statement in step.statements)
    step.seconds = known.seconds(numbers)
    for values, symbols, find, number in (
        (step.inputValues, step.inputs, known.before, numbers[0]),
        (step.outputValues, step.outputs, known.after, numbers[-1]),
    ):
        for symbol in symbols:
            found = find(symbol.name, number)
            if found is not None:
                value = t.make("value", found, key=(step.name, find.__name__))
                value.symbol = symbol
                values.append(value)


@transformation.rule("TrainedModel", guard=lambda t, model: _lacks(t, model.inputs, model.fitted, model.predicted))
def recorded_model(t: Context, model: TrainedModel) -> None:
    """A model of the class that it was seen to have, with what it was fitted with and predicted from."""
    known: Recorded = t.helpers.recorded(t.target)
    name = model.symbol.name
    value = known.value(name)
    if value is not None:
        model.estimator = value.type or None
        task = learning.estimator_task(index.of(t).program.table, value.type or "")
        model.task = getattr(t.target_metamodel.Task, learning.workflow_task(task))
    fitted = index.of(t).learned[0].fitted[name]
    for feature, found in (
        ("inputs", known.goes_in(fitted)),
        ("fitted", known.fitted_with(fitted)),
        ("predicted", known.predicts_from(fitted)),
    ):
        if found is not None:
            setattr(model, feature, t.make("value", found, key=(feature, name)))


@transformation.rule("Workflow", guard=lambda t, workflow: _lacks(t, *(one.lastValue for one in workflow.symbols)))
def recorded_workflow(t: Context, workflow: Workflow) -> None:
    """A workflow with what was seen of its names, and how long it took."""
    known: Recorded = t.helpers.recorded(t.target)
    assert known.profile is not None
    passed: dict[Symbol, list[Value | None]] = {}
    for step in workflow.steps:
        for symbols, values in ((step.inputs, step.inputValues), (step.outputs, step.outputValues)):
            told = {value.symbol: value for value in values}
            for symbol in symbols:
                passed.setdefault(symbol, []).append(told.get(symbol))
    symbols_by_name = {symbol.name: symbol for symbol in workflow.symbols}
    for name, symbol in symbols_by_name.items():
        found = known.value(name)
        if found is None:
            continue
        symbol.lastValue = t.make("value", found, key="last")
        symbol.lastValue.symbol = symbol
        symbol.aliases.extend([symbols_by_name[alias] for alias in known.aliases(name) if alias in symbols_by_name])
        if all(value is not None for value in passed.get(symbol, ())):
            types = {value.type for value in passed.get(symbol, ()) if value is not None} or known.types(name)
            symbol.type = types.pop() if len(types) == 1 else None
            symbol.provenance = t.target_metamodel.Provenance.recorded
    columns = (t.try_resolve(column, rule="column") for column in known.profile.columns)
    workflow.columns.extend([column for column in columns if column is not None])
    workflow.seconds = known.profile.seconds


@transformation.rule("notebook.Value", to="Value", lazy=True)
def value(t: Context, source: RecordedValue, value: Value) -> None:
    """A value as a run recorded it."""
    value.provenance = t.target_metamodel.Provenance.recorded
    value.type, value.dtype = source.type, source.dtype
    value.minimum, value.maximum = source.minimum, source.maximum
    value.shape.extend(source.shape)
    value.columns.extend([t.make("column", column) for column in source.columns])


@transformation.rule("notebook.Column", to="Column", lazy=True)
def column(t: Context, source: RecordedColumn, column: Column) -> None:
    """A column of recorded values."""
    column.name, column.dtype, column.kind = source.name, source.dtype, source.kind
    column.missing, column.minimum, column.maximum = source.missing, source.minimum, source.maximum
    column.categories.extend(source.categories)
