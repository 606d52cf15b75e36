"""A small metamodel with every kind of feature, and models of it."""

import sys
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import models

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "emf"))

EXTENSION = HERE / "extension"


@pytest.fixture(scope="session")
def registry() -> models.Registry:
    return models.Registry(extensions=(EXTENSION,))


@pytest.fixture(scope="session")
def garden(registry: models.Registry) -> models.Metamodel:
    return registry["garden"]


@pytest.fixture
def eden(garden: models.Metamodel, registry: models.Registry) -> Any:
    """A model that uses every kind of feature."""
    apple = registry["orchard"].FruitTree(name="apple", fruit="a\x1b[31mred\x1b[0m", age=7, height=3.5, perennial=True)
    rose = garden.Flower(name="rose", perennial=False, blooms=garden.Season.winter, heights=[3, 3, 4], label=None)
    rose.seasons.extend([garden.Season.winter, garden.Season.spring])
    rose.remarks.extend(["", " a ", "two\nlines", "\x00"])
    rose.text = "def f():\n\treturn '<&>' + \"␛\"\r\n"
    moss = garden.Flower(name="moss", seeds=2**40)
    apple.parts.append(garden.Flower(name="blossom"))
    bed = garden.Bed(name="first", border=moss)
    bed.plants.extend([rose, apple])
    bed.notes.append(garden.Note(text="no id"))
    rose.notes.append(bed.notes[0])
    rose.companions.extend([apple, moss])
    moss.companionOf.append(apple)
    other = garden.Bed(name="second")
    adam = garden.Gardener(name="Adam")
    adam.tends.append(bed)
    adam.sees.extend([apple, bed.notes[0], adam])
    eden = garden.Garden(name="Eden", oldest=apple)
    eden.beds.extend([bed, other])
    eden.gardeners.append(adam)
    return eden
