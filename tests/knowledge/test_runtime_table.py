"""Functions of the runtime are as the table says, and nothing else is used."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from knowledge_files import FOLDER

from nbmde.engine import knowledge, locations

RUNTIME = locations.home() / "templates" / "mlproject" / "runtime"
TABLE = knowledge.table("runtime")
ROWS = {**TABLE["functions"], **TABLE["added"]}
OWN = {name: row for name, row in ROWS.items() if not row.get("standard")}
SOURCES = sorted(
    path
    for folder in ("notebook2workflow", "workflow2project")
    for path in (locations.home() / "transformations" / folder).glob("*.py")
)


def definition(module: str, name: str) -> ast.FunctionDef | ast.ClassDef:
    """What a module of the runtime defines."""
    tree = ast.parse((RUNTIME / f"{module}.py").read_text(encoding="utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name)
    return found


def parameters(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    """What it is called with."""
    if isinstance(node, ast.ClassDef):
        made = [m for m in node.body if isinstance(m, ast.FunctionDef) and m.name in ("__new__", "__init__")]
        return parameters(made[0])[1:] if made else []
    arguments = node.args
    starred = [f"*{arguments.vararg.arg}"] if arguments.vararg else []
    double = [f"**{arguments.kwarg.arg}"] if arguments.kwarg else []
    named = [*arguments.posonlyargs, *arguments.args], arguments.kwonlyargs
    first, then = ([argument.arg for argument in group] for group in named)
    return [*first, *starred, *then, *double]


@pytest.mark.parametrize("name", OWN)
def test_a_function_is_in_its_module_and_takes_what_the_table_says(name: str) -> None:
    row = OWN[name]
    assert row["module"] in TABLE["modules"]
    assert parameters(definition(row["module"], name)) == row["parameters"]


@pytest.mark.parametrize("name", sorted(ROWS.keys() - OWN.keys()))
def test_what_is_pythons_own_is_there(name: str) -> None:
    module = importlib.import_module(ROWS[name]["module"])
    assert name == ROWS[name]["module"] or hasattr(module, name)


@pytest.mark.parametrize(
    "name", sorted(name for name, row in OWN.items() if row.get("replaces", "").startswith("IPython.display."))
)
def test_what_takes_the_place_of_a_function_of_ipython_takes_its_arguments(name: str) -> None:
    theirs = inspect.signature(getattr(importlib.import_module("IPython.display"), name))
    ours = [parameter.lstrip("*") for parameter in OWN[name]["parameters"]]
    collects = any(parameter.startswith("**") for parameter in OWN[name]["parameters"])
    assert collects or set(theirs.parameters) <= set(ours)


@pytest.mark.parametrize("name", [name for name, row in OWN.items() if "form" in row])
def test_a_function_shows_the_form_that_the_table_says(name: str) -> None:
    shown = [node.value for node in ast.walk(definition(OWN[name]["module"], name)) if isinstance(node, ast.Constant)]
    assert OWN[name]["form"] in shown


def test_what_is_in_both_tables_is_the_same() -> None:
    for name in TABLE["functions"].keys() & TABLE["added"].keys():
        both = [TABLE[table][name] for table in ("functions", "added")]
        assert both[0]["module"] == both[1]["module"]


def test_each_module_has_its_row() -> None:
    files = {path.name.partition(".")[0] for path in RUNTIME.iterdir() if re.search(r"\.py(\.j2)?$", path.name)}
    assert files == set(TABLE["modules"])


@pytest.mark.parametrize("name", [path.stem for path in sorted(RUNTIME.glob("*.py"))])
def test_a_module_needs_what_it_imports(name: str) -> None:
    tree = ast.parse((RUNTIME / f"{name}.py").read_text(encoding="utf-8"))
    named = (node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    own = {module.removeprefix("runtime.") for module in named if module.startswith("runtime.")}
    assert own == set(TABLE["modules"][name].get("needs", ()))


def asked_for() -> Iterator[tuple[str, str]]:
    """The names by which code asks for functions of the runtime, with the places."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[ast.expr] = []
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "runtime":
                names = node.args[:1]
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(".alias"):
                names = [node.slice]
            for name in names:
                for part in (name.body, name.orelse) if isinstance(name, ast.IfExp) else (name,):
                    if isinstance(part, ast.Constant):
                        yield str(part.value), f"{path.name}:{node.lineno}"


def test_code_asks_for_functions_that_are_in_the_table() -> None:
    asked = list(asked_for())
    assert len({name for name, _ in asked}) > 20
    assert [(name, place) for name, place in asked if name not in ROWS] == []


def test_every_function_of_a_workflow_is_asked_for_by_some_transformation() -> None:
    asked = {name for name, _ in asked_for()}
    table = {name for name, row in TABLE["functions"].items() if "replaces" not in row}
    assert table <= asked


def test_templates_import_what_the_table_has() -> None:
    text = (locations.home() / "templates/mlproject/queries.py").read_text(encoding="utf-8")
    assert "step" in TABLE["added"]
    assert re.findall(r"_imported\('(\w+)', decorator\)", text) == ["step"]


@pytest.mark.parametrize("name", TABLE["compared"])
def test_what_verify_compares_is_a_class_of_the_runtime(name: str) -> None:
    assert isinstance(definition(TABLE["compared"][name]["module"], name), ast.ClassDef)


def test_requirements_of_modules_are_rows_of_the_layout() -> None:
    groups = {row["requirements"] for row in TABLE["modules"].values() if "requirements" in row}
    assert groups <= knowledge.table("layout")["requirements"].keys()


def test_resources_are_those_of_calls() -> None:
    schema = (FOLDER / "schemas" / "api.toml").read_text(encoding="utf-8")
    known = {*re.findall(r'"([\w.]+)"', schema), "unknown"}
    assert {resource for row in ROWS.values() for resource in row.get("touches", ())} <= known


def test_an_extension_adds_a_function_and_a_module_that_needs_others(tmp_path: Path) -> None:
    file = tmp_path / "transformations/knowledge/runtime.toml"
    file.parent.mkdir(parents=True)
    file.write_text(
        '[modules]\nmine = { needs = ["shell"] }\n[added]\nmy_show = { module = "mine", stands_for = "mine" }\n',
        encoding="utf-8",
    )
    table = knowledge.table("runtime", (tmp_path,))
    assert table["modules"]["mine"] == {"needs": ["shell"]}
    assert table["modules"]["report"] == {"always": True}


def test_modules_are_there_for_what_they_do() -> None:
    modules = TABLE["modules"]
    assert {name for name, row in modules.items() if row.get("always")} == {"frontend", "report", "train"}
    assert {name for name, row in modules.items() if row.get("programs")} == {"shell"}
    assert {name: row["requirements"] for name, row in modules.items() if "requirements" in row} == {
        "display": "display",
        "figures": "figures",
    }
    assert {name: row["distribution"] for name, row in modules.items() if "distribution" in row} == {
        "interactive": "plotly"
    }


def test_functions_touch_what_they_are_called_after() -> None:
    rows = TABLE["functions"]
    touched = {
        "set_environment": ["environment"],
        "change_directory": ["cwd"],
        "write_file": ["files"],
        "run_command": ["files"],
        "run_script": ["files"],
        "command_output": ["files"],
        "run_file": ["opaque", "unknown"],
    }
    assert {name: rows[name]["touches"] for name in touched} == touched
    runs = {name for name, row in rows.items() if row.get("runs")}
    assert runs == {"run_command", "run_script", "command_output", "run_file"}
    for name, row in rows.items():
        if name.startswith(("display", "show")):
            assert row["touches"] == ["display"], name
    assert {name for name, row in rows.items() if row.get("touches") == []} == {
        *("Names", "MainModule", "undefined", "module_name", "get_ipython", "answer", "secret_answer", "with_defaults")
    }


def test_what_verify_compares_stands_for_what_it_holds() -> None:
    assert {name: row["as"] for name, row in TABLE["compared"].items()} == {
        "Lines": "list",
        "bind": "function",
        "with_defaults": "function",
        "_Bound": "class",
    }
