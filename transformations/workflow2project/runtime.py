"""Adds the modules of the runtime, which stand in a project for what the platform of a notebook did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import reading, tables
from .modules import module_named, modules, parts, workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Project, StateClass

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.runtime", extends=parts)


@transformation.helper("Project", cached=True)
def used(t: Refinement, project: Project) -> list[str]:
    """The modules of the runtime that the project needs: those that every one has first."""
    runtime = tables.runtime(t)
    rows = runtime["modules"]
    always = [name for name, row in rows.items() if row.get("always")]
    imported = {module.distribution for module in workflow_of(project).modules if module.distribution}
    found = _imported(project, f"{project.package}.{runtime['package']}.") & set(rows)
    found |= {name for name, row in rows.items() if row.get("distribution", "") in imported}
    if reading.may_draw(workflow_of(project), tables.layout_of(t, project)):
        found.add("figures")
    front = [*always, *found]
    while front:
        front += set(rows[front.pop()].get("needs", ())) - found
        found.update(front)
    return [*always, *sorted(found.difference(always))]


def _imported(project: Project, prefix: str) -> set[str]:
    names = [one.module or "" for module in modules(project) for one in module.imports]
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


@transformation.rule("Project")
def bring_runtime(t: Refinement, project: Project) -> None:
    """The modules of the runtime, the configuration's and the driver's."""
    for name in t.helpers.used(project):
        module_named(t, f"{tables.runtime(t)['package']}.{name}", "support")
    for name in ("config", "pipeline"):
        module_named(t, name, name)


@transformation.rule("StateClass")
def bring_state(t: Refinement, state: StateClass) -> None:
    """The module of the state."""
    module_named(t, "state", "state")
