"""Estimators that are fitted, what they learn from, what their inputs go through, and how good they are found to be."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from nbmde.analysis.calls import CallResolver, root_name
from nbmde.analysis.program import Unit

_NO_MODEL = ("transformer", "decomposition", "split")


@dataclass
class Fitted:
    """A variable whose estimator is fitted at the top level of a statement.

    Attributes:
        features: the variable that it learns from, before the transformers; empty where none holds that any more.
        whole: its transformers are still what they were when it was fitted.
    """

    name: str
    estimator: str
    task: str
    unit: int
    features: str = ""
    target: str = ""
    transformers: list[str] = field(default_factory=list)
    saved: bool = False
    evaluated: int = -1  # the last statement that predicts or scores with it
    probability: bool = False
    whole: bool = True


@dataclass(frozen=True)
class Measured:
    """A metric, where it is computed and the name that holds it."""

    metric: str
    unit: int
    name: str


class Learning:
    """Collects, statement by statement, what is fitted, applied, saved and measured."""

    def __init__(self, resolver: CallResolver) -> None:
        self.resolver = resolver
        self.fitted: dict[str, Fitted] = {}
        self.metrics: list[Measured] = []
        self._made_by: dict[str, tuple[list[str], str]] = {}  # variable -> transformers it went through, first variable
        self._transformers: set[str] = set()

    def see(self, index: int, unit: Unit) -> None:
        """Takes in the next statement."""
        for node in unit.nodes:
            for call in self.resolver.calls(node):
                self._call(index, node, call.node, call.name, call.row)
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                self._assigned(index, node.targets[0], node.value)
        self._rebound(index, {*unit.facts.all_bound, *unit.facts.deletes})

    def _rebound(self, index: int, names: Set[str]) -> None:
        """Forgets what variables held that now hold something else."""
        for model in self.fitted.values():
            if model.unit < index:
                model.features = "" if model.features in names else model.features
                model.whole = model.whole and names.isdisjoint(model.transformers)
        for made, (chain, first) in list(self._made_by.items()):
            if made in names:
                continue
            if not names.isdisjoint(chain):
                del self._made_by[made]
            elif first in names:
                self._made_by[made] = (chain, "")

    def _call(self, index: int, node: ast.stmt, call: ast.Call, name: str, row: Any) -> None:
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
        if method == "fit" and isinstance(receiver, ast.Name):
            self._fit(index, receiver.id, self.resolver.types.values.get(receiver.id, ""), call)
        elif method == "fit" and isinstance(receiver, ast.Call) and isinstance(node, ast.Assign) and node.value is call:
            if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self._fit(index, node.targets[0].id, self.resolver.type_of(receiver), call)
        elif method == "fit_transform" and isinstance(receiver, ast.Name):
            self._transformers.add(receiver.id)
        elif method in ("predict", "score", "predict_proba", "decision_function") and isinstance(receiver, ast.Name):
            model = self.fitted.get(receiver.id)
            if model is not None:
                model.evaluated = index
                model.probability |= method == "predict_proba"
        if row.get("kind") == "metric":
            target = ""
            if isinstance(node, ast.Assign) and node.value is call and isinstance(node.targets[0], ast.Name):
                target = node.targets[0].id
            self.metrics.append(Measured(str(row.get("name", name.rpartition(".")[2])), index, target))
        if row.get("kind") == "persist":
            for argument in call.args[:2]:
                saved = root_name(argument)
                if saved in self.fitted:
                    self.fitted[saved].saved = True

    def _fit(self, index: int, name: str, estimator: str, call: ast.Call) -> None:
        row = self.resolver.table.dotted(estimator) or {} if estimator else {}
        task = str(row.get("task", "")) if estimator else ""
        if task in _NO_MODEL:
            self._transformers.add(name)
            return
        features = call.args[0].id if call.args and isinstance(call.args[0], ast.Name) else ""
        target = call.args[1].id if len(call.args) > 1 and isinstance(call.args[1], ast.Name) else ""
        chain, first = self._made_by.get(features, ([], features))
        known = self.fitted.pop(name, None)
        self.fitted[name] = Fitted(
            name, estimator, task, index, first, target, list(chain), known.saved if known else False
        )

    def _assigned(self, index: int, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    self._made_by.pop(part.id, None)
            return
        made = self._applied(value)
        self._made_by.pop(target.id, None)
        if made is not None:
            chain, first = made
            self._made_by[target.id] = (chain, "" if first == target.id else first)
        elif (original := self._same_model(value)) is not None:
            self.fitted[target.id] = replace(original, name=target.id, saved=False)
        elif target.id in self.fitted and self.fitted[target.id].unit < index:
            del self.fitted[target.id]

    def _same_model(self, value: ast.expr) -> Fitted | None:
        """The fitted model that an expression stands for: a variable, or the best estimator of a search."""
        if isinstance(value, ast.Attribute) and value.attr == "best_estimator_":
            value = value.value
        return self.fitted.get(value.id) if isinstance(value, ast.Name) else None

    def _applied(self, value: ast.expr) -> tuple[list[str], str] | None:
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in ("transform", "fit_transform")
            and isinstance(value.func.value, ast.Name)
            and value.args
            and isinstance(value.args[0], ast.Name)
        ):
            before, first = self._made_by.get(value.args[0].id, ([], value.args[0].id))
            return [*before, value.func.value.id], first
        return None

    def served(self, wanted: Iterable[str], bound: Collection[str]) -> tuple[Fitted, str] | None:
        """The model to serve, and why: the one that is saved, else the last one that is evaluated, else the last one.

        Args:
            wanted: names of which one may be chosen.
            bound: names that have a value at the end; the model and its transformers must be among them.
        """
        names = set(wanted)
        models = [
            model
            for model in self.fitted.values()
            if model.name in names
            and model.whole
            and model.task != "clustering"
            and {model.name, *model.transformers} <= set(bound)
        ]
        saved = [model for model in models if model.saved]
        tried = sorted((model for model in models if model.evaluated >= 0), key=lambda model: model.evaluated)
        known = [model for model in models if model.task]  # anything can have a method `fit`
        for candidates, reason in (
            (saved, "the notebook saves it"),
            (tried, "it is the last one that the notebook evaluates"),
            (known, "it is the last one that the notebook fits"),
        ):
            if candidates:
                model = candidates[-1]
                model.features = model.features if model.features in bound else ""
                return model, reason
        return None


def estimator_task(table: Any, estimator: str) -> str:
    """The task of an estimator class by the call table, as the workflow names tasks."""
    task = str((table.dotted(estimator) or {}).get("task", "")) if estimator else ""
    return task if task in ("classification", "regression", "clustering", "decomposition", "forecasting") else "unknown"


def models_in_order(fitted: Sequence[Fitted]) -> list[Fitted]:
    """By the statement that fits them."""
    return sorted(fitted, key=lambda model: model.unit)
