"""Writes models as XMI that EMF reads: same model, same bytes.

Features appear in metamodel order. A string of several lines is an XML element of its own, so that files can be read
and compared by line; all other single values are XML attributes. References within the file are ids; a list that leaves
the file is written as `href` elements, in its order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models.ecore import EClass, EFeature, EObject
from nbmde.engine.models.garbage import collection_paused
from nbmde.engine.models.registry import Registry
from nbmde.engine.models.slots import Slot, slots
from nbmde.engine.models.structure import (
    Model,
    children,
    fragment,
    id_feature,
    identifier,
    inner_fragment,
    is_private,
    label,
    root_of,
    roots,
    walk,
)
from nbmde.engine.models.xmi import MAX_DEPTH, XMI, XSI, Document, document_of

_ID = re.compile(r"[A-Za-z0-9_.-]+")
_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def save(models: Mapping[Path, Model], registry: Registry, metamodel_dir: Path | None = None) -> None:
    """Write models that may refer to each other, all of them or none.

    Elements without an id are given one: `step.3` for the third Step of its model. References to elements of other
    models, given here or loaded from a file, become relative `href`. If one of the models is private, their owner alone
    may read the files.

    Args:
        models: by file; each is given by its root, or by its roots in a list or tuple.
        registry: tells where the metamodels are.
        metamodel_dir: folder of the `.ecore` files that `xsi:schemaLocation` names. By default where the models were
            loaded with them, as EMF takes a metamodel in two places for two, else where the registry has them.

    Raises:
        NbmdeError: for a reference to an element in no file, an id that is given twice or malformed, a value that the
            file could not hold, or a file that cannot be written.
    """
    given = {Path(path): roots(model) for path, model in models.items()}
    _write_all(contents(given, registry, metamodel_dir), any(map(is_private, given.values())))
    for path, model in given.items():
        known = dict.fromkeys(map(document_of, model))
        document = Document(path, model)
        for one in known:
            document.metamodels.update(one.metamodels if one is not None else {})


def contents(models: Mapping[Path, Model], registry: Registry, metamodel_dir: Path | None = None) -> dict[Path, bytes]:
    """Return what `save` would write, by file; the models stay in the files that they were loaded from."""
    given = {Path(path): roots(model) for path, model in models.items()}
    every = [id(root) for model in given.values() for root in model]
    if len(set(every)) < len(every):
        raise NbmdeError("one model is to be saved in two files", remedy="save it twice, or copy the file")
    for path, model in given.items():
        if contained := [root for root in model if root.eContainer() is not None]:
            reason = f"{label(contained[0])} is no root"
            raise NbmdeError(reason, file=str(path), remedy="save the model that contains it")
        _check_depth(model, path)
        assign_ids(model)
    written = _Written(given)
    with collection_paused():
        writers = {path: _Writer(path, written, registry, metamodel_dir) for path in given}
        return {path: writer.write(given[path]).encode() for path, writer in writers.items()}


def dumps(model: Model, registry: Registry) -> bytes:
    """A model that refers to no other one, as `save` would write it, without the place of its metamodel."""
    assign_ids(model)
    path, tops = Path("model.xmi"), roots(model)
    return _Writer(path, _Written({path: tops}), registry, None, located=False).write(tops).encode()


def assign_ids(model: Model) -> dict[str, EObject]:
    """Give an id to every element of a model that can have one and has none; return all elements by id."""
    elements = list(walk(model))
    ids: dict[str, EObject] = {}
    for obj in elements:
        if (given := identifier(obj)) is not None:
            if not _ID.fullmatch(given):
                raise NbmdeError(f"{label(obj)}: an id holds letters, digits, '_', '.' and '-' only")
            if ids.setdefault(given, obj) is not obj:
                raise NbmdeError(f"{label(obj)} and {label(ids[given])} have the same id")
    counts: dict[str, int] = {}
    for obj in elements:
        feature = id_feature(obj.eClass)
        if feature is None:
            continue
        kind = obj.eClass.name.lower()
        counts[kind] = counts.get(kind, 0) + 1
        if identifier(obj) is None:
            while f"{kind}.{counts[kind]}" in ids:
                counts[kind] += 1
            setattr(obj, feature.name, f"{kind}.{counts[kind]}")
            ids[f"{kind}.{counts[kind]}"] = obj
    return ids


@cache
def _written(eclass: EClass) -> tuple[tuple[EFeature, Slot], ...]:
    """The features of a class that are written, and how."""
    return tuple((slot.feature, slot) for slot in slots(eclass).values() if slot.written)


def _check_depth(model: tuple[EObject, ...], path: Path) -> None:
    level = list(model)
    for _ in range(MAX_DEPTH + 1):
        level = [child for obj in level for child in children(obj)]
    if level:
        raise NbmdeError(f"{level[0].eClass.name} is nested deeper than {MAX_DEPTH} elements", file=str(path))


def _write_all(contents: Mapping[Path, bytes], private: bool) -> None:
    """Write all files beside their places, then rename them."""
    written: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            written[path] = path.with_name(f".{path.name}.{os.getpid()}")
            written[path].touch(0o600 if private else 0o666)
            written[path].write_bytes(content)
        for path, beside in written.items():
            os.replace(beside, path)
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(path)) from error
    finally:
        for beside in written.values():
            with suppress(OSError):
                beside.unlink(missing_ok=True)


class _Written:
    """Where the roots of the models are that are written together: their files, and their numbers in these."""

    def __init__(self, given: Mapping[Path, tuple[EObject, ...]]) -> None:
        self.given = given
        self.files = {os.path.abspath(path) for path in given}
        self.paths = {id(root): path for path, model in given.items() for root in model}
        self.numbers = {id(root): number for model in given.values() for number, root in enumerate(model)}

    def place(self, target: EObject, root: EObject) -> str:
        """The place of an element as EMF writes it, once the models are in their files; see `fragment`."""
        several = len(self.given[self.paths[id(root)]]) > 1
        segment = f"/{self.numbers[id(root)]}" if several else "/"
        return segment if target is root else f"{segment}/{inner_fragment(target)}"


class _Writer:
    """Writes one file."""

    def __init__(
        self,
        path: Path,
        written: _Written,
        registry: Registry,
        metamodel_dir: Path | None,
        located: bool = True,
    ) -> None:
        self.path = path
        self.registry = registry
        self.metamodel_dir = metamodel_dir
        self.located = located
        self.folder = os.path.abspath(path.parent)
        self.written = written
        self.relative: dict[Path, str] = {path: ""}
        self.prefixes: dict[str, str] = {}  # by namespace URI
        self.documents: dict[int, Document | None] = {}  # by root
        self.found: dict[EObject, tuple[str, str]] = {}  # where elements are that others refer to
        self.types: dict[EObject, str] = {}
        self.places: dict[str, Path] = {}  # of metamodels, as the files have them that these models are of or refer to
        for model in written.given.values():
            for document in dict.fromkeys(map(document_of, model)):
                self._learn(document)

    def write(self, model: tuple[EObject, ...]) -> str:
        """The text of the file: the root or, where there are several or none, all of them in an element of XMI."""
        first = f"{self._prefix(model[0])}:{model[0].eClass.name}" if len(model) == 1 else "xmi:XMI"
        around = len(model) != 1
        lines = self._lines([(root, None, int(around)) for root in model])
        if around and lines:
            lines = [f"<{first}>", *lines, f"</{first}>"]
        elif around:
            lines = [f"<{first}/>"]
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{first} {self._namespaces()}'
        lines[0] = head + lines[0].removeprefix(f"<{first}")
        return "\n".join([*lines, ""])

    def _lines(self, elements: list[tuple[EObject, Slot | None, int] | str]) -> list[str]:
        """The lines for some elements, which roots begin, and all that they contain."""
        lines: list[str] = []
        stack = elements[::-1]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                lines.append(item)
                continue
            obj, slot, depth = item
            attributes, contents = self._features(obj, depth + 1)
            tag = f"{self._prefix(obj)}:{obj.eClass.name}" if slot is None else slot.name
            kind = "" if slot is None or obj.eClass is slot.feature.eType else f' xsi:type="{self._type(obj)}"'
            indent = "  " * depth
            if contents:
                lines.append(f"{indent}<{tag}{kind}{attributes}>")
                stack.append(f"{indent}</{tag}>")
                stack.extend(reversed(contents))
            else:
                lines.append(f"{indent}<{tag}{kind}{attributes}/>")
        return lines

    def _features(self, obj: EObject, depth: int) -> tuple[str, list[tuple[EObject, Slot | None, int] | str]]:
        """The XML attributes of an element, and the XML elements in it."""
        attributes: list[str] = []
        elements: list[tuple[EObject, Slot | None, int] | str] = []
        indent = "  " * depth
        isset = obj._isset
        for feature, slot in _written(obj.eClass):
            if feature not in isset:
                continue
            value = getattr(obj, slot.name)
            if slot.containment:
                elements.extend(
                    (child, slot, depth) for child in (value if slot.many else [value]) if child is not None
                )
            elif slot.values is None:
                targets = [target for target in (value if slot.many else [value]) if target is not None]
                places = [self.found.get(target) or self._place(obj, slot, target) for target in targets]
                if any(uri for uri, _ in places):
                    for target, (uri, name) in zip(targets, places, strict=True):
                        kind = "" if target.eClass is slot.feature.eType else f' xsi:type="{self._type(target)}"'
                        elements.append(f'{indent}<{slot.name}{kind} href="{uri}#{name}"/>')
                elif places:
                    attributes.append(f' {slot.name}="{" ".join(name for _, name in places)}"')
            elif slot.many:
                elements.extend(self._element(obj, slot, one, indent) for one in value)
            elif value is None and slot.default is not None:
                elements.append(self._element(obj, slot, None, indent))
            elif value is not None and (string := self._string(obj, slot, value)) != slot.default_text:
                if "\n" in string:
                    elements.append(f"{indent}<{slot.name}>{string.translate(_TEXT)}</{slot.name}>")
                else:
                    attributes.append(f' {slot.name}="{string.translate(_ATTRIBUTE)}"')
        return "".join(attributes), elements

    def _element(self, obj: EObject, slot: Slot, value: Any, indent: str) -> str:
        if value is None:
            self.prefixes.setdefault(XSI, "xsi")
            return f'{indent}<{slot.name} xsi:nil="true"/>'
        return f"{indent}<{slot.name}>{self._string(obj, slot, value).translate(_TEXT)}</{slot.name}>"

    def _string(self, obj: EObject, slot: Slot, value: Any) -> str:
        assert slot.values is not None
        try:
            return slot.values.write(value)
        except ValueError as error:
            raise NbmdeError(f"{label(obj)}: {slot.name}: {error}", file=str(self.path)) from error

    def _place(self, obj: EObject, slot: Slot, target: EObject) -> tuple[str, str]:
        """Where a target is: relative file ("" for this one) and id or, without one, its place in the tree."""
        name = identifier(target)
        root = root_of(target)
        path = self.written.paths.get(id(root))
        if name is None or not _ID.fullmatch(name):
            name = fragment(target) if path is None else self.written.place(target, root)
        if path is None:
            if id(root) not in self.documents:
                self.documents[id(root)] = document_of(root)
            document = self.documents[id(root)]
            if document is None or str(document.location) in self.written.files:
                raise self._lost(obj, slot, target, document)
            path = document.location
            self._learn(document)
        self.found[target] = self._relative(path), name
        return self.found[target]

    def _lost(self, obj: EObject, slot: Slot, target: EObject, document: Document | None) -> NbmdeError:
        """Make the error for a target that is in no file, or will not be."""
        where, remedy = "no file", "let its model contain it and save that model too"
        if document is not None:
            where, remedy = f"{document.path}, which another model is about to replace", "save to another file"
        reason = f"{label(obj)}: {slot.name} refers to {label(target)}, which is in {where}"
        return NbmdeError(reason, file=str(self.path), remedy=remedy)

    def _learn(self, document: Document | None) -> None:
        """Take over where a file has its metamodels."""
        for uri, path in document.metamodels.items() if document is not None else ():
            self.places.setdefault(uri, path)

    def _relative(self, path: Path) -> str:
        """The URI of a file as seen from this one; of this one it is empty."""
        if path not in self.relative:
            self.relative[path] = quote(Path(os.path.relpath(os.path.abspath(path), self.folder)).as_posix())
        return self.relative[path]

    def _type(self, obj: EObject) -> str:
        if obj.eClass not in self.types:
            self.prefixes.setdefault(XSI, "xsi")
            self.types[obj.eClass] = f"{self._prefix(obj)}:{obj.eClass.name}"
        return self.types[obj.eClass]

    def _prefix(self, obj: EObject) -> str:
        package = obj.eClass.ePackage
        if package.nsURI not in self.prefixes:
            prefix, taken = package.nsPrefix or package.name, {*self.prefixes.values(), "xmi", "xsi"}
            while prefix in taken:
                prefix += "_"
            self.prefixes[package.nsURI] = prefix
        return self.prefixes[package.nsURI]

    def _namespaces(self) -> str:
        """Declarations of the root element, and where the metamodels are."""
        packages = sorted((prefix, uri) for uri, prefix in self.prefixes.items() if uri != XSI)
        declared = ['xmi:version="2.0"', f'xmlns:xmi="{XMI}"']
        locations = [f"{uri} {self._relative(self._metamodel(uri))}" for _, uri in packages] if self.located else []
        if locations or XSI in self.prefixes:
            declared.append(f'xmlns:xsi="{XSI}"')
        declared += [f'xmlns:{prefix}="{uri}"' for prefix, uri in packages]
        if locations:
            declared.append(f'xsi:schemaLocation="{" ".join(locations)}"')
        return "\n    ".join(declared)

    def _metamodel(self, uri: str) -> Path:
        path = self.registry.by_uri(uri).path
        if self.metamodel_dir is not None:
            return self.metamodel_dir / path.name
        beside = (known.parent / path.name for known in self.places.values())
        return self.places.get(uri) or next((one for one in beside if one.is_file()), path)
