"""Model-to-model transformation: rules, two phases, a trace."""

from nbmde.engine.m2m.discovery import added, find, module, names, unknown
from nbmde.engine.m2m.engine import Context, Result, check_inputs, given_inputs, run
from nbmde.engine.m2m.profiler import RuleProfile
from nbmde.engine.m2m.trace import TraceIndex
from nbmde.engine.m2m.transformation import Helper, Rule, RuleError, Transformation

__all__ = [
    "Context",
    "Helper",
    "Result",
    "Rule",
    "RuleError",
    "RuleProfile",
    "TraceIndex",
    "Transformation",
    "added",
    "check_inputs",
    "find",
    "given_inputs",
    "module",
    "names",
    "run",
    "unknown",
]
