"""The purpose of a statement: the stage of its weightiest call; then that of a cell and of a run of cells.

Evidence comes from the call table (`stage`, `weight`), from words of headings and names, and from the neighbours.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from nbmde.engine import m2m
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.calls import CallResolver
from nbmde.notebooks.analysis.program import Unit, is_import

from . import index
from .refining import has_run

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Statement, Step, Workflow

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.stages", refines="workflow")

STRONG = 6  # weight from which a call alone decides what a statement is for
WEAK = 1
OPTION = 5  # as a call has that sets one


@transformation.rule(
    "Statement",
    guard=lambda t, statement: not has_run(t, t.target) and t.helpers.evidence(t.target)[statement.number] is not None,
)
def staged(t: Context, statement: Statement) -> None:
    """A statement with the stage that its weightiest call tells."""
    evidence: Evidence = t.helpers.evidence(t.target)[statement.number]
    statement.stage = evidence.stage
    statement.score = float(evidence.score)
    statement.evidence = evidence.source


@transformation.rule("Step", guard=lambda t, step: not has_run(t, t.target))
def staged_step(t: Context, step: Step) -> None:
    """A step with the stage that its heading, its statements and those before it tell."""
    purpose: Purpose = t.helpers.purposes(t.target)[step]
    step.stage = purpose.stage
    t.consult(purpose.given)


@transformation.helper("Workflow", cached=True)
def purposes(t: Context, workflow: Workflow) -> dict[Step, Purpose]:
    """Find the purposes of all steps."""
    evidence: list[Evidence | None] = t.helpers.evidence(workflow)
    words, stages = index.of(t).api.get("stage_words", {}), index.of(t).layout["stages"]
    found: dict[Step, Purpose] = {}
    heading: str | None = None
    headed: Step | None = None
    before: Step | None = None
    for step in workflow.steps:
        if step.title:
            heading, headed = word_stage(step.title, words), step
        told = [evidence[statement.number] for statement in own_statements(step)]
        otherwise = heading or (found[before].stage if before is not None else "preprocess")
        stage = purpose(stages, told, heading, otherwise)
        by_itself = stage == purpose(stages, told, None, "")
        found[step] = Purpose(stage, None if by_itself else headed if heading else before)
        before = step if found[step].stage not in ("explore", "setup") else before
    return found


@transformation.helper("Workflow", cached=True, name="evidence")
def _evidence(t: Context, workflow: Workflow) -> list[Evidence | None]:
    """Collect the evidence that each statement gives of its own purpose."""
    known = index.of(t)
    return [classify(unit, known.resolver) for _, unit in known.walk()]


@dataclass(frozen=True)
class Purpose:
    """The purpose of a step, and the step whose heading or stage tells it, where its own statements do not."""

    stage: str
    given: Step | None


@dataclass(frozen=True)
class Evidence:
    """A stage, how strongly it is told, and by what."""

    stage: str
    score: float
    source: str


def own_statements(step: Step) -> list[Statement]:
    """The statements of a step that are part of what it does, and no definitions beside it."""
    return [statement for statement in step.statements if statement.placement.name == "step"]


def row(layout: Mapping[str, Any], stage: str) -> Mapping[str, str]:
    """Return the table's row of a stage for which there are steps.

    Raises:
        NbmdeError: if it says nothing.
    """
    known: dict[str, Mapping[str, str]] = {name: one for name, one in layout["stages"].items() if "name" in one}
    if stage not in known:
        near = get_close_matches(stage, known, 1)
        remedy = f"{near[0]}?" if near else f"stages are rows of [stages] in layout.toml: {', '.join(known)}"
        raise NbmdeError(f"there is no stage {stage!r}", remedy=remedy)
    return known[stage]


def decides(stages: Mapping[str, Mapping[str, Any]], heading: str | None) -> bool:
    """Does a heading of this stage say what all below it is for, whatever the statements tell?"""
    return heading is not None and bool(stages.get(heading, {}).get("headed"))


def purpose(
    stages: Mapping[str, Mapping[str, Any]], evidence: Sequence[Evidence | None], heading: str | None, otherwise: str
) -> str:
    """The stage of a step with these statements, below a heading of this stage."""
    own = heading if decides(stages, heading) else cell_stage(evidence, heading)
    return family(stages, run_stage(evidence, own, otherwise))


def family(stages: Mapping[str, Mapping[str, Any]], stage: str) -> str:
    """The stage of the steps that statements of a stage belong to."""
    return str(stages.get(stage, {}).get("with", stage))


def evidence_of(statement: Statement) -> Evidence | None:
    """Return the evidence that a statement is known to give of its own purpose."""
    if not statement.evidence:
        return None
    return Evidence(statement.stage, statement.score, statement.evidence)


def classify(unit: Unit, resolver: CallResolver) -> Evidence | None:
    """Evidence out of one statement alone; types must be known up to it."""
    if all(is_import(node) for node in unit.nodes) and unit.nodes:
        return Evidence("setup", 10, "import")
    best: Evidence | None = None
    for node in unit.nodes:
        for call in resolver.calls(node):
            stage = call.row.get("stage")
            if call.row.get("stage_from") == "receiver" and isinstance(call.node.func, ast.Attribute):
                receiver = resolver.type_of(call.node.func.value)
                constructor = resolver.table.dotted(receiver) if receiver else None
                stage = (constructor or {}).get("stage", stage)
            weight = float(call.row.get("weight", WEAK))
            if stage and (best is None or weight > best.score):
                best = Evidence(stage, weight, call.name)
    if best is None and unit.nodes and all(_sets_an_option(node, resolver) for node in unit.nodes):
        return Evidence("setup", OPTION, "option of a module")
    if best is None and unit.echo:
        return Evidence("explore", WEAK, "shown value")
    return best


def _sets_an_option(node: ast.stmt, resolver: CallResolver) -> bool:
    """Does it assign to what lies in a module: `plt.rcParams["figure.dpi"] = 72`, `pd.options.display.width = 99`?"""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return bool(targets) and all(_module_of(target, resolver) for target in targets)


def _module_of(target: ast.expr, resolver: CallResolver) -> bool:
    inside = target
    while isinstance(inside, ast.Attribute | ast.Subscript):
        inside = inside.value
    return inside is not target and isinstance(inside, ast.Name) and inside.id in resolver.types.modules


def word_stage(text: str, words: Mapping[str, str]) -> str | None:
    """The stage that the words of a heading tell: that of the first word with a known beginning."""
    for word in re.findall(r"[\w\-]+", text.lower()):
        for beginning in sorted(words, key=len, reverse=True):
            if word.startswith(beginning):
                return words[beginning]
    return None


def cell_stage(evidence: Sequence[Evidence | None], heading: str | None) -> str | None:
    """Find a cell's stage: that with the greatest sum of weights; looking at things only counts where it is all."""
    sums: dict[str, float] = {}
    for item in evidence:
        if item is not None and item.stage != "setup":
            sums[item.stage] = sums.get(item.stage, 0) + item.score
    others = {stage: total for stage, total in sums.items() if stage != "explore"}
    if others and (max(others.values()) >= 3 or "explore" not in sums):
        if heading in others and others[heading] * 3 >= max(others.values()):
            return heading
        return max(others, key=lambda stage: others[stage])
    if sums:
        return "explore"
    return None


def run_stage(evidence: Sequence[Evidence | None], own: str | None, otherwise: str) -> str:
    """Find the stage of a run of statements: what they tell, setup where each tells only that, else something given."""
    only_setup = all(item is not None and item.stage == "setup" for item in evidence)
    return own or ("setup" if only_setup else otherwise)
