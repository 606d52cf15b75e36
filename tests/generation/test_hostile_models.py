"""Names, titles and prose are data: nothing in them is code, a path or markup of the generated files."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t import Files

HOSTILE = [
    '"""\nimport os; os.abort()\n"""',
    '"); import os; os.abort() #',
    "{{ 7 * 7 }} {% raw %} ${{ github.token }} $(touch /tmp/x) `touch x`",
    "*/ --> ]]> </script><img src=x onerror=alert(1)>",
    "a\nb: c\n\r\n- d\n[tool.evil]\nx = 1",
    "back\\slash \\N{BULLET} \\x41 \\",
    'ends with "',
    "ESC \x1b[31m NUL \x00 NEL \x85 LS \u2028 BOM \ufeff lone \ud800",
    "# heading\n| a | b |\n```\nunclosed fence <!-- unclosed",
    "'''\n    '''",
    "é漢字 🎉",
]


def functions(files: Files) -> dict[str, ast.FunctionDef]:
    found = {}
    for path, file in files.items():
        if path.endswith(".py"):
            for node in ast.walk(ast.parse(file.content)):
                if isinstance(node, ast.FunctionDef):
                    found[node.name] = node
    return found


def everything(project: Any, text: str) -> None:
    """Puts a text wherever a model holds text for people."""
    for element in models.walk(project):
        if element.eClass.ePackage.name == "mlproject":
            for feature in models.features(element.eClass):
                if feature.name in ("title", "doc", "reason", "message", "remedy", "found", "cells"):
                    setattr(element, feature.name, text)
    for section in project.sections:
        section.name, section.text = text, text
    project.source = text


@pytest.mark.parametrize("text", [*HOSTILE, "\n\n".join(HOSTILE)])
def test_text_for_people_is_never_code(files: Callable[..., Files], text: str) -> None:
    layout = "mlops" if text in HOSTILE else "basic"
    plain, hostile = files(layout=layout), files(lambda project: everything(project, text), layout)
    assert plain.keys() == hostile.keys()
    for path in plain:
        if path.endswith(".py"):
            assert without_docstrings(plain[path].content) == without_docstrings(hostile[path].content), path
        elif path.endswith((".yaml", ".yml")):
            assert yaml.safe_load(plain[path].content) == yaml.safe_load(hostile[path].content), path
    plain_toml, hostile_toml = (tomllib.loads(one["pyproject.toml"].content.decode()) for one in (plain, hostile))
    plain_toml["project"].pop("description")
    assert "\n" not in hostile_toml["project"].pop("description")
    assert plain_toml == hostile_toml
    assert requirements(plain) == requirements(hostile)


def without_docstrings(content: bytes) -> str:
    tree = ast.parse(content)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [
                statement
                for statement in node.body
                if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
            ]
    return ast.unparse(tree).replace("recording(outputs", "")


def requirements(files: Files) -> list[str]:
    lines = files["requirements.txt"].content.decode().splitlines()
    return [line.split("#")[0].strip() for line in lines if not line.startswith("#")]


def test_the_prose_of_a_docstring_reads_back(files: Callable[..., Files]) -> None:
    text = 'A title with """ and \\alpha'

    def change(project: Any) -> None:
        project.pipeline.calls[0].function.title = text

    assert ast.get_docstring(functions(files(change))["load_flowers"], clean=False).startswith(f"{text}.")  # type: ignore[union-attr]


def test_what_the_readme_leaves_open_is_closed(files: Callable[..., Files], registry: models.Registry) -> None:
    def change(project: Any) -> None:
        project.sections[0].text = "~~~~\ncode\n~~~\n"
        m = registry["mlproject"]
        project.sections.extend([m.Section(name="Next", text="<!-- open"), m.Section(name="Last")])

    readme = files(change)["README.md"].content.decode()
    assert "~~~~\ncode\n~~~\n~~~~\n" in readme
    assert "<!-- open\n-->\n" in readme


@pytest.mark.parametrize("name", ["class", "", "../x", "x: int) -> None: pass #"])
@pytest.mark.parametrize(
    "where", ["package", "module", "function", "parameter", "result", "section", "setting", "class", "state", "secret"]
)
def test_a_name_that_is_no_identifier_is_refused(
    files: Callable[..., Files], registry: models.Registry, where: str, name: str
) -> None:
    def change(project: Any) -> None:
        function = project.pipeline.calls[0].function
        section = project.configuration.sections[0]
        project.secrets.append(registry["mlproject"].Secret(name="TOKEN"))
        element, feature = {
            "package": (project, "package"),
            "module": (function.eContainer(), "name"),
            "function": (function, "name"),
            "parameter": (function.parameters[0], "name"),
            "result": (function.results[0], "name"),
            "section": (section, "name"),
            "setting": (section.settings[0], "name"),
            "class": (section, "className"),
            "state": (project.state.attributes[0], "name"),
            "secret": (project.secrets[0], "name"),
        }[where]
        setattr(element, feature, name)

    with pytest.raises(NbmdeError, match="identifier"):
        files(change)


@pytest.mark.parametrize("text", ["int): pass\nimport os\ndef g(x", "int; x", "", "print('x') or"])
def test_an_annotation_that_is_no_expression_is_refused_or_any(files: Callable[..., Files], text: str) -> None:
    def change(project: Any) -> None:
        project.pipeline.calls[0].function.parameters[0].type = text

    if text:
        with pytest.raises(NbmdeError, match="no Python expression"):
            files(change)
    else:
        assert b"def load_flowers(*, flowers_csv: Any)" in files(change)["src/flowers/data/load_data.py"].content


def test_an_argument_that_is_no_expression_is_refused(files: Callable[..., Files]) -> None:
    def change(project: Any) -> None:
        project.pipeline.calls[0].arguments[0] = "x) or exec('y'"

    with pytest.raises(NbmdeError, match="no Python expression"):
        files(change)


@pytest.mark.parametrize("name", ["a b", "a; import os", "x @ http://evil", "-r other.txt", "a\nb", ""])
def test_a_requirement_that_is_no_distribution_is_refused(files: Callable[..., Files], name: str) -> None:
    def change(project: Any) -> None:
        project.requirements[0].name = name

    with pytest.raises(NbmdeError, match="requirement"):
        files(change)


@pytest.mark.parametrize("specifier", ["==1; os_name", "== 1 --index-url x", "=1", ">=1,", "@ file:x"])
def test_a_specifier_that_is_no_version_bound_is_refused(files: Callable[..., Files], specifier: str) -> None:
    def change(project: Any) -> None:
        project.requirements[0].specifier = specifier

    with pytest.raises(NbmdeError, match="requirement"):
        files(change)


@pytest.mark.parametrize("specifier", ["", "==1.0", ">=1,<2", "~=1.4.2", "==1.*", ">= 1.0, != 1.5", "===1.0+local"])
def test_version_bounds_are_kept(files: Callable[..., Files], specifier: str) -> None:
    def change(project: Any) -> None:
        project.requirements[0].specifier = specifier

    project = tomllib.loads(files(change)["pyproject.toml"].content.decode())["project"]
    assert project["dependencies"][0] == f"PyYAML{specifier}"


@pytest.mark.parametrize("path", ["../x.csv", "/etc/passwd", "data/../../x", ".nbmde/manifest.json", "a\\..\\b"])
def test_no_data_file_leaves_the_project(files: Callable[..., Files], path: str) -> None:
    def change(project: Any) -> None:
        project.dataFiles[0].path = path

    with pytest.raises(NbmdeError, match=r"path inside|hidden part"):
        files(change)


def test_code_that_is_no_python_names_element_and_file(files: Callable[..., Files]) -> None:
    def change(project: Any) -> None:
        project.pipeline.calls[0].function.fragments[0].text = "x = 1\ny = = 2"

    with pytest.raises(NbmdeError, match=r"load_data\.py, line \d+: .*Fragment"):
        files(change)


def test_settings_hold_any_text(files: Callable[..., Files]) -> None:
    import json

    for text in HOSTILE:

        def change(project: Any, text: str = text) -> None:
            section = project.configuration.sections[0]
            setting = section.settings[0]
            setting.value, setting.doc = json.dumps(text), text

        config = yaml.safe_load(files(change)["configs/config.yaml"].content)
        assert config["load_flowers"]["flowers_csv"] == text


@pytest.mark.parametrize("name", ["explore", "run", "Config", "State", "Results", "dataclass"])
def test_a_variable_of_the_notebook_may_have_any_name(files: Callable[..., Files], tmp_path: Any, name: str) -> None:
    """A local variable of the driver hides nothing that the driver calls."""
    import sys

    from nbmde.engine.m2t import write

    def change(project: Any) -> None:
        load, explore, train, evaluate = project.pipeline.calls
        load.results[0] = name
        for call in (explore, train, evaluate):
            call.arguments[0] = name

    write(files(change), tmp_path / "p")
    code = (
        "from pathlib import Path; from flowers.config import load_config; from flowers.pipeline import run\n"
        "print(run(load_config(Path('.')), Path('.')).score)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "p",
        env={"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("1.0\n"), done.stderr
