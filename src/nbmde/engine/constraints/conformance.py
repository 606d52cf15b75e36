"""Checks what the metamodel itself demands of every model: multiplicities, values, identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbmde.engine.diagnostics import Diagnostic
from nbmde.engine.models import EObject, Model, identifier, walk
from nbmde.engine.models.slots import Slot, slots

_ID = re.compile(r"[A-Za-z0-9_.-]+")


def conformance(model: Model) -> list[Diagnostic]:
    """Where a model breaks the bounds, the datatypes and the identifiers that its metamodel fixes; in walk order."""
    findings: list[Diagnostic] = []
    ids: dict[str, EObject] = {}
    for element in walk(model):
        for slot in slots(element.eClass).values():
            if slot.written:
                findings += [Diagnostic(name, "error", text, element) for name, text in _violations(element, slot)]
        if (given := identifier(element)) is not None:
            if not _ID.fullmatch(given):
                text = f"id {given!r} holds more than letters, digits, '_', '.' and '-'"
                findings.append(Diagnostic("well_formed_id", "error", text, element))
            elif ids.setdefault(given, element) is not element:
                text = f"id {given!r} is also that of a {ids[given].eClass.name}"
                findings.append(Diagnostic("unique_id", "error", text, element))
    return findings


def _violations(element: EObject, slot: Slot) -> Iterator[tuple[str, str]]:
    """Names of broken constraints and messages, for one feature of one element."""
    feature = slot.feature
    if feature in element._isset:
        value = getattr(element, slot.name)
        values = [one for one in (value if slot.many else [value]) if one is not None]
    else:
        values = [] if slot.default is None else [slot.default]
    lower, upper = feature.lowerBound, feature.upperBound
    if len(values) < lower:
        needed = "is required" if not slot.many else f"needs {lower}, has {len(values)}"
        yield "lower_bound", f"{slot.name} {needed}"
    if slot.many and 0 < upper < len(values):
        yield "upper_bound", f"{slot.name} takes {upper}, has {len(values)}"
    if slot.values is not None:
        for one in values:
            try:
                slot.values.write(one)
            except ValueError as error:
                yield "datatype", f"{slot.name}: {error}"
