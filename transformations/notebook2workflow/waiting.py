"""What waits for a person: questions are answered by the environment or at the terminal, and a debugger is left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from nbmde.analysis.program import Program, Unit
from nbmde.analysis.rewrite import Edit, Places, apply

Told = Callable[[Unit, str, str], None]
_QUESTIONS = {"input": "answer", "getpass.getpass": "secret_answer"}
_DEBUGGERS = ("breakpoint", "pdb.set_trace", "ipdb.set_trace", "IPython.core.debugger.set_trace")
_ENDS = ("exit", "quit")


def answered(program: Program, runtime: Callable[[str], str], told: Told) -> list[Unit]:
    """The statements of a program without what waits for a person."""
    return [_unit(program, unit, runtime, told) for unit in program.units]


def _unit(program: Program, unit: Unit, runtime: Callable[[str], str], told: Told) -> Unit:
    places = Places(unit.text)
    tree = ast.parse(unit.text)
    edits: list[Edit] = []
    bare = tree.body[0].value if len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr) else None
    if isinstance(bare, ast.Name) and bare.id in _ENDS and bare.id not in program.bindings:
        edits.append(places.replace(bare, f"{bare.id}()"))
    for part in ast.walk(tree):
        if not isinstance(part, ast.Call):
            continue
        name = program.resolver.call(part).name
        if name in program.bindings:
            continue
        if name in _QUESTIONS:
            variable = f"ANSWER_{_asked_for(tree, part)}"
            told(unit, "asks", f"{name}() asks a person: set the environment variable {variable}, or answer at the terminal")
            edits.append(places.replace(part.func, runtime(_QUESTIONS[name])))
            start = places.span(part.func)[1]
            opening = unit.text.index("(", start) + 1
            edits.append(Edit(opening, opening, f'"{variable}"' + (", " if part.args or part.keywords else "")))
        elif name in _DEBUGGERS:
            told(unit, "debugger", f"{name}() stops for a person: it is left out")
            edits.append(places.replace(part, "None"))
        elif name in _ENDS:
            told(unit, "ends", f"{name}() ends the notebook here, and so the project")
    if not edits:
        return unit
    text = apply(unit.text, edits)
    new = Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line)
    new.echo = unit.echo and not isinstance(bare, ast.Name)
    new.ends_cell, new.timed = unit.ends_cell, unit.timed
    return new


def _asked_for(tree: ast.Module, call: ast.Call) -> str:
    """What an answer is called: the variable that takes it, or the words of the question."""
    for part in ast.walk(tree):
        if isinstance(part, ast.Assign) and any(inside is call for inside in ast.walk(part.value)):
            if isinstance(part.targets[0], ast.Name):
                return part.targets[0].id.upper()
    texts = [part.value for part in call.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    words = re.findall(r"[A-Za-z0-9]+", texts[0] if texts else "")
    return "_".join(words[:4]).upper() or "TEXT"
