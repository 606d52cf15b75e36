"""The contents of the files that the code writes, so that those of two processes can be compared.

Plain Python 3.8 and its standard library alone, loaded by its path like `digest.py` beside it.
"""

from __future__ import annotations

import gzip
import io
import itertools
import os
import pickle  # of files that the code wrote that is being run  # nosec B403
import random
import re
import sqlite3
import sys
import tempfile
import time
import zipfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Record = dict[str, Any]

LARGEST = 256 * 2**20  # bytes of a file that is read
FILES = 1000  # of a folder that are looked at
ALL = 20_000  # files that are watched
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_MADE = re.compile(rb"<dc:date>[^<]*</dc:date>")
_ID = re.compile(rb"(?<=[\"#])[A-Za-z]{1,2}[0-9a-f]{10}(?=[\")])")  # as matplotlib makes them, of random numbers
_CREATED = re.compile(rb"/(?:CreationDate|ModDate) ?\([^)]*\)")
DATED = ("docProps/core.xml",)  # members of archives that say when they were made
LOOSE = (
    ".pt",
    ".pth",
    ".ckpt",
    ".dill",
    ".keras",
)  # the bytes say in which modules classes are, or when they were made
# What programs keep for themselves beside what they are asked for.
_PASSING = re.compile(
    r"[\\/](?:__pycache__|\.(?:ipynb_checkpoints|git|venv|(?:pytest|mypy|ruff)_cache))[\\/]|-(?:journal|wal|shm)$"
)
LOOSELY = "saved by a library in a form whose bytes need not be the same"


class Written:
    """Watches the files below some folders, and tells what is in those that have changed.

    Args:
        told: what the verifying process says:
            `names`: names, and where the files or folders of these names are;
            `tops`: the folders that are watched as a whole;
            `base`: other files have the names by which they are known from this folder;
            `moved`: pairs of a file or folder and the name that it has instead, longer ones before shorter ones;
            `own`: regular expression for the paths of files that the project writes of itself.
        digester: makes the records, see `digest.py`.
    """

    def __init__(self, told: Mapping[str, Any], digester: Any) -> None:
        self.places = {name: os.path.normpath(place) for name, place in told["names"].items()}
        self.tops, self.base, self.moved = told["tops"], told["base"], told["moved"]
        self.own = re.compile(told["own"]) if told["own"] else None
        self.digester = digester
        self.begin = time.time_ns()
        self.busy = False
        self.rereads = False
        self.written: set[str] = set()  # names of files that have changed since the beginning
        self.known = dict(self._signatures())

    def changed(self) -> dict[str, Record | None]:
        """Records of the files that were written since the last look, by name; None for one that was removed.

        A record is that of what was read, with `loose` where it need not be the same though the values are, and `own`
        where the project writes such a file of itself.
        """
        self.busy = True
        try:
            before, self.known = self.known, dict(self._signatures())
            names = [name for name, signature in self.known.items() if before.get(name) != signature]
            found: dict[str, Record | None] = {name: self._record(self.known[name][0]) for name in names}
            self.written.update(found)
            gone = (name for name in before if name not in self.known)
            found.update({name: None for name in gone if name in self.written or name in self.places})
            return found
        finally:
            self.busy = False

    def heard(self, event: str, arguments: Any) -> None:
        """Takes note of it where a file is read that was written since the beginning, or is added to: an audit hook."""
        if event not in ("open", "sqlite3.connect", "os.listdir", "os.scandir") or self.rereads or self.busy:
            return
        if isinstance(arguments[0], (str, bytes, os.PathLike)):
            self.busy = True
            try:
                self.rereads = self._depends(event, os.path.abspath(os.fsdecode(arguments[0])), arguments)
            finally:
                self.busy = False

    def _depends(self, event: str, path: str, arguments: Any) -> bool:
        """Whether what is done with a file or folder depends on what has been written."""
        if event == "sqlite3.connect":
            return self._is_watched(path) and ":memory:" not in path
        if event == "open":
            adds = bool(arguments[2] & os.O_APPEND)
            if arguments[2] & os.O_WRONLY and not adds:
                return False
            return self._is_watched(path) and (adds or self._is_new(path))
        imports = sys._getframe(2).f_code.co_filename.startswith("<frozen importlib")
        return not imports and self._is_watched(os.path.join(path, "")) and any(map(self._is_new, _files_in(path)))

    def _is_watched(self, path: str) -> bool:
        if not any(path.startswith(os.path.join(top, "")) for top in self.tops) or _PASSING.search(path):
            return False
        return self.own is None or not self.own.match(path)

    def _is_new(self, path: str) -> bool:
        """Whether a file was written since the beginning."""
        try:
            return not os.path.isdir(path) and os.stat(path).st_mtime_ns >= self.begin
        except OSError:
            return False

    def _signatures(self) -> Iterator[tuple[str, tuple[str, int, int, int]]]:
        """By name: the path of a file, and what changes when it is written."""
        seen: set[str] = set()
        for name, place in self.places.items():
            for path in [place] if not os.path.isdir(place) else _below(place):
                label = name if path == place else name.rstrip("/") + path[len(place) :].replace(os.sep, "/")
                seen.add(path)
                yield from _signature(label, path)
        for top in self.tops:
            for path in _below(top, ALL):
                if path not in seen and not _PASSING.search(path):
                    seen.add(path)
                    yield from _signature(self._name(path), path)

    def _name(self, path: str) -> str:
        """Find the notebook's name for a file that it does not name where it is written."""
        for place, name in self.moved:
            if path == place or path.startswith(os.path.join(place, "")):
                found = os.path.normpath(os.path.join(name, os.path.relpath(path, place)))
                break
        else:
            found = os.path.relpath(path, self.base)
        found = found.replace(os.sep, "/")
        return found if found not in self.places else f"{found}, where no other code has it"

    def _record(self, path: str) -> Record:
        try:
            if os.path.getsize(path) > LARGEST:
                return {"type": "file", "gaps": [("", f"more than {LARGEST >> 20} MB")]}
            with open(path, "rb") as stream:
                content = stream.read()
            suffix = os.path.splitext(path)[1].lower()
            reader = READERS.get(suffix) or next(
                (r for begin, r in BEGINNINGS.items() if content.startswith(begin)), None
            )
            value = content if reader is None else reader(content)
        except Exception as error:
            return {"type": "file", "gaps": [("", f"{type(error).__name__}: {error}")]}
        text = _text(value) if isinstance(value, bytes) else None
        if text is not None and self.digester.tolerant:
            value = NUMBER.sub("#", text), [float(number) for number in NUMBER.findall(text)]
        elif text is not None:
            value = text
        own = self.own is not None and self.own.match(path) is not None
        return {**self.digester.record(value), "type": "file", "loose": suffix in LOOSE, "own": own}


def _signature(name: str, path: str) -> Iterator[tuple[str, tuple[str, int, int, int]]]:
    try:
        status = os.stat(path)
    except OSError:
        return
    yield name, (path, status.st_mtime_ns, status.st_size, status.st_ino)


def _below(folder: str, most: int = FILES) -> list[str]:
    """Paths of the files in a folder, in the order of the alphabet."""
    found = (os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sorted(itertools.islice(found, most))


def _files_in(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder)]
    except OSError:
        return []


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


def pixels(content: bytes) -> bytes:
    """A picture without what does not show in it: in a PNG, the size, the palette and the pixels alone."""
    if not content.startswith(b"\x89PNG"):
        return content
    chunks = dict.fromkeys((b"IHDR", b"PLTE", b"tRNS", b"IDAT"), b"")
    for kind, data in _chunks(content):
        if kind in chunks:
            chunks[kind] += data
    with suppress(zlib.error):
        chunks[b"IDAT"] = zlib.decompress(chunks[b"IDAT"])
    return b"".join(chunks.values())


def drawn(content: bytes) -> bytes:
    """A picture of lines (SVG) without what differs from run to run: when it was made, and the ids of its parts."""
    numbers: dict[bytes, bytes] = {}

    def numbered(match: re.Match[bytes]) -> bytes:
        return numbers.setdefault(match.group(), b"id%d" % len(numbers))

    return _ID.sub(numbered, _MADE.sub(b"", content))


def _document(content: bytes) -> bytes:
    """A PDF without when it was made."""
    return _CREATED.sub(b"", content)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 8
    while position + 8 <= len(png):
        length = int.from_bytes(png[position : position + 4], "big")
        yield png[position + 4 : position + 8], png[position + 8 : position + 8 + length]
        position += 12 + length


def _pickled(content: bytes) -> Any:
    """The object in a pickle. Random numbers that are drawn while it is made are not missing later."""
    numpy = sys.modules.get("numpy.random")
    states = random.getstate(), numpy.get_state() if numpy is not None else None
    joblib = sys.modules.get("joblib")
    try:
        return (pickle if joblib is None else joblib).load(io.BytesIO(content))
    finally:
        random.setstate(states[0])
        if numpy is not None and states[1] is not None:
            numpy.set_state(states[1])


def _members(content: bytes) -> Any:
    """Names and contents of what is in an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in sorted(archive.namelist()) if name not in DATED]


def _tables(content: bytes) -> Any:
    """Dump a data base of SQLite as statements that make it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "copy.db")
        with open(path, "wb") as stream:
            stream.write(content)
        base = sqlite3.connect(path)
        try:
            return list(base.iterdump())
        finally:
            base.close()


READERS: dict[str, Callable[[bytes], Any]] = {
    ".png": pixels,
    ".svg": drawn,
    ".pdf": _document,
    ".gz": gzip.decompress,
    ".npy": lambda content: [content],
    ".npz": _members,
    ".xlsx": _members,
    ".zip": _members,
    ".pkl": _pickled,
    ".pickle": _pickled,
    ".joblib": _pickled,
    ".sav": _pickled,
}

BEGINNINGS: dict[bytes, Callable[[bytes], Any]] = {  # of files whose names tell nothing
    b"SQLite format 3": _tables,
    **{bytes((0x80, version)): _pickled for version in (2, 3, 4, 5)},
}
