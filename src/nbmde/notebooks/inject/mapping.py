"""The Notebook model of a document and the document of a model, by one table that is read in both directions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, label
from nbmde.notebooks.inject.document import CELL_ID, repair

if TYPE_CHECKING:
    from nbmde.metamodels import NotebookMetamodel
    from nbmde.metamodels.notebook import Attachment, Cell, Entry, MimeData, Notebook, Output

_Part = TypeVar("_Part", bound="Notebook | Cell | Output")

ABSENT = object()
"""The value that a codec gives for a property that the document shall not have."""


class DoesNotFit(Exception):
    """A JSON value that a feature cannot hold; it goes to `extra`."""


@dataclass(frozen=True)
class Codec:
    """How a JSON value is kept in a feature.

    Attributes:
        to_model: JSON value to feature value; raises DoesNotFit.
        to_json: feature value to JSON value or ABSENT.
    """

    to_model: Callable[[NotebookMetamodel, Any], Any]
    to_json: Callable[[Any], Any]


@dataclass(frozen=True)
class Property:
    """A property of a JSON object, the feature that holds it and how."""

    name: str
    feature: str
    codec: Codec


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _parsed(text: str | None, element: EObject) -> Any:
    try:
        return json.loads(text or "")
    except ValueError as error:
        raise NbmdeError(f"{label(element)} does not hold JSON: {error}") from error


def _text(_: NotebookMetamodel, value: Any) -> str:
    if not isinstance(value, str):
        raise DoesNotFit
    return value


def _texts(_: NotebookMetamodel, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise DoesNotFit
    return value


def _count(_: NotebookMetamodel, value: Any) -> int | None:
    """An execution count; the feature is 64 bits wide."""
    if value is not None and (type(value) is not int or not 0 <= value < 2**63):
        raise DoesNotFit
    return value


def _entries(metamodel: NotebookMetamodel, value: Any) -> list[Entry]:
    if not isinstance(value, dict):
        raise DoesNotFit
    return [metamodel.Entry(key=key, value=_json(member)) for key, member in value.items()]


def _object(entries: Iterable[Entry]) -> dict[str, Any]:
    return {entry.key or "": _parsed(entry.value, entry) for entry in entries}


def _bundle(metamodel: NotebookMetamodel, value: Any) -> list[MimeData]:
    if not isinstance(value, dict):
        raise DoesNotFit
    return [
        metamodel.MimeData(mimeType=mime, text=data)
        if isinstance(data, str)
        else metamodel.MimeData(mimeType=mime, json=_json(data))
        for mime, data in value.items()
    ]


def _mime_bundle(data: Iterable[MimeData]) -> dict[str, Any]:
    return {
        datum.mimeType or "": _parsed(datum.json, datum) if datum.json is not None else datum.text or ""
        for datum in data
    }


def _attachments(metamodel: NotebookMetamodel, value: Any) -> list[Attachment]:
    if not isinstance(value, dict) or not value:
        raise DoesNotFit
    return [_attachment(metamodel, name, data) for name, data in value.items()]


def _attachment(metamodel: NotebookMetamodel, name: str, data: Any) -> Attachment:
    attachment = metamodel.Attachment(name=name)
    attachment.data.extend(_bundle(metamodel, data))
    return attachment


def _attached(attachments: Iterable[Attachment]) -> Any:
    return {attachment.name or "": _mime_bundle(attachment.data) for attachment in attachments} or ABSENT


def _elements(build: str, metamodel: NotebookMetamodel, value: Any) -> list[Cell | Output]:
    if not isinstance(value, list) or not all(isinstance(node, dict) for node in value):
        raise DoesNotFit
    return [_element(metamodel, node, build) for node in value]


def _nodes(elements: Iterable[Cell | Output]) -> list[dict[str, Any]]:
    return [_node(element) for element in elements]


TEXT = Codec(_text, lambda value: ABSENT if value is None else value)
TEXTS = Codec(_texts, list)
COUNT = Codec(_count, lambda value: value)
VERSION = Codec(lambda _, value: value, lambda value: value)
METADATA = Codec(_entries, _object)
BUNDLE = Codec(_bundle, _mime_bundle)
ATTACHMENTS = Codec(_attachments, _attached)

# Which class a JSON object becomes: the property that says so, the class for each value, and the class for any other.
_KINDS = {
    "cells": ("cell_type", "UnrecognizedCell", {"code": "CodeCell", "markdown": "MarkdownCell", "raw": "RawCell"}),
    "outputs": (
        "output_type",
        "UnrecognizedOutput",
        {
            "stream": "StreamOutput",
            "display_data": "DisplayOutput",
            "execute_result": "ExecuteResult",
            "error": "ErrorOutput",
        },
    ),
}

_CELL = (
    Property("id", "cellId", TEXT),
    Property("metadata", "metadata", METADATA),
    Property("source", "source", TEXT),
    Property("attachments", "attachments", ATTACHMENTS),
)
_DISPLAY = (Property("data", "data", BUNDLE), Property("metadata", "metadata", METADATA))
PROPERTIES: dict[str, tuple[Property, ...]] = {
    "Notebook": (
        Property("metadata", "metadata", METADATA),
        Property("nbformat", "nbformat", VERSION),
        Property("nbformat_minor", "nbformatMinor", VERSION),
        Property("cells", "cells", Codec(partial(_elements, "cells"), _nodes)),
    ),
    "CodeCell": (
        *_CELL,
        Property("execution_count", "executionCount", COUNT),
        Property("outputs", "outputs", Codec(partial(_elements, "outputs"), _nodes)),
    ),
    "MarkdownCell": _CELL,
    "RawCell": _CELL,
    "UnrecognizedCell": (Property("cell_type", "cellType", TEXT), *_CELL),
    "StreamOutput": (Property("name", "name", TEXT), Property("text", "text", TEXT)),
    "DisplayOutput": _DISPLAY,
    "ExecuteResult": (*_DISPLAY, Property("execution_count", "executionCount", COUNT)),
    "ErrorOutput": (
        Property("ename", "ename", TEXT),
        Property("evalue", "evalue", TEXT),
        Property("traceback", "traceback", TEXTS),
    ),
    "UnrecognizedOutput": (Property("output_type", "outputType", TEXT),),
}
"""For each class the properties of its JSON objects. Every other property goes to `extra`."""

_TYPES = {eclass: {key: value} for key, _, classes in _KINDS.values() for value, eclass in classes.items()}


def to_model(metamodel: NotebookMetamodel, document: dict[str, Any]) -> Notebook:
    """The Notebook model of a document of nbformat 4."""
    notebook = _filled(metamodel.Notebook(), metamodel, document)
    ids = [cell.cellId or "" for cell in notebook.cells]
    identified = len(set(ids)) == len(ids) and all(CELL_ID.fullmatch(id) for id in ids)
    for position, cell in enumerate(notebook.cells, 1):
        cell.position = position
        cell.id = f"cell.{cell.cellId if identified else position}"
        _take_tags(cell)
    return notebook


def to_document(notebook: Notebook) -> dict[str, Any]:
    """The document of nbformat 4 of a Notebook model.

    Raises:
        NbmdeError: an entry of the model does not hold JSON.
    """
    document = _node(notebook)
    repair(document)
    return document


def _element(metamodel: NotebookMetamodel, node: dict[str, Any], container: str) -> Cell | Output:
    """The element of a cell or output."""
    key, other, classes = _KINDS[container]
    kind = node.get(key)
    name = classes.get(kind, other) if isinstance(kind, str) else other
    element: Cell | Output = getattr(metamodel, name)()
    return _filled(element, metamodel, node if name == other else {k: v for k, v in node.items() if k != key})


def _filled(element: _Part, metamodel: NotebookMetamodel, node: dict[str, Any]) -> _Part:
    """An element, given everything that a JSON object has."""
    rest = dict(node)
    features: dict[str, Any] = {}
    for prop in PROPERTIES[element.eClass.name]:
        if prop.name in rest:
            try:
                features[prop.feature] = prop.codec.to_model(metamodel, rest[prop.name])
                del rest[prop.name]
            except DoesNotFit:
                pass
    features["extra"] = _entries(metamodel, rest)
    for feature, value in features.items():
        if isinstance(value, list):
            getattr(element, feature).extend(value)
        elif value is not None:
            setattr(element, feature, value)
    return element


def _take_tags(cell: Cell) -> None:
    """Move the tags of a cell from its metadata to the feature for them."""
    for entry in list(cell.metadata):
        tags = json.loads(entry.value) if entry.key == "tags" else None
        if isinstance(tags, list) and tags and all(isinstance(tag, str) for tag in tags):
            cell.metadata.remove(entry)
            cell.tags.extend(tags)


def _node(element: Notebook | Cell | Output) -> dict[str, Any]:
    """The JSON object of an element."""
    name = element.eClass.name
    if name not in PROPERTIES:
        raise NbmdeError(f"{label(element)} is no part of a document")
    node: dict[str, Any] = dict(_TYPES.get(name, {}))
    values = ((prop.name, prop.codec.to_json(getattr(element, prop.feature))) for prop in PROPERTIES[name])
    node |= {name: value for name, value in values if value is not ABSENT}
    if tags := getattr(element, "tags", None):
        node["metadata"]["tags"] = list(tags)
    return node | _object(element.extra)
