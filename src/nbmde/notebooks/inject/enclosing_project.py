"""Finds what lies around a notebook: the project that it belongs to, and the files there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path

_MAX_LISTED = 20_000  # files of one tree that are looked at
_MAX_DEPTH = 8  # folders below the top of a tree that is searched
_MAX_UP = 2  # folders above the notebook in which a project may be recognised without a repository around
_DATA_FOLDERS = ("data", "dataset", "datasets", "input", "inputs", "raw", "resources", "assets", "files", "models")
REPOSITORY = (".git", ".hg", ".dvc")
_PROJECT = ("data", "src", "pyproject.toml", "requirements.txt")
_SKIPPED_FOLDERS = frozenset(("__pycache__", "node_modules", "site-packages", "dist-packages", "venv", "env"))


Ask = Callable[[Path], bool]


@dataclass
class Surroundings:
    """The surroundings of a notebook.

    Attributes:
        folder: the notebook's folder, absolute.
        root: the folder of the project that it belongs to; the notebook's folder itself where nothing tells.
        others: folders outside the project that the user names: files in them come along as well.
        ask: asks the user whether a file from outside comes along.
    """

    folder: Path
    root: Path
    others: tuple[Path, ...] = ()
    ask: Ask | None = None
    _answers: dict[Path, bool] = field(default_factory=dict, repr=False)
    _listed: dict[Path, list[Path]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, path: Path, others: Iterable[Path] = (), ask: Ask | None = None) -> Surroundings:
        """The surroundings of a notebook file: the repository, or the nearest folder that looks like a project's."""
        folder = Path(os.path.abspath(path)).parent
        home, named = Path.home(), tuple(Path(os.path.abspath(other)) for other in others)
        own = [ancestor for ancestor in (folder, *folder.parents) if ancestor not in (home, *home.parents)]
        for markers, levels in ((REPOSITORY, len(own)), (_PROJECT, _MAX_UP + 1)):
            for ancestor in own[:levels]:
                if any((ancestor / marker).exists() for marker in markers):
                    return cls(folder, ancestor, named, ask)
        return cls(folder, folder, named, ask)

    def tiers(self) -> Iterator[dict[str, list[Path]]]:
        """Files by name: below the notebook's folder, in data folders above it, anywhere in the project."""
        yield self._by_name(self.folder)
        yield self._by_name(
            *(parent / name for parent in islice(self.folder.parents, _MAX_UP) for name in _DATA_FOLDERS)
        )
        yield self._project_by_name

    def named(self, name: str) -> list[Path]:
        """The files of the project that have a name."""
        return self._project_by_name.get(name, [])

    @cached_property
    def _project_by_name(self) -> dict[str, list[Path]]:
        return self._by_name(self.root)

    def _by_name(self, *tops: Path) -> dict[str, list[Path]]:
        names: dict[str, list[Path]] = {}
        for top in tops:
            for file in self.files(top) if self.inside(top) else ():
                names.setdefault(file.name, []).append(file)
        return names

    def files(self, top: Path) -> list[Path]:
        """The files below a folder in the order of their paths; none that is hidden, in an environment or linked."""
        if top not in self._listed:
            self._listed[top] = list(islice(_walk(top), _MAX_LISTED))
        return self._listed[top]

    @property
    def below(self) -> str:
        """Where the notebook's folder lies in the project: its path with forward slashes; empty for the root itself."""
        return "/".join(self.folder.relative_to(self.root).parts)

    @property
    def above(self) -> list[Path]:
        """The notebook's folder and those above it up to the root."""
        depth = len(self.folder.relative_to(self.root).parts)
        return [self.folder, *self.folder.parents[:depth]]

    def relative(self, file: Path) -> str:
        return Path(os.path.relpath(file, self.folder)).as_posix()

    def inside(self, place: Path) -> bool:
        """Whether a file or folder lies in the project, not hidden there nor in a hidden folder, links followed."""
        return _lies_in(place, self.root)

    def given(self, place: Path) -> bool:
        """Whether a file or folder lies in the project or in a folder that the user names; no link leads there."""
        if self.inside(place):
            return True
        return any(place.is_relative_to(folder) and _lies_in(place, folder) for folder in self.others)

    def wanted(self, file: Path) -> bool:
        """Whether the user, asked, wants a file from outside; never one that is hidden or that a link leads to."""
        plain = file == Path(os.path.realpath(file)) and not any(part.startswith(".") for part in file.parts)
        if self.ask is None or not plain:
            return False
        if file not in self._answers:
            self._answers[file] = self.ask(file)
        return self._answers[file]


def _lies_in(place: Path, folder: Path) -> bool:
    real, top = Path(os.path.realpath(place)), Path(os.path.realpath(folder))
    return real.is_relative_to(top) and not any(name.startswith(".") for name in real.relative_to(top).parts)


def _walk(top: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(top):
        deep = len(Path(folder).parts) - len(top.parts) >= _MAX_DEPTH
        folders[:] = [] if deep else sorted(name for name in folders if _is_content(folder, name))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def _is_content(folder: str, name: str) -> bool:
    """Whether a folder belongs to the project's content, unlike hidden ones and environments."""
    hidden = name.startswith(".") or name in _SKIPPED_FOLDERS
    return not hidden and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
