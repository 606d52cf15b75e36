"""Which names in a statement mean the notebook's top level: all but those that functions and comprehensions hide."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .names import evaluated_at_definition, facts

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def top_level_names(node: ast.AST) -> Iterator[tuple[ast.Name, bool]]:
    """`ast.Name` nodes that mean a name of the top level, each with: does it stand in code that runs later?"""
    yield from _visit(node, frozenset(), False)


def _visit(node: ast.AST, hidden: frozenset[str], later: bool) -> Iterator[tuple[ast.Name, bool]]:
    if isinstance(node, ast.Name):
        if node.id not in hidden:
            yield node, later
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        for expression in evaluated_at_definition(node):
            yield from _visit(expression, hidden, later)
        inner = (hidden | local_names(node)) - declared_global(node)
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
        for part in body:
            yield from _visit(part, inner, True)
    elif isinstance(node, ast.ClassDef):
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            yield from _visit(expression, hidden, later)
        own = frozenset(facts(node.body).maybe_binds)
        for statement in node.body:
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield from _visit(statement, hidden, later)  # methods do not see the class's names
            else:
                yield from _visit(statement, hidden | own, later)
    elif isinstance(node, Comprehension):
        yield from _visit(node.generators[0].iter, hidden, later)
        targets = {part.id for generator in node.generators for part in ast.walk(generator.target) if isinstance(part, ast.Name)}
        inner = hidden | targets
        for position, generator in enumerate(node.generators):
            if position:
                yield from _visit(generator.iter, inner, later)
            yield from _visit(generator.target, inner, later)
            for condition in generator.ifs:
                yield from _visit(condition, inner, later)
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        for part in parts:
            yield from _visit(part, inner, later)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _visit(child, hidden, later)


def local_names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Parameters and names that a function binds for itself."""
    arguments = node.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    parameters += [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    names = {argument.arg for argument in parameters}
    if not isinstance(node, ast.Lambda):
        inner = facts(node.body)
        names |= {*inner.maybe_binds, *inner.deletes}
    return frozenset(names)


def declared_global(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Names that a function declares `global`."""
    if isinstance(node, ast.Lambda):
        return frozenset()
    return frozenset(name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names)
