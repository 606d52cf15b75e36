"""What generated code needs fits what the notebook's own libraries are pinned to."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from oracle import Oracle

from nbmde import m2m, models

CELL = "from sklearn.linear_model import LinearRegression\nmodel = LinearRegression().fit([[1], [2]], [1, 2])"


def requirements(workflow: models.EObject, registry: models.Registry) -> dict[str, tuple[str, str]]:
    """Specifier and reason by name."""
    project = m2m.run(m2m.find("workflow2project"), workflow, registry, {}).root
    return {requirement.name: (requirement.specifier, requirement.reason) for requirement in project.requirements}


@pytest.fixture(scope="module")
def converted(oracle: Oracle) -> Path:
    return oracle.convert([(CELL, [])])[0]


@pytest.mark.parametrize(("version", "specifier"), [("1.1.3", ">=1.23,<2"), ("1.5.2", ">=1.23"), ("", ">=1.23")])
def test_numpy_is_not_newer_than_what_an_old_release_was_built_for(
    converted: Path, version: str, specifier: str
) -> None:
    registry = models.Registry()
    workflow = models.load(converted / ".nbmde" / "workflow.xmi", registry)
    for module in workflow.modules:
        module.version = version
    for distribution in workflow.notebook.distributions:
        distribution.requires.clear()
        if distribution.name == "numpy":
            distribution.version = None
    assert requirements(workflow, registry)["numpy"][0] == specifier


def test_what_an_imported_library_computes_with_is_pinned_too(converted: Path) -> None:
    """statsmodels reads tables with whatever pandas is newest, and the notebook never imports pandas."""
    registry = models.Registry()
    workflow = models.load(converted / ".nbmde" / "workflow.xmi", registry)
    assert requirements(workflow, registry)["numpy"] == (f"=={version('numpy')}", "required by scikit-learn")
