"""A model that was changed and saved by EMF, as in Eclipse's editor, carries through into the project."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import emf
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(emf.missing_packages()), reason="Java or EMF is not installed"),
]

CELLS = (
    "import pandas as pd\nfrom sklearn.tree import DecisionTreeRegressor\nfrom sklearn.metrics import r2_score",
    "data = pd.read_csv('points.csv')",
    "data.describe()\ndata.hist()",
    "def double(values):\n    return values * 2",
    "data['twice'] = double(data['x'])\ndata = pd.concat([data, data.tail(1)])",
    "tree = DecisionTreeRegressor(max_depth=2, random_state=0)\ntree.fit(data[['x', 'twice']], data['y'])",
    "print(r2_score(data['y'], tree.predict(data[['x', 'twice']])))",
)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def nbmde(tmp_path: Path) -> Run:
    def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from nbmde.cli import main; main()", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    (tmp_path / "points.csv").write_text("x,y\n1,1\n2,2\n3,5\n4,2\n5,9\n6,1\n7,8\n")
    cells = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in CELLS
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    path = tmp_path / "points.ipynb"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def project(nbmde: Run, notebook: Path, tmp_path: Path) -> Path:
    nbmde("run", "nb2project", notebook, "-o", "project")
    return tmp_path / "project"


def identifier(model: Path, kind: str, name: str) -> str:
    """The id of an element, by the name of its feature or class and its own name."""
    found = re.search(rf'<{kind} [^>]*?id="([^"]+)" name="{name}"', model.read_text())
    assert found, f"{kind} {name}"
    return found[1]


def code(project: Path) -> dict[str, str]:
    return {file.relative_to(project).as_posix(): file.read_text() for file in sorted((project / "src").rglob("*.py"))}


def ruff_and_mypy(project: Path) -> None:
    for command in (["ruff", "check", "."], ["mypy", "."]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_renamed_function(nbmde: Run, project: Path, notebook: Path) -> None:
    model = project / ".nbmde" / "project.xmi"
    assert emf.edit(model, ("set", identifier(model, "members", "load_data"), "name", "read_points")) == []
    nbmde("generate", model, "-o", project)
    files = code(project)
    assert "def read_points(" in files["src/points/data/load_data.py"]
    assert "load_data(" not in files["src/points/pipeline.py"]
    assert "= read_points(" in files["src/points/pipeline.py"]
    ruff_and_mypy(project)
    nbmde("verify", notebook, project)


def test_a_function_in_another_module_takes_its_imports_along(nbmde: Run, project: Path, notebook: Path) -> None:
    model = project / ".nbmde" / "project.xmi"
    before = code(project)
    (home,) = [path for path, text in before.items() if "double(data" in text]
    function = re.findall(r"^def (\w+)\(", before[home].partition("double(data")[0], re.MULTILINE)[-1]
    target = identifier(model, "modules", "train_model")
    moved = identifier(model, "members", function)
    assert emf.edit(model, ("move", moved, "members", target)) == []
    told = nbmde("generate", model, "-o", project).stderr
    assert "Its imports follow its functions" in told
    after = code(project)
    assert f"def {function}(" in after["src/points/models/train_model.py"]
    assert "import pandas as pd" in after["src/points/models/train_model.py"]
    assert re.search(r"^from points\.\S+ import .*double", after["src/points/models/train_model.py"], re.MULTILINE)
    assert re.search(rf"^from points\.models\.train_model import .*{function}", after["src/points/pipeline.py"], re.M)
    ruff_and_mypy(project)
    nbmde("verify", notebook, project)


def test_a_deleted_exploration(nbmde: Run, project: Path, notebook: Path) -> None:
    model = project / ".nbmde" / "project.xmi"
    (explored,) = re.findall(r'<members [^>]*?id="([^"]+)" name="(\w+)"[^>]*exploration="true"', model.read_text())
    (call,) = re.findall(rf'<calls [^>]*?id="([^"]+)"[^>]*function="{explored[0]}"', model.read_text())
    assert emf.edit(model, ("delete", call), ("delete", explored[0])) == []
    nbmde("generate", model, "-o", project)
    assert explored[1] not in "".join(code(project).values())
    ruff_and_mypy(project)
    done = nbmde("verify", notebook, project, code=1)
    assert "cell 3" in done.stdout + done.stderr, "what is gone is found and named"


def test_a_changed_hyper_parameter(nbmde: Run, project: Path, notebook: Path) -> None:
    model = project / ".nbmde" / "project.xmi"
    assert emf.edit(model, ("set", identifier(model, "settings", "max_depth"), "value", "1")) == []
    nbmde("generate", model, "-o", project)
    assert re.search(r"max_depth: 1\b", (project / "configs" / "model_config.yaml").read_text())
    done = nbmde("verify", notebook, project, code=1)
    assert re.search(r"cell 6", done.stdout + done.stderr)
    notebook.write_text(notebook.read_text().replace("max_depth=2", "max_depth=1"))
    nbmde("verify", notebook, project)


def test_what_was_not_edited_stays_byte_for_byte(nbmde: Run, project: Path) -> None:
    before = {file: file.read_bytes() for file in project.rglob("*") if file.is_file() and ".nbmde" not in file.parts}
    model = project / ".nbmde" / "project.xmi"
    root = re.search(r'id="(project\.\d+)"', model.read_text())
    assert root
    assert emf.edit(model, ("set", root[1], "name", "points")) == []
    assert "unchanged" in nbmde("generate", model, "-o", project).stdout
    after = {file: file.read_bytes() for file in project.rglob("*") if file.is_file() and ".nbmde" not in file.parts}
    assert after == before
