"""Checked assignment to features: elements of models refuse names and values that their metamodel does not have.

pyecore keeps what is assigned to a misspelt feature beside the model, where nothing saves it; it takes the name of a
literal for the literal, a truth value for a number, and a class for one of its instances. Here, all of these raise
AttributeError or TypeError where they happen: in rules, fixes of constraints, injectors, the code of extensions.

Elements keep the values of attributes, and lists, where Python itself finds them. pyecore keeps each value in an object
of its own, which it asks for it, and climbs to the root of the model whenever one is set, to tell those that listen to
a file: here, one listens to elements.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from pyecore.ecore import EClassifier, EEnum, EEnumLiteral, EObject
from pyecore.notification import Kind, Notification
from pyecore.valuecontainer import BadValueError, ECollection, EList, EOrderedSet

from nbmde.engine.models.structure import features, label

_OWN = frozenset(vars(EObject()))
"""The attributes that pyecore itself keeps in an element."""
_plainly: Callable[[Any, str, Any], None] = object.__setattr__


def guard(eclass: Any) -> None:
    """Make the instances of a class check what is assigned to them, and what is added to their lists."""
    python: Any = eclass.python_class
    for feature in eclass.eStructuralFeatures:
        if feature.many and not feature.derived:
            feature.derived_class = _Values
        if not python._staticEClass and (made := _descriptor(feature)):  # of a static class there may be elements
            setattr(python, feature.name, made(feature))
    known: dict[str, Any] = {feature.name: feature for feature in features(eclass)}
    types = {name: _type(feature) for name, feature in known.items() if not feature.many}
    defined = {name: _defined(python, name) for name in known}
    attributes = {name for name in known if isinstance(defined[name], _Attribute)}
    lists = {name for name in known if isinstance(defined[name], _List)}

    def assign(self: Any, name: str, value: Any) -> None:
        if name in types:
            if value is not None and (value.__class__ is not types[name] or value.__class__ is EEnumLiteral):
                _check(value, known[name], self)
            if name in attributes:
                _keep(self, known[name], name, value)
                return
        elif name not in known and name not in _OWN and not hasattr(type(self), name):
            near = get_close_matches(name, known, 1)
            raise AttributeError(f"{eclass.name} has no feature {name!r}" + (f": {near[0]}?" if near else ""))
        try:
            if name in lists:
                known[name].__set__(self, value)
            else:
                _plainly(self, name, value)
        except BadValueError as error:
            raise _misfit(value, known[name], self) from error

    def reset(self: Any, name: str) -> None:
        if name in known:
            known[name].__delete__(self)
        else:
            object.__delattr__(self, name)

    python.__setattr__ = assign
    python.__delattr__ = reset
    python.notify = _notify


class _Attribute:
    """An attribute of one value, which an element has itself as soon as it is set: asked for the default alone."""

    def __init__(self, feature: Any) -> None:
        self.feature = feature

    def __get__(self, element: Any, owner: Any = None) -> Any:
        return self.feature if element is None else self.default

    @cached_property
    def default(self) -> Any:
        """The value in elements for which nothing is set."""
        return self.feature.get_default_value()


class _List:
    """A feature of many values: an element has the list itself as soon as it is asked for."""

    def __init__(self, feature: Any) -> None:
        self.feature = feature

    def __get__(self, element: Any, owner: Any = None) -> Any:
        return self.feature.__get__(element, owner)


def _descriptor(feature: Any) -> type[_Attribute] | type[_List] | None:
    """Choose the descriptor that finds what elements have in a feature; None where that is left to pyecore."""
    if feature.derived:
        return None
    if feature.many:
        return _List
    owned = getattr(feature.eType, "type_as_factory", False)  # each element has a default of its own
    return _Attribute if feature.is_attribute and not owned else None


def _defined(python: type, name: str) -> Any:
    """Find the attribute of a class by its name, along the order of its bases; None if there is none."""
    return next((vars(one)[name] for one in python.__mro__ if name in vars(one)), None)


def _keep(element: Any, feature: Any, name: str, value: Any) -> None:
    """Set an attribute that is kept as it is."""
    listeners = element.listeners
    before = getattr(element, name) if listeners else None
    _plainly(element, name, value)
    element._isset[feature] = None
    if listeners:
        kind = Kind.UNSET if value is None else Kind.SET
        element.notify(Notification(old=before, new=value, feature=feature, kind=kind))


def _notify(element: Any, notification: Notification) -> None:
    """Tell those that listen to an element of a change."""
    notification.notifier = element
    for listener in (*element._eternal_listener, *element.listeners):
        listener.notifyChanged(notification)


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
