"""Workflow models of version 1: what version 2 says besides is found in what they say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbmde.engine.migration import Migration, note

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import FileExpression, Setting, Statement, Workflow

migration = Migration("http://nbmde.org/workflow/1", "http://nbmde.org/workflow/2")
migration.retype("RuntimeName", "PlatformFunction")
migration.rename("Workflow", "runtime", "platform")
migration.delete("Metric")  # found anew, with the model, the data and the figure
migration.refine("notebook2workflow.calls", "notebook2workflow.occurrences", "notebook2workflow.metrics")

FINISHED = (
    "definitions", "stages", "cuts", "sharing", "naming", "files", "settings", "data", "models", "interfaces",
    "requirements", "recorded", "exploration",
)  # fmt: skip


@migration.rule("Workflow")
def finished(old: Workflow, new: Workflow) -> None:
    """A workflow says which refinements made it, and its statements how they follow each other in the notebook."""
    if not old.refined:  # at first no model said so, and each had everything that later steps need
        note(new, [f"notebook2workflow.{name}" for name in FINISHED])
    statements = [*new.definitions, *(statement for step in new.steps for statement in step.statements)]
    if not any(statement.number for statement in statements):
        for number, statement in enumerate(sorted(statements, key=_place)):
            statement.number = number


@migration.rule("Setting", handles="call")
def handed_over(old: Setting, new: Setting) -> None:
    """A setting without its call, which is found anew."""


@migration.rule("FileExpression", handles="call")
def written_out(old: FileExpression, new: FileExpression) -> None:
    """A path that is a setting is written out."""
    if new.path is None and old.setting is not None:
        new.path = json.loads(old.setting.value)


def _place(statement: Statement) -> tuple[int, int]:
    return statement.cellNumber, statement.firstLine
