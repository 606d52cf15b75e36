"""Where the expressions of an f-string stand in the source.

Before Python 3.12 the syntax tree does not say; and `{x=}` shows the source itself, which edits must not change.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from .rewrite import Places, apply
from .trees import children, walk

_LITERAL = re.compile(r"(?i:([rbuf]{0,2}))('''|\"\"\"|'|\")")
_BETWEEN = re.compile(r"(?:[\s()]|\\\n|#[^\n]*\n)*")


@dataclass
class Field:
    """One ``{expression=!r:format}``: offsets in the source.

    Attributes:
        start: of the opening brace.
        equals: of the sign that shows the source, or -1; after: where conversion, format or the closing brace begins.
        conversion: is there a ``!r`` or the like?
        nested: fields in the format.
    """

    start: int
    expression: tuple[int, int]
    equals: int = -1
    after: int = 0
    conversion: bool = False
    format: bool = False
    nested: list[Field] = field(default_factory=list)


def fields(source: str, start: int, end: int) -> list[Field]:
    """The fields of the string literals, one behind the other, between two offsets.

    Raises:
        ValueError: they cannot be read.
    """
    found: list[Field] = []
    position = start
    while position < end:
        match = _LITERAL.match(source, position)
        if match is None:
            raise ValueError(f"no string at offset {position}")
        position = match.end()
        if "f" in match[1].lower():
            position = _until_quote(source, position, match[2], "r" in match[1].lower(), found)
        else:
            position = _end_of_plain(source, position, match[2])
        between = _BETWEEN.match(source, position)
        position = between.end() if between else position
    return found


def _end_of_plain(source: str, position: int, quote: str) -> int:
    while not source.startswith(quote, position):
        position += 2 if source[position] == "\\" else 1
    return position + len(quote)


def _until_quote(source: str, position: int, quote: str, raw: bool, found: list[Field]) -> int:
    while not source.startswith(quote, position):
        if source.startswith(("{{", "}}"), position):
            position += 2
        elif source[position] == "{":
            one, position = _field(source, position)
            found.append(one)
        elif source.startswith("\\N{", position) and not raw:
            position = source.index("}", position) + 1
        elif source[position] == "\\" and source[position + 1] not in "{}":
            position += 2
        else:
            position += 1
    return position + len(quote)


def _field(source: str, start: int) -> tuple[Field, int]:
    position = start + 1
    depth = 0
    found = Field(start, (position, position))
    while True:
        character = source[position]
        match = _LITERAL.match(source, position)
        if match and (match[1] == "" or not source[position - 1].isalnum()):
            position = match.end()
            if "f" in match[1].lower():
                position = _until_quote(source, position, match[2], "r" in match[1].lower(), [])
            else:
                position = _end_of_plain(source, position, match[2])
            continue
        if character == "#":
            position = source.index("\n", position)
            continue
        if character in "([{":
            depth += 1
        elif depth and character in ")]}":
            depth -= 1
        elif not depth:
            if character == "=" and source[position + 1] == "=":
                position += 2
                continue
            if character in "!<>" and source[position + 1] == "=":
                position += 2
                continue
            if character in "=!:}":
                break
        position += 1
    found.expression = (start + 1, position)
    if source[position] == "=":
        found.equals = position
        position += 1
        while source[position].isspace():
            position += 1
    found.after = position
    if source[position] == "!":
        found.conversion = True
        while source[position] not in ":}":
            position += 1
    if source[position] == ":":
        found.format = True
        position += 1
        while source[position] != "}":
            if source[position] == "{":
                nested, position = _field(source, position)
                found.nested.append(nested)
            else:
                position += 1
    return found, position + 1


def in_quotes(expression: str, quote: str) -> str:
    """An expression whose texts stand in these quotes.

    Raises:
        ValueError: a text would need a backslash.
    """
    places, edits = Places(expression), []
    for part in walk(ast.parse(expression, mode="eval")):
        if isinstance(part, ast.Constant) and isinstance(part.value, (str, bytes)):
            text = part.value
            if not isinstance(text, str) or not text.isprintable() or set(text) & {quote, "\\"}:
                raise ValueError("the f-string has no place for a text with backslashes or quotes")
            edits.append(places.replace(part, f"{quote}{text}{quote}"))
    return apply(expression, edits)


def outer_strings(tree: ast.AST) -> Iterator[ast.JoinedStr]:
    """F-strings that are not part of another one."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.JoinedStr):
            yield node
        else:
            pending.extend(children(node))


def repair_positions(tree: ast.AST, source: str) -> None:
    """Gives the expressions in f-strings their positions in the source, where this Python does not.

    Args:
        tree: what ``source`` was parsed to; it is changed.

    Raises:
        ValueError: an f-string cannot be read.
    """
    if sys.version_info >= (3, 12):
        return
    from .rewrite import Places

    for string in outer_strings(tree):
        _repair(string, fields(source, *Places(source).span(string)), source)


def _repair(string: ast.JoinedStr, found: list[Field], source: str) -> None:
    from .cells import LineOffsets

    values = [value for value in string.values if isinstance(value, ast.FormattedValue)]
    if len(values) != len(found):
        raise ValueError("an f-string cannot be read")
    for value, place in zip(values, found, strict=True):
        start, end = place.expression
        text = source[start:end]
        before = source[:start]
        line, column = before.count("\n") + 1, len(before[before.rfind("\n") + 1 :].encode("utf-8", "surrogatepass"))
        parsed = ast.parse(f"({text}\n)", mode="eval").body
        inner = [part for part in walk(parsed) if hasattr(part, "lineno")]
        own = [part for part in walk(value.value) if hasattr(part, "lineno")]
        if len(inner) != len(own):
            raise ValueError("an f-string cannot be read")
        for here, there in zip(own, inner, strict=True):
            for which in ("", "end_"):
                row, col = getattr(there, f"{which}lineno"), getattr(there, f"{which}col_offset")
                setattr(here, f"{which}lineno", line + row - 1)
                setattr(here, f"{which}col_offset", col + (column - 1 if row == 1 else 0))
        for nested in outer_strings(value.value):
            _repair(nested, fields(source, *_span(nested, LineOffsets(source))), source)
        if isinstance(value.format_spec, ast.JoinedStr):
            _repair(value.format_spec, place.nested, source)


def _span(node: ast.expr, lines: object) -> tuple[int, int]:
    from .cells import LineOffsets

    assert isinstance(lines, LineOffsets)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return lines.offset(node.lineno, node.col_offset), lines.offset(node.end_lineno, node.end_col_offset)
