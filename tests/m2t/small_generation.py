"""Makes an extension with a generation of its own, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbmde.engine import m2t, models


def generation(folder: Path, coordination: str, queries: str = "", **templates: str) -> m2t.Generation:
    """The generation "small" of an extension; templates by name, `__` for the dot."""
    home = folder / "templates" / "small"
    home.mkdir(parents=True, exist_ok=True)
    (home / "generation.toml").write_text(coordination, encoding="utf-8")
    if queries:
        (home / "queries.py").write_text(queries, encoding="utf-8")
    for name, text in templates.items():
        (home / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return m2t.find("small", (folder,))


def project(registry: models.Registry, *names: str) -> Any:
    """A Project with secrets of these names: the smallest thing with children."""
    m = registry["mlproject"]
    return m.Project(name="p", package="p", secrets=[m.Secret(name=name, found=f"{name}\nfound") for name in names])
