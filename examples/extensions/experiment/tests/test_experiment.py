"""A notebook with two models is an experiment with two runs."""

import csv
from pathlib import Path

CELLS = (
    "import pandas as pd\n"
    "from sklearn.linear_model import Ridge\n"
    "from sklearn.metrics import r2_score\n"
    "from sklearn.tree import DecisionTreeRegressor\n"
    "data = pd.read_csv('points.csv')\n"
    "X, y = data[['x']], data['y']",
    "ridge = Ridge(alpha=0.5)\nridge.fit(X, y)",
    ("print('ridge', r2_score(y, ridge.predict(X)))", "ridge 0.9\n"),
    "tree = DecisionTreeRegressor(max_depth=3, random_state=1)\ntree.fit(X, y)",
    ("print('tree, by the way', r2_score(y, tree.predict(X)))", "tree, by the way 0.8\n"),
)


def test_runs_have_their_parameters_and_metrics(nbmde, notebook, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x,y\n1,1\n2,2\n3,3\n")
    nbmde("run", "nb2experiment", notebook(*CELLS), "-o", "experiment")
    with (tmp_path / "experiment" / "trial.csv").open() as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        ("1", "ridge", "sklearn.linear_model.Ridge", "parameter", "alpha", "0.5", "2"),
        ("1", "ridge", "sklearn.linear_model.Ridge", "metric", "r2", "ridge 0.9", "3"),
        ("2", "tree", "sklearn.tree.DecisionTreeRegressor", "parameter", "max_depth", "3", "4"),
        ("2", "tree", "sklearn.tree.DecisionTreeRegressor", "parameter", "random_state", "1", "4"),
        ("2", "tree", "sklearn.tree.DecisionTreeRegressor", "metric", "r2", "tree, by the way 0.8", "5"),
    ]


def test_the_model_is_valid_and_what_is_not_measured_is_said(nbmde, notebook, tmp_path: Path) -> None:
    nbmde("run", "nb2experiment", notebook(*CELLS[:2]), "-o", "experiment")
    done = nbmde("validate", "experiment/.nbmde/experiment.xmi")
    assert "nothing tells how good ridge is" in done.stderr


def test_a_wrong_number_is_mended(nbmde, notebook, tmp_path: Path) -> None:
    nbmde("run", "nb2experiment", notebook(*CELLS), "-o", "experiment")
    model = tmp_path / "experiment" / ".nbmde" / "experiment.xmi"
    model.write_text(model.read_text().replace('number="2"', 'number="7"'))
    nbmde("validate", model, code=1)
    assert "Number them in their order" in nbmde("validate", "--fix", model).stdout
    nbmde("validate", model)
