"""Lines of targets of extensions are traced, whatever their models are like, in one run and step by step."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "metamodels/note.ecore": """<?xml version="1.0" encoding="UTF-8"?>
<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore" name="note" nsURI="http://example.org/note" nsPrefix="note">
  <eClassifiers xsi:type="ecore:EClass" name="Page">
    <eStructuralFeatures xsi:type="ecore:EReference" name="lines" upperBound="-1" eType="#//Line" containment="true"/>
  </eClassifiers>
  <eClassifiers xsi:type="ecore:EClass" name="Line">
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="text"
        eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EString"/>
  </eClassifiers>
</ecore:EPackage>
""",
    "transformations/workflow2note/__init__.py": '''"""A page with a line for each step."""

from nbmde.m2m import Transformation

transformation = Transformation("workflow2note", source="workflow", target="note")


@transformation.rule("Workflow", to="Page")
def page(t, workflow, page):
    """The page."""
    t.bind(page, lines=workflow.steps)


@transformation.rule("Step", to="Line")
def line(t, step, line):
    """A line."""
    line.text = step.name
''',
    "transformations/nb2note.toml": """description = "A page"
[[step]]
inject = "notebook"
[[step]]
transform = "notebook2workflow"
[[step]]
transform = "workflow2note"
[[step]]
generate = "note"
""",
    "templates/note/generation.toml": """[[file]]
for = "Page"
path = "page.txt"
template = "page.txt.j2"
""",
    "templates/note/page.txt.j2": "Steps\n{% for line in element.lines %}\n- {{ line.text }}\n{% endfor %}\n",
}


def nbmde(folder: Path, *arguments: object) -> str:
    command = [sys.executable, "-P", "-c", "from nbmde.cli import main; main()", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def trace(folder: Path, project: str, place: str, extension: Path) -> dict[str, object]:
    (first, *_) = json.loads(nbmde(folder, "trace", project, place, "--json", "--extension", extension))
    return dict(first)


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        file = tmp_path / "note" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    cells = [
        ("markdown", "# Sums"),
        ("code", "rows = [1, 2]"),
        ("markdown", "## Add them"),
        ("code", "total = sum(rows)\nprint(total)"),
    ]
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {"id": f"c{number}", "cell_type": kind, "metadata": {}, "source": source}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for number, (kind, source) in enumerate(cells)
        ],
    }
    (tmp_path / "sums.ipynb").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path / "note"


def test_a_target_whose_root_knows_no_trace_is_traced_in_one_run_and_step_by_step(
    extension: Path, tmp_path: Path
) -> None:
    own = ("--extension", extension)
    nbmde(tmp_path, "run", "nb2note", "sums.ipynb", "-o", "whole", *own)
    nbmde(tmp_path, "inject", "sums.ipynb", "-o", "m/notebook.xmi", *own)
    nbmde(tmp_path, "transform", "notebook2workflow", "m/notebook.xmi", "-o", "m/workflow.xmi", *own)
    nbmde(tmp_path, "transform", "workflow2note", "m/workflow.xmi", "-o", "m/page.xmi", *own)
    nbmde(tmp_path, "generate", "m/page.xmi", "-o", "steps", *own)
    for project in ("whole", "steps"):
        assert (tmp_path / project / ".nbmde/workflow2note.trace.xmi").is_file()
        line = trace(tmp_path, project, "page.txt:3", extension)
        assert 4 in line["cells"]  # type: ignore[operator]
        assert line["template"] == "page.txt.j2:3"
        assert trace(tmp_path, project, "page.txt:1", extension)["template"] == "page.txt.j2:1"
    assert "page.txt" in nbmde(tmp_path, "trace", "sums.ipynb", "4", "--pipeline", "nb2note", *own)


def test_a_target_whose_root_contains_its_trace_is_traced(tmp_path: Path) -> None:
    experiment = ROOT / "examples/extensions/experiment"
    nbmde(tmp_path, "run", "nb2experiment", ROOT / "examples/churn/churn.ipynb", "-o", "e", "--extension", experiment)
    links = trace(tmp_path, "e", "churn.csv:1", experiment)["links"]
    assert [link["rule"].partition(".")[0] for link in links][:1] == ["workflow2experiment"]  # type: ignore[attr-defined]
