"""Where the regions of generated files are now, also in files that a person edited."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nbmde.engine.m2t.generation import find
from nbmde.engine.m2t.writing import MANIFEST
from nbmde.engine.models import Model, Registry

if TYPE_CHECKING:
    from nbmde.metamodels.trace import Region, Trace


def current_regions(
    folder: Path, project: Model, traces: list[Trace], registry: Registry, suffix: str = ""
) -> tuple[list[tuple[Region, int, int]], list[str]]:
    """All regions with their lines as the files are now, and the files that are not as they were generated.

    Args:
        folder: of the project.
        traces: of its generations.
        suffix: only of the files whose names end so is it found out whether they were edited.

    Returns:
        Regions with first and last line, both 0 where the lines are gone; paths below the folder.
    """
    regions = [region for trace in traces for region in trace.regions]
    hashes = generated_files(folder)
    edited = [
        path for path in dict.fromkeys(region.file for region in regions)
        if path.endswith(suffix) and _hash(folder / path) != hashes.get(path)
    ]  # fmt: skip
    moves: dict[str, Mapping[int, int]] = {}
    if edited:
        generated = find(traces[0].transformation, registry.extensions).run(project, registry, edited)
        for path in edited:
            before = generated[path].content.decode() if path in generated else ""
            after = (folder / path).read_text(encoding="utf-8", errors="replace") if (folder / path).is_file() else ""
            moves[path] = moved_lines(before.splitlines(), after.splitlines())
    result = []
    for region in regions:
        first, last = region.firstLine, region.lastLine
        if region.file in moves:
            lines = [moves[region.file][line] for line in range(first, last + 1) if line in moves[region.file]]
            first, last = (min(lines), max(lines)) if lines else (0, 0)
        result.append((region, first, last))
    return result, edited


def moved_lines(before: list[str], after: list[str]) -> dict[int, int]:
    """Where the lines of a text went when it was edited: line numbers from 1; removed lines are left out."""
    moves: dict[int, int] = {}
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in ("equal", "replace"):
            moves.update({a + i + 1: min(c + i, d - 1) + 1 for i in range(b - a)})
    return moves


def generated_files(folder: Path) -> dict[str, str]:
    """Hashes of the files that were generated into a folder, by their paths below it; empty where none was."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return {str(path): str(value) for path, value in files.items()}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
