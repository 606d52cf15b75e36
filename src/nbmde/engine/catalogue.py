"""The catalogue of all that can be used, replaced or added to: pipeline steps, transformation rules, templates."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nbmde.engine import m2m, m2t, pipeline
from nbmde.engine.chain import Step
from nbmde.engine.extensions import Extension
from nbmde.engine.m2m import Helper, Rule, Transformation
from nbmde.engine.models import Registry


@dataclass(frozen=True)
class StepEntry:
    """A step of a pipeline.

    Attributes:
        pipeline: its name; `number`: of the step in it, from 1.
        kind: of step, such as "transform"; `name`: what it runs; `optional`: whether `--without NAME` leaves it out.
        description: the first paragraph of the documentation of what it runs.
        takes, makes: a file, files, or the metamodels of models.
        options: what it asks the user for, with `--set`.
        file: where it is defined.
        extension: that brings it; empty where it is nbmde's own.
    """

    pipeline: str
    number: int
    kind: str
    name: str
    optional: bool
    description: str
    takes: tuple[str, ...]
    makes: tuple[str, ...]
    options: tuple[str, ...]
    file: str
    extension: str


@dataclass(frozen=True)
class RuleEntry:
    """A rule or a helper of a transformation.

    Attributes:
        source: the class that it is for; empty for a called rule. `guard`: further condition, as its code says it.
        targets: classes of what it makes; none for a helper.
        kind: "matched" (applies by itself), "lazy" (applies where it is made), "called", or "helper" (a question that
            rules ask of an element).
        abstract: applies only through rules that extend it; `extends`: these rules' names.
        description: the first line of its documentation.
        file, line: where it stands.
        extension: that brings it; empty where it is nbmde's own.
        overrides: file and line of the rule of the same name whose place it takes.
    """

    transformation: str
    name: str
    source: str
    guard: str
    targets: tuple[str, ...]
    kind: str
    abstract: bool
    extends: tuple[str, ...]
    description: str
    file: str
    line: int
    extension: str
    overrides: str


@dataclass(frozen=True)
class TemplateEntry:
    """A file that is generated.

    Attributes:
        generation: name of the folder below `templates/`.
        element: the class whose elements each get such a file; `when`: under which condition; `layouts`: in which ones.
        path: of the file in what is generated.
        kind: "template", "module" (Python as it is) or "copy"; `name`: of the template or module, or what is copied.
        description: the first line of the documentation that the template begins with.
        files: of the template, each that may be meant; another file of the same name in an extension takes its place.
        entry: the coordination file that says so.
        extension: that brings entry or template; empty where both are nbmde's own.
        overrides: the coordination file or template whose place it takes.
    """

    generation: str
    element: str
    when: str
    layouts: tuple[str, ...]
    path: str
    kind: str
    name: str
    description: str
    files: tuple[str, ...]
    entry: str
    extension: str
    overrides: str


class Catalogue:
    """The steps, rules and templates of nbmde and of some extensions.

    Args:
        registry: that knows the extensions' folders.
        brought: these extensions.
    """

    def __init__(self, registry: Registry, brought: Sequence[Extension]) -> None:
        self._folders = registry.extensions
        self._extensions = brought

    def steps(self, name: str | None = None) -> list[StepEntry]:
        """The steps of all pipelines, or of the one of a name.

        Raises:
            NbmdeError: for a pipeline or a step that there is not, or that cannot be read.
        """
        found: list[StepEntry] = []
        for one in [name] if name else pipeline.names(self._folders):
            chain = pipeline.find(one, self._folders).steps
            found += [self._step(one, chain, number) for number in range(len(chain))]
        return found

    def rules(self, name: str | None = None) -> list[RuleEntry]:
        """The rules and helpers of all transformations, or of the one of a name; each of these kinds by name.

        Raises:
            NbmdeError: for a transformation that there is not, or that cannot be imported.
        """
        found: list[RuleEntry] = []
        for one in [name] if name else self._transformations():
            transformation = m2m.find(one, self._folders)
            found += [self._rule(one, rule, transformation) for rule in transformation.rules.values()]
            asked = sorted(transformation.helpers.values(), key=lambda helper: (helper.name, helper.context))
            found += [self._helper(one, helper, transformation) for helper in asked]
        return found

    def templates(self, name: str | None = None) -> list[TemplateEntry]:
        """The files that all generations make, or that of a name, in the order of the coordination files.

        Raises:
            NbmdeError: for a generation that there is not, or that cannot be read.
        """
        found: list[TemplateEntry] = []
        for one in [name] if name else m2t.names(self._folders):
            folders = m2t.folders(one, self._folders)
            own = {rule.key: rule for rule in m2t.Generation(one, folders[:1]).rules}
            entries = m2t.find(one, self._folders).rules
            found += [self._template(one, rule, folders, own.get(rule.key)) for rule in entries]
        return found

    def _step(self, name: str, chain: Sequence[Step], number: int) -> StepEntry:
        step = chain[number]
        models = [one for one in map(self._transformation, chain[:number]) if one is not None]
        next_ = [one for one in map(self._transformation, chain[number + 1 :]) if one is not None]
        takes: tuple[str, ...] = tuple(one.target for one in models[-1:])
        makes: tuple[str, ...] = tuple(one.source for one in next_[:1])
        options: tuple[str, ...] = ()
        transformation = self._transformation(step)
        if step.kind == "generate":
            file = m2t.folders(step.name, self._folders)[0] / m2t.COORDINATION
            text, makes = _head(file), ("files",)
        else:
            module = m2m.module(step.name if transformation else f"injectors.{step.name}", self._folders)
            file, text = Path(module.__file__ or ""), module.__doc__ or ""
            if transformation is None:
                takes = ("a file",)
            else:
                takes, makes = tuple(transformation.inputs.values()), (transformation.target,)
                ruled = {Path(rule.file).absolute() for rule in transformation.rules.values()}
                code = {file, *ruled, *(file.parent.rglob("*.py") if file.stem == "__init__" else ())}
                options = tuple(sorted({option for one in code for option in _asked(one)}))
        description = " ".join(inspect.cleandoc(text).partition("\n\n")[0].split())
        return StepEntry(
            name,
            number + 1,
            step.kind,
            step.name,
            transformation is not None and transformation.optional,
            description,
            takes,
            makes,
            options,
            _shown(file),
            self._brings(file),
        )

    def _transformations(self) -> list[str]:
        """Names of all transformations: those by themselves, and those that steps of pipelines run."""
        chains = [pipeline.find(name, self._folders).steps for name in pipeline.names(self._folders)]
        run = [step.name for steps in chains for step in steps if self._transformation(step) is not None]
        return list(dict.fromkeys([*m2m.names(self._folders), *run]))

    def _transformation(self, step: Step) -> Transformation | None:
        """Return the transformation that a step runs; None where the step reads or writes files."""
        return None if step.kind in ("inject", "generate") else m2m.find(step.name, self._folders)

    def _rule(self, name: str, rule: Rule, transformation: Transformation) -> RuleEntry:
        targets = rule.to
        if targets is None:
            parents = [transformation.rules[parent] for parent in rule.extends if parent in transformation.rules]
            targets = next((parent.to for parent in parents if parent.to is not None), ())
        return RuleEntry(
            name,
            rule.name,
            rule.source or "",
            _guard(rule),
            targets,
            "called" if rule.source is None else "lazy" if rule.lazy else "matched",
            rule.abstract,
            rule.extends,
            _first_line(inspect.getdoc(rule.body)),
            rule.file,
            rule.line,
            self._brings(Path(rule.file)),
            _place(_replaced(rule, transformation)),
        )

    def _helper(self, name: str, helper: Helper, transformation: Transformation) -> RuleEntry:
        return RuleEntry(
            name,
            helper.name,
            helper.context,
            "",
            (),
            "helper",
            False,
            (),
            _first_line(inspect.getdoc(helper.body)),
            helper.file,
            helper.line,
            self._brings(Path(helper.file)),
            _place(_replaced(helper, transformation)),
        )

    def _template(self, name: str, rule: m2t.Rule, folders: Sequence[Path], own: m2t.Rule | None) -> TemplateEntry:
        kind = "copy" if rule.content else "module" if rule.module else "template"
        called = rule.module or rule.template or rule.content
        files: dict[str, Path] = {}
        replaced = [Path(own.source)] if own is not None and own.source != rule.source else []
        for folder in folders if kind != "copy" else ():
            for file in sorted(folder.glob(re.sub(r"\{\{.*?\}\}", "*", called))):
                relative = file.relative_to(folder).as_posix()
                replaced += [files[relative]] if relative in files else []
                files[relative] = file
        return TemplateEntry(
            name,
            rule.for_,
            "" if rule.when == "true" else rule.when,
            rule.layouts,
            rule.path,
            kind,
            called,
            _opening(next(iter(files.values()))) if len(files) == 1 else "",
            tuple(map(_shown, files.values())),
            _shown(Path(rule.source)),
            next(filter(None, map(self._brings, [Path(rule.source), *files.values()])), ""),
            ", ".join(map(_shown, replaced)),
        )

    def _brings(self, file: Path) -> str:
        """The extension that a file is of."""
        place = file.resolve()
        return next((one.name for one in self._extensions if place.is_relative_to(one.folder.resolve())), "")


@cache
def _asked(file: Path) -> frozenset[str]:
    """The options that a module of a transformation asks for by a name that is written out."""
    found: set[str] = set()
    for node in ast.walk(_tree(str(file))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "option":
            names = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
            found.update(one for one in names if isinstance(one, str))
    return frozenset(found - {pipeline.EXTENSIONS})


def _replaced(one: Rule | Helper, transformation: Transformation) -> Rule | Helper | None:
    """Find the rule or helper of an extended transformation that one with the same name replaces."""
    base = transformation.base
    while base is not None:
        other = base.rules.get(one.name) if isinstance(one, Rule) else base.helpers.get((one.name, one.context))
        if other is not None and other is not one:
            return other
        base = base.base
    return None


def _place(one: Rule | Helper | None) -> str:
    return f"{one.file}:{one.line}" if one is not None else ""


def _guard(rule: Rule) -> str:
    """A guard as its code says it: the expression of a lambda, or the name of a function."""
    if rule.guard is None:
        return ""
    if rule.guard.__name__ != "<lambda>":
        return f"{rule.guard.__name__}: {_first_line(inspect.getdoc(rule.guard))}".removesuffix(": ")
    code = rule.guard.__code__
    for node in ast.walk(_tree(code.co_filename)):
        if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno:
            return ast.unparse(node.body)
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}"


@cache
def _tree(file: str) -> ast.Module:
    try:
        return ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ast.Module([], [])


def _opening(file: Path) -> str:
    """The first line of the documentation that a template or module begins with."""
    text = file.read_text(encoding="utf-8", errors="replace")
    said = re.match(r'\s*(?:\{%.*?%\}\s*|\{#.*?#\}\s*)*(?:"""([^\n]*?)(?:"""|\n)|# ([^\n]*))', text, re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "...", (said[1] or said[2] or "").strip()) if said else ""


def _head(file: Path) -> str:
    """The comment that a TOML file begins with."""
    lines = file.read_text(encoding="utf-8").splitlines()
    comment = []
    for line in lines:
        if not line.startswith("#"):
            break
        comment.append(line.removeprefix("#").strip())
    return "\n".join(comment)


def _shown(file: Path) -> str:
    """A file as people name it: from the current folder if it lies in there."""
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else str(file)


def _first_line(text: str | None) -> str:
    return (text or "").partition("\n")[0]
