"""Queries: small functions on elements of a Project that templates use as filters. They select, order and check.

Names that come from a model are checked here before they become code: see `identifier` and `expression`.
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import keyword
import posixpath
import re
import textwrap
import tokenize
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.escaping import printable
from nbmde.engine.m2t.recording import About
from nbmde.engine.models import label
from nbmde.notebooks import linking
from nbmde.notebooks.analysis import values
from nbmde.notebooks.elements import is_definition, is_function

if TYPE_CHECKING:
    from nbmde.engine.models import EObject
    from nbmde.metamodels.mlproject import (
        Attribute,
        Call,
        ConfigurationSetting,
        DataFile,
        FeatureColumn,
        Finding,
        Function,
        Import,
        Member,
        Module,
        Package,
        Parameter,
        PipelineStage,
        Place,
        Project,
        Requirement,
        Result,
        SettingsClass,
    )
    from nbmde.metamodels.workflow import Metric

    Typed = Attribute | Parameter | Result

WIDTH = 92  # of prose in docstrings: a line of 100 less the indentation
DISTRIBUTION = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9._,-]+\])?")
SPECIFIER = re.compile(r"(?:(?:~=|===?|!=|<=?|>=?) *[A-Za-z0-9.*+!_-]+(?: *, *(?=.))?)*")
BUNDLE = ("bundle.pkl", "reference.json", "schema.json")  # what a saved model consists of
GROUPS = ("future", "standard", "thirdparty", "local")
HTML_BLOCKS = [  # of CommonMark, that do not end at a blank line: how they begin, how they end, what ends one
    (r"<(?:script|pre|style|textarea)(?=[\s>]|$)", "</(?:script|pre|style|textarea)>", "</pre>"),
    ("<!--", "-->", "-->"),
    (r"<\?", r"\?>", "?>"),
    (r"<!\[CDATA\[", "]]>", "]]>"),
    ("<![a-z]", ">", ">"),
]
IDIOMS = ["B", "E4", "E7", "F401", "F402", "F5", "F6", "F722", "F811", "F841", "F842", "I001", "UP"]
EXTRAS = {"serving": "serving", "development": "dev"}  # name of the extra by group


# Names


def identifier(name: str) -> str:
    """A name, checked to be a Python identifier."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise NbmdeError(f"{name!r} is no Python identifier", remedy="change the name in the model")
    return name


def dotted(name: str) -> str:
    """A dotted name, checked."""
    return ".".join(map(identifier, name.split(".")))


def expression(text: str) -> str:
    """A Python expression, checked."""
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError) as error:
        raise NbmdeError(f"{text!r} is no Python expression: {error}", remedy="change it in the model") from error
    return " ".join(text.split("\n"))


def package_folder(package: Package) -> str:
    """Folder of a package below the top package, with a slash behind; empty for the top package."""
    return dotted(package.name).replace(".", "/") + "/" if package.name else ""


def module_file(module: Module) -> str:
    """File of a module below the top package."""
    return f"{package_folder(module.eContainer())}{identifier(module.name)}.py"


def module_path(module: Module) -> str:
    """Dotted name of a module, the top package included."""
    package = module.eContainer()
    parts = [package.eContainer().package, *([package.name] if package.name else []), module.name]
    return dotted(".".join(parts))


def module_of_kind(project: Project, kind: str, name: str | None = None) -> Module | None:
    """The first module of a kind, and of a name if one is given."""
    modules = (module for package in project.packages for module in package.modules)
    return next((m for m in modules if m.kind.name == kind and name in (None, m.name)), None)


def needed_of_kind(project: Project, kind: str, name: str | None = None) -> Module:
    """The first module of a kind, and of a name if one is given, which something else needs."""
    found = module_of_kind(project, kind, name)
    if found is None:
        reason = f"{label(project)} has no module{f' {name!r}' if name else ''} of kind {kind}, which other files need"
        raise NbmdeError(reason, remedy="put it back, or take away what needs it")
    return found


def path_of_kind(project: Project, kind: str, name: str | None = None) -> str:
    """Dotted name of such a module."""
    return module_path(needed_of_kind(project, kind, name))


def modules_that_come_along(project: Project) -> dict[str, str]:
    """Dotted names of the modules that nbmde brings, by their names below the folder of the templates."""
    kinds = {"support": "runtime", "serving": "serving", "monitoring": "serving"}
    modules = [module for package in project.packages for module in package.modules if module.kind.name in kinds]
    return {f"{kinds[module.kind.name]}.{module.name}": module_path(module) for module in reversed(modules)}


def functions(project: Project) -> list[Function]:
    """The functions made of steps, in the order of the calls."""
    return list(dict.fromkeys(call.function for call in project.pipeline.calls)) if project.pipeline else []


def results(project: Project) -> list[Metric]:
    """The figures of models on known data that the notebook's outputs tell, each of the same the last time."""
    workflow = project.workflow
    known = [
        one
        for one in (workflow.metrics if workflow is not None else ())
        if one.model and one.data and one.value is not None
    ]
    last = {(one.name, one.model, one.data, one.part.name): one for one in known}
    return [one for one in known if one in last.values()]


def rows(metric: Metric) -> str:
    """Which rows a model is measured on, as a remark behind the name of the data."""
    said = _ROWS.get(metric.part.name)
    return f", {said}" if said else ""


_ROWS = {
    "training": "which it was fitted to",
    "heldout": "held out",
    "both": "some of which it was fitted to",
    "crossvalidation": "cross-validated",
}


def figure(value: float) -> str:
    """A figure for people: four digits, or all of a whole number."""
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def function_module(function: Function) -> str:
    """Dotted name of the module that holds a function, below the top package."""
    module = function.eContainer()
    package = module.eContainer()
    return f"{package.name}.{module.name}" if package.name else str(module.name)


# Python source


def code(element: linking.Source) -> str:
    """Python source of an element with the names that what it mentions has now."""
    return linking.code(element)


def local_name(result: Result) -> str:
    """Return a function's name for a value that it returns."""
    return identifier(linking.local(result))


def indent_code(text: str, levels: int = 1) -> str:
    """Python source moved to the right; lines inside strings stay as they are, for they are data."""
    lines = text.split("\n")
    try:
        inside = _lines_in_strings(text)
    except (tokenize.TokenError, SyntaxError) as error:
        raise NbmdeError(f"not Python: {error}: {lines[0]!r}") from error
    margin = " " * 4 * levels
    indented = (
        line if number in inside or not line.strip() else margin + re.sub(r"^[ \t\f]*\f", "", line)
        for number, line in enumerate(lines, 1)
    )
    return "\n".join(indented)


def _lines_in_strings(text: str) -> set[int]:
    """Numbers of the lines that begin inside a string."""
    inside: set[int] = set()
    opened: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
        name = tokenize.tok_name[token.type]
        if name == "STRING":
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        elif name in ("FSTRING_START", "TSTRING_START"):
            opened.append(token.start[0])
        elif name in ("FSTRING_END", "TSTRING_END"):
            inside.update(range(opened.pop() + 1, token.end[0] + 1))
    return inside


def source_lines(text: str) -> str:
    """Python source without blank lines around it."""
    return re.sub(r"\A(?:[ \t\f]*\n)+|\s+\Z", "", text)


def imports(module: Module) -> list[list[tuple[str, Import | None]]]:
    """The imports of a module by group, each with its element; and those that annotations and decorators need."""
    groups: dict[str, list[tuple[str, Import | None]]] = {name: [] for name in GROUPS}
    for statement in module.imports:
        if linking.is_own(statement):
            continue
        text = About(source_lines(linking.code(statement)), *users(statement))
        groups[statement.group.name].append((text, statement))
    if needs_any(module):
        groups["standard"].append((About("from typing import Any", *steps(module)), None))
    decorator, report = step_decorator(module), _report(module)
    if decorator and report is not None:
        own = f"from {module_path(report)} import {_imported('step', decorator)}"
        groups["local"].append((About(own, *steps(module)), None))
    return [group for group in groups.values() if group]


def users(statement: Import) -> list[linking.Source | Member | Parameter | Result]:
    """Find what names in its module something that an import binds; of each cell's lines the first."""
    names = _bound(linking.code(statement))
    found: list[linking.Source | Member | Parameter | Result] = []
    for member in statement.eContainer().members:
        if is_function(member):
            using = [fragment for fragment in member.fragments if names & _words(linking.code(fragment))]
            cells = {one.statement.cellNumber if one.statement else 0: one for one in reversed(using)}
            found += reversed(cells.values())
            found += [parameter for parameter in member.parameters if names & _words(linking.annotated(parameter))]
            found += [result for result in member.results if names & _words(result.type or "")]
        elif linking.has_code(member) and names & _words(linking.code(member)):
            found.append(member)
    return found


def callers(module: Module) -> list[linking.Source | Member | Parameter | Result]:
    """Find what names in other modules something that a module defines."""
    path, modules = module_path(module), [one for package in _project_of(module).packages for one in package.modules]
    return [
        user
        for one in modules
        for imported in one.imports
        if linking.source(imported) == path
        for user in users(imported)
    ]


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


def takers(function: Function) -> list[Function]:
    """The functions to which the driver gives what a function returns: of each result the next one."""
    calls = list(_project_of(function.eContainer()).pipeline.calls)
    found: dict[Function, None] = {}
    for place, call in enumerate(calls):
        if call.function is function:
            for name in call.results:
                taker = next((later.function for later in calls[place + 1 :] if name in linking.arguments(later)), None)
                found.update({taker: None} if taker is not None else {})
    return list(found)


def bound_by_imports(module: Module) -> set[str]:
    """Names that the imports of a module bind."""
    return {name for statement in module.imports for name in _bound(linking.code(statement))}


@cache
def _bound(import_: str) -> frozenset[str]:
    """Names that a statement with imports binds; the same ones are asked for again and again."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(import_)):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return frozenset(names)


def step_decorator(module: Module) -> str:
    """The name under which a module imports the decorator of its steps: one that nothing in it binds."""
    if not steps(module) or _report(module) is None:
        return ""
    members = {member.name for member in module.members}
    return _free(_project_of(module).pipeline.decoratorName, members | bound_by_imports(module))


def _report(module: Module) -> Module | None:
    """The module with the report of a run, in the project of a module."""
    return module_of_kind(_project_of(module), "support", "report")


def _project_of(module: Module) -> Project:
    return module.eContainer().eContainer()


def steps(module: Module) -> list[Function]:
    """The functions of a module that are made of steps."""
    return [member for member in module.members if is_function(member)]


def is_constant(member: Member) -> bool:
    """Whether a member of a module binds a constant."""
    return bool(is_definition(member) and member.statement and member.statement.kind.name == "assignment")


def needs_any(module: Module) -> bool:
    """Whether `Any` has to be imported for annotations: where a type is not known or its module does not know it."""
    typed: list[Typed] = [parameter for step in steps(module) for parameter in step.parameters]
    typed += [result for step in steps(module) for result in step.results]
    return uses_any(typed, module)


def uses_any(typed: Iterable[Typed], module: Module) -> bool:
    """Whether `Any` is in an annotation of parameters, results or attributes, and not imported by the module itself."""
    annotations = [annotation(part, module) for part in typed]
    return any(re.search(r"\bAny\b", text) for text in annotations) and "Any" not in bound_by_imports(module)


def builtin_names(attributes: Iterable[Attribute]) -> list[str]:
    """The names of attributes that are names of Python's own as well."""
    return [attribute.name for attribute in attributes if hasattr(builtins, attribute.name)]


def binds_in_expressions(project: Project) -> bool:
    """Whether some step binds a name of the state inside an expression."""
    texts = [linking.code(fragment) for function in functions(project) for fragment in function.fragments]
    return any(f"{project.pipeline.stateName}.let(" in text for text in texts)


def annotation(typed: Typed, module: Module | None) -> str:
    """The annotation of a parameter, result or attribute; `Any` where a name in it is not known in the module."""
    text = expression(linking.annotated(typed) or "Any")
    names = _names_in(text)
    known = set(dir(builtins)) | {"Any"}
    if module is not None:
        known |= bound_by_imports(module)
        known |= {member.name for member in module.members if is_definition(member)}
    return text if names <= known else "Any"


def returned(function: Function, module: Module) -> str:
    """The annotation of what a function returns."""
    types = [annotation(result, module) for result in function.results]
    text = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]" if types else "None"
    return About(text, *function.results, *takers(function))


def signature(function: Function, module: Module) -> str:
    """Parameters of a function as they stand in its definition."""
    kinds = {kind: [p for p in function.parameters if p.kind.name == kind] for kind in ("positional", "keyword")}
    texts = {kind: [f"{identifier(p.name)}: {annotation(p, module)}" for p in ps] for kind, ps in kinds.items()}
    text = ", ".join([*texts["positional"], *(["*", *texts["keyword"]] if texts["keyword"] else [])])
    return About(text, *function.parameters)


def arguments(call: Call) -> str:
    """Arguments of a call in the driver."""
    texts = []
    for parameter, argument in zip(call.function.parameters, linking.arguments(call), strict=True):
        named = f"{identifier(parameter.name)}=" if parameter.kind.name == "keyword" else ""
        texts.append(named + expression(argument))
    return About(", ".join(texts), *call.function.parameters)


# The driver


def driver_names(project: Project) -> dict[Function, str]:
    """The name under which the driver knows each function: its own, unless a local variable or another one has it."""
    taken = driver_locals(project) | {"Config", "Path", "Results", "Any", "dataclass"}
    taken |= {project.state.name} if project.state else set()
    names: dict[Function, str] = {}
    for function in functions(project):
        names[function] = _free(identifier(function.name), taken)
        taken.add(names[function])
    return names


def driver_imports(project: Project) -> list[str]:
    """The imports of the driver from the package itself, sorted."""
    names: dict[str, dict[str, Iterable[EObject]]] = {}

    def add(module: str, name: str, local_name: str, elements: Iterable[EObject] = ()) -> None:
        names.setdefault(module, {})[_imported(name, local_name)] = elements

    for function, local_name in driver_names(project).items():
        add(f"{dotted(project.package)}.{dotted(function_module(function))}", function.name, local_name, [function])
    if (module := module_of_kind(project, "config")) is not None:
        add(module_path(module), "Config", "Config")
    if project.state and (module := module_of_kind(project, "state")) is not None:
        state = project.state
        add(module_path(module), identifier(state.name), free_name(state.name, project), state.attributes)
    return [
        About(
            f"from {module} import {', '.join(sorted(names[module], key=_natural))}",
            *(element for elements in names[module].values() for element in elements),
        )
        for module in sorted(names, key=_natural)
    ]


def free_name(name: str, project: Project) -> str:
    """A name for something that the driver uses, that no variable in it has."""
    return _free(name, driver_locals(project))


def driver_locals(project: Project) -> set[str]:
    """Names that the driver binds: to its parameters, the state, and results."""
    pipeline = project.pipeline
    names = {identifier(name) for call in pipeline.calls for name in call.results}
    own = {pipeline.configName, pipeline.rootName, *([pipeline.stateName] if project.state else [])}
    if clash := names & own:
        raise NbmdeError(f"{min(clash)!r} is a name of the driver, and the result of a step")
    return names | own


def undecided(project: Project) -> list[str]:
    """Results whose annotations in the functions that give and take them do not agree: `Any` in the driver."""
    found: dict[str, list[str]] = {}
    typed: dict[str, list[Result | Parameter]] = {}
    for call in project.pipeline.calls:
        module = call.function.eContainer()
        for name, result in zip(call.results, call.function.results, strict=True):
            found.setdefault(name, []).append(annotation(result, module))
            typed.setdefault(name, []).append(result)
        for name, parameter in zip(linking.arguments(call), call.function.parameters, strict=True):
            if name in found:
                found[name].append(annotation(parameter, module))
                typed[name].append(parameter)
    names = sorted(name for name, texts in found.items() if not all(_agree(texts[0], text) for text in texts))
    return [About(name, *typed[name]) for name in names]


def _agree(one: str, other: str) -> bool:
    """Whether a type checker lets a value of each annotation pass for the other: they differ in `Any` alone."""
    return _fits(ast.parse(one, mode="eval").body, ast.parse(other, mode="eval").body)


def _fits(one: ast.expr, other: ast.expr) -> bool:
    if "Any" in (ast.unparse(one), ast.unparse(other)):
        return True
    if isinstance(one, ast.Subscript) and isinstance(other, ast.Subscript):
        same = ast.dump(one.value) == ast.dump(other.value)
        parts = [n.slice.elts if isinstance(n.slice, ast.Tuple) else [n.slice] for n in (one, other)]
        return same and len(parts[0]) == len(parts[1]) and all(map(_fits, *parts))
    return ast.dump(one) == ast.dump(other)


def final_types(project: Project) -> dict[str, str]:
    """The annotations of the final values; `Any` where a name in one is not imported, or means different things."""
    imported = _type_imports(project)
    types: dict[str, str] = {}
    for name, result in final_values(project).items():
        text = annotation(result, _module_of(result))
        own = _simple_imports(_module_of(result))
        known = all(own.get(used) == imported.get(used, own.get(used)) for used in _names_in(text))
        found = all(used in own or hasattr(builtins, used) or used == "Any" for used in _names_in(text))
        types[name] = About(text if known and found else "Any", result)
    return types


def type_imports(project: Project) -> list[list[str]]:
    """The imports that the annotations of the final values need, by group."""
    used = {name for text in final_types(project).values() for name in _names_in(text)} - {"Any"}  # that of `typing`
    groups: dict[str, dict[str, list[Result]]] = {name: {} for name in GROUPS}
    typed = [(result, _names_in(result.type or "")) for result in final_values(project).values()]
    for name, (group, text) in _type_imports(project).items():
        if name in used:
            groups[group].setdefault(text, []).extend(result for result, names in typed if name in names)
    return [
        [
            About(text, *texts[text])
            for text in sorted(texts, key=lambda text: (text.startswith("from"), _natural(text)))
        ]
        for texts in groups.values()
        if texts
    ]


def typing_names(project: Project) -> list[str]:
    """List the names that the annotations of the final values and of the driver need of `typing`."""
    used = {name for text in final_types(project).values() for name in _names_in(text)}
    any_ = "Any" in used or undecided(project)
    names = [*(["TYPE_CHECKING"] if type_imports(project) else []), *(["Any"] if any_ else [])]
    return [About(name, *final_values(project).values()) for name in names]


def _type_imports(project: Project) -> dict[str, tuple[str, str]]:
    """Group and import by name, for the names in the types of the final values; of several imports the first."""
    found: dict[str, tuple[str, str]] = {}
    for result in final_values(project).values():
        for name, statement in _simple_imports(_module_of(result)).items():
            if name in _names_in(result.type or ""):
                found.setdefault(name, statement)
    return found


def _simple_imports(module: Module) -> dict[str, tuple[str, str]]:
    """Group and import statement of each name that a module imports unconditionally."""
    found: dict[str, tuple[str, str]] = {}
    for statement in module.imports:
        found |= {name: (statement.group.name, text) for name, text in _imported_alone(linking.code(statement))}
    return found


@cache
def _imported_alone(import_: str) -> tuple[tuple[str, str], ...]:
    """Names that an import binds unconditionally, each with the statement that binds it alone."""
    found = []
    for node in ast.parse(import_).body:
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            prefix = f"from {node.module} import" if isinstance(node, ast.ImportFrom) else "import"
            found.append((alias.asname or alias.name, f"{prefix} {ast.unparse(alias)}"))
    return tuple(found)


@cache
def _names_in(text: str) -> frozenset[str]:
    """The names in an annotation."""
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def _module_of(part: Parameter | Result) -> Module:
    """The module of a result or parameter."""
    return part.eContainer().eContainer()


def _natural(name: str) -> list[tuple[str, int]]:
    """Sorts names as people do, and as ruff does: `step_2` before `step_10`."""
    return [(text.lower(), int(number or 0)) for text, number in re.findall(r"([^0-9]*)([0-9]*)", name)]


def final_values(project: Project) -> dict[str, Result]:
    """The results that the driver has at the end, by name: whichever way it is configured, so of required calls."""
    values: dict[str, Result] = {}
    for call in project.pipeline.calls:
        if not call.optional:
            values.update(zip(call.results, call.function.results, strict=True))
    return {name: result for name, result in values.items() if not (name.startswith("__") and not name.endswith("__"))}


def blocks(project: Project) -> list[tuple[bool, list[Call]]]:
    """The calls of the driver in runs: of those that can be switched off, and of those that cannot."""
    runs: list[tuple[bool, list[Call]]] = []
    for call in project.pipeline.calls:
        if not runs or runs[-1][0] != call.optional:
            runs.append((call.optional, []))
        runs[-1][1].append(call)
    return runs


# Prose


def one_line(text: str) -> str:
    """A text with every white space as one blank."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """A text on one line, with a full stop."""
    line = one_line(text)
    return line if not line or line[-1] in ".!?:…" else line + "."


def function_doc(function: Function) -> str:
    """Docstring of a function: title, prose, arguments, results."""
    parts = [sentence(function.title or function.name.replace("_", " ").capitalize())]
    parts += [wrapped(function.doc)] if function.doc else []
    parts += [_items("Args", [(p.name, p.doc) for p in function.parameters if p.doc])]
    results = list(function.results)
    if len(results) > 1 and not any(result.doc for result in results):
        names = ", ".join(linking.local(result) for result in results[:-1])
        parts.append(wrapped(f"Returns:\n    {names} and {linking.local(results[-1])}."))
    if any(result.doc for result in results):
        parts += [_items("Returns", [(linking.local(result), result.doc or "") for result in results])]
    return About("\n\n".join(part for part in parts if part), *function.parameters, *results, *takers(function))


def project_title(project: Project) -> str:
    """Return the title that people know a project by, from the notebook's first heading where it has one."""
    return About(project.title or project.name, *_heading(project))


def project_doc(project: Project) -> str:
    """Return what a notebook says below its first heading."""
    return About(project.doc or "", *_heading(project))


def _heading(project: Project) -> list[EObject]:
    heading = project.workflow.heading if project.workflow is not None else None
    return [heading] if heading is not None else []


def module_doc(module: Module) -> str:
    """Docstring of a module: its documentation, or the titles of its functions."""
    if module.doc:
        return About(wrapped(module.doc), *module.members)
    titles = [step.title for step in steps(module) if step.title]
    text = wrapped(" ".join(map(sentence, titles))) or sentence(module.name.replace("_", " ").capitalize())
    return About(text, *steps(module))


def wrapped(text: str) -> str:
    """Markdown with long lines of paragraphs broken; lists, tables and code stay."""
    blocks = re.split(r"\n{2,}", text.strip())
    return "\n\n".join(_paragraph(block) if _is_paragraph(block) else block for block in blocks)


def _is_paragraph(block: str) -> bool:
    return not re.search(r"^(?:\s|[-*+>#|~`$=]|\d+[.)])", block, re.MULTILINE)


def _paragraph(block: str) -> str:
    lines = textwrap.wrap(block, WIDTH, break_long_words=False, break_on_hyphens=False)
    broken = "\n".join(lines)
    return broken if _is_paragraph(broken) else block


def _items(heading: str, items: list[tuple[str, str]]) -> str:
    lines = [f"{name}: {sentence(doc)}" if doc else f"{name}." for name, doc in items]
    texts = [textwrap.fill(line, WIDTH - 4, initial_indent="    ", subsequent_indent=" " * 8) for line in lines]
    return "\n".join([f"{heading}:", *texts]) if texts else ""


def closed_markdown(text: str) -> str:
    """Markdown in which no code fence and no HTML is left open, so that what follows is read as meant."""
    lines = printable(text).split("\n")
    end = closing = ""  # of the block that is open: a pattern, and what matches it
    for line in lines:
        if end:
            end = "" if re.search(end, line, re.IGNORECASE) else end
        elif fence := re.match(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})", line):
            closing = fence[1]
            end = rf"^ {{0,3}}{closing}{closing[0]}*\s*$"
        else:
            html = next((block for block in HTML_BLOCKS if re.match(f" {{0,3}}{block[0]}", line, re.IGNORECASE)), None)
            if html and not re.search(html[1], line, re.IGNORECASE):
                _, end, closing = html
    return "\n".join([*lines, closing] if end else lines)


# Settings


def configuration_files(project: Project) -> list[str]:
    """The YAML files that hold settings, without suffix; none where the project has no configuration."""
    if module_of_kind(project, "config") is None:
        return []
    sections = project.configuration.sections if project.configuration else []
    found: dict[str, list[ConfigurationSetting]] = {"config": []}
    for setting in (setting for section in sections for setting in section.settings):
        found.setdefault(file_of(setting), []).append(setting)
    return [About(name, *found[name]) for name in ["config", *sorted(found.keys() - {"config"})]]


def configuration_folder(project: Project) -> str:
    """The folder of the YAML files."""
    return "config" if project.layout.name == "basic" else "configs"


def file_of(setting: ConfigurationSetting) -> str:
    """The YAML file that holds a setting, without suffix. The basic layout has one for all."""
    basic = setting.eContainer().eContainer().eContainer().layout.name == "basic"
    return "config" if basic else identifier(setting.file or "config")


def settings_in(section: SettingsClass, file: str) -> list[ConfigurationSetting]:
    """The settings of a section that a YAML file holds."""
    return [setting for setting in section.settings if file_of(setting) == file]


def paths(sections: Iterable[SettingsClass]) -> list[ConfigurationSetting]:
    """The settings that are paths."""
    return [setting for section in sections for setting in section.settings if setting.kind.name == "path"]


def setting_value(setting: ConfigurationSetting) -> Any:
    """The value of a setting, as YAML is to have it."""
    return values.plain(json.loads(setting.value), setting.type)


def structured(sections: Iterable[SettingsClass]) -> bool:
    """Are there settings that are no single numbers, texts or truth values?"""
    types = {setting.type for section in sections for setting in section.settings}
    return not types <= {"int", "float", "bool", "str", "Path"}


def dates(sections: Iterable[SettingsClass]) -> list[str]:
    """The types of dates among the settings."""
    types = " ".join(setting.type for section in sections for setting in section.settings)
    return sorted(set(re.findall(r"\b(?:date|datetime)\b", types)))


def setting_type(setting: ConfigurationSetting) -> str:
    """The type of a setting in the configuration classes. Paths are strings, as notebooks have them."""
    return "str" if setting.type == "Path" else expression(setting.type)


def section_titles(project: Project) -> dict[str, str]:
    """Return the purposes of the sections of the configuration: the titles of their functions, by name."""
    sections = project.configuration.sections if project.configuration else []
    known = {function.name: function for function in functions(project)}
    known |= {section.name: section.function for section in sections if section.function is not None}
    return {name: About(sentence(one.title or one.name), one) for name, one in known.items()}


def located(project: Project) -> list[tuple[str, str]]:
    """Pair the notebook's names for its files and folders with where they lie from the working folder; by name."""
    working = project.workingFolder or "."
    places = {place.original: About(_from(working, place.path), place) for place in project.places}
    return sorted(places.items())


def from_working_folder(project: Project) -> str:
    """The project's folder from the one in which the code runs."""
    return _from(project.workingFolder or ".", ".")


def _from(folder: str, path: str) -> str:
    """A path from another folder than the project's; a slash at its end stays."""
    if folder == ".":
        return path
    return posixpath.relpath(path, folder) + ("/" if path.endswith("/") else "")


def required_inputs(project: Project) -> list[DataFile]:
    """The files that the run cannot do without: statements read them, whatever else is the case."""
    return [
        file
        for file in project.dataFiles
        if not file.written
        and file.dataset is not None
        and file.dataset.direction.name == "input"
        and any(statement.kind.name in ("assignment", "expression") for statement in file.dataset.statements)
    ]


def written_folders(project: Project) -> list[str]:
    """Folders that the code expects, below the project's folder: of the files that it writes, and what it looks for."""
    paths = [(file.path, file) for file in project.dataFiles if file.written]
    assets = [(place, place.dataset.asset) for place in project.places if place.dataset is not None]
    asked = [place for place, asset in assets if asset is not None and asset.folder and asset.kind.name == "marker"]
    absolute = [
        place
        for place in project.places
        if (data := place.dataset) is not None
        and data.asset is None
        and data.meant is None
        and re.match(r"[/~]|[A-Za-z]:", data.path)
        and not data.format
        and (data.rereads or not data.statements)
    ]
    found: dict[str, list[DataFile | Place]] = {}
    for path, file in paths:
        if "/" in path:
            found.setdefault(path.rpartition("/")[0], []).append(file)
    for place in (*asked, *absolute):
        found.setdefault(place.path, []).append(place)
    return [About(path, *found[path]) for path in sorted(found)]


# What a recorded run tells


def seconds(value: float | None) -> str:
    """A duration for people; nothing where it is not known."""
    if value is None:
        return ""
    return f"{value:.1f} s" if value >= 0.95 else f"{value:.2f} s" if value >= 0.005 else "< 0.01 s"


def expected_columns(project: Project) -> list[FeatureColumn]:
    """The recorded columns of the service, if its schema can be compared with them: some module holds them."""
    return list(project.service.columns) if project.service and module_of_kind(project, "serving", "columns") else []


def at_limits(columns: Iterable[FeatureColumn]) -> list[tuple[str, list[Any]]]:
    """Two values of each column: the smallest and the largest recorded; nothing if they are not known of every one."""
    values = [(column.name, _limits(column)) for column in columns]
    return [] if any(not pair for _, pair in values) else values


def _limits(column: FeatureColumn) -> list[Any]:
    if column.kind == "boolean":
        return [False, True]
    if column.kind == "text":
        return [column.categories[0], column.categories[-1]] if column.categories else ["text", "text"]
    if column.minimum is None or column.maximum is None:
        return []
    whole = column.kind == "integer"
    return [int(value) if whole else value for value in (column.minimum, column.maximum)]


# Packaging


def stage_dependencies(stage: PipelineStage) -> list[str]:
    """Files and folders that a stage of a pipeline depends on: the package first."""
    package = [f"src/{stage.eContainer().package}"] if stage.code else []
    return [*package, *stage.dependencies]


def written_patterns(project: Project) -> list[str]:
    """List Git's patterns of files to ignore, for those that runs write."""
    folders = ["logs/", "outputs/"]
    if project.layout.name == "mlops":
        folders.append("models/latest/")
    files = [f"models/{name}" for name in BUNDLE] if project.service and project.layout.name == "basic" else []
    files += [About(file.path, file) for file in project.dataFiles if file.written and not file.asset]
    rest = [path for path in dict.fromkeys(files) if not path.startswith(tuple(folders))]
    return [f"/{folder}" for folder in folders] + [
        About("/" + re.sub(r"([\\*?\[]| +$)", r"\\\1", path), *getattr(path, "elements", ())) for path in rest
    ]


def requirements(project: Project, group: str) -> list[str]:
    """The requirements of a group as pip reads them, without repetition."""
    return list(dict.fromkeys(About(requirement(r), r) for r in project.requirements if r.group.name == group))


def requirement(requirement: Requirement) -> str:
    """A distribution with its version bound."""
    specifier = (requirement.specifier or "").strip()
    if not DISTRIBUTION.fullmatch(requirement.name) or not SPECIFIER.fullmatch(specifier):
        text = f"{requirement.name} {specifier}"
        raise NbmdeError(f"{text!r} is no requirement of a distribution", remedy="change it in the model")
    return f"{requirement.name}{specifier}"


def commands(project: Project) -> dict[str, str]:
    """Functions of the package that are installed as commands, by the name of the command."""
    found: dict[str, str] = {}
    for entry in project.entryPoints:
        if entry.target:
            module, _, function = linking.target(entry).partition(":")
            found[entry.name] = About(f"{dotted(project.package)}.{dotted(module)}:{identifier(function)}", entry)
    return found


def notebook_modules(project: Project) -> list[Module]:
    """The modules that hold code of the notebook."""
    kinds = ("steps", "helpers", "local")
    return [module for package in project.packages for module in package.modules if module.kind.name in kinds]


def brought_along(project: Project) -> list[str]:
    """The files and folders below `src` with modules that lay beside the notebook and stay as they are."""
    own = [file for file in project.dataFiles if file.asset is not None and file.asset.kind.name == "module"]
    return _about(("/".join(file.path.split("/")[:2]), file) for file in own if file.path.startswith("src/"))


def commanded(project: Project) -> list[str]:
    """The scripts in Python that commands of the notebook run, and that stay as they are."""
    paths = [file.path for file in project.dataFiles if not file.written and file.path.endswith(".py")]
    return sorted(path for path in paths if not path.startswith(("src/", "data/")))


def single_modules(project: Project) -> list[str]:
    """Modules beside the notebook that lie in no package."""
    files = [path.removeprefix("src/") for path in brought_along(project) if path.endswith(".py")]
    return [file.removesuffix(".py") for file in files]


def package_data(project: Project) -> dict[str, list[str]]:
    """The files in packages from beside the notebook that are no modules, by package."""
    found: dict[str, list[str]] = {}
    for file in _beside_modules(project):
        package, _, inside = file.path.removeprefix("src/").partition("/")
        if inside:
            found.setdefault(package, []).append(inside)
    return {package: sorted(files) for package, files in sorted(found.items())}


def only_in_place(project: Project) -> bool:
    """Do modules from beside the notebook look for files that no installation brings?"""
    return any("/" not in file.path.removeprefix("src/") for file in _beside_modules(project))


def _beside_modules(project: Project) -> list[DataFile]:
    """The files below `src` that modules from beside the notebook look for."""
    below = [file for file in project.dataFiles if file.path.startswith("src/")]
    return [file for file in below if file.asset is not None and file.asset.kind.name != "module"]


def input_roots(project: Project) -> list[str]:
    """Files and folders of the project's folder that hold what the run reads, `src` excepted."""
    read = [file for file in project.dataFiles if not file.written and not file.path.startswith("src/")]
    return _about((file.path.split("/")[0], file) for file in read)


def pattern_of(path: str) -> str:
    """A regular expression for a file or folder and what is in it."""
    return f"^{re.escape(path)}($|/)"


def imported_as(path: str) -> str:
    """The pattern of the modules in a file or folder below `src`."""
    name = path.removeprefix("src/")
    return name.removesuffix(".py") if name.endswith(".py") else f"{name}.*"


def ignored_rules(project: Project) -> dict[str, list[str]]:
    """The rules of ruff that notebook code may break, by pattern of files; star imports only where there are some."""
    modules = notebook_modules(project)
    first = [member for module in modules for member in list(module.members)[:1]]
    stars = [module for module in modules if module.starImports]
    whole = About(f"src/{project.package}/{_one_of(_patterns(modules, '/'))}.py", *first)
    ignored: dict[str, list[str]] = {whole: IDIOMS} if modules else {}
    return ignored | {f"src/{project.package}/{module_file(module)}": ["F403", "F405"] for module in stars}


def notebook_patterns(project: Project) -> list[str]:
    """The modules that hold code of the notebook, as dotted patterns."""
    modules = notebook_modules(project)
    return [About(f"{project.package}.{path}", *modules) for path in _patterns(modules, ".")]


def _one_of(patterns: list[str]) -> str:
    return patterns[0] if len(patterns) == 1 else f"{{{','.join(patterns)}}}"


def _patterns(modules: list[Module], separator: str) -> list[str]:
    """Modules by pattern: one for a package that holds no other ones, else one for each module."""
    found: list[str] = []
    for module in modules:
        package = module.eContainer()
        prefix = package.name.replace(".", separator) + separator if package.name else ""
        whole = package.name and all(m in modules or m.kind.name == "package" for m in package.modules)
        found.append(prefix + ("*" if whole else identifier(module.name)))
    return sorted(dict.fromkeys(found))


def extras(project: Project) -> list[str]:
    """The optional groups of requirements that the project has."""
    found = {name: [r for r in project.requirements if r.group.name == group] for group, name in EXTRAS.items()}
    return [About(name, *needed) for name, needed in found.items() if needed]


def finding_place(finding: Finding) -> str:
    """Where a finding is, for people."""
    if not finding.cellNumber:
        return ""
    return f"Cell {finding.cellNumber}{f', line {finding.line}' if finding.line else ''}: "


def code_span(text: str) -> str:
    """A name as code in Markdown, also in a table."""
    line = printable(one_line(text)).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{space}{line}{space}{ticks}"


def _about(texts: Iterable[tuple[str, EObject]]) -> list[str]:
    """Texts, each once and sorted, with the elements that they are of."""
    found: dict[str, list[EObject]] = {}
    for text, element in texts:
        found.setdefault(text, []).append(element)
    return [About(text, *found[text]) for text in sorted(found)]


def _free(name: str, taken: Iterable[str]) -> str:
    """A name that is not taken: with underscores behind it, as many as needed."""
    while name in taken:
        name += "_"
    return name


def _imported(name: str, local_name: str) -> str:
    return name if name == local_name else f"{name} as {local_name}"
