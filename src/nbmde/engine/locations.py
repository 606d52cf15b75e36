"""Where metamodels, transformations and templates are found: in a checkout, in an installed wheel, in extensions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

KINDS = ("metamodels", "transformations", "templates")


@cache
def home() -> Path:
    """The folder that holds nbmde's own ``metamodels/``, ``transformations/`` and ``templates/``."""
    checkout = Path(__file__).resolve().parents[3]
    if all((checkout / kind).is_dir() for kind in KINDS):
        return checkout
    return Path(__file__).resolve().parents[1] / "share"


def roots(kind: str, extensions: tuple[Path, ...] = ()) -> Iterator[Path]:
    """Folders of one kind (of `KINDS`), nbmde's own first, then those of the extensions in their order."""
    for root in (home(), *extensions):
        if (root / kind).is_dir():
            yield root / kind
