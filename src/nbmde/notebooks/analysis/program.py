"""A straight line of statements, as a notebook is, and how each of its names can reach the code that uses it.

Cut into functions that are called in the original order and that pass references, such a program computes the same:
the order of evaluation, mutation and aliasing hold by construction. Only the binding of names can go wrong. This
module decides for each name which way is exact:

passed      an argument and a result of the functions that use it,
module      defined once, at module level: imports, functions and classes that do not depend on the order, and
            constants that functions and classes read,
state       an attribute of a state object: exact for every name, and used where the others are not.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .annotations import annotation_names
from .calls import CallResolver, CallTable, TableSemantics, Types, imported_names
from .constants import Values, changed, nested
from .names import BUILTINS, NameFacts, facts, free_names
from .purity import Definition, Purity, has_method, passes_on
from .scopes import Comprehension, Function, own_nodes, top_level_names
from .trees import walk

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class Unit:
    """One statement of the program.

    Attributes:
        text: its source, not indented.
        cell: number of its cell; line: of its first line in the cell.
        echo: True where the value of this expression is shown.
        facts: what it does with names; with the arguments that functions take besides, once `Program` knows them.
        placement: step, module, first (done before the imports of modules) or dropped.
        segment: number of the function that it becomes part of.
        draws: it surely draws a figure.
        parameter: what it binds is a parameter of the notebook, which the notebook's platform asks for.
        replaced: the statement with defaults of parameters in the place of which it stands.
        changes: what it changes of that on which imports depend: environment, modules, cwd.
        named: what the notebook calls the function or class that this defines under another name.
        pinned: an import that stays where it is whatever it imports.
        fixed: an import with effects of its own, or that depends on what stands above it: it stays where it is.
        apart: it stands in a function with others of its kind only.
        beside: names that statements behind this star import take over from its module, each by itself.
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
    fixed: bool = False
    apart: bool = False
    beside: frozenset[str] = frozenset()
    draws: bool = False
    parameter: bool = False
    replaced: str = ""
    named: str = ""
    pinned: bool = False
    changes: set[str] = field(default_factory=set)
    facts: NameFacts = field(default_factory=NameFacts)
    resources: list[str] = field(default_factory=list)

    @property
    def node(self) -> ast.stmt | None:
        """The only statement, if there is just one."""
        return self.nodes[0] if len(self.nodes) == 1 else None

    @property
    def body(self) -> list[ast.stmt]:
        """The notebook's own statements: where they are timed, those inside the block that does it."""
        return self.node.body if self.timed and isinstance(self.node, ast.With) else self.nodes

    @property
    def first_line(self) -> int:
        """The line of ``text`` where the statement begins: 1 unless there are comments above it."""
        decorators = getattr(self.nodes[0], "decorator_list", []) if self.nodes else []
        return min([node.lineno for node in (*self.nodes[:1], *decorators)], default=1)


@dataclass
class Sharing:
    """How a name is shared, and why, where it is not simply passed."""

    how: str = "passed"
    reason: str = ""


@dataclass(frozen=True)
class Problem:
    """Something that code in functions does not do as it did at the top level.

    Attributes:
        line: counted in the unit's text, from 1 for its first one.
        form: what helps: "plain" code over an explicit namespace, its "source" as it is, or that it is "told"; empty
            if nothing does.
        reach: names that the code may use besides those that it shows: it "finds" some by text, "looks" at all that
            there are, "binds" some, passes all on so that other code may bind some ("escapes"), or looks at the
            "frames" of the code that calls it.
    """

    unit: Unit
    message: str
    remedy: str
    line: int = 0
    form: str = ""
    reach: str = ""


class Program:
    """The facts of a whole program; `place` finds what can stand at module level, `share` how names travel.

    Args:
        stars: what a star import of a module binds, as far as one knows.
        swallowers: names of context managers that keep exceptions to themselves.
        constant_calls: functions that give the same value whenever they are called, and do nothing else.
        class_calls: functions that make a class, which others find in a module.
        transparent: decorators that give all arguments to the function, and look at none.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        table: CallTable,
        stars: Mapping[str, frozenset[str]] | None = None,
        swallowers: Iterable[str] = (),
        constant_calls: Container[str] = (),
        class_calls: Container[str] = (),
        transparent: Container[str] = (),
    ) -> None:
        self.units = list(units)
        self.constant_calls, self.class_calls = constant_calls, class_calls
        self.transparent = transparent
        self.stars = dict(stars or {})
        self.table = table
        self.types = Types()
        self.resolver = CallResolver(table, self.types)
        self.sharing: dict[str, Sharing] = {}
        self.captured: dict[str, dict[str, None]] = {}  # function at module level -> names it takes besides
        self.kept: dict[str, str] = {}  # function or class that does not stand at module level -> why
        self.unsure: list[tuple[int, str]] = []  # statements that may read a variable before it is bound
        texts: list[str] = []
        future = False
        for node in self._nodes():
            for part in walk(node):
                if isinstance(part, (ast.Import, ast.ImportFrom)):  # known before anything is resolved
                    for name, target in imported_names(part).items():
                        self.types.modules.setdefault(name, target)
                        future |= target == "__future__.annotations"
                elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                    texts.append(part.value)
        self.definitions = {unit.node.name: unit.node for unit in self.units if isinstance(unit.node, _DEFINITIONS)}
        every = [part for node in self._nodes() for part in walk(node) if isinstance(part, _DEFINITIONS)]
        swallowers = [*swallowers, *(node.name for node in every if _may_swallow(node))]
        self.semantics = TableSemantics(self.resolver, texts, swallowers)
        self.semantics.annotations = not future
        self.refresh()
        self.imported = dict(self.types.modules)  # before anything else is learned

    def _nodes(self) -> Iterator[ast.stmt]:
        return (node for unit in self.units for node in unit.nodes)

    def refresh(self) -> None:
        """Computes the facts of every statement anew, types as they are known at each."""
        imported = dict(self.types.modules)
        self.types.values.clear()
        for unit in self.units:
            unit.facts = facts(unit.nodes, self.semantics)
            for node in unit.nodes:
                self.resolver.learn(node)
        self.types.modules.update(imported)
        self.bindings: dict[str, list[int]] = {}  # name -> the statements that bind it, in order
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
            for name in dict.fromkeys((*unit.facts.reads, *unit.facts.captures)):
                self.uses.setdefault(name, []).append(index)
        for name, index in self.global_writes.items():
            self.bindings.setdefault(name, []).append(index)
        self.resolver.unclear = {
            name
            for name, indexes in self.bindings.items()
            if (name in BUILTINS or name in self.types.modules)
            and (
                name in self.global_writes
                or not all(_only_imports(node, name) for index in indexes for node in self.units[index].nodes)
            )
        }

    @cached_property
    def passed_on(self) -> dict[str, list[int]]:
        """Names that are used otherwise than by calling them, so that what they mean is passed on; with statements."""
        found: dict[str, list[int]] = {}
        for index, unit in enumerate(self.units):
            names: dict[str, None] = {}
            for node in unit.nodes:
                calls = [part for part in walk(node) if isinstance(part, ast.Call)]
                called = {id(call.func) for call in calls}
                names.update(
                    (part.id, None)
                    for part in walk(node)
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and id(part) not in called
                )
                names.update((name, None) for call in calls for name in self.semantics.string_reads(call))
            for name in names:
                found.setdefault(name, []).append(index)
        return found

    # -- what stands at module level -----------------------------------------------------------------------------
    def place(self) -> None:
        """Finds the imports, functions and classes that mean the same at module level."""
        alike = {name for name in self.bindings if self.bound_alike(name)}
        imports = self._imports(alike)
        names = {name for index in imports for name in self.units[index].facts.all_bound}
        constants = self._constants(names)
        names |= constants.keys()
        definitions = self._definitions(alike, names)
        self.captured = self._captured(definitions, names)
        for index in (*imports, *constants.values()):
            self.units[index].placement = "module"
        for name in definitions:
            for index in self.bindings[name]:
                self.units[index].placement = "module"
        for name in sorted(names | definitions.keys()):
            self.sharing[name] = Sharing("module")

    def known_at(self, name: str, index: int) -> bool:
        """Does a name mean the same at module level as where a statement stands? After `place`."""
        if name in self.bindings:
            return self.is_module(name) and self.bindings[name][0] <= index
        return name in BUILTINS

    def bound_alike(self, name: str) -> bool:
        """Is a name bound to the same thing wherever it is bound, and does no use mean something else?"""
        if name in self.deletions or name in self.global_writes:
            return False
        first, *others = self.bindings[name]
        unit = self.units[first]
        if any(not _same(self.units[other], unit, name) for other in others):
            return False
        if isinstance(unit.node, _DEFINITIONS) and others:  # a new object each time: may anything notice?
            last = others[-1]
            if isinstance(unit.node, ast.ClassDef):
                watched = self.uses.get(name, [])
            else:
                watched = self.passed_on.get(name, []) if self.purity.same_each_time(unit.node) else [first]
            if any(first <= use < last for use in watched):
                return False
        elsewhere = name in BUILTINS or self._star_imports[:1] < [first]
        return not (elsewhere and any(use < first for use in self.uses.get(name, [])[:1]))

    @cached_property
    def purity(self) -> Purity:
        return Purity(self.resolver, self.definitions, self.transparent)

    @cached_property
    def _star_imports(self) -> list[int]:
        """Statements with star imports; a number behind the last where there are none."""
        return [index for index, unit in enumerate(self.units) if any(is_star_import(node) for node in unit.nodes)] or [
            len(self.units)
        ]

    def _imports(self, alike: set[str]) -> list[int]:
        """Imports that may as well run at the beginning."""
        found: dict[int, None] = {}
        for index, unit in enumerate(self.units):
            if (
                unit.nodes
                and all(is_import(node) for node in unit.nodes)
                and not unit.fixed
                and alike.issuperset(unit.facts.all_bound)
            ):
                found[index] = None
        staying = deque(name for index in found for name in self.units[index].facts.all_bound)
        while staying:  # a name is imported at the beginning by all its imports or by none
            name = staying.popleft()
            if any(index not in found for index in self.bindings[name]):
                for index in self.bindings[name]:
                    if index in found:
                        del found[index]
                        staying.extend(self.units[index].facts.all_bound)
        return list(found)

    def _constants(self, imports: set[str]) -> dict[str, int]:
        """Constants that functions and classes read, with the statements that bind them.

        A number or text stays with the steps, where it can be a setting, unless a class reads it or a function that
        cannot take it as an argument.
        """
        found = self._possible_constants(imports)
        free = {
            name: (*self.free(node), *facts([node], self.semantics).reads) for name, node in self.definitions.items()
        }
        rigid = [name for name, node in self.definitions.items() if self._is_rigid(name, node)]
        for name in rigid:
            rigid += [other for other in free[name] if other in free and other not in rigid]
        needed: dict[str, None] = {}
        for name, node in self.definitions.items():
            needed.update(
                (other, None)
                for other in free[name]
                if other in found and (name in rigid or not isinstance(found[other], ast.Constant | ast.UnaryOp))
            )
            needed.update((other, None) for other in facts([node], self.semantics).reads if other in found)
        needed.update((name, None) for name, value in found.items() if self._makes_class(value))
        pending = deque(needed)
        while pending:
            for part in walk(found[pending.popleft()]):
                if isinstance(part, ast.Name) and part.id in found and part.id not in needed:
                    needed[part.id] = None
                    pending.append(part.id)
        return {name: self.bindings[name][0] for name in needed}

    def _makes_class(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and (self.resolver.dotted(node.func) or "") in self.class_calls

    def _is_rigid(self, name: str, node: Definition) -> bool:
        """Does a definition take no further arguments without a change of what can be seen?"""
        return isinstance(node, ast.ClassDef) or name in self.passed_on or bool(node.decorator_list)

    def _possible_constants(self, imports: set[str]) -> dict[str, ast.expr]:
        """Variables that are bound once, to a constant that nothing changes; in the order of the program."""
        values = Values(self.resolver, self.constant_calls, self.class_calls)
        for index, unit in enumerate(self.units):
            node = unit.node
            if not isinstance(node, ast.Assign) or len(node.targets) != 1 or unit.parameter or unit.placement != "step":
                continue
            name = node.targets[0].id if isinstance(node.targets[0], ast.Name) else ""
            if not name or self.bindings[name] != [index] or name in self.deletions or name in self.global_writes:
                continue
            if name in BUILTINS or self._star_imports[0] < len(self.units) or self._read_before(name, index):
                continue
            known = all(other in imports or other in values.known or other in BUILTINS for other in unit.facts.reads)
            if not known or values.is_empty(node.value) or not values.is_constant(node.value):
                continue
            if not values.can_change(node.value) or not self._changes(name, values, node.value):
                values.known[name] = node.value
        return values.known

    def _read_before(self, name: str, index: int) -> bool:
        """May anything read a name before the statement that binds it, or in a text?"""
        users = {name}
        for unit in self.units[:index]:
            if isinstance(unit.node, _DEFINITIONS) and users & {*unit.facts.captures}:
                users.add(unit.node.name)
        above = self.units[:index]
        if any(
            not isinstance(unit.node, _DEFINITIONS) and users & {*unit.facts.reads, *unit.facts.captures}
            for unit in above
        ):
            return True
        return name in self._named_in_texts

    def _changes(self, name: str, values: Values, node: ast.expr) -> bool:
        inner = nested(values, node)
        own = self.definitions.__contains__
        return changed(name, list(self._nodes()), self.resolver, own, inner)

    def _definitions(self, alike: set[str], imports: set[str]) -> dict[str, Definition]:
        """Functions and classes that may stand at module level: the most of which none depends on one outside."""
        found: dict[str, Definition] = {}
        for index, unit in enumerate(self.units):
            node = unit.node
            if not isinstance(node, _DEFINITIONS) or node.name not in alike or self.bindings[node.name][0] != index:
                continue
            if self.purity.definition(node) and not unit.facts.in_class:
                found[node.name] = node
        free = {name: self.free(node) for name, node in found.items()}
        now = {
            name: facts([node], self.semantics).reads for name, node in found.items()
        }  # what is read where the definition stands
        users: dict[str, list[str]] = {}
        for name in found:
            for other in dict.fromkeys((*free[name], *now[name])):
                users.setdefault(other, []).append(name)
        for name, node in self.definitions.items():
            if name not in found:
                self.kept[name] = self._why_kept(name, node, alike)
        takes: dict[str, set[str]] = {
            name: set() for name in found
        }  # variables that a function would take as arguments
        pending: deque[tuple[str, str | None]] = deque()

        def variables(name: str) -> Iterator[str]:
            return (
                other for other in free[name] if other in self.bindings and other not in imports and other not in found
            )

        for name in found:
            if any(not self._known_before(other, self.bindings[name][0], imports, found) for other in now[name]):
                pending.append((name, None))
            pending.extend((name, variable) for variable in variables(name))
        while pending:
            name, variable = pending.popleft()
            if name not in found or variable in takes[name]:
                continue
            if variable is not None:
                takes[name].add(variable)
            node = found[name]
            if variable is None or not self._takes_arguments(name, node):
                del found[name]
                self.kept[name] = f"it reads {variable}" if variable else "what is read where it stands is a variable"
                pending.extend(
                    (user, None if name in now[user] else name) for user in users.get(name, ()) if user in found
                )
            else:  # a class may be derived from one that takes arguments
                derived = isinstance(node, ast.ClassDef)
                pending.extend(
                    (user, None if name in now[user] and not derived else variable)
                    for user in users.get(name, ())
                    if user in found
                )
        return found

    def _takes_arguments(self, name: str, node: Definition) -> bool:
        """Can a definition take further arguments that every use of it gives?"""
        if isinstance(node, ast.ClassDef):
            return bool(self.units[self.bindings[name][0]].named)
        if name in self._named_in_texts or name in self._called_by_attributes:
            return False
        return all(self._passes_on(decorator) for decorator in node.decorator_list)

    @cached_property
    def _named_in_texts(self) -> set[str]:
        """Names that texts read."""
        calls = (part for node in self._nodes() for part in walk(node) if isinstance(part, ast.Call))
        return {name for call in calls for name in self.semantics.string_reads(call)}

    @cached_property
    def _called_by_attributes(self) -> set[str]:
        """Names of which attributes are used that call what they are attributes of."""
        attributes = (part for node in self._nodes() for part in walk(node) if isinstance(part, ast.Attribute))
        return {part.value.id for part in attributes if isinstance(part.value, ast.Name) and part.attr in _CALLERS}

    def _passes_on(self, decorator: ast.expr) -> bool:
        """Does a decorator give all arguments to the function, and look at none?"""
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (self.resolver.dotted(function) or "") in self.transparent:
            return True
        own = self.definitions.get(function.id) if isinstance(function, ast.Name) else None
        return isinstance(own, ast.FunctionDef) and passes_on(own)

    def _why_kept(self, name: str, node: Definition, alike: set[str]) -> str:
        if name not in alike:
            return "the name has several meanings"
        return "" if self.purity.definition(node) else "something happens where it stands"

    def _known_before(self, name: str, index: int, imports: set[str], definitions: Iterable[str]) -> bool:
        """Does a name that is read at a definition mean the same at module level?"""
        if name in self.bindings:
            return (name in imports or name in definitions) and self.bindings[name][0] <= index
        return name in BUILTINS

    def free(self, node: Definition) -> dict[str, None]:
        """Names that a definition or the code in it looks up."""
        implied, self.semantics.implied = self.semantics.implied, {}
        if isinstance(node, ast.ClassDef):
            found = facts([node], self.semantics)
            names = dict.fromkeys((*found.captures, *found.reads))
        else:
            names = free_names(node, self.semantics).captures
        self.semantics.implied = implied
        return names

    def _captured(self, definitions: dict[str, Definition], imports: set[str]) -> dict[str, dict[str, None]]:
        """Variables that functions at module level need, with those that the functions they use need."""
        captured: dict[str, dict[str, None]] = {}
        users: dict[str, list[str]] = {}
        pending: deque[tuple[str, str]] = deque()
        for name, node in definitions.items():
            captured[name] = {}
            for other in self.free(node):
                if other in definitions:
                    users.setdefault(other, []).append(name)
                elif other in self.bindings and other not in imports:
                    pending.append((name, other))
        while pending:
            name, variable = pending.popleft()
            if variable not in captured[name]:
                captured[name][variable] = None
                pending.extend((user, variable) for user in users.get(name, ()))
        return captured

    # -- how names travel ----------------------------------------------------------------------------------------
    def share(self) -> None:
        """Decides how each variable reaches the code that uses it; needs `Unit.segment`."""
        self.semantics.implied = {name: dict(names) for name, names in self.captured.items() if names}
        self.refresh()
        for name, reason in self._in_state().items():
            self.sharing[name] = Sharing("state", reason)
        for name in self.bindings:
            self.sharing.setdefault(name, Sharing())

    def is_state(self, name: str) -> bool:
        """Is this name an attribute of the state object?"""
        return self.sharing.get(name, Sharing()).how == "state"

    def is_module(self, name: str) -> bool:
        """Is this name defined at module level?"""
        return self.sharing.get(name, Sharing()).how == "module"

    def annotated(self, unit: Unit) -> list[str]:
        """Names at module level in annotations of a statement, which may never be looked up."""
        return [name for node in unit.nodes for name in annotation_names(node) if self.is_module(name)]

    def _in_state(self) -> dict[str, str]:
        """Variables that must live in the state object, each with the reason."""
        found: dict[str, str] = {}
        variables = {name for name in self.bindings if not self.is_module(name)}
        if any(target.startswith("weakref") for target in self.types.modules.values()) or any(
            has_method(node, "__del__") for node in self._nodes()
        ):
            return dict.fromkeys(sorted(variables), "the notebook notices when nothing refers to an object any more")
        for name in (*self.global_writes, *self._hidden_at_calls(), *self._held()):
            found.setdefault(name, self._reasons[name])
        steps = [(index, unit) for index, unit in enumerate(self.units) if unit.placement == "step"]
        last_change: dict[str, int] = {}
        for index, unit in steps:
            last_change.update(dict.fromkeys((*unit.facts.all_bound, *unit.facts.deletes), index))
        bound_in: dict[int, set[str]] = {}
        for _, unit in steps:
            bound_in.setdefault(unit.segment, set()).update(unit.facts.all_bound, unit.facts.deletes)
        surely: set[str] = set()
        since: dict[str, int] = {}  # name -> the first function that may have bound the value which it has now
        for index, unit in steps:
            own = unit.facts
            here = unit.segment
            for name in own.captures:
                change = last_change.get(name, -1)
                if change > index and self.units[change].segment != here:
                    found.setdefault(name, f"code in cell {unit.cell} reads it later and it is bound again")
            for name in (*self._frozen(unit), *self._given_away(unit)):
                if last_change.get(name, -1) >= index:
                    found.setdefault(
                        name, f"what a function gives in cell {unit.cell} reads it later and it is bound again"
                    )
            for name in dict.fromkeys((*own.reads, *own.captures)):
                if name in surely or name not in variables:
                    continue
                self.unsure.append((index, name))
                if name in own.implied or since.get(name, here) != here:
                    found.setdefault(name, f"it may be unbound in cell {unit.cell}")
                elif name in bound_in[here] and (name in BUILTINS or (name in own.reads and _handles_errors(unit))):
                    found.setdefault(name, f"cell {unit.cell} may read it before it is bound")
            surely.update(name for name in own.must_read if name in since)
            for name in own.binds:
                surely.add(name)
                since[name] = here
            for name in own.all_bound:
                since.setdefault(name, here)
            surely.difference_update(name for name in own.deletes if name not in own.binds)
        return {name: reason for name, reason in found.items() if name in variables}

    @cached_property
    def _reasons(self) -> dict[str, str]:
        """Why names live in the state object whatever the order of the statements."""
        reasons = dict.fromkeys(self.global_writes, "a function binds it with `global`")
        for name in self._hidden_at_calls():
            reasons.setdefault(name, "a function needs it where another variable of that name hides it")
        for name in self._held():
            reasons.setdefault(name, "its value does something when nothing refers to it any more")
        return reasons

    def _hidden_at_calls(self) -> list[str]:
        """Variables that a function takes, and that code which calls the function cannot see."""
        found: dict[str, None] = {}
        for node in self._nodes():
            for occurrence in top_level_names(node):
                taken = self.captured.get(occurrence.name)
                if taken and occurrence.hidden:
                    found.update(dict.fromkeys(name for name in taken if name in occurrence.hidden))
        return list(found)

    def _held(self) -> list[str]:
        """Variables for open files and the like, which end when nothing refers to them any more."""
        found: dict[str, Unit] = {}
        for unit in self.units:
            node = unit.node
            if unit.placement != "step" or not isinstance(node, (ast.Assign, ast.AnnAssign)):
                continue
            if node.value is not None and self._holds(node.value):
                found.update(dict.fromkeys(unit.facts.binds, unit))
        closed: set[str] = set()
        for unit in self.units:
            for node in unit.nodes:
                for name in _closed(node):
                    if name in found and found[name].segment == unit.segment and len(self.bindings[name]) == 1:
                        closed.add(name)
        return [name for name in found if name not in closed]

    def _holds(self, node: ast.expr) -> bool:
        """Is a value made here that does something when it is released?"""
        if isinstance(node, ast.Call):
            return (self.resolver.dotted(node.func) or "") in _HELD
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return any(self._holds(part) for part in node.elts)
        if isinstance(node, ast.Dict):
            return any(self._holds(part) for part in node.values)
        if isinstance(node, ast.DictComp):
            return self._holds(node.value)
        return isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)) and self._holds(node.elt)

    def _frozen(self, unit: Unit) -> dict[str, None]:
        """Variables whose value is fixed at a call although the function's code, or code it defines, runs later."""
        names: dict[str, None] = {}
        if self.lazy_functions:
            for name in (*unit.facts.reads, *unit.facts.captures):
                if name in self.lazy_functions:
                    names.update(self.captured.get(name, {}))
        return names

    def _given_away(self, unit: Unit) -> dict[str, None]:
        """Variables that are bound to a function where it is passed on, and that it reads whenever it is called."""
        names: dict[str, None] = {}
        if any(self.captured.values()):
            for node in unit.nodes:
                calls = [part for part in walk(node) if isinstance(part, ast.Call)]
                used = {id(part.func) for part in calls}
                used.update(id(part) for call in calls if self.semantics.consumes_callable(call) for part in call.args)
                for part in walk(node):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and id(part) not in used:
                        names.update(self.captured.get(part.id, {}))
        return names

    @cached_property
    def lazy_functions(self) -> set[str]:
        """Functions that take variables and whose code, or code they define or use, may run after they return."""
        lazy: list[str] = []
        users: dict[str, list[str]] = {}
        for name, captured in self.captured.items():
            node = self.definitions[name]
            if captured and (
                isinstance(node, ast.AsyncFunctionDef)
                or any(isinstance(part, _LATER) for part in walk(node) if part is not node)
            ):
                lazy.append(name)
            for other in self.free(node):
                users.setdefault(other, []).append(name)
        found = set(lazy)
        while lazy:
            for user in users.get(lazy.pop(), ()):
                if user not in found:
                    found.add(user)
                    lazy.append(user)
        return found

    # -- what cannot be carried over -----------------------------------------------------------------------------
    def problems(self) -> Iterator[Problem]:
        """Statements that would not mean the same; after `share`."""
        for unit in self.units:
            for name in unit.facts.private:
                yield Problem(
                    unit,
                    f"a class reads {name}, which Python takes for a name of the class",
                    "use a name with fewer underscores",
                    form="source",
                )
            for name in unit.facts.in_class:
                if self._variable(name):
                    yield Problem(
                        unit,
                        f"a class body reads {name} from outside and binds it as well",
                        f"give one {name} another name",
                        form="source",
                    )
            for node in unit.nodes:
                for name in self._read_in_texts(node, unit.placement == "module"):
                    yield Problem(
                        unit,
                        f"a text names the variable {name}, which code in a function does not see there",
                        f"put the value of {name} into the text",
                        form="source",
                        reach="finds",
                    )
        future = [index for index, unit in enumerate(self.units) if any(_is_future(node) for node in unit.nodes)]
        for index in future:
            if self.units[index].placement != "module":
                yield Problem(
                    self.units[index], "names of `__future__` are used for other things as well", "rename the variable"
                )
        lazy = [index for index in future if any(_delays_annotations(node) for node in self.units[index].nodes)]
        for index in range(lazy[0] if lazy else 0):
            if any(
                isinstance(part, ast.arg) and part.annotation for node in self.units[index].nodes for part in walk(node)
            ):
                yield Problem(
                    self.units[lazy[0]],
                    "`from __future__` changes annotations from here on only, in a module those above as well",
                    "put it into the first cell",
                    form="told",
                )
        for index, name in self.unsure:
            for star in self._star_imports:
                if star < index and self.may_import(self.units[star], name):
                    yield Problem(
                        self.units[star],
                        f"{name} may come from `{self.units[star].text}` or be a variable",
                        f"import {name} by name",
                        form="star",
                        reach=name,
                    )
        for star in self._star_imports:
            if star < len(self.units):
                yield from self._hidden_by(star)

    def _variable(self, name: str) -> bool:
        return name in self.bindings and not self.is_module(name)

    def _read_in_texts(self, node: ast.stmt, module: bool) -> Iterator[str]:
        """Variables that texts name where a function of the project does not see them."""
        seen = {id(part) for part in own_nodes([node])}
        if module and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            seen |= {id(part) for part in own_nodes(node.body)}
        local: set[str] = set()
        for part in walk(node):
            if isinstance(part, Function | Comprehension):
                local |= {
                    name.id for name in walk(part) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
                }
                local |= {argument.arg for argument in walk(part) if isinstance(argument, ast.arg)}
        for part in walk(node):
            if isinstance(part, ast.Call):
                for name in self.semantics.string_reads(part):
                    if self.is_state(name) or (id(part) not in seen and self._variable(name) and name not in local):
                        yield name

    def may_import(self, star: Unit, name: str) -> bool:
        """May a star import bind this name?"""
        names = self.stars.get(_star_module(star))
        if name in star.beside:
            return False
        return not name.startswith("_") and (names is None or name in names)

    def _hidden_by(self, star: int) -> Iterator[Problem]:
        """Report names that a star import binds although they mean something else before."""
        unit = self.units[star]
        known = self.stars.get(_star_module(unit), _OFTEN_HIDDEN)
        for name, indexes in self.bindings.items():
            last = self.uses.get(name, [-1])[-1]
            if name in unit.beside:
                continue
            if name in known and indexes[0] < star < last and not any(star < index < last for index in indexes):
                yield Problem(
                    unit,
                    f"`{unit.text}` binds {name} anew",
                    "import by name what you need",
                    form="star",
                    reach=name,
                )
        for name, indexes in self.uses.items():
            if name in known and name in BUILTINS and indexes[0] < star and name not in self.bindings:
                yield Problem(
                    unit,
                    f"`{unit.text}` binds {name}, which is used before as Python's own",
                    "import by name what you need",
                    form="star",
                    reach=name,
                )

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
        summaries = {number: self.summary(units) for number, units in segments.items()}
        bound_before: dict[int, set[str]] = {}  # of the names that a segment is about
        bound: set[str] = set()
        for number, summary in summaries.items():
            bound_before[number] = {name for name in (*summary.reads, *summary.all_bound) if name in bound}
            bound.update(summary.all_bound)
            bound.difference_update(name for name in summary.deletes if name not in summary.all_bound)
        live = set(keep)
        results: dict[int, tuple[list[str], list[str]]] = {}
        for number in reversed(summaries):
            summary, before = summaries[number], bound_before[number]
            outputs = [name for name in summary.all_bound if name in live and self._local(name)]
            inputs = [name for name in summary.reads if self._local(name) and name in before]
            inputs += [name for name in outputs if name not in summary.binds and name in before and name not in inputs]
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


_LATER = (
    ast.Yield, ast.YieldFrom, ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef, ast.GeneratorExp, ast.ClassDef,
)  # fmt: skip
_CALLERS = frozenset(["__call__", "__get__", "__wrapped__", "__func__", "py_func", "remote", "delay", "apply_async"])
_OFTEN_HIDDEN = frozenset(  # by star imports
    ["abs", "all", "any", "bool", "divmod", "float", "int", "max", "min", "open", "pow", "round", "sum"]
)
_HELD = frozenset(  # what ends when nothing refers to it any more
    [
        *("open", "io.open", "os.fdopen", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "tarfile.open"),
        *("zipfile.ZipFile", "shelve.open", "h5py.File", "sqlite3.connect", "subprocess.Popen", "csv.writer"),
        *("tempfile.NamedTemporaryFile", "tempfile.TemporaryFile", "tempfile.SpooledTemporaryFile"),
        "tempfile.TemporaryDirectory",
    ]
)


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


def _delays_annotations(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and "__future__.annotations" in imported_names(node).values()


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def is_star_import(node: ast.stmt) -> bool:
    """``from module import *``."""
    return isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)


def _star_module(unit: Unit) -> str:
    return next(("." * node.level + (node.module or "") for node in unit.nodes if isinstance(node, ast.ImportFrom)), "")


def _same(one: Unit, other: Unit, name: str) -> bool:
    """Do two statements bind a name to the same thing, or to things that differ in identity alone?"""
    if one is other:
        return True
    if isinstance(one.node, (ast.Import, ast.ImportFrom)) and isinstance(other.node, (ast.Import, ast.ImportFrom)):
        return imported_names(one.node).get(name) == imported_names(other.node).get(name)
    known = all(is_import(node) for node in one.nodes) or isinstance(one.node, _DEFINITIONS)
    return known and [ast.dump(node) for node in one.nodes] == [ast.dump(node) for node in other.nodes]


def _only_imports(node: ast.stmt, name: str) -> bool:
    """Does a statement bind a name by nothing but imports: itself, or in the statements of its block?"""
    if not isinstance(node, ast.With):
        return is_import(node)
    headers = [part for item in node.items if item.optional_vars is not None for part in walk(item.optional_vars)]
    if any(isinstance(part, ast.Name) and part.id == name for part in headers):
        return False
    return all(_only_imports(child, name) for child in node.body if name in facts([child]).all_bound)


def _may_swallow(node: Definition) -> bool:
    """May a context manager that this makes keep an exception to itself?"""
    if isinstance(node, ast.ClassDef):
        exits = [
            part for part in node.body if isinstance(part, _DEFINITIONS) and part.name in ("__exit__", "__aexit__")
        ]
        return any(isinstance(part, ast.Return) and part.value is not None for exit_ in exits for part in walk(exit_))
    yields = [part for part in walk(node) if isinstance(part, (ast.Yield, ast.YieldFrom))]
    return bool(yields and node.decorator_list) and any(isinstance(part, (ast.Try, ast.With)) for part in walk(node))


def _handles_errors(unit: Unit) -> bool:
    return any(isinstance(part, (ast.Try, ast.With, ast.AsyncWith)) for node in unit.nodes for part in walk(node))


def _closed(node: ast.stmt) -> list[str]:
    """Variables that a statement closes: ``name.close()`` and ``with name:``."""
    if isinstance(node, ast.With):
        return [item.context_expr.id for item in node.items if isinstance(item.context_expr, ast.Name)]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        function = node.value.func
        if isinstance(function.value, ast.Name) and function.attr in ("close", "cleanup", "communicate", "wait"):
            return [function.value.id]
    return []
