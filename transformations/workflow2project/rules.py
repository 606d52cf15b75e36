"""The transformation that the modules of this package add their rules to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from nbmde.engine import m2m

if TYPE_CHECKING:
    from nbmde.metamodels import MlprojectMetamodel, WorkflowMetamodel
    from nbmde.metamodels.mlproject import Module, Package, Project
    from nbmde.metamodels.workflow import Workflow

    from .package_names import Names
    from .planning import Plan

    class Facts(SimpleNamespace):
        """What the rules know of the run besides the models."""

        names: Names
        plan: Plan
        packages: dict[str, Package]
        modules: dict[str, Module]
        placed: set[str]

    class Context(m2m.Context):
        """The run of this transformation."""

        source: Workflow
        target: Project
        source_metamodel: WorkflowMetamodel
        target_metamodel: MlprojectMetamodel
        facts: Facts


transformation = m2m.Transformation("workflow2project", source="workflow", target="mlproject")
