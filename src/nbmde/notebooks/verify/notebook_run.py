"""Runs a notebook from its first to its last cell in a kernel of a given Python, and tells what each cell did."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

from nbmde.notebooks import kernel
from nbmde.notebooks.inject import document, execution
from nbmde.notebooks.verify.copies import Copy
from nbmde.notebooks.verify.runs import INSIDE, SVG, UNRENDERED, WIDGET, CellRun, picture_digest
from nbmde.notebooks.verify.text import FIGURE

RICH = '<pre style="white-space:pre;overflow-x:auto'  # of the library rich, which prints the same text elsewhere
PICTURES = ("image/png", "image/jpeg")
TEXTS = ("text/html", "text/latex", "text/markdown", "text/plain", "image/svg+xml")


def run(
    copy: Copy, python: Path, variables: dict[str, str], told: dict[str, Any], work: Path, timeout: float, source: Path
) -> tuple[dict[int, CellRun], float]:
    """Runs the copy of a notebook.

    Args:
        variables: of the environment.
        told: what `inside.watch_kernel` is told; the cells are added.
        work: an empty folder for files of this run.
        timeout: seconds for the whole.
        source: the notebook as the user named it, for messages.

    Returns:
        What each code cell did, by its position in the document from 1; and how many seconds it took, without those for
        the record.

    Raises:
        NotebookFails: it fails, with the cell; takes too long; or the kernel dies.
        NbmdeError: the kernel does not start.
    """
    node = document.read(copy.notebook).node
    cells = execution.executed(node)
    told = {**told, "cells": cells, "record": str(work / "record.jsonl")}
    (work / "told.json").write_text(json.dumps(told), encoding="utf-8")
    inside = kernel.run_first(INSIDE, "watch_kernel", work / "told.json")
    remedy = "; ".join(filter(None, ["nothing was compared; repair it first", copy.missing()]))
    begin = time.monotonic()
    kernel.execute(node, copy.notebook.parent, python, variables, inside, work, timeout, source, remedy)
    seconds = time.monotonic() - begin
    runs = {number: _cell_run(node.cells[number - 1]) for number in cells}
    for line in (work / "record.jsonl").read_text(encoding="utf-8", errors="surrogatepass").splitlines():
        entry = json.loads(line)
        seconds -= entry["seconds"]
        if entry["cell"] in runs:
            run = runs[entry["cell"]]
            run.variables, run.generators, run.files = entry["variables"], entry["generators"], entry["files"]
            run.options = entry["options"]
            run.fault = entry.get("fault", "")
            run.omitted, run.errors, run.rereads = entry["omitted"], entry["errors"], entry["rereads"]
    return runs, seconds


def _cell_run(cell: Any) -> CellRun:
    """Collect what a cell printed and showed."""
    result = CellRun()
    for output in cell.outputs:
        if output.output_type == "stream":
            if output.name == "stdout":
                result.text += output.text
            else:
                result.complaints += output.text
        elif output.output_type in ("execute_result", "display_data"):
            result.pictures += [
                picture_digest(base64.b64decode(output.data[kind])) for kind in PICTURES if kind in output.data
            ]
            result.pictures += [SVG for kind in output.data if kind == "image/svg+xml"]
            if not any(kind.startswith("image/") for kind in output.data):
                axes = FIGURE.findall(f"{output.data.get('text/plain', '')}\n")
                result.pictures += [UNRENDERED for count in axes if int(count)]  # an empty figure has no picture
            result.shown |= {kind for kind in output.data if kind not in (*PICTURES, *TEXTS)}
            plain = output.data.get("text/plain")
            if plain is not None:
                ended = output.data.get("text/html", "").startswith(RICH)
                result.text += plain if ended else f"{plain}\n"
                result.widgets += [f"{plain}\n"] if WIDGET in output.data else []
    return result
