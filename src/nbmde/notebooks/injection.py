"""Notebooks as the first step of a pipeline: what the injector is told, and what is said of a notebook by itself."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbmde.engine import pipeline
from nbmde.engine.diagnostics import Diagnostic
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Registry
from nbmde.engine.pipeline import MODEL
from nbmde.notebooks.inject.enclosing_project import Ask

INJECTOR = "notebook"
WORKFLOW = "notebook2workflow"
"""The transformation whose findings a notebook is examined with."""


def request(
    source: Path,
    *,
    python: Path | None = None,
    profile: float | None = None,
    data_from: Iterable[Path] = (),
    ask: Ask | None = None,
) -> dict[str, Any]:
    """Make the injector's request; see `injector` in `transformations/injectors/notebook.py` for the arguments.

    Raises:
        NbmdeError: a model is to be run and recorded.
    """
    if profile is not None and source.suffix == MODEL:
        reason = "is a model, which cannot be run to be recorded"
        raise NbmdeError(reason, file=str(source), remedy="give --profile where the notebook is read")
    return {"python": python, "profile": profile, "data_from": data_from, "ask": ask}


def inject(
    path: Path,
    registry: Registry,
    *,
    python: Path | None = None,
    profile: float | None = None,
    data_from: Iterable[Path] = (),
    ask: Ask | None = None,
) -> EObject:
    """The Notebook model of a file, checked; see `request` for the arguments."""
    told = request(path, python=python, profile=profile, data_from=data_from, ask=ask)
    return pipeline.inject(INJECTOR, path, registry, told)


def examine(path: Path, registry: Registry) -> tuple[EObject, list[Diagnostic]]:
    """The model of a notebook, checked as is the workflow that it computes, and the advice for both."""
    notebook = inject(path, registry)
    advice = pipeline.check(notebook, registry, path)
    return notebook, advice + pipeline.apply(WORKFLOW, notebook, registry, {}, path).notices
