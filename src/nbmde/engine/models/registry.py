"""Metamodels by name and by namespace URI, each loaded when it is first used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lxml import etree
from pyecore.ecore import EClass, EEnum, EProxy
from pyecore.resources import URI, ResourceSet
from pyecore.resources.resource import Resource
from pyecore.resources.xmi import XMIResource

from nbmde.engine import locations
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models.assignment import guard
from nbmde.engine.models.ecore import EClassifier, EPackage
from nbmde.engine.models.literals import literal

_UNTYPED = re.compile(r'\beType="([^"#\s]+#//[^"]+)"')  # a reference into another file without the class of its target
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_DOCUMENTATION = re.compile(
    rb'<eAnnotations\s+source="http://www\.eclipse\.org/emf/2002/GenModel"\s*>(?:\s*<details\b[^<]*/>)*\s*</eAnnotations>'
)


class Metamodel:
    """One metamodel; its classifiers are attributes: `workflow.Step`, `workflow.Placement.module`.

    Attributes:
        ecore: the package itself.
        path: the `.ecore` file that it was read from.
    """

    def __init__(self, ecore: EPackage, path: Path) -> None:
        vars(self).update({classifier.name: classifier for classifier in ecore.eClassifiers})
        self.ecore = ecore
        self.path = path

    def __contains__(self, name: str) -> bool:
        return self.ecore.getEClassifier(name) is not None

    def __repr__(self) -> str:
        return f"<Metamodel {self.ecore.name} {self.ecore.nsURI}>"

    if not TYPE_CHECKING:  # types of metamodels have their classes and no others

        def __getattr__(self, name: str) -> EClassifier:
            raise AttributeError(f"metamodel {self.ecore.name} has no classifier {name!r} ({self.path})")


if TYPE_CHECKING:

    class AnyMetamodel(Metamodel):
        """A metamodel that checkers know nothing of, as one of an extension."""

        def __getattr__(self, name: str) -> Any: ...
else:
    AnyMetamodel = Metamodel


class Registry:
    """The metamodels of nbmde and of extensions.

    Registries of the same files share what they have read of them, as long as these hold the same.

    Args:
        extensions: folders that hold a `metamodels/` of their own, beside nbmde's.
        documented: whether the documentation in metamodels is read as well, which takes longer than all the rest.
        files: further `.ecore` files, and those beside them that they refer to.
        replace: whether these take the place of metamodels of the same name.
        static: modules of static classes, as `nbmde metamodel api` writes them, that take the place of the metamodels
            of the same namespace URI: models are loaded as instances of these classes.

    Raises:
        NbmdeError: from every access, for a metamodel that is unknown, unreadable, or there twice.
    """

    def __init__(
        self,
        extensions: tuple[Path, ...] = (),
        *,
        documented: bool = True,
        files: Iterable[Path] = (),
        replace: bool = False,
        static: Iterable[ModuleType] = (),
    ) -> None:
        self.documented = documented
        self.extensions = tuple(extensions)
        self._paths, self._uris = self._survey(files, replace)
        given = tuple(static)
        shared = _shared if not given else _shared.__wrapped__
        self._loaded = shared(documented, tuple((path, path.read_bytes()) for path in self._paths.values()))
        self._resources = ResourceSet()
        for module in given:
            path = self._uris.get(module.nsURI)
            if path is None:
                reason = (
                    f"there is no metamodel with the URI {module.nsURI!r}, of which {module.__name__} has the classes"
                )
                raise NbmdeError(reason, remedy=f"known: {', '.join(self._uris)}")
            self._loaded[path] = AnyMetamodel(module.eClass, path)
            _guard(module.eClass)

    def __getitem__(self, name: str) -> AnyMetamodel:
        """The metamodel whose package has this name."""
        if name not in self._paths:
            raise NbmdeError(f"there is no metamodel {name!r}", remedy=f"known: {', '.join(self._paths)}")
        return self._load(self._paths[name])

    def by_uri(self, uri: str) -> AnyMetamodel:
        """The metamodel whose package has this namespace URI."""
        if uri not in self._uris:
            raise NbmdeError(f"there is no metamodel with the URI {uri!r}", remedy=self._remedy(uri))
        return self._load(self._uris[uri])

    def _remedy(self, uri: str) -> str:
        """Suggest a remedy for an unknown namespace URI. Its last part may be another version of one that is known."""
        name, _, version = uri.rpartition("/")
        for known in self._uris:
            other, _, current = known.rpartition("/")
            if other == name and version.isdecimal() and current.isdecimal():
                older = int(version) < int(current)
                way = "`nbmde migrate MODEL` brings older models there" if older else "a newer nbmde knows it"
                return f"this is version {current}; {way}"
        return f"known: {', '.join(self._uris)}"

    def of_file(self, path: Path) -> AnyMetamodel:
        """The metamodel in an `.ecore` file."""
        return self.by_uri(_package(path)[1])

    def __contains__(self, name: str) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        """Names of all metamodels, nbmde's own first."""
        return iter(self._paths)

    def export(self, folder: Path, names: Iterable[str]) -> list[Path]:
        """Copy metamodels, and those that they refer to, into a folder: models saved beside it open without nbmde.

        Returns:
            The copies, sorted. Files that are already there and equal are left as they are.
        """
        needed = [self[name].path for name in names]
        for path in needed:  # grows while metamodels refer to further ones
            found = {self._locate(uri, path) for uri in _references(path)}
            needed += sorted(other for other in found - set(needed) if other is not None)
        folder.mkdir(parents=True, exist_ok=True)
        copies = {folder / path.name: path.read_bytes() for path in needed}
        for copy, content in copies.items():
            if not copy.is_file() or copy.read_bytes() != content:
                copy.write_bytes(content)
        return sorted(copies)

    def _survey(self, files: Iterable[Path], replace: bool) -> tuple[dict[str, Path], dict[str, Path]]:
        """Where each package is, from the root element of each `.ecore` file alone."""
        paths: dict[str, Path] = {}
        uris: dict[str, Path] = {}

        def add(path: Path, replace: bool = False) -> None:
            name, uri = _package(path)
            if replace and name in paths:
                other = paths.pop(name)
                del uris[next(key for key, known in uris.items() if known == other)]
            for table, key in ((paths, name), (uris, uri)):
                if key in table:
                    raise NbmdeError(f"{key!r} is already the metamodel {table[key]}", file=str(path))
                table[key] = path

        for folder in locations.roots("metamodels", self.extensions):
            for path in sorted(folder.glob("*.ecore")):
                add(path)
        waiting = list(files)
        for path in waiting:  # grows while metamodels refer to others beside them
            if path.resolve() in {known.resolve() for known in uris.values()} or _package(path)[1] in uris:
                continue
            add(path, replace)
            beside = (path.parent / unquote(uri) for uri in sorted(_references(path)))
            waiting += [other for other in beside if other.suffix == ".ecore" and other.is_file()]
        return paths, uris

    def _load(self, path: Path) -> AnyMetamodel:
        return self._loaded.get(path) or self._load_anew(path)

    def _load_anew(self, path: Path) -> AnyMetamodel:
        before = dict(self._loaded)
        try:
            package = self._read(path)
            metamodel = self._loaded[path] = AnyMetamodel(package, path)
            for classifier in package.eClassifiers:  # may load further ones, which may refer to this one
                _resolve(classifier, path)
            _guard(package)
        except Exception:
            self._loaded.clear()
            self._loaded.update(before)
            raise
        return metamodel

    def _read(self, path: Path) -> EPackage:
        if found := _UNTYPED.search(path.read_text(encoding="utf-8")):
            reason = f"EMF does not read eType={found[1]!r}, which leads into another file"
            raise NbmdeError(reason, file=str(path), remedy=f'eType="ecore:EClass {found[1]}"')
        source = _Source(path, (_COMMENT,) if self.documented else (_COMMENT, _DOCUMENTATION))
        resource = XMIResource(source)
        resource.resource_set = self._resources
        resource.decoders.insert(0, _Decoder(self, path))
        try:
            resource.load()
        except NbmdeError:
            raise
        except Exception as error:
            raise NbmdeError(f"not a readable Ecore metamodel: {error}", file=str(path)) from error
        package: EPackage = resource.contents[0]
        return package

    def _locate(self, uri: str, path: Path) -> Path | None:
        """The file of a metamodel that another one refers to: by namespace URI, or a file beside it or of that name."""
        if uri in self._uris:
            return self._uris[uri]
        known = set(self._paths.values())
        beside = path.parent / unquote(uri)
        same_name = [other for other in self._paths.values() if other.name == PurePosixPath(unquote(uri)).name]
        return beside if beside in known else next(iter(same_name), None)


@lru_cache(maxsize=4)
def _shared(documented: bool, contents: tuple[tuple[Path, bytes], ...]) -> dict[Path, AnyMetamodel]:
    """Return the cache of metamodels loaded from the same contents: empty at first."""
    return {}


class _Source(URI):  # type: ignore[misc]
    """An `.ecore` file without what need not be read, and without comments, which pyecore cannot read.

    Lines stay where they are.
    """

    def __init__(self, path: Path, omitted: Iterable[re.Pattern[bytes]]) -> None:
        super().__init__(str(path))
        self._path = path
        self._omitted = omitted

    def create_instream(self) -> BytesIO:
        content = self._path.read_bytes()
        for pattern in self._omitted:
            content = pattern.sub(lambda match: b"\n" * match[0].count(b"\n"), content)
        return BytesIO(content)

    def close_stream(self) -> None:
        pass


class _Decoder:
    """Resolves what one metamodel refers to in another one."""

    def __init__(self, registry: Registry, path: Path) -> None:
        self._registry, self._path = registry, path

    def can_resolve(self, reference: str, from_resource: Any = None) -> bool:
        return self._target(reference) is not None

    def resolve(self, reference: str, from_resource: Any = None) -> EClassifier:
        target = self._target(reference)
        assert target is not None
        fragment = Resource.normalize(reference).rsplit("#", 1)[1]
        classifier: EClassifier | None = Resource._navigate_from(fragment, self._registry._load(target).ecore)
        if classifier is None:
            raise NbmdeError(f"refers to {reference!r}, which is not there", file=str(self._path))
        return classifier

    def _target(self, reference: str) -> Path | None:
        uri, _, _ = Resource.normalize(reference).rpartition("#")
        return self._registry._locate(uri, self._path) if uri else None


def _package(path: Path) -> tuple[str, str]:
    """Name and namespace URI of the package in an `.ecore` file."""
    try:
        _, root = next(etree.iterparse(str(path), events=("start",)))
        return root.attrib["name"], root.attrib["nsURI"]
    except (etree.XMLSyntaxError, KeyError, StopIteration) as error:
        raise NbmdeError(f"not an Ecore metamodel with name and nsURI: {error}", file=str(path)) from error


def _references(path: Path) -> set[str]:
    """The URIs of other metamodels that an `.ecore` file refers to."""
    return set(re.findall(r'["\s]([^\s"#]+)#//', path.read_text(encoding="utf-8")))


def _guard(package: EPackage) -> None:
    """Make the elements of a metamodel refuse what it does not know."""
    for classifier in package.eClassifiers:
        if isinstance(classifier, EClass):
            guard(classifier)


def _resolve(classifier: EClassifier, path: Path) -> None:
    """Put the classifiers themselves where the file refers to other files, and check what Java would not read."""
    if isinstance(classifier, EEnum):
        for literal in classifier.eLiterals:
            if literal.literal not in (None, literal.name):
                reason = f"literal {literal.name!r} of {classifier.name} has another text, {literal.literal!r}"
                raise NbmdeError(reason, file=str(path), remedy="leave out literal=, the name is what is saved")
    if not isinstance(classifier, EClass):
        return
    if any(isinstance(supertype, EProxy) for supertype in classifier.eSuperTypes):
        supertypes = [supertype.force_resolve() for supertype in classifier.eSuperTypes]
        classifier.eSuperTypes.clear()
        classifier.eSuperTypes.extend(supertypes)
    for feature in classifier.eStructuralFeatures:
        if isinstance(feature.eType, EProxy):
            feature.eType = feature.eType.force_resolve()
        if problem := _unusable(feature):
            raise NbmdeError(f"{classifier.name}.{feature.name}: {problem}", file=str(path))


def _unusable(feature: Any) -> str | None:
    """Why values of a feature could not be saved, or its default not read by EMF."""
    if feature.eType is None:
        return "it has no type"
    if feature.name == "href":
        return "XMI has another meaning for the name href"
    if feature.is_attribute and not (feature.derived or feature.transient or feature.volatile):
        try:
            values = literal(feature.eType)
            if feature.defaultValueLiteral is not None:
                values.read(feature.defaultValueLiteral)
        except (ValueError, ArithmeticError) as error:
            return str(error)
    return None
