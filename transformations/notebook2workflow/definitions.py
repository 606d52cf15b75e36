"""Finds what stands at module level, and takes apart the functions and classes that cannot stand there as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.analysis.program import Problem, Program, Unit

from . import import_order, index, stars, statements
from .lifting import Definitions
from .refining import has_run, tell
from .refusals import refusals, stars_inside
from .remarks import Remark, at

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Workflow

    from .index import Index
    from .refining import Context

transformation = m2m.Transformation(
    "notebook2workflow.definitions", refines="workflow", extends=statements.transformation
)


@transformation.rule("Workflow", guard=lambda t, workflow: not has_run(t, workflow))
def defined(t: Context, workflow: Workflow) -> None:
    """A workflow whose statements know whether they belong to a step, to a module, or before all modules."""
    known = index.of(t)
    before = dict(zip(map(id, known.units), known.statements, strict=True))
    found: Defined = t.helpers.program(workflow)
    statements.put(t, found.units, before)
    statements.put_functions(t, known.functions)
    for remark in found.remarks:
        tell(t, workflow, remark)
    index.keep(t, found.program)


@transformation.helper("Workflow", cached=True, name="program")
def _program(t: Context, workflow: Workflow) -> Defined:
    """The statements with their places."""
    return Defined(index.of(t))


class Defined:
    """The statements of a workflow, with definitions that can stand at module level.

    Attributes:
        program, units: what the statements are to be.
        remarks: what a person should know.
    """

    program: Program

    def __init__(self, known: Index) -> None:
        self.remarks: list[Remark] = []
        self._definitions = Definitions(set(known.words), known.functions)
        units: Sequence[Unit] | None = known.units
        while units is not None:
            self.program, problems = placed(known, units)
            self.units = self.program.units
            places = {id(unit): number for number, unit in enumerate(self.units)}
            units = self._apart(self.program, problems) or by_name(
                self.units, self.program, problems, places, self._told
            )

    def _told(self, remark: Remark) -> None:
        if remark not in self.remarks:
            self.remarks.append(remark)

    def _apart(self, program: Program, problems: Sequence[Problem]) -> list[Unit] | None:
        """The statements with more definitions taken apart, or fewer; None where nothing is left to do."""
        failed = [unit for unit in program.units if unit.named and unit.placement != "module"]
        if failed:
            return self._definitions.whole_again(program.units, failed)
        kept = {id(problem.unit) for problem in problems if problem.form not in ("told", "star")}
        found = self._definitions.found(program, {id(unit) for unit in program.units if id(unit) not in kept})
        if not found:
            return None
        apart = {id(program.units[number]): parts for number, parts in found.items()}
        return [
            part
            for unit in program.units
            for part in (self._definitions.taken_apart(unit, apart[id(unit)]) if id(unit) in apart else [unit])
        ]


def placed(known: Index, units: Sequence[Unit]) -> tuple[Program, list[Problem]]:
    """The program of some statements that know their place, with what does not mean the same as part of functions."""
    for unit in units:
        unit.placement = "step"
    program = known.made(list(units))
    problems = list(refusals(program))
    program.types.values.clear()
    for unit in known.effects(enumerate(program.units), program.resolver):
        for node in unit.nodes:
            program.resolver.learn(node)
    import_order.settle(program, known.importable)
    program.place()
    return program, [*problems, *stars_inside(program)]


def by_name(
    units: Sequence[Unit],
    program: Program,
    problems: Sequence[Problem],
    places: Mapping[int, int],
    told: Callable[[Remark], None],
) -> list[Unit] | None:
    """The statements with imports by name where star imports are a problem; None where none is.

    Args:
        places: the number of the statement from which each of the program comes, by identity.
    """
    starred = [problem for problem in problems if problem.form == "star"]
    if not starred:
        return None
    for problem in starred:
        told(at(problem.unit, "star-import", problem.message, problem.remedy))
    return stars.taken_over(units, program, [(places[id(problem.unit)], problem.reach) for problem in starred])
