"""Waiting for a person: questions are answered by the environment or at the terminal, and a debugger is left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

from nbmde.notebooks.analysis.program import Program, Unit
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.analysis.trees import walk

from .remarks import Remark, at

Told = Callable[[Remark], None]
_DEBUGGERS = ("breakpoint", "pdb.set_trace", "ipdb.set_trace", "IPython.core.debugger.set_trace")
_ENDS = ("exit", "quit")


def answered(program: Program, questions: Mapping[str, str], runtime: Callable[[str], str], told: Told) -> list[Unit]:
    """The statements of a program without what waits for a person.

    Args:
        questions: functions of the runtime, by those in whose place they answer.
        runtime: the name by which the code calls a function of the runtime.
    """
    return [_unit(program, unit, questions, runtime, told) for unit in program.units]


def _unit(
    program: Program, unit: Unit, questions: Mapping[str, str], runtime: Callable[[str], str], told: Told
) -> Unit:
    places = Places(unit.text)
    tree = ast.parse(unit.text)
    edits: list[Edit] = []
    for part in walk(tree):
        alone = part.value if isinstance(part, ast.Expr) else None
        called = alone.func if isinstance(alone, ast.Call) else alone
        name = program.resolver.dotted(called) if called is not None else None
        if isinstance(part, ast.Expr) and name not in program.bindings:
            if name in _ENDS:
                told(at(unit, "notebook-ends", f"{name} ends the notebook here, and so the project"))
                edits.append(places.replace(part, "raise SystemExit"))
            elif name in _DEBUGGERS and alone is not called:
                told(at(unit, "debugger-left-out", f"{name}() stops for a person: it is left out"))
                edits.append(places.replace(part, "pass"))
        if not isinstance(part, ast.Call):
            continue
        name = program.resolver.call(part).name
        if name in program.bindings:
            continue
        if name in questions:
            variable = f"ANSWER_{_asked_for(tree, part)}"
            told(
                at(
                    unit,
                    "person-asked",
                    f"{name}() asks a person: set {variable} in the environment, or answer at the terminal",
                )
            )
            edits.append(places.replace(part.func, runtime(questions[name])))
            start = places.span(part.func)[1]
            opening = unit.text.index("(", start) + 1
            edits.append(Edit(opening, opening, f'"{variable}"' + (", " if part.args or part.keywords else "")))
    if not edits:
        return unit
    text = apply(unit.text, edits)
    new = Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line)
    new.echo = unit.echo and isinstance(new.node, ast.Expr)
    new.ends_cell, new.timed = unit.ends_cell, unit.timed
    return new


def _asked_for(tree: ast.Module, call: ast.Call) -> str:
    """Name an answer: after the variable that takes it, or by the words of the question."""
    for part in walk(tree):
        target = part.targets[0] if isinstance(part, ast.Assign) else None
        if isinstance(target, ast.Name) and any(inside is call for inside in walk(part)):
            return target.id.upper()
    texts = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    words = re.findall(r"[A-Za-z0-9]+", texts[0] if texts else "")
    return "_".join(words[:4]).upper() or "TEXT"
