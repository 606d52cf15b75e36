"""Temporary copies of a notebook with its surroundings and of a project: nothing of the user's is changed."""

from __future__ import annotations

import os
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


def of_notebook(path: Path, named: Iterable[str], target: Path) -> Copy:
    """Copies a notebook with the files of its project.

    Args:
        named: paths of files that the notebook needs, relative to its folder: copied whatever their size.
        target: an empty folder. Inside it, the last folders above the project keep their names, so that relative paths
            that lead above the project lead to the same names and stay inside.
    """
    around = Surroundings.of(path)
    above = around.root.parts[max(1, len(around.root.parts) - ABOVE) :]
    copied_root = target.joinpath(*above)
    folder = copied_root / around.folder.relative_to(around.root)
    folder.mkdir(parents=True, exist_ok=True)
    copy = Copy(folder / path.name, copied_root)
    _copy(path, copy.notebook)
    for name in named:
        source = Path(os.path.normpath(around.folder / name))
        place = Path(os.path.normpath(folder / name))
        if place.is_relative_to(target) and source.is_file():
            _copy(source, place)
    budget = LIMIT
    for source, size in sorted(_files(around.root), key=lambda item: (item[1], item[0])):
        place = copied_root / source.relative_to(around.root)
        if place.exists():
            continue
        budget -= size
        if budget >= 0:
            _copy(source, place)
        else:
            copy.left_out.append(source)
    for source in _empty_folders(around.root):
        (copied_root / source.relative_to(around.root)).mkdir(parents=True, exist_ok=True)
    return copy


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


def _files(root: Path) -> Iterator[tuple[Path, int]]:
    """Files of a project with their sizes, without hidden folders, environments and generated projects."""
    count = 0
    for folder, folders, files in _walk(root):
        for name in files:
            path = Path(folder, name)
            if count < COUNT and path.is_file():
                count += 1
                yield path, path.stat().st_size
        if count >= COUNT:
            folders.clear()


def _empty_folders(root: Path) -> list[Path]:
    """Folders without files, into which a notebook may write."""
    return [Path(folder) for folder, folders, files in _walk(root) if not folders and not files][:COUNT]


def _walk(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if _is_content(Path(folder, name)))
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
