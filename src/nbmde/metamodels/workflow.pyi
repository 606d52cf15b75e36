"""Types of the metamodel workflow for checkers alone, made from workflow.ecore by `nbmde metamodel types`."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from nbmde.engine.models.ecore import EEnumLiteral, EList, EObject

from . import notebook as _notebook
from . import refinement as _refinement
from . import trace as _trace


class StatementKind(EEnumLiteral):
    """The syntactic kind of a statement. A command is a magic or a shell line."""

    expression: ClassVar[StatementKind]
    assignment: ClassVar[StatementKind]
    function: ClassVar[StatementKind]
    control: ClassVar[StatementKind]
    deletion: ClassVar[StatementKind]
    command: ClassVar[StatementKind]
    name: Literal["expression", "assignment", "import", "function", "class", "control", "deletion", "command"]


class Placement(EEnumLiteral):
    """Where a statement goes: into its step's function, to module level (imports, functions and
    classes that do not depend on the order), before the imports of all modules because
    libraries may read what it sets while they are imported, or nowhere because it concerns the
    notebook platform only.
    """

    step: ClassVar[Placement]
    module: ClassVar[Placement]
    dropped: ClassVar[Placement]
    first: ClassVar[Placement]
    name: Literal["step", "module", "dropped", "first"]


class SymbolKind(EEnumLiteral):
    """What a name is bound to."""

    variable: ClassVar[SymbolKind]
    function: ClassVar[SymbolKind]
    builtin: ClassVar[SymbolKind]
    name: Literal["variable", "import", "function", "class", "builtin"]


class Sharing(EEnumLiteral):
    """How a name reaches the code that uses it: passed from function to function, defined once at
    module level, or kept in the state object because code that runs later reads a rebound name.
    """

    passed: ClassVar[Sharing]
    module: ClassVar[Sharing]
    state: ClassVar[Sharing]
    name: Literal["passed", "module", "state"]


class Provenance(EEnumLiteral):
    """How a fact is known: not at all, by static inference, from the data file, from an
    instrumented run, or from the outputs that the notebook holds.
    """

    unknown: ClassVar[Provenance]
    inferred: ClassVar[Provenance]
    read: ClassVar[Provenance]
    recorded: ClassVar[Provenance]
    printed: ClassVar[Provenance]
    name: Literal["unknown", "inferred", "read", "recorded", "printed"]


class Severity(EEnumLiteral):
    """How grave a finding is. An error stops the pipeline."""

    information: ClassVar[Severity]
    warning: ClassVar[Severity]
    error: ClassVar[Severity]
    name: Literal["information", "warning", "error"]


class Role(EEnumLiteral):
    """What a setting is."""

    hyperparameter: ClassVar[Role]
    seed: ClassVar[Role]
    split: ClassVar[Role]
    path: ClassVar[Role]
    constant: ClassVar[Role]
    parameter: ClassVar[Role]
    name: Literal["hyperparameter", "seed", "split", "path", "constant", "parameter"]


class Direction(EEnumLiteral):
    """Whether a data set is read, written, or both."""

    input: ClassVar[Direction]
    output: ClassVar[Direction]
    both: ClassVar[Direction]
    name: Literal["input", "output", "both"]


class Task(EEnumLiteral):
    """What a model does."""

    unknown: ClassVar[Task]
    classification: ClassVar[Task]
    regression: ClassVar[Task]
    clustering: ClassVar[Task]
    decomposition: ClassVar[Task]
    forecasting: ClassVar[Task]
    name: Literal["unknown", "classification", "regression", "clustering", "decomposition", "forecasting"]


class Part(EEnumLiteral):
    """Which rows a model is measured on, seen from the model."""

    unknown: ClassVar[Part]
    training: ClassVar[Part]
    heldout: ClassVar[Part]
    both: ClassVar[Part]
    crossvalidation: ClassVar[Part]
    name: Literal["unknown", "training", "heldout", "both", "crossvalidation"]


class VersionSource(EEnumLiteral):
    """Where versions of requirements come from."""

    installed: ClassVar[VersionSource]
    recorded: ClassVar[VersionSource]
    bounded: ClassVar[VersionSource]
    name: Literal["installed", "recorded", "bounded"]


class Element(EObject):
    """Everything in a workflow."""

    id: str | None
    """Identifies the element in its model; letters, digits, dot, hyphen and underscore."""

    def __init__(self, *, id: str | None = None) -> None: ...


class Workflow(Element):
    """The straight line of steps that a notebook computes."""

    name: str
    """Name of the notebook, as an identifier with hyphens."""
    title: str | None
    """First heading of the notebook."""
    description: str | None
    """Prose below the first heading, in Markdown."""
    heading: _notebook.Cell | None
    """The cell that title and description come from; not set where the notebook has none."""
    above: int
    """How many folders above its working folder the code may lead to, by paths that no data set
    stands for.
    """
    listed: EList[str]
    """First parts of the relative paths where the code asks which files there are: in a project,
    nothing else may lie there.
    """
    seconds: float | None
    """How long the notebook took in a recorded run, in seconds."""
    steps: EList[Step]
    """In the order of execution, which is the order of the document."""
    definitions: EList[Statement]
    """Statements that stand at module level or before all modules, in the order of the document."""
    symbols: EList[Symbol]
    """Every name that the notebook binds at its top level, in order of first binding; then those
    that are added to keep something for the service.
    """
    resources: EList[Resource]
    """What is not a name but is read and changed like one."""
    modules: EList[ImportedModule]
    """Every module that is imported."""
    versions: VersionSource
    """Where the versions of all requirements come from: one source, so that they fit each other."""
    datasets: EList[DataSet]
    """Every file that the code names."""
    settings: EList[Setting]
    """Literals that belong into a configuration."""
    models: EList[TrainedModel]
    """Estimators that are fitted."""
    metrics: EList[Metric]
    """Quality figures that are computed."""
    figures: EList[Figure]
    """Plots."""
    secrets: EList[Secret]
    """Values that were in the notebook's code or text and are no more in that of the statements."""
    platform: EList[PlatformFunction]
    """Names in the statements that stand for what the notebook platform did."""
    findings: EList[Finding]
    """What a person should know about this notebook."""
    unserved: str | None
    """Why no model is served; not set where one is."""
    columns: EList[Column]
    """Of the values that are known, each that is the same in several values once."""
    notebook: _notebook.Notebook
    """Where it comes from."""
    refined: EList[_refinement.Refined]
    """The refinements that have run on this model, in order."""
    trace: _trace.Trace | None
    """The links of the transformation that made this model."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        heading: _notebook.Cell | None = None,
        above: int | None = None,
        listed: Iterable[str] = (),
        seconds: float | None = None,
        steps: Iterable[Step] = (),
        definitions: Iterable[Statement] = (),
        symbols: Iterable[Symbol] = (),
        resources: Iterable[Resource] = (),
        modules: Iterable[ImportedModule] = (),
        versions: VersionSource | None = None,
        datasets: Iterable[DataSet] = (),
        settings: Iterable[Setting] = (),
        models: Iterable[TrainedModel] = (),
        metrics: Iterable[Metric] = (),
        figures: Iterable[Figure] = (),
        secrets: Iterable[Secret] = (),
        platform: Iterable[PlatformFunction] = (),
        findings: Iterable[Finding] = (),
        unserved: str | None = None,
        columns: Iterable[Column] = (),
        notebook: _notebook.Notebook | None = None,
        refined: Iterable[_refinement.Refined] = (),
        trace: _trace.Trace | None = None,
    ) -> None: ...


class Step(Element):
    """A contiguous run of statements with one purpose; becomes a function."""

    name: str
    """A Python identifier, unique in the workflow."""
    title: str | None
    """The heading above it, or a description of the stage."""
    prose: str | None
    """The notebook's own Markdown that precedes its statements."""
    stage: str
    """What the step is for: the key of a row of [stages] in layout.toml."""
    exploration: bool
    """True where nothing that is saved, fitted, measured or predicted depends on it."""
    statements: EList[Statement]
    """In order; of a step of a workflow, at least one."""
    inputs: EList[Symbol]
    """Names whose values it needs from before."""
    outputs: EList[Symbol]
    """Names whose values are needed after it."""
    seconds: float | None
    """How long its cells took in a recorded run, in seconds; not set where it shares a cell with
    another step.
    """
    inputValues: EList[Value]
    """What is known of the values of its inputs when it begins."""
    outputValues: EList[Value]
    """What is known of the values of its outputs at its end."""
    heading: str | None
    """The heading of the notebook under which this step is the first one."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        title: str | None = None,
        prose: str | None = None,
        stage: str | None = None,
        exploration: bool | None = None,
        statements: Iterable[Statement] = (),
        inputs: Iterable[Symbol] = (),
        outputs: Iterable[Symbol] = (),
        seconds: float | None = None,
        inputValues: Iterable[Value] = (),
        outputValues: Iterable[Value] = (),
        heading: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class Statement(Element):
    """One top-level statement of a cell."""

    text: str
    """Python source as a kernel would run it, with the comments above and behind it, not indented."""
    kind: StatementKind
    stage: str
    """What it is for: the key of a row of [stages] in layout.toml."""
    score: float
    """Weight of the evidence for the stage."""
    evidence: str | None
    """What the stage was told by, for example the name of a call."""
    placement: Placement
    cellNumber: int
    """Number of the cell in the document, from 1."""
    firstLine: int
    """In the cell's source, from 1, without the comments above."""
    lastLine: int
    """In the cell's source."""
    named: str | None
    """For a function or class that stands at module level under this name, while the workflow
    calls it by the symbol that it binds: what the name means in the notebook is decided by a
    step, which applies decorators, gives defaults, binds variables, or chooses.
    """
    echo: bool
    """True where the notebook shows the value of this expression."""
    endsCell: bool
    """True for the last statement of its cell."""
    mayDraw: bool
    """True where it draws a figure or calls something that might."""
    timed: bool
    """True where a magic reports the time that it takes."""
    shown: str | None
    """The expression that is shown in the place of the statement's value, where that would name a
    file of this machine.
    """
    occurrences: EList[Occurrence]
    """The names in its text that mean names of the notebook's top level, one for each of them."""
    files: EList[FileExpression]
    """Where its text names files to read or write."""
    keeps: EList[Kept]
    """What is kept for the service before it runs, or of what it makes."""
    cell: _notebook.Cell | None
    """The cell that it stands in."""
    reads: EList[Symbol]
    """Names whose value before the statement it may use."""
    binds: EList[Symbol]
    """Names that it surely binds."""
    maybeBinds: EList[Symbol]
    """Names that it binds on some path only."""
    deletes: EList[Symbol]
    """Names that it unbinds."""
    mutates: EList[Symbol]
    """Names whose object it changes in place, as far as known."""
    captures: EList[Symbol]
    """Names that are read only when code defined here runs, perhaps later."""
    touches: EList[Resource]
    """Resources that it uses or changes."""
    number: int
    """Its place among all statements of the notebook, from 0."""
    parameter: bool
    """Whether it binds parameters of the notebook, which the notebook's platform asks a person or
    a program for.
    """
    pinned: bool
    """True for an import that stays in its step whatever it imports."""
    beside: EList[str]
    """For a star import: names that statements behind it import from its module, each by itself."""
    replaced: str | None
    """The statement with defaults of parameters in the place of which this one stands, as a run
    set them.
    """
    step: Step | None
    """The step that it is in; none for one that stands at module level."""
    calls: EList[Call]
    """The calls in its text by which something is decided: that have a kind, that a name is bound
    to, or whose arguments are settings or paths. In the order of their ends.
    """
    settings: EList[Setting]
    """Literals in its text that belong into a configuration. Follows from their statements."""
    datasets: EList[DataSet]
    """What it names of files. Follows from their statements."""

    def __init__(
        self,
        *,
        id: str | None = None,
        text: str | None = None,
        kind: StatementKind | None = None,
        stage: str | None = None,
        score: float | None = None,
        evidence: str | None = None,
        placement: Placement | None = None,
        cellNumber: int | None = None,
        firstLine: int | None = None,
        lastLine: int | None = None,
        named: str | None = None,
        echo: bool | None = None,
        endsCell: bool | None = None,
        mayDraw: bool | None = None,
        timed: bool | None = None,
        shown: str | None = None,
        occurrences: Iterable[Occurrence] = (),
        files: Iterable[FileExpression] = (),
        keeps: Iterable[Kept] = (),
        cell: _notebook.Cell | None = None,
        reads: Iterable[Symbol] = (),
        binds: Iterable[Symbol] = (),
        maybeBinds: Iterable[Symbol] = (),
        deletes: Iterable[Symbol] = (),
        mutates: Iterable[Symbol] = (),
        captures: Iterable[Symbol] = (),
        touches: Iterable[Resource] = (),
        number: int | None = None,
        parameter: bool | None = None,
        pinned: bool | None = None,
        beside: Iterable[str] = (),
        replaced: str | None = None,
        step: Step | None = None,
        calls: Iterable[Call] = (),
        settings: Iterable[Setting] = (),
        datasets: Iterable[DataSet] = (),
    ) -> None: ...
    def eContainer(self) -> Step | Workflow: ...


class Occurrence(Element):
    """A name in the text of a statement. The text stays as it was written; code is the text with
    the names that the symbols have now.
    """

    symbol: Symbol | None
    """What the name means; not set for a name that nothing in the notebook binds."""
    name: str | None
    """The name, where there is no symbol."""
    places: EList[int]
    """Offsets in the text at which the name stands, in code points."""
    imported: EList[int]
    """Offsets behind the name of what an import binds under its own name: another one follows
    there with as.
    """
    fixed: str | None
    """Why the symbol can have no other name here, for example as a text says the name; not set
    where it can.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        symbol: Symbol | None = None,
        name: str | None = None,
        places: Iterable[int] = (),
        imported: Iterable[int] = (),
        fixed: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Statement: ...


class Call(Element):
    """A call in the text of a statement."""

    name: str
    """What is called: a dotted name, whatever it is imported as; a method of what is of an unknown
    type begins with a dot.
    """
    kind: str | None
    """What it is to machine learning, by the table of calls: model, search, metric, dataset, plot,
    split, persist or seed; not set for any other.
    """
    receiver: Symbol | None
    """The name whose method it is."""
    result: Symbol | None
    """The name that is bound to what it gives."""
    start: int
    """Offset in the statement's text, in characters."""
    end: int
    """Offset behind it."""
    arguments: EList[Argument]
    """In the order of the text."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        receiver: Symbol | None = None,
        result: Symbol | None = None,
        start: int | None = None,
        end: int | None = None,
        arguments: Iterable[Argument] = (),
    ) -> None: ...
    def eContainer(self) -> Statement: ...


class Argument(Element):
    """What is handed to a call. Code has the value that a literal has here; a setting goes before
    it.
    """

    keyword: str | None
    """Its name; not set where it is told by its place."""
    value: str | None
    """A literal as JSON; not set for any other expression."""
    found: str | None
    """The literal in the statement's text, as JSON."""
    symbol: Symbol | None
    """The name that it is, where it is nothing else."""
    setting: Setting | None
    """The setting that it is. Follows from the settings."""
    start: int
    """Offset in the statement's text, in characters."""
    end: int
    """Offset behind it."""
    call: Call | None
    """To which it is handed."""

    def __init__(
        self,
        *,
        id: str | None = None,
        keyword: str | None = None,
        value: str | None = None,
        found: str | None = None,
        symbol: Symbol | None = None,
        setting: Setting | None = None,
        start: int | None = None,
        end: int | None = None,
        call: Call | None = None,
    ) -> None: ...
    def eContainer(self) -> Call: ...


class FileExpression(Element):
    """An expression whose value is the path of a file."""

    start: int
    """Offset in the statement's text, in characters."""
    end: int
    """Offset behind it."""
    setting: Setting | None
    """The literal that it is, if it is one."""
    path: str | None
    """The path, where it is written out."""
    argument: Argument | None
    """The argument of a call that it is, or is a part of."""

    def __init__(
        self,
        *,
        id: str | None = None,
        start: int | None = None,
        end: int | None = None,
        setting: Setting | None = None,
        path: str | None = None,
        argument: Argument | None = None,
    ) -> None: ...
    def eContainer(self) -> Statement: ...


class Kept(Element):
    """A value that the service needs and that the notebook has under no name at its end: its name
    is bound again, or it never had one.
    """

    expression: str | None
    """What it is at that place; empty where the expression from start to end is given the name."""
    start: int
    """Offset in the text of the statement, in characters: of the line before which it is kept, or
    of the expression.
    """
    end: int
    """Offset behind the expression; 0 where a line of its own keeps it."""
    copied: bool
    """True where a copy is kept, as the notebook changes it in place later."""
    symbol: Symbol
    """The new name that holds it from there on."""

    def __init__(
        self,
        *,
        id: str | None = None,
        expression: str | None = None,
        start: int | None = None,
        end: int | None = None,
        copied: bool | None = None,
        symbol: Symbol | None = None,
    ) -> None: ...
    def eContainer(self) -> Statement: ...


class Symbol(Element):
    """A name at the notebook's top level."""

    name: str
    """What generated code calls it: the name that the notebook has, until another one is wanted."""
    found: str | None
    """What the texts of statements call it; set once occurrences are linked. Where the name is
    another one, code says that name at each occurrence.
    """
    kind: SymbolKind
    sharing: Sharing
    type: str | None
    """Qualified name of its type, or empty."""
    provenance: Provenance
    """How the type is known."""
    reason: str | None
    """Why it is shared that way, where it is not passed."""
    definition: Statement | None
    """The only statement that binds it, if there is just one."""
    captured: EList[Symbol]
    """For a function: names that it and the functions it calls need as further arguments. For a
    class: names that its methods need, which are bound to it.
    """
    aliases: EList[Symbol]
    """Other names that held the same object at some time of a recorded run."""
    lastValue: Value | None
    """What is known of its value at the end of the notebook."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        found: str | None = None,
        kind: SymbolKind | None = None,
        sharing: Sharing | None = None,
        type: str | None = None,
        provenance: Provenance | None = None,
        reason: str | None = None,
        definition: Statement | None = None,
        captured: Iterable[Symbol] = (),
        aliases: Iterable[Symbol] = (),
        lastValue: Value | None = None,
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class Resource(Element):
    """A pseudo-variable: random generators, matplotlib's state, files, working directory,
    environment, library options.
    """

    name: str

    def __init__(self, *, id: str | None = None, name: str | None = None) -> None: ...
    def eContainer(self) -> Workflow: ...


class ImportedModule(Element):
    """A module that the notebook imports."""

    name: str
    """Dotted name."""
    distribution: str | None
    """What installs it; empty for the standard library, local modules and where nothing tells."""
    version: str | None
    """The version that is installed where the notebook was read."""
    specifier: str | None
    """A version bound that the notebook's project declares or that the calls in it need."""
    verified: bool
    """True where it is known what the module is: part of Python, a file beside the notebook, or of
    a distribution that a table, the installed metadata, a requirements file or an install line
    of the notebook names. Where it is not, no distribution is required for it.
    """
    standardLibrary: bool
    local: bool
    """True for a file beside the notebook."""
    tried: bool
    """True where the notebook goes on without it (try and except ImportError)."""
    extras: EList[str]
    """Optional features of the distribution that the notebook installs."""
    reason: str | None
    """Why the distribution is needed where the notebook does not import it; not set where it does."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        distribution: str | None = None,
        version: str | None = None,
        specifier: str | None = None,
        verified: bool | None = None,
        standardLibrary: bool | None = None,
        local: bool | None = None,
        tried: bool | None = None,
        extras: Iterable[str] = (),
        reason: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class DataSet(Element):
    """A file or folder that the code names by a literal."""

    path: str
    """As the code says it."""
    name: str
    """A Python identifier, unique among the data sets."""
    direction: Direction
    format: str | None
    """Suffix without the dot."""
    meant: str | None
    """The path from the working folder, where the code says an absolute one of a machine on which
    that folder is known; not set for any other.
    """
    rereads: bool
    """True where the code reads back what it has written."""
    made: bool
    """True where a command of a shell may write it, or a call that unpacks or fetches files: it
    lies where these put it.
    """
    listed: bool
    """True where the code asks which files there are: in the folder, of the pattern, or perhaps
    beside the file.
    """
    inPlace: bool
    """True where a command outside Python names it, which finds it where it lay beside the
    notebook.
    """
    model: bool
    """True for a persisted estimator."""
    asset: _notebook.Asset | None
    """The file itself, if it was found."""
    statements: EList[Statement]
    """That name it."""

    def __init__(
        self,
        *,
        id: str | None = None,
        path: str | None = None,
        name: str | None = None,
        direction: Direction | None = None,
        format: str | None = None,
        meant: str | None = None,
        rereads: bool | None = None,
        made: bool | None = None,
        listed: bool | None = None,
        inPlace: bool | None = None,
        model: bool | None = None,
        asset: _notebook.Asset | None = None,
        statements: Iterable[Statement] = (),
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class Setting(Element):
    """A literal that a person would want to change without touching code."""

    name: str
    """A Python identifier, unique in its step."""
    value: str
    """As JSON."""
    type: str
    """Python type as an annotation: int, float, bool, str; of a parameter also Any, date,
    datetime, containers of these, and unions with None and others.
    """
    role: Role
    start: int
    """Offset of the literal in the statement's text, in characters."""
    end: int
    """Offset behind the literal."""
    statement: Statement
    """That holds the literal."""
    dataset: DataSet | None
    """For a path: what it leads to."""
    argument: Argument | None
    """The argument that it is; none where a name is bound to it."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        value: str | None = None,
        type: str | None = None,
        role: Role | None = None,
        start: int | None = None,
        end: int | None = None,
        statement: Statement | None = None,
        dataset: DataSet | None = None,
        argument: Argument | None = None,
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class TrainedModel(Element):
    """An estimator that is fitted."""

    estimator: str | None
    """Resolved name of its class, if known."""
    task: Task
    probability: bool
    """True where the notebook asks it for probabilities."""
    served: bool
    """True for the one that the service offers."""
    reason: str | None
    """Why this one is served."""
    unserved: str | None
    """Why it cannot be served; not set where it could be."""
    symbol: Symbol
    """The name that holds it at the end."""
    fit: Statement | None
    """Where it is fitted."""
    features: Symbol | None
    """What it is fitted on, before the transformers: the first table on the way to it."""
    target: Symbol | None
    """What it learns to predict."""
    transformers: EList[Symbol]
    """Fitted transformers that its inputs go through, in order."""
    array: bool
    """True where it is fitted with the values of the features as an array, without their names."""
    dense: bool
    """True where what the transformers give is made a dense array."""
    inputs: Value | None
    """What is known of what goes in before the transformers."""
    fitted: Value | None
    """What is known of what it is fitted with."""
    predicted: Value | None
    """What is known of what it predicts from."""
    datasets: EList[DataSet]
    """What it is fitted to was read from these."""
    metrics: EList[Metric]
    """What measures it. Follows from their models."""
    call: Call | None
    """The call that makes the estimator, before it is fitted; its arguments are the hyper-
    parameters that the notebook sets.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        estimator: str | None = None,
        task: Task | None = None,
        probability: bool | None = None,
        served: bool | None = None,
        reason: str | None = None,
        unserved: str | None = None,
        symbol: Symbol | None = None,
        fit: Statement | None = None,
        features: Symbol | None = None,
        target: Symbol | None = None,
        transformers: Iterable[Symbol] = (),
        array: bool | None = None,
        dense: bool | None = None,
        inputs: Value | None = None,
        fitted: Value | None = None,
        predicted: Value | None = None,
        datasets: Iterable[DataSet] = (),
        metrics: Iterable[Metric] = (),
        call: Call | None = None,
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class Metric(Element):
    """A quality figure."""

    name: str
    """Of the metric, for example accuracy_score."""
    symbol: Symbol | None
    """The name that holds it, if any."""
    statement: Statement | None
    """Where it is computed."""
    model: TrainedModel | None
    """The model that it measures, if a name holds it at the end; of a repeated fit what is fitted."""
    data: Symbol | None
    """The name that holds what the model predicts from, before the transformers where these are
    applied on the way.
    """
    target: Symbol | None
    """The name that holds the true values."""
    part: Part
    """Which rows these are."""
    datasets: EList[DataSet]
    """What the data were read from."""
    value: float | None
    """The figure, where it is a number that is known; as precise as it was printed."""
    provenance: Provenance
    """How the value is known."""
    call: Call | None
    """The call that computes it; in a function it may compute several."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        symbol: Symbol | None = None,
        statement: Statement | None = None,
        model: TrainedModel | None = None,
        data: Symbol | None = None,
        target: Symbol | None = None,
        part: Part | None = None,
        datasets: Iterable[DataSet] = (),
        value: float | None = None,
        provenance: Provenance | None = None,
        call: Call | None = None,
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class Figure(Element):
    """A plot that the notebook shows."""

    number: int
    """In order of appearance, from 1."""
    statement: Statement | None
    """The last statement that draws it."""

    def __init__(
        self, *, id: str | None = None, number: int | None = None, statement: Statement | None = None
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class Finding(Element):
    """Something a person should know."""

    code: str
    """What it is about, by a word that stays the same however the message is worded; a row of
    knowledge/findings.toml.
    """
    severity: Severity
    message: str
    cellNumber: int
    """From 1; 0 for the whole notebook."""
    line: int
    """In the cell, from 1; 0 for the whole cell."""
    remedy: str | None
    """What to do about it."""
    statements: EList[Statement]
    """That it is about, as far as the project has them."""
    omits: str | None
    """An expression of the notebook that the project does not have, in plain Python; nothing where
    the project has all.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        code: str | None = None,
        severity: Severity | None = None,
        message: str | None = None,
        cellNumber: int | None = None,
        line: int | None = None,
        remedy: str | None = None,
        statements: Iterable[Statement] = (),
        omits: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class Secret(Element):
    """A token, a key or a password in the notebook. Statements read it from the environment; in
    comments and prose it is left out.
    """

    name: str
    """Of the environment variable; unique among the secrets that statements read."""
    kind: str
    """What it is, for example AWS Access Key."""
    value: str | None
    """What the environment variable holds; nothing for a secret that no statement reads."""
    cellNumber: int
    """Where it stands first, from 1; 0 if that is not known."""
    line: int
    """In the cell, from 1; 0 if that is not known."""
    statements: EList[Statement]
    """That read it."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        value: str | None = None,
        cellNumber: int | None = None,
        line: int | None = None,
        statements: Iterable[Statement] = (),
    ) -> None: ...
    def eContainer(self) -> Workflow: ...


class PlatformFunction(Element):
    """What the notebook platform did where the text of a statement now calls a function: a shell
    line, a magic, a question to a person. A target says what it does instead.
    """

    name: str
    """Which one it is: a row of [functions] in knowledge/runtime.toml."""
    alias: str
    """What the statements call it; differs where the notebook uses the name itself."""

    def __init__(self, *, id: str | None = None, name: str | None = None, alias: str | None = None) -> None: ...
    def eContainer(self) -> Workflow: ...


class Value(Element):
    """What is known of a value at some point of the workflow."""

    symbol: Symbol | None
    """The name that holds it, if it has one."""
    provenance: Provenance
    """How it is known."""
    type: str | None
    """Its class with the types of its items where these agree, as an expression of qualified
    names: list[str], dict[str, float], pandas.DataFrame; __main__ stands for the notebook
    itself.
    """
    shape: EList[int]
    """Its size along each dimension; of a list or the like its length."""
    dtype: str | None
    """The data type of its items, for example float64."""
    minimum: float | None
    """The smallest of its numbers, of an array."""
    maximum: float | None
    """The largest of its numbers, of an array."""
    columns: EList[Column]
    """Of a table, in order."""

    def __init__(
        self,
        *,
        id: str | None = None,
        symbol: Symbol | None = None,
        provenance: Provenance | None = None,
        type: str | None = None,
        shape: Iterable[int] = (),
        dtype: str | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        columns: Iterable[Column] = (),
    ) -> None: ...
    def eContainer(self) -> Step | Symbol | TrainedModel: ...


class Column(Element):
    """A column of a table as it is at some point."""

    name: str
    """Its label as text; of the features of an array feature_0 and so on."""
    dtype: str | None
    """Its data type as the library spells it, for example int64 or category."""
    kind: str | None
    """What its values are: integer, number, boolean, text, time, or any."""
    missing: int | None
    """How many values are missing."""
    minimum: float | None
    """The smallest number."""
    maximum: float | None
    """The largest number."""
    categories: EList[str]
    """The values of a column of text, sorted, where they are few."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        dtype: str | None = None,
        kind: str | None = None,
        missing: int | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        categories: Iterable[str] = (),
    ) -> None: ...
    def eContainer(self) -> Workflow: ...
