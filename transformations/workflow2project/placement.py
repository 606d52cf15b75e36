"""Places code in modules: functions by the stage of their steps, definitions with the only module that uses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import substitution

from . import reading, tables
from .modules import dotted, module_named, modules, parts, workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Call, Definition, Function, Member, Module, Project
    from nbmde.metamodels.workflow import Statement, Step

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.placement", refines="mlproject", extends=parts, optional=True)


@transformation.helper("Project", cached=True)
def stage_modules(t: Refinement, project: Project) -> Mapping[Step, str]:
    """Step -> the module of its stage."""
    rows = tables.layout_of(t, project)["modules"]
    found = {}
    for step in workflow_of(project).steps:
        if step.stage not in rows:
            near = get_close_matches(step.stage, rows, 1)
            known = f"{near[0]}?" if near else f"stages are rows of [modules] in layout.toml: {', '.join(rows)}"
            remedy = f"{known} One that an extension has is there with --extension DIR"
            raise NbmdeError(f"Step {step.name!r}: there is no module for the stage {step.stage!r}", remedy=remedy)
        found[step] = rows[step.stage]["module"]
    return found


@transformation.helper("Project", cached=True)
def definition_modules(t: Refinement, project: Project) -> Mapping[str, str]:
    """Map the code's name of a definition to the only module that uses it, or to that of the helpers."""
    helpers: str = tables.layout_of(t, project)["helpers"]["module"]
    by_name: dict[str, list[Statement]] = {}
    for statement in reading.defining(workflow_of(project)):
        for symbol in statement.binds:
            by_name.setdefault(symbol.name, []).append(statement)
    users: dict[str, dict[str, None]] = {name: {} for name in by_name}
    for step, module in t.helpers.stage_modules(project).items():
        for name in (*(symbol.name for symbol in reading.uses(step.statements)), *_own_types(t, [step])):
            if name in users:
                users[name][module] = None
    homes: dict[str, int] = {}
    for name, own in reading.own_names(workflow_of(project)).items():  # names that are no variables of steps, each once
        homes[own] = homes.get(own, 0) + 1
        users[name] = {helpers if homes[own] == 1 else f"{helpers}_{homes[own]}": None}
    changed = True
    while changed:  # who uses a function uses what it calls
        changed = False
        for name, statements in by_name.items():
            for symbol in reading.uses(statements):
                for module in users[name]:
                    if symbol.name in users and module not in users[symbol.name]:
                        users[symbol.name][module] = None
                        changed = True
    return {name: next(iter(users[name])) if len(users[name]) == 1 else helpers for name in by_name}


def _own_types(t: Refinement, steps: Iterable[Step]) -> Iterator[str]:
    """The notebook's own classes in what is known of the values that functions take and give: annotations name them."""
    known = substitution.found(workflow_of(t.source))
    for step in steps:
        for value in (*step.inputValues, *step.outputValues):
            for name in re.findall(r"\b__main__\.(\w+)", value.type or ""):
                yield known[name].name if name in known else name


@transformation.rule("Project")
def make_modules(t: Refinement, project: Project) -> None:
    """The modules of the stages, and then those that hold definitions alone."""
    for module in t.helpers.stage_modules(project).values():
        module_named(t, module, "steps")
    for statement in reading.definitions(workflow_of(project)):
        module_named(t, t.helpers.definition_modules(project)[statement.binds[0].name], "helpers")


@transformation.rule("Function", guard=lambda t, function: function.step in t.helpers.stage_modules(t.source))
def place_function(t: Refinement, function: Function) -> None:
    """A function lives in the module of its stage."""
    assert function.step is not None  # see the guard
    _move(function, module_named(t, t.helpers.stage_modules(t.source)[function.step], "steps"))


def is_placed(t: Refinement, definition: Definition) -> bool:
    """Is it known where a definition belongs?"""
    statement = definition.statement
    return statement is not None and statement.binds[0].name in t.helpers.definition_modules(t.source)


@transformation.rule("Definition", guard=is_placed)
def place_definition(t: Refinement, definition: Definition) -> None:
    """A definition lives with the only module that uses it; what several use lives with the helpers."""
    assert definition.statement is not None  # see the guard
    name = definition.statement.binds[0].name
    _move(definition, module_named(t, t.helpers.definition_modules(t.source)[name], "helpers"))


def _move(member: Member, module: Module) -> None:
    if member.eContainer() is not module:
        module.members.append(member)


@transformation.rule("Call")
def follow_function(t: Refinement, call: Call) -> None:
    """A call knows the module of its function."""
    call.module = dotted(call.function.eContainer())


@transformation.post
def drop_empty_modules(t: Refinement) -> None:
    """Modules that have lost their members are none."""
    for module in [one for one in modules(t.source) if one.kind.name in ("steps", "helpers") and not one.members]:
        t.retire(module)
