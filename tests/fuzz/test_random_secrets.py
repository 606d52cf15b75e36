"""Random secrets reach no generated file. `make fuzz` tries 2,000 of each format in each place."""

from __future__ import annotations

import random_secrets


def test_random_secrets_reach_no_generated_file() -> None:
    contexts = list(random_secrets.CONTEXTS)
    tried, stayed = random_secrets.measure(3, 1, 40, list(random_secrets.FORMATS), contexts)
    assert {context for _, context in tried} == set(contexts)
    assert not random_secrets.too_many(tried, stayed), stayed
