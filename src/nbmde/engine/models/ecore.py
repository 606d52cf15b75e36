"""Ecore as pyecore has it. Its types are in `ecore.pyi`: pyecore itself has none."""

from pyecore.ecore import EClass, EClassifier, EEnum, EEnumLiteral, EObject, EPackage
from pyecore.ecore import EStructuralFeature as EFeature

__all__ = ["EClass", "EClassifier", "EEnum", "EEnumLiteral", "EFeature", "EObject", "EPackage"]
