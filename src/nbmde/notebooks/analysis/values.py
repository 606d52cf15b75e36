"""Values that expressions write out, with their types: as JSON, which a model holds, and as Python.

A type is an annotation of builtins, ``Any``, ``date`` and ``datetime``: ``int | None``, ``dict[str, float]``. A tuple
and a set are a list in JSON, a date is text in the form of ISO 8601.
"""

from __future__ import annotations

import ast
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Dotted = Callable[[ast.expr], str | None]
"""Gives the dotted name of a module's member, or None for anything else."""

LARGEST = 2**53  # whole numbers beyond are not the same in every reader of JSON

_DATES: dict[str, type[date]] = {"datetime.date": date, "datetime.datetime": datetime}
_SCALARS = ("int", "float", "bool", "str")
_CONTAINERS = {name: name.lower() for name in ("list", "List", "tuple", "Tuple", "set", "Set", "dict", "Dict")}
_WHOLE = {"list": "list[Any]", "tuple": "tuple[Any, ...]", "set": "set[Any]", "dict": "dict[str, Any]"}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip


@dataclass(frozen=True)
class Value:
    """A value that is known.

    Attributes:
        data: as JSON has it.
        type: its own type, as an annotation.
    """

    data: Any
    type: str


def scalar(node: ast.expr) -> Any:
    """The value of a literal number, text or truth value; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = scalar(node.operand)
        return -value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float, str)):
        return node.value if _in_json(node.value) else None
    return None


def _in_json(value: bool | float | str) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) < LARGEST


def value(node: ast.expr, dotted: Dotted) -> Value | None:
    """The value of an expression of literals, numbers with operators between them, and dates; None for any other."""
    if isinstance(node, ast.Constant) and node.value is None:
        return Value(None, "None")
    known = scalar(node) if not isinstance(node, ast.BinOp) else _number(node)
    if known is not None:
        return Value(known, type(known).__name__)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _sequence(node, dotted)
    if isinstance(node, ast.Dict):
        return _dictionary(node, dotted)
    return _date(node, dotted) if isinstance(node, ast.Call) else None


def _number(node: ast.expr) -> int | float | None:
    """The value of numbers with operators between them."""
    if not isinstance(node, ast.BinOp):
        found = scalar(node)
        return found if type(found) in (int, float) else None
    left, right, combine = _number(node.left), _number(node.right), _ARITHMETIC.get(type(node.op))
    if left is None or right is None or combine is None or (isinstance(node.op, ast.Pow) and abs(right) > 64):
        return None
    with suppress(ArithmeticError):
        found = combine(left, right)
        return found if type(found) in (int, float) and _in_json(found) else None
    return None


def _sequence(node: ast.List | ast.Tuple | ast.Set, dotted: Dotted) -> Value | None:
    items = [value(item, dotted) for item in node.elts]
    known = [item for item in items if item is not None]
    if len(known) < len(items):
        return None
    types = [item.type for item in known]
    data = [item.data for item in known]
    if isinstance(node, ast.Tuple):
        return Value(data, f"tuple[{', '.join(_union([name]) for name in types)}]" if types else "tuple[Any, ...]")
    return Value(data, f"{'list' if isinstance(node, ast.List) else 'set'}[{_union(types)}]")


def _dictionary(node: ast.Dict, dotted: Dotted) -> Value | None:
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    values = [value(item, dotted) for item in node.values]
    known = [item for item in values if item is not None]
    if len(known) < len(values) or not all(isinstance(key, str) for key in keys):
        return None
    data = {str(key): item.data for key, item in zip(keys, known, strict=True)}
    return Value(data, f"dict[str, {_union(item.type for item in known)}]")


def _date(node: ast.Call, dotted: Dotted) -> Value | None:
    name = dotted(node.func) or ""
    arguments = [scalar(argument) for argument in node.args]
    keywords = {keyword.arg or "": scalar(keyword.value) for keyword in node.keywords}
    if name not in _DATES or not all(type(part) is int for part in (*arguments, *keywords.values())):
        return None
    with suppress(TypeError, ValueError):
        return Value(_DATES[name](*arguments, **keywords).isoformat(), _DATES[name].__name__)
    return None


def _union(types: Iterable[str]) -> str:
    """One annotation for several values; it has each kind of container once, for the check goes by the kind."""
    found = dict.fromkeys(types)
    if list(found) == ["None"]:
        return "Any"  # nothing is known of what else it can be
    kinds = Counter(name.partition("[")[0] for name in found)
    whole = [_WHOLE.get(kind, name) if kinds[kind := name.partition("[")[0]] > 1 else name for name in found]
    return " | ".join(sorted(dict.fromkeys(whole), key=lambda name: name == "None")) or "Any"


def joined(one: str, other: str) -> str:
    """The annotation for what is of one type or of the other."""
    return _union(part for name in (one, other) for part in _options(name))


def annotation(node: ast.expr, dotted: Dotted) -> str:
    """An annotation in the form of this module; empty for one that names other types."""
    try:
        return _annotated(node, dotted)
    except (ValueError, SyntaxError):
        return ""


def _annotated(node: ast.expr, dotted: Dotted) -> str:
    """As `annotation`.

    Raises:
        ValueError, SyntaxError: it names other types.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _annotated(ast.parse(node.value.strip(), mode="eval").body, dotted)
    if isinstance(node, ast.Constant) and node.value is None:
        return "None"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return joined(_annotated(node.left, dotted), _annotated(node.right, dotted))
    name = (dotted(node.value if isinstance(node, ast.Subscript) else node) or "").removeprefix("typing.")
    if not isinstance(node, ast.Subscript):
        if name in _CONTAINERS:
            return _WHOLE[_CONTAINERS[name]]
        if name in _SCALARS or name == "Any":
            return name
        return _DATES[name].__name__ if name in _DATES else _unknown(name)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    inner = ["..." if _is_ellipsis(part) else _annotated(part, dotted) for part in parts]
    if name == "Optional":
        return joined(inner[0], "None")
    if name == "Union":
        return _union(part for name in inner for part in _options(name))
    return f"{_CONTAINERS[name]}[{', '.join(inner)}]" if name in _CONTAINERS else _unknown(name)


def _unknown(name: str) -> str:
    raise ValueError(name)


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def fits(data: Any, type_: str) -> bool:
    """Is a value in JSON, with nothing converted, one of a type?"""
    try:
        return any(_fits(data, ast.parse(option, mode="eval").body) for option in _options(type_))
    except SyntaxError:
        return False


def _fits(data: Any, node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        inner = [ast.unparse(part) for part in parts]
        kind = ast.unparse(node.value)
        if kind == "dict":
            return isinstance(data, dict) and len(inner) == 2 and all(fits(item, inner[1]) for item in data.values())
        if kind not in ("list", "set", "tuple") or not isinstance(data, list):
            return False
        if kind == "tuple" and inner[-1] != "...":
            return len(inner) == len(data) and all(map(fits, data, inner))
        return all(fits(item, inner[0]) for item in data)
    name = ast.unparse(node)
    if name in ("date", "datetime"):
        return isinstance(data, str) and _as_date(data, name) is not None
    return name == "Any" or type(data).__name__ == name or (data is None and name == "None")


def _options(type_: str) -> list[str]:
    """The parts of a union."""
    node = ast.parse(type_, mode="eval").body
    found: list[str] = []
    while isinstance(node, ast.BinOp):
        found.insert(0, ast.unparse(node.right))
        node = node.left
    return [ast.unparse(node), *found]


def plain(data: Any, type_: str) -> Any:
    """The value in Python for data in JSON: dates where the type says so; a tuple and a set stay lists."""
    option = next((part for part in _options(type_) if fits(data, part)), "Any")
    node = ast.parse(option, mode="eval").body
    if isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        inner = [ast.unparse(part) for part in parts]
        if isinstance(data, dict):
            return {key: plain(item, inner[-1]) for key, item in data.items()}
        each = inner if len(inner) == len(data) and "..." not in inner else inner[:1] * len(data)
        return [plain(item, name) for item, name in zip(data, each, strict=True)]
    return _as_date(data, option) if option in ("date", "datetime") else data


def _as_date(text: str, name: str) -> date | None:
    kind = date if name == "date" else datetime
    with suppress(ValueError):
        return kind.fromisoformat(text) if kind.fromisoformat(text).isoformat() == text else None
    return None
