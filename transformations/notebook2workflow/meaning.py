"""From statements of a notebook to statements that mean the same as parts of functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.program import Problem, Program, Unit, fresh
from nbmde.notebooks.analysis.rewrite import Places, apply

from . import kernel, stars, waiting
from .decisions import TRIGGERS, Decisions
from .definitions import Definitions
from .namespaces import Namespace
from .platform import Platform
from .remarks import Remark, at

_WAITING = frozenset(["input", "getpass", "breakpoint", "set_trace", "exit", "quit"])
A = TypeVar("A", bound="Analysis")
MOST_ROUNDS = 12  # in which more statements are found to need the namespace


class Analysis(Protocol):
    """What is known of statements."""

    program: Program
    problems: list[Problem]


@dataclass
class Meaning:
    """Keeps the meaning of statements.

    Args:
        platform: gives names of the runtime.
        make: the program of some statements.
    """

    platform: Platform
    make: Callable[[Sequence[Unit]], Program]
    remarks: list[Remark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.definitions = Definitions(self.platform.identifiers, self.platform.runtime)

    def told(self, remark: Remark) -> None:
        """Takes note of something to tell of a statement, which may still become others; once."""
        remark = replace(remark, units=())
        if remark not in self.remarks:
            self.remarks.append(remark)

    def decided(self, units: Sequence[Unit], sources: Mapping[int, str]) -> list[Unit]:
        """The statements with all that is known put in.

        Args:
            sources: texts of the cells that run, by their position.
        """
        words, runtime = self.platform.identifiers, self.platform.runtime
        units = self._displaying(units)
        if any(kernel.remembered(word) for word in words) or any("sys.modules" in unit.text for unit in units):
            units = kernel.History(units, dict(sources), words, runtime, self.told).replaced()
        if words & _WAITING:
            units = waiting.answered(self.make(units), self.platform.questions(), runtime, self.told)
        if any(TRIGGERS.search(unit.text) for unit in units):
            program = self.make(units)
            decisions = Decisions(program, lambda: runtime("undefined"), lambda: runtime("module_name"), self.told)
            units = decisions.units()
        return list(units)

    def _displaying(self, units: Sequence[Unit]) -> list[Unit]:
        """`display` is IPython's function as long as the notebook binds it to nothing else."""
        if not any("display" in unit.text for unit in units):
            return list(units)
        program = self.make(units)
        first = program.bindings.get("display", [0])[0]
        early = [index for index in program.uses.get("display", ()) if index < first]
        if not early:
            return list(units)
        name = self.platform.alias["display"] = fresh("display_", self.platform.identifiers)
        self.platform.runtime("display")
        units = list(units)
        for index in early:
            unit = units[index]
            places = Places(unit.text)
            edits = [
                places.replace(part, name)
                for part in ast.walk(ast.parse(unit.text))
                if isinstance(part, ast.Name) and part.id == "display"
            ]
            unit.text = apply(unit.text, edits)
            unit.nodes = ast.parse(unit.text).body
        return units

    def over_a_namespace(self, units: Sequence[Unit], analysed: Callable[[Sequence[Unit]], A]) -> A:
        """The analysis of the statements with an explicit namespace for those that need one.

        Args:
            analysed: analyses statements; called until no problem is left.

        Raises:
            NbmdeError: for what nothing helps against.
        """
        base, origins = list(units), list(range(len(units)))
        known: dict[int, list[Problem]] = {}
        name = fresh("names", self.platform.identifiers)
        for _ in range(MOST_ROUNDS):
            places = {id(unit): origins[place] for place, unit in enumerate(units)}
            analysis = analysed(units)
            again = self._definitions_settled(base, known, analysis.program)
            if again is not None:
                return self.over_a_namespace(again, analysed)
            starred = [problem for problem in analysis.problems if problem.form == "star"]
            if starred:
                for problem in starred:
                    self.told(at(problem.unit, "star-import", problem.message, problem.remedy))
                base = stars.taken_over(
                    base, analysis.program, [(places[id(problem.unit)], problem.reach) for problem in starred]
                )
                return self.over_a_namespace(base, analysed)
            for problem in analysis.problems:
                if problem.form == "told":
                    self.told(at(problem.unit, "meaning-differs", problem.message, problem.remedy))
            found = [(places[id(problem.unit)], problem) for problem in analysis.problems if problem.form != "told"]
            if not found:
                break
            fresh_ones = [(index, problem) for index, problem in found if problem.form and index not in known]
            if not fresh_ones:
                raise self.refusal(found[0][1])
            for index, problem in fresh_ones:
                known.setdefault(index, []).append(problem)
            used = {self.platform.alias[used] for used in self.platform.used}
            namespace = Namespace(self.make(base), known, name, self.platform.runtime, used)
            numbered = list(namespace.units())
            origins, units = [number for number, _ in numbered], [unit for _, unit in numbered]
        for index in sorted(known):
            problem, unit = known[index][0], base[index]
            message = f"{problem.message}: the statement runs over the names that {name} holds"
            parts = tuple(part for part, origin in zip(units, origins, strict=True) if origin == index)
            self.remarks.append(
                Remark("names-by-text", message, unit.cell, _line(problem), problem.remedy, units=parts)
            )
        return analysis

    def _definitions_settled(self, base: Sequence[Unit], known: Container[int], program: Program) -> list[Unit] | None:
        """The statements with definitions that can stand at module level; None where nothing is left to do.

        Args:
            known: numbers of statements over a namespace.
        """
        failed = [
            unit for index, unit in enumerate(base) if unit.named and (index in known or unit.placement != "module")
        ]
        if failed:
            return self.definitions.whole_again(base, failed)
        plain = {id(unit) for index, unit in enumerate(base) if index not in known}
        found = self.definitions.found(program, plain)
        if not found:
            return None
        apart = {id(program.units[index]): parts for index, parts in found.items()}
        return [
            part
            for unit in base
            for part in (self.definitions.taken_apart(unit, apart[id(unit)]) if id(unit) in apart else [unit])
        ]

    def refusal(self, problem: Problem) -> NbmdeError:
        """What stops the conversion."""
        return NbmdeError(
            problem.message,
            file=self.platform.file,
            cell=problem.unit.cell,
            line=_line(problem),
            remedy=problem.remedy,
        )


def _line(problem: Problem) -> int:
    """Where a problem is in its cell."""
    return problem.unit.line + max(0, problem.line - problem.unit.first_line)
