"""Common ground of the reader and the writer of XMI: its names, and files as resources."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ordered_set import OrderedSet
from pyecore.resources import URI
from pyecore.resources.resource import Resource

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models.ecore import EObject
from nbmde.engine.models.structure import root_of

XMI = "http://www.omg.org/XMI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MAX_DEPTH = 500
"""Elements nested deeper are refused: with every change pyecore climbs to the root, one Python call a level."""


class Together(Resource):  # type: ignore[misc]
    """The roots of one model; what pyecore's elements know as their resource."""

    def __init__(self, roots: Iterable[EObject], path: Path | None = None) -> None:
        super().__init__(URI(str(path)) if path is not None else None)
        self.contents: Any = OrderedSet()  # pyecore looks for elements in here, and a list would take long
        self.extend(roots)

    @property
    def roots(self) -> tuple[EObject, ...]:
        """The roots, in their order."""
        return tuple(self.contents)


class Document(Together):
    """A file and the model that it holds.

    Attributes:
        path: the file, as the user named it.
        location: the file, absolute.
        ids: the elements by the ids that the file gives them.
        metamodels: absolute paths by namespace URI, where the file says that its metamodels are, if they are there.
    """

    def __init__(self, path: Path, roots: Iterable[EObject]) -> None:
        super().__init__(roots, path)
        self.path = path
        self.location = Path(os.path.abspath(path))
        self.ids: dict[str, EObject] = {}
        self.metamodels: dict[str, Path] = {}

    @property
    def root(self) -> EObject:
        """The only root.

        Raises:
            NbmdeError: if there are several, or none.
        """
        if len(self.contents) != 1:
            count = f"{len(self.contents)} roots" if self.contents else "no element"
            raise NbmdeError(f"holds {count}, where one root is expected", file=str(self.path))
        root: EObject = self.contents[0]
        return root


def document_of(obj: EObject) -> Document | None:
    """The file that an element was loaded from or saved to."""
    resource = root_of(obj).eResource
    return resource if isinstance(resource, Document) else None
