"""Reads a workflow as an experiment.

A run is the training of a model. Its parameters are the literals in the statements that make the model and train it; its
metrics are those that are computed before the next model is trained.
"""

from __future__ import annotations

from nbmde.m2m import Context, Transformation
from nbmde.models import EObject

transformation = Transformation("workflow2experiment", source="workflow", target="experiment")


@transformation.helper("Workflow", cached=True)
def order(t: Context, workflow: EObject) -> dict[EObject, int]:
    """The place of each statement in the order of execution."""
    statements = [statement for step in workflow.steps for statement in step.statements]
    return {statement: place for place, statement in enumerate(statements)}


@transformation.helper("TrainedModel", cached=True)
def begin(t: Context, model: EObject) -> int:
    """The place of the statement that trains a model."""
    return t.helpers.order(t.source)[model.fit]


@transformation.helper("TrainedModel", cached=True)
def end(t: Context, model: EObject) -> int:
    """The place of the statement that trains the next one."""
    later = [t.helpers.begin(other) for other in t.source.models if t.helpers.begin(other) > t.helpers.begin(model)]
    return min(later, default=len(t.helpers.order(t.source)))


@transformation.helper("TrainedModel", cached=True)
def made_by(t: Context, model: EObject) -> set[EObject]:
    """The statement that trains a model, and those before that bind the name that holds it."""
    places = t.helpers.order(t.source)
    return {
        statement
        for statement, place in places.items()
        if place <= t.helpers.begin(model) and (statement is model.fit or model.symbol in statement.binds)
    }


@transformation.rule("Workflow", to="Experiment")
def experiment(t: Context, workflow: EObject, experiment: EObject) -> None:
    """The experiment with its runs in the order of the notebook."""
    models = sorted((model for model in workflow.models if model.fit is not None), key=t.helpers.begin)
    t.bind(experiment, name=workflow.name, workflow=workflow, runs=models)
    for number, run in enumerate(experiment.runs, 1):
        run.number = number


@transformation.rule("TrainedModel", to="Run", guard=lambda t, model: model.fit in t.helpers.order(t.source))
def run(t: Context, model: EObject, run: EObject) -> None:
    """A run."""
    t.bind(run, model=model.symbol.name, estimator=model.estimator, cell=model.fit.cellNumber)
    places = t.helpers.order(t.source)
    chosen = [one for one in t.source.settings if one.statement in t.helpers.made_by(model) and not one.dataset]
    run.parameters.extend([t.make("parameter", setting, key=model) for setting in chosen])
    begin, end = t.helpers.begin(model), t.helpers.end(model)
    measured = [one for one in t.source.metrics if begin <= places.get(one.statement, -1) < end]
    run.metrics.extend([t.make("metric", metric, key=model) for metric in measured])
    run.inputs.extend(
        data
        for data in t.source.datasets
        if data.direction.name != "output" and any(places.get(one, end) < begin for one in data.statements)
    )


@transformation.rule("Setting", to="Parameter", lazy=True)
def parameter(t: Context, setting: EObject, parameter: EObject) -> None:
    """A literal."""
    t.bind(parameter, name=setting.name, value=setting.value, setting=setting)


@transformation.rule("Metric", to="Metric", lazy=True)
def metric(t: Context, metric: EObject, target: EObject) -> None:
    """A metric, with what its cell printed."""
    cell = metric.statement.cell
    printed = "".join(output.text or "" for output in cell.outputs if output.eClass.name == "StreamOutput")
    t.bind(target, name=metric.name, cell=cell.position, shown=printed.strip() or None)
