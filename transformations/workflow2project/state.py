"""Passes the state object, which holds the names that are read late, to the functions that use such a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import reading

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Call, Function, Parameter

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.state", refines="mlproject")


def lacks_state(t: Refinement, function: Function) -> bool:
    """Does a function use the state and not take it?"""
    state, name = t.source.state, t.source.pipeline.stateName
    return (
        state is not None
        and function.step is not None
        and reading.uses_state(function.step)
        and not any(parameter.name == name for parameter in function.parameters)
    )


@transformation.rule("Function", to="Parameter", guard=lacks_state)
def take_state(t: Refinement, function: Function, parameter: Parameter) -> None:
    """A function takes the state."""
    assert t.source.state is not None  # see `lacks_state`
    parameter.name, parameter.type = t.source.pipeline.stateName, t.source.state.name
    function.parameters.append(parameter)


@transformation.rule("Call", guard=lambda t, call: lacks_state(t, call.function))
def give_state(t: Refinement, call: Call) -> None:
    """The driver gives it."""
    call.arguments.append(t.source.pipeline.stateName)
