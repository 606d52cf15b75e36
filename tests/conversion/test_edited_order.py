"""An edited order of statements and steps is one that computes the same, or it is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from notebooks import REGISTRY, write_files, write_notebook

from nbmde.engine import constraints, m2t, models, pipeline

SETUP = """
import os
import random
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
df = pd.read_csv('flats.csv')
other = pd.read_csv('streets.csv')
total = 0
"""
FILES = {"flats.csv": "size,rent\n30,500\n45,700\n60,900\n80,1200\n", "streets.csv": "size,street\n30,a\n60,b\n"}

# What stands first in the notebook, and what behind it; what is said where they change places, empty where they may.
PAIRS: dict[str, tuple[str, str, str]] = {
    # names
    "read behind its binding": ("small = df[df['size'] < 50]", "print(small)", "binds small"),
    "bound again behind its reading": ("print(total)", "total = 5", "binds total"),
    "bound twice": ("total = 1", "total = 2", "binds total"),
    "unbound": ("print(total)", "del total", "binds total"),
    "bound on some path": ("print(total)", "if len(df) > 9:\n    total = 1", "binds total"),
    "read in a function": (
        "def scaled(value):\n    return value * total\ntotal = 3",
        "scaled(2)",
        "binds total",
    ),
    # changes in place
    "a column that is dropped": ("print(df['rent'])", "df.drop(columns='rent', inplace=True)", "changes df"),
    "a column that is added": ("df['twice'] = df['size'] * 2", "print(df)", "changes df"),
    "changed through another name": ("sizes = df['size']\nlength = len(sizes)", "df.loc[0, 'size'] = 1", "df"),
    "changed by a function of the notebook": (
        "def mark(table):\n    table['mark'] = 1\nprint(df.shape)",
        "mark(df)",
        "df",
    ),
    "changed by what is not known": ("print(df.shape)", "df.pipe_into_something(other)", "df"),
    "fitted": ("model = Ridge()\nprint(model.alpha)", "model.fit(df[['size']], df['rent'])", "model"),
    "an iterator": ("rows = iter(df['size'])\nfirst = next(rows)", "second = next(rows)", "changes rows"),
    "a generator": ("rows = (size for size in df['size'])\nfirst = list(rows)", "second = list(rows)", "changes rows"),
    "a callable that keeps what it changes": (
        "from functools import partial\nkept = []\nadd = partial(list.append, kept)\nadd(1)",
        "print(kept)",
        "changes add",
    ),
    "a name that a lambda reads late": ("scaled = lambda size: size * total\ntotal = 4", "print(scaled(2))", "total"),
    "an object of a class of the notebook": (
        "class Bag:\n    def __init__(self):\n        self.items = []\n    def put(self, item):\n"
        "        self.items.append(item)\nbag = Bag()\nbag.put(1)",
        "print(bag.items)",
        "bag",
    ),
    "an item of what several come from": (
        "fig, ax = plt.subplots()\nax.plot([1])",
        "ax.set_title('rent')",
        "touches matplotlib",
    ),
    # resources
    "read behind its writing": ("df.to_csv('copy.csv')", "again = pd.read_csv('copy.csv')", "touches files"),
    "written twice": ("df.to_csv('copy.csv')", "other.to_csv('copy.csv')", "touches files"),
    "random numbers": ("first = np.random.rand()", "second = np.random.rand()", "touches numpy.random"),
    "a seed": ("np.random.seed(0)", "sample = np.random.rand(3)", "touches numpy.random"),
    "an estimator without a seed": (
        "from sklearn.ensemble import RandomForestRegressor\nforest = RandomForestRegressor()\n"
        "forest.fit(df[['size']], df['rent'])",
        "sample = np.random.rand()",
        "touches numpy.random",
    ),
    "a figure": ("plt.plot(df['size'])", "plt.title('sizes')", "touches matplotlib"),
    "the environment": ("os.environ['MODE'] = 'x'", "mode = os.getenv('MODE')", "touches environment"),
    # independent ones
    "two readings": ("print(df.shape)", "print(df.head())", ""),
    "two bindings": ("a = df['size'].mean()", "b = other['size'].max()", ""),
    "changes a copy that": ("clean = df.dropna()\nclean['x'] = 1", "print(df.shape)", ""),
    "two files that are read": ("a = pd.read_csv('flats.csv')", "b = pd.read_csv('streets.csv')", ""),
    "two files that are written": ("df.to_csv('one.csv')", "other.to_csv('two.csv')", ""),
    "a function that changes nothing": (
        "def doubled(table):\n    return table['size'] * 2\nprint(df.shape)",
        "print(doubled(df))",
        "",
    ),
    "an estimator with a seed": (
        "from sklearn.ensemble import RandomForestRegressor\nforest = RandomForestRegressor(random_state=0)\n"
        "forest.fit(df[['size']], df['rent'])",
        "sample = np.random.rand()",
        "",
    ),
    "what a function of the notebook made is only read": (
        "def prepared(table):\n    table = table.copy()\n    table['x'] = 1\n    return table\nready = prepared(df)\n"
        "print(ready.shape)",
        "print(ready.columns)",
        "",
    ),
    "different generators": ("a = np.random.rand()", "b = random.random()", ""),
}


def refined(folder: Path, *cells: str) -> Any:
    write_files(folder, FILES)
    path = write_notebook(folder / "flats.ipynb", [SETUP, *cells])
    return pipeline.run(pipeline.find("nb2project"), path, REGISTRY, {}, until="exploration").root


def in_one_step(workflow: Any) -> Any:
    """All statements of a workflow in its first step."""
    first, *rest = list(workflow.steps)
    for step in rest:
        first.statements.extend(list(step.statements))
        workflow.steps.remove(step)
    return first


def said(workflow: Any) -> list[str]:
    found = constraints.check(workflow, REGISTRY)
    return [one.message for one in found if one.code == "order_is_kept"]


@pytest.mark.parametrize("name", PAIRS)
def test_statements_change_places_where_nothing_depends_on_it(tmp_path: Path, name: str) -> None:
    before, behind, expected = PAIRS[name]
    workflow = refined(tmp_path, before, behind)
    statements = in_one_step(workflow).statements
    assert said(workflow) == []
    last, place = statements[-1], len(statements) - 2
    statements.remove(last)
    statements.insert(place, last)
    found = said(workflow)
    assert len(found) == bool(expected), found
    if expected:
        assert "stands before cell 2" in found[0]
        assert expected in found[0]


CELLS = (
    "## Sizes",
    "small = df[df['size'] < 70]\nprint(small.shape)",
    "## Streets",
    "streets = other['street'].str.upper()\nprint(list(streets))",
    "## Without rents",
    "sizes = df.drop(columns='rent')\ndf = sizes\nprint(df.columns.tolist())",
    "## Mean",
    "print(small['rent'].mean(), streets[0], len(sizes))",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flats")
    write_files(folder, FILES)
    path = write_notebook(folder / "flats.ipynb", [SETUP, *CELLS])
    m2t.write(pipeline.run(pipeline.find("nb2project"), path, REGISTRY, {}).files, folder / "project")
    return folder / "project"


def moved(project: Path, cell: int, before: int) -> list[str]:
    """What is said of the saved workflow when the step of a cell stands before that of another one."""
    registry = models.Registry()
    workflow: Any = models.load(project / ".nbmde/workflow.xmi", registry)
    steps = {statement.cellNumber: step for step in workflow.steps for statement in step.statements}
    step = steps[cell]
    workflow.steps.remove(step)
    workflow.steps.insert(list(workflow.steps).index(steps[before]), step)
    models.save({project / ".nbmde/workflow.xmi": workflow}, registry)
    return [one.message for one in constraints.check(workflow, registry) if one.severity == "error"]


def test_a_step_behind_the_one_that_drops_its_column_is_refused(project: Path) -> None:
    model = project / ".nbmde/workflow.xmi"
    before = model.read_bytes()
    said = next(one for one in moved(project, 7, 3) if "stands before cell 3" in one)
    model.write_bytes(before)
    assert "one of them binds df" in said


@pytest.mark.slow
def test_a_step_that_nothing_depends_on_is_moved(project: Path) -> None:
    assert moved(project, 5, 3) == []
    command = [sys.executable, "-c", "from nbmde.cli import main; main()"]
    for arguments in (
        ["run", "nb2project", project / ".nbmde/workflow.xmi", "-o", project],
        ["verify", project.parent / "flats.ipynb", project],
    ):
        done = subprocess.run([*command, *map(str, arguments)], capture_output=True, text=True)
        print(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_statement_in_a_step_that_does_not_take_what_it_reads_is_refused(tmp_path: Path) -> None:
    workflow = refined(tmp_path, *CELLS)
    steps = {statement.cellNumber: step for step in workflow.steps for statement in step.statements}
    last = steps[5].statements[-1]  # prints the streets
    steps[7].statements.insert(0, last)
    (said,) = [one.message for one in constraints.check(workflow, REGISTRY) if one.severity == "error"]
    assert said == f"step {steps[7].name} reads streets in cell 5, line 2, and does not take it"


def test_a_step_that_no_longer_has_what_it_gives_is_refused(tmp_path: Path) -> None:
    workflow = refined(tmp_path, *CELLS)
    steps = {statement.cellNumber: step for step in workflow.steps for statement in step.statements}
    steps[5].statements.insert(0, steps[3].statements[0])  # binds small
    found = [one.message for one in constraints.check(workflow, REGISTRY) if one.severity == "error"]
    assert f"step {steps[3].name} gives small, which it does not have" in found
