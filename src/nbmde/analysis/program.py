"""A straight line of statements, as a notebook is, and how each of its names can reach the code that uses it.

Cut into functions that are called in the original order and that pass references, such a program computes the same:
the order of evaluation, mutation and aliasing hold by construction. Only the binding of names can go wrong. This
module decides for each name which way is exact:

passed      an argument and a result of the functions that use it,
module      defined once, at module level: imports, and functions and classes that do not depend on the order,
state       an attribute of a state object, because code that runs later reads a name that is bound again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .calls import CallTable, CallResolver, TableSemantics, Types, imported_names
from .names import BUILTINS, NameFacts, evaluated_at_definition, facts, free_names

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
STATE = "state"


@dataclass
class Unit:
    """One statement of the program.

    Attributes:
        text: its source, not indented.
        cell: number of its cell; line: of its first line in the cell.
        echo: True where the value of this expression is shown.
        facts: what it does with names; with the arguments that functions take besides, once `Program` knows them.
        placement: step, module or dropped.
        segment: number of the function that it becomes part of.
    """

    text: str
    nodes: list[ast.stmt]
    cell: int
    line: int = 1
    last_line: int = 1
    echo: bool = False
    ends_cell: bool = False
    timed: bool = False
    placement: str = "step"
    segment: int = 0
    facts: NameFacts = field(default_factory=NameFacts)
    resources: list[str] = field(default_factory=list)

    @property
    def node(self) -> ast.stmt | None:
        """The only statement, if there is just one."""
        return self.nodes[0] if len(self.nodes) == 1 else None


@dataclass
class Sharing:
    """How a name is shared, and why, where it is not simply passed."""

    how: str = "passed"
    reason: str = ""


class Program:
    """The facts of a whole program; `place` finds what can stand at module level, `share` how names travel."""

    def __init__(self, units: Sequence[Unit], table: CallTable) -> None:
        self.units = list(units)
        self.table = table
        self.types = Types()
        self.resolver = CallResolver(table, self.types)
        self.semantics = TableSemantics(self.resolver)
        self.sharing: dict[str, Sharing] = {}
        self.captured: dict[str, dict[str, None]] = {}  # function at module level -> names it takes besides
        self.state_name = STATE
        for unit in self.units:  # aliases of imports are known before anything is resolved
            for node in unit.nodes:
                for part in ast.walk(node):
                    if isinstance(part, (ast.Import, ast.ImportFrom)):
                        for name, target in imported_names(part).items():
                            self.types.modules.setdefault(name, target)
                    elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                        self.semantics.texts.append(part.value)
        self.refresh()
        self.state_name = fresh(STATE, self.bindings)

    def refresh(self) -> None:
        """Computes the facts of every statement anew, types as they are known at each."""
        imported = dict(self.types.modules)
        self.types.values.clear()
        for unit in self.units:
            unit.facts = facts(unit.nodes, self.semantics)
            for node in unit.nodes:
                self.resolver.learn(node)
        self.types.modules.update(imported)
        self.bindings: dict[str, list[int]] = {}
        self.deletions: dict[str, list[int]] = {}
        self.uses: dict[str, list[int]] = {}
        self.global_writes: dict[str, int] = {}
        for index, unit in enumerate(self.units):
            for name in unit.facts.all_bound:
                self.bindings.setdefault(name, []).append(index)
            for name in unit.facts.deletes:
                self.deletions.setdefault(name, []).append(index)
            for name in unit.facts.global_writes:
                self.global_writes.setdefault(name, index)
            for name in (*unit.facts.reads, *unit.facts.captures):
                self.uses.setdefault(name, []).append(index)
        for name, index in self.global_writes.items():
            self.bindings.setdefault(name, []).append(index)

    @cached_property
    def escaping(self) -> set[str]:
        """Names that are used otherwise than by calling them: what they mean is passed on as it is."""
        found: set[str] = set()
        for unit in self.units:
            for node in unit.nodes:
                called = {id(part.func) for part in ast.walk(node) if isinstance(part, ast.Call)}
                found.update(
                    part.id for part in ast.walk(node)
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and id(part) not in called
                )
                found.update(name for part in ast.walk(node) if isinstance(part, ast.Call) for name in self.semantics.string_reads(part))
        return found

    # -- what stands at module level -----------------------------------------------------------------------------
    def place(self) -> None:
        """Finds the imports, functions and classes that mean the same at module level, and drops nothing."""
        candidates = {
            index for index, unit in enumerate(self.units)
            if isinstance(unit.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and self._bound_alike(index)
        }
        imports = {index for index, unit in enumerate(self.units) if self._pure_import(index)}
        while True:
            modules = {name for index in candidates | imports for name in self.units[index].facts.all_bound}
            self.captured = self._captured(candidates, modules)
            wrong = {index for index in candidates if not self._hoistable(index, modules)}
            if not wrong:
                break
            candidates -= wrong
        for index in candidates | imports:
            self.units[index].placement = "module"
        for name in sorted({name for index in candidates | imports for name in self.units[index].facts.all_bound}):
            self.sharing[name] = Sharing("module")

    def _bound_alike(self, index: int) -> bool:
        """Is every binding of the names bound here the same statement, and no earlier use means something else?"""
        unit = self.units[index]
        for name in unit.facts.all_bound:
            if name in self.deletions or name in self.global_writes:
                return False
            if any(not _same(self.units[other], unit, name) for other in self.bindings[name]):
                return False
            first = self.bindings[name][0]
            if (name in BUILTINS or self._star_before(first)) and any(use < first for use in self.uses.get(name, ())):
                return False
        return True

    def _star_before(self, index: int) -> bool:
        return any(is_star_import(node) for unit in self.units[:index] for node in unit.nodes)

    def _pure_import(self, index: int) -> bool:
        unit = self.units[index]
        if not unit.nodes or not all(is_import(node) for node in unit.nodes) or unit.timed:
            return False
        if any("environment" in earlier.resources or "modules" in earlier.resources or "cwd" in earlier.resources
               for earlier in self.units[:index] if earlier.placement == "step"):
            return False
        return self._bound_alike(index)

    def _captured(self, candidates: Iterable[int], modules: set[str]) -> dict[str, dict[str, None]]:
        """Variables that functions at module level need, with those that the functions they use need."""
        functions = [self.units[index] for index in sorted(candidates)]
        own: dict[str, dict[str, None]] = {}
        used: dict[str, list[str]] = {}
        saved, self.semantics.implied = self.semantics.implied, {}
        for unit in functions:
            node = unit.node
            assert isinstance(node, Definition)
            free = _free(node, self.semantics)
            own[node.name] = {name: None for name in free if name in self.bindings and name not in modules}
            used[node.name] = [name for name in free if name in modules]
        self.semantics.implied = saved
        changed = True
        while changed:
            changed = False
            for name, called in used.items():
                for other in called:
                    for variable in own.get(other, ()):
                        if variable not in own[name]:
                            own[name][variable] = None
                            changed = True
        return own

    def _hoistable(self, index: int, modules: set[str]) -> bool:
        node = self.units[index].node
        assert isinstance(node, Definition)
        captured = self.captured[node.name]
        now = facts([node]).reads  # decorators, defaults, annotations, bases and class bodies run where the definition is
        if any(name in self.bindings and (name not in modules or self._later(name, index)) for name in now):
            return False
        if isinstance(node, ast.ClassDef):
            return not captured
        if captured and (node.decorator_list or node.name in self.escaping):
            return False
        taken = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        return not taken & set(captured)

    def _later(self, name: str, index: int) -> bool:
        return self.bindings[name][0] > index

    # -- how names travel ----------------------------------------------------------------------------------------
    def share(self) -> None:
        """Decides how each variable reaches the code that uses it; needs `Unit.segment`."""
        self._apply_captures()
        while True:
            found = self._late_reads()
            found = {name: reason for name, reason in found.items() if self.sharing.get(name, Sharing()).how == "passed"}
            if not found:
                break
            for name, reason in found.items():
                self.sharing[name] = Sharing("state", reason)
            self._apply_captures()
        for name in self.bindings:
            self.sharing.setdefault(name, Sharing())

    def is_state(self, name: str) -> bool:
        """Is this name an attribute of the state object?"""
        return self.sharing.get(name, Sharing()).how == "state"

    def is_module(self, name: str) -> bool:
        """Is this name defined at module level?"""
        return self.sharing.get(name, Sharing()).how == "module"

    def extra_arguments(self, function: str) -> list[str]:
        """Keyword arguments that a function at module level takes besides its own; the state object last."""
        captured = self.captured.get(function, {})
        names = [name for name in captured if not self.is_state(name)]
        return [*names, self.state_name] if any(self.is_state(name) for name in captured) else names

    def _apply_captures(self) -> None:
        self.semantics.implied = {
            name: {argument: None for argument in self.captured[name]} for name in self.captured if self.captured[name]
        }
        self.refresh()

    def _late_reads(self) -> dict[str, str]:
        """Variables that must live in the state object, each with the reason."""
        found: dict[str, str] = {}
        variables = {name for name in self.bindings if not self.is_module(name)}
        for name in self.global_writes:
            if name in variables:
                found[name] = "a function binds it with `global`"
        surely: set[str] = set()
        unsure: set[str] = set()
        for index, unit in enumerate(self.units):
            if unit.placement == "step":
                for name in unit.facts.captures:
                    if name in variables and self._rebound_elsewhere(name, index):
                        found.setdefault(name, f"code in cell {unit.cell} reads it later and it is bound again")
                for name in self._frozen(unit):
                    if name in variables and self._rebound_elsewhere(name, index, same_segment=True):
                        found.setdefault(name, f"a function passed on in cell {unit.cell} reads it and it is bound again")
                implied = {name for use in (*unit.facts.reads, *unit.facts.captures) for name in self.captured.get(use, ())}
                for name in unit.facts.reads:
                    if name in variables and name not in surely:
                        if name in implied and self.bindings.get(name):
                            found.setdefault(name, f"it may be unbound when a function in cell {unit.cell} needs it")
                        elif name in unsure and name not in unit.facts.must_read:
                            found.setdefault(name, f"it may be unbound in cell {unit.cell}")
                surely.update(unit.facts.binds)
                unsure.update(name for name in unit.facts.all_bound if name not in unit.facts.binds)
                surely.difference_update(name for name in unit.facts.deletes if name not in unit.facts.binds)
                for name in unit.facts.all_bound:
                    if name not in surely and name not in found and name in variables and self._live_unsure(name, index):
                        found[name] = f"cell {unit.cell} binds it on some paths only"
        return found

    def _rebound_elsewhere(self, name: str, index: int, same_segment: bool = False) -> bool:
        """Is a name bound or deleted behind this statement (in another function, unless ``same_segment``)?"""
        here = self.units[index].segment
        changes = [*self.bindings.get(name, ()), *self.deletions.get(name, ())]
        return any(
            change > index and (same_segment or self.units[change].segment != here)
            for change in changes
            if self.units[change].placement == "step"
        )

    def _frozen(self, unit: Unit) -> dict[str, None]:
        """Variables whose value is fixed at a call although the function's code, or code it defines, runs later."""
        names: dict[str, None] = {}
        for node in unit.nodes:
            for part in ast.walk(node):
                if isinstance(part, ast.Name) and part.id in self.lazy_functions:
                    names.update(self.captured.get(part.id, {}))
        return names

    @cached_property
    def lazy_functions(self) -> set[str]:
        """Functions at module level whose code, or code they define, may still run after they have returned."""
        lazy = set()
        for unit in self.units:
            node = unit.node
            if unit.placement == "module" and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                inner = [part for part in ast.walk(node) if part is not node]
                if isinstance(node, ast.AsyncFunctionDef) or any(
                    isinstance(part, (ast.Yield, ast.YieldFrom, ast.Lambda, ast.FunctionDef, ast.GeneratorExp, ast.ClassDef))
                    for part in inner
                ):
                    lazy.add(node.name)
        return lazy

    def _live_unsure(self, name: str, index: int) -> bool:
        """A name that may be unbound here: may it be used in another function in a way that does not surely fail?"""
        here = self.units[index].segment
        for unit in self.units[index + 1 :]:
            if unit.placement != "step":
                continue
            if name in unit.facts.reads:
                return unit.segment != here and name not in unit.facts.must_read
            if name in unit.facts.binds:
                return False
        return False

    # -- interfaces of the functions -----------------------------------------------------------------------------
    def interfaces(self, keep: Iterable[str] = ()) -> list[tuple[list[str], list[str]]]:
        """Inputs and outputs of each segment, in order of use and of binding.

        Args:
            keep: names that are needed after the end.
        """
        segments: dict[int, list[Unit]] = {}
        for unit in self.units:
            if unit.placement == "step":
                segments.setdefault(unit.segment, []).append(unit)
        live: set[str] = set(keep)
        summaries = {number: self.summary(units) for number, units in segments.items()}
        results: dict[int, tuple[list[str], list[str]]] = {}
        bound_before: dict[int, set[str]] = {}
        bound: set[str] = set()
        for number, summary in summaries.items():
            bound_before[number] = set(bound)
            bound.update(name for name in summary.all_bound)
            bound.difference_update(name for name in summary.deletes if name not in summary.all_bound)
        for number in reversed(summaries):
            summary = summaries[number]
            outputs = [name for name in summary.all_bound if name in live and self._local(name)]
            inputs = [name for name in summary.reads if self._local(name) and name in bound_before[number]]
            inputs += [
                name for name in outputs
                if name not in summary.binds and name in bound_before[number] and name not in inputs
            ]
            results[number] = (inputs, outputs)
            live.difference_update(summary.binds)
            live.update(inputs)
        return [results[number] for number in summaries]

    def summary(self, units: Iterable[Unit]) -> NameFacts:
        """Facts of a run of statements: captures count as reads of what is bound before."""
        total = NameFacts()
        for unit in units:
            own = unit.facts
            for name in (*own.reads, *own.captures):
                if name not in total.binds:
                    total.reads.setdefault(name)
            for name in own.must_read:
                if name not in total.binds:
                    total.must_read.setdefault(name)
            for name in own.binds:
                total.binds.setdefault(name)
            for name in own.all_bound:
                total.maybe_binds.setdefault(name)
            for name in own.deletes:
                total.deletes.setdefault(name)
                if name not in own.binds:
                    total.binds.pop(name, None)
                    if name not in own.all_bound:
                        total.maybe_binds.pop(name, None)
            total.awaits |= own.awaits
        return total

    def _local(self, name: str) -> bool:
        return name in self.bindings and not self.is_state(name) and not self.is_module(name)


def fresh(name: str, taken: Iterable[str]) -> str:
    """``name``, with underscores behind it until it is none of ``taken``."""
    taken = set(taken)
    while name in taken:
        name += "_"
    return name


def is_import(node: ast.stmt) -> bool:
    """An import, or a ``try`` that chooses between imports and simple constants and does nothing else."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(node, ast.Try):
        blocks = [node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)]
        parts = [part for block in blocks for part in block]
        return any(isinstance(part, (ast.Import, ast.ImportFrom)) for part in node.body) and all(
            (is_import(part) and not is_star_import(part))
            or isinstance(part, ast.Pass)
            or (
                isinstance(part, ast.Assign)
                and isinstance(part.value, ast.Constant)
                and all(isinstance(target, ast.Name) for target in part.targets)
            )
            for part in parts
        )
    return False


def is_star_import(node: ast.stmt) -> bool:
    """``from module import *``."""
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def _same(one: Unit, other: Unit, name: str) -> bool:
    """Do two statements bind a name to the same thing?"""
    if one is other or [ast.dump(node) for node in one.nodes] == [ast.dump(node) for node in other.nodes]:
        return True
    if isinstance(one.node, (ast.Import, ast.ImportFrom)) and isinstance(other.node, (ast.Import, ast.ImportFrom)):
        return imported_names(one.node).get(name) == imported_names(other.node).get(name)
    return False


def _free(node: Definition, semantics: TableSemantics) -> dict[str, None]:
    if isinstance(node, ast.ClassDef):
        found = facts([node], semantics)
        return {name: None for name in (*found.captures, *found.reads)}
    free, _ = free_names(node, semantics)
    return free


__all__ = ["Program", "Sharing", "Unit", "evaluated_at_definition", "fresh", "is_import", "is_star_import"]
