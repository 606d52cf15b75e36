"""What the files hold that the code writes, so that those of two processes can be compared.

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
import sys
import zipfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Record = dict[str, Any]

LARGEST = 256 * 2**20  # bytes of a file that is read
FILES = 1000  # of a folder that are looked at
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
DATED = ("docProps/core.xml",)  # members of archives that say when they were made
LOOSE = (
    ".pt",
    ".pth",
    ".ckpt",
    ".dill",
    ".keras",
)  # the bytes say in which modules classes are, or when they were made
LOOSELY = "saved by a library in a form whose bytes need not be the same"


class Written:
    """Watches some files and folders, and tells what is in those that have changed.

    Args:
        places: names, and where the files or folders of these names are.
        digester: makes the records, see `digest.py`.
    """

    def __init__(self, places: Mapping[str, str], digester: Any) -> None:
        self.places, self.digester = places, digester
        self.known = dict(self._signatures())

    def changed(self) -> dict[str, Record | None]:
        """Records of the files that were written since the last look, by name; None for one that was removed.

        A record is that of what was read, with `loose` where it need not be the same though the values are.
        """
        before, self.known = self.known, dict(self._signatures())
        names = [name for name, signature in self.known.items() if before.get(name) != signature]
        found: dict[str, Record | None] = {name: self._record(self.known[name][0]) for name in names}
        found.update({name: None for name in before if name not in self.known})
        return found

    def _signatures(self) -> Iterator[tuple[str, tuple[str, int, int, int]]]:
        """By name: the path of a file, and what changes when it is written."""
        for name, place in self.places.items():
            for path in [place] if not os.path.isdir(place) else _below(place):
                try:
                    status = os.stat(path)
                except OSError:
                    continue
                label = name if path == place else name.rstrip("/") + path[len(place) :].replace(os.sep, "/")
                yield label, (path, status.st_mtime_ns, status.st_size, status.st_ino)

    def _record(self, path: str) -> Record:
        try:
            if os.path.getsize(path) > LARGEST:
                return {"type": "file", "gaps": [("", f"more than {LARGEST >> 20} MB")]}
            with open(path, "rb") as stream:
                content = stream.read()
            suffix = os.path.splitext(path)[1].lower()
            reader = READERS.get(suffix)
            value = content if reader is None else reader(content)
        except Exception as error:
            return {"type": "file", "gaps": [("", f"{type(error).__name__}: {error}")]}
        text = _text(value) if isinstance(value, bytes) else None
        if text is not None and self.digester.tolerant:
            value = NUMBER.sub("#", text), [float(number) for number in NUMBER.findall(text)]
        elif text is not None:
            value = text
        return {**self.digester.record(value), "type": "file", "loose": suffix in LOOSE}


def _below(folder: str) -> list[str]:
    """Paths of the files in a folder, in the order of the alphabet."""
    found = (os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sorted(itertools.islice(found, FILES))


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


READERS: dict[str, Callable[[bytes], Any]] = {
    ".png": pixels,
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
