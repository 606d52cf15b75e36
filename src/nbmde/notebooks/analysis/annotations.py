"""Names in annotations, which are often texts: they are never looked up, but whoever reads the code must know them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .trees import children, walk

# Functions of typing -> which of their arguments are types.
_TYPES_OF = {"cast": slice(1), "ForwardRef": slice(1), "TypeVar": slice(1, None), "NewType": slice(1, None)}


def annotation_names(tree: ast.AST) -> Iterator[str]:
    """The names in all annotations of some code, in those too that are texts."""
    for part in walk(tree):
        for annotation in _annotations(part):
            yield from _names(annotation)


def _annotations(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation is not None:
        yield node.annotation
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
        yield node.returns
    elif isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        yield from node.args[_TYPES_OF.get(called, slice(0))]
        yield from (keyword.value for keyword in node.keywords if called == "TypeVar" and keyword.arg == "bound")


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            yield from _names(ast.parse(node.value.strip(), mode="eval").body)
        except (SyntaxError, ValueError):
            return
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] == "Literal":
        yield from _names(node.value)
    else:
        for child in children(node):
            yield from _names(child)
