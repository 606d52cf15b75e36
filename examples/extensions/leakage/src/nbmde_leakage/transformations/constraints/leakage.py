"""Where a model sees what it is tested with: constraints on workflows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nbmde import knowledge
from nbmde.constraints import ConstraintSet
from nbmde.models import EObject

constraints = ConstraintSet("workflow")

HERE = Path(__file__).resolve().parents[2]
LEARNS = ("fit", "fit_transform", "fit_resample", "fit_sample")


def known(kind: str) -> dict[str, str]:
    """The names in one of the tables of `knowledge/leakage.toml`."""
    return dict(knowledge.table("leakage", (HERE,)).get(kind, {}))


@constraints.constraint("Statement", severity="critique", guard=lambda statement: fitted(statement, "transformers"))
def fitted_before_the_split(statement: EObject) -> str | None:
    split = splits_later(statement)
    if split is None:
        return None
    name = fitted(statement, "transformers")
    where = f"line {split.firstLine} of cell {split.cellNumber}"
    return f"{name} is fitted on all rows before {where} splits them: fit it on the training rows only"


@constraints.constraint("Statement", severity="critique", guard=lambda statement: fitted(statement, "samplers"))
def resampled_before_the_split(statement: EObject) -> str | None:
    split = splits_later(statement)
    if split is None:
        return None
    name = fitted(statement, "samplers")
    where = f"line {split.firstLine} of cell {split.cellNumber}"
    return f"{name} makes rows out of others before {where} splits them: resample the training rows only"


@constraints.constraint("Statement", severity="critique", guard=lambda statement: fitted(statement, "transformers"))
def fitted_on_test_rows(statement: EObject) -> str | None:
    test = rows_for_tests(statement.eContainer().eContainer())
    for _, call in fits(statement):
        names = {node.id for argument in call.args[:1] for node in ast.walk(argument) if isinstance(node, ast.Name)}
        if leaked := names & test:
            return f"{fitted(statement, 'transformers')} is fitted on {min(leaked)}, which is for the test"
    return None


def splits_later(statement: EObject) -> EObject | None:
    """The first later statement that splits data that a statement made or changed, or that were made of these."""
    statements = [other for step in statement.eContainer().eContainer().steps for other in step.statements]
    tainted = {*statement.binds, *statement.mutates}
    for other in statements[statements.index(statement) + 1 :]:
        reads = not tainted.isdisjoint(other.reads)
        if reads and any(name in known("splits") for name, _ in calls(other)):
            return other
        if reads:
            tainted |= {*other.binds, *other.mutates}
        else:
            tainted -= set(other.binds)
    return None


def rows_for_tests(workflow: EObject) -> set[str]:
    """Names of the second, fourth and so on of what a split gives."""
    found: set[str] = set()
    for step in workflow.steps:
        for statement in step.statements:
            node = tree(statement.text)
            if isinstance(node, ast.Assign) and any(name in known("splits") for name, _ in calls(statement)):
                for target in node.targets:
                    if isinstance(target, ast.Tuple):
                        found |= {one.id for one in target.elts[1::2] if isinstance(one, ast.Name)}
    return found


def fitted(statement: EObject, kind: str) -> str:
    """The class of a transformer or sampler that a statement fits; empty if it fits none."""
    rows = known(kind)
    return next((name for name, _ in fits(statement) if name in rows), "")


def fits(statement: EObject) -> Iterator[tuple[str, ast.Call]]:
    """The calls in a statement that fit something, each with the class of what is fitted."""
    for name, call in calls(statement):
        if name in LEARNS and isinstance(call.func, ast.Attribute):
            receiver = call.func.value
            if isinstance(receiver, ast.Call):
                yield last_part(receiver.func), call
            elif isinstance(receiver, ast.Name):
                yield class_of(receiver.id, statement), call


def class_of(variable: str, before: EObject) -> str:
    """The class that the last assignment to a variable calls."""
    found = ""
    for step in before.eContainer().eContainer().steps:
        for statement in step.statements:
            if statement is before:
                return found
            node = tree(statement.text)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                if any(isinstance(target, ast.Name) and target.id == variable for target in node.targets):
                    found = last_part(node.value.func)
    return found


def calls(statement: EObject) -> Iterator[tuple[str, ast.Call]]:
    """The calls in a statement, each with the last part of what it calls."""
    if statement.placement.name != "step":
        return
    node = tree(statement.text)
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Call):
            yield last_part(part.func), part


def last_part(function: ast.expr) -> str:
    """`StandardScaler` of `preprocessing.StandardScaler`."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


@cache
def tree(text: str) -> ast.stmt | None:
    """The syntax tree of a statement."""
    body = ast.parse(text).body
    return body[0] if body else None
