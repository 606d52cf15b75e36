"""The current code of a workflow: the texts of its statements with the names and literals that it has now.

`Statement.text` stays as it was written, and offsets are offsets in it. Everything that makes code of a statement, or
looks at the code that is made, reads it through these functions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbmde.notebooks.analysis.naming import Named, edits, with_names
from nbmde.notebooks.analysis.renaming import Source
from nbmde.notebooks.analysis.rewrite import Edit

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Argument, Statement, Symbol, Workflow


def is_renamed(symbol: Symbol) -> bool:
    """Has a symbol another name than the texts of statements have?"""
    return bool(symbol.found) and symbol.found != symbol.name


def is_changed(argument: Argument) -> bool:
    """Has an argument another value than the literal in its statement's text? Settings go before both."""
    return argument.found is not None and argument.found != argument.value and argument.setting is None


def text(statement: Statement) -> str:
    """The text of a statement as its model says it today."""
    return _edited(statement).edited() if _changes(statement) else statement.text


def place(statement: Statement, offset: int) -> int:
    """Where in `text` stands what stands at an offset in the text as it was written."""
    if not _changes(statement):
        return offset
    source = _edited(statement)
    source.edited()
    moved = (len(edit.text) - (edit.end - edit.start) for edit in source.edits if edit.end <= offset)
    return offset + sum(moved)


def expression(workflow: Workflow, text: str) -> str:
    """An expression that a model holds, in names that texts of statements have, as it is said today."""
    others = {symbol.found or "": symbol.name for symbol in workflow.symbols if is_renamed(symbol)}
    return with_names(text, others) if others else text


def found(workflow: Workflow) -> dict[str, Symbol]:
    """The symbols by what the notebook calls them."""
    return {symbol.found or symbol.name: symbol for symbol in workflow.symbols}


def _changes(statement: Statement) -> list[Edit]:
    found: list[Edit] = []
    for one in statement.occurrences:
        symbol = one.symbol
        if symbol is not None and is_renamed(symbol):
            found += edits(symbol.found or "", Named(list(one.places), list(one.imported)), symbol.name)
    for call in statement.calls:
        found += [
            Edit(one.start, one.end, repr(json.loads(one.value or "null"))) for one in call.arguments if is_changed(one)
        ]
    return found


def _edited(statement: Statement) -> Source:
    source = Source(statement.text)
    source.edits += _changes(statement)
    return source
