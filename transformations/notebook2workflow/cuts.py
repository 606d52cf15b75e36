"""Cuts the line of statements into steps that serve one purpose each: cells are joined, and some are split.

Who wants other cuts lays a rule `cut` over the one below; it makes `joined` of neighbouring steps, and `split` of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.program import Unit

from . import index
from .refining import has_run
from .stages import STRONG, Evidence, decides, evidence_of, family, own_statements, purpose, word_stage

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Step, Workflow

    from .refining import Context

TARGET_LINES = 40  # a step is closed at the end of the cell that reaches this many lines

transformation = m2m.Transformation("notebook2workflow.cuts", refines="workflow", optional=True)


@transformation.rule("Workflow", guard=lambda t, workflow: not has_run(t, workflow))
def cut(t: Context, workflow: Workflow) -> None:
    """A workflow with steps that serve one purpose each, in the place of one for each cell."""
    cells = list(workflow.steps)
    segments: list[Segment] = t.helpers.segments(workflow)
    for part in reversed([part for segment in segments for part in segment.parts if not part.begins]):
        t.make("split", cells[part.cell], key=part.statements[0], at=part.statements[0])
    steps = iter(list(workflow.steps))
    for segment in segments:
        own = [next(steps) for _ in segment.parts]
        t.make("joined", tuple(own), stage=segment.stage)


@transformation.rule("Step", to=(), lazy=True)
def joined(t: Context, steps: Step | tuple[Step, ...], *, stage: str = "") -> None:
    """The first of several neighbouring steps, with the statements and the prose of all.

    It keeps its heading, unless it has only definitions: what is said above these is said of what follows.

    Args:
        stage: what it is for; by default what heading and statements tell.
    """
    first, *others = steps if isinstance(steps, tuple) else (steps,)
    places = [list(t.target.steps).index(step) for step in (first, *others)]
    if places != list(range(places[0], places[0] + len(places))):
        raise NbmdeError(
            f"the steps {', '.join(step.name for step in (first, *others))} are no neighbours and cannot be joined",
            remedy="join steps that follow each other, in their order",
        )
    for step in others:
        if own_statements(first):
            first.title = first.title or step.title
        else:  # what stands above definitions only is said of what follows them
            first.title, first.heading = step.title or first.title, step.heading or first.heading
        first.prose = "\n\n".join(text for text in (first.prose, step.prose) if text)
        first.statements.extend(list(step.statements))
        t.retire(step)
    first.stage = stage or t.helpers.purpose(first)


@transformation.rule("Step", to="Step", lazy=True)
def split(t: Context, step: Step, rest: Step, *, at: int) -> None:
    """The statements of a step from one on, as a step without heading behind it.

    Args:
        at: number of the statement.
    """
    rest.name, rest.stage, rest.title, rest.prose = f"{step.name}_{at}", step.stage, "", ""
    rest.statements.extend([statement for statement in step.statements if statement.number >= at])
    rest.stage = t.helpers.purpose(rest)
    steps = t.target.steps
    steps.insert(list(steps).index(step) + 1, rest)


@transformation.helper("Step", name="purpose")
def _purpose(t: Context, step: Step) -> str:
    """The stage that heading and statements of a step tell; if they tell none, the one that it has."""
    known = index.of(t)
    evidence = [evidence_of(statement) for statement in own_statements(step)]
    heading = word_stage(step.title or "", known.api.get("stage_words", {}))
    return purpose(known.layout["stages"], evidence, heading, step.stage)


@transformation.helper("Workflow", cached=True)
def segments(t: Context, workflow: Workflow) -> list[Segment]:
    """The runs of statements with one purpose."""
    known = index.of(t)
    cells = [
        Cell(step.title or "", [statement.number for statement in own_statements(step)]) for step in workflow.steps
    ]
    evidence = [evidence_of(statement) for statement in known.statements]
    return segments_of(cells, known.units, evidence, known.api.get("stage_words", {}), known.layout["stages"])


@dataclass(frozen=True)
class Cell:
    """A step before it is cut: its heading, and the numbers of the statements that belong into steps."""

    title: str
    inside: list[int]


@dataclass(frozen=True)
class Part:
    """Statements of a cell, by their numbers, none of a cell that has only definitions; and whether it begins there."""

    cell: int
    statements: list[int]
    begins: bool = True


@dataclass
class Segment:
    """A run of statements with one purpose."""

    stage: str
    parts: list[Part] = field(default_factory=list)
    lines: int = 0


def segments_of(
    cells: Sequence[Cell],
    units: Sequence[Unit],
    evidence: Sequence[Evidence | None],
    words: Mapping[str, str],
    stages: Mapping[str, Mapping[str, Any]],
) -> list[Segment]:
    """Runs of statements with one purpose, in order.

    Args:
        words: of headings, with the stages that they tell.
        stages: their rows in ``layout.toml``.
    """
    segments: list[Segment] = []
    heading_stage: str | None = None
    pending: list[int] = []  # cells that have only definitions
    stage: str | None = None
    for number, cell in enumerate(cells):
        if cell.title:
            heading_stage = word_stage(cell.title, words)
        if not cell.inside:
            pending.append(number)
            continue
        for part_stage, part in _parts(cell.inside, evidence, heading_stage, stage, stages):
            begins = part[0] == cell.inside[0]
            headed = begins and any(cells[one].title for one in [*pending, number])
            current = segments[-1] if segments else None
            small = (
                part_stage == "explore"
                and len(part) <= 2
                and not any("matplotlib" in units[one].resources for one in part)
            )
            fits = current is not None and (current.stage == part_stage or small or _is_setup(current, part_stage))
            if current is None or not fits or headed or current.lines >= TARGET_LINES:
                current = Segment(part_stage)
                segments.append(current)
            elif current.stage == "setup" and part_stage != "setup":
                current.stage = part_stage
            current.parts += [*(Part(one, []) for one in pending), Part(number, part, begins)]
            pending = []
            current.lines += sum(units[one].text.count("\n") + 1 for one in part)
            stage = part_stage if part_stage not in ("explore", "setup") else stage
    return segments


def _is_setup(segment: Segment, stage: str) -> bool:
    return segment.stage == "setup" and segment.lines < 5


def _parts(
    inside: Sequence[int],
    evidence: Sequence[Evidence | None],
    heading: str | None,
    before: str | None,
    stages: Mapping[str, Mapping[str, Any]],
) -> list[tuple[str, list[int]]]:
    """A cell as runs of one stage: one run, unless some statements have strong evidence for different stages.

    Args:
        heading, before: the stage that the heading tells, and that of the steps above.
    """
    own = {
        number: item.stage
        for number in inside
        if (item := evidence[number]) is not None and item.score >= STRONG and item.stage not in ("explore", "setup")
    }
    if decides(stages, heading) or len({family(stages, stage) for stage in own.values()}) < 2:
        told = [evidence[number] for number in inside]
        return [(purpose(stages, told, heading, heading or before or "preprocess"), list(inside))]
    parts: list[tuple[str, list[int]]] = []
    pending: list[int] = []
    for number in inside:
        if number not in own:
            (parts[-1][1] if parts else pending).append(number)
        elif parts and parts[-1][0] == family(stages, own[number]):
            parts[-1][1].append(number)
        else:
            parts.append((family(stages, own[number]), [*pending, number]))
            pending = []
    return parts
