"""Knowledge of layouts: the tables of `knowledge/layout.toml` as a project's own layout has them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine import knowledge
from nbmde.engine.errors import NbmdeError

if TYPE_CHECKING:
    from nbmde.engine.m2m import Context
    from nbmde.metamodels.mlproject import Project

Tables = Mapping[str, Any]


@cache
def layout(name: str, extensions: tuple[Path, ...] = ()) -> Tables:
    """The tables, with the rows that a layout has in place of theirs.

    Raises:
        NbmdeError: there is no such layout.
    """
    tables = knowledge.table("layout", extensions)
    if name not in tables["layouts"]:
        raise NbmdeError(f"there is no layout {name!r}", remedy=f"known: {', '.join(tables['layouts'])}")
    own = {key: rows for key, rows in tables["layouts"][name].items() if isinstance(rows, dict)}
    return {**tables, **{key: {**tables[key], **rows} for key, rows in own.items()}}


def layout_of(t: Context, project: Project) -> Tables:
    """The tables of a project's layout."""
    return layout(project.tree or project.layout.name, tuple(t.option("extensions", ())))


def runtime(t: Context) -> Tables:
    """The runtime that projects bring along."""
    return knowledge.table("runtime", tuple(t.option("extensions", ())))
