"""Templates say themselves where each line of a text comes from: from which line of which template, for which elements.

Whatever a template puts out is preceded by a mark, which is taken out of the text when it is done. A piece of text
depends on the elements that its expression names, on those that conditions around it ask, and on those that loops and
regions around it are about; so a template needs no word about it. What a query looks up out of sight of the template,
it says itself with `About`, or the template with `{% reads ELEMENTS %}...{% endreads %}`; `{% region ELEMENT
%}...{% endregion %}` says that lines are for an element.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from jinja2 import nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer
from pyecore.ecore import EModelElement
from pyecore.valuecontainer import ECollection

from nbmde.engine.m2t.files import Region
from nbmde.engine.models import EObject

Elements = tuple[EObject, ...]


class About(str):
    """Text with the elements that it depends on: what queries give templates, who could not tell otherwise."""

    elements: Elements

    def __new__(cls, text: str, *elements: EObject) -> About:
        """The text that depends on these elements."""
        made = super().__new__(cls, text)
        made.elements = elements
        return made


class Line(NamedTuple):
    """Where a line comes from.

    Attributes:
        template: that wrote it, and the number of the line in it, from 1.
        element: that it is for.
        reads: what else its text depends on.
    """

    template: str
    number: int
    element: EObject
    reads: Elements


class _Piece(NamedTuple):
    """Text that one expression, or what stands between expressions, gives."""

    template: str
    line: int
    moves: bool  # text of the template itself: its lines are lines of the template
    owner: EObject
    elements: Elements


class _Opening(NamedTuple):
    template: str
    element: EObject


class _Scope(NamedTuple):
    owner: EObject
    elements: Elements


class Recorder:
    """Takes down what one text is made of while a template runs, which calls its methods as filters."""

    def __init__(self) -> None:
        self.begin("", "", None, ())

    def begin(self, opening: str, closing: str, element: EObject | None, reads: Iterable[EObject]) -> None:
        """Start a text.

        Args:
            opening, closing: enclose each mark; both empty where nothing is to be marked.
            element: that the text is for.
            reads: on what it depends as a whole.
        """
        self._mark = f"{opening}%d{closing}"
        self._between = re.compile(f"{opening}([0-9]+){closing}") if opening else None
        self._quiet = 0 if opening else 1
        self._noted: list[_Piece | _Opening | None] = []
        self._seen: list[list[EObject]] = [[]]
        self._scopes = [_Scope(element, (*reads, element))] if element is not None else []

    @property
    def marks(self) -> int:
        """How many marks the text must have."""
        return len(self._noted)

    # what instrumented templates call

    def watch(self, value: Any) -> Any:
        """Take down the elements in a value of an expression."""
        if isinstance(value, EObject | About | ECollection | list | tuple):
            self._seen[-1].extend(_elements(value))
        return value

    @pass_context
    def data(self, _: Any, template: str, line: int) -> str:
        """The mark before text of the template itself."""
        if self._quiet:
            return ""
        scope = self._scopes[-1]
        return self._noting(_Piece(template, line, True, *scope))

    @pass_context
    def emit(self, _: Any, value: Any, template: str, line: int) -> Any:
        """A value that is put out, with its mark."""
        if self._quiet:
            return value
        owner, elements = self._scopes[-1]
        return f"{self._noting(_Piece(template, line, False, owner, (*elements, *self.drain())))}{value}"

    @pass_context
    def hush(self, _: Any, value: Any) -> Any:
        """From here on no marks: the text is input of something else."""
        self._quiet += 1
        return value

    @pass_context
    def speak(self, _: Any, value: Any) -> Any:
        """Marks again."""
        self._quiet -= 1
        return value

    @pass_context
    def enter(self, _: Any, value: Any) -> Any:
        """A macro begins: what it sees is its own."""
        self._seen.append([])
        return value

    @pass_context
    def leave(self, _: Any, value: Any) -> Any:
        """A macro ends: where its text is input of something else, that depends on what it saw."""
        seen = self._seen.pop()
        if self._quiet:
            self._seen[-1] += seen
        return value

    @pass_context
    def within(self, _: Any, value: Any) -> Any:
        """The body of a condition begins: it depends on what the condition asked."""
        if self._scopes:
            owner, elements = self._scopes[-1]
            self._scopes.append(_Scope(owner, (*elements, *(() if self._quiet else self.drain()))))
        return value

    @pass_context
    def each(self, _: Any, value: Any) -> Any:
        """The body of a loop begins, with the values of its variables: it is for the element among them."""
        self.forget(None, None)
        if self._scopes:
            owner, elements = self._scopes[-1]
            single = [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, EObject)]
            self._scopes.append(_Scope(single[-1] if single else owner, (*elements, *_elements(value))))
        return value

    @pass_context
    def reads(self, _: Any, value: Any) -> Any:
        """Lines begin that depend on elements."""
        self.forget(None, None)
        if self._scopes:
            owner, elements = self._scopes[-1]
            self._scopes.append(_Scope(owner, (*elements, *_elements(value))))
        return value

    @pass_context
    def outside(self, _: Any, value: Any) -> Any:
        """End the scope that was begun last, and give the value back."""
        if self._scopes:
            self._scopes.pop()
        return value

    @pass_context
    def forget(self, _: Any, value: Any) -> Any:
        """Forget what a condition asked for, for it no longer matters, and give the value back."""
        if not self._quiet:
            self._seen[-1].clear()
        return value

    @pass_context
    def region(self, _: Any, element: Any, template: str) -> str:
        """Lines begin that are for an element."""
        if not isinstance(element, EObject):
            raise TypeError(f"a region is for an element of the model, not {element!r}")
        self.forget(None, None)
        if self._scopes:
            self._scopes.append(_Scope(element, (*self._scopes[-1].elements, element)))
        return "" if self._quiet else self._noting(_Opening(template, element))

    @pass_context
    def endregion(self, _: Any, value: Any) -> str:
        """They end."""
        if self._scopes:
            self._scopes.pop()
        return "" if self._quiet else self._noting(None)

    def _noting(self, note: _Piece | _Opening | None) -> str:
        self._noted.append(note)
        return self._mark % (len(self._noted) - 1)

    def drain(self) -> list[EObject]:
        """The elements that an expression named."""
        seen, self._seen[-1] = self._seen[-1], []
        return seen

    # what becomes of it

    def read(self, text: str) -> tuple[str, list[Region], list[Line]]:
        """The text without marks; its regions by first line, outer ones first; and where each of its lines comes from.

        A region without text is none.
        """
        assert self._between is not None
        pieces = self._between.split(text)
        plain = "".join(pieces[::2])
        breaks = [match.start() for match in re.finditer("\n", plain)]
        lines = _Lines()
        open_: list[tuple[int, _Opening]] = []
        found: list[tuple[int, int, int, _Opening]] = []  # first line, last line (negative: outer ones first), order
        position, current = 0, None
        for number, piece in enumerate(pieces):
            if number % 2 == 0:
                lines.add(piece, current)
                position += len(piece)
                continue
            note = self._noted[int(piece)]
            if isinstance(note, _Piece):
                current = note
            elif note is not None:
                open_.append((position, note))
            else:
                start, opening = open_.pop()
                if body := plain[start:position].strip():
                    first = plain.index(body, start)
                    last = bisect(breaks, first + len(body) - 1)
                    found.append((1 + bisect(breaks, first), -1 - last, len(found), opening))
        found.sort(key=lambda one: (one[0], one[1], -one[2]))
        regions = [Region(first, -last, opening.template, opening.element) for first, last, _, opening in found]
        return plain, regions, lines.all()


class _Lines:
    """The pieces of each line of a text, to be put together."""

    def __init__(self) -> None:
        self._pieces: list[list[tuple[_Piece, int]]] = [[]]
        self._blank: list[bool] = [True]

    def add(self, text: str, piece: _Piece | None) -> None:
        """Go on with the text of a piece."""
        if not text or piece is None:
            return
        *ended, rest = text.split("\n")
        for offset, part in enumerate(ended):
            self._note(part, piece, offset)
            self._pieces.append([])
            self._blank.append(True)
        if rest:
            self._note(rest, piece, len(ended))

    def _note(self, part: str, piece: _Piece, offset: int) -> None:
        blank = not part.strip()
        if blank and self._pieces[-1]:
            return
        if not blank and self._blank[-1]:
            self._pieces[-1].clear()
            self._blank[-1] = False
        self._pieces[-1].append((piece, piece.line + offset if piece.moves else piece.line))

    def all(self) -> list[Line]:
        """Each line."""
        if not self._pieces[-1]:
            self._pieces.pop()
        known: dict[tuple[int, ...], Elements] = {}
        return [_line(pieces, known) for pieces in self._pieces]


def _line(pieces: Sequence[tuple[_Piece, int]], known: dict[tuple[int, ...], Elements]) -> Line:
    piece, number = pieces[0]
    elements = piece.elements if len(pieces) == 1 else tuple(element for one, _ in pieces for element in one.elements)
    key = (id(piece.owner), *map(id, elements))
    if key not in known:
        known[key] = innermost(elements, piece.owner)
    return Line(piece.template, number, piece.owner, known[key])


def innermost(elements: Iterable[EObject], owner: EObject) -> Elements:
    """Elements without one of them, and without those that contain others."""
    distinct = dict.fromkeys(elements)
    outer = set()
    for element in (*distinct, owner):
        container = element._container
        while container is not None and container not in outer:
            outer.add(container)
            container = container._container
    return tuple(element for element in distinct if element is not owner and element not in outer)


def _elements(value: Any) -> Iterable[EObject]:
    """The elements in a value: one itself, or those of a collection, to any depth; classes and literals are none."""
    if isinstance(value, EObject):
        if not isinstance(value, EModelElement):
            yield value
    elif isinstance(value, About):
        yield from value.elements
    elif isinstance(value, ECollection | list | tuple):
        for one in value:
            yield from _elements(one)


FILTERS = (
    *("watch", "data", "emit", "hush", "speak", "enter", "leave"),
    *("within", "each", "reads", "outside", "forget", "region", "endregion"),
)
_PREFIX = "recorder."  # no template can call them


def filters(recorder: Recorder) -> dict[str, Any]:
    """Return the filters that instrumented templates call, by name."""
    return {f"{_PREFIX}{name}": getattr(recorder, name) for name in FILTERS}


def _call(name: str, value: nodes.Expr, *arguments: Any) -> nodes.Filter:
    given = [nodes.Const(argument) for argument in arguments]
    return nodes.Filter(value, f"{_PREFIX}{name}", given, [], None, None, lineno=value.lineno)


def _statement(name: str, value: nodes.Expr | None, line: int) -> nodes.ExprStmt:
    return nodes.ExprStmt(_call(name, value or nodes.Const("", lineno=line)), lineno=line)


class RegionExtension(Extension):
    """`{% region element %}...{% endregion %}` and `{% reads elements %}...{% endreads %}`."""

    tags = {"region", "reads"}  # noqa: RUF012 - as Jinja2 declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        tag = next(parser.stream)
        what = parser.parse_tuple()
        assert isinstance(what, nodes.Expr)
        body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        line = tag.lineno
        if tag.value == "reads":
            return [_statement("reads", what, line), *body, _statement("outside", None, line)]
        opening = nodes.Output([_call("region", what, parser.name or "")], lineno=line)
        closing = nodes.Output([_call("endregion", nodes.Const("", lineno=line))], lineno=line)
        return [opening, *body, closing]


def instrumented(template: nodes.Template, name: str) -> nodes.Template:
    """A template that tells the recorder what it does."""
    result: nodes.Template = _Instrument(name).visit(template)
    return result


def watched(expression: nodes.Node) -> nodes.Expr:
    """An expression that tells the recorder of the elements in it."""
    result: nodes.Expr = _Watch().visit(expression)
    return result


class _Watch(NodeTransformer):
    """Has every value inside an expression looked at that may be an element."""

    def _looked_at(self, node: nodes.Expr) -> nodes.Expr:
        self.generic_visit(node)
        return _call("watch", node)

    visit_Getattr = visit_Filter = _looked_at

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Expr:
        if isinstance(node.node, nodes.Getattr):  # of a collection one element counts, not all
            node.node.node = self.visit(node.node.node)
        node.arg = self.visit(node.arg)
        return _call("watch", node)

    def visit_Name(self, node: nodes.Name) -> nodes.Expr:
        return _call("watch", node) if node.ctx == "load" else node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        if isinstance(node.node, nodes.Getattr):
            node.node.node = self.visit(node.node.node)
        for field in ("args", "kwargs"):
            setattr(node, field, [self.visit(one) for one in getattr(node, field)])
        return _call("watch", node)


class _Instrument(NodeTransformer):
    """Puts calls of the recorder into the statements of a template."""

    def __init__(self, template: str) -> None:
        self._template = template

    def _all(self, body: Iterable[nodes.Node]) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        for node in body:
            made = self.visit(node)
            found += made if isinstance(made, list) else [made]
        return found

    def _between(self, before: nodes.Node, body: Iterable[nodes.Node], after: str) -> list[nodes.Node]:
        return [before, *self._all(body), _statement(after, None, before.lineno)]

    def visit_Output(self, node: nodes.Output) -> nodes.Output:
        parts: list[nodes.Expr] = []
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                if not parts or "\n" in child.data:
                    place = nodes.Const(self._template, lineno=child.lineno)
                    parts.append(_call("data", place, child.lineno))
                parts.append(child)
            elif _is_own(child):
                parts.append(child)
            else:
                macro = isinstance(child, nodes.Call) and isinstance(child.node, nodes.Name)
                value = watched(child) if macro else _quietly(watched(child))
                parts.append(_call("emit", value, self._template, child.lineno))
        return nodes.Output(parts, lineno=node.lineno)

    def visit_If(self, node: nodes.If) -> list[nodes.Node]:
        return [self._condition(node), _statement("forget", None, node.lineno)]

    def _condition(self, node: nodes.If) -> nodes.If:
        node.test = _quietly(watched(node.test))
        node.body = self._between(_statement("within", None, node.lineno), node.body, "outside")
        node.elif_ = [self._condition(other) for other in node.elif_]
        if node.else_:
            node.else_ = self._between(_statement("within", None, node.lineno), node.else_, "outside")
        return node

    def visit_For(self, node: nodes.For) -> nodes.For:
        node.iter = _quietly(node.iter)
        before = _statement("each", _loaded(node.target), node.lineno)
        node.body, node.else_ = self._between(before, node.body, "outside"), self._all(node.else_)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Macro:
        node.body = self._between(_statement("enter", None, node.lineno), node.body, "leave")
        return node

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.CallBlock:
        node.body = self._between(_statement("enter", None, node.lineno), node.body, "leave")
        return node

    def visit_Assign(self, node: nodes.Assign) -> nodes.Assign:
        node.node = _quietly(node.node)
        return node

    def _unmarked_body(self, node: Any) -> list[nodes.Node]:
        node.body = self._between(_statement("hush", None, node.lineno), node.body, "speak")
        return [node, _statement("forget", None, node.lineno)]

    visit_AssignBlock = visit_FilterBlock = _unmarked_body

    def _unmarked(self, node: nodes.Node) -> list[nodes.Node]:
        return [_statement("hush", None, node.lineno), node, _statement("speak", None, node.lineno)]

    visit_Import = visit_FromImport = _unmarked


def _is_own(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Filter) and node.name.startswith(_PREFIX)


def _quietly(expression: nodes.Node) -> nodes.Expr:
    """An expression in which macros, if it calls any, put no marks into their text, which is input of something."""
    assert isinstance(expression, nodes.Expr)
    calls = list(expression.find_all(nodes.Call)) + ([expression] if isinstance(expression, nodes.Call) else [])
    if not calls:
        return expression
    line = expression.lineno
    both = nodes.Tuple([_call("hush", nodes.Const("", lineno=line)), expression], "load", lineno=line)
    return _call("speak", nodes.Getitem(both, nodes.Const(1, lineno=line), "load", lineno=line))


def _loaded(target: nodes.Node) -> nodes.Expr:
    """The variables of a loop as an expression."""
    if isinstance(target, nodes.Tuple):
        return nodes.Tuple([_loaded(one) for one in target.items], "load", lineno=target.lineno)
    assert isinstance(target, nodes.Name)
    return nodes.Name(target.name, "load", lineno=target.lineno)
