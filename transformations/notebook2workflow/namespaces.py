"""Code that finds or binds variables by text, and code that means something else inside a function.

It keeps its meaning over an explicit namespace: an object whose attributes are the variables that it may need. They are
put in before the statement runs, and what it may have bound is taken out behind it, so that all other code goes on with
ordinary variables:

    vars(names).update(x=x)
    exec(text, vars(names))
    y = names.y

Most statements stay plain Python, with `names.x` for `x` and `vars(names)` for `globals()`. Where that is not possible
(a class body that reads and binds one name, code that looks at its own frame) the text of the statement runs as it is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nbmde.notebooks.analysis.names import BUILTINS
from nbmde.notebooks.analysis.program import Problem, Program, Unit, is_import, is_star_import
from nbmde.notebooks.analysis.renaming import Renaming, Source
from nbmde.notebooks.analysis.rewrite import Edit
from nbmde.notebooks.analysis.scopes import own_nodes
from nbmde.notebooks.analysis.trees import walk

from .expansion import literal
from .refusals import is_main

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LATER = re.compile(r"\b(?:def|lambda|class)\b")
_FROM_ELSEWHERE = frozenset(  # calls that give texts which do not stand in the notebook
    [
        "input",
        "open",
        "read",
        "read_text",
        "readline",
        "readlines",
        "loads",
        "load",
        "urlopen",
        "decode",
        "chr",
        "getenv",
    ]
)


@dataclass
class Reach:
    """The use that a statement makes of the namespace: what it finds and binds there.

    Attributes:
        finds, binds: names; `everything` in place of them stands for whatever there is.
        source: does the text of the statement run as it is?
        looks: is everything that there is listed, instead of found by name?
        frames: must the text of those that run this code run as it is, too?
        escapes: does it pass on the namespace itself?
    """

    finds: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    finds_all: bool = False
    binds_all: bool = False
    looks: bool = False
    source: bool = False
    frames: bool = False
    escapes: bool = False

    def add(self, other: Reach) -> bool:
        """Takes in another one; did it change anything?"""
        before = (len(self.finds), len(self.binds), self.finds_all, self.binds_all, self.looks, self.frames)
        self.finds |= other.finds
        self.binds |= other.binds
        self.finds_all |= other.finds_all
        self.binds_all |= other.binds_all
        self.looks |= other.looks
        self.frames |= other.frames
        self.source |= other.frames
        return before != (len(self.finds), len(self.binds), self.finds_all, self.binds_all, self.looks, self.frames)

    def __bool__(self) -> bool:
        return bool(self.finds or self.binds or self.finds_all or self.binds_all)


class Namespace:
    """Puts the statements that need it over a namespace.

    Args:
        program: as the notebook is; its statements are not changed.
        problems: by the number of a statement, why it needs the namespace.
        name: what the namespace is called.
        runtime: the name by which the code calls a function of the runtime.
        used: those names that statements call already.
    """

    def __init__(
        self,
        program: Program,
        problems: Mapping[int, Sequence[Problem]],
        name: str,
        runtime: Callable[[str], str],
        used: Collection[str],
    ) -> None:
        self.program, self.name, self.runtime, self.used = program, name, runtime, set(used)
        self.reaches: dict[int, Reach] = {}
        for index, found in sorted(problems.items()):
            kinds = {problem.reach for problem in found}
            reach = Reach(_private(program.units[index]), source=any(problem.form == "source" for problem in found))
            reach.escapes, reach.frames = "escapes" in kinds, "frames" in kinds
            reach.looks = bool({"looks", "escapes"} & kinds)
            reach.binds_all = bool({"binds", "escapes"} & kinds)
            reach.finds_all = bool(kinds - {""})
            self.reaches[index] = reach
        self._spread()

    # -- what is known of the program ----------------------------------------------------------------------------
    @cached_property
    def texts(self) -> list[str]:
        """Every text literal of the program."""
        parts = (part for unit in self.program.units for node in unit.nodes for part in walk(node))
        return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]

    @cached_property
    def unresolved(self) -> set[str]:
        """Names that only code in a text can bind."""
        known = self.program.bindings.keys() | BUILTINS | self.used
        words = {word for text in self.texts for word in re.findall(r"\w+", text)}
        stars = any(is_star_import(node) for unit in self.program.units for node in unit.nodes)
        found = {name for name in self.program.uses if name not in known and not name.startswith("__")}
        return {name for name in found if not stars or name in words}

    @cached_property
    def variables(self) -> set[str]:
        """Names that are bound otherwise than by imports and definitions alone, or by code in a text."""
        units = self.program.units
        binders = "|".join(map(re.escape, self.program.bindings)) or "(?!)"
        in_texts = rf"\b(?:def|class)\s+({binders})\b|(?<![\w.])({binders})\s*=(?!=)"
        anew = {name for text in self.texts for pair in re.findall(in_texts, text) for name in pair if name}
        binding = any(reach.binds_all for reach in self.reaches.values())
        return {
            name
            for name, indexes in self.program.bindings.items()
            if (binding and name in anew)
            or any(
                not (isinstance(units[index].node, _DEFINITIONS) or all(map(is_import, units[index].nodes)))
                for index in indexes
            )
        } | self.unresolved

    def _named(self, name: str, unit: Unit) -> bool:
        """May a text of the program name this? Where texts come from elsewhere or are put together, any may."""
        return not self._closed(unit) or any(
            word == name or name.startswith(word) or name.endswith(word)
            for text in self.texts
            for word in re.findall(r"\w+", text)
        )

    def _closed(self, unit: Unit) -> bool:
        """Do all texts that the statement can come by stand in the program?"""
        pending, seen = [unit], {id(unit)}
        while pending:
            unit = pending.pop()
            for node in unit.nodes:
                for call in self.program.resolver.calls(node):
                    called = call.name.rpartition(".")[2]
                    if called in _FROM_ELSEWHERE or called.startswith("read_"):
                        return False
            for name in (*unit.facts.reads, *unit.facts.captures):
                for index in self.program.bindings.get(name, ()):
                    other = self.program.units[index]
                    if id(other) not in seen:
                        seen.add(id(other))
                        pending.append(other)
        return True

    def _captured(self, index: int) -> set[str]:
        """Variables that a definition reads when it runs later."""
        return {name for name in self.program.units[index].facts.captures if name in self.variables}

    # -- which statements need it --------------------------------------------------------------------------------
    def _spread(self) -> None:
        """To those that run code which needs the namespace: they use functions, classes or objects that hold it."""
        changed = True
        while changed:
            changed = self._to_users() or self._to_functions()

    def _to_users(self) -> bool:
        changed = False
        for name, (start, reach) in self._holders().items():
            for index in self.program.uses.get(name, ()):
                if index < start or not reach:
                    continue
                own = self.reaches.get(index)
                if own is None:
                    own = self.reaches[index] = Reach()
                    changed = True
                changed |= own.add(reach)
        return changed

    def _holders(self) -> dict[str, tuple[int, Reach]]:
        """Names whose use runs code over the namespace: the first statement that binds them so, and what it needs."""
        found: dict[str, tuple[int, Reach]] = {}
        for index, own in sorted(self.reaches.items()):
            unit = self.program.units[index]
            if isinstance(unit.node, _DEFINITIONS):
                captured = self._captured(index)
                reach = Reach(captured, set(unit.facts.global_writes))
                reach.add(own)
                found.setdefault(unit.node.name, (index, reach))
            elif own.escapes:
                for name in unit.facts.all_bound:
                    found.setdefault(name, (index, Reach(finds_all=True, binds_all=True, looks=True)))
        if any(reach.binds_all for reach in self.reaches.values()) and any(map(_LATER.search, self.texts)):
            first = min(index for index, reach in self.reaches.items() if reach.binds_all)
            for name in sorted(self.unresolved):
                found.setdefault(name, (first, Reach(finds_all=True, binds_all=True)))
        pending = list(found)
        while pending:
            name = pending.pop()
            start, reach = found[name]
            passes = name in self.program.definitions and isinstance(self.program.definitions[name], ast.ClassDef)
            uses = self.program.uses if passes else self.program.passed_on
            for index in uses.get(name, ()):
                for other in self.program.units[index].facts.all_bound if index >= start else ():
                    if other not in found and other != name:
                        found[other] = (index, reach)
                        pending.append(other)
        return found

    def _to_functions(self) -> bool:
        """To functions that read variables which a statement binds in the namespace while it calls them."""
        found: dict[int, Reach] = {}
        for index, own in self.reaches.items():
            unit = self.program.units[index]
            if isinstance(unit.node, _DEFINITIONS):
                continue
            binds = {name for name in unit.facts.all_bound if name in self.variables} | own.binds
            for name in (*unit.facts.reads, *unit.facts.captures):
                if name in self.program.definitions:
                    for place in self.program.bindings[name]:
                        captured = self._captured(place)
                        if place not in self.reaches and captured and (own.binds_all or captured & binds):
                            found[place] = Reach()
        self.reaches.update(found)
        return bool(found)

    # -- what becomes of them ------------------------------------------------------------------------------------
    def units(self) -> Iterator[tuple[int, Unit]]:
        """All statements with the number of that from which each comes."""
        surely: dict[str, None] = {}
        maybe: dict[str, None] = {}
        made = False
        for index, unit in enumerate(self.program.units):
            if index in self.reaches:
                if not made:
                    made = True
                    yield index, self._unit(f"{self.name} = {self.runtime('Names')}()", unit)
                yield from ((index, part) for part in self._parts(index, unit, surely, maybe))
            else:
                yield index, unit
            for name in unit.facts.deletes:
                surely.pop(name, None)
            if index in self.reaches and self.reaches[index].binds_all and self._deletes(unit):
                surely.clear()
            surely.update(unit.facts.binds)
            maybe.update(dict.fromkeys((*unit.facts.all_bound, *unit.facts.global_writes)))

    def _parts(self, index: int, unit: Unit, surely: Mapping[str, None], maybe: Mapping[str, None]) -> Iterator[Unit]:
        reach = self.reaches[index]
        definition = isinstance(unit.node, _DEFINITIONS) and not reach.source
        parts: list[Unit] = []
        if not definition:
            parts += self._put_in(index, unit, surely, maybe)
        body = self._unit(self._text(unit, reach), unit)
        body.echo = unit.echo
        parts.append(body)
        if not definition:
            parts += self._taken_out(index, unit, surely)
        for part in parts:
            part.apart = not definition
        parts[-1].ends_cell = unit.ends_cell
        yield from parts

    def _put_in(self, index: int, unit: Unit, surely: Mapping[str, None], maybe: Mapping[str, None]) -> Iterator[Unit]:
        reach = self.reaches[index]
        read = dict.fromkeys((*unit.facts.reads, *unit.facts.captures))
        wanted = {name: None for name in maybe if name in read and (name in self.variables or reach.source)}
        wanted |= {name: None for name in maybe if name in reach.finds}
        if reach.finds_all:
            wanted |= {name: None for name in maybe if reach.looks or self._named(name, unit)}
        if reach.source:
            wanted |= {name: None for name in read if name in self.used}
        sure = [name for name in wanted if name in surely or name in self.used]
        if sure:
            yield self._unit(f"vars({self.name}).update({', '.join(f'{name}={name}' for name in sure)})", unit)
        for name in wanted:
            if name not in sure:
                lines = [
                    f"try:\n    {self.name}.{name} = {name}",
                    f"except NameError:\n    vars({self.name}).pop({name!r}, None)",
                ]
                yield self._unit("\n".join(lines), unit)

    def _taken_out(self, index: int, unit: Unit, surely: Mapping[str, None]) -> Iterator[Unit]:
        reach = self.reaches[index]
        own = unit.facts
        names = {name: name in own.binds for name in own.all_bound if name in self.variables or reach.source}
        names |= {name: name in surely for name in sorted(reach.binds) if name in self.variables}
        if reach.binds_all:
            for name in sorted(self.variables - names.keys()):
                if self._named(name, unit) and self._live(name, index):
                    names[name] = name in surely or (name in self.unresolved and self._needed(name, index))
        if reach.binds_all and self._deletes(unit):
            deleted = [name for name in names if name in surely and name not in own.binds]
            for name in deleted:
                bound = f"if {name!r} in vars({self.name}):\n    {name} = {self.name}.{name}"
                yield self._unit(f"{bound}\nelse:\n    del {name}", unit)
                del names[name]
        sure = [name for name, certain in names.items() if certain]
        if sure:
            yield self._unit("\n".join(f"{name} = {self.name}.{name}" for name in sure), unit)
        for name in names:
            if name not in sure:
                yield self._unit(f"if {name!r} in vars({self.name}):\n    {name} = {self.name}.{name}", unit)
        for name in own.deletes:
            if name in surely and name not in own.all_bound:
                yield self._unit(f"if {name!r} not in vars({self.name}):\n    del {name}", unit)

    def _deletes(self, unit: Unit) -> bool:
        """May the statement remove a variable by text?"""
        pattern = re.compile(r"\bdel\b|\.(?:pop|popitem|clear)\b")
        return any(map(pattern.search, [*self.texts, unit.text]))

    def _live(self, name: str, index: int) -> bool:
        """May the value that a name has behind a statement be used?"""
        for number in range(index + 1, len(self.program.units)):
            facts = self.program.units[number].facts
            if name in facts.reads or name in facts.captures:
                return True
            if name in facts.binds:
                break
        return any(name in unit.facts.captures for unit in self.program.units[:index])

    def _needed(self, name: str, index: int) -> bool:
        """Does the code behind a statement surely read a name, before another statement may bind it?"""
        for number in range(index + 1, len(self.program.units)):
            if name in self.program.units[number].facts.must_read:
                return True
            if number in self.reaches and self.reaches[number].binds_all:
                return False
        return False

    def _text(self, unit: Unit, reach: Reach) -> str:
        if reach.source:
            run = "eval" if unit.echo else "exec"
            return f"{run}({literal(unit.text)}, vars({self.name}))"
        source = Source(unit.text)
        source.edits += self._edits(source, unit)
        source.rename(Renaming(frozenset(self.variables), self.name, {}, main=False))
        return source.edited()

    def _edits(self, source: Source, unit: Unit) -> Iterator[Edit]:
        resolver = self.program.resolver
        own = {id(part) for part in own_nodes(source.tree.body)}
        for part in walk(source.tree):
            if isinstance(part, ast.Call):
                name = resolver.call(part).name
                if name in self.program.bindings:
                    continue
                here = id(part) in own
                if name == "globals" or (name in ("locals", "vars") and not part.args and here):
                    yield source.places.replace(part, f"vars({self.name})")
                elif name == "dir" and not part.args and here:
                    yield source.places.replace(part, f"sorted(vars({self.name}))")
                elif name in ("exec", "eval") and len(part.args) == 1:
                    more = "" if here else ", locals()"
                    yield from source.places.last_argument(part, f"vars({self.name}){more}")
            elif (
                isinstance(part, ast.Subscript) and resolver.dotted(part.value) == "sys.modules" and is_main(part.slice)
            ):
                yield source.places.replace(part, self.name)
            elif isinstance(part, (ast.Import, ast.ImportFrom)):
                text = _of_main(part, self.name, self._module)
                if text:
                    yield source.places.replace(part, text)

    def _module(self) -> str:
        """The notebook's own module."""
        return f"{self.runtime('MainModule')}({self.name})"

    def _unit(self, text: str, like: Unit) -> Unit:
        return Unit(text, ast.parse(text).body, like.cell, like.line, like.last_line, apart=True)


def _private(unit: Unit) -> set[str]:
    """Return the names that Python makes of those with two underscores that classes read."""
    classes = [part.name for node in unit.nodes for part in walk(node) if isinstance(part, ast.ClassDef)]
    return {f"_{name.lstrip('_')}{private}" for name in classes for private in unit.facts.private}


def _of_main(node: ast.Import | ast.ImportFrom, name: str, module: Callable[[], str]) -> str:
    """Write the statements that take the place of an import of the notebook's own module."""
    if isinstance(node, ast.ImportFrom):
        if node.module != "__main__":
            return ""
        return "; ".join(f"{alias.asname or alias.name} = {name}.{alias.name}" for alias in node.names)
    if not any(alias.name == "__main__" for alias in node.names):
        return ""
    others = [ast.unparse(ast.Import([alias])) for alias in node.names if alias.name != "__main__"]
    own = [f"{alias.asname or alias.name} = {module()}" for alias in node.names if alias.name == "__main__"]
    return "; ".join([*others, *own])
