"""Pages and pictures of metamodels say what the metamodels say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from nbmde.engine import class_diagram, locations, metamodel_docs
from nbmde.engine.models import Metamodel, Registry

DOCS = locations.home() / "docs"
_ECORE = "http://www.eclipse.org/emf/2002/Ecore"
_GENMODEL = "http://www.eclipse.org/emf/2002/GenModel"


def _told(text: str) -> str:
    return f'<eAnnotations source="{_GENMODEL}"><details key="documentation" value="{text}"/></eAnnotations>'


def _attribute(name: str, more: str = "", text: str = "") -> str:
    type_ = f"ecore:EDataType {_ECORE}#//EString"
    kind = 'xsi:type="ecore:EAttribute"'
    return f'<eStructuralFeatures {kind} name="{name}" eType="{type_}" {more}>{text}</eStructuralFeatures>'


def _reference(name: str, to: str, more: str = "") -> str:
    return f'<eStructuralFeatures xsi:type="ecore:EReference" name="{name}" eType="#//{to}" {more}/>'


def _class(name: str, *parts: str, more: str = "") -> str:
    return f'<eClassifiers xsi:type="ecore:EClass" name="{name}" {more}>{"".join(parts)}</eClassifiers>'


def _metamodel(folder: Path, *classifiers: str) -> Metamodel:
    (folder / "metamodels").mkdir()
    (folder / "metamodels" / "zoo.ecore").write_text(
        f'<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:ecore="{_ECORE}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="zoo" nsURI="http://example.org/zoo/1" '
        f'nsPrefix="zoo">{_told("Beasts &lt;all&gt; of them.")}{"".join(classifiers)}</ecore:EPackage>'
    )
    return Registry((folder,))["zoo"]


@pytest.fixture
def zoo(tmp_path: Path) -> Metamodel:
    return _metamodel(
        tmp_path,
        _class(
            "Zoo",
            _told("A place, with | a bar."),
            _attribute("name", 'lowerBound="1" defaultValueLiteral="x"', _told("What &amp; how.")),
            _attribute("tags", 'upperBound="-1"'),
            _reference("cages", "Cage", 'containment="true" upperBound="-1" lowerBound="1" eOpposite="#//Cage/zoo"'),
        ),
        _class("Cage", _reference("zoo", "Zoo", 'eOpposite="#//Zoo/cages"'), _reference("beast", "Beast")),
        _class("Beast", _attribute("name"), more='abstract="true"'),
        _class("Lion", _reference("prey", "Beast", 'upperBound="3" lowerBound="2"'), more='eSuperTypes="#//Beast"'),
        f'<eClassifiers xsi:type="ecore:EEnum" name="Diet"><eLiterals name="meat" value="0">{_told("Of beasts.")}'
        '</eLiterals><eLiterals name="grass" value="1"/></eClassifiers>',
        '<eClassifiers xsi:type="ecore:EDataType" name="Weight" instanceClassName="java.lang.Double">'
        f"{_told('In kg.')}</eClassifiers>",
    )


def test_metamodel_pages_are_up_to_date() -> None:
    registry = Registry()
    for name, text in metamodel_docs.pages(list(registry), registry).items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"docs/{name} is out of date: make docs"


def test_an_outline_has_a_line_for_each_classifier_and_feature(zoo: Metamodel) -> None:
    assert list(metamodel_docs.outline(zoo)) == [
        f"zoo http://example.org/zoo/1 ({zoo.path})",
        "  class Zoo",
        "    name: EString [1] = x",
        "    tags: EString [*]",
        "    cages: contains Cage [1..*]",
        "  class Cage",
        "    zoo: refers to Zoo [0..1]",
        "    beast: refers to Beast [0..1]",
        "  abstract class Beast",
        "    name: EString [0..1]",
        "  class Lion -> Beast",
        "    prey: refers to Beast [2..3]",
        "  enum Diet: meat, grass",
        "  data type Weight",
    ]


def test_a_class_is_told_with_what_it_inherits(zoo: Metamodel) -> None:
    assert list(metamodel_docs.class_outline(zoo.ecore.getEClassifier("Lion"))) == [
        "class Lion -> Beast",
        "  name: EString [0..1] (of Beast)",
        "  prey: refers to Beast [2..3]",
    ]
    assert list(metamodel_docs.class_outline(zoo.ecore.getEClassifier("Zoo")))[:4] == [
        "class Zoo",
        "  A place, with | a bar.",
        "  name: EString [1] = x",
        "    What & how.",
    ]
    assert list(metamodel_docs.class_outline(zoo.ecore.getEClassifier("Diet"))) == ["EEnum Diet", "  meat", "  grass"]
    assert list(metamodel_docs.class_outline(zoo.ecore.getEClassifier("Weight"))) == ["EDataType Weight", "  In kg."]


def test_the_page_of_a_metamodel_has_all_that_is_said_in_it(zoo: Metamodel, tmp_path: Path) -> None:
    found = metamodel_docs.pages(["zoo"], Registry((tmp_path,)), stem="beasts")
    assert sorted(found) == ["beasts-zoo.svg", "beasts.md"]
    section = found["beasts.md"].partition("## zoo")[2]
    assert found["beasts.md"].count("- [zoo](#zoo): Beasts &lt;all> of them.") == 1
    assert section.strip() == "\n".join(
        [
            "Beasts &lt;all> of them.\n",
            "Namespace URI `http://example.org/zoo/1`, file `zoo.ecore`.\n",
            "![Class diagram of zoo](beasts-zoo.svg)\n",
            "### zoo.Zoo\n",
            "A place, with | a bar.\n",
            "| Feature | Type | Number | Meaning |",
            "| --- | --- | --- | --- |",
            "| `name` | `EString`, default `x` | 1 | What &amp; how. |",
            "| `tags` | `EString` | * |  |",
            "| `cages` | contains [Cage](#zoocage), opposite of `zoo` | 1..* |  |\n",
            "### zoo.Cage\n",
            "| Feature | Type | Number | Meaning |",
            "| --- | --- | --- | --- |",
            "| `zoo` | refers to [Zoo](#zoozoo), opposite of `cages` | 0..1 |  |",
            "| `beast` | refers to [Beast](#zoobeast) | 0..1 |  |\n",
            "### zoo.Beast\n",
            "Abstract. Extended by [Lion](#zoolion).\n",
            "| Feature | Type | Number | Meaning |",
            "| --- | --- | --- | --- |",
            "| `name` | `EString` | 0..1 |  |\n",
            "### zoo.Lion\n",
            "Extends [Beast](#zoobeast).\n",
            "| Feature | Type | Number | Meaning |",
            "| --- | --- | --- | --- |",
            "| `prey` | refers to [Beast](#zoobeast) | 2..3 |  |\n",
            "### Enumerations of zoo\n",
            "| Enumeration | Literals | Meaning |",
            "| --- | --- | --- |",
            "| `Diet` | `meat`, `grass` |  |\n",
            "| Literal | Meaning |",
            "| --- | --- |",
            "| `Diet.meat` | Of beasts. |\n",
            "### Data types of zoo\n",
            "| Data type | Meaning |",
            "| --- | --- |",
            "| `Weight` | In kg. |",
        ]
    )


# --- diagrams -------------------------------------------------------------------------------------------------------


def _drawn(
    metamodel: Metamodel,
) -> tuple[dict[str, tuple[float, float, float, float]], list[tuple[str, list[float]]], str]:
    """Boxes by the name of their class, links with their first and last point, and the whole text."""
    text = class_diagram.svg(metamodel)
    tree = etree.fromstring(text.encode())
    space = {"s": "http://www.w3.org/2000/svg"}
    heads = tree.xpath("//s:text[s:tspan]/s:tspan[1]/text()", namespaces=space)
    boxes = [
        tuple(float(box.get(key)) for key in ("x", "y", "width", "height"))
        for box in tree.xpath("//s:rect[@class='box']", namespaces=space)
    ]
    kinds = [mark.get("class") for mark in tree.xpath("//s:path[@class!='link']", namespaces=space)]
    paths = [path.get("d") for path in tree.xpath("//s:path[@class='link']", namespaces=space)]
    ends = [
        [float(number) for path_ in [path] for number in (*path_[1:].split("C")[0].split(), *path_.split()[-2:])]
        for path in paths
    ]
    return dict(zip(heads, boxes, strict=True)), list(zip(kinds, ends, strict=True)), text  # type: ignore[arg-type]


def test_what_contains_or_generalises_stands_left_and_lines_lead_from_edge_to_edge(zoo: Metamodel) -> None:
    boxes, links, text = _drawn(zoo)
    assert sorted(boxes) == ["Beast", "Cage", "Lion", "Zoo"]
    for one, other in (("Zoo", "Cage"), ("Beast", "Lion")):
        assert boxes[one][0] + boxes[one][2] < boxes[other][0]
    assert sorted(kind for kind, _ in links) == ["kind", "part"]
    for kind, (x, y, end, height) in links:
        source, target, indent = ("Zoo", "Cage", 12) if kind == "part" else ("Beast", "Lion", 10)
        left, top, width, tall = boxes[source]
        assert abs(x - left - width - indent) <= 1
        assert top < y < top + tall
        assert abs(end - boxes[target][0]) <= 1
        assert abs(height - boxes[target][1] - class_diagram.HEADER / 2) <= 1
    rows = ["name: EString [1]", "tags: EString [*]", "\u25c6 cages: Cage [1..*]", "\u2192 beast: Beast"]
    assert all(f">{row}</text>" in text for row in rows)
    assert '<tspan class="name abstract">Beast</tspan>' in text
    assert '<tspan class="name">Lion</tspan>' in text


def test_boxes_do_not_overlap_and_lie_in_the_picture(tmp_path: Path) -> None:
    leaves = [_class(f"Leaf{n}", *(_attribute(f"a{m}") for m in range(n))) for n in range(6)]
    parts = [_reference(f"r{n}", f"Leaf{n}", 'containment="true"') for n in range(6)]
    deep = _class("Middle", _reference("leaf", "Leaf3", 'containment="true"'))
    root = _class("Root", _reference("middle", "Middle", 'containment="true"'), *parts)
    boxes, links, text = _drawn(_metamodel(tmp_path, root, deep, *leaves))
    spans = sorted(boxes.values())
    for (left, top, width, height), (x, y, _, tall) in pairwise(spans):
        assert left + width <= x or top + height <= y or y + tall <= top, "two boxes overlap"
    assert boxes["Root"][0] < boxes["Middle"][0] < boxes["Leaf3"][0]
    view = [float(number) for number in text.partition('viewBox="')[2].partition('"')[0].split()]
    assert all(x >= 0 and y >= 0 and x + w <= view[2] and y + h <= view[3] for x, y, w, h in spans)
    assert len(links) == 8


def test_classes_that_contain_each_other_are_drawn_once(tmp_path: Path) -> None:
    one = _class("One", _reference("two", "Two", 'containment="true"'), _reference("self", "One", 'containment="true"'))
    two = _class("Two", _reference("one", "One", 'containment="true"'))
    boxes, links, _ = _drawn(_metamodel(tmp_path, one, two))
    assert boxes["One"][0] < boxes["Two"][0]
    assert len(links) == 1


def test_a_class_with_many_subclasses_is_named_in_their_boxes(tmp_path: Path) -> None:
    classes = [_class(f"Sub{n}", more='eSuperTypes="#//Base"') for n in range(class_diagram.CROWD + 1)]
    _, links, text = _drawn(_metamodel(tmp_path, _class("Base"), *classes))
    assert links == []
    assert text.count(">extends Base</tspan>") == len(classes)


def test_a_class_with_a_few_subclasses_is_drawn_above_them(tmp_path: Path) -> None:
    classes = [_class(f"Sub{n}", more='eSuperTypes="#//Base"') for n in range(class_diagram.CROWD)]
    boxes, links, text = _drawn(_metamodel(tmp_path, _class("Base"), *classes))
    assert [kind for kind, _ in links] == ["kind"] * len(classes)
    assert "extends Base" not in text
    middle = (boxes["Sub0"][1] + boxes[f"Sub{class_diagram.CROWD - 1}"][1]) / 2
    assert abs(boxes["Base"][1] - middle) <= class_diagram.GAP
