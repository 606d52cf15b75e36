"""Constraints on traces."""

from __future__ import annotations

from nbmde.engine.constraints import ConstraintSet
from nbmde.engine.models import EObject

constraints = ConstraintSet("trace")


@constraints.constraint("Link")
def link_connects(link: EObject) -> bool:
    """A link has something at both ends"""
    return len(link.sources) > 0 and len(link.targets) > 0


@constraints.constraint("Region")
def region_has_lines(region: EObject) -> bool:
    """A region begins before it ends"""
    return bool(1 <= region.firstLine <= region.lastLine)
