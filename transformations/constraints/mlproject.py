"""Constraints on Project models: what must hold so that what is generated works."""

from __future__ import annotations

import ast
import json
import keyword
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from nbmde.engine.constraints import ConstraintSet
from nbmde.engine.models import label
from nbmde.notebooks import linking
from nbmde.notebooks.analysis import values
from nbmde.notebooks.analysis.annotations import annotation_names
from nbmde.notebooks.analysis.names import BUILTINS, NameFacts, facts
from nbmde.notebooks.analysis.naming import Named, identifiers, named
from nbmde.notebooks.elements import is_definition, is_function, is_import

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import (
        Call,
        Configuration,
        ConfigurationSetting,
        DataFile,
        Definition,
        Fragment,
        Function,
        Import,
        Member,
        Module,
        NamedElement,
        Occurrence,
        Parameter,
        Pipeline,
        Place,
        Project,
        Requirement,
        Result,
        RuntimeFunction,
        SettingsClass,
    )
    from nbmde.metamodels.workflow import Statement, Workflow

constraints = ConstraintSet("mlproject")

CODE = ("steps", "helpers")
"""Kinds of modules that hold the notebook's code."""
LINKS = "workflow2project.links"
"""The refinement behind which code is whole."""
NAMED = (
    "Function",
    "Parameter",
    "Result",
    "Definition",
    "ConfigurationSetting",
    "SettingsClass",
    "Module",
    "Package",
    "RuntimeFunction",
)
"""Classes of elements whose names stand in code."""
ATTRIBUTES = ("ConfigurationSetting", "Attribute")
"""Classes of elements whose names are attributes, which hide nothing."""


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
    """Modules and tests that serve a model are there with a service only"""
    if project.service is not None:
        return None
    modules = [module for package in project.packages for module in package.modules]
    serving = [module.name for module in modules if module.kind.name in ("serving", "monitoring")]
    serving += [test.name for test in project.tests if test.template in ("test_serving", "test_drift")]
    return f"there is no service, but {', '.join(serving)}" if serving else None


@constraints.constraint("Project")
def tests_of_a_service_have_its_inputs(project: Project) -> str | None:
    """What tests a service, or asks whether its inputs drift, knows which value of the run holds the inputs"""
    if project.service is None or project.service.features:
        return None
    tests = [test.name for test in project.tests if test.template in ("test_serving", "test_drift")]
    return f"the service has no features, which {' and '.join(tests)} take: leave these out as well" if tests else None


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
def function_stands_with_code(function: Function) -> str | None:
    """A function of steps stands in a module for code of the notebook"""
    module: Module = function.eContainer()
    good = _has_code(module)
    return None if good else f"it stands in {label(module)}, which is for {module.kind.name}: make it one for steps"


@constraints.constraint("Function")
def parameters_have_names_of_their_own(function: Function) -> str | None:
    """No two parameters of a function have the same name"""
    same = _repeated(parameter.name for parameter in function.parameters)
    return f"several parameters are called {same}" if same else None


@constraints.constraint("Function")
def parameters_by_position_come_first(function: Function) -> str | None:
    """No parameter that is given by position stands behind one that is given by keyword"""
    for one, other in pairwise(function.parameters):
        if (one.kind.name, other.kind.name) == ("keyword", "positional"):
            return f"{label(other)} is given by position, and stands behind {label(one)}: change the kind of one"
    return None


@constraints.constraint("Parameter", guard=lambda parameter: parameter.section is not None)
def settings_are_no_variable(parameter: Parameter) -> str | None:
    """A parameter that takes settings takes neither a variable nor the state"""
    project: Project = parameter.eContainer().eContainer().eContainer().eContainer()
    is_state = project.state is not None and parameter.name == project.pipeline.stateName
    other = parameter.symbol.name if parameter.symbol is not None else "the state" if is_state else ""
    return f"it takes {other}, and no settings of {label(parameter.section)}" if other else None


@constraints.constraint("Result", guard=lambda result: result.parameter is not None)
def result_gives_back_its_own_parameter(result: Result) -> str | None:
    """A result that is given back is a parameter of the same function, for the same variable"""
    parameter = result.parameter
    assert parameter is not None  # see the guard
    if parameter.eContainer() is not result.eContainer():
        return f"it gives back {label(parameter)}, a parameter of {label(parameter.eContainer())}"
    same = parameter.symbol is result.symbol or None in (parameter.symbol, result.symbol)
    return None if same else f"it gives back {label(parameter)}, which takes another variable"


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


@constraints.constraint("Import")
def import_is_python(import_: Import) -> str | None:
    """The text of an import is Python"""
    return _syntax_error(import_.text)


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


@constraints.constraint("ConfigurationSetting", guard=lambda setting: setting.setting is not None)
def setting_is_a_path_where_its_literal_is(setting: ConfigurationSetting) -> str | None:
    """A setting is of the kind path where the literal that it comes from is one, and only there"""
    assert setting.setting is not None  # see the guard
    kind, role = setting.kind.name, setting.setting.role.name
    return f"its literal is a {role}, and it is a {kind}" if (kind == "path") != (role == "path") else None


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


@constraints.constraint("Project")
def data_sets_have_places(project: Project) -> str | None:
    """Every data set of the workflow has a place in the project, under the path that the code says"""
    known = {place.original for place in project.places}
    lost = [one.path for one in (project.workflow.datasets if project.workflow else ()) if one.path not in known]
    return f"there is no place for {lost[0]}, which the code names: give one that original" if lost else None


@constraints.constraint("Project", satisfies=("files_have_places_of_their_own", "data_sets_have_places"))
def files_lie_where_code_looks_for_them(project: Project) -> str | None:
    """A file that was found beside the notebook lies where the code looks for it, unless its content is left out"""
    paths = {file.path for file in project.dataFiles}
    for place in project.places:
        asset = place.dataset.asset if place.dataset is not None else None
        if asset is not None and not asset.folder and place.path.rstrip("/") not in paths:
            return (
                f"{place.original} is looked for at {place.path}, where no file of the project lies: change both paths,"
                " or unset the asset of a file that is not to come along"
            )
    return None


def _is_for_runs(requirement: Requirement) -> bool:
    return requirement.group.name == "runtime"


@constraints.constraint("Requirement", severity="critique", guard=_is_for_runs)
def distribution_is_known(requirement: Requirement) -> str | None:
    """It is known which distribution a module comes from"""
    return None if requirement.verified else f"{requirement.name} is a guess: check its name on the package index"


@constraints.constraint("Project")
def distribution_has_a_good_name(project: Project) -> str | None:
    """The name of the project is one that a distribution can have"""
    good = re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", project.name)
    return None if good else f"{project.name!r} is no name of a distribution"


# -- names -----------------------------------------------------------------------------------------------------------
def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _names_things_in_code(element: NamedElement) -> bool:
    return element.eClass.name in NAMED


@constraints.constraint("NamedElement", guard=_names_things_in_code)
def name_is_identifier(element: NamedElement) -> str | None:
    """A named element of the code has a name that is a Python identifier"""
    parts = element.name.split(".") if element.eClass.name == "Package" else [element.name]
    good = all(map(_is_name, parts)) or (element.eClass.name == "Package" and not element.name)
    return None if good else f"{element.name!r} is no Python identifier"


@constraints.constraint("SettingsClass")
def class_of_settings_is_identifier(section: SettingsClass) -> str | None:
    """The class of settings has a name that is a Python identifier"""
    return None if _is_name(section.className) else f"{section.className!r} is no Python identifier"


@constraints.constraint("RuntimeFunction")
def runtime_function_is_called_by_a_name(function: RuntimeFunction) -> str | None:
    """What code calls a function of the runtime is a Python identifier"""
    return None if _is_name(function.alias) else f"its alias {function.alias!r} is no Python identifier"


@constraints.constraint("Configuration")
def sections_have_names_of_their_own(configuration: Configuration) -> str | None:
    """No two sections of the configuration, and no two of their classes, have the same name"""
    same = _repeated([*(section.name for section in configuration.sections), "exploration"])
    classes = _repeated([*(section.className for section in configuration.sections), "Config", "ConfigError", "Path"])
    return f"several sections or classes are called {same or classes}" if same or classes else None


@constraints.constraint("Project", satisfies="package_is_identifier")
def package_hides_nothing(project: Project) -> str | None:
    """The package is called like no module that the code imports"""
    own = {one.name.partition(".")[0] for one in (project.workflow.modules if project.workflow is not None else ())}
    hidden = project.package in own or project.package in sys.stdlib_module_names
    return f"a package {project.package} would hide the module of that name" if hidden else None


@constraints.constraint("Occurrence")
def element_has_what_stands_for_it(occurrence: Occurrence) -> str | None:
    """An element that a name in code means has that name"""
    if linking.spelled(occurrence):
        return None
    return f"{label(occurrence.element)} has no {occurrence.feature} that could stand for {occurrence.found}"


def _is_linked(member: Member) -> bool:
    return linking.has_code(member) or is_function(member)


@constraints.constraint("Member", guard=_is_linked)
def names_in_code_can_follow(member: Member) -> str | None:
    """Where something is renamed, the code that names it can follow, and nothing else is called so"""
    codes: list[linking.Source] = list(member.fragments) if is_function(member) else []
    codes += [member] if linking.has_code(member) else []
    changed = [(code, one) for code in codes for one in code.occurrences if linking.is_renamed(one)]
    if not changed:
        return None
    module: Module = member.eContainer()
    taken = {name for code in codes for name in identifiers(code.text)} | BUILTINS
    elsewhere = [one.name for one in module.members if is_definition(one)]
    elsewhere += [name for one in module.imports for name in _bound(linking.code(one))]
    counts = Counter(elsewhere)
    for code, one in changed:
        now = linking.spelled(one)
        what = f"{label(one.element)} was called {one.found}"
        places = _said(code).get(one.found)
        if not _stands(code.text, one):
            return f"{what}, and the text that names it was edited: only one of both can hold"
        if one.element.eClass.name in ATTRIBUTES:
            continue
        if places is None or (sorted(places.places), sorted(places.imported)) != (sorted(one.places), []):
            return f"{what}, and the text that names it was edited: only one of both can hold"
        if reason := _fixed(code, one):
            return f"{what}, and cannot be called otherwise: {reason}"
        own = 1 if one.element.eClass.name not in ("Parameter", "Result") else 0
        if now in taken or counts[now] > own:
            return f"{what}; the code of {label(member)} calls something else {now}"
    return None


@constraints.constraint("Occurrence", guard=lambda one: one.element.eClass.name not in ATTRIBUTES)
def attribute_is_no_name(occurrence: Occurrence) -> str | None:
    """Where the attribute of an object stands, a setting or an attribute of the state is meant"""
    text = cast("linking.Source", occurrence.eContainer()).text
    if not any(text[:place].endswith(".") for place in occurrence.places) or "." in occurrence.found:
        return None
    return f"{label(occurrence.element)} is no attribute, and {occurrence.found} is one in the text"


def _stands(text: str, one: Occurrence) -> bool:
    return all(text.startswith(one.found, place) for place in one.places)


def _fixed(code: linking.Source, one: Occurrence) -> str:
    """Why a statement needs a name as it is; empty where it does not."""
    statement: Statement | None = getattr(code, "statement", None)
    if statement is None:
        return ""
    for other in statement.occurrences:
        if other.fixed and other.symbol is not None and other.symbol.name == one.found:
            return f"{other.fixed} in cell {statement.cellNumber}, line {statement.firstLine}"
    return ""


def _said(code: linking.Source) -> Mapping[str, Named]:
    try:
        return named(code.text)
    except (SyntaxError, ValueError):
        return {}


@constraints.constraint("Function")
def settings_are_taken(function: Function) -> str | None:
    """A setting that a function reads is one of those that it takes"""
    for fragment in function.fragments:
        owners = {
            place + len(one.found) + 1: one.element
            for one in fragment.occurrences
            if one.element.eClass.name == "Parameter"
            for place in one.places
        }
        for one in fragment.occurrences:
            if one.element.eClass.name == "ConfigurationSetting" and any(
                getattr(owners.get(place), "section", None) is not one.element.eContainer() for place in one.places
            ):
                return f"it reads {label(one.element)}, which is none of the settings that it takes there"
    return None


@constraints.constraint("Function", guard=lambda function: not function.asynchronous)
def what_awaits_is_asynchronous(function: Function) -> str | None:
    """A function that awaits is asynchronous"""
    waiting = [one for one in function.fragments if "await" in one.text or "async " in one.text]
    return "it awaits, and is not asynchronous" if any(_awaits(one.text) for one in waiting) else None


def _awaits(text: str) -> bool:
    """Does code await, beyond what functions in it do when they are called?"""
    try:
        compile(text, "<text>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return _syntax_error(text) is None
    return False


@constraints.constraint("Pipeline", guard=lambda pipeline: not pipeline.asynchronous)
def driver_of_what_awaits_is_asynchronous(pipeline: Pipeline) -> str | None:
    """A driver with asynchronous functions is asynchronous"""
    waiting = [call.function for call in pipeline.calls if call.function.asynchronous]
    return f"it calls {label(waiting[0])}, which is asynchronous, and is not so itself" if waiting else None


@constraints.constraint("Pipeline")
def driver_names_are_identifiers(pipeline: Pipeline) -> str | None:
    """The driver's names for settings, folder and state, and the modules' name for the decorator, are identifiers"""
    names = (pipeline.configName, pipeline.rootName, pipeline.stateName, pipeline.decoratorName)
    wrong = [name for name in names if not _is_name(name or "")]
    return f"{wrong[0]!r} is no Python identifier" if wrong else None


@constraints.constraint("Pipeline")
def arguments_are_known(pipeline: Pipeline) -> str | None:
    """Arguments that the driver gives to a function are there"""
    project: Project = pipeline.eContainer()
    known = {pipeline.configName, pipeline.rootName, *([pipeline.stateName] if project.state is not None else [])}
    for call in pipeline.calls:
        if len(call.arguments) != len(call.function.parameters):
            return None  # see `call_fits_its_function`
        for argument in linking.arguments(call):
            if _syntax_error(argument) is not None:
                return f"{argument!r} is no expression, in the call of {label(call.function)}"
            if missing := sorted(identifiers(argument) - known - BUILTINS):
                return f"the call of {label(call.function)} gives {missing[0]}, which nothing before it binds"
        for result in call.results:
            if not _is_name(result):
                return f"{result!r} is no Python identifier, in the call of {label(call.function)}"
        known.update(call.results)
    return None


def _is_converted(project: Project) -> bool:
    return any(one.name == LINKS for one in project.refined)


@constraints.constraint("Project", guard=_is_converted)
def project_has_its_workflow(project: Project) -> str | None:
    """A project that was made of a workflow leads to it, as what is generated tells where it comes from"""
    return None if project.workflow is not None else "it leads to no workflow: set it to the one that it was made of"


@constraints.constraint("Project")
def modules_hold_what_others_import(project: Project) -> str | None:
    """A module from which another one imports a name is of the kind that has it"""
    modules = {linking.path(module): module for package in project.packages for module in package.modules}
    kinds = {function.name: "support" for function in project.runtime}
    kinds |= {section.className: "config" for section in _sections(project)}
    for module in filter(_has_code, modules.values()):
        for one in module.imports:
            home = modules.get(linking.source(one))
            for name in _taken(linking.code(one)) if home is not None else ():
                assert home is not None  # see the line above
                kind = home.kind.name
                held = _holds(home, name) if kind in CODE else kinds.get(name, kind) == kind
                if not held:
                    return (
                        f"{label(module)} imports {name} from {label(home)}, which is of the kind {kind} and has none"
                    )
    return None


def _sections(project: Project) -> Iterable[SettingsClass]:
    return project.configuration.sections if project.configuration is not None else ()


def _holds(module: Module, name: str) -> bool:
    imported = (_bound(linking.code(one)) for one in module.imports)
    return module.starImports or any(member.name == name for member in module.members) or name in set().union(*imported)


def _taken(text: str) -> list[str]:
    """Names that an import takes from a module."""
    nodes = ast.walk(ast.parse(text)) if _syntax_error(text) is None else ()
    names = [alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    return [name for name in names if name != "*"]


def _is_whole(module: Module) -> bool:
    """Does a module hold code of the notebook that is all there, with its imports?"""
    project: Project = module.eContainer().eContainer()
    return _has_code(module) and _is_converted(project)


@constraints.constraint("Module", guard=_is_whole)
def module_knows_its_names(module: Module) -> str | None:
    """Every name that the notebook or the project binds is bound where a module says it"""
    project: Project = module.eContainer().eContainer()
    outside = {name for one in module.imports if not linking.is_own(one) for name in _bound(linking.code(one))}
    outside |= {member.name for member in module.members}
    later = {member.name for member in module.members if is_definition(member)}
    for member in module.members:
        if is_definition(member):
            early = sorted(_names(linking.code(member)).reads.keys() & later - {member.name})
            if early:
                return f"{label(member)} needs {early[0]}, which is defined behind it"
            later.discard(member.name)
        lacking = _needed(member) - outside - BUILTINS
        if lacking and (meant := sorted(name for name in lacking if _has_meaning(name, member, project, module))):
            return f"{label(member)} needs {', '.join(meant)}, which nothing binds there"
    return None


def _needed(member: Member) -> set[str]:
    """Names that a member has from outside: what it reads before it binds it, and what its inner functions read."""
    if is_definition(member):
        found = _names(linking.code(member))
        return {*found.reads, *found.captures} - found.maybe_binds.keys()
    needed: set[str] = set()
    if is_function(member):
        bound, anywhere = {parameter.name for parameter in member.parameters}, set[str]()
        captured: set[str] = set()
        for fragment in member.fragments:
            found = _names(linking.code(fragment))
            needed |= found.reads.keys() - bound
            captured |= found.captures.keys()
            bound = (bound - found.deletes.keys()) | found.binds.keys()
            anywhere |= {*found.maybe_binds, *found.binds}
        needed |= {linking.local(result) for result in member.results} - bound - anywhere
        needed |= captured - bound - anywhere
        needed -= _unbound_anyway(member)
    return needed


def _unbound_anyway(function: Function) -> set[str]:
    """Names that a step may read before it binds them, and that no step before it gives."""
    if function.step is None:
        return set()
    workflow: Workflow = function.step.eContainer()
    bound = {*function.step.inputs, *(symbol for statement in workflow.definitions for symbol in statement.binds)}
    found: set[str] = set()
    for statement in function.step.statements:
        read = [symbol for symbol in (*statement.reads, *statement.captures) if symbol.sharing.name == "passed"]
        found |= {symbol.name for symbol in read if symbol not in bound}
        bound.update(statement.binds)
    return found


def _has_meaning(name: str, member: Member, project: Project, module: Module) -> bool:
    """Is a name one of the notebook's or of the project's, or one that was put into the code?"""
    workflow = project.workflow
    if workflow is not None and any(name in (symbol.name, symbol.found) for symbol in workflow.symbols):
        return True
    if module.starImports:
        return False
    codes = member.fragments if is_function(member) else [member]
    statements: list[Statement | None] = [getattr(code, "statement", None) for code in codes]
    return not any(statement is not None and name in identifiers(statement.text) for statement in statements)


@constraints.constraint("Project")
def modules_need_no_circle(project: Project) -> str | None:
    """No module with code of the notebook is imported by one that it imports"""
    modules = [module for package in project.packages for module in package.modules if _has_code(module)]
    homes = {linking.path(module): module for module in modules}
    needs = {
        module: [
            homes[path]
            for one in module.imports
            if (path := linking.source(one)) in homes and homes[path] is not module
        ]
        for module in modules
    }
    done: set[Module] = set()

    def circle(module: Module, path: tuple[Module, ...]) -> tuple[Module, ...]:
        if module in path:
            return path[path.index(module) :]
        for other in needs[module] if module not in done else ():
            if found := circle(other, (*path, module)):
                return found
        done.add(module)
        return ()

    for module in modules:
        if found := circle(module, ()):
            return f"{' and '.join(map(linking.below, found))} import each other"
    return None


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
    _, needless = _imports(module)
    for other in [module, *(_others(module) if needless else ())]:
        _add_imports(other)
    for one in needless:
        module.imports.remove(one)


def _add_imports(module: Module) -> None:
    missing, _ = _imports(module)
    package = module.eContainer()
    modules = {linking.path(one): one for other in package.eContainer().packages for one in other.modules}
    for name, found in missing.items():
        new: Import = found.eClass.ePackage.getEClassifier("Import")()
        if is_import(found):
            new.group, new.module, new.text = found.group, linking.source(found), _alone(linking.code(found), name)
        else:
            home = linking.path(found.eContainer())
            new.group = found.eClass.ePackage.getEClassifier("ImportGroup").local
            new.text, new.module = f"from {home} import {name}", home
        module.imports.append(new)
        linking.link(new, modules)


def _others(module: Module) -> list[Module]:
    """The other modules with code of the notebook."""
    packages = module.eContainer().eContainer().packages
    return [one for package in packages for one in package.modules if one is not module and one.kind.name in CODE]


def _imports(module: Module) -> tuple[dict[str, Import | Definition], list[Import]]:
    """Names that a module lacks, with what it could have them from; and its imports that only other modules use."""
    others = _others(module)
    own = [one for one in module.imports if not linking.is_own(one)]
    bound = {name for one in own for name in _bound(linking.code(one))} | {member.name for member in module.members}
    used = {name for member in module.members for name in _used(member)}
    missing: dict[str, Import | Definition] = {}
    if lacking := used - bound:
        known: dict[str, Import | Definition] = {
            name: one for other in others for one in other.imports for name in _bound(linking.code(one))
        }
        known |= {one.name: one for other in others for one in other.members if is_definition(one)}
        missing = {name: known[name] for name in sorted(lacking) if name in known}
    typed = used | {name for member in module.members for name in _annotated(member)}
    idle = [one for one in own if (names := _bound(linking.code(one))) and typed.isdisjoint(names)]
    elsewhere = {name for other in others for member in other.members for name in _used(member)} if idle else set()
    return missing, [one for one in idle if not elsewhere.isdisjoint(_bound(linking.code(one)))]


def _used(member: Member) -> set[str]:
    """Names that a member reads and does not bind itself."""
    if is_definition(member):
        found = _names(linking.code(member))
        return {*found.reads, *found.captures}.difference(found.all_bound)
    if not is_function(member):
        return set()
    own = {parameter.name for parameter in member.parameters}
    read: set[str] = set()
    for fragment in member.fragments:
        found = _names(linking.code(fragment))
        read |= {*found.reads, *found.captures}
        own.update(found.all_bound)
    return read - own


def _annotated(member: Member) -> set[str]:
    """Names that the annotations of a member read, where its module knows them."""
    types: list[str] = []
    if is_function(member):
        types += [*map(linking.annotated, member.parameters), *map(linking.annotated, member.results)]
        texts = [linking.code(fragment) for fragment in member.fragments]
    else:
        texts = [linking.code(member)] if is_definition(member) else []
    return {name for type in types for name in _names(type).reads} | {
        name for text in texts for name in _in_annotations(text)
    }


@cache
def _names(text: str) -> NameFacts:
    """Find how code uses names; nobody may change the result."""
    try:
        tree = compile(text, "<text>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError):
        return NameFacts()
    return facts(tree.body)


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
    for node in ast.walk(ast.parse(text)) if _syntax_error(text) is None else ():
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
