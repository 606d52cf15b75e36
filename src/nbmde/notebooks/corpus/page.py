"""The page about a corpus, one file that needs no other; and its table for documents in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2

if TYPE_CHECKING:
    from nbmde.notebooks.corpus import Row

TEMPLATE, MARKDOWN = (Path(__file__).with_name(name) for name in ("page.html.j2", "page.md.j2"))
COLOURS = {  # of results of notebooks and of cells
    "equal": "good",
    "partly compared": "fair",
    "not compared": "fair",
    "differs": "bad",
    "nothing to compare": "none",
    "refused": "fair",
}


def page(rows: Sequence[Row], figures: dict[str, Any]) -> str:
    """The page as HTML.

    Args:
        rows: in the order of the manifest.
        figures: of all together, see `corpus.summary`.
    """
    filters = {
        "label": lambda name: (name[:1].upper() + name[1:]).replace("_", " ").replace("odule level", "odule-level"),
        "colour": lambda status: COLOURS.get(status, "bad"),
        "percent": lambda share: "" if share is None else f"{100 * share:.1f} %",
        "quoted": quote,
    }
    return _rendered(TEMPLATE, filters, rows=rows, figures=figures)


def table(rows: Sequence[Row]) -> str:
    """The notebooks as a table in Markdown."""
    return _rendered(MARKDOWN, {"cell": _cell}, rows=rows)


def _rendered(template: Path, filters: dict[str, Any], **known: Any) -> str:
    environment = jinja2.Environment(  # filters escape, for the language that is written  # nosec B701
        autoescape=template == TEMPLATE, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= filters
    return environment.from_string(template.read_text(encoding="utf-8")).render(known).rstrip() + "\n"


def _cell(text: str) -> str:
    """Text that ends no cell of a table and is no markup."""
    return re.sub(r"([|\\`*_<>\[\]])", r"\\\1", " ".join(text.split()))
