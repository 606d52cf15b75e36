"""Constraints on Notebook models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbmde.engine.constraints import ConstraintSet

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset, Entry, MimeData, Notebook

constraints = ConstraintSet("notebook")


@constraints.constraint("Notebook")
def cells_are_numbered(notebook: Notebook) -> bool:
    """Cells are numbered from 1 in the order of the document"""
    return [cell.position for cell in notebook.cells] == list(range(1, len(notebook.cells) + 1))


@constraints.constraint("MimeData")
def one_form_of_content(data: MimeData) -> bool:
    """Data of a MIME type are either text or JSON"""
    return (data.text is None) != (data.json is None)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@constraints.constraint("Entry")
def value_is_json(entry: Entry) -> str | None:
    """The value of an entry is JSON"""
    return None if _is_json(entry.value) else f"the value of {entry.key} is no JSON: text stands in double quotes"


@constraints.constraint("MimeData", guard=lambda data: data.json is not None)
def content_is_json(data: MimeData) -> bool:
    """Data that is said to be JSON is JSON"""
    return data.json is None or _is_json(data.json)


def _is_file(asset: Asset) -> bool:
    return not asset.folder


@constraints.constraint("Asset", guard=_is_file)
def content_or_reason(asset: Asset) -> bool:
    """A file that comes along has a content, and one that does not has a reason"""
    return (asset.content is None) == bool(asset.omitted)


@constraints.constraint("Asset")
def asset_is_named_once(asset: Asset) -> str | None:
    """A file stands in a notebook once"""
    same = [other for other in asset.eContainer().assets if other.path == asset.path]
    return f"{asset.path} is there {len(same)} times" if len(same) > 1 and same[0] is asset else None
