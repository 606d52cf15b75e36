"""What reader and writer of XMI share: its names, and files as resources."""

from __future__ import annotations

import os
from pathlib import Path

from pyecore.resources import URI
from pyecore.resources.resource import Resource

from nbmde.engine.models.structure import EObject, root_of

XMI = "http://www.omg.org/XMI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MAX_DEPTH = 500
"""Elements nested deeper are refused: with every change pyecore climbs to the root, one Python call a level."""


class Document(Resource):  # type: ignore[misc]
    """A file and the one tree that it holds; what pyecore's elements know as their resource.

    Attributes:
        path: the file, as the user named it.
        location: the file, absolute.
        root: the root of the tree.
        ids: the elements by the ids that the file gives them.
        metamodels: absolute paths by namespace URI, where the file says that its metamodels are, if they are there.
    """

    def __init__(self, path: Path, root: EObject) -> None:
        super().__init__(URI(str(path)))
        self.path = path
        self.location = Path(os.path.abspath(path))
        self.root = root
        self.ids: dict[str, EObject] = {}
        self.metamodels: dict[str, Path] = {}
        self.append(root)


def document_of(obj: EObject) -> Document | None:
    """The file that an element was loaded from or saved to."""
    resource = root_of(obj).eResource
    return resource if isinstance(resource, Document) else None
