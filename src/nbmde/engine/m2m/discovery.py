"""Finds transformations: Python packages in the `transformations/` folders of nbmde and of extensions."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import ModuleType

from nbmde.engine import locations
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m.transformation import Helper, Rule, RuleError, Transformation

PACKAGE = "nbmde_transformations"
"""Transformations are imported as modules of this package, whose path are all `transformations/` folders."""


def find(name: str, extensions: tuple[Path, ...] = ()) -> Transformation:
    """The transformation of this name; one that extends another is put together with it.

    Raises:
        NbmdeError: if there is none, it is there twice, or it cannot be imported.
    """
    found = _find(name, tuple(extensions), ())
    layers = [layer for layer in _layers(tuple(extensions)) if layer.superimposes == name]
    if not layers:
        return found
    whole = Transformation(name, extends=found)
    whole.layers = tuple(layer.name for layer in layers)
    added: dict[str, Rule] = {}
    for layer in layers:
        for rule in layer.rules.values():
            if (other := added.setdefault(rule.name, rule)) is not rule:
                reason = f"transformation {layer.name} lays {rule.name} over {name}, and so does {other}"
                raise RuleError(reason, file=rule.file, line=rule.line, remedy="rename it, or leave out one extension")
        whole.extend(layer)
    for layer in layers:
        _refuse_near_misses(layer, found)
        _refuse_unused(layer, found, whole)
    return whole


def _refuse_near_misses(layer: Transformation, base: Transformation) -> None:
    """A rule that applies by itself, and is called nearly like another one for the same class, would run beside it."""
    for rule in layer.rules.values():
        if rule.lazy or rule.extends or rule.name in base.rules or rule.name in base.gone:
            continue
        alike = [one.name for one in base.rules.values() if one.source == rule.source and one.name not in layer.rules]
        if near := get_close_matches(rule.name, alike, 1, cutoff=0.8):
            reason = f"transformation {layer.name} adds the rule {rule.name} to {base.name}, beside {near[0]}"
            remedy = f"{near[0]}, if it is to take its place; else a name that is less like it"
            raise RuleError(reason, file=rule.file, line=rule.line, remedy=remedy)


def _refuse_unused(layer: Transformation, base: Transformation, whole: Transformation) -> None:
    """Refuse what is laid over a transformation under a name that nothing there uses: a slip of the pen, never run."""
    lazy = [rule for rule in layer.rules.values() if rule.lazy and not rule.extends]
    kinds: list[tuple[str, Sequence[Rule | Helper], list[str]]] = [
        ("lazy rule", lazy, list(base.rules)),
        ("helper", list(layer.helpers.values()), list(dict.fromkeys(name for name, _ in base.helpers))),
    ]
    for kind, mine, known in kinds:
        for one in mine:
            if one.name in known or one.name in base.gone or _is_said(one.name, whole):
                continue
            near = get_close_matches(one.name, known, 1)
            reason = (
                f"transformation {layer.name} adds the {kind} {one.name} to {base.name}, and nothing there names it"
            )
            remedy = f"{near[0]}?" if near else f"call it, or give it the name of one of: {', '.join(known)}"
            raise RuleError(reason, file=one.file, line=one.line, remedy=remedy)


def _is_said(name: str, transformation: Transformation) -> bool:
    """Does code of a transformation say a name, apart from what it defines?"""
    defined: list[Rule | Helper] = [*transformation.rules.values(), *transformation.helpers.values()]
    word = re.compile(rf"(?<!\bdef )\b{re.escape(name)}\b")
    files = sorted({one.path for one in defined})
    return any(word.search(Path(file).read_text(encoding="utf-8", errors="replace")) for file in files)


def _layers(extensions: tuple[Path, ...]) -> list[Transformation]:
    """The transformations of extensions that are laid over others, in the order of the extensions."""
    return [one for one in _of_extensions(extensions) if one.superimposes is not None]


def unknown(transformation: str, layers: Iterable[str], extensions: tuple[Path, ...]) -> list[str]:
    """Which of a transformation and of those that were laid over it are not to be found."""
    known = {one.name for one in _layers(tuple(extensions))}
    missing = [] if _files(transformation, tuple(extensions)) else [transformation]
    return [*missing, *(layer for layer in layers if layer not in known)]


def added(extensions: tuple[Path, ...]) -> list[Transformation]:
    """The refinements of extensions that say where in a chain they run, in the order of the extensions."""
    return [one for one in _of_extensions(tuple(extensions)) if one.after or one.before]


def _of_extensions(extensions: tuple[Path, ...]) -> list[Transformation]:
    if not extensions:
        return []
    own = set(names())
    found = [_find(name, extensions, ()) for name in names(extensions) if name not in own]
    for one in found:
        for word in ("superimposes", "after", "before"):
            if (place := getattr(one, word)) is not None and not _files(place, extensions):
                known = _every(extensions)
                near = get_close_matches(place, known, 1)
                reason = f"transformation {one.name}: {word}={place!r} names none"
                file = sys.modules[f"{PACKAGE}.{one.name}"].__file__
                remedy = f"{near[0]}?" if near else f"known: {', '.join(known)}"
                raise RuleError(reason, file=file, remedy=remedy)
    return found


def _every(extensions: tuple[Path, ...]) -> list[str]:
    """Names of all transformations, those of refinements in packages as well."""
    inside = (
        f"{file.parent.name}.{file.stem}"
        for root in locations.roots("transformations", extensions)
        for file in sorted(root.glob("*/*.py"))
        if file.stem != "__init__" and _defines(file)
    )
    return [*names(extensions), *inside]


def names(extensions: tuple[Path, ...] = ()) -> list[str]:
    """Names of all transformations that are packages or modules of their own, nbmde's own first."""
    roots = list(locations.roots("transformations", extensions))
    packages = (init.parent.name for root in roots for init in sorted(root.glob("*/__init__.py")))
    modules = (file.stem for root in roots for file in sorted(root.glob("*.py")) if _defines(file))
    return list(dict.fromkeys([*packages, *modules]))


def _defines(file: Path) -> bool:
    """Does a module define a transformation, and is it not there for others alone?"""
    return re.search(r"^transformation\b", file.read_text(encoding="utf-8", errors="replace"), re.MULTILINE) is not None


def module(name: str, extensions: tuple[Path, ...] = ()) -> ModuleType:
    """A module below the `transformations/` folders, imported.

    Raises:
        NbmdeError: if there is none, it is there twice, or it cannot be imported.
    """
    files = _files(name, extensions)
    if not files:
        known = ", ".join(names(extensions))
        raise NbmdeError(f"there is no transformation {name!r}", remedy=f"known: {known}" if known else None)
    if len(files) > 1:
        raise NbmdeError(f"{name!r} is there twice: {files[0]} and {files[1]}", remedy="rename one of them")
    package = sys.modules.setdefault(PACKAGE, ModuleType(PACKAGE, "Transformations of nbmde and of extensions."))
    package.__path__ = [str(_resolved(root)) for root in locations.roots("transformations", extensions)]
    full_name = f"{PACKAGE}.{name}"
    loaded = sys.modules.get(full_name)
    if loaded is not None:
        if _resolved(Path(loaded.__file__ or "")) == files[0]:
            return loaded
        _forget(full_name)  # one of the same name from another extension
    importlib.invalidate_caches()
    try:
        return importlib.import_module(full_name)
    except NbmdeError:
        _forget(full_name)
        raise
    except Exception as error:
        _forget(full_name)
        file, line = _import_place(error, files[0])
        raise RuleError(f"cannot be imported: {type(error).__name__}: {error}", file=file, line=line) from error


def _files(name: str, extensions: tuple[Path, ...]) -> list[Path]:
    """Where the module of a name is."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts):  # a name may come from a model: it leads nowhere else
        return []
    bases = [_resolved(root) / Path(*parts) for root in locations.roots("transformations", extensions)]
    return [file for base in bases for file in (base / "__init__.py", base.with_suffix(".py")) if file.is_file()]


@cache
def _resolved(path: Path) -> Path:
    """A path as it is without links; asked for the same paths at each step."""
    return path.resolve()


def _find(name: str, extensions: tuple[Path, ...], path: tuple[str, ...]) -> Transformation:
    if name in path:
        raise NbmdeError(f"transformation {name} extends itself: {' -> '.join((*path, name))}")
    loaded = module(name, extensions)
    transformation = getattr(loaded, "transformation", None)
    if not isinstance(transformation, Transformation):
        reason = "defines no transformation"
        raise NbmdeError(reason, file=loaded.__file__, remedy=f'transformation = Transformation("{name}", ...)')
    if isinstance(transformation.extends, str):
        transformation.extends = _find(transformation.extends, extensions, (*path, name))
    return transformation


def _forget(full_name: str) -> None:
    for known in [known for known in sys.modules if known == full_name or known.startswith(f"{full_name}.")]:
        del sys.modules[known]


def _import_place(error: Exception, file: Path) -> tuple[str, int | None]:
    """Where an import failed: the innermost line in the folder of the transformation."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    found: tuple[str, int | None] = (str(file), None)
    traceback = error.__traceback__
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        if Path(filename).is_relative_to(file.parent):
            found = (filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found
