"""Numbers in the outputs that a notebook holds: which of them a `print` has written, where its other text tells.

Nothing is guessed: a line must match the text of the call, as often as such calls run in its cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from string import Formatter
from typing import TYPE_CHECKING, NamedTuple

from nbmde.notebooks.elements import is_code_cell, is_result, is_stream

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell

NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?"
_VALUE = re.compile(rf"(?:np\.float\d+\()?({NUMBER})\)?")
_PERCENT = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.\d+)?[a-zA-Z])")
_PLAIN = ("str", "float", "round")


class Hole(NamedTuple):
    """A place in a text where the value of an expression is written.

    Attributes:
        hundredfold: in per cent.
    """

    expression: ast.expr
    hundredfold: bool = False


Pieces = list[str | Hole]


class Line(NamedTuple):
    """The form of the line that a `print` writes: a pattern with a group for each expression."""

    pattern: str
    holes: Sequence[Hole]

    @property
    def speaks(self) -> bool:
        """Is there a word that tells it from other lines?"""
        return any(part.isalpha() for part in re.sub(r"\\.|\(.*?\)", "", self.pattern))


def line(call: ast.Call) -> Line | None:
    """Find the form of the line that a `print` writes; None where that is not to be told."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "file" in given or None in given or any(isinstance(one, ast.Starred) for one in call.args):
        return None
    between, end = (_text(given[name]) if name in given else plain for name, plain in (("sep", " "), ("end", "\n")))
    if between is None or end is None:
        return None
    pieces: Pieces = []
    for number, argument in enumerate(call.args):
        pieces += [*([between] if number else []), *_pieces(argument)]
    holes = [piece for piece in pieces if isinstance(piece, Hole)]
    parts = [re.escape(piece) if isinstance(piece, str) else r"(.*?)" for piece in [*pieces, end]]
    return Line("".join(parts), holes)


def number(text: str, hundredfold: bool = False) -> float | None:
    """The number that a text is."""
    found = _VALUE.fullmatch(text.strip().removesuffix("%").strip())
    if found is None:
        return None
    value = Decimal(found[1].replace(",", ""))
    return float(value / 100 if hundredfold else value)


def written(text: str, lines: Sequence[Line | None]) -> Iterator[list[str] | None]:
    """Read off a cell's whole text what each of some calls has written for its expressions."""
    for place, one in enumerate(lines):
        if one is None:
            yield None
            continue
        same = [number for number, other in enumerate(lines) if other is not None and other.pattern == one.pattern]
        if not one.speaks:
            whole = re.fullmatch(one.pattern, text) if len(lines) == 1 else None
            yield list(whole.groups()) if whole else None
            continue
        found = list(re.finditer(f"(?m:^){one.pattern}", text))
        yield list(found[same.index(place)].groups()) if len(found) == len(same) else None


def stdout(cell: Cell) -> str:
    """Return the text that a cell wrote to standard output when it was run last."""
    shown = cell.outputs if is_code_cell(cell) else ()
    return "".join(one.text for one in shown if is_stream(one) and one.name == "stdout")


def result(cell: Cell) -> str:
    """The value that a cell has shown at its end, as a text."""
    shown = cell.outputs if is_code_cell(cell) else ()
    data = [one for result in shown if is_result(result) for one in result.data]
    return next((one.text or "" for one in data if one.mimeType == "text/plain"), "")


def _pieces(node: ast.expr) -> Pieces:
    """Texts and expressions that an expression is put together of as a text."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [piece for part in node.values for piece in _pieces(part)]
    if isinstance(node, ast.FormattedValue):
        return [_hole(node.value, _text(node.format_spec) if node.format_spec else "")]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and (text := _text(node.left)) is not None:
        return _filled(text, node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [_pieces(node.left), _pieces(node.right)]
        if any(isinstance(piece, str) for side in sides for piece in side):
            return [*sides[0], *sides[1]]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        text = _text(node.func.value)
        if text is not None and not node.keywords and (pieces := _formatted(text, node.args)) is not None:
            return pieces
    return [_hole(node)]


def _hole(node: ast.expr, spec: str | None = "") -> Hole:
    """The place of an expression: rounded, or times 100, or formatted as per cent."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _PLAIN and node.args:
        node = node.args[0]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, ast.Constant) and one.value == 100:
                return Hole(other, hundredfold=True)
    return Hole(node, hundredfold=(spec or "").endswith("%"))


def _filled(text: str, values: ast.expr) -> Pieces:
    """A text with places for values in the older way."""
    given = iter(values.elts if isinstance(values, ast.Tuple) else [values])
    pieces: Pieces = []
    end = 0
    for found in _PERCENT.finditer(text):
        pieces.append(text[end : found.start()])
        value = next(given, None) if found[0] != "%%" else None
        pieces.append(_hole(value) if value is not None else "%" if found[0] == "%%" else "")
        end = found.end()
    return [*pieces, text[end:]]


def _formatted(text: str, values: Sequence[ast.expr]) -> Pieces | None:
    """A text with places for values in braces; None where it is none."""
    pieces: Pieces = []
    rest = iter(values)
    try:
        for before, field, spec, _ in Formatter().parse(text):
            pieces.append(before)
            if field is not None:
                pieces.append(_hole(values[int(field)] if field else next(rest), spec))
    except (ValueError, IndexError, StopIteration):
        return None
    return pieces


def _text(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in node.values):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
