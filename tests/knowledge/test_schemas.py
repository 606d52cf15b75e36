"""Tables conform to their schemas, and a row of an extension that does not is told with file, line and row."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from knowledge_files import FOLDER

from nbmde.engine import knowledge
from nbmde.engine.errors import NbmdeError

TABLES = sorted(path.name for path in FOLDER.glob("*.toml"))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_conforms_to_its_schema(name: str) -> None:
    knowledge.check(FOLDER / name, FOLDER / "schemas" / name)


def test_each_schema_has_its_table() -> None:
    assert sorted(path.name for path in (FOLDER / "schemas").glob("*.toml")) == TABLES


WRONG = {
    "a column": (
        "api",
        '[calls]\n"my.read" = { retruns = "str" }',
        "'my.read' of [calls]: there is no column 'retruns'",
    ),
    "a stage": ("api", '[calls]\n"my.read" = { stage = "laod", weight = 3 }', "'laod' is no value of it (load?)"),
    "a kind": ("api", '[calls]\n"my.fit" = { kind = "modle" }', "'modle' is no value of it (model?)"),
    "a weight": ("api", '[calls]\n"my.read" = { stage = "load", weight = 11 }', "11 is greater than the maximum of 10"),
    "a weight that is missing": (
        "api",
        '[calls]\n"my.read" = { stage = "load" }',
        "'weight' is a dependency of 'stage'",
    ),
    "an argument": ("api", '[calls]\n"my.read" = { reads_files = "first" }', "'my.read': 'reads_files' of [calls]"),
    "a key": ("api", '[calls]\n"my read" = {}', "'my read' does not match"),
    "a section": ("api", '[call]\n"my.read" = {}', "there is no column 'call' (calls?)"),
    "a treatment": ("magics", '[magics]\nmine = { line = "dorp" }', "'dorp' is no value of it (drop?)"),
    "a severity": (
        "findings",
        '[findings.mine]\nseverity = "info"\nmeaning = "It is."',
        "(known: information, warning, error)",
    ),
    "a meaning": ("findings", '[findings.mine]\nseverity = "warning"', "'meaning' is a required property"),
    "a pattern": ("secrets", '[commands]\nmine = "(["', "'(['"),
    "a distribution": ("distributions", '[distributions]\nmine = "no name"', "'no name' does not match"),
    "a requirement": ("distributions", '[era."my.old"]\nrequires = "mine"', "'mine' does not match"),
    "a folder": ("places", '[machines]\nmine = ["work"]', "'work' does not match"),
    "a layout's row": ("layout", "[folders]\nmine = 3", "3 is not of type 'string'"),
    "a function of the runtime": (
        "runtime",
        '[functions]\nmine = { modul = "mine" }',
        "there is no column 'modul' (module?)",
    ),
    "what it stands for": ("runtime", '[functions]\nmine = { module = "mine" }', "'mine' of [functions]"),
    "a service": ("frontends", '[modules]\n"my.cloud" = { off = "Mine" }', "there is no column 'off' (of?)"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_row_of_an_extension_that_is_wrong_is_told_with_its_place(what: str, tmp_path: Path) -> None:
    name, text, said = WRONG[what]
    file = tmp_path / "transformations/knowledge" / f"{name}.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f"# Mine.\n\n{text}\n", encoding="utf-8")
    with pytest.raises(NbmdeError) as raised:
        knowledge.table(name, (tmp_path,))
    assert said in str(raised.value)
    assert raised.value.file == str(file)
    assert raised.value.line == (
        None if what in ("a section",) else 3 if text.startswith("[findings.") or "era" in text else 4
    )
    assert str(raised.value).count("\n") == 0


@pytest.mark.parametrize(
    ("name", "rows", "line"),
    [
        ("api", ['"xdrop" = {}', '".drop" = { stage = "laod", weight = 3 }'], 2),
        ("api", ['"a_b" = {}', '"a.b.*" = {}', '"a.b" = { stage = "laod", weight = 3 }'], 3),
        ("api", ['"my.read" = {}', '"my.read.*" = { stage = "laod", weight = 3 }'], 2),
        ("api", ["my = {}", "my2 = { weight = 3 }"], 2),
        ("api", ["'single' = { weight = 3 }"], 1),
        ("distributions", ['"my.load(\'*.z(\')" = { requires = "x<1" }', '"my.load(a)" = { requires = "x" }'], 2),
        ("distributions", ['"my.load(#2)" = { requires = "x<1" }', '"my.load(\'[*\')" = { requires = "x" }'], 2),
    ],
)
def test_the_line_is_that_of_the_row_whatever_characters_its_key_has(
    name: str, rows: list[str], line: int, tmp_path: Path
) -> None:
    file = tmp_path / "transformations/knowledge" / f"{name}.toml"
    file.parent.mkdir(parents=True)
    section = "calls" if name == "api" else "era"
    file.write_text("\n".join([f"[{section}]", *rows]), encoding="utf-8")
    with pytest.raises(NbmdeError) as raised:
        knowledge.table(name, (tmp_path,))
    assert raised.value.line == line + 1


def test_the_command_line_tells_it_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "mine/transformations/knowledge/api.toml"
    file.parent.mkdir(parents=True)
    file.write_text('[calls]\n"my.read" = { stage = "laod", weight = 3 }\n', encoding="utf-8")
    (tmp_path / "a.ipynb").write_text(
        '{"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], '
        '"execution_count": null}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}'
    )
    command = [sys.executable, "-c", "from nbmde.cli import main; main()", "run", "nb2project", "a.ipynb", "-o", "a"]
    done = subprocess.run([*command, "--extension", "mine"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "api.toml, line 2: 'my.read': 'stage' of [calls]: 'laod' is no value of it (load?)" in done.stderr


def test_tables_of_other_names_are_free(tmp_path: Path) -> None:
    file = tmp_path / "transformations/knowledge/mine.toml"
    file.parent.mkdir(parents=True)
    file.write_text("[rows]\na = { b = 1 }\n", encoding="utf-8")
    assert knowledge.table("mine", (tmp_path,)) == {"rows": {"a": {"b": 1}}}
