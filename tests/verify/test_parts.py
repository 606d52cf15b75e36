"""Where two values differ."""

from __future__ import annotations

from typing import Any

import pytest

from nbmde.notebooks.verify.digest import Digester
from nbmde.notebooks.verify.parts import WHOLE, beside, described, differing, spelled


def record(value: Any) -> dict[str, Any]:
    return Digester(own=(__name__,)).record(value)


@pytest.mark.parametrize(
    ("one", "other", "paths", "text"),
    [
        ([1, [2, {"a": 3}]], [1, [2, {"a": 4}]], ["[1][1]['a']"], "[1][1]['a'] differ"),
        ({"a": 1, "b": [1]}, {"a": 2, "b": [2]}, ["['a']", "['b'][0]"], "['a'], ['b'][0] differ"),
        (
            {"a": {"x": 1}},
            {"a": {"y": 1}},
            ["['a']"],
            "['a']['x'] missing in the project, ['a']['y'] in the project only",
        ),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, [""], "the order differs"),
        ({"a": [1]}, {"a": (1,)}, ["['a']"], "['a'] differ"),
        ("a", "b", [""], "the values differ"),
        ([0] * 400, [1] * 400, [""], "the values differ"),
    ],
)
def test_the_deepest_parts_that_differ_are_named(one: Any, other: Any, paths: list[str], text: str) -> None:
    records = record(one), record(other)
    found = differing(*records)

    assert [spelled(path) for path in found] == paths
    assert described(*records, found) == text


def test_a_value_in_many_places_is_told_once() -> None:
    one: list[Any] = [1]
    other: list[Any] = [2]
    for _ in range(40):  # as a tree, 2 ** 40 parts
        one, other = [one, one], [other, other]

    assert len(str(record(one))) < 10_000
    assert differing(record(one), record(other))


def test_what_lies_within_an_unstable_part_does_not_count() -> None:
    paths = [("[0]", ".a"), ("[0]", ".b", ".c"), ("[1]",)]

    assert beside(paths, [("[0]", ".b")]) == [("[0]", ".a"), ("[1]",)]
    assert beside(paths, [WHOLE]) == []
    assert beside([("[0]",)], [("[0]", ".a")]) == [("[0]",)]
