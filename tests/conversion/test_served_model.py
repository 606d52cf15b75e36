"""A model is offered with the inputs and transformers that it was fitted with, not with what their names hold later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from oracle import Oracle

DATA = (
    "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\n"
    "from sklearn.preprocessing import StandardScaler\n"
    "X = np.random.RandomState(0).normal(size=(80, 2))\ny = X[:, 0] > 0.1\nother = X * 3 + 1"
)
FIT = "scaler = StandardScaler().fit(X)\nX_scaled = scaler.transform(X)\nmodel = LogisticRegression().fit(X_scaled, y)"
CHECK = "print(model.score(X_scaled, y))"


def train_script(folder: Path) -> str:
    return (folder / "src" / "story" / "utils" / "train.py").read_text(encoding="utf-8")


def check_project(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": "src"}, capture_output=True, text=True, timeout=300
    )


def test_features_and_transformer_that_stay_are_saved(oracle: Oracle) -> None:
    folder, _ = oracle.convert([(DATA, []), (FIT, []), (CHECK, [])])
    assert "transformers=[results.scaler,]" in "".join(train_script(folder).split())
    assert "example=results.X," in train_script(folder)


@pytest.mark.parametrize("later", ["X = np.column_stack([X, y])", "X, rest = np.column_stack([X, y]), 1", "del X"])
def test_features_that_are_bound_again_are_no_example(oracle: Oracle, later: str) -> None:
    folder, _ = oracle.convert([(DATA, []), (FIT, []), (CHECK, []), (later, [])])
    assert "results.model" in train_script(folder)
    assert "example=" not in train_script(folder)
    done = check_project(folder)
    assert done.returncode == 0, done.stdout


def test_a_model_whose_transformer_is_another_one_now_is_not_offered(oracle: Oracle) -> None:
    later = "scaler = StandardScaler().fit(other)\nprint(scaler.mean_.round(3))"
    folder, _ = oracle.convert([(DATA, []), (FIT, []), (CHECK, []), (later, [])])
    assert "save_model" not in train_script(folder)
    assert not (folder / "src" / "story" / "serving").exists()
