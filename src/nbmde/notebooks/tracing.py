"""Traces in both directions: from a line of a project to its cell, and from a cell to the lines that it became."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbmde.engine import m2m, m2t, models, pipeline
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Registry
from nbmde.notebooks import generated
from nbmde.notebooks.elements import is_cell, is_statement, is_trace

if TYPE_CHECKING:
    from nbmde.metamodels.trace import Region, Trace

PIPELINE = "nb2project"
"""The pipeline that a notebook is converted with, where no project is named."""


@dataclass(frozen=True)
class Link:
    """One step back: a rule made an element from others.

    Attributes:
        element: what was made, as messages call it.
        rule: its name, behind that of its transformation: "workflow2project.fragment".
        place: where the rule stands, as file:line; empty if it is not known.
        sources: what it was made from.
    """

    element: str
    rule: str
    place: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Lines:
    """Lines of a generated file, and where they come from.

    Attributes:
        file: below the folder of the project.
        first, last: from 1; both 0 where they are gone from an edited file.
        template: that wrote them; with a colon and a line of it behind, where one line is asked for.
        element: of the model, for which they were written, as messages call it.
        reads: further elements on which their text depends.
        links: the rules that made the elements, then those that made what these were made from, and so on.
        statements: cell, first and last line, and text of each statement of the notebook behind it.
        cells: numbers of the cells behind it.
    """

    file: str
    first: int
    last: int
    template: str
    element: str
    reads: tuple[str, ...]
    links: tuple[Link, ...]
    statements: tuple[tuple[int, int, int, str], ...]
    cells: tuple[int, ...]


class Traced:
    """A project whose lines and cells can be asked for each other.

    Args:
        regions: with the lines where they are now.
        traces: of all transformations of the chain.
        extensions: for the places of rules.

    Attributes:
        unknown: transformations of extensions that had a part in it and are not to be found.
    """

    def __init__(
        self, regions: Iterable[tuple[Region, int, int]], traces: Iterable[Trace], extensions: tuple[Path, ...]
    ) -> None:
        self.regions = list(regions)
        self._of_file: dict[str, list[tuple[Region, int, int]]] = {}
        for one in self.regions:
            self._of_file.setdefault(one[0].file, []).append(one)
        traces = list(dict.fromkeys(traces))
        self._index = m2m.TraceIndex(*traces)
        self._transformation = {link: trace.transformation for trace in traces for link in trace.links}
        missing = (m2m.unknown(one.transformation, one.layers, extensions) for one in traces if len(one.links))
        self.unknown = sorted({name for names in missing for name in names})
        self._rules = _rules({trace.transformation for trace in traces}, extensions)

    def line(self, file: str, line: int) -> list[Lines]:
        """Trace a line of a file: the lines that the template wrote alike, then regions, inner ones first."""
        found = [(not region.templateLine, last - first, region, first, last)
                 for region, first, last in self._of_file.get(file, ()) if first <= line <= last]  # fmt: skip
        found.sort(key=lambda one: one[:2])
        return [
            replace(lines, template=f"{lines.template}:{_template_line(region, line - first)}")
            if region.templateLine
            else lines
            for _, _, region, first, last in found
            for lines in [self._lines(region, first, last)]
        ]

    def cell(self, number: int, line: int | None = None) -> list[Lines]:
        """The lines that a cell became, or those that one of its lines did; by file and line."""
        found = []
        for region, first, last in self.regions:
            lines = self._lines(region, first, last)
            inside = [
                one for one in lines.statements if one[0] == number and (line is None or one[1] <= line <= one[2])
            ]
            if inside or (line is None and number in lines.cells and not lines.statements):
                found.append(lines)
        return sorted(found, key=lambda one: (one.file, one.first, -one.last))

    def shares(self) -> dict[str, int]:
        """How many generated lines lead to a cell, to no cell but an element, and to the line of a template alone."""
        found = {"cell": 0, "element": 0, "template": 0}
        for region, first, last in self.regions:
            if region.templateLine and first:
                whole = region.element is None or region.element.eContainer() is None
                kind = "cell" if self._lines(region, first, last).cells else "template" if whole else "element"
                found[kind] += last - first + 1
        return found

    def _lines(self, region: Region, first: int, last: int) -> Lines:
        links: list[Link] = []
        front = [*([region.element] if region.element is not None else []), *region.reads]
        behind = dict.fromkeys(front)
        while front:
            element = front.pop(0)
            for link in self._index.links(element):
                transformation = self._transformation[link]
                place = self._rules.get((transformation, link.rule), "")
                made = models.label(element if element in link.targets else link.targets[0])
                labels = tuple(map(models.label, link.sources))
                links.append(Link(made, f"{transformation}.{link.rule}", place, labels))
                new = [source for source in link.sources if source not in behind]
                behind.update(dict.fromkeys(new))
                front += new
        own = filter(is_statement, behind)
        statements = tuple((one.cellNumber, one.firstLine, one.lastLine, one.text) for one in own)
        cells = sorted({one.position for one in behind if is_cell(one)})
        shown = models.label(region.element) if region.element is not None else ""
        reads = tuple(map(models.label, region.reads))
        return Lines(
            region.file, first, last, region.template or "", shown, reads, tuple(links), statements, tuple(cells)
        )


def _template_line(region: Region, offset: int) -> int:
    """The line of the template that wrote a line of a region."""
    line = region.templateLine + offset
    return min(line, region.templateLast) if region.templateLast else line


def of_project(folder: Path, registry: Registry) -> Traced:
    """The traces of a generated project, of whatever pipeline, also where a person edited its files.

    Raises:
        NbmdeError: it is none, or its models cannot be read.
    """
    tops = generated.roots(folder, registry)
    traces = _traces(tops)
    texts = [trace for trace in traces if len(trace.regions)]
    told = [region.element for trace in texts for region in trace.regions if region.element is not None]
    generated_from = [*map(models.root_of, told[:1]), *(top for top in tops if not is_trace(top))]
    if not texts or not generated_from:
        raise NbmdeError("its trace says nothing about its files", file=str(folder), remedy="generate it again")
    regions, _ = m2t.current_regions(folder, models.siblings(generated_from[0]), texts, registry)
    return Traced(regions, traces, registry.extensions)


def of_notebook(notebook: Path, registry: Registry, name: str = PIPELINE) -> Traced:
    """The traces of the project that a notebook would become. Nothing is written.

    Args:
        name: of the pipeline that it goes through.

    Raises:
        NbmdeError: from the pipeline.
    """
    chosen = pipeline.find(name, registry.extensions)
    return of_outcome(chosen, pipeline.run(chosen, notebook, registry, {}), registry)


def of_outcome(chosen: pipeline.Pipeline, outcome: pipeline.Outcome, registry: Registry) -> Traced:
    """The traces of what a pipeline made and nobody wrote yet."""
    names = [step.name for step in chosen.steps if step.kind == "generate"]
    texts = [m2t.find(name, registry.extensions).trace(outcome.files, registry) for name in names]
    regions = [(region, region.firstLine, region.lastLine) for text in texts for region in text.regions]
    tops = [top for model in pipeline.related(outcome.roots).values() for top in models.roots(model)]
    return Traced(regions, [*outcome.traces, *_traces(tops)], registry.extensions)


def _traces(tops: Iterable[EObject]) -> list[Trace]:
    """The traces among the roots of models, and those that roots contain."""
    return [one for top in tops for one in (top, *models.children(top)) if is_trace(one)]


def _rules(transformations: Iterable[str], extensions: tuple[Path, ...]) -> Mapping[tuple[str, str], str]:
    """File and line of each rule, by transformation and name."""
    found: dict[tuple[str, str], str] = {}
    for name in sorted(transformations):
        with suppress(NbmdeError):  # it may have another name by now, or none
            rules = m2m.find(name, extensions).rules
            found |= {(name, rule.name): f"{rule.file}:{rule.line}" for rule in rules.values()}
    return found
