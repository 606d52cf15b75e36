"""Many notebooks: a manifest lists them, each is converted and verified, a table and a page say what came of all."""

from __future__ import annotations

import ast
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from notebooks import REGISTRY, generate, write_notebook

from nbmde import cli
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import batch
from nbmde.notebooks.corpus import manifest
from nbmde.notebooks.readability import changed_variables
from nbmde.notebooks.report import report

pytestmark = pytest.mark.slow


def nbmde(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["nbmde", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


class Text(HTMLParser):
    """The words of a page, and how its elements are nested."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: object) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data.split()


def corpus(folder: Path) -> Path:
    """Notebooks of each kind, and their manifest."""
    write_notebook(folder / "a" / "same.ipynb", ["values = [1]", "again = values\nprint(again)", "it = iter('ab')"])
    alone = "'<b>' + str('JPY_PARENT_PID' in os.environ)"  # a kernel has it
    other = ["import os", f"name = {alone}\nprint('run by', name)", "print('end')"]
    write_notebook(folder / "a" / "other.ipynb", other)
    write_notebook(folder / "old.ipynb", ["print 'a'"])
    write_notebook(folder / "broken.ipynb", ["total = 1", "total + missing"])
    rows = [
        {"notebook": "old.ipynb", "id": "python2", "license": "MIT"},
        {"notebook": "broken.ipynb", "python": sys.executable},
    ]
    lines = ["# of our own", "", "a/same.ipynb", "a/other.ipynb", *map(json.dumps, rows)]
    (folder / "notebooks.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "notebooks.jsonl"


def test_a_corpus_is_verified_and_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed, output = corpus(tmp_path), tmp_path / "out"
    monkeypatch.setenv("COLUMNS", "200")  # wide enough for the table

    assert nbmde(monkeypatch, "verify", "--corpus", listed, "-o", output) == 1

    known = json.loads((output / "report.json").read_text())
    found = {row["id"]: row for row in known["notebooks"]}
    assert {name: row["status"] for name, row in found.items()} == {
        "a-same": "equal",
        "a-other": "differs",
        "python2": "refused",
        "broken": "notebook fails",
    }
    assert known["statuses"] == {"equal": 1, "differs": 1, "refused": 1, "notebook fails": 1}
    assert found["a-other"]["first"]["cell"] == 2
    assert found["a-other"]["first"]["function"]
    assert found["broken"]["message"].startswith("cell 2: the notebook itself fails: NameError")
    assert "cell 1" in found["python2"]["message"]
    assert found["a-same"]["verify_seconds"] > found["a-same"]["notebook_seconds"] > 0
    assert found["a-same"]["cells"]["equal"] == 3
    assert known["readability"]["projects"] == 3
    assert known["readability"]["functions"] >= 3
    assert known["readability"]["share_with_at_most_50_lines"] == 1
    assert known["cost"]["verified"] == 2
    text = " ".join(capsys.readouterr().out.split())
    assert "1 of 4 are equal" in text
    for name, row in found.items():  # the table
        assert re.search(rf"{name} │ {row['status'].split()[0]}", text), name
    assert f"a-other: cell 2: {found['a-other']['first']['detail']}" in text
    words = " ".join(Text((output / "report.html").read_text()).words)
    assert "1 equal 1 differs 1 refused 1 notebook fails" in words
    assert f"Cell 2 , {found['a-other']['first']['function']} :" in words
    assert "<b>" in words  # a value of the notebook, not markup
    lines = (output / "report.md").read_text().splitlines()
    assert [re.split(r"(?<!\\)\|", line)[1:3] for line in lines[2:]] == [
        [f" {name} ", f" {row['status']} "] for name, row in found.items()
    ]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert lines[2].startswith("| a-same | equal | 3 | 0 | 0 | ")

    times = [path.stat().st_mtime_ns for path in sorted((output / "a-same").rglob("*"))]
    write_notebook(tmp_path / "a" / "other.ipynb", ["print('repaired')"])
    write_notebook(tmp_path / "broken.ipynb", ["total = 1"])
    assert nbmde(monkeypatch, "verify", "--corpus", listed, "-o", output, "--resume") == 0

    assert times == [path.stat().st_mtime_ns for path in sorted((output / "a-same").rglob("*"))]
    assert json.loads((output / "report.json").read_text())["statuses"] == {"equal": 3, "refused": 1}


def test_an_interpreter_that_runs_no_notebooks_is_no_refusal_of_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(tmp_path / "one.ipynb", ["print(1)"])
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$2" in *ipykernel*) exit 3;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "list.txt").write_text("one.ipynb\n")

    code = nbmde(monkeypatch, "verify", "--corpus", tmp_path / "list.txt", "-o", tmp_path / "out", "--python", python)

    assert code == 1
    row = json.loads((tmp_path / "out" / "report.json").read_text())["notebooks"][0]
    assert row["status"] == "not verified"
    assert "cannot run a notebook" in row["message"]


@pytest.mark.parametrize("arguments", [["-o", "out"], ["NOTEBOOK", "-o", "out"], ["--json", "f", "-o", "out"], []])
def test_verify_takes_a_corpus_or_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    notebook = write_notebook(tmp_path / "one.ipynb", ["print(1)"])
    (tmp_path / "list.txt").write_text("one.ipynb\n")
    given = [str(notebook) if word == "NOTEBOOK" else word for word in arguments]
    of_corpus = ["--corpus", tmp_path / "list.txt"] if arguments != ["-o", "out"] else []
    assert nbmde(monkeypatch, "verify", *of_corpus, *given) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nowhere.ipynb", "line 2: there is no file nowhere.ipynb"),
        ('{"notebook": "one.ipynb"', "line 2: not JSON"),
        ('{"id": "a"}', "line 2: there is no notebook"),
        ('{"notebook": 3}', "line 2: notebook is not text"),
        ('{"notebook": "one.ipynb", "id": "../up"}', "line 2: the id '../up' has other characters"),
        ('{"notebook": "one.ipynb", "id": "First"}', "line 2: the id 'First' is there twice"),
        ('{"notebook": "one.ipynb", "python": "no/python"}', "line 2: there is no file no/python"),
    ],
)
def test_a_wrong_line_of_a_manifest_is_named(tmp_path: Path, line: str, reason: str) -> None:
    write_notebook(tmp_path / "one.ipynb", ["print(1)"])
    (tmp_path / "list").write_text('{"notebook": "one.ipynb", "id": "first"}\n' + line + "\n")

    with pytest.raises(NbmdeError) as error:
        manifest.tasks(tmp_path / "list", tmp_path / "out")

    assert reason in str(error.value)


def test_an_empty_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("# nothing\n\n")
    with pytest.raises(NbmdeError, match="there are no notebooks"):
        manifest.tasks(tmp_path / "list", tmp_path / "out")


def test_names_of_a_manifest_do_not_meet(tmp_path: Path) -> None:
    for name in ("a/one.ipynb", "b/one.ipynb"):
        write_notebook(tmp_path / name, ["print(1)"])
    lines = ['{"notebook": "a/one.ipynb", "id": "A-one"}', "a/one.ipynb", "b/one.ipynb"]
    (tmp_path / "list").write_text("\n".join(lines))

    todo = manifest.tasks(tmp_path / "list", tmp_path / "out", tmp_path / "python")

    assert [task.project.name for task in todo] == ["A-one", "a-one-2", "b-one"]
    assert todo[2] == batch.Task(tmp_path / "b" / "one.ipynb", tmp_path / "out" / "b-one", tmp_path / "python")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("seen = []\ndef add(x):\n    seen.append(x)\n", ["seen"]),
        ("seen = {}\ndef add(x):\n    seen[x] = 1\n    seen[x].y += 1\n", ["seen"]),
        ("count = 0\ndef add():\n    global count\n    count += 1\n", ["count"]),
        ("if True:\n    count: int = 0\nadd = lambda: count.append(1)\n", ["count"]),
        ("seen = []\ndef add(seen):\n    seen.append(1)\n", []),
        ("seen = []\ndef add():\n    seen = [1]\n    seen.append(1)\n    return len(seen)\n", []),
        ("NAMES = ['a']\ndef first():\n    return NAMES[0]\n", []),
        ("import json\nseen = []\nseen.append(1)\ndef add(x):\n    json.count = x\n", []),
    ],
)
def test_module_level_state_is_what_functions_change(source: str, names: list[str]) -> None:
    assert changed_variables(ast.parse(source)) == names


def test_readability_is_counted_in_the_code(tmp_path: Path) -> None:
    notebook = write_notebook(
        tmp_path / "state.ipynb", ["count = 0", "def tick():\n    global count\n    count += 1", "tick()\nprint(count)"]
    )
    figures = report(generate(notebook, tmp_path / "state"), REGISTRY)

    known = figures["readability"]
    assert known["state"] is True
    assert (known["mutable"], known["globals"]) == ([], 0)
    assert len(known["lines"]) == len(known["parameters"]) == figures["counts"]["functions"]
    assert all(lines >= 3 for lines in known["lines"])
    file = next(path for path in (tmp_path / "state" / "src").rglob("*.py") if "def tick" in path.read_text())
    file.write_text(file.read_text() + "\n\nseen = []\n\n\ndef note(x):\n    global seen\n    seen = [x]\n")
    changed = report(tmp_path / "state", REGISTRY)["readability"]
    assert [name.rpartition(": ")[2] for name in changed["mutable"]] == ["seen"]
    assert changed["globals"] == 1
