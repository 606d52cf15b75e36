"""The option that runs the notebook, as a user has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_command_line import tree

pytestmark = pytest.mark.slow


def test_help_says_that_the_notebook_is_executed(nbmde) -> None:
    for command in ("run", "inject"):
        text = " ".join(nbmde(command, "--help").stdout.replace("│", " ").split())
        assert "--profile" in text
        assert "Executes the notebook." in text


def test_a_recorded_run_and_the_steps_one_by_one_give_the_same_bytes(nbmde, notebook: Path, tmp_path: Path) -> None:
    commands = [
        ["inject", notebook, "-o", "a/nb.xmi", "--profile", "--timeout", "120"],
        ["run", "nb2project", "a/nb.xmi", "-o", "whole"],
        ["transform", "notebook2workflow", "a/nb.xmi", "-o", "b/wf.xmi"],
        ["transform", "workflow2project", "b/wf.xmi", "-o", "project.xmi"],
        ["generate", "project.xmi", "-o", "steps"],
        ["run", "nb2project", "whole/.nbmde/notebook.xmi", "-o", "again"],
    ]
    for number, command in enumerate(commands):
        done = nbmde(*command, PYTHONHASHSEED=str(number))
        assert done.returncode == 0, done.stderr
    whole = tree(tmp_path / "whole")
    assert b"rows: list[float]" in whole["src/sums/pipeline.py"]
    assert tree(tmp_path / "steps") == whole
    assert tree(tmp_path / "again") == whole


def test_run_records_as_inject_does(nbmde, notebook: Path, tmp_path: Path) -> None:
    assert nbmde("run", "nb2project", notebook, "-o", "p", "--profile").returncode == 0
    assert nbmde("inject", notebook, "-o", "nb.xmi", "--profile").returncode == 0
    one, other = (
        path.read_text(encoding="utf-8") for path in (tmp_path / "p/.nbmde/notebook.xmi", tmp_path / "nb.xmi")
    )
    assert "<profile" in one
    assert one.count("<values") == other.count("<values")


def test_a_notebook_that_fails_is_refused_and_nothing_is_written(nbmde, notebook: Path, tmp_path: Path) -> None:
    document = json.loads(notebook.read_text(encoding="utf-8"))
    document["cells"][3]["source"] = "total = missing"
    notebook.write_text(json.dumps(document), encoding="utf-8")
    before = set(tree(tmp_path))
    for command in (["run", "nb2project", notebook, "-o", "p"], ["inject", notebook, "-o", "nb.xmi"]):
        done = nbmde(*command, "--profile")
        assert done.returncode == 1
        error = done.stderr.strip().splitlines()[-1]
        assert error.startswith(f"error: {notebook}, cell 4: the notebook itself fails: NameError")
        assert error.endswith("(repair it first, or convert it without --profile)")
    assert set(tree(tmp_path)) == before
    assert nbmde("run", "nb2project", notebook, "-o", "p").returncode == 0
