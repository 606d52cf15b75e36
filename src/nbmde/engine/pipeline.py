"""Pipelines: from a file or a model to models and files, step by step, as a TOML file says.

Each step is a function here, which the single commands call as well, so that a pipeline and its steps one by one
through saved models give the same bytes.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine import chain, constraints, locations, m2m, m2t, models
from nbmde.engine.chain import KINDS, Step
from nbmde.engine.diagnostics import Diagnostic, Refused, errors
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import OWN, File, Files
from nbmde.engine.models import EObject, Model, Registry
from nbmde.engine.models.garbage import collection_paused, drop_empty_slots

if TYPE_CHECKING:
    from nbmde.metamodels.refinement import Refined, Refinement
    from nbmde.metamodels.trace import Trace

MODEL = ".xmi"
EXTENSIONS = "extensions"
"""The option that tells transformations where extensions are."""

Progress = Callable[[int, int, str], None]
"""Called before each step with its number from 0, the number of steps, and what it is."""
State = Callable[[Step, tuple[EObject, ...]], None]
"""Called behind a step with the roots of the model that it made or refined."""


@dataclass(frozen=True)
class Pipeline:
    """A chain of steps; see `find`.

    Attributes:
        options: what transformations are told unless the user says otherwise.
    """

    name: str
    description: str
    steps: tuple[Step, ...]
    options: Mapping[str, Any]


class Options(dict[str, Any]):
    """Options by name, which remember those that a transformation asked for."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self.asked: set[str] = set()

    @classmethod
    def of(cls, registry: Registry, options: Mapping[str, Any] | None = None) -> Options:
        """Make the options for transformations, with the extensions of a registry."""
        return cls({**(options or {}), EXTENSIONS: registry.extensions})

    def get(self, key: str, default: Any = None) -> Any:
        """The value of an option, or the default."""
        self.asked.add(key)
        return super().get(key, default)

    def unknown(self, names: Iterable[str]) -> NbmdeError | None:
        """Make an error for options of these names that no transformation asked for; None if all were asked for."""
        unknown = sorted(set(names) - self.asked)
        if not unknown:
            return None
        known = ", ".join(sorted(self.asked - {EXTENSIONS})) or "none"
        return NbmdeError(f"there is no option {unknown[0]!r}", remedy=f"options are: {known}")


@dataclass
class Outcome:
    """The result of a pipeline; nothing is written yet.

    Attributes:
        roots: of the last model.
        traces: of the transformations that made models, in their order.
        findings: what rules reported.
        files: what was generated; empty where no step generates.
        notices: what the user should know.
        profiles: how often and how long the rules of each transformation ran, by its name.
    """

    roots: tuple[EObject, ...] = ()
    traces: list[Trace] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    files: Files = field(default_factory=dict)
    notices: list[Diagnostic] = field(default_factory=list)
    profiles: dict[str, list[m2m.RuleProfile]] = field(default_factory=dict)

    @property
    def trace(self) -> Trace:
        """The trace of the transformation that made the last model.

        Raises:
            NbmdeError: if none did.
        """
        if not self.traces:
            raise NbmdeError("no transformation made the model, so there is no trace of it")
        return self.traces[-1]

    @property
    def root(self) -> EObject:
        """The only root of the last model.

        Raises:
            NbmdeError: if there are several, or none.
        """
        if len(self.roots) != 1:
            raise NbmdeError(f"the last model has {len(self.roots)} roots, where one is expected")
        return self.roots[0]


def names(extensions: tuple[Path, ...] = ()) -> list[str]:
    """Names of all pipelines, nbmde's own first."""
    return list(_files(extensions))


def find(name: str, extensions: tuple[Path, ...] = ()) -> Pipeline:
    """The pipeline of this name: `NAME.toml` in a `transformations/` folder.

    Raises:
        NbmdeError: when there is none, or it is malformed.
    """
    known = _files(extensions)
    if name not in known:
        raise NbmdeError(f"there is no pipeline {name!r}", remedy=f"known: {', '.join(known)}")
    path = known[name]
    data = _read(path)
    steps = chain.with_extensions(_with_refinements(_steps(data, path), extensions), extensions)
    return Pipeline(name, str(data.get("description", "")), steps, data.get("options", {}))


def of_transformation(name: str, extensions: tuple[Path, ...] = ()) -> Pipeline:
    """A transformation and the refinements of what it makes, as the first pipeline with it has them."""
    steps = chain.of_transformation(name, (find(pipeline, extensions).steps for pipeline in names(extensions)))
    return Pipeline(name, "", tuple(_with_refinements(steps, extensions)), {})


def _with_refinements(steps: list[Step], extensions: tuple[Path, ...]) -> Iterator[Step]:
    """The steps of a pipeline; behind a transformation whose refinements it does not list, those listed elsewhere."""
    for number, step in enumerate(steps):
        yield step
        is_refined = number + 1 < len(steps) and steps[number + 1].kind == "refine"
        if step.kind == "transform" and not is_refined:
            yield from _refinements_of(step.name, extensions)


def _refinements_of(name: str, extensions: tuple[Path, ...]) -> list[Step]:
    """The refinements of what a transformation makes, as the first pipeline lists them; or of one that it extends."""
    transformation: m2m.Transformation | None = m2m.find(name, extensions)
    while transformation is not None:
        for path in _files(extensions).values():
            if refinements := chain.of_transformation(transformation.name, [_steps(_read(path), path)])[1:]:
                return refinements
        transformation = transformation.base
    return []


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NbmdeError(f"not a readable pipeline: {error}", file=str(path)) from error


def _steps(data: Mapping[str, Any], path: Path) -> list[Step]:
    """The steps as a pipeline's file has them."""
    tables = data.get("step", [])
    if not tables:
        raise NbmdeError("has no steps", file=str(path), remedy='[[step]] transform = "..."')
    return [_step(table, path) for table in tables]


def _step(table: Mapping[str, Any], path: Path) -> Step:
    """A step as a pipeline's file has it."""
    kinds = [key for key in table if key in KINDS]
    allowed = {*kinds, "name", "inputs"} if kinds == ["transform"] else {*kinds, "name"}
    inputs = table.get("inputs", {})
    texts = [*(table[key] for key in table if key != "inputs"), *(inputs.values() if isinstance(inputs, dict) else [0])]
    if len(kinds) != 1 or not set(table) <= allowed or not all(isinstance(text, str) for text in texts):
        raise NbmdeError(f"a step is one of {', '.join(KINDS)} with a name, not {table}", file=str(path))
    return Step(kinds[0], table[kinds[0]], inputs, table.get("name"))


def no_state(step: Step, model: tuple[EObject, ...]) -> None:
    """Nobody wants to know the state of a model behind a step."""


@dataclass
class _Run:
    """A run of the steps of a pipeline.

    Attributes:
        told: options of transformations.
        request: what injectors are told.
        source: the file that the user named.
        further: files of models that no step has taken yet, by name.
        known: models by the names under which steps know them.
        state: called with each model that a step makes or refines.
    """

    registry: Registry
    told: Options
    request: Mapping[str, Any] | None
    source: Path
    further: dict[str, Path]
    state: State
    known: dict[str, Model] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    def do(self, step: Step, last: bool) -> None:
        """Run one step.

        Args:
            last: whether no refinement follows, so that the model has to be whole.
        """
        {"inject": self._inject, "transform": self._transform, "refine": self._transform, "generate": self._generate}[
            step.kind
        ](step, last)
        if step.result is not None:
            self.known[step.result] = self.outcome.roots
        if step.kind != "generate":
            self.state(step, self.outcome.roots)

    def _inject(self, step: Step, last: bool) -> None:
        self.outcome.roots = (inject(step.name, self.source, self.registry, self.request),)

    def _transform(self, step: Step, last: bool) -> None:
        taken = _inputs(step, self.outcome.roots, self.known, self.registry)
        for name in taken:
            self.further.pop(step.inputs.get(name, name), None)
        asked, self.told.asked = self.told.asked, set()
        result, notices = transform(step.name, taken, self.registry, self.told, self.source, whole=last)
        if step.kind == "refine":
            _record(step, result, self.told, self.registry)
        else:
            self.outcome.traces.append(result.trace)
        self.told.asked |= asked
        if step.kind == "transform":
            drop_empty_slots(self.outcome.roots)  # nobody else has it; a caller of `transform` may hold lists of it
        self.outcome.roots = result.roots
        self.outcome.profiles[step.name] = result.profile
        self.outcome.findings += result.findings
        self.outcome.notices = [*self.outcome.notices, *notices]

    def _generate(self, step: Step, last: bool) -> None:
        self.outcome.files |= generate(step.name, self.outcome.roots, self.registry, self.outcome.traces)


def run(
    pipeline: Pipeline,
    source: Path,
    registry: Registry,
    options: Mapping[str, Any],
    *,
    inputs: Mapping[str, Path] | None = None,
    request: Mapping[str, Any] | None = None,
    until: str | None = None,
    without: Iterable[str] = (),
    resume: bool = True,
    progress: Progress = lambda number, count, what: None,
    state: State = no_state,
) -> Outcome:
    """Run a pipeline in memory.

    Args:
        source: what the first injector reads, or a model (`.xmi`) from which the chain is gone on: at the first step
            that takes it, behind the last refinement that has run on it.
        options: for transformations, by name.
        inputs: files of further models for transformations that take several, by name.
        request: for injectors, by name; see `inject`.
        until: the step to stop behind.
        without: refinements to leave out.
        resume: whether the chain is gone on from a model; if not, its first step takes it.
        state: called behind each step that makes or refines a model, with both.

    Raises:
        NbmdeError: from any step; `Refused` for a model with errors.
    """
    steps = chain.chosen(pipeline.steps, until, without, registry.extensions)
    told = Options.of(registry, {**pipeline.options, **options})
    run = _Run(registry, told, request, source, dict(inputs or {}), state)
    if source.suffix == MODEL:
        run.outcome.roots, *others = load_together([source, *run.further.values()], registry)
        if resume:
            run.outcome.notices += _missed(steps, run.outcome.roots, registry, source)
            steps = _remaining(steps, run.outcome.roots, registry, source)
    else:
        others = load_together(run.further.values(), registry)
    run.known = dict(zip(run.further, others, strict=True))
    with collection_paused():  # nothing that is made here is garbage
        for number, step in enumerate(steps):
            progress(number, len(steps), str(step))
            run.do(step, last=number + 1 == len(steps) or steps[number + 1].kind != "refine")
    if run.further:
        raise NbmdeError(f"no step takes a model {min(run.further)!r}", remedy="leave out its --input")
    if error := told.unknown(options):
        raise error
    return run.outcome


# Steps


def load(path: Path, registry: Registry) -> tuple[EObject, ...]:
    """The roots of the model in a file, checked."""
    return load_together([path], registry)[0]


def load_together(paths: Iterable[Path], registry: Registry) -> list[tuple[EObject, ...]]:
    """The roots of the models in files that may refer to each other, checked."""
    files = list(paths)
    found = models.load_models(files, registry)
    for path, model in zip(files, found, strict=True):
        check(model, registry, path)
    return found


def examine(path: Path, registry: Registry) -> tuple[tuple[EObject, ...], list[Diagnostic]]:
    """The roots of the model in a file, checked, and the advice for it."""
    model = models.load_roots(path, registry)
    return model, check(model, registry, path)


def load_edited(path: Path, registry: Registry) -> tuple[tuple[EObject, ...], list[str], list[Trace]]:
    """The model in a file that a person may have edited, checked; automatic fixes are applied, and said.

    Returns:
        The roots of the model, what was fixed, and the traces beside the file of what the model was made from.
    """
    model, others = _with_traces(path, registry)
    done = constraints.fix(model, lambda one: constraints.check(one, registry, registry.extensions), automatic=True)
    check(model, registry, path)
    said = [f"{models.label(finding.element)}: {finding.message}. {fix.title}" for finding, fix in done]
    return model, said, _traces_of(model, others)


def _with_traces(path: Path, registry: Registry) -> tuple[tuple[EObject, ...], list[Model]]:
    """The roots of the model in a file, and the models in files beside it that are called traces."""
    beside = [other for other in sorted(path.parent.glob(f"*.trace{MODEL}")) if other != path]
    try:
        model, *others = models.load_models([path, *beside], registry)
    except NbmdeError:  # of something else
        return models.load_roots(path, registry), []
    return model, [*others]


def _traces_of(model: Model, others: Iterable[Model]) -> list[Trace]:
    """Those of some models that trace what a model, or one behind it, was made from."""
    own = {id(root) for one in related(model).values() for root in models.roots(one)}
    tops: Iterator[Any] = (top for other in others for top in models.roots(other) if hasattr(top, "links"))
    return [top for top in tops if any(id(models.root_of(one)) in own for link in top.links for one in link.targets)]


def mend(path: Path, registry: Registry) -> list[str]:
    """Apply the fixes of constraints to the model in a file, and say what was done. It is saved if anything was.

    Raises:
        NbmdeError: for a fix that fails; nothing is saved.
    """
    model = models.load_roots(path, registry)
    done = constraints.fix(model, lambda model: constraints.check(model, registry, registry.extensions))
    if done:
        models.save({path: model}, registry)
    return [f"{models.label(finding.element)}: {finding.message}. {fix.title}" for finding, fix in done]


def inject(name: str, path: Path, registry: Registry, request: Mapping[str, Any] | None = None) -> EObject:
    """The model that an injector makes of a file, checked.

    Args:
        name: of a module in a folder `transformations/injectors/` that defines `injector`, a function that takes the
            file and the registry and gives the root of a model.
        request: what the injector is told beside these, by the names of its keyword arguments; the others are left out.

    Raises:
        NbmdeError: where there is none, or it fails.
    """
    module = m2m.module(f"injectors.{name}", registry.extensions)
    injector = getattr(module, "injector", None)
    if not callable(injector):
        raise NbmdeError("defines no injector", file=module.__file__, remedy="def injector(file, registry): ...")
    known = inspect.signature(injector).parameters
    told = {key: value for key, value in (request or {}).items() if key in known}
    try:
        root: EObject = injector(path, registry, **told)
    except NbmdeError:
        raise
    except Exception as error:
        if Path(module.__file__ or "").is_relative_to(locations.home() / "transformations"):
            raise  # nbmde's own fails: nothing that a user could do anything about
        raise NbmdeError(f"injector {name}: {type(error).__name__}: {error}", file=str(path)) from error
    check(root, registry, path)
    drop_empty_slots(root)
    return root


def transform(
    name: str,
    model: Model | Mapping[str, Model],
    registry: Registry,
    options: Options,
    source: Path,
    *,
    whole: bool = True,
) -> tuple[m2m.Result, list[Diagnostic]]:
    """Apply a transformation to a model, check the result, and return it with its findings.

    Args:
        model: or several, by the names of the transformation's inputs.
        source: the file that the user named, for messages.
        whole: whether what it makes is checked; not where refinements follow.

    Raises:
        Refused: where the target has findings of severity error, or breaks a constraint.
    """
    transformation = m2m.find(name, registry.extensions)
    inputs = m2m.given_inputs(transformation, model)
    for key, metamodel in transformation.inputs.items():
        if inputs[key] and metamodel not in _kinds(inputs[key]):
            given = models.document_of(inputs[key][0]) if len(inputs) > 1 else None
            reason = f"transformation {name} takes a model of {metamodel}, not of {_metamodel_names(inputs[key])}"
            raise NbmdeError(reason, file=str(given.path if given is not None else source))
    result = m2m.run(transformation, inputs, registry, options)
    notices = [finding.at(str(source)) for finding in result.findings]
    if whole:
        notices += stated(result.roots, source)
    if wrong := errors(notices):
        raise Refused(wrong)
    if whole:
        notices += check(result.roots, registry, source)
        drop_empty_slots(result.roots)
    return result, notices


def apply(
    name: str,
    model: Model | Mapping[str, Model],
    registry: Registry,
    options: Mapping[str, Any],
    source: Path,
    *,
    until: str | None = None,
    without: Iterable[str] = (),
) -> Outcome:
    """Apply a transformation, and the refinements of its result, to a model in memory; see `transform`.

    Args:
        until, without: as for `run`.

    Raises:
        NbmdeError: the same; and for an option that nobody asked for.
    """
    transformation = m2m.find(name, registry.extensions)
    first, *others = m2m.given_inputs(transformation, model).items()
    steps = chain.chosen(of_transformation(name, registry.extensions).steps, until, without, registry.extensions)
    run = _Run(registry, Options.of(registry, options), None, source, {}, no_state, dict(others))
    run.outcome.roots = first[1]
    with collection_paused():
        for number, step in enumerate(steps):
            run.do(step, last=number + 1 == len(steps))
    if error := run.told.unknown(options):
        raise error
    return run.outcome


def _record(step: Step, result: m2m.Result, told: Options, registry: Registry) -> None:
    """Note in a model that a refinement has run on it, with its options and its trace; where its root has a place."""
    if len(result.roots) != 1 or result.root.eClass.findEStructuralFeature("refined") is None:
        return
    records: list[Refined] = getattr(result.root, "refined")  # noqa: B009 - of whatever class the root is
    given = sorted(f"{key}={told[key]}" for key in told.asked if key != EXTENSIONS and key in told)
    record = registry["refinement"].Refined(name=step.name, options=given, trace=result.trace)
    records.append(record)
    models.Together(refinements(result.root))


def _inputs(
    step: Step, current: tuple[EObject, ...], known: Mapping[str, Model], registry: Registry
) -> Mapping[str, Model]:
    """The models that a step takes by the names of its inputs: the current one as the first, the others by name."""
    first, *others = m2m.find(step.name, registry.extensions).inputs
    if unknown := [name for name in step.inputs if name not in (first, *others)]:
        raise NbmdeError(
            f"{step}: there is no input {unknown[0]!r}", remedy=f"inputs are: {', '.join([first, *others])}"
        )
    named = {name: step.inputs.get(name, name) for name in others} | dict(step.inputs)
    if missing := [other for other in named.values() if other not in known]:
        raise NbmdeError(f"{step}: nothing gives the model {missing[0]!r}", remedy=f"--input {missing[0]}=FILE")
    return {first: current, **{name: known[other] for name, other in named.items()}}


def generate(name: str, model: Model, registry: Registry, traces: Iterable[Trace] = ()) -> Files:
    """The files for a model, with the model itself, all that it refers to, and traces in the folder `.nbmde`.

    Args:
        traces: of what made the model and those behind it, as far as no model refers to them.
    """
    generation = m2t.find(name, registry.extensions)
    files = generation.run(model, registry)
    saved = related(model)
    known = {id(root) for one in saved.values() for root in models.roots(one)}
    for trace in (one for one in traces if id(models.root_of(one)) not in known):
        behind = [models.roots(one) for one in related(trace).values()]  # of which nothing else may tell
        for tops in (one for one in behind if id(one[0]) not in known):
            saved[_file_name(tops, saved)] = tops
            known.update(map(id, tops))
    saved[f"{name}.trace{MODEL}"] = generation.trace(files, registry)
    own = model_files(saved, registry)
    if origin := generation.origin(model):
        own[m2t.ORIGIN] = origin.file()
    if any(map(models.is_private, saved.values())):
        own = {path: replace(file, private=True) for path, file in own.items()}
    return dict(sorted({**files, **own}.items()))


def check(model: Model, registry: Registry, source: Path) -> list[Diagnostic]:
    """The advice that constraints have for a model.

    Raises:
        Refused: where the model does not conform to its metamodel or breaks a constraint.
    """
    found = constraints.check(model, registry, registry.extensions)
    notices = [one.at(str(source)) for one in found]
    if wrong := errors(notices):
        raise Refused(wrong)
    return notices


def stated(model: Model, source: Path) -> Iterator[Diagnostic]:
    """The findings that a model itself holds: elements with severity and message in the root's feature `findings`."""
    for finding in (finding for root in models.roots(model) for finding in getattr(root, "findings", ())):
        yield Diagnostic(
            getattr(finding, "code", None) or "",
            finding.severity.name,
            finding.message,
            file=str(source),
            cell=getattr(finding, "cellNumber", 0) or 0,
            line=getattr(finding, "line", 0) or 0,
            remedy=getattr(finding, "remedy", None) or None,
        )


def related(model: Model) -> dict[str, Model]:
    """A model and all that it refers to, directly or not, by the name of the file that it is saved in."""
    found: dict[str, Model] = {}
    seen: set[int] = set()
    queue = [models.roots(model)]
    while queue:
        tops = queue.pop(0)
        if tops and id(tops[0]) in seen:
            continue
        seen.update(map(id, tops))
        found[_file_name(tops, found)] = tops
        for element in models.walk(tops):
            for feature in models.references(element.eClass):
                targets = [models.root_of(target) for target in models.values(element, feature)]
                queue += [models.siblings(target) for target in targets if id(target) not in seen]
    return found


def model_files(saved: Mapping[str, Model], registry: Registry) -> Files:
    """Models as files below `.nbmde`, with their metamodels, so that other tools open them as they are."""
    own = Path(OWN)
    contents = models.contents({own / name: model for name, model in saved.items()}, registry, own / "metamodels")
    contents |= {own / "metamodels" / path.name: path.read_bytes() for path in _metamodels(saved.values(), registry)}
    return {path.as_posix(): File(content) for path, content in contents.items()}


def save_models(files: Files, folder: Path) -> None:
    """Write the models among some files to a folder, over older ones."""
    own = f"{OWN}/"
    save_files({path.removeprefix(own): file for path, file in files.items() if path.startswith(own)}, folder)


def save_files(files: Files, folder: Path) -> None:
    """Write files to a folder, over older ones."""
    for path, file in files.items():
        target = folder / path
        try:
            m2t.put(target, file)
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(target)) from error


def refinements(model: Model) -> tuple[Refinement, ...]:
    """The traces of the refinements that have run on a model; together they are one model."""
    return tuple(record.trace for record in chain.records(model) if record.trace is not None)


def sources(model: Model) -> list[Path]:
    """The files that a model and those that it refers to were loaded from."""
    tops = (root for one in related(model).values() for root in models.roots(one))
    documents = dict.fromkeys(map(models.document_of, tops))
    return [document.path for document in documents if document is not None]


def _file_name(model: tuple[EObject, ...], taken: Mapping[str, Model]) -> str:
    """The name of a model's file: for its transformation, the class of its only root, or its metamodel."""
    transformation = str(getattr(model[0], "transformation", None) or "") if model else ""
    first, *others = transformation.split(".")
    named = model[0].eClass if len(model) == 1 else model[0].eClass.ePackage if model else None
    stem = named.name.lower() if named else "model"
    if first.isidentifier():
        stem = f"{first}.refinements" if others or len(model) > 1 else f"{first}.trace"
    name, number = f"{stem}{MODEL}", 2
    while name in taken:
        name, number = f"{stem}-{number}{MODEL}", number + 1
    return name


def _metamodels(some: Iterable[Model], registry: Registry) -> list[Path]:
    """The metamodels of some models, and those that these refer to."""
    found: dict[str, Path] = {}
    classes = dict.fromkeys(element.eClass for model in some for element in models.walk(model))
    queue = list(dict.fromkeys(eclass.ePackage for eclass in classes))
    while queue:
        package = queue.pop(0)
        if package is None or package.nsURI in found or package.nsURI == "http://www.eclipse.org/emf/2002/Ecore":
            continue
        found[package.nsURI] = registry.by_uri(package.nsURI).path
        for classifier in package.eClassifiers:
            queue += [supertype.ePackage for supertype in getattr(classifier, "eSuperTypes", ())]
            queue += [feature.eType.ePackage for feature in getattr(classifier, "eStructuralFeatures", ())]
    return [found[uri] for uri in sorted(found)]


def _files(extensions: tuple[Path, ...]) -> dict[str, Path]:
    roots = locations.roots("transformations", extensions)
    return {path.stem: path for root in roots for path in sorted(root.glob("*.toml"))}


def _remaining(steps: list[Step], model: Model, registry: Registry, source: Path) -> list[Step]:
    """The steps from the first one that takes a model on."""
    rest = chain.remaining(steps, model, _kinds(model), registry.extensions)
    if rest is None:
        raise NbmdeError(f"no step takes a model of {_metamodel_names(model)}", file=str(source))
    return rest


def _missed(steps: list[Step], model: Model, registry: Registry, source: Path) -> list[Diagnostic]:
    """Tell which refinements of extensions have not run on a model although later ones have."""
    message = "the refinement {} has not run on this model, and those that follow it have"
    remedy = "begin with what the model was made from, or run it alone: nbmde transform {}"
    return [
        Diagnostic("", "warning", message.format(step.name), file=str(source), remedy=remedy.format(step.name))
        for step in chain.missed(steps, model, _kinds(model), registry.extensions)
    ]


def _kinds(model: Model) -> set[str]:
    """The metamodels that a model is one of: those of its roots, and those of the roots' supertypes."""
    classes = dict.fromkeys(root.eClass for root in models.roots(model))
    return {one.ePackage.name for eclass in classes for one in (eclass, *eclass.eAllSuperTypes())}


def _metamodel_names(model: Model) -> str:
    """The metamodels of a model's roots, for messages."""
    names = dict.fromkeys(root.eClass.ePackage.name for root in models.roots(model))
    return " and ".join(names) or "no metamodel, as it is empty"
