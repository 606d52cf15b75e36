"""Notebook files, and the projects that nb2project makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from nbmde.engine import m2t, models
from nbmde.engine import pipeline as pipelines

REGISTRY = models.Registry()


def write_notebook(path: Path, sources: list[str]) -> Path:
    """A notebook file; sources that begin with # are Markdown."""
    cells = [
        nbformat.v4.new_markdown_cell(source) if source.startswith("#") else nbformat.v4.new_code_cell(source)
        for source in sources
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Text files below a folder, by their paths."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def generate(source: Path, folder: Path, **options: Any) -> Path:
    """The project that nb2project makes of a notebook or model."""
    outcome = pipelines.run(pipelines.find("nb2project"), source, REGISTRY, options)
    m2t.write(outcome.files, folder)
    return folder
