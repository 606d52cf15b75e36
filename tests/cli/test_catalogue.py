"""The commands that list steps, rules and templates: what there is, and what extensions put in its place."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from nbmde.engine import locations, m2m, m2t, pipeline

POINTS = Path(__file__).resolve().parents[1] / "extensions/points"


def test_every_step_says_what_it_takes_makes_and_asks_for(nbmde) -> None:
    rows = json.loads(nbmde("steps", "--json").stdout)
    chain = [row for row in rows if row["pipeline"] == "nb2project"]
    assert [(row["kind"], row["name"]) for row in chain] == [
        (step.kind, step.name) for step in pipeline.find("nb2project").steps
    ]
    assert all(row["description"] and row["makes"] and row["takes"] for row in rows)
    for before, after in pairwise(chain):
        assert before["makes"] == after["takes"]
    assert "layout" in {option for row in chain for option in row["options"]}


def test_rules_are_those_of_the_transformation_and_stand_where_it_is_said(nbmde) -> None:
    rows = json.loads(nbmde("rules", "workflow2project", "--json").stdout)
    known = m2m.find("workflow2project").rules
    helpers = {name for name, _ in m2m.find("workflow2project").helpers}
    assert [row["name"] for row in rows if row["kind"] != "helper"] == list(known)
    assert {row["name"] for row in rows if row["kind"] == "helper"} == helpers != set()
    for row in rows[: len(known)]:
        assert row["description"]
        lines = Path(row["file"]).read_text(encoding="utf-8").splitlines()
        stands = "\n".join(lines[row["line"] - 1 : row["line"] + 12])
        assert f"def {known[row['name']].body.__name__}(" in stands


def test_helpers_are_listed_with_what_they_are_asked_of_and_what_is_in_their_place(nbmde, tmp_path: Path) -> None:
    (tmp_path / "transformations").mkdir()
    (tmp_path / "transformations/mine.py").write_text(
        "from nbmde.m2m import Transformation\n\n"
        'transformation = Transformation("mine", superimposes="notebook2workflow.service")\n\n\n'
        '@transformation.helper("Workflow")\ndef wanted(t, workflow):\n    """Mine."""\n'
    )
    rows = json.loads(nbmde("rules", "notebook2workflow.service", "--json", "--extension", tmp_path).stdout)
    (wanted,) = (row for row in rows if row["name"] == "wanted")
    assert (wanted["kind"], wanted["source"], wanted["description"]) == ("helper", "Workflow", "Mine.")
    assert wanted["extension"] == tmp_path.name
    assert "notebook2workflow/service.py:" in wanted["overrides"]
    (candidates,) = (row for row in rows if row["name"] == "candidates")
    assert candidates["overrides"] == ""


def test_all_files_that_are_generated_are_listed_with_their_templates(nbmde) -> None:
    rows = json.loads(nbmde("templates", "mlproject", "--json").stdout)
    assert len(rows) == len(m2t.find("mlproject").rules)
    assert all(Path(file).is_file() for row in rows for file in row["files"])
    files = {Path(file).resolve() for row in rows for file in row["files"]}
    own = locations.home() / "templates/mlproject"
    assert own / "packaging/README.md.j2" in files
    assert own / "runtime/report.py" in files


def test_what_an_extension_puts_in_the_place_of_something_is_told(nbmde) -> None:
    rules = json.loads(nbmde("rules", "workflow2points", "--json", "--extension", POINTS).stdout)
    (container,) = (row for row in rules if row["name"] == "container")
    assert container["extension"] == "points"
    assert "workflow2project" in container["overrides"]
    assert {row["extension"] for row in rules} == {"", "points"}
    templates = json.loads(nbmde("templates", "mlproject", "--json", "--extension", POINTS).stdout)
    (ignored,) = (row for row in templates if row["path"] == ".gitignore")
    assert ignored["extension"] == "points"
    assert ignored["overrides"].endswith("templates/mlproject/packaging/gitignore.j2")


@pytest.mark.parametrize("command", ["steps", "rules", "templates"])
def test_a_pipe_gets_a_line_for_each_row(nbmde, command: str) -> None:
    rows = json.loads(nbmde(command, "--json").stdout)
    lines = nbmde(command).stdout.splitlines()
    assert len(lines) == len(rows)
    assert len({line.count("\t") for line in lines}) == 1


@pytest.mark.parametrize("command", ["steps", "rules", "templates"])
def test_a_name_that_there_is_not_is_refused_with_those_that_there_are(nbmde, command: str) -> None:
    done = nbmde(command, "nothing")
    assert done.returncode == 1
    assert "known: " in done.stderr
