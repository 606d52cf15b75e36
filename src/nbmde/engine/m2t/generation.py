"""From a model to files, as a coordination file says."""

from __future__ import annotations

import base64
import binascii
import importlib.util
import inspect
import json
import tomllib
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from nbmde.engine import locations, models
from nbmde.engine.filenames import folded
from nbmde.engine.m2t.alignment import origins
from nbmde.engine.m2t.escaping import visible_source
from nbmde.engine.m2t.files import OWN, File, Files, GenerationError, Origin, Region, checked_path
from nbmde.engine.m2t.formatting import LineMap, formatting, syntax_tree
from nbmde.engine.m2t.modules import Modules, line_regions
from nbmde.engine.m2t.recording import Elements, Line, innermost
from nbmde.engine.m2t.templates import Templates
from nbmde.engine.models import EClass, EObject
from nbmde.engine.models.filling import contain, refer
from nbmde.engine.models.slots import slots

if TYPE_CHECKING:
    from nbmde.metamodels.trace import Trace

COORDINATION = "generation.toml"


def _yaml(text: str) -> None:
    """Check YAML by the compiled reader first, which refuses lone surrogates; the other one takes ten times as long."""
    try:
        list(yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, UnicodeError):
        list(yaml.safe_load_all(text))


_CHECKS: dict[str, Callable[[str], object]] = {
    "python": syntax_tree,
    "toml": tomllib.loads,
    "yaml": _yaml,
    "json": json.loads,
}
_ORIGIN = ("name", "parts")
_FAULTS = (SyntaxError, tomllib.TOMLDecodeError, yaml.YAMLError, json.JSONDecodeError)


@dataclass(frozen=True)
class Rule:
    """A rule of generation: the file that is generated for each element of a class.

    A rule of an extension takes the place of the one with the same class, path and template or module.

    Attributes:
        for_: name of the class: of the root's metamodel, or `metamodel.Class`.
        path: of the file, with `{{ }}`.
        template: name of the template that gives the text, with `{{ }}`.
        module: in place of a template: name of a Python module that is the text, with `{{ }}`; see `modules`.
        imports: a Jinja2 expression that gives the names that modules have where they are generated, by those under
            which the module imports them.
        content: in place of a template: a Jinja2 expression that gives a Blob (base64 of zlib), the file's bytes.
        when: a Jinja2 expression; the rule holds for elements for which it is true.
        reads: a Jinja2 expression; further elements, to which each line leads back: on which it depends that the file
            is there.
        layouts: names of the layouts that have this file, also what they are like; empty for all of them.
        format: "python" (formatted and checked), "toml", "yaml" or "json" (checked), or "" for text as rendered.
        executable: whether the file can be run as a program.
        private: whether its owner alone may read the file.
        source: the coordination file.
    """

    for_: str
    path: str
    template: str = ""
    module: str = ""
    imports: str = "{}"
    content: str = ""
    when: str = "true"
    reads: str = "none"
    layouts: tuple[str, ...] = ()
    format: str = ""
    executable: bool = False
    private: bool = False
    source: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """The features by which a rule takes the place of another: class, path and template or module."""
        return self.for_, self.path, self.template or self.module


@dataclass(frozen=True)
class _Text:
    """The text of one file before it is written, the template or module that gave it, and its regions."""

    text: str
    rule: Rule
    element: EObject
    template: str
    regions: Sequence[Region]
    lines: Sequence[Line] = ()
    reads: Elements = ()


class Generation:
    """Templates, modules, queries and the rules for what is generated. See `find`.

    Args:
        name: of the folder below `templates/`.
        folders: where it was found, nbmde's own first; later ones add to earlier ones or replace by name.
    """

    def __init__(self, name: str, folders: list[Path]) -> None:
        self.name = name
        rules: dict[tuple[str, str, str], Rule] = {}
        queries: dict[str, Callable[..., Any]] = {}
        self._python: dict[str, object] = {}
        self._origin: dict[str, str] = {}
        for folder in folders:
            if (folder / COORDINATION).is_file():
                for rule in self._read(folder / COORDINATION):
                    rules[rule.key] = rule
            queries |= _queries(name, folder)
        self.rules = list(rules.values())
        self._templates = Templates(folders[::-1], queries)
        self._modules = Modules(folders[::-1])

    def run(self, model: models.Model, registry: models.Registry, only: Collection[str] | None = None) -> Files:
        """The files for a model. Nothing is written.

        Args:
            only: paths of the files to make; all by default.

        Raises:
            GenerationError: when a template fails, two elements want the same path, a path leads out of the project, or
                a file is not what its format says.
        """
        tops = models.roots(model)
        classes = tuple(dict.fromkeys(one for root in tops for one in (root.eClass, *root.eClass.eAllSuperTypes())))
        root = tops[0] if len(tops) == 1 else None
        packages = list(dict.fromkeys(eclass.ePackage.name for eclass in classes))
        every = list(models.walk(model))
        of_class: dict[EClass, list[EObject]] = {}

        def elements(name: str, source: str | None = None) -> list[EObject]:
            package, _, simple = name.rpartition(".")
            for metamodel in [package] if package else packages:
                if metamodel in registry and simple in registry[metamodel]:
                    eclass = getattr(registry[metamodel], simple)
                    if eclass not in of_class:
                        of_class[eclass] = [one for one in every if models.is_kind(one, eclass)]
                    return list(of_class[eclass])
            where = package or " or ".join(packages)
            raise GenerationError(f"metamodel {where} has no class {simple!r}", file=source)

        variables = {
            "root": root,
            "roots": tops,
            **{one.name.lower(): root for one in classes if not one.abstract and root is not None},
            "instances": elements,
        }
        layouts = {getattr(getattr(root, "layout", None), "name", ""), getattr(root, "tree", None)}
        files: Files = {}
        texts: dict[str, _Text] = {}
        owners: dict[str, EObject] = {}
        for rule in self.rules:
            if rule.layouts and layouts.isdisjoint(rule.layouts):
                continue
            for element in elements(rule.for_, rule.source):
                wanted, reads = self._templates.asked(rule.when, element, variables, rule.source)
                if not wanted:
                    continue
                path = checked_path(self._templates.fill(rule.path, element, variables, rule.source))
                _check_hidden(path, rule)
                if only is not None and path not in only:
                    continue
                if path in owners:
                    both = f"{models.label(owners[path])} and {models.label(element)}"
                    raise GenerationError(f"{path!r} is generated twice, for {both}", remedy="rename one of them")
                if path.split("/")[0].casefold() == OWN:
                    raise GenerationError(f"{path!r} is where models are kept", remedy="change the name in the model")
                owners[path] = element
                if rule.content:
                    blob = self._templates.evaluate(rule.content, element, variables, rule.source)
                    content = _bytes(blob, element)
                    whole = Region(
                        1, max(1, content.count(b"\n")), rule.content, element, reads=innermost(reads, element)
                    )
                    files[path] = File(content, rule.executable, rule.private, (whole,))
                else:
                    more = self._templates.asked(rule.reads, element, variables, rule.source)[1]
                    texts[path] = self._text(rule, element, variables, innermost((*reads, *more), element))
        _check_together(owners)
        for path, one in self._formatted(texts).items():
            try:
                content = one.text.encode("utf-8")
            except UnicodeEncodeError as error:
                raise GenerationError(f"{path}: not Unicode text: {error} (for {models.label(one.element)})") from error
            files[path] = File(content, one.rule.executable, one.rule.private, tuple(one.regions))
        return dict(sorted(files.items()))

    def _text(self, rule: Rule, element: EObject, variables: Mapping[str, Any], reads: Elements) -> _Text:
        """Render the template or module for an element; reads are the elements that decide that the file is there."""
        if rule.module:
            name = self._templates.fill(rule.module, element, variables, rule.source)
            renamed = self._templates.evaluate(rule.imports, element, variables, rule.source)
            text = self._modules.render(name, renamed, element)
            return _Text(visible_source(text), rule, element, name, [], reads=reads)
        name = self._templates.fill(rule.template, element, variables, rule.source)
        text, regions, lines = self._templates.render(name, element, variables, reads)
        return _Text(visible_source(text) if rule.format == "python" else text, rule, element, name, regions, lines)

    def origin(self, model: models.Model) -> Origin | None:
        """Find where a model came from in the first place, if the coordination file says how to tell."""
        if not self._origin or len(models.roots(model)) != 1:
            return None
        (root,) = models.roots(model)
        variables = {"root": root}
        name = self._templates.evaluate(self._origin["name"], root, variables, COORDINATION)
        if not name:
            return None
        parts = self._templates.evaluate(self._origin["parts"], root, variables, COORDINATION)
        return Origin.of(str(name), [str(part or "") for part in parts])

    def trace(self, files: Files, registry: models.Registry) -> Trace:
        """A trace model with the regions of all files."""
        metamodel = registry["trace"]
        region = metamodel.Region
        reads = slots(region)["reads"].feature
        made = []
        for path, file in files.items():
            for one in file.regions:
                made.append(region(file=path, firstLine=one.first_line, lastLine=one.last_line, template=one.template))
                made[-1].templateLine, made[-1].templateLast = one.template_line, one.template_last
                made[-1].element = one.element
                refer(made[-1], reads, one.reads)
        trace: Trace = metamodel.Trace(transformation=self.name)
        contain(trace, slots(trace.eClass)["regions"].feature, made)
        return trace

    def _formatted(self, texts: Mapping[str, _Text]) -> dict[str, _Text]:
        """The texts checked, those of Python formatted and their regions moved with the lines."""
        python = {path: one.text for path, one in texts.items() if one.rule.format == "python"}
        read: dict[str, Any] = {}
        with formatting(python, self._python) as formatted:
            for path, one in texts.items():  # while the formatter runs
                if one.rule.format and not one.rule.module:  # a module was checked when it was read
                    try:
                        read[path] = _CHECKS[one.rule.format](one.text)
                    except _FAULTS as error:
                        raise _fault(error, path, one) from error
            after_all = formatted()
        result = {path: replace(one, regions=_with_runs(one.regions, one.lines)) for path, one in texts.items()}
        for path, after in after_all.items():
            one = texts[path]
            regions = one.regions
            if one.rule.module:
                regions = line_regions(one.text, after, one.template, one.element, one.reads)
            else:
                if regions:
                    moved = LineMap(one.text, after, read[path])
                    regions = [Region(*moved(r.first_line, r.last_line), r.template, r.element) for r in regions]
                regions = _with_runs(regions, list(_moved(one.lines, one.text, after)))
            result[path] = replace(one, text=after, regions=regions)
        return result

    def _read(self, path: Path) -> Iterator[Rule]:
        """The rules of a coordination file and of those that it includes."""
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise GenerationError(f"not a readable coordination file: {error}", file=str(path)) from error
        self._python |= data.get("python", {})
        for include in data.get("include", []):
            yield from self._read(path.parent / include)
        self._origin |= data.get("origin", {})
        if self._origin and set(self._origin) != set(_ORIGIN):
            raise GenerationError(f"origin has {' and '.join(_ORIGIN)}, no more and no less", file=str(path))
        if unknown := set(data) - {"python", "origin", "include", "file", "copy"}:
            raise GenerationError(f"unknown table {min(unknown)!r}", file=str(path))
        for kind in ("file", "copy"):
            for table in data.get(kind, []):
                yield _rule(table, kind, str(path))


def _moved(lines: Sequence[Line], before: str, after: str) -> Iterator[Line]:
    """Where each line of a formatted text comes from, as the lines say that it was made of."""
    for rows in origins(before, after.removesuffix("\n")):
        parts = [lines[min(row, len(lines) - 1)] for row in rows]
        first = parts[0]
        if any(part is not first for part in parts):
            elements = (element for part in parts for element in (part.element, *part.reads))
            first = first._replace(reads=innermost(elements, first.element))
        yield first


def _with_runs(regions: Sequence[Region], lines: Sequence[Line]) -> list[Region]:
    """Regions, and runs of lines that are for the same elements, by first line, outer ones first.

    A run is written by lines of a template behind each other, or by one line of it.
    """
    runs: list[Region] = []
    first = 0  # of the lines of a run, from 0
    for number, line in enumerate(lines):
        start, behind = lines[first], lines[number + 1] if number + 1 < len(lines) else None
        if behind is not None and _alike(line, behind):
            moves = line.number - start.number == number - first and behind.number == line.number + 1
            if moves or start.number == line.number == behind.number:
                continue
        runs.append(
            Region(first + 1, number + 1, start.template, start.element, start.number, line.number, start.reads)
        )
        first = number + 1
    return sorted([*regions, *runs], key=lambda one: (one.first_line, -one.last_line))


def _alike(one: Line, other: Line) -> bool:
    """Are lines of the same template, for the same elements?"""
    return one.element is other.element and one.template == other.template and one.reads == other.reads


def find(name: str, extensions: tuple[Path, ...] = ()) -> Generation:
    """The generation of this name, from nbmde's own `templates/` and those of extensions.

    Raises:
        GenerationError: when there is none, or its files are malformed.
    """
    return Generation(name, folders(name, extensions))


def names(extensions: tuple[Path, ...] = ()) -> list[str]:
    """Names of all generations."""
    roots = locations.roots("templates", extensions)
    return sorted({path.parent.name for root in roots for path in root.glob(f"*/{COORDINATION}")})


def folders(name: str, extensions: tuple[Path, ...] = ()) -> list[Path]:
    """The folders of a generation, nbmde's own first.

    Raises:
        GenerationError: when there is none.
    """
    known = names(extensions)
    if name not in known:  # a name may come from a model: it is looked up, and never leads anywhere else
        raise GenerationError(f"there is no generation {name!r}", remedy=f"known: {', '.join(known)}")
    return [root / name for root in locations.roots("templates", extensions) if (root / name).is_dir()]


def _rule(table: dict[str, Any], kind: str, source: str) -> Rule:
    needed = "content" if kind == "copy" else "module" if "module" in table else "template"
    known = {field.name for field in fields(Rule)} - {"source", "for_"} | {"for"}
    if unknown := set(table) - known:
        raise GenerationError(f"unknown key {min(unknown)!r}", file=source, remedy=f"known: {', '.join(sorted(known))}")
    for key in ("for", "path", needed):
        if not isinstance(table.get(key), str):
            raise GenerationError(f"an entry has no {key!r}: {table}", file=source)
    if len(given := sorted({"template", "module", "content"} & set(table))) > 1:
        raise GenerationError(f"an entry has {' and '.join(given)}, which exclude each other: {table}", file=source)
    if needed == "module":
        table = {**table, "format": "python"}
    if table.get("format", "python") not in _CHECKS:
        raise GenerationError(f"unknown format {table['format']!r}", file=source, remedy=f"known: {', '.join(_CHECKS)}")
    values = {key: value for key, value in table.items() if key not in ("for", "layouts")}
    return Rule(table["for"], layouts=tuple(table.get("layouts", ())), source=source, **values)


def _queries(name: str, folder: Path) -> dict[str, Callable[..., Any]]:
    """The public functions of the folder's `queries.py`."""
    path = folder / "queries.py"
    if not path.is_file():
        return {}
    spec = importlib.util.spec_from_file_location(f"nbmde_templates.{name}.queries", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise GenerationError(f"{type(error).__name__}: {error}", file=str(path)) from error
    functions = inspect.getmembers(module, inspect.isfunction)
    return {key: f for key, f in functions if not key.startswith("_") and f.__module__ == module.__name__}


def _bytes(blob: Any, element: EObject) -> bytes:
    try:
        return zlib.decompress(base64.b64decode(blob, validate=True))
    except (TypeError, ValueError, binascii.Error, zlib.error) as error:
        raise GenerationError(f"{models.label(element)} has no readable content: {error}") from error


def _check_hidden(path: str, rule: Rule) -> None:
    """Hidden files and folders are what coordination files say, never what a model does: programs obey many of them."""
    told = rule.path.split("/")
    hidden = next((part for part in path.split("/") if part.startswith(".") and part not in told), None)
    if hidden is not None:
        reason = f"{path!r} has a hidden part, {hidden!r}, that no coordination file names"
        raise GenerationError(reason, remedy="change the name in the model")


def _check_together(owners: Mapping[str, EObject]) -> None:
    """Refuse paths that cannot all be in one folder on every system: some tell no case, and no form of accents."""
    spelled: dict[str, str] = {}
    for path, owner in owners.items():
        for part in (path, *_parents(path)):
            first = spelled.setdefault(folded(part), part)
            if first != part:
                reason = f"{first!r} and {part!r} are one on some systems, for {models.label(owner)}"
                raise GenerationError(reason, remedy="rename one of them")
            if part != path and part in owners:
                reason = f"{part!r} would be a file, for {models.label(owners[part])}, and a folder"
                raise GenerationError(reason, remedy="rename one of them")


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _fault(error: Exception, path: str, text: _Text) -> GenerationError:
    """A generated file is not what it should be: names the element whose lines are at fault."""
    line = getattr(error, "lineno", None)
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        line = error.problem_mark.line + 1
    inner = [region for region in text.regions if line and region.first_line <= line <= region.last_line]
    element = text.element
    if inner:
        element = min(inner, key=lambda region: region.last_line - region.first_line).element
    why = " ".join(str(error).split())
    kind, template = text.rule.format, text.rule.template
    reason = f"what was generated is not {kind}: {why} (for {models.label(element)}, {template})"
    return GenerationError(reason, file=path, line=line, remedy="this is a fault of the template or of the model")
