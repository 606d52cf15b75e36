"""Models as trees, answers, tables and diagrams."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.views import data, diagrams, query, tree


@pytest.fixture
def small(garden: models.Metamodel) -> Any:
    """Two flowers in a bed, and a gardener who tends it."""
    rose = garden.Flower(name="rose", heights=[3, 4], blooms=garden.Season.winter, text="a 'b'")
    moss = garden.Flower(name="moss", companions=[rose])
    bed = garden.Bed(name="first", plants=[rose], border=moss)
    return garden.Garden(name="Eden", oldest=rose, beds=[bed], gardeners=[garden.Gardener(name="Adam", tends=[bed])])


def test_a_tree_shows_what_is_set_and_counts_what_is_deeper(small: Any) -> None:
    assert list(tree.tree(small, 0)) == [
        "Garden 'Eden' oldest=Flower 'rose' (//@beds.0/@plants.0)",
        "  beds: 1",
        "  gardeners: 1",
    ]
    assert list(tree.tree(small, 1))[1:] == [
        "  beds:",
        "    Bed 'first' (//@beds.0)",
        "      plants: 1",
        "      border: 1",
        "  gardeners:",
        "    Gardener 'Adam' (//@gardeners.0) tends=[Bed 'first' (//@beds.0)]",
    ]
    lines = list(tree.tree(small))
    assert len([line for line in lines if "Flower" in line.split("(")[0]]) == 2 + 1
    rose = next(line.strip() for line in lines if line.strip().startswith("Flower 'rose'"))
    assert "blooms=winter" in rose
    assert "heights=[3, 4]" in rose
    assert "text=\"a 'b'\"" in rose


@pytest.mark.parametrize(
    ("length", "shown"),
    [(tree.WIDTH, f"'{'x' * tree.WIDTH}'"), (tree.WIDTH + 1, f"'{'x' * (tree.WIDTH - 1)}…'"), (1, "'x'"), (0, "''")],
)
def test_texts_are_cut_where_a_line_ends(length: int, shown: str) -> None:
    assert tree.text("x" * length) == shown
    assert tree.text(3) == "3"


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("len(Flower)", ["2"]),
        ("len(Plant)", ["2"]),
        ("Tree", []),
        ("[p.name for p in Plant]", ["rose", "moss"]),
        ("[(p.name, len(p.heights)) for p in Plant]", ["rose\t2", "moss\t0"]),
        ("{p.name: p.blooms for p in Plant if p.name == 'rose'}", ["rose\twinter"]),
        ("container(Plant[0])", ["Bed 'first' (//@beds.0)"]),
        ("[label(e) for e in all_in(Bed[0])][0]", ["Bed 'first' (//@beds.0)"]),
        ("root.name", ["Eden"]),
        ("roots", ["Garden 'Eden'"]),
        ("Counter(p.eClass.name for p in Plant)", ["Flower\t2"]),
        ("None", ["None"]),
        ("sorted({3, 1})", ["1", "3"]),
    ],
)
def test_a_model_answers(small: Any, expression: str, answer: list[str]) -> None:
    assert query.lines(query.query(small, expression)) == answer


def test_of_two_roots_none_is_the_root(small: Any, garden: models.Metamodel) -> None:
    other = garden.Garden(name="other")
    assert query.query([small, other], "root") is None
    assert query.query([small, other], "[r.name for r in roots]") == ["Eden", "other"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("len(Flwer)", r"NameError.*\(classes of the model are names"),
        ("1 / 0", "ZeroDivisionError: division by zero$"),
        ("open('x')", "NameError"),
        ("__import__('os')", "NameError"),
        ("1 +", "SyntaxError"),
    ],
)
def test_a_question_that_fails_is_told(small: Any, expression: str, reason: str) -> None:
    with pytest.raises(NbmdeError, match=reason):
        query.query(small, expression)


def test_answers_are_plain_data(small: Any) -> None:
    plain = query.plain(query.query(small, "[root, 1, 2.5, True, None, 'a', {'k': Plant[0].blooms}, (1, 2), {3}]"))
    assert plain == [
        {"class": "Garden", "id": "/", "name": "Eden"},
        *(1, 2.5, True, None, "a", {"k": "winter"}, [1, 2], [3]),
    ]
    assert query.plain(object).startswith("<class")


def test_a_table_has_a_row_for_each_value(small: Any) -> None:
    rows = list(csv.reader(io.StringIO(data.as_csv(small))))
    assert tuple(rows[0]) == data.COLUMNS
    rose = "//@beds.0/@plants.0"
    assert ["/", "Garden", "", "oldest", "0", rose] in rows
    assert [rose, "Flower", "//@beds.0", "heights", "1", "4"] in rows
    assert [rose, "Flower", "//@beds.0", "blooms", "0", "winter"] in rows
    assert ["//@beds.0", "Bed", "/", "name", "0", "first"] in rows


def test_what_has_no_values_has_an_empty_row(garden: models.Metamodel) -> None:
    assert data.as_csv(garden.Bed()).splitlines()[1:] == ["/,Bed,,,,"]


def test_json_has_classes_and_references(small: Any) -> None:
    read = json.loads(data.as_json(small))
    assert read["eClass"].endswith("#//Garden")
    assert read["oldest"]["$ref"] == "//@beds.0/@plants.0"
    bed = read["beds"][0]
    assert bed["plants"][0]["heights"] == [3, 4]
    assert bed["border"]["companions"] == [{"eClass": bed["border"]["eClass"], "$ref": "//@beds.0/@plants.0"}]
    assert "plants" not in bed["border"]
    assert json.loads(data.as_json([])) == []


def test_references_into_other_models_name_their_files(
    small: Any, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    other = garden.Garden(name="other", oldest=small.oldest)
    assert json.loads(data.as_json(other))["oldest"]["$ref"] == "Garden#//@beds.0/@plants.0"
    models.save({tmp_path / "a.xmi": small, tmp_path / "b.xmi": other}, registry)
    first, second = models.load_all([tmp_path / "a.xmi", tmp_path / "b.xmi"], registry)
    assert json.loads(data.as_json(second))["oldest"]["$ref"] == f"a.xmi#{first.oldest.id}"
    assert json.loads(data.as_json(first))["oldest"]["$ref"] == first.oldest.id
    models.save({tmp_path / "two.xmi": [garden.Garden(oldest=first.oldest), first]}, registry)
    alone, _ = models.load_roots(tmp_path / "two.xmi", registry)
    assert json.loads(data.as_json(alone))["oldest"]["$ref"] == alone.oldest.id


def test_a_diagram_has_a_box_for_each_element_and_its_lines(small: Any) -> None:
    diagram = diagrams.of_model(small)
    titles = {node.key: node.title.split(" (")[0] for node in diagram.nodes}
    edges = {(edge.kind, titles[edge.source], titles[edge.target], edge.text) for edge in diagram.edges}
    assert edges == {
        ("contains", "Garden 'Eden'", "Bed 'first'", "beds"),
        ("contains", "Bed 'first'", "Flower 'rose'", "plants"),
        ("contains", "Bed 'first'", "Flower 'moss'", "border"),
        ("contains", "Garden 'Eden'", "Gardener 'Adam'", "gardeners"),
        ("refers", "Garden 'Eden'", "Flower 'rose'", "oldest"),
        ("refers", "Flower 'moss'", "Flower 'rose'", "companions"),
        ("refers", "Flower 'rose'", "Flower 'moss'", "companionOf"),
        ("refers", "Gardener 'Adam'", "Bed 'first'", "tends"),
    }
    rose = next(node for node in diagram.nodes if "rose" in node.title)
    assert "heights = 3, 4" in rose.rows
    assert all(len(node.rows) <= diagrams.ROWS for node in diagram.nodes)


def test_chosen_elements_are_drawn_into_the_nearest_that_contains_them(small: Any) -> None:
    bed = small.beds[0]
    diagram = diagrams.of_model(small, [small, bed.plants[0]])
    assert [(edge.kind, edge.source, edge.target, edge.text) for edge in diagram.edges] == [
        ("refers", "n1", "n2", "oldest"),
        ("contains", "n1", "n2", "beds"),
    ]
    assert diagrams.of_model(small, [bed.plants[0], bed.plants[0]]).edges == []


def test_an_object_shows_its_first_attributes(garden: models.Metamodel) -> None:
    winter = garden.Season.winter
    flower = garden.Flower(
        name="rose", perennial=True, blooms=winter, height=1.5, age=3, seeds=4, heights=[1], seasons=[winter], text="a"
    )
    (node,) = diagrams.of_model(flower).nodes
    assert len(node.rows) == diagrams.ROWS
    assert "name" not in " ".join(node.rows)


@pytest.mark.parametrize("language", diagrams.LANGUAGES)
def test_no_text_of_a_model_is_markup_of_a_diagram(small: Any, language: str) -> None:
    plain = diagrams.render(diagrams.of_model(small), language)
    small.beds[0].name = 'a"] {b}\n<c> | \\ ~_*'
    hostile = diagrams.render(diagrams.of_model(small), language)
    assert len(hostile.splitlines()) == len(plain.splitlines())
    assert hostile.replace('\\"', "").count('"') == plain.replace('\\"', "").count('"')


READ_BACK = {  # a text in quotes as each language reads it
    "dot": (r'label="((?:[^"\\]|\\.)*)"\];$', lambda text: re.sub(r"\\(.)", r"\1", text)),
    "plantuml": (r'^object "([^"]*)"', html.unescape),
    "mermaid": (r'\["([^"]*)"\]', lambda text: re.sub(r"#(\d+);", lambda one: chr(int(one[1])), text)),
}


@pytest.mark.parametrize("language", diagrams.LANGUAGES)
@pytest.mark.parametrize(
    "text", ["C:\\new", "end\\", '\\"', 'say "a"', "a\\\\b", "{x|y} <b>", "a_b*c~d", "x]; y[", "é ☃", "&amp; #35;"]
)
def test_a_text_in_a_diagram_is_read_as_it_is(text: str, language: str) -> None:
    node = diagrams.Node("n1", text, ())
    written = diagrams.render(diagrams.Diagram("object", "t", [node], []), language)
    pattern, read = READ_BACK[language]
    [found] = re.findall(pattern, written, re.MULTILINE)
    assert read(found) == (text.replace('"', "'") if language == "plantuml" else text)


def test_a_diagram_in_another_language_is_refused(small: Any) -> None:
    with pytest.raises(NbmdeError, match=r"no diagram in 'latex' \(known: plantuml, mermaid, dot\)"):
        diagrams.render(diagrams.of_model(small), "latex")
