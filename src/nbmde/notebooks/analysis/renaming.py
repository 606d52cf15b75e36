"""Edits that let code reach the names of the top level in another way: through a state object, as further arguments."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from .binding import methods
from .fstrings import Field, fields, in_quotes, outer_strings, repair_positions
from .rewrite import Edit, Places, apply
from .scopes import own_nodes, top_level_names
from .trees import walk

_LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)


@dataclass(frozen=True)
class Renaming:
    """The new spellings of names of the top level.

    Attributes:
        state: names that are attributes of the state object; state_name: what it is called.
        extra: function at module level -> arguments that it takes besides its own.
        bind: what the code calls the function that binds arguments to a function which is passed on.
        classes: those of them that are classes, of which only methods take the arguments.
        main: is the code no longer the main module, so that ``__name__`` has to be a text?
    """

    state: frozenset[str]
    state_name: str
    extra: Mapping[str, Sequence[str]]
    bind: str = "bind"
    classes: frozenset[str] = frozenset()
    main: bool = True


class Source:
    """A statement's text that edits are collected for.

    Raises:
        SyntaxError: the text is not Python.
        ValueError: an f-string cannot be read.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        repair_positions(self.tree, text)
        self.places = Places(text)
        self.edits: list[Edit] = []

    def edited(self) -> str:
        """The text with all edits; f-strings that show their source go on showing the original one.

        Raises:
            ValueError: edits overlap.
        """
        for string in outer_strings(self.tree):
            for field in _with_nested(fields(self.text, *self.places.span(string))):
                start, end = field.expression
                if field.equals >= 0 and any(start <= edit.start <= end for edit in self.edits):
                    shown = self.text[start : field.after].replace("{", "{{").replace("}", "}}")
                    self.edits.append(Edit(field.start, field.start, shown))
                    self.edits.append(Edit(field.equals, field.after, "" if field.conversion or field.format else "!r"))
        return apply(self.text, self.edits)

    def rename(self, renaming: Renaming) -> None:
        """Collects the edits of a renaming.

        Raises:
            ValueError: the renaming is not possible here; the message says why.
        """
        calls = {id(part.func): part for part in walk(self.tree) if isinstance(part, ast.Call)}
        owners = {id(part.value) for part in walk(self.tree) if isinstance(part, ast.Attribute)}
        walruses = {id(part.target): part for part in walk(self.tree) if isinstance(part, ast.NamedExpr)}
        for occurrence in top_level_names(self.tree):
            node, name = occurrence.node, occurrence.name
            if name in renaming.state:
                walrus = walruses.get(id(node))
                if walrus is not None:
                    self._let(walrus, renaming)
                elif isinstance(node, ast.Name):
                    self.edits.append(self.places.replace(node, f"{renaming.state_name}.{name}"))
                else:
                    self._bound_otherwise(node, name, f"{renaming.state_name}.{name}")
            elif not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            elif name == "__name__" and renaming.main:
                self.edits.append(self._text("__main__", node))
            elif renaming.extra.get(name):
                call = calls.get(id(node))
                arguments = ", ".join(f"{argument}={argument}" for argument in renaming.extra[name])
                if call is not None:
                    self.edits += self.places.last_argument(call, arguments)
                elif id(node) not in owners:  # the function's own attributes are the same whatever is bound to it
                    bind = f"{renaming.bind}_class" if name in renaming.classes else renaming.bind
                    self.edits.append(self.places.replace(node, f"{bind}({name}, {arguments})"))
        for part in walk(self.tree):
            if isinstance(part, ast.Global):  # no name of the notebook is a global of the module
                self.edits.append(self.places.replace(part, "pass"))

    def take_from_class(self, names: Collection[str], attribute: str, renaming: Renaming) -> None:
        """Methods of a class read variables from an attribute of their first argument.

        Args:
            names: the variables; those of the state are attributes of the state object there.
            attribute: what the class calls the object that holds them.
        """
        (node,) = (part for part in self.tree.body if isinstance(part, ast.ClassDef))
        calls = {id(part.func): part for part in walk(node) if isinstance(part, ast.Call)}
        owners = {id(part): owner for method, owner in methods(node) for part in walk(method)}
        for occurrence in top_level_names(self.tree):
            found, name = occurrence.node, occurrence.name
            if id(found) not in owners or not isinstance(found, ast.Name):
                continue
            held = f"{owners[id(found)]}.{attribute}"
            if name in names:
                place = f"{renaming.state_name}." if name in renaming.state else ""
                self.edits.append(self.places.replace(found, f"{held}.{place}{name}"))
            elif renaming.extra.get(name) and name not in renaming.classes:
                arguments = ", ".join(f"{argument}={held}.{argument}" for argument in renaming.extra[name])
                if id(found) in calls:
                    self.edits += self.places.last_argument(calls[id(found)], arguments)
                else:
                    self.edits.append(self.places.replace(found, f"{renaming.bind}({name}, {arguments})"))

    def _text(self, value: str, node: ast.expr) -> Edit:
        """Puts a text in the place of ``node``, which may be in an f-string."""
        start, end = self.places.span(node)
        for string in outer_strings(self.tree):
            first, last = self.places.span(string)
            if first <= start < last:
                for field in _with_nested(fields(self.text, first, last)):
                    if (
                        field.expression == (start, end)
                        and field.after == end
                        and not field.conversion
                        and not field.format
                    ):
                        return Edit(field.start, end + 1, value)
        return self.put(node, f'"{value}"')

    def put(self, node: ast.expr, text: str) -> Edit:
        """An edit that puts the text of an expression in the place of ``node``.

        Raises:
            ValueError: that is in an f-string which leaves no quotes for the texts in the expression.
        """
        edit = Edit(*self.places.span(node), text)
        spans = (self.places.span(string) for string in outer_strings(self.tree))
        if not any(first <= edit.start < last for first, last in spans):
            return edit
        for quote in ("'", '"'):  # before Python 3.12 those that end the string cannot stand in it
            quoted = replace(edit, text=in_quotes(text, quote))
            with suppress(SyntaxError):
                ast.parse(apply(self.text, [quoted]))
                return quoted
        raise ValueError("the f-string holds quotes of both kinds")

    # -- bindings ------------------------------------------------------------------------------------------------
    def _let(self, node: ast.NamedExpr, renaming: Renaming) -> None:
        """``(name := value)`` cannot bind an attribute."""
        if "let" in renaming.state:
            raise ValueError(f"{node.target.id} is bound by := and let is a variable")
        start, value = self.places.span(node)[0], self.places.span(node.value)[0]
        gap = self.text[self.places.span(node.target)[1] : value]
        if gap.replace(":=", "", 1).strip() not in ("", "("):
            raise ValueError(f"{node.target.id} is bound by := with a comment")
        end = self.places.span(node)[1]
        opening = "(" if "(" in gap else ""
        self.edits += [Edit(start, value, f"{renaming.state_name}.let({node.target.id}={opening}"), Edit(end, end, ")")]

    def _bound_otherwise(self, node: ast.AST, name: str, target: str) -> None:
        """Definitions, imports, handlers and patterns bind a local name, which is then copied."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
            self._behind(node, f"{target} = {name}")
        elif isinstance(node, ast.ExceptHandler):
            if any(isinstance(part, _LEAVES) for part in own_nodes(node.body)):
                raise ValueError(f"{name} is bound by except, whose block is left early, and needed elsewhere")
            self._before(node.body[0], f"{target} = {name}")
            self._behind(node.body[-1], f"del {target}")
        else:
            case = next(
                case
                for match in walk(self.tree)
                if isinstance(match, ast.Match)
                for case in match.cases
                if any(part is node for part in walk(case.pattern))
            )
            if case.guard is not None:
                raise ValueError(f"{name} is bound by a pattern with a condition, and needed elsewhere")
            self._before(case.body[0], f"{target} = {name}")

    def _before(self, node: ast.stmt, line: str) -> None:
        start = self._start(node)
        indent = self._indent(start)
        self.edits.append(Edit(start, start, f"{line}; " if indent is None else f"{line}\n{indent}"))

    def _behind(self, node: ast.stmt, line: str) -> None:
        end = self.places.span(node)[1]
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not hasattr(node, "body"):
            self.edits.append(Edit(end, end, f"; {line}"))
            return
        end = self.text.find("\n", end)
        indent = self._indent(self._start(node))
        if indent is None:
            raise ValueError("a block stands behind another statement on one line")
        if end < 0:
            end = len(self.text)
        self.edits.append(Edit(end, end, f"\n{indent}{line}"))

    def _start(self, node: ast.stmt) -> int:
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        if not decorators:
            return self.places.span(node)[0]
        return self.text.rindex("@", 0, self.places.span(decorators[0])[0])

    def _indent(self, start: int) -> str | None:
        """The white space before a statement; None if it does not stand on a line of its own."""
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        return before if not before.strip() else None


def _with_nested(found: Sequence[Field]) -> list[Field]:
    return [part for field in found for part in (field, *_with_nested(field.nested))]
