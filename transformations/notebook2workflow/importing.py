"""The effects and bindings of importing a module, as far as its source or the standard library tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.scopes import own_nodes
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject.assets import content

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset, Notebook

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
        for part in walk(node):
            for name in _imported(part):
                if name in _ACTING or (name in modules and not _quiet(modules[name])):
                    return True
    return False


def named_files(units: Iterable[Unit]) -> frozenset[str]:
    """Modules of which a text in the code names the file, as code does that writes them."""
    parts = (part for unit in units for node in unit.nodes for part in walk(node))
    texts = (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
    names = (PurePosixPath(text).name for text in texts if re.fullmatch(r"[^\s'\"]+\.py", text))
    return frozenset(name.removesuffix(".py") for name in names)


def calls_on_import(tree: ast.Module) -> bool:
    """Does a module call anything while it is imported?"""
    return any(isinstance(part, ast.Call) for part in own_nodes(tree.body))


def modules_beside(notebook: Notebook) -> dict[str, ast.Module]:
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


def is_module(asset: Asset) -> bool:
    """Is a file beside the notebook a module that it imports?"""
    return bool(asset.kind.name == "module" and asset.path.endswith(".py"))


def module_name(asset: Asset) -> str:
    """The dotted name by which a module beside the notebook is imported."""
    inside = PurePosixPath(asset.path).relative_to(asset.searchFolder or ".")
    return ".".join(inside.with_suffix("").parts).removesuffix(".__init__")


def modules_of_cells(notebook: Notebook, sources: Mapping[int, str]) -> dict[int, str]:
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
            isinstance(part, ast.Name) and part.id == "__name__" for part in walk(node.test)
        )
        if docstring or main or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        calls = [part.func for part in walk(node) if isinstance(part, ast.Call)]
        if not isinstance(node, _QUIET) or any(
            getattr(call, "attr", getattr(call, "id", "")) in _LOUD_CALLS for call in calls
        ):
            return False
    return True
