"""A project hides nothing that its notebook imports, nor a library, nor the standard library."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from notebooks import generate, write_files, write_notebook

from nbmde.engine.errors import NbmdeError


@pytest.mark.parametrize(
    "name", ["pyspark", "prophet", "numpy", "json", "nbmde", "yaml", "own", "env", "build", "logs"]
)
def test_a_notebook_that_is_called_like_a_module(name: str, tmp_path: Path) -> None:
    write_files(tmp_path, {"own.py": "x = 1\n"})
    cells = ["import pyspark, own\nprint(own.x)"]
    project = generate(write_notebook(tmp_path / f"{name}.ipynb", cells), tmp_path / "project")
    assert (project / f"src/{name}_project/pipeline.py").is_file()
    named = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert named["name"] not in named["dependencies"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("numpy", "hide the library"),
        ("json", "standard library"),
        ("test", "standard library"),
        ("nbmde", "hide the library"),
        ("homegrown", "the notebook imports"),
        ("own", "beside the notebook"),
        ("class", "no name for a package"),
    ],
)
def test_a_package_that_would_hide_another_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    write_files(tmp_path, {"own.py": "x = 1\n"})
    notebook = write_notebook(tmp_path / "shop.ipynb", ["import homegrown, own\nprint(own.x)"])
    with pytest.raises(NbmdeError, match=reason):
        generate(notebook, tmp_path / "project", package=name)


def test_a_project_is_not_installed_under_the_name_of_what_it_needs(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "shop.ipynb", ["import sklearn\nprint(sklearn.__name__)"])
    with pytest.raises(NbmdeError, match="that others install"):
        generate(notebook, tmp_path / "project", name="scikit_learn")
