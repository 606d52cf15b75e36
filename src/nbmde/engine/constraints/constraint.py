"""Constraints on the elements of a model, and sets of them; after Epsilon's validation language (EVL)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, TypeVar

from nbmde.engine.diagnostics import Diagnostic, Fix
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EClass, EObject, Model, Registry, is_kind, label, walk

SEVERITIES = {"error": "error", "critique": "warning"}
"""How EVL calls them, and how a diagnostic does: an error makes a model unusable; a critique is advice."""

Check = Callable[[Any], bool | str | None]  # of an element of the context
Guard = Callable[[Any], bool]
_F = TypeVar("_F", bound=Check)
_C = TypeVar("_C", bound=Callable[[Any], Any])


@dataclass(frozen=True)
class Constraint:
    """A condition that must hold for the instances of a class and of its subclasses.

    Attributes:
        context: name of the class.
        check: True or None if it holds; False, or a message, if it does not.
        message: what is wrong where the check returns False.
        guard: whether the constraint is for an element at all.
        satisfies: constraints that must hold for the element before this one is checked.
        fix: what makes it hold.
    """

    name: str
    context: str
    check: Check
    message: str
    guard: Guard | None
    severity: str
    satisfies: tuple[str, ...]
    fix: Fix | None = None

    @property
    def file(self) -> str:
        """The file of the check."""
        return self.check.__code__.co_filename

    @property
    def line(self) -> int:
        """The first line of the check in its file."""
        return self.check.__code__.co_firstlineno


class ConstraintSet:
    """The constraints of one metamodel.

    Args:
        metamodel: name of the metamodel.
    """

    def __init__(self, metamodel: str) -> None:
        self.metamodel = metamodel
        self._constraints: dict[str, Constraint] = {}

    @property
    def constraints(self) -> Mapping[str, Constraint]:
        """All constraints by name, sorted by name."""
        return dict(sorted(self._constraints.items()))

    def constraint(
        self,
        context: str,
        *,
        message: str | None = None,
        guard: Guard | None = None,
        severity: str = "error",
        satisfies: tuple[str, ...] | str = (),
    ) -> Callable[[_F], _F]:
        """Make a function the check of a constraint (see `Constraint`), named after the function.

        Args:
            message: by default the first line of the function's docstring, else its name in words.
        """

        def register(check: _F) -> _F:
            name = check.__name__
            default = (check.__doc__ or "").strip().partition("\n")[0] or name.replace("_", " ") + " does not hold"
            needed = (satisfies,) if isinstance(satisfies, str) else tuple(satisfies)
            constraint = Constraint(name, context, check, message or default, guard, severity, needed)
            if severity not in SEVERITIES:
                raise _misfit(constraint, f"severity {severity!r} is none of {', '.join(SEVERITIES)}")
            if name in self._constraints:
                raise _misfit(constraint, f"metamodel {self.metamodel} has another constraint of that name")
            self._constraints[name] = constraint
            return check

        return register

    def fix(self, constraint: str, title: str, *, automatic: bool = False) -> Callable[[_C], _C]:
        """Make a function the fix of a constraint of this set: it is called with the element, which it changes.

        Args:
            title, automatic: see `Fix`.

        Raises:
            NbmdeError: for a constraint that is not there yet, or has a fix.
        """

        def register(do: _C) -> _C:
            fix = Fix(title, do, automatic)
            known = self._constraints.get(constraint)
            if known is None or known.fix is not None:
                reason = f"there is no constraint {constraint!r}" if known is None else f"{constraint} has another fix"
                raise NbmdeError(f"fix {title!r}: {reason}", file=fix.file, line=fix.line)
            self._constraints[constraint] = replace(known, fix=fix)
            return do

        return register

    def extended(self, other: ConstraintSet) -> ConstraintSet:
        """This set with the constraints of another one, which override those of the same name."""
        merged = ConstraintSet(self.metamodel)
        merged._constraints = {**self._constraints, **other._constraints}
        return merged

    def check(self, model: Model, registry: Registry) -> list[Diagnostic]:
        """Report what does not hold in a model: in walk order, for each element in the order of the constraints' names.

        Raises:
            NbmdeError: for constraints that do not fit together or to the metamodel, and for a check that fails.
        """
        ordered = list(_in_order(self._constraints))
        contexts = {constraint.name: self._eclass(constraint, registry) for constraint in ordered}
        by_class: dict[EClass, list[Constraint]] = {}
        findings: list[Diagnostic] = []
        for element in walk(model):
            applicable = by_class.get(element.eClass)
            if applicable is None:
                applicable = [constraint for constraint in ordered if is_kind(element, contexts[constraint.name])]
                by_class[element.eClass] = applicable
            found: dict[str, Diagnostic] = {}
            failed: set[str] = set()  # those that do not hold, and those that need them
            for constraint in applicable:
                if not failed.isdisjoint(constraint.satisfies):
                    failed.add(constraint.name)
                elif (finding := _evaluate(constraint, element)) is not None:
                    failed.add(constraint.name)
                    found[constraint.name] = finding
            findings += [found[name] for name in sorted(found)]
        return findings

    def _eclass(self, constraint: Constraint, registry: Registry) -> EClass:
        package, _, name = constraint.context.rpartition(".")
        ecore = registry[package or self.metamodel].ecore
        eclass: EClass | None = ecore.getEClassifier(name)
        if eclass is None:
            near = get_close_matches(name, [classifier.name for classifier in ecore.eClassifiers], 1)
            remedy = f"{near[0]}?" if near else None
            raise _misfit(constraint, f"metamodel {ecore.name} has no class {name!r}", remedy)
        return eclass


def _evaluate(constraint: Constraint, element: EObject) -> Diagnostic | None:
    try:
        if constraint.guard is not None and not constraint.guard(element):
            return None
        outcome = constraint.check(element)
    except NbmdeError:
        raise
    except Exception as error:
        raise _misfit(constraint, f"on {label(element)}: {type(error).__name__}: {error}") from error
    if outcome is True or outcome is None:
        return None
    if outcome is not False and not isinstance(outcome, str):
        raise _misfit(constraint, f"on {label(element)}: {outcome!r} is neither a truth value nor a message")
    message = outcome or constraint.message
    fix = constraint.fix
    remedy = f"{fix.title}: nbmde validate --fix" if fix is not None else None
    return Diagnostic(constraint.name, SEVERITIES[constraint.severity], message, element, remedy=remedy, fix=fix)


def _in_order(constraints: Mapping[str, Constraint]) -> Iterator[Constraint]:
    """The constraints, each after those that it needs, otherwise by name."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> Iterator[Constraint]:
        if name in done:
            return
        constraint = constraints[name]
        for other in constraint.satisfies:
            if other not in constraints:
                raise _misfit(constraint, f"needs {other!r}, which does not exist")
            if other in (*path, name):
                raise _misfit(constraint, f"needs {other!r}, which needs it")
            yield from visit(other, (*path, name))
        done.add(name)
        yield constraint

    for name in sorted(constraints):
        yield from visit(name, ())


def _misfit(constraint: Constraint, reason: str, remedy: str | None = None) -> NbmdeError:
    text = f"constraint {constraint.name}: {reason}"
    return NbmdeError(text, file=constraint.file, line=constraint.line, remedy=remedy)
