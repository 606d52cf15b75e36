"""The page about a corpus: one file that needs no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2

if TYPE_CHECKING:
    from nbmde.corpus import Row

TEMPLATE = Path(__file__).with_name("page.html.j2")
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
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters |= {
        "label": lambda name: (name[:1].upper() + name[1:]).replace("_", " ").replace("odule level", "odule-level"),
        "colour": lambda status: COLOURS.get(status, "bad"),
        "percent": lambda share: "" if share is None else f"{100 * share:.1f} %",
        "quoted": quote,
    }
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(rows=rows, figures=figures) + "\n"
