"""The sample project, generated once in each layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import flower_project
import pytest

from nbmde.engine import m2t, models
from nbmde.engine.m2t import Files


@pytest.fixture(scope="session")
def registry() -> models.Registry:
    return models.Registry()


@pytest.fixture(scope="session", params=["mlops", "basic"])
def folder(request: pytest.FixtureRequest, registry: models.Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated project on disk."""
    place = tmp_path_factory.mktemp("project") / request.param
    m2t.write(m2t.find("mlproject").run(flower_project.project(registry, request.param), registry), place)
    return place


@pytest.fixture
def files(registry: models.Registry) -> Callable[..., Files]:
    """Generates the sample after a change to it."""

    def generate(change: Callable[[models.EObject], object] = lambda project: None, layout: str = "mlops") -> Files:
        project = flower_project.project(registry, layout)
        change(project)
        return m2t.find("mlproject").run(project, registry)

    return generate
