"""Rules make a target model and its trace, in whatever order they are declared."""

import itertools
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from counting import calls

from nbmde.engine import m2m, models
from nbmde.engine.diagnostics import Diagnostic
from nbmde.engine.m2m import Context, Transformation


@pytest.fixture
def family2register(extensions: tuple[Path, ...]) -> Transformation:
    return m2m.find("family2register", extensions)


def inline() -> Transformation:
    """A transformation that only makes the root and citizens."""
    transformation = Transformation("inline", source="family", target="register")

    @transformation.rule("Town", to="Register")
    def town(t: Context, town: Any, register: Any) -> None:
        register.entries.extend(t.resolve(person, rule="person") for person in town.people)

    @transformation.rule("Person", to="Citizen")
    def person(t: Context, person: Any, citizen: Any) -> None:
        citizen.name = person.name
        citizen.parents.extend(t.resolve(parent, rule="person") for parent in person.parents)

    return transformation


def described(register: Any) -> list[str]:
    """The entries of a register, in order, as text."""
    return [
        f"{entry.eClass.name} {entry.name}"
        + (f" {entry.title} <- {[parent.name for parent in entry.parents]}" if entry.eClass.name == "Citizen" else "")
        + (f" {entry.births}" if entry.eClass.name == "Year" else "")
        for entry in register.entries
    ]


def test_a_model_is_made_by_matched_inherited_and_called_rules(
    family2register: Transformation, town: Any, registry: models.Registry
) -> None:
    result = family2register.run(town, registry)
    assert result.root.name == "Ham"
    assert described(result.root) == [
        "Citizen Cyd Ms <- ['Bob', 'Ann']",
        "Citizen Ann Ms <- []",
        "Citizen Bob Mr <- []",
        "Citizen Dan Mr <- []",
        "Year 1950 2",
        "Marriage Ann & Bob",
        "Year 1890 1",
    ]
    assert all(citizen.certificate.of is citizen for citizen in result.root.entries[:4])


def test_the_source_model_is_not_changed(family2register: Transformation, town: Any, registry: models.Registry) -> None:
    before = models.dumps(town, registry)
    family2register.run(town, registry)
    assert models.dumps(town, registry) == before


def test_findings_are_handed_over_with_rule_and_element(
    family2register: Transformation, town: Any, registry: models.Registry
) -> None:
    result = family2register.run(town, registry)
    assert result.findings == [Diagnostic("report_size", "information", "4 people, 7 entries", result.root)]


# --- the order of rules ---------------------------------------------------------------------------------------------


def test_the_order_in_which_rules_are_declared_does_not_change_model_or_trace(
    family2register: Transformation, town: Any, registry: models.Registry
) -> None:
    def run(names: list[str]) -> tuple[bytes, list[str]]:
        shuffled = Transformation("family2register", source="family", target="register")
        for name in names:
            shuffled._add(family2register.rules[name])
        result = shuffled.run(town, registry)
        result.root.trace = None
        links = [f"{link.rule}: {list(map(models.label, link.sources))}" for link in result.trace.links]
        return models.dumps(result.root, registry), links

    expected = run(list(family2register.rules))
    orders = list(itertools.permutations(family2register.rules))
    for order in random.Random(0).sample(orders, 40):
        assert run(list(order)) == expected


# --- superimposition ------------------------------------------------------------------------------------------------


def test_a_transformation_can_be_extended_by_name_and_stays_what_it_was(
    family2register: Transformation, town: Any, registry: models.Registry, extensions: tuple[Path, ...]
) -> None:
    nobles = m2m.find("nobles2register", extensions)
    assert (nobles.source, nobles.target) == ("family", "register")
    titles = [line.split(" <-")[0] for line in described(nobles.run(town, registry).root) if "Citizen" in line]
    assert titles == ["Citizen Cyd Ms", "Citizen Ann Ms", "Citizen Bob Old Sir", "Citizen Dan Sir"]
    titles = [line.split(" <-")[0] for line in described(nobles.run(town, registry, {"title": "Lord"}).root)]
    assert titles[2:4] == ["Citizen Bob Old Lord", "Citizen Dan Lord"]
    assert "Citizen Bob Mr <- []" in described(family2register.run(town, registry).root)


def test_hooks_of_an_extended_transformation_run_first_and_are_overridden_by_name(
    town: Any, registry: models.Registry
) -> None:
    order: list[str] = []
    base, extension = inline(), Transformation("extension")
    base.pre(lambda t: order.append("anonymous"))

    @base.post
    def last(t: Context) -> None:
        order.append("overridden")

    def later(t: Context) -> None:
        order.append("later")

    def own(t: Context) -> None:
        order.append("own")

    later.__name__ = "last"
    extension.pre(own)
    extension.post(later)
    extension.extends = base
    extension.run(town, registry)
    assert order == ["anonymous", "own", "later"]


def test_rules_can_be_added_in_place(town: Any, registry: models.Registry) -> None:
    transformation, more = inline(), Transformation("more")

    @more.rule("Person", to="Citizen")
    def person(t: Context, person: Any, citizen: Any) -> None:
        citizen.name = person.name.upper()

    transformation.extend(more)
    assert [entry.name for entry in transformation.run(town, registry).root.entries] == ["CYD", "ANN", "BOB", "DAN"]


# --- rules ----------------------------------------------------------------------------------------------------------


def test_a_guard_decides_whether_a_rule_applies(town: Any, registry: models.Registry) -> None:
    transformation = inline()

    @transformation.rule("Person", to="Marriage", guard=lambda t, person: person.spouse and person.name == "Ann")
    def marriage(t: Context, person: Any, marriage: Any) -> None:
        marriage.spouses.extend(t.resolve(one, type="Citizen") for one in (person, person.spouse))
        t.target.entries.append(marriage)

    marriages = [entry for entry in transformation.run(town, registry).root.entries if entry.eClass.name == "Marriage"]
    assert [[spouse.name for spouse in marriage.spouses] for marriage in marriages] == [["Ann", "Bob"]]


def test_where_a_rule_applies_those_it_extends_do_not(town: Any, registry: models.Registry) -> None:
    transformation = inline()

    @transformation.rule("Woman", extends="person", guard=lambda t, woman: woman.parents)
    def daughter(t: Context, woman: Any, citizen: Any) -> None:
        citizen.title = "daughter"

    result = transformation.run(town, registry)
    assert [(entry.name, entry.title) for entry in result.root.entries] == [
        ("Cyd", "daughter"), ("Ann", None), ("Bob", None), ("Dan", None),
    ]  # fmt: skip
    assert [link.rule for link in result.trace.links] == ["town", "daughter", "person", "person", "person"]


def test_a_rule_can_extend_several_and_inherits_their_guards_and_bodies_once(
    town: Any, registry: models.Registry
) -> None:
    transformation = Transformation("diamond", source="family", target="register")

    def note(name: str) -> Callable[..., None]:
        def body(t: Context, person: Any, citizen: Any) -> None:
            citizen.remarks.append(name)

        body.__name__ = name
        return body

    transformation.rule("Person", to="Citizen", abstract=True, guard=lambda t, p: p.name != "Dan")(note("top"))
    transformation.rule("Person", extends="top", abstract=True)(note("left"))
    transformation.rule("Person", extends="top", abstract=True)(note("right"))
    transformation.rule("Person", extends=("right", "left"))(note("bottom"))

    @transformation.rule("Town", to="Register")
    def town_(t: Context, town: Any, register: Any) -> None:
        register.entries.extend(filter(None, map(t.try_resolve, town.people)))

    entries = transformation.run(town, registry).root.entries
    assert [list(entry.remarks) for entry in entries] == [["top", "right", "left", "bottom"]] * 3


def test_a_rule_may_create_nothing_and_only_have_an_effect(town: Any, registry: models.Registry) -> None:
    transformation = inline()

    @transformation.rule("Man", to=())
    def count_men(t: Context, man: Any) -> None:
        t.target.name = (t.target.name or "") + man.name

    result = transformation.run(town, registry)
    assert result.root.name == "BobDan"
    assert [list(link.targets) for link in result.trace.links if link.rule == "count_men"] == [[], []]


def test_a_rule_can_have_another_name_and_classes_of_named_metamodels(town: Any, registry: models.Registry) -> None:
    transformation = inline()

    @transformation.rule("family.Woman", to="register.Marriage", name="by hand")
    def anything(t: Context, woman: Any, marriage: Any) -> None:
        marriage.spouses.append(t.resolve(woman, rule="person"))
        t.target.entries.append(marriage)

    result = transformation.run(town, registry)
    assert [entry.spouses[0].name for entry in result.root.entries[4:]] == ["Cyd", "Ann"]
    assert [link.rule for link in result.trace.links if link.targets[0] in result.root.entries[4:]] == ["by hand"] * 2


# --- lazy rules -----------------------------------------------------------------------------------------------------


def lazy(body: Callable[[Context, Any, Any], None], **options: Any) -> Transformation:
    """`inline` with a lazy rule "certificate", which `body` calls from the rule for citizens."""
    transformation = inline()

    @transformation.rule("Person", to="Certificate", lazy=True, **options)
    def certificate(t: Context, person: Any, certificate: Any, **facts: Any) -> None:
        certificate.name = f"{person.name} {sorted(facts.items())}"

    more = Transformation("more")

    @more.rule("Person", to="Citizen")
    def person(t: Context, person: Any, citizen: Any) -> None:
        body(t, person, citizen)

    transformation.extend(more)
    return transformation


def test_a_lazy_rule_makes_one_result_for_the_same_source_and_key(town: Any, registry: models.Registry) -> None:
    def body(t: Context, person: Any, citizen: Any) -> None:
        citizen.certificate = t.make("certificate", person, page=1)
        assert t.make("certificate", person, page=2) is citizen.certificate
        assert t.make("certificate", person, key="x") is not citizen.certificate
        assert t.resolve_all(person, rule="certificate") == [citizen.certificate, t.make("certificate", person, "x")]
        t.make("certificate", person, key="x").of = citizen
        citizen.certificate = t.make("certificate", person, key="x")
        t.make("certificate", person).of = citizen

    with pytest.raises(m2m.RuleError, match=r"Certificate made from Woman 'Cyd' .* is contained nowhere"):
        lazy(body).run(town, registry)


def test_facts_reach_guard_and_body_and_a_false_guard_makes_nothing(town: Any, registry: models.Registry) -> None:
    def body(t: Context, person: Any, citizen: Any) -> None:
        citizen.certificate = t.make("certificate", person, page=len(person.name), wanted=person.name > "B")

    transformation = lazy(body, guard=lambda t, person, page, wanted: wanted)
    entries = transformation.run(town, registry).root.entries
    assert [entry.certificate and entry.certificate.name for entry in entries] == [
        "Cyd [('page', 3), ('wanted', True)]", None,
        "Bob [('page', 3), ('wanted', True)]", "Dan [('page', 3), ('wanted', True)]",
    ]  # fmt: skip


def test_a_lazy_rule_that_is_not_unique_makes_a_result_for_each_call(town: Any, registry: models.Registry) -> None:
    others = []

    def body(t: Context, person: Any, citizen: Any) -> None:
        citizen.certificate = t.make("certificate", person)
        other = t.make("certificate", person)
        assert other is not citizen.certificate
        others.append(other)

    with pytest.raises(m2m.RuleError, match="is contained nowhere"):
        lazy(body, unique=False).run(town, registry)


def test_what_a_rule_consults_is_a_source_of_its_link_and_of_no_other(town: Any, registry: models.Registry) -> None:
    def body(t: Context, person: Any, citizen: Any) -> None:
        citizen.certificate = t.make("certificate", person)
        t.consult(*person.parents)

    result = lazy(body).run(town, registry)
    (cyd,) = (person for person in town.people if person.name == "Cyd")
    links = [(link.rule, list(link.sources)) for link in result.trace.links if cyd is link.sources[0]]
    assert cyd.parents
    assert sorted(links, key=lambda one: one[0]) == [("certificate", [cyd]), ("person", [cyd, *cyd.parents])]


def test_what_is_made_before_binding_is_bound_after_all_creation(town: Any, registry: models.Registry) -> None:
    transformation = inline()
    seen: list[Any] = []

    @transformation.pre
    def prepare(t: Context) -> None:
        t.make("certificate", t.source.people[0])
        assert seen == []

    @transformation.rule("Person", to="Certificate", lazy=True)
    def certificate(t: Context, person: Any, certificate: Any) -> None:
        seen.append(t.resolve(person, type="Citizen"))
        seen[0].certificate = certificate

    result = transformation.run(town, registry)
    assert seen == [result.root.entries[0]]


def test_lazy_rules_may_need_each_other(town: Any, registry: models.Registry) -> None:
    def body(t: Context, person: Any, citizen: Any) -> None:
        citizen.certificate = t.make("certificate", person)

    transformation, more = lazy(body), Transformation("more")

    @more.rule("Person", to="Certificate", lazy=True)
    def certificate(t: Context, person: Any, certificate: Any) -> None:
        if person.spouse is not None:
            certificate.name = f"with {models.label(t.make('certificate', person.spouse))}"
        certificate.of = t.resolve(person)

    transformation.extend(more)
    names = [entry.certificate.name for entry in transformation.run(town, registry).root.entries]
    assert names[0] is None
    assert names[1].startswith("with Certificate")
    assert names[2].startswith("with Certificate")


def test_a_call_chooses_among_the_rules_that_extend_the_called_one(town: Any, registry: models.Registry) -> None:
    def body(t: Context, person: Any, citizen: Any) -> None:
        citizen.certificate = t.make("certificate", person)

    transformation = lazy(body)

    @transformation.rule("Man", lazy=True, extends="certificate", guard=lambda t, man: man.born)
    def born(t: Context, man: Any, certificate: Any) -> None:
        certificate.name = f"born {man.born}"

    names = [entry.certificate.name for entry in transformation.run(town, registry).root.entries]
    assert names == ["Cyd []", "Ann []", "born 1890", "Dan []"]


# --- resolve --------------------------------------------------------------------------------------------------------


def test_an_abstract_rule_makes_nothing_where_none_that_extends_it_applies(
    town: Any, registry: models.Registry
) -> None:
    transformation = Transformation("t", source="family", target="register")

    @transformation.rule("Town", to="Register")
    def register(t: Context, town: Any, register: Any) -> None:
        for person in town.people:
            made = t.make("paper", person)
            t.report("info", f"{person.name} {made.eClass.name if made is not None else None}")
            if made is not None:
                register.entries.append(t.registry["register"].Citizen(certificate=made))

    @transformation.rule("Person", to="Certificate", lazy=True, abstract=True)
    def paper(t: Context, person: Any, certificate: Any) -> None:
        certificate.name = person.name

    @transformation.rule("Woman", lazy=True, extends="paper")
    def of_woman(t: Context, woman: Any, certificate: Any) -> None:
        certificate.name += "!"

    result = transformation.run(town, registry)
    assert [finding.message for finding in result.findings] == [
        "Cyd Certificate",
        "Ann Certificate",
        "Bob None",
        "Dan None",
    ]
    assert [citizen.certificate.name for citizen in result.root.entries] == ["Cyd!", "Ann!"]


def test_a_result_is_one_under_whatever_name_its_rule_is_called(town: Any, registry: models.Registry) -> None:
    transformation = inline()

    @transformation.rule("Person", to="Certificate", lazy=True)
    def paper(t: Context, person: Any, certificate: Any) -> None: ...

    @transformation.rule("Woman", lazy=True, extends="paper")
    def of_woman(t: Context, woman: Any, certificate: Any) -> None: ...

    @transformation.post
    def finish(t: Context) -> None:
        woman, *_ = t.instances("Woman")
        for key in (None, "x"):
            made = t.make("paper", woman, key)
            assert t.make("of_woman", woman, key) is made
            assert t.make("paper", woman, key) is made
            t.target.entries.append(t.target_metamodel.Citizen(certificate=made))
        assert len(t.resolve_all(woman, rule="paper")) == 2

    result = transformation.run(town, registry)
    assert [link.rule for link in result.trace.links][-2:] == ["of_woman", "of_woman"]


def test_resolve_prefers_primary_then_matched_then_lazy_rules(town: Any, registry: models.Registry) -> None:
    transformation = inline()

    @transformation.rule("Person", to="Year", primary=True)
    def year(t: Context, person: Any, year: Any) -> None:
        t.target.entries.append(year)

    @transformation.rule("Person", to="Certificate", lazy=True)
    def certificate(t: Context, person: Any, certificate: Any) -> None: ...

    @transformation.post
    def finish(t: Context) -> None:
        person = t.source.people[0]
        made = t.make("certificate", person)
        t.resolve(person, type="Citizen").certificate = made
        assert t.resolve(person).eClass.name == "Year"
        assert t.resolve(person, rule="person").eClass.name == "Citizen"
        assert t.resolve(person, rule="certificate") is made
        assert t.resolve(person, type=t.target_metamodel.Certificate) is made
        assert t.resolve(person, type="Entry").eClass.name == "Year"
        assert [one.eClass.name for one in t.resolve_all(person)] == ["Citizen", "Year", "Certificate"]
        assert [one.eClass.name for one in t.resolve_all(person, type="Entry")] == ["Citizen", "Year"]
        assert t.try_resolve(person, type="Marriage") is None
        assert t.resolve_all(t.target) == []

    transformation.run(town, registry)


def test_a_tuple_of_sources_is_resolved_as_a_whole_and_by_its_members(
    family2register: Transformation, town: Any, registry: models.Registry
) -> None:
    transformation = Transformation("checked", extends=family2register)

    @transformation.post
    def finish(t: Context) -> None:
        _, ann, bob, _ = t.source.people
        marriage = t.resolve((ann, bob))
        assert marriage.name == "Ann & Bob"
        assert t.resolve(ann, rule="marriage") is marriage
        assert t.resolve(bob).eClass.name == "Citizen"
        assert t.try_resolve((bob, ann)) is None

    transformation.run(town, registry)


def test_an_element_that_is_a_source_twice_is_one_source(town: Any, registry: models.Registry) -> None:
    transformation = inline()

    @transformation.rule("Person", to="Certificate", lazy=True)
    def certificate(t: Context, people: Any, certificate: Any) -> None:
        t.resolve(people[0], type="Citizen").certificate = certificate

    @transformation.post
    def finish(t: Context) -> None:
        person = t.source.people[0]
        assert t.make("certificate", (person, person)) is t.resolve(person, rule="certificate")

    transformation.run(town, registry)


# --- trace ----------------------------------------------------------------------------------------------------------


def test_the_trace_has_a_link_for_each_application_and_every_target(
    family2register: Transformation, town: Any, registry: models.Registry
) -> None:
    result = family2register.run(town, registry)
    assert result.root.trace is result.trace
    assert result.trace.transformation == "family2register"
    assert [(link.rule, [source.name for source in link.sources]) for link in result.trace.links] == [
        ("town", ["Ham"]), ("woman", ["Cyd"]), ("woman", ["Ann"]), ("man", ["Bob"]), ("man", ["Dan"]),
        ("year", ["Ham"]), ("marriage", ["Ann", "Bob"]), ("year", ["Ham"]),
    ]  # fmt: skip
    traced = [target for link in result.trace.links for target in link.targets]
    assert sorted(map(id, traced)) == sorted(map(id, models.walk(result.root)))


def test_the_trace_is_saved_beside_its_models_and_answers_from_there(
    family2register: Transformation, town: Any, registry: models.Registry, tmp_path: Path
) -> None:
    result = family2register.run(town, registry)
    source, target, trace = (tmp_path / name for name in ("town.xmi", "register.xmi", "trace.xmi"))
    models.save({source: town, target: result.root, trace: result.trace}, registry)
    root = models.load(target, registry)
    index = m2m.TraceIndex(root.trace)
    cyd = root.entries[0]
    assert [models.label(one) for one in index.sources(cyd)] == ["Woman 'Cyd' (woman.1)"]
    assert index.rules(cyd) == ["woman"]
    assert index.targets(index.sources(cyd)[0]) == [cyd, cyd.certificate]
    assert models.document_of(index.sources(cyd)[0]).path == source  # type: ignore[union-attr]


def test_origins_follow_a_chain_of_traces_and_elements_without_a_link_go_back_with_their_container(
    town: Any, registry: models.Registry
) -> None:
    first = inline().run(town, registry)
    copy = Transformation("copy", source="register", target="register")

    @copy.rule("Register", to="Register")
    def register(t: Context, one: Any, other: Any) -> None:
        other.entries.extend(map(t.resolve, one.entries))

    @copy.rule("Citizen", to="Citizen")
    def citizen(t: Context, one: Any, other: Any) -> None:
        other.certificate = t.target_metamodel.Certificate()

    second = copy.run(first.root, registry)
    index = m2m.TraceIndex(first.trace, second.trace)
    assert index.origins(second.root.entries[1].certificate) == [town.people[1]]
    assert index.sources(second.root.entries[1].certificate) == [first.root.entries[1]]
    assert index.origins(town) == [town]


# --- speed ----------------------------------------------------------------------------------------------------------


def test_work_grows_with_the_elements_not_faster(crowd: Callable[[int], Any], registry: models.Registry) -> None:
    """Counted in calls; `benchmarks/zoo.py` measures seconds."""
    transformation = inline()

    def work(town: Any) -> int:
        with calls() as clock:
            transformation.run(town, registry)
        return clock.count

    work(crowd(10))
    small, large = work(crowd(500)), work(crowd(2_000))
    assert large / small < 4.2
    assert large / 2_000 < 350
