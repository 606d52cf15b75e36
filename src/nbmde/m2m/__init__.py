"""Model-to-model transformation: rules, two phases, a trace."""

from nbmde.m2m.discovery import find, module, names
from nbmde.m2m.engine import Context, Finding, Result, run
from nbmde.m2m.trace import TraceIndex
from nbmde.m2m.transformation import Rule, RuleError, Transformation

__all__ = [
    "Context",
    "Finding",
    "Result",
    "Rule",
    "RuleError",
    "TraceIndex",
    "Transformation",
    "find",
    "module",
    "names",
    "run",
]
