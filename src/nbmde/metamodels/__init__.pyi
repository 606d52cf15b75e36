"""Metamodels with their classes, made by `nbmde metamodel types`: for checkers alone."""

from nbmde.engine.models import Metamodel

from . import comparison as _comparison
from . import mlproject as _mlproject
from . import notebook as _notebook
from . import refinement as _refinement
from . import trace as _trace
from . import workflow as _workflow


class ComparisonMetamodel(Metamodel):
    Kind: type[_comparison.Kind]
    Comparison: type[_comparison.Comparison]
    Difference: type[_comparison.Difference]


class MlprojectMetamodel(Metamodel):
    Layout: type[_mlproject.Layout]
    ModuleKind: type[_mlproject.ModuleKind]
    ImportGroup: type[_mlproject.ImportGroup]
    RequirementGroup: type[_mlproject.RequirementGroup]
    ParameterKind: type[_mlproject.ParameterKind]
    SettingKind: type[_mlproject.SettingKind]
    Severity: type[_mlproject.Severity]
    Task: type[_mlproject.Task]
    DataRole: type[_mlproject.DataRole]
    Element: type[_mlproject.Element]
    NamedElement: type[_mlproject.NamedElement]
    Project: type[_mlproject.Project]
    Package: type[_mlproject.Package]
    Module: type[_mlproject.Module]
    Occurrence: type[_mlproject.Occurrence]
    Import: type[_mlproject.Import]
    Member: type[_mlproject.Member]
    Definition: type[_mlproject.Definition]
    Preparation: type[_mlproject.Preparation]
    Function: type[_mlproject.Function]
    Parameter: type[_mlproject.Parameter]
    Result: type[_mlproject.Result]
    Fragment: type[_mlproject.Fragment]
    CellEnd: type[_mlproject.CellEnd]
    Pipeline: type[_mlproject.Pipeline]
    Call: type[_mlproject.Call]
    StateClass: type[_mlproject.StateClass]
    Attribute: type[_mlproject.Attribute]
    Configuration: type[_mlproject.Configuration]
    SettingsClass: type[_mlproject.SettingsClass]
    ConfigurationSetting: type[_mlproject.ConfigurationSetting]
    Requirement: type[_mlproject.Requirement]
    RuntimeFunction: type[_mlproject.RuntimeFunction]
    EntryPoint: type[_mlproject.EntryPoint]
    PipelineStage: type[_mlproject.PipelineStage]
    Service: type[_mlproject.Service]
    Container: type[_mlproject.Container]
    Workflow: type[_mlproject.Workflow]
    TestModule: type[_mlproject.TestModule]
    Section: type[_mlproject.Section]
    DataFile: type[_mlproject.DataFile]
    Secret: type[_mlproject.Secret]
    Finding: type[_mlproject.Finding]
    Place: type[_mlproject.Place]
    FeatureColumn: type[_mlproject.FeatureColumn]
    Expectation: type[_mlproject.Expectation]


class NotebookMetamodel(Metamodel):
    AssetKind: type[_notebook.AssetKind]
    Element: type[_notebook.Element]
    Notebook: type[_notebook.Notebook]
    Entry: type[_notebook.Entry]
    MimeData: type[_notebook.MimeData]
    Cell: type[_notebook.Cell]
    CodeCell: type[_notebook.CodeCell]
    MarkdownCell: type[_notebook.MarkdownCell]
    RawCell: type[_notebook.RawCell]
    UnrecognizedCell: type[_notebook.UnrecognizedCell]
    Attachment: type[_notebook.Attachment]
    Output: type[_notebook.Output]
    StreamOutput: type[_notebook.StreamOutput]
    DisplayOutput: type[_notebook.DisplayOutput]
    ExecuteResult: type[_notebook.ExecuteResult]
    ErrorOutput: type[_notebook.ErrorOutput]
    UnrecognizedOutput: type[_notebook.UnrecognizedOutput]
    Asset: type[_notebook.Asset]
    Distribution: type[_notebook.Distribution]
    StarImport: type[_notebook.StarImport]
    Profile: type[_notebook.Profile]
    CellRun: type[_notebook.CellRun]
    Value: type[_notebook.Value]
    Call: type[_notebook.Call]
    Column: type[_notebook.Column]


class RefinementMetamodel(Metamodel):
    Refinement: type[_refinement.Refinement]
    Refined: type[_refinement.Refined]


class TraceMetamodel(Metamodel):
    Element: type[_trace.Element]
    Trace: type[_trace.Trace]
    Link: type[_trace.Link]
    Region: type[_trace.Region]


class WorkflowMetamodel(Metamodel):
    StatementKind: type[_workflow.StatementKind]
    Placement: type[_workflow.Placement]
    SymbolKind: type[_workflow.SymbolKind]
    Sharing: type[_workflow.Sharing]
    Provenance: type[_workflow.Provenance]
    Severity: type[_workflow.Severity]
    Role: type[_workflow.Role]
    Direction: type[_workflow.Direction]
    Task: type[_workflow.Task]
    Part: type[_workflow.Part]
    Element: type[_workflow.Element]
    Workflow: type[_workflow.Workflow]
    Step: type[_workflow.Step]
    Statement: type[_workflow.Statement]
    Occurrence: type[_workflow.Occurrence]
    Call: type[_workflow.Call]
    Argument: type[_workflow.Argument]
    FileExpression: type[_workflow.FileExpression]
    Kept: type[_workflow.Kept]
    Symbol: type[_workflow.Symbol]
    Resource: type[_workflow.Resource]
    VersionSource: type[_workflow.VersionSource]
    ImportedModule: type[_workflow.ImportedModule]
    DataSet: type[_workflow.DataSet]
    Setting: type[_workflow.Setting]
    TrainedModel: type[_workflow.TrainedModel]
    Metric: type[_workflow.Metric]
    Figure: type[_workflow.Figure]
    Finding: type[_workflow.Finding]
    Secret: type[_workflow.Secret]
    PlatformFunction: type[_workflow.PlatformFunction]
    Value: type[_workflow.Value]
    Column: type[_workflow.Column]
