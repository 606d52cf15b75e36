"""Def-use facts of a statement: upward-exposed reads, bindings, deletions, and what code that runs later captures.

The analysis is a forward walk with a set of surely bound names (definite assignment, as in the Java Language
Specification, chapter 16), over Python's own scoping rules (Language Reference, 4.2).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable
from dataclasses import dataclass, field

BUILTINS = frozenset(dir(builtins))

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class NameFacts:
    """What a piece of code does with the names of the scope it stands in. Insertion-ordered (dicts as ordered sets)."""

    reads: dict[str, None] = field(default_factory=dict)  # may use the value from before
    must_read: dict[str, None] = field(default_factory=dict)  # uses the value from before on every path
    binds: dict[str, None] = field(default_factory=dict)  # bound on every path that goes on
    maybe_binds: dict[str, None] = field(default_factory=dict)  # bound on some path
    deletes: dict[str, None] = field(default_factory=dict)
    captures: dict[str, None] = field(default_factory=dict)  # read when code that is defined here runs
    global_writes: dict[str, None] = field(default_factory=dict)  # bound through `global` when such code runs
    awaits: bool = False  # holds a top-level await
    terminates: bool = False  # never goes on behind it (raise, return, break, continue)

    @property
    def all_bound(self) -> list[str]:
        """Names bound on some or every path."""
        return [*self.binds, *(name for name in self.maybe_binds if name not in self.binds)]


class Semantics:
    """What calls mean beyond Python's own rules; the analysis asks, knowledge tables answer."""

    def string_reads(self, call: ast.Call) -> Iterable[str]:
        """Names that a call reads through a string argument (``df.query("x > @limit")``)."""
        return ()

    def consumes_callable(self, call: ast.Call) -> bool:
        """True where a call has done with a function or generator among its arguments when it returns."""
        return False

    def implied_reads(self, name: str) -> Iterable[str]:
        """Names that a use of ``name`` needs besides, because the function of that name takes them as arguments."""
        return ()


PLAIN = Semantics()


def facts(statements: Iterable[ast.stmt], semantics: Semantics = PLAIN) -> NameFacts:
    """Def-use facts of consecutive statements of one scope."""
    walk = _Walk(semantics)
    walk.block(list(statements))
    return walk.facts


class _Walk:
    """Walks statements in the order of execution; ``bound`` are the names bound here on every path so far."""

    def __init__(self, semantics: Semantics) -> None:
        self.facts = NameFacts()
        self.bound: dict[str, None] = {}
        self.semantics = semantics
        self.conditional = 0

    # -- names ---------------------------------------------------------------------------------------------------
    def read(self, name: str) -> None:
        for implied in self.semantics.implied_reads(name):
            if implied != name:
                self.look_up(implied)
        self.look_up(name)

    def look_up(self, name: str) -> None:
        if name not in self.bound:
            self.facts.reads.setdefault(name)
            if not self.conditional and name not in self.facts.maybe_binds:
                self.facts.must_read.setdefault(name)

    def bind(self, name: str) -> None:
        self.bound[name] = None
        self.facts.maybe_binds.setdefault(name)
        self._sync()

    def delete(self, name: str) -> None:
        self.read(name)
        self.bound.pop(name, None)
        self.facts.deletes.setdefault(name)
        self._sync()

    def _sync(self) -> None:
        self.facts.binds = dict(self.bound)

    def capture(self, names: Iterable[str]) -> None:
        for name in names:
            self.facts.captures.setdefault(name)

    # -- statements ----------------------------------------------------------------------------------------------
    def block(self, statements: list[ast.stmt]) -> bool:
        """Walks a block; True where control never reaches its end."""
        for statement in statements:
            if self.statement(statement):
                self.facts.terminates = not self.conditional
                return True
        return False

    def branches(self, blocks: list[tuple[list[ast.stmt], dict[str, None]]]) -> bool:
        """Walks alternative blocks, each from its own set of bound names, and joins them."""
        ends: list[dict[str, None]] = []
        self.conditional += 1
        for statements, start in blocks:
            self.bound = dict(start)
            if not self.block(statements):
                ends.append(self.bound)
        self.conditional -= 1
        if not ends:
            return True
        self.bound = {name: None for name in ends[0] if all(name in end for end in ends[1:])}
        self._sync()
        return False

    def statement(self, node: ast.stmt) -> bool:
        method = getattr(self, f"on_{type(node).__name__}", None)
        if method is not None:
            return bool(method(node))
        for child in ast.iter_child_nodes(node):  # Expr, Assert, Return, Raise, Pass
            self.expression(child)
        return isinstance(node, (ast.Return, ast.Raise, ast.Break, ast.Continue))

    def on_Assign(self, node: ast.Assign) -> None:
        self.expression(node.value)
        for target in node.targets:
            self.target(target)

    def on_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        else:
            self.target(node.target)
        self.expression(node.value)
        if isinstance(node.target, ast.Name):
            self.bind(node.target.id)

    def on_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.expression(node.annotation)
        if node.value is not None:
            self.expression(node.value)
            self.target(node.target)

    def on_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                if isinstance(part, ast.Name):
                    self.delete(part.id)
                else:
                    self.target(part)

    def on_If(self, node: ast.If) -> bool:
        self.expression(node.test)
        return self.branches([(node.body, self.bound), (node.orelse, self.bound)])

    def on_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.facts.awaits |= isinstance(node, ast.AsyncFor)
        self.expression(node.iter)
        before = dict(self.bound)
        self.conditional += 1
        self.target(node.target)
        self.block(node.body)
        self.bound = dict(before)
        self.block(node.orelse)
        self.conditional -= 1
        self.bound = before
        self._sync()

    on_AsyncFor = on_For

    def on_While(self, node: ast.While) -> None:
        self.expression(node.test)
        before = dict(self.bound)
        self.conditional += 1
        self.block(node.body)
        self.bound = dict(before)
        self.block(node.orelse)
        self.conditional -= 1
        self.bound = before
        self._sync()

    def on_With(self, node: ast.With | ast.AsyncWith) -> bool:
        self.facts.awaits |= isinstance(node, ast.AsyncWith)
        for item in node.items:
            self.expression(item.context_expr)
            if item.optional_vars is not None:
                self.target(item.optional_vars)
        before = dict(self.bound)
        ended = self.block(node.body)
        if any(_name_of(item.context_expr).endswith(("suppress", "raises")) for item in node.items):
            self.bound = before  # an exception in the body is swallowed
            self._sync()
            return False
        return ended

    on_AsyncWith = on_With

    def on_Try(self, node: ast.Try) -> bool:
        before = dict(self.bound)
        self.conditional += 1
        ends: list[dict[str, None]] = []
        if not self.block(node.body) and not self.block(node.orelse):
            ends.append(self.bound)
        for handler in node.handlers:
            self.bound = dict(before)
            if handler.type is not None:
                self.expression(handler.type)
            if handler.name:
                self.bind(handler.name)
            ended = self.block(handler.body)
            if handler.name:
                self.bound.pop(handler.name, None)  # Python unbinds it at the end of the handler
                self.facts.deletes.setdefault(handler.name)
            if not ended:
                ends.append(self.bound)
        self.conditional -= 1
        self.bound = {name: None for name in ends[0] if all(name in end for end in ends[1:])} if ends else before
        final_ends = self.block(node.finalbody)
        self._sync()
        return final_ends or not ends

    on_TryStar = on_Try

    def on_Match(self, node: ast.Match) -> bool:
        self.expression(node.subject)
        before = dict(self.bound)
        ends: list[dict[str, None]] = []
        self.conditional += 1
        irrefutable = False
        for case in node.cases:
            self.bound = dict(before)
            for part in ast.walk(case.pattern):
                if isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
                    self.bind(part.name)
                elif isinstance(part, ast.MatchMapping) and part.rest:
                    self.bind(part.rest)
                elif isinstance(part, ast.expr):
                    self.expression(part)
            if case.guard is not None:
                self.expression(case.guard)
            elif isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
                irrefutable = True
            if not self.block(case.body):
                ends.append(self.bound)
        self.conditional -= 1
        if not irrefutable:
            ends.append(before)
        self.bound = {name: None for name in ends[0] if all(name in end for end in ends[1:])} if ends else before
        self._sync()
        return not ends

    def on_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.bind(alias.asname or alias.name.split(".")[0])

    def on_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(alias.asname or alias.name)

    def on_Global(self, node: ast.Global) -> None:
        """At the top level of a notebook ``global`` changes nothing."""

    def on_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.definition(node)
        self.bind(node.name)

    on_AsyncFunctionDef = on_FunctionDef

    def on_ClassDef(self, node: ast.ClassDef) -> None:
        parameters = _type_parameters(node)
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.expression(expression)
        inner = _Walk(self.semantics)  # the body runs now, in a namespace of its own
        for name in parameters:
            inner.bound[name] = None
        inner.block(node.body)
        for name in inner.facts.reads:
            self.read(name)
        self.capture(name for name in inner.facts.captures if name not in parameters)
        self.facts.global_writes.update(inner.facts.global_writes)
        self.bind(node.name)

    def on_TypeAlias(self, node: ast.stmt) -> None:
        name = node.name  # type: ignore[attr-defined]  # ast.TypeAlias exists from Python 3.12 on
        self.bind(name.id)

    # -- expressions ---------------------------------------------------------------------------------------------
    def target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name):
            self.bind(node.id)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self.target(element)
        elif isinstance(node, ast.Starred):
            self.target(node.value)
        else:  # attribute or subscript: its parts are read
            for child in ast.iter_child_nodes(node):
                self.expression(child)

    def expression(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.read(node.id)
        elif isinstance(node, ast.Lambda):
            self.definition(node)
        elif isinstance(node, Comprehension):
            self.comprehension(node)
        elif isinstance(node, ast.NamedExpr):
            self.expression(node.value)
            self.bind(node.target.id)
        elif isinstance(node, (ast.BoolOp, ast.IfExp)):
            first, *rest = [node.test, node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values
            self.expression(first)
            before = dict(self.bound)
            self.conditional += 1
            for part in rest:
                self.expression(part)
                self.bound = dict(before)
            self.conditional -= 1
            self._sync()
        else:
            if isinstance(node, ast.Call):
                for name in self.semantics.string_reads(node):
                    self.read(name)
                if self.semantics.consumes_callable(node):
                    self.consumed_call(node)
                    return
            self.facts.awaits |= isinstance(node, ast.Await)
            for child in ast.iter_child_nodes(node):
                self.expression(child)

    def consumed_call(self, node: ast.Call) -> None:
        """Functions and generators among the arguments run now and are gone afterwards: they read, not capture."""
        self.expression(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(argument, (ast.Lambda, ast.GeneratorExp)):
                outer, self.facts.captures = self.facts.captures, {}
                self.expression(argument)
                captured, self.facts.captures = self.facts.captures, outer
                self.conditional += 1
                for name in captured:
                    self.look_up(name)
                self.conditional -= 1
            else:
                self.expression(argument)

    def comprehension(self, node: Comprehension) -> None:
        self.expression(node.generators[0].iter)  # evaluated in the enclosing scope
        inner = _Walk(self.semantics)
        walrus = [part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
        for position, generator in enumerate(node.generators):
            if position:
                inner.expression(generator.iter)
            inner.target(generator.target)
            for condition in generator.ifs:
                inner.expression(condition)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            inner.expression(part)
        self.conditional += 1
        for name in inner.facts.reads:
            self.read(name)
        if isinstance(node, ast.GeneratorExp):
            self.capture(inner.facts.reads)
        before = dict(self.bound)
        for name in walrus:
            self.bind(name)
        self.bound = before
        self.conditional -= 1
        self._sync()
        self.facts.awaits |= inner.facts.awaits or any(generator.is_async for generator in node.generators)
        self.capture(inner.facts.captures)

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """A function: decorators, defaults and annotations are evaluated now, its body later."""
        for expression in evaluated_at_definition(node):
            self.expression(expression)
        free, writes = free_names(node, self.semantics)
        self.capture(free)
        for name in writes:
            self.facts.global_writes.setdefault(name)


def evaluated_at_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.expr]:
    """Expressions that run when the ``def`` or ``lambda`` runs: decorators, defaults, annotations."""
    arguments = node.args
    parts: list[ast.expr] = [*arguments.defaults, *(default for default in arguments.kw_defaults if default)]
    if isinstance(node, ast.Lambda):
        return parts
    if not _type_parameters(node):
        parts += [argument.annotation for argument in _arguments(arguments) if argument.annotation]
        parts += [node.returns] if node.returns else []
    return [*node.decorator_list, *parts]


def free_names(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, semantics: Semantics = PLAIN
) -> tuple[dict[str, None], dict[str, None]]:
    """Names that a function looks up outside itself when it runs, and those that it binds through ``global``."""
    parameters = {argument.arg for argument in _arguments(node.args)} | set(_type_parameters(node))
    if isinstance(node, ast.Lambda):
        inner = _Walk(semantics)
        inner.expression(node.body)
        local = parameters | {part.target.id for part in _own_nodes([node.body]) if isinstance(part, ast.NamedExpr)}
        declared: set[str] = set()
        bound_inside: list[str] = []
    else:
        own = list(_own_nodes(node.body))
        declared = {name for part in own if isinstance(part, ast.Global) for name in part.names}
        inner = _Walk(semantics)
        inner.block(node.body)
        bound_inside = list(inner.facts.maybe_binds) + list(inner.facts.deletes)
        local = (parameters | set(bound_inside)) - declared
    looked_up = [*inner.facts.reads, *inner.facts.captures]
    nonlocals = {
        name for part in _own_nodes(getattr(node, "body", [])) if isinstance(part, ast.Nonlocal) for name in part.names
    } if not isinstance(node, ast.Lambda) else set()
    free = {name: None for name in looked_up if name not in local}
    free.update({name: None for name in nonlocals})
    writes = {name: None for name in bound_inside if name in declared}
    writes.update({name: None for name in inner.facts.global_writes})
    return free, writes


def _own_nodes(body: Iterable[ast.AST]) -> Iterable[ast.AST]:
    """Nodes of a function's own scope: not those of functions and classes inside it."""
    pending = list(body)
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    optional = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *optional]


def _type_parameters(node: ast.AST) -> list[str]:
    return [parameter.name for parameter in getattr(node, "type_params", [])]


def _name_of(node: ast.expr) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
