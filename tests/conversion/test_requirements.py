"""What generated code needs fits what the notebook's own libraries are pinned to."""

from __future__ import annotations

import pytest
from oracle import Oracle

from nbmde import m2m, models

CELL = "from sklearn.linear_model import LinearRegression\nmodel = LinearRegression().fit([[1], [2]], [1, 2])"


@pytest.mark.parametrize(("version", "specifier"), [("1.1.3", ">=1.23,<2"), ("1.5.2", ">=1.23"), ("", ">=1.23")])
def test_numpy_is_not_newer_than_what_an_old_release_was_built_for(
    oracle: Oracle, version: str, specifier: str
) -> None:
    folder, _ = oracle.convert([(CELL, [])])
    registry = models.Registry()
    workflow = models.load(folder / ".nbmde" / "workflow.xmi", registry)
    for module in workflow.modules:
        module.version = version
    project = m2m.run(m2m.find("workflow2project"), workflow, registry, {}).root
    found = {requirement.name: requirement.specifier for requirement in project.requirements}
    assert found["numpy"] == specifier
