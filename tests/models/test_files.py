"""Saving and loading: the same model comes back, the same model gives the same bytes."""

import math
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from counting import calls
from hypothesis import given
from hypothesis import strategies as st

from nbmde.engine import models


def saved(root: Any, path: Path, registry: models.Registry) -> bytes:
    models.save({path: root}, registry)
    return path.read_bytes()


def test_a_model_is_loaded_as_it_was_saved(eden: Any, registry: models.Registry, tmp_path: Path) -> None:
    saved(eden, tmp_path / "eden.xmi", registry)
    loaded = models.load(tmp_path / "eden.xmi", registry)
    assert models.compare(eden, loaded) == []
    rose, apple = loaded.beds[0].plants
    assert (apple.fruit, apple.height, apple.age) == ("a\x1b[31mred\x1b[0m", 3.5, 7)
    assert rose.text == "def f():\n\treturn '<&>' + \"␛\"\r\n"
    assert list(rose.remarks) == ["", " a ", "two\nlines", "\x00"]
    assert (rose.label, apple.label, rose.perennial, list(rose.heights)) == (None, "plain", False, [3, 3, 4])
    assert [season.name for season in rose.seasons] == ["winter", "spring"]
    assert loaded.beds[0].garden is loaded
    assert list(loaded.gardeners[0].sees) == [apple, loaded.beds[0].notes[0], loaded.gardeners[0]]


def test_what_is_dumped_is_a_file_that_loads(eden: Any, registry: models.Registry, tmp_path: Path) -> None:
    (tmp_path / "eden.xmi").write_bytes(models.dumps(eden, registry))
    assert models.compare(eden, models.load(tmp_path / "eden.xmi", registry)) == []


def test_saving_loading_and_saving_again_gives_the_same_bytes(
    eden: Any, registry: models.Registry, tmp_path: Path
) -> None:
    first = saved(eden, tmp_path / "eden.xmi", registry)
    again = saved(models.load(tmp_path / "eden.xmi", registry), tmp_path / "again.xmi", registry)
    assert first == again


def test_the_order_in_which_features_were_set_does_not_show(registry: models.Registry, garden: Any) -> None:
    one, two = garden.Flower(), garden.Flower()
    one.name, one.age, one.text = "rose", 3, "a\nb"
    two.text, two.age, two.name = "a\nb", 3, "rose"
    assert models.dumps(one, registry) == models.dumps(two, registry)


@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_the_file_does_not_depend_on_the_hash_seed(
    seed: str, eden: Any, registry: models.Registry, tmp_path: Path
) -> None:
    expected = saved(eden, tmp_path / "eden.xmi", registry)
    extension = Path(__file__).parent / "extension"
    code = f"""
from pathlib import Path
from nbmde.engine import models
registry = models.Registry(extensions=(Path({str(extension)!r}),))
models.save({{Path("again.xmi"): models.load(Path("eden.xmi"), registry)}}, registry)
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed})
    assert (tmp_path / "again.xmi").read_bytes() == expected


def test_the_layout_is_readable(garden: models.Metamodel, registry: models.Registry, tmp_path: Path) -> None:
    rose = garden.Flower(name="rose <&\"'>", text="first\n  second\t<&>", heights=[1, 2], age=0)
    lily = garden.Flower(name="lily", text="one line\x1b", blooms=garden.Season.spring)
    bed = garden.Bed(plants=[rose, lily])
    rose.companions.append(lily)
    metamodels = registry["garden"].path.parent
    models.save({tmp_path / "bed.xmi": bed}, registry, metamodel_dir=tmp_path / "meta models")
    assert metamodels.is_dir()
    assert (
        (tmp_path / "bed.xmi").read_text(encoding="utf-8")
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<garden:Bed xmi:version="2.0"
    xmlns:xmi="http://www.omg.org/XMI"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:garden="http://example.org/garden/1"
    xsi:schemaLocation="http://example.org/garden/1 meta%20models/garden.ecore" id="bed.1">
  <plants xsi:type="garden:Flower" id="flower.1" name="rose &lt;&amp;&quot;'>" companions="flower.2">
    <heights>1</heights>
    <heights>2</heights>
    <text>first
  second	&lt;&amp;&gt;</text>
  </plants>
  <plants xsi:type="garden:Flower" id="flower.2" name="lily" blooms="spring" text="one line␛" companionOf="flower.1"/>
</garden:Bed>
"""
    )


def test_what_is_written_can_be_had_without_writing(eden: Any, registry: models.Registry, tmp_path: Path) -> None:
    contents = models.contents({tmp_path / "eden.xmi": eden}, registry)
    assert list(tmp_path.iterdir()) == []
    assert models.document_of(eden) is None
    assert contents == {tmp_path / "eden.xmi": saved(eden, tmp_path / "eden.xmi", registry)}


def test_what_is_transient_is_not_saved(garden: models.Metamodel, registry: models.Registry) -> None:
    assert models.dumps(garden.Flower(scent="sweet"), registry) == models.dumps(garden.Flower(), registry)


# --- values ---------------------------------------------------------------------------------------------------------

VALUES = st.fixed_dictionaries(
    {
        "age": st.integers(-(2**31), 2**31 - 1),
        "seeds": st.integers(-(2**63), 2**63 - 1),
        "height": st.floats(allow_nan=False, allow_infinity=False),
        "perennial": st.booleans(),
        "label": st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r")),
        "name": st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r")),
        "heights": st.lists(st.integers(-5, 5)),
    }
)


@given(values=VALUES)
def test_every_value_of_a_datatype_is_kept(
    values: dict[str, Any], registry: models.Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "values.xmi"
    saved(registry["garden"].Flower(**values), path, registry)
    flower = models.load(path, registry)
    loaded = {key: list(getattr(flower, key)) if key == "heights" else getattr(flower, key) for key in values}
    assert loaded == values
    assert math.copysign(1, loaded["height"]) == math.copysign(1, values["height"])


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2024, 2, 29, 23, 59, 59, 7000),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2024, 7, 1, 12, 0, 0, 120000, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
)
def test_dates_are_kept_with_three_digits_of_a_second(
    moment: datetime, registry: models.Registry, tmp_path: Path
) -> None:
    content = saved(registry["garden"].Flower(sown=moment), tmp_path / "date.xmi", registry)
    assert f".{moment.microsecond // 1000:03d}".encode() in content
    assert models.load(tmp_path / "date.xmi", registry).sown == moment


def test_a_value_of_more_than_ten_megabytes_is_kept(registry: models.Registry, tmp_path: Path) -> None:
    line = "x" * 11_000_000
    lines = "y\n" * 6_000_000
    saved(registry["garden"].Flower(label=line, text=lines), tmp_path / "huge.xmi", registry)
    flower = models.load(tmp_path / "huge.xmi", registry)
    assert flower.label == line
    assert flower.text == lines


def test_elements_nested_more_than_256_deep_are_kept(registry: models.Registry, tmp_path: Path) -> None:
    root = registry["garden"].Flower()
    for _ in range(400):
        parent = registry["garden"].Flower()
        parent.parts.append(root)
        parent.companions.append(root)
        root = parent
    saved(root, tmp_path / "deep.xmi", registry)
    assert models.compare(root, models.load(tmp_path / "deep.xmi", registry)) == []


def test_references_that_are_each_others_opposite_keep_both_orders(
    garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    a, b, c, d = flowers = [garden.Flower(name=name) for name in "abcd"]
    c.companions.append(b)
    a.companions.extend([d, b])
    c.companions.append(d)
    assert [flower.name for flower in b.companionOf] == ["c", "a"]
    content = saved(garden.Bed(plants=flowers), tmp_path / "bed.xmi", registry)
    bed = models.load(tmp_path / "bed.xmi", registry)
    assert [[other.name for other in flower.companions] for flower in bed.plants] == [["d", "b"], [], ["b", "d"], []]
    assert [[other.name for other in flower.companionOf] for flower in bed.plants] == [[], ["c", "a"], [], ["a", "c"]]
    assert saved(bed, tmp_path / "bed.xmi", registry) == content


# --- several files --------------------------------------------------------------------------------------------------


@pytest.fixture
def two(eden: Any, garden: models.Metamodel, registry: models.Registry, tmp_path: Path) -> tuple[Path, Path]:
    """Two models that refer to each other, in two folders."""
    visitor = garden.Gardener(name="Eve")
    visitor.tends.append(eden.beds[0])
    park = garden.Garden(name="Park", oldest=eden.oldest, gardeners=[visitor])
    visitor.sees.extend([park, eden.beds[0].notes[0], eden.oldest])
    park.neighbours.append(eden)
    eden.neighbours.append(park)
    here, there = tmp_path / "eden.xmi", tmp_path / "other folder" / "parkä.xmi"
    models.save({here: eden, there: park}, registry)
    return here, there


def test_references_to_other_files_are_relative_and_by_id(two: tuple[Path, Path]) -> None:
    here, there = two
    assert '<neighbours href="other%20folder/park%C3%A4.xmi#garden.1"/>' in here.read_text()
    assert '<oldest xsi:type="orchard:FruitTree" href="../eden.xmi#fruittree.1"/>' in there.read_text()
    sees = [line.strip() for line in there.read_text().splitlines() if "<sees" in line]
    assert sees == [
        '<sees xsi:type="garden:Garden" href="#garden.1"/>',
        '<sees xsi:type="garden:Note" href="../eden.xmi#//@beds.0/@notes.0"/>',
        '<sees xsi:type="orchard:FruitTree" href="../eden.xmi#fruittree.1"/>',
    ]


def test_a_model_stays_with_its_metamodels_in_whatever_folder_they_are(
    eden: Any, registry: models.Registry, tmp_path: Path
) -> None:
    folder = tmp_path / "metamodels of Zoë #1"
    registry.export(folder, ["garden", "orchard"])
    models.save({tmp_path / "eden.xmi": eden}, registry, folder)
    written = (tmp_path / "eden.xmi").read_bytes()
    loaded = models.load(tmp_path / "eden.xmi", registry)
    document = models.document_of(loaded)
    assert document is not None
    assert sorted(document.metamodels.values()) == [folder / "garden.ecore", folder / "orchard.ecore"]
    models.save({tmp_path / "eden.xmi": loaded}, registry)
    assert (tmp_path / "eden.xmi").read_bytes() == written
    models.save({tmp_path / "deeper" / "eden.xmi": loaded}, registry)
    again = models.document_of(models.load(tmp_path / "deeper" / "eden.xmi", registry))
    assert again is not None
    assert again.metamodels == document.metamodels


def test_loading_a_file_loads_those_it_refers_to(two: tuple[Path, Path], registry: models.Registry) -> None:
    park = models.load(two[1], registry)
    eden = park.neighbours[0]
    assert eden.neighbours[0] is park
    assert park.oldest is eden.beds[0].plants[1]
    assert list(park.gardeners[0].sees) == [park, eden.beds[0].notes[0], park.oldest]


@pytest.mark.parametrize("typed", [False, True])
def test_references_may_be_attributes_with_their_classes(
    typed: bool, two: tuple[Path, Path], registry: models.Registry
) -> None:
    kind, sort = ("orchard:FruitTree ", "garden:Gardener ") if typed else ("", "")
    eden = models.load(two[0], registry)
    tree, adam = eden.oldest.id, eden.gardeners[0].id
    text = (
        f'<garden:Garden xmlns:garden="{eden.eClass.ePackage.nsURI}" xmlns:orchard="http://example.org/orchard"\n'
        f'  oldest="{kind}../eden.xmi#{tree}"><gardeners id="eve" sees="{sort}../eden.xmi#{adam} {sort}#eve"/>'
        "</garden:Garden>\n"
    )
    (two[1].parent / "new.xmi").write_text(text)
    new, old = models.load_all([two[1].parent / "new.xmi", two[0]], registry)
    assert new.oldest is old.oldest
    assert list(new.gardeners[0].sees) == [old.gardeners[0], new.gardeners[0]]


def test_files_loaded_together_share_their_elements(two: tuple[Path, Path], registry: models.Registry) -> None:
    eden, park, again = models.load_all([*two, two[0]], registry)
    assert again is eden
    assert park.neighbours[0] is eden


def test_saving_both_again_gives_the_same_bytes(two: tuple[Path, Path], registry: models.Registry) -> None:
    before = [path.read_bytes() for path in two]
    models.save(dict(zip(two, models.load_all(two, registry), strict=True)), registry)
    assert [path.read_bytes() for path in two] == before


def test_a_model_that_was_loaded_stays_in_its_file_when_another_one_that_refers_to_it_is_saved(
    two: tuple[Path, Path], registry: models.Registry, tmp_path: Path
) -> None:
    before = two[0].read_bytes()
    park = models.load(two[1], registry)
    models.save({tmp_path / "new" / "park.xmi": park}, registry)
    assert 'href="../eden.xmi#garden.1"' in (tmp_path / "new" / "park.xmi").read_text()
    assert two[0].read_bytes() == before
    assert models.document_of(park.neighbours[0]).path == Path(os.path.normpath(two[0]))  # type: ignore[union-attr]


def test_a_model_that_was_saved_can_be_referred_to_later(
    eden: Any, garden: models.Metamodel, registry: models.Registry, tmp_path: Path
) -> None:
    models.save({tmp_path / "eden.xmi": eden}, registry)
    models.save({tmp_path / "park.xmi": garden.Garden(oldest=eden.oldest)}, registry)
    assert 'href="eden.xmi#fruittree.1"' in (tmp_path / "park.xmi").read_text()


def test_relative_paths_and_the_current_folder_make_no_difference(
    two: tuple[Path, Path], registry: models.Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = two[1].read_bytes()
    monkeypatch.chdir(two[1].parent)
    park = models.load(Path(two[1].name), registry)
    models.save({Path(two[1].name): park}, registry)
    assert two[1].read_bytes() == before


# --- what other tools write -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        '<?xml version="1.0" encoding="ASCII"?>\n{open} id="a" name="&#x3C0;" text="a&#xA;&#x241B;"/>',
        '<!-- comment -->\n{open} id="a"><!-- one --><name>&#x3C0;</name><text><![CDATA[a\n]]>␛</text></g:Flower>',
        '\ufeff<?xml version="1.0"?>\n<?pi?>{open} xmi:id="a" id="a" name="π"><text>a\n␛</text></g:Flower>',
    ],
)  # fmt: skip
def test_other_spellings_of_the_same_model_are_read(document: str, registry: models.Registry, tmp_path: Path) -> None:
    opening = '<g:Flower xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:g="http://example.org/garden/1"'
    (tmp_path / "a.xmi").write_text(document.replace("{open}", opening), encoding="utf-8")
    flower = models.load(tmp_path / "a.xmi", registry)
    assert (flower.id, flower.name, flower.text) == ("a", "π", "a\n\x1b")


def test_references_by_place_are_read(registry: models.Registry, tmp_path: Path) -> None:
    (tmp_path / "a.xmi").write_text(
        """<g:Garden xmlns:g="http://example.org/garden/1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        oldest="//@beds.1/@plants.0" neighbours="/">
        <beds/><beds><plants xsi:type="g:Tree" companions="//@beds.1/@border #//@beds.1/@plants.0"/>
        <border xsi:type="g:Flower"/></beds></g:Garden>"""
    )
    garden = models.load(tmp_path / "a.xmi", registry)
    tree = garden.beds[1].plants[0]
    assert (garden.oldest, list(garden.neighbours)) == (tree, [garden])
    assert list(tree.companions) == [garden.beds[1].border, tree]


def test_a_reference_that_only_one_of_two_opposites_names_is_kept(registry: models.Registry, tmp_path: Path) -> None:
    (tmp_path / "a.xmi").write_text(
        """<g:Bed xmlns:g="http://example.org/garden/1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <plants xsi:type="g:Tree" id="a" companions="c c"/><plants xsi:type="g:Tree" id="b" companions="c"/>
        <plants xsi:type="g:Tree" id="c" companionOf="b"/></g:Bed>"""
    )
    a, b, c = models.load(tmp_path / "a.xmi", registry).plants
    assert (list(a.companions), list(b.companions), list(c.companionOf)) == ([c], [c], [b, a])


# --- speed ----------------------------------------------------------------------------------------------------------


def test_work_of_saving_and_loading_grows_with_the_elements(registry: models.Registry, tmp_path: Path) -> None:
    """Counted in calls; `benchmarks/scaling.py` measures seconds."""
    garden = registry["garden"]

    def work(number: int) -> tuple[int, int]:
        flowers = [garden.Flower(name=f"flower {n}", age=n, text=f"line\nline {n}") for n in range(number)]
        for flower, other in pairwise(flowers):
            flower.companions.append(other)
        bed = garden.Bed(plants=flowers)
        models.assign_ids(bed)
        with calls() as saving:
            models.save({tmp_path / "bed.xmi": bed}, registry)
        with calls() as loading:
            models.load(tmp_path / "bed.xmi", registry)
        return saving.count, loading.count

    work(10)
    (saved, loaded), (saved_more, loaded_more) = work(500), work(2_000)
    assert saved_more / saved < 4.2
    assert loaded_more / loaded < 4.2
    assert saved_more / 2_000 < 150
    assert loaded_more / 2_000 < 600


def test_a_trace_leaves_out_what_was_deleted_since(registry: models.Registry, tmp_path: Path) -> None:
    garden, trace = registry["garden"], registry["trace"]
    beds = [garden.Bed(name="first"), garden.Bed(name="second")]
    root = garden.Garden(name="Park", beds=beds)
    record = trace.Trace(transformation="gardening", links=[trace.Link(rule="plant", sources=[root], targets=beds)])
    models.save({tmp_path / "park.xmi": root, tmp_path / "trace.xmi": record}, registry)
    text = (tmp_path / "park.xmi").read_text(encoding="utf-8")
    gone = "".join(line for line in text.splitlines(keepends=True) if 'name="first"' not in line)
    assert gone != text
    (tmp_path / "park.xmi").write_text(gone, encoding="utf-8")
    (link,) = models.load(tmp_path / "trace.xmi", models.Registry(registry.extensions)).links
    assert [target.name for target in link.targets] == ["second"]
