"""Metamodels are found by name and URI, in nbmde and in extensions, and are loaded when they are used."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError

ECORE = """<?xml version="1.0" encoding="UTF-8"?>
<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore"
    name="{name}" nsURI="{uri}" nsPrefix="{name}">{content}</ecore:EPackage>
"""


_DOCUMENTATION = "http://www.eclipse.org/emf/2002/GenModel"


def extension(folder: Path, *metamodels: tuple[str, str, str]) -> Path:
    """A folder with metamodels, each given by name, URI and content."""
    (folder / "metamodels").mkdir(parents=True)
    for name, uri, content in metamodels:
        (folder / "metamodels" / f"{name}.ecore").write_text(ECORE.format(name=name, uri=uri, content=content))
    return folder


def attribute(datatype: str, default: str | None = None) -> str:
    """A class X with an attribute x."""
    given = "" if default is None else f'defaultValueLiteral="{default}"'
    return f"""<eClassifiers xsi:type="ecore:EClass" name="X"><eStructuralFeatures xsi:type="ecore:EAttribute" name="x"
      eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//{datatype}" {given}/></eClassifiers>"""


def is_documentation(element: models.EObject) -> bool:
    """Is this an annotation that documents, or a part of one?"""
    if element.eClass.name == "EStringToStringMapEntry":
        element = element.eContainer()
    return element.eClass.name == "EAnnotation" and element.source == _DOCUMENTATION


def test_documentation_is_all_that_a_registry_without_it_lacks() -> None:
    whole, bare = models.Registry(), models.Registry(documented=False)
    for name in whole:
        elements = [list(models.walk(registry[name].ecore)) for registry in (whole, bare)]
        told = [[one for one in some if not is_documentation(one)] for some in elements]
        assert len(elements[0]) > len(elements[1]) == len(told[1])
        assert [models.label(one) for one in told[0]] == [models.label(one) for one in told[1]]


def test_nbmdes_own_metamodels_are_there() -> None:
    registry = models.Registry()
    assert {"notebook", "workflow", "mlproject", "trace"} <= set(registry)
    for name in registry:
        metamodel = registry[name]
        assert re.fullmatch(rf"http://nbmde\.org/{name}/[12]", metamodel.ecore.nsURI)
        assert registry.by_uri(metamodel.ecore.nsURI) is metamodel
        assert metamodel.path.name == f"{name}.ecore"


def test_a_classifier_is_an_attribute_and_a_class_makes_instances(garden: models.Metamodel) -> None:
    flower = garden.Flower(name="rose", blooms=garden.Season.winter)
    assert (flower.eClass, flower.name, flower.blooms.name, flower.perennial) == (garden.Flower, "rose", "winter", True)
    assert "Flower" in garden
    assert "Weed" not in garden


def test_an_unknown_classifier_names_the_metamodel_and_its_file(garden: models.Metamodel) -> None:
    with pytest.raises(AttributeError, match=r"metamodel garden has no classifier 'Weed' \(.*garden\.ecore\)"):
        _ = garden.Weed


def test_an_unknown_metamodel_names_the_known_ones(registry: models.Registry) -> None:
    with pytest.raises(NbmdeError, match=r"no metamodel 'graden' \(known: .*garden"):
        registry["graden"]
    with pytest.raises(NbmdeError, match=r"URI 'http://nowhere'"):
        registry.by_uri("http://nowhere")


def test_a_class_of_one_metamodel_can_extend_a_class_of_another(registry: models.Registry) -> None:
    tree = registry["orchard"].FruitTree(name="pear", fruit="green")
    assert models.is_kind(tree, registry["garden"].Plant)
    assert [feature.name for feature in models.features(tree.eClass)][:2] == ["id", "name"]
    assert [feature.name for feature in models.features(tree.eClass)][-1] == "fruit"


def test_an_extension_can_refer_to_nbmdes_metamodels_by_file_name_and_by_uri(tmp_path: Path) -> None:
    content = '<eClassifiers xsi:type="ecore:EClass" name="X" eSuperTypes="{0}#//Element"/>'
    by_name = ("byname", "http://x/1", content.format("workflow.ecore"))
    by_uri = ("byuri", "http://x/2", content.format("http://nbmde.org/workflow/2"))
    registry = models.Registry(extensions=(extension(tmp_path, by_name, by_uri),))
    element = registry["workflow"].Element
    assert models.is_kind(registry["byname"].X(), element)
    assert models.is_kind(registry["byuri"].X(), element)


@pytest.mark.parametrize("names", [("xmi", "xsi"), ("xsi", "xmi"), ("a", "xmi")])
def test_a_metamodel_may_have_a_prefix_that_files_use_otherwise(names: tuple[str, str], tmp_path: Path) -> None:
    holder = """<eClassifiers xsi:type="ecore:EClass" name="Y">
      <eStructuralFeatures xsi:type="ecore:EReference" name="all" upperBound="-1"
        containment="true" eType="ecore:EClass http://www.eclipse.org/emf/2002/Ecore#//EObject"/>
      </eClassifiers>"""
    one, two = ((name, f"http://{name}", attribute("EString") + holder) for name in names)
    registry = models.Registry(extensions=(extension(tmp_path, one, two),))
    first, second = registry[names[0]], registry[names[1]]
    model = first.Y(all=[first.X(x="a"), second.X(x="b"), second.Y(all=[first.X(x="c")])])
    models.save({tmp_path / "model.xmi": model}, registry)
    loaded = models.load(tmp_path / "model.xmi", models.Registry(extensions=(tmp_path,)))
    assert [(one.eClass.ePackage.name, one.eClass.name) for one in models.walk(loaded)] == [
        (names[0], "Y"), (names[0], "X"), (names[1], "X"), (names[1], "Y"), (names[0], "X")
    ]  # fmt: skip


def test_metamodels_that_refer_to_each_other_are_loaded_together(tmp_path: Path) -> None:
    content = """<eClassifiers xsi:type="ecore:EClass" name="{0}">
      <eStructuralFeatures xsi:type="ecore:EReference" name="other" eType="ecore:EClass {1}.ecore#//{1}"/>
      </eClassifiers>"""
    one, two = ("a", "http://a", content.format("a", "b")), ("b", "http://b", content.format("b", "a"))
    registry = models.Registry(extensions=(extension(tmp_path, one, two),))
    instance = registry["a"].a(other=registry["b"].b())
    instance.other.other = instance
    assert registry["a"].a.findEStructuralFeature("other").eType is registry["b"].b


@pytest.mark.parametrize(
    ("metamodels", "reason"),
    [
        ([("mine", "http://nbmde.org/workflow/2", "")], r"'http://nbmde.org/workflow/2' is already the metamodel"),
        ([("workflow", "http://mine", "")], r"'workflow' is already the metamodel"),
        ([("mine", "http://mine", "<oops/>")], r"mine\.ecore: not a readable Ecore metamodel"),
        ([("mine", "http://mine", "<unclosed>")], r"mine\.ecore: not a readable Ecore metamodel"),
        (
            [("mine", "http://mine", '<eClassifiers xsi:type="ecore:EClass" name="X" eSuperTypes="no.ecore#//X"/>')],
            r"mine\.ecore: not a readable Ecore metamodel.*no\.ecore",
        ),
        (
            [("mine", "http://mine", '<eClassifiers xsi:type="ecore:EClass" name="X" eSuperTypes="trace.ecore#//X"/>')],
            r"mine\.ecore: refers to 'trace\.ecore#//X', which is not there",
        ),
        (
            [("mine", "http://mine", '<eClassifiers xsi:type="ecore:EEnum" name="E"><eLiterals name="a" literal="b"/>'
              "</eClassifiers>")],
            r"literal 'a' of E has another text, 'b'",
        ),
        (
            [("mine", "http://mine", attribute("EJavaObject"))],
            r"mine\.ecore: X\.x: datatype EJavaObject has no text form",
        ),
        ([("mine", "http://mine", attribute("EInt").replace('"x"', '"href"'))], r"X\.href: XMI has another meaning"),
        ([("mine", "http://mine", attribute("EInt", "1.5"))], r"mine\.ecore: X\.x: invalid literal .*'1\.5'"),
        ([("mine", "http://mine", attribute("EBoolean", "yes"))], r"mine\.ecore: X\.x: 'yes' is neither true nor"),
    ],
)  # fmt: skip
def test_a_metamodel_that_cannot_be_used_is_refused_with_its_file(
    metamodels: list[tuple[str, str, str]], reason: str, tmp_path: Path
) -> None:
    extensions = (extension(tmp_path, *metamodels),)
    for _ in range(2):  # a registry after another, which share what can be used
        with pytest.raises(NbmdeError, match=reason):
            models.Registry(extensions=extensions)["mine"]


def test_registries_of_the_same_files_share_metamodels_until_one_changes(tmp_path: Path) -> None:
    folder = extension(tmp_path, ("mine", "http://mine", attribute("EInt")))
    before, again = models.Registry((folder,)), models.Registry((folder,))
    assert before["mine"] is again["mine"]
    assert models.Registry((folder,), documented=False)["mine"] is not before["mine"]
    (folder / "metamodels" / "mine.ecore").write_text(
        ECORE.format(name="mine", uri="http://mine", content=attribute("EBoolean"))
    )
    changed = models.Registry((folder,))["mine"]
    assert (before["mine"].X(x=2).x, changed.X(x=True).x) == (2, True)
    with pytest.raises(TypeError, match=r"X\.x takes bool, not 2"):
        changed.X(x=2)


def test_a_broken_metamodel_does_not_hinder_the_others(tmp_path: Path) -> None:
    registry = models.Registry(extensions=(extension(tmp_path, ("mine", "http://mine", "<oops/>")),))
    assert registry["trace"].Trace is not None


def test_exported_metamodels_come_with_those_they_refer_to(registry: models.Registry, tmp_path: Path) -> None:
    copies = registry.export(tmp_path / "metamodels", ["orchard"])
    assert [copy.name for copy in copies] == ["garden.ecore", "orchard.ecore", "trace.ecore"]
    assert copies[0].read_bytes() == registry["garden"].path.read_bytes()


def test_importing_the_package_loads_nothing_that_only_some_commands_need() -> None:
    code = "import sys, nbmde.engine.models; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    assert "pyecore" in loaded
    assert not loaded & {
        "IPython",
        "nbformat",
        "nbclient",
        "jinja2",
        "jsonschema",
        "pyecoregen",
        "rich",
        "ruff",
        "yaml",
    }
