"""Def-use facts of a statement: upward-exposed reads, bindings, deletions, and what code that runs later captures.

The analysis is a forward walk with a set of surely bound names (definite assignment, as in the Java Language
Specification, chapter 16), over Python's own scoping rules (`scopes`).
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .scopes import (
    Comprehension,
    Function,
    declared_global,
    declared_nonlocal,
    evaluated_at_definition,
    local_names,
    name_of_import,
    results,
    type_parameters,
)
from .trees import children, walk

BUILTINS = frozenset(dir(builtins))

Names = dict[str, None]
"""An ordered set."""


@dataclass
class NameFacts:
    """The use that code makes of names of the scope it stands in. Insertion-ordered (dicts as ordered sets)."""

    reads: Names = field(default_factory=dict)  # may use the value from before
    must_read: Names = field(default_factory=dict)  # uses the value from before on every path that goes on
    binds: Names = field(default_factory=dict)  # bound on every path that goes on
    maybe_binds: Names = field(default_factory=dict)  # bound on some path
    deletes: Names = field(default_factory=dict)  # deleted on some path
    captures: Names = field(default_factory=dict)  # read or bound when code that is defined here runs
    global_writes: Names = field(default_factory=dict)  # bound or deleted through `global` when such code runs
    implied: Names = field(default_factory=dict)  # reads and captures that only functions called here need
    in_class: Names = field(default_factory=dict)  # read from outside by a class body that binds the same name
    private: Names = field(default_factory=dict)  # read in a class, which writes `__name` as `_Class__name`
    in_texts: Names = field(default_factory=dict)  # read by calls that are told the name in a text
    awaits: bool = False  # holds a top-level await
    terminates: bool = False  # never goes on behind it (raise, return, break, continue)

    @property
    def all_bound(self) -> list[str]:
        """Names bound on some or every path."""
        return [*self.binds, *(name for name in self.maybe_binds if name not in self.binds)]


class Semantics:
    """The meanings of code beyond Python's own rules; the analysis asks, knowledge tables answer."""

    annotations = True  # whether annotations are evaluated

    def string_reads(self, call: ast.Call) -> Iterable[str]:
        """Names that a call reads through a string argument (``df.query("x > @limit")``)."""
        return ()

    def consumes_callable(self, call: ast.Call) -> bool:
        """True where a call has done with a function or generator among its arguments when it returns."""
        return False

    def implied_reads(self, name: str) -> Iterable[str]:
        """Names that a use of ``name`` needs besides, because the function of that name takes them as arguments."""
        return ()

    def may_swallow(self, manager: ast.expr) -> bool:
        """May this context manager keep an exception of its block to itself?"""
        name = manager.func if isinstance(manager, ast.Call) else manager
        return getattr(name, "attr", getattr(name, "id", "")) in ("suppress", "raises", "assertRaises", "ExitStack")


PLAIN = Semantics()


def facts(statements: Iterable[ast.stmt], semantics: Semantics = PLAIN) -> NameFacts:
    """Def-use facts of consecutive statements of one scope."""
    walk = _Walk(semantics)
    walk.block(list(statements))
    return walk.finished()


class _Walk:
    """Walks statements in the order of execution; ``bound`` are the names bound here on every path so far."""

    def __init__(self, semantics: Semantics, kind: str = "module") -> None:
        self.facts = NameFacts()
        self.bound: Names = {}
        self.semantics = semantics
        self.kind = kind  # of the scope: module, function or class
        self.conditional = 0

    def finished(self) -> NameFacts:
        """The facts of all that was walked."""
        self.facts.binds = self.bound
        return self.facts

    # -- names ---------------------------------------------------------------------------------------------------
    def read(self, name: str) -> None:
        for implied in self.semantics.implied_reads(name):
            if implied != name and implied not in self.bound:
                self.facts.reads.setdefault(implied)
                self.facts.implied.setdefault(implied)
        self.look_up(name)

    def look_up(self, name: str) -> None:
        if name not in self.bound:
            self.facts.reads.setdefault(name)
            if not self.conditional and name not in self.facts.maybe_binds:
                self.facts.must_read.setdefault(name)

    def bind(self, name: str) -> None:
        self.bound[name] = None
        self.facts.maybe_binds.setdefault(name)

    def delete(self, name: str) -> None:
        self.read(name)
        self.bound.pop(name, None)
        self.facts.deletes.setdefault(name)

    def capture(self, names: Iterable[str]) -> None:
        for name in names:
            self.facts.captures.setdefault(name)
            for implied in self.semantics.implied_reads(name):
                self.facts.captures.setdefault(implied)
                self.facts.implied.setdefault(implied)

    # -- blocks --------------------------------------------------------------------------------------------------
    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Walks a block; True where control never reaches its end."""
        for position, statement in enumerate(statements):
            if self.statement(statement):
                self.facts.terminates |= not self.conditional
                self.conditional += 1
                for dead in statements[position + 1 :]:
                    self.statement(dead)
                self.conditional -= 1
                return True
        return False

    def maybe(self, statements: Sequence[ast.stmt], start: Names) -> tuple[bool, Names]:
        """Walks a block that may not run, from a set of bound names; does it end early, and what does it delete?"""
        before, self.facts.deletes = self.facts.deletes, {}
        self.bound = dict(start)
        self.conditional += 1
        ended = self.block(statements)
        self.conditional -= 1
        deleted, self.facts.deletes = self.facts.deletes, {**before, **self.facts.deletes}
        return ended, deleted

    def branches(self, blocks: Iterable[Sequence[ast.stmt]], before: Names) -> bool:
        """Walks alternative blocks, each from the same set of bound names, and joins them."""
        ends = []
        for statements in blocks:
            ended, _ = self.maybe(statements, before)
            if not ended:
                ends.append(self.bound)
        self.bound = _common(ends, before)
        return not ends

    # -- statements ----------------------------------------------------------------------------------------------
    def statement(self, node: ast.stmt) -> bool:
        method = getattr(self, f"on_{type(node).__name__}", None)
        if method is not None:
            return bool(method(node))
        for child in children(node):  # Expr, Assert, Return, Raise, Pass
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
        if self.semantics.annotations and self.kind != "function":
            self.expression(node.annotation)
        else:  # never evaluated, but whoever reads the code must know the name
            self.capture(part.id for part in walk(node.annotation) if isinstance(part, ast.Name))
        if node.value is not None:
            self.expression(node.value)
            self.target(node.target)
        elif isinstance(node.target, ast.Name):
            self.facts.maybe_binds.setdefault(node.target.id)  # it binds nothing, but makes a name local to a function
        else:
            self.target(node.target)

    def on_Delete(self, node: ast.Delete) -> None:
        pending = list(node.targets)[::-1]
        while pending:
            target = pending.pop()
            if isinstance(target, (ast.Tuple, ast.List)):
                pending += target.elts[::-1]
            elif isinstance(target, ast.Name):
                self.delete(target.id)
            else:
                self.target(target)

    def on_If(self, node: ast.If) -> bool:
        self.expression(node.test)
        return self.branches([node.body, node.orelse], self.bound)

    def on_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.facts.awaits |= isinstance(node, ast.AsyncFor)
        self.expression(node.iter)
        before = self.bound
        self.bound = dict(before)
        self.conditional += 1
        self.target(node.target)
        self.conditional -= 1
        self.loop(node, before, self.bound)

    on_AsyncFor = on_For

    def on_While(self, node: ast.While) -> None:
        self.expression(node.test)
        self.loop(node, self.bound, self.bound)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, before: Names, start: Names) -> None:
        """The body may run never or often, and may be left anywhere."""
        _, deleted = self.maybe(node.body, start)
        _, more = self.maybe(node.orelse, _without(before, deleted))
        self.bound = _without(before, {**deleted, **more})

    def on_With(self, node: ast.With | ast.AsyncWith) -> bool:
        self.facts.awaits |= isinstance(node, ast.AsyncWith)
        for position, item in enumerate(node.items):
            self.expression(item.context_expr)
            if self.semantics.may_swallow(item.context_expr):
                before = self.bound
                self.bound = dict(before)
                self.conditional += 1
                if item.optional_vars is not None:
                    self.target(item.optional_vars)
                self.conditional -= 1
                rest = ast.With(node.items[position + 1 :], node.body)
                _, deleted = self.maybe([rest] if rest.items else node.body, self.bound)
                self.bound = _without(before, deleted)
                return False
            if item.optional_vars is not None:
                self.target(item.optional_vars)
        return self.block(node.body)

    on_AsyncWith = on_With

    def on_Try(self, node: ast.Try) -> bool:
        before = self.bound
        ended, deleted = self.maybe([*node.body, *node.orelse], before)
        ends = [] if ended else [self.bound]
        for handler in node.handlers:
            self.bound = _without(before, deleted)
            self.conditional += 1
            if handler.type is not None:
                self.expression(handler.type)
            if handler.name:
                self.bind(handler.name)
            self.conditional -= 1
            ended, more = self.maybe(handler.body, self.bound)
            if handler.name:
                self.bound.pop(handler.name, None)  # Python unbinds it at the end of the handler
                more[handler.name] = self.facts.deletes[handler.name] = None
            deleted = {**deleted, **more}
            if not ended:
                ends.append(self.bound)
        reached = _common(ends, before)
        final_ends, more = self.maybe(node.finalbody, _without(before, deleted))
        self.bound = {**_without(reached, more), **self.bound}
        return final_ends or not ends

    on_TryStar = on_Try

    def on_Match(self, node: ast.Match) -> bool:
        self.expression(node.subject)
        before = self.bound
        ends: list[Names] = []
        irrefutable = False
        for case in node.cases:
            self.bound = dict(before)
            self.conditional += 1
            for part in walk(case.pattern):
                if isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
                    self.bind(part.name)
                elif isinstance(part, ast.MatchMapping) and part.rest:
                    self.bind(part.rest)
                elif isinstance(part, ast.expr) and isinstance(getattr(part, "ctx", ast.Load()), ast.Load):
                    self.expression(part)
            if case.guard is not None:
                self.expression(case.guard)
            elif isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None:
                irrefutable = True
            self.conditional -= 1
            ended, _ = self.maybe(case.body, self.bound)
            if not ended:
                ends.append(self.bound)
        if not irrefutable:
            ends.append(_without(before, self.facts.deletes))
        self.bound = _common(ends, before)
        return not ends

    def on_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self.bind(name_of_import(node, alias))

    on_ImportFrom = on_Import

    def on_Global(self, node: ast.Global) -> None:
        """Skip it: what it declares is looked up where its scope is walked; at the top level it changes nothing."""

    on_Nonlocal = on_Global

    def on_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.definition(node)
        self.bind(node.name)

    on_AsyncFunctionDef = on_FunctionDef

    def on_ClassDef(self, node: ast.ClassDef) -> None:
        parameters = type_parameters(node)
        for expression in (*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)):
            self.expression(expression)
        inner = _Walk(self.semantics, "class")  # the body runs now, in a namespace of its own
        inner.bound = dict.fromkeys(parameters)
        inner.block(node.body)
        own = inner.facts
        written = declared_global(node)
        for name in own.reads:
            if name not in parameters:
                self.look_up(name)
                if name in own.maybe_binds and name not in written and name not in self.bound:
                    self.facts.in_class.setdefault(name)
        self.facts.implied.update(own.implied)
        self.facts.in_class.update(own.in_class)
        self.facts.private.update(own.private)
        self.facts.in_texts.update(own.in_texts)
        self.facts.private.update({name: None for name in (*own.reads, *own.captures) if _is_private(name)})
        self.capture(name for name in own.captures if name not in parameters)
        for name in (*(name for name in own.maybe_binds if name in written), *own.global_writes):
            self.facts.global_writes.setdefault(name)
            self.capture([name])
        self.facts.awaits |= own.awaits
        self.bind(node.name)

    def on_TypeAlias(self, node: ast.stmt) -> None:
        value: ast.expr = node.value  # type: ignore[attr-defined]  # ast.TypeAlias exists from Python 3.12 on
        name: ast.Name = node.name  # type: ignore[attr-defined]
        self.capture(free_names(ast.Lambda(_NO_ARGUMENTS, value), self.semantics).captures)
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
            for child in children(node):
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
            before = self.bound
            self.conditional += 1
            for part in rest:
                self.bound = dict(before) if isinstance(node, ast.IfExp) else dict(self.bound)
                self.expression(part)  # an operand is evaluated after those before it
            self.conditional -= 1
            self.bound = before
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            self.look_up(node.value.id)  # attributes of a function need nothing that it needs when it is called
        else:
            if isinstance(node, ast.Call):
                for name in self.semantics.string_reads(node):
                    self.read(name)
                    self.facts.in_texts.setdefault(name)
                if self.semantics.consumes_callable(node):
                    self.consumed_call(node)
                    return
            self.facts.awaits |= isinstance(node, ast.Await)
            for child in children(node):
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
        inner = _Walk(self.semantics, "function")
        for position, generator in enumerate(node.generators):
            if position:
                inner.expression(generator.iter)
            inner.target(generator.target)
            for condition in generator.ifs:
                inner.expression(condition)
        for part in results(node):
            inner.expression(part)
        own = inner.facts
        self.facts.awaits |= own.awaits or any(generator.is_async for generator in node.generators)
        if self.kind == "class":  # it does not see the names of the class
            outside, self.bound = self.bound, {}
        self.conditional += 1
        for name in own.reads:
            self.look_up(name)
        self.conditional -= 1
        if self.kind == "class":
            self.bound = outside
        self.facts.implied.update(own.implied)
        self.facts.in_texts.update(own.in_texts)
        self.capture(own.reads if isinstance(node, ast.GeneratorExp) else ())
        targets = {target for generator in node.generators for target in _target_names(generator.target)}
        self.capture(name for name in own.captures if name not in targets)
        for part_ in walk(node):  # an assignment expression binds outside of the comprehension, if it runs
            if isinstance(part_, ast.NamedExpr):
                self.facts.maybe_binds.setdefault(part_.target.id)

    def definition(self, node: Function) -> None:
        """A function: decorators, defaults and annotations are evaluated now, its body later."""
        for expression in evaluated_at_definition(node, self.semantics.annotations):
            self.expression(expression)
        free = free_names(node, self.semantics)
        self.capture(free.captures)
        self.facts.global_writes.update(free.global_writes)
        self.facts.in_class.update(free.in_class)
        self.facts.private.update(free.private)
        self.facts.in_texts.update(free.in_texts)


_NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def free_names(node: Function, semantics: Semantics = PLAIN) -> NameFacts:
    """Find names that a function, when it runs, looks up outside itself (`captures`) or binds (`global_writes`)."""
    inner = _Walk(semantics, "function")
    if isinstance(node, ast.Lambda):
        inner.expression(node.body)
    else:
        inner.block(node.body)
    written = declared_global(node)
    local = local_names(node) - written - declared_nonlocal(node)
    own = inner.facts
    writes = {name: None for name in (*own.maybe_binds, *own.deletes) if name in written}
    writes.update(own.global_writes)
    free = {name: None for name in (*own.reads, *own.captures) if name not in local}
    free.update(writes)
    free.update(dict.fromkeys(sorted(declared_nonlocal(node))))
    in_class = {name: None for name in own.in_class if name not in local}
    return NameFacts(captures=free, global_writes=writes, in_class=in_class, private=own.private, in_texts=own.in_texts)


def _target_names(node: ast.expr) -> list[str]:
    return [part.id for part in walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def _without(names: Names, removed: Iterable[str]) -> Names:
    gone = set(removed)
    return {name: None for name in names if name not in gone}


def _common(ends: Sequence[Names], otherwise: Names) -> Names:
    """Names in all sets; ``otherwise`` where there are none."""
    if not ends:
        return dict(otherwise)
    return {name: None for name in ends[0] if all(name in end for end in ends[1:])}
