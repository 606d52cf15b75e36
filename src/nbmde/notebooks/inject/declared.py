"""The versions that a project declares: requirements files, conda environments, pyproject.toml, Pipfile."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from nbmde.notebooks.inject.enclosing_project import Surroundings
from nbmde.notebooks.inject.installed import canonical

_MAX_SIZE = 2**20
_CONDA = re.compile(r"(?:[\w-]+::)?([A-Za-z0-9][\w.-]*)\s*(?:(=)?=?([<>=!~]*[^=\s\[]*)(?:=\S+)?)?")
_CONDA_NAMES = {"pytorch": "torch", "py-xgboost": "xgboost", "matplotlib-base": "matplotlib", "pytables": "tables",
                "py-opencv": "opencv-python", "opencv": "opencv-python", "seaborn-base": "seaborn",
                "python-graphviz": "graphviz", "py-lightgbm": "lightgbm", "tensorflow-base": "tensorflow"}  # fmt: skip


@dataclass(frozen=True)
class Declaration:
    """A requirement that a file states.

    Attributes:
        name: the distribution's name as stated.
        specifier: the bounds on its version, such as `>=1.5,<2`; empty where there are none.
        file: the file, relative to the notebook's folder.
    """

    name: str
    specifier: str
    file: str


def declarations(around: Surroundings) -> dict[str, Declaration]:
    """Read the declarations of the project around a notebook, by canonical name. The file nearest to it counts."""
    found: dict[str, Declaration] = {}
    above = takewhile(lambda folder: folder != around.root.parent, (around.folder, *around.folder.parents))
    for folder in above:
        for pattern, reader in _READERS:
            for path in sorted(folder.glob(pattern)):
                for name, specifier in _read(path, reader):
                    found.setdefault(canonical(name), Declaration(name, specifier, around.relative(path)))
    return found


def _read(path: Path, reader: Callable[[Path], Iterator[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Read a file's declarations; none where it cannot be read, for it is not what is converted."""
    try:
        return list(reader(path)) if path.is_file() and path.stat().st_size <= _MAX_SIZE else []
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return []


def _text(path: Path) -> str:
    """A text file in UTF-8 or UTF-16 (what PowerShell's redirection writes)."""
    content = path.read_bytes()
    return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def _requirements(path: Path, seen: frozenset[Path] = frozenset()) -> Iterator[tuple[str, str]]:
    for line in _text(path).replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if included := re.match(r"(?:-r|--requirement)[\s=]*(\S+)", line):
            other = path.parent / included[1]
            if other not in seen and other.is_file() and len(seen) < 8:
                yield from _requirements(other, seen | {path, other})
        elif line and not line.startswith("-"):
            yield from _requirement(re.split(r"\s--?\w", line)[0])


def _requirement(text: str) -> Iterator[tuple[str, str]]:
    """A requirement as pip reads it, or as `conda list --export` writes it."""
    from packaging.requirements import InvalidRequirement, Requirement  # here: most notebooks have no such file

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        if exported := re.fullmatch(r"([\w.-]+)=([\w.]+)=\w+", text):
            yield from _conda_name(exported[1], f"=={exported[2]}")
        return
    if requirement.marker is None or requirement.marker.evaluate():
        yield requirement.name, str(requirement.specifier)


def _conda(path: Path) -> Iterator[tuple[str, str]]:
    import yaml

    for entry in yaml.safe_load(_text(path)).get("dependencies") or []:
        if isinstance(entry, dict):
            for line in entry.get("pip") or []:
                yield from _requirement(str(line))
        else:
            yield from conda_requirement(str(entry).strip())


def conda_requirement(entry: str) -> Iterator[tuple[str, str]]:
    """Name and bounds of a package as conda writes them (`numpy=1.26`); nothing where they are no package for pip."""
    if match := _CONDA.fullmatch(entry):
        yield from _conda_name(match[1], _conda_specifier(entry, match[2], (match[3] or "").strip()))


def _conda_specifier(entry: str, fuzzy: str | None, version: str) -> str:
    """Bounds of conda as bounds of pip: `=1.2` is any 1.2, `==1.2` is 1.2."""
    if not version or version == "*":
        return ""
    if not version[0].isdigit():
        return _specifier(version)
    exact = "==" in entry or entry.count("=") > 1
    return _specifier(f"=={version}" if exact or version.endswith("*") else f"=={version}.*")


def _conda_name(name: str, specifier: str) -> Iterator[tuple[str, str]]:
    if name not in ("python", "pip") and not name.startswith("_"):
        yield _CONDA_NAMES.get(name, name), specifier


def _pyproject(path: Path) -> Iterator[tuple[str, str]]:
    data = tomllib.loads(_text(path))
    project = data.get("project", {})
    groups = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    groups += data.get("dependency-groups", {}).values()
    for text in (text for group in groups for text in group if isinstance(text, str)):
        yield from _requirement(text)
    poetry = data.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    for table in tables:
        yield from _table(table)


def _pipfile(path: Path) -> Iterator[tuple[str, str]]:
    data = tomllib.loads(_text(path))
    for section in ("packages", "dev-packages"):
        yield from _table(data.get(section, {}))


def _table(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A table of names and versions, as Poetry and Pipenv write it."""
    for name, value in table.items():
        version = value.get("version", "") if isinstance(value, dict) else value
        if name != "python" and isinstance(version, str):
            yield name, _specifier(",".join(_poetry_bound(bound.strip()) for bound in version.split(",")))


def _poetry_bound(bound: str) -> str:
    """One bound of Poetry as a bound of pip: `^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`, `1.2` is `==1.2`."""
    if bound in ("", "*"):
        return ""
    from packaging.version import InvalidVersion, Version

    if bound[0] not in "^~" or bound.startswith("~="):
        return f"=={bound}" if bound[0].isdigit() else bound
    try:
        release = Version(bound[1:]).release
    except InvalidVersion:
        return ""
    fixed = next((i for i, part in enumerate(release) if part), len(release) - 1) if bound[0] == "^" else 0
    fixed = min(1, len(release) - 1) if bound[0] == "~" else fixed
    upper = ".".join(str(part) for part in (*release[:fixed], release[fixed] + 1))
    return f">={bound[1:]},<{upper}"


def _specifier(text: str) -> str:
    """Bounds in the form of PEP 440; none where they are not."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(text.strip(",")))
    except InvalidSpecifier:
        return ""


_READERS: tuple[tuple[str, Callable[[Path], Iterator[tuple[str, str]]]], ...] = (
    ("requirements*.txt", _requirements),
    ("environment*.y*ml", _conda),
    ("conda*.y*ml", _conda),
    ("pyproject.toml", _pyproject),
    ("Pipfile", _pipfile),
)
