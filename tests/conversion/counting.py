"""How much a piece of code does, the same on any machine and under any load."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Calls:
    """A clock that ticks once for each function that is called, Python's or C's."""

    def __init__(self) -> None:
        self.count = 0

    def now(self) -> float:
        """The number of calls so far."""
        return float(self.count)

    def _seen(self, frame: FrameType, event: str, argument: Any) -> None:
        if event in ("call", "c_call"):
            self.count += 1


@contextmanager
def calls() -> Iterator[Calls]:
    """Counts the calls of what runs inside."""
    clock = Calls()
    before = sys.getprofile()
    sys.setprofile(clock._seen)
    try:
        yield clock
    finally:
        sys.setprofile(before)
