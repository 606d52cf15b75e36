"""Cuts the line of statements into contiguous steps, and names them as the notebook's headings and calls suggest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from nbmde.notebooks.analysis.program import Unit

from .stages import STRONG, Evidence, cell_stage, word_stage

TARGET_LINES = 40  # a step is closed at the end of the cell that reaches this many lines
FAMILY = {"split": "features", "save": "train", "setup": "setup"}  # stages that live together with another one


@dataclass
class Prose:
    """The Markdown above a cell: its last heading, and what follows it."""

    title: str = ""
    text: str = ""
    level: int = 0
    cell: int = 0  # where it stands first


@dataclass
class Segment:
    """A run of statements with one purpose."""

    stage: str
    units: list[Unit] = field(default_factory=list)
    evidence: list[Evidence | None] = field(default_factory=list)
    title: str = ""
    prose: list[str] = field(default_factory=list)
    heading: str = ""  # the heading that this segment is the first of
    told: list[int] = field(default_factory=list)  # cells of Markdown with its title and prose
    beside: list[Segment] = field(default_factory=list)  # that have a name which this one would have had
    name: str = ""

    @property
    def lines(self) -> int:
        return sum(unit.text.count("\n") + 1 for unit in self.units)


def cut(
    units: Sequence[Unit], evidence: Sequence[Evidence | None], prose: Mapping[int, Prose], words: Mapping[str, str]
) -> list[Segment]:
    """Segments of the statements that go into functions, in order; ``prose`` is what stands above each cell."""
    cells: dict[int, list[int]] = {}
    for index, unit in enumerate(units):
        cells.setdefault(unit.cell, []).append(index)
    segments: list[Segment] = []
    heading_stage: str | None = None
    pending: list[Prose] = []
    stage: str | None = None
    done: set[int] = set()
    for cell, indexes in cells.items():
        above = [text for number, text in prose.items() if number <= cell and number not in done]
        done.update(number for number in prose if number <= cell)
        pending += above
        if any(text.title for text in above):
            heading_stage = word_stage(next(text.title for text in reversed(above) if text.title), words)
        inside = [index for index in indexes if units[index].placement == "step"]
        if not inside:
            continue
        own = cell_stage([evidence[index] for index in inside], heading_stage)
        for part_stage, part in _parts(units, inside, evidence, own, heading_stage or stage or "preprocess"):
            family = FAMILY.get(part_stage, part_stage)
            title = next((text.title for text in reversed(pending) if text.title), "")
            current = segments[-1] if segments else None
            small = (
                part_stage == "explore"
                and len(part) <= 2
                and not any("matplotlib" in units[index].resources for index in part)
            )
            fits = current is not None and (current.stage == family or small or _is_setup(current, family))
            fits = fits and current is not None and current.units[-1].apart == units[part[0]].apart
            if current is None or not fits or (title and not (small and not title)) or current.lines >= TARGET_LINES:
                current = Segment(family, title=title, heading=title)
                segments.append(current)
            elif current.stage == "setup" and family != "setup":
                current.stage = family
            if title and not current.title:
                current.title = title
            current.prose += [text.text for text in pending if text.text]
            current.told += [text.cell for text in pending]
            pending = []
            for index in part:
                units[index].segment = len(segments)
                current.units.append(units[index])
                current.evidence.append(evidence[index])
            stage = family if family not in ("explore", "setup") else stage
    return segments


def _is_setup(segment: Segment, family: str) -> bool:
    return segment.stage == "setup" and segment.lines < 5


def _parts(
    units: Sequence[Unit],
    inside: Sequence[int],
    evidence: Sequence[Evidence | None],
    own: str | None,
    otherwise: str,
) -> list[tuple[str, list[int]]]:
    """A cell as runs of one stage, and of statements that stand apart or do not."""
    runs = [list(run) for _, run in groupby(inside, key=lambda index: units[index].apart)]
    return [part for run in runs for part in _stages(run, evidence, own, otherwise)]


def _stages(
    inside: Sequence[int], evidence: Sequence[Evidence | None], own: str | None, otherwise: str
) -> list[tuple[str, list[int]]]:
    """Statements as runs of one stage: one run, unless some have strong evidence for different stages."""
    strong = [
        item.stage
        for index in inside
        if (item := evidence[index]) is not None and item.score >= STRONG and item.stage not in ("explore", "setup")
    ]
    families = {FAMILY.get(stage, stage) for stage in strong}
    if len(families) < 2:
        only_setup = all(item is not None and item.stage == "setup" for item in (evidence[index] for index in inside))
        return [(own or ("setup" if only_setup else otherwise), list(inside))]
    parts: list[tuple[str, list[int]]] = []
    pending: list[int] = []
    for index in inside:
        item = evidence[index]
        if item is None or item.score < STRONG or item.stage in ("explore", "setup"):
            (parts[-1][1] if parts else pending).append(index)
        elif parts and FAMILY.get(parts[-1][0], parts[-1][0]) == FAMILY.get(item.stage, item.stage):
            parts[-1][1].append(index)
        else:
            parts.append((item.stage, [*pending, index]))
            pending = []
    return parts
