"""Finds steps that only look at things: nothing that comes later depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import index
from .effects import UNKNOWN

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Step

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.exploration", refines="workflow", optional=True)

ACTING = frozenset(["numpy.random", "random", "torch.random", "files", "options", "cwd", "environment", UNKNOWN])
"""Resources by which a step acts on later ones."""


@transformation.rule("Step", guard=lambda t, step: step.stage == "explore" and not step.outputs)
def explored(t: Context, step: Step) -> None:
    """A step that looks at things and acts on nothing."""
    known = index.of(t)
    units = [known.units[statement.number] for statement in step.statements]
    step.exploration = not any(
        unit.facts.captures or ACTING & set(unit.resources) or any(map(known.program.is_state, unit.facts.all_bound))
        for unit in units
    )
