"""`nbmde explain` knows every code that the other commands show."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from nbformat import v4, write


def nbmde(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from nbmde.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_what_a_run_warns_of_is_explained(tmp_path: Path) -> None:
    cells = [v4.new_code_cell("import pandas as pd\ndf = pd.read_csv('gone.csv')\nprint(undefined_name)")]
    write(v4.new_notebook(cells=cells), tmp_path / "a.ipynb")
    done = nbmde("run", "nb2project", "a.ipynb", "-o", "a", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    codes = re.findall(r"\[([a-z-]+)\]", done.stderr)
    assert set(codes) == {"file-missing", "name-unbound"}
    for code in codes:
        told = nbmde("explain", code, cwd=tmp_path)
        assert told.returncode == 0, told.stderr
        assert told.stdout.startswith(f"{code} (warning, in the input)")
        assert "What to do: " in told.stdout


def test_constraints_and_conformance_are_explained_with_their_class(tmp_path: Path) -> None:
    listed = {row["code"]: row for row in json.loads(nbmde("explain", "--json", cwd=tmp_path).stdout)}
    assert listed["unique_id"]["severity"] == "error"
    assert listed["parameters_have_names_of_their_own"]["about"] == "mlproject.Function"
    assert listed["file-missing"]["example"]


def test_an_unknown_code_is_one_line_with_a_suggestion(tmp_path: Path) -> None:
    done = nbmde("explain", "file-misisng", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: there is no diagnostic 'file-misisng' (file-missing?)\n"
