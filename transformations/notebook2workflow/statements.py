"""Statements of a workflow as those of a program, and what became of them back into the model."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from nbmde.engine import m2m
from nbmde.notebooks.analysis.program import Unit, is_import

from . import refining
from .platform_functions import PlatformFunctions

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import PlatformFunction, Statement, StatementKind, Step, Workflow

    from .refining import Context

_KINDS = (
    ((ast.Import, ast.ImportFrom), "import"),
    ((ast.FunctionDef, ast.AsyncFunctionDef), "function"),
    ((ast.ClassDef,), "class"),
    ((ast.Assign, ast.AugAssign, ast.AnnAssign), "assignment"),
    ((ast.Delete,), "deletion"),
    ((ast.Expr,), "expression"),
)
_trees: WeakKeyDictionary[Statement, tuple[str, list[ast.stmt]]] = WeakKeyDictionary()

transformation = m2m.Transformation("statements", refines="workflow", extends=refining.transformation)
"""The base of refinements that change statements. Each has a helper `program`, which tells what these are to be."""


def kind(unit: Unit) -> str:
    """The syntactic kind of a statement."""
    if unit.nodes and all(is_import(node) for node in unit.nodes):
        return "import"
    for kinds, name in _KINDS:
        if isinstance(unit.node, kinds):
            return name
    return "control"


def in_order(workflow: Workflow) -> list[Statement]:
    """All statements, as they follow each other in the notebook."""
    statements = [*workflow.definitions, *(statement for step in workflow.steps for statement in step.statements)]
    return sorted(statements, key=lambda statement: statement.number)


def units(workflow: Workflow, statements: Iterable[Statement]) -> list[Unit]:
    """Statements of a model as those of a program; each is parsed once."""
    number = {id(step): place for place, step in enumerate(workflow.steps, 1)}
    return [_unit(statement, number.get(id(statement.eContainer()), 0)) for statement in statements]


def forget() -> None:
    """Parse everything anew."""
    _trees.clear()


def _unit(statement: Statement, segment: int) -> Unit:
    text, nodes = _trees.get(statement, ("", []))
    if text != statement.text:
        text = statement.text
        nodes = ast.parse(text).body
        _trees[statement] = text, nodes
    return Unit(
        text,
        nodes,
        statement.cellNumber,
        statement.firstLine,
        statement.lastLine,
        statement.echo,
        statement.endsCell,
        statement.timed,
        statement.placement.name,
        segment,
        parameter=statement.parameter,
        replaced=statement.replaced or "",
        named=statement.named or "",
        pinned=statement.pinned,
        beside=frozenset(statement.beside),
    )


def says(statement: Statement, unit: Unit, kinds: type[StatementKind], number: int) -> None:
    """Let a statement say what one of a program does, but for its place in the workflow and what it reads and binds."""
    statement.text, statement.number = unit.text, number
    statement.cellNumber, statement.firstLine, statement.lastLine = unit.cell, unit.line, unit.last_line
    statement.kind = getattr(kinds, kind(unit))
    statement.named, statement.parameter, statement.replaced = unit.named or None, unit.parameter, unit.replaced or None
    statement.echo, statement.endsCell, statement.timed = unit.echo, unit.ends_cell, unit.timed
    statement.pinned = unit.pinned
    statement.beside.extend(sorted(unit.beside.difference(statement.beside)))
    _trees[statement] = unit.text, unit.nodes


def put(t: Context, found: Sequence[Unit], before: Mapping[int, Statement]) -> list[Statement]:
    """Let the model have the statements of a program: some as before, some in the place of others, which are retired.

    New ones lie where the one lies from which they come.

    Args:
        found: what the helper `program` tells.
        before: the statements of the model by the identities of their units.
    """
    origins = _origins(found, before)
    made = []
    for number, unit in enumerate(found):
        statement = before.get(id(unit))
        if statement is None:
            statement = t.make("part", origins[number], key=number, number=number)
            _insert(statement, origins[number])
        else:
            t.make("settled", statement, number=number)
        made.append(statement)
    there = set(map(id, made))
    for statement in before.values():
        if id(statement) not in there:
            _hand_over(t, statement, made)
            t.retire(statement)
    return made


@transformation.rule("Workflow", to="PlatformFunction", lazy=True)
def platform_function(t: Context, workflow: Workflow, function: PlatformFunction, *, name: str, alias: str) -> None:
    """A function that statements begin to call."""
    function.name, function.alias = name, alias


def put_functions(t: Context, functions: PlatformFunctions) -> None:
    """Let the model have the functions that its statements call."""
    known = {one.name for one in t.target.platform}
    for name in functions.used:
        if name not in known:
            made = t.make("platform_function", t.target, key=name, name=name, alias=functions.alias[name])
            t.target.platform.append(made)


@transformation.rule("Statement", to="Statement", lazy=True)
def part(t: Context, origin: Statement, statement: Statement, *, number: int) -> None:
    """A statement in the place of another one, or of a part of it."""
    statement.cell = origin.cell
    statement.stage, statement.score, statement.evidence = origin.stage, origin.score, origin.evidence
    _settle(t, statement, number)


@transformation.rule("Statement", lazy=True)
def settled(t: Context, statement: Statement, *, number: int) -> None:
    """A statement as it is now."""
    _settle(t, statement, number)


def _settle(t: Context, statement: Statement, number: int) -> None:
    unit: Unit = t.helpers.program(t.target).units[number]
    says(statement, unit, t.target_metamodel.StatementKind, number)
    statement.placement = getattr(t.target_metamodel.Placement, unit.placement)


def _origins(found: Sequence[Unit], before: Mapping[int, Statement]) -> dict[int, Statement]:
    """For new statements, by number, that of the model in the place of which they stand, or beside which."""
    there = {id(unit) for unit in found}
    gone: dict[int, list[Statement]] = {}
    for identity, statement in before.items():
        if identity not in there:
            gone.setdefault(statement.cellNumber, []).append(statement)
    origins = {}
    last = next(iter(before.values()), None)
    for number, unit in enumerate(found):
        if id(unit) in before:
            last = before[id(unit)]
            continue
        replaced = [one for one in gone.get(unit.cell, ()) if one.firstLine <= unit.line]
        origin = replaced[-1] if replaced else last
        assert origin is not None
        origins[number] = origin
    return origins


def _insert(statement: Statement, origin: Statement) -> None:
    """Put a statement before the one in the place of which it stands, or behind it where that stays."""
    container = origin.eContainer()
    siblings = getattr(container, origin.eContainmentFeature().name)
    siblings.insert(list(siblings).index(origin), statement)


def _hand_over(t: Context, gone: Statement, made: Iterable[Statement]) -> None:
    """Secrets that a statement reads are read by those of its cell that name them."""
    for secret in t.target.secrets:
        if gone in secret.statements:
            readers = [one for one in made if one.cellNumber == gone.cellNumber and secret.name in one.text]
            secret.statements.extend([one for one in readers if one not in secret.statements])


def arranged(workflow: Workflow, statements: Iterable[Statement], steps: Mapping[int, Step]) -> None:
    """Let every statement lie in its step, or among the definitions, in the order of the notebook.

    Args:
        steps: by the identities of statements; those of none are definitions.
    """
    inside: dict[int, list[Statement]] = {}
    definitions: list[Statement] = []
    for statement in statements:
        step = steps.get(id(statement))
        (definitions if step is None else inside.setdefault(id(step), [])).append(statement)
    _fill(workflow.definitions, definitions)
    for step in workflow.steps:
        _fill(step.statements, inside.get(id(step), []))


def _fill(contained: MutableSequence[Statement], wanted: Sequence[Statement]) -> None:
    """Let a feature contain these, in this order; what it has already from its beginning on stays untouched."""
    now = list(contained)
    pairs = enumerate(zip(now, wanted, strict=False))
    same = next((number for number, (one, other) in pairs if one is not other), min(len(now), len(wanted)))
    for one in now[same:]:
        contained.remove(one)
    contained.extend(wanted[same:])
