"""Runs that want the same folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path


def test_two_runs_into_one_folder_are_never_mixed(nbmde, notebook: Path, tmp_path: Path) -> None:
    """While one is at work, the other is refused."""
    other = notebook.with_name("other.ipynb")
    other.write_text(notebook.read_text(encoding="utf-8").replace("2.5", "3.5"), encoding="utf-8")
    code = [sys.executable, "-c", "from nbmde.cli import main; main()", "run", "nb2project"]
    both = [
        subprocess.Popen([*code, path.name, "-o", "project"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        for path in (notebook, other)
    ]
    told = [process.communicate()[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    refused = next(text for process, text in zip(both, told, strict=True) if process.returncode)
    assert re.search("another run of nbmde is writing|holds the project of", refused)
    winner = next(path for path, process in zip((notebook, other), both, strict=True) if not process.returncode)
    assert json.loads((tmp_path / "project/.nbmde/origin.json").read_text())["name"] == winner.name
    assert (tmp_path / "project/src" / winner.stem).is_dir()
    assert len(list((tmp_path / "project/src").iterdir())) == 1
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_another_notebook_takes_the_place_on_request_only(nbmde, notebook: Path, tmp_path: Path) -> None:
    assert nbmde("run", "nb2project", notebook, "-o", "project").returncode == 0
    other = notebook.rename(notebook.with_name("other.ipynb"))
    refused = nbmde("run", "nb2project", other, "-o", "project")
    assert refused.returncode == 1
    assert "holds the project of the sums.ipynb" in refused.stderr
    assert "--replace" in refused.stderr
    assert (tmp_path / "project/src/sums").is_dir()
    assert nbmde("run", "nb2project", other, "-o", "project", "--replace").returncode == 0
    assert [path.name for path in (tmp_path / "project/src").iterdir()] == ["other"]
