"""Edits source text in place, so that comments and layout stay."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from .cells import LineOffsets


@dataclass(frozen=True, order=True)
class Edit:
    """Replaces ``source[start:end]`` (offsets in characters) by ``text``."""

    start: int
    end: int
    text: str


def apply(source: str, edits: Iterable[Edit]) -> str:
    """Applies edits that do not overlap; insertions at one place keep their order.

    Raises:
        ValueError: where two edits overlap.
    """
    parts, position = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position:
            raise ValueError(f"edits overlap at offset {edit.start}")
        parts += [source[position : edit.start], edit.text]
        position = edit.end
    return "".join([*parts, source[position:]])


class Places:
    """Offsets of syntax nodes in the source that they were parsed from."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = LineOffsets(source)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias | ast.arg) -> tuple[int, int]:
        """First offset of a node and the offset behind it."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.lines.offset(node.lineno, node.col_offset), self.lines.offset(node.end_lineno, node.end_col_offset)

    def replace(self, node: ast.expr | ast.stmt | ast.arg, text: str) -> Edit:
        """Puts ``text`` in the place of a node."""
        return Edit(*self.span(node), text)

    def last_argument(self, call: ast.Call, text: str) -> list[Edit]:
        """Adds an argument at the end of a call."""
        close = self.span(call)[1] - 1
        only = [*call.args, *call.keywords]
        if len(only) == 1 and isinstance(only[0], ast.GeneratorExp) and self.span(only[0])[1] == close + 1:
            start = self.span(only[0])[0] + 1  # f(x for x in y): the generator needs brackets of its own now
            return [Edit(start, start, "("), Edit(close, close, f"), {text}")]
        inner = self.source[self.span(call.func)[1] : close]
        bare = "\n".join(line.split("#")[0] for line in inner.split("\n")).rstrip()
        separator = "" if not only else " " if bare.endswith(",") else ", "
        return [Edit(close, close, separator + text)]

    def new_parameter(self, function: ast.FunctionDef | ast.AsyncFunctionDef, names: Iterable[str]) -> Edit:
        """Adds keyword-only parameters to a function's definition."""
        arguments = function.args
        listed = ", ".join(names)
        if arguments.kwarg is not None:  # before **kwargs, which must stay last
            start = self.source.rindex("**", 0, self.span(arguments.kwarg)[0])
            star = "" if arguments.kwonlyargs or arguments.vararg else "*, "
            return Edit(start, start, f"{star}{listed}, ")
        star = "" if arguments.kwonlyargs or arguments.vararg else "*, "
        close = self._closing_bracket(function)
        inner = self.source[self.source.index("(", self.lines.offset(function.lineno, function.col_offset)) + 1 : close]
        bare = "\n".join(line.split("#")[0] for line in inner.split("\n")).rstrip()
        separator = "" if not bare.strip() or bare.endswith(",") else ", "
        return Edit(close, close, f"{separator}{star}{listed}")

    def _closing_bracket(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        """Offset of the bracket that closes the parameter list: the first one behind all parameters at depth one."""
        position = self.source.index("(", self.lines.offset(function.lineno, function.col_offset)) + 1
        arguments = function.args
        parts: list[ast.expr | ast.arg] = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        parts += [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
        parts += [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
        position = max([position, *(self.span(part)[1] for part in parts)])
        while self.source[position] != ")" or self._in_comment(position) or self._closes_default(position, function):
            position += 1
        return position

    def _in_comment(self, position: int) -> bool:
        line = self.source[self.source.rfind("\n", 0, position) + 1 : position]
        return "#" in line and not ('"' in line or "'" in line)

    def _closes_default(self, position: int, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """True for a bracket that closes a parenthesised default: what follows up to the body would not parse."""
        body = self.span(function.body[0])[0]
        rest = self.source[position + 1 : body].lstrip()
        return not rest.startswith((":", "->"))
