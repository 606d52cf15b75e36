"""Looks up what rules name: their classes and the rules that they extend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m.transformation import Guard, Helper, Rule, RuleError, Transformation
from nbmde.engine.models import EClass, Registry


@dataclass(eq=False)
class LinkedRule:
    """A rule with its classes and the rules that it extends.

    Attributes:
        source: None for a called rule.
        input: name of the input whose elements alone it applies to; None for all.
        ancestors: the rules that it extends, directly or not: parents before children.
        guards: of all these rules and its own, each with the name of its rule.
        descendants: the rules that extend it, directly or not, by name.
    """

    rule: Rule
    source: Any  # an EClass; None for a called rule
    to: tuple[EClass, ...]
    ancestors: tuple[LinkedRule, ...]
    guards: tuple[tuple[str, Guard], ...]
    input: str | None = None
    descendants: list[LinkedRule] = field(default_factory=list)

    @property
    def callable(self) -> list[LinkedRule]:
        """The rules that can apply where this one is called."""
        return [one for one in (self, *self.descendants) if one.rule.lazy and not one.rule.abstract]


def link(transformation: Transformation, registry: Registry) -> dict[str, LinkedRule]:
    """All rules of a transformation by name, sorted by name.

    Raises:
        RuleError: for a rule that names what does not exist, or does not fit what it extends.
    """
    linked: dict[str, LinkedRule] = {}
    for rule in transformation.rules.values():
        _visit(rule, (), linked, transformation, registry)
    _refuse_gone(linked.values(), transformation)
    for one in linked.values():
        one.descendants.sort(key=lambda descendant: descendant.rule.name)
    return dict(sorted(linked.items()))


def _refuse_gone(linked: Iterable[LinkedRule], transformation: Transformation) -> None:
    """No rule or helper may be meant to override one that is there no longer: nothing would apply it."""
    known: list[tuple[Rule | Helper, str, set[str]]] = [
        *((one.rule, "rule", {eclass.name for eclass in one.to}) for one in linked),
        *((one, "helper", {one.context.rpartition(".")[2]}) for one in transformation.helpers.values()),
    ]
    for one, kind, classes in known:
        eclass, successor = transformation.gone.get(one.name, ("", ""))
        if eclass in classes:
            reason = f"transformation {transformation.name}, {kind} {one.name}: there is none to override any longer"
            raise RuleError(reason, file=one.file, line=one.line, remedy=f"its place has {successor}")


def most_specific(linked: Iterable[LinkedRule]) -> list[LinkedRule]:
    """The rules that none of the others extends."""
    rules = list(linked)
    if len(rules) < 2:
        return rules
    extended = {ancestor for rule in rules for ancestor in rule.ancestors}
    return [rule for rule in rules if rule not in extended]


def class_named(name: str, metamodel: str, registry: Registry) -> EClass:
    """The class `Class` of a metamodel, or `package.Class`."""
    package, _, simple = name.rpartition(".")
    ecore = registry[package or metamodel].ecore
    eclass: EClass | None = ecore.getEClassifier(simple)
    if eclass is None:
        near = get_close_matches(simple, [classifier.name for classifier in ecore.eClassifiers], 1)
        raise NbmdeError(f"metamodel {ecore.name} has no class {simple!r}", remedy=f"{near[0]}?" if near else None)
    return eclass


def _visit(
    rule: Rule,
    path: tuple[str, ...],
    linked: dict[str, LinkedRule],
    transformation: Transformation,
    registry: Registry,
) -> LinkedRule:
    """Link a rule after those that it extends. The path are the rules that led here, which it may not extend."""

    def misfit(reason: str, remedy: str | None = None) -> RuleError:
        text = f"transformation {transformation.name}, rule {rule.name}: {reason}"
        return RuleError(text, file=rule.file, line=rule.line, remedy=remedy)

    def eclass(name: str, metamodel: str) -> EClass:
        try:
            return class_named(name, metamodel, registry)
        except NbmdeError as error:
            raise misfit(error.reason, error.remedy) from error

    if rule.name in linked:
        return linked[rule.name]
    path = (*path, rule.name)
    parents: list[LinkedRule] = []
    for name in rule.extends:
        if name not in transformation.rules:
            raise misfit(f"extends {name!r}, which does not exist")
        if name in path:
            raise misfit(f"extends {name!r}, which extends it")
        parents.append(_visit(transformation.rules[name], path, linked, transformation, registry))
    inputs = transformation.inputs
    given = rule.input or next((parent.input for parent in parents if parent.input is not None), None)
    if given is not None and given not in inputs:
        raise misfit(f"there is no input {given!r}", f"inputs are: {', '.join(inputs)}")
    metamodel = transformation.source if given is None else inputs[given]
    source = None if rule.source is None else eclass(rule.source, metamodel)
    if rule.to is not None:
        to = tuple(eclass(name, transformation.target) for name in rule.to)
    elif parents:
        to = parents[0].to
    elif transformation.in_place:
        to = ()
    else:
        raise misfit("has no target", "give to=; to=() if it creates nothing")
    if not rule.abstract and (abstract := [one.name for one in to if one.abstract]):
        raise misfit(f"cannot create {abstract[0]}, which is an abstract class")
    for parent in parents:
        if len(parent.to) > len(to):
            raise misfit(f"has fewer targets than rule {parent.rule.name}, which it extends")
        if parent.input not in (None, given):
            raise misfit(f"is for input {given}, and rule {parent.rule.name}, which it extends, for {parent.input}")
        pairs: Iterable[tuple[Any, Any]] = zip((source, *to), (parent.source, *parent.to), strict=False)
        for own, inherited in pairs:
            if not issubclass(own.python_class, getattr(inherited, "python_class", inherited)):
                raise misfit(f"has {own.name} where rule {parent.rule.name}, which it extends, has {inherited.name}")
    ancestors = tuple(dict.fromkeys(one for parent in parents for one in (*parent.ancestors, parent)))
    guards = [(one.name, one.guard) for one in (*(ancestor.rule for ancestor in ancestors), rule)]
    guarded = tuple((name, guard) for name, guard in guards if guard is not None)
    linked[rule.name] = LinkedRule(rule, source, to, ancestors, guarded, given)
    for ancestor in ancestors:
        ancestor.descendants.append(linked[rule.name])
    return linked[rule.name]
