"""Orders of a shop: a small metamodel, written into a folder."""

import sys
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import models

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "emf"))


@pytest.fixture(scope="session")
def extension() -> Path:
    return HERE / "extension"


@pytest.fixture(scope="session")
def registry(extension: Path) -> models.Registry:
    return models.Registry((extension,))


@pytest.fixture
def order(registry: models.Registry) -> Any:
    """An order with nothing wrong."""
    shop = registry["shop"]
    return shop.Order(number="A1", items=[shop.Item(name="pen", amount=2), shop.Gift(name="card", amount=1, to="Ann")])
