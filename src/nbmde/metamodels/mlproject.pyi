"""Types of the metamodel mlproject for checkers alone, made from mlproject.ecore by `nbmde metamodel types`."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from nbmde.engine.models.ecore import EEnumLiteral, EList, EObject

from . import notebook as _notebook
from . import refinement as _refinement
from . import trace as _trace
from . import workflow as _workflow


class Layout(EEnumLiteral):
    """Which tree of folders the project has."""

    mlops: ClassVar[Layout]
    basic: ClassVar[Layout]
    name: Literal["mlops", "basic"]


class ModuleKind(EEnumLiteral):
    """What a module is for: functions from the notebook's statements, functions that the notebook
    defines, a package's own file, the configuration classes, the state class, the driver, parts
    of the runtime that take the place of the notebook platform, the service, drift monitoring,
    a file that lay beside the notebook.
    """

    steps: ClassVar[ModuleKind]
    helpers: ClassVar[ModuleKind]
    package: ClassVar[ModuleKind]
    config: ClassVar[ModuleKind]
    state: ClassVar[ModuleKind]
    pipeline: ClassVar[ModuleKind]
    support: ClassVar[ModuleKind]
    serving: ClassVar[ModuleKind]
    monitoring: ClassVar[ModuleKind]
    local: ClassVar[ModuleKind]
    name: Literal[
        "steps", "helpers", "package", "config", "state", "pipeline", "support", "serving", "monitoring", "local"
    ]


class ImportGroup(EEnumLiteral):
    """Order of import blocks."""

    future: ClassVar[ImportGroup]
    standard: ClassVar[ImportGroup]
    thirdparty: ClassVar[ImportGroup]
    local: ClassVar[ImportGroup]
    name: Literal["future", "standard", "thirdparty", "local"]


class RequirementGroup(EEnumLiteral):
    """What a requirement is needed for."""

    runtime: ClassVar[RequirementGroup]
    serving: ClassVar[RequirementGroup]
    development: ClassVar[RequirementGroup]
    name: Literal["runtime", "serving", "development"]


class ParameterKind(EEnumLiteral):
    """How an argument is passed."""

    positional: ClassVar[ParameterKind]
    keyword: ClassVar[ParameterKind]
    name: Literal["positional", "keyword"]


class SettingKind(EEnumLiteral):
    """What a setting is."""

    hyperparameter: ClassVar[SettingKind]
    seed: ClassVar[SettingKind]
    split: ClassVar[SettingKind]
    path: ClassVar[SettingKind]
    constant: ClassVar[SettingKind]
    parameter: ClassVar[SettingKind]
    name: Literal["hyperparameter", "seed", "split", "path", "constant", "parameter"]


class Severity(EEnumLiteral):
    """How grave a finding is."""

    information: ClassVar[Severity]
    warning: ClassVar[Severity]
    error: ClassVar[Severity]
    name: Literal["information", "warning", "error"]


class Task(EEnumLiteral):
    """What a model does."""

    unknown: ClassVar[Task]
    classification: ClassVar[Task]
    regression: ClassVar[Task]
    clustering: ClassVar[Task]
    decomposition: ClassVar[Task]
    forecasting: ClassVar[Task]
    name: Literal["unknown", "classification", "regression", "clustering", "decomposition", "forecasting"]


class DataRole(EEnumLiteral):
    """Where a file lives in the tree."""

    raw: ClassVar[DataRole]
    processed: ClassVar[DataRole]
    external: ClassVar[DataRole]
    model: ClassVar[DataRole]
    output: ClassVar[DataRole]
    name: Literal["raw", "processed", "external", "model", "output"]


class Element(EObject):
    """Everything in a project."""

    id: str | None
    """Identifies the element in its model; letters, digits, dot, hyphen and underscore."""

    def __init__(self, *, id: str | None = None) -> None: ...


class NamedElement(Element):
    """Something with a name and a documentation."""

    name: str
    """An identifier of the language that it is written in."""
    doc: str | None
    """What it is, in plain words or Markdown; from the notebook's prose where it has any."""

    def __init__(self, *, id: str | None = None, name: str | None = None, doc: str | None = None) -> None: ...


class Project(NamedElement):
    """A Python project. Its name is the distribution's."""

    package: str
    """Name of the Python package."""
    title: str | None
    """For people."""
    version: str
    layout: Layout
    tree: str | None
    """Name of the layout, where extensions have further ones that are like one of the two."""
    pythonVersion: str
    """Lowest version of Python, and the one of the container."""
    workingFolder: str | None
    """The folder in which the code runs, from the project's folder, with forward slashes; not set
    where it is the project's folder itself. The folders above it stand for those above the
    notebook.
    """
    source: str | None
    """File name of the notebook."""
    seconds: float | None
    """How long the notebook took in a recorded run, in seconds."""
    packages: EList[Package]
    """Below the top package, and the top package itself as the first one."""
    configuration: Configuration
    """Settings that the code does not hold."""
    pipeline: Pipeline
    """The driver."""
    state: StateClass | None
    """Attributes that code reads late, if there are any."""
    runtime: EList[RuntimeFunction]
    """Functions of the runtime, and what the code of the modules calls them."""
    requirements: EList[Requirement]
    """Distributions that the project needs."""
    entryPoints: EList[EntryPoint]
    """Commands."""
    stages: EList[PipelineStage]
    """What a pipeline runner such as DVC runs."""
    service: Service | None
    """How the model is offered, if there is one to offer."""
    unserved: str | None
    """Why there is no service; not set where there is one."""
    container: Container | None
    """The image of the service or of the training run."""
    continuousIntegration: Workflow | None
    """What runs at each push."""
    tests: EList[TestModule]
    """The project's tests."""
    sections: EList[Section]
    """Of the README, in order."""
    dataFiles: EList[DataFile]
    """Files that come along."""
    places: EList[Place]
    """Where the files and folders lie that the notebook names."""
    secrets: EList[Secret]
    """Values that belong into the environment."""
    findings: EList[Finding]
    """What a person should know."""
    workflow: _workflow.Workflow | None
    """What it computes."""
    refined: EList[_refinement.Refined]
    """The refinements that have run on this model, in order."""
    trace: _trace.Trace | None
    """The links of the transformation that made this model."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        package: str | None = None,
        title: str | None = None,
        version: str | None = None,
        layout: Layout | None = None,
        tree: str | None = None,
        pythonVersion: str | None = None,
        workingFolder: str | None = None,
        source: str | None = None,
        seconds: float | None = None,
        packages: Iterable[Package] = (),
        configuration: Configuration | None = None,
        pipeline: Pipeline | None = None,
        state: StateClass | None = None,
        runtime: Iterable[RuntimeFunction] = (),
        requirements: Iterable[Requirement] = (),
        entryPoints: Iterable[EntryPoint] = (),
        stages: Iterable[PipelineStage] = (),
        service: Service | None = None,
        unserved: str | None = None,
        container: Container | None = None,
        continuousIntegration: Workflow | None = None,
        tests: Iterable[TestModule] = (),
        sections: Iterable[Section] = (),
        dataFiles: Iterable[DataFile] = (),
        places: Iterable[Place] = (),
        secrets: Iterable[Secret] = (),
        findings: Iterable[Finding] = (),
        workflow: _workflow.Workflow | None = None,
        refined: Iterable[_refinement.Refined] = (),
        trace: _trace.Trace | None = None,
    ) -> None: ...


class Package(NamedElement):
    """A Python package, by its dotted name below the top package; empty name for the top package."""

    modules: EList[Module]

    def __init__(
        self, *, id: str | None = None, name: str | None = None, doc: str | None = None, modules: Iterable[Module] = ()
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Module(NamedElement):
    """A Python module."""

    kind: ModuleKind
    starImports: bool
    """True where names may come from a star import."""
    unboundNames: bool
    """Whether annotations in the notebook's code name what nothing binds, as units of measure do."""
    imports: EList[Import]
    """In order."""
    members: EList[Member]
    """In order."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        kind: ModuleKind | None = None,
        starImports: bool | None = None,
        unboundNames: bool | None = None,
        imports: Iterable[Import] = (),
        members: Iterable[Member] = (),
    ) -> None: ...
    def eContainer(self) -> Package: ...


class Occurrence(Element):
    """A name in the text of an element that another element has. The text stays as it is; what is
    generated says there what the element is called now.
    """

    element: NamedElement
    """What the name means."""
    feature: str
    """What of it stands there: an attribute such as name, className or alias; path for the dotted
    name of a module; home for that of the module in which it stands.
    """
    found: str
    """The name as the text has it."""
    places: EList[int]
    """Offsets in the text at which it stands, in code points."""
    imported: EList[int]
    """Offsets behind the name of what an import binds under its own name: another one follows
    there with as.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        element: NamedElement | None = None,
        feature: str | None = None,
        found: str | None = None,
        places: Iterable[int] = (),
        imported: Iterable[int] = (),
    ) -> None: ...


class Import(Element):
    """One import at module level."""

    group: ImportGroup
    text: str
    """The statement, for example import numpy as np; may be a try statement."""
    module: str | None
    """Dotted name that is imported from."""
    forAnnotations: bool
    """True where nothing but annotations needs it."""
    occurrences: EList[Occurrence]
    """The names in its text that elements of the project have."""

    def __init__(
        self,
        *,
        id: str | None = None,
        group: ImportGroup | None = None,
        text: str | None = None,
        module: str | None = None,
        forAnnotations: bool | None = None,
        occurrences: Iterable[Occurrence] = (),
    ) -> None: ...
    def eContainer(self) -> Module: ...


class Member(NamedElement):
    """Part of a module."""

    def __init__(self, *, id: str | None = None, name: str | None = None, doc: str | None = None) -> None: ...
    def eContainer(self) -> Module: ...


class Definition(Member):
    """A function, class or constant as the notebook defines it, except for arguments added and
    names qualified.
    """

    text: str
    """Python source."""
    statement: _workflow.Statement | None
    """Where it comes from."""
    occurrences: EList[Occurrence]
    """The names in its text that elements of the project have."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        text: str | None = None,
        statement: _workflow.Statement | None = None,
        occurrences: Iterable[Occurrence] = (),
    ) -> None: ...
    def eContainer(self) -> Module: ...


class Preparation(Member):
    """What is done when the package is imported, before any library is."""

    text: str
    """Python source."""
    statement: _workflow.Statement | None
    """Where it comes from."""
    occurrences: EList[Occurrence]
    """The names in its text that elements of the project have."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        text: str | None = None,
        statement: _workflow.Statement | None = None,
        occurrences: Iterable[Occurrence] = (),
    ) -> None: ...
    def eContainer(self) -> Module: ...


class Function(Member):
    """A function made of a step."""

    title: str | None
    """One line for the docstring."""
    asynchronous: bool
    """True where a statement awaits."""
    cells: str | None
    """The cells it comes from, for people: 3 to 5."""
    exploration: bool
    """True where it can be switched off."""
    seconds: float | None
    """How long its cells took in a recorded run, in seconds."""
    parameters: EList[Parameter]
    """In order."""
    results: EList[Result]
    """In order."""
    fragments: EList[Fragment]
    """Its body, in order."""
    step: _workflow.Step | None
    """Where it comes from."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        title: str | None = None,
        asynchronous: bool | None = None,
        cells: str | None = None,
        exploration: bool | None = None,
        seconds: float | None = None,
        parameters: Iterable[Parameter] = (),
        results: Iterable[Result] = (),
        fragments: Iterable[Fragment] = (),
        step: _workflow.Step | None = None,
    ) -> None: ...
    def eContainer(self) -> Module: ...


class Parameter(NamedElement):
    """An argument of a function."""

    kind: ParameterKind
    type: str | None
    """A Python annotation."""
    symbol: _workflow.Symbol | None
    """The variable whose value it takes; not set for the configuration and the state."""
    section: SettingsClass | None
    """The settings that it takes; not set for a variable or the state."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        kind: ParameterKind | None = None,
        type: str | None = None,
        symbol: _workflow.Symbol | None = None,
        section: SettingsClass | None = None,
    ) -> None: ...
    def eContainer(self) -> Function: ...


class Result(NamedElement):
    """A value that a function returns; its name is that of the local variable."""

    type: str | None
    """A Python annotation."""
    symbol: _workflow.Symbol | None
    """The variable whose value it gives."""
    parameter: Parameter | None
    """The parameter that it gives back, by the name that it has; not set where the function binds
    the variable itself.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        type: str | None = None,
        symbol: _workflow.Symbol | None = None,
        parameter: Parameter | None = None,
    ) -> None: ...
    def eContainer(self) -> Function: ...


class Fragment(Element):
    """Consecutive lines of a function's body."""

    text: str
    """Python source, not indented."""
    statement: _workflow.Statement | None
    """Where it comes from, if it does."""
    occurrences: EList[Occurrence]
    """The names in its text that elements of the project have."""

    def __init__(
        self,
        *,
        id: str | None = None,
        text: str | None = None,
        statement: _workflow.Statement | None = None,
        occurrences: Iterable[Occurrence] = (),
    ) -> None: ...
    def eContainer(self) -> Function: ...


class CellEnd(Fragment):
    """Shows the figures that are open and closes them, as a notebook does where a cell ends."""

    def __init__(
        self,
        *,
        id: str | None = None,
        text: str | None = None,
        statement: _workflow.Statement | None = None,
        occurrences: Iterable[Occurrence] = (),
    ) -> None: ...
    def eContainer(self) -> Function: ...


class Pipeline(NamedElement):
    """The driver: calls the functions in the notebook's order and passes references."""

    asynchronous: bool
    """True where a step awaits."""
    figures: bool
    """True where figures are drawn."""
    configName: str
    """What the driver calls the settings; differs where the notebook uses the name."""
    pathsName: str
    """What functions call the paths that they read."""
    rootName: str
    """What the driver calls the project's folder."""
    stateName: str
    """What the driver calls the state object."""
    decoratorName: str
    """What modules call the decorator of functions that are made of steps: a name that their code
    binds nowhere.
    """
    calls: EList[Call]
    """In order."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        asynchronous: bool | None = None,
        figures: bool | None = None,
        configName: str | None = None,
        pathsName: str | None = None,
        rootName: str | None = None,
        stateName: str | None = None,
        decoratorName: str | None = None,
        calls: Iterable[Call] = (),
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Call(Element):
    """One call in the driver."""

    module: str
    """Dotted name of the module that holds the function, below the top package."""
    arguments: EList[str]
    """Expressions, in the order of the parameters."""
    results: EList[str]
    """Local names that take the results."""
    optional: bool
    """True where the configuration may switch it off."""
    function: Function

    def __init__(
        self,
        *,
        id: str | None = None,
        module: str | None = None,
        arguments: Iterable[str] = (),
        results: Iterable[str] = (),
        optional: bool | None = None,
        function: Function | None = None,
    ) -> None: ...
    def eContainer(self) -> Pipeline: ...


class StateClass(NamedElement):
    """A class with the names that must be read late."""

    attributes: EList[Attribute]
    catchesNameError: bool
    """The code asks by NameError whether a variable is bound: then one that is not raises that,
    and else AttributeError as in any object.
    """

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        attributes: Iterable[Attribute] = (),
        catchesNameError: bool | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Attribute(NamedElement):
    """One name of the state."""

    type: str | None
    """A Python annotation."""

    def __init__(
        self, *, id: str | None = None, name: str | None = None, doc: str | None = None, type: str | None = None
    ) -> None: ...
    def eContainer(self) -> StateClass: ...


class Configuration(Element):
    """All settings, a class and a part of a YAML file for each step that has some."""

    sections: EList[SettingsClass]

    def __init__(self, *, id: str | None = None, sections: Iterable[SettingsClass] = ()) -> None: ...
    def eContainer(self) -> Project: ...


class SettingsClass(NamedElement):
    """The settings of one function; a frozen dataclass. Its name is that of the function."""

    className: str
    """In the generated configuration module."""
    settings: EList[ConfigurationSetting]
    function: Function | None
    """Whose settings they are; not set for those of several functions."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        className: str | None = None,
        settings: Iterable[ConfigurationSetting] = (),
        function: Function | None = None,
    ) -> None: ...
    def eContainer(self) -> Configuration: ...


class ConfigurationSetting(NamedElement):
    """One value."""

    type: str
    """Python type as an annotation: int, float, bool, str or Path; of a parameter of the notebook
    also Any, date, datetime, containers of these, and unions with None and others.
    """
    value: str
    """As JSON."""
    kind: SettingKind
    file: str | None
    """The YAML file that holds it: config or model_config."""
    setting: _workflow.Setting | None
    """Where it comes from."""
    literals: EList[_workflow.Setting]
    """The literals in whose places the code reads it: several where they name the same file."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        type: str | None = None,
        value: str | None = None,
        kind: SettingKind | None = None,
        file: str | None = None,
        setting: _workflow.Setting | None = None,
        literals: Iterable[_workflow.Setting] = (),
    ) -> None: ...
    def eContainer(self) -> SettingsClass: ...


class Requirement(NamedElement):
    """A distribution; its name is that on the package index."""

    specifier: str | None
    """Version bound, for example ==2.3.3; empty for any."""
    group: RequirementGroup
    verified: bool
    """False where the distribution of a module could only be guessed."""
    reason: str | None
    """Why it is needed."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        specifier: str | None = None,
        group: RequirementGroup | None = None,
        verified: bool | None = None,
        reason: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class RuntimeFunction(NamedElement):
    """A function or class of the runtime. Its name is the one that it has there, a row of
    knowledge/runtime.toml.
    """

    alias: str
    """What the code calls it: a name that nothing in the notebook has."""
    added: bool
    """True where the notebook's statements do not call it themselves."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        alias: str | None = None,
        added: bool | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class EntryPoint(NamedElement):
    """A command. Its name is what one types."""

    script: str | None
    """File below scripts."""
    target: str | None
    """module:function, below the top package."""
    module: Module | None
    """The module of the target: its name is what counts where it is set."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        script: str | None = None,
        target: str | None = None,
        module: Module | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class PipelineStage(NamedElement):
    """One stage of dvc.yaml."""

    command: str
    dependencies: EList[str]
    """Files and folders."""
    parameters: EList[str]
    """Configuration files."""
    outputs: EList[str]
    """Files and folders that it writes and that are tracked."""
    code: bool
    """Whether it depends on the code of the package, wherever that lies."""
    entry: EntryPoint | None
    """The command that it runs: its name is what counts where it is set."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        command: str | None = None,
        dependencies: Iterable[str] = (),
        parameters: Iterable[str] = (),
        outputs: Iterable[str] = (),
        code: bool | None = None,
        entry: EntryPoint | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Service(NamedElement):
    """Offers a fitted model. Its name is the model's variable in the notebook."""

    estimator: str | None
    """Class of the model."""
    task: Task
    features: str | None
    """The variable whose columns are what the service takes, before the transformers; empty where
    it is not known.
    """
    transformers: EList[str]
    """Variables of fitted transformers, in the order in which inputs go through them."""
    reason: str | None
    """Why this model, and what the user can do to name another."""
    supportsProbability: bool
    array: bool
    """True where the notebook hands over the values of the features as an array."""
    dense: bool
    """True where what the transformers give is made a dense array."""
    container: str | None
    """What the records are handed over in, as recorded: frame, series, array or records."""
    columns: EList[FeatureColumn]
    """What it takes, as recorded in a run of the notebook, in order; empty where it was not run."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        estimator: str | None = None,
        task: Task | None = None,
        features: str | None = None,
        transformers: Iterable[str] = (),
        reason: str | None = None,
        supportsProbability: bool | None = None,
        array: bool | None = None,
        dense: bool | None = None,
        container: str | None = None,
        columns: Iterable[FeatureColumn] = (),
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Container(NamedElement):
    """An image."""

    base: str | None
    """Image that it builds on."""
    port: int

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        base: str | None = None,
        port: int | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Workflow(NamedElement):
    """Continuous integration."""

    pythonVersions: EList[str]

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        pythonVersions: Iterable[str] = (),
    ) -> None: ...
    def eContainer(self) -> Project: ...


class TestModule(NamedElement):
    """A file of tests."""

    template: str
    """Which template writes it."""
    expectations: EList[Expectation]
    """What the test expects of the results of a run."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        template: str | None = None,
        expectations: Iterable[Expectation] = (),
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Section(NamedElement):
    """Of the README. Its name is the heading."""

    text: str | None
    """Markdown."""
    level: int

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        text: str | None = None,
        level: int | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class DataFile(NamedElement):
    """A file that comes along or that is written."""

    path: str
    """In the project, with forward slashes."""
    original: str | None
    """How the notebook names it."""
    role: DataRole
    written: bool
    """True where the project writes it."""
    asset: _notebook.Asset | None
    """The content, if it was found."""
    dataset: _workflow.DataSet | None

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        path: str | None = None,
        original: str | None = None,
        role: DataRole | None = None,
        written: bool | None = None,
        asset: _notebook.Asset | None = None,
        dataset: _workflow.DataSet | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Secret(NamedElement):
    """A value that must not be in code. Its name is that of the environment variable."""

    found: str | None
    """Where: cell and line."""
    value: str | None
    """The value; .env is the only file that it is written to."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        found: str | None = None,
        value: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Finding(Element):
    """What a person should know."""

    code: str
    """What it is about, by a word that stays the same however the message is worded; a row of
    knowledge/findings.toml.
    """
    severity: Severity
    message: str
    remedy: str | None
    cellNumber: int
    line: int
    statements: EList[_workflow.Statement]
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
        remedy: str | None = None,
        cellNumber: int | None = None,
        line: int | None = None,
        statements: Iterable[_workflow.Statement] = (),
        omits: str | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class Place(Element):
    """Where a file or folder lies that the notebook names."""

    original: str
    """What the notebook calls it."""
    path: str
    """In the project, with forward slashes."""
    dataset: _workflow.DataSet | None

    def __init__(
        self,
        *,
        id: str | None = None,
        original: str | None = None,
        path: str | None = None,
        dataset: _workflow.DataSet | None = None,
    ) -> None: ...
    def eContainer(self) -> Project: ...


class FeatureColumn(Element):
    """One feature of the records that a service takes. Its name is the column's, which need be no
    identifier.
    """

    name: str
    """The label of the column as text."""
    dtype: str | None
    """Its data type as the library spells it, for example int64 or category."""
    kind: str | None
    """What its values are: integer, number, boolean, text, time, or any."""
    minimum: float | None
    """The smallest number."""
    maximum: float | None
    """The largest number."""
    categories: EList[str]
    """The values of a column of text, sorted, where they are few."""
    missing: bool
    """True where values may be missing."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        dtype: str | None = None,
        kind: str | None = None,
        minimum: float | None = None,
        maximum: float | None = None,
        categories: Iterable[str] = (),
        missing: bool | None = None,
    ) -> None: ...
    def eContainer(self) -> Service: ...


class Expectation(NamedElement):
    """A value that a run leaves behind, as it was in a recorded run. Its name is the variable's."""

    type: str | None
    """Name of its class."""
    dimensions: int | None
    """Number of dimensions of an array."""
    dtype: str | None
    """Data type of the items of an array."""
    columns: EList[str]
    """Labels of the columns of a table, as text."""
    dtypes: EList[str]
    """Data types of the columns."""

    def __init__(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        doc: str | None = None,
        type: str | None = None,
        dimensions: int | None = None,
        dtype: str | None = None,
        columns: Iterable[str] = (),
        dtypes: Iterable[str] = (),
    ) -> None: ...
    def eContainer(self) -> TestModule: ...
