"""Rules, for extensions."""

from __future__ import annotations

from nbmde.engine.m2m import Context, RuleError, TraceIndex, Transformation
from nbmde.engine.m2m.refinement import Refining

__all__ = ["Context", "Refining", "RuleError", "TraceIndex", "Transformation"]
