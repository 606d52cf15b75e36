"""Models of older versions of a metamodel: what is the same is copied, rules do the rest, losses are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import migration, models
from nbmde.engine.errors import NbmdeError

ECORE = """<?xml version="1.0" encoding="UTF-8"?>
<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore" name="{name}" nsURI="http://example.org/{name}/{version}"
    nsPrefix="{name}">
{classes}</ecore:EPackage>
"""
STRING = "ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EString"
INT = "ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EInt"


def attribute(name: str, kind: str = STRING, more: str = "") -> str:
    return f'<eStructuralFeatures xsi:type="ecore:EAttribute" name="{name}" eType="{kind}" {more}/>'


def reference(name: str, kind: str, more: str = "") -> str:
    return f'<eStructuralFeatures xsi:type="ecore:EReference" name="{name}" eType="{kind}" {more}/>'


def eclass(name: str, *features: str, more: str = "") -> str:
    return f'<eClassifiers xsi:type="ecore:EClass" name="{name}" {more}>{"".join(features)}</eClassifiers>'


MANY = 'upperBound="-1" containment="true"'
SHOP = [
    eclass("Shop", attribute("title"), reference("items", "#//Item", MANY), reference("first", "#//Item"))
    + eclass("Item", attribute("label"), attribute("price"), attribute("colour"))
    + eclass("Gift", attribute("wish"), more='eSuperTypes="#//Item"')
    + eclass("Advert", attribute("text"), more='eSuperTypes="#//Item"'),
    eclass("Shop", attribute("title"), reference("articles", "#//Article", MANY), reference("first", "#//Article"))
    + eclass("Article", attribute("name"), attribute("price", INT))
    + eclass("Gift", attribute("wish"), more='eSuperTypes="#//Article"'),
    eclass("Shop", attribute("name"), reference("articles", "#//Article", MANY), reference("first", "#//Article"))
    + eclass("Article", attribute("name"), attribute("cents", INT))
    + eclass("Gift", attribute("wish"), more='eSuperTypes="#//Article"'),
]
FIRST = """
from nbmde.engine.migration import Migration

migration = Migration("http://example.org/shop/1", "http://example.org/shop/2")
migration.retype("Item", "Article")
migration.rename("Shop", "items", "articles")
migration.rename("Item", "label", "name")
migration.delete("Advert")
"""
SECOND = """
from nbmde.engine.migration import Migration

migration = Migration("http://example.org/shop/2", "http://example.org/shop/3")
migration.rename("Shop", "title", "name")


@migration.rule("Article", handles="price")
def price_in_cents(old, new):
    new.cents = 100 * old.price
"""


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    """Three versions of a shop, and the migrations between them; a street refers to shops."""
    folder = tmp_path / "shop"
    (folder / "metamodels").mkdir(parents=True)
    for version, classes in enumerate(SHOP, 1):
        text = ECORE.format(name="shop", version=version, classes=classes)
        place = folder / "metamodels" / "shop.ecore"
        if version < 3:
            place = folder / "transformations" / "migrations" / f"shop{version}" / "shop.ecore"
            place.parent.mkdir(parents=True)
            (place.parent / "__init__.py").write_text([FIRST, SECOND][version - 1])
        place.write_text(text)
    street = eclass("Street", reference("shops", "ecore:EClass shop.ecore#//Shop", 'upperBound="-1"'))
    (folder / "metamodels" / "street.ecore").write_text(ECORE.format(name="street", version=1, classes=street))
    return folder


def old_shop(extension: Path, version: int, tmp_path: Path) -> tuple[Path, Any]:
    ecore = extension / "transformations" / "migrations" / f"shop{version}" / "shop.ecore"
    registry = models.Registry((extension,), files=[ecore], replace=True)
    shop = registry["shop"]
    items = [
        shop.Item(label="pen", price="2", colour="red"),
        shop.Gift(label="book", price="dear", wish="soon"),
        shop.Advert(text="buy"),
    ]
    root = shop.Shop(title="Corner", items=items, first=items[1])
    street = registry["street"].Street(shops=[root])
    models.save({tmp_path / "corner.xmi": root, tmp_path / "street.xmi": street}, registry)
    return tmp_path / "corner.xmi", registry


def test_a_model_goes_through_all_versions(extension: Path, tmp_path: Path) -> None:
    path, _ = old_shop(extension, 1, tmp_path)
    registry = models.Registry((extension,))
    roots, lost = migration.migrate(path, registry)
    (shop,) = roots.values()
    assert shop.eClass.ePackage.nsURI == "http://example.org/shop/3"
    assert [(one.eClass.name, one.name, one.cents) for one in shop.articles] == [
        ("Article", "pen", 200),
        ("Gift", "book", 0),
    ]
    assert (shop.name, shop.articles[1].wish, shop.first) == ("Corner", "soon", shop.articles[1])
    assert [line.rpartition(": ")[2] for line in lost] == ["colour", "price"]
    models.save({tmp_path / "new.xmi": shop}, registry)
    assert models.compare(models.load(tmp_path / "new.xmi", registry), shop) == []


def test_models_that_refer_to_it_follow(extension: Path, tmp_path: Path) -> None:
    path, _ = old_shop(extension, 1, tmp_path)
    registry = models.Registry((extension,))
    roots, _ = migration.migrate(path.with_name("street.xmi"), registry)
    street, shop = roots.values()
    assert [file.name for file in roots] == ["street.xmi", "corner.xmi"]
    assert list(street.shops) == [shop]
    models.save({tmp_path / "new" / file.name: root for file, root in roots.items()}, registry)
    (loaded,) = models.load(tmp_path / "new" / "street.xmi", models.Registry((extension,))).shops
    assert loaded.name == "Corner"


def test_models_that_refer_to_it_follow_from_wherever_they_are(extension: Path, tmp_path: Path) -> None:
    path, before = old_shop(extension, 1, tmp_path)
    shop = models.load(path, before)
    away = tmp_path / "Straße Nr. 1" / "my street.xmi"
    near = tmp_path / "corner shop & co.xmi"
    models.save({near: shop, away: before["street"].Street(shops=[shop])}, before)
    registry = models.Registry((extension,))
    roots, _ = migration.migrate(away, registry)
    assert [file.name for file in roots] == [away.name, near.name]
    models.save(roots, registry)
    (loaded,) = models.load(away, models.Registry((extension,))).shops
    assert (loaded.name, loaded.articles[0].cents) == ("Corner", 200)


WHOLE = """
from nbmde.engine.migration import Migration

migration = Migration("http://example.org/zoo/1", "http://example.org/zoo/2")
"""


@pytest.mark.parametrize(
    ("said", "names", "ages", "lost"),
    [
        ("", ["", ""], [0, 0], ["label", "years", "label", "years"]),
        ('migration.rename("Animal", "label", "name")', ["a", "b"], [0, 0], ["years", "years"]),
        ('migration.rename("Bird", "label", "name")', ["", "b"], [0, 0], ["label", "years", "years"]),
        (
            'migration.rename("Animal", "label", "name")\nmigration.rename("Bird", "label", "nick")',
            ["a", ""], [0, 0], ["years", "label", "years"],
        ),
        ('migration.delete("Animal")', [], [], []),
        ('migration.delete("Bird")', [""], [0], ["label", "years"]),
        (
            '@migration.rule("Animal", handles=("years", "label"))\ndef age(old, new):\n    new.age = old.years + 1',
            ["", ""], [3, 4], [],
        ),
        ('@migration.rule("Bird", handles="years")\ndef age(old, new):\n    new.age = old.years',
         ["", ""], [0, 3], ["label", "years", "label"]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_class_holds_for_its_subclasses(
    said: str, names: list[str], ages: list[int], lost: list[str], tmp_path: Path
) -> None:
    old = tmp_path / "zoo" / "transformations" / "migrations" / "zoo1"
    (tmp_path / "zoo" / "metamodels").mkdir(parents=True)
    old.mkdir(parents=True)
    for place, version, features in (
        (old, 1, [attribute("label"), attribute("years", INT)]),
        (tmp_path / "zoo" / "metamodels", 2, [attribute("name"), attribute("age", INT)]),
    ):
        classes = eclass("Zoo", reference("all", "#//Animal", MANY)) + eclass("Animal", *features)
        classes += eclass("Bird", more='eSuperTypes="#//Animal"')
        (place / "zoo.ecore").write_text(ECORE.format(name="zoo", version=version, classes=classes))
    (old / "__init__.py").write_text(WHOLE + said)
    before = models.Registry((tmp_path / "zoo",), files=[old / "zoo.ecore"], replace=True)
    zoo = before["zoo"]
    root = zoo.Zoo(all=[zoo.Animal(label="a", years=2), zoo.Bird(label="b", years=3)])
    models.save({tmp_path / "a.xmi": root}, before)
    roots, told = migration.migrate(tmp_path / "a.xmi", models.Registry((tmp_path / "zoo",)))
    (new,) = roots.values()
    assert [one.name or "" for one in new.all] == names
    assert [one.age for one in new.all] == ages
    assert [line.rpartition(": ")[2] for line in told] == lost


def test_a_current_model_is_copied_as_it_is(extension: Path, tmp_path: Path) -> None:
    registry = models.Registry((extension,))
    shop = registry["shop"].Shop(name="Corner", articles=[registry["shop"].Gift(name="book", wish="soon")])
    models.save({tmp_path / "corner.xmi": shop}, registry)
    roots, lost = migration.migrate(tmp_path / "corner.xmi", registry)
    assert lost == []
    assert models.compare(next(iter(roots.values())), shop) == []


def test_a_version_that_nothing_leads_from_is_refused(extension: Path, tmp_path: Path) -> None:
    path, _ = old_shop(extension, 1, tmp_path)
    path.write_text(path.read_text().replace("http://example.org/shop/1", "http://example.org/shop/0"))
    with pytest.raises(NbmdeError, match=r"no metamodel with the URI .*shop/0"):
        migration.migrate(path, models.Registry((extension,)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("new.cents = 100 * old.nothing", "migration rule price_in_cents on .*AttributeError"),
        ("raise KeyError", "migration rule price_in_cents on .*KeyError"),
    ],
)
def test_a_rule_that_fails_is_named(extension: Path, tmp_path: Path, change: str, reason: str) -> None:
    path, _ = old_shop(extension, 1, tmp_path)
    file = extension / "transformations" / "migrations" / "shop2" / "__init__.py"
    file.write_text(SECOND.replace("new.cents = 100 * old.price", change))
    with pytest.raises(NbmdeError, match=reason):
        migration.migrate(path, models.Registry((extension,)))


def test_two_migrations_from_one_version_are_an_error(extension: Path) -> None:
    folder = extension / "transformations" / "migrations"
    (folder / "again").mkdir()
    for name in ("__init__.py", "shop.ecore"):
        (folder / "again" / name).write_text((folder / "shop1" / name).read_text())
    with pytest.raises(NbmdeError, match=r"shop/1 is migrated by .*again too"):
        migration.find((extension,))


def test_the_command_migrates_a_file_in_its_place(extension: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from nbmde.cli import app

    path, _ = old_shop(extension, 1, tmp_path)
    done = CliRunner().invoke(app, ["migrate", str(path), "--extension", str(extension)])
    assert done.exit_code == 0, done.output
    assert "lost: " in done.output
    assert "Shop of http://example.org/shop/3" in done.output
    assert models.load(path, models.Registry((extension,))).name == "Corner"


@pytest.mark.parametrize(
    ("tags", "kept", "lost"), [(["a"], "a", []), (["a", "b"], "a", ["tags"]), (["a", "b", "c"], "a", ["tags"])]
)
def test_of_several_values_the_first_is_kept_where_one_is_allowed(
    tags: list[str], kept: str, lost: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "box"
    old = folder / "transformations" / "migrations" / "box1"
    (folder / "metamodels").mkdir(parents=True)
    old.mkdir(parents=True)
    for place, version, more in ((old, 1, 'upperBound="-1"'), (folder / "metamodels", 2, "")):
        classes = eclass("Box", attribute("tags", more=more))
        (place / "box.ecore").write_text(ECORE.format(name="box", version=version, classes=classes))
    (old / "__init__.py").write_text(
        "from nbmde.engine.migration import Migration\n\n"
        'migration = Migration("http://example.org/box/1", "http://example.org/box/2")\n'
    )
    before = models.Registry((folder,), files=[old / "box.ecore"], replace=True)
    models.save({tmp_path / "a.xmi": before["box"].Box(tags=tags)}, before)
    roots, told = migration.migrate(tmp_path / "a.xmi", models.Registry((folder,)))
    (box,) = roots.values()
    assert box.tags == kept
    assert [line.rpartition(": ")[2] for line in told] == lost
