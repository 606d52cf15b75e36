"""What pure functions find in the statements of a workflow: syntax trees, def-use, types, calls, paths.

Derived from the model alone, and from the notebook that it refers to. It holds no decision: it is kept between
refinements because it takes time, and may be dropped at any time. `of` makes it anew as soon as a statement changed.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.calls import CallResolver, CallTable
from nbmde.notebooks.analysis.program import Program, Sharing, Unit
from nbmde.notebooks.inject import execution

from . import commands, effects, paths, running, stars
from .learning import Learning
from .local import modules_beside
from .paths import FileExpression, Survey
from .platform import identifiers
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


def _current(workflow: Workflow, extensions: tuple[Path, ...]) -> Index:
    statements = in_order(workflow)
    state = (extensions, *((id(one), one.text, one.placement, one.eContainer()) for one in statements))
    if not _last or _last[0][0] is not workflow or _last[0][1] != state:
        _last[:] = [(workflow, state, Index(workflow, statements, extensions))]
    known = _last[0][2]
    known.see_kept()
    return known


def drop() -> None:
    """Forget what is known."""
    _last.clear()


def names_in(expression: str) -> list[str]:
    """The names in an expression."""
    return [part.id for part in ast.walk(ast.parse(expression)) if isinstance(part, ast.Name)]


def in_order(workflow: Workflow) -> list[Statement]:
    """All statements, as they follow each other in the notebook."""
    statements = [*workflow.definitions, *(statement for step in workflow.steps for statement in step.statements)]
    return sorted(statements, key=lambda statement: statement.number)


class Index:
    """The index of a workflow.

    Attributes:
        statements: all of them, in the order of the notebook; others go by their indexes in here.
        units: the same with syntax trees and def-use facts.
    """

    def __init__(self, workflow: Workflow, statements: list[Statement], extensions: tuple[Path, ...]) -> None:
        self.notebook = workflow.notebook
        self.extensions = extensions
        self.statements = statements
        self.runtime: Mapping[str, Any] = knowledge.table("runtime", extensions)["functions"]
        self.api = knowledge.table("api", extensions)
        self.alias = {one.name: one.alias for one in workflow.runtime}
        self.captured = {
            symbol.name: {other.name: None for other in symbol.captured}
            for symbol in workflow.symbols
            if symbol.captured
        }
        self.sharing = {one.name: Sharing(one.sharing.name, one.reason or "") for one in workflow.symbols}
        number = {id(step): place for place, step in enumerate(workflow.steps, 1)}
        self.program = self._program([_unit(one, number.get(id(one.eContainer()), 0)) for one in statements])
        self.units = self.program.units
        self._imported = dict(self.program.types.modules)
        self._see_effects()

    def see_kept(self) -> None:
        """What is kept at a statement is read there."""
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
            shared = running.sources(self.notebook.assets)
            sources += [
                source.decode("utf-8", "replace").replace("\\n", " ")
                for path, source in shared.items()
                if path.endswith(".ipynb")
            ]
        return identifiers(sources)

    @cached_property
    def runners(self) -> Collection[str]:
        """What the code calls functions of the platform that run commands."""
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
        """What is fitted, applied, saved and measured; and which files hold models."""
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

    def _program(self, units: list[Unit]) -> Program:
        constants, decorators = self.api.get("constants", {}), self.api.get("decorators", {})
        program = Program(
            units,
            CallTable(self.api["calls"]),
            stars.known(self.notebook, units, modules_beside(self.notebook)),
            [self.alias["may_fail"]] if "may_fail" in self.alias else [],
            frozenset(constants.get("calls", ())),
            frozenset(constants.get("classes", ())),
            frozenset(decorators.get("transparent", ())),
        )
        program.captured = self.captured
        program.sharing = self.sharing
        if self.captured:
            program.semantics.implied = {name: dict(names) for name, names in self.captured.items()}
            program.refresh()
        return program

    def _see_effects(self) -> None:
        """Put in what each statement touches, draws and changes."""
        resolver, drawing = self.resolver, self.api["drawing"]
        functions = {
            alias: self.runtime[name]["touches"]
            for name, alias in self.alias.items()
            if "touches" in self.runtime.get(name, {})
        }
        for _, unit in self.walk():
            unit.resources = effects.touched(unit, resolver, functions, drawing)
            unit.draws = effects.draws(unit, resolver, functions, drawing)
            unit.changes = effects.changed(unit, resolver, functions)
            if isinstance(unit.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                functions[unit.node.name] = unit.resources


def _see(learning: Learning, saving: Saving, index: int, unit: Unit, types: Mapping[str, str]) -> None:
    if unit.placement == "step":
        learning.see(index, unit, types)
    saving.see(unit)


def _unit(statement: Statement, segment: int) -> Unit:
    return Unit(
        statement.text,
        ast.parse(statement.text).body,
        statement.cellNumber,
        statement.firstLine,
        statement.lastLine,
        statement.echo,
        statement.endsCell,
        statement.timed,
        statement.placement.name,
        segment,
        parameter=statement.parameter,
        named=statement.named or "",
    )
