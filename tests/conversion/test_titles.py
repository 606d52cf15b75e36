"""A project is called what its notebook says it is, and not after the first part that any notebook has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notebooks import REGISTRY, write_notebook

from nbmde.engine import pipeline


def titled(folder: Path, *cells: tuple[str, str]) -> tuple[str, str]:
    """Title and description of a workflow; each cell with its type."""
    path = write_notebook(folder / "house_prices.ipynb", [source for _, source in cells])
    document = json.loads(path.read_text(encoding="utf-8"))
    for cell, (kind, _) in zip(document["cells"], cells, strict=True):
        if kind == "markdown":
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
            cell["cell_type"] = "markdown"
    path.write_text(json.dumps(document), encoding="utf-8")
    notebook = pipeline.inject("notebook", path, REGISTRY)
    workflow = pipeline.apply("notebook2workflow", notebook, REGISTRY, {}, path).root
    return workflow.title, workflow.description


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# Titanic", "Titanic"),
        ("# Predicting house prices", "Predicting house prices"),
        ("# Linear regression", "Linear regression"),
        ("## Sales of a shop", "Sales of a shop"),
        ("### Iris", "Iris"),
        ("Wine\n====", "Wine"),
        ("<h1 align='center'>Wine</h1>", "Wine"),
        ("# Titanic data analysis", "Titanic data analysis"),
        ("# Imports", ""),
        ("# Importing libraries", ""),
        ("# Import the required packages", ""),
        ("## 1. Importing the necessary libraries", ""),
        ("# Setup", ""),
        ("# Set up", ""),
        ("# Installing dependencies", ""),
        ("# Load the data", ""),
        ("# Reading data", ""),
        ("# Data preprocessing", "Data preprocessing"),
        ("# 2 - Model training", "2 - Model training"),
        ("# Exploratory data analysis", "Exploratory data analysis"),
        ("# Introduction", "Introduction"),
        ("# Table of contents", ""),
        ("# 1", ""),
        ("no heading", ""),
    ],
)
def test_a_part_that_any_notebook_has_is_no_title(heading: str, title: str, tmp_path: Path) -> None:
    assert titled(tmp_path, ("markdown", heading), ("code", "x = 1\nprint(x)"))[0] == title


@pytest.mark.parametrize(
    ("cells", "title", "description"),
    [
        ([("markdown", "# Wine\nAbout wine."), ("code", "print(1)")], "Wine", "About wine."),
        ([("markdown", "## Course 3"), ("markdown", "# Wine"), ("code", "print(1)")], "Wine", ""),
        ([("markdown", "## Wine"), ("markdown", "# Imports"), ("code", "print(1)")], "Wine", ""),
        ([("markdown", "# Imports"), ("markdown", "# Wine"), ("code", "print(1)")], "Wine", ""),
        ([("markdown", "## Imports"), ("markdown", "## Wine"), ("code", "print(1)")], "", ""),
        ([("markdown", "# Imports"), ("code", "import os"), ("markdown", "# Wine"), ("code", "print(1)")], "", ""),
        ([("code", "import os"), ("markdown", "# Wine"), ("code", "print(1)")], "", ""),
        ([("code", ""), ("markdown", "# Wine"), ("code", "print(1)")], "Wine", ""),
    ],
)
def test_a_title_stands_above_the_code(
    cells: list[tuple[str, str]], title: str, description: str, tmp_path: Path
) -> None:
    assert titled(tmp_path, *cells) == (title, description)


def test_a_project_without_a_title_is_called_as_its_notebook(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "house_prices.ipynb", ["print(1)"])
    outcome = pipeline.run(pipeline.find("nb2project"), path, REGISTRY, {})
    assert outcome.root.title == "House prices"
    assert outcome.files["README.md"].content.decode().startswith("# House prices\n")
