"""Constraints on Project models: what must hold so that what is generated works."""

from __future__ import annotations

import ast
import json
import keyword
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbmde.engine.constraints import ConstraintSet
from nbmde.notebooks.analysis import values
from nbmde.notebooks.analysis.annotations import annotation_names
from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.elements import is_definition, is_function, is_import

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import (
        Call,
        ConfigurationSetting,
        DataFile,
        Definition,
        Fragment,
        Function,
        Import,
        Member,
        Module,
        Place,
        Project,
        Requirement,
        SettingsClass,
    )

constraints = ConstraintSet("mlproject")

CODE = ("steps", "helpers")
"""Kinds of modules that hold the notebook's code."""


def _repeated(names: Iterable[str]) -> str:
    return ", ".join(name for name, count in Counter(names).items() if count > 1)


def _inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(path) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path


@constraints.constraint("Project")
def package_is_identifier(project: Project) -> str | None:
    """The name of the package is a Python identifier"""
    good = project.package.isidentifier() and not keyword.iskeyword(project.package)
    return None if good else f"{project.package!r} is no Python identifier"


@constraints.constraint("Project")
def serving_needs_a_service(project: Project) -> str | None:
    """What serves a model, and its tests, are there with a service only"""
    if project.service is not None:
        return None
    modules = [module for package in project.packages for module in package.modules]
    serving = [module.name for module in modules if module.kind.name in ("serving", "monitoring")]
    serving += [test.name for test in project.tests if test.template in ("test_serving", "test_drift")]
    return f"there is no service, but {', '.join(serving)}" if serving else None


@constraints.constraint("Project")
def service_offers_what_the_run_ends_with(project: Project) -> str | None:
    """The model of a service, its inputs and its transformers are values that the driver has at its end"""
    if project.service is None:
        return None
    final = {name for call in project.pipeline.calls if not call.optional for name in call.results}
    used = filter(None, (project.service.name, project.service.features, *project.service.transformers))
    missing = [name for name in used if name not in final]
    return f"no call that always runs gives {', '.join(missing)}" if missing else None


@constraints.constraint("Project")
def modules_have_places_of_their_own(project: Project) -> str | None:
    """No two modules are the same file"""
    same = _repeated(f"{package.name}.{module.name}" for package in project.packages for module in package.modules)
    return f"several modules are {same}" if same else None


@constraints.constraint("Module")
def members_have_names_of_their_own(module: Module) -> str | None:
    """No two members of a module have the same name"""
    same = _repeated(member.name for member in module.members)
    return f"several members are called {same}" if same else None


@constraints.constraint("Function")
def parameters_have_names_of_their_own(function: Function) -> str | None:
    """No two parameters of a function have the same name"""
    same = _repeated(parameter.name for parameter in function.parameters)
    return f"several parameters are called {same}" if same else None


@constraints.constraint("Call")
def call_fits_its_function(call: Call) -> str | None:
    """A call gives as many arguments as its function takes, and takes as many results as it gives"""
    given, taken = len(call.arguments), len(call.function.parameters)
    if given != taken:
        return f"{call.function.name} takes {taken} arguments, not {given}"
    results, returned = len(call.results), len(call.function.results)
    return None if results == returned else f"{call.function.name} returns {returned} values, not {results}"


@constraints.constraint("Fragment")
def fragment_is_python(fragment: Fragment) -> str | None:
    """The text of a fragment is Python"""
    return _syntax_error(fragment.text)


@constraints.constraint("Definition")
def definition_is_python(definition: Definition) -> str | None:
    """The text of a definition is Python"""
    return _syntax_error(definition.text)


def _syntax_error(text: str) -> str | None:
    try:
        compile(text, "<text>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError) as error:
        return str(error)
    return None


@constraints.constraint("ConfigurationSetting")
def setting_has_its_type(setting: ConfigurationSetting) -> str | None:
    """The value of a setting is JSON of its type"""
    try:
        value = json.loads(setting.value)
    except json.JSONDecodeError:
        return f"{setting.value!r} is no JSON"
    wanted = "str" if setting.type == "Path" else setting.type
    good = values.fits(value, wanted) or (wanted == "float" and type(value) is int)
    return None if good else f"{setting.value}, not {wanted}"


@constraints.constraint("SettingsClass")
def settings_have_names_of_their_own(section: SettingsClass) -> str | None:
    """No two settings of a function have the same name"""
    same = _repeated(setting.name for setting in section.settings)
    return f"several settings are called {same}" if same else None


@constraints.constraint("Project")
def requirements_are_named_once(project: Project) -> str | None:
    """A distribution is required once"""
    same = _repeated(requirement.name.lower().replace("_", "-") for requirement in project.requirements)
    return f"required several times: {same}" if same else None


@constraints.constraint("DataFile")
def file_stays_in_the_project(file: DataFile) -> str | None:
    """A file lies in the project"""
    return None if _inside(file.path) else f"{file.path} is no path inside the project"


@constraints.constraint("Place")
def place_stays_in_the_project(place: Place) -> str | None:
    """A file of the notebook is found in the project"""
    return None if _inside(place.path) else f"{place.path} is no path inside the project"


@constraints.constraint("Project", satisfies="file_stays_in_the_project")
def files_have_places_of_their_own(project: Project) -> str | None:
    """No two files come to the same place"""
    same = _repeated(file.path for file in project.dataFiles)
    return f"several files are {same}" if same else None


def _is_for_runs(requirement: Requirement) -> bool:
    return requirement.group.name == "runtime"


@constraints.constraint("Requirement", severity="critique", guard=_is_for_runs)
def distribution_is_known(requirement: Requirement) -> str | None:
    """It is known which distribution a module comes from"""
    return None if requirement.verified else f"{requirement.name} is a guess: check its name on the package index"


def _has_code(module: Module) -> bool:
    return module.kind.name in CODE


@constraints.constraint("Module", severity="critique", guard=_has_code)
def module_imports_what_it_uses(module: Module) -> str | None:
    """A module imports the names that its functions use and that other modules import or define"""
    missing, needless = _imports(module)
    if missing:
        return f"it does not import {', '.join(missing)}"
    return f"it imports without use: {', '.join(one.text for one in needless)}" if needless else None


@constraints.fix("module_imports_what_it_uses", "Its imports follow its functions", automatic=True)
def take_imports_along(module: Module) -> None:
    missing, needless = _imports(module)
    for name, found in missing.items():
        new: Import = found.eClass.ePackage.getEClassifier("Import")()
        if is_import(found):
            new.group, new.module, new.text = found.group, found.module, _alone(found.text, name)
        else:
            home = _dotted(found.eContainer())
            new.group = found.eClass.ePackage.getEClassifier("ImportGroup").local
            new.text, new.module = f"from {home} import {name}", home
        module.imports.append(new)
    for one in needless:
        module.imports.remove(one)


def _dotted(module: Module) -> str:
    """The name by which a module is imported."""
    package = module.eContainer()
    return ".".join(part for part in (package.eContainer().package, package.name, module.name) if part)


def _imports(module: Module) -> tuple[dict[str, Import | Definition], list[Import]]:
    """Names that a module lacks, with what it could have them from; and its imports that only other modules use."""
    others = [
        other
        for package in module.eContainer().eContainer().packages
        for other in package.modules
        if other is not module and other.kind.name in CODE
    ]
    bound = {name for one in module.imports for name in _bound(one.text)} | {member.name for member in module.members}
    used = {name for member in module.members for name in _used(member)}
    missing: dict[str, Import | Definition] = {}
    if lacking := used - bound:
        known: dict[str, Import | Definition] = {
            name: one for other in others for one in other.imports for name in _bound(one.text)
        }
        known |= {one.name: one for other in others for one in other.members if is_definition(one)}
        missing = {name: known[name] for name in sorted(lacking) if name in known}
    typed = used | {name for member in module.members for name in _annotated(member)}
    idle = [one for one in module.imports if (names := _bound(one.text)) and typed.isdisjoint(names)]
    elsewhere = {name for other in others for member in other.members for name in _used(member)} if idle else set()
    return missing, [one for one in idle if not elsewhere.isdisjoint(_bound(one.text))]


def _used(member: Member) -> set[str]:
    """Names that a member reads and does not bind itself."""
    if is_definition(member):
        reads, binds = _names(member.text)
        return set(reads - binds)
    if not is_function(member):
        return set()
    own = {parameter.name for parameter in member.parameters}
    read: set[str] = set()
    for fragment in member.fragments:
        reads, binds = _names(fragment.text)
        read |= reads
        own |= binds
    return read - own


def _annotated(member: Member) -> set[str]:
    """Names that the annotations of a member read, where its module knows them."""
    types: list[str | None] = []
    if is_function(member):
        types += [*(one.type for one in member.parameters), *(one.type for one in member.results)]
        texts = [fragment.text for fragment in member.fragments]
    else:
        texts = [member.text] if is_definition(member) else []
    return {name for type in types for name in _names(type or "")[0]} | {
        name for text in texts for name in _in_annotations(text)
    }


@cache
def _names(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that code reads, and names that it binds."""
    try:
        tree = compile(text, "<text>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError):
        return frozenset(), frozenset()
    found = facts(tree.body)
    return frozenset({**found.reads, **found.captures}), frozenset(found.all_bound)


@cache
def _in_annotations(text: str) -> frozenset[str]:
    """Names that annotations in code say."""
    try:
        return frozenset(annotation_names(ast.parse(text)))
    except (SyntaxError, ValueError):
        return frozenset()


@cache
def _bound(text: str) -> frozenset[str]:
    """Names that the imports in code bind."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    return frozenset(found)


def _alone(text: str, name: str) -> str:
    """The import of one name, of a statement that imports several; a statement of another kind as it is."""
    (node,) = ast.parse(text).body
    if isinstance(node, ast.Import | ast.ImportFrom):
        node.names = [alias for alias in node.names if (alias.asname or alias.name.split(".")[0]) == name]
        return ast.unparse(node)
    return text
