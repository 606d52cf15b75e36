"""Constraints, for extensions."""

from __future__ import annotations

from nbmde.engine.constraints import ConstraintSet
from nbmde.engine.diagnostics import Diagnostic, Fix

__all__ = ["ConstraintSet", "Diagnostic", "Fix"]
