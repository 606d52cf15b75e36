"""Extensions: what they are called, where they are, what they bring, and whether they get along with each other.

An extension is a folder that holds any of the folders that `locations` knows. It is named on the command line, or it is
the import package of an installed distribution with an entry point of the group `nbmde.extensions`, which is found
without being imported. nbmde's own things may be replaced; what two extensions both bring is an error.
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbmde.engine import locations
from nbmde.engine.errors import NbmdeError

GROUP = "nbmde.extensions"
"""The group of entry points; each is `name = "import_package"`."""


@dataclass(frozen=True)
class Part:
    """One thing that an extension brings.

    Attributes:
        kind: a key of `PARTS`.
        name: by which it is found.
        file: where it is.
    """

    kind: str
    name: str
    file: Path


@dataclass(frozen=True)
class Extension:
    """An extension.

    Attributes:
        name: of the entry point, or of the folder.
        folder: holds `metamodels/`, `transformations/` or `templates/`.
        version: of its distribution or project; None for a bare folder.
        origin: the distribution that installed it, or the folder as it was named.
    """

    name: str
    folder: Path
    version: str | None
    origin: str

    def __str__(self) -> str:
        return f"extension {self.name} ({self.folder})"

    def parts(self) -> list[Part]:
        """List the parts that it brings, kind by kind in the order of `PARTS`, each kind sorted by name."""
        found = (Part(kind, name, file) for kind, find in PARTS.items() for name, file in sorted(find(self.folder)))
        return list(found)


def installed() -> list[Extension]:
    """The extensions of installed distributions, in the order of their names.

    Raises:
        NbmdeError: for an entry point whose package is not there, and for two of the same name.
    """
    from importlib import metadata  # takes a while, and help needs none of it

    found: dict[str, Extension] = {}
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.name):
        distribution = point.dist.metadata["Name"] if point.dist else "?"
        version = point.dist.version if point.dist else None
        extension = Extension(point.name, _package_folder(point.value, distribution), version, distribution)
        known = found.setdefault(point.name, extension)
        if known.folder != extension.folder:
            reason = f"extension {point.name!r} is installed twice: by {known.origin} and by {distribution}"
            raise NbmdeError(reason, remedy="uninstall one of the two")
    return list(found.values())


def named(folder: Path) -> Extension:
    """The extension in a folder: the folder itself, or the package of the project that it holds.

    Raises:
        NbmdeError: for a folder that is neither.
    """
    folder = folder.absolute()
    if any((folder / kind).is_dir() for kind in locations.KINDS):
        return Extension(folder.name, folder, None, str(folder))
    project = folder / "pyproject.toml"
    if project.is_file():
        table = _read(project).get("project", {})
        points = table.get("entry-points", {}).get(GROUP, {})
        for name, package in points.items():
            for place in (folder / "src", folder):
                if (inside := place.joinpath(*package.split("."))).is_dir():
                    return Extension(name, inside, table.get("version"), str(folder))
    folders = ", ".join(f"{kind}/" for kind in locations.KINDS)
    remedy = f"it has {folders} of its own, or a pyproject.toml with an entry point of the group {GROUP}"
    raise NbmdeError("is not the folder of an extension", file=str(folder), remedy=remedy)


def active(folders: Iterable[Path] = ()) -> list[Extension]:
    """The installed extensions, then those in some folders; each once.

    Raises:
        NbmdeError: from `installed` and `named`, and where two extensions bring the same thing: it names both.
    """
    found: dict[Path, Extension] = {}
    for extension in (*installed(), *map(named, folders)):
        found.setdefault(extension.folder.resolve(), extension)
    _check(found.values())
    return list(found.values())


def _check(extensions: Iterable[Extension]) -> None:
    owners: dict[tuple[str, str], tuple[Extension, Part]] = {}
    for extension in extensions:
        for part in extension.parts():
            if part.kind == "constraints":
                continue  # their names are in the file, and compared where they are put together
            other, same = owners.setdefault((part.kind, part.name), (extension, part))
            if other is not extension:
                also = f"is in {other.name} too, in {same.file}"
                reason = f"{part.kind} {part.name!r} of extension {extension.name} {also}"
                raise NbmdeError(reason, file=str(part.file), remedy="rename one, or leave out one of the extensions")


# What extensions bring


def _metamodels(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in (folder / "metamodels").glob("*.ecore"):
        yield file.stem, file


def _transformations(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in (folder / "transformations").glob("*/__init__.py"):
        yield file.parent.name, file
    for file in (folder / "transformations").glob("*.py"):
        if not file.name.startswith("_"):
            yield file.stem, file


def _modules(kind: str) -> Callable[[Path], Iterator[tuple[str, Path]]]:
    def found(folder: Path) -> Iterator[tuple[str, Path]]:
        for file in (folder / "transformations" / kind).glob("*.py"):
            if not file.name.startswith("_"):
                yield file.stem, file

    return found


def _pipelines(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in (folder / "transformations").glob("*.toml"):
        yield file.stem, file


def _rows(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in (folder / "transformations" / "knowledge").glob("*.toml"):
        for section, rows in _read(file).items():
            for key in rows if isinstance(rows, dict) else [""]:
                yield f"{file.stem}.{section}.{key}".rstrip("."), file


def _generated(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in (folder / "templates").glob("*/generation.toml"):
        for row in _read(file).get("file", []) + _read(file).get("copy", []):
            yield f"{file.parent.name}/{row.get('path')} for {row.get('for')}", file


def _templates(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in (folder / "templates").rglob("*"):
        if file.is_file() and file.name not in ("generation.toml", "queries.py") and "__pycache__" not in file.parts:
            yield file.relative_to(folder / "templates").as_posix(), file


PARTS: dict[str, Callable[[Path], Iterator[tuple[str, Path]]]] = {
    "metamodel": _metamodels,
    "injector": _modules("injectors"),
    "transformation": _transformations,
    "constraints": _modules("constraints"),
    "knowledge": _rows,
    "generated file": _generated,
    "template": _templates,
    "pipeline": _pipelines,
}
"""The kinds of things that an extension brings, with what finds their names and files in its folder."""


def _package_folder(package: str, distribution: str) -> Path:
    """The folder of a package, which is not imported; nor are those around it where it is a top-level one."""
    try:
        spec = importlib.util.find_spec(package)
    except ImportError:
        spec = None
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        reason = f"its entry point {GROUP} names the package {package!r}, which is not there"
        raise NbmdeError(f"distribution {distribution}: {reason}", remedy="install it again")
    return Path(places[0])


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NbmdeError(f"not readable: {error}", file=str(file)) from error
