"""The EMF oracle tells good from broken, with the reason; and the project's metamodels are good."""

import os
import subprocess
from pathlib import Path

import emf
import pytest
from emf import Finding, check, open_all, roundtrip
from lxml import etree

METAMODELS = Path(__file__).resolve().parents[2] / "metamodels"

ECORE = """<?xml version="1.0" encoding="UTF-8"?>
<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore"
    name="library" nsURI="http://example.org/library" nsPrefix="library">
  <eClassifiers xsi:type="ecore:EClass" name="Shelf">
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="label" lowerBound="1"
        eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EString"/>
    <eStructuralFeatures xsi:type="ecore:EAttribute" name="width"
        eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EInt"/>
    <eStructuralFeatures xsi:type="ecore:EReference" name="shelves" upperBound="-1" containment="true"
        eType="#//Shelf"/>
    <eStructuralFeatures xsi:type="ecore:EReference" name="beside" eType="#//Shelf"/>
    {features}
  </eClassifiers>
</ecore:EPackage>
"""

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<library:Shelf xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:library="http://example.org/library"
    xsi:schemaLocation="http://example.org/library {metamodel}" {attributes}>{content}</library:Shelf>
"""


def ecore(features: str = "") -> str:
    return ECORE.replace("{features}", features)


def model(attributes: str, content: str = "", metamodel: str = "library.ecore") -> str:
    return MODEL.format(attributes=attributes, content=content, metamodel=metamodel)


def reference(name: str, target: str) -> str:
    return f'<eStructuralFeatures xsi:type="ecore:EReference" name="{name}" {target}/>'


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A folder with a good metamodel, library.ecore."""
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "library.ecore").write_text(ecore())
    return folder


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_the_projects_metamodels_open_in_emf() -> None:
    metamodels = sorted(METAMODELS.glob("*.ecore"))
    assert metamodels, f"no metamodel in {METAMODELS}"
    findings = check(metamodels)
    assert not findings, "\n".join(map(str, findings))


def test_good_model_and_metamodel_pass_and_their_elements_are_counted(library: Path) -> None:
    shelves = '<shelves label="\u00e9\U0001f600" width="3"/><shelves label="b"/>'
    good = write(library / "good.xmi", model('label="a" beside="//@shelves.1"', shelves))
    opened = open_all([library / "library.ecore", good])
    assert [(one.file, one.findings) for one in opened] == [(library / "library.ecore", ()), (good, ())]
    assert opened[1].elements == 3


BROKEN_MODELS = {
    "dangling reference in the same file": (
        model('label="a" beside="//@shelves.4"'),
        "Unresolved reference '//@shelves.4'",
    ),
    "dangling reference into another file": (
        model('label="a"', '<beside href="neighbour.xmi#//@shelves.4"/>'),
        "unresolved reference 'beside' of Shelf broken.xmi#/ to",
    ),
    "reference into a file that is not there": (
        model('label="a"', '<beside href="nowhere.xmi#/"/>'),
        "nowhere.xmi (No such file or directory)",
    ),
    "missing required feature": (
        model('label="a"', "<shelves/>"),
        "The required feature 'label' of 'Shelf broken.xmi#//@shelves.0' must be set",
    ),
    "unknown feature": (model('label="a" colour="red"'), "Feature 'colour' not found"),
    "unknown class": (model('label="a"').replace("library:Shelf", "library:Box"), "Class 'Box' is not found"),
    "not a number": (model('label="a" width="nan"'), "Value 'nan' is not legal"),
    "Python's boolean": (model('label="a" width="True"'), "Value 'True' is not legal"),
    "integer over 32 bits": (model('label="a" width="2147483648"'), "Value '2147483648' is not legal"),
    "control character": (model('label="a&#27;[0m"'), "is an invalid XML character"),
    "two elements with one id": (
        model('label="a"', '<shelves xmi:id="x" label="b"/><shelves xmi:id="x" label="c"/>'),
        "id 'x' of Shelf broken.xmi#x is given to another element too",
    ),
    "no schemaLocation": (
        model('label="a"').replace('xsi:schemaLocation="http://example.org/library library.ecore"', ""),
        "Package with uri 'http://example.org/library' not found",
    ),
    "schemaLocation that leads nowhere": (
        model('label="a"', metamodel="nowhere.ecore"),
        "Package with uri 'http://example.org/library' not found",
    ),
    "not XML": ("label: a", "Content is not allowed in prolog"),
    "empty file": ("", "Premature end of file"),
}


@pytest.fixture(scope="module")
def broken_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """What is found in each of BROKEN_MODELS (all checked by one run), and in the good files beside it."""
    folder = tmp_path_factory.mktemp("models")
    for name, (text, _) in BROKEN_MODELS.items():
        write(folder / name / "library.ecore", ecore())
        write(folder / name / "neighbour.xmi", model('label="n"'))
        write(folder / name / "broken.xmi", text)
    findings = check([folder])
    return {name: [one for one in findings if one.file.parent == folder / name] for name in BROKEN_MODELS}


@pytest.mark.parametrize("name", BROKEN_MODELS)
def test_broken_model_fails_with_the_reason_and_its_neighbour_passes(
    broken_models: dict[str, list[Finding]], name: str
) -> None:
    findings = broken_models[name]
    assert {(finding.file.name, finding.severity) for finding in findings} == {("broken.xmi", "error")}
    assert any(BROKEN_MODELS[name][1] in finding.message for finding in findings), findings


BROKEN_METAMODELS = {
    "type that is not in the file": (reference("lost", 'eType="#//Nowhere"'), "Unresolved reference '//Nowhere'"),
    "type that only pyecore knows": (
        reference("lost", 'eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EInteger"'),
        "unresolved reference 'eType'",
    ),
    "feature without a type": (reference("lost", ""), "The typed element must have a type"),
    "two features with one name": (
        reference("beside", 'eType="#//Shelf"'),
        "There may not be two features named 'beside'",
    ),
    "opposite that does not point back": (
        reference("behind", 'eType="#//Shelf" eOpposite="#//Shelf/beside"'),
        "The opposite of the opposite may not be a reference different from this one",
    ),
}


@pytest.fixture(scope="module")
def broken_metamodels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """What is found in each of BROKEN_METAMODELS, all checked by one run."""
    folder = tmp_path_factory.mktemp("metamodels")
    for name, (features, _) in BROKEN_METAMODELS.items():
        write(folder / f"{name}.ecore", ecore(features))
    findings = check([folder])
    return {name: [one for one in findings if one.file.stem == name] for name in BROKEN_METAMODELS}


@pytest.mark.parametrize("name", BROKEN_METAMODELS)
def test_broken_metamodel_fails_with_the_reason(broken_metamodels: dict[str, list[Finding]], name: str) -> None:
    findings = broken_metamodels[name]
    assert any(BROKEN_METAMODELS[name][1] in finding.message for finding in findings), findings


def test_model_fails_where_its_metamodel_does_not_load(tmp_path: Path) -> None:
    write(tmp_path / "library.ecore", ecore(reference("lost", 'eType="#//Nowhere"')))
    good = write(tmp_path / "good.xmi", model('label="a"'))
    assert any("Unresolved reference '//Nowhere'" in finding.message for finding in check([good]))


def test_warning_is_a_finding_too(tmp_path: Path) -> None:
    raw = reference("kind", 'eType="ecore:EDataType http://www.eclipse.org/emf/2002/Ecore#//EJavaClass"')
    write(tmp_path / "library.ecore", ecore(raw.replace("EReference", "EAttribute")))
    assert {finding.severity for finding in check([tmp_path])} == {"warning"}


def test_no_file_lends_its_metamodel_to_the_next(library: Path) -> None:
    good = write(library / "good.xmi", model('label="a"'))
    lost = write(library / "lost.xmi", model('label="a"').replace(" library.ecore", " ./none.ecore"))
    assert {finding.file for finding in check([good, lost, good])} == {lost}


@pytest.mark.parametrize("name", ["nowhere", "nowhere.xmi"])
def test_path_that_does_not_exist_fails(tmp_path: Path, name: str) -> None:
    assert [finding.file for finding in check([tmp_path / name])] == [tmp_path / name]


def test_folder_without_models_fails(tmp_path: Path) -> None:
    write(tmp_path / "notes.txt", "nothing to see")
    assert [finding.file for finding in check([tmp_path])] == [tmp_path]
    with pytest.raises(ValueError, match="no file to check"):
        check([])


def test_hidden_folders_and_names_beyond_ascii_are_read(library: Path) -> None:
    write(library / ".nbmde" / "m\u00fcsli \u6a21.xmi", model('label="a"', metamodel="../library.ecore"))
    opened = open_all([library])
    assert [one.file.name for one in opened] == ["m\u00fcsli \u6a21.xmi", "library.ecore"]
    assert not any(one.findings for one in opened)


def test_values_over_10_megabytes_and_depth_over_256_load(library: Path) -> None:
    write(library / "long.xmi", model(f'label="{"line&#10;" * 1_500_000}"'))
    write(library / "deep.xmi", model('label="a"', '<shelves label="b">' * 3000 + "</shelves>" * 3000))
    opened = {one.file.name: one for one in open_all([library])}
    assert not any(one.findings for one in opened.values())
    assert opened["deep.xmi"].elements == 3001


def test_roundtrip_saves_models_that_open_and_say_the_same(library: Path, tmp_path: Path) -> None:
    write(
        library / "sub" / "one.xmi",
        model('label="1 \u00e9\U0001f600&#10;"', '<shelves label="2"/>', "../library.ecore"),
    )
    write(library / "two.xmi", model('label="3"', '<beside href="sub/one.xmi#//@shelves.0"/>'))
    target = tmp_path / "saved" / "deeper"
    assert roundtrip(library, target) == []
    assert [str(file.relative_to(target)) for file in sorted(target.rglob("*.*"))] == [
        "library.ecore",
        "sub/one.xmi",
        "two.xmi",
    ]
    assert check([target]) == []
    schema_location = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
    one = etree.parse(target / "sub" / "one.xmi").getroot()
    two = etree.parse(target / "two.xmi").getroot()
    assert one.attrib[schema_location] == "http://example.org/library ../library.ecore"
    assert (one.attrib["label"], one[0].attrib["label"]) == ("1 \u00e9\U0001f600\n", "2")
    assert two[0].attrib["href"] == "sub/one.xmi#//@shelves.0"


def test_roundtrip_leaves_metamodels_outside_the_folder_where_they_are(library: Path, tmp_path: Path) -> None:
    write(tmp_path / "models" / "one.xmi", model('label="1"', metamodel="../library/library.ecore"))
    assert roundtrip(tmp_path / "models", tmp_path / "a" / "b") == []
    assert [file.name for file in (tmp_path / "a" / "b").iterdir()] == ["one.xmi"]
    assert "../../library/library.ecore" in (tmp_path / "a" / "b" / "one.xmi").read_text()
    assert check([tmp_path / "a"]) == []


def test_roundtrip_of_a_broken_model_saves_nothing(library: Path, tmp_path: Path) -> None:
    write(library / "broken.xmi", model(""))
    assert [finding.message for finding in roundtrip(library, tmp_path / "saved")] == [
        "The required feature 'label' of 'Shelf broken.xmi#/' must be set"
    ]
    assert not (tmp_path / "saved").exists()


def test_missing_jars_are_reported_with_the_packages_to_install(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMF_JARS", str(tmp_path))
    packages = "libeclipse-emf-common-java libeclipse-emf-ecore-java libeclipse-emf-ecore-xmi-java"
    with pytest.raises(emf.EmfMissing, match=rf"install\.sh.*apt-get install {packages}\)"):
        check([library])


def test_missing_jdk_is_reported_with_the_package_to_install(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(emf.EmfMissing, match=r"install\.sh.*apt-get install default-jdk-headless\)"):
        check([library])


def install(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(emf.HERE / "install.sh")]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})


@pytest.fixture
def fake_apt(tmp_path: Path) -> dict[str, str]:
    """An environment with no jars, whose apt-get only writes down what it was asked for, and brings $BRINGS."""
    apt = write(
        tmp_path / "bin" / "apt-get",
        '#!/bin/sh\necho "$@" >> "$LOG"\nfor jar in $BRINGS; do : > "$EMF_JARS/$jar"; done\n',
    )
    identity = write(tmp_path / "bin" / "id", "#!/bin/sh\necho 0\n")  # root: no sudo
    for program in (apt, identity):
        program.chmod(0o755)
    (tmp_path / "jars").mkdir()
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {
        "PATH": path,
        "EMF_JARS": str(tmp_path / "jars"),
        "LOG": str(tmp_path / "log"),
        "BRINGS": " ".join(emf.JARS),
    }


def test_install_does_nothing_where_all_is_there(fake_apt: dict[str, str]) -> None:
    result = install({"PATH": fake_apt["PATH"], "LOG": fake_apt["LOG"]})
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not Path(fake_apt["LOG"]).exists()


def test_install_asks_for_the_packages_that_are_missing(fake_apt: dict[str, str]) -> None:
    (Path(fake_apt["EMF_JARS"]) / "eclipse-emf-common.jar").touch()
    assert install(fake_apt).returncode == 0
    update, wanted = Path(fake_apt["LOG"]).read_text().splitlines()
    assert update.startswith("update")
    assert wanted.endswith(" libeclipse-emf-ecore-java libeclipse-emf-ecore-xmi-java")


def test_install_fails_where_the_packages_do_not_bring_the_jars(fake_apt: dict[str, str]) -> None:
    result = install({**fake_apt, "BRINGS": ""})
    assert result.returncode == 1
    assert "still missing: libeclipse-emf-common-java" in result.stderr
