"""The knowledge tables, for extensions."""

from __future__ import annotations

from nbmde.engine.knowledge import table

__all__ = ["table"]
