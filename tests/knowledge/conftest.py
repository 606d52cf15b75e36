"""The tables of API knowledge, parsed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from knowledge_files import FOLDER


@pytest.fixture(scope="session")
def knowledge() -> Callable[[str], dict[str, Any]]:
    """Loads a table file by its name without suffix."""
    return lambda name: tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def api(knowledge: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return knowledge("api")


@pytest.fixture(scope="session")
def distributions(knowledge: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return knowledge("distributions")


@pytest.fixture(scope="session")
def magics(knowledge: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return knowledge("magics")
