"""How features appear in files: by name, as attribute or reference, with a way to write and read values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from nbmde.engine.models.ecore import EClass, EFeature
from nbmde.engine.models.literals import Literal, literal
from nbmde.engine.models.structure import features


class Slot(NamedTuple):
    """How a feature appears in a file.

    Attributes:
        values: how attribute values are written and read; None for a reference, and for what is not written.
        default: the value that is there where none is written, and as text.
        written: False for what follows from other features.
    """

    feature: EFeature
    name: str
    many: bool
    containment: bool
    values: Literal | None
    default: Any
    default_text: str | None
    written: bool


@cache
def slots(eclass: EClass) -> Mapping[str, Slot]:
    """The features of a class by name, in metamodel order."""
    return MappingProxyType({feature.name: _slot(feature) for feature in features(eclass)})


def _slot(feature: EFeature) -> Slot:
    written = not (feature.derived or feature.transient or feature.volatile)
    if feature.is_attribute:
        values = literal(feature.eType) if written else None
        default = None if feature.many else feature.get_default_value()
        default_text = None if default is None or values is None else values.write(default)
        return Slot(feature, feature.name, feature.many, False, values, default, default_text, written)
    follows = feature.eOpposite is not None and feature.eOpposite.containment
    return Slot(
        feature, feature.name, feature.many, bool(feature.containment), None, None, None, written and not follows
    )
