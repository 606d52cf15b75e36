"""Links the names in the texts of statements to the symbols that they mean, so that code follows a symbol's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.analysis.names import BUILTINS
from nbmde.notebooks.analysis.naming import Named, named

from . import index, refining

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Occurrence, Statement, Workflow

    from .refining import Context

IN_A_TEXT = "a text says it"
IN_A_CLASS = "the body of a class reads it and binds the same name"

transformation = m2m.Transformation(
    "notebook2workflow.occurrences", refines="workflow", extends=refining.transformation
)


@transformation.helper("Workflow", cached=True)
def known(t: Context, workflow: Workflow) -> frozenset[str]:
    """Names that are there without a symbol."""
    return BUILTINS | {one.alias for one in workflow.platform}


@transformation.rule("Workflow")
def keep_names(t: Context, workflow: Workflow) -> None:
    """Symbols keep the names by which texts call them."""
    for symbol in workflow.symbols:
        symbol.found = symbol.found or symbol.name


@transformation.rule("Workflow")
def link(t: Context, workflow: Workflow) -> None:
    """Statements have the names in their texts, those that have none yet."""
    for statement in index.of(t).statements:
        if not statement.occurrences:
            statement.occurrences.extend(_occurrences(t, statement))


def _occurrences(t: Context, statement: Statement) -> list[Occurrence]:
    symbols, known = t.helpers.symbols(t.target), t.helpers.known(t.target)
    reasons = dict(_fixed(t, statement))
    said = named(statement.text).items()
    found = [
        _occurrence(t, name, places, reasons.pop(name, ""))
        for name, places in said
        if name in symbols or name not in known
    ]
    return found + [_occurrence(t, name, Named(), reason) for name, reason in reasons.items() if name in symbols]


def _occurrence(t: Context, name: str, places: Named, reason: str) -> Occurrence:
    made = t.target_metamodel.Occurrence()
    if (symbol := t.helpers.symbols(t.target).get(name)) is not None:
        made.symbol = symbol
    else:
        made.name = name
    made.places.extend(places.places)
    if places.imported:
        made.imported.extend(places.imported)
    if fixed := places.fixed or reason:
        made.fixed = fixed
    return made


def _fixed(t: Context, statement: Statement) -> Iterator[tuple[str, str]]:
    """Names that the code of a statement needs to stay as they are, with the reason."""
    said, facts = named(statement.text), index.of(t).units[statement.number].facts
    for name in (*facts.in_class, *facts.private):
        yield name, IN_A_CLASS
    for name in facts.in_texts:
        yield name, IN_A_TEXT
    for feature in (statement.reads, statement.captures, statement.binds, statement.maybeBinds, statement.deletes):
        for symbol in feature:
            if symbol.name not in said and symbol.name not in facts.implied:
                yield symbol.name, IN_A_TEXT
