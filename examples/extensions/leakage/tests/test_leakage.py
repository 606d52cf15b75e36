"""Leakage is found at its cell and line, and what is no leakage is not."""

import re
from pathlib import Path

import pytest

LOAD = "import pandas as pd\ndata = pd.read_csv('points.csv')\nX, y = data[['x']], data['y']"
IMPORTS = (
    "from sklearn.model_selection import train_test_split\n"
    "from sklearn.preprocessing import StandardScaler\n"
    "from imblearn.over_sampling import SMOTE"
)
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y)"

LEAKS = {
    "scaled, then split": (
        ["scaler = StandardScaler()\nX = scaler.fit_transform(X)", SPLIT],
        "cell 3, line 2:.*StandardScaler is fitted on all rows before line 1 of cell 4 splits them",
    ),
    "scaled in one expression": (
        ["X = StandardScaler().fit_transform(X)", SPLIT],
        "cell 3, line 1:.*StandardScaler is fitted on all rows",
    ),
    "fitted, applied later": (
        ["scaler = StandardScaler()\nscaler.fit(X)", "X = scaler.transform(X)", SPLIT],
        "cell 3, line 2:.*before line 1 of cell 5 splits",
    ),
    "columns in place": (
        ["data[['x']] = StandardScaler().fit_transform(data[['x']])\nX = data[['x']]", SPLIT],
        "cell 3, line 1:.*StandardScaler",
    ),
    "resampled, then split": (
        ["X, y = SMOTE().fit_resample(X, y)", SPLIT],
        "cell 3, line 1:.*SMOTE makes rows out of others before line 1 of cell 4",
    ),
    "fitted on the rows for the test": (
        [SPLIT, "X_train = StandardScaler().fit_transform(X_train)\nX_test = StandardScaler().fit_transform(X_test)"],
        "cell 4, line 2:.*StandardScaler is fitted on X_test, which is for the test",
    ),
}

SOUND = {
    "split, then scaled": [SPLIT, "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)"],
    "scaled, but other data are split": ["Z = StandardScaler().fit_transform(X)", SPLIT],
    "scaled for a picture, then read again": [
        "X = StandardScaler().fit_transform(X)",
        "X = pd.read_csv('points.csv')[['x']]",
        SPLIT,
    ],
    "never split": ["X = StandardScaler().fit_transform(X)"],
}


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("x,y\n1,1\n2,2\n")


@pytest.mark.parametrize("name", LEAKS)
def test_leakage_is_advice_at_its_cell_and_line(nbmde, notebook, name: str) -> None:
    cells, expected = LEAKS[name]
    (line,) = nbmde("validate", notebook(IMPORTS, LOAD, *cells)).stderr.splitlines()
    assert re.search(expected, line), line


@pytest.mark.parametrize("name", SOUND)
def test_what_is_no_leakage_is_not_reported(nbmde, notebook, name: str) -> None:
    assert nbmde("validate", notebook(IMPORTS, LOAD, *SOUND[name])).stderr == ""
