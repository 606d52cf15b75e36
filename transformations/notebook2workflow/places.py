"""Where a literal stands: the name that its place gives it, as an assignment, a keyword, a key or a call says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from nbmde.analysis.calls import CallResolver, CallTable
from nbmde.analysis.program import Unit

from .secrets import snake

_WRAPPERS = frozenset(["quote", "quote_plus", "SecretStr", "str"])  # functions that give back what they take
_PAIRS = frozenset(
    ["setdefault", "set_environment", "putenv", "getenv", "get", "add", "add_header", "set_password", "set"]
)
_ENVIRONMENT = frozenset(["set_environment", "putenv", "setdefault"])
_OPTION = re.compile(r"--[a-z][\w-]*")
_DATABASE = re.compile(r"(?:.*/)?(?:mysql|mariadb)\w*")
Place = tuple[str, bool]
"""A name, and whether an ordinary word can be a password there."""


class Given:
    """What literals are given to.

    Args:
        table: ``secrets.toml``.
        units: the whole notebook, of which the imports tell what its calls call.
    """

    def __init__(self, table: Mapping[str, Any], units: Iterable[Unit]) -> None:
        self.resolver = CallResolver(CallTable(table["calls"]))
        self.holder = re.compile(table["names"]["holder"])
        self.beside = re.compile(table["names"]["beside"])
        for unit in units:
            for node in unit.nodes:
                self.resolver.learn(node)

    def places(self, nodes: Iterable[ast.AST]) -> dict[tuple[int, ...], Place]:
        """The places of the literals in some statements, by `key`."""
        found: dict[tuple[int, ...], Place] = {}
        for node in nodes:
            for part in ast.walk(node):
                visit = getattr(self, f"_{type(part).__name__}", None)
                if visit is not None:
                    visit(part, found)
        return found

    # -- statements ----------------------------------------------------------------------------------------------
    def _Assign(self, node: ast.Assign, found: dict[tuple[int, ...], Place]) -> None:
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                if len(target.elts) == len(node.value.elts):
                    for one, value in zip(target.elts, node.value.elts, strict=True):
                        _give(found, _target(one), value, True)
            else:
                weak = not isinstance(target, ast.Subscript) or self._is_holder(_last(target.value))
                _give(found, _target(target), node.value, weak)
                if isinstance(node.value, ast.Dict) and self._is_holder(_last(target)):
                    self._entries(node.value, True, found)

    def _AnnAssign(self, node: ast.AnnAssign, found: dict[tuple[int, ...], Place]) -> None:
        _give(found, _target(node.target), node.value, True)

    def _NamedExpr(self, node: ast.NamedExpr, found: dict[tuple[int, ...], Place]) -> None:
        _give(found, _target(node.target), node.value, True)

    def _Compare(self, node: ast.Compare, found: dict[tuple[int, ...], Place]) -> None:
        if len(node.ops) == 1 and isinstance(node.left, (ast.Name, ast.Attribute)):
            _give(found, _target(node.left), node.comparators[0], False)

    def _arguments(self, node: ast.arguments, found: dict[tuple[int, ...], Place]) -> None:
        positional = [*node.posonlyargs, *node.args]
        for argument, default in zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True):
            _give(found, argument.arg, default, True)
        for argument, given in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            _give(found, argument.arg, given, True)

    # -- calls ---------------------------------------------------------------------------------------------------
    def _keyword(self, node: ast.keyword, found: dict[tuple[int, ...], Place]) -> None:
        if node.arg and "auth" in node.arg and isinstance(node.value, ast.Tuple) and len(node.value.elts) == 2:
            _give(found, "password", node.value.elts[1], True)
        else:
            _give(found, node.arg, node.value, True)

    def _Call(self, node: ast.Call, found: dict[tuple[int, ...], Place]) -> None:
        row = self.resolver.call(node).row
        for name in ("password", "token"):
            for position in row.get(name, ()):
                if position < len(node.args) and not any(isinstance(one, ast.Starred) for one in node.args):
                    _give(found, name, node.args[position], True)
        if row.get("token"):
            for keyword in node.keywords:
                if keyword.arg == "key":
                    _give(found, "token", keyword.value, True)
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr == "update" and self._is_holder(_last(called.value)):
            for argument in node.args:
                if isinstance(argument, ast.Dict):
                    self._entries(argument, True, found)
        if len(node.args) >= 2 and _last(node.func).endswith("BasicAuth"):
            _give(found, "password", node.args[1], True)
        elif len(node.args) >= 2 and _last(node.func) in _PAIRS:
            of_environment = _last(node.func) in _ENVIRONMENT
            _give(found, text_of(node.args[0]), node.args[-1], of_environment)

    def _List(self, node: ast.List, found: dict[tuple[int, ...], Place]) -> None:
        """The words of a command: what stands behind an option, and a password that is written to its option."""
        words = [text_of(word) or "" for word in node.elts]
        for option, word in pairwise(node.elts):
            name = text_of(option) or ""
            if _OPTION.fullmatch(name):
                _give(found, name.strip("-"), word, True)
        if words and _DATABASE.fullmatch(words[0]):
            for word, text in zip(node.elts, words, strict=True):
                if text.startswith("-p"):
                    _give(found, "password", word, True)

    def _Dict(self, node: ast.Dict, found: dict[tuple[int, ...], Place]) -> None:
        keys = [text_of(key) for key in node.keys]
        self._entries(node, any(self.beside.search(snake(key)) for key in keys if key), found)

    def _entries(self, node: ast.Dict, weak: bool, found: dict[tuple[int, ...], Place]) -> None:
        for one, value in zip(node.keys, node.values, strict=True):
            _give(found, text_of(one), value, weak)

    def _is_holder(self, name: str) -> bool:
        return bool(self.holder.search(snake(name)))


def _give(found: dict[tuple[int, ...], Place], name: str | None, value: ast.expr | None, weak: bool) -> None:
    """Gives a name to the literals that a value can be."""
    if not name or value is None:
        return
    parts: Sequence[ast.expr] = ()
    if isinstance(value, (ast.Constant, ast.JoinedStr)):
        found.setdefault(key(value), (name, weak))
    elif isinstance(value, ast.BoolOp):
        parts = value.values
    elif isinstance(value, ast.IfExp):
        parts = [value.body, value.orelse]
    elif isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        parts, weak = value.elts, False
    elif isinstance(value, ast.Call):
        if len(value.args) == 1 and _last(value.func) in _WRAPPERS:
            parts = value.args
        elif isinstance(value.func, ast.Attribute) and value.func.attr in ("encode", "strip"):
            parts = [value.func.value]
    for part in parts:
        _give(found, name, part, weak)


def key(node: ast.expr) -> tuple[int, ...]:
    """Where an expression is in its text."""
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def text_of(node: ast.expr | None) -> str | None:
    """The text of a literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _target(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return text_of(node.slice) if isinstance(node, ast.Subscript) else None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


__all__ = ["Given", "Place", "key", "text_of"]
