"""Models: metamodels by name, XMI files, and what can be asked of every model.

This package alone reads and writes models; everything else sees elements (pyecore's EObject) and metamodels.
"""

from nbmde.engine.models.compare import Difference, compare, comparison
from nbmde.engine.models.ecore import EClass, EFeature, EObject
from nbmde.engine.models.reader import load, load_all, load_models, load_roots
from nbmde.engine.models.registry import Metamodel, Registry
from nbmde.engine.models.structure import (
    Model,
    children,
    features,
    fragment,
    id_feature,
    identifier,
    instances,
    is_kind,
    is_private,
    label,
    references,
    root_of,
    roots,
    siblings,
    values,
    walk,
)
from nbmde.engine.models.writer import assign_ids, contents, dumps, save
from nbmde.engine.models.xmi import Document, Together, document_of

__all__ = [
    "Difference",
    "Document",
    "EClass",
    "EFeature",
    "EObject",
    "Metamodel",
    "Model",
    "Registry",
    "Together",
    "assign_ids",
    "children",
    "compare",
    "comparison",
    "contents",
    "document_of",
    "dumps",
    "features",
    "fragment",
    "id_feature",
    "identifier",
    "instances",
    "is_kind",
    "is_private",
    "label",
    "load",
    "load_all",
    "load_models",
    "load_roots",
    "references",
    "root_of",
    "roots",
    "save",
    "siblings",
    "values",
    "walk",
]
