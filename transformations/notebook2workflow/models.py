"""Finds what is learned: fitted models, what they learn from and predict; and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import index, learning, refining

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Figure, Statement, TrainedModel, Workflow

    from .learning import Fitted
    from .refining import Context

_SERVICE = "the {} of notebook2workflow.service"

transformation = m2m.Transformation(
    "notebook2workflow.models",
    refines="workflow",
    extends=refining.transformation,
    gone={
        "metric": ("Metric", "the rule metric of notebook2workflow.metrics"),
        "kept": ("Kept", _SERVICE.format("rule kept")),
        "kept_symbol": ("Symbol", _SERVICE.format("rule kept_symbol")),
        "served": ("Workflow", _SERVICE.format("helper served")),
        "wanted": ("Workflow", _SERVICE.format("helper wanted")),
        "candidates": ("Workflow", _SERVICE.format("helper candidates")),
        "keeps": ("Workflow", _SERVICE.format("helper keeps")),
    },
)


@transformation.rule("Workflow", guard=lambda t, workflow: not workflow.models)
def learned(t: Context, workflow: Workflow) -> None:
    """A workflow with its models."""
    known, symbols = index.of(t), t.helpers.symbols(workflow)
    for fitted in learning.models_in_order(list(known.learned[0].fitted.values())):
        if fitted.name in symbols:
            statement = known.statements[fitted.unit]
            workflow.models.append(t.make("trained_model", statement, key=fitted.name, name=fitted.name))


@transformation.rule("Workflow", guard=lambda t, workflow: not workflow.figures)
def drawn(t: Context, workflow: Workflow) -> None:
    """A workflow with its figures: the last statement of each cell that draws."""
    known = index.of(t)
    drawing = {unit.cell: number for number, unit in enumerate(known.units) if unit.placement == "step" and unit.draws}
    for number, place in enumerate(drawing.values(), 1):
        workflow.figures.append(t.make("figure", known.statements[place], number=number))


@transformation.rule("Statement", to="TrainedModel", lazy=True)
def trained_model(t: Context, statement: Statement, model: TrainedModel, *, name: str) -> None:
    """An estimator that is fitted."""
    known, symbols = index.of(t), t.helpers.symbols(t.target)
    found, _ = known.learned
    fitted: Fitted = found.fitted[name]
    model.estimator = fitted.estimator or None
    model.task = getattr(t.target_metamodel.Task, learning.workflow_task(fitted.task))
    model.symbol, model.fit = symbols[name], statement
    if fitted.value.span is not None:
        place, end = fitted.value.span
        calls = known.statements[place.unit].calls
        model.call = next((one for one in calls if (one.start, one.end) == (place.offset, end)), None)
    model.features, model.target = symbols.get(fitted.features), symbols.get(fitted.target)
    model.transformers.extend([symbols[one] for one in fitted.transformers if one in symbols])
    model.probability = fitted.probability
    model.unserved = found.why_not(name, known.bound_at_the_end) or None


@transformation.rule("Statement", to="Figure", lazy=True)
def figure(t: Context, statement: Statement, figure: Figure, *, number: int) -> None:
    """A plot."""
    figure.number, figure.statement = number, statement
