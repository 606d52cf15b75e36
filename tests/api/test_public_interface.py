"""`import nbmde` is enough: for all that the commands do, and, with the modules that it names, for extensions."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import nbmde
from nbmde.cli import app
from nbmde.engine import locations

ROOT = locations.home()

# What does the work of each command, in the public interface. Commands about the command line and the tools around it
# (completion, listings, pages, diagrams, many notebooks at once, what one starts from) have no counterpart.
COUNTERPARTS = {
    "run": ["run", "write_project"],
    "inject": ["inject_notebook", "save"],
    "extract": ["load", "write_notebook"],
    "transform": ["load", "transform", "save"],
    "generate": ["load", "generate", "write_project"],
    "validate": ["load", "validate", "fix"],
    "show": ["load", "walk", "label"],
    "query": ["load", "query"],
    "diff": ["load", "compare", "comparison"],
    "export": ["load", "walk", "save"],
    "trace": ["traces_of_project", "traces_of_notebook"],
    "migrate": ["migrate", "save"],
    "verify": ["verify_project"],
}
ABOUT_THE_TOOL = {
    "steps",
    "rules",
    "templates",
    "batch",
    "explain",
    "lock",
    "report",
    "metamodel",
    "extensions",
    "new",
    "completion",
}
MODULES = {"nbmde", "nbmde.m2m", "nbmde.constraints", "nbmde.models", "nbmde.migration", "nbmde.knowledge"}
"""What extensions may import."""


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cells = ["import csv", "with open('numbers.csv') as file:\n    rows = list(csv.reader(file))", "print(len(rows))"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {
        "cells": [
            {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None, "id": f"c{n}"}
            for n, cell in enumerate(cells)
        ],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "numbers.csv").write_text("1\n2\n")
    path = tmp_path / "count.ipynb"
    path.write_text(json.dumps(document))
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_every_command_has_its_counterpart() -> None:
    assert {*COUNTERPARTS, *ABOUT_THE_TOOL} == set(app.commands)
    named = {name for names in COUNTERPARTS.values() for name in names}
    assert named <= set(nbmde.__all__)


def test_every_name_is_there_and_documented() -> None:
    for name in nbmde.__all__:
        what = getattr(nbmde, name)
        if inspect.isclass(what) or callable(what):
            assert inspect.getdoc(what) or name == "EObject", name  # which is pyecore's
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert all(f"### {name}\n" in page for name in nbmde.__all__)
    assert set(nbmde.__all__) <= set(dir(nbmde))


def test_what_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'nbmde' has no attribute 'nothing'"):
        _ = nbmde.nothing  # type: ignore[attr-defined]


def test_the_interface_makes_the_same_project_as_the_command(notebook: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from nbmde.cli import main; main()", "run", "nb2project", str(notebook)]
    done = subprocess.run([*command, "-o", str(tmp_path / "by-command")], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    registry = nbmde.Registry()
    outcome = nbmde.run("nb2project", notebook, registry)
    nbmde.write_project(outcome.files, tmp_path / "at-once")
    model = nbmde.inject_notebook(notebook, registry)
    workflow = nbmde.transform("notebook2workflow", model, registry)
    project = nbmde.transform("workflow2project", workflow.root, registry)
    nbmde.write_project(nbmde.generate(project.root, registry), tmp_path / "step-by-step")
    assert files(tmp_path / "by-command") == files(tmp_path / "at-once") == files(tmp_path / "step-by-step")
    assert {"statement", "step"} <= {row.name for row in workflow.profile}


def test_models_are_saved_loaded_asked_compared_checked_and_traced(notebook: Path, tmp_path: Path) -> None:
    registry = nbmde.Registry()
    model = nbmde.inject_notebook(notebook, registry)
    made = nbmde.transform("notebook2workflow", model, registry)
    workflow = made.root
    models = {tmp_path / "nb.xmi": model, tmp_path / "wf.xmi": workflow, tmp_path / "wf.trace.xmi": made.trace}
    models[tmp_path / "wf.refinements.xmi"] = made.refinements
    nbmde.save(models, registry)
    loaded = nbmde.load(tmp_path / "wf.xmi", nbmde.Registry())
    assert nbmde.compare(workflow, loaded) == []
    assert not nbmde.comparison(workflow, loaded, registry).differences
    assert nbmde.query(loaded, "len(Statement)") == len(list(nbmde.instances(workflow, registry["workflow"].Statement)))
    assert nbmde.validate(workflow, registry) == nbmde.fix(workflow, registry) == []
    assert nbmde.label(next(iter(nbmde.walk(workflow)))).startswith("Workflow 'count'")
    nbmde.write_notebook(model, tmp_path / "again.ipynb")
    assert nbformat.read(tmp_path / "again.ipynb", 4) == nbformat.read(notebook, 4)
    nbmde.write_project(nbmde.run("nb2project", notebook, registry).files, tmp_path / "project")
    (place, *_) = nbmde.traces_of_notebook(notebook, registry).cell(3)
    back = nbmde.traces_of_project(tmp_path / "project", nbmde.Registry()).line(place.file, place.first)
    assert 3 in back[0].cells
    verdict = nbmde.verify_project(notebook, tmp_path / "project", nbmde.Registry(), python=Path(sys.executable))
    assert verdict.equal
    roots, lost = nbmde.migrate(tmp_path / "wf.xmi", nbmde.Registry())
    assert nbmde.compare(roots[tmp_path / "wf.xmi"], loaded) == lost == []


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda notebook, registry: nbmde.transform("nothing", notebook, registry), "there is no transformation"),
        (lambda notebook, registry: nbmde.run("nothing", Path("x"), registry), "there is no pipeline"),
        (
            lambda notebook, registry: nbmde.transform("notebook2workflow", notebook, registry, {"colour": 1}),
            "there is no option 'colour'",
        ),
    ],
)
def test_errors_are_those_of_the_commands(notebook: Path, call: object, reason: str) -> None:
    registry = nbmde.Registry()
    assert callable(call)
    with pytest.raises(nbmde.NbmdeError, match=reason):
        call(nbmde.inject_notebook(notebook, registry), registry)


def test_it_is_typed(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(
        "from pathlib import Path\nimport nbmde\n"
        "registry = nbmde.Registry()\n"
        "outcome: nbmde.Outcome = nbmde.run('nb2project', Path('x.ipynb'), registry)\n"
        "written: nbmde.Written = nbmde.write_project(outcome.files, Path('x'))\n"
        "found: list[nbmde.Diagnostic] = nbmde.validate(outcome.root, registry)\n"
        "nbmde.load('x.xmi', registry)\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "use.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.count("error:") == 1, done.stdout
    assert 'use.py:7: error: Argument 1 to "load" has incompatible type "str"; expected "Path"' in done.stdout


EXTENSIONS = [*(ROOT / "examples" / "extensions").glob("*/src"), ROOT / "tests/extensions/points/src"]
SOURCES = sorted(file for folder in EXTENSIONS for file in folder.rglob("*.py"))


@pytest.mark.parametrize("source", [*SOURCES, *sorted((ROOT / "templates" / "extension").glob("*.py.j2"))])
def test_extensions_import_what_is_public(source: Path) -> None:
    text = source.read_text(encoding="utf-8").replace("{{ name }}", "name")
    for node in ast.walk(ast.parse(text)):
        modules = [node.module] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            assert module is None or not module.startswith("nbmde") or module in MODULES, f"{source}: {module}"
