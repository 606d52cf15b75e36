"""Cuts the Python source of a cell into its top-level statements, with the comments that belong to each."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class SourceStatement:
    """One top-level statement.

    Attributes:
        text: its source with the comment lines above it and the comment behind it; no newline at the end.
        node: its syntax tree; line numbers are those of the cell.
        first_line, last_line: where it stands in the cell, from 1, without the comments above.
        silenced: True where a semicolon behind it keeps a notebook from showing its value.
    """

    text: str
    node: ast.stmt
    first_line: int
    last_line: int
    silenced: bool


def statements(source: str) -> list[SourceStatement]:
    """Top-level statements of ``source`` in order. Comments behind the last statement go with it.

    Args:
        source: Python with line feeds as line ends.

    Raises:
        SyntaxError: where ``source`` is not Python.
    """
    nodes = ast.parse(source).body
    if not nodes:
        return []
    lines = LineOffsets(source)
    starts = [lines.offset(*_start(node)) for node in nodes]
    ends = [lines.offset(node.end_lineno or node.lineno, node.end_col_offset or 0) for node in nodes]
    found = []
    cut = 0
    for index, node in enumerate(nodes):
        limit = starts[index + 1] if index + 1 < len(nodes) else len(source)
        begin = cut
        gap = source[ends[index] : limit]
        semicolon, tail = _behind(gap)
        last = index + 1 == len(nodes)
        same_line = not last and "\n" not in gap
        cut = limit if last or same_line else ends[index] + tail
        text = source[begin : ends[index]].lstrip(" \t;") if index else source[begin : ends[index]]
        comment = "" if same_line else gap[: cut - ends[index]].lstrip("; \t")
        text = _tidy(text) + (("  " if comment.startswith("#") else "") + comment.rstrip() if comment.strip() else "")
        first = _start(node)[0]
        found.append(SourceStatement(text.rstrip(), node, first, node.end_lineno or first, semicolon))
    return found


def _start(node: ast.stmt) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    if decorators:
        return decorators[0].lineno, max(0, decorators[0].col_offset - 1)
    return node.lineno, node.col_offset


def _tidy(text: str) -> str:
    """Without blank lines at the start."""
    lines = text.split("\n")
    while len(lines) > 1 and not lines[0].strip():
        lines.pop(0)
    return "\n".join(lines)


def _behind(gap: str) -> tuple[bool, int]:
    """For the text between two statements: is there a semicolon, and how far does the first one's own line reach?"""
    line, newline, _ = gap.partition("\n")
    code, _, _ = line.partition("#")
    return ";" in code, len(line) + len(newline)


class LineOffsets:
    """Character offsets of (line, column in UTF-8 bytes), as `ast` counts them."""

    def __init__(self, source: str) -> None:
        self.lines = [line + "\n" for line in source.split("\n")]
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        text = self.lines[line - 1]
        if text.isascii():
            return self.starts[line - 1] + column
        return self.starts[line - 1] + len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))


def string_lines(source: str) -> set[int]:
    """Lines (from 1) that begin inside a string literal and so must not be indented."""
    inside: set[int] = set()
    f_string_start: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        if name in ("FSTRING_START", "TSTRING_START"):
            f_string_start.append(token.start[0])
        elif name in ("FSTRING_END", "TSTRING_END"):
            inside.update(range(f_string_start.pop() + 1, token.end[0] + 1))
        elif token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return inside


def indent(source: str, prefix: str = "    ") -> str:
    """Indents Python code without changing its strings."""
    kept = string_lines(source)
    lines = source.split("\n")
    return "\n".join(
        line if number in kept or not line.strip() else prefix + line for number, line in enumerate(lines, 1)
    )


def dedent(source: str, body: Sequence[ast.stmt]) -> str:
    """The statements of a block, as they stand in ``source``, as statements of the top level; comments go with them."""
    lines = LineOffsets(source)
    first, last = body[0], body[-1]
    line, column = _start(first)
    start = lines.offset(line, column)
    end = lines.offset(last.end_lineno or last.lineno, last.end_col_offset or 0)
    prefix = source[lines.starts[line - 1] : start]
    if prefix.strip():  # behind a colon
        return source[start:end]
    inside = string_lines(source)
    kept = []
    for number, text in enumerate(source[lines.starts[line - 1] : end].split("\n"), line):
        kept.append(text if number in inside else text.removeprefix(prefix))
    return "\n".join(kept)
