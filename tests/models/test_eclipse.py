"""EMF itself opens what is saved, and what EMF saves is loaded as the same model."""

from pathlib import Path
from typing import Any

import emf
import pytest

from nbmde.engine import models

pytestmark = pytest.mark.skipif(bool(emf.missing_packages()), reason="Java or EMF is not installed")


@pytest.fixture
def files(eden: Any, garden: models.Metamodel, registry: models.Registry, tmp_path: Path) -> Path:
    """A folder with two models that refer to each other, their trace and their metamodels."""
    folder = tmp_path / "models"
    eve = garden.Gardener(name="Eve", tends=[eden.beds[0]], sees=[eden.beds[0].notes[0], eden.oldest])
    park = garden.Garden(name="Park", oldest=eden.oldest, gardeners=[eve], neighbours=[eden])
    link = registry["trace"].Link(rule="plant", sources=[eden.oldest], targets=[park, eve])
    park.trace = registry["trace"].Trace(transformation="gardening", links=[link])
    registry.export(folder / "metamodels", ["orchard"])
    roots = {folder / "eden.xmi": eden, folder / "sub" / "park.xmi": park, folder / "trace.xmi": park.trace}
    models.save(roots, registry, metamodel_dir=folder / "metamodels")
    return folder


def test_emf_opens_and_validates_every_file(files: Path) -> None:
    opened = emf.open_all([files])
    assert [str(finding) for one in opened for finding in one.findings] == []
    assert {one.file.name: one.elements for one in opened if one.file.suffix == ".xmi"} == {
        "eden.xmi": 9, "park.xmi": 2, "trace.xmi": 2,
    }  # fmt: skip


def test_what_emf_saves_is_the_same_model(files: Path, registry: models.Registry, tmp_path: Path) -> None:
    target = tmp_path / "by-emf"
    assert emf.roundtrip(files, target) == []
    for name in ("eden.xmi", "sub/park.xmi", "trace.xmi"):
        before, after = models.load(files / name, registry), models.load(target / name, registry)
        assert [str(difference) for difference in models.compare(before, after)] == []
        assert (files / name).read_bytes() != (target / name).read_bytes()  # EMF wrote it, nobody copied it


def test_a_value_of_more_than_ten_megabytes_opens(registry: models.Registry, tmp_path: Path) -> None:
    registry.export(tmp_path, ["garden"])
    flower = registry["garden"].Flower(label="x" * 11_000_000, text="y\n" * 6_000_000)
    models.save({tmp_path / "huge.xmi": flower}, registry, metamodel_dir=tmp_path)
    assert emf.check([tmp_path / "huge.xmi"]) == []


def test_a_model_that_refers_to_others_takes_their_metamodels(
    files: Path, registry: models.Registry, tmp_path: Path
) -> None:
    """EMF takes one metamodel in two places for two, whose elements do not fit together."""
    fresh = models.Registry(registry.extensions)
    eden, park = models.load_all([files / "eden.xmi", files / "sub" / "park.xmi"], fresh)
    models.save({tmp_path / "comparison.xmi": models.comparison(eden, park, fresh)}, fresh)
    assert [str(finding) for finding in emf.check([tmp_path / "comparison.xmi"])] == []
    assert "models/metamodels/garden.ecore" in (tmp_path / "comparison.xmi").read_text(encoding="utf-8")
    models.save({files / "eden.xmi": eden}, fresh)
    assert " metamodels/garden.ecore" in (files / "eden.xmi").read_text(encoding="utf-8")
    assert [str(finding) for finding in emf.check([files])] == []
