"""The workflow names the project's stages, and its commands run."""

import ast
import subprocess
import sys
from pathlib import Path

CELLS = (
    "from sklearn.linear_model import LinearRegression\n"
    "model = LinearRegression().fit([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0])",
    "print(model.predict([[4.0]]))",
)


def tasks(file: Path) -> dict[str, dict[str, object]]:
    """The tasks of a workflow, by the variable that holds each, with the arguments that are literals."""
    found = {}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            target, call = node.targets[0], node.value
            if isinstance(target, ast.Name) and ast.unparse(call.func) == "BashOperator":
                given = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
                found[target.id] = given
    return found


def edges(file: Path) -> list[str]:
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift)
    ]


def test_the_project_has_a_workflow_of_its_stages(nbmde, notebook, tmp_path: Path) -> None:
    nbmde("run", "nb2airflow", notebook(*CELLS), "-o", "project", "--set", "schedule=@weekly")
    file = tmp_path / "project" / "dags" / "trial.py"
    found = tasks(file)
    assert {name: task["task_id"] for name, task in found.items()} == {"task_1": "train", "task_2": "test"}
    assert edges(file) == ["task_1 >> task_2"]
    assert "schedule='@weekly'" in ast.unparse(ast.parse(file.read_text()))


def test_the_commands_of_the_tasks_run_in_the_project(nbmde, notebook, tmp_path: Path) -> None:
    nbmde("run", "nb2airflow", notebook(*CELLS), "-o", "project")
    project = tmp_path / "project"
    shim = project / "bin"
    shim.mkdir()
    for name, first in (("trial-train", "scripts/train.py"), ("python", "")):
        (shim / name).write_text(f'#!/bin/sh\nexec {sys.executable} {first} "$@"\n')
        (shim / name).chmod(0o755)
    for task in tasks(project / "dags" / "trial.py").values():
        command = f'PATH="{shim}:$PATH" PYTHONPATH="src:$PYTHONPATH" {task["bash_command"]}'
        done = subprocess.run(command, shell=True, cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "models" / "latest").is_dir()


def test_models_are_valid_and_a_wrong_name_is_mended(nbmde, notebook, tmp_path: Path) -> None:
    nbmde("run", "nb2airflow", notebook(*CELLS), "-o", "project")
    model = tmp_path / "project" / ".nbmde" / "project.xmi"
    nbmde("validate", model)
    model.write_text(model.read_text().replace('name="test"', 'name="the test"'))
    assert "letters, digits" in nbmde("validate", model, code=1).stderr
    assert "Put an underscore" in nbmde("validate", "--fix", model).stdout
    nbmde("generate", model, "-o", "again", "--templates", "mlproject")
    assert "'the_test'" in ast.unparse(ast.parse((tmp_path / "again" / "dags" / "trial.py").read_text()))


def test_a_line_of_the_workflow_is_traced(nbmde, notebook, tmp_path: Path) -> None:
    nbmde("run", "nb2airflow", notebook(*CELLS), "-o", "project")
    trace = (tmp_path / "project" / ".nbmde" / "mlproject.trace.xmi").read_text()
    assert 'file="dags/trial.py"' in trace
