"""Two extensions that bring the same are an error that names both; nbmde's own may be replaced."""

from pathlib import Path

import pytest

from nbmde.engine import extensions, m2m, models
from nbmde.engine.errors import NbmdeError

PIPELINE = '[[step]]\ninject = "notebook"\n'
ECORE = (
    '<ecore:EPackage xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore" name="shop" nsURI="urn:shop" nsPrefix="s"/>'
)
RULE = (
    "from nbmde.m2m import Transformation\n"
    'transformation = Transformation("{name}", "workflow", "mlproject", superimposes="workflow2project")\n'
    '@transformation.rule("Workflow", to=())\n'
    "def same(t, workflow): ...\n"
)

SAME = {
    "metamodel": ("metamodels/shop.ecore", ECORE, "metamodel 'shop'"),
    "pipeline": ("transformations/nb2shop.toml", PIPELINE, "pipeline 'nb2shop'"),
    "transformation": ("transformations/x2y/__init__.py", "", "transformation 'x2y'"),
    "injector": ("transformations/injectors/lines.py", "", "injector 'lines'"),
    "knowledge": ("transformations/knowledge/api.toml", "[calls]\n'a.b' = {}\n", "knowledge 'api.calls.a.b'"),
    "template": ("templates/mlproject/page.j2", "", "template 'mlproject/page.j2'"),
    "generated file": (
        "templates/mlproject/generation.toml",
        '[[file]]\nfor = "Project"\npath = "x"\ntemplate = "y"\n',
        "generated file 'mlproject/x for Project'",
    ),
}


def folder(parent: Path, name: str, path: str, text: str) -> Path:
    file = parent / name / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return parent / name


@pytest.mark.parametrize("kind", SAME)
def test_what_two_extensions_bring_is_an_error_that_names_both(tmp_path: Path, kind: str) -> None:
    path, text, what = SAME[kind]
    one, other = (folder(tmp_path, name, path, text) for name in ("one", "other"))
    with pytest.raises(NbmdeError) as failed:
        extensions.active([one, other])
    assert f"{what} of extension other is in one too" in str(failed.value)
    assert str(one / path) in str(failed.value)
    assert str(other / path) in str(failed.value)
    assert [extension.name for extension in extensions.active([one])] == ["one"]


def test_the_same_folder_twice_is_one_extension(tmp_path: Path) -> None:
    one = folder(tmp_path, "one", "transformations/nb2shop.toml", PIPELINE)
    assert len(extensions.active([one, one / ".." / "one"])) == 1


def test_two_rules_of_one_name_over_a_transformation_are_an_error(tmp_path: Path) -> None:
    folders = tuple(
        folder(tmp_path, name, f"transformations/over_{name}/__init__.py", RULE.format(name=f"over_{name}"))
        for name in ("one", "other")
    )
    with pytest.raises(NbmdeError, match=r"over_other lays same over workflow2project, and so does .*over_one"):
        m2m.find("workflow2project", folders)


def test_a_folder_that_is_no_extension_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NbmdeError, match=r"is not the folder of an extension \(it has metamodels/, "):
        extensions.named(tmp_path)


@pytest.mark.parametrize("place", ["src", "."])
@pytest.mark.parametrize("name", ["nbmde_shop", "ours.models.shop"])
def test_the_folder_of_a_project_stands_for_its_package(tmp_path: Path, place: str, name: str) -> None:
    package = folder(tmp_path / place, name.replace(".", "/"), "transformations/nb2shop.toml", PIPELINE)
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "shop"\nversion = "3"\n[project.entry-points."nbmde.extensions"]\nshop = "{name}"\n'
    )
    extension = extensions.named(tmp_path)
    assert (extension.name, extension.version, extension.folder) == ("shop", "3", package)


def test_a_rule_that_overrides_one_that_is_gone_is_told_what_has_its_place(tmp_path: Path) -> None:
    old = (
        "from nbmde.m2m import Transformation\n"
        'transformation = Transformation("over_old", "workflow", "mlproject", superimposes="workflow2project")\n'
        '@transformation.rule("Workflow", to="EntryPoint", lazy=True)\n'
        "def entry_point(t, workflow, entry, *, name, row): ...\n"
    )
    root = folder(tmp_path, "old", "transformations/over_old/__init__.py", old)
    registry = models.Registry((root,))
    with pytest.raises(NbmdeError, match="entry_point") as refused:
        m2m.run(m2m.find("workflow2project", (root,)), registry["workflow"].Workflow(name="w"), registry)
    assert refused.value.remedy == "its place has the rule entry_point of workflow2project.deployment"
