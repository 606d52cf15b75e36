"""Names that nothing in a notebook binds: it stops where it reads them, and so does the project, in plain sight."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress

from nbmde.notebooks.analysis.names import BUILTINS
from nbmde.notebooks.analysis.program import Program, Unit, is_star_import
from nbmde.notebooks.analysis.renaming import Source
from nbmde.notebooks.analysis.rewrite import Edit
from nbmde.notebooks.analysis.scopes import top_level_names
from nbmde.notebooks.analysis.trees import walk

from . import kernel
from .remarks import Remark, at

_PLATFORM = kernel.NAMES | {"display", "exit", "quit"}
_ASSIGNMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign)
_REMEDY = "the notebook stops where it is read, and so does the project"


def marked(program: Program, runtime: Collection[str], undefined: Callable[[], str]) -> list[Remark]:
    """Reads of names that nothing binds become calls that raise the NameError; one finding a name and statement.

    Nothing changes where a star import of a module that is not known may bind any name.

    Args:
        runtime: names under which the code knows the project's runtime.
        undefined: what the code calls the function that raises NameError, once it is needed.
    """
    if any(is_star_import(node) for unit in program.units for node in unit.nodes):
        return []
    found = []
    for index, unit in enumerate(program.units):
        names = _unknown(program, index, runtime)
        found += [at(unit, "name-unbound", f"nothing binds {name}{later}", _REMEDY) for name, later in names.items()]
        _mark(unit, names, undefined)
    return found


def _unknown(program: Program, index: int, runtime: Collection[str]) -> dict[str, str]:
    """Names that a statement reads and nothing binds, with what is to be said of each.

    In a text that a library reads, they may be the library's own.
    """
    unit = program.units[index]
    known = (BUILTINS, _PLATFORM, runtime)
    never = [name for name in (*unit.facts.reads, *unit.facts.captures) if name not in program.bindings]
    early = [name for name in unit.facts.reads if _too_early(program, index, name)]
    found = {**dict.fromkeys(never, ""), **dict.fromkeys(early, " before this")}
    found = {name: later for name, later in found.items() if not any(name in names for names in known)}
    if not found:
        return {}
    parts = [part for node in unit.nodes for part in walk(node)]
    own = {part.id for part in parts if isinstance(part, ast.Name)}
    calls = (part for part in parts if isinstance(part, ast.Call))
    in_texts = {name for call in calls for name in program.semantics.string_reads(call)} - own
    return {name: later for name, later in found.items() if name not in in_texts}


def _too_early(program: Program, index: int, name: str) -> bool:
    """Is a name bound by steps only that come after the read of a statement, which therefore surely fails?

    What stands at the head of a module is there for a project: imports and definitions.
    """
    bindings = program.bindings.get(name, ())
    if not bindings or any(program.units[binding].placement != "step" for binding in bindings):
        return False
    unit = program.units[index]
    first = bindings[0]
    return first > index or (first == index and isinstance(unit.node, _ASSIGNMENTS) and name in unit.facts.must_read)


def _mark(unit: Unit, names: Collection[str], undefined: Callable[[], str]) -> None:
    if not names:
        return
    source = Source(unit.text)
    types = {id(part) for annotation in _annotations(source.tree) for part in walk(annotation)}
    for found in top_level_names(source.tree):
        node = found.node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names and id(node) not in types:
            with suppress(ValueError):  # an f-string that has no place for the text: the bare name raises as well
                source.edits.append(source.put(node, f'{undefined()}("{node.id}")'))
    for node in source.tree.body:
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in names:
            behind = source.places.span(node.target)[1]
            sign = unit.text.index("=", behind)
            operator = unit.text[behind:sign].strip()
            read = f'= {undefined()}("{node.target.id}") {operator}'
            source.edits.append(Edit(sign - len(operator), sign + 1, read))
    if source.edits:
        unit.text = source.edited()
        unit.nodes = ast.parse(unit.text).body


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """Find the annotations, which say of what type something is: they are no code of a step."""
    for part in walk(tree):
        for annotation in (getattr(part, "annotation", None), getattr(part, "returns", None)):
            if annotation is not None:
                yield annotation
