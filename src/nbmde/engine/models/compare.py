"""Compares two models: elements are matched by id, then by their position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from nbmde.engine.models.ecore import EObject
from nbmde.engine.models.registry import Registry
from nbmde.engine.models.slots import slots
from nbmde.engine.models.structure import Model, fragment, identifier, label, roots, values


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        kind: "added", "removed", "changed" or "moved".
        element: label of the element; "roots" where roots were added, removed or moved.
        left, right: the elements that correspond to each other, in the first and in the second model.
        subject: what was added or removed; None otherwise.
        feature: name of the feature that differs, None where roots do.
        before: what was there, as text; None if nothing.
        after: what is there now, as text; None if nothing.
    """

    kind: str
    element: str
    feature: str | None
    before: str | None
    after: str | None
    left: Any = field(default=None, compare=False, repr=False)
    right: Any = field(default=None, compare=False, repr=False)
    subject: Any = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        place = f"{self.element}: {self.feature}" if self.feature else self.element
        if self.kind == "added":
            return f"+ {place}: {self.after}"
        if self.kind == "removed":
            return f"- {place}: {self.before}"
        return f"~ {place}: {self.before} -> {self.after}"


def compare(a: Model, b: Model) -> list[Difference]:
    """The differences from model `a` to model `b`, in the order of `walk`. Empty: the models are equal.

    Equal are models of the same classes with the same values in the same order. References are equal if they lead to
    elements that correspond to each other or, outside of the two models, have the same id or place.
    """
    tops, differences = _match_roots(roots(a), roots(b))
    pairs, structure = _match(tops)
    partners = {id(before): id(after) for before, after in pairs}
    for before, after in pairs:
        if before.eClass.name != after.eClass.name:
            was, now = before.eClass.name, after.eClass.name
            differences.append(Difference("changed", label(before), None, was, now, before, after))
            continue
        for slot in slots(before.eClass).values():
            if slot.written and not slot.containment:
                old, new = _values(before, slot.name), _values(after, slot.name)
                same = len(old) == len(new) and all(map(partial(_equal, partners), old, new))
                if not same:
                    was, now = (", ".join(map(_text, values)) for values in (old, new))
                    differences.append(Difference("changed", label(before), slot.name, was, now, before, after))
        differences += structure.get(id(before), [])
    return differences


def comparison(a: Model, b: Model, registry: Registry) -> EObject:
    """The differences from model `a` to model `b` as a model of the metamodel `comparison`."""
    metamodel = registry["comparison"]
    differences = [
        metamodel.Difference(
            kind=getattr(metamodel.Kind, one.kind),
            feature=one.feature,
            before=one.before,
            after=one.after,
            left=one.left,
            right=one.right,
            subject=one.subject,
        )
        for one in compare(a, b)
    ]
    made: EObject = metamodel.Comparison(before=roots(a), after=roots(b), differences=differences)
    return made


def _match_roots(
    old: Sequence[EObject], new: Sequence[EObject]
) -> tuple[list[tuple[EObject, EObject]], list[Difference]]:
    """The roots that correspond, which two models of one root always do, and what was removed, added or moved."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])], []
    return _match_elements(old, new, "roots", None, None, None)


def _match(tops: list[tuple[EObject, EObject]]) -> tuple[list[tuple[EObject, EObject]], dict[int, list[Difference]]]:
    """The elements that correspond, in walk order, and what differs in the contents of the first of each pair."""
    pairs: list[tuple[EObject, EObject]] = []
    structure: dict[int, list[Difference]] = {}
    stack = tops[::-1]
    while stack:
        before, after = stack.pop()
        pairs.append((before, after))
        found: list[tuple[EObject, EObject]] = []
        for slot in slots(before.eClass).values():
            if slot.containment and before.eClass.name == after.eClass.name:
                contained, differences = _match_contents(before, after, slot.name)
                found += contained
                structure.setdefault(id(before), []).extend(differences)
        stack.extend(reversed(found))
    return pairs, structure


def _match_contents(
    before: EObject, after: EObject, name: str
) -> tuple[list[tuple[EObject, EObject]], list[Difference]]:
    """The pairs of elements contained in one feature that correspond, and what was removed, added or moved."""
    old, new = _values(before, name), _values(after, name)
    return _match_elements(old, new, label(before), name, before, after)


def _match_elements(
    old: Sequence[EObject],
    new: Sequence[EObject],
    place: str,
    name: str | None,
    before: EObject | None,
    after: EObject | None,
) -> tuple[list[tuple[EObject, EObject]], list[Difference]]:
    """The same for what two elements contain in a feature, or for the roots of two models."""
    by_id = {identifier(child): child for child in new if identifier(child) is not None}
    partners = {id(child): by_id[identifier(child)] for child in old if identifier(child) in by_id}
    taken = {id(child) for child in partners.values()}
    rest_old = [child for child in old if id(child) not in partners]
    rest_new = [child for child in new if id(child) not in taken]
    for child, partner in zip(rest_old, rest_new, strict=False):
        if identifier(child) is None or identifier(partner) is None:
            partners[id(child)] = partner
            taken.add(id(partner))
    pairs = [(child, partners[id(child)]) for child in old if id(child) in partners]
    moved = [child for child in new if id(child) in taken]
    gone = [child for child in old if id(child) not in partners]
    come = [child for child in new if id(child) not in taken]
    differences = [
        *(Difference("removed", place, name, label(child), None, before, after, child) for child in gone),
        *(Difference("added", place, name, None, label(child), before, after, child) for child in come),
    ]
    if [id(partner) for _, partner in pairs] != [id(partner) for partner in moved]:
        was, now = (", ".join(map(label, children)) for children in ([child for child, _ in pairs], moved))
        differences.append(Difference("moved", place, name, was, now, before, after))
    return pairs, differences


def _values(obj: EObject, name: str) -> list[Any]:
    """The values of a feature, with the default where none is set; none if its class has no such feature."""
    slot = slots(obj.eClass).get(name)
    if slot is None:
        return []
    return values(obj, slot.feature) or ([] if slot.default is None else [slot.default])


def _is_element(value: Any) -> bool:
    return hasattr(value, "eClass") and value.eClass.name != "EEnumLiteral"


def _equal(partners: Mapping[int, int], old: Any, new: Any) -> bool:
    if _is_element(old) and id(old) in partners:
        return partners[id(old)] == id(new)
    return _text(old) == _text(new)


def _text(value: Any) -> str:
    if _is_element(value):
        return identifier(value) or f"{value.eClass.name} {fragment(value)}"
    return repr(value) if isinstance(value, str) else str(value)
