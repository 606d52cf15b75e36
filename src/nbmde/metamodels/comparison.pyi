"""Types of the metamodel comparison for checkers alone, made from comparison.ecore by `nbmde metamodel types`."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from nbmde.engine.models.ecore import EEnumLiteral, EList, EObject


class Kind(EEnumLiteral):
    """What happened from the one model to the other."""

    added: ClassVar[Kind]
    removed: ClassVar[Kind]
    changed: ClassVar[Kind]
    moved: ClassVar[Kind]
    name: Literal["added", "removed", "changed", "moved"]


class Comparison(EObject):
    """All differences between two models; none where they are equal."""

    before: EList[EObject]
    """The roots of the one model."""
    after: EList[EObject]
    """The roots of the other model."""
    differences: EList[Difference]
    """In the order of the one model."""

    def __init__(
        self, *, before: Iterable[EObject] = (), after: Iterable[EObject] = (), differences: Iterable[Difference] = ()
    ) -> None: ...


class Difference(EObject):
    """One difference."""

    kind: Kind
    """What happened."""
    feature: str | None
    """Name of the feature that differs; not set where the elements are of different classes."""
    before: str | None
    """What was there, as text; not set for nothing."""
    after: str | None
    """What is there now, as text; not set for nothing."""
    left: EObject | None
    """The element whose feature differs, in the one model."""
    right: EObject | None
    """The one that corresponds to it, in the other model."""
    subject: EObject | None
    """What was removed (from the one model) or added (in the other)."""

    def __init__(
        self,
        *,
        kind: Kind | None = None,
        feature: str | None = None,
        before: str | None = None,
        after: str | None = None,
        left: EObject | None = None,
        right: EObject | None = None,
        subject: EObject | None = None,
    ) -> None: ...
    def eContainer(self) -> Comparison: ...
