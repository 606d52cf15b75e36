"""A model as an indented tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nbmde.engine.models import EObject, Model, identifier, label, roots
from nbmde.engine.models.slots import slots
from nbmde.engine.models.structure import values

WIDTH = 60
"""Longer texts are cut."""


def tree(model: Model, depth: int | None = None) -> Iterator[str]:
    """A line for each element, with what is set in it; deeper elements are counted where the depth ends.

    Args:
        depth: of the elements below the roots that are shown; all by default.
    """
    for root in roots(model):
        yield from _below(root, depth, "")


def _below(root: EObject, depth: int | None, indent: str) -> Iterator[str]:
    yield f"{indent}{line(root)}"
    for slot in slots(root.eClass).values():
        if not slot.containment:
            continue
        contained = values(root, slot.feature)
        if not contained:
            continue
        if depth == 0:
            yield f"{indent}  {slot.name}: {len(contained)}"
            continue
        yield f"{indent}  {slot.name}:"
        for child in contained:
            yield from _below(child, None if depth is None else depth - 1, f"{indent}    ")


def line(element: EObject) -> str:
    """An element with its attributes and references in one line."""
    shown = []
    for slot in slots(element.eClass).values():
        if slot.containment or not slot.written or slot.name in ("id", "name"):
            continue
        found = [text(value) for value in values(element, slot.feature)]
        if found:
            shown.append(f"{slot.name}={found[0]}" if not slot.many else f"{slot.name}=[{', '.join(found)}]")
    return " ".join([label(element), *shown])


def text(value: Any) -> str:
    """A value as one sees it: elements by id, texts quoted and cut."""
    if hasattr(value, "eClass") and value.eClass.name != "EEnumLiteral":
        return identifier(value) or label(value)
    if isinstance(value, str):
        return repr(value if len(value) <= WIDTH else value[: WIDTH - 1] + "…")
    return str(value)
