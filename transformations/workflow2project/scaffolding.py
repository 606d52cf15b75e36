"""Adds what surrounds the code: the runtime, the service, packaging, deployment, tests, documents, data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from nbmde.notebooks.inject import patterns

from . import modules, recorded
from .planning import Plan
from .rules import transformation
from .staying import is_marker, module_places

if TYPE_CHECKING:
    from nbmde.metamodels import mlproject
    from nbmde.metamodels.mlproject import (
        Container,
        DataFile,
        EntryPoint,
        Import,
        Module,
        Package,
        PipelineStage,
        Place,
        Project,
        Requirement,
        Service,
        TestModule,
    )
    from nbmde.metamodels.notebook import Asset
    from nbmde.metamodels.workflow import DataSet, Element, Finding, Secret, TrainedModel, Workflow

    from .rules import Context


def add_surroundings(t: Context, project: Project) -> None:
    """Everything that is not made of the notebook's own code."""
    plan: Plan = t.facts.plan
    served = next((model for model in t.source.models if model.served), None)
    if served is not None:
        project.service = t.make("service", served)
        _serving_modules(t, project, plan)
    else:
        project.unserved = t.source.unserved
    _runtime_modules(t, project)
    _local_modules(t, project)
    for dataset in t.source.datasets:
        for element in _data_files(t, dataset, plan):
            project.dataFiles.append(element)
        project.places.append(t.make("place", dataset))
    _requirements(t, project, plan)
    _commands(t, project)
    if plan.layout == "mlops":
        project.container = t.make("container", t.source)
        project.stages.append(t.make("pipeline_stage", t.source))
    project.continuousIntegration = t.make("continuous_integration", t.source)
    _tests(t, project)
    for secret in t.source.secrets:
        if secret.value or len(secret.statements):
            project.secrets.append(t.make("secret2secret", secret))
    for finding in t.source.findings:
        project.findings.append(t.make("finding2finding", finding))


def _runtime_modules(t: Context, project: Project) -> None:
    plan: Plan = t.facts.plan
    rows = plan.runtime["modules"]
    used = modules.used_runtime(t)
    if modules.draws(t):
        used.add("figures")
    imported = {module.distribution for module in t.source.modules if module.distribution}
    used |= {name for name, row in rows.items() if row.get("distribution", "") in imported}
    always = [name for name, row in rows.items() if row.get("always")]
    front = [*always, *used]
    while front:
        front += set(rows[front.pop()].get("needs", ())) - used
        used.update(front)
    for name in [*always, *sorted(used.difference(always))]:
        modules.module(t, project, f"{plan.runtime['package']}.{name}", "support")
    for name in ("config", "pipeline", *(["state"] if project.state else [])):
        modules.module(t, project, name, name)


def _serving_modules(t: Context, project: Project, plan: Plan) -> None:
    known = ["columns"] if project.service is not None and project.service.columns else []
    if plan.layout == "mlops":
        for name in ("bundle", *known, "metadata", "predict", "schema", "app"):
            modules.module(t, project, f"serving.{name}", "serving")
        modules.module(t, project, "monitoring.drift", "monitoring")
    else:
        for name in ("bundle", *known, "metadata", "predict"):
            modules.module(t, project, f"models.{name}", "serving")


def _local_modules(t: Context, project: Project) -> None:
    """Python files that lay beside the notebook and that it imports: importable under the same name.

    Of two that would be the same module Python imports the first, and so there is no other.
    """
    for place, asset in module_places(t.source.notebook.assets).items():
        t.facts.placed.add(place)
        project.dataFiles.append(t.make("local_file", asset, place=place))


def _data_files(t: Context, dataset: DataSet, plan: Plan) -> list[DataFile]:
    """The file or folder of a data set, file by file."""
    place = plan.paths[dataset.path].rstrip("/")
    written = dataset.direction.name != "input" and not place.startswith(plan.tables["folders"]["raw"])
    asset = dataset.asset
    if dataset.made:
        return []  # what writes it makes its folder
    own = place.partition("/")[0] in plan.tables["own"]["names"]
    if asset is not None and is_marker(dataset) and (asset.omitted or asset.folder or own):
        return []  # folders are made where they are not there
    if asset is not None and asset.folder:
        prefix = asset.path.rstrip("/") + "/"
        inside = [other for other in t.source.notebook.assets if other.path.startswith(prefix) and not other.folder]
        files = []
        for other in inside:
            path = f"{place}/{other.path[len(prefix) :]}"
            if path not in t.facts.placed:
                t.facts.placed.add(path)
                files.append(t.make("data_file", dataset, key=other.path, path=path, asset=other, written=False))
        return files
    if (
        place in t.facts.placed
        or patterns.HERE in (dataset.path, dataset.meant)
        or patterns.matching(dataset.path, (one.path for one in t.source.notebook.assets))
    ):
        return []
    t.facts.placed.add(place)
    return [t.make("data_file", dataset, key="", path=place, asset=None if written else asset, written=written)]


def _requirements(t: Context, project: Project, plan: Plan) -> None:
    """What the notebook imports with the versions found where it was read; then what the generated code needs."""
    known: set[str] = set()
    bounds: dict[str, dict[str, str]] = plan.tables["requirements"]

    def add(name: str, specifier: str, group: str, source: Element, reason: str, verified: bool = True) -> None:
        key = name.partition("[")[0].lower().replace("_", "-")
        if key not in known:
            known.add(key)
            project.requirements.append(
                t.make(
                    "requirement",
                    source,
                    key=name,
                    name=name,
                    specifier=specifier,
                    group=group,
                    reason=reason,
                    verified=verified,
                )
            )

    distributions = {item.name.lower().replace("_", "-"): item for item in t.source.notebook.distributions}
    installed = {key: item.version for key, item in distributions.items() if item.version}
    sign = {"installed": "==", "bounded": "<="}.get(t.source.versions.name, "")
    for module in t.source.modules:
        if module.distribution and not module.local and (not module.tried or module.version):
            specifier = f"{sign}{module.version}" if sign and module.version else module.specifier or ""
            name = f"{module.distribution}[{','.join(module.extras)}]" if module.extras else module.distribution
            add(name, specifier, "runtime", module, module.reason or f"imported as {module.name}", module.verified)
    for module in t.source.modules if sign else ():
        key = (module.distribution or "").lower().replace("_", "-")
        if key in known & installed.keys():
            for item in distributions[key].requires:
                add(item.name, f"{sign}{item.version}", "runtime", module, f"required by {module.distribution}")
    used = {element.name for element in t.facts.modules.values() if element.kind.name == "support"}
    rows = plan.runtime["modules"].items()
    groups = ["runtime", *(row["requirements"] for name, row in rows if name in used and "requirements" in row)]
    if modules.tabulates(t):
        groups.append("tables")
    if project.service is not None:
        groups.append("bundle")
    for group in groups:
        for name, bound in bounds[group].items():
            found = distributions.get(name.lower())
            version = found.version if found is not None and sign else None
            stated = found.requested or found.declared if found is not None and not sign else None
            specifier = (
                f"{sign}{version}" if version else stated or ",".join([bound, *_companions(project, plan, name)])
            )
            add(name, specifier, "runtime", t.source, f"the project's own {group} code")
    if project.service is not None and plan.layout == "mlops":
        for group in ("serving", "drift", "files"):
            for name, bound in bounds[group].items():
                add(name, bound, "serving", t.source, f"the project's own {group} code")
        for name, bound in bounds["api_tests"].items():
            add(name, bound, "development", t.source, "tests of the service")
    for top in sorted({text.split()[1].partition(".")[0] for text in plan.type_imports.values()}):
        if top in bounds["annotations"]:
            add(top, bounds["annotations"][top], "runtime", t.source, "annotations")
    for name, bound in bounds["development"].items():
        add(name, bound, "development", t.source, "tests and checks")


def _companions(project: Project, plan: Plan, name: str) -> list[str]:
    """Bounds of a requirement that follow from what others are pinned to."""
    rows: dict[str, dict[str, str]] = plan.tables["companions"].get(name, {})
    pinned = {
        requirement.name.lower().replace("_", "-"): Version((requirement.specifier or "").removeprefix("=="))
        for requirement in project.requirements
        if re.fullmatch(r"==\d+(\.\d+)*", requirement.specifier or "")
    }
    return [
        bound
        for bound, firsts in rows.items()
        if any(other in pinned and pinned[other] < Version(first) for other, first in firsts.items())
    ]


def _commands(t: Context, project: Project) -> None:
    plan: Plan = t.facts.plan
    for name, row in plan.tables["commands"].items():
        if plan.layout in row["target"] and (project.service is not None or not row["serves"]):
            project.entryPoints.append(t.make("entry_point", t.source, key=name, name=name, row=row))


def _tests(t: Context, project: Project) -> None:
    names = ["config", "pipeline"]
    if project.service is not None and project.service.features:
        names += ["serving", "drift"] if t.facts.plan.layout == "mlops" else ["serving"]
    expected = list(recorded.expected(t.source))
    if expected:
        names.append("recorded")
    for name in ("conftest", *(f"test_{name}" for name in names)):
        project.tests.append(t.make("test_module", t.source, key=name, name=name))
    if expected:
        project.tests[-1].expectations.extend([t.make("expectation", symbol) for symbol in expected])


# -- rules -----------------------------------------------------------------------------------------------------------
@transformation.rule("Workflow", to="Package", lazy=True)
def package(t: Context, workflow: Workflow, package: Package, *, name: str) -> None:
    """A package of the project."""
    package.name = name


@transformation.rule("Workflow", to="Module", lazy=True)
def module(t: Context, workflow: Workflow, module: Module, *, name: str, kind: str, doc: str) -> None:
    """A module of the project."""
    module.name, module.doc = name, doc
    module.kind = getattr(t.target_metamodel.ModuleKind, kind)


@transformation.rule("Workflow", to="Import", lazy=True)
def import_(t: Context, workflow: Workflow, import_: Import, *, group: str, text: str, module: str) -> None:
    """An import of a module."""
    import_.text, import_.module = text, module
    import_.group = getattr(t.target_metamodel.ImportGroup, group)


@transformation.rule("TrainedModel", to="Service", lazy=True)
def service(t: Context, model: TrainedModel, service: Service) -> None:
    """Offers the model that the workflow says is served."""
    service.name = model.symbol.name
    service.estimator = model.estimator
    service.task = getattr(t.target_metamodel.Task, model.task.name)
    service.features = model.features.name if model.features is not None else None
    service.transformers.extend([symbol.name for symbol in model.transformers])
    others = [other.symbol.name for other in t.source.models if other is not model and not other.unserved]
    choice = f" Another one is chosen with --set serve=NAME (there are also: {', '.join(others)})." if others else ""
    service.reason = f"It is served because {model.reason}.{choice}"
    service.supportsProbability = model.probability
    service.array, service.dense = model.array, model.dense
    recorded.add_columns(t, model, service)


@transformation.rule("DataSet", to="DataFile", lazy=True)
def data_file(t: Context, dataset: DataSet, file: DataFile, *, path: str, asset: Asset | None, written: bool) -> None:
    """A file that comes along or that the project writes."""
    file.name = path.rpartition("/")[2] or dataset.name
    file.path, file.original, file.asset, file.dataset, file.written = path, dataset.path, asset, dataset, written
    role = (
        "raw"
        if path.startswith("data/raw")
        else "processed"
        if path.startswith("data/processed")
        else "model"
        if dataset.model
        else "output"
        if written
        else "external"
    )
    file.role = getattr(t.target_metamodel.DataRole, role)


@transformation.rule("DataSet", to="Place", lazy=True)
def place(t: Context, dataset: DataSet, place: Place) -> None:
    """Where a file of the notebook lies in the project."""
    plan: Plan = t.facts.plan
    place.original, place.path, place.dataset = dataset.path, plan.paths[dataset.path], dataset


@transformation.rule("notebook.Asset", to="DataFile", lazy=True)
def local_file(t: Context, asset: Asset, file: DataFile, *, place: str) -> None:
    """A module of the notebook's own."""
    file.name = asset.path.rpartition("/")[2]
    file.path, file.original, file.asset = place, asset.path, asset
    file.role = t.target_metamodel.DataRole.external


@transformation.rule("Element", to="Requirement", lazy=True)
def requirement(
    t: Context,
    source: Element,
    requirement: Requirement,
    *,
    name: str,
    specifier: str,
    group: str,
    reason: str,
    verified: bool,
) -> None:
    """A distribution that the project needs."""
    requirement.name, requirement.specifier, requirement.reason, requirement.verified = (
        name,
        specifier,
        reason,
        verified,
    )
    requirement.group = getattr(t.target_metamodel.RequirementGroup, group)


@transformation.rule("Workflow", to="EntryPoint", lazy=True)
def entry_point(t: Context, workflow: Workflow, entry: EntryPoint, *, name: str, row: Mapping[str, Any]) -> None:
    """A command."""
    plan: Plan = t.facts.plan
    entry.name = f"{workflow.name}-{name}"
    entry.doc, entry.script, entry.target = row["doc"], row["script"], row["target"][plan.layout]


@transformation.rule("Workflow", to="PipelineStage", lazy=True)
def pipeline_stage(t: Context, workflow: Workflow, stage: PipelineStage) -> None:
    """The whole run as one stage: its steps share objects and random numbers."""
    plan: Plan = t.facts.plan
    project: Project = t.resolve(workflow, rule="workflow2project")
    stage.name = "train"
    stage.command = f"{workflow.name}-train"
    raw = [file for file in project.dataFiles if not file.written]
    stage.dependencies.extend([f"src/{plan.package}", *(["data/raw"] if raw else [])])
    stage.parameters.extend(
        ["configs/config.yaml", *(["configs/model_config.yaml"] if _has_model_settings(plan) else [])]
    )
    stage.outputs.extend(
        [
            "outputs",
            *(
                ["models/latest"]
                if project.service is not None or any(f.path.startswith("models/latest") for f in project.dataFiles)
                else []
            ),
        ]
    )


def _has_model_settings(plan: Plan) -> bool:
    return any(item.file == "model_config" for items in plan.settings.values() for item in items)


@transformation.rule("Workflow", to="Container", lazy=True)
def container(t: Context, workflow: Workflow, container: Container) -> None:
    """The image."""
    container.name = "service"


@transformation.rule("Workflow", to="mlproject.Workflow", lazy=True)
def continuous_integration(t: Context, workflow: Workflow, integration: mlproject.Workflow) -> None:
    """What runs at each push."""
    integration.name = "ci"
    integration.pythonVersions.append("3.11")


@transformation.rule("Workflow", to="TestModule", lazy=True)
def test_module(t: Context, workflow: Workflow, test: TestModule, *, name: str) -> None:
    """A file of tests."""
    test.name = test.template = name


@transformation.rule("Secret", to="mlproject.Secret", lazy=True)
def secret2secret(t: Context, source: Secret, secret: mlproject.Secret) -> None:
    """An environment variable that the code reads."""
    secret.name, secret.value = source.name, source.value
    secret.found = f"{source.kind}; cell {source.cellNumber}, line {source.line} of the notebook"


@transformation.rule("Finding", to="mlproject.Finding", lazy=True)
def finding2finding(t: Context, source: Finding, finding: mlproject.Finding) -> None:
    """Something a person should know."""
    finding.severity = getattr(t.target_metamodel.Severity, source.severity.name)
    finding.code, finding.message, finding.remedy = source.code, source.message, source.remedy
    finding.omits = source.omits
    finding.statements.extend(source.statements)
    finding.cellNumber, finding.line = source.cellNumber, source.line
