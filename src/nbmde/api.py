"""The public interface, `import nbmde`: all that the command line does, and all that extensions are written with.

Each name in `__all__` is also one of `nbmde` itself. Elements of models are pyecore's; metamodels come from a
`Registry`, one for all models that refer to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbmde.engine import constraints, m2t, pipeline
from nbmde.engine.constraints import ConstraintSet
from nbmde.engine.diagnostics import Diagnostic, Fix
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m import Context, Result, RuleError, TraceIndex, Transformation
from nbmde.engine.m2t.files import Files
from nbmde.engine.m2t.writing import Written
from nbmde.engine.migration import Migration, migrate
from nbmde.engine.models import (
    Difference,
    EObject,
    Metamodel,
    Model,
    Registry,
    compare,
    comparison,
    instances,
    label,
    load,
    load_roots,
    roots,
    save,
    walk,
)
from nbmde.engine.pipeline import Outcome
from nbmde.engine.views.query import query
from nbmde.notebooks import injection, tracing
from nbmde.notebooks.inject import write as write_notebook
from nbmde.notebooks.tracing import Traced
from nbmde.notebooks.verify import Verdict
from nbmde.notebooks.verify import verify as verify_project

__all__ = [
    "ConstraintSet",
    "Context",
    "Diagnostic",
    "Difference",
    "EObject",
    "Fix",
    "Metamodel",
    "Migration",
    "NbmdeError",
    "Outcome",
    "Registry",
    "Result",
    "RuleError",
    "TraceIndex",
    "Traced",
    "Transformation",
    "Verdict",
    "Written",
    "compare",
    "comparison",
    "fix",
    "generate",
    "inject_notebook",
    "instances",
    "label",
    "load",
    "load_roots",
    "migrate",
    "query",
    "roots",
    "run",
    "save",
    "traces_of_notebook",
    "traces_of_project",
    "transform",
    "validate",
    "verify_project",
    "walk",
    "write_notebook",
    "write_project",
]


def inject_notebook(
    path: Path, registry: Registry, *, python: Path | None = None, profile: float | None = None
) -> EObject:
    """The Notebook model of a notebook file, with the local files and distributions that its code needs, checked.

    Args:
        python: interpreter whose installed distributions are looked up; the running one by default.
        profile: seconds in which the notebook is run and recorded. By default nothing is executed.

    Raises:
        NbmdeError: the file is no notebook, or does not run where it is profiled.
    """
    return injection.inject(Path(path), registry, python=python, profile=profile)


def transform(
    name: str, model: Model | Mapping[str, Model], registry: Registry, options: Mapping[str, Any] | None = None
) -> Result:
    """Transform a model: return the roots of the new model, its trace, findings, and a profile of rules.

    Args:
        name: of a folder in `transformations/`, such as notebook2workflow.
        model: its root or roots; where the transformation takes several models, each by the name of the input.
        options: by name, as `--set` gives them.

    Raises:
        NbmdeError: for a rule that fails, a result with errors, and an option that no rule asked for.
    """
    source = Path(getattr(model, "name", None) or name)
    outcome = pipeline.apply(name, model, registry, options or {}, source)
    refinements = pipeline.refinements(outcome.roots)
    return Result(outcome.roots, outcome.trace, outcome.findings, outcome.profiles[name], refinements)


def generate(model: Model, registry: Registry, templates: str | None = None) -> Files:
    """The files for a model by their paths, its own models in `.nbmde` among them. Nothing is written.

    Args:
        templates: a folder below `templates/`; that of the metamodel's name by default.

    Raises:
        NbmdeError: for a template that fails and files that cannot be.
    """
    if templates is None and not roots(model):
        raise NbmdeError("the model is empty, so nothing tells which templates are meant", remedy="name them")
    return pipeline.generate(templates or roots(model)[0].eClass.ePackage.name, model, registry)


def write_project(files: Files, folder: Path, *, keep_edited: bool = False, replace: bool = False) -> Written:
    """Write files below a folder, all or none; files there that a person changed are never overwritten.

    Args:
        keep_edited: leave such files as they are, where otherwise everything is refused.
        replace: the project of another notebook in the folder gives way.

    Raises:
        NbmdeError: for a folder of somebody else or of another notebook, files that were changed, and a folder to which
            another process writes.
    """
    return m2t.write(files, Path(folder), keep_edited=keep_edited, replace=replace)


def run(
    name: str, source: Path, registry: Registry, options: Mapping[str, Any] | None = None, *,
    inputs: Mapping[str, Path] | None = None, python: Path | None = None, profile: float | None = None,
) -> Outcome:  # fmt: skip
    """Run a pipeline in memory: the last model, the files, notices, and profiles of rules. Nothing is written.

    Args:
        name: of a pipeline, such as nb2project.
        source: a notebook, or a model to go on from.
        options: for the transformations.
        inputs: files of further models for transformations that take several, by name.
        python, profile: as for `inject_notebook`.

    Raises:
        NbmdeError: from any step.
    """
    chain = pipeline.find(name, registry.extensions)
    request = injection.request(Path(source), python=python, profile=profile)
    return pipeline.run(chain, Path(source), registry, options or {}, inputs=inputs, request=request)


def validate(model: Model, registry: Registry) -> list[Diagnostic]:
    """Check a model: report where it does not conform to its metamodels, else which constraints do not hold."""
    return constraints.check(model, registry, registry.extensions)


def fix(model: Model, registry: Registry) -> list[tuple[Diagnostic, Fix]]:
    """Apply the fixes of constraints that do not hold to a model, and tell which.

    Raises:
        NbmdeError: for a fix that fails or does not help.
    """
    return constraints.fix(model, lambda root: constraints.check(root, registry, registry.extensions))


def traces_of_project(folder: Path, registry: Registry) -> Traced:
    """The traces of a generated project: from lines to cells and back, also where files were edited.

    Raises:
        NbmdeError: the folder is no generated project.
    """
    return tracing.of_project(Path(folder), registry)


def traces_of_notebook(path: Path, registry: Registry) -> Traced:
    """The traces of the project that a notebook would become. Nothing is written.

    Raises:
        NbmdeError: the notebook cannot be converted.
    """
    return tracing.of_notebook(Path(path), registry)
