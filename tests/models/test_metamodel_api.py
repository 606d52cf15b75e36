"""Static classes for metamodels: typed, and as good as dynamic ones."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nbmde.engine import metamodel_api, models
from nbmde.engine.errors import NbmdeError

AWKWARD = """<?xml version="1.0" encoding="UTF-8"?>
<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore" name="awkward" nsURI="http://example.org/awkward" nsPrefix="a">
  <eClassifiers xsi:type="ecore:EEnum" name="Mood">
    <eLiterals name="good"/>
    <eLiterals name="None" value="1"/>
  </eClassifiers>
  <eClassifiers xsi:type="ecore:EDataType" name="Moment" instanceClassName="java.util.Date"/>
  <eClassifiers xsi:type="ecore:EClass" name="Named" abstract="true">
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="str" lowerBound="1"
        eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EString"/>
  </eClassifiers>
  <eClassifiers xsi:type="ecore:EClass" name="Thing" eSuperTypes="#//Named #//Weighed">
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="from" defaultValueLiteral="home"
        eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EString"/>
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="mood" eType="#//Mood"/>
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="when" eType="#//Moment"/>
    <eStructuralFeatures xsi:type="ecore:EReference" name="parts" upperBound="-1" containment="true" eType="#//Thing"
        eOpposite="#//Thing/whole"/>
    <eStructuralFeatures xsi:type="ecore:EReference" name="whole" eType="#//Thing" eOpposite="#//Thing/parts"/>
  </eClassifiers>
  <eClassifiers xsi:type="ecore:EClass" name="Weighed" abstract="true">
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="int" upperBound="-1"
        eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EInt"/>
  </eClassifiers>
</ecore:EPackage>
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on the path with the packages `own`, `gardens` and `awkward_classes`."""
    folder = tmp_path_factory.mktemp("api")
    own = models.Registry()
    metamodel_api.write(own["mlproject"], own, folder / "own")
    gardens = models.Registry((Path(__file__).resolve().parent / "extension",))
    metamodel_api.write(gardens["orchard"], gardens, folder / "gardens")
    (folder / "awkward.ecore").write_text(AWKWARD, encoding="utf-8")
    awkward = models.Registry(files=[folder / "awkward.ecore"])
    metamodel_api.write(awkward["awkward"], awkward, folder / "awkward_classes")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def module(name: str) -> Any:
    return importlib.import_module(name)


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_classes_pass_mypy_strictly(folder: Path, version: str) -> None:
    packages = ("own", "gardens", "awkward_classes")
    options = ("--strict", "--python-version", version, "--cache-dir", folder / f"cache-{version}")
    command = [sys.executable, "-m", "mypy", *map(str, options), *packages]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_types_are_known_where_they_are_used(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(
        "from own.workflow import Placement, Step, Statement, Workflow\n"
        "step = Step(name='load', statements=[Statement(text='x = 1', placement=Placement.module)])\n"
        "reveal_type(step.name)\nreveal_type(step.statements[0].cellNumber)\nreveal_type(step.statements[0].placement)\n"
        "reveal_type(Workflow().trace)\nstep.nome\nStep(nome='x')\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "use.py"]
    environment = {"MYPYPATH": str(folder), "PATH": ""}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    revealed = re.findall(r'Revealed type is "(.*)"', done.stdout)
    assert [re.sub(r"builtins\.", "", one) for one in revealed] == [
        "str", "int", "own.workflow.Placement", "own.trace.Trace | None",
    ]  # fmt: skip
    assert '"Step" has no attribute "nome"' in done.stdout
    assert 'Unexpected keyword argument "nome"' in done.stdout


def test_static_elements_are_saved_as_dynamic_ones_are(folder: Path, tmp_path: Path) -> None:
    gardens = module("gardens.garden")
    registry = models.Registry((Path(__file__).resolve().parent / "extension",))
    dynamic = registry["garden"]

    def eden(classes: Any) -> Any:
        flower = classes.Flower(name="rose", perennial=False, blooms=classes.Season.winter, heights=[3, 3, 4])
        bed = classes.Bed(name="first", border=flower)
        bed.notes.append(classes.Note(text="a\x00b"))
        return classes.Garden(name="Eden", beds=[bed], oldest=flower)

    assert models.dumps(eden(gardens), registry) == models.dumps(eden(dynamic), registry)
    assert models.compare(eden(gardens), eden(dynamic)) == []


def test_models_are_loaded_as_instances_of_static_classes(folder: Path, tmp_path: Path) -> None:
    extension = (Path(__file__).resolve().parent / "extension",)
    dynamic = models.Registry(extension)
    tree = dynamic["orchard"].FruitTree(name="apple", fruit="red", age=7)
    garden = dynamic["garden"].Garden(name="Eden", oldest=tree, beds=[dynamic["garden"].Bed(plants=[tree])])
    models.save({tmp_path / "eden.xmi": garden}, dynamic)
    static: list[ModuleType] = [module("gardens.garden"), module("gardens.orchard"), module("gardens.trace")]
    registry = models.Registry(extension, static=static)
    loaded = models.load(tmp_path / "eden.xmi", registry)
    assert type(loaded) is module("gardens.garden").Garden
    assert type(loaded.oldest) is module("gardens.orchard").FruitTree
    assert models.compare(garden, loaded) == []
    models.save({tmp_path / "again.xmi": loaded}, registry)
    assert (tmp_path / "again.xmi").read_bytes() == (tmp_path / "eden.xmi").read_bytes()


def test_names_that_python_uses_otherwise_are_kept_in_files(folder: Path, tmp_path: Path) -> None:
    awkward = module("awkward_classes.awkward")
    thing = awkward.Thing(str="a", from_="there", mood=awkward.Mood.None_, parts=[awkward.Thing(str="b")], int=[1, 2])
    assert thing.parts[0].whole is thing
    assert thing.parts[0].from_ == "home"
    registry = models.Registry(files=[folder / "awkward.ecore"])
    models.save({tmp_path / "thing.xmi": thing}, registry)
    text = (tmp_path / "thing.xmi").read_text(encoding="utf-8")
    assert 'from="there"' in text
    assert 'mood="None"' in text
    assert models.compare(models.load(tmp_path / "thing.xmi", registry), thing) == []


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("mine = 1\n")
    registry = models.Registry()
    with pytest.raises(NbmdeError, match=r"mine\.py: was not written by nbmde"):
        metamodel_api.write(registry["trace"], registry, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.py"]


def test_classes_are_made_again_byte_for_byte(folder: Path) -> None:
    registry = models.Registry()
    before = {file.name: file.read_bytes() for file in (folder / "own").glob("*.py")}
    metamodel_api.write(registry["mlproject"], registry, folder / "own")
    assert {file.name: file.read_bytes() for file in (folder / "own").glob("*.py")} == before
