"""The transformation, and the types of what its rules see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

if TYPE_CHECKING:
    from nbmde.metamodels import NotebookMetamodel, WorkflowMetamodel
    from nbmde.metamodels.notebook import Notebook
    from nbmde.metamodels.workflow import Workflow

    class Context(m2m.Context):
        """The run of this transformation."""

        source: Notebook
        target: Workflow
        source_metamodel: NotebookMetamodel
        target_metamodel: WorkflowMetamodel


transformation = m2m.Transformation("notebook2workflow", source="notebook", target="workflow")
