"""From a notebook's statement to a function's line: settings, shown values, state, further arguments of functions."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbmde.notebooks.analysis.naming import identifiers
from nbmde.notebooks.analysis.renaming import Renaming, Source
from nbmde.notebooks.analysis.rewrite import Edit
from nbmde.notebooks.analysis.trees import walk

CAPTURED = "_captured"
"""The name, in a class to which values are bound, of the object that holds them."""
KEPT = "for the service, as it is here"


@dataclass
class Names:
    """The meanings of names in the code that is generated.

    Attributes:
        state: names that are attributes of the state object; state_name: what it is called.
        extra: function at module level -> arguments that it takes besides its own.
        classes: names of classes.
        bind: what the code calls the function that binds arguments to a function which is passed on.
        show: what the code calls the function that shows a value.
        locate: what the code calls the function that says where a file lies.
        copy: what the code calls the function that copies an object and all that it holds.
    """

    state: frozenset[str]
    state_name: str
    extra: Mapping[str, Sequence[str]]
    classes: frozenset[str]
    show: str
    locate: str
    bind: str
    copy: str


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
    replacements = list(replacements)
    if not (echo or replacements or _renames(text, names)):
        return text
    source = _renamed(text, names, replacements)
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
    """Make the replacements that keep a value: a line before a place in a statement, or a name for an expression in it.

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


def definition(
    text: str,
    names: Names,
    replacements: Iterable[Replacement] = (),
    captured: Collection[str] = (),
    called: Mapping[str, str] | None = None,
) -> str:
    """A function or class as it stands at module level: with the further arguments that it takes.

    Args:
        captured: variables that methods of a class need.
        called: what the module calls definitions that the code calls otherwise.
    """
    source = Source(text)
    source.edits += [Edit(item.start, item.end, item.text) for item in replacements]
    if captured and isinstance(source.tree.body[0], ast.ClassDef):
        source.take_from_class(captured, CAPTURED, _renaming(names))
    else:
        source.rename(_renaming(names))
        for node in source.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and names.extra.get(node.name):
                source.edits.append(source.places.new_parameter(node, names.extra[node.name]))
    edited = source.edited()
    return _called(edited, called) if called else edited


def _called(text: str, names: Mapping[str, str]) -> str:
    """Code in which definitions have other names."""
    source = Source(text)
    for part in walk(source.tree):
        if isinstance(part, ast.Name) and part.id in names:
            source.edits.append(source.places.replace(part, names[part.id]))
    (node,) = source.tree.body
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name in names:
        start = source.text.index(node.name, source.places.span(node)[0])
        source.edits.append(Edit(start, start + len(node.name), names[node.name]))
    return source.edited()


def _renaming(names: Names) -> Renaming:
    return Renaming(names.state, names.state_name, names.extra, names.bind, names.classes)


def _renames(text: str, names: Names) -> bool:
    """May there be something to rename in code?"""
    found = identifiers(text)
    return (
        "global" in text
        or "__name__" in found
        or not found.isdisjoint(names.state)
        or not found.isdisjoint(names.extra)
    )


def _renamed(text: str, names: Names, replacements: Iterable[Replacement]) -> Source:
    source = Source(text)
    source.edits += [Edit(item.start, item.end, item.text) for item in replacements]
    source.rename(_renaming(names))
    return source


def literal(value: str) -> str:
    """A Python literal of a JSON value."""
    return repr(json.loads(value))
