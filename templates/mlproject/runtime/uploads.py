"""The files that a person provides, where a notebook asks for them in the browser."""

from __future__ import annotations

from pathlib import Path

FOLDER = "data/raw"


def uploaded_files() -> dict[str, bytes]:
    """The content of the files in the folder for them, by their names.

    Raises:
        FileNotFoundError: There is none.
    """
    files = [path for path in Path(FOLDER).glob("[!.]*") if path.is_file()]
    if not files:
        raise FileNotFoundError(
            f"{FOLDER} has no files: put those there that the notebook asks for"
        )
    return {path.name: path.read_bytes() for path in sorted(files)}
