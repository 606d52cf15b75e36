"""What waits for a person: questions, a debugger, the end that a notebook makes of itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from oracle import Oracle


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a project where nobody sits at a terminal."""
    return subprocess.run(
        [sys.executable, "scripts/train.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("question", "variable"),
    [
        ('name = input("Name? ")', "ANSWER_NAME"),
        ("name = input()", "ANSWER_NAME"),
        ('from getpass import getpass\nname = getpass("Name: ")', "ANSWER_NAME"),
        ('name = str(input("Which file? ")).strip()', "ANSWER_NAME"),
        ('names = {}\nnames["x"] = input("Your name, please: ")\nname = names["x"]', "ANSWER_YOUR_NAME_PLEASE"),
    ],
)
def test_a_question_is_answered_by_the_environment(oracle: Oracle, question: str, variable: str) -> None:
    folder, outcome = oracle.convert([(question, []), ('print("hello", name)', [])])
    assert any(variable in str(notice) for notice in outcome.notices)
    assert run(folder, **{variable: "Ada"}).stdout == "hello Ada\n"
    without = run(folder)
    assert without.returncode == 1
    assert variable in without.stderr


def test_a_debugger_is_left_out(oracle: Oracle) -> None:
    folder, outcome = oracle.convert(
        [("import pdb\nx = 1\nif x:\n    pdb.set_trace()\nbreakpoint()", []), ("print(x)", [])]
    )
    assert any("left out" in str(notice) for notice in outcome.notices)
    assert run(folder).stdout == "1\n"


@pytest.mark.parametrize("end", ["exit()", "quit()", "exit", "if x:\n    exit()"])
def test_where_a_notebook_ends_itself_the_project_ends(oracle: Oracle, end: str) -> None:
    folder, _ = oracle.convert([("x = 1\nprint(x)", []), (end, []), ("print(2)", [])])
    result = run(folder)
    assert (result.stdout, result.returncode) == ("1\n", 0), result.stderr
