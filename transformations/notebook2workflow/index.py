"""The index of a workflow: syntax trees, def-use, types, calls and paths that pure functions find in its statements.

Derived from the model alone, and from the notebook that it refers to. It holds no decision: it is kept between
refinements because it takes time, and may be dropped at any time. `of` makes it anew as soon as a statement changed.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.calls import CallResolver, CallTable
from nbmde.notebooks.analysis.program import Program, Sharing, Unit
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject import execution

from . import commands, effects, import_order, paths, run_magic, stars, statements
from .importing import modules_beside
from .learning import Learning
from .paths import FileExpression, Survey
from .platform import identifiers
from .platform_functions import PlatformFunctions
from .saving import Saving

if TYPE_CHECKING:
    from nbmde.engine.m2m import Context
    from nbmde.metamodels.workflow import Statement, Workflow

_last: list[tuple[Workflow, tuple[object, ...], Index]] = []  # at most one, which keeps its model in memory
_of_run: WeakKeyDictionary[Context, Index] = WeakKeyDictionary()


def of(t: Context) -> Index:
    """The index of the workflow that a refinement refines, as it was when the refinement first asked."""
    if t not in _of_run:
        _of_run[t] = _current(t.target, tuple(t.option("extensions", ())))
    return _of_run[t]


def _current(workflow: Workflow, extensions: tuple[Path, ...], program: Program | None = None) -> Index:
    every = statements.in_order(workflow)
    state = (extensions, *((id(one), one.text, one.placement, one.eContainer()) for one in every))
    if not _last or _last[0][0] is not workflow or _last[0][1] != state:
        _last[:] = [(workflow, state, Index(workflow, every, extensions, program))]
    known = _last[0][2]
    known.see_kept()
    return known


def keep(t: Context, program: Program) -> None:
    """Statements are not what they were, and this is the program of what they are now."""
    _last.clear()
    _current(t.target, tuple(t.option("extensions", ())), program)


def drop() -> None:
    """Forget what is known, syntax trees as well."""
    _last.clear()
    statements.forget()


def names_in(expression: str) -> list[str]:
    """The names in an expression."""
    return [part.id for part in walk(ast.parse(expression)) if isinstance(part, ast.Name)]


class Index:
    """The index of a workflow.

    Attributes:
        statements: all of them, in the order of the notebook; others go by their indexes in here.
        units: the same with syntax trees and def-use facts.
    """

    def __init__(
        self,
        workflow: Workflow,
        every: list[Statement],
        extensions: tuple[Path, ...],
        program: Program | None = None,
    ) -> None:
        self.notebook = workflow.notebook
        self.extensions = extensions
        self.statements = every
        self.runtime: Mapping[str, Any] = knowledge.table("runtime", extensions)["functions"]
        self.api = knowledge.table("api", extensions)
        self._called = list(workflow.platform)
        self.alias = {one.name: one.alias for one in self._called}
        self.captured = {
            symbol.name: {other.name: None for other in symbol.captured}
            for symbol in workflow.symbols
            if symbol.captured
        }
        self.sharing = {one.name: Sharing(one.sharing.name, one.reason or "") for one in workflow.symbols}
        self.program = program or self.made(statements.units(workflow, every))
        self.program.captured = self.captured
        self.program.sharing = self.sharing
        if self.captured and program is None:
            self.program.semantics.implied = {name: dict(names) for name, names in self.captured.items()}
            self.program.refresh()
        self.units = self.program.units
        self._imported = self.program.imported
        for _ in self.effects(self.walk()):
            pass

    def see_kept(self) -> None:
        """Take in that an expression which is kept at a statement is read there."""
        for unit, statement in zip(self.units, self.statements, strict=True):
            for kept in statement.keeps:
                for name in names_in(kept.expression or ""):
                    if name in self.program.bindings:
                        unit.facts.reads.setdefault(name)

    @property
    def resolver(self) -> CallResolver:
        """Tells what calls call, with types as they are known at the end, or where `walk` is."""
        return self.program.resolver

    def walk(self) -> Iterator[tuple[int, Unit]]:
        """Indexes and statements; between two of them, types are those that are known there."""
        resolver = self.resolver
        resolver.types.values.clear()
        resolver.types.modules.clear()
        resolver.types.modules.update(self._imported)
        for index, unit in enumerate(self.units):
            yield index, unit
            for node in unit.nodes:
                resolver.learn(node)

    @cached_property
    def words(self) -> set[str]:
        """Every word of the cells that could be a name; what statements say besides is not the notebook's."""
        sources = [cell.source or "" for cell in execution.code_cells(self.notebook)]
        if any("run" in source for source in sources):
            shared = run_magic.sources(self.notebook.assets)
            sources += [
                source.decode("utf-8", "replace").replace("\\n", " ")
                for path, source in shared.items()
                if path.endswith(".ipynb")
            ]
        return identifiers(sources)

    @cached_property
    def runners(self) -> Collection[str]:
        """The aliases of the platform's functions that run commands."""
        return {alias for name, alias in self.alias.items() if self.runtime.get(name, {}).get("runs")}

    @cached_property
    def ran(self) -> list[tuple[Unit, str]]:
        """Texts in the commands that statements run."""
        return [(unit, text) for unit in self.units for text in commands.texts(unit, self.resolver, self.runners)]

    @cached_property
    def survey(self) -> Survey:
        """Which files the code names, and where."""
        commanded = commands.named((text for _, text in self.ran), self.notebook.assets)
        lying = [asset for asset in self.notebook.assets if not asset.made]
        machines = knowledge.table("places", self.extensions)["machines"]["working"]
        return paths.survey(lying, self.units, self.resolver, commanded, machines, self.runners)

    @cached_property
    def defined(self) -> frozenset[str]:
        """Names of all functions, methods and classes of the code."""
        return paths.defined(self.units)

    @cached_property
    def files(self) -> list[list[FileExpression]]:
        """The paths in each statement."""
        survey = self.survey
        return [paths.file_expressions(unit, self.resolver, survey, self.defined) for _, unit in self.walk()]

    @cached_property
    def learned(self) -> tuple[Learning, Saving]:
        """The models that are fitted, applied, saved and measured; and which files hold models."""
        functions = {
            name: node
            for name, node in self.program.definitions.items()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and len(self.program.bindings[name]) == 1
        }
        learning = Learning(self.resolver, functions)
        saving = Saving(self.resolver, learning)
        before: tuple[int, Unit, dict[str, str]] | None = None
        for index, unit in self.walk():
            if before is not None:
                _see(learning, saving, *before)
            before = index, unit, dict(self.resolver.types.values)
        if before is not None:
            _see(learning, saving, *before)
        learning.end(self.bound_at_the_end, self.words)
        return learning, saving

    @cached_property
    def bound_at_the_end(self) -> set[str]:
        """Variables that are passed from step to step and surely bound behind the last one."""
        surely: set[str] = set()
        for unit in self.units:
            if unit.placement == "step":
                surely.update(unit.facts.binds)
                surely.difference_update(name for name in unit.facts.deletes if name not in unit.facts.binds)
        return {name for name in surely if not self.program.is_state(name) and not self.program.is_module(name)}

    @cached_property
    def beside(self) -> dict[str, ast.Module]:
        """The modules beside the notebook, by their dotted names."""
        return modules_beside(self.notebook)

    @cached_property
    def importable(self) -> import_order.Known:
        """The facts that are known of the modules that may be imported."""
        distributions = knowledge.table("distributions", self.extensions)
        return import_order.known(self.notebook, self.beside, self.api, distributions)

    @cached_property
    def functions(self) -> PlatformFunctions:
        """The functions of the platform that statements call, or may call."""
        return PlatformFunctions(self._called, self.runtime, self.words)

    @cached_property
    def layout(self) -> Mapping[str, Any]:
        """The table of stages, names and headings."""
        return knowledge.table("layout", self.extensions)

    def made(self, units: list[Unit]) -> Program:
        """The program of some statements, of which nothing is decided yet."""
        starred = stars.known(self.notebook, units, self.beside)
        return program_of(units, self.api, starred, self.alias.get("may_fail"))

    def effects(self, statements: Iterable[tuple[int, Unit]], resolver: CallResolver | None = None) -> Iterator[Unit]:
        """Statements, as types are known at each, with what they touch, draw and change put in."""
        resolver, drawing = resolver or self.resolver, self.api["drawing"]
        alias = self.functions.alias
        functions = {alias[name]: row["touches"] for name, row in self.runtime.items() if "touches" in row}
        for _, unit in statements:
            unit.resources = effects.touched(unit, resolver, functions, drawing)
            unit.draws = effects.draws(unit, resolver, functions, drawing)
            unit.changes = effects.changed(unit, resolver, functions)
            if isinstance(unit.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                functions[unit.node.name] = unit.resources
            yield unit


def program_of(
    units: Sequence[Unit], api: Mapping[str, Any], starred: Mapping[str, frozenset[str]], swallower: str | None
) -> Program:
    """The program of some statements.

    Args:
        api: the table of calls.
        starred: what star imports of modules bind, as far as one knows.
        swallower: what statements call the context manager that keeps exceptions to itself, if they do.
    """
    constants, decorators = api.get("constants", {}), api.get("decorators", {})
    return Program(
        units,
        CallTable(api["calls"]),
        starred,
        [swallower] if swallower is not None else [],
        frozenset(constants.get("calls", ())),
        frozenset(constants.get("classes", ())),
        frozenset(decorators.get("transparent", ())),
    )


def _see(learning: Learning, saving: Saving, index: int, unit: Unit, types: Mapping[str, str]) -> None:
    if unit.placement == "step":
        learning.see(index, unit, types)
    saving.see(unit)
