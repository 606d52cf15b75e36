"""Temporary copies of a notebook with its surroundings and of a project: nothing of the user's is changed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nbmde.errors import NbmdeError
from nbmde.inject.surroundings import Surroundings
from nbmde.m2t.files import OWN

LIMIT = 256 * 2**20  # bytes of files that are copied though the notebook does not name them
COUNT = 20_000  # files that are looked at
ABOVE = 3  # folders above the project that a relative path may lead through
_UPWARDS = re.compile(r"""(?<![\w.])\.\.(?:[\\/\s,'"]+\.\.)*(?![\w.])|(?:\.parents?\b)+""")
_UP = re.compile(r"\.\.|\.parents?\b")
SKIPPED = frozenset(("__pycache__", "node_modules", "site-packages", "venv", "env", "mlruns"))


@dataclass
class Copy:
    """A copied notebook.

    Attributes:
        notebook: the copy of the notebook's file; its folder is the working directory.
        root: the copy of the folder of the project that it belongs to.
        left_out: files that were too large together.
    """

    notebook: Path
    root: Path
    left_out: list[Path] = field(default_factory=list)


def of_notebook(path: Path, code: Iterable[str], named: Iterable[str], target: Path) -> Copy:
    """Copies a notebook with the files of its project.

    Args:
        code: of its cells: where it leads to folders above, what it mentions there is copied as well.
        named: paths of files that the notebook needs, relative to its folder: copied whatever their size.
        target: an empty folder. Inside it, the last folders above the project keep their names, so that relative paths
            that lead above the project lead to the same names and stay inside.
    """
    around = Surroundings.of(path)
    code = list(code)
    root = _root(around, code)
    mentioned = {word for source in code for word in re.findall(r"[\w.-]+", source)}
    tree = _Tree(root, around.root, mentioned)
    above = root.parts[max(1, len(root.parts) - ABOVE) :]
    copied_root = target.joinpath(*above)
    folder = copied_root / around.folder.relative_to(root)
    folder.mkdir(parents=True, exist_ok=True)
    copy = Copy(folder / path.name, copied_root)
    _copy(path, copy.notebook)
    for name in named:
        source = Path(os.path.normpath(around.folder / name))
        place = Path(os.path.normpath(folder / name))
        if place.is_relative_to(target) and source.is_file():
            _copy(source, place)
    budget = LIMIT
    for source, size in sorted(tree.files(), key=lambda item: (item[1], item[0])):
        place = copied_root / source.relative_to(root)
        if place.exists():
            continue
        budget -= size
        if budget >= 0:
            _copy(source, place)
        else:
            copy.left_out.append(source)
    for source in tree.empty_folders():
        (copied_root / source.relative_to(root)).mkdir(parents=True, exist_ok=True)
    return copy


def _root(around: Surroundings, code: Iterable[str]) -> Path:
    """The folder of the notebook's project, or one above that its code leads to; never one of several projects."""
    levels = [len(_UP.findall(match.group())) for source in code for match in _UPWARDS.finditer(source)]
    above = [around.folder, *around.folder.parents][: min(max(levels, default=0), ABOVE) + 1]
    home = Path.home()
    allowed = [folder for folder in above if folder not in (home, *home.parents) and len(folder.parts) > 1]
    return min([around.root, *allowed], key=lambda folder: len(folder.parts))


def of_project(folder: Path, written: Iterable[str], target: Path) -> Path:
    """Copies a generated project without its models.

    Args:
        written: paths of files that the project writes: left out, so that a run finds none of an earlier one.
    """
    results = {*written, "logs", "outputs"}

    def ignored(parent: str, names: list[str]) -> set[str]:
        below = Path(parent).relative_to(folder)
        left = {
            name for name in names if name in SKIPPED or name in (".git", ".venv", OWN) or name.endswith(".egg-info")
        }
        return left | {name for name in names if (below / name).as_posix() in results}

    try:
        shutil.copytree(folder, target, ignore=ignored, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise NbmdeError(f"cannot be copied: {error}", file=str(folder)) from error
    return target


@dataclass
class _Tree:
    """What is copied of the files around a notebook: no hidden folders, environments and generated projects.

    Attributes:
        top: the folder that is copied.
        root: the folder of the notebook's project, in it.
        mentioned: outside the project only files and folders of these names are copied.
    """

    top: Path
    root: Path
    mentioned: set[str]

    def files(self) -> Iterator[tuple[Path, int]]:
        """Files with their sizes."""
        count = 0
        for folder, folders, files in self._walk():
            for path in (folder / name for name in files):
                if count < COUNT and path.is_file():
                    count += 1
                    yield path, path.stat().st_size
            if count >= COUNT:
                folders.clear()

    def empty_folders(self) -> list[Path]:
        """Folders without files, into which a notebook may write."""
        return [folder for folder, folders, files in self._walk() if not folders and not files][:COUNT]

    def _walk(self) -> Iterator[tuple[Path, list[str], list[str]]]:
        for name, folders, files in os.walk(self.top):
            folder = Path(name)
            folders[:] = sorted(child for child in folders if _is_content(folder / child))
            if folder != self.root and self.root.is_relative_to(folder):
                own = {*self.mentioned, self.root.relative_to(folder).parts[0]}
                folders[:] = [child for child in folders if child in own]
                files = [child for child in files if child in own]
            yield folder, folders, sorted(files)


def _is_content(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in SKIPPED
    return not hidden and not (folder / "pyvenv.cfg").exists() and not (folder / OWN).exists()


def _copy(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)
    except OSError as error:
        raise NbmdeError(f"cannot be copied: {error.strerror}", file=str(source)) from error
