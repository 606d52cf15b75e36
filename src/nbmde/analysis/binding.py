"""Classes whose methods can read variables from an attribute of the class instead of the program's top level."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator, Mapping

from .scopes import top_level_names

_SPECIAL = frozenset(["staticmethod", "property", "classmethod"])


def methods(node: ast.ClassDef) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """The functions of a class that get an object or the class as their first argument, and what they call it."""
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            plain = [*part.args.posonlyargs, *part.args.args]
            static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in part.decorator_list)
            if plain and not static and part.name not in ("__new__", "__init_subclass__", "__class_getitem__"):
                yield part, plain[0].arg


def bindable_class(node: ast.ClassDef, names: Container[str], functions: Mapping[str, Mapping[str, None]]) -> bool:
    """Do only methods read the variables, by their names, and can they reach their object wherever they do?

    Args:
        names: the variables.
        functions: those that take further arguments; a call of one inside the class would need them as well.
    """
    found = {id(method): owner for method, owner in methods(node)}
    places = {id(part): owner for method, owner in methods(node) for part in _run_later(method)}
    rebound = {
        owner
        for method, owner in methods(node)
        for part in ast.walk(method)
        if (isinstance(part, ast.Name) and part.id == owner and not isinstance(part.ctx, ast.Load))
        or (
            isinstance(part, ast.arg)
            and part.arg == owner
            and part not in (*method.args.posonlyargs, *method.args.args)
        )
    }
    calls = {id(part.args[0]) for part in ast.walk(node) if isinstance(part, ast.Call) and _asks_class(part)}
    calls |= {id(part.args[1]) for part in ast.walk(node) if isinstance(part, ast.Call) and _asks_type(part)}
    for occurrence in top_level_names(node):
        part, name = occurrence.node, occurrence.name
        if part is node:
            continue
        if name == node.name and id(part) not in calls:
            return False
        if functions.get(name):
            return False
        if name in names and not (
            isinstance(part, ast.Name)
            and isinstance(part.ctx, ast.Load)
            and places.get(id(part), "") not in ("", *rebound)
        ):
            return False
    return bool(found)


def _run_later(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The parts of a function that run when it is called."""
    for statement in method.body:
        yield from ast.walk(statement)


def _asks_class(call: ast.Call) -> bool:
    """``super(Name, self)``: it finds the class above, whatever is below."""
    return isinstance(call.func, ast.Name) and call.func.id == "super" and len(call.args) == 2


def _asks_type(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in ("isinstance", "issubclass") and len(call.args) == 2
