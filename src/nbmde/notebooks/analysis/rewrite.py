"""Edits source text in place, so that comments and layout stay."""

from __future__ import annotations

import ast
import io
import tokenize
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
        only: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
        if len(only) == 1 and isinstance(only[0], ast.GeneratorExp) and self.span(only[0])[1] == close + 1:
            start = self.span(only[0])[0] + 1  # f(x for x in y): the generator needs brackets of its own now
            return [Edit(start, start, "("), Edit(close, close, f"), {text}")]
        if not only:
            return [Edit(close, close, text)]
        comma = self._ends_with_comma(max(self.span(part)[1] for part in only), close)
        return [Edit(close, close, f"{' ' if comma else ', '}{text}")]

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
        parts = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        ends = [self.span(part)[1] for part in (*parts, *([arguments.vararg] if arguments.vararg else []))]
        ends += [self.span(default)[1] for default in (*arguments.defaults, *arguments.kw_defaults) if default]
        separator = "" if not ends else " " if self._ends_with_comma(max(ends), close) else ", "
        return Edit(close, close, f"{separator}{star}{listed}")

    def _ends_with_comma(self, start: int, close: int) -> bool:
        """Is a comma the last thing but comments before a closing bracket? No strings are between the two offsets."""
        code = "".join(line.split("#")[0] for line in self.source[start:close].split("\n"))
        return code.rstrip().endswith(",")

    def _closing_bracket(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
        """Offset of the bracket behind the parameters."""
        start = self.lines.offset(function.lineno, function.col_offset)
        depth, opened = 0, False
        for token in tokenize.generate_tokens(io.StringIO(self.source[start:]).readline):
            if token.type == tokenize.OP and token.string in "([{":
                depth += 1
                opened = opened or (depth == 1 and token.string == "(")
            elif token.type == tokenize.OP and token.string in ")]}":
                depth -= 1
                if depth == 0 and opened:
                    return self._behind(start, token.start)
        raise ValueError(f"the parameters of {function.name} cannot be found")

    def _behind(self, start: int, position: tuple[int, int]) -> int:
        """The offset of a token of the source from ``start`` on."""
        row, column = position
        for _ in range(row - 1):
            start = self.source.index("\n", start) + 1
        return start + column
