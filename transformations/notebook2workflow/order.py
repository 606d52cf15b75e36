"""Which statements may not change places: what they bind, change and touch, as far as nothing excludes it.

A call that the table does not know may change what it is called on and what it is given; a result may share memory
with what it was made of, unless its call is known to copy. Order counts between a statement that binds or changes
something and one that uses it; what only prints may be moved.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from nbmde.notebooks.analysis.calls import CallResolver, ResolvedCall, root_name
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.trees import children, walk

from .effects import UNKNOWN, changed_in_place
from .flow import SELECTS
from .index import Index
from .statements import in_order

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Statement, Symbol, Workflow

SHOWN = frozenset(["stdout", "display"])  # the order of what is shown may be another
LOOKED_AT = frozenset(["cwd", "environment", "modules"])  # most calls only look at these
COPIES = SELECTS | {"assign", "astype", "describe", "fillna", "fit_transform", "groupby", "join", "merge", "predict"}
COPIES |= {"predict_proba", "sort_values", "transform"}
MADE_NEW = frozenset(
    ["sklearn.model_selection.train_test_split", "pandas.concat", "pandas.merge", "pandas.get_dummies"]
)
ITERATORS = frozenset(["enumerate", "filter", "iter", "map", "open", "reversed", "zip"])
PLAIN = frozenset(["None", "bool", "bytes", "float", "int", "str"])


class Conflict(NamedTuple):
    """Two statements that have changed places, and why they must not.

    Attributes:
        first: the one that stands first now, and stood behind the other.
        how: what one of them does with `what`: binds, changes, or touches.
    """

    first: Statement
    then: Statement
    how: str
    what: str


@dataclass(frozen=True)
class Effects:
    """The effects of a statement.

    Attributes:
        names: all that it names, itself or in functions that it calls.
        bound: what it binds or unbinds, perhaps.
        changed: names whose object it changes, perhaps.
        uses, alters: resources.
        files: paths that it names; None for any.
    """

    names: frozenset[str]
    bound: frozenset[str]
    changed: frozenset[str]
    uses: frozenset[str]
    alters: frozenset[str]
    files: frozenset[str] | None


def conflicts(workflow: Workflow) -> Iterator[Conflict]:
    """Statements that stand in another order than in the notebook, and for which the order counts."""
    for sequence in ([one for step in workflow.steps for one in step.statements], list(workflow.definitions)):
        moved = list(_moved(sequence))
        if not moved:
            continue
        found = _Analysis(workflow)
        for first, then in moved:
            why = found.conflict(first, then)
            if why is not None:
                yield Conflict(first, then, *why)


def _moved(sequence: list[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Pairs of statements that have changed places. Those that share their number are new: nothing is known of them."""
    numbers = [one.number for one in sequence]
    if all(one < other for one, other in pairwise(numbers)):
        return
    known = [one for one in sequence if numbers.count(one.number) == 1]
    for place, then in enumerate(known):
        for first in known[:place]:
            if first.number > then.number:
                yield first, then


class _Analysis:
    """The effects of all statements of a workflow, and which names may share memory."""

    def __init__(self, workflow: Workflow) -> None:
        statements = in_order(workflow)
        index = Index(workflow, statements, ())
        self._imports = {_called(symbol) for symbol in workflow.symbols if symbol.kind.name == "import"}
        self._state = {_called(symbol) for symbol in workflow.symbols if symbol.sharing.name == "state"}
        self._captured = {
            _called(name): [_called(symbol) for symbol in statement.captures]
            for statement in statements
            for name in (*statement.binds, *statement.maybeBinds)
            if len(statement.captures) or statement.kind.name in ("function", "class")
        }
        self._draws: dict[str, bool] = {}  # estimators and the like: whether their methods draw random numbers
        self._iterators: set[str] = set()
        self._harmless = _harmless(index)
        self._gives_iterator = {
            unit.node.name: any(isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(unit.node))
            for unit in index.units
            if isinstance(unit.node, ast.FunctionDef)
        }  # functions of the notebook
        self._shares: dict[str, str] = {}
        self._effects: dict[Statement, Effects] = {}
        for symbol in workflow.symbols:
            for alias in symbol.aliases:
                self._share(_called(symbol), _called(alias))
        for number, unit in index.walk():
            self._effects[statements[number]] = self._of(statements[number], unit, index.resolver)

    def conflict(self, first: Statement, then: Statement) -> tuple[str, str] | None:
        """How two statements depend on each other, and by what."""
        one, other = self._effects[first], self._effects[then]
        if bound := (one.bound & other.names) | (other.bound & one.names):
            return "binds", ", ".join(sorted(bound))
        changed = (self._shared(one.changed) & self._shared(other.names)) | (
            self._shared(other.changed) & self._shared(one.names)
        )
        if changed:
            names = {name for name in one.changed | other.changed if self._root(name) in changed}
            return "changes", ", ".join(sorted(names))
        touched = (one.alters & other.uses) | (other.alters & one.uses)
        if one.files is not None and other.files is not None and not _meet(one.files, other.files):
            touched -= {"files"}
        if UNKNOWN in one.alters | other.alters and one.uses and other.uses:
            touched |= (one.uses | other.uses) - {UNKNOWN} or {"something that is not known"}
        return ("touches", ", ".join(sorted(touched))) if touched else None

    def _of(self, statement: Statement, unit: Unit, resolver: CallResolver) -> Effects:
        self._see_shared(unit, resolver)
        names = {_called(symbol) for symbol in (*statement.reads, *statement.mutates)}
        bound = {_called(symbol) for symbol in (*statement.binds, *statement.maybeBinds, *statement.deletes)}
        late = self._late(names)
        bound |= late & self._state
        changed = {_called(symbol) for symbol in statement.mutates} | set(self._handed_over(unit, resolver))
        changed |= names & self._iterators
        uses = set(unit.resources) - SHOWN
        if self._draws_random_numbers(unit, resolver):
            uses.add("numpy.random")
        alters = uses - LOOKED_AT | (uses & unit.changes)
        if "files" in uses and self._only_reads(unit, resolver):
            alters.discard("files")
        paths = [file.path for file in statement.files]
        files = frozenset(path for path in paths if path is not None) if paths and None not in paths else None
        return Effects(
            frozenset(names | bound | late),
            frozenset(bound),
            frozenset(changed - self._imports),
            frozenset(uses),
            frozenset(alters),
            files,
        )

    def _late(self, names: Iterable[str]) -> set[str]:
        """Find the names in those of some names that are functions, and in the functions that they call."""
        found: set[str] = set()
        queue = [captured for name in names for captured in self._captured.get(name, ())]
        while queue:
            name = queue.pop()
            if name not in found:
                found.add(name)
                queue += self._captured.get(name, ())
        return found

    def _handed_over(self, unit: Unit, resolver: CallResolver) -> Iterator[str]:
        """Names of what is handed to calls of which nothing is known, or that change what they get."""
        for node in unit.nodes if not isinstance(unit.node, ast.FunctionDef | ast.ClassDef) else ():
            for call in resolver.calls(node):
                if not _is_known(call, resolver) and call.name not in self._harmless:
                    given = [call.node.func, *call.node.args, *(one.value for one in call.node.keywords)]
                    parts = (part for one in given for part in walk(one) if isinstance(part, ast.Name))
                    yield from (part.id for part in parts if part.id not in self._captured)

    def _draws_random_numbers(self, unit: Unit, resolver: CallResolver) -> bool:
        """Does a method of what draws random numbers run, or a call that such a thing is given to?"""
        for call in (call for node in unit.nodes for call in resolver.calls(node)):
            if "draws" in call.row and call.receiver and self._draws.get(call.receiver, True):
                return True
            given = [*call.node.args, *(one.value for one in call.node.keywords)]
            names = (part.id for one in given for part in ast.walk(one) if isinstance(part, ast.Name))
            if call.row.get("wraps") and any(self._draws.get(name) for name in names):
                return True
        return False

    def _see_made(self, name: str, value: ast.expr, resolver: CallResolver) -> None:
        """Takes note of a name that holds an iterator, or what draws random numbers when its methods run."""
        if isinstance(value, ast.GeneratorExp):
            self._iterators.add(name)
        if not isinstance(value, ast.Call):
            return
        call = resolver.call(value)
        known = _is_known(call, resolver)
        gives = self._gives_iterator.get(call.name, not known)
        if gives or call.name in ITERATORS or call.name.startswith("itertools."):
            self._iterators.add(name)
        if known and not call.name.startswith("."):
            seed = next((one.value for one in value.keywords if one.arg == call.row.get("random_if_missing")), None)
            seeded = seed is not None and not (isinstance(seed, ast.Constant) and seed.value is None)
            parts = (part.id for part in ast.walk(value) if isinstance(part, ast.Name))
            inner = "wraps" in call.row and any(self._draws.get(part) for part in parts)
            draws = ("random_if_missing" in call.row and not seeded) or "fit_resources" in call.row or inner
            self._draws[name] = self._draws.get(name, False) or bool(draws)

    @staticmethod
    def _only_reads(unit: Unit, resolver: CallResolver) -> bool:
        rows = [call.row for node in unit.nodes for call in resolver.calls(node)]
        return any("reads_files" in row for row in rows) and not any(
            "writes_files" in row or "opens" in row or "files" in row.get("resources", ()) for row in rows
        )

    # -- memory that is shared -------------------------------------------------------------------------------------
    def _see_shared(self, unit: Unit, resolver: CallResolver) -> None:
        for node in unit.nodes:
            for part in walk(node):
                if isinstance(part, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and part.value:
                    targets = part.targets if isinstance(part, ast.Assign) else [part.target]
                    for target in _flat(targets):
                        if (name := root_name(target)) is not None:
                            for other in _sources(part.value, resolver):
                                self._share(name, other)
                            if isinstance(target, ast.Name):
                                self._see_made(name, part.value, resolver)
                elif isinstance(part, ast.For | ast.AsyncFor):
                    for name in filter(None, map(root_name, _flat([part.target]))):
                        for other in _sources(part.iter, resolver):
                            self._share(name, other)

    def _share(self, name: str, other: str) -> None:
        if name not in self._imports and other not in self._imports and other not in self._captured:
            self._shares[self._root(name)] = self._root(other)

    def _root(self, name: str) -> str:
        while (other := self._shares.get(name, name)) != name:
            name = other
        return name

    def _shared(self, names: Iterable[str]) -> set[str]:
        return {self._root(name) for name in names}


def _called(symbol: Symbol) -> str:
    """Return the name of a symbol in the texts of statements."""
    return symbol.found or symbol.name


def _harmless(index: Index) -> frozenset[str]:
    """Functions of the notebook that change nothing that they get."""
    found: set[str] = set()
    for _, unit in index.walk():
        node = unit.node
        if isinstance(node, ast.FunctionDef):
            calls = [call for part in node.body for call in index.resolver.calls(part)]
            known = all(_is_known(call, index.resolver) or call.name in found for call in calls)
            if known and not changed_in_place(node.body, index.resolver):
                found.add(node.name)
    return frozenset(found)


def _is_known(call: ResolvedCall, resolver: CallResolver) -> bool:
    """Does the table say what a call does?"""
    table = resolver.table
    named = call.name.startswith(".") and table.method(call.name[1:]) is not None
    return bool(call.row) or call.name in table.rows or named


def _sources(node: ast.expr, resolver: CallResolver) -> Iterator[str]:
    """Names with whose objects a value may share memory."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Call):
        call = resolver.call(node)
        returns = call.row.get("returns", "")
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        known = _is_known(call, resolver)
        each = [returns] if isinstance(returns, str) else returns or [""]  # a list for a tuple
        if known and (PLAIN.issuperset(each) or call.name in MADE_NEW or method in COPIES):
            return
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            given.append(node.func.value)
        for one in given:
            yield from _sources(one, resolver)
    elif isinstance(node, ast.Compare | ast.BinOp | ast.UnaryOp | ast.JoinedStr | ast.Constant):
        return  # a value of its own
    else:
        for part in children(node):
            if isinstance(part, ast.expr):
                yield from _sources(part, resolver)


def _flat(targets: Iterable[ast.expr]) -> Iterator[ast.expr]:
    for target in targets:
        if isinstance(target, ast.Tuple | ast.List):
            yield from _flat(target.elts)
        else:
            yield target


def _meet(files: frozenset[str], others: frozenset[str]) -> bool:
    """Is a file among both, or a folder of one?"""
    plain = [{path.removeprefix("./").rstrip("/") for path in paths} for paths in (files, others)]
    return any(
        one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/") or set("*?[") & {*one, *other}
        for one in plain[0]
        for other in plain[1]
    )
