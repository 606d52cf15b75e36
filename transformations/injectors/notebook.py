"""The Notebook model of a notebook file, with the local files and distributions that its code needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from nbmde.models import EObject, Registry
from nbmde.notebooks.inject import check_python, inject
from nbmde.notebooks.inject.enclosing_project import Ask
from nbmde.notebooks.profile import record


def injector(
    file: Path,
    registry: Registry,
    *,
    python: Path | None = None,
    profile: float | None = None,
    data_from: Iterable[Path] = (),
    ask: Ask | None = None,
) -> EObject:
    """Read a notebook.

    Args:
        python: interpreter whose installed distributions are looked up; the running one by default.
        profile: seconds in which the notebook is run and recorded; by default nothing is executed.
        data_from, ask: which files from outside the notebook's project come along; see `nbmde.notebooks.inject.inject`.
    """
    notebook = inject(file, registry, python, data_from, ask)
    if profile is not None:
        check_python(notebook, str(file))
        record(notebook, file, registry, python or Path(sys.executable), profile)
    return notebook
