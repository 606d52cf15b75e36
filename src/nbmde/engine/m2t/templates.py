"""Jinja2 templates that remember which lines they wrote for which element."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.bytecode import BytecodeCache
from nbmde.engine.m2t.escaping import FILTERS
from nbmde.engine.m2t.files import GenerationError, Region
from nbmde.engine.models import EObject

_MARKS = list(pairwise(map(chr, range(0xFDD0, 0xFDF0))))  # noncharacters: no text should hold them, but some may


class Templates:
    """The templates of some folders; one in an earlier folder takes the place of its namesakes in later ones.

    Args:
        folders: where templates are looked for.
        queries: further filters, by name.
    """

    def __init__(self, folders: list[Path], queries: Mapping[str, Callable[..., Any]]) -> None:
        self._folders = folders
        self._environment = _Environment(  # no autoescape: filters escape for each language
            loader=jinja2.FileSystemLoader(folders),
            extensions=[_RegionExtension],
            bytecode_cache=BytecodeCache([*FILTERS.values(), *queries.values(), _RegionExtension.parse]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.update(FILTERS)
        self._environment.filters.update(queries)
        self._expression = cache(partial(self._environment.compile_expression, undefined_to_none=False))
        self._pattern = cache(self._environment.from_string)

    def render(self, name: str, element: EObject, variables: Mapping[str, Any]) -> tuple[str, list[Region]]:
        """The text that a template gives, and its regions.

        Raises:
            GenerationError: names template, line and element when the template or a query in it fails.
        """
        for opening, closing in _MARKS:
            recorder = _Recorder(opening, closing)
            self._environment.recorder = recorder
            try:
                text = self._environment.get_template(name).render(element=element, **variables)
            except Exception as error:
                raise self._failure(error, name, element) from error
            if text.count(opening) == text.count(closing) == 2 * len(recorder.elements):
                return recorder.regions(text)
        raise GenerationError(f"{models.label(element)} holds all noncharacters of Unicode", file=name)

    def evaluate(self, expression: str, element: EObject, variables: Mapping[str, Any], place: str) -> Any:
        """The value of a Jinja2 expression."""
        try:
            return self._expression(expression)(element=element, **variables)
        except Exception as error:
            raise self._failure(error, place, element) from error

    def fill(self, pattern: str, element: EObject, variables: Mapping[str, Any], place: str) -> str:
        """A short text with `{{ }}` in it."""
        try:
            return self._pattern(pattern).render(element=element, **variables)
        except Exception as error:
            raise self._failure(error, place, element) from error

    def _failure(self, error: Exception, name: str, element: EObject) -> GenerationError:
        file, line = name, None
        if isinstance(error, NbmdeError):  # a query refuses the model: the template is not at fault
            return GenerationError(f"{models.label(element)}: {error.reason}", remedy=error.remedy)
        if isinstance(error, jinja2.TemplateSyntaxError):
            file, line = error.filename or error.name or name, error.lineno
        else:
            for path, number in _frames(error.__traceback__):
                if any(path.is_relative_to(folder) for folder in self._folders) and path.suffix != ".py":
                    file, line = str(path), number
        reason = str(error) if isinstance(error, jinja2.TemplateError) else f"{type(error).__name__}: {error}"
        return GenerationError(f"{reason} (for {models.label(element)})", file=file, line=line)


class _Recorder:
    """The elements of the regions of one text. In the text, each region is enclosed by two marks with its number."""

    def __init__(self, opening: str, closing: str) -> None:
        self.opening, self.closing = opening, closing
        self.elements: list[tuple[str, EObject]] = []

    def enclose(self, template: str, element: EObject, body: str) -> str:
        if not hasattr(element, "eClass"):
            raise TypeError(f"a region is for an element of the model, not {element!r}")
        mark = f"{self.opening}{len(self.elements)}{self.closing}"
        self.elements.append((template, element))
        return f"{mark}{body}{mark}"

    def regions(self, text: str) -> tuple[str, list[Region]]:
        """The text without marks, and its regions by first line, outer ones first. A region without text is none."""
        pieces = re.split(f"{self.opening}([0-9]+){self.closing}", text)
        plain = "".join(pieces[::2])
        starts: dict[int, int] = {}
        found: list[tuple[int, int, int]] = []  # first line, last line (negative, to sort outer ones first), number
        breaks = [position for position, character in enumerate(plain) if character == "\n"]
        position = 0
        for piece, mark in zip(pieces[::2], map(int, pieces[1::2]), strict=False):
            position += len(piece)
            if mark not in starts:
                starts[mark] = position
            elif body := plain[starts[mark] : position].strip():
                first = plain.index(body, starts[mark])
                found.append((1 + bisect(breaks, first), -1 - bisect(breaks, first + len(body) - 1), mark))
        return plain, [Region(first, -last, *self.elements[mark]) for first, last, mark in sorted(found)]


class _Environment(jinja2.Environment):
    """Knows the regions of the text that is being rendered."""

    recorder: _Recorder


class _RegionExtension(Extension):
    """`{% region element %}...{% endregion %}`: what is between them is for that element."""

    tags = {"region"}  # noqa: RUF012 - as Jinja2 declares it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        element = parser.parse_expression()
        body = parser.parse_statements(("name:endregion",), drop_needle=True)
        call = self.call_method("enclose", [nodes.Const(parser.name or ""), element])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def enclose(self, template: str, element: EObject, caller: Callable[[], str]) -> str:
        assert isinstance(self.environment, _Environment)
        return self.environment.recorder.enclose(template, element, caller())


def _frames(traceback: TracebackType | None) -> Iterator[tuple[Path, int]]:
    while traceback is not None:
        yield Path(traceback.tb_frame.f_code.co_filename), traceback.tb_lineno
        traceback = traceback.tb_next
