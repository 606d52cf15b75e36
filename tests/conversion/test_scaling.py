"""Time and memory grow with the notebook, not faster; `benchmarks/scaling.py` measures large ones."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from nbmde.engine import locations

sys.path.insert(0, str(locations.home() / "benchmarks"))

import scaling


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are those of this process, whatever else the machine does."""
    monkeypatch.setattr(time, "perf_counter", time.process_time)


def test_four_times_the_cells_take_about_four_times_as_long(processor: None, tmp_path: Path) -> None:
    scaling._convert(40, tmp_path)
    short = min(sum(scaling._convert(250, tmp_path)[0].values()) for _ in range(2))
    seconds, elements = scaling._convert(1000, tmp_path)
    assert sum(seconds.values()) < 4 * 1.6 * short
    assert sum(elements.values()) > 20 * 1000
    assert seconds["ask it once for each function"] < 0.1 * seconds["workflow2project"]
