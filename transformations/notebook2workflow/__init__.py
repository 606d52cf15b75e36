"""Notebook to Workflow: cells become statements with what they read, bind and touch, statements become steps.

`reading` finds the facts, the rules below put them into the model.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.program import Unit, is_import
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


@transformation.pre
def read_notebook(t: Context) -> None:
    """Reads the notebook as a program, once, for all rules."""
    check_python(t.source)
    t.facts.reading = read(t.source, tuple(t.option("extensions", ())))
    reading = t.facts.reading
    t.facts.places = {id(unit): place for place, unit in enumerate(reading.program.units)}
    t.facts.symbols = {}
    t.facts.statements = {}
    t.facts.resources = {}


@transformation.rule("Notebook", to="Workflow")
def notebook2workflow(t: Context, notebook: Notebook, workflow: Workflow) -> None:
    """The workflow and everything in it, in the order of the notebook."""
    reading = t.facts.reading
    program = reading.program
    workflow.name = re.sub(r"[^A-Za-z0-9]+", "-", notebook.name).strip("-").lower() or "notebook"
    workflow.title = reading.title.title if reading.title else ""
    workflow.description = reading.title.text if reading.title else ""
    workflow.heading = reading.cells[reading.title.cell] if reading.title else None
    workflow.notebook = notebook
    first_cell = {name: indexes[0] for name, indexes in program.bindings.items()}
    for name, index in sorted(first_cell.items(), key=lambda item: item[1]):
        unit = program.units[index]
        t.facts.symbols[name] = t.make("symbol", reading.cells[unit.cell], key=name, name=name)
    for name in dict.fromkeys(resource for unit in program.units for resource in unit.resources if resource != UNKNOWN):
        t.facts.resources[name] = t.make("resource", notebook, key=name, name=name)
    workflow.symbols.extend(t.facts.symbols.values())
    workflow.resources.extend(t.facts.resources.values())
    for index, unit in enumerate(program.units):
        t.facts.statements[index] = t.make("statement", reading.cells[unit.cell], key=index, index=index, unit=unit)
        if unit.placement in ("module", "first"):
            workflow.definitions.append(t.facts.statements[index])
    for number, segment in enumerate(reading.segments):
        numbers = dict.fromkeys([*(unit.cell for unit in segment.units), *segment.told])
        cells = tuple(reading.cells[number] for number in numbers)
        statements = [t.facts.statements[t.facts.places[id(unit)]] for unit in segment.units]
        workflow.steps.append(t.make("step", cells, key=number, number=number, statements=statements))
    for name, symbol in t.facts.symbols.items():
        indexes = program.bindings.get(name, ())
        symbol.definition = t.facts.statements[indexes[0]] if len(indexes) == 1 else None
        symbol.captured.extend([t.facts.symbols[other] for other in program.captured.get(name, ())])
    for number, secret in enumerate(reading.hidden.secrets):
        source = reading.cells.get(secret.places[0][0], notebook)
        statements = [t.facts.statements[t.facts.places[id(unit)]] for unit in secret.units]
        workflow.secrets.append(t.make("secret", source, key=number, secret=secret, statements=statements))
    for original, alias in ((name, reading.platform.alias[name]) for name in reading.platform.used):
        workflow.runtime.append(t.make("runtime_name", notebook, key=original, name=original, alias=alias))
    _findings(t, reading, workflow)


@transformation.rule("Cell", to="Statement", lazy=True)
def statement(t: Context, cell: Cell, statement: Statement, *, index: int, unit: Unit) -> None:
    """One top-level statement with its def-use facts."""
    reading = t.facts.reading
    symbols = t.facts.symbols
    workflow = t.target_metamodel
    statement.text = unit.text
    statement.cell = cell
    statement.cellNumber, statement.firstLine, statement.lastLine = unit.cell, unit.line, unit.last_line
    statement.kind = getattr(workflow.StatementKind, _kind(unit))
    statement.placement = getattr(workflow.Placement, unit.placement)
    evidence = reading.evidence[index]
    if evidence is not None:
        statement.stage = getattr(workflow.Stage, evidence.stage)
        statement.score = float(evidence.score)
        statement.evidence = evidence.source
    statement.named = unit.named or None
    statement.echo, statement.endsCell, statement.timed = unit.echo, unit.ends_cell, unit.timed
    facts = unit.facts
    for feature, names in (
        (statement.reads, facts.reads),
        (statement.binds, facts.binds),
        (statement.deletes, facts.deletes),
        (statement.maybeBinds, [name for name in facts.maybe_binds if name not in facts.binds]),
        (statement.captures, dict.fromkeys((*facts.captures, *reading.program.annotated(unit)))),
        (statement.mutates, reading.mutated[index]),
    ):
        feature.extend([symbols[name] for name in names if name in symbols])
    statement.touches.extend([t.facts.resources[name] for name in unit.resources if name != UNKNOWN])
    statement.number, statement.parameter = index, unit.parameter
    statement.replaced = unit.replaced or None
    statement.mayDraw = "matplotlib" in unit.resources or UNKNOWN in unit.resources


@transformation.rule("Cell", to="Symbol", lazy=True)
def symbol(t: Context, cell: Cell, symbol: Symbol, *, name: str) -> None:
    """A name that the notebook binds."""
    reading = t.facts.reading
    workflow = t.target_metamodel
    symbol.name = name
    unit = reading.program.units[reading.program.bindings[name][0]]
    kind = _kind(unit)
    symbol.kind = getattr(workflow.SymbolKind, kind if kind in ("import", "function", "class") else "variable")
    sharing = reading.program.sharing.get(name)
    symbol.sharing = getattr(workflow.Sharing, sharing.how if sharing else "passed")
    symbol.reason = sharing.reason if sharing and sharing.reason else None
    known = reading.types.get(name, "")
    symbol.type = known or None
    symbol.provenance = workflow.Provenance.inferred if known else workflow.Provenance.unknown


@transformation.rule("Notebook", to="Resource", lazy=True)
def resource(t: Context, notebook: Notebook, resource: Resource, *, name: str) -> None:
    """A pseudo-variable."""
    resource.name = name


@transformation.rule("Cell", to="Step", lazy=True)
def step(t: Context, cells: tuple[Cell, ...], step: Step, *, number: int, statements: list[Statement]) -> None:
    """A run of statements with one purpose."""
    reading = t.facts.reading
    segment = reading.segments[number]
    step.name = f"step_{number + 1}"
    step.title, step.heading = segment.title, segment.heading or None
    step.prose = "\n\n".join(segment.prose)
    step.stage = getattr(t.target_metamodel.Stage, segment.stage)
    step.statements.extend(statements)


@transformation.rule("Element", to="Secret", lazy=True)
def secret(
    t: Context, source: Cell | Notebook, element: Secret, *, secret: secret_removal.Secret, statements: list[Statement]
) -> None:
    """A value that the code must not hold."""
    element.name, element.kind, element.value = secret.name, secret.kind, secret.value or None
    element.cellNumber, element.line = secret.places[0]
    element.statements.extend(statements)


@transformation.rule("Notebook", to="RuntimeName", lazy=True)
def runtime_name(t: Context, notebook: Notebook, runtime: RuntimeName, *, name: str, alias: str) -> None:
    """A function that takes the platform's place."""
    runtime.name, runtime.alias = name, alias


@transformation.rule("Element", to="Finding", lazy=True)
def finding(t: Context, source: Cell | Notebook, finding: Finding, *, remark: Remark) -> None:
    """Something a person should know."""
    known = knowledge.table("findings", tuple(t.option("extensions", ())))["findings"]
    finding.code, finding.severity = remark.code, getattr(t.target_metamodel.Severity, known[remark.code]["severity"])
    finding.message, finding.remedy, finding.omits = remark.message, remark.remedy, remark.omits or None
    finding.cellNumber, finding.line = remark.cell, remark.line
    finding.statements.extend(
        t.facts.statements[t.facts.places[id(unit)]] for unit in remark.units if id(unit) in t.facts.places
    )


def _kind(unit: Unit) -> str:
    if unit.nodes and all(is_import(node) for node in unit.nodes):
        return "import"
    for kinds, name in _KINDS:
        if isinstance(unit.node, kinds):
            return name
    return "control"


def _findings(t: Context, reading: Reading, workflow: Workflow) -> None:
    remarks = [*reading.remarks, *reading.hidden.remarks]
    table = knowledge.table("secrets", tuple(t.option("extensions", ())))
    for path in secret_removal.modules_with_secrets(reading.notebook.assets, table):
        message = f"{path} holds a secret, and comes along as it is"
        remarks.append(Remark("secret-in-module", message, remedy="let it read os.environ"))
    remarks += reading.platform.remarks
    for name, sharing in reading.program.sharing.items():
        if sharing.how == "state":
            message = f"{name} is kept in the state object: {sharing.reason}"
            remarks.append(Remark("name-in-state", message))
    for name, reason in reading.program.kept.items():
        unit = reading.program.units[reading.program.bindings[name][0]]
        message = f"{name} stays inside the function of its step, where no other process finds it: {reason}"
        remarks.append(at(unit, "definition-inner", message))
    remarks.sort(key=lambda remark: (remark.cell, remark.line))
    for number, remark in enumerate(remarks):
        source = reading.cells.get(remark.cell, reading.notebook)
        workflow.findings.append(t.make("finding", source, key=number, remark=remark))
