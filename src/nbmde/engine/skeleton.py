"""Writes the project of a new extension from the templates in `templates/extension`."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import jinja2
import tomli

from nbmde.engine import locations
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Registry

FOLDER = "extension"
TABLE = "files.toml"
"""Lists the files: `"path" = "template"`, both with `{{ name }}` and `{{ Name }}`."""


def write(name: str, folder: Path) -> list[Path]:
    """Write the project of an extension.

    Args:
        name: a Python identifier in small letters that no metamodel has.
        folder: is made, or must be empty.

    Returns:
        The files.

    Raises:
        NbmdeError: for a name that cannot be used, and a folder that cannot be written or that holds something.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise NbmdeError(
            f"{name!r} cannot name a Python package", remedy="small letters, digits and _, as in model_card"
        )
    if name in Registry():
        raise NbmdeError(f"{name!r} is the name of a metamodel of nbmde", remedy="choose another one")
    if folder.is_dir() and any(folder.iterdir()):
        raise NbmdeError("the folder is not empty", file=str(folder), remedy="choose another one with -o DIR")
    root = next(locations.roots("templates")) / FOLDER
    environment = jinja2.Environment(  # filters escape, for the language that is written  # nosec B701
        loader=jinja2.FileSystemLoader(root), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    words = {"name": name, "Name": "".join(part.capitalize() for part in name.split("_"))}
    written = []
    for path, template in tomli.loads((root / TABLE).read_text(encoding="utf-8"))["files"].items():
        text = environment.get_template(template).render(words)
        file = folder / environment.from_string(path).render(words)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(file)) from error
        written.append(file)
    return written
