"""A notebook's knowledge of its own session: the values that cells showed, their text, and the kernel itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.analysis.program import Unit, fresh
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.analysis.trees import walk

from .expansion import literal
from .remarks import Remark, at

_OUTPUT = re.compile(r"_(\d+)")
_INPUT = re.compile(r"_i(\d+)")
_LAST = ("_", "__", "___")
_LAST_INPUTS = ("_i", "_ii", "_iii")
_OUTPUTS, _INPUTS = ("Out", "_oh"), ("In", "_ih")
NAMES = frozenset(["get_ipython", "_dh", "_exit_code", "__IPYTHON__", *_LAST, *_LAST_INPUTS, *_OUTPUTS, *_INPUTS])
_LOADED = {"google.colab": False, "ipykernel": True, "IPython": True, "jupyter_client": True}
Told = Callable[[Remark], None]


def remembered(name: str) -> bool:
    """Is this a name of what a kernel remembers?"""
    return bool(name in NAMES or _OUTPUT.fullmatch(name) or _INPUT.fullmatch(name))


@dataclass
class Shown:
    """A statement whose value a cell shows.

    Attributes:
        number: of the cell, as a kernel counts those that it runs.
        variable: that holds the value, once something asks for it.
    """

    unit: Unit
    number: int
    variable: str = ""


class History:
    """Puts variables in the place of what a kernel remembers.

    Args:
        sources: texts of the cells that run, in order, by their position.
        words: identifiers that the notebook uses.
        runtime: the name by which the code calls a function of the runtime.
        told: called with findings.
    """

    def __init__(
        self, units: Sequence[Unit], sources: dict[int, str], words: set[str], runtime: Callable[[str], str], told: Told
    ) -> None:
        self.units, self.words, self.runtime, self.told = list(units), words, runtime, told
        run = {cell: text for cell, text in sources.items() if text.strip()}
        self.numbers = {cell: number for number, cell in enumerate(run, 1)}
        self.sources = ["", *run.values()]
        self.shown: list[Shown] = []
        self.bound: set[str] = set()

    def replaced(self) -> list[Unit]:
        """The statements with plain Python in the place of what the kernel would know."""
        found: list[Unit] = []
        for unit in self.units:
            new = self._unit(unit)
            found.append(new)
            self.bound.update(facts(new.nodes).all_bound)
            if new.echo:
                self.shown.append(Shown(new, self.numbers.get(new.cell, 0)))
        return [part for unit in found for part in self._kept(unit)]

    def _kept(self, unit: Unit) -> Iterator[Unit]:
        """A shown value gets a variable where a statement below asks for it."""
        shown = next((one for one in self.shown if one.unit is unit and one.variable), None)
        if shown is None:
            yield unit
            return
        start, end = Places(unit.text).span(unit.nodes[-1])
        text = f"{unit.text[:start]}{shown.variable} = ({unit.text[start:end]}){unit.text[end:]}"
        yield Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line)
        value = Unit(shown.variable, ast.parse(shown.variable).body, unit.cell, unit.line, unit.last_line)
        value.echo, value.ends_cell = True, unit.ends_cell
        yield value

    # -- expressions ---------------------------------------------------------------------------------------------
    def _unit(self, unit: Unit) -> Unit:
        names = {part.id for node in unit.nodes for part in walk(node) if isinstance(part, ast.Name)}
        if not any(self._remembered(name) for name in names) and "sys.modules" not in unit.text:
            return unit
        places = Places(unit.text)
        tree = ast.parse(unit.text)
        inside: set[int] = set()
        edits: list[Edit] = []
        for part in walk(tree):
            if id(part) in inside or not isinstance(part, ast.expr):
                continue
            text = self._expression(part, unit)
            if text is not None:
                inside.update(id(child) for child in walk(part))
                edits.append(places.replace(part, text))
        if not edits:
            return unit
        text = apply(unit.text, edits)
        new = Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line)
        new.echo, new.ends_cell, new.timed = unit.echo, unit.ends_cell, unit.timed
        return new

    def _remembered(self, name: str) -> bool:
        return remembered(name) and name not in self.bound

    def _expression(self, node: ast.expr, unit: Unit) -> str | None:
        if isinstance(node, ast.Compare):
            return self._compared(node)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            number = _number(node.slice)
            if number is not None and self._remembered(node.value.id):
                if node.value.id in _OUTPUTS:
                    return self._output(number, unit)
                if node.value.id in _INPUTS:
                    return self._input(number, unit)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and self._remembered(node.id):
            return self._name(node.id, unit)
        return self._of_kernel(node, unit)

    def _name(self, name: str, unit: Unit) -> str | None:
        if name in _LAST:
            return self._last(_LAST.index(name), unit)
        if match := _OUTPUT.fullmatch(name):
            return self._output(int(match[1]), unit)
        here = self.numbers.get(unit.cell, len(self.sources) - 1)
        if match := _INPUT.fullmatch(name):
            return self._input(int(match[1]), unit)
        if name in _LAST_INPUTS:
            return self._input(here - 1 - _LAST_INPUTS.index(name), unit)
        if name in _INPUTS:
            return f"[{', '.join(map(literal, self.sources[: here + 1]))}]"
        if name in _OUTPUTS:
            known = [shown for shown in self.shown if shown.number < here]
            pairs = ", ".join(f"{shown.number}: {self._variable(shown)}" for shown in known)
            return f"{{number: value for number, value in {{{pairs}}}.items() if value is not None}}"
        if name == "_dh":
            return f"[{self.runtime('current_directory')}()]"
        if name == "__IPYTHON__":
            return "True"
        if name == "_exit_code":
            self.told(at(unit, "kernel-asked", "_exit_code is not known in a project: it is taken for 0"))
            return "0"
        self.told(at(unit, "kernel-asked", "get_ipython() gives a stand-in, which does nothing"))
        return self.runtime("get_ipython")

    def _last(self, back: int, unit: Unit) -> str:
        """``_``: the value that was shown last, and was not None."""
        known = [shown for shown in self.shown if shown.unit.cell != unit.cell][::-1]
        if not known:
            return '""'
        if back == 0 and _is_something(known[0].unit.node):
            return self._variable(known[0])
        certain = 0
        wanted: list[Shown] = []
        for shown in known:
            wanted.append(shown)
            certain += _is_something(shown.unit.node)
            if certain > back:
                break
        values = ", ".join(self._variable(shown) for shown in wanted)
        return f'([value for value in ({values},) if value is not None] + ["", "", ""])[{back}]'

    def _output(self, number: int, unit: Unit) -> str:
        """``Out[3]``."""
        shown = [one for one in self.shown if one.number == number and one.unit.cell != unit.cell]
        if not shown:
            self.told(at(unit, "kernel-asked", f"cell {number} shows no value in a run: the notebook stops here"))
            return f"{{}}[{number}]"
        return self._variable(shown[-1])

    def _input(self, number: int, unit: Unit) -> str:
        if not 0 <= number < len(self.sources):
            return f"[][{number}]" if number >= len(self.sources) else '""'
        return literal(self.sources[number])

    def _variable(self, shown: Shown) -> str:
        if not shown.variable:
            shown.variable = fresh(f"out_{shown.number}", self.words)
            self.words.add(shown.variable)
        return shown.variable

    def _of_kernel(self, node: ast.expr, unit: Unit) -> str | None:
        """``get_ipython().user_ns``: the variables."""
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("user_ns", "user_global_ns")
            and isinstance(node.value, ast.Call)
        ):
            function = node.value.func
            if isinstance(function, ast.Name) and function.id == "get_ipython" and self._remembered("get_ipython"):
                return "globals()"
        return None

    def _compared(self, node: ast.Compare) -> str | None:
        """``"google.colab" in str(get_ipython())`` and the like."""
        left, right = node.left, node.comparators[0]
        if len(node.ops) != 1 or not (isinstance(left, ast.Constant) and isinstance(left.value, str)):
            return None
        if not isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return None
        inside = isinstance(node.ops[0], ast.In)
        if "sys.modules" in ast.unparse(right) and left.value in _LOADED:
            return str(_LOADED[left.value] is inside)
        if "get_ipython()" in ast.unparse(right) and left.value in ("google.colab", "colab"):
            return str(not inside)
        return None


def _number(node: ast.expr) -> int | None:
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    value = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    if isinstance(value, ast.Constant) and type(value.value) is int:
        return -value.value if negative else value.value
    return None


def _is_something(node: ast.stmt | None) -> bool:
    """Is the value of a statement surely not None?"""
    kinds = (ast.Constant, ast.BinOp, ast.Compare, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.JoinedStr)
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, kinds) and not (isinstance(value, ast.Constant) and value.value is None)
