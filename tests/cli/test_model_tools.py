"""The commands that show, ask, compare, export and trace models."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from nbmde.engine import locations


@pytest.fixture
def project(nbmde, notebook: Path, tmp_path: Path) -> Path:
    """The project of the notebook; its models are in `.nbmde`."""
    done = nbmde("run", "nb2project", notebook, "-o", "project")
    assert done.returncode == 0, done.stderr
    return tmp_path / "project"


@pytest.fixture
def workflow(project: Path) -> Path:
    return project / ".nbmde" / "workflow.xmi"


# --- show and query -------------------------------------------------------------------------------------------------


def test_a_model_is_shown_as_a_tree_to_a_depth(nbmde, workflow: Path) -> None:
    lines = nbmde("show", workflow).stdout.splitlines()
    assert lines[0].startswith("Workflow 'sums' (workflow.1)")
    assert any(re.match(r"    Step '.*' \(step\.1\)", line) for line in lines)
    assert any("text='total = sum(rows) * factor'" in line for line in lines)
    flat = nbmde("show", workflow, "--depth", "0").stdout.splitlines()
    assert "  steps: " in "\n".join(flat)
    assert not any("Statement" in line for line in flat)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("len(Statement) > 3", "True\n"),
        ("[s.name for s in Setting]", "numbers_csv\n"),
        ("sorted({s.kind for s in Statement}, key=str)[0]", "assignment\n"),
        ("[s for s in Statement if 'total =' in s.text]", "Statement (statement.3)\n"),
        ("[(s.cellNumber, s.firstLine) for s in Statement if s.echo]", "5\t1\n"),
        ("Counter(s.echo for s in Statement)[True]", "1\n"),
        ("Metric", ""),
        ("root.name", "sums\n"),
    ],
)
def test_a_model_answers_questions(nbmde, workflow: Path, expression: str, answer: str) -> None:
    done = nbmde("query", workflow, expression)
    assert done.stdout == answer, done.stderr


def test_answers_are_json_as_well(nbmde, workflow: Path) -> None:
    steps = json.loads(nbmde("query", workflow, "Step", "--json").stdout)
    assert steps[0]["class"] == "Step"
    assert steps[0]["id"] == "step.1"
    assert json.loads(nbmde("query", workflow, "{'n': len(Step)}", "--json").stdout) == {"n": len(steps)}


@pytest.mark.parametrize(
    ("expression", "reason"),
    [("Stp", "NameError"), ("len(", "SyntaxError"), ("root.nothing", "AttributeError"), ("open('x')", "NameError")],
)
def test_a_wrong_question_is_one_line(nbmde, workflow: Path, expression: str, reason: str) -> None:
    done = nbmde("query", workflow, expression)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {expression}: {reason}")
    assert done.stderr.count("\n") == 1


# --- diff -----------------------------------------------------------------------------------------------------------


def test_differences_are_a_model_that_refers_to_both(nbmde, workflow: Path) -> None:
    edited, output = workflow.with_name("edited.xmi"), workflow.with_name("difference.xmi")
    text = workflow.read_text(encoding="utf-8")
    edited.write_text(text.replace('name="numbers_csv" value=', 'name="figures_csv" value='), encoding="utf-8")
    done = nbmde("diff", workflow, edited, "-o", output)
    assert done.returncode == 1
    assert "'numbers_csv' -> 'figures_csv'" in done.stdout
    assert nbmde("validate", output).returncode == 0
    told = nbmde("query", output, "[(d.kind, d.feature, d.left.name, d.right.name) for d in Difference]").stdout
    assert told == "changed\tname\tnumbers_csv\tfigures_csv\n"


# --- export ---------------------------------------------------------------------------------------------------------


def test_the_exported_xmi_is_an_equal_model(nbmde, workflow: Path) -> None:
    nbmde("export", workflow, "--to", "xmi", "-o", workflow.with_name("same.xmi"))
    assert nbmde("diff", workflow, workflow.with_name("same.xmi")).returncode == 0


def test_json_and_csv_hold_every_value(nbmde, workflow: Path) -> None:
    content = json.loads(nbmde("export", workflow, "--to", "json").stdout)
    assert content["eClass"] == "http://nbmde.org/workflow/2#//Workflow"
    texts = [statement["text"] for step in content["steps"] for statement in step["statements"]]
    rows = list(csv.DictReader(io.StringIO(nbmde("export", workflow, "--to", "csv").stdout)))
    assert texts == [
        row["value"]
        for row in rows
        if (row["class"], row["feature"]) == ("Statement", "text") and row["container"].startswith("step")
    ]
    counted = nbmde("query", workflow, "len(all_in(root))").stdout.strip()
    assert str(len({(row["element"], row["class"], row["container"]) for row in rows})) == counted


def test_diagrams_show_chosen_elements_and_their_links(nbmde, workflow: Path) -> None:
    dot = nbmde("export", workflow, "--to", "dot", "--select", "Step + Symbol").stdout
    steps = int(nbmde("query", workflow, "len(Step) + len(Symbol)").stdout)
    assert len(re.findall(r"^  n\d+ \[label=", dot, re.MULTILINE)) == steps
    assert re.search(r"n\d+ -> n\d+ \[label=\"outputs\", style=dashed", dot)
    mermaid = nbmde("export", workflow, "--to", "mermaid", "--select", "[root] + Step").stdout
    assert re.search(r"^  n1 --o\|steps\| n2$", mermaid, re.MULTILINE)
    plantuml = nbmde("export", workflow, "--to", "plantuml", "--select", "[root] + Step").stdout
    assert plantuml.startswith("@startuml\nobject")
    assert re.search(r"^n1 \*-- n2 : steps$", plantuml, re.MULTILINE)


def test_what_cannot_be_drawn_is_refused(nbmde, workflow: Path) -> None:
    assert nbmde("export", workflow, "--to", "csv", "--select", "Step").returncode == 2
    done = nbmde("export", workflow, "--to", "dot", "--select", "[1]")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


# --- metamodels -----------------------------------------------------------------------------------------------------


def test_metamodels_are_listed_and_shown(nbmde) -> None:
    listed = nbmde("metamodel", "list").stdout
    assert re.search(r"^workflow\thttp://nbmde.org/workflow/2\t\d+ classes\t.*workflow.ecore$", listed, re.MULTILINE)
    rows = json.loads(nbmde("metamodel", "list", "--json").stdout)
    assert {"notebook", "workflow", "mlproject", "trace", "comparison", "refinement"} == {row["name"] for row in rows}
    shown = nbmde("metamodel", "show", "workflow").stdout
    assert "  class Step -> Element\n" in shown
    assert "    statements: contains Statement [1..*]\n" in shown or "    statements: contains Statement [*]\n" in shown
    one = nbmde("metamodel", "show", "workflow.Step").stdout
    assert "id: EString [0..1] (of Element)" in one
    assert nbmde("metamodel", "show", "workflow.Stp").returncode == 1


def test_class_diagrams_name_every_class(nbmde, tmp_path: Path) -> None:
    for form in ("plantuml", "mermaid", "dot"):
        drawn = nbmde("metamodel", "diagram", "trace", "--to", form).stdout
        assert all(name in drawn for name in ("Trace", "Link", "Region", "Element"))
    assert nbmde("metamodel", "diagram", "trace", "-o", "trace.svg").returncode == 0
    assert ElementTree.parse(tmp_path / "trace.svg").getroot().tag.endswith("svg")


# --- trace ----------------------------------------------------------------------------------------------------------


def place_of(project: Path, text: str) -> tuple[str, int]:
    """File and line of a text in the package of a project."""
    for file in sorted((project / "src").rglob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if text in line:
                return file.relative_to(project).as_posix(), number
    raise AssertionError(text)


def test_a_line_is_traced_to_rule_statement_and_cell(nbmde, project: Path) -> None:
    file, line = place_of(project, "total = sum(rows)")
    told = nbmde("trace", "project", f"{file}:{line}").stdout
    assert "workflow2project.fragment from Statement" in told
    assert "notebook2workflow.statement from CodeCell" in told
    assert "cell 4, line 2:\n    total = sum(rows) * factor\n" in told
    (inner, *_) = json.loads(nbmde("trace", "project", f"{file}:{line}", "--json").stdout)
    assert (inner["first"], inner["cells"]) == (line, [4])
    assert all(re.search(r"\w+\.py:\d+$", link["place"]) for link in inner["links"])


def test_a_line_of_the_runtime_is_traced_to_its_module_and_the_line_there(nbmde, project: Path) -> None:
    file, line = place_of(project, "def recording(")
    (inner,) = json.loads(nbmde("trace", "project", f"{file}:{line}", "--json").stdout)
    module, _, there = inner["template"].partition(":")
    assert inner["element"].startswith("Module 'report'")
    assert (inner["cells"], module) == ([], "runtime/report.py")
    text = (locations.home() / "templates/mlproject" / module).read_text(encoding="utf-8")
    assert "def recording(" in text.splitlines()[int(there) - 1]


def test_a_cell_is_traced_to_its_lines(nbmde, project: Path, notebook: Path) -> None:
    file, line = place_of(project, "total = sum(rows)")
    expected = f"{file}:{line}-{line}\t"
    for arguments in ((notebook, "4"), (notebook, "4:2"), (notebook, "4", "--project", "project")):
        assert expected in nbmde("trace", *arguments).stdout
    assert expected not in nbmde("trace", notebook, "4:1").stdout
    assert "configs/config.yaml" in nbmde("trace", notebook, "3").stdout


def test_an_edited_file_is_traced_where_its_lines_are_now(nbmde, project: Path, notebook: Path) -> None:
    file, line = place_of(project, "total = sum(rows)")
    path = project / file
    path.write_text("# by hand\n\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert "total = sum(rows) * factor" in nbmde("trace", "project", f"{file}:{line + 2}").stdout
    assert f"{file}:{line + 2}-{line + 2}\t" in nbmde("trace", notebook, "4", "--project", "project").stdout
    done = nbmde("trace", "project", f"{file}:1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("project", "README.md"), 2),
        (("project", "nothing.py:1"), 1),
        (("sums.ipynb", "x"), 2),
        (("sums.ipynb", "99"), 1),
        ((".", "x.py:1"), 1),
    ],
)
def test_what_cannot_be_traced_is_said(nbmde, project: Path, arguments: tuple[str, ...], code: int) -> None:
    done = nbmde("trace", *arguments)
    assert done.returncode == code
    assert done.stderr
