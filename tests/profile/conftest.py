"""A notebook of rents, recorded in one run, and the projects made of it with and without what was recorded."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from notebooks import REGISTRY, generate, write_notebook
from profiled import RENTS, write_rents

from nbmde.engine import models
from nbmde.notebooks import injection


@pytest.fixture(scope="session")
def rents(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The notebook, its model with what a run recorded (in a file as well), the workflow, and the two projects."""
    folder = tmp_path_factory.mktemp("rents")
    write_rents(folder / "work")
    notebook = write_notebook(folder / "work" / "rents.ipynb", RENTS)
    before = {path.name: path.read_bytes() for path in notebook.parent.iterdir()}
    model = injection.inject(notebook, REGISTRY, python=Path(sys.executable), profile=120)
    models.save({folder / "nb.xmi": model}, REGISTRY)
    profiled = generate(folder / "nb.xmi", folder / "profiled")
    return SimpleNamespace(
        notebook=notebook,
        untouched=before == {path.name: path.read_bytes() for path in notebook.parent.iterdir()},
        model=model,
        file=folder / "nb.xmi",
        workflow=models.load(profiled / ".nbmde" / "workflow.xmi", REGISTRY),
        profiled=profiled,
        static=generate(notebook, folder / "static"),
    )
