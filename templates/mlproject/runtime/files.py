"""Finds the files that the notebook names."""

from __future__ import annotations

import posixpath
from os import PathLike, fspath, getcwd
from os.path import exists, expanduser
from typing import Any

from runtime.places import FILES, PROJECT


def locate(path: Any = ".") -> Any:
    """The place of a file that the notebook names; any other path, and an open file, as it is.

    Args:
        path: what the notebook calls it, or its absolute path, as if the notebook lay in the working folder;
            a file in a folder that the notebook names is found as well.
    """
    if not isinstance(path, (str, PathLike)):
        return path
    name = fspath(path)
    if not isinstance(name, str):
        return path
    kind: Any = str if isinstance(path, str) else type(path)
    if name in FILES:
        return kind(FILES[name])
    folder, inside = posixpath.normpath(name.replace("\\", "/")), ""
    here = getcwd().replace("\\", "/")
    top = posixpath.normpath(posixpath.join(here, PROJECT))
    if folder == top or folder.startswith(f"{top}/"):
        place = locate(posixpath.relpath(folder, here))
        whole = posixpath.normpath(posixpath.join(here, place))
        return kind(whole) if exists(place) or not exists(path) else path
    if folder in _NORMAL:
        return kind(_NORMAL[folder])
    while folder not in ("", ".", "/", ".."):
        if folder in _NORMAL:
            place = _NORMAL[folder] + (f"/{inside}" if inside else "")
            if posixpath.isabs(folder):  # a place on another machine
                return locate(kind(posixpath.normpath(place)))
            # what a folder was asked for is in its place already
            return path if exists(path) and not exists(place) else kind(place)
        folder, base = posixpath.split(folder)
        inside = posixpath.join(base, inside) if inside else base
    return path


_NORMAL = {
    posixpath.normpath(name.replace("\\", "/")): path.rstrip("/") for name, path in FILES.items()
}
_NORMAL |= {expanduser(name): path for name, path in _NORMAL.items() if name.startswith("~")}
