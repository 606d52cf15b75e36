"""What is generated is formatted, and its linter and strict type checker have nothing to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from penguin_project import write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[("mlops", True), ("mlops", False), ("basic", True), ("basic", False)])
def project(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    layout, service = request.param
    return write(tmp_path_factory.mktemp("style") / "penguins", layout, service)


@pytest.mark.parametrize(
    "command",
    ["ruff check .", "ruff format --check .", "mypy --no-incremental src"],
    ids=lambda command: command.split()[0],
)
def test_tool_has_nothing_to_say(project: Path, python: Any, command: str) -> None:
    done = python("-m", *command.split(), cwd=project, project=project)
    assert done.returncode == 0, done.stdout
