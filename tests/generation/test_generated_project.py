"""The generated project is Python that runs, is clean, and says what the model says."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from ruff.__main__ import find_ruff_bin

HERE = Path(__file__).parent

BASIC = {
    *("data/raw/flowers.csv", "config/config.yaml", "requirements.txt", "environment.yml", ".gitignore", "README.md"),
    *("setup.py", "pyproject.toml"),
    *(f"src/flowers/{path}.py" for path in ("__init__", "config", "state", "pipeline", "data/load_data")),
    *(f"src/flowers/{path}.py" for path in ("models/train_model", "models/evaluate_model", "utils/helpers")),
}
MLOPS = BASIC - {"config/config.yaml"} | {"configs/config.yaml", "configs/model_config.yaml", "configs/logging.yaml"}


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def tree(folder: Path) -> set[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(folder)) for path in files}


def test_the_tree_is_that_of_the_layout(folder: Path) -> None:
    wanted = {"mlops": MLOPS, "basic": BASIC}[folder.name]
    assert wanted <= tree(folder)
    other = {"mlops": "config", "basic": "configs"}[folder.name]
    assert not (folder / other).exists()
    assert (folder / "data/raw/flowers.csv").read_bytes().startswith(b"length,width,kind\n5.1")


def test_every_python_file_compiles(folder: Path) -> None:
    files = [path for path in tree(folder) if path.endswith(".py")]
    assert len(files) > 10
    for path in files:
        compile((folder / path).read_text(encoding="utf-8"), path, "exec")


def test_ruff_and_mypy_are_content(folder: Path) -> None:
    for command in (["check", "--no-cache", "."], ["format", "--no-cache", "--check", "."]):
        done = subprocess.run([find_ruff_bin(), *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(folder.parent / "mypy"), "src"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


RUN = """
from pathlib import Path
from flowers.config import load_config
from flowers.pipeline import run
import dataclasses
config = dataclasses.replace(load_config(Path(".")), exploration={exploration})
results = run(config, Path("."))
print(results.score, results.seen, results.model, len(results.rows))
"""


def test_the_pipeline_computes_what_the_fragments_say(folder: Path) -> None:
    done = python(folder, RUN.format(exploration=True))
    assert done.stdout == "6\nrows\na\na\nb\nb\nb\na\nscore 1.0 3\n1.0 6 {'threshold': 5.5} 6\n", done.stderr
    assert done.stderr == ""


def test_exploration_can_be_switched_off(folder: Path) -> None:
    done = python(folder, RUN.format(exploration=False))
    assert done.stdout == "6\nrows\nscore 1.0 3\n1.0 6 {'threshold': 5.5} 6\n", done.stderr


def test_a_string_of_several_lines_keeps_its_lines(folder: Path) -> None:
    source = (folder / "src/flowers/models/train_model.py").read_text()
    assert 'global_text = """\n  kept as it is\n"""' in source


def test_a_docstring_comes_from_title_and_prose(folder: Path) -> None:
    module = ast.parse((folder / "src/flowers/data/load_data.py").read_text())
    function = module.body[-1]
    assert isinstance(function, ast.FunctionDef)
    wanted = "Load the flowers.\n\nOne row a flower: `length` and `width` in cm.\n\n- source: the garden"
    assert ast.get_docstring(function) == wanted


def test_packaging_says_what_the_model_says(folder: Path) -> None:
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    assert project["project"]["name"] == "flowers"
    assert project["project"]["dependencies"] == ["PyYAML==6.0.3", "guess"]
    assert project["project"]["optional-dependencies"] == {"dev": ["pytest>=8"]}
    requirements = (folder / "requirements.txt").read_text()
    assert re.findall(r"^[^#\s]+", requirements, re.MULTILINE) == ["PyYAML==6.0.3", "guess"]
    assert "not verified" in requirements
    assert yaml.safe_load((folder / "environment.yml").read_text())["name"] == "flowers"


def test_the_readme_names_every_step_finding_and_section(folder: Path) -> None:
    readme = (folder / "README.md").read_text()
    assert "| Train | `models.train_model.train_model` |" in readme
    assert "Look at the data (exploration)" in readme
    assert "Cell 6, line 1: the score is on the training data." in readme
    assert "## Left out" in readme


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import sys, hashlib; sys.path.insert(0, sys.argv[1])\n"
        "import flower_project; from nbmde.engine import m2t, models, pipeline\n"
        "registry = models.Registry()\n"
        "files = pipeline.generate('mlproject', flower_project.project(registry, 'mlops'), registry)\n"
        "print([(path, hashlib.sha256(file.content).hexdigest()) for path, file in files.items()])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(HERE)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    assert "pipeline.py" in outputs.pop()


# Settings


LOAD = """
from pathlib import Path
from flowers.config import ConfigError, load_config
try:
    config = load_config(Path("."), Path({folder!r}))
    print(config)
except ConfigError as error:
    print("refused:", error)
"""


@pytest.fixture(scope="session")
def settings(folder: Path) -> dict[str, object]:
    """All settings of the project, in one mapping."""
    merged: dict[str, object] = {}
    for path in sorted((folder / ("configs" if folder.name == "mlops" else "config")).glob("*config.yaml")):
        merged |= yaml.safe_load(path.read_text())
    return merged


def load(folder: Path, tmp_path: Path, settings: object) -> str:
    (tmp_path / "config.yaml").write_text(settings if isinstance(settings, str) else yaml.safe_dump(settings))
    (tmp_path / "model_config.yaml").write_text("")
    done = python(folder, LOAD.format(folder=str(tmp_path)))
    assert done.stderr == ""
    return done.stdout


def test_settings_are_read_and_paths_are_below_the_project(folder: Path, tmp_path: Path, settings: object) -> None:
    printed = load(folder, tmp_path, settings)
    assert f"flowers_csv={str(folder / 'data/raw/flowers.csv')!r}" in printed
    assert "threshold=5.5" in printed
    assert "exploration=True" in printed


@pytest.mark.parametrize(
    ("section", "key", "value", "reason"),
    [
        ("train_model", "threshold", "high", "train_model.threshold: expected float, not 'high'"),
        ("train_model", "threshold", True, "train_model.threshold: expected float, not True"),
        ("load_flowers", "flowers_csv", 3, "load_flowers.flowers_csv: expected str, not 3"),
        ("train_model", "colour", 1, "train_model.colour: unknown setting; known here: threshold"),
        ("train_model", "threshold", None, "train_model.threshold: expected float, not None"),
        (None, "exploration", "yes please", "exploration: expected bool, not 'yes please'"),
        (None, "train_model", 3, "expected names and values, not 3"),
        (None, "nothing", {}, "nothing: unknown setting"),
    ],
)
def test_a_wrong_setting_is_named(
    folder: Path, tmp_path: Path, settings: dict[str, object], section: str | None, key: str, value: object, reason: str
) -> None:
    changed = json.loads(json.dumps(settings))
    (changed if section is None else changed[section])[key] = value
    assert f"refused: {reason}" in load(folder, tmp_path, changed) or reason in load(folder, tmp_path, changed)


def test_a_missing_setting_is_named(folder: Path, tmp_path: Path, settings: dict[str, object]) -> None:
    changed = {key: value for key, value in settings.items() if key != "exploration"}
    assert load(folder, tmp_path, changed) == "refused: exploration: setting is missing\n"


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "just text\n"])
def test_a_file_that_is_no_mapping_is_refused(folder: Path, tmp_path: Path, text: str) -> None:
    assert load(folder, tmp_path, text).startswith("refused: ")


@pytest.mark.parametrize(("written", "read"), [("6", "6.0"), ("1e-3", "0.001"), (".5", "0.5")])
def test_every_way_to_write_a_number_is_read(
    folder: Path, tmp_path: Path, settings: dict[str, object], written: str, read: str
) -> None:
    text = yaml.safe_dump(settings).replace("threshold: 5.5", f"threshold: {written}")
    assert f"threshold={read})" in load(folder, tmp_path, text)


def test_the_same_setting_in_two_files_is_refused(folder: Path, tmp_path: Path, settings: object) -> None:
    if folder.name == "basic":
        pytest.skip("has one file")
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(settings))
    (tmp_path / "model_config.yaml").write_text("train_model:\n  threshold: 1.0\n")
    done = python(folder, LOAD.format(folder=str(tmp_path)))
    assert "set in another file as well" in done.stdout


def test_generated_files_hold_no_absolute_path_and_no_time(folder: Path) -> None:
    for path in tree(folder):
        content = (folder / path).read_bytes()
        assert str(Path.home()).encode() not in content
        assert not re.search(rb"/(?:home|tmp|work)/|20\d\d-\d\d-\d\d", content), path
    manifest = json.loads((folder / ".nbmde/manifest.json").read_text())
    assert manifest["files"]["setup.py"] == hashlib.sha256((folder / "setup.py").read_bytes()).hexdigest()
