"""Names of the literals of enumerations."""

from __future__ import annotations

from typing import Any


def kind(element: Any) -> str:
    """Name of an enum literal."""
    return element.name if hasattr(element, "name") else str(element)
