"""Models, for extensions."""

from __future__ import annotations

from nbmde.engine.models import (
    EClass,
    EFeature,
    EObject,
    Metamodel,
    Model,
    Registry,
    children,
    instances,
    is_kind,
    label,
    load,
    load_roots,
    root_of,
    roots,
    save,
    values,
    walk,
)

__all__ = [
    "EClass",
    "EFeature",
    "EObject",
    "Metamodel",
    "Model",
    "Registry",
    "children",
    "instances",
    "is_kind",
    "label",
    "load",
    "load_roots",
    "root_of",
    "roots",
    "save",
    "values",
    "walk",
]
