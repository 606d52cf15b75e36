"""Knowledge tables: TOML files in ``transformations/knowledge``, those of extensions laid over nbmde's own.

What the columns of a table mean is said at its head; ``knowledge/schemas/NAME.toml`` is its JSON Schema. A row of an
extension that does not conform to it is an error; nbmde's own rows are checked by tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import tomli  # Python's tomllib, but compiled: the tables are read at each start, in less than half of the time

from . import locations
from .errors import NbmdeError

FOLDER = "knowledge"
SCHEMAS = "schemas"


@cache
def table(name: str, extensions: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tables of ``knowledge/NAME.toml``; a later file adds rows and replaces rows of the same key.

    Raises:
        NbmdeError: for a file that cannot be read, and a row of an extension that the table's schema does not allow.
    """
    merged: dict[str, Any] = {}
    for root in locations.roots("transformations", extensions):
        path = root / FOLDER / f"{name}.toml"
        if path.is_file():
            own = root.parent == locations.home()
            for section, rows in (_read(path) if own else _checked(path, extensions)).items():
                if isinstance(rows, dict):
                    merged.setdefault(section, {}).update(rows)
                else:
                    merged[section] = rows
    return merged


def check(path: Path, schema: Path, extensions: tuple[Path, ...] = ()) -> None:
    """Whether a table conforms to a schema, in which `rowOf = "TABLE.SECTION"` asks for the key of a row there.

    Args:
        extensions: whose rows count as well.

    Raises:
        NbmdeError: it does not: with the line of the row.
    """
    from jsonschema import Draft202012Validator, FormatChecker  # here, because few runs have tables to check
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    def row_of(validator: Any, where: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if value not in _keys(where, extensions):
            yield ValidationError(f"{value!r} is no row of {where}")

    kind = extend(Draft202012Validator, {"rowOf": row_of})  # type: ignore[no-untyped-call]
    checker = kind(_read(schema), format_checker=FormatChecker(["regex"]))
    wrong = min(checker.iter_errors(_read(path)), key=lambda error: [str(part) for part in error.path], default=None)
    if wrong is None:
        return
    while wrong.context:  # none of several alternatives fits: the one that comes closest is the one to tell
        wrong = max(wrong.context, key=lambda error: len(error.path))
    place = [str(part) for part in wrong.absolute_path]
    if "propertyNames" in wrong.absolute_schema_path:  # the row's key itself, which no path leads to
        place.append(str(wrong.instance))
    section, *row = place or [""]
    where = " of ".join(filter(None, [": ".join(map(repr, row)), f"[{section}]" if section else ""]))
    reason, remedy = _said(wrong, extensions)
    text = f"{where}: {reason}" if where else reason
    raise NbmdeError(text, file=str(path), line=_line(path, section, row[0] if row else ""), remedy=remedy)


def _keys(where: str, extensions: tuple[Path, ...]) -> list[str]:
    """The keys of all rows of a section of a table, `TABLE.SECTION`."""
    name, _, section = where.partition(".")
    files = [root / FOLDER / f"{name}.toml" for root in locations.roots("transformations", extensions)]
    return list(dict.fromkeys(key for path in files if path.is_file() for key in _read(path).get(section, {})))


def _checked(path: Path, extensions: tuple[Path, ...]) -> dict[str, Any]:
    """The tables of an extension, checked where nbmde has a table of that name."""
    schema = locations.home() / "transformations" / FOLDER / SCHEMAS / path.name
    if schema.is_file():
        check(path, schema, extensions)
    return _read(path)


def _said(error: Any, extensions: tuple[Path, ...]) -> tuple[str, str]:
    """Say what is wrong with a row, and what to do."""
    value, rule = error.instance, error.validator_value
    if error.validator == "additionalProperties":
        known = [*error.schema.get("properties", ())]
        unknown = next(key for key in value if key not in known)
        return f"there is no column {unknown!r}", _nearest(unknown, known)
    if error.validator == "rowOf":
        return f"{value!r} is no value of it", _nearest(str(value), _keys(rule, extensions))
    if error.validator == "enum":
        return f"{value!r} is no value of it", _nearest(str(value), map(str, rule))
    if error.validator in ("required", "dependentRequired"):
        return str(error.message), "see the head of nbmde's own table"
    return str(error.message)[:200], "see the head of nbmde's own table"


def _nearest(word: str, known: Iterable[str]) -> str:
    known = list(known)
    near = get_close_matches(word, known, 1)
    return f"{near[0]}?" if near else f"known: {', '.join(known)}"


def _line(path: Path, section: str, row: str) -> int | None:
    """The line on which a row begins; its section where it is not found; None where neither is."""
    inside, begin = False, None
    heads = (f"[{section}]", f"[{section}.{row}]", f'[{section}."{row}"]')
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text in heads[1:]:
            return number
        if text.startswith("["):
            inside = text == heads[0]
            begin = number if inside else begin
        elif inside and row and re.match(rf"""["']?{re.escape(row)}["']?\s*=""", text):
            return number
    return begin


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NbmdeError(f"not readable: {error}", file=str(path)) from error
