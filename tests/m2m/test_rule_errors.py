"""What is wrong with a transformation is said with transformation, rule, element, file and line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import m2m, models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m import Context, RuleError, Transformation

HERE = Path(__file__)


def nothing(*arguments: Any, **facts: Any) -> None:
    """A body that does nothing."""


def transformation_with(*rules: Callable[[Transformation], Any]) -> Transformation:
    """A transformation "t" that makes the root, and the given rules."""
    transformation = Transformation("t", source="family", target="register")
    transformation.rule("Town", to="Register", name="town")(nothing)
    for rule in rules:
        rule(transformation)
    return transformation


def failure(transformation: Transformation, town: Any, registry: models.Registry) -> RuleError:
    with pytest.raises(RuleError) as error:
        transformation.run(town, registry)
    return error.value


def line_of(text: str) -> int:
    """The line of this file that ends with a comment."""
    return next(n for n, line in enumerate(HERE.read_text().splitlines(), 1) if line.endswith(f"# {text}"))


def test_an_exception_in_a_body_is_chained_and_told_with_rule_element_and_line(
    town: Any, registry: models.Registry
) -> None:
    transformation = transformation_with()

    @transformation.rule("Person", to="Citizen")
    def person(t: Context, person: Any, citizen: Any) -> None:
        def inner() -> None:
            {}["key"]  # it breaks here

        if person.name == "Bob":
            inner()

    error = failure(transformation, town, registry)
    assert error.reason == "transformation t, rule person on Man 'Bob' (//@people.2): KeyError: 'key'"
    assert (Path(error.file or "").name, error.line) == (HERE.name, line_of("it breaks here"))
    assert isinstance(error.__cause__, KeyError)


def test_an_exception_in_a_guard_or_a_hook_is_told_the_same_way(town: Any, registry: models.Registry) -> None:
    transformation = transformation_with()

    def guard(t: Context, person: Any) -> bool:
        return person.nmae == "x"  # the guard breaks here

    transformation.rule("Person", to="Citizen", guard=guard, name="person")(nothing)
    error = failure(transformation, town, registry)
    assert error.reason.startswith("transformation t, rule person on Woman 'Cyd' (//@people.0): AttributeError: ")
    assert error.line == line_of("the guard breaks here")

    transformation = transformation_with()

    @transformation.pre
    def prepare(t: Context) -> None:
        raise ValueError("no")

    assert failure(transformation, town, registry).reason == "transformation t, pre prepare: ValueError: no"


def test_a_refusal_that_a_rule_raises_reaches_the_user_as_it_is(town: Any, registry: models.Registry) -> None:
    transformation = transformation_with()

    @transformation.rule("Man", to="Citizen")
    def man(t: Context, man: Any, citizen: Any) -> None:
        raise NbmdeError("no men", file="a.ipynb", cell=3, line=1, remedy="remove him")

    with pytest.raises(NbmdeError) as error:
        transformation.run(town, registry)
    assert str(error.value) == "a.ipynb, cell 3, line 1: no men (remove him)"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda t, p: t.resolve(p), "nothing was made from Woman 'Cyd' (//@people.0) (no rule applied to it)"),
        (lambda t, p: t.resolve(t.source, type="Year"), "nothing of type Year was made from Town 'Ham' (rules that "
         "applied to it: effect, town)"),
        (lambda t, p: t.resolve(p, rule="two"), "2 targets were made from Woman 'Cyd' (//@people.0) (two) "
         "(name the rule or the type, or make one rule primary)"),
        (lambda t, p: t.resolve(p, rule="twoo"), "there is no rule 'twoo'"),
        (lambda t, p: t.resolve(p, type="Cityzen"), "metamodel register has no class 'Cityzen' (Citizen?)"),
        (lambda t, p: t.make("toe", p), "there is no rule 'toe' (two?)"),
        (lambda t, p: t.make("xyzzy", p), "there is no rule 'xyzzy'"),
        (lambda t, p: t.make("town", t.source), "rule town is not lazy, it applies by itself (resolve its target)"),
        (lambda t, p: t.make("two", t.source), "rule two is for Person, not Town 'Ham'"),
        (lambda t, p: t.make("two", ()), "rule two is for Person, not "),
        (lambda t, p: t.make("split", p), "split_a and split_b both apply to Woman 'Cyd' (//@people.0) where split is"),
    ],
)  # fmt: skip
def test_what_cannot_be_resolved_or_made_is_told_with_the_calling_rule(
    call: Callable[[Context, Any], Any], reason: str, town: Any, registry: models.Registry
) -> None:
    transformation = transformation_with()
    transformation.rule("Person", to="Certificate", lazy=True, name="two")(nothing)
    transformation.rule("Person", to="Certificate", lazy=True, abstract=True, name="split")(nothing)
    transformation.rule("Person", lazy=True, extends="split", name="split_a")(nothing)
    transformation.rule("Person", lazy=True, extends="split", name="split_b")(nothing)

    @transformation.rule("Town", to=())
    def effect(t: Context, town: Any) -> None:
        person = town.people[0]
        if "2 targets" in reason:
            t.make("two", person, key=1)
            t.make("two", person, key=2)
        call(t, person)

    error = failure(transformation, town, registry)
    assert reason in str(error)
    assert error.reason.startswith("transformation t, rule effect on Town 'Ham': ")
    assert (Path(error.file or "").name, error.line) == (HERE.name, call.__code__.co_firstlineno)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (lambda t: t.rule("Persn", to="Citizen")(nothing), "metamodel family has no class 'Persn' (Person?)"),
        (lambda t: t.rule("Person", to="Citizn")(nothing), "metamodel register has no class 'Citizn' (Citizen?)"),
        (lambda t: t.rule("famly.Person", to="Citizen")(nothing), "there is no metamodel 'famly'"),
        (lambda t: t.rule("Person", to="Entry")(nothing), "cannot create Entry, which is an abstract class"),
        (lambda t: t.rule("Person")(nothing), "rule nothing: has no target (give to=; to=() if it creates nothing)"),
        (lambda t: t.rule("Person", extends="nobody")(nothing), "rule nothing: extends 'nobody', which does not exist"),
        (lambda t: t.rule("Person", to="Citizen", extends="nothing")(nothing), "extends 'nothing', which extends it"),
        (lambda t: t.rule("Town", to=(), extends="town")(nothing), "has fewer targets than rule town, which it"),
        (lambda t: t.rule("Person", extends="town")(nothing), "has Person where rule town, which it extends, has"),
        (lambda t: t.rule("Town", to="Year", extends="town")(nothing), "has Year where rule town, which it"),
    ],
)  # fmt: skip
def test_rules_that_do_not_fit_together_are_refused_before_anything_runs(
    rule: Callable[[Transformation], Any], reason: str, town: Any, registry: models.Registry
) -> None:
    transformation = transformation_with(rule)
    transformation.pre(lambda t: pytest.fail("it ran"))
    error = failure(transformation, town, registry)
    assert reason in str(error)
    assert error.line == nothing.__code__.co_firstlineno


def test_two_rules_of_one_name_are_refused_where_the_second_is_declared() -> None:
    with pytest.raises(
        RuleError, match=r"transformation t has rule nothing \(.*test_rule_errors\.py:\d+\) and another"
    ):
        transformation_with(*[lambda t: t.rule("Person", to="Citizen")(nothing)] * 2)


def test_a_target_that_nothing_contains_is_told_with_its_rule(town: Any, registry: models.Registry) -> None:
    transformation = transformation_with(lambda t: t.rule("Man", to="Citizen", name="lost")(nothing))
    error = failure(transformation, town, registry)
    assert "its Citizen made from Man 'Bob' (//@people.2) is contained nowhere in the target model" in error.reason
    assert "rule lost (" in error.reason


def test_a_rule_that_takes_an_element_out_of_the_source_model_is_told(registry: models.Registry) -> None:
    copy = Transformation("copy", source="register", target="register")

    @copy.rule("Register", to="Register")
    def register(t: Context, one: Any, other: Any) -> None:
        other.entries.extend(list(one.entries))

    shop = registry["register"]
    source = shop.Register(entries=[shop.Citizen(name="Ann")])
    assert "Citizen 'Ann' (//@entries.0) was taken out of the source model" in failure(copy, source, registry).reason


def test_a_root_that_no_rule_is_for_is_told(town: Any, registry: models.Registry, extensions: tuple[Path, ...]) -> None:
    reason = r"no rule applies to the root, Man 'Bob'.* of metamodel family \(it takes a family model\)"
    assert re.search(reason, str(failure(transformation_with(), town.people[2], registry)))
    other = models.Registry(extensions, documented=False)
    assert "which was loaded with another registry" in str(failure(transformation_with(), town, other))


def test_two_rules_for_the_root_are_ambiguous_unless_the_transformation_names_one(
    town: Any, registry: models.Registry
) -> None:
    transformation = transformation_with(lambda t: t.rule("Town", to="Register", name="other")(nothing))
    assert "2 targets were made from Town 'Ham' (other, town)" in str(failure(transformation, town, registry))
    transformation._root = "town"
    assert "rule other" in str(failure(transformation, town, registry))  # its Register is contained nowhere


# --- discovery ------------------------------------------------------------------------------------------------------


def write(root: Path, name: str, text: str) -> Path:
    folder = root / "transformations" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(text)
    return root


def test_an_unknown_transformation_names_the_known_ones(extensions: tuple[Path, ...]) -> None:
    with pytest.raises(
        NbmdeError, match=r"no transformation 'nothing2all' \(known: .*family2register, nobles2register"
    ):
        m2m.find("nothing2all", extensions)
    assert m2m.names(extensions)[-2:] == ["family2register", "nobles2register"]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("x = 1\n", "defines no transformation", None),
        ("x = 1\ny = [\n", "cannot be imported: SyntaxError", 2),
        ("x = 1\n\nimport no_such_module\n", "cannot be imported: ModuleNotFoundError", 3),
        ("from nbmde.m2m import Transformation\ntransformation = Transformation('a', extends='b')\n",
         "there is no transformation 'b'", None),
        ("from nbmde.m2m import Transformation\ntransformation = Transformation('broken', extends='broken')\n",
         "transformation broken extends itself: broken -> broken", None),
    ],
)  # fmt: skip
def test_a_package_that_cannot_be_used_is_refused_with_its_place(
    text: str, reason: str, line: int | None, tmp_path: Path
) -> None:
    extension = write(tmp_path, "broken", text)
    with pytest.raises(NbmdeError) as error:
        m2m.find("broken", (extension,))
    assert reason in str(error.value)
    assert error.value.line == line


def test_the_same_name_in_two_extensions_is_refused(tmp_path: Path) -> None:
    one, two = write(tmp_path / "one", "twice", ""), write(tmp_path / "two", "twice", "")
    with pytest.raises(NbmdeError, match="'twice' is there twice"):
        m2m.find("twice", (one, two))


def test_the_same_name_in_another_extension_later_is_another_transformation(tmp_path: Path) -> None:
    text = "from nbmde.m2m import Transformation\nfrom .part import NAME\ntransformation = Transformation(NAME)\n"
    for name in ("one", "two"):
        extension = write(tmp_path / name, "same", text)
        (extension / "transformations" / "same" / "part.py").write_text(f"NAME = {name!r}\n")
    assert [m2m.find("same", (tmp_path / name,)).name for name in ("one", "two", "one")] == ["one", "two", "one"]
