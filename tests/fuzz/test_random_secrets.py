"""Random secrets reach no generated file. `make fuzz` tries 2,000 of each format in each place."""

from __future__ import annotations

import pytest
import random_secrets

pytestmark = pytest.mark.slow


def test_random_secrets_reach_no_generated_file() -> None:
    contexts = list(random_secrets.CONTEXTS)
    wanted = random_secrets.trials(20, 2, 1, list(random_secrets.FORMATS), contexts)
    tally = random_secrets.measure(wanted, 60)
    assert {context for _, context in tally.tried} == set(contexts)
    assert not random_secrets.too_many(tally), tally.stayed
