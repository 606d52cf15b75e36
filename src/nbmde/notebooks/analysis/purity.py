"""Does it matter when a definition runs? Only if its decorators, defaults, bases or class body act."""

from __future__ import annotations

import ast
from collections.abc import Container, Mapping

from .calls import CallResolver
from .scopes import evaluated_at_definition, own_nodes, plainly_bound
from .trees import children, walk

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_EFFECTS = ("resources", "mutates", "mutates_if", "reads_files", "writes_files", "opens", "random_if_missing", "draws")
_PLAIN_LIBRARIES = frozenset(
    [
        *("abc", "attr", "attrs", "collections", "contextlib", "dataclasses", "enum", "functools", "itertools", "jax"),
        *("math", "numba", "operator", "pydantic", "re", "types", "typing", "typing_extensions"),
    ]
)
_PLAIN = ("tensorflow.function", "torch.inference_mode", "torch.no_grad", "torch.jit.script")
_VALUES = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.keyword),
    *(ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.JoinedStr, ast.FormattedValue),
    *(ast.Tuple, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)


class Purity:
    """Tells definitions that may run earlier, or just once, without a difference.

    Args:
        definitions: functions and classes of the program by name.
        decorators: dotted names of libraries' decorators that do nothing until the function is called.
    """

    def __init__(
        self, resolver: CallResolver, definitions: Mapping[str, Definition], decorators: Container[str] = ()
    ) -> None:
        self.resolver = resolver
        self.definitions = definitions
        self.decorators = decorators
        self._plain: dict[str, bool] = {}

    def definition(self, node: Definition) -> bool:
        """Does nothing happen where a definition stands but that it is made?"""
        if not all(self.decorator(decorator) for decorator in node.decorator_list):
            return False
        if isinstance(node, ast.ClassDef):
            return (
                all(self.value(base) and self._plain_base(base) for base in node.bases)
                and all(self.value(keyword.value) and self._plain_base(keyword.value) for keyword in node.keywords)
                and all(self.statement(statement) for statement in node.body)
            )
        return all(self.value(part) for part in evaluated_at_definition(node) if part not in node.decorator_list)

    def same_each_time(self, node: Definition) -> bool:
        """Is a function that is made anew no different from the one before, as long as it is only called?"""
        if isinstance(node, ast.ClassDef) or node.decorator_list:
            return False
        defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default)]
        return all(isinstance(default, ast.Constant) for default in defaults)

    def statement(self, node: ast.stmt) -> bool:
        """A statement of a class body."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return self.definition(node)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = all(
                isinstance(part, (ast.Name, ast.Tuple, ast.expr_context)) for target in targets for part in walk(target)
            )
            return names and (node.value is None or self.value(node.value))
        if isinstance(node, ast.If):
            return self.value(node.test) and all(self.statement(part) for part in (*node.body, *node.orelse))
        return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and self.value(node.value))

    def value(self, node: ast.AST) -> bool:
        """Does an expression only make a value?"""
        if isinstance(node, ast.Lambda):
            return all(self.value(part) for part in evaluated_at_definition(node))
        if isinstance(node, ast.Attribute) and node.attr == "environ":
            return False  # the environment is read when the definition runs
        if isinstance(node, ast.Call):
            return self.callable(node.func) and all(self.value(part) for part in (*node.args, *node.keywords))
        if isinstance(node, (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.comprehension)):
            return not getattr(node, "is_async", False) and all(self.value(part) for part in children(node))
        return isinstance(node, _VALUES) and all(self.value(part) for part in children(node))

    def decorator(self, node: ast.expr) -> bool:
        """Does a decorator only make another function or class of the one that it gets?"""
        made = node.func if isinstance(node, ast.Call) else node
        if (self.resolver.dotted(made) or "") not in self.decorators:
            return self.callable(node)
        return not isinstance(node, ast.Call) or all(self.value(part) for part in (*node.args, *node.keywords))

    def callable(self, node: ast.expr) -> bool:
        """May this be called without a difference but its result?"""
        if isinstance(node, ast.Call):  # what a decorator with arguments gives
            arguments = all(self.value(part) for part in (*node.args, *node.keywords))
            return arguments and self.callable(node.func) and self._gives_plain(node.func)
        if isinstance(node, ast.Name) and node.id in self.definitions:
            return self._plain_function(node.id)
        name = self.resolver.dotted(node)
        if name is None:
            return (
                isinstance(node, ast.Attribute)
                and node.attr in ("setter", "getter", "deleter")
                and isinstance(node.value, ast.Name)
            )
        row = self.resolver.table.dotted(name)
        if row is not None:
            return not any(column in row for column in _EFFECTS) and row.get("kind") != "plot"
        return name.split(".")[0] in _PLAIN_LIBRARIES or name in _PLAIN

    def _plain_function(self, name: str) -> bool:
        """A function of the notebook that, when it is called, only makes other functions and values."""
        if name not in self._plain:
            self._plain[name] = False  # while it is being looked at: recursion may not end
            node = self.definitions[name]
            self._plain[name] = isinstance(node, ast.FunctionDef) and all(self._plain_step(part) for part in node.body)
        return self._plain[name]

    def _gives_plain(self, called: ast.expr) -> bool:
        """May what a function gives be called without a difference but its result?"""
        own = self.definitions.get(called.id) if isinstance(called, ast.Name) else None
        inner = [part for part in own.body if isinstance(part, ast.FunctionDef)] if own is not None else []
        return own is None or (bool(inner) and all(self._plain_step(part) for one in inner for part in one.body))

    def _plain_step(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Return):
            return node.value is None or self._calls_nothing(node.value)
        if isinstance(node, ast.FunctionDef):
            return all(self._known_decorator(part) for part in node.decorator_list) and not node.args.defaults
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    def _calls_nothing(self, node: ast.expr) -> bool:
        return not any(isinstance(part, ast.Call) for part in walk(node)) and self.value(node)

    def _known_decorator(self, node: ast.expr) -> bool:
        return (self.resolver.dotted(node.func if isinstance(node, ast.Call) else node) or "").startswith("functools.")

    def _plain_base(self, node: ast.expr) -> bool:
        """Is nothing of the notebook told when a class is derived from this one?"""
        known = self.definitions.get(node.id) if isinstance(node, ast.Name) else None
        if known is None:
            return True
        if not isinstance(known, ast.ClassDef):
            return False
        hooks = {part.name for part in known.body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef))}
        own_metaclass = any(isinstance(base, ast.Name) and base.id == "type" for base in known.bases)
        return (
            not own_metaclass
            and not hooks & {"__init_subclass__", "__new__", "__set_name__", "__prepare__"}
            and all(self._plain_base(part) for part in (*known.bases, *(keyword.value for keyword in known.keywords)))
        )


def passes_on(decorator: ast.FunctionDef) -> bool:
    """Does every function inside a decorator give all its arguments to another one, and do nothing else with them?"""
    inner = [part for part in walk(decorator) if isinstance(part, ast.FunctionDef) and part is not decorator]
    if len(inner) != 1 or inner[0].args.vararg is None or inner[0].args.kwarg is None:
        return False
    given = {inner[0].args.vararg.arg, inner[0].args.kwarg.arg}
    passed = [
        value
        for call in walk(inner[0])
        if isinstance(call, ast.Call)
        for value in (
            *(part.value for part in call.args if isinstance(part, ast.Starred)),
            *(part.value for part in call.keywords if part.arg is None),
        )
    ]
    used = [part for part in walk(inner[0]) if isinstance(part, ast.Name) and part.id in given]
    return all(any(part is value for value in passed) for part in used)


def gives_back(decorator: ast.expr, definitions: Mapping[str, Definition]) -> bool:
    """Does a decorator of the program give back what it gets, whatever else it does?"""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    own = definitions.get(called.id) if isinstance(called, ast.Name) else None
    if isinstance(decorator, ast.Call) and own is not None:  # a function that makes the decorator
        inner = {part.name: part for part in own.body if isinstance(part, ast.FunctionDef)}
        made = _returned(own)
        own = inner.get(made) if made is not None else None
    return isinstance(own, ast.FunctionDef) and bool(own.args.args) and _returned(own) == own.args.args[0].arg


def _returned(node: Definition) -> str | None:
    """The name that a function always returns, which nothing in it binds again."""
    if not isinstance(node, ast.FunctionDef) or not isinstance(node.body[-1], ast.Return):
        return None
    inside = list(own_nodes(node.body))
    values = [part.value for part in inside if isinstance(part, ast.Return)]
    names = {value.id for value in values if isinstance(value, ast.Name)}
    if len(names) != 1 or not all(isinstance(value, ast.Name) for value in values):
        return None
    (name,) = names
    kinds = (ast.Yield, ast.YieldFrom)
    bound = sum(name == other for part in inside for other in plainly_bound(part))
    stored = any(isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store) for part in inside)
    return None if stored or bound > 1 or any(isinstance(part, kinds) for part in inside) else name


def has_method(node: ast.AST, *names: str) -> bool:
    """Does some class in this code define one of these methods?"""
    return any(
        isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name in names
        for owner in walk(node)
        if isinstance(owner, ast.ClassDef)
        for part in owner.body
    )
