"""What a verdict says of a cell and of the whole, by what was found."""

from __future__ import annotations

from typing import Any

import pytest

from nbmde.notebooks.verify.verdict import (
    DIFFERS,
    EQUAL,
    NOT_COMPARED,
    NOTHING,
    PARTLY,
    CellVerdict,
    Difference,
    Gap,
    Verdict,
)

GAP, DIFFERENCE = Gap("a widget", "it is shown"), Difference("value", "1, not 2", name="x", file="a.py", line=3)
CELLS: dict[str, dict[str, Any]] = {
    EQUAL: {"values": 1},
    PARTLY: {"values": 1, "gaps": [GAP]},
    DIFFERS: {"values": 1, "differences": [DIFFERENCE]},
    NOT_COMPARED: {"gaps": [GAP]},
    NOTHING: {"nothing": True},
}


@pytest.mark.parametrize("status", CELLS)
def test_a_cell_is_what_was_found(status: str) -> None:
    assert CellVerdict(1, **CELLS[status]).status == status


@pytest.mark.parametrize("compared", ["values", "text", "pictures", "files"])
def test_a_cell_is_compared_in_part_if_anything_was(compared: str) -> None:
    assert CellVerdict(1, gaps=[GAP], **{compared: 1}).status == PARTLY


def test_a_difference_counts_more_than_that_there_was_nothing_or_a_gap() -> None:
    assert CellVerdict(1, differences=[DIFFERENCE], gaps=[GAP], nothing=True).status == DIFFERS
    assert CellVerdict(1, gaps=[GAP], nothing=True).status == NOTHING
    assert CellVerdict(1).status == EQUAL


@pytest.mark.parametrize(
    ("cells", "equal"),
    [
        ([EQUAL], True),
        ([EQUAL, PARTLY, NOT_COMPARED, NOTHING], True),
        ([PARTLY], True),
        ([NOTHING], True),
        ([NOTHING, NOTHING], True),
        ([], True),
        ([NOT_COMPARED], False),
        ([NOT_COMPARED, NOTHING], False),
        ([EQUAL, DIFFERS], False),
        ([NOTHING, DIFFERS], False),
    ],
)
def test_a_project_is_equal_if_nothing_differs_and_something_was_compared(cells: list[str], equal: bool) -> None:
    made = [CellVerdict(number, **CELLS[status]) for number, status in enumerate(cells, 1)]
    verdict = Verdict("a.ipynb", "a", "3.11", 0, cells=made)
    assert verdict.equal == equal
    assert verdict.as_dict()["equal"] == equal
    assert verdict.counts() == {status: cells.count(status) for status in CELLS}
    verdict.failure = Difference("failure", "it ended")
    assert not verdict.equal


def test_the_first_difference_is_that_of_the_first_cell_that_differs() -> None:
    later = Difference("text", "b")
    cells = [CellVerdict(1), CellVerdict(2, differences=[DIFFERENCE, later]), CellVerdict(3, differences=[later])]
    verdict = Verdict("a.ipynb", "a", "3.11", 0, cells=cells)
    assert verdict.first == (cells[1], DIFFERENCE)
    told = verdict.as_dict()["first_difference"]
    assert (told["cell"], told["name"], told["line"]) == (2, "x", 3)
    assert Verdict("a.ipynb", "a", "3.11", 0).first is None


@pytest.mark.parametrize(
    ("features", "place"),
    [
        ({}, ""),
        ({"file": "a.py"}, "a.py"),
        ({"file": "a.py", "line": 3}, "a.py:3"),
        ({"file": "a.py", "line": 3, "function": "load"}, "a.py:3 in load"),
    ],
)
def test_a_place_says_what_is_known(features: dict[str, Any], place: str) -> None:
    assert Difference("value", "d", **features).place == place
