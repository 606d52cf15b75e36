"""Knowledge tables: TOML files in ``transformations/knowledge``, those of extensions laid over nbmde's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import tomli  # Python's tomllib, but compiled: the tables are read at each start, in less than half of the time

from . import locations
from .errors import NbmdeError


@cache
def table(name: str, extensions: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tables of ``knowledge/NAME.toml``; a later file adds rows and replaces rows of the same key.

    Raises:
        NbmdeError: for a file that cannot be read.
    """
    merged: dict[str, Any] = {}
    for root in locations.roots("transformations", extensions):
        path = root / "knowledge" / f"{name}.toml"
        if path.is_file():
            for section, rows in _read(path).items():
                if isinstance(rows, dict):
                    merged.setdefault(section, {}).update(rows)
                else:
                    merged[section] = rows
    return merged


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NbmdeError(f"not readable: {error}", file=str(path)) from error
