"""Statements that show where the code runs or where its files lie: these are other places in a project."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence

from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject.literals import WORKING, folding

_SHOWS = re.compile(r"print|pprint|display|debug|info|warning|error|critical|log")
_LAST = re.compile(r"name|stem|parts|parents?")
_PASSES = re.compile(
    r"list|tuple|sorted|format|repr|str|basename|join|as_posix|as_uri|ljust|rjust|replace|split|upper|lower"
)


def shown(units: Sequence[Unit]) -> Iterator[tuple[Unit, str]]:
    """Statements with the expression that is shown and by whose value the working folder is known."""
    fold = folding([ast.Module([node for unit in units for node in unit.nodes], [])])
    for unit in units:
        parts = [unit.nodes[-1].value] if unit.echo and unit.nodes and isinstance(unit.nodes[-1], ast.Expr) else []
        for node in unit.nodes:
            for call in walk(node):
                if isinstance(call, ast.Call) and _SHOWS.fullmatch(_name(call)):
                    parts += [*call.args, *(keyword.value for keyword in call.keywords)]
        told = next((part for part in parts if _tells(part, fold)), None)
        if told is not None:
            yield unit, ast.unparse(told)


def asks_git(units: Sequence[Unit]) -> Iterator[Unit]:
    """Statements that ask git where the repository's top is, which a project need not be."""
    for unit in units:
        if re.search(r"--show-toplevel\b|\bsearch_parent_directories\s*=\s*True", unit.text):
            yield unit


def _tells(node: ast.expr, fold: Callable[[ast.expr], list[str]]) -> bool:
    """Is an absolute path around the working folder to be seen in what an expression gives?"""
    if any(WORKING in text for text in fold(node)):
        return not isinstance(node, ast.Attribute) or node.attr != "name" or _leads_up(fold(node.value))
    if isinstance(node, ast.Attribute):
        return bool(_LAST.fullmatch(node.attr)) and _leads_up(fold(node.value))
    if isinstance(node, ast.Call):
        if _name(node) == "basename":
            return any(_leads_up(fold(argument)) for argument in node.args)
        owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        return bool(_PASSES.fullmatch(_name(node))) and any(_tells(part, fold) for part in (*owner, *node.args))
    return any(_tells(part, fold) for part in _parts(node))


def _leads_up(paths: list[str]) -> bool:
    """Does the last part of a path depend on where the working folder lies?"""
    return any(path == WORKING or (path.startswith(WORKING) and path.endswith("..")) for path in paths)


def _parts(node: ast.expr) -> list[ast.expr]:
    """Expressions whose values are seen in that of another one."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return node.elts
    if isinstance(node, ast.Dict):
        return node.values
    if isinstance(node, ast.JoinedStr):
        return [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return [node.elt, *(loop.iter for loop in node.generators)]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    return [node.value] if isinstance(node, (ast.Starred, ast.NamedExpr)) else []


def _name(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
