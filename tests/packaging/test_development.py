"""What developers and their continuous integration start from: pinned versions, workflows, hooks."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"([\w.-]+)==([^\s;]+)(?: ; ([^\\]+))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")


def _tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_each_distribution_is_pinned_with_hashes_and_without_an_index() -> None:
    text = (ROOT / "development.txt").read_text(encoding="utf-8")
    rest = PINNED.sub("", text)
    assert all(line.startswith("#") for line in rest.splitlines()), rest
    assert "://" not in text


def test_pinned_is_what_nbmde_and_its_tests_ask_for() -> None:
    with open(ROOT / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    asked = [
        Requirement(line) for line in (*project["dependencies"], *extras["test"], *extras["lock"], *extras["examples"])
    ]
    pinned: dict[str, list[str]] = {}
    for name, version, _, _ in PINNED.findall((ROOT / "development.txt").read_text(encoding="utf-8")):
        pinned.setdefault(canonicalize_name(name), []).append(version)
    for requirement in asked:
        if requirement.name != project["name"]:
            versions = pinned.get(canonicalize_name(requirement.name), [])
            assert versions, f"{requirement.name} is not in development.txt: make pins"
            assert all(requirement.specifier.contains(version, prereleases=True) for version in versions), requirement


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_well_formed_and_safe(workflow: Path) -> None:
    checked = _tool("actionlint", str(workflow))
    assert checked.returncode == 0, checked.stdout
    secure = _tool("zizmor", "--offline", "--quiet", "--pedantic", str(workflow))
    assert secure.returncode == 0, secure.stdout
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"].values()
    used = [step["uses"] for job in jobs for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.search("@[0-9a-f]{40}$", action) for action in used)


def test_continuous_integration_tries_each_version_that_is_supported() -> None:
    with open(ROOT / "pyproject.toml", "rb") as file:
        supported = Requirement(f"python{tomllib.load(file)['project']['requires-python']}").specifier
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    tried = jobs["test"]["strategy"]["matrix"]["python-version"]
    assert tried == [f"3.{minor}" for minor in range(30) if supported.contains(f"3.{minor}")]


def test_hooks_are_those_that_pre_commit_knows() -> None:
    done = _tool("pre-commit", "validate-config", ".pre-commit-config.yaml")
    assert done.returncode == 0, done.stdout
