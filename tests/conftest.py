"""Modules that tests share lie in the folder of the tests that they are for; all those folders are on the path."""

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path[:0] = [str(folder) for folder in sorted(Path(__file__).resolve().parent.iterdir()) if folder.is_dir()]

# A slow machine is no failure; where it is checked what others wrote, the same examples are tried each time.
settings.register_profile(
    "all", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("all")
