"""The targets of calls in the source: dotted names through import aliases, methods through the types of variables."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .names import BUILTINS, Semantics
from .trees import remembered, walk

Row = Mapping[str, Any]
NOTHING: Row = {}


class CallTable:
    """Rows about calls: by dotted name, by the longest prefix ``name.*``, by the longest end of a method chain.

    Args:
        rows: key -> columns, as described at the top of ``transformations/knowledge/api.toml``.
    """

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self.rows = rows
        self.prefixes = {key[:-2]: row for key, row in rows.items() if key.endswith(".*")}

    def dotted(self, name: str) -> Row | None:
        """The row of a resolved dotted name."""
        row = self.rows.get(name)
        if row is not None:
            return row
        prefix = name
        while "." in prefix:
            prefix = prefix.rpartition(".")[0]
            if prefix in self.prefixes:
                return self.prefixes[prefix]
        return None

    def method(self, chain: str) -> Row | None:
        """The row of a method whose receiver's type is not known; ``chain`` is ``a.b.c`` without the receiver."""
        while chain:
            row = self.rows.get("." + chain)
            if row is None and "." in chain:
                row = self.prefixes.get("." + chain.partition(".")[0])
            if row is not None:
                return row
            _, _, chain = chain.partition(".")
        return None


@dataclass
class Types:
    """The types that are known of a program's names at a place in it."""

    modules: dict[str, str] = field(default_factory=dict)  # name -> dotted name that it was imported as
    values: dict[str, str] = field(default_factory=dict)  # name -> type of its value


class ResolvedCall(NamedTuple):
    """A call and what is known about it.

    Attributes:
        name: dotted name, or ``.method`` chain where the receiver's type is unknown.
        row: its row of the table, empty where there is none.
        receiver: the variable at the start of the chain of a method call.
    """

    node: ast.Call
    name: str
    row: Row
    receiver: str | None


@remembered
def _calls(node: ast.AST) -> list[ast.Call]:
    """All calls in a piece of code, in the order of the source."""
    found = [part for part in walk(node) if isinstance(part, ast.Call)]
    return sorted(found, key=lambda call: (call.end_lineno or 0, call.end_col_offset or 0))


class CallResolver:
    """Resolves calls and infers types of expressions with a `CallTable`."""

    def __init__(self, table: CallTable, types: Types | None = None) -> None:
        self.table = table
        self.types = types or Types()
        self.unclear: set[str] = set()  # names of modules and builtins that the program binds to other things as well

    # -- names ---------------------------------------------------------------------------------------------------
    def dotted(self, node: ast.expr) -> str | None:
        """Dotted name of a module member (``pd.read_csv`` -> ``pandas.read_csv``), or None for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self.unclear:
            return None
        if node.id in self.types.modules:
            return ".".join([self.types.modules[node.id], *reversed(parts)])
        if not parts and node.id in BUILTINS and node.id not in self.types.values:
            return node.id
        return None

    def call(self, node: ast.Call) -> ResolvedCall:
        """Find what ``node`` calls."""
        function = node.func
        name = self.dotted(function)
        if name is not None:
            return ResolvedCall(node, name, self.table.dotted(name) or NOTHING, None)
        if isinstance(function, ast.Name):
            return ResolvedCall(node, function.id, NOTHING, None)
        chain: list[str] = []
        base: ast.expr = function
        while isinstance(base, ast.Attribute):
            chain.insert(0, base.attr)
            base_type = self.type_of(base.value)
            if base_type:
                qualified = ".".join([base_type, *chain])
                row = self.table.dotted(qualified) if qualified in self.table.rows else None
                if row is not None:
                    return ResolvedCall(node, qualified, row, root_name(function))
            base = base.value
        if not chain:
            return ResolvedCall(node, "", NOTHING, None)
        return ResolvedCall(
            node, "." + ".".join(chain), self.table.method(".".join(chain)) or NOTHING, root_name(function)
        )

    def calls(self, node: ast.AST) -> Iterator[ResolvedCall]:
        """All calls in a piece of code, in the order of the source; what a block imports and binds is known in it."""
        if isinstance(node, ast.With):
            yield from self._calls_in_block(node)
            return
        for call in _calls(node):
            yield self.call(call)

    def _calls_in_block(self, block: ast.With) -> Iterator[ResolvedCall]:
        """The calls in a block whose statements run one after another, like those of a module."""
        for item in block.items:
            yield from self.calls(item)
        values, modules = dict(self.types.values), dict(self.types.modules)
        for statement in block.body:
            yield from self.calls(statement)
            self.learn(statement)
        for known, before in ((self.types.values, values), (self.types.modules, modules)):
            known.clear()
            known.update(before)

    # -- types ---------------------------------------------------------------------------------------------------
    def type_of(self, node: ast.expr, depth: int = 0) -> str:
        """Qualified name of an expression's type, or an empty text."""
        if depth > 40:
            return ""
        if isinstance(node, ast.Name):
            return self.types.values.get(node.id, "")
        if isinstance(node, ast.Constant):
            return "" if node.value is None or node.value is ... else type(node.value).__name__
        if isinstance(node, ast.JoinedStr):
            return "str"
        for kinds, name in _LITERALS:
            if isinstance(node, kinds):
                return name
        if isinstance(node, ast.Call):
            returned = self.returned(node, depth)
            return returned if isinstance(returned, str) else "tuple"
        if isinstance(node, ast.Subscript):
            return self.subscript(node, depth)
        if isinstance(node, ast.Attribute):
            return _ATTRIBUTES.get((self.type_of(node.value, depth + 1), node.attr), "")
        if isinstance(node, (ast.Compare, ast.BinOp)):
            operands = [node.left, *(node.comparators if isinstance(node, ast.Compare) else [node.right])]
            types = [self.type_of(operand, depth + 1) for operand in operands]
            for array in ("pandas.DataFrame", "pandas.Series", "numpy.ndarray"):
                if array in types:
                    return array
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and "pathlib.Path" in types:
                return "pathlib.Path"
            if isinstance(node, ast.BinOp) and all(types) and set(types) <= {"int", "float"}:
                return "float" if "float" in types or isinstance(node.op, ast.Div) else "int"
            if (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Add)
                and len(set(types)) == 1
                and types[0] in ("str", "list")
            ):
                return types[0]
            return ""
        if isinstance(node, ast.IfExp):
            first, second = self.type_of(node.body, depth + 1), self.type_of(node.orelse, depth + 1)
            return first if first == second else ""
        return ""

    def subscript(self, node: ast.Subscript, depth: int) -> str:
        base = self.type_of(node.value, depth + 1)
        if base == "pandas.DataFrame":
            if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                return "pandas.Series"
            if isinstance(node.slice, (ast.List, ast.Compare, ast.BinOp, ast.Slice, ast.UnaryOp)):
                return "pandas.DataFrame"
        if base in ("pandas.Series", "numpy.ndarray") and isinstance(node.slice, (ast.Slice, ast.Compare, ast.BinOp)):
            return base
        if base in ("list", "str") and isinstance(node.slice, ast.Slice):
            return base
        return ""

    def returned(self, node: ast.Call, depth: int = 0) -> str | list[str]:
        """Type of a call's result; a list for a tuple of known length."""
        call = self.call(node)
        returns = call.row.get("returns", "")
        if isinstance(returns, list):
            return [self._named(name, call, depth) for name in returns]
        if returns == "each_arg_twice":
            return [kind for argument in node.args for kind in [self.type_of(argument, depth + 1)] * 2]
        return self._named(returns, call, depth)

    def _named(self, returns: str, call: ResolvedCall, depth: int) -> str:
        if returns == "self":
            return call.name
        if returns == "receiver" and isinstance(call.node.func, ast.Attribute):
            return self.type_of(call.node.func.value, depth + 1)
        if returns.startswith("arg") and returns[3:].isdigit():
            index = int(returns[3:])
            return self.type_of(call.node.args[index], depth + 1) if index < len(call.node.args) else ""
        return "" if "|" in returns or returns in ("None", "receiver", "each_arg_twice") else returns

    def learn(self, node: ast.stmt) -> None:
        """Takes over what a statement says about the types of names. Names bound on some path only become unknown."""
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self.types.modules.update(imported_names(node))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value)
        elif isinstance(node, ast.With):
            for child in node.body:
                self.learn(child)
        elif isinstance(node, ast.Try):
            for child in node.body:
                self.learn(child)
            for handler in node.handlers:
                for child in handler.body:
                    if isinstance(child, (ast.Import, ast.ImportFrom)):
                        for name, module in imported_names(child).items():
                            self.types.modules.setdefault(name, module)
        elif isinstance(node, (ast.If, ast.For, ast.While)):
            before = dict(self.types.values)
            for child in [*node.body, *node.orelse]:
                self.learn(child)
            for name, kind in list(self.types.values.items()):
                if before.get(name, kind) != kind:
                    self.types.values[name] = ""

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.types.modules.pop(target.id, None)
            self.types.values[target.id] = self.type_of(value)
            return
        if isinstance(target, (ast.Tuple, ast.List)):
            kinds: list[str] = []
            if isinstance(value, (ast.Tuple, ast.List)):
                kinds = [self.type_of(element) for element in value.elts]
            elif isinstance(value, ast.Call):
                returned = self.returned(value)
                kinds = returned if isinstance(returned, list) else []
            for index, element in enumerate(target.elts):
                if isinstance(element, ast.Name):
                    self.types.modules.pop(element.id, None)
                    self.types.values[element.id] = kinds[index] if len(kinds) == len(target.elts) else ""


class TableSemantics(Semantics):
    """`Semantics` out of a call table.

    Attributes:
        implied: function -> names that it takes besides its own arguments.
        texts: every text literal of the program: what a variable may hold.
        swallowers: functions and classes of the notebook that make context managers which may keep exceptions.
    """

    def __init__(self, resolver: CallResolver, texts: Iterable[str] = (), swallowers: Iterable[str] = ()) -> None:
        self.resolver = resolver
        self.implied: dict[str, dict[str, None]] = {}
        self.swallowers = frozenset(swallowers)
        self._texts = {how: [text for text in texts if mark in text] for how, (mark, _) in _NAMES_IN_TEXT.items()}

    def string_reads(self, call: ast.Call) -> Iterable[str]:
        resolved = self.resolver.call(call)
        if resolved.name == "eval" and len(call.args) == 1:
            return _names_in_expression(call.args[0])
        how = resolved.row.get("reads_names_in_string")
        if how is None:
            return ()
        texts = [
            part.value
            for argument in (*call.args, *(keyword.value for keyword in call.keywords))
            for part in walk(argument)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        ]
        return dict.fromkeys(
            name for text in texts or self._texts[how] for name in _NAMES_IN_TEXT[how][1].findall(text)
        )

    def consumes_callable(self, call: ast.Call) -> bool:
        resolved = self.resolver.call(call)
        return bool(resolved.row.get("consumes_callable")) or resolved.name in _CONSUME_GENERATORS

    def implied_reads(self, name: str) -> Iterable[str]:
        return self.implied.get(name, ())

    def may_swallow(self, manager: ast.expr) -> bool:
        if super().may_swallow(manager):
            return True
        if not self.swallowers:
            return False
        function = manager.func if isinstance(manager, ast.Call) else manager
        if isinstance(function, ast.Name) and function.id in self.swallowers:
            return True
        return self.resolver.dotted(function) is None  # a variable, which may hold one


def imported_names(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Names that an import binds -> the dotted names they stand for. A star import binds none."""
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
            for alias in node.names
        }
    prefix = "." * node.level + (node.module or "")
    return {alias.asname or alias.name: f"{prefix}.{alias.name}" for alias in node.names if alias.name != "*"}


def _names_in_expression(node: ast.expr) -> list[str]:
    """Names in a text that is evaluated."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            tree = ast.parse(node.value.strip(), mode="eval")
        except (SyntaxError, ValueError):
            return []
        return [part.id for part in walk(tree) if isinstance(part, ast.Name)]
    return []


def root_name(node: ast.expr) -> str | None:
    """The variable at the start of a chain of attributes, subscripts and calls."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Starred)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


_LITERALS: tuple[tuple[tuple[type[ast.expr], ...], str], ...] = (
    ((ast.List, ast.ListComp), "list"),
    ((ast.Dict, ast.DictComp), "dict"),
    ((ast.Set, ast.SetComp), "set"),
    ((ast.Tuple,), "tuple"),
    ((ast.GeneratorExp,), "generator"),
)
_ATTRIBUTES = {
    ("pandas.DataFrame", "columns"): "pandas.Index",
    ("pandas.DataFrame", "index"): "pandas.Index",
    ("pandas.DataFrame", "values"): "numpy.ndarray",
    ("pandas.DataFrame", "T"): "pandas.DataFrame",
    ("pandas.DataFrame", "shape"): "tuple",
    ("pandas.Series", "values"): "numpy.ndarray",
    ("pandas.Series", "index"): "pandas.Index",
    ("numpy.ndarray", "T"): "numpy.ndarray",
    ("pathlib.Path", "parent"): "pathlib.Path",
    ("numpy.ndarray", "shape"): "tuple",
}
_NAMES_IN_TEXT = {  # how a text names variables: a character that it holds then, and the names
    "at": ("@", re.compile(r"@\s*([^\W\d]\w*)")),
    "formula": ("~", re.compile(r"(?<![\w.\"'])([^\W\d]\w*)(?![\w\"'])")),
    "expression": ("", re.compile(r"(?<![\w.\"'])([^\W\d]\w*)(?![\w\"'])")),
}
_CONSUME_GENERATORS = frozenset(
    {
        "sum",
        "any",
        "all",
        "list",
        "tuple",
        "set",
        "dict",
        "frozenset",
        ".join",
        "str.join",
        "len",
        "sorted",
        "min",
        "max",
    }
)
