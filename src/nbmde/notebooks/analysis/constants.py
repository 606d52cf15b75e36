"""Variables that are constants: bound once, to a value that can be written down, and never changed."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence

from .calls import CallResolver
from .scopes import Comprehension, results, top_level_names
from .trees import children, walk

_DISPLAYS = (ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)
_OPERATORS = (ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.JoinedStr, ast.FormattedValue)
_PARTS = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Starred, ast.Subscript, ast.Slice, *_OPERATORS)
_MAKE_CHANGING = frozenset(["list", "dict", "set", "sorted", "collections.OrderedDict", "collections.Counter"])
_CHANGES = frozenset(  # methods that change what they are called on
    [
        *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "add", "discard"),
        *("setdefault", "popitem", "subtract", "fill", "put", "resize", "appendleft", "popleft"),
        *("difference_update", "intersection_update", "symmetric_difference_update", "move_to_end"),
    ]
)
_TEXT_METHODS = frozenset(["split", "splitlines", "lower", "upper", "strip", "join", "format", "replace", "encode"])


class Values:
    """Tells expressions that are constants.

    Args:
        known: names of constants.
        calls: dotted names of functions that make the same value whenever they are called, and do nothing else.
        classes: those of functions that make classes.
    """

    def __init__(self, resolver: CallResolver, calls: Container[str], classes: Container[str] = ()) -> None:
        self.resolver = resolver
        self.calls = calls
        self.classes = classes
        self.known: dict[str, ast.expr] = {}

    def is_constant(self, node: ast.AST, local: frozenset[str] = frozenset()) -> bool:
        """Can the value of an expression be told without running anything?"""
        if isinstance(node, ast.Constant):
            return not (isinstance(node.value, str) and _may_be_path(node.value))
        if isinstance(node, ast.Name):
            return node.id in local or node.id in self.known or self.resolver.dotted(node) in self.calls
        if isinstance(node, ast.Attribute):
            name = self.resolver.dotted(node)
            return name is not None and "environ" not in name and not name.startswith(("sys.", "os."))
        if isinstance(node, ast.Call):
            return self._is_call(node, local)
        if isinstance(node, Comprehension) and not isinstance(node, ast.GeneratorExp):
            return self._is_comprehension(node, local)
        parts = (part for part in children(node) if isinstance(part, ast.expr))
        return isinstance(node, _PARTS) and all(self.is_constant(part, local) for part in parts)

    def _is_call(self, node: ast.Call, local: frozenset[str]) -> bool:
        name = self.resolver.dotted(node.func) or ""
        if name in self.calls or name in self.classes:
            quoted = name.startswith("re.") or name in self.classes
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_METHODS:
            quoted = True
            if not isinstance(node.func.value, ast.Constant):
                return False
        else:
            return False
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        return all((quoted and isinstance(part, ast.Constant)) or self.is_constant(part, local) for part in arguments)

    def _is_comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp, local: frozenset[str]) -> bool:
        for generator in node.generators:
            if generator.is_async or not self.is_constant(generator.iter, local):
                return False
            local |= {part.id for part in walk(generator.target) if isinstance(part, ast.Name)}
            if not all(self.is_constant(part, local) for part in generator.ifs):
                return False
        return all(self.is_constant(part, local) for part in results(node))

    def can_change(self, node: ast.expr) -> bool:
        """May the value of a constant be changed in place?"""
        if isinstance(node, _DISPLAYS):
            return True
        if isinstance(node, ast.Name):
            return node.id in self.known and self.can_change(self.known[node.id])
        if isinstance(node, ast.Call):
            name = self.resolver.dotted(node.func) or ""
            return name in _MAKE_CHANGING or name.startswith(("numpy.", "pandas.")) or name == ""
        if isinstance(node, ast.BinOp):
            return self.can_change(node.left) or self.can_change(node.right)
        if isinstance(node, (ast.Tuple, ast.IfExp, ast.Subscript)):
            return any(self.can_change(part) for part in children(node) if isinstance(part, ast.expr))
        return False

    def is_empty(self, node: ast.expr) -> bool:
        """Is it a container that waits to be filled?"""
        if isinstance(node, ast.Call):
            return not node.args and not node.keywords and (self.resolver.dotted(node.func) or "") in _MAKE_CHANGING
        return (isinstance(node, (ast.List, ast.Set)) and not node.elts) or (
            isinstance(node, ast.Dict) and not node.keys
        )


def changed(
    name: str, statements: Sequence[ast.stmt], resolver: CallResolver, own: Callable[[str], bool], nested: bool
) -> bool:
    """May code change the value of a variable, or keep it where other code could?

    Args:
        own: is this the name of a function or class of the program, of which not every use of its arguments is known?
        nested: are there values in the value that can be changed?
    """
    for statement in statements:
        parents = {id(child): node for node in walk(statement) for child in children(node)}
        for occurrence in top_level_names(statement):
            node = occurrence.node
            if occurrence.name != name or not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            if not _only_read(node, parents, resolver, own, nested):
                return True
    return False


def _only_read(
    node: ast.expr,
    parents: Mapping[int, ast.AST],
    resolver: CallResolver,
    own: Callable[[str], bool],
    nested: bool,
) -> bool:
    parent = parents.get(id(node))
    if isinstance(parent, ast.keyword):
        parent = parents.get(id(parent))
    if isinstance(parent, ast.Call):
        if node is parent.func:
            return False
        call = resolver.call(parent)
        mutates = call.row.get("mutates", ())
        given = [f"arg{number}" for number, argument in enumerate(parent.args) if argument is node]
        return not own(call.name) and not any(argument in mutates for argument in given)
    if isinstance(parent, ast.Attribute):
        call_ = parents.get(id(parent))
        return isinstance(call_, ast.Call) and call_.func is parent and parent.attr not in _CHANGES and not nested
    if isinstance(parent, ast.Subscript):
        if parent.slice is node:
            return True
        return isinstance(parent.ctx, ast.Load) and not nested
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is node and not nested
    if isinstance(parent, (ast.Tuple, ast.List)):
        grand = parents.get(id(parent))
        return isinstance(grand, ast.Subscript) and grand.slice is parent
    return isinstance(
        parent,
        (ast.Compare, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.FormattedValue, ast.Starred, ast.Expr, ast.If, ast.While),
    )


def _may_be_path(text: str) -> bool:
    """Texts that name files are settings of a project."""
    return "/" in text or "\\" in text or re.fullmatch(r"[\w\- ]+\.[A-Za-z]\w{1,5}", text) is not None


def nested(values: Values, node: ast.expr) -> bool:
    """Are there values inside a container that can be changed?"""
    inside: Iterator[ast.AST]
    if isinstance(node, (ast.List, ast.Set, ast.Tuple)):
        inside = iter(node.elts)
    elif isinstance(node, ast.Dict):
        inside = iter(node.values)
    elif isinstance(node, Comprehension):
        inside = iter(results(node))
    elif isinstance(node, ast.Name):
        return node.id in values.known and nested(values, values.known[node.id])
    else:
        return False
    return any(isinstance(part, ast.expr) and values.can_change(part) for part in inside)
