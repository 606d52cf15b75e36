"""Gives every step a name that says what it does: its heading as an identifier, or what its most telling call does."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nbmde.engine import knowledge, m2m
from nbmde.notebooks.analysis.calls import CallResolver
from nbmde.notebooks.analysis.names import BUILTINS
from nbmde.notebooks.analysis.program import Unit

from . import index
from .stages import family, row

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Statement, Step, Workflow

    from .refining import Context

_RESERVED = frozenset(["config", "root", "state", "paths", "run", "main", "step", "show", "locate"])
_WORDS = 5  # of a heading in a name
_JOINING = ("and", "&", "/")  # behind them a verb goes on: "loading and cleaning"
_LEAST, _MOST = 3, 24  # letters of a variable whose name says something
_SHORT = 4  # words that need no cutting

transformation = m2m.Transformation("notebook2workflow.naming", refines="workflow", optional=True)


@dataclass
class Segment:
    """A step that is to be named, and those that have a name which it would have had."""

    stage: str
    units: list[Unit]
    heading: str = ""
    beside: list[Segment] = field(default_factory=list)
    name: str = ""
    headed: bool = False  # the heading alone says the name


@transformation.rule("Workflow")
def naming(t: Context, workflow: Workflow) -> None:
    """The steps, each with those that have a name which it would have had."""
    segments: list[Segment] = t.helpers.segments(workflow)
    steps = {id(segment): step for segment, step in zip(segments, workflow.steps, strict=True)}
    for segment, step in zip(segments, workflow.steps, strict=True):
        beside = [steps[id(other)] for other in segment.beside]
        t.make("named", step, name=segment.name, reasons=[*beside, *([] if segment.headed else step.statements)])


@transformation.rule("Step", lazy=True)
def named(t: Context, step: Step, *, name: str, reasons: Sequence[Step | Statement] = ()) -> None:
    """A step by its heading or by what it does, in an identifier that nothing else has.

    Args:
        reasons: the statements that say the name, and steps that have a name which it would have had.
    """
    step.name = name
    t.consult(*reasons)


@transformation.helper("Workflow", cached=True)
def segments(t: Context, workflow: Workflow) -> list[Segment]:
    """The steps with their names."""
    known = index.of(t)
    layout = knowledge.table("layout", tuple(t.option("extensions", ())))
    units = dict(zip(known.statements, known.units, strict=True))
    segments = [
        Segment(step.stage, [units[one] for one in step.statements], heading=step.heading or "")
        for step in workflow.steps
    ]
    name_segments(segments, known.resolver, known.words | set(known.program.bindings), layout)
    return segments


def name_segments(
    segments: Sequence[Segment], resolver: CallResolver, taken: Iterable[str], layout: Mapping[str, Any]
) -> None:
    """Gives every segment an identifier that says what it does and that nothing else uses.

    Args:
        layout: ``layout.toml``: how headings and telling calls become names.
    """
    vague = {one["name"] for one in layout["stages"].values() if "name" in one} | {"plot_data"}
    used = set(taken) | set(keyword.kwlist) | BUILTINS | _RESERVED
    owners: dict[str, Segment] = {}
    for segment in segments:
        candidates = slugs(segment.heading, layout)
        name = next((name for name in candidates if name not in used), "")
        if candidates and not (name.isidentifier() and "_" in name):
            verb, name = row(layout, segment.stage)["verb"], name or candidates[0]
            name = name if name.startswith(verb) and name not in used else f"{verb}_{name}"
        segment.headed = name.isidentifier() and name not in used
        if not segment.headed:
            name = _from_calls(segment, resolver, layout) or row(layout, segment.stage)["name"]
            if name in used and name in vague:
                candidates = [*candidates, name]
                name = _about(name, segment, resolver, layout)
        base, number = name, 2
        while name in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        owners[name] = segment
        segment.name = name
        segment.beside += [owners[other] for other in (base, *candidates) if other in owners and other != name]


def slugs(title: str, layout: Mapping[str, Any]) -> list[str]:
    """A heading as identifiers of a few words, the best first; none where nothing is left of it.

    A long heading ends where its first clause does: "Fill the missing values in age and cabin" is first
    `fill_missing_values`, then `fill_missing_values_age_cabin`. A sentence that is told to the reader ("Now we see...")
    names nothing.
    """
    words = layout["headings"]
    text = re.sub(r"<[^>]*>|\[([^\]]*)\]\([^)]*\)", r"\1", title).lower().replace("'", "")
    text = unicodedata.normalize("NFKD", re.sub(r"(?<=\w)-(?=\w)", " ", text))
    tokens = re.findall(r"[a-z0-9]+|[^\s\w]+", "".join(char for char in text if not unicodedata.combining(char)))
    while tokens and (tokens[0].isdigit() or not tokens[0].isalnum()):
        tokens.pop(0)
    if not tokens or (tokens[0] in words["told"] and len(tokens) > _SHORT):
        return []
    parts: list[str] = []
    clause = 0
    for before, token in pairwise(["", *tokens]):
        if not clause and len(parts) > 1 and (token in words["ends"] or token in words["marks"]):
            clause = len(parts)
        if token.isalnum() and token not in words["filler"]:
            parts.append(layout["imperatives"].get(token, token) if before in _JOINING else token)
    while parts and parts[0].isdigit():
        parts.pop(0)
        clause = max(0, clause - 1)
    noun = len(parts) > 1 and parts[0] in words["participles"] and parts[1] in words["nouns"]
    if len(parts) > 1 and not (noun and f"{parts[0]} {parts[1]}" in text):
        parts[0] = layout["imperatives"].get(parts[0], parts[0])
    whole = _joined(parts)
    return list(dict.fromkeys([_joined(parts[:clause]), whole] if clause and len(parts) > _SHORT else [whole]))


def _joined(parts: Sequence[str]) -> str:
    return "_".join(parts[:_WORDS])[:48].strip("_")


def _from_calls(segment: Segment, resolver: CallResolver, layout: Mapping[str, Any]) -> str:
    """A name after the most telling call: ``train_random_forest_classifier``, ``plot_heatmap``, ``split_data``."""
    names, stages = layout["names"], layout["stages"]
    calls = [call for unit in segment.units for node in unit.nodes for call in resolver.calls(node)]
    if segment.stage == "train":
        for call in calls:
            if call.row.get("kind") in ("model", "search") and call.row.get("task") not in ("transformer", "pipeline"):
                return "train_" + _snake(call.name.rpartition(".")[2])
    plots = [call.name for call in calls if call.row.get("kind") == "plot"]
    drawing = [unit for unit in segment.units if "matplotlib" in unit.resources]
    recognised = all(call.row for unit in drawing for node in unit.nodes for call in resolver.calls(node))
    if recognised and not plots and len(drawing) == len(segment.units):
        return "set_plot_options"
    if segment.stage == "explore":
        for name in plots:
            last = _snake(name.rpartition(".")[2])
            if name.startswith("seaborn.") or last in _PLOTS:
                return "plot_" + (last.removesuffix("plot").strip("_") or "data")
        if drawing:
            return "plot_data"
    calls = [call for call in calls if family(stages, call.row.get("stage", "")) == segment.stage]
    known = [names.get(call.name) or names.get("." + call.name.rpartition(".")[2], "") for call in calls]
    counts = {name: known.count(name) for name in known if name}
    return max(counts, key=lambda name: counts[name]) if counts else ""


def _about(name: str, segment: Segment, resolver: CallResolver, layout: Mapping[str, Any]) -> str:
    """A vague name with what the step is about in the place of its noun, where another step has that name.

    A model is trained, evaluated or predicts in a method of it, everything else is about what it binds last.
    """
    nobodies, stages = layout["headings"]["nobodies"], layout["stages"]
    found = [unit.facts.all_bound for unit in segment.units]
    if segment.stage in ("train", "evaluate", "predict"):
        calls = [call for unit in segment.units for node in unit.nodes for call in resolver.calls(node)]
        told = [call for call in calls if family(stages, call.row.get("stage", "")) == segment.stage]
        found = [[call.receiver] for call in told if call.receiver and call.receiver not in resolver.types.modules]
    for variable in reversed([variable for variables in found for variable in variables]):
        subject = _snake(variable).strip("_")
        if subject not in nobodies and _LEAST <= len(subject) <= _MOST and not subject[-1].isdigit():
            return f"{name.partition('_')[0]}_{subject}"
    return name


_PLOTS = frozenset(["hist", "scatter", "bar", "barh", "boxplot", "pie", "imshow"])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
