"""Decides where the files of the notebook lie in the project, and in which folder its code runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.inject.patterns import HERE

from . import locations, tables
from .modules import workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Place, Project
    from nbmde.metamodels.workflow import DataSet

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.places", refines="mlproject")


@transformation.helper("Project", cached=True)
def paths(t: Refinement, project: Project) -> Mapping[str, str]:
    """Path in the code -> path in the project."""
    return locations.places(workflow_of(project), tables.layout_of(t, project), project.workingFolder or HERE)


@transformation.rule("Project", guard=lambda t, project: not project.places)
def place_files(t: Refinement, project: Project) -> None:
    """The folder in which the code runs, and all files and folders that it names."""
    working = locations.working_folder(workflow_of(project), tables.layout_of(t, project))
    project.workingFolder = working if working != HERE else None
    project.places.extend([t.make("place", dataset) for dataset in workflow_of(project).datasets])


@transformation.rule("workflow.DataSet", to="Place", lazy=True)
def place(t: Refinement, dataset: DataSet, place: Place) -> None:
    """Where a file of the notebook lies in the project."""
    place.original, place.dataset = dataset.path, dataset
    place.path = t.helpers.paths(t.source)[dataset.path]
