"""Secrets that the models hold, as they hold the whole notebook, and that no statement and no prose of the project has.

They are in outputs, in cells that are not run, in comments without a statement, and in metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from nbmde.engine.models import EObject, features, values, walk
from nbmde.notebooks.elements import is_code_cell, is_mime_data

from .remarks import Remark
from .secret_removal import LEFT_OUT, SUMMARY, Hidden, Secret, capital
from .secrets import Detection

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Notebook

_COMMENT = re.compile(r"(?m)^\s*#.*")
_WHERE = {"MarkdownCell": "the text", "RawCell": "a raw cell", "CodeCell": "a comment"}


def take_note(notebook: Notebook, hidden: Hidden, detection: Detection) -> None:
    """Adds what else the notebook holds to what was taken out."""
    known = {value: secret.kind for value, secret in hidden.values().items()}
    for cell, where, text, said in _texts(notebook):
        if not detection.suspects(text):
            continue
        found = detection.find(text, {}, prose=True) if said else detection.certain(text)
        for item in found:
            value = text[item.start : item.end]
            if not any(value in other for other in known):
                known[value] = item.kind
                hidden.secrets.append(Secret(item.variable, item.kind, "", [(cell, 0)]))
                message = f"{capital(item.kind)}: in {where}, which only the models hold"
                hidden.remarks.insert(0, Remark("secret-in-text", message, cell))
    if hidden.secrets and not any(remark.code == "secrets-in-models" for remark in hidden.remarks):
        hidden.remarks.append(Remark("secrets-in-models", SUMMARY))


def shown(remarks: Iterable[Remark], hidden: Hidden, detection: Detection) -> list[Remark]:
    """Remarks without the secrets of the code that they quote."""
    values = hidden.values()
    found = []
    for remark in remarks:
        message = remark.message
        if detection.suspects(message) or any(value in message for value in values):
            for item in reversed(detection.find(message, {value: secret.kind for value, secret in values.items()})):
                message = message[: item.start] + LEFT_OUT + message[item.end :]
        found.append(replace(remark, message=message) if message != remark.message else remark)
    return found


def _texts(notebook: Notebook) -> Iterator[tuple[int, str, str, bool]]:
    """Cell, what it is, text, and whether a person says it to another one."""
    for entry in notebook.metadata:
        yield from ((0, "the metadata", text, False) for text in _values(entry))
    for cell in notebook.cells:
        name = cell.eClass.name
        source = cell.source or ""
        if name == "CodeCell":
            yield cell.position, _WHERE[name], "\n".join(_COMMENT.findall(source)), True
            yield cell.position, "a cell", source, False
        else:
            yield cell.position, _WHERE.get(name, "a cell"), source, True
        for entry in cell.metadata:
            yield from ((cell.position, "the metadata", text, False) for text in _values(entry))
        for output in cell.outputs if is_code_cell(cell) else ():
            yield from ((cell.position, "an output", text, False) for text in _values(output))


def _values(element: EObject) -> Iterator[str]:
    """All texts of an element and of what it contains, but for pictures."""
    for part in walk(element):
        if is_mime_data(part) and (part.mimeType or "").startswith("image/"):
            continue
        for feature in features(part.eClass):
            yield from (value for value in values(part, feature) if isinstance(value, str))
