"""Reads what the notebook says in Markdown: its title, and the headings and text above each cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from nbmde.notebooks.elements import is_markdown_cell

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell

_ATX = re.compile(r"^ {0,3}(#{1,6})[ \t]*(.+?)[ \t#]*$")
_HTML = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.I | re.S)


@dataclass
class Prose:
    """The Markdown above a cell: its last heading, and what follows it."""

    title: str = ""
    text: str = ""
    level: int = 0
    cell: int = 0  # where it stands first


def split(source: str) -> list[Prose]:
    """A Markdown cell as headings, each with the text behind it; the first may have no heading."""
    parts = [Prose()]
    fence = ""
    lines = _HTML.sub(lambda match: "\n" + "#" * int(match[1]) + " " + " ".join(match[2].split()) + "\n", source).split(
        "\n"
    )
    for line in lines:
        marker = re.match(r"^ {0,3}(```+|~~~+)", line)
        if marker and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else marker[1]
        heading = None if fence else _ATX.match(line)
        if heading:
            parts.append(Prose(plain(heading[2]), "", len(heading[1])))
        elif (
            not fence
            and re.match(r"^ {0,3}(=+|-{3,})\s*$", line)
            and parts[-1].text.strip()
            and "\n" not in parts[-1].text.strip()
        ):
            parts.append(Prose(plain(parts[-1].text), "", 1 if "=" in line else 2))
            parts[-2].text = ""
        else:
            parts[-1].text += line + "\n"
    for part in parts:
        part.text = part.text.strip()
    return [part for part in parts if part.title or part.text]


def plain(text: str) -> str:
    """A heading without markup."""
    text = re.sub(r"<[^>]*>", "", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|\*|`|~~)(.+?)\1", r"\2", text)
    return " ".join(text.split()).rstrip(":").strip()


def title(parts: Sequence[Prose], words: Mapping[str, Sequence[str]]) -> Prose | None:
    """The title of a notebook among the headings above its code: the first of level 1, else the first of all.

    Args:
        words: of headings, as `layout.toml` has them. One that says only what any notebook begins with is none.
    """
    headings = [part for part in parts if part.title]
    of_level_1 = next((part for part in headings if part.level == 1 and _says_more(part.title, words)), None)
    first = next((part for part in headings[:1] if _says_more(part.title, words)), None)
    return of_level_1 or first


def _says_more(heading: str, words: Mapping[str, Sequence[str]]) -> bool:
    """Does a heading say more than what any notebook begins with?"""
    said = [word for word in re.findall(r"[^\W\d_]+", heading.lower()) if word not in words["filler"]]
    return not all(word.startswith(tuple(words["parts"])) for word in said)


def above_cells(cells: Iterable[Cell], headings: Mapping[str, Sequence[str]]) -> tuple[Prose | None, dict[int, Prose]]:
    """Title of the notebook, and prose by the position of its Markdown cell.

    Args:
        headings: words of headings, from ``layout.toml``.
    """
    prose: dict[int, Prose] = {}
    cells = list(cells)
    read = {cell.position: split(cell.source or "") for cell in cells if is_markdown_cell(cell)}
    for position, parts in read.items():
        for part in parts:
            part.cell = position
    above = takewhile(lambda cell: is_markdown_cell(cell) or not (cell.source or "").strip(), cells)
    first = title([part for cell in above for part in read.get(cell.position, ())], headings)
    for cell in cells:
        for part in read.get(cell.position, ()):
            if part is first:
                continue
            known = prose.get(cell.position)
            if known is None:
                prose[cell.position] = Prose(part.title, part.text, part.level, cell.position)
            else:
                known.title = part.title or known.title
                known.text = "\n\n".join(text for text in (known.text, part.text) if text)
    return first, prose
