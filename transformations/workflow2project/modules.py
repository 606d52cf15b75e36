"""Packages, modules and imports: what refinements of this package put into a project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import is_kind, label

from . import reading, tables

if TYPE_CHECKING:
    from nbmde.engine.models import EObject
    from nbmde.metamodels.mlproject import Function, Import, Module, Package, Project
    from nbmde.metamodels.workflow import Statement, Workflow

    from .rules import Refinement

CODE = ("steps", "helpers")
"""Kinds of modules that hold the notebook's code."""

parts = m2m.Transformation("workflow2project.modules", refines="mlproject")
"""Rules that refinements extend."""


@parts.rule("Project", to="Package", lazy=True)
def package(t: Refinement, project: Project, package: Package, *, name: str) -> None:
    """A package of the project."""
    package.name = name
    package.doc = tables.layout_of(t, project)["packages"].get(name, "")


@parts.rule("Project", to="Module", lazy=True)
def module(t: Refinement, project: Project, module: Module, *, name: str, kind: str) -> None:
    """A module of the project."""
    module.name = name
    module.kind = getattr(t.target_metamodel.ModuleKind, kind)


@parts.rule("Module", to="Import", lazy=True)
def import_(
    t: Refinement, source: tuple[Module, EObject], import_: Import, *, group: str, text: str, name: str
) -> None:
    """An import of a module; the second source is what needs it, or what says it."""
    import_.text, import_.module = text, name
    import_.group = getattr(t.target_metamodel.ImportGroup, group)


@parts.helper("Project", cached=True)
def words(t: Refinement, project: Project) -> frozenset[str]:
    """Every name in the notebook's code."""
    return reading.words(workflow_of(project), tables.layout_of(t, project))


def workflow_of(project: Project) -> Workflow:
    """The workflow that a project computes.

    Raises:
        NbmdeError: it is not known.
    """
    if project.workflow is None:
        raise NbmdeError(f"{label(project)} has no workflow, which its refinements read", remedy="set it in the model")
    return project.workflow


def module_named(t: Refinement, name: str, kind: str) -> Module:
    """A module by its dotted name below the top package; made, with its package, where it is not there yet."""
    folder, _, own = name.rpartition(".")
    package = next((one for one in t.source.packages if one.name == folder), None)
    if package is None:
        package = t.make("package", t.source, key=folder, name=folder)
        t.source.packages.append(package)
    found = next((one for one in package.modules if one.name == own), None)
    if found is None:
        found = t.make("module", t.source, key=name, name=own, kind=kind)
        package.modules.append(found)
    return found


def add_import(t: Refinement, module: Module, cause: EObject, group: str, name: str, text: str) -> Import | None:
    """Gives a module an import that it does not have yet.

    Args:
        cause: why: the statement that says it, or what is imported.
        group: the block of imports.
        name: dotted name of what is imported from.
        text: the statement.
    """
    if any(one.text == text for one in module.imports):
        return None
    made: Import = t.make("import_", (module, cause), key=text, group=group, text=text, name=name)
    module.imports.append(made)
    return made


def modules(project: Project) -> Iterator[Module]:
    """All modules."""
    for package in project.packages:
        yield from package.modules


def dotted(module: Module) -> str:
    """The name of a module below the top package."""
    package = module.eContainer()
    return f"{package.name}.{module.name}" if package.name else module.name


def functions(t: Refinement, module: Module) -> list[Function]:
    """The functions of a module that are made of steps."""
    return [member for member in module.members if is_kind(member, t.target_metamodel.Function)]


def code(t: Refinement, module: Module) -> list[Statement]:
    """The statements of the notebook in a module."""
    classes = t.target_metamodel
    prepared = [member.statement for member in module.members if is_kind(member, classes.Preparation)]
    defined = [member.statement for member in module.members if is_kind(member, classes.Definition)]
    steps = [function.step for function in functions(t, module) if function.step is not None]
    run = [statement for step in steps for statement in step.statements]
    return [*(one for one in (*prepared, *defined) if one is not None), *run]


def homes(t: Refinement) -> dict[str, str]:
    """Map the code's name of each definition to the dotted name of its module."""
    return {
        symbol.name: dotted(module)
        for module in modules(t.source)
        for member in module.members
        if is_kind(member, t.target_metamodel.Definition) and member.statement is not None
        for symbol in member.statement.binds
    }
