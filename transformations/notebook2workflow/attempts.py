"""Imports that a notebook tries, and goes on where they fail: what stands there is no evidence for versions."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nbmde.notebooks.analysis.trees import walk

SURE = "sure"
"""Code that runs wherever the notebook runs."""
PREFERRED = "preferred"
"""The place of an import that is tried first, where something else is taken instead of it."""
ALTERNATIVE = "alternative"
"""The place of an import that is taken where the first fails."""
OPTIONAL = "optional"
"""The place of an import that the notebook does without, or makes for some versions only."""

_CAUGHT = frozenset(("ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"))


class Attempts:
    """Tells where in a statement code only tries.

    Args:
        node: a top-level statement.
    """

    def __init__(self, node: ast.stmt) -> None:
        self._places: dict[int, tuple[str, int]] = {}
        for part in walk(node):
            if isinstance(part, ast.Try) and any(_catches(handler.type) for handler in part.handlers):
                handled = [inner for handler in part.handlers for inner in handler.body]
                self._mark(part, part.body, PREFERRED if _goes_on_with_another(handled) else OPTIONAL)
                self._mark(part, handled, ALTERNATIVE)
            elif isinstance(part, ast.With) and any(_suppresses(item.context_expr) for item in part.items):
                self._mark(part, part.body, OPTIONAL)
            elif isinstance(part, ast.If) and "version" in ast.unparse(part.test).lower():
                self._mark(part, [*part.body, *part.orelse], OPTIONAL)

    def place(self, node: ast.AST) -> str:
        """How sure it is that a part of the statement runs."""
        return self._places.get(id(node), (SURE, 0))[0]

    def attempt(self, node: ast.AST) -> int:
        """A number that those parts share of which one stands for another."""
        return self._places.get(id(node), (SURE, 0))[1]

    def _mark(self, attempt: ast.stmt, nodes: Iterable[ast.stmt], place: str) -> None:
        for node in nodes:
            for part in walk(node):
                self._places[id(part)] = place, id(attempt)


def _catches(caught: ast.expr | None) -> bool:
    """Does a handler take what a failed import raises?"""
    names = [caught] if not isinstance(caught, ast.Tuple) else caught.elts
    return any(name is None or ast.unparse(name).rpartition(".")[2] in _CAUGHT for name in names)


def _suppresses(manager: ast.expr) -> bool:
    """`contextlib.suppress(ImportError)`."""
    called = isinstance(manager, ast.Call) and ast.unparse(manager.func).rpartition(".")[2] == "suppress"
    return called and any(_catches(argument) for argument in manager.args)  # type: ignore[attr-defined]


def _goes_on_with_another(handled: Iterable[ast.stmt]) -> bool:
    """Does a handler import something, install something or give up? Then one of both is needed."""
    for node in handled:
        for part in walk(node):
            if isinstance(part, ast.Import | ast.ImportFrom | ast.Raise):
                return True
            if isinstance(part, ast.Call) and "pip" in (text := ast.unparse(part)) and "install" in text:
                return True
    return False
