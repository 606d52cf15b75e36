"""What the tests of the extension share: the command line, and notebooks."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Nbmde = Callable[..., subprocess.CompletedProcess[str]]
Notebook = Callable[..., Path]


@pytest.fixture
def nbmde(tmp_path: Path) -> Nbmde:
    """Runs a command of nbmde, which must end with the given exit code."""

    def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from nbmde.cli import main; main()", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    """Writes a notebook of code cells; of a pair, the second is what the cell printed."""

    def write(*cells: str | tuple[str, str]) -> Path:
        document = []
        for cell in cells:
            source, printed = cell if isinstance(cell, tuple) else (cell, "")
            outputs = [{"output_type": "stream", "name": "stdout", "text": printed}] if printed else []
            document.append(
                {"cell_type": "code", "source": source, "metadata": {}, "outputs": outputs, "execution_count": None}
            )
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        content = {"cells": document, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
        path = tmp_path / "trial.ipynb"
        path.write_text(json.dumps(content))
        return path

    return write
