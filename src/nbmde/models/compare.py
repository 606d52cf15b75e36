"""What differs between two models: elements are matched by id, then by their position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbmde.models.structure import EObject, features, fragment, identifier, label, values


@dataclass(frozen=True)
class Difference:
    """One difference.

    Attributes:
        kind: "added", "removed", "changed" or "moved".
        element: label of the element.
        feature: name of the feature that differs, None where the root itself does.
        before: what was there, as text; None if nothing.
        after: what is there now, as text; None if nothing.
    """

    kind: str
    element: str
    feature: str | None
    before: str | None
    after: str | None

    def __str__(self) -> str:
        place = f"{self.element}: {self.feature}" if self.feature else self.element
        if self.kind == "added":
            return f"+ {place}: {self.after}"
        if self.kind == "removed":
            return f"- {place}: {self.before}"
        return f"~ {place}: {self.before} -> {self.after}"


def compare(a: EObject, b: EObject) -> list[Difference]:
    """The differences from model `a` to model `b`, in the order of `walk`. Empty: the models are equal.

    Equal are models of the same classes with the same values in the same order; references are equal if they lead to
    elements with the same id or, without ids, in the same place.
    """
    differences: list[Difference] = []
    stack = [(a, b)]
    while stack:
        before, after = stack.pop()
        if before.eClass.name != after.eClass.name:
            differences.append(Difference("changed", label(before), None, before.eClass.name, after.eClass.name))
            continue
        pairs: list[tuple[EObject, EObject]] = []
        for feature in features(before.eClass):
            if feature.derived or feature.transient:
                continue
            if feature.is_reference and feature.containment:
                pairs += _contained(before, after, feature, differences)
            elif not (feature.is_reference and feature.eOpposite is not None and feature.eOpposite.containment):
                old, new = ([_text(value) for value in _values(obj, feature)] for obj in (before, after))
                if old != new:
                    differences.append(
                        Difference("changed", label(before), feature.name, ", ".join(old), ", ".join(new))
                    )
        stack.extend(reversed(pairs))
    return differences


def _values(obj: EObject, feature: Any) -> list[Any]:
    """The values of a feature; the default where there is none."""
    after = features(obj.eClass)
    same = next(f for f in after if f.name == feature.name)
    if same.many or same.is_reference:
        return values(obj, same)
    value = getattr(obj, same.name)
    return [] if value is None else [value]


def _contained(
    before: EObject, after: EObject, feature: Any, differences: list[Difference]
) -> list[tuple[EObject, EObject]]:
    """The pairs of contained elements that correspond; report those that have no partner."""
    old, new = _values(before, feature), _values(after, feature)
    by_id = {identifier(child): child for child in new if identifier(child) is not None}
    partners = {id(child): by_id[identifier(child)] for child in old if identifier(child) in by_id}
    taken = {id(child) for child in partners.values()}
    rest_new = [child for child in new if id(child) not in taken]
    rest_old = [child for child in old if id(child) not in partners]
    for child, partner in zip(rest_old, rest_new, strict=False):
        if identifier(child) is None or identifier(partner) is None:
            partners[id(child)] = partner
            taken.add(id(partner))
    place = label(before)
    for child in old:
        if id(child) not in partners:
            differences.append(Difference("removed", place, feature.name, label(child), None))
    for child in new:
        if id(child) not in taken:
            differences.append(Difference("added", place, feature.name, None, label(child)))
    pairs = [(child, partners[id(child)]) for child in old if id(child) in partners]
    order = [id(child) for child in new if id(child) in taken]
    if [id(partner) for _, partner in pairs] != order:
        names = ", ".join(label(child) for child in old if id(child) in partners)
        moved = {id(partner): label(child) for child, partner in pairs}
        differences.append(Difference("moved", place, feature.name, names, ", ".join(moved[key] for key in order)))
    return pairs


def _text(value: Any) -> str:
    if not hasattr(value, "eClass") or value.eClass.name == "EEnumLiteral":
        return repr(value) if isinstance(value, str) else str(value)
    return identifier(value) or f"{value.eClass.name} {fragment(value)}"
