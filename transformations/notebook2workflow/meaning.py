"""From statements of a notebook to statements that mean the same as parts of functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nbmde.notebooks.analysis.program import Program, Unit, fresh
from nbmde.notebooks.analysis.rewrite import Places, apply
from nbmde.notebooks.analysis.trees import walk

from . import kernel, user_input
from .decisions import TRIGGERS, Decisions
from .platform import Platform
from .remarks import Remark

_WAITING = frozenset(["input", "getpass", "breakpoint", "set_trace", "exit", "quit"])


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
            units = user_input.answered(self.make(units), self.platform.questions(), runtime, self.told)
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
                for part in walk(ast.parse(unit.text))
                if isinstance(part, ast.Name) and part.id == "display"
            ]
            unit.text = apply(unit.text, edits)
            unit.nodes = ast.parse(unit.text).body
        return units
