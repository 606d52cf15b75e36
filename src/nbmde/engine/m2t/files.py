"""The result of a generation: files by path, and the element that each region of their text is for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from nbmde.engine.errors import NbmdeError
from nbmde.engine.filenames import LONGEST, portable
from nbmde.engine.models import EObject

OWN = ".nbmde"
"""Folder of a generated project that holds its models and the manifest; no template writes there."""

ORIGIN = f"{OWN}/origin.json"
"""The file in a project that says what the project was generated from."""

_OTHERS = frozenset({".git", ".hg", ".svn", ".bzr", "git~1"})
"""Folders whose files other programs run or believe."""


class GenerationError(NbmdeError):
    """A template, a query or the coordination file is at fault, or the model is not what they expect."""


@dataclass(frozen=True)
class Region:
    """Whole lines of a file and the element that they are for.

    Attributes:
        first_line: from 1.
        last_line: inclusive.
        template: name of the template or module that wrote them.
        element: the element of the model.
        template_line: the line of the template or module that wrote the first of them; 0 where these are all the lines
            of an element, which several lines of a template wrote.
        template_last: the last line of it that wrote any of them: all further lines are of that one.
        reads: further elements on which the text depends.
    """

    first_line: int
    last_line: int
    template: str
    element: EObject
    template_line: int = 0
    template_last: int = 0
    reads: tuple[EObject, ...] = ()


@dataclass(frozen=True)
class File:
    """One generated file.

    Attributes:
        executable: whether it can be run as a program.
        private: whether its owner alone may read it.
    """

    content: bytes
    executable: bool = False
    private: bool = False
    regions: tuple[Region, ...] = field(default=(), compare=False)


Files = dict[str, File]
"""Files by path below the project's root, with forward slashes, in the order of the paths."""


def checked_path(path: str) -> str:
    """A path that stays below the folder that it is relative to, and that every common file system can hold.

    Raises:
        GenerationError: for an absolute path, `..`, an empty component, a drive, a control character or another one
            that no name has on Windows, a name of a device, a component over 255 bytes, and for the own folder of a
            version control.
    """
    for part in path.split("/"):
        if part in ("", ".", "..") or len(part.encode("utf-8", "replace")) > LONGEST:
            raise GenerationError(f"{path!r} is no path inside the project", remedy="change the name in the model")
        if part.casefold() in _OTHERS:
            reason = f"{path!r} belongs to a version control, not to a project"
            raise GenerationError(reason, remedy="change the name in the model")
        if not portable(part):
            reason = f"{path!r} is no path inside the project on every system: {part!r} is no name of a file on Windows"
            raise GenerationError(reason, remedy="change the name in the model")
    return path


@dataclass(frozen=True)
class Origin:
    """The origin of a project, recorded so that a project of another origin does not take its place unasked.

    Attributes:
        name: what it calls itself.
        parts: digests of its parts; what was edited shares some of them with what it was.
    """

    name: str
    parts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, name: str, parts: Iterable[str]) -> Origin:
        """The origin with this name and the texts of its parts."""
        texts = (part.encode("utf-8", "surrogatepass") for part in parts if part.strip())
        return cls(name, frozenset(hashlib.sha256(text).hexdigest()[:16] for text in texts))

    @classmethod
    def read(cls, content: bytes) -> Origin | None:
        """Read an origin from a file's content; None if it states none."""
        try:
            data = json.loads(content)
            return cls(str(data["name"]), frozenset(map(str, data["parts"])))
        except (ValueError, KeyError, TypeError):
            return None

    def file(self) -> File:
        """The file that says it."""
        return File((json.dumps({"name": self.name, "parts": sorted(self.parts)}, indent=1) + "\n").encode())

    def same(self, other: Origin) -> bool:
        """Whether both are versions of one thing: of one name, and with a part in common unless they are too small."""
        few = min(len(self.parts), len(other.parts)) < _TELLING
        return self.name == other.name and (few or not self.parts.isdisjoint(other.parts))


_TELLING = 3
"""Number of parts from which on a thing keeps one of them when it is edited."""
