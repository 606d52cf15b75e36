"""Checks what the metamodel itself demands of every model: multiplicities, values, identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from nbmde.engine.diagnostics import Diagnostic
from nbmde.engine.models import EClass, EObject, Model, identifier, walk
from nbmde.engine.models.slots import Slot, slots

_ID = re.compile(r"[A-Za-z0-9_.-]+")


def conformance(model: Model) -> list[Diagnostic]:
    """Where a model breaks the bounds, the datatypes and the identifiers that its metamodel fixes; in walk order."""
    findings: list[Diagnostic] = []
    ids: dict[str, EObject] = {}
    for element in walk(model):
        isset = element._isset
        for slot, lower, upper in _bounded(element.eClass):
            if slot.feature in isset:
                broken = _violations(element, slot, lower, upper)
                findings += [Diagnostic(name, "error", text, element) for name, text in broken]
            elif lower and slot.default is None:
                name, text = _too_few(slot, lower, 0)
                findings.append(Diagnostic(name, "error", text, element))
        if (given := identifier(element)) is not None:
            if not _ID.fullmatch(given):
                text = f"id {given!r} holds more than letters, digits, '_', '.' and '-'"
                findings.append(Diagnostic("well_formed_id", "error", text, element))
            elif ids.setdefault(given, element) is not element:
                text = f"id {given!r} is also that of a {ids[given].eClass.name}"
                findings.append(Diagnostic("unique_id", "error", text, element))
    return findings


@cache
def _bounded(eclass: EClass) -> tuple[tuple[Slot, int, int], ...]:
    """How the features of a class appear in files, and how many values they take, as far as they are written."""
    found = (slot for slot in slots(eclass).values() if slot.written)
    return tuple((slot, slot.feature.lowerBound, slot.feature.upperBound) for slot in found)


def _violations(element: EObject, slot: Slot, lower: int, upper: int) -> Iterator[tuple[str, str]]:
    """Names of broken constraints and messages, for one feature of one element."""
    value = getattr(element, slot.name)
    values = [one for one in (value if slot.many else [value]) if one is not None]
    if len(values) < lower:
        yield _too_few(slot, lower, len(values))
    if slot.many and 0 < upper < len(values):
        yield "upper_bound", f"{slot.name} takes {upper}, has {len(values)}"
    if slot.values is not None:
        for one in values:
            try:
                slot.values.write(one)
            except ValueError as error:
                yield "datatype", f"{slot.name}: {error}"


def _too_few(slot: Slot, lower: int, count: int) -> tuple[str, str]:
    needed = "is required" if not slot.many else f"needs {lower}, has {count}"
    return "lower_bound", f"{slot.name} {needed}"
