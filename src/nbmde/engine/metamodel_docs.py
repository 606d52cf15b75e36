"""Pages about metamodels, made from their documentation (GenModel annotations): Markdown, and class diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nbmde.engine import class_diagram
from nbmde.engine.class_diagram import multiplicity
from nbmde.engine.models import EClass, Metamodel, Registry, features

_GENMODEL = "http://www.eclipse.org/emf/2002/GenModel"

_HEAD = """\
# Metamodels

This page is made from the `.ecore` files by `nbmde metamodel doc`. In the pictures, a filled diamond leads from a class
to what it contains, a triangle from a class to its subclasses; all other references are rows with an arrow.
"""


def pages(names: Iterable[str], registry: Registry, stem: str = "metamodels") -> dict[str, str]:
    """The text of each file, by its name: one page for some metamodels, and for each of them a diagram.

    Args:
        stem: name of the page without suffix, with which the names of the diagrams begin.
    """
    metamodels = [registry[name] for name in names]
    links = [f"- [{m.ecore.name}](#{m.ecore.name}): {_line(_documentation(m.ecore))}" for m in metamodels]
    sections = [_HEAD, "\n".join(links), *(_section(metamodel, stem) for metamodel in metamodels)]
    diagrams = {f"{stem}-{m.ecore.name}.svg": class_diagram.svg(m) for m in metamodels}
    return {f"{stem}.md": "\n\n".join(section.strip() for section in sections) + "\n", **diagrams}


def outline(metamodel: Metamodel) -> Iterator[str]:
    """The classifiers of a metamodel with their own features, a line each."""
    yield f"{metamodel.ecore.name} {metamodel.ecore.nsURI} ({metamodel.path})"
    for classifier in metamodel.ecore.eClassifiers:
        kind = classifier.eClass.name
        if kind == "EEnum":
            yield f"  enum {classifier.name}: {', '.join(literal.name for literal in classifier.eLiterals)}"
        elif kind == "EDataType":
            yield f"  data type {classifier.name}"
        else:
            yield f"  {_heading(classifier)}"
            yield from (f"    {_signature(feature)}" for feature in classifier.eStructuralFeatures)


def class_outline(eclass: Any) -> Iterator[str]:
    """A class with its documentation and all its features, also those that it inherits."""
    yield _heading(eclass) if eclass.eClass.name == "EClass" else f"{eclass.eClass.name} {eclass.name}"
    if told := _documentation(eclass):
        yield f"  {told}"
    if eclass.eClass.name == "EEnum":
        yield from (f"  {literal.name}" for literal in eclass.eLiterals)
        return
    for feature in features(eclass) if eclass.eClass.name == "EClass" else ():
        home: Any = feature.eContainer()
        inherited = f" (of {home.name})" if home is not eclass else ""
        yield f"  {_signature(feature)}{inherited}"
        if told := _documentation(feature):
            yield f"    {told}"


def _heading(eclass: EClass) -> str:
    supertypes = ", ".join(one.name for one in eclass.eSuperTypes)
    return f"{'abstract ' if eclass.abstract else ''}class {eclass.name}" + f" -> {supertypes}" * bool(supertypes)


def _signature(feature: Any) -> str:
    kind = "contains " if feature.is_reference and feature.containment else ""
    kind = kind or ("refers to " if feature.is_reference else "")
    default = f" = {feature.defaultValueLiteral}" if feature.is_attribute and feature.defaultValueLiteral else ""
    return f"{feature.name}: {kind}{feature.eType.name} [{multiplicity(feature)}]{default}"


def _section(metamodel: Metamodel, stem: str) -> str:
    package = metamodel.ecore
    kinds: dict[str, list[Any]] = {"EClass": [], "EEnum": [], "EDataType": []}
    for classifier in package.eClassifiers:
        kinds[classifier.eClass.name].append(classifier)
    parts = [
        f"## {package.name}",
        _text(_documentation(package)),
        f"Namespace URI `{package.nsURI}`, file `{metamodel.path.name}`.",
        f"![Class diagram of {package.name}]({stem}-{package.name}.svg)",
        *map(_class, kinds["EClass"]),
    ]
    if kinds["EEnum"]:
        parts.append(f"### Enumerations of {package.name}")
        rows = [
            (f"`{enum.name}`", ", ".join(f"`{literal.name}`" for literal in enum.eLiterals), _cell(enum))
            for enum in kinds["EEnum"]
        ]
        parts.append(_table(("Enumeration", "Literals", "Meaning"), rows))
        told = [(enum, literal) for enum in kinds["EEnum"] for literal in enum.eLiterals if _documentation(literal)]
        meanings = [(f"`{enum.name}.{literal.name}`", _cell(literal)) for enum, literal in told]
        parts += [_table(("Literal", "Meaning"), meanings)] if told else []
    if kinds["EDataType"]:
        parts.append(f"### Data types of {package.name}")
        parts.append(_table(("Data type", "Meaning"), [(f"`{t.name}`", _cell(t)) for t in kinds["EDataType"]]))
    return "\n\n".join(part for part in parts if part)


def _class(eclass: EClass) -> str:
    package = eclass.ePackage
    subclasses = [other for other in package.eClassifiers if eclass in getattr(other, "eSuperTypes", ())]
    relations = [
        "Abstract." if eclass.abstract else "",
        f"Extends {_names(eclass.eSuperTypes, package)}." if eclass.eSuperTypes else "",
        f"Extended by {_names(subclasses, package)}." if subclasses else "",
    ]
    rows = [
        (f"`{feature.name}`", _type(feature, package), multiplicity(feature), _cell(feature))
        for feature in eclass.eStructuralFeatures
    ]
    return "\n\n".join(
        part
        for part in (
            f"### {package.name}.{eclass.name}",
            _text(_documentation(eclass)),
            " ".join(part for part in relations if part),
            _table(("Feature", "Type", "Number", "Meaning"), rows) if rows else "",
        )
        if part
    )


def _type(feature: Any, package: Any) -> str:
    name = feature.eType.name
    if feature.is_attribute:
        default = feature.defaultValueLiteral
        return f"`{name}`, default `{default}`" if default else f"`{name}`"
    opposite = f", opposite of `{feature.eOpposite.name}`" if feature.eOpposite is not None else ""
    return f"{'contains' if feature.containment else 'refers to'} {_names([feature.eType], package)}{opposite}"


def _names(eclasses: Iterable[EClass], package: Any) -> str:
    """Classes as links to their sections; those of Ecore itself by name."""
    texts = []
    for eclass in eclasses:
        home = eclass.ePackage.name
        link = f"(#{home}{eclass.name})".lower()
        texts.append(f"`{eclass.name}`" if home == "ecore" else f"[{eclass.name}]{link}")
    return ", ".join(texts)


def _documentation(element: Any) -> str:
    annotation = element.getEAnnotation(_GENMODEL)
    return str(annotation.details.get("documentation", "")).strip() if annotation is not None else ""


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(element: Any) -> str:
    return _line(_documentation(element)).replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
