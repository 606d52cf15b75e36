"""A model as data for other programs: JSON in the shape of EMFJSON, and CSV with a row for each value."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from nbmde.engine.models import (
    EObject,
    Model,
    document_of,
    fragment,
    identifier,
    root_of,
    roots,
    values,
    walk,
)
from nbmde.engine.models.slots import Slot, slots

COLUMNS = ("element", "class", "container", "feature", "position", "value")


def as_json(model: Model) -> str:
    """A model as JSON: an object for each element, with its class as `eClass`; references as `{"eClass", "$ref"}`.

    Where there are several roots, or none, they are a list.
    """
    tops = [_object(root) for root in roots(model)]
    return json.dumps(tops[0] if len(tops) == 1 else tops, indent=2, ensure_ascii=False) + "\n"


def as_csv(model: Model) -> str:
    """A model as a table with a row for each value: the long form, which every tool groups as it likes.

    Columns are `COLUMNS`: the element's id, or its place; its class; the id of its container; the feature; the position
    of the value in it, from 0; the value. What an element contains is left out: what is contained names its container.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for element in walk(model):
        container = element.eContainer()
        about = _key(element), element.eClass.name, _key(container) if container is not None else ""
        rows = [
            (*about, slot.name, str(position), _value(slot, value, root_of(element)))
            for slot in slots(element.eClass).values()
            if slot.written and not slot.containment
            for position, value in enumerate(values(element, slot.feature))
        ]
        writer.writerows(rows or [(*about, "", "", "")])
    return text.getvalue()


def _object(element: EObject) -> dict[str, Any]:
    eclass = element.eClass
    found: dict[str, Any] = {"eClass": f"{eclass.ePackage.nsURI}#//{eclass.name}"}
    for slot in slots(eclass).values():
        if not slot.written and not slot.containment:
            continue
        some = values(element, slot.feature)
        if slot.containment:
            texts: list[Any] = [_object(one) for one in some]
        elif slot.values is None:
            texts = [_reference(one, element) for one in some]
        else:
            texts = [one if isinstance(one, str | bool | int | float) else slot.values.write(one) for one in some]
        if texts:
            found[slot.name] = texts if slot.many else texts[0]
    return found


def _reference(target: EObject, source: EObject) -> dict[str, str]:
    eclass = target.eClass
    return {"eClass": f"{eclass.ePackage.nsURI}#//{eclass.name}", "$ref": _address(target, root_of(source))}


def _address(target: EObject, root: EObject) -> str:
    """Id or place of an element; in another model behind the name of its file."""
    place = _key(target)
    home = root_of(target)
    document = document_of(target)
    if home is root or (document is not None and document is document_of(root)):
        return place
    return f"{document.path.name if document is not None else home.eClass.name}#{place}"


def _key(element: EObject) -> str:
    return identifier(element) or fragment(element)


def _value(slot: Slot, value: Any, root: EObject) -> str:
    return _address(value, root) if slot.values is None else slot.values.write(value)
