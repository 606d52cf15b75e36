"""Reads models from XMI, with all models that they refer to.

Elements are created while the file is parsed, with their attributes; references are set when all files are there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models.ecore import EClass, EObject
from nbmde.engine.models.garbage import collection_paused
from nbmde.engine.models.registry import Registry
from nbmde.engine.models.slots import Slot, slots
from nbmde.engine.models.structure import id_feature, is_kind
from nbmde.engine.models.xmi import MAX_DEPTH, XMI, XSI, Document

_LOCATION = f"{{{XSI}}}schemaLocation"
_TYPE, _NIL, _XMI_ID, _XMI_TYPE = f"{{{XSI}}}type", f"{{{XSI}}}nil", f"{{{XMI}}}id", f"{{{XMI}}}type"
_SEVERAL = f"{{{XMI}}}XMI"
"""The XML element around the roots of a model, where they are several or none."""
_DECLARATION = rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml\s[^>]*?\?>)?"
_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)")
_DOCTYPE = re.compile(_DECLARATION + rb"(?:\s|<!--.*?-->|<\?.*?\?>)*<!DOCTYPE", re.DOTALL)
_READABLE_ENCODINGS = (b"utf-8", b"ascii", b"us-ascii", b"iso-8859-1")


def load(path: Path, registry: Registry) -> EObject:
    """The root of the model in a file, loaded with every file that it refers to.

    Raises:
        NbmdeError: for a file that is missing, no XMI, does not fit its metamodel, has not just one root or refers to
            what is not there; only the lists of any elements that traces hold leave out what is there no more.
    """
    return load_all([path], registry)[0]


def load_roots(path: Path, registry: Registry) -> tuple[EObject, ...]:
    """The roots of the model in a file, any number of them; as `load`."""
    return load_models([path], registry)[0]


def load_all(paths: Iterable[Path], registry: Registry) -> list[EObject]:
    """The roots of the models in files that may refer to each other, one each: each file is loaded once."""
    return [document.root for document in _documents(paths, registry)]


def load_models(paths: Iterable[Path], registry: Registry) -> list[tuple[EObject, ...]]:
    """The roots of the models in files that may refer to each other, any number each: each file is loaded once."""
    return [document.roots for document in _documents(paths, registry)]


def _documents(paths: Iterable[Path], registry: Registry) -> list[Document]:
    loader = _Loader(registry)
    with collection_paused():
        documents = [loader.document(Path(path)) for path in paths]
        loader.resolve()
    return documents


class _Reference:
    """References of one feature of one element, to be set when all files are loaded."""

    __slots__ = ("line", "obj", "slot", "targets")

    def __init__(self, obj: EObject, slot: Slot, line: int) -> None:
        self.obj, self.slot, self.line = obj, slot, line
        self.targets: list[tuple[str, str]] = []  # path as written ("" for the same file), fragment


class _Loader:
    """Files that are loaded together."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.documents: dict[Path, Document] = {}
        self.references: list[tuple[Document, list[_Reference]]] = []

    def document(self, path: Path) -> Document:
        key = path.resolve()
        if key not in self.documents:
            reader = _Reader(path, self.registry)
            self.documents[key] = reader.read()
            self.references.append((self.documents[key], reader.references))
        return self.documents[key]

    def resolve(self) -> None:
        for document, references in self.references:  # grows while files refer to further files
            files: dict[str, Document] = {"": document}
            for reference in references:
                for uri, _ in reference.targets:
                    if uri not in files:
                        files[uri] = self._beside(document, uri, reference.line)
            for reference in references:
                _connect(reference, files, document)

    def _beside(self, document: Document, uri: str, line: int) -> Document:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", uri) or uri.startswith("/"):
            reason = f"refers to {uri}; only files relative to this one are read"
            raise NbmdeError(reason, file=str(document.path), line=line)
        path = Path(os.path.normpath(document.path.parent / unquote(uri)))
        if not _is_file(path):
            reason = f"refers to {unquote(uri)}, which is not there"
            raise NbmdeError(reason, file=str(document.path), line=line, remedy="keep the files of a model together")
        return self.document(path)


def _is_file(path: Path) -> bool:
    """Whether there is a file; a text that can be no path is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _connect(reference: _Reference, files: dict[str, Document], document: Document) -> None:
    """Set a reference. Records of any elements, as traces are, leave out those that an editor deleted since."""
    obj, slot = reference.obj, reference.slot
    record = slot.many and slot.feature.lowerBound == 0 and slot.feature.eType.name == "EObject"
    targets: list[EObject] = []
    for uri, fragment in reference.targets:
        target = _target(files[uri], fragment)
        if target is not None:
            targets.append(target)
        elif not record:
            reason = f"{obj.eClass.name}.{slot.name} refers to {fragment!r}, which is not in {uri or 'this file'}"
            raise NbmdeError(reason, file=str(document.path), line=reference.line)
    if len(targets) > 1 and not slot.many:
        reason = f"{obj.eClass.name}.{slot.name} holds one reference, not {len(targets)}"
        raise NbmdeError(reason, file=str(document.path), line=reference.line)
    try:
        if slot.many:
            collection = getattr(obj, slot.name)
            collection.extend(targets)
            if slot.feature.eOpposite is not None:
                _reorder(collection, targets)
        else:
            setattr(obj, slot.name, targets[0])
    except TypeError as error:
        wrong = next(target for target in targets if not is_kind(target, slot.feature.eType))
        reason = f"{obj.eClass.name}.{slot.name} refers to a {wrong.eClass.name}, not a {slot.feature.eType.name}"
        raise NbmdeError(reason, file=str(document.path), line=reference.line) from error


def _reorder(collection: Any, targets: list[EObject]) -> None:
    """Give a collection that was already filled from the other side the order of the file."""
    if list(collection) != targets and hasattr(collection, "items"):
        collection.items[:] = dict.fromkeys([*targets, *collection])
        collection.map.clear()
        collection.map.update({target: position for position, target in enumerate(collection.items)})


def _target(document: Document, fragment: str) -> EObject | None:
    """The element that a fragment names: by its id, or by its place, `//@steps.2/@inputs.0`, `/1/@steps.2`."""
    if fragment in document.ids:
        return document.ids[fragment]
    match = re.fullmatch(r"/([0-9]{0,9})(|/.*)", fragment)
    number = int(match[1] or 0) if match is not None else 0
    if match is None or number >= len(document.contents):
        return None
    obj: EObject = document.contents[number]
    for segment in match[2].split("/")[1:]:
        name, _, position = segment.removeprefix("@").partition(".")
        slot = slots(obj.eClass).get(name)
        if slot is None or not slot.containment:
            return None
        value: Any = getattr(obj, name)
        if slot.many:
            number = int(position) if re.fullmatch(r"[0-9]{1,9}", position) else len(value)
            value = value[number] if number < len(value) else None
        if value is None:
            return None
        obj = value
    return obj


class _Frame:
    """An XML element that is open: an object, or the value of an attribute (`obj` is None)."""

    __slots__ = ("contents", "obj", "references", "slot", "table")

    def __init__(self, obj: EObject | None, slot: Slot | None) -> None:
        self.obj: Any = obj
        self.slot = slot
        self.table: Mapping[str, Slot] = slots(obj.eClass) if obj is not None else {}
        self.contents: dict[str, list[Any]] = {}  # by feature: contained elements, values of attributes
        self.references: dict[str, _Reference] = {}


class _Reader:
    """Reads one file."""

    def __init__(self, path: Path, registry: Registry) -> None:
        self.path = path
        self.registry = registry
        self.references: list[_Reference] = []
        self.ids: dict[str, EObject] = {}
        self.metamodels: dict[str, Path] = {}

    def read(self) -> Document:
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise NbmdeError(f"cannot be read: {error.strerror}", file=str(self.path)) from error
        self._check_prolog(data)
        options: dict[str, Any] = {"huge_tree": True, "resolve_entities": False, "no_network": True}
        events = etree.iterparse(
            BytesIO(data), events=("start", "end"), remove_comments=True, remove_pis=True, **options
        )
        stack: list[_Frame | None] = []
        roots: list[EObject] = []
        around = 0  # XML elements around the roots: xmi:XMI where there are several
        try:
            for event, node in events:
                if event == "start":
                    if len(stack) - around > MAX_DEPTH:
                        raise self._error(f"nested deeper than {MAX_DEPTH} elements", node)
                    if not stack and node.tag == _SEVERAL:
                        around = 1
                        self._locate(node)
                        stack.append(_Frame(None, None))
                    else:
                        stack.append(self._open(node, stack[-1]) if len(stack) > around else self._open_root(node))
                    continue
                frame = stack.pop()
                if frame is not None:
                    one = self._close(node, frame, stack[-1] if stack else None)
                    if len(stack) == around:
                        roots.append(one)
                node.clear()
        except etree.XMLSyntaxError as error:
            raise self._not_xml(data, error) from error
        document = Document(self.path, roots)
        document.ids, document.metamodels = self.ids, self.metamodels
        return document

    def _check_prolog(self, data: bytes) -> None:
        """Refuse what an XML parser would expand or decode before anything can be checked."""
        encoding = _ENCODING.match(data)
        unknown = encoding is not None and encoding[1].lower() not in _READABLE_ENCODINGS
        if unknown or b"\x00" in data[:4] or not re.match(rb"(?:\xef\xbb\xbf)?\s*<", data):
            raise NbmdeError("not an XMI file in UTF-8 or ASCII", file=str(self.path))
        if _DOCTYPE.match(data):
            raise NbmdeError("has a document type declaration, which XMI has not", file=str(self.path))

    def _not_xml(self, data: bytes, error: etree.XMLSyntaxError) -> NbmdeError:
        """Make the error for a file that is no XML, as the parser of whole files words it, more clearly."""
        try:
            etree.fromstring(data, etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as clearer:
            error = clearer
        return NbmdeError(f"not XML: {error.msg}", file=str(self.path), line=error.lineno)

    def _error(self, reason: str, node: Any, remedy: str | None = None) -> NbmdeError:
        return NbmdeError(reason, file=str(self.path), line=node.sourceline, remedy=remedy)

    def _open_root(self, node: Any) -> _Frame:
        if ":" in node.tag and not node.tag.startswith("{"):
            raise self._error(f"prefix of <{node.tag}> is not declared", node)
        name = etree.QName(node)
        if name.namespace == XMI:
            raise self._error(f"<{name.localname}> of XMI is no element of a model", node)
        if name.namespace is None:
            raise self._error(f"<{name.localname}> belongs to no metamodel", node)
        self._locate(node)
        return self._create(node, dict(node.items()), self._eclass(name.namespace, name.localname, node), None)

    def _locate(self, node: Any) -> None:
        """Take note of where the file says that its metamodels are."""
        located = node.get(_LOCATION, "").split()
        for uri, place in zip(located[::2], located[1::2], strict=False):
            path = Path(os.path.abspath(self.path.parent / unquote(place)))
            if _is_file(path):
                self.metamodels[uri] = path

    def _open(self, node: Any, parent: _Frame | None) -> _Frame | None:
        """The frame of an XML element, or None where there is nothing to do when it closes."""
        if parent is None or parent.obj is None:
            raise self._error(f"<{node.tag}> is not expected here", node)
        slot = self._slot(parent, node.tag.rpartition("}")[2], node)
        if slot.values is not None:
            return _Frame(None, slot)
        attributes = dict(node.items())
        if (href := attributes.get("href")) is not None:
            if slot.containment:
                reason = f"{slot.name} contains an element of another file"
                raise self._error(reason, node, "one file holds a whole model")
            self._reference(parent, slot, [_split(href)], node)
            return None
        if attributes.get(_NIL) == "true":
            return None
        if not slot.containment:
            raise self._error(f"{slot.name} is a reference, but has no href", node)
        eclass = slot.feature.eType
        if (type_name := attributes.get(_TYPE) or attributes.get(_XMI_TYPE)) is not None:
            prefix, _, name = type_name.rpartition(":")
            uri = node.nsmap.get(prefix or None)
            if uri is None:
                raise self._error(f"prefix of type {type_name!r} is not declared", node)
            eclass = self._eclass(uri, name, node)
            if not issubclass(eclass.python_class, getattr(slot.feature.eType, "python_class", slot.feature.eType)):
                raise self._error(f"{slot.name} holds {slot.feature.eType.name}, not {name}", node)
        return self._create(node, attributes, eclass, slot)

    def _eclass(self, uri: str, name: str, node: Any) -> EClass:
        try:
            eclass: EClass | None = self.registry.by_uri(uri).ecore.getEClassifier(name)
        except NbmdeError as error:
            raise self._error(error.reason, node, error.remedy) from error
        if eclass is None or not hasattr(eclass, "eStructuralFeatures"):
            raise self._error(f"metamodel {uri} has no class {name!r}", node)
        return eclass

    def _slot(self, frame: _Frame, name: str, node: Any) -> Slot:
        slot = frame.table.get(name)
        if slot is None:
            near = get_close_matches(name, frame.table, 1)
            remedy = f"{near[0]}?" if near else f"it has {', '.join(frame.table)}" if frame.table else None
            raise self._error(f"{frame.obj.eClass.name} has no feature {name!r}", node, remedy)
        if not slot.written:
            raise self._error(f"{frame.obj.eClass.name}.{name} follows from other features, it is not saved", node)
        return slot

    def _create(self, node: Any, attributes: dict[str, str], eclass: EClass, slot: Slot | None) -> _Frame:
        if eclass.abstract:
            raise self._error(f"{eclass.name} is abstract", node, remedy="say which subclass with xsi:type")
        obj = eclass()
        frame = _Frame(obj, slot)
        for key, value in attributes.items():
            if key.startswith("{"):
                if key == _XMI_ID:
                    self._identify(value, obj, node)
                continue
            attribute = self._slot(frame, key, node)
            if attribute.containment:
                raise self._error(f"{eclass.name}.{key} contains elements, it is no attribute", node)
            if attribute.values is None:
                tokens = [token for token in value.split() if "#" in token or ":" not in token]
                self._reference(frame, attribute, [_split(f"#{t}" if "#" not in t else t) for t in tokens], node)
            elif attribute.many:
                for token in value.split():
                    frame.contents.setdefault(key, []).append(self._value(attribute, token, node))
            else:
                setattr(obj, key, self._value(attribute, value, node))
        return frame

    def _reference(self, frame: _Frame, slot: Slot, targets: list[tuple[str, str]], node: Any) -> None:
        if targets:
            reference = frame.references.get(slot.name)
            if reference is None:
                reference = frame.references[slot.name] = _Reference(frame.obj, slot, node.sourceline)
                self.references.append(reference)
            reference.targets.extend(targets)

    def _value(self, slot: Slot, string: str, node: Any) -> Any:
        assert slot.values is not None
        try:
            return slot.values.read(string)
        except (ValueError, ArithmeticError) as error:
            raise self._error(f"{slot.name}: {error}", node) from error

    def _close(self, node: Any, frame: _Frame, parent: _Frame | None) -> Any:
        """Complete what an XML element stands for, hand it to its parent and return it."""
        slot: Slot | None = frame.slot
        value: Any = frame.obj
        if value is not None:
            for name, contents in frame.contents.items():
                if frame.table[name].many:
                    getattr(value, name).extend(contents)
                elif len(contents) > 1:
                    raise self._error(f"{value.eClass.name} has {len(contents)} {name}, one is possible", node)
                else:
                    setattr(value, name, contents[0])
            id_attribute = id_feature(value.eClass)
            if id_attribute is not None and (identifier := getattr(value, id_attribute.name)):
                self._identify(identifier, value, node)
        elif slot is not None and node.get(_NIL) != "true":
            value = self._value(slot, node.text or "", node)
        if parent is not None and slot is not None:
            parent.contents.setdefault(slot.name, []).append(value)
        return value

    def _identify(self, identifier: str, obj: EObject, node: Any) -> None:
        if self.ids.setdefault(identifier, obj) is not obj:
            raise self._error(f"id {identifier!r} is given twice", node)


def _split(href: str) -> tuple[str, str]:
    """Path and fragment of a URI reference."""
    uri, _, fragment = href.partition("#")
    return uri, unquote(fragment)
