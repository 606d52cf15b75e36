"""Lifts literals of the notebook into the configuration: functions take their settings, and the paths, as arguments."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.analysis.program import fresh

from .modules import parts, workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Call, ConfigurationSetting, Function, Parameter, Project, SettingsClass
    from nbmde.metamodels.workflow import Setting, Statement

    from .rules import Refinement

PATHS = "paths"
"""The section of the configuration for these."""

transformation = m2m.Transformation("workflow2project.configuration", refines="mlproject", extends=parts, optional=True)


# -- literals --------------------------------------------------------------------------------------------------------
@transformation.rule("Project")
def lift_literals(t: Refinement, project: Project) -> None:
    """Settings for the literals in functions that have none yet."""
    sections = project.configuration.sections
    lifted = {literal for section in sections for setting in section.settings for literal in setting.literals}
    functions = {
        statement: call.function
        for call in project.pipeline.calls
        if call.function.step is not None
        for statement in call.function.step.statements
    }
    for literal in workflow_of(project).settings:
        if literal.statement in functions and literal not in lifted:
            t.make("literal", (literal, functions[literal.statement]))


@transformation.rule("workflow.Setting", to=(), lazy=True, abstract=True)
def literal(t: Refinement, source: tuple[Setting, Function]) -> None:
    """A literal in a function."""


def is_value(t: Refinement, source: tuple[Setting, Function]) -> bool:
    """Is a literal no path?"""
    return source[0].role.name != "path"


@transformation.rule("workflow.Setting", extends="literal", lazy=True, guard=is_value)
def lift_value(t: Refinement, source: tuple[Setting, Function]) -> None:
    """A value is a setting of its function."""
    literal, function = source
    section = _section(t, function.name, "own_settings", function)
    section.settings.append(t.make("value_setting", (literal, section)))


def is_path(t: Refinement, source: tuple[Setting, Function]) -> bool:
    """Does a literal name a file?"""
    return source[0].role.name == "path" and source[0].dataset is not None


@transformation.rule("workflow.Setting", extends="literal", lazy=True, guard=is_path)
def lift_path(t: Refinement, source: tuple[Setting, Function]) -> None:
    """A path is one of the project's, whatever function reads it."""
    literal, _ = source
    section = _section(t, PATHS, "paths", t.source)
    assert literal.dataset is not None  # see `is_path`
    known = next((setting for setting in section.settings if setting.name == literal.dataset.name), None)
    if known is None:
        known = t.make("path_setting", literal)
        section.settings.append(known)
    known.literals.append(literal)


def _section(t: Refinement, name: str, rule: str, source: Function | Project) -> SettingsClass:
    sections = t.source.configuration.sections
    found = next((section for section in sections if section.name == name), None)
    if found is None:
        found = t.make(rule, source)
        sections.append(found)
    return found


@transformation.rule("Function", to="SettingsClass", lazy=True)
def own_settings(t: Refinement, function: Function, section: SettingsClass) -> None:
    """The settings of one function."""
    section.name, section.doc = function.name, ""
    section.className = fresh(class_name(function.name), t.helpers.words(t.source))


@transformation.rule("Project", to="SettingsClass", lazy=True)
def paths(t: Refinement, project: Project, section: SettingsClass) -> None:
    """The paths of all functions."""
    section.name, section.doc = PATHS, "Files that the project reads and writes."
    section.className = fresh("Paths", t.helpers.words(project))


@transformation.rule("workflow.Setting", to="ConfigurationSetting", lazy=True)
def value_setting(t: Refinement, source: tuple[Setting, SettingsClass], setting: ConfigurationSetting) -> None:
    """A literal as a value of the configuration."""
    literal, section = source
    setting.name = setting_name(literal, {other.name for other in section.settings})
    setting.type, setting.value = literal.type, literal.value
    setting.kind = getattr(t.target_metamodel.SettingKind, literal.role.name)
    setting.file = "config" if literal.role.name in ("seed", "parameter") else "model_config"
    setting.setting = literal
    setting.literals.append(literal)
    call = call_of(literal)
    setting.doc = f"{literal.name} of {call}" if call else ""


@transformation.rule("workflow.Setting", to="ConfigurationSetting", lazy=True)
def path_setting(t: Refinement, literal: Setting, setting: ConfigurationSetting) -> None:
    """Where a file lies, as a value of the configuration."""
    assert literal.dataset is not None  # see `is_path`
    place = next(place for place in t.source.places if place.original == literal.dataset.path)
    setting.name, setting.type, setting.value = literal.dataset.name, "str", json.dumps(place.path, ensure_ascii=False)
    setting.kind, setting.file = t.target_metamodel.SettingKind.path, "config"
    setting.setting = literal


def call_of(literal: Setting) -> str:
    """Return the name of what is called with a setting; empty where a name is bound to it."""
    argument = literal.argument
    return argument.call.name if argument is not None and argument.call is not None else ""


def setting_name(literal: Setting, taken: Collection[str]) -> str:
    """A name that no other setting of the section has; with the call's name in front where it is the argument's."""
    name = literal.name
    called = call_of(literal)
    if name in taken and called:
        last = called.rpartition(".")[2]
        call = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", last).lower()
        name = f"{call}_{name}"
    base, number = name, 2
    while name in taken or keyword.iskeyword(name):
        name, number = f"{base}_{number}", number + 1
    return name


def class_name(function: str) -> str:
    """Name of the settings class of a function."""
    return "".join(part.capitalize() for part in function.split("_")) + "Config"


# -- arguments -------------------------------------------------------------------------------------------------------
@transformation.helper("Project", cached=True)
def readers(t: Refinement, project: Project) -> Mapping[Statement, list[tuple[int, SettingsClass]]]:
    """Statement -> the sections of the configuration with literals of it, each with its place among all."""
    found: dict[Statement, list[tuple[int, SettingsClass]]] = {}
    for place, section in enumerate(project.configuration.sections):
        for statement in dict.fromkeys(one.statement for setting in section.settings for one in setting.literals):
            found.setdefault(statement, []).append((place, section))
    return found


def sections(t: Refinement, function: Function) -> list[SettingsClass]:
    """The sections of the configuration that a function reads: its own, then that of the paths."""
    read: Mapping[Statement, list[tuple[int, SettingsClass]]] = t.helpers.readers(t.source)
    code = function.step.statements if function.step is not None else ()
    found = dict(pair for statement in code for pair in read.get(statement, ()))
    return [found[place] for place in sorted(found, key=lambda place: (found[place].name == PATHS, place))]


@transformation.rule("Function")
def take_settings(t: Refinement, function: Function) -> None:
    """A function takes the sections that it reads."""
    taken = {parameter.type for parameter in function.parameters}
    for section in sections(t, function):
        if section.className not in taken:
            function.parameters.append(t.make("argument", (section, function)))


@transformation.rule("Call")
def give_settings(t: Refinement, call: Call) -> None:
    """The driver gives them."""
    given = [f"{t.source.pipeline.configName}.{section.name}" for section in sections(t, call.function)]
    call.arguments.extend([argument for argument in given if argument not in call.arguments])


@transformation.rule("SettingsClass", to="Parameter", lazy=True)
def argument(t: Refinement, source: tuple[SettingsClass, Function], parameter: Parameter) -> None:
    """Settings as an argument."""
    section, _ = source
    parameter.name, parameter.type = argument_name(section), section.className


def argument_name(section: SettingsClass) -> str:
    """Return the functions' name for a section of the configuration."""
    pipeline = section.eContainer().eContainer().pipeline
    return pipeline.pathsName if section.name == PATHS else pipeline.configName
