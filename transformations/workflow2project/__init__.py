"""Workflow to Project: steps become functions, symbols their arguments and results, definitions members of modules.

The rules make a project whose code stands in one place and is the notebook's. What is to be decided about it the
refinements of this package decide, each in a module of its own that is named after it, in the order of
`nb2project.toml`: names, places, configuration, placement, imports and so on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nbmde.engine import knowledge
from nbmde.engine.models import is_kind
from nbmde.notebooks import substitution

from . import reading, recorded, tables
from .package_names import Names
from .rules import transformation

if TYPE_CHECKING:
    from nbmde.metamodels import mlproject
    from nbmde.metamodels.mlproject import (
        Attribute,
        Call,
        CellEnd,
        Configuration,
        Container,
        Definition,
        Fragment,
        Function,
        Module,
        Package,
        Parameter,
        Pipeline,
        PipelineStage,
        Preparation,
        Project,
        Result,
        RuntimeFunction,
        Service,
        StateClass,
    )
    from nbmde.metamodels.workflow import (
        Finding,
        PlatformFunction,
        Secret,
        Statement,
        Step,
        Symbol,
        TrainedModel,
        Workflow,
    )

    from .rules import Context

STEPS, DEFINITIONS = "steps", "definitions"
"""The modules with the notebook's code before it is placed."""


# -- the project -----------------------------------------------------------------------------------------------------
@transformation.helper("Workflow", cached=True)
def layout(t: Context, workflow: Workflow) -> tables.Tables:
    """The tables of the layout that was asked for."""
    return tables.layout(str(t.option("layout", "mlops")), tuple(t.option("extensions", ())))


@transformation.helper("Workflow", cached=True)
def names_in_use(t: Context, workflow: Workflow) -> Names:
    """Names that the project must not have."""
    known = knowledge.table("distributions", tuple(t.option("extensions", ())))["distributions"]
    return Names(workflow, known, t.helpers.layout(workflow)["package_names"]["taken"])


@transformation.rule("Workflow", to="Project")
def workflow2project(t: Context, workflow: Workflow, project: Project) -> None:
    """The project with what its workflow has."""
    names: Names = t.helpers.names_in_use(workflow)
    project.tree = str(t.option("layout", "mlops"))
    project.layout = getattr(t.target_metamodel.Layout, t.helpers.layout(workflow)["layouts"][project.tree]["like"])
    project.package = names.package(str(t.option("package", "")))
    project.name = names.distribution(str(t.option("name", "")))
    project.title = workflow.title or workflow.name.replace("-", " ").replace("_", " ").strip().capitalize()
    project.doc = workflow.description
    project.source = f"{workflow.notebook.name}.ipynb"
    project.workflow = workflow
    project.seconds = workflow.seconds
    t.bind(project, packages=[workflow], configuration=workflow, pipeline=workflow, continuousIntegration=workflow)
    project.state = t.try_resolve(workflow, type="StateClass")
    project.runtime.extend(t.resolve_all(workflow.platform, type="RuntimeFunction"))
    project.service = next(iter(t.resolve_all(workflow.models, type="Service")), None)
    project.unserved = workflow.unserved if project.service is None else None
    project.container = t.try_resolve(workflow, type="Container")
    project.stages.extend(t.resolve_all(workflow, type="PipelineStage"))
    project.secrets.extend(t.resolve_all(workflow.secrets, type="Secret"))
    project.findings.extend(t.resolve_all(workflow.findings, type="Finding"))


@transformation.rule("Workflow", to="Package")
def top_package(t: Context, workflow: Workflow, package: Package) -> None:
    """The package, with all code of the notebook."""
    package.name = ""
    package.doc = t.helpers.layout(workflow)["packages"].get("", "")
    preparing = t.try_resolve(workflow, rule="preparing_module")
    names = dict.fromkeys(t.helpers.homes(workflow).values())
    helpers = [t.make("definitions_module", workflow, key=name, name=name) for name in names]
    package.modules.extend([*([preparing] if preparing else []), *helpers, t.resolve(workflow, rule="steps_module")])


@transformation.rule("Workflow", to="Configuration")
def configuration(t: Context, workflow: Workflow, configuration: Configuration) -> None:
    """All settings: none as yet."""


@transformation.rule("PlatformFunction", to="RuntimeFunction")
def runtime_function(t: Context, source: PlatformFunction, function: RuntimeFunction) -> None:
    """A function of the runtime that statements call."""
    function.name, function.alias = source.name, source.alias


@transformation.rule("Secret", to="mlproject.Secret", guard=lambda t, secret: bool(secret.value or secret.statements))
def secret2secret(t: Context, source: Secret, secret: mlproject.Secret) -> None:
    """An environment variable that the code reads."""
    secret.name, secret.value = source.name, source.value
    secret.found = f"{source.kind}; cell {source.cellNumber}, line {source.line} of the notebook"


@transformation.rule("Finding", to="mlproject.Finding")
def finding2finding(t: Context, source: Finding, finding: mlproject.Finding) -> None:
    """Something a person should know."""
    finding.severity = getattr(t.target_metamodel.Severity, source.severity.name)
    finding.code, finding.message, finding.remedy = source.code, source.message, source.remedy
    finding.omits = source.omits
    finding.statements.extend(source.statements)
    finding.cellNumber, finding.line = source.cellNumber, source.line


# -- definitions -----------------------------------------------------------------------------------------------------
@transformation.helper("Workflow", cached=True)
def homes(t: Context, workflow: Workflow) -> Mapping[Statement, str]:
    """Statements that define something -> the module of the definition: another one where a name is taken."""
    found: dict[Statement, str] = {}
    taken: dict[str, int] = {}
    for statement in reading.definitions(workflow):
        if statement.named:
            taken[statement.named] = taken.get(statement.named, 0) + 1
        number = taken.get(statement.named or "", 1)
        found[statement] = DEFINITIONS if number == 1 else f"{DEFINITIONS}_{number}"
    return found


def is_defined(t: Context, statement: Statement) -> bool:
    """Does a statement define something at module level, as the first of those that do so?"""
    return statement in t.helpers.homes(t.source)


@transformation.rule("Workflow", to="Module", lazy=True)
def definitions_module(t: Context, workflow: Workflow, module: Module, *, name: str) -> None:
    """A module with the notebook's definitions."""
    module.name = name
    module.kind = t.target_metamodel.ModuleKind.helpers
    homes: Mapping[Statement, str] = t.helpers.homes(workflow)
    t.bind(module, members=[statement for statement, home in homes.items() if home == name])


@transformation.rule("Statement", to="Definition", guard=is_defined)
def definition(t: Context, statement: Statement, definition: Definition) -> None:
    """A function, class or constant of the notebook, at module level."""
    definition.name = statement.named or statement.binds[0].name
    definition.statement = statement
    definition.text = substitution.text(statement)


def prepares(t: Context, statement: Statement) -> bool:
    """Does a statement run before the imports of all modules?"""
    return statement.placement.name == "first"


@transformation.rule("Workflow", to="Module", guard=lambda t, workflow: any(reading.preparations(workflow)))
def preparing_module(t: Context, workflow: Workflow, module: Module) -> None:
    """The package's own file, which Python runs before any module of the package."""
    module.name = "__init__"
    module.kind = t.target_metamodel.ModuleKind.package
    t.bind(module, members=reading.preparations(workflow))
    for number, preparation in enumerate(module.members, 1):
        preparation.name = f"prepare_{number}"


@transformation.rule("Statement", to="Preparation", guard=prepares)
def preparation(t: Context, statement: Statement, preparation: Preparation) -> None:
    """A statement that sets what libraries read while they are imported."""
    preparation.statement = statement
    preparation.text = substitution.text(statement)


# -- steps -----------------------------------------------------------------------------------------------------------
@transformation.rule("Workflow", to="Module")
def steps_module(t: Context, workflow: Workflow, module: Module) -> None:
    """A module with the notebook's steps, a function for each."""
    module.name = STEPS
    module.kind = t.target_metamodel.ModuleKind.steps
    t.bind(module, members=workflow.steps)


@transformation.rule("Step", to="Function")
def step2function(t: Context, step: Step, function: Function) -> None:
    """A step becomes a function that takes everything it needs as arguments."""
    function.name = step.name
    function.title = step.title or re.sub(r"(_\d+)?$", "", step.name, count=1).replace("_", " ").capitalize()
    function.doc = step.prose
    function.step = step
    function.exploration = step.exploration
    cells = list(dict.fromkeys(statement.cellNumber for statement in step.statements))
    function.cells = str(cells[0]) if len(cells) == 1 else f"{cells[0]} to {cells[-1]}"
    function.seconds = step.seconds
    function.asynchronous = any(map(reading.awaits, step.statements))
    function.parameters.extend([t.make("parameter", (symbol, step)) for symbol in step.inputs])
    function.results.extend([t.make("result", (symbol, step)) for symbol in step.outputs])
    for statement in step.statements:
        function.fragments.append(t.resolve(statement, rule="fragment"))
        function.fragments.extend(t.resolve_all(statement, rule="cell_end"))


@transformation.rule("Symbol", to="Parameter", lazy=True)
def parameter(t: Context, source: tuple[Symbol, Step], parameter: Parameter) -> None:
    """A name that the function of a step takes."""
    symbol, _ = source
    parameter.name, parameter.symbol = symbol.name, symbol


@transformation.rule("Symbol", to="Result", lazy=True)
def result(t: Context, source: tuple[Symbol, Step], result: Result) -> None:
    """A name that the function of a step returns."""
    symbol, step = source
    result.name, result.symbol = symbol.name, symbol
    result.doc = recorded.size(recorded.value(step.outputValues, symbol))


def runs_in_a_step(t: Context, statement: Statement) -> bool:
    """Is a statement one of a step?"""
    return is_kind(statement.eContainer(), t.source_metamodel.Step)


@transformation.rule("Statement", to="Fragment", guard=runs_in_a_step)
def fragment(t: Context, statement: Statement, fragment: Fragment) -> None:
    """A statement in the function of its step."""
    fragment.statement = statement
    fragment.text = substitution.text(statement)


@transformation.helper("Workflow", cached=True)
def may_draw(t: Context, workflow: Workflow) -> bool:
    """Can the code draw?"""
    return reading.may_draw(workflow, t.helpers.layout(workflow))


@transformation.helper("Step", cached=True)
def cell_ends(t: Context, step: Step) -> list[Statement]:
    """The statements behind which figures are shown."""
    return reading.cell_ends(step) if t.helpers.may_draw(t.source) else []


def shows_figures(t: Context, statement: Statement) -> bool:
    """Does a cell end with a statement in which something may have been drawn?"""
    return (
        statement.endsCell and runs_in_a_step(t, statement) and statement in t.helpers.cell_ends(statement.eContainer())
    )


@transformation.rule("Statement", to="CellEnd", guard=shows_figures)
def cell_end(t: Context, statement: Statement, end: CellEnd) -> None:
    """Where a cell ends, a notebook shows its figures and closes them."""
    end.statement = statement
    end.text = "show_figures()"


# -- the state -------------------------------------------------------------------------------------------------------
@transformation.rule("Workflow", to="StateClass", guard=lambda t, workflow: any(map(reading.is_late, workflow.symbols)))
def state_class(t: Context, workflow: Workflow, state: StateClass) -> None:
    """Names that must be read late."""
    state.name = "State"
    t.consult(*filter(reading.is_late, workflow.symbols))
    code = [*workflow.definitions, *reading.statements(workflow)]
    state.catchesNameError = any("NameError" in statement.text for statement in code)
    state.attributes.extend(t.resolve_all(workflow.symbols, type="Attribute"))


@transformation.rule("Symbol", to="Attribute", guard=lambda t, symbol: reading.is_late(symbol))
def attribute(t: Context, symbol: Symbol, attribute: Attribute) -> None:
    """One name of the state."""
    attribute.name = symbol.name
    attribute.doc = symbol.reason or ""


# -- the driver ------------------------------------------------------------------------------------------------------
@transformation.rule("Workflow", to="Pipeline")
def pipeline(t: Context, workflow: Workflow, pipeline: Pipeline) -> None:
    """The driver: calls the functions in the notebook's order."""
    pipeline.name = "pipeline"
    pipeline.figures = len(workflow.figures) > 0
    pipeline.asynchronous = any(map(reading.awaits, reading.statements(workflow)))
    t.bind(pipeline, calls=workflow.steps)


@transformation.rule("Step", to="Call")
def call(t: Context, step: Step, call: Call) -> None:
    """One call in the driver."""
    call.function = t.resolve(step, rule="step2function")
    call.module = STEPS
    call.arguments.extend([symbol.name for symbol in step.inputs])
    call.results.extend([symbol.name for symbol in step.outputs])
    call.optional = step.exploration


# -- what is offered, and what runs it -------------------------------------------------------------------------------
def is_served(t: Context, model: TrainedModel) -> bool:
    """Is a model the one that the workflow says is served?"""
    return model.served and model is next(other for other in t.source.models if other.served)


@transformation.rule("TrainedModel", to="Service", guard=is_served)
def service(t: Context, model: TrainedModel, service: Service) -> None:
    """Offers the model that the workflow says is served."""
    service.name = model.symbol.name
    service.estimator = model.estimator
    service.task = getattr(t.target_metamodel.Task, model.task.name)
    service.features = model.features.name if model.features is not None else None
    service.transformers.extend([symbol.name for symbol in model.transformers])
    others = [other for other in t.source.models if other is not model and not other.unserved]
    t.consult(*others)
    named = ", ".join(other.symbol.name for other in others)
    choice = f" Another one is chosen with --set serve=NAME (there are also: {named})." if others else ""
    service.reason = f"It is served because {model.reason}.{choice}"
    service.supportsProbability = model.probability
    service.array, service.dense = model.array, model.dense
    recorded.add_columns(t, model, service)


def is_operated(t: Context, workflow: Workflow) -> bool:
    """Does the layout have a container and stages of a pipeline?"""
    like: str = t.helpers.layout(workflow)["layouts"][str(t.option("layout", "mlops"))]["like"]
    return like == "mlops"


@transformation.rule("Workflow", to="Container", guard=is_operated)
def container(t: Context, workflow: Workflow, container: Container) -> None:
    """The image."""
    container.name = "service"


@transformation.rule("Workflow", to="PipelineStage", guard=is_operated)
def pipeline_stage(t: Context, workflow: Workflow, stage: PipelineStage) -> None:
    """The whole run as one stage: its steps share objects and random numbers."""
    stage.name = "train"
    stage.command = f"{workflow.name}-train"


@transformation.rule("Workflow", to="mlproject.Workflow")
def continuous_integration(t: Context, workflow: Workflow, integration: mlproject.Workflow) -> None:
    """A workflow of continuous integration that runs at each push."""
    integration.name = "ci"
    integration.pythonVersions.append("3.11")
