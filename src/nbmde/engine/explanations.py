"""Explains the codes of diagnostics: those of findings, of constraints, and of what every metamodel demands."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from difflib import get_close_matches

from nbmde.engine import constraints, knowledge
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Registry

TABLE = "findings"
"""Of the knowledge: what transformations tell of a model, by code."""
INPUT = "the input"
_CONFORMANCE = {
    "lower_bound": ("A feature that its metamodel requires has no value, or too few.", "Give it one."),
    "upper_bound": ("A feature has more values than its metamodel allows.", "Take some away."),
    "datatype": ("A value is none of the data type of its attribute.", "Write one as the metamodel's page says."),
    "well_formed_id": ("An id has characters that XMI cannot refer to.", "Use letters, digits, '_', '.' and '-'."),
    "unique_id": ("Two elements of a model have the same id.", "Give one of them another id."),
}


@dataclass(frozen=True)
class Explanation:
    """The meaning of a code of findings.

    Attributes:
        severity: as in a diagnostic.
        about: what it is found in: `INPUT`, or the class of an element.
        meaning: in whole sentences.
        example: code or an element in which it is found; empty if there is none.
        remedy: what to do about it; empty if the message says it.
    """

    code: str
    severity: str
    about: str
    meaning: str
    example: str = ""
    remedy: str = ""


def explanations(registry: Registry) -> list[Explanation]:
    """All codes: of findings in the order of their table, then of constraints by metamodel, then of conformance.

    Constraints of two metamodels may have the same name.
    """
    found = []
    for code, row in knowledge.table(TABLE, registry.extensions)[TABLE].items():
        meaning, example, remedy = row["meaning"], row.get("example", ""), row.get("remedy", "")
        found.append(Explanation(code, row["severity"], INPUT, meaning, example, remedy))
    for metamodel in registry:
        for constraint in constraints.find(metamodel, registry.extensions).constraints.values():
            said = " ".join((inspect.getdoc(constraint.check) or constraint.message).split())
            remedy = f"{constraint.fix.title}: nbmde validate --fix." if constraint.fix is not None else ""
            severity = constraints.SEVERITIES[constraint.severity]
            about = constraint.context if "." in constraint.context else f"{metamodel}.{constraint.context}"
            found.append(Explanation(constraint.name, severity, about, said, "", remedy))
    for code, (meaning, remedy) in _CONFORMANCE.items():
        found.append(Explanation(code, "error", "any element", meaning, "", remedy))
    return found


def explain(code: str, registry: Registry) -> list[Explanation]:
    """Explain a code, for each metamodel that has it.

    Raises:
        NbmdeError: there is none such.
    """
    known = explanations(registry)
    found = [one for one in known if one.code == code]
    if not found:
        near = get_close_matches(code, [one.code for one in known], 1)
        remedy = f"{near[0]}?" if near else "nbmde explain lists all"
        raise NbmdeError(f"there is no diagnostic {code!r}", remedy=remedy)
    return found
