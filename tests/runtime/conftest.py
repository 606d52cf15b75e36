"""A generated project, and Python processes in which its package can be imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from penguin_project import write

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in the mlops layout."""
    return write(tmp_path_factory.mktemp("generated") / "penguins")


@pytest.fixture(scope="session")
def python(generated: Path) -> Run:
    """Runs Python in a process of its own, as a program outside a notebook is run."""

    def run(*arguments: str, cwd: Path | None = None, project: Path = generated) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": str(project / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )

    return run
