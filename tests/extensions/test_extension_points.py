"""What an installed package brings is used: each point of extension, from outside of the source tree."""

import json
import re
from pathlib import Path
from typing import Any

import emf
import pytest

HERE = Path(__file__).resolve().parent
KINDS = {
    "metamodel",
    "injector",
    "transformation",
    "constraints",
    "knowledge",
    "generated file",
    "template",
    "pipeline",
}


@pytest.fixture(scope="module")
def points(site: Any) -> Any:
    return site(HERE / "points")


def workflow_steps(folder: Path) -> str:
    return (folder / ".nbmde" / "workflow.xmi").read_text()


def test_it_is_listed_with_version_origin_and_all_that_it_brings(points: Any, tmp_path: Path) -> None:
    listed = points.nbmde("extensions", cwd=tmp_path).stdout
    assert re.search(r"^points 1\.2\.3\t.*pipeline: 2.*\tnbmde-points$", listed, re.MULTILINE), listed
    (extension,) = json.loads(points.nbmde("extensions", "--json", cwd=tmp_path).stdout)["extensions"]
    assert {part["kind"] for part in extension["parts"]} == KINDS
    assert Path(extension["folder"]) == points.folder / "nbmde_points"
    assert {part["name"] for part in extension["parts"] if part["kind"] == "knowledge"} == {
        "api.calls.houseware.polish",
        "distributions.distributions.houseware",
        "layout.layouts.flat",
    }


def test_rules_are_laid_over_a_transformation_and_make_elements_of_new_classes(
    points: Any, notebook: Path, tmp_path: Path
) -> None:
    points.nbmde("run", "nb2project", notebook, "-o", "project", cwd=tmp_path)
    model = (tmp_path / "project" / ".nbmde" / "project.xmi").read_text()
    assert 'xsi:type="points:Function"' in model
    assert "Cell 4 trains model" in (tmp_path / "project" / "README.md").read_text()


def test_constraints_of_an_extension_are_checked(points: Any, notebook: Path, tmp_path: Path) -> None:
    told = points.nbmde("run", "nb2project", notebook, "-o", "project", cwd=tmp_path).stderr
    assert "a single statement needs no function [function_is_not_trivial]" in told
    told = points.nbmde("validate", "project/.nbmde/project.xmi", cwd=tmp_path).stderr
    assert "a single statement needs no function" in told


def test_knowledge_decides_stages_types_and_distributions(points: Any, notebook: Path, tmp_path: Path) -> None:
    points.nbmde("run", "nb2project", notebook, "-o", "project", cwd=tmp_path)
    assert 'evidence="houseware.polish"' in workflow_steps(tmp_path / "project")
    assert "python-houseware" in (tmp_path / "project" / "pyproject.toml").read_text()


def test_templates_add_files_and_replace_others(points: Any, notebook: Path, tmp_path: Path) -> None:
    points.nbmde("run", "nb2project", notebook, "-o", "project", cwd=tmp_path)
    project = tmp_path / "project"
    pages = {page.stem: page.read_text().strip() for page in (project / "docs" / "functions").iterdir()}
    assert pages["load_data"] == "LOAD_DATA: 1 statements"
    assert (project / ".gitignore").read_text() == "# by the extension points\n"
    assert not (project / "FLAT").exists()


def test_a_layout_is_like_another_with_rows_of_its_own(points: Any, notebook: Path, tmp_path: Path) -> None:
    points.nbmde("run", "nb2project", notebook, "-o", "project", "--layout", "flat", cwd=tmp_path)
    assert (tmp_path / "project" / "src" / "trial" / "learning.py").is_file()
    assert (tmp_path / "project" / "FLAT").read_text() == "a project of the layout flat\n"
    told = points.nbmde("run", "nb2project", notebook, "-o", "other", "--layout", "round", cwd=tmp_path, code=2).stderr
    assert "'round' is not one of mlops, basic, flat" in told


def test_a_pipeline_uses_a_transformation_that_overrides_a_rule(points: Any, notebook: Path, tmp_path: Path) -> None:
    points.nbmde("run", "nb2points", notebook, "-o", "project", cwd=tmp_path)
    assert 'name="overridden"' in (tmp_path / "project" / ".nbmde" / "project.xmi").read_text()


def test_an_injector_makes_the_first_model(points: Any, tmp_path: Path) -> None:
    (tmp_path / "books.txt").write_text("Emma\nPersuasion\n")
    points.nbmde("run", "lines2shelf", "books.txt", "-o", "shelf", cwd=tmp_path)
    assert sorted(file.name for file in (tmp_path / "shelf").glob("*.txt")) == ["Emma.txt", "Persuasion.txt"]
    points.nbmde("validate", "shelf/.nbmde/shelf.xmi", cwd=tmp_path)
    (tmp_path / "books.txt").write_text("A title that is much too long to be remembered by anybody\n")
    told = points.nbmde("run", "lines2shelf", "books.txt", "-o", "other", cwd=tmp_path, code=1).stderr
    assert "nobody remembers this title" in told
    assert not (tmp_path / "other").exists(), "an error of a constraint stops before anything is generated"


def test_steps_one_by_one_through_files_give_the_same(points: Any, notebook: Path, tmp_path: Path) -> None:
    points.nbmde("run", "nb2project", notebook, "-o", "whole", cwd=tmp_path)
    points.nbmde("inject", notebook, "-o", "models/notebook.xmi", cwd=tmp_path)
    for name, before, after in (
        ("notebook2workflow", "notebook", "workflow"),
        ("workflow2project", "workflow", "project"),
    ):
        points.nbmde("transform", name, f"models/{before}.xmi", "-o", f"models/{after}.xmi", cwd=tmp_path)
    points.nbmde("generate", "models/project.xmi", "-o", "single", "--templates", "mlproject", cwd=tmp_path)
    whole, single = (
        {
            file.relative_to(tmp_path / folder): file.read_bytes()
            for file in sorted((tmp_path / folder).rglob("*"))
            if file.is_file() and ".nbmde" not in file.parts
        }
        for folder in ("whole", "single")
    )
    assert whole == single


@pytest.mark.skipif(bool(emf.missing_packages()), reason="Java or EMF is not installed")
def test_its_models_open_in_emf(points: Any, notebook: Path, tmp_path: Path) -> None:
    points.nbmde("run", "nb2project", notebook, "-o", "project", cwd=tmp_path)
    assert [str(finding) for finding in emf.check([tmp_path / "project" / ".nbmde"])] == []


def test_the_metamodels_page_shows_it(points: Any, tmp_path: Path) -> None:
    points.nbmde("metamodel", "doc", "points", "-o", "points.md", cwd=tmp_path)
    assert "Shelf" in (tmp_path / "points.md").read_text()
