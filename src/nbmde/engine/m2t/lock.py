"""One writer at a time: a folder that a project is made in is locked from the start of a run to its end.

The lock is the operating system's, on a file that is removed at the end. So the lock of a process that died holds
nobody up; its file, and what it had made of a new project, are taken over and cleared away by the next run.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import OWN

_LOCK = "lock"
_STAGED = ".{}.nbmde-new"


def staged(directory: Path) -> Path:
    """Where a new project is made before it gets its name: beside its place."""
    return directory.parent / _STAGED.format(directory.name)


@contextmanager
def sole_writer(directory: Path) -> Iterator[None]:
    """Nobody else writes to a folder meanwhile; can be nested in one process.

    Raises:
        NbmdeError: another process writes there.
    """
    directory = Path(directory).absolute()
    while True:
        place = _place(directory)
        made = [folder for folder in place.parents if not folder.exists()]
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(place, timeout=0, is_singleton=True)
            nested = lock.is_locked
            lock.acquire()
        except Timeout as error:
            reason = "another run of nbmde is writing to this folder"
            raise NbmdeError(reason, file=str(directory), remedy="wait until it has ended, then run again") from error
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(directory)) from error
        if place == _place(directory):
            break
        lock.release()  # it was made, or removed, since we looked
    try:
        if not nested and not directory.exists():
            _clear_abandoned(directory)
        yield
    finally:
        if not nested:
            place.unlink(missing_ok=True)
        lock.release()
        if not nested:
            with suppress(OSError):  # until the first that is not empty
                for folder in made:
                    folder.rmdir()


def _place(directory: Path) -> Path:
    """The file whose lock is that of a folder: within it, or beside it as long as it is none of ours."""
    if (directory / OWN).is_dir():
        return directory / OWN / _LOCK
    return directory.parent / f".{directory.name}.nbmde-lock"


def _clear_abandoned(directory: Path) -> None:
    """Remove what runs that died left beside a folder, of its own and of other new projects."""
    shutil.rmtree(staged(directory), ignore_errors=True)
    for folder in directory.parent.glob(_STAGED.format("*")):
        name = folder.name.removeprefix(".").removesuffix(".nbmde-new")
        lock = FileLock(_place(directory.parent / name), timeout=0)
        with suppress(Timeout, OSError), lock:
            shutil.rmtree(folder, ignore_errors=True)
            Path(lock.lock_file).unlink(missing_ok=True)
