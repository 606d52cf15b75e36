"""Where a literal stands: the name that its place gives it, as an assignment, a keyword, a key or a call says.

Literals that the code puts together are one text to those who look for secrets.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import Any

from nbmde.notebooks.analysis.calls import CallResolver, CallTable
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.trees import walk

from .secrets import snake

_WRAPPERS = frozenset(["quote", "quote_plus", "SecretStr", "str"])  # functions that give back what they take
_PAIRS = frozenset(
    ["setdefault", "set_environment", "putenv", "getenv", "get", "add", "add_header", "set_password", "set", "option"]
)
_ENVIRONMENT = frozenset(["set_environment", "putenv", "setdefault", "getenv", "option"])
_CONVERSION = re.compile(r"%(?:\(\w*\))?[-+ #0]*[\d*]*(?:\.[\d*]+)?[diouxXeEfFgGcrsa%]")
_OPTION = re.compile(r"--[A-Za-z][\w-]*")
_DATABASE = re.compile(r"(?:.*/)?(?:mysql|mariadb)\w*")
_USER = re.compile(r"[\w.@+-]+:\S{3,}")  # with a password
Place = tuple[str, bool]
"""A name, and whether an ordinary word can be a password there."""
Composition = list[tuple[str, ast.Constant | None]]
"""Texts that the code puts together, with the literals that they are."""
UNKNOWN = "\uffff"  # stands for what no literal says


class Given:
    """The places that literals are given to.

    Args:
        table: ``secrets.toml``.
        units: the whole notebook, of which the imports tell what its calls call.
        speaks: whether a name can be one for a secret.
    """

    def __init__(self, table: Mapping[str, Any], units: Iterable[Unit], speaks: Callable[[str], bool]) -> None:
        self.resolver = CallResolver(CallTable(table["calls"]))
        self.holder = re.compile(table["names"]["holder"])
        self.beside = re.compile(table["names"]["beside"])
        self.speaks = speaks
        self.pair = re.compile(table["names"]["pair"])
        for unit in units:
            for node in unit.nodes:
                self.resolver.learn(node)

    def places(self, nodes: Iterable[ast.AST]) -> dict[tuple[int, ...], Place]:
        """The places of the literals in some statements, by `key`."""
        found: dict[tuple[int, ...], Place] = {}
        entries: dict[tuple[int, ...], Place] = {}  # whose own keys may say more
        for node in nodes:
            for part in walk(node):
                visit = getattr(self, f"_{type(part).__name__}", None)
                if visit is not None:
                    visit(part, found)
                if isinstance(part, ast.Assign) and isinstance(part.value, ast.Dict):
                    for value in part.value.values:
                        self._give(entries, _target(part.targets[0]), value, False)
        return found | {place: entries[place] for place in entries if not self.speaks(found.get(place, ("",))[0])}

    def literals(self, nodes: Sequence[ast.AST]) -> Iterator[tuple[ast.Constant, Place]]:
        """The literals in some statements that have a place."""
        places = self.places(nodes)
        for node in nodes:
            for part in walk(node):
                if isinstance(part, ast.Constant) and key(part) in places:
                    yield part, places[key(part)]

    # -- statements ----------------------------------------------------------------------------------------------
    def _Assign(self, node: ast.Assign, found: dict[tuple[int, ...], Place]) -> None:
        for target in node.targets:
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                if len(target.elts) == len(node.value.elts):
                    for one, value in zip(target.elts, node.value.elts, strict=True):
                        self._give(found, _target(one), value, True)
            else:
                weak = not isinstance(target, ast.Subscript) or self._is_holder(_last(target.value))
                self._give(found, _target(target), node.value, weak)
                if isinstance(node.value, ast.Dict) and self._is_holder(_last(target)):
                    self._entries(node.value, True, found)

    def _AnnAssign(self, node: ast.AnnAssign, found: dict[tuple[int, ...], Place]) -> None:
        self._give(found, _target(node.target), node.value, True)

    def _NamedExpr(self, node: ast.NamedExpr, found: dict[tuple[int, ...], Place]) -> None:
        self._give(found, _target(node.target), node.value, True)

    def _Compare(self, node: ast.Compare, found: dict[tuple[int, ...], Place]) -> None:
        for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
            if len(node.ops) == 1 and isinstance(one, (ast.Name, ast.Attribute)):
                self._give(found, _target(one), other, isinstance(one, ast.Name))

    def _arguments(self, node: ast.arguments, found: dict[tuple[int, ...], Place]) -> None:
        positional = [*node.posonlyargs, *node.args]
        for argument, default in zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True):
            self._give(found, argument.arg, default, True)
        for argument, given in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            self._give(found, argument.arg, given, True)

    # -- calls ---------------------------------------------------------------------------------------------------
    def _keyword(self, node: ast.keyword, found: dict[tuple[int, ...], Place]) -> None:
        self._give(found, node.arg, node.value, True)

    def _Call(self, node: ast.Call, found: dict[tuple[int, ...], Place]) -> None:
        row = self.resolver.call(node).row
        for name in ("password", "token"):
            for position in row.get(name, ()):
                if position < len(node.args) and not any(isinstance(one, ast.Starred) for one in node.args):
                    self._give(found, name, node.args[position], True)
        if row.get("token"):
            for keyword in node.keywords:
                if keyword.arg == "key":
                    self._give(found, "token", keyword.value, True)
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr == "update" and self._is_holder(_last(called.value)):
            for argument in node.args:
                if isinstance(argument, ast.Dict):
                    self._entries(argument, True, found)
        if len(node.args) == 1 and _last(node.func) == "b64encode" and _USER.fullmatch(_literal(node.args[0])):
            self._give(found, "password", node.args[0], True)
        if len(node.args) >= 2 and _last(node.func).lower().replace("_", "").endswith("basicauth"):
            self._give(found, "password", node.args[1], True)
        elif len(node.args) >= 2 and _last(node.func) in _PAIRS:
            self._give(found, text_of(node.args[0]), node.args[-1], self._of_environment(node.func))
        self._default(node, found)
        if isinstance(called, ast.Attribute) and called.attr == "send_keys" and isinstance(called.value, ast.Call):
            for sought in called.value.args:  # a field of a form
                for argument in node.args:
                    self._give(found, text_of(sought), argument, True)

    def _default(self, node: ast.Call, found: dict[tuple[int, ...], Place]) -> None:
        """Note the default values of settings and of a command's options."""
        names = [text_of(argument) or "" for argument in node.args]
        options = [name for name in names if _OPTION.fullmatch(name)]
        if options or (names and _last(node.func) in _PAIRS):
            for keyword in node.keywords:
                if keyword.arg == "default":
                    weak = bool(options) or self._of_environment(node.func)
                    name = options[0].strip("-") if options else names[0]
                    found.pop(key(keyword.value), None)
                    self._give(found, name, keyword.value, weak)

    def _of_environment(self, called: ast.expr) -> bool:
        """Does a function read or set a variable of the environment, or a setting?"""
        owner = _last(called.value) if isinstance(called, ast.Attribute) else ""
        return _last(called) in _ENVIRONMENT or self._is_holder(owner)

    def _List(self, node: ast.List, found: dict[tuple[int, ...], Place]) -> None:
        """The words of a command: what stands behind an option, and a password that is written to its option."""
        words = [text_of(word) or "" for word in node.elts]
        for option, word in pairwise(node.elts):
            name = text_of(option) or ""
            if _OPTION.fullmatch(name):
                self._give(found, name.strip("-"), word, True)
        if words and _DATABASE.fullmatch(words[0]):
            for word, text in zip(node.elts, words, strict=True):
                if text.startswith("-p"):
                    self._give(found, "password", word, True)

    def _Dict(self, node: ast.Dict, found: dict[tuple[int, ...], Place]) -> None:
        keys = [text_of(key) for key in node.keys]
        self._entries(node, any(self.beside.search(snake(key)) for key in keys if key), found)

    def _entries(self, node: ast.Dict, weak: bool, found: dict[tuple[int, ...], Place]) -> None:
        for one, value in zip(node.keys, node.values, strict=True):
            self._give(found, text_of(one), value, weak)

    def _is_holder(self, name: str) -> bool:
        return bool(self.holder.search(snake(name)))

    def _give(self, found: dict[tuple[int, ...], Place], name: str | None, value: ast.expr | None, weak: bool) -> None:
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
        elif isinstance(value, (ast.List, ast.Tuple)) and self._is_pair(name, value):
            name, parts, weak = "password", value.elts[1:], True
        elif isinstance(value, (ast.List, ast.Tuple, ast.Set)):
            parts, weak = value.elts, False
        elif isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            parts = _operands(value)
            weak = weak and all(isinstance(part, ast.Constant) for part in parts)
        elif isinstance(value, ast.Call):
            if len(value.args) == 1 and _last(value.func) in _WRAPPERS:
                parts = value.args
            elif isinstance(value.func, ast.Attribute) and value.func.attr in ("encode", "strip"):
                parts = [value.func.value]
        for part in parts:
            self._give(found, name, part, weak)

    def _is_pair(self, name: str, value: ast.List | ast.Tuple) -> bool:
        """Is this a user with a password?"""
        return len(value.elts) == 2 and bool(self.pair.search(snake(name))) and text_of(value.elts[1]) is not None


def compositions(nodes: Iterable[ast.AST]) -> Iterator[Composition]:
    """Literals that code joins, formats or passes to a command in a row, each with what stands around it."""
    for node in nodes:
        inner: set[ast.AST] = set()
        for part in walk(node):
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add) and part not in inner:
                inner.update(walk(part))
                yield _pieces(part)
            elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mod):
                template = text_of(part.left)
                values = part.right.elts if isinstance(part.right, ast.Tuple) else [part.right]
                if template is not None:
                    yield _between(_CONVERSION.split(template), values)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "format":
                template = text_of(part.func.value)
                if template is not None:
                    yield _formatted(template, part)
            elif isinstance(part, ast.List) and len(part.elts) > 1:
                yield _between(["", *[" "] * (len(part.elts) - 1)], part.elts)


def _formatted(template: str, call: ast.Call) -> Composition:
    """The pieces of a text and what `str.format` puts between them."""
    named: dict[str, ast.expr] = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    named |= {str(position): value for position, value in enumerate(call.args)}
    texts: list[str] = []
    values: list[ast.expr] = []
    try:
        for number, (text, field, _, _) in enumerate(string.Formatter().parse(template)):
            texts.append(text)
            if field is not None:
                values.append(named.get(field or str(number), call))
    except ValueError:
        return []
    return _between(texts, values)


def _between(texts: Sequence[str], values: Sequence[ast.expr]) -> Composition:
    """Texts, with a value behind each of them."""
    found: Composition = []
    for text, value in zip_longest(texts, values):
        found += [(text or "", None)] + (_pieces(value) if value is not None else [])
    return found


def _operands(node: ast.expr) -> list[ast.expr]:
    """Return the operands of a sum, however it is nested."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_operands(node.left), *_operands(node.right)]
    return [node]


def _pieces(node: ast.expr) -> Composition:
    """The literals that are added up."""
    found: Composition = []
    for one in _operands(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            found.append((one.value, one))
        elif isinstance(one, ast.JoinedStr):
            found.append(("".join(text_of(value) or UNKNOWN for value in one.values), None))
        else:
            found.append((UNKNOWN, None))
    return found


def key(node: ast.expr) -> tuple[int, ...]:
    """Where an expression is in its text."""
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def text_of(node: ast.expr | None) -> str | None:
    """The text of a literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _literal(node: ast.expr) -> str:
    """The text of a literal, or of one that is encoded."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
        return text_of(node.func.value) or ""
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return node.value.decode("utf-8", "replace")
    return text_of(node) or ""


def _target(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return text_of(node.slice) if isinstance(node, ast.Subscript) else None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


__all__ = ["Given", "Place", "compositions", "key", "text_of"]
