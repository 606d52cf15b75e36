"""The deployment files are what their tools accept, and a file exists only where it has something to say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from penguin_project import write


def tool(name: str) -> str:
    """A command of the environment that runs the tests."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} is not installed: pip install 'nbmde[test]'"
    return found


@pytest.fixture(scope="module", params=["service", "training"])
def variant(request: Any, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with a service, and without."""
    if request.param == "service":
        return project
    return write(tmp_path_factory.mktemp("without") / "penguins", service=False)


def test_workflow_is_accepted_by_actionlint(variant: Path) -> None:
    done = subprocess.run(
        [tool("actionlint"), "-shellcheck=", "-pyflakes=", str(variant / ".github/workflows/ci.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_zizmor_has_nothing_to_say_about_the_workflow(variant: Path) -> None:
    done = subprocess.run(
        [tool("zizmor"), "--offline", "--no-progress", str(variant / ".github/workflows/ci.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_bandit_has_nothing_to_say_about_the_code(variant: Path) -> None:
    """Other than what a comment explains."""
    done = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-r", str(variant / "src"), str(variant / "scripts")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_workflow_is_the_same_where_people_look(variant: Path) -> None:
    assert (variant / "ci/github_actions.yml").read_bytes() == (variant / ".github/workflows/ci.yml").read_bytes()


def test_workflow_has_few_rights_and_pinned_actions(variant: Path) -> None:
    workflow = yaml.safe_load((variant / ".github/workflows/ci.yml").read_text())
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(re.search("@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)
    runs = [step["run"] for step in steps if "run" in step]
    assert [run.split()[0] for run in runs] == ["python", "ruff", "mypy", "pytest", "python"]


def test_dockerfile_is_accepted_by_hadolint(variant: Path) -> None:
    done = subprocess.run(
        [tool("hadolint"), str(variant / "deployment/docker/Dockerfile")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_image_runs_without_rights(variant: Path) -> None:
    lines = (variant / "deployment/docker/Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users == ["USER 10001:10001"]
    assert not any("latest" in line for line in lines if line.startswith("FROM "))


def test_image_holds_what_the_dockerfile_copies(variant: Path) -> None:
    lines = (variant / "deployment/docker/Dockerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    allowed = {line[1:] for line in (variant / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {path for paths in copied for path in paths} <= allowed
    written_by_training = {"models/latest"}
    assert all((variant / path).exists() for path in allowed - written_by_training)


def test_compose_file_serves_with_a_read_only_file_system(project: Path) -> None:
    compose = yaml.safe_load((project / "deployment/docker/compose.yaml").read_text())
    api = compose["services"]["api"]
    assert api["read_only"] is True
    assert api["cap_drop"] == ["ALL"]
    folder = (project / "deployment/docker" / api["build"]["context"]).resolve()
    assert folder == project.resolve()
    assert (folder / api["build"]["dockerfile"]).is_file()


def test_image_of_the_service_leaves_out_what_only_draws(project: Path) -> None:
    lines = (project / "deployment/docker/requirements.txt").read_text().split()
    assert {"scikit-learn", "cloudpickle", "fastapi", "uvicorn"} <= set(lines)
    assert not {"matplotlib", "ipython", "pytest"} & set(lines)


def test_secrets_are_named_and_never_given(project: Path) -> None:
    assert "\nAPI_TOKEN=\n" in (project / ".env.example").read_text()
    assert ".env" in (project / ".gitignore").read_text().splitlines()
    assert "${{ secrets.API_TOKEN }}" in (project / ".github/workflows/ci.yml").read_text()


def test_project_without_service_has_no_service_files(tmp_path: Path) -> None:
    project = write(tmp_path / "penguins", service=False)
    names = {path.name for path in project.rglob("*")}
    assert not names & {"app.py", "bundle.py", "serve_model.py", "fastapi", "drift.py", "test_serving.py"}
    assert "scripts/train.py" in (project / "deployment/docker/Dockerfile").read_text()


def test_basic_layout_has_no_deployment(tmp_path: Path) -> None:
    project = write(tmp_path / "penguins", layout="basic")
    assert not {path.name for path in project.iterdir()} & {"deployment", "dvc.yaml", ".dvc", ".dockerignore", "ci"}
