"""Questions to the code of a workflow, its statements and symbols, which decide nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from nbmde.notebooks import substitution
from nbmde.notebooks.analysis.naming import identifiers
from nbmde.notebooks.analysis.program import is_star_import
from nbmde.notebooks.analysis.trees import children, walk

from .tables import Tables

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Statement, Step, Symbol, Workflow

DEFINED = ("function", "class", "assignment")
KEPT = 1024  # statements whose syntax is kept; a notebook has some hundred


@lru_cache(maxsize=KEPT)
def syntax(text: str) -> ast.Module:
    """The syntax tree of a statement, which nobody may change."""
    return ast.parse(text)


def statements(workflow: Workflow) -> Iterator[Statement]:
    """The statements of all steps, in order."""
    for step in workflow.steps:
        yield from step.statements


def symbols(workflow: Workflow) -> dict[str, Symbol]:
    """The symbols by name."""
    return {symbol.name: symbol for symbol in workflow.symbols}


def defining(workflow: Workflow) -> Iterator[Statement]:
    """Statements that define functions, classes and constants at module level; several cells may have the same."""
    for statement in workflow.definitions:
        if statement.placement.name == "module" and statement.kind.name in DEFINED:
            yield statement


def definitions(workflow: Workflow) -> list[Statement]:
    """Those of them that the project has, each once, in order."""
    found: dict[str, Statement] = {}
    for statement in defining(workflow):
        found.setdefault(statement.binds[0].name, statement)
    return sorted(found.values(), key=lambda statement: (statement.cellNumber, statement.firstLine))


def preparations(workflow: Workflow) -> list[Statement]:
    """Statements that run before the imports of all modules."""
    return [statement for statement in workflow.definitions if statement.placement.name == "first"]


def imports(workflow: Workflow) -> list[Statement]:
    """Statements that import names, in order."""
    return [statement for statement in _importing(workflow) if not _has_star(statement)]


def star_imports(workflow: Workflow) -> list[Statement]:
    """Statements that import all names of a module."""
    return [statement for statement in _importing(workflow) if _has_star(statement)]


def _importing(workflow: Workflow) -> Iterator[Statement]:
    for statement in workflow.definitions:
        if statement.placement.name != "first" and statement.kind.name == "import":
            yield statement


def _has_star(statement: Statement) -> bool:
    return any(map(is_star_import, syntax(substitution.text(statement)).body))


def uses(code: Iterable[Statement]) -> list[Symbol]:
    """Symbols at module level that statements need, in order of first use."""
    found: dict[str, Symbol] = {}
    for statement in code:
        for symbol in (*statement.reads, *statement.captures, *statement.deletes):
            if symbol.sharing.name == "module":
                found.setdefault(symbol.name, symbol)
    return list(found.values())


def uses_state(step: Step) -> bool:
    """Does a step read or bind names of the state object, itself or through functions that it uses?"""
    for statement in step.statements:
        for feature in (statement.reads, statement.binds, statement.maybeBinds, statement.deletes, statement.captures):
            if any(is_late(symbol) or any(map(is_late, symbol.captured)) for symbol in feature):
                return True
    return False


def is_late(symbol: Symbol) -> bool:
    """Is a name one of the state object, which code reads late?"""
    return symbol.sharing.name == "state"


def further_arguments(workflow: Workflow, state_name: str) -> dict[str, Sequence[str]]:
    """Functions at module level -> arguments that they take besides their own."""
    found: dict[str, Sequence[str]] = {}
    for symbol in workflow.symbols:
        if len(symbol.captured):
            passed = [other.name for other in symbol.captured if not is_late(other)]
            found[symbol.name] = [*passed, *([state_name] if len(passed) < len(symbol.captured) else [])]
    return found


def own_names(workflow: Workflow) -> dict[str, str]:
    """Map the code's name of a definition to its module's name of it, where that differs."""
    return {one.binds[0].name: one.named for one in workflow.definitions if one.named}


def may_draw(workflow: Workflow, tables: Tables) -> bool:
    """Can the code draw with matplotlib? Some statement does, or something that is there to draw is imported."""
    drawn = any(resource.name == "matplotlib" for resource in workflow.resources)
    return drawn or _imports_any(workflow, tables["imports"]["drawing"])


def may_tabulate(workflow: Workflow, tables: Tables) -> bool:
    """Can there be tables of pandas? Something that gives them is imported."""
    return _imports_any(workflow, tables["imports"]["tabulating"])


def _imports_any(workflow: Workflow, names: Sequence[str]) -> bool:
    return any(module.name.split(".")[0] in names for module in workflow.modules)


def cell_ends(step: Step) -> list[Statement]:
    """The statements of a step that end a cell in which something may have been drawn."""
    found, pending = [], False
    for statement in step.statements:
        pending = pending or statement.mayDraw
        if statement.endsCell and pending:
            found.append(statement)
            pending = False
    return found


def words(workflow: Workflow, tables: Tables) -> frozenset[str]:
    """Every name in the code, star imports as far as it is known what they bind."""
    code = map(substitution.text, (*statements(workflow), *workflow.definitions))
    found = {word for text in code for word in identifiers(text)}
    if any(map(_has_star, workflow.definitions)):
        found.update(tables["imports"]["bound_by_stars"])
    return frozenset(found)


@lru_cache(maxsize=KEPT)
def variables_in(text: str) -> frozenset[str]:
    """The names of variables in code, read or bound."""
    return frozenset(node.id for node in walk(syntax(text)) if isinstance(node, ast.Name))


def awaits(statement: Statement) -> bool:
    """Does a statement await at its top level?"""
    if not any(word in statement.text for word in ("await", "async")):
        return False
    pending: list[ast.AST] = list(syntax(substitution.text(statement)).body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending.extend(children(node))
    return False
