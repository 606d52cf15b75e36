"""Differences between models."""

from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import models


@pytest.fixture
def copy(eden: Any, registry: models.Registry, tmp_path: Path) -> Any:
    models.save({tmp_path / "eden.xmi": eden}, registry)
    return models.load(tmp_path / "eden.xmi", registry)


def differences(a: Any, b: Any) -> list[str]:
    return [str(difference) for difference in models.compare(a, b)]


def test_equal_models_have_none(eden: Any, copy: Any) -> None:
    assert models.compare(eden, copy) == []


def test_changed_values_are_told_with_element_and_feature(eden: Any, copy: Any, garden: models.Metamodel) -> None:
    copy.beds[0].plants[0].name = "tulip"
    copy.beds[0].plants[0].blooms = garden.Season.summer
    copy.oldest = copy.beds[0].border
    assert differences(eden, copy) == [
        "~ Garden 'Eden' (garden.1): oldest: fruittree.1 -> flower.3",
        "~ Flower 'rose' (flower.1): name: 'rose' -> 'tulip'",
        "~ Flower 'rose' (flower.1): blooms: winter -> summer",
    ]


def test_added_removed_and_moved_elements_are_told(eden: Any, copy: Any, garden: models.Metamodel) -> None:
    copy.beds.insert(0, copy.beds.pop(1))
    copy.beds.append(garden.Bed(name="third", id="bed.9"))
    copy.beds[1].border = None
    assert differences(eden, copy) == [
        "+ Garden 'Eden' (garden.1): beds: Bed 'third' (bed.9)",
        "~ Garden 'Eden' (garden.1): beds: Bed 'first' (bed.1), Bed 'second' (bed.2) -> "
        "Bed 'second' (bed.2), Bed 'first' (bed.1)",
        "- Bed 'first' (bed.1): border: Flower 'moss' (flower.3)",
    ]


def test_elements_without_ids_are_matched_by_position(garden: models.Metamodel) -> None:
    one, two = (garden.Bed(notes=[garden.Note(text=text) for text in texts]) for texts in (["a", "b"], ["a", "c", "d"]))
    assert differences(one, two) == [
        "+ Bed: notes: Note (//@notes.2)",
        "~ Note (//@notes.1): text: 'b' -> 'c'",
    ]


def test_an_element_that_lost_its_id_is_the_same_one(eden: Any, copy: Any) -> None:
    copy.beds[0].id = None
    assert "~ Bed 'first' (bed.1): id: 'bed.1' -> " in differences(eden, copy)
    assert "~ Bed 'first' (//@beds.0): id:  -> 'bed.1'" in differences(copy, eden)
    assert not [text for text in differences(eden, copy) if text[0] in "+-"]


def test_elements_with_other_ids_are_other_ones(eden: Any, copy: Any) -> None:
    copy.beds[0].id = "bed.7"
    told = [text for text in differences(eden, copy) if text[0] in "+-"]
    assert told == [
        "- Garden 'Eden' (garden.1): beds: Bed 'first' (bed.1)",
        "+ Garden 'Eden' (garden.1): beds: Bed 'first' (bed.7)",
    ]
