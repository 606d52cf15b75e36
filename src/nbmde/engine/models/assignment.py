"""What may be assigned to features: elements of models refuse names and values that their metamodel does not have.

pyecore keeps what is assigned to a misspelt feature beside the model, where nothing saves it; it takes the name of a
literal for the literal, a truth value for a number, and a class for one of its instances. Here, all of these raise
AttributeError or TypeError where they happen: in rules, fixes of constraints, injectors, the code of extensions.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from pyecore.ecore import EClassifier, EEnum, EEnumLiteral, EObject
from pyecore.valuecontainer import BadValueError, ECollection, EList, EOrderedSet

from nbmde.engine.models.structure import features, label

_OWN = frozenset(vars(EObject()))
"""What pyecore itself keeps in an element."""


def guard(eclass: Any) -> None:
    """Make the instances of a class check what is assigned to them, and what is added to their lists."""
    known = {feature.name: feature for feature in features(eclass)}
    types = {name: _type(feature) for name, feature in known.items() if not feature.many}
    plain: Callable[[Any, str, Any], None] = object.__setattr__

    def assign(self: Any, name: str, value: Any) -> None:
        if name in types:
            if value is not None and value.__class__ is not types[name]:
                _check(value, known[name], self)
        elif name not in _OWN and not hasattr(type(self), name):
            near = get_close_matches(name, known, 1)
            raise AttributeError(f"{eclass.name} has no feature {name!r}" + (f": {near[0]}?" if near else ""))
        try:
            plain(self, name, value)
        except BadValueError as error:
            raise _misfit(value, known[name], self) from error

    eclass.python_class.__setattr__ = assign
    for feature in eclass.eStructuralFeatures:
        if feature.many and not feature.derived:
            feature.derived_class = _Values


class _Values:
    """Makes the list of a feature that has many values."""

    @staticmethod
    def create(owner: Any, feature: Any) -> ECollection:
        return _Unique(owner, feature) if feature.unique else _Repeating(owner, feature)


class _Checked:
    """A list that says what it does not take."""

    feature: Any
    owner: Any

    def check(self, value: Any) -> None:
        kind = _type(self.feature)
        if value.__class__ is not kind or kind is EEnumLiteral:
            _check(value, self.feature, self.owner)


class _Unique(_Checked, EOrderedSet):  # type: ignore[misc]
    """Each value once."""


class _Repeating(_Checked, EList):  # type: ignore[misc]
    """Values that may be there several times."""


def _type(feature: Any) -> type:
    """The class in Python of the values of a feature."""
    kind = feature.eType
    if isinstance(kind, EEnum):
        kind = EEnumLiteral
    python = getattr(kind, "python_class", None) or getattr(kind, "eType", None) or kind
    found: type = python if isinstance(python, type) else object
    return found


def _check(value: Any, feature: Any, element: Any) -> None:
    """Refuse a value that a feature does not take. A number that is a truth value is none."""
    kind = _type(feature)
    good = isinstance(value, kind) and not (isinstance(value, bool) and kind is int)
    if not good or (kind is EEnumLiteral and value not in feature.eType.eLiterals):
        raise _misfit(value, feature, element)


def _misfit(value: Any, feature: Any, element: Any) -> TypeError:
    kind = feature.eType
    hint = ""
    if isinstance(kind, EEnum):
        names = [literal.name for literal in kind.eLiterals]
        near = get_close_matches(value, names, 1) if isinstance(value, str) else []
        hint = f": the literal {kind.name}.{near[0]}?" if near else f": one of {', '.join(names)}"
    taken = _type(feature).__name__ if feature.is_attribute and not hint else kind.name
    return TypeError(f"{element.eClass.name}.{feature.name} takes {taken}, not {_said(value)}{hint}")


def _said(value: Any) -> str:
    """A value as messages call it."""
    if isinstance(value, EClassifier):
        return f"{value.name} itself"
    return f"{value.eContainer().name}.{value.name}" if isinstance(value, EEnumLiteral) else label(value)
