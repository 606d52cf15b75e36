"""Cuts the line of statements into contiguous steps, and names them as the notebook's headings and calls suggest."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nbmde.analysis.calls import CallResolver
from nbmde.analysis.names import BUILTINS
from nbmde.analysis.program import Unit

from .stages import STRONG, Evidence, cell_stage, word_stage

TARGET_LINES = 40  # a step is closed at the end of the cell that reaches this many lines
FAMILY = {"split": "features", "save": "train", "setup": "setup"}  # stages that live together with another one


@dataclass
class Prose:
    """The Markdown above a cell: its last heading, and what follows it."""

    title: str = ""
    text: str = ""
    level: int = 0


@dataclass
class Segment:
    """A run of statements with one purpose."""

    stage: str
    units: list[Unit] = field(default_factory=list)
    evidence: list[Evidence | None] = field(default_factory=list)
    title: str = ""
    prose: list[str] = field(default_factory=list)
    heading: str = ""  # the heading that this segment is the first of
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
        for part_stage, part in _parts(inside, evidence, own, heading_stage or stage or "preprocess"):
            family = FAMILY.get(part_stage, part_stage)
            title = next((text.title for text in reversed(pending) if text.title), "")
            current = segments[-1] if segments else None
            small = (
                part_stage == "explore"
                and len(part) <= 2
                and not any("matplotlib" in units[index].resources for index in part)
            )
            fits = current is not None and (current.stage == family or small or _is_setup(current, family))
            if current is None or not fits or (title and not (small and not title)) or current.lines >= TARGET_LINES:
                current = Segment(family, title=title, heading=title)
                segments.append(current)
            elif current.stage == "setup" and family != "setup":
                current.stage = family
            if title and not current.title:
                current.title = title
            current.prose += [text.text for text in pending if text.text]
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
    inside: Sequence[int], evidence: Sequence[Evidence | None], own: str | None, otherwise: str
) -> list[tuple[str, list[int]]]:
    """A cell as runs of one stage: one run, unless statements with strong evidence for different stages are in it."""
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


# -- names -----------------------------------------------------------------------------------------------------------
DEFAULTS = {
    "setup": "prepare_environment",
    "load": "load_data",
    "explore": "explore_data",
    "preprocess": "prepare_data",
    "features": "build_features",
    "train": "train_model",
    "evaluate": "evaluate_model",
    "predict": "predict_values",
}
_FILLER = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "bit",
        "by",
        "do",
        "for",
        "from",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "let",
        "lets",
        "ll",
        "of",
        "on",
        "or",
        "our",
        "part",
        "s",
        "so",
        "some",
        "step",
        "that",
        "the",
        "then",
        "this",
        "to",
        "us",
        "using",
        "we",
        "what",
        "with",
        "you",
        "your",
    ]
)
_RESERVED = frozenset(["config", "root", "state", "paths", "run", "main", "step", "show", "locate"])


def name_segments(
    segments: Sequence[Segment],
    resolver: CallResolver,
    taken: Iterable[str],
    names: Mapping[str, str],
    verbs: Mapping[str, str],
) -> None:
    """Gives every segment an identifier that says what it does and that nothing else uses.

    Args:
        names: telling calls -> names; verbs: stage -> verb (tables of ``layout.toml``).
    """
    variables = set(taken)
    used = variables | set(keyword.kwlist) | BUILTINS | _RESERVED
    for segment in segments:
        name = slug(segment.heading)
        if name and (not name.isidentifier() or name in used or "_" not in name):
            verb = verbs[segment.stage]
            name = name if name.startswith(verb) and name not in used else f"{verb}_{name}"
        if not name.isidentifier() or name in used:
            name = _from_calls(segment, resolver, names) or DEFAULTS[segment.stage]
        base, number = name, 2
        while name in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        segment.name = name


def slug(title: str, words: int = 5) -> str:
    """A heading as an identifier of a few words; empty where nothing is left of it."""
    text = re.sub(r"<[^>]*>|\[([^\]]*)\]\([^)]*\)", r"\1", title)
    parts = [part for part in re.findall(r"[a-z0-9]+", text.lower().replace("'", "")) if part not in _FILLER]
    while parts and parts[0].isdigit():
        parts.pop(0)
    return "_".join(parts[:words])[:48].strip("_")


def _from_calls(segment: Segment, resolver: CallResolver, names: Mapping[str, str]) -> str:
    """A name after the most telling call: ``train_random_forest_classifier``, ``plot_heatmap``, ``split_data``."""
    calls = [call for unit in segment.units for node in unit.nodes for call in resolver.calls(node)]
    if segment.stage == "train":
        for call in calls:
            if call.row.get("kind") in ("model", "search") and call.row.get("task") not in ("transformer", "pipeline"):
                return "train_" + _snake(call.name.rpartition(".")[2])
    if segment.stage == "explore":
        plots = [call.name for call in calls if call.row.get("kind") == "plot"]
        for name in plots:
            last = _snake(name.rpartition(".")[2])
            if name.startswith("seaborn.") or last in _PLOTS:
                return "plot_" + (last.removesuffix("plot").strip("_") or "data")
        if plots or any("matplotlib" in unit.resources for unit in segment.units):
            return "plot_data"
    calls = [call for call in calls if FAMILY.get(call.row.get("stage", ""), call.row.get("stage")) == segment.stage]
    known = [names.get(call.name) or names.get("." + call.name.rpartition(".")[2], "") for call in calls]
    counts = {name: known.count(name) for name in known if name}
    return max(counts, key=lambda name: counts[name]) if counts else ""


_PLOTS = frozenset(["hist", "scatter", "bar", "barh", "boxplot", "pie", "imshow"])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
