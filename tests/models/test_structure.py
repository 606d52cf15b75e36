"""Walking, identifying and naming elements."""

from typing import Any

from nbmde.engine import models


def test_walk_visits_parents_before_children_in_metamodel_order(eden: Any) -> None:
    kinds = [f"{element.eClass.name} {getattr(element, 'name', '')}" for element in models.walk(eden)]
    assert kinds == [
        "Garden Eden", "Bed first", "Flower rose", "FruitTree apple", "Flower blossom", "Flower moss", "Note ",
        "Bed second", "Gardener Adam",
    ]  # fmt: skip


def test_walk_creates_nothing_in_the_elements(garden: models.Metamodel) -> None:
    rose = garden.Flower(name="rose")
    before = set(vars(rose))
    assert list(models.walk(rose)) == [rose]
    assert set(vars(rose)) == before


def test_walk_has_no_recursion_limit(garden: models.Metamodel) -> None:
    root = garden.Flower()
    for _ in range(5_000):
        parent = garden.Flower()
        parent.parts.append(root)
        root = parent
    assert sum(1 for _ in models.walk(root)) == 5_001


def test_instances_are_those_of_a_class_and_its_subclasses(eden: Any, garden: models.Metamodel) -> None:
    assert [plant.name for plant in models.instances(eden, garden.Plant)] == ["rose", "apple", "blossom", "moss"]
    assert [plant.name for plant in models.instances(eden, garden.Tree)] == ["apple"]


def test_labels_name_class_name_and_place(eden: Any) -> None:
    assert models.label(eden) == "Garden 'Eden'"
    assert models.label(eden.beds[0].plants[1]) == "FruitTree 'apple' (//@beds.0/@plants.1)"
    assert models.label(eden.beds[0].border) == "Flower 'moss' (//@beds.0/@border)"
    eden.beds[0].id = "bed.7"
    assert models.label(eden.beds[0]) == "Bed 'first' (bed.7)"


def test_ids_are_given_by_class_and_position_and_given_ones_are_kept(eden: Any) -> None:
    eden.beds[1].id = "bed.1"
    ids = models.assign_ids(eden)
    assert list(ids) == [
        "bed.1", "garden.1", "bed.2", "flower.1", "fruittree.1", "flower.2", "flower.3", "gardener.1",
    ]  # fmt: skip
    assert eden.beds[0].id == "bed.2"
    assert models.assign_ids(eden) == ids


def test_a_model_is_private_if_anything_in_it_is(registry: models.Registry) -> None:
    workflow = models.Registry()["workflow"]
    open_ = workflow.Workflow(name="w", steps=[workflow.Step(name="s")])
    assert not models.is_private(open_)
    open_.secrets.append(workflow.Secret(name="KEY"))
    assert models.is_private(open_)
    assert models.is_private([workflow.Workflow(name="other"), open_])


def test_values_are_lists_and_creating_none_of_them_sets_anything(eden: Any, garden: models.Metamodel) -> None:
    rose = eden.beds[0].plants[0]
    feature = {one.name: one for one in models.features(garden.Flower)}
    assert models.values(rose, feature["name"]) == ["rose"]
    assert models.values(rose, feature["heights"]) == [3, 3, 4]
    assert models.values(rose, feature["label"]) == []
    fresh = garden.Flower()
    assert models.values(fresh, feature["heights"]) == []
    assert not fresh._isset


def test_the_place_of_a_root_among_others_begins_with_its_number(garden: models.Metamodel) -> None:
    first, second = models.Together([garden.Garden(name="a"), garden.Garden(name="b", beds=[garden.Bed()])]).roots
    assert (models.fragment(first), models.fragment(second.beds[0])) == ("/0", "/1/@beds.0")
    assert models.siblings(second) == (first, second)
    alone = garden.Garden()
    assert (models.fragment(alone), models.siblings(alone)) == ("/", (alone,))
