"""Whatever the input, there is a project or a line that says why not. `make fuzz` tries thousands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fuzz
import mutations
import pytest

pytestmark = pytest.mark.slow

SECONDS = 40.0


def test_mutated_inputs_are_converted_or_refused_in_words() -> None:
    tally = fuzz.fuzz(10_000, 10_000, seed=1, seconds=SECONDS)
    assert not tally.faults, [(wrong, name) for wrong, name, _ in tally.faults]
    assert {name.split()[0] for name in tally.outcomes} == {".ipynb", ".xmi"}


def cell(**changes: Any) -> Callable[[dict[str, Any]], None]:
    """Changes the third cell."""
    return lambda document: document["cells"][2].update(changes)


NOTEBOOKS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a type of cell that is null": (cell(cell_type=None), r"cell 3: not a valid notebook: cell_type is missing"),
    "a type of cell that is a list": (cell(cell_type=["code"]), r"cell 3: not a valid notebook: cell_type"),
    "200 lambdas in each other": (cell(source="f = " + "lambda: " * 200 + "1"), "cell 3, line 1: nested too deeply"),
    "99 ifs in each other": (
        cell(source="\n".join(" " * n + "if 1:" for n in range(99)) + "\n" + " " * 99 + "x = 1"),
        "cell 3, line .*: nested too deeply",
    ),
    "a version that is a text": (
        lambda document: document.update(nbformat_minor="5"),
        "nbformat_minor is not a number",
    ),
    "cells that are null": (lambda document: document.update(cells=None), "not a valid notebook: cells"),
}
"""Inputs that were faults once, or nearly: what is wrong, and what must be said."""


def refused(tmp_path: Path, name: str, content: bytes) -> str:
    """The one line with which an input is refused."""
    tally = fuzz.Tally()
    fuzz.good_models(tmp_path)
    words = fuzz.trial(name, content, tmp_path, tally)
    assert not tally.faults, tally.faults[0][0]
    assert list(tally.outcomes) == [f"{Path(name).suffix} refused"]
    lines = words.splitlines()
    assert len(lines) == 1, words
    return lines[0]


@pytest.mark.parametrize("what", NOTEBOOKS)
def test_what_is_wrong_with_a_notebook_is_told_with_its_cell(tmp_path: Path, what: str) -> None:
    change, said = NOTEBOOKS[what]
    document = json.loads(mutations.good())
    change(document)
    assert re.search(said, refused(tmp_path, "nb.ipynb", json.dumps(document).encode()))


def test_an_id_that_is_no_text_is_replaced(tmp_path: Path) -> None:
    document = json.loads(mutations.good())
    document["cells"][2]["id"] = ["a"]
    tally = fuzz.Tally()
    fuzz.trial("nb.ipynb", json.dumps(document).encode(), tmp_path, tally)
    assert list(tally.outcomes) == [".ipynb done"]


MODELS = {
    "a prefix that is not declared": (r' xmlns:workflow="[^"]*"', "", "prefix of <workflow:Workflow> is not declared"),
    "a position of 5,000 digits": (r'binds="[^"]*"', f'binds="//@symbols.{"9" * 5000}"', "binds refers to '//@symbols"),
    "a file with a name too long": (r'href="notebook.xmi', f'href="{"a" * 5000}.xmi', "which is not there"),
    "a number of 5,000 digits": (r'cellNumber="[^"]*"', f'cellNumber="{"9" * 5000}"', "cellNumber: "),
}


@pytest.mark.parametrize("what", MODELS)
def test_what_is_wrong_with_a_model_is_told_with_its_line(tmp_path: Path, what: str) -> None:
    pattern, replacement, said = MODELS[what]
    text = fuzz.good_models(tmp_path / "other")["workflow.xmi"]
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text
    line = refused(tmp_path, "workflow.xmi", changed.encode())
    assert re.search(r"workflow\.xmi, line \d+: ", line)
    assert said in line


def test_a_folder_that_vanished_and_a_limit_on_files_are_told(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "nb.ipynb").write_bytes(mutations.good())
    (tmp_path / "numbers.csv").write_text("1\n2\n")
    run = f"{sys.executable} -c 'from nbmde.cli import main; main()' run nb2project"
    for script, said in (
        (f"mkdir gone; cd gone; rmdir ../gone; {run} {tmp_path}/nb.ipynb -o x", "the current folder no longer exists"),
        (f"ulimit -f 4; {run} nb.ipynb -o made", "File too large"),
    ):
        done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert re.fullmatch(rf"error: [^\n]*{said}[^\n]*\n", done.stderr), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nb.ipynb", "numbers.csv"]
