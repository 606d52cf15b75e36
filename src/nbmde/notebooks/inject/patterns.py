"""Paths with forward slashes, and patterns of them, as `glob` reads these."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

HERE = "."
"""The folder that paths are relative to: the notebook's own."""
MAGIC = re.compile(r"[*?]")
"""The characters that make a path a pattern. Brackets are left out: they are more often part of a name."""
_PIECES = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}


def normal(path: str) -> str:
    """A path as short as it can be, with forward slashes; the same for all spellings of one."""
    return posixpath.normpath(path.replace("\\", "/"))


def compiled(pattern: str, **pieces: str) -> re.Pattern[str]:
    """A pattern as a regular expression for whole paths with forward slashes.

    Args:
        pieces: expressions for single characters that mean something as well.
    """
    table = {**_PIECES, **pieces}
    parts = re.findall(r"\*\*/?|.", pattern, re.DOTALL)
    return re.compile("".join(table.get(part) or re.escape(part) for part in parts))


def matching(pattern: str, paths: Iterable[str]) -> list[str]:
    """The paths, relative to the same folder, that a pattern means; none for a path that is no pattern."""
    if not MAGIC.search(pattern):
        return []
    expression = compiled(normal(pattern))
    return [path for path in paths if expression.fullmatch(path)]


def split(pattern: str) -> tuple[str, str]:
    """The folder before the first part with magic, and the rest: `data/raw`, `*/x?.csv`."""
    parts = normal(pattern).split("/")
    first = next((number for number, part in enumerate(parts) if MAGIC.search(part)), len(parts))
    return "/".join(parts[:first]), "/".join(parts[first:])
