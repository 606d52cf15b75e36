"""Migrations of models, for extensions."""

from __future__ import annotations

from nbmde.engine.migration import Migration, migrate

__all__ = ["Migration", "migrate"]
