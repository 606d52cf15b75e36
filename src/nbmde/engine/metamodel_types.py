"""Types of the classes of metamodels for checkers alone: models stay dynamic, and nothing is imported for them.

    if TYPE_CHECKING:
        from nbmde.metamodels.workflow import Step

A feature with many values is an ordered list, a single one that may be missing is `X | None`, and the name of a
literal is one of those that the enumeration has.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.formatting import format_python
from nbmde.engine.metamodel_api import Names, dependencies, environment, is_ecore
from nbmde.engine.models import Metamodel, Registry, features

if TYPE_CHECKING:
    from nbmde.engine.models.ecore import EClass, EEnum, EFeature, EPackage

MARK = "by `nbmde metamodel types`"
STYLE = {"line-length": 120, "target-version": "py311"}
MOST_CONTAINERS = 3
"""A class that more classes contain has no type for what contains it."""


def write(names: Iterable[str], registry: Registry, folder: Path) -> list[Path]:
    """Write the types of metamodels as a package of stub files; those of nbmde that they refer to are imported.

    Returns:
        The files, sorted.

    Raises:
        NbmdeError: for names that Python cannot hold, and a folder that holds stub files of somebody else.
    """
    for file in sorted(folder.glob("*.pyi")):
        if MARK not in file.read_text(encoding="utf-8", errors="replace")[:1000]:
            raise NbmdeError("was not written by nbmde", file=str(file), remedy="choose another folder with -o DIR")
    texts = of([registry[name] for name in names])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(folder)) from error
    return sorted(folder / name for name in texts)


def of(metamodels: list[Metamodel]) -> dict[str, str]:
    """The text of each stub file for metamodels, by name."""
    jinja = environment()
    own = {one.ecore.name for one in metamodels}
    sources = {}
    for one in metamodels:
        others = [other.name for other in dependencies(one.ecore)]
        sources[f"{one.ecore.name}.pyi"] = jinja.get_template("types.pyi.j2").render(
            element=one.ecore,
            file=one.path.name,
            inside=[name for name in others if name in own],
            outside=[name for name in others if name not in own],
            classes=[classifier for classifier in one.ecore.eClassifiers if classifier.eClass.name == "EClass"],
            names=_Names(one.ecore),
            mark=MARK,
        )
    packages = [one.ecore for one in metamodels]
    sources["__init__.pyi"] = jinja.get_template("types_init.pyi.j2").render(packages=packages, mark=MARK)
    return format_python(sources, STYLE)


class _Names(Names):
    """The names of things in the stub file of a package."""

    def __init__(self, package: EPackage) -> None:
        super().__init__(package)
        self.classes: list[EClass] = [one for one in package.eClassifiers if one.eClass.name == "EClass"]

    def imports(self) -> list[str]:
        """The imports that annotations need."""
        types = {self.type_of(feature) for eclass in self.classes for feature in features(eclass)}
        enumerations = any(one.eClass.name == "EEnum" for one in self.package.eClassifiers)
        typing = ", ".join([*(["Any"] if "Any" in types else []), *(["ClassVar", "Literal"] if enumerations else [])])
        found = {
            "import builtins": any(one.startswith("builtins.") for one in types),
            "from collections.abc import Iterable": self._many(),
            "from datetime import datetime": "datetime" in types,
            "from decimal import Decimal": "Decimal" in types,
            f"from typing import {typing}": bool(typing),
        }
        return [text for text, used in found.items() if used]

    def ecore_names(self) -> list[str]:
        """The types of Ecore that are needed."""
        enumerations = any(one.eClass.name == "EEnum" for one in self.package.eClassifiers)
        return [*(["EEnumLiteral"] if enumerations else []), *(["EList"] if self._many() else []), "EObject"]

    def _many(self) -> bool:
        return any(feature.many for eclass in self.classes for feature in features(eclass))

    def classifier(self, classifier: EClass) -> str:
        """An expression for a classifier."""
        return "EObject" if is_ecore(classifier) else super().classifier(classifier)

    def bases(self, eclass: EClass) -> str:
        """The base classes of a class."""
        return ", ".join(map(self.classifier, eclass.eSuperTypes)) or "EObject"

    def annotation(self, feature: EFeature) -> str:
        """The type of a feature."""
        return f"EList[{self.type_of(feature)}]" if feature.many else super().annotation(feature)

    def literals(self, enum: EEnum) -> list[str]:
        """The literals that are attributes: not `import` and `class`."""
        return [literal.name for literal in enum.eLiterals if literal.name == self.safe(literal.name)]

    def names(self, enum: EEnum) -> list[str]:
        """The names of all literals, as Python writes them."""
        return [repr(literal.name) for literal in enum.eLiterals]

    def container(self, eclass: EClass) -> str:
        """The classes whose instances contain those of a class; nothing where there are none or many."""
        related = {eclass, *eclass.eAllSuperTypes()}
        related |= {one for one in self.classes if eclass in one.eAllSuperTypes()}
        owners = {
            owner.name
            for owner in self.classes
            for feature in owner.eStructuralFeatures
            if feature.is_reference and feature.containment and feature.eType in related
        }
        return " | ".join(sorted(owners)) if len(owners) <= MOST_CONTAINERS else ""
