"""The transformation, and the types of what its rules see."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from nbmde.engine import m2m

if TYPE_CHECKING:
    from nbmde.metamodels import NotebookMetamodel, WorkflowMetamodel
    from nbmde.metamodels.notebook import Notebook
    from nbmde.metamodels.workflow import DataSet, Resource, Statement, Symbol, Workflow

    from .modules import ImportedModules
    from .profile_lookup import Recorded
    from .reading import Reading

    class Facts(SimpleNamespace):
        """What the rules know of the run besides the models.

        Attributes:
            places: index of each unit of the program, by its identity.
            symbols, resources: by name; `statements`: by index; `datasets`: by path.
        """

        reading: Reading
        recorded: Recorded
        modules: ImportedModules
        places: dict[int, int]
        symbols: dict[str, Symbol]
        statements: dict[int, Statement]
        resources: dict[str, Resource]
        datasets: dict[str, DataSet]

    class Context(m2m.Context):
        """The run of this transformation."""

        source: Notebook
        target: Workflow
        source_metamodel: NotebookMetamodel
        target_metamodel: WorkflowMetamodel
        facts: Facts


transformation = m2m.Transformation("notebook2workflow", source="notebook", target="workflow")
