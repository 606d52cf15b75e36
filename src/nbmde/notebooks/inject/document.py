"""A notebook file as a document of nbformat 4: read, upgraded, repaired where that loses nothing, and validated."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.inject.newer_syntax import is_python

_MAX_INT = 2**31 - 1
_REPAIR = "open and save the notebook in Jupyter, or repair the file"

# What files that are no notebooks begin with, what they are, and what to do about it.
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"version https://git-lfs", "a Git LFS pointer, not the notebook itself", "fetch the notebook with git lfs pull"),
    (b"PK\x03\x04", "a ZIP archive, not a notebook", "unpack it first"),
    (b"\x1f\x8b", "a gzip archive, not a notebook", "unpack it first"),
    (b"<", "a web page or XML, not a notebook", "download the raw .ipynb file"),
)
_CONFLICT = re.compile(rb"^<{7} .*?^={7}$.*?^>{7} ", re.DOTALL | re.MULTILINE)

# Properties that the format requires and whose absence has one meaning: for a type of cell or output, their value.
_CELL_DEFAULTS: dict[str, dict[str, Any]] = {"code": {"execution_count": None, "outputs": []}}
_OUTPUT_DEFAULTS: dict[str, dict[str, Any]] = {
    "execute_result": {"execution_count": None, "metadata": {}, "data": {}},
    "display_data": {"metadata": {}, "data": {}},
    "stream": {"name": "stdout", "text": ""},
    "error": {"ename": "", "evalue": "", "traceback": []},
}
CELL_ID = re.compile(r"[a-zA-Z0-9-_]{1,64}")


@dataclass
class Document:
    """A notebook in nbformat 4.

    Attributes:
        node: the document (`nbformat.NotebookNode`): lines joined, cell ids unique from nbformat 4.5 on.
        upgraded_from: version of the format in the file, such as `3.0`, where it is older than 4.
        language: language of the cells of older formats, which nbformat 4 states in the metadata only.
        repairs: what had to be repaired, or is kept although the format does not allow it; one sentence each.
    """

    node: Any
    upgraded_from: str | None = None
    language: str | None = None
    repairs: list[str] = field(default_factory=list)


def read(path: Path) -> Document:
    """Read a notebook file of any version of nbformat.

    Raises:
        NbmdeError: not readable, empty, no JSON, no notebook, or not valid in a way that cannot be repaired.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NbmdeError(f"cannot be read: {error.strerror or error}", file=str(path)) from error
    return parsed(content, path)


def parsed(content: bytes, path: Path) -> Document:
    """A notebook file from its content; `path` is for messages.

    Raises:
        NbmdeError: as `read`.
    """
    try:
        return _document(_parse(content, path), path)
    except RecursionError:
        raise NbmdeError("nested too deeply to be a notebook", file=str(path)) from None


def _parse(content: bytes, path: Path) -> dict[str, Any]:
    """The JSON object in a file's content."""
    if not content.strip():
        raise NbmdeError("the file is empty", file=str(path), remedy="save the notebook again, or restore it")
    try:
        notebook = json.loads(content)
    except ValueError as error:
        raise _not_json(content, path, error) from None
    if not isinstance(notebook, dict) or not notebook.keys() & {"nbformat", "cells", "worksheets"}:
        raise NbmdeError("JSON, but not a notebook: it has neither nbformat nor cells", file=str(path))
    return notebook


def _not_json(content: bytes, path: Path, error: ValueError) -> NbmdeError:
    """Make the error for a file that is not JSON, which says what it is instead."""
    file = str(path)
    for signature, what, remedy in _SIGNATURES:
        if content.lstrip().startswith(signature) and not _CONFLICT.search(content):
            return NbmdeError(f"not a notebook: {what}", file=file, remedy=remedy)
    if not isinstance(error, json.JSONDecodeError):
        reason = "not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        return NbmdeError(f"not a notebook: {reason}", file=file)
    if conflict := _CONFLICT.search(content):
        line = content.count(b"\n", 0, conflict.start()) + 1
        return NbmdeError("not JSON: unresolved merge conflict", file=file, line=line, remedy="resolve the conflict")
    text, position = error.doc, error.pos
    rest = text[position:].strip()
    cut = error.msg.startswith(("Unterminated", "Invalid \\u", "Invalid \\escape")) and "\n" not in rest
    if text.lstrip("\ufeff \t\r\n").startswith("{") and (
        cut or any(word.startswith(rest) for word in ("true", "false", "null", "-"))
    ):
        return NbmdeError("truncated: the JSON ends too early", file=file, line=error.lineno, remedy="restore the file")
    if not text.lstrip().startswith(("{", "[")) and is_python(text):
        remedy = "make a notebook of it, for instance with jupytext --to ipynb"
        return NbmdeError("not a notebook: plain Python source", file=file, remedy=remedy)
    return NbmdeError(f"not a notebook: not JSON ({error.msg})", file=file, line=error.lineno)


def _document(notebook: dict[str, Any], path: Path) -> Document:
    """A JSON object as a document of nbformat 4."""
    nbformat, file = _nbformat(), str(path)
    major, minor = notebook.get("nbformat"), notebook.get("nbformat_minor", 0)
    if type(major) is not int:
        raise NbmdeError("not a valid notebook: nbformat is not a number", file=file, remedy="save it in Jupyter")
    if major not in nbformat.versions:
        newest = max(nbformat.versions)
        raise NbmdeError(f"nbformat {major} is not known", file=file, remedy=f"save it as nbformat {newest}")
    if type(minor) is not int or not 0 <= minor <= _MAX_INT:
        raise NbmdeError("not a valid notebook: nbformat_minor is not a number", file=file)
    document = Document(notebook)
    if major < 4:
        document.upgraded_from, document.language = f"{major}.{minor}", _cell_language(notebook)
        notebook = _upgraded(notebook, path)
    for position, cell in enumerate(_dicts(notebook.get("cells")), 1):
        if not isinstance(cell.get("cell_type"), str):  # the schema's own message would not get that far
            reason = "not a valid notebook: cell_type is missing, or no text"
            raise NbmdeError(reason, file=file, cell=position, remedy=_REPAIR)
    document.repairs += repair(notebook, new_ids=major < 4)
    document.repairs += _validated(notebook, path)
    try:
        document.node = nbformat.versions[4].to_notebook_json(notebook)
    except (AttributeError, TypeError) as error:  # a property that only a newer minor version allows there
        raise NbmdeError(f"not a valid notebook: {error}", file=file) from error
    return document


def _nbformat() -> Any:
    """The library, imported when a file is read: models that are already there need not wait for it."""
    import nbformat
    import nbformat.validator

    return nbformat


def _cell_language(notebook: dict[str, Any]) -> str | None:
    """The language of the code cells in nbformat 1 to 3; the first that is not Python where they differ."""
    sheets = notebook.get("worksheets") or [notebook]
    cells = [cell for sheet in _dicts(sheets) for cell in _dicts(sheet.get("cells"))]
    languages = [cell.get("language") for cell in cells]
    stated = [language for language in languages if isinstance(language, str) and language]
    return next((language for language in stated if language.lower() != "python"), next(iter(stated), None))


def _upgraded(notebook: dict[str, Any], path: Path) -> dict[str, Any]:
    """A notebook of nbformat 1 to 3 in nbformat 4."""
    nbformat, major = _nbformat(), notebook["nbformat"]
    notebook.setdefault("metadata", {})
    if major == 3:
        for sheet in _dicts(notebook.setdefault("worksheets", [])):
            sheet.setdefault("cells", [])
    try:
        with _quiet():
            node = nbformat.versions[major].to_notebook_json(notebook, minor=notebook.get("nbformat_minor", 0))
            upgraded: dict[str, Any] = nbformat.convert(node, 4)
    except RecursionError:
        raise
    except Exception as error:  # whatever a converter stumbles over in a malformed document
        reason = f"nbformat {major} that cannot be upgraded: {type(error).__name__}: {str(error).splitlines()[0][:200]}"
        raise NbmdeError(reason, file=str(path), remedy="open and save it in Jupyter") from error
    upgraded["metadata"].pop("orig_nbformat", None)
    upgraded["metadata"].pop("orig_nbformat_minor", None)
    return upgraded


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings and log messages of nbformat."""
    from traitlets.log import get_logger

    logger: Any = get_logger()
    disabled, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = disabled


def repair(notebook: dict[str, Any], *, new_ids: bool = False) -> list[str]:
    """Complete a document of nbformat 4 in place, as Jupyter does when it opens one.

    Required properties with one possible meaning are added; from 4.5 on, cell ids that are missing, malformed or there
    twice are replaced by ids from the cell's position, so that every run gives the same.

    Args:
        new_ids: replace all cell ids.

    Returns:
        what was repaired, one sentence each.
    """
    repairs: list[str] = []
    _complete(notebook, {"metadata": {}}, "the notebook", repairs)
    cells = _dicts(notebook.get("cells"))
    for position, cell in enumerate(cells, 1):
        kind = cell.get("cell_type")
        defaults = _CELL_DEFAULTS.get(kind, {}) if isinstance(kind, str) else {}
        _complete(cell, {"metadata": {}, **defaults}, f"cell {position}", repairs)
        for output in _dicts(cell.get("outputs")) if kind == "code" else []:
            kind = output.get("output_type")
            defaults = _OUTPUT_DEFAULTS.get(kind, {}) if isinstance(kind, str) else {}
            _complete(output, defaults, f"cell {position}, {kind} output", repairs)
    minor = notebook.get("nbformat_minor")
    if isinstance(minor, int) and minor >= 5:
        _identify(cells, new_ids, repairs)
    return repairs


def _complete(node: dict[str, Any], defaults: dict[str, Any], place: str, repairs: list[str]) -> None:
    for name, value in defaults.items():
        if name not in node or (node[name] is None and value is not None):
            node[name] = value.copy() if isinstance(value, dict | list) else value
            repairs.append(f"{place}: {name} is missing, taken as {json.dumps(value)}")


def _identify(cells: list[dict[str, Any]], new_ids: bool, repairs: list[str]) -> None:
    """Give every cell an id of its own."""
    taken = set() if new_ids else {id for cell in cells if isinstance(id := cell.get("id"), str)}
    seen: set[str] = set()
    for position, cell in enumerate(cells, 1):
        given = cell.get("id")
        if new_ids or not isinstance(given, str) or given in seen or not CELL_ID.fullmatch(given):
            candidates = (f"cell-{position}{suffix}" for suffix in ("", *(f"-{n}" for n in range(1, len(cells) + 1))))
            cell["id"] = next(candidate for candidate in candidates if candidate not in taken)
            if not new_ids:
                twice = isinstance(given, str) and given in seen
                what = "is missing" if given is None else "is there twice" if twice else "is malformed"
                repairs.append(f"cell {position}: id {what}, replaced by {cell['id']}")
        taken.add(cell["id"])
        seen.add(cell["id"])


def _validated(notebook: dict[str, Any], path: Path) -> list[str]:
    """Check a document against the schema of its version of nbformat 4.

    Properties that the schema does not know and metadata of any form are kept, the latter with a remark.
    """
    error = _violation(notebook)
    if error is None:
        return []
    cells = _dicts(notebook.get("cells"))
    if cells == notebook.get("cells") and all(isinstance(node["metadata"], dict) for node in (notebook, *cells)):
        bare = {**notebook, "metadata": {}, "cells": [{**cell, "metadata": {}} for cell in cells]}
        remaining = _violation(bare)
        if remaining is None:
            return [f"kept although not valid: {_describe(error)}"]
        error = remaining
    cell, reason = _place(error)
    raise NbmdeError(f"not a valid notebook: {reason}", file=str(path), cell=cell, remedy=_REPAIR)


def _dicts(values: Any) -> list[dict[str, Any]]:
    """The JSON objects in what should be a list of them."""
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _violation(notebook: dict[str, Any]) -> Any:
    """The first violation of the schema (`nbformat.ValidationError`), or None."""
    nbformat = _nbformat()
    with _quiet():
        try:
            return next(iter(nbformat.validator.iter_validate(notebook, relax_add_props=True)), None)
        except nbformat.ValidationError as error:
            return error


def _place(error: Any) -> tuple[int | None, str]:
    """The cell of a violation, from 1, and what is wrong there."""
    steps = list(getattr(error, "relative_path", ()))
    cell = steps[1] + 1 if len(steps) > 1 and steps[0] == "cells" else None
    inside = "/".join(str(step) for step in (steps[2:] if cell else steps))
    message = " ".join(str(getattr(error, "message", error)).split())
    message = message if len(message) <= 200 else f"{message[:120]} ... {message[-70:]}"
    return cell, f"{inside}: {message}" if inside else message


def _describe(error: Any) -> str:
    cell, reason = _place(error)
    return f"cell {cell}: {reason}" if cell else reason
