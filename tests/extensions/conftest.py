"""Packages that are installed outside of the source tree, where nbmde finds them by their entry points."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

CELLS = (
    "import pandas as pd\nimport houseware\nfrom sklearn.linear_model import LinearRegression",
    "data = pd.read_csv('points.csv')",
    "data = houseware.polish(data)",
    "model = LinearRegression().fit(data[['x']], data['y'])",
    "print(model.score(data[['x']], data['y']))",
)


@dataclass(frozen=True)
class Site:
    """A folder in which distributions are installed."""

    folder: Path

    def install(self, *projects: Path) -> "Site":
        """Install projects; nbmde and what else they need are those of the environment that runs the tests."""
        if not projects:
            return self
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--upgrade"]
        done = subprocess.run(
            [*command, "--target", str(self.folder), *map(str, projects)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return self

    def python(self, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run Python with what is installed here."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "NBMDE"))}
        environment["PYTHONPATH"] = str(self.folder)
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment)

    def nbmde(self, *arguments: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command of nbmde, which must end with the given exit code."""
        done = self.python("-c", "from nbmde.cli import main; main()", *arguments, cwd=cwd)
        assert done.returncode == code, done.stdout + done.stderr
        return done


MakeSite = Callable[..., Site]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> MakeSite:
    """Installs projects in a new folder."""
    return lambda *projects: Site(tmp_path_factory.mktemp("site")).install(*projects)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """A notebook with a table beside it."""
    (tmp_path / "points.csv").write_text("x,y\n1,1\n2,2\n3,3\n")
    cells = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in CELLS
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    path = tmp_path / "trial.ipynb"
    path.write_text(json.dumps(content))
    return path
