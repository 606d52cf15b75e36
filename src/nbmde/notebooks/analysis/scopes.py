"""Python's scoping rules: which names code binds for itself, and which of its names mean the notebook's top level.

Language Reference, 4.2: functions, lambdas and comprehensions hide the names that they bind; a class hides its names
from the code that stands in its body directly, but not from functions and comprehensions inside it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .trees import children, remembered, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_NOTHING: frozenset[str] = frozenset()


class Occurrence(NamedTuple):
    """A place where code reads, binds or deletes a name of the top level.

    Attributes:
        node: an `ast.Name`, or what binds the name without one: a definition, import, handler or pattern.
        hidden: names of the top level that code at this place cannot see, because functions, comprehensions or a
            class around it bind the same names.
    """

    node: ast.AST
    name: str
    hidden: frozenset[str]


def top_level_names(node: ast.AST) -> Iterator[Occurrence]:
    """Names in a statement of the top level that mean names of the top level."""
    return _visit(node, _NOTHING, _NOTHING)


def _visit(node: ast.AST, hidden: frozenset[str], of_class: frozenset[str]) -> Iterator[Occurrence]:
    """``of_class``: names of the class body that ``node`` stands in directly."""
    for name in [node.id] if isinstance(node, ast.Name) else plainly_bound(node):
        if name not in hidden and name not in of_class:
            yield Occurrence(node, name, hidden | of_class if of_class else hidden)
    if isinstance(node, Function):
        for expression in evaluated_at_definition(node):
            yield from _visit(expression, hidden, of_class)
        inner = (hidden | local_names(node)) - declared_global(node)
        for part in [node.body] if isinstance(node, ast.Lambda) else node.body:
            yield from _visit(part, inner, _NOTHING)
    elif isinstance(node, ast.ClassDef):
        hidden |= frozenset(type_parameters(node))
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            yield from _visit(expression, hidden, of_class)
        own = frozenset(bound_names(node.body)) - declared_global(node)
        for statement in node.body:
            yield from _visit(statement, hidden, own)
    elif isinstance(node, Comprehension):
        yield from _visit(node.generators[0].iter, hidden, of_class)
        inner = hidden | frozenset(name for generator in node.generators for name in bound_names([generator.target]))
        for position, generator in enumerate(node.generators):
            if position:
                yield from _visit(generator.iter, inner, _NOTHING)
            for part in (generator.target, *generator.ifs):
                yield from _visit(part, inner, _NOTHING)
        for part in results(node):
            yield from _visit(part, inner, _NOTHING)
    else:
        for child in children(node):
            yield from _visit(child, hidden, of_class)


def results(node: Comprehension) -> tuple[ast.expr, ...]:
    """The expressions that make the elements of a comprehension."""
    return (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)


def own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Syntax nodes of one scope, in the order of the source: not those in functions, classes and comprehensions inside.

    What runs where the inner scope is made (decorators, defaults, the first iterable) belongs to this one.
    """
    pending = list(body)[::-1]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Function):
            inside: list[ast.AST] = [*evaluated_at_definition(node)]
        elif isinstance(node, ast.ClassDef):
            inside = [*node.decorator_list, *node.bases, *node.keywords]
        elif isinstance(node, Comprehension):
            inside = [node.generators[0].iter]
        else:
            inside = children(node)
        pending += inside[::-1]


def bound_names(body: Iterable[ast.AST]) -> dict[str, None]:
    """Names that the code of one scope binds or deletes anywhere, as an ordered set."""
    found: dict[str, None] = {}
    for node in own_nodes(body):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id] = None
        elif isinstance(node, Comprehension):
            for part in walk(node):  # an assignment expression in a comprehension binds outside of it
                if isinstance(part, ast.NamedExpr):
                    found[part.target.id] = None
        else:
            found.update(dict.fromkeys(plainly_bound(node)))
    return found


def plainly_bound(node: ast.AST) -> list[str]:
    """Names that a syntax node itself binds without an `ast.Name`: definitions, imports, handlers, patterns."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [name_of_import(node, alias) for alias in node.names if alias.name != "*"]
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def name_of_import(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """The name that one part of an import binds."""
    return alias.asname or (alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name)


@remembered
def local_names(node: Function) -> frozenset[str]:
    """Parameters and names that a function binds for itself; those that it declares `global` or `nonlocal` as well."""
    names = {argument.arg for argument in parameters(node)} | set(type_parameters(node))
    return frozenset(names | set(bound_names([node.body] if isinstance(node, ast.Lambda) else node.body)))


@remembered
def declared_global(node: Function | ast.ClassDef) -> frozenset[str]:
    """Names that a function or class declares `global`."""
    return _declared(node, ast.Global)


@remembered
def declared_nonlocal(node: Function | ast.ClassDef) -> frozenset[str]:
    """Names that a function or class declares `nonlocal`."""
    return _declared(node, ast.Nonlocal)


def _declared(node: Function | ast.ClassDef, kind: type[ast.Global] | type[ast.Nonlocal]) -> frozenset[str]:
    if isinstance(node, ast.Lambda):
        return _NOTHING
    return frozenset(name for part in own_nodes(node.body) if isinstance(part, kind) for name in part.names)


def parameters(node: Function) -> list[ast.arg]:
    """All parameters of a function."""
    arguments = node.args
    rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def type_parameters(node: ast.AST) -> list[str]:
    """Names of type parameters (Python 3.12)."""
    return [parameter.name for parameter in getattr(node, "type_params", [])]


def evaluated_at_definition(node: Function, annotations: bool = True) -> list[ast.expr]:
    """Expressions that run when the ``def`` or ``lambda`` runs: decorators, defaults, and annotations if asked for."""
    arguments = node.args
    parts: list[ast.expr] = [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
    if isinstance(node, ast.Lambda):
        return parts
    if annotations and not type_parameters(node):
        parts += [argument.annotation for argument in parameters(node) if argument.annotation]
        parts += [node.returns] if node.returns else []
    return [*node.decorator_list, *parts]
