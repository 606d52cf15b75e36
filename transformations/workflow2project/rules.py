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


def _in(refinement: str, rule: str) -> str:
    return f"the rule {rule} of workflow2project.{refinement}"


GONE = {
    "end_of_cell": ("Fragment", "the rule cell_end"),
    "setting_parameter": (
        "Parameter",
        f"{_in('configuration', 'argument')}, for the state {_in('state', 'take_state')}",
    ),
    "settings_class": ("SettingsClass", _in("configuration", "own_settings")),
    "setting2setting": ("ConfigurationSetting", _in("configuration", "value_setting")),
    "package": ("Package", _in("placement", "package")),
    "module": ("Module", _in("placement", "module")),
    "import_": ("Import", _in("imports", "import_")),
    "data_file": ("DataFile", f"{_in('data_files', 'file_that_is_read')}, or file_that_is_written"),
    "local_file": ("DataFile", _in("data_files", "module_file")),
    "place": ("Place", _in("places", "place")),
    "requirement": ("Requirement", _in("dependencies", "requirement")),
    "entry_point": ("EntryPoint", _in("deployment", "entry_point")),
    "test_module": ("TestModule", _in("tests", "test_module")),
    "expectation": ("Expectation", _in("tests", "expectation")),
}
"""Rules of earlier versions: what each made, and what has its place."""

transformation = m2m.Transformation(
    "workflow2project", source="workflow", target="mlproject", root="workflow2project", gone=GONE
)
