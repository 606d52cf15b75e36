"""Literals that belong into a configuration: paths, hyper-parameters, seeds, named constants."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbmde.engine import m2m
from nbmde.notebooks.analysis.calls import CallResolver
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.rewrite import Places
from nbmde.notebooks.analysis.values import Value, annotation, fits, joined, scalar
from nbmde.notebooks.analysis.values import value as value_of

from . import index
from .parameters import Binding, Parameters, bindings
from .paths import path_name

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import FileExpression, Setting, Statement, Workflow

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.settings", refines="workflow", optional=True)


@transformation.rule("Statement", guard=lambda t, statement: bool(t.helpers.literals(t.target)[statement]))
def configured(t: Context, statement: Statement) -> None:
    """A statement with literals that a person would want to change."""
    for literal in t.helpers.literals(t.target)[statement]:
        t.target.settings.append(
            t.make(
                "setting",
                statement,
                key=literal.start,
                name=literal.name,
                value=as_json(literal.value),
                type=literal.type,
                role=literal.role,
                start=literal.start,
                end=literal.end,
            )
        )


@transformation.rule("Statement", to="Setting", lazy=True)
def setting(
    t: Context,
    statement: Statement,
    setting: Setting,
    *,
    name: str,
    value: str,
    type: str,
    role: str,
    start: int,
    end: int,
) -> None:
    """A literal for the configuration."""
    setting.name, setting.value, setting.type = name, value, type
    setting.role = getattr(t.target_metamodel.Role, role)
    setting.start, setting.end = start, end
    setting.statement = statement


@transformation.helper("Workflow", cached=True)
def literals(t: Context, workflow: Workflow) -> dict[Statement, list[Literal]]:
    """The settings in each statement that is not known to have some."""
    known = index.of(t)
    done = {statement for statement in known.statements if statement.settings}
    found: dict[Statement, list[Literal]] = {}
    for number, unit in known.walk():
        statement = known.statements[number]
        texts = ast.parse(statement.replaced or "").body
        defaults = Parameters({one.name: one for node in texts for one in bindings(node)})
        own = literals_of(unit, known.resolver, known.api, statement.files, defaults)
        found[statement] = own if statement not in done else []
    return found


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


def literals_of(
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
    """Find the type that a parameter may be set to: as annotated, or that of its value or its default."""
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
