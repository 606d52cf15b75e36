"""Links the names in code to the elements that have them, so that what is generated follows what these are called."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.models import is_kind
from nbmde.notebooks import linking
from nbmde.notebooks.analysis.naming import Named, identifiers, named
from nbmde.notebooks.analysis.renaming import Source

from .modules import functions, modules

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import (
        Function,
        Module,
        NamedElement,
        Parameter,
        Project,
        SettingsClass,
    )

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.links", refines="mlproject")


@dataclass
class Meaning:
    """The meanings of the names in code of a module or function.

    Attributes:
        elements: name -> the element that has it, and which of its attributes it is.
        attributes: name of an object -> names of its attributes -> the elements that have these.
    """

    elements: dict[str, tuple[NamedElement, str]] = field(default_factory=dict)
    attributes: dict[str, Mapping[str, NamedElement]] = field(default_factory=dict)


# -- what names mean -------------------------------------------------------------------------------------------------
@transformation.helper("Project", cached=True)
def by_path(t: Refinement, project: Project) -> Mapping[str, Module]:
    """The modules by the names by which they are imported."""
    return {linking.path(module): module for module in modules(project)}


@transformation.helper("Module", cached=True)
def meaning(t: Refinement, module: Module) -> Meaning:
    """Find the meanings of names at the level of a module: what it defines, and what it imports from others."""
    found = Meaning()
    for import_ in module.imports:
        found.elements.update(linking.bound(import_, t.helpers.by_path(t.source)))
    for member in module.members:
        if is_kind(member, t.target_metamodel.Definition):
            found.elements[member.name] = (member, "name")
    return found


@transformation.helper("Function", cached=True)
def meaning_inside(t: Refinement, function: Function) -> Meaning:
    """Find the meanings of names in a function: its parameters and the variables it returns; else as in its module."""
    outside: Meaning = t.helpers.meaning(function.eContainer())
    found = Meaning(dict(outside.elements))
    found.elements.update((result.name, (result, "name")) for result in function.results)
    found.elements.update((parameter.name, (parameter, "name")) for parameter in function.parameters)
    for parameter in function.parameters:
        if (section := _section(t, parameter)) is not None:
            found.attributes[parameter.name] = {setting.name: setting for setting in section.settings}
    state = t.source.state
    if state is not None:
        found.attributes[t.source.pipeline.stateName] = {attribute.name: attribute for attribute in state.attributes}
    return found


def _section(t: Refinement, parameter: Parameter) -> SettingsClass | None:
    sections = t.source.configuration.sections
    return next((one for one in sections if one.className == parameter.type and parameter.symbol is None), None)


# -- rules -----------------------------------------------------------------------------------------------------------
@transformation.rule("Project")
def link_code(t: Refinement, project: Project) -> None:
    """Lines of functions, definitions and preparations with the names in them."""
    for module in modules(project):
        for member in module.members:
            if linking.has_code(member) and not member.occurrences:
                _link(t, member, t.helpers.meaning(module))
        for function in functions(t, module):
            for fragment in function.fragments:
                if not fragment.occurrences:
                    _link(t, fragment, t.helpers.meaning_inside(function))


def _link(t: Refinement, code: linking.Source, meaning: Meaning) -> None:
    words = identifiers(code.text)
    if words.isdisjoint(meaning.elements) and words.isdisjoint(meaning.attributes):
        return
    for name, places in named(code.text).items():
        if name in meaning.elements:
            linking.occur(code, *meaning.elements[name], name, places)
    if not words.isdisjoint(meaning.attributes):
        for element, name, found in _attributes(code.text, meaning.attributes):
            linking.occur(code, element, "name", name, found)


def _attributes(
    text: str, known: Mapping[str, Mapping[str, NamedElement]]
) -> Iterator[tuple[NamedElement, str, Named]]:
    """The attributes of objects in code that elements stand for, with their places."""
    source = Source(text)
    found: dict[tuple[str, str], Named] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            end = source.places.span(node)[1]
            found.setdefault((node.value.id, node.attr), Named()).places.append(end - len(node.attr))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "let":
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            for keyword in node.keywords if owner in known else ():
                place = found.setdefault((owner, keyword.arg or ""), Named())
                place.places.append(source.places.span(keyword)[0])
    for (owner, name), named_ in found.items():
        if name in known[owner]:
            yield known[owner][name], name, named_


@transformation.rule("Project")
def link_imports(t: Refinement, project: Project) -> None:
    """Imports from modules of the project with these, and with what is imported."""
    for module in modules(project):
        for import_ in module.imports:
            if not import_.occurrences:
                linking.link(import_, t.helpers.by_path(project))


@transformation.rule("Project")
def link_functions(t: Refinement, project: Project) -> None:
    """Functions with the settings that they take, and with the parameters that they give back."""
    for module in modules(project):
        for function in functions(t, module):
            known = {parameter.name: parameter for parameter in function.parameters}
            for parameter in function.parameters:
                parameter.section = parameter.section or _section(t, parameter)
            for result in function.results:
                result.parameter = result.parameter or known.get(result.name)
    by_name = {function.name: function for module in modules(project) for function in functions(t, module)}
    for section in project.configuration.sections:
        section.function = section.function or by_name.get(section.name)


@transformation.rule("Project")
def link_commands(t: Refinement, project: Project) -> None:
    """Commands with the modules of their functions, and stages of a pipeline with the commands that they run."""
    below = {linking.below(module): module for module in modules(project)}
    for entry in project.entryPoints:
        entry.module = entry.module or below.get((entry.target or "").partition(":")[0])
    commands = {entry.name: entry for entry in project.entryPoints}
    for stage in project.stages:
        stage.entry = stage.entry or commands.get(stage.command)
