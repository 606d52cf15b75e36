"""What `metadata.py.j2` writes, for the modules that import it."""

from pathlib import Path

FOLDER: Path
TITLE: str
VERSION: str
DESCRIPTION: str
PORT: int
