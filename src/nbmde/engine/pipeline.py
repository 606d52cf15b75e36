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
from typing import Any

from nbmde.engine import constraints, locations, m2m, m2t, models
from nbmde.engine.diagnostics import Diagnostic, Refused, errors
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import OWN, File, Files
from nbmde.engine.models import EObject, Registry
from nbmde.engine.models.garbage import collection_paused, drop_empty_slots

KINDS = ("inject", "transform", "generate")
MODEL = ".xmi"
EXTENSIONS = "extensions"
"""The option that tells transformations where extensions are."""

Progress = Callable[[int, int, str], None]
"""Called before each step with its number from 0, the number of steps, and what it is."""


@dataclass(frozen=True)
class Step:
    """One step: a kind of `KINDS`, and the name of what it runs."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


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
        """What transformations are told where the extensions are those of a registry."""
        return cls({**(options or {}), EXTENSIONS: registry.extensions})

    def get(self, key: str, default: Any = None) -> Any:
        """The value of an option, or the default."""
        self.asked.add(key)
        return super().get(key, default)

    def unknown(self, names: Iterable[str]) -> NbmdeError | None:
        """What is wrong with options of these names, if no transformation asked for one."""
        unknown = sorted(set(names) - self.asked)
        if not unknown:
            return None
        known = ", ".join(sorted(self.asked - {EXTENSIONS})) or "none"
        return NbmdeError(f"there is no option {unknown[0]!r}", remedy=f"options are: {known}")


@dataclass
class Outcome:
    """What a pipeline made; nothing is written yet.

    Attributes:
        root: the last model.
        files: what was generated; empty where no step generates.
        notices: what the user should know.
        profiles: how often and how long the rules of each transformation ran, by its name.
    """

    root: EObject
    files: Files = field(default_factory=dict)
    notices: list[Diagnostic] = field(default_factory=list)
    profiles: dict[str, list[m2m.RuleProfile]] = field(default_factory=dict)


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
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NbmdeError(f"not a readable pipeline: {error}", file=str(path)) from error
    steps = data.get("step", [])
    for step in steps:
        if len(step) != 1 or not set(step) <= set(KINDS) or not all(isinstance(value, str) for value in step.values()):
            reason = f"a step is one of {', '.join(KINDS)} with a name, not {step}"
            raise NbmdeError(reason, file=str(path))
    if not steps:
        raise NbmdeError("has no steps", file=str(path), remedy='[[step]] transform = "..."')
    chain = tuple(Step(kind, value) for step in steps for kind, value in step.items())
    return Pipeline(name, str(data.get("description", "")), chain, data.get("options", {}))


def run(
    pipeline: Pipeline,
    source: Path,
    registry: Registry,
    options: Mapping[str, Any],
    *,
    request: Mapping[str, Any] | None = None,
    progress: Progress = lambda number, count, what: None,
) -> Outcome:
    """Run a pipeline in memory.

    Args:
        source: what the first injector reads, or a model (`.xmi`) from which the chain is gone on: at the first step
            that takes it.
        options: for transformations, by name.
        request: for injectors, by name; see `inject`.

    Raises:
        NbmdeError: from any step; `Refused` for a model with errors.
    """
    steps = list(pipeline.steps)
    outcome = Outcome(None)
    if source.suffix == MODEL:
        outcome.root = load(source, registry)
        steps = _remaining(steps, outcome.root, registry, source)
    told = Options.of(registry, {**pipeline.options, **options})
    with collection_paused():  # nothing that is made here is garbage
        for number, step in enumerate(steps):
            progress(number, len(steps), str(step))
            if step.kind == "inject":
                outcome.root = inject(step.name, source, registry, request)
            elif step.kind == "transform":
                result, notices = transform(step.name, outcome.root, registry, told, source)
                drop_empty_slots(outcome.root)  # nobody else has it; a caller of `transform` may hold lists of it
                outcome.root = result.root
                outcome.profiles[step.name] = result.profile
                outcome.notices += notices
            else:
                outcome.files |= generate(step.name, outcome.root, registry)
    if error := told.unknown(options):
        raise error
    return outcome


# Steps


def load(path: Path, registry: Registry) -> EObject:
    """The model in a file, checked."""
    root = models.load(path, registry)
    check(root, registry, path)
    return root


def examine(path: Path, registry: Registry) -> tuple[EObject, list[Diagnostic]]:
    """The model in a file, checked, and the advice for it."""
    root = models.load(path, registry)
    return root, check(root, registry, path)


def load_edited(path: Path, registry: Registry) -> tuple[EObject, list[str]]:
    """The model in a file that a person may have edited, checked; automatic fixes are applied, and said."""
    root = models.load(path, registry)
    done = constraints.fix(root, lambda one: constraints.check(one, registry, registry.extensions), automatic=True)
    check(root, registry, path)
    return root, [f"{models.label(finding.element)}: {finding.message}. {fix.title}" for finding, fix in done]


def mend(path: Path, registry: Registry) -> list[str]:
    """Apply the fixes of constraints to the model in a file, and say what was done. It is saved if anything was.

    Raises:
        NbmdeError: for a fix that fails; nothing is saved.
    """
    root = models.load(path, registry)
    done = constraints.fix(root, lambda root: constraints.check(root, registry, registry.extensions))
    if done:
        models.save({path: root}, registry)
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
        root = injector(path, registry, **told)
    except NbmdeError:
        raise
    except Exception as error:
        raise NbmdeError(f"injector {name}: {type(error).__name__}: {error}", file=str(path)) from error
    check(root, registry, path)
    drop_empty_slots(root)
    return root


def transform(
    name: str, root: EObject, registry: Registry, options: Options, source: Path
) -> tuple[m2m.Result, list[Diagnostic]]:
    """What a transformation makes of a model, checked; and what it has to say.

    Args:
        source: the file that the user named, for messages.

    Raises:
        Refused: where the target has findings of severity error, or breaks a constraint.
    """
    transformation = m2m.find(name, registry.extensions)
    if transformation.source not in _kinds(root):
        reason = f"transformation {name} takes a model of {transformation.source}, not of {root.eClass.ePackage.name}"
        raise NbmdeError(reason, file=str(source))
    result = m2m.run(transformation, root, registry, options)
    notices = [finding.at(str(source)) for finding in result.findings] + list(stated(result.root, source))
    if wrong := errors(notices):
        raise Refused(wrong)
    notices += check(result.root, registry, source)
    drop_empty_slots(result.root)
    return result, notices


def generate(name: str, root: EObject, registry: Registry) -> Files:
    """The files for a model, with the model itself, all that it refers to, and traces in the folder `.nbmde`."""
    generation = m2t.find(name, registry.extensions)
    files = generation.run(root, registry)
    roots = {**related(root), f"{name}.trace{MODEL}": generation.trace(files, registry)}
    own = model_files(roots, registry)
    if origin := generation.origin(root):
        own[m2t.ORIGIN] = origin.file()
    if any(map(models.is_private, roots.values())):
        own = {path: replace(file, private=True) for path, file in own.items()}
    return dict(sorted({**files, **own}.items()))


def check(root: EObject, registry: Registry, source: Path) -> list[Diagnostic]:
    """The advice that constraints have for a model.

    Raises:
        Refused: where the model does not conform to its metamodel or breaks a constraint.
    """
    found = constraints.check(root, registry, registry.extensions)
    notices = [one.at(str(source)) for one in found]
    if wrong := errors(notices):
        raise Refused(wrong)
    return notices


def stated(root: EObject, source: Path) -> Iterator[Diagnostic]:
    """The findings that a model itself holds: elements with severity and message in the root's feature `findings`."""
    for finding in getattr(root, "findings", ()):
        yield Diagnostic(
            getattr(finding, "code", None) or "",
            finding.severity.name,
            finding.message,
            file=str(source),
            cell=getattr(finding, "cellNumber", 0) or 0,
            line=getattr(finding, "line", 0) or 0,
            remedy=getattr(finding, "remedy", None) or None,
        )


def related(root: EObject) -> dict[str, EObject]:
    """A model and all that it refers to, directly or not, by the name of the file that it is saved in."""
    found: dict[str, EObject] = {}
    seen: set[int] = set()
    queue = [root]
    while queue:
        model = queue.pop(0)
        if id(model) in seen:
            continue
        seen.add(id(model))
        found[_file_name(model, found)] = model
        for element in models.walk(model):
            for feature in models.references(element.eClass):
                targets = (models.root_of(target) for target in models.values(element, feature))
                queue += [target for target in targets if id(target) not in seen]
    return found


def model_files(roots: Mapping[str, EObject], registry: Registry) -> Files:
    """Models as files below `.nbmde`, with their metamodels, so that other tools open them as they are."""
    own = Path(OWN)
    contents = models.contents({own / name: root for name, root in roots.items()}, registry, own / "metamodels")
    contents |= {own / "metamodels" / path.name: path.read_bytes() for path in _metamodels(roots.values(), registry)}
    return {path.as_posix(): File(content) for path, content in contents.items()}


def save_models(files: Files, folder: Path) -> None:
    """Write the models among some files to a folder, over older ones."""
    for path, file in files.items():
        if path.startswith(f"{OWN}/"):
            target = folder / path.removeprefix(f"{OWN}/")
            try:
                m2t.put(target, file)
            except OSError as error:
                raise NbmdeError(f"cannot be written: {error.strerror}", file=str(target)) from error


def sources(root: EObject) -> list[Path]:
    """The files that a model and those that it refers to were loaded from."""
    documents = (models.document_of(model) for model in related(root).values())
    return [document.path for document in documents if document is not None]


def _file_name(model: EObject, taken: Mapping[str, EObject]) -> str:
    transformation = str(getattr(model, "transformation", None) or "")
    stem = f"{transformation}.trace" if transformation.isidentifier() else model.eClass.name.lower()
    name, number = f"{stem}{MODEL}", 2
    while name in taken:
        name, number = f"{stem}-{number}{MODEL}", number + 1
    return name


def _metamodels(roots: Any, registry: Registry) -> list[Path]:
    """The metamodels of some models, and those that these refer to."""
    found: dict[str, Path] = {}
    classes = dict.fromkeys(element.eClass for root in roots for element in models.walk(root))
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


def _remaining(steps: list[Step], root: EObject, registry: Registry, source: Path) -> list[Step]:
    """The steps from the first one that takes a model on."""
    kinds = _kinds(root)
    for number, step in enumerate(steps):
        if step.kind == "transform" and m2m.find(step.name, registry.extensions).source in kinds:
            return steps[number:]
    made = [m2m.find(step.name, registry.extensions).target for step in steps if step.kind == "transform"]
    last = [step for step in steps if step.kind == "generate"]
    if last and (not made or made[-1] in kinds):
        return last
    raise NbmdeError(f"no step takes a model of {root.eClass.ePackage.name}", file=str(source))


def _kinds(root: EObject) -> set[str]:
    """The metamodels that a model is one of: that of its root, and those of the root's supertypes."""
    return {eclass.ePackage.name for eclass in (root.eClass, *root.eClass.eAllSuperTypes())}
