"""Notebook to Workflow: a step for each cell, with its statements in plain Python and without secrets.

What the workflow says besides, refinements find: modules beside this one, in the order in which a pipeline lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.inject import check_python

from . import secret_removal
from .reading import Reading, read
from .remarks import Remark
from .rules import transformation
from .statements import says

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell, Notebook
    from nbmde.metamodels.workflow import Finding, PlatformFunction, Secret, Statement, Step, Workflow

    from .rules import Context


@transformation.helper("Notebook", cached=True, name="reading")
def _reading(t: Context, notebook: Notebook) -> Reading:
    """The notebook read as a program."""
    check_python(notebook)
    return read(notebook, tuple(t.option("extensions", ())))


@transformation.rule("Notebook", to="Workflow")
def notebook2workflow(t: Context, notebook: Notebook, workflow: Workflow) -> None:
    """The workflow, with a step for each cell that does something; refinements find what else it says."""
    known: Reading = t.helpers.reading(notebook)
    workflow.name = re.sub(r"[^A-Za-z0-9]+", "-", notebook.name).strip("-").lower() or "notebook"
    workflow.title = known.title.title if known.title else ""
    workflow.description = known.title.text if known.title else ""
    workflow.heading = known.cells[known.title.cell] if known.title else None
    workflow.notebook = notebook
    pending = list(known.above.values())
    for number, cell in enumerate(known.of_cells):
        above = [one for one in pending if one.cell <= cell]
        del pending[: len(above)]
        cells = tuple(known.cells[position] for position in dict.fromkeys([cell, *(one.cell for one in above)]))
        workflow.steps.append(t.make("step", cells, key=number, number=number))
    for number, secret in enumerate(known.hidden.secrets):
        source = known.cells.get(secret.places[0][0], notebook)
        workflow.secrets.append(t.make("secret", source, key=number, number=number))
    for original in known.platform.used:
        alias = known.platform.alias[original]
        workflow.platform.append(t.make("platform_function", notebook, key=original, name=original, alias=alias))
    for number, remark in enumerate(t.helpers.remarks(notebook)):
        source = known.cells.get(remark.cell, notebook)
        workflow.findings.append(t.make("finding", source, key=number, number=number))


@transformation.rule("Cell", to="Statement", lazy=True)
def statement(t: Context, cell: Cell, statement: Statement, *, index: int) -> None:
    """One top-level statement."""
    unit = t.helpers.reading(t.source).units[index]
    statement.cell = cell
    says(statement, unit, t.target_metamodel.StatementKind, index)


@transformation.rule("Cell", to="Step", lazy=True)
def step(t: Context, cells: Cell | tuple[Cell, ...], step: Step, *, number: int) -> None:
    """The statements of a cell, with what stands above it."""
    known: Reading = t.helpers.reading(t.source)
    cell, *above = cells if isinstance(cells, tuple) else (cells,)
    prose = [known.above[one.position] for one in above]
    step.name = f"step_{number + 1}"
    step.title = next((one.title for one in reversed(prose) if one.title), "")
    step.heading = step.title or None
    step.prose = "\n\n".join(one.text for one in prose if one.text)
    step.statements.extend(_statements(t, known.of_cells[cell.position]))


@transformation.rule("Element", to="Secret", lazy=True)
def secret(t: Context, source: Cell | Notebook, secret: Secret, *, number: int) -> None:
    """A value that the code must not hold."""
    found = t.helpers.reading(t.source).hidden.secrets[number]
    secret.name, secret.kind, secret.value = found.name, found.kind, found.value or None
    secret.cellNumber, secret.line = found.places[0]
    secret.statements.extend(_statements(t, found.units))


@transformation.rule("Notebook", to="PlatformFunction", lazy=True)
def platform_function(t: Context, notebook: Notebook, function: PlatformFunction, *, name: str, alias: str) -> None:
    """A function that takes the platform's place."""
    function.name, function.alias = name, alias


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
    """Collect the remarks for a person, in the order of the notebook."""
    known: Reading = t.helpers.reading(notebook)
    found = [*known.remarks, *known.hidden.remarks]
    table = knowledge.table("secrets", tuple(t.option("extensions", ())))
    for path in secret_removal.modules_with_secrets(notebook.assets, table):
        message = f"{path} holds a secret, and comes along as it is"
        found.append(Remark("secret-in-module", message, remedy="let it read os.environ"))
    found += known.platform.remarks
    return sorted(found, key=lambda remark: (remark.cell, remark.line))


@transformation.helper("Notebook", cached=True, name="places")
def _places(t: Context, notebook: Notebook) -> dict[int, int]:
    """Where the statements of the program stand in it, by their identity."""
    return {id(unit): place for place, unit in enumerate(t.helpers.reading(notebook).units)}


def _statement(t: Context, index: int) -> Statement:
    known: Reading = t.helpers.reading(t.source)
    made: Statement = t.make("statement", known.cells[known.units[index].cell], key=index, index=index)
    return made


def _statements(t: Context, units: Iterable[Unit]) -> list[Statement]:
    """Return the statements of the model that were made of these and are still there."""
    places: dict[int, int] = t.helpers.places(t.source)
    return [_statement(t, places[id(unit)]) for unit in units if id(unit) in places]
