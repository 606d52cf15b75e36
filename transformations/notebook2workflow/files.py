"""Finds the paths in statements, and says what becomes of them in a project."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbmde.engine import knowledge, m2m

from . import commands, index, notebook_location, paths, refining
from .missing_files import absent
from .refining import tell
from .remarks import at

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import FileExpression, Statement, Workflow

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.files", refines="workflow", extends=refining.transformation)


@transformation.helper("Statement")
def paths_in(t: Context, statement: Statement) -> list[paths.FileExpression]:
    """The paths in a statement."""
    return index.of(t).files[statement.number]


@transformation.rule("Statement", guard=lambda t, one: not one.files and bool(t.helpers.paths_in(one)))
def with_files(t: Context, statement: Statement) -> None:
    """A statement that names files; where its value is a path, a project shows it as the notebook does."""
    for file in t.helpers.paths_in(statement):
        statement.files.append(
            t.make(
                "file_expression",
                statement,
                key=file.start,
                start=file.start,
                end=file.end,
                path=file.path,
            )
        )
        if file.returned and statement.echo:
            path = statement.text[file.start : file.end]
            literal = isinstance(_value(path), str)
            if file.returned == "list":
                statement.shown = f"[{path}]" if literal else f"[str({path})]"
            elif literal and "." in path.rpartition("/")[2]:  # no folder, of which a file in it would be given back
                statement.shown = path


@transformation.rule("Statement", to="FileExpression", lazy=True)
def file_expression(
    t: Context, statement: Statement, expression: FileExpression, *, start: int, end: int, path: str | None
) -> None:
    """An expression that is a path."""
    expression.start, expression.end = start, end
    expression.path = path


@transformation.rule("Workflow")
def folders(t: Context, workflow: Workflow) -> None:
    """How far above the working folder files lie, and what lies where the code asks which files there are."""
    known = index.of(t)
    workflow.above = paths.above(known.notebook, known.units, dict(enumerate(known.files)))
    if not workflow.listed:
        workflow.listed.extend(paths.top_names(known.survey, known.units))


@transformation.rule("Workflow")
def told(t: Context, workflow: Workflow) -> None:
    """Report what differs in a project: places of one machine, what is in the folder, files that are not there."""
    known = index.of(t)
    statements = {id(unit): statement for unit, statement in zip(known.units, known.statements, strict=True)}
    survey, files, units = known.survey, known.files, known.units
    remarks = []
    for number, unit in enumerate(units):
        for path in paths.outside(unit, known.resolver, files[number], known.defined):
            message = f"{path} is a place of one machine, and stays as it is in the project"
            remarks.append(at(unit, "path-outside", message, "name a place in the project, as data/raw or outputs"))
    for unit, call in paths.asked_for(survey, units, dict(enumerate(files))):
        message = f"{call} gives the places of files in the project; texts that show them differ"
        remarks.append(at(unit, "file-places-shown", message))
    for number in dict.fromkeys(survey.looks_around()):
        message = "the code asks what is in its folder, and the project's does not hold all that the notebook's does"
        remarks.append(at(units[number], "folder-listed", message))
    for unit, path in absent(units, known.resolver, survey, known.notebook):
        message = f"the file {path} does not come along: it is not there"
        remarks.append(at(unit, "file-missing", message, "put it into the project, where the code looks for it"))
    for unit, text in notebook_location.shown(units):
        message = f"`{text}` shows where the notebook lies; the project lies elsewhere"
        remarks.append(at(unit, "place-shown", message))
    for unit in notebook_location.asks_git(units):
        message = "git is asked for the top of the repository, and a project is none by itself"
        remedy = "run git init in the project, and put there what is read from the repository's top"
        remarks.append(at(unit, "repository-asked", message, remedy))
    magics = knowledge.table("magics", known.extensions)
    for unit, text in commands.listing(known.ran, magics.get("listing_commands", {})):
        message = f"`{text}` tells of the project's folder, which holds other files than the notebook's"
        remarks.append(at(unit, "folder-listed", message))
    for remark in remarks:
        tell(t, statements[id(remark.units[0])], remark)


def _value(text: str) -> object:
    """The value of a literal; None where it is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
