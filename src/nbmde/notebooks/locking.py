"""Resolves the requirements of a generated project: one version of everything that is installed, or why there is none.

The resolver is uv, which asks the package index. Nothing else that nbmde does uses the network.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from importlib.util import find_spec
from pathlib import Path

from nbmde.engine.errors import NbmdeError

LOCK = "requirements.lock"
"""The file that is written, in the format of requirements files."""
_DECLARES = "pyproject.toml"
_HEAD = "# Made by `nbmde lock`: what `pip install -r requirements.lock` installs.\n"
_UNREACHABLE = re.compile(r"error sending request|failed to fetch|dns error|network|timed? ?out|connect", re.IGNORECASE)
_UNSOLVED = re.compile(r"No solution found when resolving dependencies[^:]*:? (?:cause: )?")
_NOT_BUILT = re.compile(r"building (?:from source|source distributions)[^.]{0,200} is disabled", re.IGNORECASE)
_DRAWING = re.compile(r"[│╰├─▶×]+")
_MOST = 3000  # characters of an explanation


def lock(project: Path, *, python: str = "", upgrade: bool = False, build: bool = False) -> Path:
    """Resolves what a project declares, with all its optional groups, and writes the lock.

    Args:
        project: the project's folder.
        python: version of Python to resolve for; by default the lowest that the project allows.
        upgrade: take the newest versions instead of those of an earlier lock.
        build: build what is there as source alone, to learn what it needs; this runs code of its authors.

    Returns:
        The file that was written.

    Raises:
        NbmdeError: uv is not installed, the index cannot be reached, or the requirements do not fit each other.
    """
    declared = project / _DECLARES
    python = python or _lowest_python(declared)
    target = project / LOCK
    made = target.with_name(f".{LOCK}.{os.getpid()}")
    if target.is_file():
        shutil.copyfile(target, made)
    command = [_uv(), "pip", "compile", _DECLARES, "--all-extras", "--python-version", python, "--no-header"]
    command += [] if build else ["--no-build"]
    command += ["--output-file", made.name, "--color", "never", *(["--upgrade"] if upgrade else [])]
    environment = {**os.environ, "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never"}
    try:
        run = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
        if run.returncode:
            raise _explained(run.stderr, declared, python)
        text = made.read_text(encoding="utf-8").removeprefix(_HEAD)
        made.write_text(_HEAD + text, encoding="utf-8")
        made.replace(target)
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror or error}", file=str(target)) from error
    finally:
        made.unlink(missing_ok=True)
    return target


def pinned(path: Path) -> list[str]:
    """The distributions in a lock, each with its version."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split(" ")[0] for line in lines if re.match(r"[A-Za-z0-9]", line)]


def _lowest_python(declared: Path) -> str:
    try:
        project = tomllib.loads(declared.read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError) as error:
        reason = f"there is no project in this folder: {_DECLARES} cannot be read: {error}"
        raise NbmdeError(reason, file=str(declared), remedy="name the folder of a generated project") from error
    match = re.search(r">=\s*([\d.]+)", str(project.get("requires-python", "")))
    return match[1] if match else "3.11"


def _uv() -> str:
    if find_spec("uv") is not None:
        from uv import find_uv_bin

        return str(find_uv_bin())
    if (found := shutil.which("uv")) is not None:
        return found
    raise NbmdeError("uv is not installed, which resolves requirements", remedy="pip install 'nbmde[lock]'")


def _explained(message: str, declared: Path, python: str) -> NbmdeError:
    """Make the error that says in one line what the resolver says."""
    text = " ".join(_DRAWING.sub(" ", message).split())
    if _NOT_BUILT.search(text):
        remedy = "nbmde lock --build runs its code to learn what it needs, as its installation does"
        return NbmdeError(f"something is not there as a wheel: {text[:_MOST]}", file=str(declared), remedy=remedy)
    if found := _UNSOLVED.search(text):
        why = text[found.end() :].partition(" hint: ")[0][:_MOST].rstrip(".")
        reason = f"the requirements do not fit each other for Python {python}: {why}"
        remedy = (
            f"loosen one of these bounds in {_DECLARES}, or convert with --python of an environment that has them all"
        )
        return NbmdeError(reason, file=str(declared), remedy=remedy)
    if _UNREACHABLE.search(text):
        return NbmdeError(f"the package index cannot be reached: {text[:_MOST]}", remedy="try again with a connection")
    return NbmdeError(f"uv cannot resolve the requirements: {text[:_MOST]}", file=str(declared))
