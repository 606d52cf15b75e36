"""How often the rules of a transformation ran, and how long."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class RuleProfile:
    """The cost of a rule, a helper or a hook in one run.

    Attributes:
        kind: "rule", "helper", "pre" or "post".
        runs: how often its body ran.
        guards: how often its guard was asked.
        seconds: in body and guard, without the rules and helpers that ran inside.
    """

    kind: str
    name: str
    runs: int
    guards: int
    seconds: float


class Profiler:
    """Takes the times of functions that run inside each other."""

    def __init__(self) -> None:
        self._inside = 0.0  # seconds of what ran inside of the function that is running
        self._found: dict[tuple[str, str], list[float]] = {}

    def begin(self) -> tuple[float, float]:
        """A function begins. What is returned goes to `end`."""
        outside, self._inside = self._inside, 0.0
        return outside, time.perf_counter()

    def end(self, begun: tuple[float, float], kind: str, name: str, guard: bool) -> None:
        """The function that began last ends."""
        outside, start = begun
        took = time.perf_counter() - start
        row = self._found.get((kind, name))
        if row is None:
            row = self._found[kind, name] = [0, 0, 0.0]
        row[guard] += 1
        row[2] += took - self._inside
        self._inside = outside + took

    def profile(self) -> list[RuleProfile]:
        """Return the profiles, the slowest first."""
        rows = [RuleProfile(*key, int(runs), int(guards), spent) for key, (runs, guards, spent) in self._found.items()]
        return sorted(rows, key=lambda row: (-row.seconds, row.name))
