"""Decides what goes where, once for all rules: modules of functions and definitions, names, paths, settings."""

from __future__ import annotations

import ast
import builtins
import json
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbmde.notebooks.analysis.names import BUILTINS, facts
from nbmde.notebooks.analysis.program import fresh, is_star_import
from nbmde.notebooks.inject.patterns import HERE

from .placing import places, working_folder
from .rewriting import Names

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import DataSet, Setting, Statement, Step, Symbol, Workflow

PATHS = "paths"  # the section of the configuration for these


@dataclass
class SettingPlan:
    """A setting of the configuration and the places in statements that it fills."""

    name: str
    section: str
    value: str  # JSON
    type: str
    kind: str
    file: str
    source: Setting


@dataclass
class Plan:
    """Decisions about a workflow. Built by `plan`."""

    workflow: Workflow
    package: str
    layout: str
    tree: str
    tables: Mapping[str, Any]
    runtime: Mapping[str, Any]  # of the project: the file ``runtime``
    names: Names
    config: str
    root: str
    module_of: dict[str, str] = field(default_factory=dict)  # step name or definition's symbol -> dotted module
    definitions: dict[str, list[Statement]] = field(default_factory=dict)  # module -> statements, in order
    step_modules: dict[str, list[Step]] = field(default_factory=dict)  # module -> steps, in order
    working: str = HERE  # where the code runs, from the project's folder
    paths: dict[str, str] = field(default_factory=dict)  # path in the code -> path in the project
    settings: dict[str, list[SettingPlan]] = field(default_factory=dict)  # section -> settings
    setting_of: dict[Setting, SettingPlan] = field(default_factory=dict)
    settings_in: dict[Statement, list[Setting]] = field(default_factory=dict)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    imports: list[Statement] = field(default_factory=list)  # statements that import, in order
    stars: list[Statement] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)  # what the code calls a definition -> what its module does
    first: list[Statement] = field(default_factory=list)  # statements that run before the imports of all modules
    aliases: dict[str, str] = field(default_factory=dict)  # runtime name as the statements say it -> its own name
    display: str = "show"
    figures: str = "show_figures"
    decorator: str = "step"
    state_class: str = "State"
    paths_argument: str = "paths"
    words: frozenset[str] = frozenset()  # every name in the notebook's code
    type_imports: dict[str, str] = field(default_factory=dict)  # name -> import that annotations alone need
    taken: frozenset[str] = frozenset()  # names that modules bind besides those of the notebook

    def settings_class(self, section: str) -> str:
        """The name of the class that holds the settings of a function, or the paths of all."""
        return fresh("Paths" if section == PATHS else class_name(section), self.words)

    def called_in(self, statement: Statement) -> dict[str, str]:
        """What the module of a definition calls those of its definitions that the code calls otherwise."""
        home = self.module_of[statement.binds[0].name]
        return {name: own for name, own in self.named.items() if self.module_of[name] == home}

    def uses(self, statements: Iterable[Statement]) -> list[Symbol]:
        """Symbols at module level that statements need, in order of first use."""
        found: dict[str, Symbol] = {}
        for statement in statements:
            for symbol in (*statement.reads, *statement.captures, *statement.deletes):
                if symbol.sharing.name == "module":
                    found.setdefault(symbol.name, symbol)
        return list(found.values())


def plan(workflow: Workflow, chosen: str, name: str, tables: Mapping[str, Any], runtime: Mapping[str, Any]) -> Plan:
    """Decides.

    Args:
        chosen: a row of the table `layouts`, whose own rows are laid over those of the other tables.
        tables: those of the file `layout`.
        runtime: those of the file `runtime`.
    """
    own = tables["layouts"][chosen]
    layout = own["like"]
    tables = {**tables, **{name: {**tables[name], **rows} for name, rows in own.items() if isinstance(rows, dict)}}
    symbols = {symbol.name: symbol for symbol in workflow.symbols}
    statements = [statement for step in workflow.steps for statement in step.statements]
    words = {word for statement in (*statements, *workflow.definitions) for word in names_in(statement.text)}
    if any(is_star_import(node) for one in workflow.definitions for node in ast.parse(one.text).body):
        words.update(tables["imports"]["bound_by_stars"])
    state = frozenset(symbol.name for symbol in workflow.symbols if symbol.sharing.name == "state")
    state_name = fresh("state", words)
    taken: dict[str, list[str]] = {}
    for symbol in workflow.symbols:
        if len(symbol.captured):
            passed = [other.name for other in symbol.captured if other.name not in state]
            taken[symbol.name] = [*passed, *([state_name] if len(passed) < len(symbol.captured) else [])]
    classes = frozenset(symbol.name for symbol in workflow.symbols if symbol.kind.name == "class")
    names = Names(
        state,
        state_name,
        taken,
        classes,
        fresh("show", words),
        fresh("locate", words),
        fresh("bind", words),
        fresh("deepcopy", words),
    )
    config, root = fresh("config", words), fresh("root", words)
    result = Plan(workflow, name, layout, chosen, tables, runtime, names, config, root, symbols=symbols)
    result.words = frozenset(words)
    result.state_class, result.paths_argument = fresh("State", words), fresh(PATHS, words)
    result.figures, result.decorator = fresh("show_figures", words), fresh("step", words)
    result.named = {one.binds[0].name: one.named for one in workflow.definitions if one.named}
    result.taken = frozenset(
        {
            "Any",
            result.settings_class(PATHS),
            result.state_class,
            result.decorator,
            names.show,
            names.locate,
            names.bind,
            names.copy,
            result.figures,
            *dir(builtins),
        }
    )
    result.aliases = {runtime.alias: runtime.name for runtime in workflow.runtime}
    for statement in workflow.definitions:
        tree = ast.parse(statement.text)
        if statement.placement.name == "first":
            result.first.append(statement)
        elif statement.kind.name == "import":
            (result.stars if any(is_star_import(node) for node in tree.body) else result.imports).append(statement)
    _place_steps(result)
    _place_definitions(result)
    result.working = working_folder(workflow, tables)
    result.paths = places(workflow, tables, result.working)
    _collect_settings(result)
    return result


def names_in(text: str) -> set[str]:
    """Every name that code binds or reads, wherever; attributes and keywords of calls are none."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.split(".")[0])
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
    return found


def _place_steps(result: Plan) -> None:
    modules = result.tables["modules"]
    for step in result.workflow.steps:
        module = modules[step.stage.name]["module"]
        result.module_of[f"step {step.name}"] = module
        result.step_modules.setdefault(module, []).append(step)


def _place_definitions(result: Plan) -> None:
    """A function, class or constant lives in the only module that uses it; what several use lives with the helpers."""
    helpers = result.tables["helpers"]["module"]
    functions = [
        statement
        for statement in result.workflow.definitions
        if statement.placement.name == "module" and statement.kind.name in ("function", "class", "assignment")
    ]
    by_name: dict[str, list[Statement]] = {}
    for statement in functions:
        for symbol in statement.binds:
            by_name.setdefault(symbol.name, []).append(statement)
    users: dict[str, dict[str, None]] = {name: {} for name in by_name}
    for module, steps in result.step_modules.items():
        for symbol in result.uses(statement for step in steps for statement in step.statements):
            if symbol.name in users:
                users[symbol.name][module] = None
        for name in _own_types(steps):
            if name in users:
                users[name][module] = None
    homes: dict[str, int] = {}
    for name, own in result.named.items():  # in a module whose names are no variables of steps, each once
        homes[own] = homes.get(own, 0) + 1
        users[name] = {helpers if homes[own] == 1 else f"{helpers}_{homes[own]}": None}
    changed = True
    while changed:  # who uses a function uses what it calls
        changed = False
        for name, statements in by_name.items():
            for symbol in result.uses(statements):
                for module in users[name]:
                    if symbol.name in users and module not in users[symbol.name]:
                        users[symbol.name][module] = None
                        changed = True
    for name in by_name:
        result.module_of[name] = next(iter(users[name])) if len(users[name]) == 1 else helpers
    done: set[str] = set()
    for statement in functions:
        name = statement.binds[0].name
        if name not in done:  # the same definition may stand in several cells
            done.add(name)
            result.definitions.setdefault(result.module_of[name], []).append(statement)
    for statements in result.definitions.values():
        statements.sort(key=lambda statement: (statement.cellNumber, statement.firstLine))


def _own_types(steps: Iterable[Step]) -> Iterator[str]:
    """The notebook's own classes in what is known of the values that functions take and give: annotations name them."""
    for step in steps:
        for value in (*step.inputValues, *step.outputValues):
            yield from re.findall(r"\b__main__\.(\w+)", value.type or "")


# -- settings --------------------------------------------------------------------------------------------------------


def _collect_settings(result: Plan) -> None:
    step_of = {statement: step for step in result.workflow.steps for statement in step.statements}
    for setting in result.workflow.settings:
        result.settings_in.setdefault(setting.statement, []).append(setting)
        step = step_of.get(setting.statement)
        if step is None:
            continue
        role = setting.role.name
        if role == "path":
            if setting.dataset is not None:
                _path_setting(result, setting, setting.dataset)
            continue
        section = result.settings.setdefault(step.name, [])
        name = _setting_name(setting, section)
        planned = SettingPlan(
            name,
            step.name,
            setting.value,
            setting.type,
            role,
            "config" if role in ("seed", "parameter") else "model_config",
            setting,
        )
        section.append(planned)
        result.setting_of[setting] = planned


def _path_setting(result: Plan, setting: Setting, dataset: DataSet) -> None:
    section = result.settings.setdefault(PATHS, [])
    value = json.dumps(result.paths[dataset.path], ensure_ascii=False)
    name = dataset.name
    known = next((item for item in section if item.name == name), None)
    if known is None:
        known = SettingPlan(name, PATHS, value, "str", "path", "config", setting)
        section.append(known)
    result.setting_of[setting] = known


def _setting_name(setting: Setting, section: list[SettingPlan]) -> str:
    taken = {item.name for item in section}
    name = setting.name
    if name in taken and setting.call and setting.call != name:
        call = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", setting.call.rpartition(".")[2]).lower()
        name = f"{call}_{name}"
    base, number = name, 2
    while name in taken or keyword.iskeyword(name):
        name, number = f"{base}_{number}", number + 1
    return name


def needs_star(statements: Iterable[Statement], plan: Plan) -> bool:
    """Do statements use names that nothing but a star import can bind, or builtins that one may hide?"""
    for statement in statements:
        found = facts(ast.parse(statement.text).body)
        for name in (*found.reads, *found.captures):
            if (
                name not in plan.symbols
                and (name not in BUILTINS or name in plan.tables["imports"]["hidden_by_stars"])
                and name not in plan.aliases
            ):
                return True
    return False


def class_name(function: str) -> str:
    """Name of the settings class of a function."""
    return "".join(part.capitalize() for part in function.split("_")) + "Config"
