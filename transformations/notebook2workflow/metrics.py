"""Finds what is measured: which model, on which data and rows, and the figure where the notebook's outputs tell it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.analysis.rewrite import Places

from . import index, outputs, refining
from .origins import Origins

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell
    from nbmde.metamodels.workflow import Call, DataSet, Metric, Statement, TrainedModel, Workflow

    from .evaluation import Shown
    from .flow import Value
    from .learning import Measured
    from .refining import Context

transformation = m2m.Transformation(
    "notebook2workflow.metrics", refines="workflow", extends=refining.transformation, optional=True
)


@transformation.rule("Workflow", guard=lambda t, workflow: not workflow.metrics)
def evaluated(t: Context, workflow: Workflow) -> None:
    """A workflow with its quality figures, in the order in which they are computed."""
    known = index.of(t)
    for number, measured in enumerate(known.learned[0].metrics):
        workflow.metrics.append(t.make("metric", known.statements[measured.unit], key=number, number=number))


@transformation.rule("TrainedModel", guard=lambda t, model: not model.datasets and bool(t.helpers.read_for(model)))
def learned_from(t: Context, model: TrainedModel) -> None:
    """A model with the data sets that it learns from."""
    model.datasets.extend(t.helpers.read_for(model))


@transformation.helper("TrainedModel")
def read_for(t: Context, model: TrainedModel) -> list[DataSet]:
    """The data sets that what a model is fitted to was read from."""
    return t.helpers.origins(t.target).of(model.fit) if model.fit is not None else []


@transformation.rule("Statement", to="Metric", lazy=True)
def metric(t: Context, statement: Statement, metric: Metric, *, number: int) -> None:
    """A quality figure."""
    measured: Measured = index.of(t).learned[0].metrics[number]
    symbols = t.helpers.symbols(t.target)
    metric.name, metric.statement = measured.metric, statement
    metric.call = t.helpers.metric_calls(t.target).get(measured.node)
    metric.symbol = symbols.get(measured.name)
    metric.model = next((one for one in t.target.models if one.symbol.name == measured.model), None)
    metric.data, metric.target = symbols.get(measured.data), symbols.get(measured.target)
    metric.part = getattr(t.target_metamodel.Part, measured.part)
    if metric.data is not None:
        metric.datasets.extend(t.helpers.origins(t.target).of_value(metric.data, statement))
    metric.value = t.helpers.printed(t.target).get(number)
    if metric.value is not None:
        metric.provenance = t.target_metamodel.Provenance.printed


@transformation.helper("Workflow", cached=True)
def origins(t: Context, workflow: Workflow) -> Origins:
    """Which data sets values are made of."""
    return Origins(index.of(t).statements)


@transformation.helper("Workflow", cached=True)
def metric_calls(t: Context, workflow: Workflow) -> dict[ast.Call, Call]:
    """The calls that compute metrics."""
    known = index.of(t)
    found: dict[ast.Call, Call] = {}
    for statement, unit in zip(known.statements, known.units, strict=True):
        calls = {(one.start, one.end): one for one in statement.calls if one.kind == "metric"}
        if calls:
            places = Places(unit.text)
            parts = (part for node in unit.body for part in ast.walk(node) if isinstance(part, ast.Call))
            found |= {part: calls[span] for part in parts if (span := places.span(part)) in calls}
    return found


@transformation.helper("Workflow", cached=True)
def printed(t: Context, workflow: Workflow) -> dict[int, float]:
    """Figures in the outputs of cells, by the number of the metric."""
    known = index.of(t)
    learning = known.learned[0]
    numbers = {one.result: number for number, one in enumerate(learning.metrics) if one.result is not None}
    by_cell: dict[Cell | None, list[Shown]] = {}
    for shown in learning.flow.shown:
        by_cell.setdefault(known.statements[shown.unit].cell, []).append(shown)
    found: dict[int, float] = {}
    for cell, all_shown in by_cell.items():
        for figure, value in _figures(cell, all_shown) if cell is not None else ():
            if figure in numbers and value is not None:
                found.setdefault(numbers[figure], value)
    return found


def _figures(cell: Cell, shown: list[Shown]) -> Iterator[tuple[Value, float | None]]:
    """Quality figures, and what they were when a cell was run last."""
    lines = [(one, outputs.line(one.node)) for one in shown if not one.echoed and isinstance(one.node, ast.Call)]
    if any(one.figures for one, _ in lines):
        found = outputs.written(outputs.stdout(cell), [line for _, line in lines])
        for (one, line), texts in zip(lines, found, strict=True):
            for hole, text in zip(line.holes, texts, strict=True) if line is not None and texts is not None else ():
                if hole.expression in one.figures:
                    yield one.figures[hole.expression], outputs.number(text, hole.hundredfold)
    for one in shown:
        if one.echoed and one.node in one.figures:
            yield one.figures[one.node], outputs.number(outputs.result(cell))
