"""A chain of steps: where it goes on from a model, what its options are, and whose fault a failure is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import m2m, models, pipeline
from nbmde.engine.errors import NbmdeError


@pytest.fixture
def chained(extensions: tuple[Path, ...], tmp_path: Path) -> models.Registry:
    """A registry with a pipeline from a family to a register to a file, and one that ends with the register."""
    folder = tmp_path / "extension"
    (folder / "transformations").mkdir(parents=True)
    (folder / "templates" / "roll").mkdir(parents=True)
    step = '[[step]]\ntransform = "family2register"\n'
    (folder / "transformations" / "roll.toml").write_text(f'{step}[[step]]\ngenerate = "roll"\n[options]\nsize = 3\n')
    (folder / "transformations" / "short.toml").write_text(step)
    (folder / "templates" / "roll" / "generation.toml").write_text(
        '[[file]]\nfor = "Register"\npath = "roll.txt"\ntemplate = "roll.j2"\n'
    )
    (folder / "templates" / "roll" / "roll.j2").write_text("{{ element.name }}: {{ element.entries|length }}\n")
    return models.Registry((*extensions, folder))


def saved(model: Any, place: Path, registry: models.Registry) -> Path:
    models.save({place: model}, registry)
    return place


def run(name: str, source: Path, registry: models.Registry, **options: Any) -> pipeline.Outcome:
    return pipeline.run(pipeline.find(name, registry.extensions), source, registry, options)


def test_a_chain_begins_with_the_step_that_takes_the_model(chained: models.Registry, tmp_path: Path) -> None:
    family, register = chained["family"], chained["register"]
    town = family.Town(name="Ham", people=[family.Man(name="Bob", born=1900)])
    outcome = run("roll", saved(town, tmp_path / "town.xmi", chained), chained)
    assert outcome.root.eClass.name == "Register"
    assert outcome.files["roll.txt"].content == b"Ham: 2\n"
    made = register.Register(name="Away", entries=[register.Citizen(name="Eve")])
    outcome = run("roll", saved(made, tmp_path / "register.xmi", chained), chained)
    assert outcome.files["roll.txt"].content == b"Away: 1\n"
    assert outcome.profiles == {}


def test_a_model_that_no_step_takes_is_refused(chained: models.Registry, tmp_path: Path) -> None:
    made = saved(chained["register"].Register(name="Away"), tmp_path / "register.xmi", chained)
    with pytest.raises(NbmdeError, match="no step takes a model of register"):
        run("short", made, chained)
    trace = saved(chained["trace"].Trace(transformation="x"), tmp_path / "trace.xmi", chained)
    with pytest.raises(NbmdeError, match="no step takes a model of trace"):
        run("roll", trace, chained)


def test_an_option_that_no_step_asks_for_is_refused_where_a_person_gave_it(
    chained: models.Registry, tmp_path: Path
) -> None:
    family = chained["family"]
    town = saved(family.Town(name="Ham"), tmp_path / "town.xmi", chained)
    run("roll", town, chained)  # the pipeline's own options are for whoever asks
    with pytest.raises(NbmdeError, match="there is no option 'size'"):
        run("roll", town, chained, size=4)


def test_a_fault_of_nbmde_is_not_said_to_be_one_of_the_file(
    registry: models.Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, registry: models.Registry) -> Any:
        return 1 / 0

    monkeypatch.setattr(m2m.module("injectors.notebook", registry.extensions), "injector", broken)
    with pytest.raises(ZeroDivisionError):
        pipeline.inject("notebook", tmp_path / "a.ipynb", registry)


def test_a_fault_of_an_extension_is_told_with_the_file(extensions: tuple[Path, ...], tmp_path: Path) -> None:
    folder = tmp_path / "transformations" / "injectors"
    folder.mkdir(parents=True)
    (folder / "lines.py").write_text("def injector(path, registry):\n    return 1 / 0\n")
    registry = models.Registry((*extensions, tmp_path))
    with pytest.raises(NbmdeError, match=r"a\.txt: injector lines: ZeroDivisionError: division by zero"):
        pipeline.inject("lines", tmp_path / "a.txt", registry)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no steps"),
        ('[[step]]\ntransform = "a"\ngenerate = "b"\n', "a step is one of"),
        ('[[step]]\nname = "a"\n', "a step is one of"),
        ("[[step]]\ntransform = 3\n", "a step is one of"),
        ('[[step]]\ntransform = "a"\nother = "b"\n', "a step is one of"),
        ('[[step]]\ntransform = "a"\ninputs = "b"\n', "a step is one of"),
        ('[[step]]\ntransform = "a"\ninputs = { b = 3 }\n', "a step is one of"),
        ("[[step", "not a readable pipeline"),
    ],
)
def test_a_pipeline_that_says_no_chain_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "transformations").mkdir()
    (tmp_path / "transformations" / "odd.toml").write_text(text)
    with pytest.raises(NbmdeError, match=reason):
        pipeline.find("odd", (tmp_path,))


def test_a_pipeline_that_is_not_there_is_told_with_those_that_are(chained: models.Registry) -> None:
    with pytest.raises(NbmdeError, match=r"there is no pipeline 'nb2prject' \(known: .*nb2project.*roll.*\)"):
        pipeline.find("nb2prject", chained.extensions)
