"""Notebook files to Notebook models and back.

`extract(inject(path, registry))` equals the document that nbformat reads from `path`.
"""

from __future__ import annotations

import importlib
import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Registry, label
from nbmde.notebooks.elements import is_markdown_cell, is_notebook, notebook_metamodel
from nbmde.notebooks.inject import assets, document, execution, kernels, mapping
from nbmde.notebooks.inject.assets import content
from nbmde.notebooks.inject.enclosing_project import Ask, Surroundings
from nbmde.notebooks.inject.literals import pictures
from nbmde.notebooks.inject.python import (
    DATABRICKS,
    check_python,
    language_cell,
    parse,
    python_source,
    with_percent_sign,
)

if TYPE_CHECKING:
    from nbmde.metamodels import NotebookMetamodel
    from nbmde.metamodels.notebook import Notebook, StarImport
    from nbmde.notebooks.inject.environment import Environment

__all__ = [
    "DATABRICKS",
    "check_python",
    "content",
    "extract",
    "inject",
    "language_cell",
    "parse",
    "python_source",
    "with_percent_sign",
    "write",
]

_STAR = r"^\s*from[ \t]+(\w[\w.]*)[ \t]+import[ \t]*\*"


def inject(
    path: Path,
    registry: Registry,
    python: Path | None = None,
    data_from: Iterable[Path] = (),
    ask: Ask | None = None,
) -> Notebook:
    """The Notebook model of a notebook file, with the local files that its code names and what its imports come from.

    Nothing of the notebook is executed. Any notebook is accepted; `check_python` tells whether it can be converted.

    Args:
        path: a notebook of any version of nbformat and any language.
        python: interpreter whose installed distributions are looked up; the running one if None.
        data_from: folders outside the notebook's project: files in them come along as well.
        ask: asks whether another file from outside comes along; none does without it.

    Raises:
        NbmdeError: the file is not a notebook, or `python` does not run.
    """
    read = document.read(path)
    notebook = mapping.to_model(notebook_metamodel(registry), read.node)
    notebook.id = "notebook"
    notebook.name = path.stem
    notebook.language, notebook.kernel = kernels.stated(read.node["metadata"])
    if read.language and not notebook.language:
        notebook.language = read.language.lower()
    notebook.upgradedFrom = read.upgraded_from
    notebook.repairs.extend(read.repairs)
    if not kernels.foreign(notebook):
        _surround(notebook, path, registry, python, Surroundings.of(path, data_from, ask))
    return notebook


def _surround(notebook: Notebook, path: Path, registry: Registry, python: Path | None, around: Surroundings) -> None:
    """Record the files and distributions around a notebook of a Python kernel."""
    from nbmde.notebooks.inject import environment, installs  # here: later steps need no requirements parser

    notebook.folder = around.below or None
    cells = execution.code_cells(notebook)
    sources = [cell.source or "" for cell in cells]
    texts = [cell.source or "" for cell in notebook.cells if is_markdown_cell(cell)]
    shown = [picture for text in texts for picture in pictures(text)]
    lookup = environment.Environment(registry.extensions, python)
    found, modules = assets.collect(path, around, sources, shown, lookup.distributed)
    metamodel = notebook_metamodel(registry)
    notebook.assets.extend(assets.to_model(metamodel, found, cells))
    distributions = lookup.distributions(modules, around, installs.requests(sources))
    notebook.distributions.extend(environment.to_model(metamodel, distributions, cells))
    notebook.starImports.extend(_star_imports(metamodel, sources, lookup))
    notebook.python = lookup.python


def _star_imports(metamodel: NotebookMetamodel, sources: Iterable[str], lookup: Environment) -> list[StarImport]:
    """Make the star imports of libraries, each with the names that it binds and the code uses."""
    sources = list(sources)
    starred = dict.fromkeys(name for text in sources for name in re.findall(_STAR, text, re.MULTILINE))
    words = {word for text in sources for word in re.findall(r"[^\W\d]\w*", text)} if starred else set()
    found = []
    for module, names in lookup.public(starred).items():
        element = metamodel.StarImport(module=module)
        element.names.extend(sorted(words.intersection(names)))
        found.append(element)
    return found


def extract(notebook: EObject) -> Any:
    """The document of a Notebook model as nbformat reads it (`nbformat.NotebookNode`).

    Raises:
        NbmdeError: the model is none of a notebook, or an entry of it does not hold JSON.
    """
    if not is_notebook(notebook):
        reason = f"{label(notebook)} is no notebook"
        raise NbmdeError(reason, remedy="only Notebook models become a document again")
    nbformat: Any = importlib.import_module("nbformat")
    return nbformat.from_dict(mapping.to_document(notebook))


def write(notebook: EObject, path: Path) -> None:
    """Write the document of a Notebook model to a file, whole or not at all, as Jupyter lays it out.

    Raises:
        NbmdeError: the model is none of a notebook, an entry of it does not hold JSON, or the file cannot be written.
    """
    nbformat: Any = importlib.import_module("nbformat.v4.rwbase")
    node = nbformat.split_lines(extract(notebook))
    layout: dict[str, Any] = {"indent": 1, "sort_keys": True, "separators": (",", ": ")}
    try:
        content = json.dumps(node, ensure_ascii=False, **layout).encode()
    except UnicodeEncodeError:  # lone surrogates
        content = json.dumps(node, **layout).encode()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content + b"\n")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise NbmdeError(f"cannot be written: {error.strerror or error}", file=str(path)) from error
