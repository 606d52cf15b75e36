"""Reads a generated project back: the models and traces that it carries, as a person may have edited them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbmde.engine import constraints, models, pipeline
from nbmde.engine.diagnostics import Refused
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import OWN
from nbmde.engine.models import EObject, Registry
from nbmde.notebooks.elements import is_project, is_trace

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Project
    from nbmde.metamodels.trace import Trace
    from nbmde.metamodels.workflow import Workflow

MODEL = "project.xmi"


@dataclass(frozen=True)
class Generated:
    """A generated project.

    Attributes:
        path: the file of its model.
        traces: what its model and its files were made from.
    """

    path: Path
    project: Project
    traces: list[Trace]

    @property
    def workflow(self) -> Workflow:
        """The workflow that the project computes.

        Raises:
            NbmdeError: its model does not say.
        """
        if self.project.workflow is None:
            reason = f"{models.label(self.project)} has no workflow, so nothing tells what it computes"
            remedy = "give it its reference workflow again, or generate the project anew"
            raise NbmdeError(reason, file=str(self.path), remedy=remedy)
        return self.project.workflow


def roots(folder: Path, registry: Registry) -> list[EObject]:
    """The roots of all models and traces that a generated project carries, of whatever pipeline it is.

    Raises:
        NbmdeError: the folder holds none; its models cannot be read, or do not conform to their metamodels.
    """
    paths = sorted((folder / OWN).glob("*.xmi"))
    if not paths:
        raise _missing(folder)
    tops = [top for model in models.load_models(paths, registry) for top in model]
    _conform(tops, folder / OWN)
    return tops


def read(folder: Path, registry: Registry) -> Generated:
    """The models of a generated project.

    Raises:
        NbmdeError: the folder holds none; its models cannot be read, or do not conform to their metamodels.
    """
    path = folder / OWN / MODEL
    if not path.is_file():
        raise _missing(folder)
    project, *others = models.load_all([path, *sorted(path.parent.glob("*.trace.xmi"))], registry)
    if not is_project(project):
        reason = f"holds a {project.eClass.name}, not a Project"
        raise NbmdeError(reason, file=str(path), remedy="generate the project again")
    _conform([*_behind(project), *others], path)
    return Generated(path, project, list(filter(is_trace, others)))


def _missing(folder: Path) -> NbmdeError:
    remedy = "generate one with nbmde run nb2project NOTEBOOK -o DIR"
    return NbmdeError(f"is not a generated project: {OWN}/{MODEL} is missing", file=str(folder), remedy=remedy)


def _conform(tops: Iterable[EObject], path: Path) -> None:
    for root in dict.fromkeys(tops):
        if wrong := constraints.conformance(root):
            document = models.document_of(root)
            raise Refused([one.at(str(document.path if document is not None else path)) for one in wrong])


def _behind(project: Project) -> list[EObject]:
    """The roots of all models that a project refers to, directly or not, and its own."""
    return [root for model in pipeline.related(project).values() for root in models.roots(model)]
