"""Refines a model in place: source and target are one, and rules change the elements that they are for.

All guards are asked first, of the model as it was; then the bodies run. A rule leaves a link only where it changed
something. What is taken out of the model is retired into the trace, so that links of older traces stay whole. After
ATL's refining mode (Tisi, Martínez, Jouault, Cabot: Refining models with rule-based model transformations, 2011).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pyecore.notification import Kind

from nbmde.engine.m2m.engine import Context, Result, create_all, filled, run_hooks
from nbmde.engine.m2m.transformation import RuleError
from nbmde.engine.models import EObject, Together, label, root_of, roots, values, walk
from nbmde.engine.models.filling import contain
from nbmde.engine.models.slots import slots
from nbmde.engine.models.structure import references


class Refining(Context):
    """The view that rules have of a refinement: with the elements that they retire and replace."""

    _retired: list[EObject]
    _tops: dict[EObject, None]  # the roots that are left
    _order: dict[EObject, int]  # of the elements as they were
    _changes: _Changes
    _links: list[tuple[str, tuple[EObject, ...], list[EObject]]]

    def _bind(self, application: Any) -> None:
        """Run the body of a rule; what it changes leads to it, but for what rules change that it calls."""
        place = len(self._links)  # before theirs
        self._changes.begin(application.sources)
        try:
            super()._bind(application)
            self._link(application.rule.rule.name, application.causes, application.targets, place)
        finally:
            self._changes.end()
        self._changes.watch(application.targets)  # other rules may change them before what runs now has ended

    @property
    def targets(self) -> tuple[EObject, ...]:
        """The roots of the model."""
        made = super().targets if self.transformation.roots else ()
        return tuple(dict.fromkeys([*self._tops, *made]))

    def _link(self, rule: str, sources: tuple[EObject, ...], made: tuple[EObject, ...], place: int) -> None:
        """Take note of what has changed since something began, and of what it made."""
        changed = sorted(self._changes.changed(), key=lambda one: self._order.setdefault(one, len(self._order)))
        if targets := list(dict.fromkeys([*changed, *made])):
            self._links.insert(place, (rule, sources or tuple(targets), targets))

    def retire(self, element: EObject) -> None:
        """Take an element, with all that it contains, out of the model, and keep it in the trace as it is.

        What refers to it in the model refers to it no longer. It keeps its own references that do not lead back.

        Raises:
            RuleError: if it is not in the model.
        """
        if root_of(element) not in self._tops:
            raise self._error(f"{label(element)} is not in the model, so it cannot be retired")
        self._detach(element)

    def replace(self, element: EObject, by: EObject) -> None:
        """Retire an element; what refers to it, or contains it, has another one in its place."""
        container, feature = element.eContainer(), element.eContainmentFeature()
        if container is not None and by.eContainer() is None:
            _substitute(container, feature, element, by)
        for owner, reference in self._referring(element):
            _substitute(owner, reference, element, by)
        if container is None or element.eContainer() is not None:
            self.retire(element)
        else:
            self._detach(element)

    def _detach(self, element: EObject) -> None:
        own = {id(one) for one in walk(element)}
        for one in walk(element):
            for owner, feature in self._referring(one):
                if id(owner) not in own:
                    _drop(owner, feature, one)
        container = element.eContainer()
        if container is not None:
            _drop(container, element.eContainmentFeature(), element)
        elif element in self._tops:
            del self._tops[element]
        self._retired.append(element)

    def _referring(self, element: EObject) -> list[tuple[EObject, Any]]:
        """Elements of the model with the features in which they refer to an element; containers are not among them."""
        found = [(owner, feature) for owner, feature in vars(element)["_inverse_rels"] if not feature.containment]
        for feature in references(element.eClass):
            opposite = feature.eOpposite
            if opposite is not None and not opposite.containment:
                found += [(owner, opposite) for owner in values(element, feature)]
        inside = [pair for pair in dict.fromkeys(found) if root_of(pair[0]) in self._tops]
        return sorted(inside, key=lambda pair: (self._order.get(pair[0], len(self._order)), pair[1].name))


class _Changes:
    """Listens to elements, and tells which of them are not what they were."""

    def __init__(self) -> None:
        self._watched: dict[EObject, None] = {}
        self._outer: list[tuple[Any, ...]] = []  # of what is interrupted by what runs now
        self._sources: tuple[EObject, ...] = ()
        self._before: dict[EObject, dict[Any, Any]] = {}
        self._lists: dict[tuple[EObject, Any], list[Any]] = {}
        self._moved: dict[tuple[EObject, Any], _Moved] = {}
        self.took_out = False  # something out of where it was contained; maybe into something else

    def watch(self, elements: Iterable[EObject]) -> None:
        """Listen to some more elements."""
        for element in elements:
            if element not in self._watched:
                vars(element)["listeners"].append(self)
                self._watched[element] = None

    def release(self) -> None:
        """Listen no longer."""
        for element in self._watched:
            vars(element)["listeners"].remove(self)

    def begin(self, sources: Iterable[EObject]) -> None:
        """Something runs that may change elements, these above all: their lists are kept, to be compared exactly.

        What runs already goes on when it ends.
        """
        self._outer.append((self._before, self._moved, self._lists, self._sources))
        self._before, self._moved, self._sources = {}, {}, tuple(sources)
        self._lists = {
            (source, feature): list(getattr(source, feature.name))
            for source in self._sources
            for feature in vars(source)["_isset"]
            if feature.many
        }

    def end(self) -> None:
        """End what was begun last. An element that lost something by it counts as changed by what it interrupted."""
        lost = {key: moved for key, moved in self._moved.items() if self._is_robbed(*key)}
        before = self._before
        self._before, self._moved, self._lists, self._sources = self._outer.pop()
        for (element, feature), moved in lost.items():
            self._moved.setdefault((element, feature), _Moved()).left.extend(moved.left)
            self._before.setdefault(element, {}).setdefault(feature, before[element][feature])

    def _is_robbed(self, element: EObject, feature: Any) -> bool:
        """Has an element only lost what it contained, by a rule that is not about it and that another rule called?"""
        moved = self._moved.get((element, feature))
        called = len(self._outer) > 1
        return called and moved is not None and not moved.came and element not in self._sources

    def notifyChanged(self, notification: Any) -> None:
        """pyecore tells that a feature was changed."""
        element, feature = notification.notifier, notification.feature
        if getattr(feature, "containment", False):
            moved = self._moved.setdefault((element, feature), _Moved())
            moved.came += _listed(notification.new)
            moved.left += _listed(notification.old)
            self.took_out = self.took_out or notification.old is not None
        known = self._before.setdefault(element, {})
        if feature not in known:
            known[feature] = self._lists.get((element, feature), _UNKNOWN) if feature.many else notification.old
            if feature.many and notification.kind in (Kind.ADD, Kind.ADD_MANY) and known[feature] is _UNKNOWN:
                come = notification.new if notification.kind is Kind.ADD_MANY else [notification.new]
                known[feature] = [one for one in getattr(element, feature.name) if not any(one is new for new in come)]

    def changed(self) -> list[EObject]:
        """The elements that have other values than before; of what an element contains, what has come."""
        found: dict[EObject, None] = {}
        for element, before in self._before.items():
            for feature, old in before.items():
                changed = not _same(old, getattr(element, feature.name), feature.many)
                if changed and not self._is_robbed(element, feature):
                    found.update(dict.fromkeys(self._moved.get((element, feature), _Moved()).instead_of(element)))
        return list(found)


@dataclass
class _Moved:
    """The elements that came into a containment, and those that left it."""

    came: list[EObject] = field(default_factory=list)
    left: list[EObject] = field(default_factory=list)

    def instead_of(self, owner: EObject) -> list[EObject]:
        """The elements that changed: those that came, or the owner where something is gone, or in another order."""
        gone = any(one.eContainer() is None for one in self.left)
        turned = not {id(one) for one in self.came}.isdisjoint(id(one) for one in self.left)
        moved = self.came or self.left
        return self.came if moved and not gone and not turned else [owner]


_UNKNOWN = object()


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _same(before: Any, now: Any, many: bool) -> bool:
    if many:
        return before is not _UNKNOWN and len(before) == len(now) and all(map(_equal, before, now))
    return _equal(before, now)


def _equal(one: Any, other: Any) -> bool:
    return one is other or (type(one) is type(other) and not hasattr(one, "eClass") and bool(one == other))


def refine(context: Refining) -> Result:
    """Run a refinement; see `nbmde.engine.m2m.engine.run`."""
    (name, tops) = next(iter(context.inputs.items()))
    elements = list(walk(tops))
    context._tops, context._retired = dict.fromkeys(tops), []
    context._order = {element: number for number, element in enumerate(elements)}
    changes = _Changes()
    changes.watch(elements)

    def hooks(phase: str) -> None:
        for hook in context.transformation.hooks(phase):
            place = len(context._links)
            changes.begin(())
            run_hooks(context, [hook], phase)
            context._link(hook.__name__, (), (), place)
            changes.end()

    context._changes, context._links = changes, []
    try:
        hooks("pre")
        create_all(context, name, elements)
        context._binding = True
        done = watched = 0
        while done < len(context._applications):  # grows
            for new in context._applications[watched:]:
                changes.watch(new.targets)
            watched = len(context._applications)
            application = context._applications[done]
            done += 1
            if any(one in context._order and root_of(one) not in context._tops for one in application.sources):
                continue  # an earlier rule took it out
            if not application.bound:  # by the rule that made it
                context._bind(application)
        hooks("post")
        if changes.took_out:
            _retire_lost(context, elements)
    finally:
        changes.release()
    made = context.targets
    if len(made) != 1 or len(roots(tops)) != 1:
        made = Together(made).roots
    metamodel = context.registry["refinement"]
    trace = metamodel.Refinement(transformation=context.transformation.name)
    trace.layers.extend(context.transformation.layers)
    link = context.registry["trace"].Link
    contain(trace, slots(trace.eClass)["links"].feature, [filled(link, *one) for one in context._links])
    trace.retired.extend(context._retired)
    return Result(made, trace, context.findings, context._profiler.profile())


def _retire_lost(context: Refining, elements: list[EObject]) -> None:
    """Retire what rules took out of the model themselves."""
    inside = {id(element) for element in walk(context.targets)}
    kept = {id(one) for element in context._retired for one in walk(element)}
    for element in elements:
        if id(element) in inside or id(element) in kept:
            continue
        if element.eContainer() is not None:
            if root_of(element) not in context._order:
                reason = f"transformation {context.transformation.name}: {label(element)} was put into another model"
                raise RuleError(reason, remedy="make one like it instead")
            continue  # with what contains it
        context._detach(element)
        kept.update(id(one) for one in walk(element))


def _drop(owner: EObject, feature: Any, element: EObject) -> None:
    if feature.many:
        getattr(owner, feature.name).remove(element)
    else:
        setattr(owner, feature.name, None)


def _substitute(owner: EObject, feature: Any, element: EObject, by: EObject) -> None:
    if not feature.many:
        setattr(owner, feature.name, by)
        return
    found = getattr(owner, feature.name)
    position = found.index(element)
    rest = list(found)[position + 1 :]
    for one in [element, *rest]:
        found.remove(one)
    found.extend([by, *rest] if by not in found else rest)
