"""Whatever the model: what is loaded is what was saved, and saving it again gives the same bytes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmde.engine import models

INDEX = st.integers(0, 30)
PLANT = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["Flower", "Tree"]),
        "id": st.none() | st.from_regex(r"[A-Za-z0-9_.-]{1,3}", fullmatch=True),
        "parent": INDEX,
        "companions": st.lists(INDEX, max_size=4),
        "text": st.none() | st.text(max_size=5),
        "heights": st.lists(st.integers(-3, 3), max_size=3),
        "seasons": st.lists(st.sampled_from(["spring", "summer", "winter"]), max_size=3),
    }
)
GARDEN = st.fixed_dictionaries(
    {"plants": st.lists(PLANT, max_size=12), "oldest": INDEX, "neighbours": st.lists(INDEX, max_size=4)}
)


def build(metamodel: Any, descriptions: list[dict[str, Any]]) -> list[Any]:
    """Gardens that refer to each other's plants; indices count modulo what there is."""
    gardens = [metamodel.Garden(beds=[metamodel.Bed()]) for _ in descriptions]
    plants: list[Any] = []
    for garden, description in zip(gardens, descriptions, strict=True):
        bed = garden.beds[0]
        ids: set[str] = set()
        own: list[Any] = []
        for one in description["plants"]:
            plant = getattr(metamodel, one["kind"])(text=one["text"], heights=one["heights"])
            plant.seasons.extend(getattr(metamodel.Season, season) for season in one["seasons"])
            if one["id"] and one["id"] not in ids:
                plant.id = one["id"]
                ids.add(one["id"])
            container = own[one["parent"] % len(own)].parts if own and one["parent"] % 3 else bed.plants
            container.append(plant)
            own.append(plant)
        plants += own
    everything = [one for description in descriptions for one in description["plants"]]
    for plant, one in zip(plants, everything, strict=True):
        plant.companions.extend(plants[index % len(plants)] for index in one["companions"])
    for garden, description in zip(gardens, descriptions, strict=True):
        garden.neighbours.extend(gardens[index % len(gardens)] for index in description["neighbours"])
        if plants:
            garden.oldest = plants[description["oldest"] % len(plants)]
    return gardens


@settings(max_examples=60)
@given(descriptions=st.lists(GARDEN, min_size=1, max_size=3))
def test_models_come_back_as_they_were(
    descriptions: list[dict[str, Any]], registry: models.Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "random"
    gardens = build(registry["garden"], descriptions)
    paths = [folder / f"folder {number % 2}" / f"{number}.xmi" for number in range(len(gardens))]
    models.save(dict(zip(paths, gardens, strict=True)), registry)
    before = [path.read_bytes() for path in paths]
    loaded = models.load_all(paths, registry)
    for one, other in zip(gardens, loaded, strict=True):
        assert models.compare(one, other) == []
        assert [models.label(element) for element in models.walk(one)] == [
            models.label(element) for element in models.walk(other)
        ]
    contents = models.contents(dict(zip(paths, loaded, strict=True)), registry)
    assert list(contents.values()) == before
