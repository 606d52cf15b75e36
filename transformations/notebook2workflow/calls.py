"""Finds the calls in statements by which something is decided, with their arguments: what is called, and with what."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from nbmde.engine import m2m
from nbmde.notebooks.analysis.calls import ResolvedCall
from nbmde.notebooks.analysis.rewrite import Places
from nbmde.notebooks.analysis.values import scalar

from . import index, refining

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Argument, Call, FileExpression, Setting, Statement, Workflow
    from nbmde.notebooks.analysis.program import Unit

    from .refining import Context

KINDS = frozenset(["model", "search", "metric", "dataset", "split", "persist", "seed"])

transformation = m2m.Transformation("notebook2workflow.calls", refines="workflow", extends=refining.transformation)


class Found(NamedTuple):
    """A call by which something is decided, and the name that is bound to what it gives."""

    call: ResolvedCall
    start: int
    end: int
    result: str


@transformation.rule("Statement", guard=lambda t, one: not one.calls and bool(t.helpers.calls_in(t.target)[one]))
def with_calls(t: Context, statement: Statement) -> None:
    """A statement with the calls by which something is decided."""
    for number, found in enumerate(t.helpers.calls_in(t.target)[statement]):
        statement.calls.append(t.make("call", statement, key=found.start, number=number))


@transformation.rule("Statement", to="Call", lazy=True)
def call(t: Context, statement: Statement, call: Call, *, number: int) -> None:
    """A call with its arguments."""
    found: Found = t.helpers.calls_in(t.target)[statement][number]
    symbols, places = t.helpers.symbols(t.target), Places(statement.text)
    call.name, call.kind = found.call.name, found.call.row.get("kind")
    call.receiver, call.result = symbols.get(found.call.receiver or ""), symbols.get(found.result)
    call.start, call.end = found.start, found.end
    for place, one in enumerate(_arguments(found.call.node)):
        start, end = places.span(one.value if isinstance(one, ast.keyword) else one)
        call.arguments.append(
            t.make("argument", statement, key=start, number=number, place=place, start=start, end=end)
        )


@transformation.rule("Statement", to="Argument", lazy=True)
def argument(
    t: Context, statement: Statement, argument: Argument, *, number: int, place: int, start: int, end: int
) -> None:
    """An argument: a literal, a name, a setting, a path, or something else."""
    one = list(_arguments(t.helpers.calls_in(t.target)[statement][number].call.node))[place]
    node = one.value if isinstance(one, ast.keyword) else one
    argument.start, argument.end = start, end
    argument.keyword = one.arg if isinstance(one, ast.keyword) else None
    if isinstance(node, ast.Name):
        argument.symbol = t.helpers.symbols(t.target).get(node.id)
    value = scalar(node)
    if value is not None:
        argument.value = argument.found = json.dumps(value, ensure_ascii=False)
    for setting in statement.settings:
        if (setting.start, setting.end) == (start, end):
            setting.argument = argument
    for file in statement.files:
        if start <= file.start and file.end <= end and (file.argument is None or _is_in(argument, file.argument)):
            file.argument = argument


@transformation.helper("Workflow", cached=True)
def calls_in(t: Context, workflow: Workflow) -> dict[Statement, list[Found]]:
    """The calls of each statement by which something is decided."""
    known = index.of(t)
    found: dict[Statement, list[Found]] = {}
    for number, unit in known.walk():
        statement = known.statements[number]
        calls = (call for node in unit.body for call in known.resolver.calls(node) if call.name)
        found[statement] = list(_deciding(unit, calls, [*statement.settings, *statement.files]))
    return found


def _deciding(unit: Unit, calls: Iterator[ResolvedCall], marked: Iterable[Setting | FileExpression]) -> Iterator[Found]:
    places = Places(unit.text)
    bound = {
        node.value: node.targets[0].id
        for top in unit.body
        for node in ast.walk(top)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    }
    marks = {(one.start, one.end) for one in marked}
    for call in calls:
        result = bound.get(call.node, "")
        start, end = places.span(call.node)
        given = (one.value if isinstance(one, ast.keyword) else one for one in _arguments(call.node))
        decides = call.row.get("kind") in KINDS or (result and "returns" in call.row)
        if decides or (marks and not marks.isdisjoint(map(places.span, given))):
            yield Found(call, start, end, result)


def _arguments(node: ast.Call) -> Iterator[ast.expr | ast.keyword]:
    """Find the arguments of a call, but for those that are unpacked."""
    given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    for one in given:
        if not isinstance(one, ast.Starred) and not (isinstance(one, ast.keyword) and one.arg is None):
            yield one


def _is_in(argument: Argument, other: Argument) -> bool:
    return other.start <= argument.start and argument.end <= other.end
