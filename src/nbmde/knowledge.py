"""Knowledge tables: TOML files in ``transformations/knowledge``, those of extensions laid over nbmde's own."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from . import locations


@cache
def table(name: str, extensions: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tables of ``knowledge/NAME.toml``; a later file adds rows and replaces rows of the same key."""
    merged: dict[str, Any] = {}
    for root in locations.roots("transformations", extensions):
        path = root / "knowledge" / f"{name}.toml"
        if path.is_file():
            with path.open("rb") as file:
                for section, rows in tomllib.load(file).items():
                    if isinstance(rows, dict):
                        merged.setdefault(section, {}).update(rows)
                    else:
                        merged[section] = rows
    return merged
