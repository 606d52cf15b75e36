"""Refinements in pipelines: extensions add theirs, users leave some out or stop earlier."""

from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import locations, m2m, models, pipeline
from nbmde.engine.errors import NbmdeError

REFINEMENT = """
from nbmde.m2m import Transformation

transformation = Transformation({name!r}, refines="family"{more})


@transformation.rule("Person")
def said(t, person):
    person.name = person.name + {said!r}
"""


def extension(folder: Path, **refinements: str) -> Path:
    """An extension with refinements, each with further arguments of `Transformation`; each adds its name to names."""
    (folder / "transformations").mkdir(parents=True)
    for name, more in refinements.items():
        text = REFINEMENT.format(name=name, said=f" {name}", more=f", {more}" if more else "")
        (folder / "transformations" / f"{name}.py").write_text(text)
    return folder


@pytest.fixture
def wider(registry: models.Registry, tmp_path: Path) -> models.Registry:
    own = extension(tmp_path / "own", one="", two="optional=True")
    (own / "transformations" / "chain.toml").write_text(
        '[[step]]\nrefine = "one"\n\n[[step]]\nrefine = "two"\n\n[[step]]\ntransform = "family2register"\n'
    )
    return models.Registry((*registry.extensions, own))


@pytest.fixture
def saved(town: Any, registry: models.Registry, tmp_path: Path) -> Path:
    models.save({tmp_path / "town.xmi": town}, registry)
    return tmp_path / "town.xmi"


def first_name(outcome: pipeline.Outcome) -> str:
    return str(outcome.root.people[0].name)


def test_a_chain_is_run_up_to_a_step_and_without_what_can_be_left_out(wider: models.Registry, saved: Path) -> None:
    chain = pipeline.find("chain", wider.extensions)
    name = str(models.load(saved, wider).people[0].name)
    assert first_name(pipeline.run(chain, saved, wider, {}, until="one")) == f"{name} one"
    assert first_name(pipeline.run(chain, saved, wider, {}, until="two")) == f"{name} one two"
    assert first_name(pipeline.run(chain, saved, wider, {}, until="two", without=["two"])) == name + " one"
    assert pipeline.run(chain, saved, wider, {}).root.eClass.name == "Register"


def test_what_later_steps_need_is_not_left_out(wider: models.Registry, saved: Path) -> None:
    chain = pipeline.find("chain", wider.extensions)
    for without, reason in (
        ("one", r"refine one cannot be left out: .* \(what can be left out: two\)"),
        ("family2register", "transform family2register cannot be left out"),
        ("twoo", r"there is no step 'twoo' \(two\?\)"),
    ):
        with pytest.raises(NbmdeError, match=reason):
            pipeline.run(chain, saved, wider, {}, without=[without])
    with pytest.raises(NbmdeError, match="there is no step 'nowhere'"):
        pipeline.run(chain, saved, wider, {}, until="nowhere")


def test_an_extension_says_where_its_refinement_runs(wider: models.Registry, saved: Path, tmp_path: Path) -> None:
    added = extension(
        tmp_path / "added",
        three='after="one"',
        four='after="one"',
        five='before="one"',
        six='after="workflow2project.names"',  # which is no step here
    )
    registry = models.Registry((*wider.extensions, added))
    chain = pipeline.find("chain", registry.extensions)
    assert [step.name for step in chain.steps] == ["five", "one", "four", "three", "two", "family2register"]
    assert first_name(pipeline.run(chain, saved, registry, {}, until="two")).endswith(" five one four three two")


def test_a_module_for_others_is_no_transformation(wider: models.Registry, saved: Path) -> None:
    (wider.extensions[-1] / "transformations" / "words.py").write_text("transformations = 2\n")
    chain = pipeline.find("chain", wider.extensions)
    assert [step.name for step in chain.steps] == ["one", "two", "family2register"]
    assert "words" not in m2m.names(wider.extensions)


def test_a_refinement_alone_may_be_placed_or_left_out(tmp_path: Path, registry: models.Registry) -> None:
    own = tmp_path / "wrong"
    (own / "transformations").mkdir(parents=True)
    (own / "transformations" / "wrong.py").write_text(
        "from nbmde.m2m import Transformation\n\n"
        'transformation = Transformation("wrong", "family", "register", after="x")\n'
    )
    with pytest.raises(NbmdeError, match="transformation wrong is no refinement"):
        pipeline.find("nb2project", (*registry.extensions, own))


def test_a_pipeline_that_lists_no_refinements_has_those_of_the_transformation_and_of_what_it_extends() -> None:
    own = pipeline.find("nb2project")
    for name in ("notebook2workflow", "workflow2project"):
        listed = pipeline.of_transformation(name).steps
        assert [step for step in own.steps if step.name.startswith(f"{name}.")] == list(listed[1:])
        assert listed[1:]
    airflow = (locations.home() / "examples" / "extensions" / "airflow" / "src" / "nbmde_airflow",)
    longer = pipeline.find("nb2airflow", airflow)
    assert [step.name for step in longer.steps if step.kind == "refine"] == [
        step.name for step in own.steps if step.kind == "refine"
    ]


def test_a_trace_names_what_was_laid_over_its_transformation(
    town: Any, registry: models.Registry, tmp_path: Path
) -> None:
    (tmp_path / "mine/transformations").mkdir(parents=True)
    (tmp_path / "mine/transformations/louder.py").write_text(
        "from nbmde.m2m import Transformation\n\n"
        'transformation = Transformation("louder", superimposes="family2register")\n'
    )
    wider = (*registry.extensions, tmp_path / "mine")
    plain = m2m.find("family2register", registry.extensions).run(town, registry).trace
    trace = m2m.find("family2register", wider).run(town, models.Registry(wider)).trace
    assert (list(plain.layers), list(trace.layers)) == ([], ["louder"])
    assert m2m.unknown("family2register", trace.layers, wider) == []
    assert m2m.unknown("family2register", trace.layers, registry.extensions) == ["louder"]
    assert m2m.unknown("family2nothing", (), wider) == ["family2nothing"]
