"""Rules, for extensions."""

from __future__ import annotations

from nbmde.engine.m2m import Context, RuleError, TraceIndex, Transformation

__all__ = ["Context", "RuleError", "TraceIndex", "Transformation"]
