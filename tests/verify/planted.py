"""Notebooks, and faults to plant in the projects made of them, each with the place where it has to be found.

Each file in `planted/` is a notebook with its faults: a line about it and, if it does, what it needs; then parts, each
behind a line that begins with `===`.

    === notebook            the cells; a line of `%%` begins the next one, `%% [tag]` one with a tag
    === file NAME           a file that lies beside it
    === fault: NAME         the cell, the function and the kind of a difference that has to be found, and of which
                            variable or file, if that counts; the file of the project; what stands there once (-), and
                            what takes its place (+). Without + the whole lines go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

FOLDER = Path(__file__).with_suffix("")


@dataclass(frozen=True)
class Fault:
    """A text that stands once in a file of the project is replaced.

    Attributes:
        notebook: whose project it is planted in.
        cell, function: of the first difference that has to be found.
        kind: of one of the differences in that cell and function.
        about: the variable or file that one is about; empty for any.
    """

    name: str
    notebook: str
    file: str
    before: str
    after: str
    cell: int
    function: str
    kind: str
    about: str = ""


@dataclass
class Planted:
    """A notebook and the faults in its project.

    Attributes:
        needs: a module without which it does not run.
        files: that lie beside it, by name.
    """

    name: str
    needs: str = ""
    cells: list[tuple[str, list[str]]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """Writes notebook and files into a new folder; returns the notebook's path."""
        folder.mkdir(parents=True)
        cells = [
            nbformat.v4.new_markdown_cell(source)
            if source.startswith("#")
            else nbformat.v4.new_code_cell(source, metadata={"tags": tags} if tags else {})
            for source, tags in self.cells
        ]
        path = folder / f"{self.name}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        for name, text in self.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return path


def _read(path: Path) -> Planted:
    result = Planted(path.stem)
    head, *blocks = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if needs := re.search(r"^needs (\w+)$", head, re.MULTILINE):
        result.needs = needs[1]
    for block in blocks:
        title, _, text = block.partition("\n")
        if title == "notebook":
            pieces = re.split(r"^%%(?: \[(.*)\])?\n", text, flags=re.MULTILINE)
            for tags, source in zip([None, *pieces[1::2]], pieces[::2], strict=True):
                result.cells.append((source.strip("\n"), tags.split(", ") if tags else []))
        elif title.startswith("file "):
            result.files[title.removeprefix("file ")] = text.rstrip("\n") + "\n"
        else:
            result.faults.append(_fault(title.removeprefix("fault: "), path.stem, text))
    return result


def _fault(name: str, notebook: str, text: str) -> Fault:
    place, file, *lines = text.strip("\n").split("\n")
    before, after = ("\n".join(line[1:] for line in lines if line[0] == sign) for sign in "-+")
    before += "" if after else "\n"
    found = re.fullmatch(r"(\d+) (\S+): ([a-z ]+?)(?: of (.+))?", place)
    assert found is not None, f"{notebook}: {name}: {place}"
    cell, function, kind, about = found.groups()
    return Fault(name, notebook, file, before, after, int(cell), function, kind, about or "")


NOTEBOOKS = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.txt"))}
FAULTS = [fault for planted in NOTEBOOKS.values() for fault in planted.faults]
