"""Constraints on Project models: what must hold so that what is generated works."""

from __future__ import annotations

import ast
import json
import keyword
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

from nbmde.constraints import ConstraintSet
from nbmde.models import EObject

constraints = ConstraintSet("mlproject")


def _repeated(names: Iterable[str]) -> str:
    return ", ".join(name for name, count in Counter(names).items() if count > 1)


def _inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return bool(path) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in path


@constraints.constraint("Project")
def package_is_identifier(project: EObject) -> str | None:
    """The name of the package is a Python identifier"""
    good = project.package.isidentifier() and not keyword.iskeyword(project.package)
    return None if good else f"{project.package!r} is no Python identifier"


@constraints.constraint("Project")
def modules_have_places_of_their_own(project: EObject) -> str | None:
    """No two modules are the same file"""
    same = _repeated(f"{package.name}.{module.name}" for package in project.packages for module in package.modules)
    return f"several modules are {same}" if same else None


@constraints.constraint("Module")
def members_have_names_of_their_own(module: EObject) -> str | None:
    """No two members of a module have the same name"""
    same = _repeated(member.name for member in module.members)
    return f"several members are called {same}" if same else None


@constraints.constraint("Function")
def parameters_have_names_of_their_own(function: EObject) -> str | None:
    """No two parameters of a function have the same name"""
    same = _repeated(parameter.name for parameter in function.parameters)
    return f"several parameters are called {same}" if same else None


@constraints.constraint("Call")
def call_fits_its_function(call: EObject) -> str | None:
    """A call gives as many arguments as its function takes, and takes as many results as it gives"""
    given, taken = len(call.arguments), len(call.function.parameters)
    if given != taken:
        return f"{call.function.name} takes {taken} arguments, not {given}"
    results, returned = len(call.results), len(call.function.results)
    return None if results == returned else f"{call.function.name} returns {returned} values, not {results}"


@constraints.constraint("Fragment")
def fragment_is_python(fragment: EObject) -> str | None:
    """The text of a fragment is Python"""
    return _syntax_error(fragment.text)


@constraints.constraint("Definition")
def definition_is_python(definition: EObject) -> str | None:
    """The text of a definition is Python"""
    return _syntax_error(definition.text)


def _syntax_error(text: str) -> str | None:
    try:
        compile(text, "<text>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError) as error:
        return str(error)
    return None


@constraints.constraint("ConfigurationSetting")
def setting_has_its_type(setting: EObject) -> str | None:
    """The value of a setting is JSON of its type"""
    try:
        value = json.loads(setting.value)
    except json.JSONDecodeError:
        return f"{setting.value!r} is no JSON"
    found = type(value).__name__
    wanted = "str" if setting.type == "Path" else setting.type
    return None if found == wanted or (wanted == "float" and found == "int") else f"{found}, not {wanted}"


@constraints.constraint("SettingsClass")
def settings_have_names_of_their_own(section: EObject) -> str | None:
    """No two settings of a function have the same name"""
    same = _repeated(setting.name for setting in section.settings)
    return f"several settings are called {same}" if same else None


@constraints.constraint("Project")
def requirements_are_named_once(project: EObject) -> str | None:
    """A distribution is required once"""
    same = _repeated(requirement.name.lower().replace("_", "-") for requirement in project.requirements)
    return f"required several times: {same}" if same else None


@constraints.constraint("DataFile")
def file_stays_in_the_project(file: EObject) -> str | None:
    """A file lies in the project"""
    return None if _inside(file.path) else f"{file.path} is no path inside the project"


@constraints.constraint("Place")
def place_stays_in_the_project(place: EObject) -> str | None:
    """A file of the notebook is found in the project"""
    return None if _inside(place.path) else f"{place.path} is no path inside the project"


@constraints.constraint("Project", satisfies="file_stays_in_the_project")
def files_have_places_of_their_own(project: EObject) -> str | None:
    """No two files come to the same place"""
    same = _repeated(file.path for file in project.dataFiles)
    return f"several files are {same}" if same else None


@constraints.constraint(
    "Requirement", severity="critique", guard=lambda requirement: requirement.group.name == "runtime"
)
def distribution_is_known(requirement: EObject) -> str | None:
    """It is known which distribution a module comes from"""
    return None if requirement.verified else f"{requirement.name} is a guess: check its name on the package index"
