"""Chooses names for what a project puts into the notebook's code: such as nothing in it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.analysis.program import fresh

from .modules import parts

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Pipeline, Project, RuntimeFunction, StateClass

    from .rules import Refinement

ADDED = ("show", "show_figures", "locate", "bind", "deepcopy")
"""Functions of the runtime that the project calls where the notebook's statements do not."""

transformation = m2m.Transformation("workflow2project.names", extends=parts)


@transformation.rule("Project", guard=lambda t, project: not any(one.added for one in project.runtime))
def name_runtime_functions(t: Refinement, project: Project) -> None:
    """The functions of the runtime that the project adds calls of."""
    aliases = {name: fresh(name, t.helpers.words(project)) for name in ADDED}
    aliases["bind_class"] = f"{aliases['bind']}_class"
    aliases["display"] = "display"  # which is there in a notebook without an import
    for name, alias in aliases.items():
        project.runtime.append(t.make("added", project, key=name, name=name, alias=alias))


@transformation.rule("Project", to="RuntimeFunction", lazy=True)
def added(t: Refinement, project: Project, function: RuntimeFunction, *, name: str, alias: str) -> None:
    """A function of the runtime that the project adds calls of."""
    function.name, function.alias, function.added = name, alias, True


@transformation.rule("Pipeline")
def name_arguments(t: Refinement, pipeline: Pipeline) -> None:
    """The names of configuration, project folder, state and so on in the driver and in functions."""
    words = t.helpers.words(t.source)
    pipeline.configName, pipeline.pathsName = fresh("config", words), fresh("paths", words)
    pipeline.rootName, pipeline.stateName = fresh("root", words), fresh("state", words)
    pipeline.decoratorName = fresh("step", words)


@transformation.rule("StateClass")
def name_state(t: Refinement, state: StateClass) -> None:
    """The class of the state."""
    state.name = fresh("State", t.helpers.words(t.source))


def alias(project: Project, name: str) -> str:
    """Return the name by which the project's own calls call a function of the runtime."""
    return next((one.alias for one in project.runtime if one.added and one.name == name), name)
