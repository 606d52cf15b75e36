"""Notebook to Workflow: cells become statements with what they read, bind and touch, statements become steps.

`reading` finds the facts, the rules below put them into the model.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.program import Unit, is_import
from nbmde.notebooks.inject import check_python, patterns

from . import learning, secret_removal, settings
from .effects import UNKNOWN
from .modules import Imported, ImportedModules
from .paths import FileExpression, PathUse, below, path_name
from .profile_lookup import Recorded
from .reading import Reading, read
from .remarks import Remark, at
from .rules import transformation

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset, Cell, Notebook
    from nbmde.metamodels.notebook import Column as RecordedColumn
    from nbmde.metamodels.notebook import Value as RecordedValue
    from nbmde.metamodels.workflow import (
        Column,
        DataSet,
        Figure,
        Finding,
        ImportedModule,
        Kept,
        Metric,
        Resource,
        RuntimeName,
        Secret,
        Setting,
        Statement,
        Step,
        Symbol,
        TrainedModel,
        Value,
        Workflow,
    )
    from nbmde.metamodels.workflow import FileExpression as FileExpressionElement

    from .rules import Context

_KINDS = (
    ((ast.Import, ast.ImportFrom), "import"),
    ((ast.FunctionDef, ast.AsyncFunctionDef), "function"),
    ((ast.ClassDef,), "class"),
    ((ast.Assign, ast.AugAssign, ast.AnnAssign), "assignment"),
    ((ast.Delete,), "deletion"),
    ((ast.Expr,), "expression"),
)


@transformation.pre
def read_notebook(t: Context) -> None:
    """Reads the notebook as a program, once, for all rules."""
    check_python(t.source)
    t.facts.reading = read(t.source, tuple(t.option("extensions", ())), str(t.option("serve", "")))
    reading = t.facts.reading
    t.facts.places = {id(unit): place for place, unit in enumerate(reading.program.units)}
    t.facts.recorded = Recorded(t.source, reading.program.units, reading.mutated)
    t.facts.symbols = {}
    t.facts.statements = {}
    t.facts.resources = {}
    t.facts.datasets = {}


@transformation.rule("Notebook", to="Workflow")
def notebook2workflow(t: Context, notebook: Notebook, workflow: Workflow) -> None:
    """The workflow and everything in it, in the order of the notebook."""
    reading = t.facts.reading
    program = reading.program
    workflow.name = re.sub(r"[^A-Za-z0-9]+", "-", notebook.name).strip("-").lower() or "notebook"
    workflow.title = reading.title.title if reading.title else ""
    workflow.description = reading.title.text if reading.title else ""
    workflow.heading = reading.cells[reading.title.cell] if reading.title else None
    workflow.notebook = notebook
    workflow.above = reading.above
    workflow.listed.extend(reading.top_names)
    first_cell = {name: indexes[0] for name, indexes in program.bindings.items()}
    for name, index in sorted(first_cell.items(), key=lambda item: item[1]):
        unit = program.units[index]
        t.facts.symbols[name] = t.make("symbol", reading.cells[unit.cell], key=name, name=name)
    for name in dict.fromkeys(resource for unit in program.units for resource in unit.resources if resource != UNKNOWN):
        t.facts.resources[name] = t.make("resource", notebook, key=name, name=name)
    for keep in reading.served.keeps if reading.served else ():
        cell = reading.cells[program.units[keep.unit].cell]
        t.facts.symbols[keep.name] = t.make("kept_symbol", cell, key=keep.name, keep=keep)
    workflow.symbols.extend(t.facts.symbols.values())
    workflow.resources.extend(t.facts.resources.values())
    for index, unit in enumerate(program.units):
        t.facts.statements[index] = t.make("statement", reading.cells[unit.cell], key=index, index=index, unit=unit)
        if unit.placement in ("module", "first"):
            workflow.definitions.append(t.facts.statements[index])
    for number, segment in enumerate(reading.segments):
        cells = tuple(reading.cells[cell] for cell in _cells_of_step(reading, number))
        statements = [t.facts.statements[t.facts.places[id(unit)]] for unit in segment.units]
        workflow.steps.append(t.make("step", cells, key=number, number=number, statements=statements))
    for name, symbol in t.facts.symbols.items():
        indexes = program.bindings.get(name, ())
        symbol.definition = t.facts.statements[indexes[0]] if len(indexes) == 1 else None
        symbol.captured.extend([t.facts.symbols[other] for other in program.captured.get(name, ())])
    _data(t, reading, workflow)
    for index, literals in reading.settings.items():
        cell = reading.cells[program.units[index].cell]
        for literal in literals:
            workflow.settings.append(t.make("setting", cell, key=(index, literal.start), index=index, literal=literal))
    modules = t.facts.modules = ImportedModules(reading, tuple(t.option("extensions", ())))
    for imported in modules.found():
        source = reading.cells[imported.cell] if imported.cell else notebook
        workflow.modules.append(t.make("module", source, key=imported.name, imported=imported))
    workflow.versions = getattr(t.target_metamodel.VersionSource, modules.source())
    _learning(t, reading, workflow)
    workflow.unserved = reading.unserved.get("")
    _values(t, workflow)
    for number, secret in enumerate(reading.hidden.secrets):
        source = reading.cells.get(secret.places[0][0], notebook)
        statements = [t.facts.statements[t.facts.places[id(unit)]] for unit in secret.units]
        workflow.secrets.append(t.make("secret", source, key=number, secret=secret, statements=statements))
    for original, alias in ((name, reading.platform.alias[name]) for name in reading.platform.used):
        workflow.runtime.append(t.make("runtime_name", notebook, key=original, name=original, alias=alias))
    _findings(t, reading, workflow)


@transformation.rule("Cell", to="Statement", lazy=True)
def statement(t: Context, cell: Cell, statement: Statement, *, index: int, unit: Unit) -> None:
    """One top-level statement with its def-use facts."""
    reading = t.facts.reading
    symbols = t.facts.symbols
    workflow = t.target_metamodel
    statement.text = unit.text
    statement.cell = cell
    statement.cellNumber, statement.firstLine, statement.lastLine = unit.cell, unit.line, unit.last_line
    statement.kind = getattr(workflow.StatementKind, _kind(unit))
    statement.placement = getattr(workflow.Placement, unit.placement)
    evidence = reading.evidence[index]
    if evidence is not None:
        statement.stage = getattr(workflow.Stage, evidence.stage)
        statement.score = float(evidence.score)
        statement.evidence = evidence.source
    statement.named = unit.named or None
    statement.echo, statement.endsCell, statement.timed = unit.echo, unit.ends_cell, unit.timed
    facts = unit.facts
    for feature, names in (
        (statement.reads, facts.reads),
        (statement.binds, facts.binds),
        (statement.deletes, facts.deletes),
        (statement.maybeBinds, [name for name in facts.maybe_binds if name not in facts.binds]),
        (statement.captures, dict.fromkeys((*facts.captures, *reading.program.annotated(unit)))),
        (statement.mutates, reading.mutated[index]),
    ):
        feature.extend([symbols[name] for name in names if name in symbols])
    statement.touches.extend([t.facts.resources[name] for name in unit.resources if name != UNKNOWN])
    for file in reading.files[index]:
        statement.files.append(t.make("file_expression", cell, key=(index, file.start), file=file))
        if file.returned and unit.echo:
            path = unit.text[file.start : file.end]
            literal = isinstance(_value(path), str)
            if file.returned == "list":
                statement.shown = f"[{path}]" if literal else f"[str({path})]"
            elif literal and "." in path.rpartition("/")[2]:  # no folder, of which a file in it would be given back
                statement.shown = path
    for keep in reading.served.keeps if reading.served else ():
        if keep.unit == index:
            statement.keeps.append(t.make("kept", cell, key=keep.name, keep=keep))
    statement.mayDraw = "matplotlib" in unit.resources or UNKNOWN in unit.resources


@transformation.rule("Cell", to="FileExpression", lazy=True)
def file_expression(t: Context, cell: Cell, expression: FileExpressionElement, *, file: FileExpression) -> None:
    """An expression that is a path."""
    expression.start, expression.end = file.start, file.end


@transformation.rule("Cell", to="Symbol", lazy=True)
def symbol(t: Context, cell: Cell, symbol: Symbol, *, name: str) -> None:
    """A name that the notebook binds."""
    reading = t.facts.reading
    workflow = t.target_metamodel
    symbol.name = name
    unit = reading.program.units[reading.program.bindings[name][0]]
    kind = _kind(unit)
    symbol.kind = getattr(workflow.SymbolKind, kind if kind in ("import", "function", "class") else "variable")
    sharing = reading.program.sharing.get(name)
    symbol.sharing = getattr(workflow.Sharing, sharing.how if sharing else "passed")
    symbol.reason = sharing.reason if sharing and sharing.reason else None
    known = reading.types.get(name, "")
    symbol.type = known or None
    symbol.provenance = workflow.Provenance.inferred if known else workflow.Provenance.unknown


@transformation.rule("Cell", to="Symbol", lazy=True)
def kept_symbol(t: Context, cell: Cell, symbol: Symbol, *, keep: learning.Keep) -> None:
    """A name that is added, to keep a value."""
    workflow = t.target_metamodel
    symbol.name = keep.name
    symbol.kind, symbol.sharing = workflow.SymbolKind.variable, workflow.Sharing.passed
    symbol.type = keep.type or None
    symbol.provenance = workflow.Provenance.inferred if keep.type else workflow.Provenance.unknown


@transformation.rule("Cell", to="Kept", lazy=True)
def kept(t: Context, cell: Cell, kept: Kept, *, keep: learning.Keep) -> None:
    """A value that the service needs and that has no name at the end."""
    kept.expression, kept.start, kept.end, kept.copied = keep.expression or None, keep.start, keep.end, keep.changed
    kept.symbol = t.facts.symbols[keep.name]


@transformation.rule("Value", to="Value", lazy=True)
def value(t: Context, source: RecordedValue, value: Value, *, symbol: Symbol | None = None) -> None:
    """What a run recorded of a value."""
    value.symbol = symbol
    value.provenance = t.target_metamodel.Provenance.recorded
    value.type, value.dtype = source.type, source.dtype
    value.minimum, value.maximum = source.minimum, source.maximum
    value.shape.extend(source.shape)
    value.columns.extend([t.make("column", column) for column in source.columns])


@transformation.rule("Column", to="Column", lazy=True)
def column(t: Context, source: RecordedColumn, column: Column) -> None:
    """A column of recorded values."""
    column.name, column.dtype, column.kind = source.name, source.dtype, source.kind
    column.missing, column.minimum, column.maximum = source.missing, source.minimum, source.maximum
    column.categories.extend(source.categories)


@transformation.rule("Notebook", to="Resource", lazy=True)
def resource(t: Context, notebook: Notebook, resource: Resource, *, name: str) -> None:
    """A pseudo-variable."""
    resource.name = name


@transformation.rule("Cell", to="Step", lazy=True)
def step(t: Context, cells: tuple[Cell, ...], step: Step, *, number: int, statements: list[Statement]) -> None:
    """A run of statements with one purpose."""
    reading = t.facts.reading
    segment = reading.segments[number]
    inputs, outputs = reading.interfaces[number]
    step.name = segment.name
    step.title = segment.title
    step.prose = "\n\n".join(segment.prose)
    step.stage = getattr(t.target_metamodel.Stage, segment.stage)
    step.statements.extend(statements)
    step.inputs.extend([t.facts.symbols[name] for name in inputs])
    step.outputs.extend([t.facts.symbols[name] for name in outputs])
    _recorded(t, step, sorted(t.facts.places[id(unit)] for unit in segment.units))
    step.exploration = (
        segment.stage == "explore"
        and not outputs
        and not any(
            unit.facts.captures
            or {"numpy.random", "random", "torch.random", "files", "options", "cwd", "environment", UNKNOWN}
            & set(unit.resources)
            or any(reading.program.is_state(name) for name in unit.facts.all_bound)
            for unit in segment.units
        )
    )


@transformation.rule("Cell", to="Setting", lazy=True)
def setting(t: Context, cell: Cell, setting: Setting, *, index: int, literal: settings.Literal) -> None:
    """A literal for the configuration."""
    setting.name = literal.name
    setting.value = settings.as_json(literal.value)
    setting.type = literal.type
    setting.role = getattr(t.target_metamodel.Role, literal.role)
    setting.call = literal.call or None
    setting.start, setting.end = literal.start, literal.end
    setting.statement = t.facts.statements[index]
    if literal.role == "path":
        setting.dataset = t.facts.datasets.get(literal.value)


@transformation.rule("Element", to="DataSet", lazy=True)
def dataset(
    t: Context,
    sources: Asset | Notebook | tuple[Asset | Notebook | Cell, ...],
    dataset: DataSet,
    *,
    path: str,
    name: str,
    asset: Asset | None,
    uses: list[PathUse],
) -> None:
    """A file that the code names."""
    workflow = t.target_metamodel
    if asset is not None and asset.kind.name == "marker" and any(use.direction != "input" for use in uses):
        asset = None  # what is written is more than asked for
    dataset.path, dataset.name, dataset.asset = path, name, asset
    means = t.facts.reading.paths.means(path)
    dataset.meant = means if means != patterns.normal(path) else None
    first = uses[0].direction if uses else "input"
    paths = t.facts.reading.paths
    if asset is None and not uses and any(below(path, machine) for machine in paths.machines):
        first = "output"
    every = {use.direction for use in uses} or {first}
    if path in paths.folders:  # files in it are written
        first, every = "output", every - {"both"} | {"output"}
    dataset.direction = (
        workflow.Direction.input
        if every == {"input"}
        else (workflow.Direction.output if first == "output" else workflow.Direction.both)
    )
    dataset.rereads = first == "output" and "input" in every
    dataset.made = asset is None and dataset.direction == workflow.Direction.input and paths.may_be_made(path)
    dataset.inPlace = asset is not None and asset.path in t.facts.reading.paths.in_place
    dataset.listed = any(use.lists for use in uses) or (asset is not None and t.facts.reading.paths.lists_unknown)
    suffix = path.rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
    dataset.format = suffix if re.fullmatch(r"[a-z0-9]{1,8}", suffix) else None
    dataset.model = t.facts.reading.saved.is_model(path, [use.call for use in uses])
    dataset.statements.extend([t.facts.statements[index] for index in dict.fromkeys(use.unit for use in uses)])


@transformation.rule("Element", to="ImportedModule", lazy=True)
def module(t: Context, source: Cell | Notebook, module: ImportedModule, *, imported: Imported) -> None:
    """A module that is imported, with the distribution that installs it."""
    module.name, module.reason = imported.name, imported.reason or None
    module.distribution = imported.distribution or None
    module.version, module.specifier = imported.version or None, imported.specifier or None
    module.extras.extend(imported.extras)
    module.verified, module.standardLibrary = imported.verified, imported.standard_library
    module.local, module.tried = imported.local, imported.tried


@transformation.rule("Cell", to="TrainedModel", lazy=True)
def trained_model(t: Context, cell: Cell, model: TrainedModel, *, fitted: learning.Fitted) -> None:
    """An estimator that is fitted."""
    reading = t.facts.reading
    symbols = t.facts.symbols
    recorded = t.facts.recorded
    known = recorded.value(fitted.name)
    estimator = known.type if known is not None else fitted.estimator
    model.estimator = estimator or None
    task = learning.estimator_task(reading.program.table, estimator or "") if known is not None else fitted.task
    model.task = getattr(t.target_metamodel.Task, learning.workflow_task(task))
    for feature, found in (
        ("inputs", recorded.goes_in(fitted)),
        ("fitted", recorded.fitted_with(fitted)),
        ("predicted", recorded.predicts_from(fitted)),
    ):
        if found is not None:
            setattr(model, feature, t.make("value", found, key=(feature, fitted.name)))
    model.symbol = symbols[fitted.name]
    model.fit = t.facts.statements[fitted.unit]
    model.features, model.target = symbols.get(fitted.features), symbols.get(fitted.target)
    model.transformers.extend([symbols[name] for name in fitted.transformers if name in symbols])
    model.probability = fitted.probability
    model.unserved = reading.unserved[fitted.name] or None
    if reading.served is not None and reading.served.model is fitted:
        model.served, model.reason = True, reading.served.reason
        model.array, model.dense = reading.served.array, reading.served.dense


@transformation.rule("Cell", to="Metric", lazy=True)
def metric(t: Context, cell: Cell, metric: Metric, *, measured: learning.Measured) -> None:
    """A quality figure."""
    metric.name = measured.metric
    metric.statement = t.facts.statements[measured.unit]
    metric.symbol = t.facts.symbols.get(measured.name)


@transformation.rule("Cell", to="Figure", lazy=True)
def figure(t: Context, cell: Cell, figure: Figure, *, number: int, index: int) -> None:
    """A plot."""
    figure.number = number
    figure.statement = t.facts.statements[index]


@transformation.rule("Element", to="Secret", lazy=True)
def secret(
    t: Context, source: Cell | Notebook, element: Secret, *, secret: secret_removal.Secret, statements: list[Statement]
) -> None:
    """A value that the code must not hold."""
    element.name, element.kind, element.value = secret.name, secret.kind, secret.value or None
    element.cellNumber, element.line = secret.places[0]
    element.statements.extend(statements)


@transformation.rule("Notebook", to="RuntimeName", lazy=True)
def runtime_name(t: Context, notebook: Notebook, runtime: RuntimeName, *, name: str, alias: str) -> None:
    """A function that takes the platform's place."""
    runtime.name, runtime.alias = name, alias


@transformation.rule("Element", to="Finding", lazy=True)
def finding(t: Context, source: Cell | Notebook, finding: Finding, *, remark: Remark) -> None:
    """Something a person should know."""
    known = knowledge.table("findings", tuple(t.option("extensions", ())))["findings"]
    finding.code, finding.severity = remark.code, getattr(t.target_metamodel.Severity, known[remark.code]["severity"])
    finding.message, finding.remedy, finding.omits = remark.message, remark.remedy, remark.omits or None
    finding.cellNumber, finding.line = remark.cell, remark.line
    finding.statements.extend(
        t.facts.statements[t.facts.places[id(unit)]] for unit in remark.units if id(unit) in t.facts.places
    )


def _cells_of_step(reading: Reading, number: int) -> list[int]:
    """The cells that a step depends on: its own, those with its title and prose, that behind which it begins, and those
    of steps with the name that it would have had."""
    segment, before = reading.segments[number], reading.segments[:number][-1:]
    own = [unit.cell for unit in segment.units]
    beside = [other.units[0].cell for other in segment.beside]
    return list(dict.fromkeys([*own, *segment.told, *(other.units[-1].cell for other in before), *beside]))


def _value(text: str) -> object:
    """The value of a literal; None where it is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _kind(unit: Unit) -> str:
    if unit.nodes and all(is_import(node) for node in unit.nodes):
        return "import"
    for kinds, name in _KINDS:
        if isinstance(unit.node, kinds):
            return name
    return "control"


def _data(t: Context, reading: Reading, workflow: Workflow) -> None:
    """Data sets in the order in which the code names them; then the assets that no literal names as a whole."""
    lying = [asset for asset in reading.notebook.assets if not asset.made]
    assets: dict[str, Asset] = {}
    for asset in lying:
        for literal in (asset.path, *asset.foundFor):
            assets.setdefault(literal, asset)
    named = [literal.value for literals in reading.settings.values() for literal in literals if literal.role == "path"]
    named += [use.path for use in reading.paths.uses]
    covered = {id(assets[path]) for path in named if path in assets}
    for asset in lying:
        data = asset.kind.name in ("dataset", "other", "marker") or asset.path in reading.paths.in_place
        if data and id(asset) not in covered:
            alone = reading.paths.moves and not asset.path.startswith("..")
            named += [asset.path] if alone else list(asset.foundFor) or [asset.path]

    if reading.paths.lists_unknown and any(not asset.path.startswith("..") for asset in assets.values()):
        named.append(patterns.HERE)

    named += [*reading.paths.machines, *reading.paths.folders]

    def meant(path: str) -> str:  # the same, however it is spelled
        return str(assets[path].path) if path in assets else reading.paths.means(path)

    uses: dict[str, list[PathUse]] = {}
    for use in reading.paths.uses:
        uses.setdefault(meant(use.path), []).append(use)
    taken: set[str] = set()
    for path in dict.fromkeys(str(value) for value in named):
        file = assets.get(path)
        name = base = path_name(path)
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        found = uses.get(meant(path), [])
        cells = dict.fromkeys(reading.cells[reading.program.units[use.unit].cell] for use in found)
        sources = (file if file is not None else reading.notebook, *cells)
        t.facts.datasets[path] = t.make(
            "dataset", sources, key=path, path=path, name=name, asset=file, uses=uses.get(meant(path), [])
        )
    workflow.datasets.extend(t.facts.datasets.values())


def _learning(t: Context, reading: Reading, workflow: Workflow) -> None:
    units = reading.program.units
    for fitted in learning.models_in_order(list(reading.learning.fitted.values())):
        if fitted.name in t.facts.symbols:
            workflow.models.append(
                t.make("trained_model", reading.cells[units[fitted.unit].cell], key=fitted.name, fitted=fitted)
            )
    for number, measured in enumerate(reading.learning.metrics):
        workflow.metrics.append(
            t.make("metric", reading.cells[units[measured.unit].cell], key=number, measured=measured)
        )
    drawn = {  # the last statement of each cell that draws
        unit.cell: index for index, unit in enumerate(units) if unit.placement == "step" and unit.draws
    }
    for number, index in enumerate(drawn.values(), 1):
        workflow.figures.append(
            t.make("figure", reading.cells[units[index].cell], key=number, number=number, index=index)
        )


def _recorded(t: Context, step: Step, indexes: list[int]) -> None:
    """What a run recorded of a step."""
    recorded = t.facts.recorded
    step.seconds = recorded.seconds(indexes)
    for values, symbols, find, index in (
        (step.inputValues, step.inputs, recorded.before, indexes[0]),
        (step.outputValues, step.outputs, recorded.after, indexes[-1]),
    ):
        for symbol in symbols:
            found = find(symbol.name, index)
            if found is not None:
                values.append(t.make("value", found, key=(step.name, find.__name__), symbol=symbol))


def _values(t: Context, workflow: Workflow) -> None:
    """What a run recorded of names, and of the whole. It goes before what was inferred."""
    recorded = t.facts.recorded
    if recorded.profile is None:
        return
    workflow.seconds = recorded.profile.seconds
    passed: dict[Symbol, list[Value | None]] = {}
    for step in workflow.steps:
        for symbols, values in ((step.inputs, step.inputValues), (step.outputs, step.outputValues)):
            known = {value.symbol: value for value in values}
            for symbol in symbols:
                passed.setdefault(symbol, []).append(known.get(symbol))
    for name, symbol in t.facts.symbols.items():
        found = recorded.value(name)
        if found is None:
            continue
        symbol.lastValue = t.make("value", found, key="last", symbol=symbol)
        symbol.aliases.extend([t.facts.symbols[alias] for alias in recorded.aliases(name) if alias in t.facts.symbols])
        if all(value is not None for value in passed.get(symbol, ())):
            types = {value.type for value in passed.get(symbol, ()) if value is not None} or recorded.types(name)
            symbol.type = types.pop() if len(types) == 1 else None
            symbol.provenance = t.target_metamodel.Provenance.recorded
    columns = (t.try_resolve(column, rule="column") for column in recorded.profile.columns)
    workflow.columns.extend([column for column in columns if column is not None])


def _findings(t: Context, reading: Reading, workflow: Workflow) -> None:
    remarks = [*reading.remarks, *reading.hidden.remarks]
    table = knowledge.table("secrets", tuple(t.option("extensions", ())))
    for path in secret_removal.modules_with_secrets(reading.notebook.assets, table):
        message = f"{path} holds a secret, and comes along as it is"
        remarks.append(Remark("secret-in-module", message, remedy="let it read os.environ"))
    remarks += reading.platform.remarks
    remarks += t.facts.modules.remarks()
    for name, sharing in reading.program.sharing.items():
        if sharing.how == "state":
            message = f"{name} is kept in the state object: {sharing.reason}"
            remarks.append(Remark("name-in-state", message))
    for name, reason in reading.program.kept.items():
        unit = reading.program.units[reading.program.bindings[name][0]]
        message = f"{name} stays inside the function of its step, where no other process finds it: {reason}"
        remarks.append(at(unit, "definition-inner", message))
    for path, dataset in t.facts.datasets.items():
        found = (
            dataset.asset is not None
            or path == patterns.HERE
            or bool(patterns.matching(path, (asset.path for asset in reading.notebook.assets)))
        )
        if dataset.asset is not None and dataset.asset.outside:
            cell = dataset.statements[0].cellNumber if len(dataset.statements) else 0
            message = f"the file {path} comes along from outside the notebook's project"
            remarks.append(Remark("file-from-outside", message, cell, remedy="look whether it may be passed on"))
        made = dataset.made and reading.paths.made.covers(reading.paths.means(path))
        found = found or reading.paths.only_asked(path)
        missing = not found and not made and dataset.direction == t.target_metamodel.Direction.input
        omitted = dataset.asset is not None and dataset.asset.kind.name != "marker" and dataset.asset.omitted
        if missing or omitted:
            cell = dataset.statements[0].cellNumber if len(dataset.statements) else 0
            message = f"the file {path} does not come along" + (f": {omitted}" if omitted else "")
            remedy = "put it into data/raw and name it in the configuration"
            if dataset.made:
                remedy = "look whether a command of the notebook writes it"
            remarks.append(Remark("file-omitted" if omitted else "file-missing", message, cell, remedy=remedy))
    for number, remark in enumerate(remarks):
        source = reading.cells.get(remark.cell, reading.notebook)
        workflow.findings.append(t.make("finding", source, key=number, remark=remark))
