"""What the comparison knows of a value counts: one part changed is another digest, for every kind of value."""

from __future__ import annotations

import pytest
from every_kind import KINDS, SAME, made

from nbmde.notebooks.verify.comparison import different
from nbmde.notebooks.verify.digest import HANDLERS, NOT_COMPARABLE_CLASSES, PLAIN, Digester

CASES = [(kind, change) for kind, (_, changes) in KINDS.items() for change in changes]


def record(kind: str, change: str = "") -> dict[str, object]:
    try:
        value = made(KINDS[kind][0], change)
    except ImportError as error:
        pytest.skip(str(error))
    return Digester().record(value)


def test_every_kind_is_tried() -> None:
    assert HANDLERS.keys() | PLAIN <= KINDS.keys() | SAME.keys()
    assert set(SAME.values()) <= KINDS.keys()
    assert not NOT_COMPARABLE_CLASSES.keys() & KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_value_has_the_same_digest_and_all_of_it_is_compared(kind: str) -> None:
    one, other = record(kind), record(kind)
    assert one["gaps"] == []
    assert not different(one, other, 0)


@pytest.mark.parametrize(("kind", "change"), CASES)
def test_one_part_changed_is_found(kind: str, change: str) -> None:
    assert different(record(kind), record(kind, change), 0)
