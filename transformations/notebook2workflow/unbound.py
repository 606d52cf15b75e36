"""Names that nothing in a notebook binds: it stops where it reads them, and so does the project, in plain sight."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress

from nbmde.analysis.names import BUILTINS
from nbmde.analysis.program import Program, Unit, is_star_import
from nbmde.analysis.renaming import Source
from nbmde.analysis.scopes import top_level_names

from . import kernel
from .remarks import Remark, at

_PLATFORM = kernel.NAMES | {"display", "exit", "quit"}
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
    for unit in program.units:
        names = _unknown(program, unit, runtime)
        found += [at(unit, "name-unbound", f"nothing binds {name}", _REMEDY) for name in names]
        _mark(unit, names, undefined)
    return found


def _unknown(program: Program, unit: Unit, runtime: Collection[str]) -> list[str]:
    """Names that a statement reads and nothing binds. In a text that a library reads, they may be the library's own."""
    bound = (program.bindings, BUILTINS, _PLATFORM, runtime)
    unbound = [name for name in (*unit.facts.reads, *unit.facts.captures) if not any(name in names for names in bound)]
    if not unbound:
        return []
    parts = [part for node in unit.nodes for part in ast.walk(node)]
    own = {part.id for part in parts if isinstance(part, ast.Name)}
    calls = (part for part in parts if isinstance(part, ast.Call))
    in_texts = {name for call in calls for name in program.semantics.string_reads(call)} - own
    return [name for name in dict.fromkeys(unbound) if name not in in_texts]


def _mark(unit: Unit, names: Collection[str], undefined: Callable[[], str]) -> None:
    if not names:
        return
    source = Source(unit.text)
    types = {id(part) for annotation in _annotations(source.tree) for part in ast.walk(annotation)}
    for found in top_level_names(source.tree):
        node = found.node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names and id(node) not in types:
            with suppress(ValueError):  # an f-string that has no place for the text: the bare name raises as well
                source.edits.append(source.put(node, f'{undefined()}("{node.id}")'))
    if source.edits:
        unit.text = source.edited()
        unit.nodes = ast.parse(unit.text).body


def _annotations(tree: ast.AST) -> Iterator[ast.expr]:
    """What says of what type something is: it is no code of a step."""
    for part in ast.walk(tree):
        for annotation in (getattr(part, "annotation", None), getattr(part, "returns", None)):
            if annotation is not None:
                yield annotation
