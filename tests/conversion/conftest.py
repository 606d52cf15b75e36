"""One process that runs notebooks and projects, for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from oracle import Oracle


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    """Converts and runs."""
    made = Oracle(tmp_path_factory.mktemp("conversion"))
    yield made
    made.close()
