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
    call = workflow.Call(result=symbol)
    step.statements.append(workflow.Statement(text="load()", calls=[call]))
    before = models.dumps(root, registry)
    read = {feature.name: getattr(step, feature.name) for feature in models.features(step.eClass)}
    assert "inputs" in step.__dict__
    assert call.receiver is None
    assert "receiver" in call.__dict__

    drop_empty_slots(root)

    assert not {"inputs", "seconds"} & set(step.__dict__)
    assert {"name", "outputs", "stage", "statements", "exploration"} <= set(step.__dict__)
    assert not {"receiver", "arguments"} & set(call.__dict__)
    assert call.result is symbol
    assert models.dumps(root, registry) == before
    assert {name: getattr(step, name) for name in read} == read
    step.inputs.append(symbol)
    assert list(step.inputs) == [symbol]
