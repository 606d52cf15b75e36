"""Model-to-model transformation: rules, two phases, a trace."""

from nbmde.engine.m2m.discovery import find, module, names
from nbmde.engine.m2m.engine import Context, Result, given_inputs, run
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
    "find",
    "given_inputs",
    "module",
    "names",
    "run",
]
