"""Notebook to Workflow: cells become statements with what they read, bind and touch, statements become steps.

`reading` finds the facts, the rules below put them into the model.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.program import Sharing, Unit, is_import
from nbmde.notebooks.inject import check_python

from . import secret_removal
from .effects import UNKNOWN
from .reading import Reading, read
from .remarks import Remark, at
from .rules import transformation

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell, Notebook
    from nbmde.metamodels.workflow import Finding, Resource, RuntimeName, Secret, Statement, Step, Symbol, Workflow

    from .rules import Context

_KINDS = (
    ((ast.Import, ast.ImportFrom), "import"),
    ((ast.FunctionDef, ast.AsyncFunctionDef), "function"),
    ((ast.ClassDef,), "class"),
    ((ast.Assign, ast.AugAssign, ast.AnnAssign), "assignment"),
    ((ast.Delete,), "deletion"),
    ((ast.Expr,), "expression"),
)


@transformation.helper("Notebook", cached=True, name="reading")
def _reading(t: Context, notebook: Notebook) -> Reading:
    """The notebook read as a program."""
    check_python(notebook)
    return read(notebook, tuple(t.option("extensions", ())))


@transformation.rule("Notebook", to="Workflow")
def notebook2workflow(t: Context, notebook: Notebook, workflow: Workflow) -> None:
    """The workflow and everything in it, in the order of the notebook."""
    known: Reading = t.helpers.reading(notebook)
    program = known.program
    workflow.name = re.sub(r"[^A-Za-z0-9]+", "-", notebook.name).strip("-").lower() or "notebook"
    workflow.title = known.title.title if known.title else ""
    workflow.description = known.title.text if known.title else ""
    workflow.heading = known.cells[known.title.cell] if known.title else None
    workflow.notebook = notebook
    names = sorted(program.bindings, key=lambda name: program.bindings[name][0])
    workflow.symbols.extend(_symbols(t, names))
    workflow.resources.extend(_resources(t, [name for unit in program.units for name in unit.resources]))
    statements = [_statement(t, index) for index in range(len(program.units))]
    workflow.definitions.extend([one for one in statements if one.placement.name in ("module", "first")])
    for number, segment in enumerate(known.segments):
        before = known.segments[:number][-1:]  # a step depends on where it begins
        told = [*segment.told, *(other.units[-1].cell for other in before)]
        cells = tuple(
            known.cells[position] for position in dict.fromkeys([*(unit.cell for unit in segment.units), *told])
        )
        workflow.steps.append(t.make("step", cells, key=number, number=number))
    for number, secret in enumerate(known.hidden.secrets):
        source = known.cells.get(secret.places[0][0], notebook)
        workflow.secrets.append(t.make("secret", source, key=number, number=number))
    for original in known.platform.used:
        alias = known.platform.alias[original]
        workflow.runtime.append(t.make("runtime_name", notebook, key=original, name=original, alias=alias))
    for number, remark in enumerate(t.helpers.remarks(notebook)):
        source = known.cells.get(remark.cell, notebook)
        workflow.findings.append(t.make("finding", source, key=number, number=number))


@transformation.rule("Cell", to="Statement", lazy=True)
def statement(t: Context, cell: Cell, statement: Statement, *, index: int) -> None:
    """One top-level statement with its def-use facts."""
    known: Reading = t.helpers.reading(t.source)
    metamodel = t.target_metamodel
    unit, facts = known.program.units[index], known.program.units[index].facts
    statement.text, statement.number = unit.text, index
    statement.cell = cell
    statement.cellNumber, statement.firstLine, statement.lastLine = unit.cell, unit.line, unit.last_line
    statement.kind = getattr(metamodel.StatementKind, _kind(unit))
    statement.placement = getattr(metamodel.Placement, unit.placement)
    evidence = known.evidence[index]
    if evidence is not None:
        statement.stage = getattr(metamodel.Stage, evidence.stage)
        statement.score = float(evidence.score)
        statement.evidence = evidence.source
    statement.named = unit.named or None
    statement.parameter, statement.replaced = unit.parameter, unit.replaced or None
    statement.echo, statement.endsCell, statement.timed = unit.echo, unit.ends_cell, unit.timed
    for feature, names in (
        (statement.reads, facts.reads),
        (statement.binds, facts.binds),
        (statement.deletes, facts.deletes),
        (statement.maybeBinds, [name for name in facts.maybe_binds if name not in facts.binds]),
        (statement.captures, dict.fromkeys((*facts.captures, *known.program.annotated(unit)))),
        (statement.mutates, known.mutated[index]),
    ):
        feature.extend(_symbols(t, names))
    statement.touches.extend(_resources(t, unit.resources))
    statement.mayDraw = "matplotlib" in unit.resources or UNKNOWN in unit.resources


@transformation.rule("Cell", to="Symbol", lazy=True)
def symbol(t: Context, cell: Cell, symbol: Symbol, *, name: str) -> None:
    """A name that the notebook binds."""
    known: Reading = t.helpers.reading(t.source)
    metamodel, program = t.target_metamodel, known.program
    indexes = program.bindings[name]
    symbol.name = name
    kind = _kind(program.units[indexes[0]])
    symbol.kind = getattr(metamodel.SymbolKind, kind if kind in ("import", "function", "class") else "variable")
    sharing = program.sharing.get(name, Sharing())
    symbol.sharing, symbol.reason = getattr(metamodel.Sharing, sharing.how), sharing.reason or None
    symbol.type = known.types.get(name) or None
    symbol.provenance = metamodel.Provenance.inferred if symbol.type else metamodel.Provenance.unknown
    symbol.definition = _statement(t, indexes[0]) if len(indexes) == 1 else None
    symbol.captured.extend(_symbols(t, program.captured.get(name, ())))


@transformation.rule("Notebook", to="Resource", lazy=True)
def resource(t: Context, notebook: Notebook, resource: Resource, *, name: str) -> None:
    """A pseudo-variable."""
    resource.name = name


@transformation.rule("Cell", to="Step", lazy=True)
def step(t: Context, cells: tuple[Cell, ...], step: Step, *, number: int) -> None:
    """A run of statements with one purpose."""
    known: Reading = t.helpers.reading(t.source)
    segment = known.segments[number]
    step.name = f"step_{number + 1}"
    step.title, step.heading = segment.title, segment.heading or None
    step.prose = "\n\n".join(segment.prose)
    step.stage = getattr(t.target_metamodel.Stage, segment.stage)
    step.statements.extend(_statements(t, segment.units))


@transformation.rule("Element", to="Secret", lazy=True)
def secret(t: Context, source: Cell | Notebook, secret: Secret, *, number: int) -> None:
    """A value that the code must not hold."""
    found = t.helpers.reading(t.source).hidden.secrets[number]
    secret.name, secret.kind, secret.value = found.name, found.kind, found.value or None
    secret.cellNumber, secret.line = found.places[0]
    secret.statements.extend(_statements(t, found.units))


@transformation.rule("Notebook", to="RuntimeName", lazy=True)
def runtime_name(t: Context, notebook: Notebook, runtime: RuntimeName, *, name: str, alias: str) -> None:
    """A function that takes the platform's place."""
    runtime.name, runtime.alias = name, alias


@transformation.rule("Element", to="Finding", lazy=True)
def finding(t: Context, source: Cell | Notebook, finding: Finding, *, number: int) -> None:
    """Something a person should know."""
    known = knowledge.table("findings", tuple(t.option("extensions", ())))["findings"]
    remark: Remark = t.helpers.remarks(t.source)[number]
    finding.code, finding.severity = remark.code, getattr(t.target_metamodel.Severity, known[remark.code]["severity"])
    finding.message, finding.remedy, finding.omits = remark.message, remark.remedy, remark.omits or None
    finding.cellNumber, finding.line = remark.cell, remark.line
    finding.statements.extend(_statements(t, remark.units))


@transformation.helper("Notebook", cached=True, name="remarks")
def _remarks(t: Context, notebook: Notebook) -> list[Remark]:
    """What a person should know, in the order of the notebook."""
    known: Reading = t.helpers.reading(notebook)
    found = [*known.remarks, *known.hidden.remarks]
    table = knowledge.table("secrets", tuple(t.option("extensions", ())))
    for path in secret_removal.modules_with_secrets(notebook.assets, table):
        message = f"{path} holds a secret, and comes along as it is"
        found.append(Remark("secret-in-module", message, remedy="let it read os.environ"))
    found += known.platform.remarks
    for name, sharing in known.program.sharing.items():
        if sharing.how == "state":
            found.append(Remark("name-in-state", f"{name} is kept in the state object: {sharing.reason}"))
    for name, reason in known.program.kept.items():
        unit = known.program.units[known.program.bindings[name][0]]
        message = f"{name} stays inside the function of its step, where no other process finds it: {reason}"
        found.append(at(unit, "definition-inner", message))
    return sorted(found, key=lambda remark: (remark.cell, remark.line))


@transformation.helper("Notebook", cached=True, name="places")
def _places(t: Context, notebook: Notebook) -> dict[int, int]:
    """Where the statements of the program stand in it, by their identity."""
    return {id(unit): place for place, unit in enumerate(t.helpers.reading(notebook).program.units)}


def _statement(t: Context, index: int) -> Statement:
    known: Reading = t.helpers.reading(t.source)
    made: Statement = t.make("statement", known.cells[known.program.units[index].cell], key=index, index=index)
    return made


def _statements(t: Context, units: Iterable[Unit]) -> list[Statement]:
    """What was made of statements that are still there."""
    places: dict[int, int] = t.helpers.places(t.source)
    return [_statement(t, places[id(unit)]) for unit in units if id(unit) in places]


def _symbols(t: Context, names: Iterable[str]) -> list[Symbol]:
    """What was made of names that the notebook binds."""
    known: Reading = t.helpers.reading(t.source)
    bound = [(name, known.program.bindings[name][0]) for name in names if name in known.program.bindings]
    cells = [(name, known.cells[known.program.units[index].cell]) for name, index in bound]
    return [t.make("symbol", cell, key=name, name=name) for name, cell in cells]


def _resources(t: Context, names: Iterable[str]) -> list[Resource]:
    known = dict.fromkeys(name for name in names if name != UNKNOWN)
    return [t.make("resource", t.source, key=name, name=name) for name in known]


def _kind(unit: Unit) -> str:
    if unit.nodes and all(is_import(node) for node in unit.nodes):
        return "import"
    for kinds, name in _KINDS:
        if isinstance(unit.node, kinds):
            return name
    return "control"
