"""Finds what is learned: fitted models, the one to serve with what has to be kept for it; and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError

from . import index, learning, refining
from .learning import Fitted, Keep, Served
from .refining import tell
from .remarks import Remark, at

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Figure, Kept, Statement, Symbol, TrainedModel, Workflow

    from .refining import Context

transformation = m2m.Transformation(
    "notebook2workflow.models",
    refines="workflow",
    extends=refining.transformation,
    gone={"metric": ("Metric", "the rule metric of notebook2workflow.metrics")},
)


@transformation.rule("Workflow", guard=lambda t, workflow: not workflow.models)
def learned(t: Context, workflow: Workflow) -> None:
    """A workflow with its models, and what keeps the values that the service needs and that have no name at the end."""
    known = index.of(t)
    found, _ = known.learned
    for keep in t.helpers.keeps(workflow):
        statement = known.statements[keep.unit]
        workflow.symbols.append(t.make("kept_symbol", statement, key=keep.name, name=keep.name, type=keep.type))
        statement.keeps.append(t.make("kept", statement, key=keep.name, name=keep.name))
    symbols = {symbol.name for symbol in workflow.symbols}
    for fitted in learning.models_in_order(list(found.fitted.values())):
        if fitted.name in symbols:
            statement = known.statements[fitted.unit]
            workflow.models.append(t.make("trained_model", statement, key=fitted.name, name=fitted.name))
    served = t.helpers.served(workflow)
    if served is None:
        workflow.unserved = found.unserved(known.bound_at_the_end)
    _tell(t, served)


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
    known, served = index.of(t), t.helpers.served(t.target)
    found, _ = known.learned
    fitted: Fitted = found.fitted[name]
    symbols = {symbol.name: symbol for symbol in t.target.symbols}
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
    if served is not None and served.model.name == name:
        model.served, model.reason = True, served.reason
        model.array, model.dense = served.array, served.dense


@transformation.rule("Statement", to="Symbol", lazy=True)
def kept_symbol(t: Context, statement: Statement, symbol: Symbol, *, name: str, type: str) -> None:
    """A name that is added, to keep a value."""
    metamodel = t.target_metamodel
    symbol.name, symbol.type = name, type or None
    symbol.kind, symbol.sharing = metamodel.SymbolKind.variable, metamodel.Sharing.passed
    symbol.provenance = metamodel.Provenance.inferred if type else metamodel.Provenance.unknown


@transformation.rule("Statement", to="Kept", lazy=True)
def kept(t: Context, statement: Statement, kept: Kept, *, name: str) -> None:
    """A value that the service needs and that has no name at the end. The statement reads it, if it did not anyway."""
    keep: Keep = next(one for one in t.helpers.keeps(t.target) if one.name == name)
    kept.expression, kept.start, kept.end, kept.copied = keep.expression or None, keep.start, keep.end, keep.changed
    kept.symbol = next(symbol for symbol in t.target.symbols if symbol.name == name)
    read = index.names_in(keep.expression)
    statement.reads.extend([one for one in t.target.symbols if one.name in read and one not in statement.reads])


@transformation.rule("Statement", to="Figure", lazy=True)
def figure(t: Context, statement: Statement, figure: Figure, *, number: int) -> None:
    """A plot."""
    figure.number, figure.statement = number, statement


@transformation.helper("Workflow", cached=True)
def served(t: Context, workflow: Workflow) -> Served | None:
    """The model to serve.

    Raises:
        NbmdeError: for one that a user wants and that cannot be served.
    """
    known, wanted = index.of(t), t.helpers.wanted(workflow)
    found, _ = known.learned
    chosen = found.served(wanted, known.bound_at_the_end, known.words | set(known.program.bindings))
    if wanted and chosen is None:
        _refuse(t, wanted)
    return chosen


@transformation.helper("Workflow")
def wanted(t: Context, workflow: Workflow) -> str:
    """The variable with the model that is to be served, one of `candidates`; empty for the one that suits best."""
    return str(t.option("serve", ""))


@transformation.helper("Workflow", cached=True)
def candidates(t: Context, workflow: Workflow) -> dict[str, str]:
    """The models that can be served: their variables, in the order of the notebook, with their classes."""
    known = index.of(t)
    found, _ = known.learned
    ends = known.bound_at_the_end
    return {name: one.estimator for name, one in found.fitted.items() if not found.why_not(name, ends)}


@transformation.helper("Workflow", cached=True)
def keeps(t: Context, workflow: Workflow) -> list[Keep]:
    """What has to be kept for the service."""
    chosen: Served | None = t.helpers.served(workflow)
    return chosen.keeps if chosen is not None else []


def _refuse(t: Context, name: str) -> None:
    """Say why the model that a user wants cannot be served, and which ones can."""
    known = index.of(t)
    found, _ = known.learned
    others = t.helpers.candidates(t.target)
    fitted = found.fitted.get(name)
    raise NbmdeError(
        f"the model in {name!r} cannot be served: {found.why_not(name, known.bound_at_the_end)}",
        file=f"{known.notebook.name}.ipynb",
        cell=known.units[fitted.unit].cell if fitted else None,
        remedy=f"models that can be served: {', '.join(others) or 'none'}",
    )


def _tell(t: Context, served: Served | None) -> None:
    """Why nothing is served where something is trained, and what of the way to the served model is not to be had."""
    known, workflow = index.of(t), t.target
    if served is None:
        trained = any(statement.stage == "train" for statement in known.statements)
        if trained or known.learned[0].fitted:
            tell(t, workflow, Remark("no-service", f"there is no service: {workflow.unserved}"))
    elif served.lost:
        message = f"the service takes what comes out of {served.lost}, which is not there at the end of the notebook"
        remark = at(
            known.units[served.model.unit],
            "inputs-transformed",
            message,
            f"let a variable of its own hold {served.lost}",
        )
        tell(t, known.statements[served.model.unit], remark)
