"""Modules that tests share lie in the folder of the tests that they are for; all those folders are on the path."""

import sys
from pathlib import Path

sys.path[:0] = [str(folder) for folder in sorted(Path(__file__).resolve().parent.iterdir()) if folder.is_dir()]
