"""Models, for extensions."""

from __future__ import annotations

from nbmde.engine.models import (
    EClass,
    EFeature,
    EObject,
    Metamodel,
    Registry,
    children,
    instances,
    is_kind,
    label,
    load,
    root_of,
    save,
    values,
    walk,
)

__all__ = [
    "EClass",
    "EFeature",
    "EObject",
    "Metamodel",
    "Registry",
    "children",
    "instances",
    "is_kind",
    "label",
    "load",
    "root_of",
    "save",
    "values",
    "walk",
]
