"""The extensions in `examples/extensions`, and the one that `nbmde new extension` writes, pass their own tests."""

from pathlib import Path
from typing import Any

import emf
import pytest

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
EXTENSIONS = sorted(folder.name for folder in (EXAMPLES / "extensions").iterdir() if folder.is_dir())


def own_tests(site: Any, project: Path) -> None:
    options = ("-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", project)
    done = site.python("-m", "pytest", *options, project / "tests", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


def test_there_are_the_three_examples() -> None:
    assert EXTENSIONS == ["airflow", "experiment", "leakage"]


@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_example_passes_its_own_tests(site: Any, name: str) -> None:
    project = EXAMPLES / "extensions" / name
    own_tests(site(project), project)


def test_a_new_extension_passes_its_own_tests(site: Any, tmp_path: Path) -> None:
    empty = site()
    empty.nbmde("new", "extension", "model_card", cwd=tmp_path)
    project = tmp_path / "nbmde-model_card"
    own_tests(empty.install(project), project)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("Model-Card", "cannot name a Python package"), ("class", "cannot name"), ("workflow", "name of a metamodel")],
)
def test_a_name_that_cannot_be_used_is_refused(site: Any, tmp_path: Path, name: str, reason: str) -> None:
    assert reason in site().nbmde("new", "extension", name, cwd=tmp_path, code=1).stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_is_left_alone(site: Any, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mine.txt").write_text("mine")
    told = site().nbmde("new", "extension", "card", "-o", "here", cwd=tmp_path, code=1).stderr
    assert "not empty" in told
    assert [file.name for file in (tmp_path / "here").iterdir()] == ["mine.txt"]


@pytest.mark.skipif(bool(emf.missing_packages()), reason="Java or EMF is not installed")
@pytest.mark.parametrize(("name", "pipeline"), [("airflow", "nb2airflow"), ("experiment", "nb2experiment")])
def test_models_of_an_example_open_in_emf(site: Any, tmp_path: Path, name: str, pipeline: str) -> None:
    extension = ("--extension", EXAMPLES / "extensions" / name)
    site().nbmde("run", pipeline, EXAMPLES / "reviews" / "reviews.ipynb", "-o", "made", *extension, cwd=tmp_path)
    opened = emf.open_all([tmp_path / "made" / ".nbmde"])
    assert [str(finding) for one in opened for finding in one.findings] == []
    assert f"{name}.ecore" in {one.file.name for one in opened}


def test_all_examples_get_along_with_each_other(site: Any, tmp_path: Path) -> None:
    together = site(*(EXAMPLES / "extensions" / name for name in EXTENSIONS))
    listed = together.nbmde("extensions", cwd=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines()] == EXTENSIONS
