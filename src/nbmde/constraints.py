"""Constraints, for extensions."""

from __future__ import annotations

from nbmde.engine.constraints import ConstraintSet, Finding, Fix

__all__ = ["ConstraintSet", "Finding", "Fix"]
