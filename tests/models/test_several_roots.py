"""Models with any number of roots: files, places, differences, and what EMF makes of them."""

from pathlib import Path
from typing import Any

import emf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_random_models import GARDEN, build

from nbmde.engine import constraints, models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.views import data, diagrams, query, tree


@pytest.fixture
def two(garden: models.Metamodel) -> tuple[Any, Any, Any]:
    """A garden whose oldest plant is a root of its own, beside a note, which has no id."""
    moss = garden.Flower(name="moss")
    note = garden.Note(text="green")
    moss.notes.append(note)
    return garden.Garden(name="Eden", oldest=moss), moss, note


@settings(max_examples=60)
@given(descriptions=st.lists(GARDEN, max_size=4), split=st.integers(0, 4))
def test_models_of_any_number_of_roots_come_back_as_they_were(
    descriptions: list[dict[str, Any]], split: int, registry: models.Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "several"
    gardens = build(registry["garden"], descriptions)
    for number, element in enumerate(models.walk(gardens)):
        if element.eClass.name in ("Flower", "Tree"):
            element.id = f"plant-{number}"  # what is drawn is unique in one garden only
    given = {folder / "a" / "one.xmi": gardens[:split], folder / "other.xmi": gardens[split:]}
    models.save(given, registry)
    before = [path.read_bytes() for path in given]
    loaded = models.load_models(given, registry)
    for one, other in zip(given.values(), loaded, strict=True):
        assert models.compare(one, other) == []
        assert [models.label(element) for element in models.walk(one)] == [
            models.label(element) for element in models.walk(other)
        ]
    assert list(models.contents(dict(zip(given, loaded, strict=True)), registry).values()) == before


def test_roots_are_in_an_element_of_xmi_and_named_by_their_numbers(
    two: Any, registry: models.Registry, garden: models.Metamodel, tmp_path: Path
) -> None:
    visitor = garden.Gardener(name="Eve")
    visitor.sees.extend([two[2], *two[:2]])
    visitor.tends.append(garden.Bed(name="far"))
    two[0].gardeners.append(visitor)
    two[0].beds.append(visitor.tends[0])
    models.save({tmp_path / "all.xmi": two}, registry)
    text = (tmp_path / "all.xmi").read_text()
    assert text.splitlines()[1].startswith("<xmi:XMI xmi:version=")
    assert '  <garden:Note text="green"/>' in text
    assert ' sees="/2 garden.1 flower.1"' in text
    loaded = models.load_roots(tmp_path / "all.xmi", registry)
    assert [models.label(root) for root in loaded] == [
        "Garden 'Eden' (garden.1)",
        "Flower 'moss' (flower.1)",
        "Note (/2)",
    ]
    assert list(loaded[0].gardeners[0].sees) == [loaded[2], *loaded[:2]]
    assert models.fragment(loaded[0].gardeners[0]) == "/0/@gardeners.0"


def test_one_file_refers_to_a_later_root_of_another_one(
    two: Any, registry: models.Registry, garden: models.Metamodel, tmp_path: Path
) -> None:
    lilac = garden.Flower(name="lilac")
    lilac.notes.append(two[2])
    models.save({tmp_path / "all.xmi": two, tmp_path / "lilac.xmi": lilac}, registry)
    assert 'href="all.xmi#/2"' in (tmp_path / "lilac.xmi").read_text()
    assert models.load(tmp_path / "lilac.xmi", registry).notes[0].text == "green"


def test_an_empty_model_is_saved_and_loaded(registry: models.Registry, tmp_path: Path) -> None:
    models.save({tmp_path / "none.xmi": ()}, registry)
    assert models.load_roots(tmp_path / "none.xmi", registry) == ()
    with pytest.raises(NbmdeError, match="holds no element, where one root is expected"):
        models.load(tmp_path / "none.xmi", registry)


def test_where_one_root_is_expected_several_are_refused(two: Any, registry: models.Registry, tmp_path: Path) -> None:
    models.save({tmp_path / "all.xmi": two}, registry)
    with pytest.raises(NbmdeError, match="holds 3 roots, where one root is expected"):
        models.load(tmp_path / "all.xmi", registry)


def test_a_root_that_would_be_lost_is_not_referred_to(two: Any, registry: models.Registry, tmp_path: Path) -> None:
    models.save({tmp_path / "all.xmi": two}, registry)
    before = (tmp_path / "all.xmi").read_bytes()
    with pytest.raises(NbmdeError, match=r"oldest refers to Flower 'moss' .* is about to replace"):
        models.save({tmp_path / "all.xmi": two[0]}, registry)
    assert (tmp_path / "all.xmi").read_bytes() == before


def test_two_roots_may_not_have_one_id(garden: models.Metamodel, registry: models.Registry, tmp_path: Path) -> None:
    twins = garden.Tree(id="a"), garden.Tree(id="a")
    assert [finding.code for finding in constraints.conformance(twins)] == ["unique_id"]
    with pytest.raises(NbmdeError, match="have the same id"):
        models.save({tmp_path / "twins.xmi": twins}, registry)


def test_roots_that_come_go_and_move_are_differences(
    two: Any, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    models.save({tmp_path / "all.xmi": two}, registry)
    first, second, third = models.load_roots(tmp_path / "all.xmi", registry)
    second.name = "fern"
    lilac = garden.Tree(name="lilac", id="lilac")
    assert [str(one) for one in models.compare(two, (second, first, third, lilac))] == [
        "+ roots: Tree 'lilac' (lilac)",
        "~ roots: Garden 'Eden' (garden.1), Flower 'moss' (flower.1), Note (/2) -> "
        "Flower 'fern' (flower.1), Garden 'Eden' (garden.1), Note (/2)",
        "~ Flower 'moss' (flower.1): name: 'moss' -> 'fern'",
    ]
    comparison = models.comparison(two, (first, second), registry)
    assert [one.kind.name for one in comparison.differences] == ["removed", "changed"]
    assert list(comparison.before) == list(two)


def test_views_show_every_root(two: Any, registry: models.Registry) -> None:
    assert [line.split()[0] for line in tree.tree(two, 0)] == ["Garden", "Flower", "Note"]
    assert query.query(two, "len(roots), root, [p.name for p in Plant]") == (3, None, ["moss"])
    assert data.as_json(two).startswith("[\n")
    assert data.as_csv(two).count("\n") > 3
    assert len(diagrams.of_model(two).nodes) == 3


def test_emf_opens_several_roots_and_saves_the_same_model(two: Any, registry: models.Registry, tmp_path: Path) -> None:
    source = tmp_path / "source"
    models.save({source / "all.xmi": two}, registry, source)
    registry.export(source, ["garden"])
    opened = emf.open_all([source / "all.xmi"])
    assert [(one.elements, one.findings) for one in opened] == [(3, ())]
    assert emf.roundtrip(source, tmp_path / "target") == []
    assert models.compare(two, models.load_roots(tmp_path / "target" / "all.xmi", registry)) == []
