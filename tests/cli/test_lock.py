"""`nbmde lock`: requirements are resolved, or it is said why they cannot be."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


def wheel(folder: Path, name: str, version: str, requires: str = "") -> None:
    """An empty distribution in a folder of wheels."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel(folder, "numeric", "1.9")
    wheel(folder, "numeric", "2.1")
    wheel(folder, "learner", "1.0", "numeric<2")
    wheel(folder, "checker", "3.0")
    return folder


def project(folder: Path, *requirements: str) -> Path:
    made = folder / "project"
    made.mkdir()
    lines = ["[project]", 'name = "shop"', 'version = "0.1"', 'requires-python = ">=3.11"']
    lines += [f"dependencies = {list(requirements)}", "[project.optional-dependencies]", 'dev = ["checker"]']
    (made / "pyproject.toml").write_text("\n".join(lines))
    return made


def lock(folder: Path, wheels: Path | None) -> subprocess.CompletedProcess[str]:
    offline = {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels)} if wheels else {}
    command = [str(Path(sys.executable).with_name("nbmde")), "lock", str(folder)]
    return subprocess.run(command, env={**os.environ, **offline}, capture_output=True, text=True)


def test_one_version_of_everything_is_written(tmp_path: Path, wheels: Path) -> None:
    folder = project(tmp_path, "learner", "numeric")
    run = lock(folder, wheels)
    assert run.returncode == 0, run.stderr
    lines = (folder / "requirements.lock").read_text().splitlines()
    assert [line for line in lines if "==" in line] == ["checker==3.0", "learner==1.0", "numeric==1.9"]
    assert str(tmp_path) not in "\n".join(lines)
    assert "3 distributions" in run.stdout


def test_a_second_lock_is_the_same(tmp_path: Path, wheels: Path) -> None:
    folder = project(tmp_path, "numeric")
    lock(folder, wheels)
    first = (folder / "requirements.lock").read_text()
    wheel(wheels, "numeric", "2.2")
    lock(folder, wheels)
    assert (folder / "requirements.lock").read_text() == first
    assert "numeric==2.1" in first


def test_what_does_not_fit_is_said_in_plain_words(tmp_path: Path, wheels: Path) -> None:
    folder = project(tmp_path, "learner==1.0", "numeric==2.1")
    run = lock(folder, wheels)
    assert run.returncode == 1
    assert "do not fit each other for Python 3.11: Because " in run.stderr
    assert "depends on numeric<2" in run.stderr
    assert "numeric==2.1" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert [path.name for path in folder.iterdir()] == ["pyproject.toml"]


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    run = lock(tmp_path, None)
    assert run.returncode == 1
    assert "no project in this folder" in run.stderr


def reachable() -> bool:
    try:
        socket.create_connection(("pypi.org", 443), timeout=3).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif("UV_INDEX_URL" not in os.environ and not reachable(), reason="the package index is not reachable")
def test_the_package_index_is_asked(tmp_path: Path) -> None:
    folder = project(tmp_path, "six==1.16.0")
    (folder / "pyproject.toml").write_text(
        (folder / "pyproject.toml").read_text().replace('"checker"', '"iniconfig<3"')
    )
    run = lock(folder, None)
    assert run.returncode == 0, run.stderr
    assert "six==1.16.0" in (folder / "requirements.lock").read_text()


def test_nothing_is_built_unless_it_is_asked_for(tmp_path: Path, wheels: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    ran = tmp_path / "ran"
    (source / "setup.py").write_text(f"open({str(ran)!r}, 'w')\nfrom setuptools import setup\nsetup(name='own')\n")
    folder = project(tmp_path, f"own @ file://{source}")
    run = lock(folder, wheels)
    assert not ran.exists()
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert "nbmde lock --build" in run.stderr
    pyproject = (folder / "pyproject.toml").read_text().replace("dependencies = ", 'dynamic = ["dependencies"]\nx = ')
    (folder / "pyproject.toml").write_text(pyproject)
    (folder / "setup.py").write_text((source / "setup.py").read_text())
    assert lock(folder, wheels).returncode == 1
    assert not ran.exists()
