"""The commands of a generated project: what they print, log, write and return."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from penguin_project import write

pytestmark = pytest.mark.slow

SHOWN = "(240, 7)\n   id  Bill Length"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, python: Any) -> Path:
    """A project after training."""
    return trained(tmp_path_factory.mktemp("commands") / "penguins", "mlops", python)


def trained(folder: Path, layout: str, python: Any) -> Path:
    """Generates a project and runs its training; what that prints is in two files beside it."""
    write(folder, layout)
    done = python("scripts/train.py", cwd=folder, project=folder)
    assert done.returncode == 0, done.stderr
    (folder / "stdout.txt").write_text(done.stdout)
    (folder / "stderr.txt").write_text(done.stderr)
    return folder


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    return shutil.copytree(project, tmp_path / "copy")


def log(project: Path) -> str:
    return next(
        path for path in (project / "logs/train.log", project / "outputs/train.log") if path.exists()
    ).read_text()


def test_standard_output_is_the_notebooks_alone(project: Path) -> None:
    printed = (project / "stdout.txt").read_text()
    assert printed.startswith(SHOWN)
    assert "LogisticRegression()\naccuracy 0." in printed
    assert "begins" not in printed
    assert (project / "stderr.txt").read_text() == ""


def test_log_has_every_step(project: Path) -> None:
    steps = ("load_data", "explore", "prepare", "train_model", "evaluate")
    places = [log(project).index(f"{step} begins") for step in steps]
    assert places == sorted(places)


def test_runs_from_any_folder(project: Path, python: Any, tmp_path: Path) -> None:
    done = python(str(project / "scripts/train.py"), cwd=tmp_path, project=project)
    assert done.stdout == (project / "stdout.txt").read_text()
    assert list(tmp_path.iterdir()) == []


def test_exploration_can_be_left_out(copy: Path, python: Any) -> None:
    done = python("scripts/train.py", "--no-exploration", cwd=copy, project=copy)
    assert done.returncode == 0
    assert done.stdout.startswith(SHOWN)
    assert "std" not in done.stdout
    assert done.stdout.splitlines()[-1] == (copy / "stdout.txt").read_text().splitlines()[-1]


def test_failing_step_gives_exit_code_one_and_one_traceback(copy: Path, python: Any) -> None:
    (copy / "data/raw/penguins.csv").unlink()
    done = python("scripts/train.py", cwd=copy, project=copy)
    assert done.returncode == 1
    assert done.stderr.count("Traceback") == 1
    assert "FileNotFoundError" in done.stderr
    assert "FileNotFoundError" in log(copy)
    assert "FileNotFoundError" in (copy / "outputs/report.html").read_text()


def test_wrong_setting_is_a_usage_error(copy: Path, python: Any) -> None:
    settings = next(copy.glob("config*")) / "config.yaml"
    settings.write_text(settings.read_text() + "\nunknown: 1\n")
    done = python("scripts/train.py", cwd=copy, project=copy)
    assert done.returncode == 2
    assert "unknown" in done.stderr
    assert "Traceback" not in done.stderr


def test_logging_of_the_notebook_itself_is_left_alone(project: Path, python: Any) -> None:
    code = (
        "import logging, sys\nfrom penguins.train import main\nmain([])\nassert logging.getLogger().handlers == []\n"
        "logging.basicConfig(stream=sys.stderr)\nlogging.getLogger('mine').warning('own')"
    )
    done = python("-c", code, cwd=project, project=project)
    assert done.stderr == "WARNING:mine:own\n"


def test_environment_file_is_read_and_does_not_override(copy: Path, python: Any, monkeypatch: Any) -> None:
    (copy / ".env").write_text("# comment\nAPI_TOKEN='from file'\nOTHER=2\n")
    monkeypatch.setenv("OTHER", "1")
    code = "import os\nfrom penguins.train import main\nmain([])\nprint(os.environ['API_TOKEN'], os.environ['OTHER'])"
    assert python("-c", code, cwd=copy, project=copy).stdout.endswith("from file 1\n")


def test_file_is_scored_with_the_saved_model(project: Path, python: Any, tmp_path: Path) -> None:
    schema = json.loads(next(project.glob("models/**/schema.json")).read_text())["schema"]
    record = {column["name"]: column["typical"] for column in schema["columns"]}
    (tmp_path / "new.json").write_text(json.dumps([record, {**record, "Bill Length": 60.5, "mass_g": 5600.0}]))
    command = (str(project / "scripts/predict.py"), "--input", "new.json", "--output", "scored.csv")
    done = python(*command, cwd=tmp_path, project=project)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "scored.csv").read_text().splitlines()
    assert lines[0].endswith("prediction,probability_Adelie,probability_Gentoo")
    assert ",Gentoo," in lines[2]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("other.csv", "a,b\n1,2\n", "missing columns"),
        ("empty.json", "[]", "missing columns"),
        ("broken.json", "{", ""),
        ("text.csv", "Bill Length,mass_g,year,is_male,is_dream\nlong,1,2007,True,0\n", "Bill Length"),
        ("half.csv", "Bill Length,mass_g,year,is_male,is_dream\n1,1,2007.5,True,0\n", "whole number"),
    ],
)
def test_file_that_cannot_be_scored_is_refused(
    project: Path, python: Any, tmp_path: Path, name: str, content: str, reason: str
) -> None:
    (tmp_path / name).write_text(content)
    done = python(str(project / "scripts/predict.py"), "--input", name, cwd=tmp_path, project=project)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{name}: ")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_scoring_without_a_model_says_to_train(copy: Path, python: Any) -> None:
    shutil.rmtree(copy / "models")
    done = python("scripts/predict.py", "--input", "data/raw/penguins.csv", cwd=copy, project=copy)
    assert done.returncode == 1
    assert "train one first" in done.stderr


def test_projects_own_tests_pass_and_notice_a_change(copy: Path, python: Any) -> None:
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=copy, project=copy)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    bundle = next(copy.glob("src/penguins/**/bundle.py"))
    changes = {
        "DataFrame(values, index=records.index)": "DataFrame(values, index=records.index).iloc[::-1]",
        "inputs = _transformed(transformer, inputs)": "pass",
        "values = pd.to_numeric(values)": "values = pd.to_numeric(values) + 1",
    }
    source = bundle.read_text()
    for before, after in changes.items():
        assert before in source
        bundle.write_text(source.replace(before, after))
        done = python(
            "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/test_serving.py", cwd=copy, project=copy
        )
        assert done.returncode == 1, before


def test_basic_layout_does_the_same(project: Path, python: Any, tmp_path: Path) -> None:
    basic = trained(tmp_path / "penguins", "basic", python)
    assert (basic / "stdout.txt").read_text() == (project / "stdout.txt").read_text()
    assert (basic / "stderr.txt").read_text() == ""
    assert "evaluate ends" in log(basic)
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=basic, project=basic)
    assert done.returncode == 0, done.stdout
    assert {path.name for path in basic.iterdir()} >= {"config", "models", "outputs", "scripts", "src", "tests"}
    assert not {path.name for path in basic.iterdir()} & {"configs", "logs", "deployment", "dvc.yaml", "ci"}
