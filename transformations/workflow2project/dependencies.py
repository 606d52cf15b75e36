"""Decides which distributions the project requires: what the notebook imports, and what the generated code needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from packaging.version import Version

from nbmde.engine import m2m

from . import reading, tables
from .modules import modules, workflow_of

if TYPE_CHECKING:
    from nbmde.engine.models import EObject
    from nbmde.metamodels.mlproject import Import, Project, Requirement, Service
    from nbmde.metamodels.notebook import Distribution
    from nbmde.metamodels.workflow import ImportedModule

    from .rules import Refinement

SIGNS = {"installed": "==", "bounded": "<="}
"""How versions bound a requirement, by where they are known from."""

transformation = m2m.Transformation("workflow2project.dependencies", refines="mlproject")


def canonical(name: str) -> str:
    """The name of a distribution as they are compared here, without extras."""
    return name.partition("[")[0].lower().replace("_", "-")


@transformation.helper("Project", cached=True)
def sign(t: Refinement, project: Project) -> str:
    """How the versions that were found bound requirements; empty if they do not."""
    return SIGNS.get(workflow_of(project).versions.name, "")


@transformation.helper("Project", cached=True)
def distributions(t: Refinement, project: Project) -> Mapping[str, Distribution]:
    """Return the distributions that were found where the notebook was read, by name."""
    return {item.name.lower().replace("_", "-"): item for item in workflow_of(project).notebook.distributions}


@transformation.helper("Project", cached=True)
def bounds(t: Refinement, project: Project) -> Mapping[str, Mapping[str, str]]:
    """Return the requirements of generated code, by what they are for."""
    rows: Mapping[str, Mapping[str, str]] = tables.layout_of(t, project)["requirements"]
    return rows


# -- rules -----------------------------------------------------------------------------------------------------------
@transformation.rule("Project")
def require(t: Refinement, project: Project) -> None:
    """First what the notebook imports, then what that needs, then what the project's own code does."""
    for module in workflow_of(project).modules:
        t.make("imported", module)
    for module in workflow_of(project).modules if t.helpers.sign(project) else ():
        t.make("companions", module)
    for group in _groups(t, project):
        for name, bound in t.helpers.bounds(project)[group].items():
            _add(t, project, name, _own_specifier(t, name, bound), "runtime", f"the project's own {group} code")
    if project.service is not None:
        t.make("serving", project.service)
    _for_annotations(t, project)
    _add_all(t, project, ("development",), "development", "tests and checks")


def is_distributed(t: Refinement, module: ImportedModule) -> bool:
    """Does an imported module come from a distribution that is not there by chance?"""
    return bool(module.distribution) and not module.local and bool(not module.tried or module.version)


@transformation.rule("workflow.ImportedModule", to=(), lazy=True, guard=is_distributed)
def imported(t: Refinement, module: ImportedModule) -> None:
    """The distribution of a module that the notebook imports, with the version found where it was read."""
    sign = t.helpers.sign(t.source)
    specifier = f"{sign}{module.version}" if sign and module.version else module.specifier or ""
    name = f"{module.distribution}[{','.join(module.extras)}]" if module.extras else str(module.distribution)
    reason = module.reason or f"imported as {module.name}"
    if (made := _add(t, module, name, specifier, "runtime", reason)) is not None:
        made.verified = module.verified


def is_known(t: Refinement, module: ImportedModule) -> bool:
    """Is it known what the distribution of a module needs itself?"""
    key = (module.distribution or "").lower().replace("_", "-")
    found = t.helpers.distributions(t.source).get(key)
    return found is not None and bool(found.version) and key in _required(t.source)


@transformation.rule("workflow.ImportedModule", to=(), lazy=True, guard=is_known)
def companions(t: Refinement, module: ImportedModule) -> None:
    """The distributions that a module's distribution needs, in the versions found where the notebook was read."""
    found = t.helpers.distributions(t.source)[(module.distribution or "").lower().replace("_", "-")]
    for item in found.requires:
        specifier = f"{t.helpers.sign(t.source)}{item.version}"
        _add(t, module, item.name, specifier, "runtime", f"required by {module.distribution}")


@transformation.rule("Service", to=(), lazy=True, guard=lambda t, service: t.source.layout.name == "mlops")
def serving(t: Refinement, service: Service) -> None:
    """The distributions that the application and its tests need."""
    for group in ("serving", "drift", "files"):
        _add_all(t, service, (group,), "serving", f"the project's own {group} code")
    _add_all(t, service, ("api_tests",), "development", "tests of the service")


@transformation.rule("Project", to="Requirement", lazy=True)
def requirement(
    t: Refinement,
    source: tuple[Project, EObject],
    requirement: Requirement,
    *,
    name: str,
    specifier: str,
    group: str,
    reason: str,
) -> None:
    """A distribution that the project needs; the second source is what needs it."""
    requirement.name, requirement.specifier, requirement.reason = name, specifier, reason
    requirement.group = getattr(t.target_metamodel.RequirementGroup, group)


# -- what the project's own code needs -------------------------------------------------------------------------------
def _groups(t: Refinement, project: Project) -> list[str]:
    """The rows of the table with what the project's modules need."""
    used = {module.name for module in modules(project) if module.kind.name == "support"}
    rows = tables.runtime(t)["modules"].items()
    found = ["runtime", *(row["requirements"] for name, row in rows if name in used and "requirements" in row)]
    if reading.may_tabulate(workflow_of(project), tables.layout_of(t, project)):
        found.append("tables")
    return [*found, *(["bundle"] if project.service is not None else [])]


def _own_specifier(t: Refinement, name: str, bound: str) -> str:
    """The version found where the notebook was read, or asked for there, or the lowest that is known to do."""
    found, sign = t.helpers.distributions(t.source).get(name.lower()), t.helpers.sign(t.source)
    if found is not None and sign and found.version:
        return f"{sign}{found.version}"
    stated = found.requested or found.declared if found is not None and not sign else None
    return stated or ",".join([bound, *_bounds_by_others(t, name)])


def _bounds_by_others(t: Refinement, name: str) -> list[str]:
    """Bounds of a requirement that follow from what others are pinned to."""
    rows: Mapping[str, Mapping[str, str]] = tables.layout_of(t, t.source)["companions"].get(name, {})
    pinned = {
        requirement.name.lower().replace("_", "-"): Version((requirement.specifier or "").removeprefix("=="))
        for requirement in t.source.requirements
        if re.fullmatch(r"==\d+(\.\d+)*", requirement.specifier or "")
    }
    return [
        bound
        for bound, firsts in rows.items()
        if any(other in pinned and pinned[other] < Version(first) for other, first in firsts.items())
    ]


def _for_annotations(t: Refinement, project: Project) -> None:
    """Libraries that nothing but annotations imports."""
    found = {(one.module or "").partition(".")[0]: one for one in _imports_for_annotations(project)}
    for top in sorted(found):
        if top in (bounds := t.helpers.bounds(project)["annotations"]):
            _add(t, found[top], top, bounds[top], "runtime", "annotations")


def _imports_for_annotations(project: Project) -> list[Import]:
    return [one for module in modules(project) for one in module.imports if one.forAnnotations]


def _required(project: Project) -> set[str]:
    return {canonical(requirement.name) for requirement in project.requirements}


def _add_all(t: Refinement, cause: EObject, groups: Iterable[str], kind: str, reason: str) -> None:
    for group in groups:
        for name, bound in t.helpers.bounds(t.source)[group].items():
            _add(t, cause, name, bound, kind, reason)


def _add(t: Refinement, cause: EObject, name: str, specifier: str, group: str, reason: str) -> Requirement | None:
    """A requirement, if there is none of that distribution."""
    project = t.source
    if canonical(name) in _required(project):
        return None
    sources = (project, cause) if cause is not project else project
    made: Requirement = t.make(
        "requirement", sources, key=name, name=name, specifier=specifier, group=group, reason=reason
    )
    project.requirements.append(made)
    return made
