"""Which cells of a notebook are executed, by the rules of nbclient: everything else of it computes nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from nbmde.notebooks.elements import is_code_cell

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import CodeCell, Notebook

SKIPPED = "skip-execution"
"""The tag of cells that are left out (`nbclient.NotebookClient.skip_cells_with_tag`)."""


def code_cells(notebook: Notebook) -> list[CodeCell]:
    """The cells of a Notebook model that are executed, in their order; of those without code nothing is computed."""
    return [cell for cell in notebook.cells if is_code_cell(cell) and SKIPPED not in cell.tags]


def skipped_cells(notebook: Notebook) -> list[CodeCell]:
    """The cells of a Notebook model that hold code and are left out because of their tag."""
    cells = [cell for cell in notebook.cells if is_code_cell(cell) and SKIPPED in cell.tags]
    return [cell for cell in cells if (cell.source or "").strip()]


def executed(node: Any) -> list[int]:
    """The cells of a document (as nbformat reads it) that a kernel is sent, by their positions from 1."""
    return [number for number, cell in enumerate(node.cells, 1) if _is_code(cell) and cell.source.strip()]


def code(node: Any) -> list[str]:
    """The sources of the cells of a document that are executed."""
    return [cell.source for cell in node.cells if _is_code(cell)]


def _is_code(cell: Any) -> bool:
    tags: Collection[Any] = cell.metadata.get("tags", ()) or ()
    return bool(cell.cell_type == "code") and SKIPPED not in tags
