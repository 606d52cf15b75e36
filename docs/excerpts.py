"""Fills in what pages show of generated code: python docs/excerpts.py README.md docs/tutorial.md

The code block after each of these comments is replaced by what the conversion of the churn example gives now:

    <!-- tree -->                                the files of the project
    <!-- function PATH containing TEXT -->       the first function in a file whose code contains a text
    <!-- lines PATH from TEXT to TEXT -->        lines of a file, from the first that contains a text to the next such
    <!-- lines PATH from TEXT -->                the same, to the next empty line
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from nbmde.engine import locations, pipeline
from nbmde.engine.models import Registry

BLOCK = re.compile(r"(<!-- (tree|function|lines)(?: (.*?))? -->\n```\w*\n)(.*?)(```)", re.DOTALL)


def project() -> dict[str, str]:
    """The text files of the converted example, by path."""
    notebook = locations.home() / "examples" / "churn" / "churn.ipynb"
    registry = Registry()
    chain = pipeline.find("nb2project")
    files = pipeline.run(chain, notebook, registry, {}).files
    return {path: file.content.decode(errors="replace") for path, file in files.items()}


def updated(page: str, files: Mapping[str, str]) -> str:
    """A page with its blocks filled in.

    Raises:
        LookupError: a block names something that the project does not have.
    """
    return BLOCK.sub(lambda found: found[1] + FILL[found[2]](files, found[3] or "") + found[5], page)


def _tree(files: Mapping[str, str], _: str) -> str:
    """Folders with the files in them, a folder a line; without empty `__init__.py` and what lies below `.nbmde`."""
    folders: dict[str, list[str]] = {}
    for path in sorted(files):
        folder, _, name = path.rpartition("/")
        if folder.startswith(".nbmde/"):
            continue
        if name != "__init__.py" or files[path].strip():
            folders.setdefault(folder, []).append(name)
    width = max(len(folder) for folder in folders) + 3
    lines = []
    for folder, names in folders.items():
        row = f"{folder}/" if folder else "."
        for name in names:
            if len(row.ljust(width)) + len(name) > 96:
                lines.append(row)
                row = ""
            row = f"{row.ljust(width)}{name} " if not row.strip() or row.endswith(("/", ".")) else f"{row}{name} "
        lines.append(row)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _function(files: Mapping[str, str], argument: str) -> str:
    path, _, text = argument.partition(" containing ")
    source = files[path]
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            code = "".join(lines[first - 1 : node.end_lineno])
            if text in code:
                return code
    raise LookupError(f"{path} has no function that contains {text!r}")


def _lines(files: Mapping[str, str], argument: str) -> str:
    found = re.fullmatch(r"(\S+) from (.+?)(?: to (.+))?", argument)
    if found is None:
        raise LookupError(f"not lines of a file: {argument}")
    path, begin, end = found.groups()
    lines = files[path].splitlines(keepends=True)
    first = next((number for number, line in enumerate(lines) if begin in line), None)
    if first is None:
        raise LookupError(f"{path} has no line that contains {begin!r}")
    if end is None:
        return "".join(itertools.takewhile(str.strip, lines[first:]))
    last = next((number for number in range(first + 1, len(lines)) if end in lines[number]), None)
    if last is None:
        raise LookupError(f"{path} has no line after it that contains {end!r}")
    return "".join(lines[first : last + 1])


FILL: Mapping[str, Callable[[Mapping[str, str], str], str]] = {"tree": _tree, "function": _function, "lines": _lines}


if __name__ == "__main__":
    generated = project()
    for name in sys.argv[1:]:
        place = Path(name)
        place.write_text(updated(place.read_text(encoding="utf-8"), generated), encoding="utf-8")
