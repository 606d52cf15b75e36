"""Workflow to Project: steps become functions, settings a configuration, models a service.

`planning` decides what goes where, `rewriting` turns statements into lines of functions, `scaffolding` adds what a
project needs around its code; the rules below build the model.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbmde.engine import knowledge
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.inject.patterns import HERE

from . import modules, recorded, rewriting
from .annotations import annotation
from .package_names import Names
from .planning import PATHS, Plan, SettingPlan, plan
from .rules import transformation
from .scaffolding import add_surroundings

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import (
        Attribute,
        Call,
        Configuration,
        ConfigurationSetting,
        Definition,
        Fragment,
        Function,
        Module,
        Parameter,
        Pipeline,
        Preparation,
        Project,
        Result,
        SettingsClass,
        StateClass,
    )
    from nbmde.metamodels.workflow import Setting, Statement, Step, Symbol, Workflow

    from .rules import Context


@transformation.pre
def decide(t: Context) -> None:
    """Decides what goes where, once, for all rules."""
    layout = str(t.option("layout", "mlops"))
    extensions = tuple(t.option("extensions", ()))
    tables = knowledge.table("layout", extensions)
    if layout not in tables["layouts"]:
        raise NbmdeError(f"there is no layout {layout!r}", remedy=f"known: {', '.join(tables['layouts'])}")
    known = knowledge.table("distributions", extensions)["distributions"]
    runtime = knowledge.table("runtime", extensions)
    t.facts.names = Names(t.source, known, tables["package_names"]["taken"])
    t.facts.plan = plan(t.source, layout, t.facts.names.package(str(t.option("package", ""))), tables, runtime)
    t.facts.functions = {}
    t.facts.packages = {}
    t.facts.modules = {}
    t.facts.placed = set()


@transformation.rule("Workflow", to="Project")
def workflow2project(t: Context, workflow: Workflow, project: Project) -> None:
    """The project with its packages; then what surrounds the code."""
    decisions: Plan = t.facts.plan
    metamodel = t.target_metamodel
    project.name = t.facts.names.distribution(str(t.option("name", "")))
    project.package = decisions.package
    project.title = workflow.title or workflow.name.replace("-", " ").replace("_", " ").strip().capitalize()
    project.doc = workflow.description
    project.layout, project.tree = getattr(metamodel.Layout, decisions.layout), decisions.tree
    project.source = f"{workflow.notebook.name}.ipynb"
    project.workingFolder = decisions.working if decisions.working != HERE else None
    project.workflow = workflow
    project.seconds = workflow.seconds
    package = modules.top_package(t, project)
    if decisions.first:
        package.modules.append(t.make("preparing_module", workflow))
    project.configuration = t.make("configuration", workflow)
    for section, settings in decisions.settings.items():
        project.configuration.sections.append(
            t.make("settings_class", workflow, key=section, section=section, settings=settings)
        )
    for module, steps in decisions.step_modules.items():
        element = modules.module(t, project, module, "steps")
        for statement in decisions.definitions.get(module, ()):
            element.members.append(t.make("definition", statement))
        for step in steps:
            element.members.append(t.resolve(step, rule="step2function"))
    for module, statements in decisions.definitions.items():
        if module not in decisions.step_modules:
            element = modules.module(t, project, module, "helpers")
            for statement in statements:
                element.members.append(t.make("definition", statement))
    if decisions.names.state:
        project.state = t.make("state_class", workflow)
    project.pipeline = t.make("pipeline", workflow)


@transformation.post
def surround(t: Context) -> None:
    """What depends on the code that the rules have made: imports, and everything around the code."""
    project: Project = t.resolve(t.source, rule="workflow2project")
    modules.add_imports(t, project)
    add_surroundings(t, project)


@transformation.rule("Step", to="Function")
def step2function(t: Context, step: Step, function: Function) -> None:
    """A step becomes a function that takes everything it needs as arguments."""
    decisions: Plan = t.facts.plan
    function.name = step.name
    function.title = step.title or re.sub(r"(_\d+)?$", "", step.name, count=1).replace("_", " ").capitalize()
    function.doc = step.prose
    function.step = step
    function.exploration = step.exploration
    cells = list(dict.fromkeys(statement.cellNumber for statement in step.statements))
    function.cells = str(cells[0]) if len(cells) == 1 else f"{cells[0]} to {cells[-1]}"
    function.seconds = step.seconds
    for symbol in step.inputs:
        function.parameters.append(t.make("parameter", symbol, key=("in", step.name), step=step))
    for section in sections(decisions, step):
        argument = setting_argument(decisions, section)
        function.parameters.append(
            t.make(
                "setting_parameter",
                step,
                key=section,
                name=argument,
                type=decisions.settings_class(section),
            )
        )
    if uses_state(decisions, step):
        function.parameters.append(
            t.make("setting_parameter", step, key="state", name=decisions.names.state_name, type=decisions.state_class)
        )
    for symbol in step.outputs:
        function.results.append(t.make("result", symbol, key=("out", step.name), step=step))
    pending = False
    for statement in step.statements:
        fragment = t.make("fragment", statement)
        function.fragments.append(fragment)
        function.asynchronous = function.asynchronous or awaits(statement)
        pending = pending or statement.mayDraw
        if statement.endsCell and pending and modules.draws(t):
            function.fragments.append(t.make("end_of_cell", statement))
            pending = False


@transformation.rule("Workflow", to="Module", lazy=True)
def preparing_module(t: Context, workflow: Workflow, module: Module) -> None:
    """The package's own file, which Python runs before any module of the package."""
    decisions: Plan = t.facts.plan
    module.name = "__init__"
    module.kind = t.target_metamodel.ModuleKind.package
    for number, statement in enumerate(decisions.first, 1):
        module.members.append(t.make("preparation", statement, key=number, number=number))
    modules.import_for(t, module, decisions.first)


@transformation.rule("Statement", to="Preparation", lazy=True)
def preparation(t: Context, statement: Statement, preparation: Preparation, *, number: int) -> None:
    """A statement that sets what libraries read while they are imported."""
    preparation.name = f"prepare_{number}"
    preparation.statement = statement
    preparation.text = statement.text


@transformation.rule("Statement", to="Fragment", lazy=True)
def fragment(t: Context, statement: Statement, fragment: Fragment) -> None:
    """A statement as it stands in the function of its step."""
    decisions: Plan = t.facts.plan
    fragment.statement = statement
    fragment.text = _rewritten(decisions, statement, in_step=True)


@transformation.rule("Statement", to="Fragment", lazy=True)
def end_of_cell(t: Context, statement: Statement, fragment: Fragment) -> None:
    """Where a cell ends, a notebook shows its figures and closes them."""
    fragment.statement = statement
    fragment.text = f"{t.facts.plan.figures}()"


@transformation.rule("Statement", to="Definition", lazy=True)
def definition(t: Context, statement: Statement, definition: Definition) -> None:
    """A function or class of the notebook, at module level."""
    decisions: Plan = t.facts.plan
    definition.name = statement.named or statement.binds[0].name
    definition.statement = statement
    definition.text = _rewritten(decisions, statement, in_step=False)


def _rewritten(decisions: Plan, statement: Statement, in_step: bool) -> str:
    replacements = []
    settings = {setting.start: setting for setting in decisions.settings_in.get(statement, ())}
    for setting in settings.values():
        planned = decisions.setting_of.get(setting) if in_step else None
        if planned is not None:
            text = f"{setting_argument(decisions, planned.section)}.{planned.name}"
            replacements.append(rewriting.Replacement(setting.start, setting.end, text))
    for file in statement.files if decisions.paths else ():
        if not (in_step and file.start in settings):
            replacements.append(rewriting.Replacement(file.start, file.start, f"{decisions.names.locate}("))
            replacements.append(rewriting.Replacement(file.end, file.end, ")"))
    for kept in statement.keeps:
        place = (kept.expression or "", kept.start, kept.end, kept.copied)
        replacements += rewriting.keeping(statement.text, decisions.names, kept.symbol.name, *place)
    try:
        if in_step:
            return rewriting.statement(
                statement.text, decisions.names, replacements, statement.echo, statement.shown or ""
            )
        captured = [other.name for symbol in statement.binds for other in symbol.captured]
        return rewriting.definition(
            statement.text, decisions.names, replacements, captured, decisions.called_in(statement)
        )
    except (SyntaxError, ValueError) as error:
        raise NbmdeError(
            f"this statement cannot be rewritten: {error}",
            file=f"{decisions.workflow.notebook.name}.ipynb",
            cell=statement.cellNumber,
            line=statement.firstLine,
            remedy="write it in a simpler way",
        ) from error


def sections(decisions: Plan, step: Step) -> list[str]:
    """Sections of the configuration that a step needs: its own one, and that of the paths."""
    found: dict[str, None] = {}
    for statement in step.statements:
        for setting in decisions.settings_in.get(statement, ()):
            planned = decisions.setting_of.get(setting)
            if planned is not None:
                found[planned.section] = None
    return sorted(found, key=lambda section: section == PATHS)


def setting_argument(decisions: Plan, section: str) -> str:
    """What functions call their settings."""
    return decisions.config if section != PATHS else decisions.paths_argument


def uses_state(decisions: Plan, step: Step) -> bool:
    """Does a step read or bind names of the state object, itself or through functions that it uses?"""
    for statement in step.statements:
        for feature in (statement.reads, statement.binds, statement.maybeBinds, statement.deletes, statement.captures):
            for symbol in feature:
                if symbol.name in decisions.names.state:
                    return True
                if decisions.names.state_name in decisions.names.extra.get(symbol.name, ()):
                    return True
    return False


def awaits(statement: Statement) -> bool:
    """Does a statement await at its top level?"""
    pending: list[ast.AST] = list(ast.parse(statement.text).body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))
    return False


@transformation.rule("Symbol", to="Parameter", lazy=True)
def parameter(t: Context, symbol: Symbol, parameter: Parameter, *, step: Step) -> None:
    """A name that a function takes."""
    parameter.name = symbol.name
    module = t.facts.plan.module_of[f"step {step.name}"]
    parameter.type = annotation(t.facts.plan, module, symbol, recorded.value(step.inputValues, symbol))


@transformation.rule("Step", to="Parameter", lazy=True)
def setting_parameter(t: Context, step: Step, parameter: Parameter, *, name: str, type: str) -> None:
    """The settings or the state as an argument."""
    parameter.name, parameter.type = name, type


@transformation.rule("Symbol", to="Result", lazy=True)
def result(t: Context, symbol: Symbol, result: Result, *, step: Step) -> None:
    """A name that a function returns."""
    result.name = symbol.name
    module = t.facts.plan.module_of[f"step {step.name}"]
    value = recorded.value(step.outputValues, symbol)
    result.type = annotation(t.facts.plan, module, symbol, value)
    result.doc = recorded.size(value)


@transformation.rule("Workflow", to="Configuration", lazy=True)
def configuration(t: Context, workflow: Workflow, configuration: Configuration) -> None:
    """All settings."""


@transformation.rule("Workflow", to="SettingsClass", lazy=True)
def settings_class(
    t: Context, workflow: Workflow, settings_class: SettingsClass, *, section: str, settings: list[SettingPlan]
) -> None:
    """The settings of one function, or the paths of all."""
    settings_class.name = section
    decisions: Plan = t.facts.plan
    settings_class.className = decisions.settings_class(section)
    settings_class.doc = "Files that the project reads and writes." if section == PATHS else ""
    for planned in settings:
        settings_class.settings.append(t.make("setting2setting", planned.source, planned=planned))


@transformation.rule("Setting", to="ConfigurationSetting", lazy=True)
def setting2setting(t: Context, source: Setting, setting: ConfigurationSetting, *, planned: SettingPlan) -> None:
    """A literal of the notebook as a value of the configuration."""
    setting.name, setting.type, setting.value, setting.file = planned.name, planned.type, planned.value, planned.file
    setting.kind = getattr(t.target_metamodel.SettingKind, planned.kind)
    setting.setting = source
    if source.call and planned.kind != "path":
        setting.doc = f"{planned.source.name} of {source.call}" if source.call != source.name else ""


@transformation.rule("Workflow", to="StateClass", lazy=True)
def state_class(t: Context, workflow: Workflow, state: StateClass) -> None:
    """Names that must be read late."""
    state.name = t.facts.plan.state_class
    statements = [*workflow.definitions, *(statement for step in workflow.steps for statement in step.statements)]
    state.catchesNameError = any("NameError" in statement.text for statement in statements)
    for symbol in workflow.symbols:
        if symbol.sharing.name == "state":
            state.attributes.append(t.make("attribute", symbol))


@transformation.rule("Symbol", to="Attribute", lazy=True)
def attribute(t: Context, symbol: Symbol, attribute: Attribute) -> None:
    """One name of the state."""
    attribute.name = symbol.name
    attribute.doc = symbol.reason or ""


@transformation.rule("Workflow", to="Pipeline", lazy=True)
def pipeline(t: Context, workflow: Workflow, pipeline: Pipeline) -> None:
    """The driver: calls the functions in the notebook's order."""
    decisions: Plan = t.facts.plan
    pipeline.name = "pipeline"
    pipeline.figures = len(workflow.figures) > 0
    pipeline.configName, pipeline.rootName, pipeline.stateName = (
        decisions.config,
        decisions.root,
        decisions.names.state_name,
    )
    pipeline.decoratorName = decisions.decorator
    for step in workflow.steps:
        call = t.make("call", step)
        pipeline.calls.append(call)
        pipeline.asynchronous = pipeline.asynchronous or any(awaits(statement) for statement in step.statements)


@transformation.rule("Step", to="Call", lazy=True)
def call(t: Context, step: Step, call: Call) -> None:
    """One call in the driver."""
    decisions: Plan = t.facts.plan
    call.function = t.resolve(step, rule="step2function")
    call.module = decisions.module_of[f"step {step.name}"]
    call.arguments.extend([symbol.name for symbol in step.inputs])
    call.arguments.extend([f"{decisions.config}.{section}" for section in sections(decisions, step)])
    if uses_state(decisions, step):
        call.arguments.append(decisions.names.state_name)
    call.results.extend([symbol.name for symbol in step.outputs])
    call.optional = step.exploration
