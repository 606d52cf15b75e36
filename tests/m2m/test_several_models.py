"""Transformations from several models, of any number of roots, to any number of roots."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import m2m, models, pipeline
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m import Context, RuleError, Transformation


def people(family: models.Metamodel, *names: str) -> list[Any]:
    """Men, each a root."""
    return [family.Man(name=name) for name in names]


def citizens(roots: tuple[str, ...] | str = "Citizen", **settings: Any) -> Transformation:
    """Makes a citizen of each man, with the citizens of his parents."""
    transformation = Transformation("citizens", "family", "register", roots=roots, **settings)

    @transformation.rule("Man", to="Citizen")
    def man(t: Context, man: Any, citizen: Any) -> None:
        citizen.name = man.name
        citizen.parents.extend(t.resolve_all(man.parents))

    return transformation


def merge() -> Transformation:
    """Citizens of two models, those of the second one with a title."""
    transformation = Transformation(
        "merge", inputs={"ours": "family", "theirs": "family"}, target="register", roots="Citizen"
    )

    @transformation.rule("Person", to="Citizen", abstract=True)
    def person(t: Context, person: Any, citizen: Any) -> None:
        citizen.name = person.name

    @transformation.rule("Person", to="Citizen", extends="person", input="ours")
    def our(t: Context, person: Any, citizen: Any) -> None:
        citizen.title = f"one of {len(t.instances('Person', input='theirs'))}, {len(t.instances('Person'))}"

    @transformation.rule("Person", to="Citizen", extends="person", input="theirs")
    def their(t: Context, person: Any, citizen: Any) -> None:
        citizen.title = "guest"

    return transformation


def test_each_root_becomes_a_root_in_the_order_of_the_source(registry: models.Registry) -> None:
    ann, bob = people(registry["family"], "Ann", "Bob")
    ann.parents.append(bob)
    result = citizens().run([ann, bob], registry)
    assert [citizen.name for citizen in result.roots] == ["Ann", "Bob"]
    assert list(result.roots[0].parents) == [result.roots[1]]
    assert [(link.sources[0], link.targets[0]) for link in result.trace.links] == [
        (ann, result.roots[0]),
        (bob, result.roots[1]),
    ]
    with pytest.raises(RuleError, match="made a model of 2 roots, not of one"):
        _ = result.root


def test_a_model_without_roots_becomes_one(registry: models.Registry) -> None:
    result = citizens().run([], registry)
    assert result.roots == ()
    assert len(result.trace.links) == 0


def test_what_is_contained_is_no_root(town: Any, registry: models.Registry) -> None:
    transformation = Transformation("contained", extends=citizens(("Register", "Citizen")))

    @transformation.rule("Town", to="Register")
    def register(t: Context, town: Any, register: Any) -> None:
        register.entries.extend(t.resolve_all(town.people)[:1])

    result = transformation.run(town, registry)
    assert [root.eClass.name for root in result.roots] == ["Register", "Citizen"]


def test_an_element_of_another_class_must_be_contained(registry: models.Registry) -> None:
    with pytest.raises(RuleError, match=r"its Citizen made from Man 'Ann' is contained nowhere .*roots: Register"):
        citizens("Register").run(people(registry["family"], "Ann"), registry)


def test_several_roots_without_a_word_about_the_targets_are_refused(registry: models.Registry) -> None:
    with pytest.raises(RuleError, match=r"has 2 roots, and not one root is made for it \(say .* roots="):
        citizens(()).run(people(registry["family"], "Ann", "Bob"), registry)


def test_rules_take_elements_of_the_model_that_they_name(registry: models.Registry) -> None:
    family = registry["family"]
    given = {"theirs": people(family, "Cyd"), "ours": people(family, "Ann", "Bob")}
    result = merge().run(given, registry)
    assert [(citizen.name, citizen.title) for citizen in result.roots] == [
        ("Ann", "one of 1, 3"),
        ("Bob", "one of 1, 3"),
        ("Cyd", "guest"),
    ]
    assert [link.rule for link in result.trace.links] == ["our", "our", "their"]


def test_a_rule_is_for_the_model_of_the_rule_that_it_extends(registry: models.Registry) -> None:
    transformation = Transformation("men", extends=merge())

    @transformation.rule("Man", to="Citizen", extends="their")
    def man(t: Context, man: Any, citizen: Any) -> None:
        citizen.title += f" {man.name}"

    @transformation.rule("Man", extends="man", guard=lambda t, man: man.name == "Dan")
    def dan(t: Context, man: Any, citizen: Any) -> None: ...

    family = registry["family"]
    result = transformation.run({"ours": people(family, "Ann"), "theirs": people(family, "Cyd", "Dan")}, registry)
    assert [citizen.title for citizen in result.roots] == ["one of 2, 3", "guest Cyd", "guest Dan"]
    assert [link.rule for link in result.trace.links] == ["our", "man", "dan"]


def test_a_lazy_rule_is_for_its_model_too(registry: models.Registry) -> None:
    transformation = merge()

    @transformation.rule("Person", to="Citizen", lazy=True, input="theirs")
    def again(t: Context, person: Any, citizen: Any) -> None:
        pass

    @transformation.post
    def ask(t: Context) -> None:
        t.make("again", t.inputs["ours"][0])

    family = registry["family"]
    with pytest.raises(RuleError, match="rule again is for input theirs, in which Man 'Ann' is not"):
        transformation.run({"ours": people(family, "Ann"), "theirs": ()}, registry)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("ours", "takes a model of family as 'theirs' too"),
        ("ours theirs others", "takes no model 'others'"),
    ],
)
def test_models_that_are_missing_or_too_many_are_named(names: str, reason: str, registry: models.Registry) -> None:
    with pytest.raises(RuleError, match=reason):
        merge().run({name: people(registry["family"], name) for name in names.split()}, registry)


def test_one_model_cannot_be_two(registry: models.Registry) -> None:
    same = people(registry["family"], "Ann")
    with pytest.raises(RuleError, match="is given one model as 'ours' and as 'theirs'"):
        merge().run({"ours": same, "theirs": same}, registry)


def test_a_rule_for_an_unknown_input_is_refused(registry: models.Registry) -> None:
    transformation = citizens()

    @transformation.rule("Man", to="Citizen", input="mine")
    def other(t: Context, man: Any, citizen: Any) -> None:
        pass

    with pytest.raises(RuleError, match=r"rule other: there is no input 'mine' \(inputs are: source\)"):
        transformation.run(people(registry["family"], "Ann"), registry)


SETTLERS = """
from nbmde.m2m import Transformation

transformation = Transformation(
    "settlers", inputs={"ours": "family", "theirs": "register"}, target="register", roots="Register"
)


@transformation.rule("Town", to="Register")
def town(t, town, register):
    t.bind(register, name=town.name, entries=town.people)


@transformation.rule("Person", to="Citizen")
def person(t, person, citizen):
    citizen.name = person.name


@transformation.rule("register.Citizen", to="Citizen", guard=lambda t, one: t.inputs["theirs"])
def guest(t, one, citizen):
    t.bind(citizen, name=f"{one.name}, a guest")
    t.resolve(t.source).entries.append(citizen)
"""
PIPELINE = """
[[step]]
transform = "family2register"
name = "guests"

[[step]]
transform = "settlers"
inputs = { ours = "town", theirs = "guests" }
"""


@pytest.fixture
def settled(extensions: tuple[Path, ...], tmp_path: Path) -> models.Registry:
    """A registry with a transformation of two models and a pipeline that gives it both."""
    folder = tmp_path / "extension" / "transformations" / "settlers"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(SETTLERS)
    (folder.parent / "both.toml").write_text(PIPELINE)
    return models.Registry((*extensions, tmp_path / "extension"))


@pytest.fixture
def saved(settled: models.Registry, tmp_path: Path) -> Path:
    """The file of a town with one man."""
    family = settled["family"]
    models.save({tmp_path / "town.xmi": family.Town(name="Ham", people=[family.Man(name="Ann")])}, settled)
    return tmp_path / "town.xmi"


def test_a_step_of_a_pipeline_takes_what_was_given_and_what_an_earlier_step_made(
    settled: models.Registry, saved: Path
) -> None:
    chain = pipeline.find("both", settled.extensions)
    outcome = pipeline.run(chain, saved, settled, {}, inputs={"town": saved})
    assert [entry.name for entry in outcome.root.entries] == ["Ann", "Ann, a guest"]


def run(*arguments: Any, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run nbmde in a folder."""
    command = [sys.executable, "-P", "-c", "from nbmde.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_line_gives_further_models_by_name(settled: models.Registry, saved: Path) -> None:
    register = settled["register"]
    folder = saved.parent
    models.save({folder / "guests.xmi": register.Register(entries=[register.Citizen(name="Eve")])}, settled)
    extended = [word for path in settled.extensions for word in ("--extension", path)]
    command = ("transform", "settlers", "town.xmi", "-o", "out.xmi", *extended)
    done = run(*command, "--input", "theirs=guests.xmi", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert [entry.name for entry in models.load(folder / "out.xmi", settled).entries] == ["Ann", "Eve, a guest"]
    for given, code, reason in (
        ((), 1, "takes a model of register as 'theirs' too (--input theirs=FILE)"),
        (("--input", "theirs"), 2, "'theirs' is not NAME=FILE"),
        (("--input", "theirs=nowhere.xmi"), 1, "nowhere.xmi: cannot be read"),
        (("--input", "ours=town.xmi"), 2, "'ours' is given as MODEL"),
        (("--input", "theirs=guests.xmi", "--input", "mine=town.xmi"), 1, "takes no model 'mine'"),
    ):
        done = run(*command, *given, folder=folder)
        assert (done.returncode, reason in done.stderr) == (code, True), done.stderr
        assert "Traceback" not in done.stderr


def test_a_model_that_no_step_takes_is_refused(settled: models.Registry, saved: Path) -> None:
    chain = pipeline.find("both", settled.extensions)
    with pytest.raises(NbmdeError, match=r"no step takes a model 'city'"):
        pipeline.run(chain, saved, settled, {}, inputs={"town": saved, "city": saved})
    with pytest.raises(NbmdeError, match=r"transform settlers: nothing gives the model 'town' \(--input town=FILE\)"):
        pipeline.run(chain, saved, settled, {})


def test_a_step_has_inputs_only_where_it_transforms(tmp_path: Path) -> None:
    (tmp_path / "transformations").mkdir()
    (tmp_path / "transformations" / "odd.toml").write_text('[[step]]\ngenerate = "x"\ninputs = {a = "b"}\n')
    with pytest.raises(NbmdeError, match="a step is one of inject, transform, refine, generate with a name"):
        pipeline.find("odd", (tmp_path,))


def test_a_model_of_another_metamodel_is_refused_with_its_file(settled: models.Registry, saved: Path) -> None:
    first, second = models.load(saved, settled), models.load(saved, settled)
    with pytest.raises(
        NbmdeError, match=r"town\.xmi: transformation settlers takes a model of register, not of family"
    ):
        pipeline.transform("settlers", {"ours": first, "theirs": second}, settled, pipeline.Options({}), Path("x"))


def test_a_trace_leads_to_roots_by_their_numbers(registry: models.Registry) -> None:
    result = citizens().run(people(registry["family"], *(f"man {number}" for number in range(50))), registry)
    assert [models.fragment(root) for root in result.roots][::49] == ["/0", "/49"]
    assert m2m.TraceIndex(result.trace).sources(result.roots[7])[0].name == "man 7"
