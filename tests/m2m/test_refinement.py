"""Refinements change a model in place, leave links where something changed, and keep what they take out."""

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "emf"))

import emf

from nbmde.engine import m2m, models, pipeline
from nbmde.engine.m2m import Context, RuleError, Transformation


def older() -> Transformation:
    """Everybody without a year of birth gets one."""
    transformation = Transformation("older", refines="family")

    @transformation.rule("Person", guard=lambda t, person: not person.born)
    def born(t: Context, person: Any) -> None:
        person.born = 1900

    return transformation


def wed() -> Transformation:
    """A man without parents is replaced by a woman of his name."""
    transformation = Transformation("wed", refines="family")

    @transformation.rule("Man", to="Woman", guard=lambda t, man: not man.parents)
    def replaced(t: Any, man: Any, woman: Any) -> None:
        woman.name, woman.born = man.name, man.born
        t.replace(man, woman)

    return transformation


def named(town: Any, name: str) -> Any:
    return next(person for person in town.people if person.name == name)


def test_a_rule_changes_the_model_itself_and_is_linked_where_it_did(town: Any, registry: models.Registry) -> None:
    dan = named(town, "Dan")
    result = older().run(town, registry)
    assert result.root is town
    assert dan.born == 1900
    assert [(link.rule, list(link.sources), list(link.targets)) for link in result.trace.links] == [
        ("born", [dan], [dan])
    ]
    assert not older().run(town, registry).trace.links


def test_a_rule_that_sets_what_is_there_leaves_no_link(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("same", refines="family")

    @transformation.rule("Person")
    def same(t: Context, person: Any) -> None:
        parents = list(person.parents)
        person.parents.clear()
        person.parents.extend(parents)
        person.name, name = "", person.name
        person.name = name

    assert not transformation.run(town, registry).trace.links


def test_another_order_is_a_change(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("turned", refines="family")

    @transformation.rule("Person", guard=lambda t, person: len(person.parents) > 1)
    def turned(t: Context, person: Any) -> None:
        parents = list(person.parents)
        person.parents.clear()
        person.parents.extend(reversed(parents))

    assert [link.rule for link in transformation.run(town, registry).trace.links] == ["turned"]


def test_what_else_a_rule_changes_is_a_target(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("children", refines="family")

    @transformation.rule("Town")
    def aged(t: Context, town: Any) -> None:
        named(town, "Dan").born = 1
        named(town, "Ann").born = 1950

    (link,) = transformation.run(town, registry).trace.links
    assert (list(link.sources), list(link.targets)) == ([town], [named(town, "Dan")])


def test_what_a_rule_makes_is_made_once(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("settled", refines="family")
    made: list[str] = []

    @transformation.rule("Town")
    def settled(t: Context, town: Any) -> None:
        town.people.append(t.make("newcomer", town))

    @transformation.rule("Town", to="Man", lazy=True)
    def newcomer(t: Context, town: Any, man: Any) -> None:
        man.name, man.born = "Eve", 2000
        made.append(man.name)

    links = transformation.run(town, registry).trace.links
    assert made == ["Eve"]
    assert [(link.rule, link.targets[0].name) for link in links] == [("settled", "Eve"), ("newcomer", "Eve")]


def test_what_a_called_rule_changes_leads_to_that_rule(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("visits", refines="family")

    @transformation.rule("Town")
    def visited(t: Context, town: Any) -> None:
        town.name = "Hamm"
        t.make("older", named(town, "Ann"))
        t.make("left", (named(town, "Cyd"), named(town, "Bob")))

    @transformation.rule("Person", lazy=True)
    def older(t: Context, person: Any) -> None:
        person.born = 1900

    @transformation.rule("Person", lazy=True)
    def left(t: Context, people: Any) -> None:
        people[0].born = 1901
        t.retire(people[1])

    ann, cyd = named(town, "Ann"), named(town, "Cyd")
    links = transformation.run(town, registry).trace.links
    found = {link.rule: list(link.targets) for link in links}
    assert list(found) == ["visited", "older", "left"]
    assert found["older"] == [ann]
    assert found["visited"] == [town], "which has lost somebody, too"
    assert cyd in found["left"]
    assert town not in found["left"], "it is not about the town"


def test_what_is_made_on_the_way_and_changed_by_another_rule_leads_to_both(
    town: Any, registry: models.Registry
) -> None:
    transformation = Transformation("twins", refines="family")

    @transformation.rule("Town")
    def town_of_twins(t: Any, town: Any) -> None:
        twin = t.make("twin", named(town, "Dan"))
        t.make("aged", twin)

    @transformation.rule("Person", to="Man", lazy=True)
    def twin(t: Any, person: Any, twin: Any) -> None:
        twin.name = f"{person.name} II"
        t.source.people.append(twin)

    @transformation.rule("Person", lazy=True)
    def aged(t: Any, person: Any) -> None:
        person.born = 1901

    result = transformation.run(town, registry)
    made = named(town, "Dan II")
    assert [link.rule for link in result.trace.links if made in link.targets] == ["twin", "aged"]


def test_what_a_rule_consults_is_a_source_of_its_link(town: Any, registry: models.Registry) -> None:
    dan, ann, bob = (named(town, name) for name in ("Dan", "Ann", "Bob"))
    transformation = Transformation("eldest", refines="family")

    @transformation.rule("Person", guard=lambda t, person: person is dan)
    def eldest(t: Any, person: Any) -> None:
        person.born = 1800
        t.consult(ann, None, bob, dan)

    (link,) = transformation.run(town, registry).trace.links
    assert list(link.sources) == [dan, ann, bob]


def test_nothing_is_consulted_outside_of_rules(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("outside", refines="family")

    @transformation.pre
    def before(t: Any) -> None:
        t.consult(town)

    with pytest.raises(RuleError, match="no rule runs"):
        transformation.run(town, registry)


def test_a_source_may_be_of_another_model(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("welcome", refines="family")
    other = registry["family"].Town(name="Tow")

    @transformation.rule("Town", to="Man", lazy=True)
    def stranger(t: Context, sources: Any, man: Any) -> None:
        man.name, man.born = "Eve", 2000

    @transformation.rule("Town")
    def welcomed(t: Context, town: Any) -> None:
        town.people.append(t.make("stranger", (town, other)))

    links = transformation.run(town, registry).trace.links
    assert [(link.rule, [one.name for one in link.sources], [one.name for one in link.targets]) for link in links] == [
        ("welcomed", [town.name], ["Eve"]),
        ("stranger", [town.name, "Tow"], ["Eve"]),
    ]


def test_what_is_replaced_is_retired_with_its_links(town: Any, registry: models.Registry, tmp_path: Path) -> None:
    bob, ann, cyd = (named(town, name) for name in ("Bob", "Ann", "Cyd"))
    before = registry["trace"].Trace(transformation="before")
    before.links.append(registry["trace"].Link(rule="old", sources=[town], targets=[bob]))
    result = wed().run(town, registry)
    assert [f"{person.eClass.name} {person.name}" for person in town.people] == [
        "Woman Cyd",
        "Woman Ann",
        "Woman Bob",
        "Woman Dan",
    ]
    assert [parent.name for parent in cyd.parents] == ["Bob", "Ann"]
    assert cyd.parents[0] is ann.spouse is named(town, "Bob")
    assert [one.name for one in result.trace.retired] == ["Bob", "Dan"]
    assert result.trace.retired[0] is bob
    models.save(
        {tmp_path / f"{n}.xmi": m for n, m in {"town": town, "now": result.trace, "then": before}.items()}, registry
    )
    then, now = models.load_all([tmp_path / "then.xmi", tmp_path / "now.xmi"], registry)
    assert then.links[0].targets[0] is now.retired[0]
    assert now.retired[0].name == "Bob"
    assert emf.check([tmp_path]) == []


@pytest.mark.parametrize(
    ("gone", "by", "left"),
    [("Bob", "Ann", ["Ann"]), ("Ann", "Bob", ["Bob"]), ("Bob", "Dan", ["Dan", "Ann"]), ("Ann", "Dan", ["Bob", "Dan"])],
)
def test_what_is_there_already_takes_the_place_of_another_once(
    town: Any, registry: models.Registry, gone: str, by: str, left: list[str]
) -> None:
    transformation = Transformation("merged", refines="family")

    @transformation.rule("Town")
    def merged(t: Any, town: Any) -> None:
        t.replace(named(town, gone), named(town, by))

    result = transformation.run(town, registry)
    assert [parent.name for parent in named(town, "Cyd").parents] == left
    assert [person.name for person in town.people] == [one for one in ("Cyd", "Ann", "Bob", "Dan") if one != gone]
    assert [one.name for one in result.trace.retired] == [gone]


def test_what_is_new_comes_where_the_old_one_was(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("new", refines="family")

    @transformation.rule("Person", to="Man", guard=lambda t, person: person.name == "Ann")
    def new(t: Any, person: Any, man: Any) -> None:
        man.name = "Abe"
        t.replace(person, man)

    result = transformation.run(town, registry)
    assert [person.name for person in town.people] == ["Cyd", "Abe", "Bob", "Dan"]
    assert [parent.name for parent in named(town, "Cyd").parents] == ["Bob", "Abe"]
    (link,) = result.trace.links
    assert [one.name for one in link.sources] == ["Ann"]
    assert {one.name for one in link.targets} == {"Ham", "Cyd", "Bob", "Abe"}


def test_rules_are_not_run_for_what_an_earlier_one_took_out(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("out", refines="family")
    seen = []

    @transformation.rule("Town")
    def emptied(t: Any, town: Any) -> None:
        t.retire(named(town, "Bob"))

    @transformation.rule("Man")
    def later(t: Any, man: Any) -> None:
        seen.append(man.name)

    transformation.run(town, registry)
    assert seen == ["Dan"]


def test_hooks_of_a_refinement_are_linked_to_what_they_changed(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("hooked", refines="family")

    @transformation.pre
    def before(t: Any) -> None:
        named(t.source, "Dan").born = 1

    @transformation.post
    def after(t: Any) -> None:
        named(t.source, "Ann").name = "Anne"

    links = transformation.run(town, registry).trace.links
    assert [(link.rule, [one.name for one in link.targets]) for link in links] == [
        ("before", ["Dan"]),
        ("after", ["Anne"]),
    ]


def test_what_is_put_into_another_model_is_refused(town: Any, registry: models.Registry) -> None:
    transformation, other = Transformation("away", refines="family"), registry["family"].Town(name="Away")

    @transformation.rule("Man")
    def away(t: Any, man: Any) -> None:
        other.people.append(man)

    with pytest.raises(
        RuleError, match=r"transformation away: Man 'Bob' .* was put into another model \(make one like"
    ):
        transformation.run(town, registry)


def test_what_is_retired_is_referred_to_no_longer(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("gone", refines="family")

    @transformation.rule("Man", guard=lambda t, man: man.name == "Bob")
    def gone(t: Any, man: Any) -> None:
        t.retire(man)

    bob, ann, cyd = (named(town, name) for name in ("Bob", "Ann", "Cyd"))
    result = transformation.run(town, registry)
    assert (list(cyd.parents), ann.spouse) == ([ann], None)
    assert bob.spouse is ann
    (link,) = result.trace.links
    assert [one.name for one in link.targets] == ["Ham", "Cyd", "Ann"]
    with pytest.raises(RuleError, match=r"Man 'Dan' .* is not in the model, so it cannot be retired"):
        lone(named(town, "Dan")).run(registry["family"].Town(name="Away"), registry)


def lone(person: Any) -> Transformation:
    """Retires a person, whatever the model."""
    transformation = Transformation("lone", refines="family")

    @transformation.rule("Town")
    def town(t: Any, town: Any) -> None:
        t.retire(person)

    return transformation


def test_what_a_rule_takes_out_itself_is_retired_too(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("moved", refines="family")

    @transformation.rule("Town")
    def emptied(t: Context, town: Any) -> None:
        town.people.remove(named(town, "Ann"))

    result = transformation.run(town, registry)
    assert [one.name for one in result.trace.retired] == ["Ann"]
    assert named(town, "Bob").spouse is None


def test_a_root_can_be_retired_and_replaced(registry: models.Registry) -> None:
    family = registry["family"]
    transformation = Transformation("roots", refines="family", roots="Woman")

    @transformation.rule("Man", to="Woman")
    def man(t: Any, man: Any, woman: Any) -> None:
        woman.name = man.name
        t.replace(man, woman)

    result = transformation.run([family.Woman(name="Ann"), family.Man(name="Bob")], registry)
    assert [f"{root.eClass.name} {root.name}" for root in result.roots] == ["Woman Ann", "Woman Bob"]
    assert [one.name for one in result.trace.retired] == ["Bob"]


def test_an_element_goes_back_to_its_origin_over_refinements(town: Any, registry: models.Registry) -> None:
    trace = registry["trace"]
    dan = named(town, "Dan")
    origin = registry["register"].Citizen(name="Dan before")
    first = trace.Trace(transformation="first", links=[trace.Link(rule="made", sources=[origin], targets=[dan])])
    index = m2m.TraceIndex(first, older().run(town, registry).trace)
    assert index.origins(dan) == [origin]


@settings(max_examples=40, deadline=None)
@given(
    people=st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.lists(st.integers(0, 9), max_size=2)), max_size=9),
)
def test_a_second_run_changes_nothing(
    people: list[tuple[bool, int, list[int]]], registry: models.Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    family = registry["family"]
    made = [
        getattr(family, "Man" if man else "Woman")(name=f"{n}", born=born) for n, (man, born, _) in enumerate(people)
    ]
    for person, (_, _, parents) in zip(made, people, strict=True):
        person.parents.extend(made[number % len(made)] for number in parents)
    town = family.Town(people=made)
    folder = tmp_path_factory.mktemp("twice")
    files = [folder / f"{number}.xmi" for number in range(3)]
    models.save({files[0]: town}, registry)
    for before, after in pairwise(files):
        loaded = models.load(before, registry)
        results = [transformation.run(loaded, registry) for transformation in (older(), wed())]
        assert before is files[0] or not any(result.trace.links or result.trace.retired for result in results)
        models.save(
            {after: loaded} | {after.with_name(f"{after.stem}.{n}.xmi"): one.trace for n, one in enumerate(results)},
            registry,
        )
    assert files[1].read_bytes() == files[2].read_bytes()


def test_a_pipeline_refines_and_goes_on(town: Any, registry: models.Registry, tmp_path: Path) -> None:
    folder = tmp_path / "extension" / "transformations" / "aged"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(
        "from nbmde.m2m import Transformation\n\ntransformation = Transformation('aged', refines='family')\n\n\n"
        "@transformation.rule('Person', guard=lambda t, person: not person.born)\n"
        "def aged(t, person):\n    person.born = 1890\n"
    )
    (folder.parent / "chain.toml").write_text(
        '[[step]]\ntransform = "aged"\n\n[[step]]\ntransform = "family2register"\n'
    )
    wider = models.Registry((*registry.extensions, tmp_path / "extension"))
    models.save({tmp_path / "town.xmi": town}, registry)
    outcome = pipeline.run(pipeline.find("chain", wider.extensions), tmp_path / "town.xmi", wider, {})
    assert [(entry.name, entry.births) for entry in outcome.root.entries if entry.eClass.name == "Year"] == [
        ("1950", 2),
        ("1890", 2),
    ]
