"""What is edited with EMF, as in Eclipse, carries through to a project that runs and computes the same, or is refused.

Every edit names elements by what they are called; a refusal names the element and says why.
"""

from __future__ import annotations

import json
import re
import shutil
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
    "import pandas as pd\nfrom sklearn.tree import DecisionTreeRegressor as Tree\nimport math",
    "rate = 0.5\ntable = pd.read_csv('points.csv')\ntable.head(3)",
    "table.hist('x')",
    "def scaled(values, by=rate):\n    return values * by + math.floor(1.5)\n"
    "def both(frame):\n    return scaled(frame['x'])",
    "limit = 4\ntable['z'] = both(table)\nsmall = table.query('x < @limit')\nprint(f'{len(small)=} {rate:.{limit}f}')",
    "tree = Tree(max_depth=2, random_state=0)\ntree.fit(table[['x', 'z']], table['y'])",
    "guess = tree.predict(table[['x', 'z']])\nprint([round(value, 3) for value in guess if value > rate])",
)
Run = Callable[..., str]


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a notebook and the project made of it."""
    folder = tmp_path_factory.mktemp("edited")
    (folder / "points.csv").write_text("x,y\n1,1\n2,2\n3,5\n4,2\n5,9\n6,1\n7,8\n")
    cells = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in CELLS
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "points.ipynb").write_text(json.dumps(content))
    told(folder, "run", "nb2project", "points.ipynb", "-o", "project")
    return folder


@pytest.fixture
def here(converted: Path, tmp_path: Path) -> Path:
    """A copy of it to edit."""
    return Path(shutil.copytree(converted, tmp_path / "copy"))


def told(folder: Path, *arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-c", "from nbmde.cli import main; main()", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == code, done.stdout + done.stderr
    return re.sub(r"\s+", " ", done.stdout + done.stderr)


def model(folder: Path, name: str) -> Path:
    return folder / "project" / ".nbmde" / f"{name}.xmi"


def identifier(file: Path, feature: str, name: str) -> str:
    """The id of an element, by the name of the feature that holds it and its own."""
    found = re.search(rf'<{feature} [^>]*?id="([^"]+)" name="{name}"', file.read_text())
    assert found, f"{feature} {name}"
    return found[1]


def workflow(folder: Path, *edits: tuple[str, ...], code: int = 0) -> str:
    """Edits the workflow and goes on from it."""
    assert emf.edit(model(folder, "workflow"), *edits) == []
    return told(folder, "run", "nb2project", "project/.nbmde/workflow.xmi", "-o", "other", code=code)


def project(folder: Path, *edits: tuple[str, ...], code: int = 0) -> str:
    """Edits the project and generates it anew."""
    assert emf.edit(model(folder, "project"), *edits) == []
    return told(folder, "generate", "project/.nbmde/project.xmi", "-o", "project", code=code)


def code_of(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text() for file in sorted((folder / "src").rglob("*.py"))}


def computes_the_same(folder: Path, name: str) -> None:
    """The linter has nothing to say of a project, and it computes what the notebook computes."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "."], cwd=folder / name, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told(folder, "verify", "points.ipynb", name)


def rename(file: Path, feature: str, name: str, other: str) -> tuple[str, ...]:
    return ("set", identifier(file, feature, name), "name", other)


# -- what carries through --------------------------------------------------------------------------------------------
def test_renamed_symbols(here: Path) -> None:
    file = model(here, "workflow")
    names = {
        "rate": "ratio",
        "table": "points",
        "scaled": "stretched",
        "Tree": "Model",
        "math": "maths",
        "tree": "fitted",
    }
    workflow(here, *(rename(file, "symbols", name, other) for name, other in names.items()))
    code = "\n".join(code_of(here / "other").values())
    assert "import math as maths" in code
    assert "DecisionTreeRegressor as Model" in code
    assert re.search(r"def stretched\(values, by=ratio\)", code)
    assert "stretched(frame[" in code
    computes_the_same(here, "other")


def test_a_renamed_step(here: Path) -> None:
    step = re.findall(r'<steps [^>]*?id="[^"]+" name="(\w+)"', model(here, "workflow").read_text())[0]
    workflow(here, rename(model(here, "workflow"), "steps", step, "bring_points"))
    assert re.search(r"= bring_points\(", code_of(here / "other")["src/points/pipeline.py"])
    computes_the_same(here, "other")


def test_a_literal_that_is_changed(here: Path) -> None:
    setting = identifier(model(here, "workflow"), "settings", "max_depth")
    workflow(here, ("set", setting, "value", "1"))
    assert re.search(r"max_depth: 1\b", (here / "other" / "configs" / "model_config.yaml").read_text())
    assert "cell 6" in told(here, "verify", "points.ipynb", "other", code=1)
    notebook = here / "points.ipynb"
    notebook.write_text(notebook.read_text().replace("max_depth=2", "max_depth=1"))
    computes_the_same(here, "other")


def test_a_setting_that_is_added(here: Path) -> None:
    file = model(here, "workflow")
    (owner,) = [one for one in re.findall(r"<statements [^>]*?>", file.read_text()) if "limit = 4" in one]
    statement = re.search(r'id="([^"]+)"', owner)
    root = re.search(r'<workflow:Workflow [^>]*?id="([^"]+)"', file.read_text())
    assert statement
    assert root
    start = CELLS[4].index("4")
    values = {"name": "most", "value": "4", "type": "int", "role": "constant", "start": start, "end": start + 1}
    added = ("add", root[1], "settings", "setting.added")
    set_ = [("set", "setting.added", name, str(value)) for name, value in values.items()]
    workflow(here, added, *set_, ("set", "setting.added", "statement", statement[1]))
    assert re.search(r"limit = config\.most", "\n".join(code_of(here / "other").values()))
    assert "most: 4" in "".join(file.read_text() for file in (here / "other" / "configs").glob("*.yaml"))
    computes_the_same(here, "other")


def test_an_exploring_step_that_is_deleted(here: Path) -> None:
    file = model(here, "workflow")
    steps = re.findall(r'<steps [^>]*?id="([^"]+)" name="(\w+)"[^>]*?exploration="true"', file.read_text())
    assert steps, "a step that only draws"
    workflow(here, ("delete", steps[0][0]))
    assert f"def {steps[0][1]}(" not in "".join(code_of(here / "other").values())
    assert re.search(r"cell 3", told(here, "verify", "points.ipynb", "other", code=1))


def test_renamed_parameters_and_definitions(here: Path) -> None:
    file = model(here, "project")
    edits = [rename(file, "parameters", "table", "frame_"), rename(file, "members", "scaled", "stretched")]
    project(here, *edits, rename(file, "members", "rate", "ratio"))
    code = "\n".join(code_of(here / "project").values())
    assert "(frame_: " in code
    assert "def stretched(values, by=ratio)" in code
    computes_the_same(here, "project")


def test_renamed_settings(here: Path) -> None:
    file = model(here, "project")
    section = re.search(r'<sections [^>]*?id="([^"]+)" name="paths"', file.read_text())
    assert section
    edits = [rename(file, "settings", "max_depth", "levels"), rename(file, "settings", "points_csv", "csv_of_points")]
    project(here, *edits, ("set", section[1], "name", "files"), ("set", section[1], "className", "Files"))
    code = "\n".join(code_of(here / "project").values())
    assert "max_depth=config.levels" in code
    assert "paths.csv_of_points" in code
    assert "config.files" in code
    computes_the_same(here, "project")


def test_a_renamed_package_and_a_renamed_module(here: Path) -> None:
    file = model(here, "project")
    root = re.search(r'<mlproject:Project [^>]*?id="([^"]+)"', file.read_text())
    assert root
    edits = [("set", root[1], "package", "measured"), rename(file, "modules", "train_model", "trees")]
    project(here, *edits, rename(file, "packages", "data", "tables"))
    files = code_of(here / "project")
    assert "src/measured/models/trees.py" in files
    assert not (here / "project" / "src" / "points").exists()
    assert re.search(r"^from measured\.models\.trees import ", files["src/measured/pipeline.py"], re.M)
    for text in (*files.values(), *(f.read_text() for f in (here / "project").glob("*.*") if f.is_file())):
        assert not re.search(r"\b(?:from|import) points\b|src/points", text)
    computes_the_same(here, "project")


def test_functions_and_definitions_in_other_modules(here: Path) -> None:
    file = model(here, "project")
    home = identifier(file, "modules", "train_model")
    names = re.findall(r'<members xsi:type="mlproject:Definition"[^>]*? name="(\w+)"', file.read_text())
    names.sort(key=lambda name: name != "rate")  # what the default of an argument needs
    project(here, *(("move", identifier(file, "members", name), "members", home) for name in names))
    files = code_of(here / "project")
    text = files["src/points/models/train_model.py"]
    assert all(f"\n{name} = " in text or f"\ndef {name}(" in text for name in names)
    computes_the_same(here, "project")


# -- what is refused -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("limit", "bound", "limit cannot become bound: a text says it in cell 5, line 3"),
        ("rate", "print", "rate cannot become print: Python itself calls something else so"),
        ("rate", "frame", "rate cannot become frame: the code in cell 4, line 3, calls something else so"),
        ("rate", "two words", "'two words' is no Python identifier"),
    ],
)
def test_symbols_that_cannot_be_called_so(here: Path, name: str, other: str, why: str) -> None:
    said = workflow(here, rename(model(here, "workflow"), "symbols", name, other), code=1)
    assert f"Symbol '{other}' (symbol." in said
    assert why in said
    assert not (here / "other").exists()


def test_text_and_element_that_were_both_edited(here: Path) -> None:
    file = model(here, "workflow")
    (owner,) = [one for one in re.findall(r"<statements [^>]*?>", file.read_text()) if "limit = 4" in one]
    statement = re.search(r'id="([^"]+)"', owner)
    assert statement
    edits = [("set", statement[1], "text", "# more\nlimit = 4"), rename(file, "symbols", "limit", "most")]
    said = workflow(here, *edits, code=1)
    assert f"Statement ({statement[1]})" in said
    assert "its text in cell 5, line 1 was edited, and limit was renamed to most" in said


def test_a_step_behind_one_that_needs_it(here: Path) -> None:
    file = model(here, "workflow")
    first = re.findall(r'<steps [^>]*?id="([^"]+)" name="(\w+)"', file.read_text())[0]
    said = workflow(here, ("place", first[0], "2"), code=1)
    assert re.search(r"step \w+ takes \w+, which no step before it gives", said)


@pytest.mark.parametrize(
    ("feature", "name", "other", "why"),
    [
        ("parameters", "table", "len", "was called table; the code of Function"),
        ("settings", "max_depth", "random_state", "several settings are called random_state"),
        ("members", "both", "frame", "was called both; the code of"),
        ("members", "both", "1st", "'1st' is no Python identifier"),
    ],
)
def test_elements_of_a_project_that_cannot_be_called_so(
    here: Path, feature: str, name: str, other: str, why: str
) -> None:
    before = code_of(here / "project")
    said = project(here, rename(model(here, "project"), feature, name, other), code=1)
    assert why in said
    assert code_of(here / "project") == before


def test_modules_that_would_import_each_other(here: Path) -> None:
    file = model(here, "project")
    moved = ("move", identifier(file, "members", "both"), "members", identifier(file, "modules", "train_model"))
    assert "import each other" in project(here, moved, code=1)
