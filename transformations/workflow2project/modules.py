"""Packages, modules and the imports that their code needs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import is_kind, label
from nbmde.notebooks.analysis.annotations import annotation_names
from nbmde.notebooks.analysis.names import BUILTINS

from .annotations import names_in
from .planning import Plan, needs_star

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Module, Package, Project
    from nbmde.metamodels.workflow import Statement, Symbol

    from .rules import Context


def draws(t: Context) -> bool:
    """Can the code draw with matplotlib? Some statement does, or something that is there to draw is imported."""
    drawn = any(resource.name == "matplotlib" for resource in t.source.resources)
    return drawn or _imports_any(t, "drawing")


def tabulates(t: Context) -> bool:
    """Can there be tables of pandas? Something that gives them is imported."""
    return _imports_any(t, "tabulating")


def _imports_any(t: Context, column: str) -> bool:
    names = t.facts.plan.tables["imports"][column]
    return any(module.name.split(".")[0] in names for module in t.source.modules)


def top_package(t: Context, project: Project) -> Package:
    """The top package; it is the first one."""
    return package(t, project, "")


def package(t: Context, project: Project, name: str) -> Package:
    """A package by its dotted name below the top package; made where it is not there yet."""
    plan: Plan = t.facts.plan
    if name not in t.facts.packages:
        element = t.make("package", t.source, key=name, name=name)
        element.doc = plan.tables["packages"].get(name, "")
        t.facts.packages[name] = element
        project.packages.append(element)
    return t.facts.packages[name]


def module(t: Context, project: Project, name: str, of_kind: str, doc: str = "") -> Module:
    """A module by its dotted name below the top package; made where it is not there yet."""
    if name not in t.facts.modules:
        folder, _, own = name.rpartition(".")
        element = t.make("module", t.source, key=name, name=own, kind=of_kind, doc=doc)
        t.facts.modules[name] = element
        package(t, project, folder).modules.append(element)
    return t.facts.modules[name]


def add_imports(t: Context, project: Project) -> None:
    """Gives every module with notebook code the imports that its code and its annotations need."""
    plan: Plan = t.facts.plan
    unused = _imports_without_use(plan)
    for name, element in list(t.facts.modules.items()):
        steps = plan.step_modules.get(name, [])
        definitions = plan.definitions.get(name, [])
        statements = [*definitions, *(statement for step in steps for statement in step.statements)]
        if not statements:
            continue
        symbols = {symbol.name: symbol for symbol in plan.uses(statements)}
        functions = [member for member in element.members if is_kind(member, t.target_metamodel.Function)]
        taken = [parameter.type for function in functions for parameter in function.parameters]
        given = [result.type for function in functions for result in function.results]
        annotations = {word for type in (*taken, *given) for word in names_in(type or "Any")}
        for alias in sorted(annotations & plan.symbols.keys() - symbols.keys()):
            symbols[alias] = plan.symbols[alias]
        own = {statement.binds[0].name for statement in definitions}
        _import_names(t, element, plan, symbols, unused if name == _first(plan) else [])
        for symbol in symbols.values():
            if symbol.name in plan.module_of and symbol.name not in own:
                _add(
                    t,
                    element,
                    "local",
                    f"from {plan.package}.{plan.module_of[symbol.name]} import {_own(symbol.name, plan)}",
                    plan.module_of[symbol.name],
                )
        if plan.stars and needs_star(statements, plan):
            element.starImports = True
            for statement in plan.stars:
                _statement_import(t, element, statement)
        element.unboundNames = _annotates_otherwise(statements, plan)
        for alias in sorted(annotations & plan.type_imports.keys()):
            _import_type(t, element, plan.type_imports[alias])
        _import_runtime(t, element, plan)
        _import_settings(t, element, plan)


def _annotates_otherwise(statements: Iterable[Statement], plan: Plan) -> bool:
    """Are there annotations that name what is no builtin and stands at no module's level, as ``weight: "kg"``?"""
    names = (name for statement in statements for name in annotation_names(ast.parse(statement.text)))
    known = {name for name, symbol in plan.symbols.items() if symbol.sharing.name == "module"}
    return any(name not in known and name not in BUILTINS for name in names)


def _own(name: str, plan: Plan) -> str:
    """A definition as its module calls it and, where that differs, as the code does."""
    return _as(plan.named.get(name, name), name)


def import_for(t: Context, element: Module, statements: Iterable[Statement]) -> None:
    """Gives a module the imports of the notebook that statements need."""
    plan: Plan = t.facts.plan
    _import_names(t, element, plan, {symbol.name: symbol for symbol in plan.uses(statements)}, [])


def _first(plan: Plan) -> str:
    return plan.module_of[f"step {plan.workflow.steps[0].name}"] if len(plan.workflow.steps) else ""


def _import_names(t: Context, element: Module, plan: Plan, symbols: dict[str, Symbol], unused: list[Statement]) -> None:
    done: set[str] = set()
    for statement in plan.imports:
        tree = ast.parse(statement.text)
        names = [symbol.name for symbol in (*statement.binds, *statement.maybeBinds)]
        used = [name for name in names if name in symbols]
        keep = statement in unused or any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        )
        if not used and not keep:
            continue
        if len(tree.body) == 1 and isinstance(tree.body[0], (ast.Import, ast.ImportFrom)):
            for text, module_name in _single(tree.body[0], set(names) if keep else set(used)):
                if text not in done:
                    done.add(text)
                    _add(t, element, _group(module_name), text, module_name)
        elif statement.text not in done:
            done.add(statement.text)
            first = next(part for part in ast.walk(tree) if isinstance(part, (ast.Import, ast.ImportFrom)))
            _add(t, element, "thirdparty", statement.text, _module_of(first))


def _single(node: ast.Import | ast.ImportFrom, names: set[str]) -> Iterable[tuple[str, str]]:
    """An import cut down to some of the names that it binds."""
    aliases = [
        alias
        for alias in node.names
        if (alias.asname or alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.asname or alias.name)
        in names
    ]
    if isinstance(node, ast.Import):
        for alias in aliases:
            yield ast.unparse(ast.Import([alias])), alias.name
    elif aliases:
        yield ast.unparse(ast.ImportFrom(node.module, aliases, node.level)), node.module or ""


def _module_of(node: ast.Import | ast.ImportFrom) -> str:
    return node.names[0].name if isinstance(node, ast.Import) else node.module or ""


def _group(module_name: str) -> str:
    top = module_name.split(".")[0]
    return "future" if top == "__future__" else "standard" if top in sys.stdlib_module_names else "thirdparty"


def _import_type(t: Context, element: Module, text: str) -> None:
    node = ast.parse(text).body[0]
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    _add(t, element, _group(_module_of(node)), text, _module_of(node))


def _statement_import(t: Context, element: Module, statement: Statement) -> None:
    node = ast.parse(statement.text).body[0]
    name = _module_of(node) if isinstance(node, (ast.Import, ast.ImportFrom)) else ""
    _add(t, element, "thirdparty", statement.text, name)


def _imports_without_use(plan: Plan) -> list[Statement]:
    """Imports of which no name is used but whose import alone may change something."""
    used = {
        symbol.name
        for statement in (
            *plan.workflow.definitions,
            *(part for step in plan.workflow.steps for part in step.statements),
        )
        for symbol in (*statement.reads, *statement.captures)
    }
    found = []
    for statement in plan.imports:
        names = [symbol.name for symbol in (*statement.binds, *statement.maybeBinds)]
        if any(name in used for name in names):
            continue
        modules = [
            _module_of(node)
            for node in ast.walk(ast.parse(statement.text))
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        if not all(_without_effect(name, plan) for name in modules):
            found.append(statement)
    return found


def _without_effect(module_name: str, plan: Plan) -> bool:
    """Is it known that importing a module changes nothing that other code can see?"""
    if module_name.startswith(tuple(plan.tables["imports"]["with_effect"])):
        return False
    top = module_name.split(".")[0]
    return top in sys.stdlib_module_names or top in plan.tables["imports"]["without_effect"]


def _import_runtime(t: Context, element: Module, plan: Plan) -> None:
    """Functions of the runtime that the code of a module calls."""
    functions = [member for member in element.members if is_kind(member, t.target_metamodel.Function)]
    texts = [fragment.text for function in functions for fragment in function.fragments]
    texts += [member.text for member in element.members if is_kind(member, t.target_metamodel.Definition)]
    known = {**plan.runtime["functions"], **plan.runtime["added"]}
    called = {node.id for text in texts for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    for alias, name in {
        **plan.aliases,
        plan.names.show: "show",
        plan.figures: "show_figures",
        plan.names.locate: "locate",
        plan.names.bind: "bind",
        f"{plan.names.bind}_class": "bind_class",
        plan.names.copy: "deepcopy",
        "display": "display",
    }.items():
        if alias in called and alias not in plan.symbols:
            if name not in known:
                caller = next((label(one) for one in t.source.runtime if one.alias == alias), "the code")
                near = get_close_matches(name, known, 1)
                raise NbmdeError(f"{caller}: the runtime has no {name!r}", remedy=f"{near[0]}?" if near else None)
            row = known[name]
            if row.get("standard"):
                statement = "import" if name == row["module"] else f"from {row['module']} import"
                _add(t, element, "standard", f"{statement} {_as(name, alias)}", row["module"])
            else:
                home = f"{plan.package}.{plan.runtime['package']}.{row['module']}"
                _add(t, element, "local", f"from {home} import {_as(name, alias)}", home)


def _import_settings(t: Context, element: Module, plan: Plan) -> None:
    types = {
        parameter.type or ""
        for member in element.members
        if is_kind(member, t.target_metamodel.Function)
        for parameter in member.parameters
    }
    classes = sorted(types & {plan.settings_class(section) for section in plan.settings})
    if classes:
        _add(t, element, "local", f"from {plan.package}.config import {', '.join(classes)}", f"{plan.package}.config")
    if plan.state_class in types:
        _add(t, element, "local", f"from {plan.package}.state import {plan.state_class}", f"{plan.package}.state")


def _as(name: str, alias: str) -> str:
    return name if name == alias else f"{name} as {alias}"


def _add(t: Context, element: Module, group: str, text: str, module_name: str) -> None:
    key = (element, text)
    element.imports.append(t.make("import_", t.source, key=key, group=group, text=text, module=module_name))


def used_runtime(t: Context) -> set[str]:
    """Modules of the runtime that some module imports."""
    plan: Plan = t.facts.plan
    prefix = f"{plan.package}.{plan.runtime['package']}."
    modules = [statement.module or "" for element in t.facts.modules.values() for statement in element.imports]
    used = {name.removeprefix(prefix) for name in modules if name.startswith(prefix)}
    return used & set(plan.runtime["modules"])
