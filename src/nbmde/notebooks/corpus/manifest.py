"""The list of the notebooks of a corpus: one a line, as a path or as a JSON object."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import batch

_IDENTIFIER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Entry:
    """A notebook of a corpus.

    Attributes:
        notebook: absolute.
        name: of its project's folder; empty where the manifest has none.
        python: interpreter that has what the notebook imports; None where the manifest has none.
    """

    notebook: Path
    name: str = ""
    python: Path | None = None


def tasks(manifest: Path, output: Path, python: Path | None = None) -> list[batch.Task]:
    """Read the tasks that a manifest asks for.

    A line is the path of a notebook, or a JSON object with `notebook` and, if wanted, `id` (what its project is
    called) and `python` (the interpreter that has what it imports); other fields are left out, and so are empty lines
    and those that begin with #. Paths are relative to the manifest.

    Args:
        output: the folder of the projects.
        python: for notebooks without one of their own.

    Raises:
        NbmdeError: the manifest cannot be read, or a line says nothing, something twice, or names no file.
    """
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NbmdeError(f"cannot be read: {error}", file=str(manifest)) from error
    entries: list[Entry] = []
    taken: set[str] = set()
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            entry = _entry(line.strip(), manifest, number)
            if entry.name.casefold() in taken:
                raise NbmdeError(f"the id {entry.name!r} is there twice", file=str(manifest), line=number)
            taken |= {entry.name.casefold()} - {""}
            entries.append(entry)
    if not entries:
        raise NbmdeError("there are no notebooks", file=str(manifest), remedy="write the path of one on each line")
    unnamed = [entry.notebook for entry in entries if not entry.name]
    names = iter(batch.names(unnamed, taken))
    return [batch.Task(e.notebook, output / (e.name or next(names)), e.python or python) for e in entries]


def _entry(line: str, manifest: Path, number: int) -> Entry:
    def wrong(reason: str) -> NbmdeError:
        return NbmdeError(reason, file=str(manifest), line=number)

    fields: dict[str, Any] = {"notebook": line}
    if line.startswith("{"):
        try:
            fields = json.loads(line)
        except ValueError as error:
            raise wrong(f"not JSON: {error}") from error
    for name in ("notebook", "id", "python"):
        if not isinstance(fields.get(name) or "", str):
            raise wrong(f"{name} is not text")
    if not fields.get("notebook"):
        raise wrong("there is no notebook")
    folder = manifest.absolute().parent
    notebook = Path(os.path.normpath(folder / fields["notebook"]))
    if not notebook.is_file():
        raise wrong(f"there is no file {fields['notebook']}")
    name = fields.get("id") or ""
    if name and not _IDENTIFIER.fullmatch(name):
        raise wrong(f"the id {name!r} has other characters than letters, digits, _, - and .")
    python = Path(os.path.normpath(folder / fields["python"])) if fields.get("python") else None
    if python is not None and not python.is_file():
        raise wrong(f"there is no file {fields['python']}")
    return Entry(notebook, name, python)
