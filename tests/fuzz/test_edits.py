"""Models that a person edited become files, or are refused with the element and the reason."""

from __future__ import annotations

import random
from pathlib import Path

import edits
import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models of an example."""
    return edits.prepare(tmp_path_factory.mktemp("models"), ["reviews/reviews.ipynb"])[0]


@pytest.mark.parametrize("part", range(8))
@pytest.mark.parametrize("metamodel", edits.EDITED)
def test_random_edits_are_generated_or_refused(metamodel: str, part: int, folder: Path) -> None:
    outcomes = [edits.attempt(folder, metamodel, random.Random(f"edits {part} {number}")) for number in range(3)]
    assert not [one for one in outcomes if one[1].startswith("fault")]


def test_an_error_of_python_in_a_message_is_a_fault() -> None:
    assert edits.FAULT.search("rule x: AttributeError: 'NoneType' object has no attribute 'name'")
    assert not edits.FAULT.search("Step 'load' (step.1): name is required [lower_bound]")
