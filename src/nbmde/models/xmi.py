"""What reader and writer of XMI share: names, files, and how a feature appears in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pyecore.resources import URI
from pyecore.resources.resource import Resource

from nbmde.models.literals import Literal, literal
from nbmde.models.structure import EClass, EFeature, EObject, features, root_of

XMI = "http://www.omg.org/XMI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MAX_DEPTH = 2000
"""Elements nested deeper cannot be read back: libxml2 ends at 2,048."""


class Document(Resource):  # type: ignore[misc]
    """A file and the one tree that it holds; what pyecore's elements know as their resource.

    Attributes:
        path: the file, as the user named it.
        root: the root of the tree.
        ids: the elements by id.
    """

    def __init__(self, path: Path, root: EObject) -> None:
        super().__init__(URI(str(path)))
        self.path = path
        self.root = root
        self.ids: dict[str, EObject] = {}
        self.append(root)


def document_of(obj: EObject) -> Document | None:
    """The file that an element was loaded from or saved to."""
    resource = root_of(obj).eResource
    return resource if isinstance(resource, Document) else None


class Slot(NamedTuple):
    """How a feature appears in a file.

    Attributes:
        values: how attribute values are written and read; None for a reference.
        default: the value that is not written.
        written: False for what follows from other features.
    """

    feature: EFeature
    name: str
    many: bool
    containment: bool
    values: Literal | None
    default: Any
    written: bool


@cache
def slots(eclass: EClass) -> Mapping[str, Slot]:
    """The features of a class by name, in metamodel order."""
    return MappingProxyType({feature.name: _slot(feature) for feature in features(eclass)})


def _slot(feature: EFeature) -> Slot:
    follows = feature.derived or feature.transient or feature.volatile
    if feature.is_attribute:
        default = None if feature.many else feature.get_default_value()
        return Slot(feature, feature.name, feature.many, False, literal(feature.eType), default, not follows)
    follows = follows or (feature.eOpposite is not None and feature.eOpposite.containment)
    return Slot(feature, feature.name, feature.many, bool(feature.containment), None, None, not follows)
