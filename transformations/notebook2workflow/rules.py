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


def _in(refinement: str, rule: str) -> str:
    return f"the rule {rule} of notebook2workflow.{refinement}"


GONE = {
    "symbol": ("Symbol", _in("sharing", "symbol")),
    "resource": ("Resource", _in("sharing", "resource")),
    "runtime_name": ("PlatformFunction", "the rule platform_function"),
    "file_expression": ("FileExpression", _in("files", "file_expression")),
    "setting": ("Setting", _in("settings", "setting")),
    "dataset": ("DataSet", _in("data", "dataset")),
    "trained_model": ("TrainedModel", _in("models", "trained_model")),
    "kept": ("Kept", _in("service", "kept")),
    "kept_symbol": ("Symbol", _in("service", "kept_symbol")),
    "figure": ("Figure", _in("models", "figure")),
    "metric": ("Metric", _in("metrics", "metric")),
    "module": ("ImportedModule", _in("requirements", "module")),
    "value": ("Value", _in("recorded", "value")),
    "column": ("Column", _in("recorded", "column")),
}
"""Rules of earlier versions: what each made, and what has its place."""

transformation = m2m.Transformation("notebook2workflow", source="notebook", target="workflow", gone=GONE)
