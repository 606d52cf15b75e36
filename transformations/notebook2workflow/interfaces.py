"""Finds what each step takes and gives: what is read before it is bound, and what is needed later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import index

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Step, Workflow

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.interfaces", refines="workflow")


@transformation.rule("Step", guard=lambda t, step: not step.inputs and not step.outputs)
def connected(t: Context, step: Step) -> None:
    """A step with its inputs and outputs."""
    symbols = {symbol.name: symbol for symbol in t.target.symbols}
    inputs, outputs = t.helpers.interfaces(t.target)[step]
    step.inputs.extend([symbols[name] for name in inputs])
    step.outputs.extend([symbols[name] for name in outputs])


@transformation.helper("Workflow", cached=True)
def interfaces(t: Context, workflow: Workflow) -> dict[Step, tuple[list[str], list[str]]]:
    """Inputs and outputs of all steps, by liveness from the end: what the service needs is needed there."""
    known = index.of(t)
    needed = list(t.helpers.needed(workflow))
    found = dict(zip(workflow.steps, known.program.interfaces(keep=needed), strict=True))
    live = set(needed)
    for step, (inputs, outputs) in reversed(found.items()):
        changed = dict.fromkeys(symbol.name for statement in step.statements for symbol in statement.mutates)
        outputs += [name for name in changed if name in live and name in inputs and name not in outputs]
        live.difference_update(name for name in outputs if name not in inputs)
        live.update(inputs)
    for step, (_, outputs) in found.items():
        outputs += [kept.symbol.name for statement in step.statements for kept in statement.keeps]
    return found


@transformation.helper("Workflow")
def needed(t: Context, workflow: Workflow) -> dict[str, None]:
    """Names that are needed behind the last step: the served model, and what its inputs go through."""
    served = (model for model in workflow.models if model.served)
    return dict.fromkeys(
        symbol.name
        for model in served
        for symbol in (model.symbol, *model.transformers, model.features)
        if symbol is not None
    )
