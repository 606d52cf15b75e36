"""Walks syntax trees, as the analysis does again and again: a statement remembers its parts.

The trees of statements stay as they were parsed: source text is edited, never a tree.
"""

from __future__ import annotations

import ast

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
