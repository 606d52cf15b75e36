"""What a generation gives: files by path, and which element each region of their text is for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from nbmde.errors import NbmdeError

EObject = Any

OWN = ".nbmde"
"""Folder of a generated project that holds its models and the manifest; no template writes there."""

_LONGEST = 255  # bytes, of one component: what common file systems hold
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]|^[A-Za-z]:$")


class GenerationError(NbmdeError):
    """A template, a query or the coordination file is at fault, or the model is not what they expect."""


@dataclass(frozen=True)
class Region:
    """Whole lines of a file and the element that they are for.

    Attributes:
        first_line: from 1.
        last_line: inclusive.
        template: name of the template that wrote them.
        element: the element of the model.
    """

    first_line: int
    last_line: int
    template: str
    element: EObject


@dataclass(frozen=True)
class File:
    """One generated file."""

    content: bytes
    executable: bool = False
    regions: tuple[Region, ...] = field(default=(), compare=False)


Files = dict[str, File]
"""Files by path below the project's root, with forward slashes, in the order of the paths."""


def checked_path(path: str) -> str:
    """A path that stays below the folder that it is relative to.

    Raises:
        GenerationError: for an absolute path, `..`, an empty component, a backslash, a drive, a control character, or a
            component over 255 bytes.
    """
    parts = path.split("/")
    for part in parts:
        if part in ("", ".", "..") or _FORBIDDEN.search(part) or len(part.encode("utf-8", "replace")) > _LONGEST:
            raise GenerationError(f"{path!r} is no path inside the project", remedy="change the name in the model")
    return path
