"""Reads what `%run` runs: files beside the notebook, each in a namespace of its own or in that of the notebook."""

from __future__ import annotations

import ast
import posixpath
import shlex
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.analysis.program import is_star_import
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject import document
from nbmde.notebooks.inject.assets import content

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset

KINDS = ("script", "module", "notebook")


@dataclass(frozen=True)
class Run:
    """One use of the magic.

    Attributes:
        path: as the notebook says it, with its suffix.
        shared: the code reads and binds the names of the notebook.
        arguments: what the file finds in `sys.argv` behind its own name.
    """

    path: str
    shared: bool
    arguments: list[str]


def parsed(argument: str) -> Run:
    """Parse the text behind the name of the magic.

    Raises:
        ValueError: for what is not supported.
    """
    words = shlex.split(argument)
    options = [word for word in words[:1] if word.startswith("-")]
    if options not in ([], ["-i"]):
        raise ValueError(f"the option {options[0]} of %run is not supported")
    rest = words[len(options) :]
    if not rest or "{" in rest[0] or "$" in rest[0]:
        raise ValueError("which file %run runs is known at run time only")
    path = rest[0] if posixpath.splitext(rest[0])[1] else f"{rest[0]}.py"
    return Run(path, bool(options) or path.endswith(".ipynb"), rest[1:])


def sources(assets: Iterable[Asset]) -> dict[str, bytes]:
    """The files that can be run, by their paths."""
    return {asset.path: content(asset) for asset in assets if asset.kind.name in KINDS and asset.content is not None}


def cells(path: str, source: bytes) -> list[str]:
    """The code of a file: of a notebook cell by cell."""
    if not path.endswith(".ipynb"):
        return [source.decode("utf-8")]
    node = document.parsed(source, Path(path)).node
    return [cell.source for cell in node.cells if cell.cell_type == "code"]  # IPython's %run knows no tags


def results(tree: ast.Module, used: Collection[str]) -> tuple[list[str], list[ast.stmt]]:
    """The names that a notebook takes over from a script, and the imports that bind others of those that it uses.

    Args:
        used: words of the notebook; what it does not use is not taken over.

    Raises:
        ValueError: only a run tells what the script binds.
    """
    found = facts(tree.body)
    unsure = sorted({*found.maybe_binds, *found.deletes} & set(used) - set(found.binds))
    if unsure or any(is_star_import(node) for node in walk(tree) if isinstance(node, ast.stmt)):
        raise ValueError(f"only a run tells whether it binds {', '.join(unsure) or 'the names of its star import'}")
    imports: list[ast.stmt] = []
    imported: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0):
            bound = {alias.asname or alias.name.split(".")[0] for alias in node.names}
            if bound & set(used) and getattr(node, "module", "") != "__future__":
                imports.append(node)
                imported |= bound
    rebound = set(facts(node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)).all_bound)
    if both := sorted(imported & rebound & set(used)):
        raise ValueError(f"it imports {both[0]} and binds it to something else")
    names = [name for name in found.binds if name in used and name not in imported and not name.startswith("__")]
    return names, imports
