"""Slots that hold nothing are freed, and nobody sees it."""

from __future__ import annotations

from nbmde.engine import models
from nbmde.engine.models.garbage import drop_empty_slots


def test_a_model_stays_as_it_is_when_its_empty_slots_are_dropped() -> None:
    registry = models.Registry()
    workflow = registry["workflow"]
    step = workflow.Step(name="load", stage="load")
    symbol = workflow.Symbol(name="frame")
    root = workflow.Workflow(title="Sales", steps=[step], symbols=[symbol])
    step.outputs.append(symbol)
    step.exploration = False
    before = models.dumps(root, registry)
    read = {feature.name: getattr(step, feature.name) for feature in models.features(step.eClass)}
    assert {"inputs", "seconds"} <= set(step.__dict__)

    drop_empty_slots(root)

    assert not {"inputs", "seconds", "statements"} & set(step.__dict__)
    assert {"name", "outputs", "stage", "exploration"} <= set(step.__dict__)
    assert models.dumps(root, registry) == before
    assert {name: getattr(step, name) for name in read} == read
    step.inputs.append(symbol)
    assert list(step.inputs) == [symbol]
