"""Helpers, called rules, bindings that resolve by themselves, and the profile of rules."""

from typing import Any

import pytest

from nbmde.engine import models
from nbmde.engine.m2m import Context, RuleError, Transformation
from nbmde.engine.m2m.trace import TraceIndex


def census() -> Transformation:
    """Makes the root, and a citizen of each person."""
    transformation = Transformation("census", source="family", target="register")

    @transformation.rule("Town", to="Register")
    def town(t: Context, town: Any, register: Any) -> None:
        t.bind(register, name=town.name, entries=town.people)

    @transformation.rule("Person", to="Citizen")
    def person(t: Context, person: Any, citizen: Any) -> None:
        t.bind(citizen, name=person.name, parents=person.parents)

    return transformation


# --- helpers --------------------------------------------------------------------------------------------------------


def test_the_helper_of_the_most_specific_class_answers(town: Any, registry: models.Registry) -> None:
    transformation = census()

    @transformation.helper("Person")
    def called(t: Context, person: Any, prefix: str = "") -> str:
        return f"{prefix}person {person.name}"

    @transformation.helper("Woman", name="called")
    def called_woman(t: Context, woman: Any, prefix: str = "") -> str:
        return f"{prefix}woman {woman.name}"

    @transformation.rule("Person", to=(), name="tell")
    def tell(t: Context, person: Any) -> None:
        t.report("info", t.helpers.called(person, prefix="the "))

    told = [finding.message for finding in transformation.run(town, registry).findings]
    assert told == ["the woman Cyd", "the woman Ann", "the person Bob", "the person Dan"]


def test_a_cached_helper_is_asked_once_for_each_element(town: Any, registry: models.Registry) -> None:
    transformation, asked = census(), []

    @transformation.helper("Person", cached=True)
    def age(t: Context, person: Any) -> int:
        asked.append(person.name)
        return 2000 - int(person.born or 2000)

    @transformation.post
    def twice(t: Context) -> None:
        ages = [t.helpers.age(person) for _ in range(2) for person in t.source.people]
        t.report("info", str(ages))

    (finding,) = transformation.run(town, registry).findings
    assert finding.message == str([50, 50, 110, 0] * 2)
    assert asked == ["Cyd", "Ann", "Bob", "Dan"]


def test_a_helper_can_be_asked_in_a_guard_and_overridden_by_name(town: Any, registry: models.Registry) -> None:
    base, over = census(), Transformation("over")

    @base.helper("Person")
    def counts(t: Context, person: Any) -> bool:
        return True

    @base.rule("Person", to=(), guard=lambda t, person: t.helpers.counts(person))
    def count(t: Context, person: Any) -> None:
        t.report("info", person.name)

    @over.helper("Person", name="counts")
    def has_parents(t: Context, person: Any) -> bool:
        return bool(person.parents)

    over.extends = base
    assert len(base.run(town, registry).findings) == 4
    assert [finding.message for finding in over.run(town, registry).findings] == ["Cyd"]


@pytest.mark.parametrize(
    ("context", "ask", "reason"),
    [
        ("Person", lambda t: t.helpers.bornn(t.source), r"there is no helper 'bornn' \(born\?\)"),
        ("Person", lambda t: t.helpers.xyzzy(t.source), "there is no helper 'xyzzy'$"),
        ("Person", lambda t: t.helpers.born(t.source), "helper born is for Person, not Town"),
        ("Person", lambda t: t.helpers.born(t.source.people[0]), "helper born on Woman 'Cyd'.*ZeroDivisionError"),
        ("Persn", lambda t: None, "helper born: metamodel family has no class 'Persn'"),
    ],
)
def test_a_misuse_of_a_helper_is_named_with_its_line(
    town: Any, registry: models.Registry, context: str, ask: Any, reason: str
) -> None:
    transformation = census()

    @transformation.helper(context)
    def born(t: Context, person: Any) -> float:
        return 1 / 0

    transformation.post(lambda t: ask(t))
    with pytest.raises(RuleError, match=reason) as failed:
        transformation.run(town, registry)
    assert failed.value.line
    assert "test_rule_language.py" in str(failed.value.file)


def test_two_helpers_of_one_name_and_class_are_an_error() -> None:
    transformation = census()
    transformation.helper("Person", name="born")(lambda t, person: 1)
    with pytest.raises(RuleError, match="has a helper born for Person in line"):
        transformation.helper("Person", name="born")(lambda t, person: 2)


# --- called rules ---------------------------------------------------------------------------------------------------


def test_a_called_rule_makes_a_target_at_each_call_and_is_traced(town: Any, registry: models.Registry) -> None:
    transformation = census()

    @transformation.called(to="Year")
    def year(t: Context, year: Any, *, name: str) -> None:
        year.name = name

    made = []

    @transformation.pre
    def before(t: Context) -> None:
        made.append(t.call("year", name="first"))

    @transformation.post
    def after(t: Context) -> None:
        t.target.entries.extend([*made, t.call("year", name="second"), t.call("year", name="second")])

    result = transformation.run(town, registry)
    assert [entry.name for entry in result.root.entries[-3:]] == ["first", "second", "second"]
    links = [link for link in result.trace.links if link.rule == "year"]
    assert [(len(link.sources), link.targets[0].name) for link in links] == [(0, "first"), (0, "second"), (0, "second")]


@pytest.mark.parametrize(
    ("use", "reason"),
    [
        (lambda t: t.call("yeer", name="x"), r"there is no called rule 'yeer' \(year\?\)"),
        (lambda t: t.call("person"), "there is no called rule 'person'$"),
        (lambda t: t.make("year", t.source), r"there is no rule 'year' \(it is a called rule: use call\)"),
        (lambda t: t.call("year", nam="x"), "rule year: TypeError"),
    ],
)
def test_a_misuse_of_a_called_rule_is_named(town: Any, registry: models.Registry, use: Any, reason: str) -> None:
    transformation = census()
    transformation.called(to="Year", name="year")(lambda t, year, *, name: None)
    transformation.post(lambda t: use(t))
    with pytest.raises(RuleError, match=reason):
        transformation.run(town, registry)


# --- implicit resolve -----------------------------------------------------------------------------------------------


def test_bind_puts_what_was_made_from_source_elements(town: Any, registry: models.Registry) -> None:
    register = census().run(town, registry).root
    assert register.name == "Ham"
    assert [(one.name, [parent.name for parent in one.parents]) for one in register.entries] == [
        ("Cyd", ["Bob", "Ann"]),
        ("Ann", []),
        ("Bob", []),
        ("Dan", []),
    ]


def test_bind_leaves_a_feature_as_it_is_for_none_and_adds_to_lists(town: Any, registry: models.Registry) -> None:
    transformation = census()

    @transformation.rule("Woman", extends="person")
    def woman(t: Context, woman: Any, citizen: Any) -> None:
        t.bind(citizen, name="first", title="Ms", remarks=["a"])
        t.bind(citizen, name=None, title="", remarks=["b", "a"])
        t.bind(citizen, remarks=None)
        t.bind(citizen, remarks=[])

    cyd = transformation.run(town, registry).root.entries[0]
    assert (cyd.name, cyd.title, list(cyd.remarks)) == ("first", "", ["a", "b", "a"])


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"nam": "x"}, r"Register has no feature 'nam' \(name\?\)"),
        ({"xyzzy": "x"}, r"Register has no feature 'xyzzy'$"),
        ({"entries": ["town"]}, "nothing of type Entry was made from Town"),
    ],
)
def test_what_cannot_be_bound_is_named(
    town: Any, registry: models.Registry, values: dict[str, Any], reason: str
) -> None:
    transformation = Transformation("census", source="family", target="register")

    @transformation.rule("Town", to="Register")
    def register(t: Context, town: Any, register: Any) -> None:
        t.bind(register, **{key: [town] if value == ["town"] else value for key, value in values.items()})

    with pytest.raises(RuleError, match=reason) as failed:
        transformation.run(town, registry)
    assert "rule register on Town 'Ham'" in str(failed.value)


# --- the profile ----------------------------------------------------------------------------------------------------


def test_rules_are_counted_and_timed_without_what_ran_inside(town: Any, registry: models.Registry) -> None:
    transformation = census()

    def busy(number: int) -> int:
        return sum(range(number))

    @transformation.helper("Person")
    def slow(t: Context, person: Any) -> int:
        return busy(3_000_000)

    @transformation.rule("Woman", to=(), guard=lambda t, woman: bool(woman.parents))
    def quick(t: Context, woman: Any) -> None:
        t.helpers.slow(woman)

    profile = {row.name: row for row in transformation.run(town, registry).profile}
    assert (profile["person"].runs, profile["person"].guards, profile["town"].runs) == (4, 0, 1)
    assert (profile["quick"].runs, profile["quick"].guards) == (1, 2)
    assert (profile["slow"].runs, profile["slow"].guards) == (1, 0)
    assert (profile["slow"].kind, profile["quick"].kind) == ("helper", "rule")
    assert profile["slow"].seconds > 10 * profile["quick"].seconds
    assert next(iter(profile)) == "slow"


def test_what_is_laid_over_a_transformation_brings_all_that_it_has(town: Any, registry: models.Registry) -> None:
    below = Transformation("below", "family", "register")

    @below.rule("Town", to="Register")
    def register(t: Context, town: Any, register: Any) -> None:
        t.report("info", f"{t.helpers.greeting(town)}, {t.helpers.size(town)}")

    @below.helper("Town")
    def greeting(t: Context, town: Any) -> str:
        return "hello"

    @below.helper("Town")
    def size(t: Context, town: Any) -> int:
        return len(town.people)

    @below.pre
    def begin(t: Context) -> None:
        t.report("info", "begin")

    @below.post
    def end(t: Context) -> None:
        t.report("info", "end")

    above = Transformation("above", "family", "register", superimposes="below")

    @above.helper("Town", name="greeting")
    def other(t: Context, town: Any) -> str:
        return "good day"

    @above.rule("Person", to=())
    def person(t: Context, person: Any) -> None:
        t.report("info", person.name)

    @above.pre
    def first(t: Context) -> None:
        t.report("info", "first")

    whole = Transformation("below", extends=below)
    whole.extend(above)
    said = [finding.message for finding in whole.run(town, registry).findings]
    assert said == ["begin", "first", "good day, 4", *(one.name for one in town.people), "end"]


def test_a_transformation_has_what_the_one_that_it_extends_has() -> None:
    base = Transformation(
        "base",
        inputs={"a": "family", "b": "register"},
        target="register",
        root="r",
        roots="Citizen",
        gone={"x": ("Y", "z")},
    )
    more = Transformation("more", extends=Transformation("between", extends=base), gone={"u": ("V", "w")})
    assert (dict(more.inputs), more.source, more.target) == ({"a": "family", "b": "register"}, "family", "register")
    assert (more.root, more.roots, more.gone) == ("r", ("Citizen",), {"x": ("Y", "z"), "u": ("V", "w")})
    assert (more.in_place, more.optional) == (False, False)
    refinement = Transformation("refinement", refines="family", optional=True)
    further = Transformation("further", extends=Transformation("between", extends=refinement))
    assert (further.in_place, further.optional, further.source, further.target) == (True, True, "family", "family")


def test_what_an_element_goes_back_to_is_told_in_the_order_of_the_sources(registry: models.Registry) -> None:
    trace, register, family = registry["trace"], registry["register"], registry["family"]
    people = [family.Man(name=name) for name in "abcd"]
    between = [register.Citizen(name=name) for name in "xy"]
    last = register.Register()
    first = trace.Trace(
        links=[
            trace.Link(rule="two", sources=people[2:], targets=[between[1]]),
            trace.Link(rule="one", sources=people[:2], targets=[between[0]]),
        ]
    )
    second = trace.Trace(links=[trace.Link(rule="all", sources=[*between, people[0], last], targets=[last])])
    index = TraceIndex(first, second)
    assert index.origins(last) == people
    assert index.sources(last) == [*between, people[0], last]
    assert index.origins(between[1]) == people[2:]
    assert index.targets(people[0]) == [between[0], last]
    assert index.rules(between[0]) == ["one"]
    assert index.origins(people[0]) == [people[0]]
