"""Types of Ecore, for checkers: what every element, class and feature has, whatever its metamodel."""

from collections.abc import Iterable, MutableSequence
from typing import Any, Self, SupportsIndex, TypeVar, overload

_T = TypeVar("_T")

class EList(MutableSequence[_T]):
    """The values of a feature that has many, in order. Elements that a containment takes leave where they were."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: SupportsIndex) -> _T: ...
    @overload
    def __getitem__(self, index: slice) -> MutableSequence[_T]: ...
    @overload
    def __setitem__(self, index: SupportsIndex, value: _T) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[_T]) -> None: ...
    def __delitem__(self, index: SupportsIndex | slice) -> None: ...
    def insert(self, index: int, value: _T) -> None: ...

class EObject:
    """What every element has. Its own features are those of its class: `nbmde.metamodels` has the types of ours."""

    eClass: EClass
    eResource: Any
    _isset: dict[EFeature, None]
    _container: EObject | None
    @property
    def eContents(self) -> list[EObject]: ...
    def eContainer(self) -> EObject | None: ...
    def eContainmentFeature(self) -> EFeature: ...
    def eGet(self, feature: EFeature | str) -> Any: ...
    def eSet(self, feature: EFeature | str, value: Any) -> None: ...
    def eIsSet(self, feature: EFeature | str) -> bool: ...
    def delete(self, recursive: bool = ...) -> None: ...

class _Named(EObject):
    name: str
    def getEAnnotation(self, source: str) -> _Annotation | None: ...
    def force_resolve(self) -> Self: ...

class _Annotation(EObject):
    source: str
    details: dict[str, str]

class EPackage(_Named):
    nsURI: str
    nsPrefix: str | None
    eClassifiers: EList[Any]
    eSubpackages: EList[EPackage]
    eFactoryInstance: Any
    def getEClassifier(self, name: str) -> Any: ...

class EClassifier(_Named):
    """A class, a data type or an enumeration."""

    ePackage: EPackage
    instanceClassName: str | None

class EClass(EClassifier):
    """A class. Calling it makes an instance, whose features the metamodel alone knows."""

    abstract: bool
    interface: bool
    python_class: type[EObject]
    eSuperTypes: EList[EClass]
    eStructuralFeatures: EList[EFeature]
    def eAllSuperTypes(self) -> Iterable[EClass]: ...
    def findEStructuralFeature(self, name: str) -> EFeature | None: ...
    def __call__(self, **features: Any) -> Any: ...

class EEnum(EClassifier):
    eLiterals: EList[EEnumLiteral]
    def getEEnumLiteral(self, name: str | None = ..., value: int = ...) -> Any: ...

class EEnumLiteral(_Named):
    """A literal. A class of literals stands for their enumeration."""

    value: int
    literal: str | None
    @classmethod
    def getEEnumLiteral(cls, name: str | None = ..., value: int = ...) -> Self | None: ...

class EFeature(_Named):
    """An attribute or a reference."""

    eType: Any
    eOpposite: EFeature | None
    lowerBound: int
    upperBound: int
    many: bool
    unique: bool
    ordered: bool
    derived: bool
    transient: bool
    volatile: bool
    changeable: bool
    containment: bool
    iD: bool
    is_attribute: bool
    is_reference: bool
    defaultValueLiteral: str | None
    derived_class: Any
    def get_default_value(self) -> Any: ...
