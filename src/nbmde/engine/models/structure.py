"""The structure that all models share: features, containment, identifiers, labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, TypeVar, overload

from nbmde.engine.models.ecore import EClass, EFeature, EObject, EPackage

if TYPE_CHECKING:
    Model: TypeAlias = EObject | Sequence[EObject]
else:
    Model = Any
"""A model is given by its root or, where it has several or none, by its roots."""
_T = TypeVar("_T", bound=EObject)


@cache
def features(eclass: EClass) -> tuple[EFeature, ...]:
    """All features of a class in metamodel order: those of its supertypes first, in their order, then its own."""
    found: dict[str, EFeature] = {}
    for supertype in eclass.eSuperTypes:
        for feature in features(supertype.force_resolve()):
            found.setdefault(feature.name, feature)
    for feature in eclass.eStructuralFeatures:
        found.setdefault(feature.name, feature)
    return tuple(found.values())


@cache
def containments(eclass: EClass) -> tuple[EFeature, ...]:
    """The features of a class that contain elements, in metamodel order."""
    return tuple(f for f in features(eclass) if f.is_reference and f.containment and not f.derived)


@cache
def references(eclass: EClass) -> tuple[EFeature, ...]:
    """The features of a class that refer to elements contained elsewhere, in metamodel order."""
    return tuple(f for f in features(eclass) if f.is_reference and not f.containment and not f.derived)


@cache
def id_feature(eclass: EClass) -> EFeature | None:
    """The attribute that identifies instances of a class, if there is one."""
    return next((f for f in features(eclass) if f.is_attribute and f.iD), None)


@cache
def _private_classes(metamodel: EPackage) -> frozenset[EClass]:
    """The classes of a metamodel that the annotation `nbmde` says to be private."""
    annotated = ((one, one.getEAnnotation("nbmde")) for one in metamodel.eClassifiers if isinstance(one, EClass))
    return frozenset(eclass for eclass, one in annotated if one is not None and one.details.get("private") == "true")


def is_private(model: Model) -> bool:
    """Should a model be readable by its owner alone, as it has instances of private classes?"""
    packages = dict.fromkeys(root.eClass.ePackage for root in roots(model))
    private = frozenset[EClass]().union(*map(_private_classes, packages))
    return bool(private) and any(element.eClass in private for element in walk(model))


def identifier(obj: EObject) -> str | None:
    """The id of an element, or None if it has none."""
    name = _id_name(obj.eClass)
    return getattr(obj, name) or None if name is not None else None


@cache
def _id_name(eclass: EClass) -> str | None:
    feature = id_feature(eclass)
    return feature.name if feature is not None else None


def values(obj: EObject, feature: EFeature) -> list[Any]:
    """Return an element's values of a feature, as a list: no, one or many values, without None."""
    if feature not in obj._isset:  # reading it would create an empty slot
        return []
    name, many = _access(feature)
    value = getattr(obj, name)
    if many:
        return list(value)
    return [] if value is None else [value]


@cache
def _access(feature: EFeature) -> tuple[str, bool]:
    """The name of a feature, and whether it has many values: pyecore takes longer to tell than to read the values."""
    return feature.name, feature.many


def children(obj: EObject) -> list[EObject]:
    """The elements that an element contains itself, in metamodel order."""
    isset = obj._isset
    return [child for feature in containments(obj.eClass) if feature in isset for child in values(obj, feature)]


def roots(model: Model) -> tuple[EObject, ...]:
    """The roots of a model, in their order."""
    return tuple(model) if isinstance(model, Sequence) else (model,)


def walk(model: Model) -> Iterator[EObject]:
    """The roots of a model and all that they contain: parents before their children, in metamodel order, to any depth.

    Any element may be given in place of a root.
    """
    stack = list(reversed(roots(model)))
    while stack:
        obj = stack.pop()
        yield obj
        stack.extend(reversed(children(obj)))


@overload
def is_kind(obj: EObject, eclass: type[_T]) -> TypeGuard[_T]: ...
@overload
def is_kind(obj: EObject, eclass: EClass) -> bool: ...
def is_kind(obj: EObject, eclass: EClass | type[EObject]) -> bool:
    """Whether an element is an instance of a class or of a subclass."""
    python_class: Any = getattr(eclass, "python_class", eclass)
    return isinstance(obj, python_class)


@overload
def instances(model: Model, eclass: type[_T]) -> Iterator[_T]: ...
@overload
def instances(model: Model, eclass: EClass) -> Iterator[Any]: ...
def instances(model: Model, eclass: EClass | type[EObject]) -> Iterator[EObject]:
    """The instances of a class and its subclasses in a model, in the order of `walk`."""
    return (obj for obj in walk(model) if is_kind(obj, eclass))


def root_of(obj: EObject) -> EObject:
    """The element that contains an element, directly or not, and is contained in none."""
    while (container := obj._container) is not None:
        obj = container
    return obj


def siblings(root: EObject) -> tuple[EObject, ...]:
    """The roots of the model that a root belongs to, itself among them: those in the same file, or made together."""
    resource = root.eResource
    return tuple(resource.contents) if resource is not None else (root,)


def fragment(obj: EObject) -> str:
    """The place of an element in its model as EMF writes it: `//@steps.2/@inputs.0`; the root is `/`.

    Where a model has several roots, the place begins with the number of the root: `/1/@steps.2`.
    """
    root = root_of(obj)
    segment = f"/{_root_segment(root)}"
    return segment if obj is root else f"{segment}/{inner_fragment(obj)}"


def inner_fragment(obj: EObject) -> str:
    """The place of an element below its root: `@steps.2/@inputs.0`."""
    segments = []
    while (container := obj.eContainer()) is not None:
        feature = obj.eContainmentFeature()
        position = f".{getattr(container, feature.name).index(obj)}" if feature.many else ""
        segments.append(f"@{feature.name}{position}")
        obj = container
    return "/".join(reversed(segments))


def _root_segment(root: EObject) -> str:
    """Return the segment that tells a root from the others of its model: empty for the only one."""
    resource = root.eResource
    return str(resource.contents.index(root)) if resource is not None and len(resource.contents) > 1 else ""


def label(obj: object) -> str:
    """An element as messages call it: `Step 'load_data' (step.3)`."""
    if not isinstance(obj, EObject):
        return repr(obj)
    name = getattr(obj, "name", None)
    place = identifier(obj) or fragment(obj)
    named = f" {name!r}" if isinstance(name, str) and name else ""
    return f"{obj.eClass.name}{named}" + (f" ({place})" if place != "/" else "")
