"""Constraints on traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine.constraints import ConstraintSet

if TYPE_CHECKING:
    from nbmde.metamodels.trace import Link, Region

constraints = ConstraintSet("trace")


@constraints.constraint("Link")
def link_connects(link: Link) -> bool:
    """A link has something at both ends"""
    return len(link.sources) > 0 and len(link.targets) > 0


@constraints.constraint("Region")
def region_has_lines(region: Region) -> bool:
    """A region begins before it ends"""
    return bool(1 <= region.firstLine <= region.lastLine)
