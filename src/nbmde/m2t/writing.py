"""Writes a generated project whole or not at all, and never over what a person changed.

A new folder is filled beside its place and then renamed. In a folder that was generated before, new files are staged,
then each takes the place of the old one, which is put aside; when that fails, or was interrupted in an earlier run, the
old ones are put back. What was generated is known by the hashes in the manifest; three versions of a file are compared:

    generated before = on disk            replaced by the new one
    generated before = new one            what is on disk stays: only the person changed it
    all three differ                      a conflict: refused, or kept as it is on request
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbmde.errors import NbmdeError
from nbmde.m2t.files import OWN, File, checked_path

MANIFEST = f"{OWN}/manifest.json"
_PENDING = f"{OWN}/pending"
_JOURNAL = f"{_PENDING}/journal.json"
_LISTED = 10  # files named in a message


@dataclass(frozen=True)
class Written:
    """What became of the files: paths below the folder.

    Attributes:
        written: new or replaced.
        unchanged: as they were.
        kept: as a person changed them; what was generated for them was left out.
        removed: generated before, and no longer.
    """

    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def write(
    files: Mapping[str, File], directory: Path, *, keep_edited: bool = False, sources: Collection[Path] = ()
) -> Written:
    """Write files below a folder, with a manifest of their hashes.

    Args:
        files: by path below the folder.
        directory: does not exist, or is empty, or was written by this function.
        keep_edited: leave files that a person changed as they are, where otherwise the whole is refused.
        sources: files in the folder that the new ones were made from, which may be replaced though they were changed.

    Raises:
        NbmdeError: for a folder that is not ours, files that a person changed, or a disk that does not take the files.
            The folder is then as it was.
    """
    for path in files:
        checked_path(path)
    try:
        if directory.is_symlink() or directory.exists():
            return _update(files, directory, keep_edited, frozenset(source.resolve() for source in sources))
        return _create(files, directory)
    except OSError as error:
        place = error.filename2 or error.filename or directory
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(place)) from error


def _create(files: Mapping[str, File], directory: Path) -> Written:
    beside = directory.parent / f".{directory.name}.nbmde-{os.getpid()}"
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        for path, file in files.items():
            _put(beside / path, file)
        _put(beside / MANIFEST, _manifest(files))
        beside.rename(directory)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Written(written=tuple(files))


def _update(files: Mapping[str, File], directory: Path, keep_edited: bool, sources: frozenset[Path]) -> Written:
    if not directory.is_dir():
        raise NbmdeError("is no folder", file=str(directory), remedy="choose another place")
    _recover(directory)
    before = _generated_before(directory)
    written, unchanged, kept, conflicts = [], [], [], []
    for path, file in files.items():
        target = directory / path
        _check_inside(target, directory)
        disk, new = _hash_on_disk(target), _hash(file.content)
        if disk == new:
            unchanged.append(path)
        elif disk in (None, before.get(path)) or target.resolve() in sources:
            written.append(path)
        elif before.get(path) == new:
            kept.append(path)
        else:
            conflicts.append(path)
    if conflicts and not keep_edited:
        more = f" and {len(conflicts) - _LISTED} more" if conflicts[_LISTED:] else ""
        listed = ", ".join(conflicts[:_LISTED]) + more
        raise NbmdeError(
            f"these files were changed since they were generated: {listed}",
            file=str(directory),
            remedy="--keep-edited leaves them as they are; or generate into another folder and merge",
        )
    gone = {path: _hash_on_disk(directory / path) for path in before if path not in files}
    removed = [path for path, disk in gone.items() if disk == before[path]]
    kept += conflicts + [path for path, disk in gone.items() if disk not in (None, before[path])]
    _commit({path: files[path] for path in written} | {MANIFEST: _manifest(files)}, removed, directory)
    for path in unchanged:
        _set_mode(directory / path, files[path])
    return Written(tuple(written), tuple(unchanged), tuple(sorted(kept)), tuple(removed))


def _generated_before(directory: Path) -> dict[str, str]:
    """Hash by path, from the manifest; empty for an empty folder."""
    manifest = directory / MANIFEST
    if not manifest.exists():
        if any(directory.iterdir()):
            reason = "is not empty, and was not generated by nbmde"
            raise NbmdeError(reason, file=str(directory), remedy="choose another folder")
        return {}
    try:
        hashes = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return {checked_path(path): str(digest) for path, digest in hashes.items()}
    except (ValueError, KeyError, TypeError, AttributeError, NbmdeError) as error:
        reason = f"not the manifest that nbmde wrote: {error}"
        raise NbmdeError(reason, file=str(manifest), remedy="restore it, or generate into another folder") from error


def _commit(files: Mapping[str, File], removed: list[str], directory: Path) -> None:
    """Put staged files in their places, and old ones aside; all of them or none."""
    new, old = directory / _PENDING / "new", directory / _PENDING / "old"
    try:
        for path, file in files.items():
            _put(new / path, file)
        _put(directory / _JOURNAL, File(json.dumps({"put": [*files], "remove": removed}).encode()))
        for path in [*files, *removed]:
            target, aside = directory / path, old / path
            aside.parent.mkdir(parents=True, exist_ok=True)
            if target.is_symlink() or target.exists():
                target.replace(aside)
            if path in files:
                target.parent.mkdir(parents=True, exist_ok=True)
                (new / path).replace(target)
    except BaseException:
        _recover(directory)
        raise
    (directory / _JOURNAL).unlink()  # from here on the new files are the project
    shutil.rmtree(directory / _PENDING)
    for path in removed:
        _remove_empty(directory / path, directory)


def _recover(directory: Path) -> None:
    """Put everything back that an interrupted commit had moved."""
    pending, journal = directory / _PENDING, directory / _JOURNAL
    if not pending.is_dir():
        return
    if journal.is_file():
        try:
            plan = json.loads(journal.read_text(encoding="utf-8"))
        except ValueError:  # written in part: nothing had been moved
            plan = {"put": [], "remove": []}
        for path in map(checked_path, plan["put"] + plan["remove"]):
            target, aside = directory / path, pending / "old" / path
            if aside.is_symlink() or aside.exists():
                aside.replace(target)
            elif path in plan["put"]:
                if not (pending / "new" / path).exists():
                    target.unlink(missing_ok=True)
                _remove_empty(target, directory)
    shutil.rmtree(pending)
    _remove_empty(pending, directory)


def _put(target: Path, file: File) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(file.content)
    _set_mode(target, file)


def _set_mode(target: Path, file: File) -> None:
    mode = target.stat().st_mode
    wanted = mode | (mode & 0o444) >> 2 if file.executable else mode
    if wanted != mode:
        target.chmod(wanted)


def _remove_empty(path: Path, directory: Path) -> None:
    """Remove the folders above a path, below a directory, that are empty."""
    with suppress(OSError):
        for parent in path.parents:
            if parent == directory:
                break
            parent.rmdir()


def _check_inside(target: Path, directory: Path) -> None:
    if not target.parent.resolve().is_relative_to(directory.resolve()):
        reason = "leads out of the project through a link"
        raise NbmdeError(reason, file=str(target), remedy="generate into another folder")


def _manifest(files: Mapping[str, File]) -> File:
    hashes = {path: _hash(file.content) for path, file in sorted(files.items())}
    return File((json.dumps({"generator": "nbmde", "files": hashes}, indent=1) + "\n").encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hash_on_disk(path: Path) -> str | None:
    """Hash of a file; None if there is nothing; of a folder or link something that no file has."""
    if path.is_symlink() or path.is_dir():
        return "no file"
    return _hash(path.read_bytes()) if path.exists() else None
