"""The runtime of a generated project shows what a kernel shows: the same text and the same pictures, byte by byte."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from cells import CELLS, SETUP
from nbclient import NotebookClient

REPLAY = Path(__file__).with_name("replay.py")


@dataclass
class Shown:
    """What a cell shows."""

    text: str
    pictures: list[bytes]


def masked(text: str) -> str:
    """Text without addresses and durations, which no two runs share."""
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", text)
    return re.sub(r"[\d.]+ (s|ms|μs|ns)\b", "TIME", text)


def shown_by_kernel(cell: Any) -> Shown:
    """Standard output and the plain text of shown values; of figures that `plt.show()` shows the picture alone."""
    text, pictures = "", []
    for output in cell.outputs:
        if output.output_type == "stream":
            text += output.text if output.name == "stdout" else ""
            continue
        data = output.data
        by_show = output.output_type == "display_data" and data.get("text/plain", "").startswith("<Figure size")
        if "text/plain" in data and not by_show:
            text += data["text/plain"] + "\n"
        pictures += [base64.b64decode(data["image/png"])] if "image/png" in data else []
    return Shown(masked(text), pictures)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, python: Any) -> dict[str, tuple[Shown, Shown]]:
    """What each cell shows in a kernel and outside, by the name of the cell."""
    folder = tmp_path_factory.mktemp("shown")
    picture = folder / "picture.png"
    picture.write_bytes(
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
        )
    )
    sides = [[cell if isinstance(cell, str) else cell[side] for cell in CELLS.values()] for side in (0, 1)]
    setup = f"{SETUP}\npicture = {str(picture)!r}"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in (setup, *sides[0])])
    place = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name="python3", timeout=300, resources=place).execute()
    (folder / "written.txt").unlink()
    (folder / "cells.json").write_text(json.dumps([setup, *sides[1]]))
    done = python(str(REPLAY), str(folder / "cells.json"), str(folder), cwd=folder)
    assert done.returncode == 0, done.stderr
    result = {}
    for number, name in enumerate(CELLS, 1):
        place = folder / str(number)
        pictures = [file.read_bytes() for file in sorted((place / "figures").glob("figure-*"))]
        text = (place / "text").read_bytes().decode()
        result[name] = shown_by_kernel(notebook.cells[number]), Shown(masked(text), pictures)
    return result


@pytest.mark.parametrize("name", CELLS)
def test_cell_shows_the_same(both: dict[str, tuple[Shown, Shown]], name: str) -> None:
    kernel, outside = both[name]
    assert outside.text == kernel.text
    assert [picture == other for picture, other in zip(outside.pictures, kernel.pictures, strict=False)] == [
        True
    ] * len(kernel.pictures)
    assert len(outside.pictures) == len(kernel.pictures)


def test_cells_show_text_and_pictures(both: dict[str, tuple[Shown, Shown]]) -> None:
    assert sum(bool(kernel.text) for kernel, _ in both.values()) > 40
    assert sum(len(kernel.pictures) for kernel, _ in both.values()) > 12
