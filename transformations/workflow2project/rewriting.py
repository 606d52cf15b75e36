"""From a notebook's statement to a function's line: settings, shown values, state, further arguments of functions."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbmde.analysis.rewrite import Edit, Places, apply
from nbmde.analysis.scopes import declared_global, local_names, top_level_names


@dataclass
class Names:
    """What names stand for in the code that is generated.

    Attributes:
        state: names that are attributes of the state object; state_name: what it is called.
        extra: function at module level -> arguments that it takes besides its own.
        show: what the code calls the function that shows a value.
    locate: what the code calls the function that says where a file lies.
    """

    state: frozenset[str]
    state_name: str
    extra: Mapping[str, Sequence[str]]
    show: str
    locate: str


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
    tree = ast.parse(text)
    edits = [Edit(item.start, item.end, item.text) for item in replacements]
    places = Places(text)
    edits += _name_edits(tree, places, names)
    if echo and shown:
        return _applied(text, tree, places, edits) + "\n" + statement(shown, names, echo=True)
    if echo and tree.body and isinstance(tree.body[-1], ast.Expr):
        start, end = places.span(tree.body[-1])
        value = tree.body[-1].value
        open_, close = (
            ("((", "))")
            if isinstance(value, (ast.Tuple, ast.Yield)) and not text[start:].startswith("(")
            else ("(", ")")
        )
        if isinstance(value, ast.Tuple) and text[start:].startswith("("):
            open_, close = "((", "))"
        edits = [Edit(start, start, names.show + open_), *edits, Edit(end, end, close)]
    result = _applied(text, tree, places, edits)
    bound = [name for node in tree.body for name in _bound_by_definition(node) if name in names.state]
    return "\n".join([result, *(f"{names.state_name}.{name} = {name}" for name in bound)])


def definition(text: str, names: Names, replacements: Iterable[Replacement] = ()) -> str:
    """A function or class as it stands at module level: with the further arguments that it takes."""
    tree = ast.parse(text)
    places = Places(text)
    edits = [Edit(item.start, item.end, item.text) for item in replacements]
    edits += _name_edits(tree, places, names)
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and names.extra.get(node.name):
            edits.append(places.new_parameter(node, names.extra[node.name]))
    return _applied(text, tree, places, edits)


def _name_edits(tree: ast.AST, places: Places, names: Names) -> list[Edit]:
    edits: list[Edit] = []
    calls = {id(part.func): part for part in ast.walk(tree) if isinstance(part, ast.Call)}
    for name, _ in top_level_names(tree):
        if name.id in names.state:
            edits.append(places.replace(name, f"{names.state_name}.{name.id}"))
        elif name.id == "__name__" and isinstance(name.ctx, ast.Load):
            edits.append(places.replace(name, '"__main__"'))
        elif names.extra.get(name.id) and isinstance(name.ctx, ast.Load):
            arguments = ", ".join(f"{argument}={argument}" for argument in names.extra[name.id])
            call = calls.get(id(name))
            if call is not None:
                edits += places.last_argument(call, arguments)
            else:
                raise ValueError(f"the function {name.id} is passed on")
    for part in ast.walk(tree):
        if isinstance(part, ast.Global):
            kept = [name for name in part.names if name not in names.state]
            edits.append(
                places.replace(part, f"global {', '.join(kept)}" if kept and len(kept) < len(part.names) else "pass")
            )
    return edits


def _applied(text: str, tree: ast.Module, places: Places, edits: Sequence[Edit]) -> str:
    """Applies the edits; f-strings in which positions cannot be trusted (before Python 3.12) are written anew."""
    ordered = list(edits)
    for part in ast.walk(tree):
        if isinstance(part, ast.JoinedStr):
            inside = [name for name in ast.walk(part) if isinstance(name, ast.Name)]
            if any(text[slice(*places.span(name))] != name.id for name in inside):
                start, end = places.span(part)
                spans = {places.span(name) for name in inside} | {
                    places.span(call) for call in ast.walk(part) if isinstance(call, ast.Call)
                }
                wrong = [edit for edit in ordered if any(edit.start in (a, b, b - 1) for a, b in spans)]
                if wrong:
                    raise ValueError(f"the text {text[start:end]!r} cannot be edited")
    return apply(text, ordered)


def _bound_by_definition(node: ast.stmt) -> list[str]:
    """Names that a statement binds otherwise than through a name in the source."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    found: list[str] = []
    for block in ("body", "orelse", "finalbody"):
        for child in getattr(node, block, []):
            found += _bound_by_definition(child)
    for handler in getattr(node, "handlers", []):
        for child in handler.body:
            found += _bound_by_definition(child)
    return found


def literal(value: str) -> str:
    """A Python literal of a JSON value."""
    return repr(json.loads(value))


__all__ = ["Names", "Replacement", "declared_global", "definition", "literal", "local_names", "statement"]
