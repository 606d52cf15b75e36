"""The current code of a project: the texts of its elements with the names that what they mention has now.

`text` of a fragment, a definition or an import stays as it was written; templates and constraints read it from here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeGuard, cast

from nbmde.notebooks.analysis.naming import Named, edited, edits
from nbmde.notebooks.analysis.rewrite import Places
from nbmde.notebooks.elements import is_definition

if TYPE_CHECKING:
    from nbmde.engine.models import EObject
    from nbmde.metamodels.mlproject import (
        Attribute,
        Call,
        Definition,
        EntryPoint,
        Fragment,
        Import,
        Module,
        NamedElement,
        Occurrence,
        Parameter,
        Preparation,
        Project,
        Result,
    )

    Source = Definition | Fragment | Import | Preparation

PATH, HOME = "path", "home"


def has_code(element: EObject) -> TypeGuard[Source]:
    """Is something a definition, a fragment, an import or a preparation?"""
    return hasattr(element, "occurrences") and hasattr(element, "text")


def code(element: Source) -> str:
    """The text of an element as its project says it today."""
    changes = [
        edit
        for one in element.occurrences
        if (name := spelled(one)) != one.found
        for edit in edits(one.found, Named(list(one.places), list(one.imported)), name)
    ]
    return edited(element.text, changes)


def spelled(occurrence: Occurrence) -> str:
    """Spell an element as its occurrence does, by the feature; nothing where it has no such thing."""
    element, feature = occurrence.element, occurrence.feature or "name"
    if feature in (PATH, HOME):
        module = element if feature == PATH else element.eContainer()
        return path(cast("Module", module)) if module is not None and module.eClass.name == "Module" else ""
    return str(getattr(element, feature, None) or "")


def is_renamed(occurrence: Occurrence) -> bool:
    """Is what stands in a text no longer what it was?"""
    return spelled(occurrence) != occurrence.found


def path(module: Module) -> str:
    """The name by which a module is imported."""
    package = module.eContainer()
    project = package.eContainer()
    return ".".join(part for part in (project.package, package.name, module.name) if part)


def below(module: Module) -> str:
    """The name of a module below the top package."""
    package = module.eContainer()
    return f"{package.name}.{module.name}" if package.name else module.name


# -- imports ---------------------------------------------------------------------------------------------------------
def link(import_: Import, modules: Mapping[str, Module]) -> None:
    """Gives an import from a module of the project occurrences of the module and of what is imported.

    Args:
        modules: of the project, by their paths.
    """
    node, module = _source(import_, modules)
    if node is None or module is None:
        return
    parts, places = list(_imported(import_, modules)), Places(import_.text)
    where = Named([import_.text.index(node.module or "", len("from"))])
    home = next((element for _, element, feature in parts if element.eContainer() is module), None)
    if home is not None:
        occur(import_, home, HOME, node.module or "", where)
    else:
        occur(import_, module, PATH, node.module or "", where)
    for alias, element, feature in parts:
        first, end = places.span(alias)
        if feature != "alias":
            occur(import_, element, feature, alias.name, Named([first]))
        elif alias.asname:
            occur(import_, element, feature, alias.asname, Named([end - len(alias.asname)]))
        else:
            occur(import_, element, feature, alias.name, Named([], [end]))


def bound(import_: Import, modules: Mapping[str, Module]) -> Iterator[tuple[str, tuple[NamedElement, str]]]:
    """Names that an import binds to what elements define, and the attributes of these that they are."""
    for alias, element, feature in _imported(import_, modules):
        if feature == "alias" or not alias.asname:
            yield alias.asname or alias.name, (element, feature)


def _imported(import_: Import, modules: Mapping[str, Module]) -> Iterator[tuple[ast.alias, NamedElement, str]]:
    node, module = _source(import_, modules)
    if node is None or module is None:
        return
    for alias in node.names:
        for element, feature in _candidates(module):
            if getattr(element, feature) == (alias.asname or alias.name if feature == "alias" else alias.name):
                yield alias, element, feature
                break


def _candidates(module: Module) -> Iterator[tuple[NamedElement, str]]:
    """Find the names that can be imported from a module."""
    project: Project = module.eContainer().eContainer()
    kind = module.kind.name
    if kind == "config":
        yield from ((section, "className") for section in project.configuration.sections)
    elif kind == "state" and project.state is not None:
        yield project.state, "name"
    elif kind == "support":
        yield from ((function, "alias") for function in project.runtime)
    else:
        yield from ((member, "name") for member in module.members if is_definition(member))


def _source(import_: Import, modules: Mapping[str, Module]) -> tuple[ast.ImportFrom | None, Module | None]:
    """The statement of an import from a module of the project, and the module; nothing for any other."""
    if import_.group.name == "local":
        with suppress(SyntaxError, ValueError):
            match ast.parse(import_.text).body:
                case [ast.ImportFrom() as node]:
                    return node, modules.get(node.module or "")
    return None, None


def occur(code: Source, element: NamedElement, feature: str, found: str, places: Named) -> None:
    """Gives code an occurrence of an element."""
    made = cast("Occurrence", code.eClass.ePackage.getEClassifier("Occurrence")())
    made.element, made.found = element, found
    if feature != "name":
        made.feature = feature
    made.places.extend(places.places)
    if places.imported:
        made.imported.extend(places.imported)
    code.occurrences.append(made)


def source(import_: Import) -> str:
    """The dotted name that something is imported from."""
    for one in import_.occurrences:
        if one.feature in (PATH, HOME):
            return spelled(one)
    return import_.module or ""


def is_own(import_: Import) -> bool:
    """Would a module import what stands in it itself?"""
    module: EObject | None = import_.eContainer()
    return any(one.feature == HOME and one.element.eContainer() is module for one in import_.occurrences)


def local(result: Result) -> str:
    """Return the name by which a function calls the value of a result."""
    return result.parameter.name if result.parameter is not None else result.name


def annotated(typed: Attribute | Parameter | Result) -> str:
    """The type of a parameter, a result or an attribute."""
    section = getattr(typed, "section", None)
    return section.className if section is not None else typed.type or ""


def arguments(call: Call) -> list[str]:
    """The expressions that a call gives."""
    config = call.eContainer().configName
    return [
        f"{config}.{parameter.section.name}" if parameter.section is not None else argument
        for parameter, argument in zip(call.function.parameters, call.arguments, strict=True)
    ]


def target(entry: EntryPoint) -> str:
    """Module and function of a command, below the top package."""
    if entry.module is None or not entry.target:
        return entry.target or ""
    return f"{below(entry.module)}:{entry.target.partition(':')[2]}"
