"""Compares what the cells of a notebook did with what their statements did in the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbmde.notebooks.verify import parts
from nbmde.notebooks.verify.places import Place, Places
from nbmde.notebooks.verify.project_run import ProjectRun
from nbmde.notebooks.verify.runs import UNRENDERED, WIDGET, CellRun
from nbmde.notebooks.verify.text import equal, equal_elsewhere, joined, lines_of, unstable_lines
from nbmde.notebooks.verify.verdict import CellVerdict, Difference, Gap
from nbmde.notebooks.verify.written import LOOSELY

UNSTABLE = "differs between two runs of the notebook"
REWRITTEN = "code of a function, written otherwise in the project: what it computes is compared where it is called"
ALREADY_THERE = "lies around the notebook, which writes it where it is missing only; it did not come along"
UNRENDERABLE = "shown in a form that only a front end can render"
SHOWN_APART = "what a widget shows is not part of the output"
LIBRARIES = "libraries and other programs write something else there"
NUMBERED = {"random": "the random module's", "numpy.random": "numpy's"}
SHOWN = 160  # characters of a text that are shown


@dataclass
class Unstable:
    """The differences between two runs of the notebook, by cell.

    Attributes:
        lines: of the first run's text: pairs of the first line and the one behind the last.
        values: by variable, the paths of the parts that differ.
        pictures, errors: whether these differ, the latter what its own code writes to standard error.
        generators, files: which differ.
    """

    lines: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    values: dict[int, dict[str, list[parts.Path]]] = field(default_factory=dict)
    pictures: set[int] = field(default_factory=set)
    errors: set[int] = field(default_factory=set)
    generators: dict[int, set[str]] = field(default_factory=dict)
    files: dict[int, set[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.pictures or self.errors) or any(
            any(found.values()) for found in (self.lines, self.values, self.generators, self.files)
        )

    def add(self, other: Unstable) -> None:
        """Takes in what differs in another run."""
        for cell, lines in other.lines.items():
            self.lines[cell] = joined([*self.lines.get(cell, ()), *lines])
        for cell, values in other.values.items():
            known = self.values.setdefault(cell, {})
            for name, paths in values.items():
                known[name] = [*known.get(name, ()), *(path for path in paths if path not in known.get(name, ()))]
        self.pictures |= other.pictures
        self.errors |= other.errors
        for own, more in ((self.generators, other.generators), (self.files, other.files)):
            for cell, names in more.items():
                own[cell] = own.get(cell, set()) | names


def unstable(one: dict[int, CellRun], other: dict[int, CellRun], tolerance: float) -> Unstable:
    """Find the differences between two runs of the same notebook, whose texts are normalised."""
    result = Unstable()
    for cell, first in one.items():
        second = other[cell]
        if not equal(first.text, second.text, tolerance):
            result.lines[cell] = unstable_lines(first.text, second.text)
        names = first.variables.keys() | second.variables.keys()
        found = {name: _unstable(first.variables.get(name), second.variables.get(name), tolerance) for name in names}
        result.values[cell] = {name: paths for name, paths in found.items() if paths}
        if first.pictures != second.pictures:
            result.pictures.add(cell)
        if not equal(first.errors, second.errors, tolerance):
            result.errors.add(cell)
        result.generators[cell] = {
            name for name, state in first.generators.items() if second.generators.get(name, state) != state
        }
        result.files[cell] = set(_files(first, second, tolerance))
    return result


def compare(
    cells: dict[int, CellRun],
    project: ProjectRun,
    places: Places,
    tolerance: float,
    shaky: Unstable,
) -> list[CellVerdict]:
    """Compares cell by cell; the texts are normalised.

    Args:
        cells: what the notebook's cells did, in the order in which they ran.
    """
    verdicts = []
    for number, cell in cells.items():
        verdict = CellVerdict(number, functions=list(dict.fromkeys(p.function for p in places.of_cell(number))))
        verdicts.append(verdict)
        run = project.cells.get(number)
        if not places.of_cell(number):
            _unplaced(verdict, cell)
            if number in places.constants and run is not None:
                _Comparison(verdict, cell, run, places, tolerance, shaky).values()
                verdict.nothing = verdict.nothing and not (verdict.values or verdict.differences or verdict.gaps)
            verdict.gaps += _omitted(cell, places.omitted.get(number, {}))
            continue
        if run is None:
            if project.failure is None:
                _missing(verdict, places)
            else:
                verdict.gaps.append(Gap("the cell", "the project had failed before"))
            continue
        if project.failure is not None and project.failure.cell == number:
            verdict.gaps.append(Gap("the cell", "the project fails in it"))
            continue
        comparison = _Comparison(verdict, cell, run, places, tolerance, shaky)
        comparison.text()
        comparison.errors()
        comparison.values()
        comparison.aliases()
        comparison.generators()
        comparison.options()
        comparison.pictures()
        comparison.files()
        verdict.gaps += _omitted(cell, places.omitted.get(number, {}))
        verdict.differences.sort(key=lambda difference: comparison.position(difference))
    _order(verdicts, project, places)
    return verdicts


def _unplaced(verdict: CellVerdict, cell: CellRun) -> None:
    """A cell of which nothing runs in a function of the project."""
    verdict.nothing = not cell.omitted
    text = cell.text if cell.text.strip() else cell.errors
    if text.strip() or cell.pictures:
        verdict.nothing = False
        detail = "the notebook prints or shows something here; the project has nothing of this cell in its functions"
        verdict.differences.append(Difference("missing", detail, notebook=_shortened(text)))


def _omitted(cell: CellRun, reasons: Mapping[str, str]) -> Iterator[Gap]:
    """Report the gaps of a cell that prints by expressions which the project does not have."""
    known = list(reasons.items())
    for number in cell.omitted:
        expression, reason = known[number]
        yield Gap(f"what {expression} prints", reason)


def _missing(verdict: CellVerdict, places: Places) -> None:
    place = places.of_cell(verdict.number)[0]
    detail = f"{place.function} did not run" if place.first else f"its lines are no longer in {place.function}"
    verdict.differences.append(
        Difference("missing", detail, file=place.file, line=place.first, function=place.function)
    )


class _Comparison:
    """Compares one cell."""

    def __init__(
        self, verdict: CellVerdict, cell: CellRun, run: CellRun, places: Places, tolerance: float, shaky: Unstable
    ) -> None:
        self.verdict, self.cell, self.run, self.tolerance, self.shaky = verdict, cell, run, tolerance, shaky
        self.number = verdict.number
        self.places = places.of_cell(self.number)
        self.bound = places.bound.get(self.number, set())
        self.constants = places.constants.get(self.number, {})
        self.named, self.lies_there_only = places.files, places.lies_there_only

    def differs(self, kind: str, detail: str, at: Place | tuple[str, int, str], **more: str) -> None:
        """Notes a difference."""
        file, line, function = (at.file, at.first, at.function) if isinstance(at, Place) else at
        self.verdict.differences.append(Difference(kind, detail, file=file, line=line, function=function, **more))

    def position(self, difference: Difference) -> tuple[int, int]:
        """By which differences are put in the order in which their statements ran."""
        place = difference.file, difference.line
        runs = [n for n, p in enumerate(self.run.passages) if (p.file, p.line) == place]
        kinds = ["text", "error", "value", "alias", "random numbers", "option", "picture", "file"]
        return (runs[0] if runs else len(self.run.passages), kinds.index(difference.kind))

    def text(self) -> None:
        """Compares what was printed, and the values that were shown as text."""
        notebook, project = self.cell.text, self.run.text
        shaky = self.shaky.lines.get(self.number, [])
        if shaky:
            self.verdict.gaps.append(Gap("lines of text", UNSTABLE))
        shaky = joined([*shaky, *lines_of(notebook, self.cell.widgets)])
        if not equal(notebook, project, self.tolerance) and not (
            shaky and equal_elsewhere(notebook, project, shaky, self.tolerance)
        ):
            offset, one, other = _first_difference(notebook, project)
            self.differs("text", "the text differs", self.at(offset, "text"), notebook=one, project=other)
        else:
            self.verdict.text = len(notebook)
        for kind in sorted(self.cell.shown):
            self.verdict.gaps.append(Gap("a widget", SHOWN_APART) if kind == WIDGET else Gap(kind, UNRENDERABLE))

    def errors(self) -> None:
        """Compares what was written to standard error: the own code's text counts, that of libraries is told."""
        notebook, project = self.cell.errors, self.run.errors
        if self.number in self.shaky.errors:
            self.verdict.gaps.append(Gap("text on standard error", UNSTABLE))
        elif not equal(notebook, project, self.tolerance):
            offset, one, other = _first_difference(notebook, project)
            place = self.at(offset, "errors")
            self.differs("error", "the text on standard error differs", place, notebook=one, project=other)
        else:
            self.verdict.text += len(notebook)
            if not equal(self.cell.complaints, self.run.complaints, self.tolerance):
                self.verdict.gaps.append(Gap("text on standard error", LIBRARIES))

    def at(self, offset: int, stream: str) -> tuple[str, int, str]:
        """The place of the statement that wrote the character at an offset of the project's text or errors."""
        found = (passage for passage in self.run.passages if offset < getattr(passage, stream))
        return next(found, self.run.passages[-1]).place

    def values(self) -> None:
        """Compares the variables that both sides have, and looks for those that only one has."""
        notebook, project = self.cell.variables, self.run.variables
        if fault := self.cell.fault or self.run.fault:
            self.verdict.gaps.append(Gap("variables", fault))
            return
        shaky = self.shaky.values.get(self.number, {})
        for name in sorted(notebook.keys() | project.keys()):
            if name in shaky:
                self.shaky_value(name, shaky[name])
            elif name not in project or name not in notebook:
                if name in self.bound:
                    where = "the project" if name not in project else "the notebook"
                    self.differs("value", f"{name} is not bound in {where}", self.binding(name), name=name)
            elif detail := different(notebook[name], project[name], self.tolerance):
                one, other = _texts(notebook[name]), _texts(project[name])
                self.differs("value", f"{name}: {detail}", self.binding(name), name=name, notebook=one, project=other)
            else:
                gaps = list(_gaps(name, notebook[name], project[name]))
                self.verdict.gaps += gaps
                self.verdict.values += not gaps

    def shaky_value(self, name: str, unstable: list[parts.Path]) -> None:
        """Compares the parts of a variable that do not differ from run to run."""
        one, other = self.cell.variables.get(name), self.run.variables.get(name)
        if parts.WHOLE in unstable or one is None or other is None or not one.get("hash") or not other.get("hash"):
            self.verdict.gaps.append(Gap(name, UNSTABLE))
            return
        self.verdict.gaps.append(Gap(f"{name}: {parts.some(sorted(map(parts.spelled, unstable)))}", UNSTABLE))
        if one["hash"] != other["hash"] and (paths := parts.beside(parts.differing(one, other), unstable)):
            detail = f"{name}: {parts.described(one, other, paths)}"
            texts = {"notebook": _texts(one), "project": _texts(other)}
            self.differs("value", detail, self.binding(name), name=name, **texts)
        self.verdict.gaps += _gaps(name, one, other)

    def binding(self, name: str) -> Place | tuple[str, int, str]:
        """The last place in this cell that binds or changes a variable; else the last place of the cell."""
        if name in self.constants:
            return *self.constants[name], ""
        ran = {(passage.file, passage.line) for passage in self.run.passages}
        existing = [place for place in self.places if place.first] or self.places
        binding = [place for place in existing if name in place.names]
        if not binding and self.run.passages:
            return self.run.passages[-1].place
        return next((p for p in reversed(binding) if (p.file, p.first) in ran), (binding or existing)[-1])

    def aliases(self) -> None:
        """Compares which variables are the same object."""
        notebook, project = self.cell.variables, self.run.variables
        shaky = self.shaky.values.get(self.number, {})
        names = sorted(name for name in notebook.keys() & project.keys() if name not in shaky)
        differing = {difference.name for difference in self.verdict.differences}
        for position, name in enumerate(names):
            for other in names[position + 1 :]:
                one = _same(notebook[name], notebook[other])
                if one != _same(project[name], project[other]) and not {name, other} & differing:
                    where = ("the notebook", "the project") if one else ("the project", "the notebook")
                    detail = f"{name} and {other} are one object in {where[0]} and two in {where[1]}"
                    self.differs("alias", detail, self.binding(other), name=other)

    def generators(self) -> None:
        """Compares the states of the random generators that both sides have."""
        for name, state in self.cell.generators.items():
            if name in self.shaky.generators.get(self.number, ()):
                self.verdict.gaps.append(Gap(f"the state of {NUMBERED[name]} random numbers", UNSTABLE))
            elif self.run.generators.get(name, state) != state:
                detail = f"{NUMBERED[name]} random generator is in another state"
                self.differs("random numbers", detail, self.run.passages[-1].place, name=name)

    def options(self) -> None:
        """Compares the options of libraries that both sides have loaded, as far as one of them has changed them."""
        for name, (digest, changed, text) in self.cell.options.items():
            other, changed_there, text_there = self.run.options.get(name, (digest, False, text))
            if digest != other and (changed or changed_there):
                detail = f"an option has another value ({name})"
                place = self.run.passages[-1].place
                self.differs("option", detail, place, name=name, notebook=text, project=text_there)

    def pictures(self) -> None:
        """Compares the pictures."""
        notebook, project = self.cell.pictures, self.run.pictures
        if self.number in self.shaky.pictures:
            self.verdict.gaps.append(Gap("pictures", UNSTABLE))
            return
        place = self.run.passages[-1].place
        if len(notebook) != len(project) and WIDGET in self.cell.shown:
            self.verdict.gaps.append(Gap("pictures", SHOWN_APART))
        elif len(notebook) != len(project):
            detail = f"the notebook shows {_count(len(notebook))}, the project {_count(len(project))}"
            self.differs("picture", detail, place)
        elif notebook != project:
            pairs = list(enumerate(zip(notebook, project, strict=True), 1))
            self.verdict.pictures = sum(a == b for _, (a, b) in pairs)
            unknown = [str(n) for n, (a, _) in pairs if a == UNRENDERED]
            if unknown:
                self.verdict.gaps.append(Gap(f"picture {', '.join(unknown)}", "the kernel did not render it"))
            wrong = [str(n) for n, (a, b) in pairs if a not in (b, UNRENDERED)]
            if not wrong:
                return
            detail = f"{'picture' if len(wrong) == 1 else 'pictures'} {', '.join(wrong)} of {len(notebook)} differ"
            detail += "s" if len(wrong) == 1 else ""
            first = int(wrong[0]) - 1
            one, other = (digest.rpartition(", ")[0] for digest in (notebook[first], project[first]))
            one, other = (one, other) if one != other else ("", "")
            self.differs("picture", detail, place, notebook=one, project=other)
        else:
            self.verdict.pictures = len(notebook)

    def files(self) -> None:
        """Compares the files that were written."""
        for path in self.run.outside:
            self.differs("file", f"the project writes {path}, outside of its folder", self.run.passages[-1].place)
        differing = _files(self.cell, self.run, self.tolerance)
        for name in sorted(self.cell.files.keys() | self.run.files.keys()):
            one, other = (side.files.get(name) or {} for side in (self.cell, self.run))
            shaky = self.shaky.files.get(self.number, set())
            renamed = name not in self.cell.files and any(known not in self.run.files for known in shaky)
            if other.get("own") and not one:
                continue
            if name in shaky or (renamed and name in differing):
                self.verdict.gaps.append(Gap(f"the file {name}", UNSTABLE))
            elif name in differing and one.get("loose") and other.get("loose"):
                self.verdict.gaps.append(Gap(f"the file {name}", LOOSELY))
            elif name in differing and name not in self.cell.files and self.lies_there_only(name):
                self.verdict.gaps.append(Gap(f"the file {name}", ALREADY_THERE))
            elif name in differing:
                texts = {"notebook": str(one.get("text", "")), "project": str(other.get("text", ""))}
                self.differs("file", f"the file {name} {differing[name]}", self.writing(name), name=name, **texts)
            else:
                gaps = list(_gaps(f"the file {name}", one, other)) if one else []
                self.verdict.gaps += gaps
                self.verdict.files += not gaps

    def writing(self, name: str) -> Place | tuple[str, int, str]:
        """The last place in this cell whose statement names a file; else the last place that ran."""
        naming = next(
            (n for named, (_, n) in self.named.items() if (name + "/").startswith(named.rstrip("/") + "/")), ()
        )
        found = [place for place in self.places if place.first and place.number in naming]
        return found[-1] if found else self.run.passages[-1].place


def _files(one: CellRun, other: CellRun, tolerance: float) -> dict[str, str]:
    """How the files differ that were written, by name, for a person."""
    found = {}
    for name in one.files.keys() | other.files.keys():
        first, second = one.files.get(name), other.files.get(name)
        if name not in one.files and second is not None and second.get("own"):
            continue
        if first is None or second is None:
            if (name in one.files) != (name in other.files) or first is not second:
                verb = "removed" if first is None and second is None else "written"
                found[name] = f"is not {verb} in {'the project' if name in one.files else 'the notebook'}"
        elif detail := different(first, second, tolerance):
            found[name] = f"has another content: {detail}"
    return found


def different(one: dict[str, Any], other: dict[str, Any], tolerance: float) -> str:
    """How two records of a value differ, for a person; empty where they don't, as far as they can be compared."""
    if one.get("front_end"):
        return ""
    if one["type"] != other["type"]:
        return f"a {_kind(one)} in the notebook, a {_kind(other)} in the project"
    if one.get("hash") is None or other.get("hash") is None:
        return ""
    others = other.get("captured", {})
    if captured := [place for place, digest in one.get("captured", {}).items() if others.get(place) != digest]:
        named = parts.some(place.removeprefix(".") for place in captured)
        return f"{named} differ{'s'[: len(captured) == 1]}, captured by a function"
    if one["hash"] == other["hash"]:
        return _distance(one, other, tolerance)
    return parts.described(one, other, parts.differing(one, other))


def _unstable(one: dict[str, Any] | None, other: dict[str, Any] | None, tolerance: float) -> list[parts.Path]:
    """The parts of a value that differ between two runs; the whole where they cannot be told apart."""
    if one is None or other is None:
        return [parts.WHOLE]
    if not different(one, other, tolerance):
        return []
    return (
        parts.differing(one, other) if one["type"] == other["type"] and one["hash"] != other["hash"] else [parts.WHOLE]
    )


def _distance(one: dict[str, Any], other: dict[str, Any], tolerance: float) -> str:
    """Whether the sketches of two values are further apart than the tolerance allows."""
    if "sketch" not in one or "sketch" not in other:
        return ""
    (count, norm, *sums), (other_count, other_norm, *other_sums) = one["sketch"], other["sketch"]
    if count != other_count:
        return "numbers of floating-point numbers differ"
    allowed = tolerance * max(norm, other_norm)
    distance = max([abs(norm - other_norm), *(abs(a - b) for a, b in zip(sums, other_sums, strict=True))])
    if distance <= allowed:
        return ""
    return f"the numbers differ by about {distance / max(norm, other_norm):.1e} of their size"


def _gaps(name: str, one: dict[str, Any], other: dict[str, Any]) -> Iterator[Gap]:
    """Report the parts of a value that could not be compared; parts with the same reason together."""
    reasons: dict[str, list[str]] = {}
    others = other.get("code", {})
    rewritten = [(path, REWRITTEN) for path, code in one.get("code", {}).items() if others.get(path) != code]
    for path, reason in [*one["gaps"], *other["gaps"], *rewritten]:
        if path not in reasons.setdefault(reason, []):
            reasons[reason].append(path)
    for reason, paths in reasons.items():
        yield Gap(f"{name}{paths[0]}" + (f" and {len(paths) - 1} more parts" if len(paths) > 1 else ""), reason)


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return "same" in one and one["same"] == other.get("same")


def _order(verdicts: list[CellVerdict], project: ProjectRun, places: Places) -> None:
    """Notes functions that did not run, and where others ran in another order than that of the notebook."""
    if project.failure is not None:
        return
    ran = [(file, function) for file, function, _, _ in project.calls]
    for call in dict.fromkeys(places.calls):
        verdict, place = _verdict_of(call, verdicts, places)
        known = verdict is not None and any(d.kind == "missing" for d in verdict.differences)
        if call not in ran and verdict is not None and not known:
            detail = f"{call[1]} did not run"
            difference = Difference("missing", detail, file=call[0], line=place, function=call[1])
            verdict.differences.insert(0, difference)
    expected = [call for call in places.calls if call in ran]
    for position, (file, function, driver, line) in enumerate(project.calls):
        due = expected[position] if position < len(expected) else None
        if due == (file, function):
            continue
        again = (file, function) in ran[:position]
        detail = f"{function} runs {'again' if again else 'here'}"
        detail += f", where the notebook's order has {due[1]}" if due is not None else ""
        verdict, _ = _verdict_of((file, function) if again or due is None else due, verdicts, places)
        if verdict is not None:
            difference = Difference("order", detail, file=driver, line=line, function=function)
            verdict.differences.insert(0, difference)
        return


def _verdict_of(call: tuple[str, str], verdicts: list[CellVerdict], places: Places) -> tuple[CellVerdict | None, int]:
    """The verdict about the first cell of a function, and the line where it stands there."""
    found = next((place for place in places.places if (place.file, place.function) == call), None)
    verdict = next((verdict for verdict in verdicts if found is not None and verdict.number == found.cell), None)
    return verdict, found.first if found is not None else 0


def _first_difference(notebook: str, project: str) -> tuple[int, str, str]:
    """Offset in the project's text of the first difference, and the lines on both sides."""
    offset = next(
        (n for n, (a, b) in enumerate(zip(notebook, project, strict=False)) if a != b), min(len(notebook), len(project))
    )
    begin = max(notebook.rfind("\n", 0, offset), project.rfind("\n", 0, offset)) + 1
    one, other = ((text[begin:].split("\n") or [""])[0] if begin < len(text) else "" for text in (notebook, project))
    return offset, _shortened(one) or "nothing more", _shortened(other) or "nothing more"


def _shortened(text: str) -> str:
    text = text.strip("\n")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _texts(record: dict[str, Any]) -> str:
    return str(record.get("text", record["type"]))


def _kind(record: dict[str, Any]) -> str:
    return str(record["type"]).removeprefix("builtins.")


def _count(number: int) -> str:
    return f"{number or 'no'} picture{'s' if number != 1 else ''}"
