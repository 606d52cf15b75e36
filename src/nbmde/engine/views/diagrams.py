"""Diagrams of models and metamodels in the languages of PlantUML, Mermaid and Graphviz."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import jinja2

from nbmde.engine import locations
from nbmde.engine.class_diagram import multiplicity
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, Metamodel, Model, identifier, roots, walk
from nbmde.engine.models.slots import slots
from nbmde.engine.models.structure import label, values
from nbmde.engine.views.tree import text

FOLDER = "views"
LANGUAGES = ("plantuml", "mermaid", "dot")
ROWS = 6
"""Attributes of an object that are shown."""


@dataclass(frozen=True)
class Node:
    """A box.

    Attributes:
        key: letters and digits.
        rows: attributes, each a line of text.
        abstract: whether it is an abstract class.
    """

    key: str
    title: str
    rows: tuple[str, ...]
    abstract: bool = False


@dataclass(frozen=True)
class Edge:
    """A line between two boxes, by their keys.

    Attributes:
        kind: "contains", "refers" or "extends" (from the subclass to its superclass).
        number: how many targets a feature takes, as in UML; empty for objects.
    """

    kind: str
    source: str
    target: str
    text: str = ""
    number: str = ""


@dataclass(frozen=True)
class Diagram:
    """Boxes and lines. The kind is "object" or "class"."""

    kind: str
    title: str
    nodes: list[Node]
    edges: list[Edge]


def of_model(model: Model, chosen: Iterable[EObject] | None = None) -> Diagram:
    """The objects of a model, with their attributes, what they contain and what they refer to.

    Args:
        chosen: only these elements; one is drawn into the nearest of these that contains it. All by default.
    """
    elements = list(walk(model)) if chosen is None else list(dict.fromkeys(chosen))
    keys = {element: f"n{number}" for number, element in enumerate(elements, 1)}
    nodes, edges = [], []
    for element, key in keys.items():
        rows = [
            f"{slot.name} = {', '.join(map(text, found))}"
            for slot in slots(element.eClass).values()
            if slot.written and slot.values is not None and slot.name not in ("id", "name")
            and (found := [one for one in values(element, slot.feature) if one != ""])
        ]  # fmt: skip
        nodes.append(Node(key, label(element), tuple(rows[:ROWS])))
        container, feature = element.eContainer(), element.eContainmentFeature()
        while container is not None and container not in keys:
            feature, container = container.eContainmentFeature(), container.eContainer()
        if container is not None:
            edges.append(Edge("contains", keys[container], key, feature.name))
        for slot in slots(element.eClass).values():
            if slot.written and slot.values is None and not slot.containment:
                targets = [target for target in values(element, slot.feature) if target in keys]
                edges += [Edge("refers", key, keys[target], slot.name) for target in targets]
    title = ", ".join(dict.fromkeys(identifier(root) or root.eClass.name for root in roots(model)))
    return Diagram("object", title, nodes, edges)


def of_metamodel(metamodel: Metamodel) -> Diagram:
    """The classes of a metamodel; those of others that they extend or refer to are boxes without rows."""
    package = metamodel.ecore
    classes = [one for one in package.eClassifiers if one.eClass.name == "EClass"]
    keys: dict[Any, str] = {}

    def key(eclass: Any) -> str:
        own = eclass.ePackage is package
        return keys.setdefault(eclass, eclass.name if own else f"{eclass.ePackage.name}_{eclass.name}")

    nodes, edges = [], []
    for eclass in classes:
        rows = [
            f"{feature.name}: {feature.eType.name} [{multiplicity(feature)}]"
            for feature in eclass.eStructuralFeatures
            if feature.is_attribute
        ]
        nodes.append(Node(key(eclass), eclass.name, tuple(rows), bool(eclass.abstract)))
        edges += [Edge("extends", key(eclass), key(one)) for one in eclass.eSuperTypes]
        edges += [
            Edge(
                "contains" if feature.containment else "refers",
                key(eclass), key(feature.eType), feature.name, multiplicity(feature),
            )
            for feature in eclass.eStructuralFeatures
            if feature.is_reference and feature.eType.name != "EObject"
        ]  # fmt: skip
    foreign = [Node(name, f"{one.ePackage.name}.{one.name}", ()) for one, name in keys.items() if one not in classes]
    return Diagram("class", package.name, nodes + foreign, edges)


def render(diagram: Diagram, language: str) -> str:
    """A diagram in one of `LANGUAGES`, from the template of its kind.

    Raises:
        NbmdeError: for another language.
    """
    if language not in LANGUAGES:
        raise NbmdeError(f"there is no diagram in {language!r}", remedy=f"known: {', '.join(LANGUAGES)}")
    environment = jinja2.Environment(  # filters escape, for the language that is written  # nosec B701
        loader=jinja2.FileSystemLoader([root / FOLDER for root in locations.roots("templates")]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # no autoescape: the filters escape for each language
    environment.filters.update(dot=_dot, plantuml=_plantuml, mermaid=_mermaid)
    return environment.get_template(f"{diagram.kind}.{language}.j2").render(diagram=diagram)


def _dot(text: str) -> str:
    """For a quoted string of Graphviz."""
    return re.sub(r"\s+", " ", text).replace("\\", "\\\\").replace('"', '\\"')


def _plantuml(text: str) -> str:
    """For a title or row of PlantUML: without what it takes for markup."""
    return re.sub(r"\s+", " ", text).replace('"', "'").translate(_PLANTUML)


def _mermaid(text: str) -> str:
    """For a quoted text of Mermaid: entities in its own writing."""
    return re.sub(r"[^\w .,:=*\'/-]", lambda found: f"#{ord(found[0])};", re.sub(r"\s+", " ", text))


_PLANTUML = {ord(sign): f"&#{ord(sign)};" for sign in "&\\{}<>[]|~_*"}
