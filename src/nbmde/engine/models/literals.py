"""Attribute values as the text that XMI holds and EMF reads."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from pyecore.ecore import EEnum

from nbmde.engine.models import text

EDataType = Any

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Literal(NamedTuple):
    """How values of a datatype are written and read. Both functions raise ValueError with a reason."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


@cache
def literal(datatype: EDataType) -> Literal:
    """How the values of a datatype are written and read; `Text` by its codec, the others as EMF does.

    Raises:
        ValueError: for a datatype that has no text form.
    """
    if isinstance(datatype, EEnum):
        return Literal(lambda value: str(value.name), lambda string: _enum_literal(datatype, string))
    if datatype.name == "Text":
        return Literal(text.encode, text.decode)
    known = _LITERALS.get(datatype.name) or _LITERALS.get(datatype.instanceClassName or "")
    if known is None:
        raise ValueError(f"datatype {datatype.name} has no text form")
    return known


def _enum_literal(enum: EDataType, string: str) -> Any:
    found = enum.getEEnumLiteral(name=string) if string else None
    if found is None:
        raise ValueError(f"{string!r} is none of {', '.join(x.name for x in enum.eLiterals)}")
    return found


def _write_string(value: str) -> str:
    if match := _NOT_XML.search(value):
        raise ValueError(f"XML cannot hold U+{ord(match[0]):04X}; the datatype Text can")
    return value


def _write_boolean(value: bool) -> str:
    return "true" if value else "false"


def _read_boolean(string: str) -> bool:
    if string not in ("true", "false"):
        raise ValueError(f"{string!r} is neither true nor false")
    return string == "true"


def _integer(bits: int | None) -> Literal:
    def checked(value: int) -> int:
        if isinstance(value, bool):
            raise ValueError(f"{value} is no number")
        if bits is not None and not -(1 << bits - 1) <= value < 1 << bits - 1:
            raise ValueError(f"{value} does not fit in {bits} bits")
        return value

    return Literal(lambda value: str(checked(value)), lambda string: checked(int(string)))


def _write_float(value: float) -> str:
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{value} is no finite number")
    return repr(float(value))


def _read_float(string: str) -> float:
    value = float(string)
    _write_float(value)
    return value


def _write_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no finite number")
    return str(value)


def _write_date(value: datetime) -> str:
    """Three digits of a second: EMF reads more as thousands of seconds."""
    if value.microsecond % 1000:
        raise ValueError(f"{value} is more exact than milliseconds")
    zone = value.strftime("%z")
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}{zone}"


_STRING = Literal(_write_string, str)
_BOOLEAN = Literal(_write_boolean, _read_boolean)
_FLOAT = Literal(_write_float, _read_float)
_LITERALS: dict[str, Literal] = {
    **dict.fromkeys(("EString", "EChar", "ECharacterObject", "java.lang.String", "java.lang.Character"), _STRING),
    **dict.fromkeys(("EBoolean", "EBooleanObject", "boolean", "java.lang.Boolean"), _BOOLEAN),
    **dict.fromkeys(("EShort", "EShortObject", "short", "java.lang.Short"), _integer(16)),
    **dict.fromkeys(("EInt", "EIntegerObject", "int", "java.lang.Integer"), _integer(32)),
    **dict.fromkeys(("ELong", "ELongObject", "long", "java.lang.Long"), _integer(64)),
    **dict.fromkeys(("EBigInteger", "java.math.BigInteger"), _integer(None)),
    **dict.fromkeys(("EFloat", "EFloatObject", "EDouble", "EDoubleObject"), _FLOAT),
    **dict.fromkeys(("float", "double", "java.lang.Float", "java.lang.Double"), _FLOAT),
    **dict.fromkeys(("EBigDecimal", "java.math.BigDecimal"), Literal(_write_decimal, Decimal)),
    **dict.fromkeys(("EDate", "java.util.Date"), Literal(_write_date, datetime.fromisoformat)),
}
