"""What cannot be kept is refused when it is saved, what does not fit when it is loaded: with place and reason."""

from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError

# --- saving ---------------------------------------------------------------------------------------------------------


def refusal(path: Path, root: Any, registry: models.Registry) -> str:
    with pytest.raises(NbmdeError) as error:
        models.save({path: root}, registry)
    assert not path.exists()
    return str(error.value)


def test_a_reference_to_an_element_in_no_file(
    garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    adam = garden.Gardener(name="Adam", tends=[garden.Bed(name="lost")])
    message = refusal(tmp_path / "a.xmi", garden.Garden(gardeners=[adam]), registry)
    assert "Gardener 'Adam' (gardener.1): tends refers to Bed 'lost', which is in no file" in message


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"height": float("nan")}, "height: nan is no finite number"),
        ({"height": float("-inf")}, "height: -inf is no finite number"),
        ({"age": 2**31}, "age: 2147483648 does not fit in 32 bits"),
        ({"seeds": -(2**63) - 1}, "seeds: -9223372036854775809 does not fit in 64 bits"),
        ({"heights": [1, 2**40]}, "heights: 1099511627776 does not fit in 32 bits"),
        ({"name": "a\x1bb"}, "name: XML cannot hold U+001B; the datatype Text can"),
        ({"label": "\ud800"}, "label: XML cannot hold U+D800"),
        ({"id": "a b"}, "an id holds letters, digits, '_', '.' and '-' only"),
        ({"id": "a#b"}, "an id holds"),
        ({"id": "é"}, "an id holds"),
    ],
)  # fmt: skip
def test_a_value_that_the_file_cannot_hold(
    values: dict[str, Any], reason: str, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    message = refusal(tmp_path / "a.xmi", garden.Bed(plants=[garden.Flower(**values)]), registry)
    assert reason in message
    assert "Flower" in message


def test_an_id_that_is_given_twice(garden: models.Metamodel, registry: models.Registry, tmp_path: Path) -> None:
    bed = garden.Bed(plants=[garden.Flower(id="x", name="a"), garden.Tree(id="x", name="b")])
    assert "Tree 'b' (x) and Flower 'a' (x) have the same id" in refusal(tmp_path / "a.xmi", bed, registry)


def test_what_is_no_root(eden: Any, registry: models.Registry, tmp_path: Path) -> None:
    assert "Bed 'first' (//@beds.0) is no root" in refusal(tmp_path / "a.xmi", eden.beds[0], registry)


@pytest.mark.parametrize("depth", [600, 5_000])
def test_elements_nested_too_deep(
    depth: int, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    root = garden.Flower()
    for _ in range(depth):
        parent = garden.Flower()
        parent.parts.append(root)
        root = parent
    assert "nested deeper than 500 elements" in refusal(tmp_path / "a.xmi", root, registry)


def test_one_model_in_two_files(eden: Any, registry: models.Registry, tmp_path: Path) -> None:
    with pytest.raises(NbmdeError, match="in two files"):
        models.save({tmp_path / "a.xmi": eden, tmp_path / "b.xmi": eden}, registry)


def test_when_one_of_several_models_is_refused_no_file_is_touched(
    eden: Any, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    (tmp_path / "a.xmi").write_text("old")
    with pytest.raises(NbmdeError):
        models.save({tmp_path / "a.xmi": eden, tmp_path / "b.xmi": garden.Flower(age=2**31)}, registry)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.xmi", "old")]


def test_when_a_file_cannot_be_written_no_file_is_touched(
    eden: Any, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    (tmp_path / "a.xmi").write_text("old")
    (tmp_path / "file").write_text("")
    with pytest.raises(NbmdeError, match=r"file/b\.xmi: cannot be written"):
        models.save({tmp_path / "a.xmi": eden, tmp_path / "file" / "b.xmi": garden.Flower()}, registry)
    assert sorted((path.name, path.read_text()) for path in tmp_path.iterdir()) == [("a.xmi", "old"), ("file", "")]


# --- loading --------------------------------------------------------------------------------------------------------

OPEN = (
    '<g:Garden xmlns:g="http://example.org/garden/1" xmlns:xmi="http://www.omg.org/XMI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not an XMI file in UTF-8 or ASCII"),
        ('{"cells": []}', "not an XMI file in UTF-8 or ASCII"),
        (OPEN, "line 1: not XML"),
        (OPEN + ">\n<beds>\n</g:Garden>", "line 3: not XML"),
        ("<Garden/>", "line 1: <Garden> belongs to no metamodel"),
        ('<x:Garden xmlns:x="http://x"/>', "line 1: there is no metamodel with the URI 'http://x'"),
        (OPEN.replace(":Garden", ":Gradne") + "/>", "no class 'Gradne'"),
        (OPEN.replace(":Garden", ":Season") + "/>", "no class 'Season'"),
        (OPEN.replace(":Garden", ":Plant") + "/>", "line 1: Plant is abstract (say which subclass with xsi:type)"),
        (OPEN + ">\n<beads/></g:Garden>", "line 2: Garden has no feature 'beads' (beds?)"),
        (OPEN + '><beds><border xsi:type="g:Flower" scent="x"/></beds></g:Garden>', "Flower.scent follows from ot"),
        (OPEN + ' beds="a"/>', "Garden.beds contains elements, it is no attribute"),
        (OPEN + ' id="a"><beds garden="a"/></g:Garden>', "Bed.garden follows from other features, it is not saved"),
        (OPEN + ' nane="x"/>', "line 1: Garden has no feature 'nane' (name?)"),
        (OPEN + ">\n<beds>\n<plants/></beds></g:Garden>", "line 3: Plant is abstract"),
        (OPEN + '>\n<beds xsi:type="g:Note"/></g:Garden>', "line 2: beds holds Bed, not Note"),
        (OPEN + '>\n<beds xsi:type="h:Bed"/></g:Garden>', "line 2: prefix of type 'h:Bed' is not declared"),
        (OPEN + '>\n<beds xsi:type="g:Weed"/></g:Garden>', "line 2: metamodel http://example.org/garden/1 has no"),
        (OPEN + '>\n<beds href="b.xmi#b"/></g:Garden>', "line 2: beds contains an element of another file"),
        (OPEN + ">\n<oldest/></g:Garden>", "line 2: oldest is a reference, but has no href"),
        (OPEN + '>\n<beds id="a"/>\n<beds id="a"/></g:Garden>', "line 3: id 'a' is given twice"),
        (OPEN + ' oldest="tree.9"/>', "line 1: Garden.oldest refers to 'tree.9', which is not in this file"),
        (OPEN + ' oldest="//@beds.3"/>', "line 1: Garden.oldest refers to '//@beds.3', which is not in this file"),
        (OPEN + ' oldest="/"/>', "line 1: Garden.oldest refers to a Garden, not a Plant"),
        (OPEN + ' id="a" oldest="a a"/>', "Garden.oldest holds one reference, not 2"),
        (OPEN + '><oldest href="no.xmi#x"/></g:Garden>', "refers to no.xmi, which is not there (keep the files"),
        (OPEN + '><oldest href="http://x/y.xmi#x"/></g:Garden>', "only files relative to this one are read"),
        (OPEN + '><oldest href="file:///etc/passwd#x"/></g:Garden>', "only files relative to this one are read"),
        (OPEN + '><oldest href="/etc/passwd#x"/></g:Garden>', "only files relative to this one are read"),
        (OPEN + "><name>a</name><name>b</name></g:Garden>", "Garden has 2 name, one is possible"),
        (OPEN + "><name><b/></name></g:Garden>", "<b> is not expected here"),
        (OPEN + '><beds><plants xsi:type="g:Tree" age="x"/></beds></g:Garden>', "line 1: age: invalid literal"),
        (OPEN + '><beds><plants xsi:type="g:Tree" age="2147483648"/></beds></g:Garden>', "does not fit in 32 bits"),
        (OPEN + '><beds><plants xsi:type="g:Tree" height="inf"/></beds></g:Garden>', "inf is no finite number"),
        (OPEN + '><beds><plants xsi:type="g:Tree" perennial="yes"/></beds></g:Garden>', "neither true nor false"),
        (OPEN + '><beds><plants xsi:type="g:Tree" blooms="fall"/></beds></g:Garden>', "none of spring, summer, winter"),
        (OPEN + '><beds><plants xsi:type="g:Tree" sown="soon"/></beds></g:Garden>', "sown: Invalid isoformat"),
        ('<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"/>', "holds no element, where one root is expected"),
        (
            '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"><xmi:XMI/></xmi:XMI>',
            "<XMI> of XMI is no element of a model",
        ),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + OPEN + ' name="&b;"/>', "has a document type declaration"),
        ('<?xml version="1.0"?>\n<!-- <a> -->\n<!DOCTYPE a>' + OPEN + "/>", "has a document type declaration"),
        (OPEN + ' name="&b;"/>', "not XML: Entity 'b' not defined"),
        ('<?xml version="1.0" encoding="UTF-7"?>' + OPEN + "/>", "not an XMI file in UTF-8 or ASCII"),
        (OPEN + "><beds><border xsi:type='g:Tree'>" + "<parts xsi:type='g:Tree'>" * 501,
         "nested deeper than 500 elements"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_model_of_its_metamodel(
    content: str, reason: str, registry: models.Registry, tmp_path: Path
) -> None:
    path = tmp_path / "model.xmi"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NbmdeError) as error:
        models.load(path, registry)
    assert reason in str(error.value)
    assert str(path) in str(error.value)


def test_a_missing_file(registry: models.Registry, tmp_path: Path) -> None:
    with pytest.raises(NbmdeError, match=r"none\.xmi: cannot be read: No such file"):
        models.load(tmp_path / "none.xmi", registry)


def test_text_in_other_encodings(registry: models.Registry, tmp_path: Path) -> None:
    (tmp_path / "a.xmi").write_bytes((OPEN + "/>").encode("utf-16"))
    with pytest.raises(NbmdeError, match="not an XMI file in UTF-8 or ASCII"):
        models.load(tmp_path / "a.xmi", registry)


@pytest.mark.parametrize(
    "fragment", ["nobody.1", "/1", "/9/@beds.0", "//@beds.7", "//@beds.x", "//@nowhere.0", "//@oldest", "x/"]
)
def test_an_element_of_a_list_that_is_not_there(
    fragment: str, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    bed = garden.Bed(name="first")
    root = garden.Garden(beds=[bed], gardeners=[garden.Gardener(name="Adam", tends=[bed])])
    models.save({tmp_path / "a.xmi": root}, registry)
    text = (tmp_path / "a.xmi").read_text()
    assert 'tends="bed.1"' in text
    (tmp_path / "a.xmi").write_text(text.replace('tends="bed.1"', f'tends="{fragment}"'))
    with pytest.raises(NbmdeError, match=r"Gardener\.tends refers to .*, which is not in this file") as error:
        models.load(tmp_path / "a.xmi", registry)
    assert error.value.line


def test_places_of_elements_are_read_as_ids_are(
    garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    bed = garden.Bed(name="first", border=garden.Flower(name="moss"))
    root = garden.Garden(beds=[garden.Bed(name="zeroth"), bed], gardeners=[garden.Gardener(name="Adam", tends=[bed])])
    models.save({tmp_path / "a.xmi": root}, registry)
    text = (tmp_path / "a.xmi").read_text()
    assert 'tends="bed.2"' in text
    for place in ("//@beds.1", "/0/@beds.1"):
        (tmp_path / "a.xmi").write_text(text.replace('tends="bed.2"', f'tends="{place}"'))
        assert models.load(tmp_path / "a.xmi", registry).gardeners[0].tends[0].name == "first"
