"""Elements refuse names and values that their metamodel does not have, wherever they are assigned."""

from collections.abc import Callable
from typing import Any

import pytest

from nbmde.engine import models
from nbmde.engine.constraints import ConstraintSet, fix
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m import Context, RuleError, Transformation


@pytest.mark.parametrize(
    ("assign", "error"),
    [
        (lambda g, rose: setattr(rose, "nmae", "rose"), "Flower has no feature 'nmae': name?"),
        (lambda g, rose: setattr(rose, "xyzzy", "rose"), "Flower has no feature 'xyzzy'"),
        (lambda g, rose: g.Flower(heigth=1.5), "Flower has no feature 'heigth': height?"),
        (lambda g, rose: rose.eSet("heigth", 1.5), "Flower has no feature 'heigth': height?"),
        (lambda g, rose: setattr(g.Note(), "name", "a"), "Note has no feature 'name'"),
    ],
)
def test_a_feature_that_a_class_does_not_have(
    assign: Callable[[Any, Any], Any], error: str, garden: models.Metamodel
) -> None:
    with pytest.raises(AttributeError) as raised:
        assign(garden, garden.Flower())
    assert str(raised.value) == error


@pytest.mark.parametrize(
    ("assign", "error"),
    [
        (lambda g, rose: setattr(rose, "blooms", "winter"), "blooms takes Season, not 'winter': the literal"),
        (lambda g, rose: setattr(rose, "blooms", "witner"), "blooms takes Season, not 'witner': the literal"),
        (lambda g, rose: setattr(rose, "blooms", 3), "blooms takes Season, not 3: one of spring, summer, winter"),
        (lambda g, rose: setattr(rose, "blooms", g.Season), "blooms takes Season, not Season itself"),
        (lambda g, rose: rose.seasons.append("winter"), "seasons takes Season, not 'winter': the literal"),
        (lambda g, rose: rose.seasons.extend([g.Season.spring, "x"]), "seasons takes Season, not 'x': one of"),
        (lambda g, rose: setattr(rose, "age", True), "Flower.age takes int, not True"),
        (lambda g, rose: setattr(rose, "age", "7"), "Flower.age takes int, not '7'"),
        (lambda g, rose: setattr(rose, "name", 7), "Flower.name takes str, not 7"),
        (lambda g, rose: setattr(rose, "name", g.Flower), "Flower.name takes str, not Flower itself"),
        (lambda g, rose: rose.heights.append(True), "Flower.heights takes int, not True"),
        (lambda g, rose: rose.heights.append(None), "Flower.heights takes int, not None"),
        (lambda g, rose: rose.parts.append(None), "Flower.parts takes Plant, not None"),
        (lambda g, rose: rose.parts.append(g.Bed(name="a")), "Flower.parts takes Plant, not Bed 'a'"),
        (lambda g, rose: rose.parts.insert(0, "a"), "Flower.parts takes Plant, not 'a'"),
        (lambda g, rose: setattr(g.Bed(), "border", g.Flower), "Bed.border takes Plant, not Flower itself"),
        (lambda g, rose: setattr(g.Bed(), "border", g.Bed()), "Bed.border takes Plant, not Bed"),
        (lambda g, rose: setattr(g.Bed(), "plants", [rose, "b"]), "Bed.plants takes Plant, not 'b'"),
    ],
)  # fmt: skip
def test_a_value_that_a_feature_does_not_take(
    assign: Callable[[Any, Any], Any], error: str, garden: models.Metamodel
) -> None:
    with pytest.raises(TypeError) as raised:
        assign(garden, garden.Flower())
    assert error in str(raised.value)


@pytest.mark.parametrize(
    "assign",
    [
        lambda rose, other: setattr(rose, "blooms", other),
        lambda rose, other: rose.eSet("blooms", other),
        lambda rose, other: rose.seasons.append(other),
        lambda rose, other: rose.seasons.insert(0, other),
        lambda rose, other: rose.seasons.extend([other]),
        lambda rose, other: setattr(rose, "seasons", [other]),
    ],
)
def test_a_literal_of_another_enumeration_is_not_taken(
    assign: Callable[[Any, Any], Any], garden: models.Metamodel, registry: models.Registry
) -> None:
    kind = registry["comparison"].Kind.added
    with pytest.raises(TypeError, match=r"takes Season, not Kind\.added: one of spring, summer, winter"):
        assign(garden.Flower(), kind)


def test_what_a_feature_takes_is_kept(garden: models.Metamodel) -> None:
    rose = garden.Flower(name="rose", age=3, height=1.5, blooms=garden.Season.winter)
    rose.seasons = [garden.Season.winter, garden.Season.spring, garden.Season.winter]
    rose.heights = [3, 3]
    rose.height = rose.sown = None
    bed = garden.Bed(border=rose)
    assert (rose.name, rose.age, rose.height, rose.blooms.name) == ("rose", 3, None, "winter")
    assert [season.name for season in rose.seasons] == ["winter", "spring"]
    assert list(rose.heights) == [3, 3]
    assert rose.eContainer() is bed


def test_what_is_deleted_is_as_it_was_before_it_was_set() -> None:
    workflow = models.Registry()["workflow"]
    symbol = workflow.Symbol(name="frame", reason="it is bound twice")
    step = workflow.Step(name="load", outputs=[symbol])
    one, other = workflow.Statement(text="a = 1"), workflow.Statement(text="b = 2")
    step.statements += [one, other]
    del symbol.reason, step.statements, step.outputs
    assert (symbol.reason, list(step.statements), list(step.outputs)) == (None, [], [])
    assert (one.step, other.eContainer()) == (None, None)
    step.statements = [other]
    assert (other.step, list(step.statements)) == (step, [other])


def test_a_listener_hears_of_values_and_of_lists() -> None:
    heard: list[Any] = []

    class Listener:
        def notifyChanged(self, change: Any) -> None:
            heard.append((change.notifier, change.feature.name, change.old, change.new, change.kind.name))

    workflow = models.Registry()["workflow"]
    step, statement = workflow.Step(name="load"), workflow.Statement(text="a = 1")
    step.listeners.append(Listener())
    step.name, step.title = "read", None
    step.statements.append(statement)
    assert heard == [
        (step, "name", "load", "read", "SET"),
        (step, "title", None, None, "UNSET"),
        (step, "statements", None, statement, "ADD"),
    ]


def test_a_rule_that_misspells_a_feature_is_named_with_its_line(
    garden: models.Metamodel, registry: models.Registry
) -> None:
    careless = Transformation("careless", "garden", "garden")

    @careless.rule("Garden", to="Garden")
    def copy(t: Context, source: Any, target: Any) -> None:
        target.nmae = source.name

    with pytest.raises(
        RuleError, match="rule copy on Garden: AttributeError: Garden has no feature 'nmae': name"
    ) as caught:
        careless.run(garden.Garden(), registry)
    assert caught.value.line == copy.__code__.co_firstlineno + 2


def test_a_fix_that_sets_a_text_where_an_enumeration_stands_is_named(
    garden: models.Metamodel, registry: models.Registry
) -> None:
    constraints = ConstraintSet("garden")

    @constraints.constraint("Plant")
    def blooms_in_spring(plant: Any) -> bool:
        return bool(plant.blooms.name == "spring")

    @constraints.fix("blooms_in_spring", "Let it bloom in spring")
    def let_it(plant: Any) -> None:
        plant.blooms = "spring"

    with pytest.raises(NbmdeError, match=r"Flower\.blooms takes Season, not 'spring': the literal Season\.spring"):
        fix(garden.Flower(), lambda root: constraints.check(root, registry))
