"""Where the tables of API knowledge are, and their rows as they stand in the files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from nbmde.engine import locations

FOLDER = locations.home() / "transformations" / "knowledge"
ROW = re.compile(r"""(?P<key>"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)(?P<pad>\s*)= (?P<value>.*)""")


def groups(path: Path, table: str) -> Iterator[list[tuple[str, int]]]:
    """Rows of one table that stand together, between comments and empty lines: key, and column of its equals sign."""
    inside, group = False, []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "[end]"]:
        match = ROW.fullmatch(line) if inside else None
        if match:
            [key] = tomllib.loads(f"{match['key']} = 0")
            group.append((key, match.end("pad")))
            continue
        if group:
            yield group
            group = []
        if line.startswith("["):
            inside = line == f"[{table}]"
