"""Temporary copies of a notebook with its surroundings and of a project: nothing of the user's is changed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from nbmde.engine import m2t
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import OWN
from nbmde.notebooks.inject.enclosing_project import REPOSITORY, Surroundings

LIMIT = 256 * 2**20  # bytes of files that are copied though the notebook does not name them
COUNT = 20_000  # files that are looked at
NAMED = 3  # files that are named of those that were left out
ABOVE = 3  # folders above the project that a relative path may lead through
_UPWARDS = re.compile(
    r"""(?<![\w.])\.\.(?:[\\/\s,'"]+\.\.)*(?![\w.])|\.parents\[\d\]|(?:\.parents?\b)+"""
    r"""|(?:\bdirname\(\s*(?:[\w.]+\.)?)+|\bpardir\b"""
)
_UP = re.compile(r"\.\.|\.parents?\b|\bdirname\b|\bpardir\b")
RESULTS = ("logs", "outputs")  # folders of a generated project that a run writes
SKIPPED = frozenset(("__pycache__", "node_modules", "site-packages", "venv", "env", "mlruns"))


@dataclass
class Copy:
    """A copied notebook.

    Attributes:
        notebook: the copy of the notebook's file; its folder is the working directory.
        root: the copy of the folder of the project that it belongs to.
        left_out: files that were too large together, from that folder.
        cut: there are more files than are looked at.
    """

    notebook: Path
    root: Path
    left_out: list[str] = field(default_factory=list)
    cut: bool = False

    def missing(self) -> str:
        """Tell a person which files around the notebook its copy lacks; empty where all is there."""
        told = []
        if self.left_out:
            some = ", ".join(self.left_out[:NAMED]) + ", ..." * (len(self.left_out) > NAMED)
            told.append(f"{len(self.left_out)} files around the notebook were too large to be copied: {some}")
        if self.cut:
            told.append(f"only {COUNT} files around the notebook were copied")
        return "; ".join(told)


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
    tree = _Tree(root, around.root, around.folder, mentioned)
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
    own = around.root
    for source, size in sorted(tree.files(), key=lambda item: (not item[0].is_relative_to(own), item[1], item[0])):
        below = source.relative_to(root)
        if (copied_root / below).exists():
            continue
        budget -= size
        if budget >= 0:
            _copy(source, copied_root / below)
        else:
            copy.left_out.append(below.as_posix())
    copy.cut = tree.cut
    for source in tree.empty_folders():
        (copied_root / source.relative_to(root)).mkdir(parents=True, exist_ok=True)
    _mark(around.root, copied_root / around.root.relative_to(root))
    return copy


def _mark(folder: Path, copied: Path) -> None:
    """Makes what code finds a repository by, as where it searches upwards for one; nothing of what is in there."""
    for marker in REPOSITORY:
        if (folder / marker).is_dir():
            (copied / marker).mkdir(parents=True, exist_ok=True)
        elif (folder / marker).exists():
            (copied / marker).touch()


def _root(around: Surroundings, code: Iterable[str]) -> Path:
    """The folder of the notebook's project, or one above that its code leads to: it may need what it names there."""
    levels = [_levels(match.group()) for source in code for match in _UPWARDS.finditer(source)]
    above = [around.folder, *around.folder.parents][: min(max(levels, default=0), ABOVE) + 1]
    home = Path.home()
    allowed = [folder for folder in above if folder not in (home, *home.parents) and len(folder.parts) > 1]
    return min([around.root, *allowed], key=lambda folder: len(folder.parts))


def _levels(text: str) -> int:
    """How many folders up a passage of code leads that `_UPWARDS` finds: `..`, `.parent`, `.parents[2]`, `dirname(`."""
    return int(text[-2]) + 1 if text.endswith("]") else len(_UP.findall(text))


def of_project(folder: Path, written: Iterable[str], target: Path) -> Path:
    """Copies a generated project without its models.

    Args:
        written: paths of files that the project writes: left out, so that a run finds none of an earlier one.
    """
    results = {*written, *RESULTS}

    def ignored(parent: str, names: list[str]) -> set[str]:
        below = Path(parent).relative_to(folder)
        top = SKIPPED if below == Path() else ("__pycache__",)
        left = {
            name
            for name in names
            if name in (".git", ".venv", OWN, *top) or name.endswith(".egg-info") or _is_environment(Path(parent, name))
        }
        return left | {name for name in names if (below / name).as_posix() in results}

    try:
        shutil.copytree(folder, target, ignore=ignored, dirs_exist_ok=True)
    except (OSError, shutil.Error) as error:
        raise NbmdeError(f"cannot be copied: {error}", file=str(folder)) from error
    _mark(folder, target)
    return target


def _is_environment(folder: Path) -> bool:
    """Whether Python's packages are installed in a folder."""
    return any((folder / name).exists() for name in ("pyvenv.cfg", "conda-meta"))


@dataclass
class _Tree:
    """The files around a notebook that are copied: no hidden folders, environments and generated projects.

    Attributes:
        top: the folder that is copied.
        root: the folder of the notebook's project, in it.
        notebook: the notebook's folder.
        mentioned: outside the project only files and folders of these names are copied.
        cut: there are more files than are looked at.
    """

    top: Path
    root: Path
    notebook: Path
    mentioned: set[str]
    cut: bool = False

    def files(self) -> Iterator[tuple[Path, int]]:
        """Files with their sizes."""
        count = 0
        for folder, _, files in self._walk():
            for path in (folder / name for name in files):
                if (size := _size(path)) is not None:
                    if count == COUNT:
                        self.cut = True
                        return
                    count += 1
                    yield path, size

    def empty_folders(self) -> list[Path]:
        """Folders without files, into which a notebook may write."""
        walked = islice(self._walk(), COUNT)
        without = [folder for folder, folders, files in walked if not folders and not files]
        return [folder for folder in without if not any(path.is_file() for path in folder.iterdir())]

    def _walk(self) -> Iterator[tuple[Path, list[str], list[str]]]:
        """As `os.walk`; what links lead to as well."""
        generated: set[Path] = set()
        for name, folders, files in os.walk(self.top, followlinks=True):
            folder = Path(name)
            if (folder / OWN).exists():  # the notebook lies in a project that was generated
                generated |= {folder / path for path in (*m2t.generated_files(folder), *RESULTS)}
            folders[:] = sorted(child for child in folders if self._is_content(folder / child, generated))
            files = sorted(child for child in files if folder / child not in generated)
            if folder != self.root and self.root.is_relative_to(folder):
                own = {*self.mentioned, self.root.relative_to(folder).parts[0]}
                folders[:] = [child for child in folders if child in own]
                files = [child for child in files if child in own]
            yield folder, folders, files

    def _is_content(self, folder: Path, generated: set[Path]) -> bool:
        if self.notebook.is_relative_to(folder):
            return True
        hidden = folder.name.startswith(".") or folder.name in SKIPPED or folder in generated
        return not (hidden or _is_environment(folder) or (folder / OWN).exists() or _leads_up(folder))


def _size(path: Path) -> int | None:
    """How many bytes a file has; None where it is no file, or gone meanwhile."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _leads_up(folder: Path) -> bool:
    """Whether a folder is a link to one that it lies in."""
    return folder.is_symlink() and os.path.realpath(folder) in map(os.path.realpath, folder.parents)


def _copy(source: Path, target: Path) -> None:
    """Copies a file; not one that is gone meanwhile or may not be read, which the notebook could not read either."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)
    except OSError as error:
        if Path(error.filename or "") == source and isinstance(error, (FileNotFoundError, PermissionError)):
            return
        raise NbmdeError(f"cannot be copied: {error.strerror}", file=str(source)) from error
