"""Project models of version 1: which element each name in their code means is found in what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine.migration import Migration, note

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Project

migration = Migration("http://nbmde.org/mlproject/1", "http://nbmde.org/mlproject/2")
migration.refine("workflow2project.links")

FINISHED = (
    "names", "places", "data_files", "configuration", "state", "placement", "annotations", "code", "imports", "serving",
    "runtime", "dependencies", "deployment", "tests",
)  # fmt: skip


@migration.rule("Project")
def finished(old: Project, new: Project) -> None:
    """A project says which refinements made it; at first no model said so, and each was ready to be generated."""
    if not old.refined:
        note(new, [f"workflow2project.{name}" for name in FINISHED])
