"""Makes the notebook's statements lines of functions and modules.

Settings and paths take the places of literals, values are shown where a cell showed them, names of the state are its
attributes, functions take further arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import is_kind
from nbmde.notebooks import substitution

from . import reading, rewriting
from .configuration import argument_name
from .modules import dotted, homes, workflow_of
from .names import alias

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import CellEnd, Definition, Fragment, Project
    from nbmde.metamodels.workflow import Setting, Statement

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.code", refines="mlproject")


# -- what stands for what --------------------------------------------------------------------------------------------
@transformation.helper("Project", cached=True)
def names(t: Refinement, project: Project) -> rewriting.Names:
    """Collect what names stand for in the code that is generated."""
    workflow, state = workflow_of(project), project.pipeline.stateName
    return rewriting.Names(
        frozenset(symbol.name for symbol in workflow.symbols if reading.is_late(symbol)),
        state,
        reading.further_arguments(workflow, state),
        frozenset(symbol.name for symbol in workflow.symbols if symbol.kind.name == "class"),
        *(alias(project, name) for name in ("show", "locate", "bind", "deepcopy")),
    )


@transformation.helper("Project", cached=True)
def settings(t: Refinement, project: Project) -> Mapping[Setting, str]:
    """Literal -> the expression for its setting."""
    return {
        literal: f"{argument_name(section)}.{setting.name}"
        for section in project.configuration.sections
        for setting in section.settings
        for literal in setting.literals
    }


@transformation.helper("Project", cached=True)
def literals(t: Refinement, project: Project) -> Mapping[Statement, list[Setting]]:
    """Statement -> its literals that are settings, or nothing that the project has a place for."""
    found: dict[Statement, list[Setting]] = {}
    for literal in workflow_of(project).settings:
        if literal in t.helpers.settings(project) or (literal.role.name == "path" and literal.dataset is None):
            found.setdefault(literal.statement, []).append(literal)
    return found


@transformation.helper("Project", cached=True)
def called(t: Refinement, project: Project) -> Mapping[str, Mapping[str, str]]:
    """Module -> what it calls those of its definitions that the code calls otherwise."""
    own, found = reading.own_names(workflow_of(project)), {}  # type: dict[str, str], dict[str, dict[str, str]]
    for name, module in homes(t).items():
        if name in own:
            found.setdefault(module, {})[name] = own[name]
    return found


# -- rules -----------------------------------------------------------------------------------------------------------
def is_statement(t: Refinement, fragment: Fragment) -> bool:
    """Is a fragment a statement itself?"""
    return fragment.statement is not None and not is_kind(fragment, t.target_metamodel.CellEnd)


@transformation.rule("Fragment", guard=is_statement)
def write_statement(t: Refinement, fragment: Fragment) -> None:
    """A statement as it stands in the function of its step."""
    statement = fragment.statement
    assert statement is not None  # see the guard
    names, settings = t.helpers.names(t.source), t.helpers.settings(t.source)
    own = {literal.start: literal for literal in t.helpers.literals(t.source).get(statement, ())}
    replacements = [
        _replacement(statement, literal.start, literal.end, settings[literal])
        for literal in own.values()
        if literal in settings
    ]
    replacements += _located(t, statement, own)
    replacements += _keeping(t, statement, names)
    text, shown = substitution.text(statement), substitution.expression(workflow_of(t.source), statement.shown or "")
    fragment.text = _checked(
        t,
        statement,
        lambda: rewriting.statement(text, names, replacements, statement.echo, shown),
    )


@transformation.rule("CellEnd")
def write_cell_end(t: Refinement, end: CellEnd) -> None:
    """Where a cell ends, figures are shown."""
    end.text = f"{alias(t.source, 'show_figures')}()"


@transformation.rule("Definition", guard=lambda t, definition: definition.statement is not None)
def write_definition(t: Refinement, definition: Definition) -> None:
    """A function or class as it stands in its module."""
    statement = definition.statement
    assert statement is not None  # see the guard
    names = t.helpers.names(t.source)
    replacements = [*_located(t, statement, {}), *_keeping(t, statement, names)]
    text = substitution.text(statement)
    captured = [other.name for symbol in statement.binds for other in symbol.captured]
    called = t.helpers.called(t.source).get(dotted(definition.eContainer()))
    definition.text = _checked(t, statement, lambda: rewriting.definition(text, names, replacements, captured, called))


# -- edits -----------------------------------------------------------------------------------------------------------
def _located(t: Refinement, statement: Statement, settings: Mapping[int, Setting]) -> Iterator[rewriting.Replacement]:
    """Paths are looked up where they are no settings."""
    locate = t.helpers.names(t.source).locate
    for file in statement.files if t.source.places else ():
        if file.start not in settings:
            yield _replacement(statement, file.start, file.start, f"{locate}(")
            yield _replacement(statement, file.end, file.end, ")")


def _keeping(t: Refinement, statement: Statement, names: rewriting.Names) -> Iterator[rewriting.Replacement]:
    """Values are kept for the service."""
    for kept in statement.keeps:
        expression = substitution.expression(workflow_of(t.source), kept.expression or "")
        start, end = (substitution.place(statement, offset) for offset in (kept.start, kept.end))
        text = substitution.text(statement)
        yield from rewriting.keeping(text, names, kept.symbol.name, expression, start, end, kept.copied)


def _replacement(statement: Statement, start: int, end: int, text: str) -> rewriting.Replacement:
    """Text for a range of a statement's text as it was written."""
    return rewriting.Replacement(substitution.place(statement, start), substitution.place(statement, end), text)


def _checked(t: Refinement, statement: Statement, write: Callable[[], str]) -> str:
    try:
        return write()
    except (SyntaxError, ValueError) as error:
        raise NbmdeError(
            f"this statement cannot be rewritten: {error}",
            file=f"{workflow_of(t.source).notebook.name}.ipynb",
            cell=statement.cellNumber,
            line=statement.firstLine,
            remedy="write it in a simpler way",
        ) from error
