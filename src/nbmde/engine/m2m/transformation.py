"""Rules and the transformations that they make up."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Model, Registry

if TYPE_CHECKING:
    from nbmde.engine.m2m.engine import Result

Body = Callable[..., Any]
Guard = Callable[..., bool]
Hook = Callable[[Any], Any]
_F = TypeVar("_F", bound=Callable[..., Any])
SOURCE = "source"
"""The name of the input of a transformation that has one."""


class RuleError(NbmdeError):
    """Rules that do not fit together, or a rule that failed: names transformation, rule, element and place."""


@dataclass(frozen=True)
class Rule:
    """A rule that makes target elements from one kind of source element.

    Attributes:
        source: class of the source elements, `Class` of the source metamodel or `package.Class`; None: a called rule.
            The source metamodel is that of the input of the rule, or of the first one.
        to: classes of the targets, in the order in which the body takes them; `Class` or `package.Class`.
        body: the binding phase, called with (context, source, *targets).
        guard: whether the rule applies to a source element, called with (context, source); with that of every parent.
        lazy: applies only where `Context.make` calls it.
        unique: a lazy rule makes one result for the same (source, key).
        abstract: applies only through the rules that extend it.
        extends: rules whose bodies run before this one's. Where a rule applies, those that it extends do not.
        primary: its target is what `Context.resolve` prefers.
        input: name of the input whose elements alone the rule applies to; None: all of them.
    """

    name: str
    source: str | None
    to: tuple[str, ...] | None
    body: Body
    guard: Guard | None
    lazy: bool
    unique: bool
    abstract: bool
    extends: tuple[str, ...]
    primary: bool
    input: str | None = None

    @property
    def path(self) -> str:
        """The file of the body."""
        return _code(self.body).co_filename

    @property
    def file(self) -> str:
        """The same, from the current folder if it lies in there."""
        return _file(_code(self.body))

    @property
    def line(self) -> int:
        """The first line of the body in its file."""
        return _code(self.body).co_firstlineno

    def __str__(self) -> str:
        return f"rule {self.name} ({self.file}:{self.line})"


@dataclass(frozen=True)
class Helper:
    """A question to the elements of a class, which rules ask by its name; after ATL's helpers.

    Attributes:
        context: class of the elements, `Class` of the source metamodel or `package.Class`.
        body: called with (context, element, ...). Of several of one name, that of the most specific class is.
        cached: whether an answer is kept for the rest of the run; then the element is the only argument.
    """

    name: str
    context: str
    body: Body
    cached: bool

    @property
    def path(self) -> str:
        """The file of the body."""
        return _code(self.body).co_filename

    @property
    def file(self) -> str:
        """The same, from the current folder if it lies in there."""
        return _file(_code(self.body))

    @property
    def line(self) -> int:
        """The first line of the body in its file."""
        return _code(self.body).co_firstlineno


class Transformation:
    """A named set of rules from one or several models to another; the order of its rules does not matter.

    Attributes:
        layers: names of those of extensions that are laid over it.

    Args:
        name: also the name of the package in `transformations/`.
        source: name of the source metamodel. May be left out where another transformation is extended.
        target: name of the target metamodel. The same.
        inputs: in place of `source`, where there are several source models: the metamodel of each by its name.
        extends: a transformation, or the name of one, that this one adds rules to and whose rules of the same name it
            overrides (superimposition). Its `pre` and `post` run as well, before this one's.
        superimposes: name of a transformation that this one, of an extension, is laid over wherever that one is used.
        refines: in place of source and target, for a refinement: name of the metamodel of the model that it changes in
            place. Its rules create nothing unless they say so with `to`.
        after, before: of a refinement, name of the step of pipelines behind or before which it runs wherever that one
            does, without being named in a pipeline.
        optional: of a refinement, whether a user may leave it out: later steps do without what it finds.
        root: name of the rule that makes the target root; by default the one that applies to the source root.
        roots: where the target model has any number of roots: their classes, `Class` or `package.Class`, subclasses
            included. What rules make of these is a root if nothing contains it, in the order of creation.
        gone: rules and helpers that it had once, by name: the class that each made or was asked of, and what has its
            place. A transformation that extends this one, or is laid over it, and still has such a one is refused.
    """

    def __init__(
        self,
        name: str,
        source: str | None = None,
        target: str | None = None,
        *,
        extends: str | Transformation | None = None,
        superimposes: str | None = None,
        inputs: Mapping[str, str] | None = None,
        refines: str | None = None,
        after: str | None = None,
        before: str | None = None,
        optional: bool = False,
        root: str | None = None,
        roots: tuple[str, ...] | str = (),
        gone: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        if source is not None and inputs is not None:
            raise RuleError(f"transformation {name} has both source and inputs", remedy="inputs alone names all")
        if refines is not None and (source, target, inputs) != (None, None, None):
            raise RuleError(f"transformation {name} refines {refines}", remedy="leave out source, target and inputs")
        if refines is None and (after or before or optional):
            raise RuleError(f"transformation {name} is no refinement", remedy="after, before and optional take refines")
        source, target = refines or source, refines or target
        self.name = name
        self.after, self.before, self._optional = after, before, optional
        self.superimposes = superimposes
        self._in_place = refines is not None
        self._inputs = {SOURCE: source} if source is not None else dict(inputs) if inputs else None
        self._target, self._root = target, root
        self._roots = (roots,) if isinstance(roots, str) else tuple(roots)
        self.extends = extends
        self._gone = dict(gone or {})
        self.layers: tuple[str, ...] = ()
        self._rules: dict[str, Rule] = {}
        self._helpers: dict[tuple[str, str], Helper] = {}
        self._pre: dict[str, Hook] = {}
        self._post: dict[str, Hook] = {}

    @property
    def base(self) -> Transformation | None:
        """The transformation that this one extends."""
        if isinstance(self.extends, str):
            raise RuleError(f"transformation {self.name}: {self.extends!r}, which it extends, was not looked up")
        return self.extends

    @property
    def inputs(self) -> Mapping[str, str]:
        """The names of the metamodels of the source models by the names of these; a single one is called "source"."""
        inputs: Mapping[str, str] = self._inherited("_inputs", "source")
        return inputs

    @property
    def source(self) -> str:
        """Name of the source metamodel; of the first one, if there are several."""
        return next(iter(self.inputs.values()))

    @property
    def target(self) -> str:
        """Name of the target metamodel."""
        target: str = self._inherited("_target", "target")
        return target

    @property
    def in_place(self) -> bool:
        """Whether it refines a model in place."""
        return self._in_place or (self.base is not None and self.base.in_place)

    @property
    def optional(self) -> bool:
        """Whether a refinement may be left out."""
        return self._optional or (self.base is not None and self.base.optional)

    @property
    def root(self) -> str | None:
        """Name of the rule that makes the target root, if it was given."""
        return self._root or (self.base.root if self.base else None)

    @property
    def roots(self) -> tuple[str, ...]:
        """The classes whose instances may be roots of the target model, if any number of roots was asked for."""
        return self._roots or (self.base.roots if self.base else ())

    @property
    def gone(self) -> Mapping[str, tuple[str, str]]:
        """Rules and helpers that there were once, by name: the class of each, and what has its place."""
        return {**(self.base.gone if self.base else {}), **self._gone}

    def _inherited(self, attribute: str, what: str) -> Any:
        value = getattr(self, attribute)
        if value is None and self.base is not None:
            return self.base._inherited(attribute, what)
        if value is None:
            raise RuleError(f"transformation {self.name} has no {what} metamodel")
        return value

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All rules by name, sorted by name, those of the extended transformation included."""
        inherited = self.base.rules if self.base else {}
        return dict(sorted({**inherited, **self._rules}.items()))

    @property
    def helpers(self) -> Mapping[tuple[str, str], Helper]:
        """All helpers by name and class, those of the extended transformation included."""
        return {**(self.base.helpers if self.base else {}), **self._helpers}

    def hooks(self, phase: str) -> Iterator[Hook]:
        """The functions to run in phase "pre" or "post": those of the extended transformation first."""
        own: dict[str, Hook] = self._pre if phase == "pre" else self._post
        inherited = {hook.__name__: hook for hook in self.base.hooks(phase)} if self.base else {}
        yield from {**inherited, **own}.values()

    def rule(
        self,
        source: str,
        *,
        to: str | tuple[str, ...] | None = None,
        guard: Guard | None = None,
        lazy: bool = False,
        unique: bool = True,
        abstract: bool = False,
        extends: str | tuple[str, ...] = (),
        name: str | None = None,
        primary: bool = False,
        input: str | None = None,
    ) -> Callable[[_F], _F]:
        """Make a function the body of a rule (see `Rule`), named after the function.

        Args:
            to: target classes; `()` for a rule that creates nothing; by default those of the first rule it extends.
        """

        def register(body: _F) -> _F:
            rule = Rule(
                name=name or body.__name__,
                source=source,
                to=(to,) if isinstance(to, str) else to,
                body=body,
                guard=guard,
                lazy=lazy,
                unique=unique,
                abstract=abstract,
                extends=(extends,) if isinstance(extends, str) else tuple(extends),
                primary=primary,
                input=input,
            )
            self._add(rule)
            return body

        return register

    def called(self, *, to: str | tuple[str, ...] = (), name: str | None = None) -> Callable[[_F], _F]:
        """Make a function the body of a called rule: it has no source and applies where `Context.call` calls it.

        The body is called with (context, *targets) and the keyword arguments of the call.
        """

        def register(body: _F) -> _F:
            targets = (to,) if isinstance(to, str) else to
            self._add(Rule(name or body.__name__, None, targets, body, None, True, False, False, (), False))
            return body

        return register

    def helper(self, context: str, *, cached: bool = False, name: str | None = None) -> Callable[[_F], _F]:
        """Make a function a helper of a class (see `Helper`), named after the function: `t.helpers.NAME(element)`."""

        def register(body: _F) -> _F:
            helper = Helper(name or body.__name__, context, body, cached)
            if (known := self._helpers.get((helper.name, context))) is not None:
                reason = f"transformation {self.name} has a helper {helper.name} for {context} in line {known.line} too"
                raise RuleError(reason, file=helper.file, line=helper.line, remedy="rename it")
            self._helpers[helper.name, context] = helper
            return body

        return register

    def pre(self, hook: _F) -> _F:
        """Run a function before all rules, with the context."""
        self._pre[hook.__name__] = hook
        return hook

    def post(self, hook: _F) -> _F:
        """Run a function after all rules, with the context."""
        self._post[hook.__name__] = hook
        return hook

    def extend(self, other: Transformation) -> None:
        """Add rules, helpers and hooks of another transformation to this one, overriding those of the same name."""
        self._rules.update(other.rules)
        self._helpers.update(other.helpers)
        self._pre.update({hook.__name__: hook for hook in other.hooks("pre")})
        self._post.update({hook.__name__: hook for hook in other.hooks("post")})

    def _add(self, rule: Rule) -> None:
        known = self._rules.get(rule.name)
        if known is not None:
            reason = f"transformation {self.name} has {known} and another one of that name"
            raise RuleError(reason, file=rule.file, line=rule.line, remedy="rename it, or extend the transformation")
        self._rules[rule.name] = rule

    def run(
        self, source: Model | Mapping[str, Model], registry: Registry, options: Mapping[str, Any] | None = None
    ) -> Result:
        """Transform a model, or several by the names of the inputs: see `nbmde.engine.m2m.engine.run`."""
        from nbmde.engine.m2m.engine import run

        return run(self, source, registry, options or {})

    def __repr__(self) -> str:
        return f"<Transformation {self.name}>"


def place_of_error(error: BaseException, function: Callable[..., Any]) -> tuple[str, int]:
    """File and line where a function failed: the innermost line of its own file, else where it begins."""
    code = _code(function)
    line = code.co_firstlineno
    traceback: TracebackType | None = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == code.co_filename:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return _file(code), line


def place_of_call(function: Callable[..., Any]) -> tuple[str, int]:
    """File and line where a function that is running is now: the innermost line of its own file."""
    code = _code(function)
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_filename != code.co_filename:
        frame = frame.f_back
    return _file(code), frame.f_lineno if frame else code.co_firstlineno


def _code(function: Callable[..., Any]) -> CodeType:
    code: CodeType = getattr(function, "__wrapped__", function).__code__
    return code


def _file(code: CodeType) -> str:
    """The file of a function, from the current folder if it lies in there."""
    relative = os.path.relpath(code.co_filename)
    return code.co_filename if relative.startswith("..") else relative
