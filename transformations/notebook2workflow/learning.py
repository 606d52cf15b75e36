"""Estimators that are fitted, what they learn from, what their inputs go through, and which one is served."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbmde.notebooks.analysis.calls import CallResolver
from nbmde.notebooks.analysis.program import Unit, fresh

from .evaluation import Evaluation
from .flow import Access, Flow, Function, Value, lineage, metric_name

_NO_MODEL = ("transformer", "decomposition", "split")
_WHOLE = ("search", "pipeline")  # their task is that of the estimators in them
UNSERVED = {  # task -> why a model of it is not served
    "baseline": "it learns nothing from its inputs",
    "clustering": "it groups the data at hand",
    "forecasting": "it continues its own series, and takes no records",
}


@dataclass
class Fitted:
    """A variable that holds a fitted estimator at the end.

    Attributes:
        features: the variable that it learns from, before the transformers; empty where none holds that any more.
        transformers: the variables of these, in order.
        first: the name by which the first of them was fitted.
    """

    name: str
    estimator: str
    task: str
    unit: int
    value: Value
    features: str = ""
    target: str = ""
    transformers: list[str] = field(default_factory=list)
    first: str = ""
    probability: bool = False

    @property
    def saved(self) -> bool:
        return bool(self.value.saved)


@dataclass(frozen=True)
class Measured:
    """A metric, where it is computed, and of what.

    Attributes:
        name: the variable that holds it.
        model: the variable that holds the model at the end; empty where none does.
        data: what the model predicted from; target: the true values. Variables, where they are measured.
        part: which rows these are, seen from the model.
        result: what the call gives, where it is seen to run.
    """

    metric: str
    unit: int
    node: ast.Call
    name: str = ""
    model: str = ""
    data: str = ""
    target: str = ""
    part: str = "unknown"
    result: Value | None = None


@dataclass(frozen=True)
class Keep:
    """A value that the notebook has under no name at its end, and the name under which it is kept.

    Attributes:
        expression: what it is at that place; empty where the expression from there to ``end`` is given the name.
        changed: it is changed in place later, so that a copy is kept.
        type: qualified name, if it is known.
    """

    name: str
    expression: str
    unit: int
    start: int
    end: int = 0
    changed: bool = False
    type: str = ""


@dataclass
class Served:
    """The model to serve, why, and what has to be kept for that.

    Attributes:
        features: the variable that it learns from, before the transformers, at the end; empty where nothing holds that.
        transformers: the variables of these, in order.
        array: the inputs are handed over as an array, although they are known as a table.
        dense: what the transformers give is made a dense array.
        lost: the transformer that is not to be had at the end, so that inputs are taken behind it.
    """

    model: Fitted
    reason: str
    features: str
    transformers: list[str]
    keeps: list[Keep]
    array: bool = False
    dense: bool = False
    lost: str = ""


class Learning:
    """Collects, statement by statement, what is fitted, applied, saved and measured."""

    def __init__(self, resolver: CallResolver, functions: Mapping[str, Function]) -> None:
        self.resolver = resolver
        self.flow = Flow(resolver, functions)
        self.metrics: list[Measured] = []
        self._runs: list[tuple[Evaluation, str]] = []  # of calls that measure, with the name that holds the figure
        self._found: list[tuple[str, int, ast.Call]] = []  # such calls, whether they are seen to run or not
        self.fitted: dict[str, Fitted] = {}
        self.bound_since: dict[str, int] = {}  # names that surely have a value -> the first statement that gives it

    def see(self, index: int, unit: Unit, types: Mapping[str, str]) -> None:
        """Takes in the next statement; ``types`` are those of names before it."""
        self.flow.see(index, unit, types)
        for name in unit.facts.deletes:
            self.bound_since.pop(name, None)
        for name in unit.facts.binds:
            self.bound_since.setdefault(name, index)
        self._see_metrics(index, unit)

    def _see_metrics(self, index: int, unit: Unit) -> None:
        """Takes in calls that measure: those that run now, and those in functions, which perhaps nothing calls."""
        runs = self.flow.evaluations.get(index, {}).values()
        self._runs += [(one, next(self._names_of(one.result, unit), "")) for one in runs]
        for node in unit.body:
            calls = (call for call in self.resolver.calls(node) if call.row.get("kind") == "metric")
            self._found += [(metric_name(call), index, call.node) for call in calls]

    def _names_of(self, value: Value, unit: Unit) -> Iterator[str]:
        """Variables that a statement gave a value."""
        return (name for name, held in self.flow.names.items() if held is value and name in unit.facts.all_bound)

    def is_fitted(self, name: str) -> bool:
        """Does a variable hold something that is fitted, as far as the statements were taken in?"""
        value = self.flow.names.get(name)
        return value is not None and value.fitted >= 0

    def end(self, bound: Collection[str], named: Collection[str]) -> None:
        """Finds what is fitted at the end.

        Args:
            bound: names that surely have a value there.
            named: names that the notebook uses; others stand for values that it shows behind timed code.
        """
        for name, value in self.flow.names.items():
            if name in named and value.fitted >= 0 and not self._is_transformer(value):
                path = _Path(self, value, bound, ())
                features = path.name_of(path.origin) if path.origin is not None else ""
                transformers = [path.name_of(step) for step in path.steps]
                self.fitted[name] = Fitted(
                    name,
                    value.estimator,
                    self.task(value),
                    value.fitted,
                    value,
                    features,
                    value.target,
                    [step for step in transformers if step],
                    path.steps[0].called if path.steps else "",
                    value.probability,
                )
        ran = {one.node for one, _ in self._runs}
        self.metrics += [self._measured(one, name) for one, name in self._runs]
        self.metrics += [Measured(metric, unit, node) for metric, unit, node in self._found if node not in ran]
        self.metrics.sort(key=lambda measured: measured.unit)

    def _measured(self, run: Evaluation, name: str) -> Measured:
        found = run.prediction
        models = (
            one.name for one in self.fitted.values() if found is not None and self._is_same(one.value, found.model)
        )
        return Measured(
            run.metric,
            run.unit,
            run.node,
            name,
            next(models, ""),
            found.data if found is not None else "",
            run.target,
            run.part,
            run.result,
        )

    @staticmethod
    def _is_same(held: Value, model: Value) -> bool:
        """Is a model the one that a variable holds: itself, what a search found, or what was to be fitted?"""
        if model.fitted < 0:
            return model in lineage(held)
        return any(one is held for one in lineage(model) if one.fitted == model.fitted)

    def task(self, value: Value) -> str:
        """The task of an estimator by the call table; of a search or pipeline, that of the model in it."""
        tasks = [str(self._row(name).get("task", "")) for name in (value.estimator, *value.nested)]
        if "baseline" in tasks:
            return "baseline"
        if tasks[0] in _WHOLE:
            return next((task for task in reversed(tasks) if task and task not in (*_WHOLE, *_NO_MODEL)), tasks[0])
        return tasks[0]

    def _is_transformer(self, value: Value) -> bool:
        return self.task(value) in _NO_MODEL or (value.transforms and value.evaluated < 0 and not value.saved)

    def _row(self, estimator: str) -> Mapping[str, Any]:
        return (self.resolver.table.dotted(estimator) or {}) if estimator else {}

    def why_not(self, name: str, bound: Collection[str]) -> str:
        """Why the model in a variable can't be served; empty if it can."""
        fitted = self.fitted.get(name)
        if fitted is None:
            return "no model is fitted in it"
        if fitted.task in UNSERVED:
            return UNSERVED[fitted.task]
        if name not in bound:
            return "it gets its value in a loop, a branch or a function, and may have none at the end"
        return ""

    def unserved(self, bound: Collection[str]) -> str:
        """Why there is no model to serve."""
        reasons: dict[str, list[str]] = {}
        for name in self.fitted:
            why = self.why_not(name, bound) or "it is not known to be a model, and nothing is predicted with it"
            reasons.setdefault(why, []).append(name)
        told = [f"{', '.join(names)}: {why}" for why, names in reasons.items()]
        return "; ".join(told) or "no variable holds a model at the end that a known call has fitted"

    def served(self, wanted: str, bound: Collection[str], words: Collection[str]) -> Served | None:
        """The model to serve, and why: the one that is saved, else the last one that is evaluated, else the last one.

        Args:
            wanted: the name of the one to take; empty if one is to be chosen.
            bound: names that have a value at the end.
            words: names that a new one must differ from.
        """
        models = [model for name, model in self.fitted.items() if not self.why_not(name, bound)]
        if wanted:
            chosen = next((model for model in models if model.name == wanted), None)
            return self._served(chosen, "it was chosen", bound, words) if chosen is not None else None
        models.sort(key=lambda model: model.unit)
        saved = [model for model in models if model.value.saved == model.name] or [m for m in models if m.saved]
        tried = sorted((m for m in models if m.value.evaluated >= 0), key=lambda model: model.value.evaluated)
        known = [model for model in models if model.task]  # anything can have a method `fit`
        for candidates, reason in (
            (saved, "the notebook saves it"),
            (tried, "it is the last one that the notebook evaluates"),
            (known, "it is the last one that the notebook fits"),
        ):
            if candidates:
                first = next(model for model in candidates if model.value is candidates[-1].value)
                return self._served(first, reason, bound, words)
        return None

    def _served(self, model: Fitted, reason: str, bound: Collection[str], words: Collection[str]) -> Served:
        path = _Path(self, model.value, bound, words)
        transformers = [path.hold(step, f"fitted_{step.called or 'transformer'}") for step in path.steps]
        features = path.hold(path.origin, "model_inputs") if path.origin is not None else ""
        return Served(model, reason, features, transformers, path.keeps, path.array, path.dense, path.lost)


class _Path:
    """The way from a table through fitted transformers to a model, as far as these can be had at the end.

    Args:
        words: names that a new one must differ from.

    Attributes:
        origin: the table; None where it can't be had.
        steps: the transformers.
        array, dense, lost: as `Served` has them.
    """

    def __init__(self, learning: Learning, model: Value, bound: Collection[str], words: Collection[str]) -> None:
        self.bound, self.words, self.learning = bound, words, learning
        self.keeps: list[Keep] = []
        self.steps: list[Value] = []
        self.array = self.dense = False
        self.lost = ""
        value = origin = model.inputs
        mixed = converted = False
        while value is not None:
            mixed |= value.mixed
            if value.through is not None:
                if not self._can_hold(value.through):
                    self.lost = value.through.called or value.through.estimator.rpartition(".")[2] or "a transformer"
                    break
                self.steps.insert(0, value.through)
                origin, self.dense, converted = value.source, self.dense or converted, False
            converted |= value.array
            value = value.source
        while origin is not None and origin.array and origin.source is not None and self._can_hold(origin.source):
            origin, self.array = origin.source, True
        if origin is not None and not self._can_hold(origin) and not self.steps:
            while origin is not None and not self._can_hold(origin):  # the table that its rows and columns are of
                origin = origin.source if origin.through is None else None
        self.origin = origin if origin is not None and not mixed and self._can_hold(origin) else None

    def name_of(self, value: Value) -> str:
        """The variable that holds a value at the end."""
        names = (name for name, held in self.learning.flow.names.items() if held is value and name in self.bound)
        return next(names, "")

    def hold(self, value: Value, name: str) -> str:
        """The variable that holds a value at the end, or the new name under which it is kept."""
        held = self.name_of(value)
        if held:
            return held
        name = fresh(name, self.words)
        self.words = {*self.words, name}
        access = self._access(value)
        if access is not None:
            kind = value.estimator or access.type
            place = access.place
            self.keeps.append(Keep(name, access.expression, place.unit, place.offset, 0, _changed(value), kind))
        else:
            assert value.span is not None
            place, end = value.span
            self.keeps.append(Keep(name, "", place.unit, place.offset, end, False, value.estimator))
        return name

    def _can_hold(self, value: Value) -> bool:
        if self.name_of(value):
            return True
        access = self._access(value)
        if access is not None:
            since = self.learning.bound_since.get(access.expression, access.place.unit)
            return access.surely or since < access.place.unit
        return value.fitted >= 0 and value.span is not None and value.lost is None

    @staticmethod
    def _access(value: Value) -> Access | None:
        return value.entered if value.fitted < 0 else value.lost


def _changed(value: Value) -> bool:
    """Is a value, or a table that it may share memory with, changed in place later?"""
    known: Value | None = value
    while known is not None and known.through is None:
        if known.changed:
            return True
        known = known.source
    return False


def estimator_task(table: Any, estimator: str) -> str:
    """The task of an estimator class by the call table, as the workflow names tasks."""
    return workflow_task(str((table.dotted(estimator) or {}).get("task", "")) if estimator else "")


def workflow_task(task: str) -> str:
    """A task as the workflow names it."""
    return task if task in ("classification", "regression", "clustering", "decomposition", "forecasting") else "unknown"


def models_in_order(fitted: Sequence[Fitted]) -> list[Fitted]:
    """By the statement that fits them."""
    return sorted(fitted, key=lambda model: model.unit)
