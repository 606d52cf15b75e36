"""Which lines of a project change with a cell of its notebook, and do they lead back to it?"""

from __future__ import annotations

import difflib
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import perturbations

from nbmde.engine import pipeline
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Registry
from nbmde.notebooks import tracing


@dataclass
class Converted:
    """A project in memory, its text files by path, and its traces."""

    texts: Mapping[str, list[str]]
    traced: tracing.Traced


def convert(notebook: Path, registry: Registry) -> Converted:
    """What becomes of a notebook; nothing is written."""
    chosen = pipeline.find(tracing.PIPELINE)
    outcome = pipeline.run(chosen, notebook, registry, {})
    texts = {
        path: file.content.decode().splitlines()
        for path, file in outcome.files.items()
        if not path.startswith((".nbmde/", "data/")) and (file.regions or b"\0" not in file.content)
    }
    return Converted(texts, tracing.of_outcome(chosen, outcome, registry))


def changed(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> Iterator[tuple[str, int]]:
    """File and number of each line that is new or another one."""
    for path, lines in after.items():
        matcher = difflib.SequenceMatcher(None, before.get(path, []), lines, autojunk=False)
        for kind, _, _, first, last in matcher.get_opcodes():
            if kind in ("replace", "insert"):
                yield from ((path, line + 1) for line in range(first, last))


@dataclass
class Shares:
    """Lines that were asked for, by what they were found to be.

    Attributes:
        lines: that changed, by perturbation; led: that led to the cell that was changed.
        missed: perturbation, file, line number, text, and the cells that it led to.
        cells: how many each changed line led to, on average a measure of precision.
    """

    lines: Counter[tuple[str, str]] = field(default_factory=Counter)
    led: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[tuple[str, str, int, str, tuple[int, ...]]] = field(default_factory=list)
    cells: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.led.total() / max(1, self.lines.total())

    def by(self, what: int) -> dict[str, tuple[int, int]]:
        """Lines and those that led, by perturbation (0) or by file (1)."""
        keys = sorted({key[what] for key in self.lines})
        return {
            key: (
                sum(count for one, count in self.lines.items() if one[what] == key),
                sum(count for one, count in self.led.items() if one[what] == key),
            )
            for key in keys
        }


def measure(
    notebook: Path, folder: Path, registry: Registry, number: int, only: frozenset[str] = frozenset()
) -> Shares:
    """Perturbs a notebook in a copy of its folder, and asks every line that changes for its cell.

    Args:
        only: names of perturbations; all by default.
    """
    content: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    place = folder / "copy"
    shutil.copytree(notebook.parent, place, symlinks=True, ignore=shutil.ignore_patterns(".git", "*.ipynb"))
    copy = place / notebook.name
    copy.write_text(json.dumps(content), encoding="utf-8")
    shares = Shares()
    before = convert(copy, registry)
    for name, other, cells in perturbations.perturbations(content, number):
        if only and name not in only:
            continue
        copy.write_text(json.dumps(other), encoding="utf-8")
        try:
            after = convert(copy, registry)
        except NbmdeError:
            continue
        total = len(other["cells"])
        for path, line in changed(before.texts, after.texts):
            found = after.traced.line(path, line)
            led = found[0].cells if found else ()
            key = (name, path)
            shares.lines[key] += 1
            shares.cells.append(len(led) / total)
            if cells.intersection(led):
                shares.led[key] += 1
            else:
                shares.missed.append(
                    (f"{name} {sorted(cells)[:3]}", path, line, after.texts[path][line - 1], tuple(led))
                )
    return shares
