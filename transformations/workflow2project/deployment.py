"""Adds the commands of the project, and what the stages of its pipeline read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import tables
from .modules import workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import EntryPoint, PipelineStage, Project

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.deployment", refines="mlproject")


@transformation.rule("Project", guard=lambda t, project: not project.entryPoints)
def add_commands(t: Refinement, project: Project) -> None:
    """The commands that the layout has; those that serve where there is a service."""
    for name, row in tables.layout_of(t, project)["commands"].items():
        if project.layout.name in row["target"] and (project.service is not None or not row["serves"]):
            target = row["target"][project.layout.name]
            made = t.make(
                "entry_point", project, key=name, name=name, doc=row["doc"], script=row["script"], target=target
            )
            project.entryPoints.append(made)


@transformation.rule("Project", to="EntryPoint", lazy=True)
def entry_point(
    t: Refinement, project: Project, entry: EntryPoint, *, name: str, doc: str, script: str, target: str
) -> None:
    """A command."""
    entry.name = f"{workflow_of(project).name}-{name}"
    entry.doc, entry.script, entry.target = doc, script, target


@transformation.rule("PipelineStage", guard=lambda t, stage: not stage.outputs)
def connect_stage(t: Refinement, stage: PipelineStage) -> None:
    """A stage with the files that it depends on and those that it writes."""
    project = t.source
    reads = any(not file.written for file in project.dataFiles)
    stage.code = True
    stage.dependencies.extend(["data/raw"] if reads else [])
    files = {setting.file for section in project.configuration.sections for setting in section.settings}
    extra = ["configs/model_config.yaml"] if "model_config" in files else []
    stage.parameters.extend(["configs/config.yaml", *extra])
    saves = project.service is not None or any(file.path.startswith("models/latest") for file in project.dataFiles)
    stage.outputs.extend(["outputs", *(["models/latest"] if saves else [])])
