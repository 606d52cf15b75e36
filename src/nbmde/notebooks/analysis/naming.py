"""Where the text of a statement says names of the top level, so that others can take their places."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from .renaming import Source
from .rewrite import Edit
from .scopes import name_of_import, top_level_names
from .trees import walk

KEPT = 4096  # texts whose names are kept; a notebook has some hundred
_DEFINES = r"(?:async(?:\s|\\\n)+)?(?:def|class)(?:\s|\\\n)+"


@dataclass
class Named:
    """Where a text says one name of the top level; offsets in characters.

    Attributes:
        places: where it stands.
        imported: behind the names of what imports bind under their own names: another one follows with ``as``.
        fixed: why no other name can stand there; empty where one can.
    """

    places: list[int] = field(default_factory=list)
    imported: list[int] = field(default_factory=list)
    fixed: str = ""


@lru_cache(maxsize=KEPT)
def named(text: str) -> Mapping[str, Named]:
    """The names of the top level that code says, in the order of their first places; nobody may change them.

    Raises:
        SyntaxError: it is no Python.
    """
    return _Naming(text).found


@lru_cache(maxsize=KEPT)
def identifiers(text: str) -> frozenset[str]:
    """Every name that code binds or reads, in whatever scope; attributes and keywords of calls are none.

    What is no Python has none.
    """
    found: set[str] = set()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return frozenset()
    for node in walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.split(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
    return frozenset(found)


def with_names(text: str, others: Mapping[str, str]) -> str:
    """Code in which names of the top level have become others.

    Args:
        others: name -> what stands in its place.

    Raises:
        SyntaxError: it is no Python.
        ValueError: one of them cannot be another one here; the message says why.
    """
    found = {name: one for name, one in named(text).items() if name in others}
    for one in found.values():
        if one.fixed:
            raise ValueError(one.fixed)
    return edited(text, [edit for name, one in found.items() for edit in edits(name, one, others[name])])


def edits(name: str, found: Named, other: str) -> list[Edit]:
    """List the edits that put another name in the places of one."""
    own = [Edit(place, place + len(name), other) for place in found.places]
    return own + [Edit(place, place, f" as {other}") for place in found.imported]


def edited(text: str, changes: list[Edit]) -> str:
    """Code with edits; f-strings that show their source go on showing the original one."""
    if not changes:
        return text
    source = Source(text)
    source.edits += changes
    return source.edited()


class _Naming:
    """Finds the places of names in one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[str, Named] = {}
        try:
            source = Source(text)
        except ValueError as error:  # an f-string that cannot be read
            for name in identifiers(text):
                self._fix(name, str(error))
            return
        self.places = source.places
        for occurrence in top_level_names(source.tree):
            self._see(occurrence.node, occurrence.name)
        if "global" in text:
            for node in walk(source.tree):
                if isinstance(node, ast.Global):
                    self._declared(node)

    def _of(self, name: str) -> Named:
        return self.found.setdefault(name, Named())

    def _fix(self, name: str, why: str) -> None:
        self._of(name).fixed = why

    def _put(self, name: str, start: int) -> None:
        if self.text.startswith(name, start):
            self._of(name).places.append(start)
        else:  # another spelling of the same identifier, or private to a class
            self._fix(name, f"{name} is spelled otherwise in the text")

    def _see(self, node: ast.AST, name: str) -> None:
        if isinstance(node, ast.Name):
            self._put(name, self.places.span(node)[0])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            match = re.compile(_DEFINES).match(self.text, self.places.span(node)[0])
            self._put(name, match.end() if match else -1)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._imported(node, name)
        elif isinstance(node, ast.ExceptHandler) and node.type is not None:
            self._behind(name, r"\bas(?:\s|\\\n)+", self.places.span(node.type)[1])
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)):
            self._put(name, self.places.lines.offset(node.end_lineno, node.end_col_offset) - len(name))
        else:
            self._fix(name, f"{name} is bound by a pattern")

    def _behind(self, name: str, before: str, start: int) -> None:
        match = re.compile(before + re.escape(name) + r"\b").search(self.text, start)
        self._put(name, match.end() - len(name) if match else -1)

    def _imported(self, node: ast.Import | ast.ImportFrom, name: str) -> None:
        for alias in node.names:
            if alias.name == "*" or name_of_import(node, alias) != name:
                continue
            end = self.places.span(alias)[1]
            if alias.asname:
                self._put(name, end - len(name))
            elif alias.name == name:
                if end not in self._of(name).imported:
                    self._of(name).imported.append(end)
            else:
                self._fix(name, f"import {alias.name} binds {name}, and no other name")

    def _declared(self, node: ast.Global) -> None:
        start, end = self.places.span(node)
        for name in node.names:
            matches = re.finditer(rf"\b{re.escape(name)}\b", self.text[start:end])
            for match in matches:
                self._put(name, start + match.start())
