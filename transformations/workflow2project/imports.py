"""Gives every module with notebook code the imports that its code and its annotations need."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import is_kind, label
from nbmde.notebooks import substitution
from nbmde.notebooks.analysis.annotations import annotation_names
from nbmde.notebooks.analysis.names import BUILTINS, facts
from nbmde.notebooks.analysis.naming import identifiers
from nbmde.notebooks.analysis.trees import walk

from . import reading, tables
from .modules import CODE, add_import, code, dotted, functions, modules, parts, workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Definition, Module, Project, RuntimeFunction
    from nbmde.metamodels.workflow import Statement, Symbol

    from .rules import Refinement

FUTURE = "__future__"

transformation = m2m.Transformation("workflow2project.imports", extends=parts)


# -- what is there to import -----------------------------------------------------------------------------------------
@transformation.helper("Project", cached=True)
def symbols(t: Refinement, project: Project) -> Mapping[str, Symbol]:
    """The symbols of the notebook by name."""
    return reading.symbols(workflow_of(project))


@transformation.helper("Project", cached=True)
def imported(t: Refinement, project: Project) -> list[Statement]:
    """The notebook's imports."""
    return reading.imports(workflow_of(project))


@transformation.helper("Project", cached=True)
def stars(t: Refinement, project: Project) -> list[Statement]:
    """The notebook's star imports."""
    return reading.star_imports(workflow_of(project))


@transformation.helper("Project", cached=True)
def definitions(t: Refinement, project: Project) -> Mapping[str, Definition]:
    """Return the definitions by their names in the code."""
    return {
        symbol.name: member
        for module in modules(project)
        for member in module.members
        if is_kind(member, t.target_metamodel.Definition) and member.statement is not None
        for symbol in member.statement.binds
    }


@transformation.helper("Project", cached=True)
def called_otherwise(t: Refinement, project: Project) -> Mapping[str, str]:
    """Map the code's name of a definition to its module's name of it, where that differs."""
    return reading.own_names(workflow_of(project))


@transformation.helper("Project", cached=True)
def without_use(t: Refinement, project: Project) -> list[Statement]:
    """Imports of which no name is used but whose import alone may change something."""
    code = (*workflow_of(project).definitions, *reading.statements(workflow_of(project)))
    used = {symbol.name for statement in code for symbol in (*statement.reads, *statement.captures)}
    known = tables.layout_of(t, project)["imports"]
    return [
        statement
        for statement in t.helpers.imported(project)
        if not any(symbol.name in used for symbol in (*statement.binds, *statement.maybeBinds))
        and not all(_without_effect(module_of(node), known) for node in _import_nodes(statement))
    ]


def _without_effect(module: str, known: tables.Tables) -> bool:
    """Is it known that importing a module changes nothing that other code can see?"""
    if module.startswith(tuple(known["with_effect"])):
        return False
    top = module.split(".")[0]
    return top in sys.stdlib_module_names or top in known["without_effect"]


@transformation.helper("Module", cached=True)
def needed(t: Refinement, module: Module) -> Mapping[str, Symbol]:
    """The symbols at module level that the code and the annotations of a module need, by name."""
    known = t.helpers.symbols(t.source)
    found = {symbol.name: symbol for symbol in reading.uses(code(t, module))}
    return found | {name: known[name] for name in sorted(_in_annotations(t, module) & known.keys() - found.keys())}


def _in_annotations(t: Refinement, module: Module) -> set[str]:
    types = [parameter.type for one in functions(t, module) for parameter in one.parameters]
    types += [result.type for one in functions(t, module) for result in one.results]
    return {name for type in types for name in identifiers(type or "Any")}


# -- rules -----------------------------------------------------------------------------------------------------------
def has_code(t: Refinement, module: Module) -> bool:
    """Does a module hold code of the notebook that runs after all imports?"""
    return module.kind.name in CODE and any(code(t, module))


def prepares(t: Refinement, module: Module) -> bool:
    """Does a module hold code of the notebook that runs before others are imported?"""
    return module.kind.name == "package" and any(code(t, module))


@transformation.rule("Module", guard=prepares)
def import_for_preparations(t: Refinement, module: Module) -> None:
    """The imports of statements that run before all others."""
    used = {symbol.name for symbol in reading.uses(code(t, module))}
    _import_names(t, module, used, ())


@transformation.rule("Module", guard=has_code)
def import_names(t: Refinement, module: Module) -> None:
    """The notebook's imports; one that nothing uses but that may have an effect stands where the run begins."""
    calls = t.source.pipeline.calls
    begins = len(calls) > 0 and calls[0].function.eContainer() is module
    _import_names(t, module, t.helpers.needed(module), t.helpers.without_use(t.source) if begins else ())


@transformation.rule("Module", guard=has_code)
def import_own_definitions(t: Refinement, module: Module) -> None:
    """The imports of the notebook's own definitions, from the modules where they stand."""
    known, otherwise = t.helpers.definitions(t.source), t.helpers.called_otherwise(t.source)
    for name in t.helpers.needed(module):
        if name in known and known[name].eContainer() is not module:
            home = f"{t.source.package}.{dotted(known[name].eContainer())}"
            text = f"from {home} import {_as(otherwise.get(name, name), name)}"
            add_import(t, module, known[name], "local", home.partition(".")[2], text)


def needs_stars(t: Refinement, module: Module) -> bool:
    """Does a module use names that nothing but a star import can bind, or builtins that one may hide?"""
    if not has_code(t, module) or not t.helpers.stars(t.source):
        return False
    known = {*t.helpers.symbols(t.source), *(one.alias for one in t.source.runtime if not one.added)}
    hidden = tables.layout_of(t, t.source)["imports"]["hidden_by_stars"]
    for statement in code(t, module):
        found = facts(reading.syntax(substitution.text(statement)).body)
        for name in (*found.reads, *found.captures):
            if name not in known and (name not in BUILTINS or name in hidden):
                return True
    return False


@transformation.rule("Module", guard=needs_stars)
def import_stars(t: Refinement, module: Module) -> None:
    """All names of a module."""
    module.starImports = True
    for statement in t.helpers.stars(t.source):
        node = reading.syntax(substitution.text(statement)).body[0]
        name = module_of(node) if isinstance(node, (ast.Import, ast.ImportFrom)) else ""
        add_import(t, module, statement, "thirdparty", name, substitution.text(statement))


def annotates_otherwise(t: Refinement, module: Module) -> bool:
    """Are there annotations that name what is no builtin and stands at no module's level, as ``weight: "kg"``?"""
    known = t.helpers.symbols(t.source)
    return has_code(t, module) and any(
        name not in BUILTINS and (name not in known or known[name].sharing.name != "module")
        for statement in code(t, module)
        for name in annotation_names(reading.syntax(substitution.text(statement)))
    )


@transformation.rule("Module", guard=annotates_otherwise)
def tell_unbound_names(t: Refinement, module: Module) -> None:
    """Annotations may name what nothing binds, as units of measure do."""
    module.unboundNames = True


@transformation.rule("Module", guard=has_code)
def import_runtime(t: Refinement, module: Module) -> None:
    """Functions of the runtime that the code calls."""
    texts = [fragment.text for function in functions(t, module) for fragment in function.fragments]
    texts += [member.text for member in module.members if is_kind(member, t.target_metamodel.Definition)]
    called = {name for text in texts for name in reading.variables_in(text)} - t.helpers.symbols(t.source).keys()
    runtime = tables.runtime(t)
    for function in {one.alias: one for one in t.source.runtime if one.alias in called}.values():
        row = _row(runtime, function)
        own = _as(function.name, function.alias)
        if row.get("standard"):
            start = "import" if function.name == row["module"] else f"from {row['module']} import"
            add_import(t, module, function, "standard", row["module"], f"{start} {own}")
        else:
            home = f"{t.source.package}.{runtime['package']}.{row['module']}"
            add_import(t, module, function, "local", home, f"from {home} import {own}")


def _row(runtime: tables.Tables, function: RuntimeFunction) -> tables.Tables:
    known: Mapping[str, tables.Tables] = {**runtime["functions"], **runtime["added"]}
    if function.name not in known:
        near = get_close_matches(function.name, known, 1)
        reason = f"{label(function)}: the runtime has no {function.name!r}"
        raise NbmdeError(reason, remedy=f"{near[0]}?" if near else None)
    return known[function.name]


@transformation.rule("Module", guard=has_code)
def import_settings(t: Refinement, module: Module) -> None:
    """The classes of settings that functions take."""
    types = {parameter.type for function in functions(t, module) for parameter in function.parameters}
    sections = sorted(
        (section for section in t.source.configuration.sections if section.className in types),
        key=lambda section: section.className,
    )
    if sections:
        home = f"{t.source.package}.config"
        text = f"from {home} import {', '.join(section.className for section in sections)}"
        add_import(t, module, sections[0], "local", home, text)


def takes_state(t: Refinement, module: Module) -> bool:
    """Is there a function that takes the state?"""
    state = t.source.state
    return state is not None and any(
        parameter.type == state.name for function in functions(t, module) for parameter in function.parameters
    )


@transformation.rule("Module", guard=takes_state)
def import_state(t: Refinement, module: Module) -> None:
    """The class of the state that functions take."""
    state = t.source.state
    assert state is not None  # see the guard
    home = f"{t.source.package}.state"
    add_import(t, module, state, "local", home, f"from {home} import {state.name}")


# -- statements that import ------------------------------------------------------------------------------------------
def _import_names(t: Refinement, module: Module, used: Iterable[str], unused: Iterable[Statement]) -> None:
    needed, kept = set(used), list(unused)
    for statement in t.helpers.imported(t.source):
        names = {symbol.name for symbol in (*statement.binds, *statement.maybeBinds)}
        keep = statement in kept or _is_future(statement)
        if keep or names & needed:
            for block, name, text in _cut(statement, names if keep else names & needed):
                add_import(t, module, statement, block, name, text)


def _is_future(statement: Statement) -> bool:
    body = reading.syntax(substitution.text(statement)).body
    return any(isinstance(node, ast.ImportFrom) and node.module == FUTURE for node in body)


def _cut(statement: Statement, names: set[str]) -> Iterator[tuple[str, str, str]]:
    """An import cut down to some of the names that it binds: group, module and text of each part.

    What chooses between imports stays whole.
    """
    tree = reading.syntax(substitution.text(statement))
    node = tree.body[0]
    if len(tree.body) > 1 or not isinstance(node, (ast.Import, ast.ImportFrom)):
        yield "thirdparty", module_of(next(_import_nodes(statement))), substitution.text(statement)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if (alias.asname or alias.name.split(".")[0]) in names:
                yield group(alias.name), alias.name, ast.unparse(ast.Import([alias]))
    elif aliases := [alias for alias in node.names if (alias.asname or alias.name) in names]:
        yield group(module_of(node)), module_of(node), ast.unparse(ast.ImportFrom(node.module, aliases, node.level))


def _import_nodes(statement: Statement) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in walk(reading.syntax(substitution.text(statement))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node


def module_of(node: ast.Import | ast.ImportFrom) -> str:
    """The dotted name of the module that is imported, or from which something is."""
    return node.names[0].name if isinstance(node, ast.Import) else node.module or ""


def group(module: str) -> str:
    """The block of imports that a module belongs to."""
    top = module.split(".")[0]
    return "future" if top == FUTURE else "standard" if top in sys.stdlib_module_names else "thirdparty"


def _as(name: str, alias: str) -> str:
    return name if name == alias else f"{name} as {alias}"
