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
        Definition,
        EntryPoint,
        Fragment,
        Function,
        Import,
        Module,
        NamedElement,
        Parameter,
        PipelineStage,
        Preparation,
        Project,
        Result,
        SettingsClass,
    )

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.links", refines="mlproject")


@dataclass
class Meaning:
    """What the names in code of a module or function mean.

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
    """What names mean at the level of a module: what it defines, and what it imports from others."""
    found = Meaning()
    for import_ in module.imports:
        found.elements.update(linking.bound(import_, t.helpers.by_path(t.source)))
    for member in module.members:
        if is_kind(member, t.target_metamodel.Definition):
            found.elements[member.name] = (member, "name")
    return found


@transformation.helper("Function", cached=True)
def meaning_inside(t: Refinement, function: Function) -> Meaning:
    """What names mean in a function: its parameters, and the variables that it returns; else what its module says."""
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
@transformation.rule("Fragment", guard=lambda t, fragment: not fragment.occurrences)
def link_fragment(t: Refinement, fragment: Fragment) -> None:
    """Lines of a function with the names in them."""
    _link(t, fragment, t.helpers.meaning_inside(fragment.eContainer()))


@transformation.rule("Definition", guard=lambda t, definition: not definition.occurrences)
def link_definition(t: Refinement, definition: Definition) -> None:
    """A definition with the names in it, its own among them."""
    _link(t, definition, t.helpers.meaning(definition.eContainer()))


@transformation.rule("Preparation", guard=lambda t, preparation: not preparation.occurrences)
def link_preparation(t: Refinement, preparation: Preparation) -> None:
    """A preparation with the names in it."""
    _link(t, preparation, t.helpers.meaning(preparation.eContainer()))


def _link(t: Refinement, code: Fragment | Definition | Preparation, meaning: Meaning) -> None:
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


@transformation.rule("Import", guard=lambda t, import_: not import_.occurrences)
def link_import(t: Refinement, import_: Import) -> None:
    """An import from a module of the project, with the module and what is imported."""
    linking.link(import_, t.helpers.by_path(t.source))


@transformation.rule("Parameter", guard=lambda t, parameter: parameter.section is None)
def link_parameter(t: Refinement, parameter: Parameter) -> None:
    """A parameter with the settings that it takes, if it takes any."""
    parameter.section = _section(t, parameter)


@transformation.rule("Result", guard=lambda t, result: result.parameter is None)
def link_result(t: Refinement, result: Result) -> None:
    """A result with the parameter that it gives back, if it is one."""
    known = result.eContainer().parameters
    result.parameter = next((parameter for parameter in known if parameter.name == result.name), None)


@transformation.rule("SettingsClass", guard=lambda t, section: section.function is None)
def link_section(t: Refinement, section: SettingsClass) -> None:
    """Settings with the function that they are for."""
    all_functions = (function for module in modules(t.source) for function in functions(t, module))
    section.function = next((function for function in all_functions if function.name == section.name), None)


@transformation.rule("PipelineStage", guard=lambda t, stage: stage.entry is None)
def link_stage(t: Refinement, stage: PipelineStage) -> None:
    """A stage of a pipeline with the command that it runs."""
    stage.entry = next((entry for entry in t.source.entryPoints if entry.name == stage.command), None)


@transformation.rule("EntryPoint", guard=lambda t, entry: entry.module is None)
def link_command(t: Refinement, entry: EntryPoint) -> None:
    """A command with the module of its function."""
    name = (entry.target or "").partition(":")[0]
    entry.module = next((module for module in modules(t.source) if linking.below(module) == name), None)
