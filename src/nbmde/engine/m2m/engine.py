"""Runs a transformation: create all targets, then bind them.

Phase 1 visits the source elements in walk order and creates the targets of every rule that applies, so that phase 2 can
resolve any element whatever the order of rules and elements. Rules that apply to the same element apply in the order of
their names. This is the execution model of ATL (Jouault, Allilaire, Bézivin, Kurtev: ATL: A model transformation tool,
Science of Computer Programming 72, 2008).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from nbmde.engine.diagnostics import SEVERITIES, Diagnostic
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m.linking import LinkedRule, class_named, link, most_specific
from nbmde.engine.m2m.profiler import Profiler, RuleProfile
from nbmde.engine.m2m.transformation import Helper, Hook, RuleError, Transformation, place_of_call, place_of_error
from nbmde.engine.models import (
    EClass,
    EFeature,
    EObject,
    Model,
    Registry,
    Together,
    features,
    is_kind,
    label,
    root_of,
    roots,
    walk,
)
from nbmde.engine.models.filling import contain, refer
from nbmde.engine.models.garbage import collection_paused
from nbmde.engine.models.slots import slots

if TYPE_CHECKING:
    from nbmde.metamodels.trace import Trace

Targets = Any  # one element, a tuple of elements for a rule with several target classes, None for one without


@dataclass(frozen=True)
class Result:
    """The result of running a transformation.

    Attributes:
        roots: of the target model.
        trace: a trace.Trace with one link for each application of a rule; also `root.trace`, where roots have it.
        findings: what rules reported, in order.
        profile: how often each rule and hook ran, and how long.
        refinements: the traces of refinements that followed; the model refers to them, and they are saved as one model.
    """

    roots: tuple[EObject, ...]
    trace: Trace
    findings: list[Diagnostic]
    profile: list[RuleProfile]
    refinements: tuple[Trace, ...] = ()

    @property
    def root(self) -> EObject:
        """The only root of the target model.

        Raises:
            RuleError: if there are several, or none.
        """
        if len(self.roots) != 1:
            raise RuleError(f"{self.trace.transformation} made a model of {len(self.roots)} roots, not of one")
        return self.roots[0]


@dataclass(eq=False, slots=True)
class _Application:
    """One application of a rule."""

    rule: LinkedRule
    sources: tuple[EObject, ...]
    targets: tuple[EObject, ...]
    facts: dict[str, Any]
    bound: bool = False
    consulted: tuple[EObject, ...] = ()

    @property
    def causes(self) -> tuple[EObject, ...]:
        """The sources, and further elements that the rule looked at."""
        return tuple(dict.fromkeys((*self.sources, *self.consulted))) if self.consulted else self.sources

    @property
    def source(self) -> Any:
        """The source as the rule is given it: one element or a tuple; an empty one for a called rule."""
        return self.sources[0] if len(self.sources) == 1 else self.sources

    @property
    def result(self) -> Targets:
        return self.targets[0] if len(self.targets) == 1 else self.targets or None


class _Running(NamedTuple):
    """A function that is running: of a rule or helper on a source, or a hook."""

    function: Hook
    kind: str
    name: str
    source: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" on {_label(self.source)}" if self.source not in (None, ()) else "")


class Context:
    """The view that rules have of the run of a transformation.

    Attributes:
        inputs: the roots of each source model, by its name.
        source_metamodel, target_metamodel: their classes are attributes.
        registry: all metamodels.
        options: what the user set.
        helpers: the transformation's helpers, as methods that take an element.
    """

    def __init__(
        self,
        transformation: Transformation,
        inputs: Mapping[str, tuple[EObject, ...]],
        registry: Registry,
        options: Mapping[str, Any],
    ) -> None:
        self.transformation = transformation
        self.inputs = inputs
        self.registry = registry
        self.source_metamodel: Any = registry[transformation.source]
        self.target_metamodel: Any = registry[transformation.target]
        self.options = options
        self.findings: list[Diagnostic] = []
        self.helpers = Helpers(self)
        self._linked = link(transformation, registry)
        self._profiler = Profiler()
        self._applications: list[_Application] = []
        self._by_source: dict[Any, list[_Application]] = {}
        self._made: dict[tuple[str, tuple[EObject, ...], Hashable], _Application] = {}
        self._classes: dict[str, EClass] = {}
        self._elements: dict[str, list[EObject]] = {}
        self._instances: dict[tuple[Any, str | None], tuple[EObject, ...]] = {}
        self._input_of_root = {id(root): name for name, model in inputs.items() for root in model}
        self._root: EObject | None = None
        self._running: _Running | None = None
        self._applying: _Application | None = None
        self._binding = False

    @property
    def source(self) -> EObject:
        """The root of the source model; of the first one, if there are several.

        Raises:
            RuleError: if that has several roots, or none.
        """
        name, model = next(iter(self.inputs.items()))
        if len(model) != 1:
            raise self._error(f"the model {name} has {len(model)} roots", f"t.inputs[{name!r}] are all of them")
        return model[0]

    @property
    def target(self) -> Any:
        """The root of the target model, as soon as it is created; None before.

        Raises:
            RuleError: if there are several roots.
        """
        targets = self.targets
        if len(targets) > 1:
            raise self._error(f"the target model has {len(targets)} roots", "t.targets are all of them")
        return targets[0] if targets else None

    @property
    def targets(self) -> tuple[EObject, ...]:
        """The roots of the target model, as far as they are created; of any number of roots, what nothing contains."""
        if not self.transformation.roots:
            return () if self._root is None else (self._root,)
        classes = [class_named(name, self.transformation.target, self.registry) for name in self.transformation.roots]
        made = (target for application in self._applications for target in application.targets)
        free = (target for target in made if target.eContainer() is None)
        return tuple(target for target in free if any(is_kind(target, eclass) for eclass in classes))

    def instances(self, type: str | EClass, input: str | None = None) -> Sequence[EObject]:
        """The elements of a class in the source models, in the order of `walk`; ATL's `allInstances`.

        Args:
            type: `Class` of the metamodel of the input, or of the first one; or `package.Class`.
            input: name of the model; all by default.
        """
        if (type, input) not in self._instances:
            if input is not None and input not in self.inputs:
                raise self._error(f"there is no input {input!r}", f"inputs are: {', '.join(self.inputs)}")
            metamodel = self.transformation.source if input is None else self.transformation.inputs[input]
            eclass = self._named(type, metamodel) if isinstance(type, str) else type
            names = self.inputs if input is None else [input]
            found = [one for name in names for one in self._elements_of(name) if is_kind(one, eclass)]
            self._instances[type, input] = tuple(found)
        return self._instances[type, input]

    def _elements_of(self, name: str) -> list[EObject]:
        if name not in self._elements:
            self._elements[name] = list(walk(self.inputs[name]))
        return self._elements[name]

    def option(self, key: str, default: Any = None) -> Any:
        """An option that the user set, or the default."""
        return self.options.get(key, default)

    def report(self, severity: str, message: str, element: EObject | None = None) -> None:
        """Report something about an element to the user.

        Args:
            severity: "error", "warning" or "information"; "info" for short.
        """
        severity = "information" if severity == "info" else severity
        if severity not in SEVERITIES:
            raise self._error(f"severity {severity!r} is none of {', '.join(SEVERITIES)}")
        self.findings.append(Diagnostic(self._running.name if self._running else "", severity, message, element))

    def resolve(self, source: Any, rule: str | None = None, type: str | EClass | None = None) -> Any:
        """The target that was made from a source element (or tuple of elements).

        Of several, that of a primary rule, else that of a rule that is not lazy, else of a lazy one.

        Args:
            rule: only what this rule, or one that extends it, made.
            type: only a target of this class.

        Raises:
            RuleError: if there is none, or no single one is preferred.
        """
        found = self._candidates(source, rule, type)
        if not found:
            by = f" by rule {rule}" if rule else ""
            of = f" of type {type if isinstance(type, str) else type.name}" if type is not None else ""
            made = ", ".join(sorted({a.rule.rule.name for a in self._by_source.get(source, ())}))
            hint = f"rules that applied to it: {made}" if made else "no rule applied to it"
            raise self._error(f"nothing{of} was made from {_label(source)}{by}", remedy=hint)
        if len(found) > 1:
            names = ", ".join(sorted({application.rule.rule.name for application, _ in found}))
            reason = f"{len(found)} targets were made from {_label(source)} ({names})"
            raise self._error(reason, remedy="name the rule or the type, or make one rule primary")
        return found[0][1]

    def try_resolve(self, source: Any, rule: str | None = None, type: str | EClass | None = None) -> Any:
        """As `resolve`, but None where there is none."""
        return self.resolve(source, rule, type) if self._candidates(source, rule, type) else None

    def resolve_all(self, source: Any, rule: str | None = None, type: str | EClass | None = None) -> list[Any]:
        """All targets that were made from a source element, in the order in which they were created.

        Args:
            source: an element, a tuple of elements that are sources together, or a list of elements, one after another.
        """
        if not isinstance(source, tuple) and not hasattr(source, "eClass"):
            return [target for one in source for target in self.resolve_all(one, rule, type)]
        eclass = self._class(type)
        return [target for application in self._applied(source, rule) for target in _typed(application, eclass)]

    def make(self, rule: str, source: Any, key: Hashable = None, **facts: Any) -> Targets:
        """Apply a lazy rule, or the one of the rules that extend it that applies.

        Creates at once. Binds at once in phase 2, otherwise after all creation.

        Args:
            source: an element, or a tuple of elements that all become sources in the trace.
            key: tells results for the same source apart.
            facts: passed on to guards and bodies; for a unique rule those of the first call count.

        Returns:
            The target; a tuple for a rule with several target classes; None if no guard holds or it creates nothing.
        """
        linked = self._linked.get(rule)
        if linked is None or linked.source is None:
            near = get_close_matches(rule, [name for name, one in self._linked.items() if one.source is not None], 1)
            called = "it is a called rule: use call" if linked is not None else None
            raise self._error(f"there is no rule {rule!r}", remedy=called or (f"{near[0]}?" if near else None))
        if not linked.rule.lazy:
            raise self._error(f"rule {rule} is not lazy, it applies by itself", remedy="resolve its target")
        sources = source if isinstance(source, tuple) else (source,)
        if not sources or not is_kind(sources[0], linked.source):
            raise self._error(f"rule {rule} is for {linked.source.name}, not {_label(source)}")
        if linked.input is not None and self._input_of_root.get(id(root_of(sources[0]))) != linked.input:
            raise self._error(f"rule {rule} is for input {linked.input}, in which {_label(source)} is not")
        family = [one for one in linked.callable if is_kind(sources[0], one.source)]
        chosen = most_specific(one for one in family if self._applies(one, source, facts))
        if len(chosen) > 1:
            names = " and ".join(one.rule.name for one in chosen)
            raise self._error(f"{names} both apply to {_label(source)} where {rule} is made")
        if not chosen:
            return None
        identity = (chosen[0].rule.name, sources, key)
        application = self._made.get(identity) if chosen[0].rule.unique else None
        if application is None:
            application = self._made[identity] = self._create(chosen[0], sources, facts)
            if self._binding:
                self._bind(application)
        return application.result

    def call(self, rule: str, **arguments: Any) -> Targets:
        """Apply a called rule, which makes its targets anew each time.

        Creates at once. Binds at once in phase 2, otherwise after all creation.

        Returns:
            The target; a tuple for a rule with several target classes; None if it creates nothing.
        """
        linked = self._linked.get(rule)
        if linked is None or linked.source is not None:
            near = get_close_matches(rule, [one.rule.name for one in self._linked.values() if one.source is None], 1)
            raise self._error(f"there is no called rule {rule!r}", remedy=f"{near[0]}?" if near else None)
        application = self._create(linked, (), arguments)
        if self._binding:
            self._bind(application)
        return application.result

    def consult(self, *elements: EObject | None) -> None:
        """Say that what the running rule does depends on further elements: they become sources of its link.

        Where several elements compete, and the rule is about the one that is chosen, the others are such. None is
        passed over.

        Raises:
            RuleError: where no rule runs.
        """
        if self._applying is None:
            raise self._error("no rule runs, whose link could lead to what is consulted")
        self._applying.consulted += tuple(one for one in elements if one is not None)

    def bind(self, target: EObject, **values: Any) -> None:
        """Set features of a target; where a value does not fit but has a target that does, that one is put there.

        So `t.bind(project, title=workflow.title, packages=workflow.steps)` needs no `resolve`: what a feature of
        packages takes is looked for among what was made from each step, as ATL's bindings do. None, and an empty list,
        leave a feature as it is; lists are added to what is there.

        Raises:
            RuleError: for a feature that the target does not have, and a value that no fitting target was made from.
        """
        for name, value in values.items():
            feature = target.eClass.findEStructuralFeature(name)
            if feature is None:
                near = get_close_matches(name, [one.name for one in features(target.eClass)], 1)
                reason = f"{target.eClass.name} has no feature {name!r}"
                raise self._error(reason, remedy=f"{near[0]}?" if near else None)
            if feature.many:
                getattr(target, name).extend([self._fitting(one, feature) for one in value or ()])
            elif value is not None:
                setattr(target, name, self._fitting(value, feature))

    def _fitting(self, value: Any, feature: EFeature) -> Any:
        """A value for a feature: itself, or what was made from it."""
        if feature.is_attribute or not hasattr(value, "eClass") or is_kind(value, feature.eType):
            return value
        return self.resolve(value, type=feature.eType)

    def _applied(self, source: Any, rule: str | None) -> Iterator[_Application]:
        if rule is not None and rule not in self._linked:
            raise self._error(f"there is no rule {rule!r}")
        for application in self._by_source.get(source, ()):
            linked = application.rule
            if rule is None or linked.rule.name == rule or any(a.rule.name == rule for a in linked.ancestors):
                yield application

    def _class(self, type: str | EClass | None) -> EClass | None:
        """A target class, given itself or by name."""
        if not isinstance(type, str):
            return type
        if type not in self._classes:
            self._classes[type] = self._named(type, self.transformation.target)
        return self._classes[type]

    def _named(self, type: str, metamodel: str) -> EClass:
        try:
            return class_named(type, metamodel, self.registry)
        except NbmdeError as error:
            raise self._error(error.reason, error.remedy) from error

    def _candidates(
        self, source: Any, rule: str | None, type: str | EClass | None
    ) -> list[tuple[_Application, EObject]]:
        """The first fitting target of each application, of the preferred kind of rule only."""
        eclass = self._class(type)
        ranked: dict[int, list[tuple[_Application, EObject]]] = {}
        for application in self._applied(source, rule):
            if targets := _typed(application, eclass):
                rank = 0 if application.rule.rule.primary else 2 if application.rule.rule.lazy else 1
                ranked.setdefault(rank, []).append((application, targets[0]))
        return ranked[min(ranked)] if ranked else []

    def _create(self, linked: LinkedRule, sources: tuple[EObject, ...], facts: dict[str, Any]) -> _Application:
        application = _Application(linked, sources, tuple([eclass() for eclass in linked.to]), facts)
        self._applications.append(application)
        for source in dict.fromkeys(sources):
            self._by_source.setdefault(source, []).append(application)
        if len(sources) > 1:
            self._by_source.setdefault(sources, []).append(application)
        return application

    def _bind(self, application: _Application) -> None:
        application.bound = True
        source, targets = application.source, application.targets
        given = (source,) if application.sources else ()
        outer, self._applying = self._applying, application
        try:
            for linked in (*application.rule.ancestors, application.rule):
                rule = linked.rule
                arguments = (*given, *targets[: len(linked.to)])
                self._call(_Running(rule.body, "rule", rule.name, source), arguments, application.facts, False)
        finally:
            self._applying = outer

    def _applies(self, linked: LinkedRule, source: Any, facts: Mapping[str, Any]) -> bool:
        """Whether the guards of a rule and of all that it extends hold."""
        for name, guard in linked.guards:
            if not self._call(_Running(guard, "rule", name, source), (source,), facts, True):
                return False
        return True

    def _call(self, running: _Running, arguments: tuple[Any, ...], keywords: Mapping[str, Any], guard: bool) -> Any:
        """Call a function, take the time, and name the rule and the element in whatever goes wrong."""
        outer, self._running = self._running, running
        outside = self._profiler.begin()
        try:
            return running.function(self, *arguments, **keywords)
        except NbmdeError:
            raise
        except Exception as error:
            file, line = place_of_error(error, running.function)
            reason = f"transformation {self.transformation.name}, {running}: {type(error).__name__}: {error}"
            raise RuleError(reason, file=file, line=line) from error
        finally:
            self._profiler.end(outside, running.kind, running.name, guard)
            self._running = outer

    def _error(self, reason: str, remedy: str | None = None) -> RuleError:
        where, (file, line) = "", (None, None)
        if self._running is not None:
            where, (file, line) = f", {self._running}", place_of_call(self._running.function)
        text = f"transformation {self.transformation.name}{where}: {reason}"
        return RuleError(text, file=file, line=line, remedy=remedy)


class Helpers:
    """The helpers of a transformation, as methods: `t.helpers.NAME(element, ...)`.

    That of the most specific of the element's classes is asked.
    """

    def __init__(self, context: Context) -> None:
        self._of = weakref.ref(context)  # a cycle would keep it, which is large, until garbage is collected
        self._by_name: dict[str, dict[type, Helper]] = {}
        for helper in context.transformation.helpers.values():
            try:
                eclass = class_named(helper.context, context.transformation.source, context.registry)
            except NbmdeError as error:
                reason = f"transformation {context.transformation.name}, helper {helper.name}: {error.reason}"
                raise RuleError(reason, file=helper.file, line=helper.line, remedy=error.remedy) from error
            self._by_name.setdefault(helper.name, {})[eclass.python_class] = helper
        self._answers: dict[tuple[str, EObject], Any] = {}

    @property
    def _context(self) -> Context:
        context = self._of()
        assert context is not None
        return context

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in self._by_name:
            near = get_close_matches(name, self._by_name, 1)
            raise self._context._error(f"there is no helper {name!r}", remedy=f"{near[0]}?" if near else None)
        return partial(self._ask, name)

    def _ask(self, name: str, element: EObject, *arguments: Any, **keywords: Any) -> Any:
        by_class = self._by_name[name]
        helper = by_class.get(type(element))
        if helper is None:
            helper = next((by_class[one] for one in type(element).__mro__ if one in by_class), None)
        if helper is None:
            contexts = " or ".join(sorted(helper.context for helper in by_class.values()))
            raise self._context._error(f"helper {name} is for {contexts}, not {_label(element)}")
        running = _Running(helper.body, "helper", name, element)
        if not helper.cached:
            return self._context._call(running, (element, *arguments), keywords, False)
        if (name, element) not in self._answers:
            self._answers[name, element] = self._context._call(running, (element,), {}, False)
        return self._answers[name, element]


def run(
    transformation: Transformation,
    source: Model | Mapping[str, Model],
    registry: Registry,
    options: Mapping[str, Any] | None = None,
) -> Result:
    """Transform a model.

    Args:
        source: the source model, or several by the names of the inputs. They are not changed, unless the
            transformation is a refinement: it changes the model in place, and leaves it half done where it fails.
        options: what `Context.option` gives.

    Raises:
        RuleError: for models that are missing, rules that do not fit together, a rule that fails, no target root, or
            targets that are contained nowhere. A NbmdeError that a rule raises passes through as it is.
    """
    inputs = given_inputs(transformation, source)
    if transformation.in_place:
        from nbmde.engine.m2m.refinement import Refining, refine

        with collection_paused():
            return refine(Refining(transformation, inputs, registry, options or {}))
    with collection_paused():
        return _run(Context(transformation, inputs, registry, options or {}))


def given_inputs(transformation: Transformation, source: Model | Mapping[str, Model]) -> dict[str, tuple[EObject, ...]]:
    """The roots of the source models by the names of the inputs, in the order in which these are declared.

    Raises:
        RuleError: for a model that is missing, one that the transformation does not take, and one that is given twice.
    """
    declared = transformation.inputs
    given = source if isinstance(source, Mapping) else {next(iter(declared)): source}
    check_inputs(transformation, given)
    inputs = {name: roots(given[name]) for name in declared}
    owners: dict[int, str] = {}
    for name, model in inputs.items():
        for root in model:
            if (other := owners.setdefault(id(root), name)) != name:
                reason = f"transformation {transformation.name} is given one model as {other!r} and as {name!r}"
                raise RuleError(reason, remedy="copy the file")
    return inputs


def check_inputs(transformation: Transformation, given: Iterable[str]) -> None:
    """Are the models of these names what a transformation takes?

    Raises:
        RuleError: for one that is missing, and one that it does not take.
    """
    declared, names = transformation.inputs, list(given)
    if unknown := [name for name in names if name not in declared]:
        reason = f"transformation {transformation.name} takes no model {unknown[0]!r}"
        raise RuleError(reason, remedy=f"inputs are: {', '.join(declared)}")
    if missing := [name for name in declared if name not in names]:
        reason = f"transformation {transformation.name} takes a model of {declared[missing[0]]} as {missing[0]!r} too"
        raise RuleError(reason, remedy=f"--input {missing[0]}=FILE")


def _run(context: Context) -> Result:
    transformation = context.transformation
    run_hooks(context, transformation.hooks("pre"), "pre")
    elements = [element for name in context.inputs for element in context._elements_of(name)]
    containers = [element.eContainer() for element in elements]
    for name in context.inputs:
        create_all(context, name, context._elements_of(name))
    if not transformation.roots:
        context._root = _root(context)
    context._binding = True
    for application in tuple(context._applications):
        context._bind(application)
    run_hooks(context, transformation.hooks("post"), "post")
    if containers != [element.eContainer() for element in elements]:
        _check_source(context, elements)
    made = context.targets
    _check_containment(context, made)
    if len(made) != 1:
        made = Together(made).roots
    return Result(made, _trace(context, made), context.findings, context._profiler.profile())


def run_hooks(context: Context, hooks: Iterable[Hook], phase: str) -> None:
    """Run functions of a phase, "pre" or "post"."""
    for hook in hooks:
        context._call(_Running(hook, phase, hook.__name__, None), (), {}, False)


def create_all(context: Context, name: str, elements: list[EObject]) -> None:
    """Phase 1, for the elements of one source model."""
    rules = [linked for linked in context._linked.values() if not linked.rule.lazy and not linked.rule.abstract]
    matched = [linked for linked in rules if linked.input in (None, name)]
    by_class: dict[EClass, list[LinkedRule]] = {}
    for element in elements:
        eclass = element.eClass
        if eclass not in by_class:
            by_class[eclass] = [linked for linked in matched if is_kind(element, linked.source)]
        if not (fitting := by_class[eclass]):
            continue
        for linked in most_specific(one for one in fitting if context._applies(one, element, {})):
            context._create(linked, (element,), {})


def _typed(application: _Application, eclass: EClass | None) -> list[EObject]:
    """The targets of a class, all of them for None."""
    return [target for target in application.targets if eclass is None or is_kind(target, eclass)]


def _root(context: Context) -> EObject:
    """The first target of the rule for the source root."""
    name = context.transformation.root
    first, model = next(iter(context.inputs.items()))
    if len(model) != 1:
        reason = f"the model {first} has {len(model)} roots, and not one root is made for it"
        raise context._error(reason, remedy='say of which classes the target\'s roots are: roots=("Class", ...)')
    if not context._by_source.get(context.source):
        package = context.source.eClass.ePackage
        reason = f"no rule applies to the root, {label(context.source)} of metamodel {package.name}"
        if package.name in context.registry and context.registry[package.name].ecore is not package:
            reason += ", which was loaded with another registry"
        raise context._error(reason, remedy=f"it takes a {context.transformation.source} model")
    root: EObject = context.resolve(context.source, rule=name)
    return root


def _check_source(context: Context, elements: list[EObject]) -> None:
    """No element may have left the source model: what the target contains is taken away from where it was."""
    inside = {id(element) for model in context.inputs.values() for element in walk(model)}
    for element in elements:
        if id(element) not in inside:
            reason = f"{label(element)} was taken out of the source model"
            raise RuleError(
                f"transformation {context.transformation.name}: {reason}", remedy="make one like it instead"
            )


def _check_containment(context: Context, made: tuple[EObject, ...]) -> None:
    """Every target must be in the target model."""
    inside = set(map(id, made))
    remedy = "put it into a containment feature, in this rule or in that of its container"
    if context.transformation.roots:
        remedy += f", or name its class among the roots: {', '.join(context.transformation.roots)}"
    for application in context._applications:
        for target in application.targets:
            if not _is_inside(target, inside):
                rule = application.rule.rule
                raise RuleError(
                    f"transformation {context.transformation.name}, {rule}: its {target.eClass.name} made from "
                    f"{_label(application.source)} is contained nowhere in the target model",
                    file=rule.file,
                    line=rule.line,
                    remedy=remedy,
                )


def _is_inside(element: EObject, inside: set[int]) -> bool:
    """Whether an element is one of some, or contained in one of them; what is found to be is added to these."""
    path = []
    current: EObject | None = element
    while current is not None and id(current) not in inside:
        path.append(id(current))
        current = current.eContainer()
    if current is not None:
        inside.update(path)
    return current is not None


def _trace(context: Context, made: tuple[EObject, ...]) -> Trace:
    """The trace of the run as a model."""
    metamodel = context.registry["trace"]
    link = metamodel.Link
    trace: Trace = metamodel.Trace(transformation=context.transformation.name)
    links = [filled(link, one.rule.rule.name, one.causes, one.targets) for one in context._applications]
    trace.layers.extend(context.transformation.layers)
    contain(trace, slots(trace.eClass)["links"].feature, links)
    for root in made:
        if root.eClass.findEStructuralFeature("trace") is not None:
            root.eSet("trace", trace)
    return trace


def filled(link: Any, rule: str, sources: Sequence[EObject], targets: Sequence[EObject]) -> EObject:
    """A new link of a trace."""
    made: EObject = link(rule=rule)
    refer(made, slots(link)["sources"].feature, sources)
    refer(made, slots(link)["targets"].feature, targets)
    return made


def _label(source: Any) -> str:
    return ", ".join(label(one) for one in source) if isinstance(source, tuple) else label(source)
