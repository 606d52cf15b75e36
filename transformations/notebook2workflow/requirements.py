"""Finds the modules that are imported, and the distributions that install them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import index, refining
from .modules import ImportedModules
from .refining import tell

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import ImportedModule, Statement, Workflow

    from .refining import Context

transformation = m2m.Transformation(
    "notebook2workflow.requirements", refines="workflow", extends=refining.transformation
)


@transformation.rule("Workflow", guard=lambda t, workflow: not workflow.modules)
def requiring(t: Context, workflow: Workflow) -> None:
    """A workflow with the modules that it imports, and with where their versions come from."""
    known = index.of(t)
    of_cell: dict[int, list[Statement]] = {}
    for statement in known.statements:
        of_cell.setdefault(statement.cellNumber, []).append(statement)
    modules: ImportedModules = t.helpers.imported(workflow)
    for name, imported in modules.modules.items():
        inside = of_cell.get(imported.cell, [])
        importing = (one for one in inside if one.firstLine <= imported.line <= one.lastLine)
        source = next(importing, next(iter(inside), workflow))
        workflow.modules.append(t.make("module", source, key=name, name=name))
    workflow.versions = getattr(t.target_metamodel.VersionSource, modules.source())
    for remark in modules.remarks():
        tell(t, workflow, remark)


@transformation.rule("Element", to="ImportedModule", lazy=True)
def module(t: Context, source: Statement | Workflow, module: ImportedModule, *, name: str) -> None:
    """A module that is imported, with the distribution that installs it."""
    imported = t.helpers.imported(t.target).modules[name]
    module.name, module.reason = imported.name, imported.reason or None
    module.distribution = imported.distribution or None
    module.version, module.specifier = imported.version or None, imported.specifier or None
    module.extras.extend(imported.extras)
    module.verified, module.standardLibrary = imported.verified, imported.standard_library
    module.local, module.tried = imported.local, imported.tried


@transformation.helper("Workflow", cached=True)
def imported(t: Context, workflow: Workflow) -> ImportedModules:
    """The modules that are imported."""
    known = index.of(t)
    found = ImportedModules(known.notebook, known.program, known.extensions)
    found.found()
    return found
