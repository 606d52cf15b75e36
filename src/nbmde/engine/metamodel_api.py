"""Static, typed Python classes for a metamodel, with pyecoregen's framework and the templates in `templates/api`.

The folder is a package with a module for each metamodel and for those that it refers to. Instances of the classes are
elements as any others: they are saved, compared and validated as dynamic ones are, and a `Registry(static=...)` loads
models as instances of them.
"""

from __future__ import annotations

import keyword
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
from multigen.jinja import JinjaGenerator
from pyecoregen.ecore import EcoreGenerator, EcoreTask

from nbmde.engine import locations
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.escaping import FILTERS
from nbmde.engine.m2t.formatting import format_python
from nbmde.engine.models import EClass, EFeature, Metamodel, Registry, features

FOLDER = "api"
MARK = "by `nbmde metamodel api`"
"""The mark in the docstring of each generated module, which tells it from modules that people wrote."""
WIDTH = 92  # of docstrings
STYLE = {"line-length": 100, "target-version": "py311"}

_TYPES = {
    "java.lang.String": "str", "char": "str", "java.lang.Character": "str",
    "boolean": "bool", "java.lang.Boolean": "bool",
    "int": "int", "java.lang.Integer": "int", "long": "int", "java.lang.Long": "int", "short": "int",
    "java.lang.Short": "int", "java.math.BigInteger": "int",
    "float": "float", "java.lang.Float": "float", "double": "float", "java.lang.Double": "float",
    "java.math.BigDecimal": "Decimal", "java.util.Date": "datetime",
}  # fmt: skip
"""Types of Python by the class of Java that a data type names."""
_ECORE_TYPES = {
    "EString": "str", "EChar": "str", "EBoolean": "bool", "EBooleanObject": "bool", "EInt": "int",
    "EIntegerObject": "int", "ELong": "int", "ELongObject": "int", "EShort": "int", "EShortObject": "int",
    "EBigInteger": "int", "EFloat": "float", "EFloatObject": "float", "EDouble": "float", "EDoubleObject": "float",
    "EBigDecimal": "Decimal", "EDate": "datetime",
}  # fmt: skip
"""The same by the name of a data type of Ecore itself."""


def write(metamodel: Metamodel, registry: Registry, folder: Path) -> list[Path]:
    """Write the classes of a metamodel, and of those that it refers to, as a package.

    Args:
        folder: of the package; modules of earlier runs are replaced.

    Returns:
        The files, sorted.

    Raises:
        NbmdeError: for metamodels that refer to each other in a circle, names that Python cannot hold, and a folder
            that holds modules of somebody else.
    """
    if (stranger := _stranger(folder)) is not None:
        raise NbmdeError("was not written by nbmde", file=str(stranger), remedy="choose another folder with -o DIR")
    packages = _ordered(metamodel, registry)
    with tempfile.TemporaryDirectory(prefix="nbmde-") as place:
        generator = _Generator(packages)
        for one in packages:
            generator.generate(one.ecore, place)
        texts = {file.name: file.read_text(encoding="utf-8") for file in Path(place).iterdir()}
    texts["py.typed"] = ""
    sources = {name: text for name, text in texts.items() if name.endswith(".py")}
    texts |= format_python(sources, STYLE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(folder)) from error
    return sorted(folder / name for name in texts)


def _stranger(folder: Path) -> Path | None:
    """A module in a folder that was not written here."""
    for file in sorted(folder.glob("*.py")):
        if MARK not in " ".join(file.read_text(encoding="utf-8", errors="replace")[:2000].split()):  # lines are wrapped
            return file
    return None


def _ordered(metamodel: Metamodel, registry: Registry) -> list[Metamodel]:
    """A metamodel and those that it refers to, each after those that it refers to itself."""
    done: dict[str, Metamodel] = {}

    def visit(one: Metamodel, path: tuple[str, ...]) -> None:
        name = one.ecore.name
        if name in path:
            raise NbmdeError(f"metamodels refer to each other: {' -> '.join((*path, name))}", file=str(one.path))
        if name in done:
            return
        if len(one.ecore.eSubpackages):
            raise NbmdeError("it has packages in its package", file=str(one.path), remedy="make them metamodels")
        for other in dependencies(one.ecore):
            visit(registry.by_uri(other.nsURI), (*path, name))
        done[name] = one

    visit(metamodel, ())
    return list(done.values())


def dependencies(package: Any) -> list[Any]:
    """The other packages that one refers to, Ecore excepted, by name."""
    classes = [one for one in package.eClassifiers if one.eClass.name == "EClass"]
    types = [*(one for eclass in classes for one in eclass.eSuperTypes)]
    types += [feature.eType for eclass in classes for feature in eclass.eStructuralFeatures]
    found = {one.ePackage.name: one.ePackage for one in types if not is_ecore(one) and one.ePackage is not package}
    return [found[name] for name in sorted(found)]


def is_ecore(classifier: Any) -> bool:
    """Does a classifier belong to Ecore itself?"""
    return getattr(classifier.ePackage, "nsURI", None) in (None, "http://www.eclipse.org/emf/2002/Ecore")


class _ModuleTask(EcoreTask):  # type: ignore[misc]
    """The module of a metamodel."""

    template_name = "module.py.j2"

    def __init__(self, paths: dict[str, Path]) -> None:
        super().__init__()
        self.paths = paths

    def filtered_elements(self, model: Any) -> Iterator[Any]:
        yield model

    def relative_path_for_element(self, element: Any) -> str:
        return f"{element.name}.py"

    def create_template_context(self, element: Any, **values: Any) -> dict[str, Any]:
        classes = [one for one in element.eClassifiers if one.eClass.name == "EClass"]
        context: dict[str, Any] = super().create_template_context(
            element=element,
            file=self.paths[element.name].name,
            dependencies=[one.name for one in dependencies(element)],
            classes=sorted(classes, key=lambda eclass: len(set(eclass.eAllSuperTypes()))),
            names=Names(element),
            mark=MARK,
            **values,
        )
        return context


class _OnceTask(EcoreTask):  # type: ignore[misc]
    """A file that the package has once."""

    def __init__(self, name: str, packages: list[Metamodel]) -> None:
        super().__init__()
        self.name, self.packages = name, packages
        self.template_name = f"{name}.j2"

    def filtered_elements(self, model: Any) -> Iterator[Any]:
        if model is self.packages[-1].ecore:
            yield model

    def relative_path_for_element(self, element: Any) -> str:
        return self.name

    def create_template_context(self, element: Any, **values: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().create_template_context(
            element=element, packages=[one.ecore for one in self.packages], mark=MARK, **values
        )
        return context


class _Generator(EcoreGenerator):  # type: ignore[misc]
    """Generates a package of modules."""

    def __init__(self, packages: list[Metamodel]) -> None:
        self.tasks = [
            _ModuleTask({one.ecore.name: one.path for one in packages}),
            *(_OnceTask(name, packages) for name in ("__init__.py", "_ecore.py", "_ecore.pyi")),
        ]
        self.user_module, self.auto_register_package, self.with_dependencies = None, False, False
        JinjaGenerator.__init__(self)

    def create_environment(self, **settings: Any) -> jinja2.Environment:
        """An environment for the templates of nbmde."""
        return environment()

    def generate(self, model: Any, outfolder: str) -> None:
        """Write the files; names stay as they are, unlike where pyecoregen does it, so that XMI has them too."""
        JinjaGenerator.generate(self, model, outfolder)


def environment() -> jinja2.Environment:
    """Make the Jinja2 environment that renders the templates about metamodels."""
    roots = [root / FOLDER for root in locations.roots("templates")]
    made = jinja2.Environment(  # filters escape, for the language that is written  # nosec B701
        loader=jinja2.FileSystemLoader(roots), undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip  # no autoescape: filters escape
    made.filters.update(FILTERS, wrapped=wrapped)
    return made


def wrapped(text: str) -> str:
    """Paragraphs in lines that are not too long for a docstring."""
    return "\n\n".join(textwrap.fill(part, WIDTH) for part in text.split("\n\n"))


class Names:
    """The names of things in the module of a package."""

    def __init__(self, package: Any) -> None:
        self.package = package
        classes = [one for one in package.eClassifiers if one.eClass.name == "EClass"]
        self.taken = {feature.name for eclass in classes for feature in features(eclass)}
        for name in (package.name, *(one.name for one in package.eClassifiers), *self.taken):
            if not name.isidentifier():
                raise NbmdeError(f"metamodel {package.name}: {name!r} is no name in Python")

    def safe(self, name: str) -> str:
        """A name, with an underscore where Python has another use for it."""
        return f"{name}_" if keyword.iskeyword(name) else name

    def documentation(self, element: Any) -> str:
        """The documentation of an element of the metamodel."""
        annotation = element.getEAnnotation("http://www.eclipse.org/emf/2002/GenModel")
        told = str(annotation.details.get("documentation", "")).strip() if annotation is not None else ""
        return wrapped(told)

    def imports(self) -> list[str]:
        """The imports that annotations need."""
        classes = [one for one in self.package.eClassifiers if one.eClass.name == "EClass"]
        own = [feature for eclass in classes for feature in features(eclass)]
        types = {self.type_of(feature) for feature in own}
        typing = {"TYPE_CHECKING, ClassVar": any(one.eClass.name == "EEnum" for one in self.package.eClassifiers)}
        typing["Any"] = "Any" in types
        names = ", ".join(sorted(", ".join(name for name, used in typing.items() if used).split(", ")))
        found = {
            "import builtins": any(one.startswith("builtins.") for one in types),
            "from collections.abc import Iterable, MutableSequence": any(feature.many for feature in own),
            "from datetime import datetime": "datetime" in types,
            "from decimal import Decimal": "Decimal" in types,
            f"from typing import {names}": bool(names),
        }
        return [text for text, used in found.items() if used]

    def classifier(self, classifier: Any) -> str:
        """An expression for a classifier."""
        if is_ecore(classifier):
            return f"_ecore.{classifier.name}"
        own = classifier.ePackage is self.package
        return classifier.name if own else f"_{classifier.ePackage.name}.{classifier.name}"

    def bases(self, eclass: EClass) -> str:
        """The base classes of a class."""
        return ", ".join(map(self.classifier, eclass.eSuperTypes)) or "_ecore.EObject, metaclass=_ecore.MetaEClass"

    def type_of(self, feature: EFeature) -> str:
        """The type of one value of a feature."""
        kind = feature.eType
        if feature.is_reference or kind.eClass.name == "EEnum":
            return self.classifier(kind)
        known = _ECORE_TYPES.get(kind.name) if is_ecore(kind) else _TYPES.get(kind.instanceClassName or "")
        if known in ("str", "int", "float", "bool") and known in self.taken:
            return f"builtins.{known}"
        return known or "Any"

    def annotation(self, feature: EFeature) -> str:
        """The type of a feature: a required one is taken to be set."""
        one = self.type_of(feature)
        if feature.many:
            return f"MutableSequence[{one}]"
        given = feature.lowerBound > 0 or (feature.is_attribute and feature.get_default_value() is not None)
        return one if given or one == "Any" else f"{one} | None"

    def parameter(self, feature: EFeature) -> str:
        """The parameter for a feature of the function that makes an element."""
        one = self.type_of(feature)
        name = self.safe(feature.name)
        if feature.many:
            return f"{name}: Iterable[{one}] = ()"
        return f"{name}: {one} | None = None" if one != "Any" else f"{name}: Any = None"

    def settable(self, eclass: EClass) -> list[EFeature]:
        """The features that can be given when an element is made."""
        return [one for one in features(eclass) if not one.derived]

    def settings(self, feature: EFeature) -> str:
        """The arguments that declare a feature, where they are not the usual ones."""
        given: dict[str, Any] = {"name": feature.name} if keyword.iskeyword(feature.name) else {}
        given |= {"lower": feature.lowerBound, "upper": feature.upperBound, "unique": feature.unique}
        given |= {"ordered": feature.ordered, "derived": feature.derived, "transient": feature.transient}
        given |= {"volatile": feature.volatile, "changeable": feature.changeable}
        if feature.is_attribute:
            given |= {"iD": feature.iD, "default": feature.defaultValueLiteral}
        else:
            given["containment"] = feature.containment
        texts = [f"{key}={value!r}" for key, value in given.items() if value != _USUAL.get(key)]
        if feature.is_attribute:
            texts.insert(0, self.classifier(feature.eType))
        return ", ".join(texts)


_USUAL = {
    "lower": 0, "upper": 1, "unique": True, "ordered": True, "derived": False, "transient": False, "volatile": False,
    "changeable": True, "iD": False, "default": None, "containment": False,
}  # fmt: skip
