"""Notebooks with their projects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from notebooks import generate, write_notebook
from verified import ORDERS


@pytest.fixture
def project_of(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """Makes a notebook of some cells, and a project of that."""

    def make(*sources: str, name: str = "work") -> tuple[Path, Path]:
        notebook = write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", list(sources))
        return notebook, generate(notebook, tmp_path / "made" / name)

    return make


@pytest.fixture
def orders(project_of: Callable[..., tuple[Path, Path]]) -> tuple[Path, Path]:
    """A notebook that draws random numbers, changes what has two names, prints and shows; and its project."""
    return project_of(*ORDERS, name="orders")
