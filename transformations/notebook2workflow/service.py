"""Chooses the model that is served, and keeps what a service of it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError

from . import index, refining
from .learning import Keep, Served
from .refining import tell
from .remarks import Remark, at

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Kept, Statement, Symbol, TrainedModel, Workflow

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.service", refines="workflow", extends=refining.transformation)


def _undecided(t: Context, workflow: Workflow) -> bool:
    return not workflow.unserved and not any(model.reason for model in workflow.models)


@transformation.rule("Workflow", guard=_undecided)
def offered(t: Context, workflow: Workflow) -> None:
    """A workflow that keeps the nameless values that its service needs, or says why it has no service."""
    known = index.of(t)
    served: Served | None = t.helpers.served(workflow)
    for keep in t.helpers.keeps(workflow):
        statement = known.statements[keep.unit]
        workflow.symbols.append(t.make("kept_symbol", statement, key=keep.name, name=keep.name, type=keep.type))
        statement.keeps.append(t.make("kept", statement, key=keep.name, name=keep.name))
    if served is None:
        workflow.unserved = known.learned[0].unserved(known.bound_at_the_end)
    _tell(t, served)


@transformation.rule("TrainedModel", guard=lambda t, model: not model.reason and t.helpers.is_chosen(model))
def served_model(t: Context, model: TrainedModel) -> None:
    """The model that is served, with why, and the way that its inputs take."""
    served: Served = t.helpers.served(t.target)
    symbols = {symbol.found or symbol.name: symbol for symbol in t.target.symbols}  # those that are kept as well
    model.served, model.reason = True, served.reason
    t.consult(*t.target.models)
    model.array, model.dense = served.array, served.dense
    model.features = symbols.get(served.features)
    transformers = [symbols[one] for one in served.transformers if one in symbols]
    if transformers != list(model.transformers):
        model.transformers.clear()
        model.transformers.extend(transformers)


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


@transformation.helper("Workflow", cached=True)
def served(t: Context, workflow: Workflow) -> Served | None:
    """The model to serve, and how: the one that a user names, else the one that is `wanted`, else what suits best.

    Raises:
        NbmdeError: for one that cannot be served.
    """
    known = index.of(t)
    found, _ = known.learned
    name = str(t.option("serve", "")) or _name_of_wanted(t, workflow)
    chosen = found.served(name, known.bound_at_the_end, known.words | set(known.program.bindings))
    if name and chosen is None:
        _refuse(t, name)
    return chosen


def _name_of_wanted(t: Context, workflow: Workflow) -> str:
    wanted = t.helpers.wanted(workflow)
    if wanted is not None and wanted not in list(workflow.models):
        remedy = "give one of t.helpers.candidates(workflow), or None"
        raise NbmdeError(f"the helper wanted gives {wanted!r}, which is no model of the workflow", remedy=remedy)
    return _name(wanted) if wanted is not None else ""


@transformation.helper("Workflow")
def wanted(t: Context, workflow: Workflow) -> TrainedModel | None:
    """The model to serve where no user names one, one of `candidates`: that which is marked so; None for the best."""
    return next((model for model in workflow.models if model.served), None)


@transformation.helper("Workflow", cached=True)
def candidates(t: Context, workflow: Workflow) -> list[TrainedModel]:
    """The models that can be served, in the order of the notebook."""
    return [model for model in workflow.models if not model.unserved]


@transformation.helper("Workflow", cached=True)
def keeps(t: Context, workflow: Workflow) -> list[Keep]:
    """Return the values that have to be kept for the service."""
    chosen: Served | None = t.helpers.served(workflow)
    return chosen.keeps if chosen is not None else []


@transformation.helper("TrainedModel")
def is_chosen(t: Context, model: TrainedModel) -> bool:
    """Is a model the one to serve?"""
    chosen: Served | None = t.helpers.served(t.target)
    return chosen is not None and chosen.model.name == _name(model)


def _name(model: TrainedModel) -> str:
    """Return the notebook's name for a model."""
    return model.symbol.found or model.symbol.name


def _refuse(t: Context, name: str) -> None:
    """Say why the model that is wanted cannot be served, and which ones can."""
    known = index.of(t)
    found, _ = known.learned
    others = [_name(model) for model in t.helpers.candidates(t.target)]
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
