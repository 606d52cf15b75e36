"""The transformation that this package is, and what its rules and those of its refinements see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

if TYPE_CHECKING:
    from nbmde.engine.m2m.refinement import Refining
    from nbmde.metamodels import MlprojectMetamodel, WorkflowMetamodel
    from nbmde.metamodels.mlproject import Project
    from nbmde.metamodels.workflow import Workflow

    class Context(m2m.Context):
        """The run of the transformation."""

        source: Workflow
        target: Project
        source_metamodel: WorkflowMetamodel
        target_metamodel: MlprojectMetamodel

    class Refinement(Refining):
        """The run of a refinement of the Project."""

        source: Project
        target: Project
        source_metamodel: MlprojectMetamodel
        target_metamodel: MlprojectMetamodel


transformation = m2m.Transformation("workflow2project", source="workflow", target="mlproject", root="workflow2project")
