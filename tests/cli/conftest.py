"""The command line as a user has it: another process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nbmde.engine import locations

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def nbmde(tmp_path: Path) -> Run:
    """Runs nbmde in a folder of its own."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("NBMDE_")}
        return subprocess.run(
            [sys.executable, "-P", "-c", "from nbmde.cli import main; main()", *map(str, arguments)],
            cwd=tmp_path,
            env={**inherited, "COLUMNS": "100", **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A small notebook with a data file beside it."""
    cells = [
        ("markdown", "# Sums"),
        ("code", "import csv"),
        ("code", "with open('numbers.csv') as stream:\n    rows = [float(row[0]) for row in csv.reader(stream)]"),
        ("code", "factor = 2.5\ntotal = sum(rows) * factor\nprint('total', total)"),
        ("code", "total"),
    ]
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {"id": f"c{number}", "cell_type": kind, "metadata": {}, "source": source}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for number, (kind, source) in enumerate(cells)
        ],
    }
    path = tmp_path / "sums.ipynb"
    path.write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "numbers.csv").write_text("1\n2\n3\n", encoding="utf-8")
    return path


@pytest.fixture
def examples() -> Path:
    """The example notebooks."""
    return locations.home() / "examples"
