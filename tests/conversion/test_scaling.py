"""Time and memory grow with the notebook, not faster; `benchmarks/scaling.py` measures large ones."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from counting import calls

from nbmde.engine import locations

sys.path.insert(0, str(locations.home() / "benchmarks"))

import scaling

pytestmark = pytest.mark.slow


def test_four_times_the_cells_take_about_four_times_as_many_calls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scaling._convert(40, tmp_path)
    with calls() as clock:
        monkeypatch.setattr(time, "perf_counter", clock.now)
        short, _ = scaling._convert(100, tmp_path)
        long, elements = scaling._convert(400, tmp_path)
    assert sum(long.values()) < 4 * 1.2 * sum(short.values())
    assert sum(elements.values()) > 20 * 400
    assert long["ask it once for each function"] < 0.1 * long["workflow2project"]
