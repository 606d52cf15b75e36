"""Applies the fixes of constraints that do not hold."""

from __future__ import annotations

from collections.abc import Callable

from nbmde.engine.diagnostics import Diagnostic, Fix
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Model, label

ROUNDS = 20
"""A fix may break what another one mends: so often all are applied and everything is checked again."""


def fix(
    model: Model, check: Callable[[Model], list[Diagnostic]], *, automatic: bool = False
) -> list[tuple[Diagnostic, Fix]]:
    """Apply the fixes that there are to a model, until none is left to apply.

    Args:
        model: is changed.
        check: finds what does not hold.
        automatic: apply only the automatic ones.

    Returns:
        What was found and the fix that was applied to it, in this order. What is still wrong, another check tells: so
        it is with what automatic fixes do not mend, as something else is the cause.

    Raises:
        NbmdeError: for a fix that fails, and for others that come to no end; the model is then half done.
    """
    applied: list[tuple[Diagnostic, Fix]] = []
    before: list[tuple[str, EObject | None]] = []
    for _ in range(ROUNDS):
        fixable = [(finding, finding.fix) for finding in check(model) if finding.fix is not None]
        found = [(finding, one) for finding, one in fixable if one.automatic or not automatic]
        mending = [(finding.code, finding.element) for finding, _ in found]
        if not found or (automatic and mending == before):
            return applied
        before = mending
        for finding, one in found:
            try:
                one.do(finding.element)
            except Exception as error:
                reason = f"fix {one.title!r} on {label(finding.element)}: {type(error).__name__}: {error}"
                raise NbmdeError(reason, file=one.file, line=one.line) from error
        applied += found
    last = applied[-1]
    reason = f"fix {last[1].title!r} does not make {last[0].code} hold for {label(last[0].element)}"
    raise NbmdeError(reason, file=last[1].file, line=last[1].line)
