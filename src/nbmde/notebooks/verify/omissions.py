"""Silences, in a notebook's kernel, the expressions that its project does not have: what they print is not compared.

Plain Python 3.8 and its standard library alone, loaded by its path like `digest.py` beside it. Everything else in the
same cell prints and shows as ever.
"""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN, END = "__nbmde_omitted__", "__nbmde_kept__"


class Omissions(ast.NodeTransformer):
    """A transformer of IPython's for the code of cells."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}  # by the dump of an expression
        self.silenced: list[Any] = []  # the streams that are replaced
        self.printed: set[int] = set()
        setattr(builtins, BEGIN, self.begin)
        setattr(builtins, END, self.end)

    def start(self, texts: Sequence[str]) -> None:
        """Begins with a cell, of which some expressions are left out."""
        self.numbers = {ast.dump(ast.parse(text, mode="eval").body): number for number, text in enumerate(texts)}
        self.printed = set()

    def stop(self) -> list[int]:
        """Ends with a cell: the numbers of the expressions that printed something."""
        while self.silenced:
            self.end()
        return sorted(self.printed)

    def visit_Expr(self, node: ast.Expr) -> Any:
        """A statement: its value is not shown."""
        number = self._number(node.value)
        if number is None:
            return self.generic_visit(node)
        return ast.copy_location(ast.Expr(self._silent(node.value, number, "({}({}), None, {}(), None)[3]")), node)

    def visit_Call(self, node: ast.Call) -> Any:
        """Inside a statement, the value is needed."""
        number = self._number(node)
        if number is None:
            return self.generic_visit(node)
        return self._silent(node, number, "({}({}), None, {}())[1]")

    def _number(self, node: ast.expr) -> Any:
        return self.numbers.get(ast.dump(node)) if self.numbers else None

    def _silent(self, node: ast.expr, number: int, form: str) -> Any:
        """An expression with what silences it around; it is evaluated in the same frame as before."""
        around: Any = ast.parse(form.format(BEGIN, number, END), mode="eval").body
        around.value.elts[1] = node
        for part in ast.walk(around):
            if part is not node and "lineno" in part._attributes:
                ast.copy_location(part, node)
        return around

    def begin(self, number: int) -> None:
        """Silences what follows."""
        self.silenced.append((sys.stdout, sys.stderr))
        sys.stdout = sys.stderr = _Silence(self, number)

    def end(self) -> None:
        """Ends the silence that began last."""
        if self.silenced:
            sys.stdout, sys.stderr = self.silenced.pop()


class _Silence:
    """A text stream that only tells whether something was written to it."""

    encoding = "utf-8"

    def __init__(self, omissions: Omissions, number: int) -> None:
        self.omissions, self.number = omissions, number

    def write(self, text: str) -> int:
        if text.strip():
            self.omissions.printed.add(self.number)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False
