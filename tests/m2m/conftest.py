"""Families and registers: two small metamodels, and a town."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import models

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def extensions() -> tuple[Path, ...]:
    return HERE / "extension", HERE / "further"


@pytest.fixture(scope="session")
def registry(extensions: tuple[Path, ...]) -> models.Registry:
    return models.Registry(extensions)


@pytest.fixture
def town(registry: models.Registry) -> Any:
    """Ann and Bob are married and have a child, Cyd; Dan lives alone."""
    family = registry["family"]
    ann, bob = family.Woman(name="Ann", born=1950), family.Man(name="Bob", born=1890)
    ann.spouse, bob.spouse = bob, ann
    cyd = family.Woman(name="Cyd", born=1950)
    cyd.parents.extend([bob, ann])
    return family.Town(name="Ham", people=[cyd, ann, bob, family.Man(name="Dan")])


@pytest.fixture
def crowd(registry: models.Registry) -> Callable[[int], Any]:
    """Makes a town of so many people, each the child of the one before."""

    def make(size: int) -> Any:
        family = registry["family"]
        people = [family.Man(name=f"man {number}") for number in range(size)]
        for parent, child in pairwise(people):
            child.parents.append(parent)
        return family.Town(people=people)

    return make
