"""Cells that papermill knows by their tags: `parameters` that a run may set, and `injected-parameters` that it set.

Every name that is bound there is a setting. A value that a run has set takes the place of the default, where nothing
looks at the default between the two cells.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.analysis.trees import walk

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell

PARAMETERS = "parameters"
INJECTED = "injected-parameters"
_VALUES = ("Decimal", "Path", "Timestamp", "date", "datetime", "timedelta")  # classes whose calls do nothing else


@dataclass(frozen=True)
class Binding:
    """A name and the expression that is bound to it."""

    name: str
    value: ast.expr
    annotation: ast.expr | None = None


@dataclass
class Parameters:
    """The values that stood in the place of those that a run has set, by name."""

    defaults: dict[str, Binding] = field(default_factory=dict)


def bindings(node: ast.stmt) -> Iterator[Binding]:
    """The names that a statement binds to one expression each."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield Binding(node.target.id, node.value, node.annotation)
    elif isinstance(node, ast.Assign):
        target, value = node.targets[0], node.value
        if isinstance(target, ast.Name):
            yield Binding(target.id, value)
        elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
            names = [part.id for part in target.elts if isinstance(part, ast.Name)]
            if len(names) == len(target.elts) == len(value.elts):
                yield from map(Binding, names, value.elts)


def settle(units: list[Unit], cells: Iterable[Cell]) -> Parameters:
    """Puts the values that a run has set in the place of the defaults: these statements go, in place."""
    tagged = {tag: {cell.position for cell in cells if tag in cell.tags} for tag in (PARAMETERS, INJECTED)}
    found = Parameters()
    for unit in units:
        unit.parameter |= unit.cell in tagged[PARAMETERS] | tagged[INJECTED]
    for unit in [unit for unit in units if unit.cell in tagged[INJECTED]]:
        binding = _alone(unit)
        default = binding and _default(units, unit, binding.name, tagged[PARAMETERS])
        if binding and default:
            known = _alone(default)
            assert known is not None
            found.defaults[binding.name] = known
            unit.replaced = default.text
            _replace(default, known, unit, binding)
            _remove(units, default)
    return found


def _alone(unit: Unit) -> Binding | None:
    """The binding of a statement that binds just one name."""
    every = list(bindings(unit.node)) if unit.node is not None else []
    return every[0] if len(every) == 1 and not unit.echo and facts(unit.nodes).all_bound == [every[0].name] else None


def _default(units: list[Unit], setting: Unit, name: str, cells: set[int]) -> Unit | None:
    """The statement whose value of a name is never looked at, as another one sets it before that."""
    for unit in reversed(units[: next(n for n, unit in enumerate(units) if unit is setting)]):
        used = facts(unit.nodes)
        binding = _alone(unit) if unit.cell in cells else None
        if binding is not None and binding.name == name:
            calls = [part for part in walk(binding.value) if isinstance(part, ast.Call)]
            return unit if all(ast.unparse(call.func).rpartition(".")[2] in _VALUES for call in calls) else None
        if name in (*used.reads, *used.captures, *used.all_bound, *used.deletes, *used.global_writes):
            return None
    return None


def _remove(units: list[Unit], gone: Unit) -> None:
    """Takes a statement away; the one before it ends the cell in its place."""
    place = next(n for n, unit in enumerate(units) if unit is gone)
    if gone.ends_cell and place and units[place - 1].cell == gone.cell:
        units[place - 1].ends_cell = True
    del units[place]


def _replace(default: Unit, known: Binding, unit: Unit, binding: Binding) -> None:
    """Gives a statement the annotation and the comments of the default, with its own value."""
    start, end = Places(unit.text).span(binding.value)
    first = unit.text.split("\n")
    comments = "".join(f"{line}\n" for line in first[: unit.first_line - 1])
    place = Places(default.text).span(known.value)
    text = comments + apply(default.text, [Edit(*place, unit.text[start:end])])
    unit.text, unit.nodes = text, ast.parse(text).body
