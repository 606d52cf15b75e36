"""Files that the code reads, by whatever expression, and that neither lie around the notebook nor are made by it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nbmde.notebooks.analysis.calls import CallResolver
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.inject import patterns
from nbmde.notebooks.inject.literals import ANY, folding, is_file_name, relative

from .paths import Survey, below, opened_to_be_read, path_argument

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Notebook


def absent(
    units: Sequence[Unit], resolver: CallResolver, survey: Survey, notebook: Notebook
) -> Iterator[tuple[Unit, str]]:
    """Statements with the first path that they read and that leads to nothing; each path once.

    Those that are data sets of the workflow are left out. Where an expression can be one of several paths, one that
    leads to something is enough.

    Args:
        notebook: with the files beside it.
    """
    depth = len([part for part in (notebook.folder or "").split("/") if part])
    fold = folding([ast.Module([node for unit in units for node in unit.nodes], [])], depth)
    there = [patterns.normal(path) for asset in notebook.assets for path in (asset.path, *asset.foundFor)]
    written = [patterns.normal(path) for path in survey.written if path.strip("./\\")]
    written_like = [patterns.compiled(path, **{ANY: ".*"}) for path in written if ANY in path]
    told = {survey.means(use.path) for use in survey.uses}

    def leads_somewhere(path: str) -> bool:
        place = survey.means(path)
        made = any(below(place, known) for known in written) or any(like.fullmatch(place) for like in written_like)
        return place in told or made or survey.may_be_made(path) or any(below(known, place) for known in there)

    for unit in units:
        for node in unit.nodes:
            for call in resolver.calls(node):
                if not opened_to_be_read(call):
                    continue
                argument = path_argument(call)
                paths = [relative(text) for text in fold(argument)] if argument is not None else []
                if paths and all(map(_is_known, paths)) and not any(map(leads_somewhere, paths)):
                    told.add(survey.means(paths[0]))
                    yield unit, paths[0]


def _is_known(path: str) -> bool:
    return ANY not in path and is_file_name(path) and not patterns.MAGIC.search(path)
