"""What verify, report and trace say of a generated project whose models a person changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebooks import REGISTRY, generate, write_notebook

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import inject, tracing
from nbmde.notebooks.report import report
from nbmde.notebooks.verify import places


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return generate(
        write_notebook(tmp_path / "work.ipynb", ["def f(x):\n    return x", "a = f(1)\nprint(a)"]), tmp_path / "p"
    )


def edit(project: Path, change: Callable[[Any], object], model: str = "project") -> None:
    path = project / ".nbmde" / f"{model}.xmi"
    registry = models.Registry()
    root = models.load(path, registry)
    change(root)
    models.save({path: root}, registry)


@pytest.mark.parametrize("ask", [places.find, report])
def test_a_project_without_workflow_is_refused(ask: Callable[..., object], project: Path) -> None:
    edit(project, lambda root: setattr(root, "workflow", None))

    with pytest.raises(NbmdeError, match=r"Project 'work'.* has no workflow") as caught:
        ask(project, models.Registry())

    assert caught.value.file == str(project / ".nbmde" / "project.xmi")
    assert caught.value.remedy


@pytest.mark.parametrize("ask", [places.find, report, tracing.of_project])
def test_what_the_metamodel_requires_and_is_gone_is_named(ask: Callable[..., object], project: Path) -> None:
    edit(project, lambda root: setattr(root, "package", None))

    with pytest.raises(NbmdeError, match=r"Project 'work'.*package is required"):
        ask(project, models.Registry())


@pytest.mark.parametrize("ask", [places.find, report, tracing.of_project])
def test_another_model_in_the_place_of_the_project_is_refused(ask: Callable[..., object], project: Path) -> None:
    own = project / ".nbmde"
    (own / "project.xmi").write_bytes((own / "notebook.xmi").read_bytes())
    for trace in own.glob("*.trace.xmi"):
        trace.unlink()

    with pytest.raises(NbmdeError, match=r"holds a Notebook, not a Project|which is not there"):
        ask(project, models.Registry())


def test_lines_whose_element_is_gone_have_none(project: Path) -> None:
    def forget(trace: Any) -> None:
        for region in trace.regions:
            region.element = None

    edit(project, forget, "mlproject.trace")

    file = next(file for file in (project / "src").rglob("*.py") if "print(a)" in file.read_text())
    number = next(n for n, line in enumerate(file.read_text().splitlines(), 1) if "print(a)" in line)
    found = tracing.of_project(project, models.Registry()).line(file.relative_to(project).as_posix(), number)
    assert found
    assert {one.element for one in found} == {""}
    assert not places.find(project, models.Registry()).places


def test_a_document_is_made_of_a_notebook_model_alone(project: Path, tmp_path: Path) -> None:
    workflow = models.load(project / ".nbmde" / "workflow.xmi", REGISTRY)

    with pytest.raises(NbmdeError, match=r"Workflow 'work'.* is no notebook"):
        inject.write(workflow, tmp_path / "out.ipynb")
