"""DVC runs the training as the pipeline file says, and again only when something has changed."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def repository(installed: Any) -> Any:
    """The installed project under git."""
    for command in (
        ["init", "-q"],
        ["config", "user.email", "a@example.org"],
        ["config", "user.name", "A"],
        ["add", "-A"],
        ["commit", "-q", "-m", "all"],
    ):
        subprocess.run(["git", *command], cwd=installed.root, check=True)
    return installed


def test_pipeline_runs_once_and_again_after_a_change(repository: Any) -> None:
    first = repository.run("dvc", "repro")
    assert "Running stage 'train'" in first.stdout + first.stderr
    assert "accuracy 0." in first.stdout
    assert (repository.root / "models/latest/bundle.pkl").is_file()
    assert (repository.root / "dvc.lock").is_file()
    assert "didn't change" in repository.run("dvc", "repro").stdout
    settings = repository.root / "configs/model_config.yaml"
    settings.write_text(settings.read_text().replace("1.0", "0.001"))
    assert "Running stage 'train'" in repository.run("dvc", "repro").stdout
    assert "up to date" in repository.run("dvc", "status").stdout


def test_git_tracks_no_secrets_data_of_runs_or_caches(repository: Any) -> None:
    tracked = repository.run("git", "ls-files").stdout.splitlines()
    assert "dvc.yaml" in tracked
    assert ".env.example" in tracked
    assert not [path for path in tracked if path == ".env" or path.startswith(("outputs/", "models/", "logs/"))]
