"""Writes a generated project whole or not at all, and never over what a person changed.

A new folder is filled beside its place and then renamed. In a folder that was generated before, new files are staged,
then each takes the place of the old one, which is put aside; when that fails, or was interrupted in an earlier run, the
old ones are put back, but for a file that a person changed since then. What was generated is known by the hashes in the
manifest; three versions of a file are compared:

    generated before = on disk            replaced by the new one
    generated before = new one            what is on disk stays: only the person changed it
    all three differ                      a conflict: refused, or kept as it is on request
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import ORIGIN, OWN, File, Origin, checked_path
from nbmde.engine.m2t.lock import sole_writer, staged

MANIFEST = f"{OWN}/manifest.json"
_PENDING = f"{OWN}/pending"
_JOURNAL = f"{_PENDING}/journal.json"
_LISTED = 10  # files named in a message


@dataclass(frozen=True)
class Written:
    """The outcome for each file: paths below the folder.

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
    files: Mapping[str, File],
    directory: Path,
    *,
    keep_edited: bool = False,
    replace: bool = False,
    sources: Collection[Path] = (),
) -> Written:
    """Write files below a folder, with a manifest of their hashes.

    Args:
        files: by path below the folder.
        directory: does not exist, or is empty, or was written by this function.
        keep_edited: leave files that a person changed as they are, where otherwise the whole is refused.
        replace: a project that was generated from something else gives way to this one.
        sources: files in the folder that the new ones were made from, which may be replaced though they were changed.

    Raises:
        NbmdeError: for a folder that is not ours, files that a person changed, a project of another origin, another
            process that writes there, or a disk that does not take the files. The folder is then as it was.
    """
    for path in files:
        checked_path(path)
    try:
        with sole_writer(directory):
            if directory.is_symlink() or directory.exists():
                if not replace:
                    _check_origin(files, directory)
                return _update(files, directory, keep_edited, frozenset(source.resolve() for source in sources))
            return _create(files, directory)
    except OSError as error:
        place = error.filename2 or error.filename or directory
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(place)) from error


def _create(files: Mapping[str, File], directory: Path) -> Written:
    beside = staged(directory)
    try:
        for path, file in files.items():
            put(beside / path, file)
        put(beside / MANIFEST, _manifest(files))
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


def _check_origin(files: Mapping[str, File], directory: Path) -> None:
    """Refuse to replace a project that was generated from something else."""
    place = directory / ORIGIN
    if ORIGIN not in files or not place.is_file():
        return
    ours = Origin.read(files[ORIGIN].content)
    theirs = Origin.read(place.read_bytes())
    if ours is not None and theirs is not None and not ours.same(theirs):
        other = f"the {theirs.name}" if theirs.name != ours.name else f"another {theirs.name}"
        reason = f"holds the project of {other}, not of this {ours.name}"
        remedy = "choose another folder; --replace puts the new project in its place"
        raise NbmdeError(reason, file=str(directory), remedy=remedy)


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
            put(new / path, file)
        hashes = {path: _hash(files[path].content) if path in files else None for path in [*files, *removed]}
        put(directory / _JOURNAL, File(json.dumps(hashes).encode()))
        for path in hashes:
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
    """Put everything back that an interrupted commit had moved; what is no version of the commit's own stays."""
    pending, journal = directory / _PENDING, directory / _JOURNAL
    if not pending.is_dir():
        return
    for path, new in _planned(journal).items():
        target, aside = directory / path, pending / "old" / path
        if _hash_on_disk(target) in (None, new):  # nothing, or what the commit put there
            if aside.is_symlink() or aside.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                aside.replace(target)
            elif not (pending / "new" / path).exists():  # it was new, and in its place already
                target.unlink(missing_ok=True)
        _remove_empty(target, directory)
    journal.unlink(missing_ok=True)
    shutil.rmtree(pending)
    _remove_empty(pending, directory)


def _planned(journal: Path) -> dict[str, str | None]:
    """Read what a commit was about to do: the hash of each file that it puts in place; None for one that it removes."""
    try:
        plan = json.loads(journal.read_text(encoding="utf-8"))
        return {checked_path(path): None if digest is None else str(digest) for path, digest in plan.items()}
    except (FileNotFoundError, ValueError):  # not written, or in part: nothing had been moved
        return {}
    except (AttributeError, TypeError, NbmdeError) as error:
        reason = f"not the journal that nbmde wrote: {error}"
        raise NbmdeError(reason, file=str(journal), remedy=f"remove {journal.parent.name}/ beside it") from error


def put(target: Path, file: File) -> None:
    """Write a file, and the folders above it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.private:
        target.touch(0o600)  # before anything is in it
    target.write_bytes(file.content)
    _set_mode(target, file)


def _set_mode(target: Path, file: File) -> None:
    mode = target.stat().st_mode
    wanted = mode | (mode & 0o444) >> 2 if file.executable else mode
    wanted &= ~0o077 if file.private else -1
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
    private = any(file.private for file in files.values())
    return File((json.dumps({"generator": "nbmde", "files": hashes}, indent=1) + "\n").encode(), private=private)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hash_on_disk(path: Path) -> str | None:
    """Hash of a file; None if there is nothing; of a folder or link something that no file has."""
    if path.is_symlink() or path.is_dir():
        return "no file"
    return _hash(path.read_bytes()) if path.exists() else None
