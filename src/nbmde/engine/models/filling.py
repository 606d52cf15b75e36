"""Fills new elements at once, which nobody has seen yet, as pyecore does with one value after another.

pyecore asks for each value whether the feature takes it, where it was before, and who wants to know: half of the time
in which a trace is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from nbmde.engine.models.ecore import EFeature, EObject

_INVERSE = "_inverse_rels"
"""Where an element keeps which features of which elements lead to it."""


def refer(owner: EObject, feature: EFeature, targets: Sequence[EObject]) -> None:
    """Put elements into a list of references without opposites, which is empty."""
    if not targets:
        return
    _fill(owner, feature, targets)
    for target in targets:
        target.__dict__[_INVERSE].add((owner, feature))


def contain(owner: EObject, feature: EFeature, children: Sequence[EObject]) -> None:
    """Put new elements, which nothing contains, into a containment without opposite, which is empty."""
    if not children:
        return
    _fill(owner, feature, children)
    for child in children:
        slots = child.__dict__
        slots["_container"], slots["_containment_feature"] = owner, feature
        slots[_INVERSE].add((owner, feature))


def _fill(owner: EObject, feature: EFeature, elements: Sequence[EObject]) -> None:
    values = getattr(owner, feature.name)
    values.map.update((element, None) for element in elements)
    values.items.extend(values.map)
    for number, element in enumerate(values.items):
        values.map[element] = number
    owner._isset[feature] = None
