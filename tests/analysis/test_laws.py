"""What random programs print, they print as well after they are taken apart into functions."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, note, settings
from oracle import Case, Oracle
from programs import cells


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    found = Oracle(tmp_path_factory.mktemp("programs"))
    yield found
    found.close()


@settings(
    max_examples=int(os.environ.get("EXAMPLES", "30")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="EXAMPLES" not in os.environ,
)
@given(cells())
def test_a_program_computes_the_same_when_it_is_taken_apart(oracle: Oracle, sources: list[str]) -> None:
    note("\n%%\n".join(sources))
    assert oracle.complaint(Case("random", [(source, []) for source in sources])) == ""


def test_most_programs_run_to_their_end(oracle: Oracle) -> None:
    ends: list[bool] = []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(cells())
    def run(sources: list[str]) -> None:
        ends.append(not oracle.notebook([(source, []) for source in sources]).failed)

    run()
    assert sum(ends) > len(ends) * 0.6
