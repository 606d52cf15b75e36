"""Jinja2 templates that remember which lines they wrote for which element."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.environment import TemplateExpression
from jinja2.parser import Parser

from nbmde.engine import models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.bytecode import BytecodeCache
from nbmde.engine.m2t.escaping import FILTERS
from nbmde.engine.m2t.files import GenerationError, Region
from nbmde.engine.m2t.recording import Elements, Line, Recorder, RegionExtension, filters, instrumented, watched
from nbmde.engine.models import EObject

_MARKS = list(pairwise(map(chr, range(0xFDD0, 0xFDF0))))  # noncharacters: no text should hold them, but some may
_codes: dict[tuple[str, str, frozenset[str]], CodeType] = {}
"""Compiled short texts and expressions, shared by all runs of a process whose filters have the same names."""


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
            extensions=[RegionExtension],
            bytecode_cache=BytecodeCache([*FILTERS.values(), *queries.values(), RegionExtension.parse]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.update(FILTERS)
        self._environment.filters.update(queries)
        self._expression = cache(self._environment.watching)
        self._pattern = cache(self._environment.pattern)

    def render(
        self, name: str, element: EObject, variables: Mapping[str, Any], reads: Elements = ()
    ) -> tuple[str, list[Region], list[Line]]:
        """The text that a template gives, its regions, and where each of its lines comes from.

        Args:
            reads: elements that the text as a whole depends on.

        Raises:
            GenerationError: names template, line and element when the template or a query in it fails.
        """
        recorder = self._environment.recorder
        for opening, closing in _MARKS:
            recorder.begin(opening, closing, element, reads)
            try:
                text = self._environment.get_template(name).render(element=element, **variables)
            except Exception as error:
                raise self._failure(error, name, element) from error
            if text.count(opening) == text.count(closing) == recorder.marks:
                return recorder.read(text)
        raise GenerationError(f"{models.label(element)} holds all noncharacters of Unicode", file=name)

    def evaluate(self, expression: str, element: EObject, variables: Mapping[str, Any], place: str) -> Any:
        """The value of a Jinja2 expression."""
        return self.asked(expression, element, variables, place)[0]

    def asked(
        self, expression: str, element: EObject, variables: Mapping[str, Any], place: str
    ) -> tuple[Any, Elements]:
        """The value of a Jinja2 expression, and the elements that are in it."""
        recorder = self._environment.recorder
        recorder.begin("", "", None, ())
        try:
            value = self._expression(expression)(element=element, **variables)
            if isinstance(value, jinja2.Undefined):
                bool(value)  # raises that it is not defined
        except Exception as error:
            raise self._failure(error, place, element) from error
        return value, tuple(recorder.drain())

    def fill(self, pattern: str, element: EObject, variables: Mapping[str, Any], place: str) -> str:
        """A short text with `{{ }}` in it."""
        self._environment.recorder.begin("", "", None, ())
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


class _Environment(jinja2.Environment):
    """Whose templates tell a recorder what they do."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.recorder = Recorder()
        self.filters.update(filters(self.recorder))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return instrumented(super()._parse(source, name, filename), name or "")

    def watching(self, source: str) -> TemplateExpression:
        """An expression that tells the recorder of the elements in it."""

        def parsed() -> nodes.Template:
            expression = watched(Parser(self, source, state="variable").parse_expression())
            return nodes.Template([nodes.Assign(nodes.Name("result", "store"), expression, lineno=1)], lineno=1)

        return TemplateExpression(self._template("expression", source, parsed), undefined_to_none=False)

    def pattern(self, source: str) -> jinja2.Template:
        """A short text as a template."""
        return self._template("pattern", source, lambda: source)

    def _template(self, kind: str, source: str, parsed: Callable[[], nodes.Template | str]) -> jinja2.Template:
        key = kind, source, frozenset(self.filters)
        if key not in _codes:
            _codes[key] = self.compile(parsed())
        return self.template_class.from_code(self, _codes[key], self.make_globals(None))


def _frames(traceback: TracebackType | None) -> Iterator[tuple[Path, int]]:
    while traceback is not None:
        yield Path(traceback.tb_frame.f_code.co_filename), traceback.tb_lineno
        traceback = traceback.tb_next
