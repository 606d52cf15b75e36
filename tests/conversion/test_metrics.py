"""A metric knows the model that it measures, the data and rows, and the figure that the notebook's outputs tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from nbmde.engine import models
from nbmde.engine import pipeline as pipelines

SETUP = """
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import accuracy_score, mean_absolute_error, mean_squared_error, r2_score, silhouette_score
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.preprocessing import StandardScaler
df = pd.read_csv('flats.csv')
more = pd.read_csv('streets.csv')
X, y = df[['size', 'rooms']], df['rent']
"""
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)\n"
FIT = SPLIT + "model = Ridge().fit(X_train, y_train)\n"


def refined(folder: Path, *cells: tuple[str, str]) -> Any:
    """The workflow of a notebook, of cells with what they have written."""
    made = []
    for number, (source, written) in enumerate(((SETUP, ""), *cells), 1):
        outputs: list[Any] = []
        if written.startswith("Out: "):
            data = {"text/plain": written.removeprefix("Out: ")}
            outputs = [nbformat.v4.new_output("execute_result", data, execution_count=number)]
        elif written:
            outputs = [nbformat.v4.new_output("stream", name="stdout", text=written)]
        made.append(nbformat.v4.new_code_cell(source, outputs=outputs, execution_count=number))
    for name in ("flats.csv", "streets.csv"):
        (folder / name).write_text("size,rooms,rent\n30,1,500\n", encoding="utf-8")
    nbformat.write(nbformat.v4.new_notebook(cells=made), folder / "flats.ipynb")
    chain = pipelines.find("nb2project")
    return pipelines.run(chain, folder / "flats.ipynb", models.Registry(), {}, until="metrics").root


def told(workflow: Any) -> list[tuple[str, ...]]:
    return [
        (
            metric.name,
            metric.model.symbol.name if metric.model else "",
            metric.data.name if metric.data else "",
            metric.target.name if metric.target else "",
            metric.part.name,
        )
        for metric in workflow.metrics
    ]


EVALUATED = {
    "rows that were split off": (
        FIT + "print(r2_score(y_test, model.predict(X_test)))",
        [("r2", "model", "X_test", "y_test", "heldout")],
    ),
    "the rows that it was fitted to": (
        FIT + "predicted = model.predict(X_train)\nr2 = r2_score(y_train, predicted)",
        [("r2", "model", "X_train", "y_train", "training")],
    ),
    "all rows": (FIT + "r2_score(y, model.predict(X))", [("r2", "model", "X", "y", "both")]),
    "a second split of the rows for training": (
        SPLIT + "X_fit, X_valid, y_fit, y_valid = train_test_split(X_train, y_train, random_state=0)\n"
        "model = Ridge().fit(X_fit, y_fit)\nprint(model.score(X_valid, y_valid), model.score(X_test, y_test))",
        [("score", "model", "X_valid", "y_valid", "heldout"), ("score", "model", "X_test", "y_test", "heldout")],
    ),
    "tables that went through a transformer": (
        SPLIT
        + "scaler = StandardScaler()\nZ_train = scaler.fit_transform(X_train)\nZ_test = scaler.transform(X_test)\n"
        "model = Ridge().fit(Z_train, y_train)\nr2_score(y_test, model.predict(Z_test))\n"
        "r2_score(y_train, model.predict(scaler.transform(X_train)))",
        [("r2", "model", "Z_test", "y_test", "heldout"), ("r2", "model", "X_train", "y_train", "training")],
    ),
    "rows that are cut by hand": (
        "model = Ridge().fit(X[:80], y[:80])\nr2_score(y[80:], model.predict(X[80:]))",
        [("r2", "model", "X", "", "unknown")],
    ),
    "labels made of what was predicted": (
        FIT + "labels = (model.predict(X_test) > 500).astype(int)\naccuracy_score(y_test > 500, labels)",
        [("accuracy", "model", "X_test", "", "heldout")],
    ),
    "arguments by name": (
        FIT + "r2_score(y_pred=model.predict(X_test), y_true=y_test)",
        [("r2", "model", "X_test", "y_test", "heldout")],
    ),
    "a function that is called for two models": (
        SPLIT + "def evaluate(model, X, y):\n    return mean_absolute_error(y, model.predict(X))\n"
        "ridge = Ridge().fit(X_train, y_train)\nplain = LinearRegression().fit(X_train, y_train)\n"
        "first = evaluate(ridge, X_test, y_test)\nsecond = evaluate(plain, X_train, y_train)",
        [
            ("mean_absolute_error", "ridge", "X_test", "y_test", "heldout"),
            ("mean_absolute_error", "plain", "X_train", "y_train", "training"),
        ],
    ),
    "a model that its name no longer holds": (
        FIT + "r2_score(y_test, model.predict(X_test))\nmodel = LinearRegression().fit(X_train, y_train)",
        [("r2", "", "X_test", "y_test", "heldout")],
    ),
    "what a search found": (
        SPLIT + "grid = GridSearchCV(Ridge(), {'alpha': [1, 2]})\ngrid.fit(X_train, y_train)\n"
        "r2_score(y_test, grid.best_estimator_.predict(X_test))",
        [("r2", "grid", "X_test", "y_test", "heldout")],
    ),
    "fitted again and again": (
        "model = Ridge()\nscores = cross_val_score(model, X, y)\nmodel.fit(X, y)",
        [("cross_validation", "model", "X", "y", "crossvalidation")],
    ),
    "groups": (
        "groups = KMeans(2, random_state=0)\nfound = groups.fit_predict(X)\nsilhouette_score(X, found)",
        [("silhouette", "groups", "X", "", "training")],
    ),
    "no model": (SPLIT + "r2_score(y_test, [1] * len(y_test))", [("r2", "", "", "y_test", "unknown")]),
    "two models at once": (
        FIT + "other = LinearRegression().fit(X_train, y_train)\n"
        "r2_score(y_test, (model.predict(X_test) + other.predict(X_test)) / 2)",
        [("r2", "", "", "y_test", "unknown")],
    ),
    "a function that nothing calls": (
        FIT + "chosen = [lambda X, y: r2_score(y, model.predict(X))]",
        [("r2", "", "", "", "unknown")],
    ),
}


@pytest.mark.parametrize("name", EVALUATED)
def test_a_metric_is_of_a_model_and_of_rows(tmp_path: Path, name: str) -> None:
    code, expected = EVALUATED[name]
    workflow = refined(tmp_path, (code, ""))
    assert told(workflow) == expected
    for metric in workflow.metrics:
        assert metric.statement.step in list(workflow.steps)
        assert metric.model is None or metric in list(metric.model.metrics)


def test_data_sets_are_those_that_the_rows_were_read_from(tmp_path: Path) -> None:
    joined = (
        "Z = df.merge(more, on='size')\nmodel2 = Ridge().fit(Z[['size']], Z['rent_x'])\nmodel2.score(Z[['size']], y)"
    )
    workflow = refined(tmp_path, (FIT + "model.score(X_test, y_test)", ""), (joined, ""))
    paths = [[dataset.path for dataset in metric.datasets] for metric in workflow.metrics]
    assert paths == [["flats.csv"], ["flats.csv", "streets.csv"]]
    assert [[dataset.path for dataset in model.datasets] for model in workflow.models] == paths


ACCURACY = "r2 = r2_score(y_test, model.predict(X_test))\n"
WRITTEN = {
    "a word before it": (ACCURACY + "print('R2:', r2)", "R2: 0.8125\n", [0.8125]),
    "rounded in an f-string": (ACCURACY + "print(f'R2 {r2:.3f} on test')", "R2 0.812 on test\n", [0.812]),
    "per cent": (ACCURACY + "print(f'R2 {r2:.1%}')", "R2 81.2%\n", [0.812]),
    "a hundredfold": (ACCURACY + "print(f'R2: {r2 * 100:.1f} %')", "R2: 81.2 %\n", [0.812]),
    "filled in": (ACCURACY + "print('R2: {:.2f}'.format(r2))", "R2: 0.81\n", [0.81]),
    "filled in the older way": (ACCURACY + "print('R2: %.2f%%' % (100 * r2))", "R2: 81.25%\n", [0.8125]),
    "put together": (ACCURACY + "print('R2: ' + str(round(r2, 2)))", "R2: 0.81\n", [0.81]),
    "the value of a cell": (ACCURACY + "r2", "Out: 0.8125", [0.8125]),
    "the value of a cell, of numpy's type": (ACCURACY + "r2", "Out: np.float64(0.8125)", [0.8125]),
    "a number alone": (ACCURACY + "print(r2)", "0.8125\n", [0.8125]),
    "a small number": (ACCURACY + "print('R2:', r2)", "R2: 1.5e-07\n", [1.5e-07]),
    "thousands": (ACCURACY + "print(f'R2: {r2:,.1f}')", "R2: -12,345.5\n", [-12345.5]),
    "printed in a function": (
        "def show(name, model):\n    r2 = r2_score(y_test, model.predict(X_test))\n    print(f'{name}: R2 {r2:.2f}')\n"
        "show('one', model)\nshow('two', model)",
        "one: R2 0.81\ntwo: R2 0.83\n",
        [0.81, 0.83],
    ),
    "the same text twice": (
        ACCURACY + "print('R2:', r2)\nr2 = r2_score(y_train, model.predict(X_train))\nprint('R2:', r2)",
        "R2: 0.81\nR2: 0.9\n",
        [0.81, 0.9],
    ),
    # what could be told only by guessing
    "the same text more often than it is seen": (
        ACCURACY + "print('R2:', r2)\nfor _ in range(2):\n    print('R2:', 0)",
        "R2: 0.81\nR2: 0\nR2: 0\n",
        [None],
    ),
    "numbers alone": (ACCURACY + "print(r2)\nprint(0.5)", "0.8125\n0.5\n", [None]),
    "another text": (ACCURACY + "print('R2:', r2)", "r2 = 0.8125\n", [None]),
    "in a branch": (ACCURACY + "if r2 > 0:\n    print('R2:', r2)", "R2: 0.8125\n", [None]),
    "no number": (ACCURACY + "print('R2:', r2)", "R2: nan\n", [None]),
    "computed further": (ACCURACY + "print('R2:', r2 ** 0.5)", "R2: 0.9\n", [None]),
    "not run": (ACCURACY + "print('R2:', r2)", "", [None]),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_figure_is_the_one_in_the_outputs(tmp_path: Path, name: str) -> None:
    code, written, expected = WRITTEN[name]
    metrics = refined(tmp_path, (FIT, ""), (code, written)).metrics
    assert [metric.value for metric in metrics] == expected
    known = ["unknown" if value is None else "printed" for value in expected]
    assert [metric.provenance.name for metric in metrics] == known


def test_the_readme_says_what_the_notebook_measured(tmp_path: Path) -> None:
    refined(
        tmp_path,
        (FIT + "r2 = r2_score(y_test, model.predict(X_test))\nprint(f'R2: {r2:.3f}')", "R2: 0.910\n"),
        ("print('train', model.score(X_train, y_train))", "train 12345.0\n"),
        ("model.score(X, y)", ""),
    )
    files = pipelines.run(pipelines.find("nb2project"), tmp_path / "flats.ipynb", models.Registry(), {}).files
    results = files["README.md"].content.decode().partition("\n## Results\n")[2].partition("\n## ")[0]
    assert [line for line in results.splitlines() if line][2:] == [
        "| r2 | `model` | `X_test`, held out | 0.91 |",
        "| score | `model` | `X_train`, which it was fitted to | 12,345 |",
    ]
