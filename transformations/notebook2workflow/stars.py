"""`from module import *`: where it is known what it binds, the names that the notebook uses take the star's place."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from nbmde.notebooks.analysis.names import BUILTINS, NameFacts, facts
from nbmde.notebooks.analysis.program import Program, Unit, is_star_import
from nbmde.notebooks.analysis.rewrite import Places, apply
from nbmde.notebooks.analysis.trees import walk

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Notebook

Names = Mapping[str, frozenset[str]]
"""The names that star imports of modules bind, by module."""
_NOT_LOADED = frozenset(
    ["this", "antigravity", "__hello__", "__phello__", "idlelib", "lib2to3", "test", "tkinter", "turtle", "turtledemo"]
)
_IN_TEXTS = re.compile(r"\b(?:eval|exec|query|timeit|repeat|lambdify|globals|locals|vars)\b")


def known(notebook: Notebook, units: Iterable[Unit], modules: Mapping[str, ast.Module]) -> dict[str, frozenset[str]]:
    """Module -> what ``from module import *`` binds; modules of which this is not known are left out.

    Args:
        modules: those beside the notebook, by their dotted names.
    """
    installed = {star.module: frozenset(star.names) for star in notebook.starImports}
    found: dict[str, frozenset[str]] = {}
    parts = (part for unit in units for node in unit.nodes for part in walk(node))
    for part in parts:
        if isinstance(part, ast.ImportFrom) and is_star_import(part) and not part.level and part.module:
            if part.module in modules:
                names = _surely_public(modules[part.module])
            else:
                names = _standard(part.module) or installed.get(part.module)
            if names is not None:
                found[part.module] = names
    return found


def name_all(units: list[Unit], stars: Names) -> None:
    """Puts names in the place of stars, in place.

    A name that the notebook binds to something else as well is imported by a statement of its own.
    """
    if not any(is_star_import(part) for unit in units for node in unit.nodes for part in walk(node)):  # type: ignore[arg-type]
        return
    does = [facts(unit.nodes) for unit in units]
    loads = [_loaded(unit) for unit in units]
    if any(_IN_TEXTS.search(unit.text) for unit in units):
        words = {word for unit in units for word in re.findall(r"[^\W\d]\w*", unit.text)}
        loads = [mentioned | words for mentioned in loads]
    bound = {name for found in does for name in found.all_bound}
    result: list[Unit] = []
    for index, unit in enumerate(units):
        result += _named(unit, index, units, stars, does, loads, bound)
    units[:] = result


def _loaded(unit: Unit) -> set[str]:
    parts = (part for node in unit.nodes for part in walk(node))
    return {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _named(
    unit: Unit,
    index: int,
    units: Sequence[Unit],
    stars: Names,
    does: Sequence[NameFacts],
    loads: Sequence[set[str]],
    bound: set[str],
) -> list[Unit]:
    places = Places(unit.text)
    edits = []
    apart: list[str] = []
    for node in ast.parse(unit.text).body:
        for part in walk(node):
            if not isinstance(part, ast.ImportFrom) or not is_star_import(part) or part.level:
                continue
            module = part.module or ""
            if module not in stars:
                continue
            wanted = [name for name in sorted(stars[module]) if _needed(name, index, units, stars, does, loads)]
            contested = [name for name in wanted if name in bound] if part is node else []
            clean = [name for name in wanted if name not in contested]
            if contested:
                apart.append(f"from {module} import {', '.join(contested)}")
            text = f"from {module} import {', '.join(clean)}" if clean else f"import {module}"
            if not clean and module.partition(".")[0] in bound:
                text = f"import {module} as {module.replace('.', '_')}_"
            if clean or not contested or part is not node:
                edits.append(places.replace(part, text))
            else:
                edits.append(places.replace(part, apart.pop()))
    if not edits:
        return [unit]
    text = apply(unit.text, edits)
    unit.text, unit.nodes = text, ast.parse(text).body
    more = [Unit(line, ast.parse(line).body, unit.cell, unit.line, unit.last_line) for line in apart]
    if more:
        more[-1].ends_cell, unit.ends_cell = unit.ends_cell, False
    return [unit, *more]


def _needed(
    name: str,
    index: int,
    units: Sequence[Unit],
    stars: Names,
    does: Sequence[NameFacts],
    loads: Sequence[set[str]],
) -> bool:
    """Does anything use what a star import binds, before something else is bound to the name?"""
    if any(name in does[earlier].captures for earlier in range(index)):
        return True
    for later in range(index + 1, len(units)):
        if name in loads[later] and name not in _only_binds(does[later], name):
            return True
        if name in does[later].binds:
            return False
        node = units[later].node
        if isinstance(node, ast.ImportFrom) and is_star_import(node) and name in stars.get(node.module or "", ()):
            return False
    return name in loads[index] and not is_star_import(units[index].nodes[0])


def _only_binds(found: NameFacts, name: str) -> tuple[str, ...]:
    """The name itself, where a statement binds it before it reads it."""
    own = name in found.binds and name not in found.reads and name not in found.captures
    return (name,) if own else ()


def taken_over(units: Sequence[Unit], program: Program, names: Iterable[tuple[int, str]]) -> list[Unit]:
    """Statements with imports by name beside star imports of which nothing is known.

    Args:
        program: says which names nothing else binds.
        names: number of a star import and a name that it may bind; an empty name for one that cannot stay.
    """
    wanted: dict[int, dict[str, None]] = {}
    for index, name in names:
        wanted.setdefault(index, {})[name] = None
    unresolved = [
        name for name in program.uses if name not in program.bindings and name not in BUILTINS and name[:1] != "_"
    ]
    result: list[Unit] = []
    for index, unit in enumerate(units):
        if index not in wanted:
            result.append(unit)
            continue
        taken = [name for name in wanted[index] if name]
        parts = (part for node in unit.nodes for part in walk(node))
        star = next(part for part in parts if isinstance(part, ast.ImportFrom) and is_star_import(part))
        source = "." * star.level + (star.module or "")
        if "" in wanted[index]:
            places = Places(unit.text)
            text = f"from {source} import {', '.join(unresolved)}" if unresolved else f"import {source}"
            tree = ast.parse(unit.text)
            found = next(part for part in walk(tree) if isinstance(part, ast.ImportFrom) and is_star_import(part))
            unit.text = apply(unit.text, [places.replace(found, text)])
            unit.nodes = ast.parse(unit.text).body
        unit.beside = unit.beside | frozenset(taken)
        result.append(unit)
        for name in taken:
            text = f"try:\n    from {source} import {name}\nexcept ImportError:\n    pass"
            result.append(Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line, pinned=True))
        result[-1].ends_cell, unit.ends_cell = unit.ends_cell, unit.ends_cell and result[-1] is unit
    return result


def _surely_public(tree: ast.Module) -> frozenset[str] | None:
    """Return the names that a star import of a module binds, if they are the same at each time."""
    names = _public_names(tree)
    found = facts(tree.body)
    surely = names is not None and names <= set(found.binds) and not set(found.deletes) & names
    return names if surely else None


def _public_names(tree: ast.Module) -> frozenset[str] | None:
    """Return the names that a star import of a module binds; None where only a run tells."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets
        ):
            try:
                return frozenset(ast.literal_eval(node.value))
            except (ValueError, TypeError):
                return None
    if any(is_star_import(node) for node in tree.body):
        return None
    return frozenset(name for name in facts(tree.body).all_bound if not name.startswith("_"))


@cache
def _standard(module: str) -> frozenset[str] | None:
    """The same for the standard library, which can be loaded without doing anything."""
    top = module.split(".")[0]
    if top not in sys.stdlib_module_names or top in _NOT_LOADED:
        return None
    try:
        loaded = importlib.import_module(module)
    except ImportError:
        return None
    public = getattr(loaded, "__all__", None)
    return frozenset(public if public is not None else (name for name in vars(loaded) if not name.startswith("_")))
