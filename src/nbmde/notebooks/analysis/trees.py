"""Walks syntax trees, as the analysis does again and again: nodes remember what was found.

The trees of statements stay as they were parsed: source text is edited, never a tree.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

_Node = TypeVar("_Node", bound=ast.AST)
_Found = TypeVar("_Found")

_PARTS = "_nbmde_parts"


def walk(node: ast.AST) -> list[ast.AST]:
    """A node and all below it, level by level, in the order of `ast.walk`."""
    if not isinstance(node, ast.stmt):
        return _parts(node)
    owner: ast.AST | None
    found: list[ast.AST]
    owner, found = node.__dict__.get(_PARTS, (None, []))
    if owner is not node:  # a copy of a node comes with what the node remembers
        found = _parts(node)
        setattr(node, _PARTS, (node, found))
    return found


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node, as `ast.iter_child_nodes` gives them."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif isinstance(value, list):
            found += [part for part in value if isinstance(part, ast.AST)]
    return found


def remembered(function: Callable[[_Node], _Found]) -> Callable[[_Node], _Found]:
    """Make nodes remember what a function finds that looks at nothing but the node, and what is below it."""
    name = f"_nbmde_{function.__name__}"

    @wraps(function)
    def ask(node: _Node) -> _Found:
        kept: tuple[_Node, _Found] | None = node.__dict__.get(name)
        if kept is None or kept[0] is not node:  # a copy of a node comes with what the node remembers
            kept = node, function(node)
            setattr(node, name, kept)
        return kept[1]

    return ask


def _parts(node: ast.AST) -> list[ast.AST]:
    found = [node]
    for one in found:  # grows
        for name in one._fields:
            value = getattr(one, name, None)
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [part for part in value if isinstance(part, ast.AST)]
    return found
