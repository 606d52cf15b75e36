"""The generated project of tests/runtime, installed in an environment of its own, and trained there."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "runtime"))

from penguin_project import write


@dataclass(frozen=True)
class Installed:
    """A project and the commands of the environment that it is installed in."""

    root: Path
    bin: Path

    def run(self, *command: str, check: bool = True, **options: object) -> subprocess.CompletedProcess[str]:
        """Runs a command of the environment in the project's folder."""
        environment = os.environ | {"PATH": f"{self.bin}:{os.environ['PATH']}", "DVC_NO_ANALYTICS": "1"}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it was generated."""
    return write(tmp_path_factory.mktemp("deployed") / "penguins")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The project, installed as its README says, with the libraries of the environment that runs the tests."""
    root = write(tmp_path_factory.mktemp("installed") / "penguins")
    venv = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    libraries = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (venv / "lib" / version / "site-packages" / "libraries.pth").write_text("\n".join(dict.fromkeys(libraries)) + "\n")
    here = Path(sys.executable).parent
    for command in ("dvc", "uvicorn", "pytest", "ruff", "mypy"):
        if (here / command).exists():
            (venv / "bin" / command).symlink_to(here / command)
    result = Installed(root, venv / "bin")
    result.run(str(venv / "bin/python"), "-m", "pip", "install", "-q", "--no-deps", "-e", ".")
    return result


@pytest.fixture(scope="session")
def trained(installed: Installed) -> Installed:
    """The installed project after its training."""
    installed.run("penguins-train")
    return installed


Json = Callable[..., tuple[int, dict[str, object]]]
