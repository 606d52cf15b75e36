"""How readable a generated project is, in figures that are counted in its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nbmde.notebooks.verify.places import Places

Figures = dict[str, Any]
"""JSON: `lines` and `parameters` of each function that the pipeline calls; `mutable`: module-level variables that a
function changes, as "FILE: NAME"; `globals`: how many `global` statements there are; `runtime_mutable` and
`runtime_globals`: the same in the modules that are not made of the notebook's code; `state`: whether there is a state
object."""

LINES, PARAMETERS = 50, 6  # of a function: no more are easy to read

_CHANGING = {
    "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove",
    "reverse", "setdefault", "sort", "update",
}  # fmt: skip
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def measure(folder: Path, places: Places) -> Figures:
    """The figures of a project.

    Args:
        places: what its models say about it.
    """
    steps = set(places.calls)
    own = {f"src/{module.replace('.', '/')}.py" for module in places.modules} | {places.driver}
    figures: Figures = {
        "lines": [], "parameters": [], "mutable": [], "globals": 0, "runtime_mutable": [], "runtime_globals": 0
    }  # fmt: skip
    for path in sorted((folder / "src").rglob("*.py")):
        file = path.relative_to(folder).as_posix()
        tree = ast.parse(path.read_bytes())
        prefix = "" if file in own else "runtime_"
        figures[prefix + "mutable"] += [f"{file}: {name}" for name in changed_variables(tree)]
        figures[prefix + "globals"] += sum(isinstance(node, ast.Global) for node in ast.walk(tree))
        for node in tree.body:
            if isinstance(node, _FUNCTION) and (file, node.name) in steps:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                figures["lines"].append((node.end_lineno or node.lineno) - first + 1)
                figures["parameters"].append(len(_parameters(node.args)))
    return {**figures, "state": places.project.state is not None}


def changed_variables(tree: ast.Module) -> list[str]:
    """Variables that a module binds and that its functions bind again or change, in the order of the alphabet."""
    bound = {name for node in _at_module_level(tree.body) for name in _bound(node)}
    functions = [node for node in ast.walk(tree) if isinstance(node, (*_FUNCTION, ast.Lambda))]
    found = {name for function in functions for name in _changes(function)}
    return sorted(bound & found)


def _at_module_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is loaded, those in branches and loops too."""
    for node in body:
        yield node
        if not isinstance(node, (*_FUNCTION, ast.ClassDef)):
            for name in ("body", "orelse", "finalbody"):
                yield from _at_module_level(getattr(node, name, ()))
            for handler in getattr(node, "handlers", ()):
                yield from _at_module_level(handler.body)


def _bound(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def _changes(function: Any) -> set[str]:
    """Names from outside a function that it binds again, or whose objects it changes."""
    nodes = list(ast.walk(function))
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    local = (
        stored | {name for node in nodes if isinstance(node, ast.arguments) for name in _parameters(node)}
    ) - declared
    changed: set[str] = set()
    for node in nodes:
        target = node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
            target = node.func.value
        elif not (isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load)):
            continue
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            target = target.value
        if isinstance(target, ast.Name):
            changed.add(target.id)
    return (changed - local) | (declared & stored)


def _parameters(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [argument.arg for argument in every if argument is not None]
