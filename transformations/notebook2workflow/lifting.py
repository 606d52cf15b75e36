"""Functions and classes that cannot stand at module level as they are become definitions that can, and bindings.

    @register                               def unbound_f(x, m):
    def f(x, m=len(data)):                      ...
        ...                                 f = register(with_defaults(unbound_f, m=len(data)))

    if fast:                                def unbound_f(x):
        def f(x):                               ...
            ...                             if fast:
                                                f = unbound_f

What happens where the notebook defines something still happens there: decorators and defaults are evaluated, and the
name is bound. Variables that a definition reads are bound to it there, as to any function that is passed on.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nbmde.notebooks.analysis.binding import bindable_class, own_calls
from nbmde.notebooks.analysis.cells import dedent
from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.analysis.program import Program, Unit
from nbmde.notebooks.analysis.purity import Definition, gives_back
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.analysis.scopes import own_nodes

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_LINEAGE = re.compile(r"\b(?:__mro__|mro|getmro|__bases__|__base__|__subclasses__)\b")
"""By what code looks at the classes that a class is derived from: one to which values are bound has one more."""
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass
class Apart:
    """A definition that is to stand at module level.

    Attributes:
        node: the definition in its statement.
        name: what it is called instead.
        decorated: its decorators are applied where the name is bound.
        defaults: parameters whose defaults are given where the name is bound.
        bases: classes that it is derived from -> what these are called.
        anew: it is made anew each time that the statement runs.
    """

    node: Definition
    name: str = ""
    decorated: bool = False
    defaults: list[str] = field(default_factory=list)
    bases: dict[str, str] = field(default_factory=dict)
    anew: bool = False


@dataclass
class Definitions:
    """Takes definitions apart.

    Args:
        words: all names of the notebook.
        runtime: the name by which the code calls a function of the runtime.
    """

    words: set[str]
    runtime: Callable[[str], str]
    _whole: dict[int, Unit] = field(default_factory=dict)  # by the identity of the statements made of one
    _made: list[Unit] = field(default_factory=list)
    _kept: list[Unit] = field(default_factory=list)

    def found(self, program: Program, among: Container[int]) -> dict[int, list[Apart]]:
        """The definitions that have to be taken apart, and can be, by the number of their statement.

        Args:
            program: after `place`.
            among: identities of the statements that may be.
        """
        derivable: dict[str, str] = {}  # class that is nothing but the one taken apart -> what that is called
        result: dict[int, list[Apart]] = {}
        for index, unit in enumerate(program.units):
            if unit.placement != "step" or unit.named or id(unit) not in among or self._stays(unit):
                continue
            for node, repeated in inner(unit.nodes):
                one = self._apart(program, index, node, repeated, derivable)
                if one is not None:
                    one.name = self._fresh(node.name)
                    result.setdefault(index, []).append(one)
                    if _is_same(program, one):
                        derivable[node.name] = one.name
        return result

    def _stays(self, unit: Unit) -> bool:
        facts_ = unit.facts
        return bool(facts_.in_class or facts_.private) or any(unit is one for one in self._kept)

    def _apart(
        self, program: Program, index: int, node: Definition, repeated: bool, derivable: Mapping[str, str]
    ) -> Apart | None:
        """How to take a definition apart; None where what is left of it could not stand at module level either."""
        plain, one = copy.copy(node), Apart(node)
        if node.decorator_list and not self._keeps_decorators(program, index, node):
            one.decorated, plain.decorator_list = True, []
        if isinstance(plain, ast.ClassDef):
            one.bases = {name: derivable[name] for name in self._reads(program, plain) if name in derivable}
            if repeated or self._looks_at_bases(program) or not self._is_bindable(program, plain, one.bases):
                return None
        else:
            one.anew = repeated and not one.decorated
            one.defaults = _computed(plain, lambda part: self._is_plain(program, index, part))
            if {argument.arg for argument in plain.args.posonlyargs} & set(one.defaults):
                return None
            plain.args = _without(plain.args, one.defaults)
        known = all(name in one.bases or program.known_at(name, index) for name in self._reads(program, plain))
        return one if known and program.purity.definition(plain) else None

    def _looks_at_bases(self, program: Program) -> bool:
        return any(_LINEAGE.search(unit.text) for unit in program.units)

    def _reads(self, program: Program, node: Definition) -> Iterable[str]:
        return facts([node], program.semantics).reads

    def _is_bindable(self, program: Program, node: ast.ClassDef, bases: Container[str]) -> bool:
        """Can all variables that a class needs be bound to it?"""
        variables = {name for name in program.free(node) if name in program.bindings and not program.is_module(name)}
        taking = {name for name, taken in program.captured.items() if taken}
        names = {name for name in (node.name, *taking, *variables) if name not in bases}
        return bindable_class(node, names) and not (names & program.free(node).keys() and _is_enum(program, node))

    def _keeps_decorators(self, program: Program, index: int, node: Definition) -> bool:
        """Do decorators stay above a definition? They do nothing before it is called, and nothing is bound to it."""
        if not all(program.purity.decorator(one) and self._knows(program, index, one) for one in node.decorator_list):
            return False
        if isinstance(node, ast.ClassDef):
            return True
        free = program.free(node)
        return all(
            program.is_module(name) and not program.captured.get(name) for name in free if name in program.bindings
        )

    def _is_plain(self, program: Program, index: int, node: ast.expr) -> bool:
        return program.purity.value(node) and self._knows(program, index, node)

    def _knows(self, program: Program, index: int, node: ast.expr) -> bool:
        found = facts([ast.Expr(node)], program.semantics)
        return all(program.known_at(name, index) for name in (*found.reads, *found.captures))

    def _fresh(self, name: str) -> str:
        base, number = f"unbound_{name}", 2
        found = base
        while found in self.words:
            found, number = f"{base}_{number}", number + 1
        self.words.add(found)
        return found

    def taken_apart(self, unit: Unit, found: Iterable[Apart]) -> list[Unit]:
        """The definitions of a statement, and what it is without them."""
        made: list[Unit] = []
        edits: list[Edit] = []
        places = Places(unit.text)
        for one in found:
            text = unit.text if one.node is unit.node else dedent(unit.text, [one.node])
            definition, binding = _texts(text, one, self.runtime)
            made.append(Unit(definition, ast.parse(definition).body, unit.cell, unit.line, unit.last_line))
            made[-1].named = one.node.name
            edits.append(Edit(_start(one.node, places), places.span(one.node)[1], binding))
        text = binding if one.node is unit.node else apply(unit.text, edits)
        rest = copy.copy(unit)
        rest.text, rest.nodes = text, ast.parse(text).body
        self._made += [*made, rest]
        self._whole.update((id(part), unit) for part in (*made, rest))
        return [*made, rest]

    def whole_again(self, units: Iterable[Unit], failed: Iterable[Unit]) -> list[Unit]:
        """The statements, without having taken apart those that it did not help."""
        self._kept += [self._whole[id(unit)] for unit in failed]
        result: list[Unit] = []
        for unit in units:
            whole = self._whole.get(id(unit), unit)
            if not any(whole is one for one in self._kept):
                result.append(unit)
            elif not result or result[-1] is not whole:
                result.append(whole)
        return result


def _is_same(program: Program, one: Apart) -> bool:
    """Does a class's name always mean the class itself?"""
    decorators = one.node.decorator_list if one.decorated else []
    return (
        isinstance(one.node, ast.ClassDef)
        and len(program.bindings[one.node.name]) == 1
        and all(gives_back(decorator, program.definitions) for decorator in decorators)
    )


def _is_enum(program: Program, node: ast.ClassDef) -> bool:
    """Is it a class of which none can be derived, as it has members?"""
    for base in node.bases:
        own = program.definitions.get(base.id) if isinstance(base, ast.Name) else None
        if (program.resolver.dotted(base) or "").startswith("enum."):
            return True
        if isinstance(own, ast.ClassDef) and own is not node and _is_enum(program, own):
            return True
    return False


def inner(nodes: Iterable[ast.stmt], repeated: bool = False) -> Iterator[tuple[Definition, bool]]:
    """Functions and classes that statements define at the top level, each with whether it may be made several times."""
    for node in nodes:
        if isinstance(node, _DEFINITIONS):
            yield node, repeated
            continue
        again = repeated or isinstance(node, _LOOPS)
        for block in ("body", "orelse", "finalbody"):
            yield from inner(getattr(node, block, []), again)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            yield from inner(part.body, again)


def _computed(node: ast.FunctionDef | ast.AsyncFunctionDef, is_plain: Callable[[ast.expr], bool]) -> list[str]:
    """Parameters whose defaults are not known before; with those before them, as defaults cannot have gaps."""
    given = _given(node.args)
    computed = [number for number, (_, default) in enumerate(given) if not is_plain(default)]
    last = computed[-1] + 1 if computed else 0
    only = [
        (argument, default)
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is not None and not is_plain(default)
    ]
    return [argument.arg for argument, _ in (*given[:last], *only)]


def _given(arguments: ast.arguments) -> list[tuple[ast.arg, ast.expr]]:
    """Positional parameters with defaults."""
    listed = [*arguments.posonlyargs, *arguments.args]
    return list(zip(listed[len(listed) - len(arguments.defaults) :], arguments.defaults, strict=True))


def _without(arguments: ast.arguments, names: Sequence[str]) -> ast.arguments:
    """Parameters of which some have no defaults."""
    result = copy.copy(arguments)
    result.defaults = [default for argument, default in _given(arguments) if argument.arg not in names]
    result.kw_defaults = [
        None if argument.arg in names else default
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return result


# -- texts -----------------------------------------------------------------------------------------------------------
def _texts(text: str, one: Apart, runtime: Callable[[str], str]) -> tuple[str, str]:
    """A definition under its other name, and the statement that binds the notebook's name."""
    (node,) = ast.parse(text).body
    assert isinstance(node, _DEFINITIONS)
    places = Places(text)
    start = places.span(node)[0]
    match = re.compile(r"(?:async\s+def|def|class)\s+").match(text, start)
    assert match is not None
    edits = [Edit(match.end(), match.end() + len(node.name), one.name)]
    value = one.name
    if isinstance(node, ast.ClassDef):
        edits += [places.replace(part, one.name) for part in own_calls(node)]
        edits += [
            places.replace(part, one.bases[part.id])
            for part in own_nodes([*node.bases, *node.keywords, *node.body])
            if isinstance(part, ast.Name) and part.id in one.bases
        ]
    else:
        moved = list(_moved(text, node, places, one.defaults))
        edits += [edit for edit, _ in moved]
        given = "".join(f", {default}" for _, default in moved)
        if given or one.anew:
            value = f"{runtime('with_defaults')}({value}{given})"
    if one.decorated:
        edits.append(Edit(_start(node, places), start, ""))
        for decorator in reversed(node.decorator_list):
            first, last = places.span(decorator)
            value = f"{text[first:last]}({value})"
    return apply(text, edits), f"{node.name} = {value}"


def _moved(
    text: str, node: ast.FunctionDef | ast.AsyncFunctionDef, places: Places, names: Sequence[str]
) -> Iterator[tuple[Edit, str]]:
    """Without the defaults of parameters: what is cut, and the default as an argument."""
    only = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    for argument, default in (*_given(node.args), *only):
        if argument.arg in names and default is not None:
            begin, (start, end) = places.span(argument)[1], places.span(default)
            for _ in range(text[begin:start].count("(")):
                end = text.index(")", end) + 1
            value = text[begin:end].split("=", 1)[1].strip()
            yield Edit(begin, end, ""), f"{argument.arg}={value}"


def _start(node: Definition, places: Places) -> int:
    """Where a definition begins, with its decorators."""
    start = places.span(node)[0]
    if not node.decorator_list:
        return start
    return places.source.rindex("@", 0, places.span(node.decorator_list[0])[0])
