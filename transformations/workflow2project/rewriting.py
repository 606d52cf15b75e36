"""From a notebook's statement to a function's line: settings, shown values, state, further arguments of functions."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nbmde.analysis.renaming import Renaming, Source
from nbmde.analysis.rewrite import Edit

CAPTURED = "_captured"
"""What a class to which values are bound calls the object that holds them."""
KEPT = "for the service, as it is here"


@dataclass
class Names:
    """What names stand for in the code that is generated.

    Attributes:
        state: names that are attributes of the state object; state_name: what it is called.
        extra: function at module level -> arguments that it takes besides its own.
        bind: what the code calls the function that binds arguments to a function which is passed on.
        show: what the code calls the function that shows a value.
    unbound: function or class that a step binds variables to -> what the code calls it without these.
    locate: what the code calls the function that says where a file lies.
        copy: what the code calls the function that copies an object and all that it holds.
        named: what the code calls the decorator that lets a function go by its own name.
    """

    state: frozenset[str]
    state_name: str
    extra: Mapping[str, Sequence[str]]
    show: str
    locate: str
    bind: str
    copy: str
    named: str
    unbound: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Replacement:
    """Text for a range of a statement's text: a setting in the place of a literal."""

    start: int
    end: int
    text: str


def statement(
    text: str, names: Names, replacements: Iterable[Replacement] = (), echo: bool = False, shown: str = ""
) -> str:
    """A statement as it stands in the function of its step; ``shown`` is shown in the place of its value."""
    source = _renamed(text, names, replacements)
    source.name_classes(names.named)
    if echo and shown:
        return source.edited() + "\n" + statement(shown, names, echo=True)
    body = source.tree.body
    if echo and body and isinstance(body[-1], ast.Expr):
        start, end = source.places.span(body[-1])
        value = body[-1].value
        open_, close = (
            ("((", "))")
            if isinstance(value, (ast.Tuple, ast.Yield)) and not text[start:].startswith("(")
            else ("(", ")")
        )
        if isinstance(value, ast.Tuple) and text[start:].startswith("("):
            open_, close = "((", "))"
        before = [edit for edit in source.edits if edit.start == edit.end == start and _is_line(edit.text)]
        inside = [edit for edit in source.edits if not any(edit is other for other in before)]
        source.edits = [*before, Edit(start, start, names.show + open_), *inside, Edit(end, end, close)]
    return source.edited()


def _is_line(text: str) -> bool:
    """Is what is inserted a statement of its own, as `keeping` writes it?"""
    return text.rstrip(" ").endswith(("\n", ";"))


def keeping(
    text: str, names: Names, name: str, expression: str, start: int, end: int, copied: bool
) -> list[Replacement]:
    """What keeps a value under a name: a line before a place in a statement, or the name for an expression in it.

    Args:
        text: of the statement.
        copied: a copy is kept.
    """
    if not expression:
        return [Replacement(start, start, f"({name} := "), Replacement(end, end, ")")]
    value = statement(expression, names)
    value = f"{names.copy}({value})" if copied else value
    margin = text[text.rfind("\n", 0, start) + 1 : start]
    break_ = "; " if margin.strip() else f"  # {KEPT}\n{margin}"
    return [Replacement(start, start, f"{name} = {value}{break_}")]


def definition(text: str, names: Names, replacements: Iterable[Replacement] = ()) -> str:
    """A function or class as it stands at module level: with the further arguments that it takes."""
    source = _renamed(text, names, replacements)
    for node in source.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and names.extra.get(node.name):
            source.edits.append(source.places.new_parameter(node, names.extra[node.name]))
    return source.edited()


def binding(text: str, names: Names, arguments: Sequence[str]) -> str:
    """What stands in a step for a function or class at module level: it binds variables to it."""
    source = _renamed(text, names, ())
    (node,) = source.tree.body
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    given = "".join(f", {argument}={argument}" for argument in arguments)
    if isinstance(node, ast.ClassDef):
        value = f"{names.bind}_class({names.unbound[node.name]}{given})"
    else:
        value = names.unbound[node.name]
        value = f"{names.bind}({value}{given})" if given else value
        for decorator in reversed(node.decorator_list):
            start, end = source.places.span(decorator)
            value = f"{statement(text[start:end], names)}({value})"
    return statement(f"{node.name} = {value}", replace(names, extra={}))


def bound(
    text: str, names: Names, replacements: Iterable[Replacement], arguments: Sequence[str], variables: Collection[str]
) -> str:
    """A function or class at module level, to which a step binds variables.

    Args:
        arguments: what a function takes besides its own arguments; variables: what a class reads.
    """
    source = Source(text)
    source.edits += [Edit(item.start, item.end, item.text) for item in replacements]
    (node,) = source.tree.body
    renaming = Renaming(names.state, names.state_name, names.extra, names.bind)
    if isinstance(node, ast.ClassDef):
        source.take_from_class(variables, CAPTURED, renaming)
        return source.edited()
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    source.rename(replace(renaming, state=names.state - {node.name}))
    if arguments:
        source.edits.append(source.places.new_parameter(node, arguments))
    edited = source.edited()
    (node,) = ast.parse(edited).body
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    if not node.decorator_list:
        return edited
    lines = edited.splitlines(keepends=True)
    first = min(decorator.lineno for decorator in node.decorator_list)
    return "".join([*lines[: first - 1], *lines[node.lineno - 1 :]])


def _renamed(text: str, names: Names, replacements: Iterable[Replacement]) -> Source:
    source = Source(text)
    source.edits += [Edit(item.start, item.end, item.text) for item in replacements]
    source.rename(Renaming(names.state, names.state_name, names.extra, names.bind))
    return source


def literal(value: str) -> str:
    """A Python literal of a JSON value."""
    return repr(json.loads(value))
