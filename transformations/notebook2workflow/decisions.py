"""Decisions on what is known where a statement stands: which names are bound, and what a text of code says.

    if "df" not in globals():          df is bound by no statement above: the body alone stays
    try: cache / except NameError:     the same
    exec("y = x + 1")                  the statements themselves
    "{x}".format(**locals())           "{x}".format(x=x)
    timeit("f(x)", globals=globals())  timeit("f(x)", globals={"f": f, "x": x})

What cannot be decided stays as it is, and is found by `refusals` later.
"""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from nbmde.notebooks.analysis.cells import dedent, statements
from nbmde.notebooks.analysis.names import BUILTINS, facts
from nbmde.notebooks.analysis.program import Program, Unit, is_star_import
from nbmde.notebooks.analysis.renaming import Source
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.analysis.scopes import own_nodes
from nbmde.notebooks.analysis.trees import walk

from .expansion import literal
from .refusals import binds_by_text
from .remarks import Remark, at

Told = Callable[[Remark], None]
"""Called with what there is to tell."""
TRIGGERS = re.compile(
    r"\b(?:globals|locals|vars|dir|exec|eval|timeit|repeat|getsource|getsourcelines|NameError|var|__\w+__)\b"
)
_NAMESPACES = frozenset(["globals", "locals", "vars", "dir"])
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_ABSENT = frozenset(["__file__", "__dict__", "__path__"])  # of a module, not of a notebook
_OF_KERNEL = {  # what a kernel's module holds
    "__doc__": "Automatically created module for IPython interactive environment",
    "__package__": None,
    "__spec__": None,
    "__loader__": None,
}


@dataclass
class Bound:
    """The names that are bound where a statement stands."""

    surely: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    by_text: bool = False  # some statement above binds names that only a run tells

    def see(self, unit: Unit, by_text: bool) -> None:
        """Goes on behind a statement; may it bind and remove names that only a run tells?"""
        if by_text:
            self.by_text = True
            self.maybe |= self.surely
            self.surely.clear()
        found = facts(unit.nodes)
        self.surely.difference_update(found.deletes)
        self.surely.update(found.binds)
        self.maybe.update((*found.all_bound, *found.global_writes))

    def known(self, name: str) -> bool | None:
        """Is a name bound? None where only a run tells."""
        if name in self.surely:
            return True
        if name in self.maybe or self.by_text:
            return None
        return False


class Decisions:
    """Decides statement by statement.

    Args:
        program: as it is.
        make: a statement of a text at the place of another one.
        undefined: what the code calls the function that raises NameError, once it is needed.
        told: called with findings.
    """

    def __init__(
        self, program: Program, undefined: Callable[[], str], module_name: Callable[[], str], told: Told
    ) -> None:
        self.program, self.undefined, self.module_name, self.told = program, undefined, module_name, told
        self.bound = Bound()
        self.ever = set(program.bindings)
        self.documented = any(
            isinstance(part, ast.Attribute) and part.attr == "__doc__"
            for unit in program.units
            for node in unit.nodes
            for part in walk(node)
        )
        self.stars = any(is_star_import(node) for unit in program.units for node in unit.nodes)

    def units(self) -> list[Unit]:
        """The statements of the program, decided."""
        found: list[Unit] = []
        for unit in self.program.units:
            for part in self.decided(unit):
                found.append(part)
                self.see(part)
        return found

    def see(self, unit: Unit) -> None:
        """Goes on behind a statement."""
        star = any(is_star_import(node) for node in unit.nodes)
        self.bound.see(unit, star or binds_by_text(self.program.resolver, unit, self.ever))

    def decided(self, unit: Unit, depth: int = 0) -> list[Unit]:
        """A statement with all that is known put in; several, or none, in its place."""
        if self.documented and isinstance(unit.node, _DEFINITIONS):
            unit = self.as_documented(unit)
        if depth > 20 or not TRIGGERS.search(unit.text):
            return [unit]
        for decide in (self.inlined, self.branch, self.attempt, self.symbols):
            parts = decide(unit)
            if parts is not None:
                return self.sequence(unit, parts, depth)
        edits = list(self.edits(unit))
        if not edits:
            return [unit]
        changed = self.like(unit, apply(unit.text, edits))
        changed.echo = unit.echo
        changed.ends_cell = unit.ends_cell
        return self.decided(changed, depth + 1)

    def as_documented(self, unit: Unit) -> Unit:
        """A definition whose documentation of several lines keeps its layout, as the code looks at it."""
        places = Places(unit.text)
        edits = []
        for part in walk(ast.parse(unit.text)):
            if isinstance(part, _DEFINITIONS) and "\n" in (ast.get_docstring(part, clean=False) or ""):
                end = places.span(part.body[0])[1]
                if not unit.text[end:].partition("\n")[0].strip():
                    edits.append(Edit(end, end, "  # fmt: skip"))
        if not edits:
            return unit
        changed = self.like(unit, apply(unit.text, edits))
        changed.ends_cell = unit.ends_cell
        return changed

    def sequence(self, unit: Unit, parts: Sequence[Unit], depth: int) -> list[Unit]:
        """Several statements in the place of one, each decided behind those before it."""
        before = Bound(set(self.bound.surely), set(self.bound.maybe), self.bound.by_text)
        found: list[Unit] = []
        for part in parts:
            for decided in self.decided(part, depth + 1):
                found.append(decided)
                self.see(decided)
        self.bound = before
        if found:
            found[-1].ends_cell = unit.ends_cell
        elif unit.ends_cell:
            found = [self.like(unit, "pass")]
            found[-1].ends_cell = True
        return found

    def like(self, unit: Unit, text: str) -> Unit:
        return Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line)

    def block(self, unit: Unit, body: Sequence[ast.stmt]) -> list[Unit]:
        """The statements of a block, which stand for themselves now."""
        if not body:
            return []
        text = dedent(unit.text, body)
        return [self.like(unit, part.text) for part in statements(text)]

    # -- whole statements ----------------------------------------------------------------------------------------
    def inlined(self, unit: Unit) -> list[Unit] | None:
        """``exec("...")``: the statements of the text."""
        node = unit.node
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
            return None
        call = node.value
        if self.called(call) != "exec" or not self.of_top(call.args[1:]) or call.keywords:
            return None
        text = _text(call.args[0]) if call.args else None
        if text is None:
            return None
        try:
            found = statements(inspect.cleandoc(text) if text.startswith(("\n", " ")) else text)
            compile(text, "<text>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
        if any(is_star_import(part.node) for part in found):
            return None
        return [self.like(unit, part.text) for part in found]

    def branch(self, unit: Unit) -> list[Unit] | None:
        """``if`` whose condition is known."""
        node = unit.node
        if not isinstance(node, ast.If):
            return None
        known = self.truth(node.test)
        if known is None:
            return None
        self.told(at(unit, "condition-known", f"`{ast.unparse(node.test)}` is always {known} here: it is left out"))
        return self.block(unit, node.body if known else node.orelse)

    def attempt(self, unit: Unit) -> list[Unit] | None:
        """``try: name / except NameError:`` where it is known whether the name is bound."""
        node = unit.node
        if not isinstance(node, ast.Try) or node.finalbody or len(node.handlers) != 1:
            return None
        handler = node.handlers[0]
        parts = walk(handler.type) if handler.type else ()
        caught = [part.id for part in parts if isinstance(part, ast.Name)] or ["NameError"]
        if not {"NameError", "Exception", "BaseException"}.intersection(caught):
            return None
        first = node.body[0]
        name = _first_name(first)
        if name is None or name in BUILTINS or (self.stars and name not in _ABSENT):
            return None
        known = False if name in _ABSENT else self.bound.known(name)
        if known is False:
            used = {part.id for part in walk(handler) if isinstance(part, ast.Name)}
            if handler.name in used:
                return None
            self.told(at(unit, "condition-known", f"{name} is never bound here: what is done without it stays"))
            return self.block(unit, handler.body)
        if known and len(node.body) == 1 and isinstance(first, ast.Expr) and isinstance(first.value, ast.Name):
            self.told(at(unit, "condition-known", f"{name} is always bound here: what is done without it is left out"))
            return self.block(unit, node.orelse)
        return None

    def symbols(self, unit: Unit) -> list[Unit] | None:
        """``sympy.var("x y")``, which binds x and y where it is called."""
        node = unit.node
        if not isinstance(node, (ast.Expr, ast.Assign)) or not isinstance(node.value, ast.Call) or not node.value.args:
            return None
        text = _text(node.value.args[0])
        if text is None or self.called(node.value) not in ("sympy.var", "sympy.core.symbol.var"):
            return None
        names = [name for name in re.split(r"[\s,]+", text) if name]
        targets = ", ".join(names)
        if not names or not all(map(str.isidentifier, names)):
            return None
        if isinstance(node, ast.Assign) and targets in map(ast.unparse, node.targets):
            return None
        start = Places(unit.text).span(node)[0]
        made = self.like(unit, f"{unit.text[:start]}{targets} = {unit.text[start:]}")
        if not unit.echo:
            return [made]
        shown = self.like(unit, targets if len(names) == 1 else f"({targets})")
        shown.echo = True
        return [made, shown]

    # -- conditions ----------------------------------------------------------------------------------------------
    def truth(self, node: ast.expr) -> bool | None:
        """Find the truth of a condition, if that is known."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.truth(node.operand)
            return None if inner is None else not inner
        if isinstance(node, ast.BoolOp):
            values = [self.truth(value) for value in node.values]
            decisive = isinstance(node.op, ast.Or)
            if values[0] is decisive:
                return decisive
            return None if None in values else (any(values) if decisive else all(values))
        if isinstance(node, ast.Compare):
            return self.membership(node)
        return None

    def membership(self, node: ast.Compare) -> bool | None:
        """``"name" in globals()``."""
        name, operator = _text(node.left), node.ops[0]
        if name is None or len(node.ops) != 1 or not isinstance(operator, (ast.In, ast.NotIn)):
            return None
        names = node.comparators[0]
        if isinstance(names, ast.Call) and isinstance(names.func, ast.Attribute) and names.func.attr == "keys":
            names = names.func.value
        if not (isinstance(names, ast.Call) and self.called(names) in _NAMESPACES and not names.args):
            return None
        if self.called(names) == "dir" and name in BUILTINS:
            return None
        known = (
            False
            if name in _ABSENT
            else True
            if name in ("__name__", "In", "Out", "get_ipython")
            else self.bound.known(name)
        )
        return None if known is None else known is isinstance(operator, ast.In)

    # -- expressions ---------------------------------------------------------------------------------------------
    def edits(self, unit: Unit) -> Iterator[Edit]:
        """Expressions that are known."""
        source = Source(unit.text)
        own = {id(part) for part in own_nodes(source.tree.body)}
        done: list[tuple[int, int]] = []
        for part in walk(source.tree):
            text = self.expression(part, id(part) in own, unit) if isinstance(part, ast.expr) else None
            if text is None:
                continue
            edit = source.put(part, text)  # type: ignore[arg-type]
            if not any(first <= edit.start < last for first, last in done):
                done.append((edit.start, edit.end))
                yield edit

    def expression(self, node: ast.expr, own: bool, unit: Unit) -> str | None:
        """Find the text that takes the place of an expression; None where it stays."""
        if isinstance(node, ast.Compare):
            return self.compared(node, own, unit)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in self.ever:
            if node.id in _ABSENT:
                self.told(at(unit, "name-unbound", f"{node.id} is not bound in a notebook, which stops here"))
                return f'{self.undefined()}("{node.id}")'
            if node.id in _OF_KERNEL:
                return repr(_OF_KERNEL[node.id])
        if isinstance(node, ast.Attribute) and node.attr == "__module__" and isinstance(node.ctx, ast.Load):
            return self.module(node)
        if isinstance(node, ast.Call):
            for decide in (self.formatted, self.evaluated, self.timed, self.shown_source):
                text = decide(node, own)
                if text is not None:
                    return text
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self.interpolated(node, own)
        return None

    def compared(self, node: ast.Compare, own: bool, unit: Unit) -> str | None:
        """A condition inside a statement, which a run may reach at another time."""
        name = _text(node.left)
        names = node.comparators[0]
        if name is None or not isinstance(names, ast.Call):
            return None
        if not own and self.called(names) != "globals":
            return None
        known = self.membership(node)
        first = isinstance(unit.node, (ast.Assign, ast.Expr, ast.If, ast.AnnAssign))
        if known is None or (name not in _ABSENT and name in self.ever and not (own and first)):
            return None
        if name in facts(unit.nodes).all_bound and not isinstance(unit.node, (ast.Assign, ast.If)):
            return None
        return str(known)

    def module(self, node: ast.Attribute) -> str | None:
        """``x.__module__``, which says ``__main__`` of what the notebook defines."""
        if self.program.resolver.dotted(node.value) is not None:
            return None
        return f"{self.module_name()}({ast.unparse(node.value)})"

    def formatted(self, call: ast.Call, own: bool) -> str | None:
        """``"{x}".format(**locals())``."""
        if not (isinstance(call.func, ast.Attribute) and call.func.attr == "format" and not call.args):
            return None
        text = _text(call.func.value)
        if (
            text is None
            or len(call.keywords) != 1
            or call.keywords[0].arg
            or not self.names(call.keywords[0].value, own)
        ):
            return None
        try:
            fields = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        except ValueError:
            return None
        roots = [re.split(r"[.\[]", name)[0] for name in fields]
        nested = any("{" in (spec or "") for _, _, spec, _ in string.Formatter().parse(text))
        if nested or not all(name.isidentifier() for name in roots):
            return None
        given = ", ".join(f"{name}={name}" for name in dict.fromkeys(roots))
        return f"{ast.unparse(call.func.value)}.format({given})"

    def interpolated(self, node: ast.BinOp, own: bool) -> str | None:
        """``"%(x)s" % locals()``."""
        text = _text(node.left)
        if text is None or not self.names(node.right, own):
            return None
        names = re.findall(r"(?<!%)%(?:%%)*\(([^()]*)\)", text)
        if not all(name.isidentifier() for name in names):
            return None
        values = ", ".join(f'"{name}": {name}' for name in dict.fromkeys(names))
        return f"{ast.unparse(node.left)} % {{{values}}}"

    def evaluated(self, call: ast.Call, own: bool) -> str | None:
        """``eval("x + 1")``."""
        if self.called(call) != "eval" or not call.args or call.keywords or not self.of_top(call.args[1:]):
            return None
        text = _text(call.args[0])
        try:
            tree = ast.parse((text or "").strip(), mode="eval")
        except (SyntaxError, ValueError):
            return None
        return f"({ast.unparse(tree)})"

    def timed(self, call: ast.Call, own: bool) -> str | None:
        """``timeit("f(x)", globals=globals())``, and the older way, by an import from the main module."""
        name = self.called(call)
        if name not in ("timeit.timeit", "timeit.repeat", "timeit.Timer"):
            return None
        given = next((keyword for keyword in call.keywords if keyword.arg == "globals"), None)
        if given is not None and not self.names(given.value, True):
            return None
        codes = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg in ("stmt", "setup"))]
        texts = [_text(code) for code in codes]
        if None in texts or not texts:
            return None
        try:
            trees = [ast.parse(inspect.cleandoc(text or "")) for text in texts]
        except SyntaxError:
            return None
        wanted: dict[str, None] = {}
        for tree in trees:
            for node in list(tree.body):
                if isinstance(node, ast.ImportFrom) and node.module == "__main__" and not node.level:
                    if any(alias.asname for alias in node.names):
                        return None
                    wanted.update(dict.fromkeys(alias.name for alias in node.names))
                    tree.body.remove(node)
        if given is None and not wanted:
            return None
        if given is not None:
            setup_first = [node for tree in reversed(trees) for node in tree.body]
            wanted.update(
                (name, None) for name in facts(setup_first).reads if name not in BUILTINS or name in self.ever
            )
        replaced = {id(code): repr(ast.unparse(tree)) for code, tree in zip(codes, trees, strict=True)}
        arguments = [replaced.get(id(part), ast.unparse(part)) for part in call.args]
        arguments += [
            f"{part.arg}={replaced.get(id(part.value), ast.unparse(part.value))}"
            for part in call.keywords
            if part is not given and part.arg
        ]
        values = ", ".join(f'"{name}": {name}' for name in wanted if "." not in name)
        return f"{ast.unparse(call.func)}({', '.join([*arguments, f'globals={{{values}}}'])})"

    def shown_source(self, call: ast.Call, own: bool) -> str | None:
        """``inspect.getsource(f)`` of a function that the notebook defines."""
        if self.called(call) != "inspect.getsource" or len(call.args) != 1 or not isinstance(call.args[0], ast.Name):
            return None
        name = call.args[0].id
        indexes = self.program.bindings.get(name, [])
        if name not in self.program.definitions or len(indexes) != 1:
            return None
        unit = self.program.units[indexes[0]]
        lines = unit.text.split("\n")[unit.first_line - 1 : unit.nodes[-1].end_lineno]
        return literal("\n".join(lines) + "\n")

    # -- what calls are ------------------------------------------------------------------------------------------
    def called(self, call: ast.Call) -> str:
        name = self.program.resolver.call(call).name
        return "" if name in self.ever else name

    def names(self, node: ast.expr, own: bool) -> bool:
        """Is this the dictionary of the names that the code sees, whatever function it stands in?"""
        if not isinstance(node, ast.Call) or node.args:
            return False
        name = self.called(node)
        return name in ("locals", "vars") or (name == "globals" and own)

    def of_top(self, arguments: Sequence[ast.expr]) -> bool:
        """Are these the namespaces that ``exec`` takes anyway?"""
        return all(
            isinstance(part, ast.Call) and not part.args and self.called(part) in ("globals", "locals")
            for part in arguments
        )


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _first_name(node: ast.stmt) -> str | None:
    """The name whose absence a statement would notice before it does anything."""
    parts = [part for part in own_nodes([node]) if isinstance(part, (ast.Name, ast.Call))]
    calls = [part for part in parts if isinstance(part, ast.Call)]
    reads = facts([node]).must_read
    for part in parts:
        if isinstance(part, ast.Name) and part.id in reads and part.id not in BUILTINS:
            start = (part.lineno, part.col_offset)
            if any((call.end_lineno or 0, call.end_col_offset or 0) <= start for call in calls):
                return None
            if part.id in _ABSENT or isinstance(node, ast.Expr) or len(reads) == 1:
                return part.id
    return None
