"""What importing a module does and binds, as far as its source or the standard library tells."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Container, Iterable, Mapping
from functools import cache
from pathlib import PurePosixPath

from nbmde.analysis.names import facts
from nbmde.analysis.program import Unit, is_star_import
from nbmde.analysis.scopes import own_nodes
from nbmde.errors import NbmdeError
from nbmde.inject.assets import content
from nbmde.models import EObject

_ACTING = frozenset(
    ["this", "antigravity", "__hello__", "__phello__"]
)  # modules that do something when they are imported
_NOT_LOADED = _ACTING | {"idlelib", "lib2to3", "test", "tkinter", "turtle", "turtledemo"}
_QUIET = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.Pass, ast.Assign, ast.AnnAssign, ast.Try, ast.If)
_LOOKS_AROUND = r"\b(?:listdir|scandir|r?glob|iglob|walk|iterdir)\b|^\s*[!%]?(?:ls|dir|cat)\b"
"""Code that may tell which files there are."""
_LOUD_CALLS = frozenset(
    [
        "print",
        "input",
        "open",
        "exec",
        "eval",
        "exit",
        "quit",
        "seed",
        "set_seed",
        "system",
        "chdir",
        "putenv",
        "random",
    ]
)


def acts_on_import(unit: Unit, modules: Mapping[str, ast.Module]) -> bool:
    """Does a statement import a module that does more than define things, so that the place of the import matters?"""
    for node in unit.nodes:
        for part in ast.walk(node):
            for name in _imported(part):
                if name in _ACTING or (name in modules and not _quiet(modules[name])):
                    return True
    return False


def calls_on_import(tree: ast.Module) -> bool:
    """Does a module call anything while it is imported?"""
    return any(isinstance(part, ast.Call) for part in own_nodes(tree.body))


def star_names(units: Iterable[Unit], modules: Mapping[str, ast.Module]) -> dict[str, frozenset[str]]:
    """Module -> what ``from module import *`` binds; modules of which this is not known are left out."""
    found: dict[str, frozenset[str]] = {}
    for unit in units:
        for node in unit.nodes:
            if isinstance(node, ast.ImportFrom) and is_star_import(node) and not node.level and node.module:
                names = _public_names(modules[node.module]) if node.module in modules else _standard(node.module)
                if names is not None:
                    found[node.module] = names
    return found


def name_stars(units: Iterable[Unit], modules: Mapping[str, ast.Module], words: Container[str]) -> None:
    """Put the names in place of star imports of modules beside the notebook, where it is known what these bind.

    Args:
        units: are changed.
        words: identifiers that the notebook uses: what it does not use is not imported.
    """
    for unit in units:
        node = unit.node
        if not isinstance(node, ast.ImportFrom) or not is_star_import(node) or node.level:
            continue
        if node.module is None or node.module not in modules:
            continue
        names = _surely_public(modules[node.module])
        if names is None:
            continue
        used = sorted(name for name in names if name in words) or sorted(names)[:1]
        above = unit.text.splitlines()[: unit.first_line - 1]
        text = f"from {node.module} import {', '.join(used)}" if used else f"import {node.module}"
        unit.text = "\n".join([*above, text])
        unit.nodes = ast.parse(unit.text).body


def _surely_public(tree: ast.Module) -> frozenset[str] | None:
    """What a star import of a module binds, if it is the same at each time."""
    names = _public_names(tree)
    found = facts(tree.body)
    surely = names is not None and names <= set(found.binds) and not set(found.deletes) & names
    return names if surely else None


def modules_beside(notebook: EObject) -> dict[str, ast.Module]:
    """Modules beside the notebook, by dotted name; those that are no Python are left out."""
    found: dict[str, ast.Module] = {}
    for asset in notebook.assets:
        if is_module(asset) and asset.content is not None:
            try:
                tree = ast.parse(content(asset))
            except (SyntaxError, ValueError, NbmdeError):
                continue
            found[module_name(asset)] = tree
    return found


def is_module(asset: EObject) -> bool:
    """Is a file beside the notebook a module that it imports?"""
    return bool(asset.kind.name == "module" and asset.path.endswith(".py"))


def module_name(asset: EObject) -> str:
    """The dotted name by which a module beside the notebook is imported."""
    inside = PurePosixPath(asset.path).relative_to(asset.searchFolder or ".")
    return ".".join(inside.with_suffix("").parts).removesuffix(".__init__")


def modules_of_cells(notebook: EObject, sources: Mapping[int, str]) -> dict[int, str]:
    """The modules that are written out in cells, and looked at in no other way than by importing them.

    Args:
        sources: code by position of its cell.

    Returns:
        The dotted name of the module by position of the cell.
    """
    found: dict[int, str] = {}
    for asset in notebook.assets:
        writers = {cell.position for cell in asset.writers} if is_module(asset) else set()
        others = "\n".join(source for position, source in sources.items() if position not in writers)
        if not re.search(rf"\b{re.escape(PurePosixPath(asset.path).name)}\b|{_LOOKS_AROUND}", others, re.MULTILINE):
            found |= dict.fromkeys(writers, module_name(asset))
    return found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def _quiet(tree: ast.Module) -> bool:
    """Does a module only define things?"""
    for node in tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        main = isinstance(node, ast.If) and any(
            isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
        )
        if docstring or main or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
        if not isinstance(node, _QUIET) or any(
            getattr(call, "attr", getattr(call, "id", "")) in _LOUD_CALLS for call in calls
        ):
            return False
    return True


def _public_names(tree: ast.Module) -> frozenset[str] | None:
    """What a star import of a module binds; None where only a run tells."""
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
