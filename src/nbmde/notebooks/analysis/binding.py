"""Classes whose methods can read variables from an attribute of the class instead of the program's top level."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from .scopes import top_level_names
from .trees import walk

# Functions that ask for a class, so that one derived from it is as good -> which argument it is.
_OWN_ARGUMENTS = {"super": 0, "isinstance": 1, "issubclass": 1}


def methods(node: ast.ClassDef) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """The functions of a class that get an object or the class as their first argument, and what they call it."""
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            plain = [*part.args.posonlyargs, *part.args.args]
            static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in part.decorator_list)
            if plain and not static and part.name not in ("__new__", "__init_subclass__", "__class_getitem__"):
                yield part, plain[0].arg


def bindable_class(node: ast.ClassDef, names: Container[str]) -> bool:
    """Do only methods use the names, and can they reach their object wherever they do?

    Args:
        names: variables, and functions that take variables as further arguments.
    """
    owners = {id(part): owner for method, owner in methods(node) for part in _run_later(method)}
    rebound = {owner for method, owner in methods(node) if _rebinds(method, owner)}
    own = {id(part) for part in own_calls(node)}
    return all(
        isinstance(occurrence.node, ast.Name)
        and isinstance(occurrence.node.ctx, ast.Load)
        and owners.get(id(occurrence.node), "") not in ("", *rebound)
        for occurrence in top_level_names(node)
        if occurrence.name in names and occurrence.node is not node and id(occurrence.node) not in own
    )


def own_calls(node: ast.ClassDef) -> Iterator[ast.Name]:
    """Where a class names itself so that it makes no difference whether variables are bound to it."""
    for part in walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and len(part.args) == 2:
            place = _OWN_ARGUMENTS.get(part.func.id)
            named = part.args[place] if place is not None else None
            if isinstance(named, ast.Name) and named.id == node.name:
                yield named


def _rebinds(method: ast.FunctionDef | ast.AsyncFunctionDef, owner: str) -> bool:
    """Does something in a method bind the name of its first argument anew?"""
    own = (*method.args.posonlyargs, *method.args.args)
    return any(
        (isinstance(part, ast.Name) and part.id == owner and not isinstance(part.ctx, ast.Load))
        or (isinstance(part, ast.arg) and part.arg == owner and part not in own)
        for part in walk(method)
    )


def _run_later(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The parts of a function that run when it is called."""
    for statement in method.body:
        yield from walk(statement)
