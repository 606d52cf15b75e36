"""Literals that belong into a configuration: paths, hyper-parameters, seeds, named constants."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbmde.notebooks.analysis.calls import CallResolver
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.rewrite import Places
from nbmde.notebooks.analysis.values import Value, annotation, fits, joined, scalar
from nbmde.notebooks.analysis.values import value as value_of

from .parameters import Binding, Parameters, bindings
from .paths import FileExpression, path_name


@dataclass(frozen=True)
class Literal:
    """A literal of a statement that a person would want to change.

    Attributes:
        value: as JSON has it; type: its type, as an annotation.
        role: hyperparameter, seed, split, path, constant or parameter.
        call: what it is an argument of, or the name it is assigned to.
        start, end: offsets in the statement's text.
    """

    name: str
    value: Any
    role: str
    call: str
    start: int
    end: int
    type: str = ""

    def __post_init__(self) -> None:
        if not self.type:
            object.__setattr__(self, "type", type(self.value).__name__)


def literals(
    unit: Unit,
    resolver: CallResolver,
    knowledge: Mapping[str, Any],
    files: Iterable[FileExpression],
    parameters: Parameters,
) -> list[Literal]:
    """Settings of a statement in the order of the source; ``parameters``: those of the notebook."""
    places = Places(unit.text)
    excluded = set(knowledge.get("hyperparameters", {}).get("excluded", ()))
    kinds = set(knowledge.get("hyperparameters", {}).get("keywords_of", ("model", "search")))
    split = {name for name, wanted in knowledge.get("split_parameters", {}).items() if wanted}
    found: list[Literal] = []

    found += [
        Literal(path_name(file.path), file.path, "path", "", file.start, file.end)
        for file in files
        if file.path is not None
    ]

    def add(name: str, node: ast.expr, role: str, call: str) -> None:
        value = scalar(node)
        if value is not None:
            found.append(Literal(name, value, role, call, *places.span(node)))

    for node in unit.body:
        if unit.parameter:
            given = (_parameter(binding, parameters, resolver, places) for binding in bindings(node))
            found += [literal for literal in given if literal is not None]
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            target = node.targets[0].id
            if target.isupper() or target.lower() in _NAMED:
                add(
                    target,
                    node.value,
                    "seed" if "seed" in target.lower() or target == "random_state" else "constant",
                    target,
                )
        for call in resolver.calls(node):
            kind = call.row.get("kind")
            for keyword in call.node.keywords:
                if keyword.arg is None:
                    continue
                if kind in kinds and keyword.arg not in excluded:
                    add(
                        keyword.arg,
                        keyword.value,
                        "seed" if keyword.arg == "random_state" else "hyperparameter",
                        call.name,
                    )
                elif kind == "split" and keyword.arg in split:
                    add(keyword.arg, keyword.value, "seed" if keyword.arg == "random_state" else "split", call.name)
            if kind == "seed" and call.node.args:
                add("random_seed", call.node.args[0], "seed", call.name)
    unique: dict[int, Literal] = {}
    for literal in found:
        unique.setdefault(literal.start, literal)
    return sorted(unique.values(), key=lambda literal: literal.start)


def _parameter(binding: Binding, parameters: Parameters, resolver: CallResolver, places: Places) -> Literal | None:
    """The setting that a name is which is bound in a cell of parameters; None where its value is computed."""
    node = binding.value
    value = value_of(node, resolver.dotted)
    if value is None and isinstance(node, ast.Call) and len(node.args) + len(node.keywords) == 1:
        node = [*node.args, *(keyword.value for keyword in node.keywords)][0]  # of Path("x") the text
        value = value_of(node, resolver.dotted)
        kind = value.type if value is not None else ""
    elif value is not None:
        kind = _parameter_type(binding, value, parameters, resolver)
    if value is None:
        return None
    return Literal(binding.name, value.data, "parameter", binding.name, *places.span(node), kind)


def _parameter_type(binding: Binding, value: Value, parameters: Parameters, resolver: CallResolver) -> str:
    """What a parameter may be set to: what it is said to be, or of the type of its value or its default."""
    default = parameters.defaults.get(binding.name)
    known = value_of(default.value, resolver.dotted) if default else None
    kind = joined(known.type if known is not None else value.type, value.type)
    stated = annotation(binding.annotation, resolver.dotted) if binding.annotation is not None else ""
    if stated:
        kind = stated if fits(value.data, stated) else kind if "[" in kind else joined(stated, kind)
    return kind


_NAMED = frozenset(
    [
        "test_size",
        "random_state",
        "seed",
        "random_seed",
        "n_splits",
        "n_folds",
        "epochs",
        "num_epochs",
        "batch_size",
        "learning_rate",
        "n_estimators",
        "max_depth",
        "n_clusters",
        "n_components",
        "threshold",
    ]
)


def as_json(value: Any) -> str:
    """The value as JSON text."""
    return json.dumps(value, ensure_ascii=False)
