"""Remarks that a person should know about a conversion: each becomes a finding of the Workflow model.

A remark has a code, by which programs know it; its message is for people and may be worded anew at any time.
``knowledge/findings.toml`` says what each code means and how grave it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbmde.notebooks.analysis.program import Unit


@dataclass(frozen=True)
class Remark:
    """Something a person should know.

    Attributes:
        code: a row of ``findings.toml``.
        cell: number of the cell, 0 for the whole notebook.
        line: in that cell, 0 for the whole cell.
        remedy: what to do about it.
        units: statements that it is about, as far as the project has them.
        omits: an expression of the notebook that the project does not have, in plain Python.
    """

    code: str
    message: str
    cell: int = 0
    line: int = 0
    remedy: str = ""
    units: tuple[Unit, ...] = ()
    omits: str = ""


def at(unit: Unit, code: str, message: str, remedy: str = "") -> Remark:
    """A remark about one statement."""
    return Remark(code, message, unit.cell, unit.line, remedy, (unit,))
