"""The codec of the `Text` datatype: any Python string as characters that XML can hold, readable and reversible.

XML 1.0 holds no control characters, no lone surrogates and neither U+FFFE nor U+FFFF, and parsers turn CR into LF.
A control character is written as its picture (ESC as U+241B, CR as U+240D, DEL as U+2421); every other character that
cannot stand for itself is written as ``␦HEX;``: the ones XML cannot hold, the pictures that this codec uses and ``␦``.
"""

from __future__ import annotations

import re

ESCAPE = "␦"
"""U+2426 SYMBOL FOR SUBSTITUTE FORM TWO opens an escape."""

_PICTURES = {chr(code): chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"} | {"\x7f": "␡"}
_CONTROLS = {picture: control for control, picture in _PICTURES.items()}
_NEEDS_ENCODING = re.compile(f"[{''.join(map(re.escape, (*_PICTURES, *_CONTROLS)))}{ESCAPE}\ud800-\udfff\ufffe\uffff]")
_IS_ENCODED = re.compile(f"{ESCAPE}([0-9A-F]{{1,6}});|[{''.join(_CONTROLS)}]")


def encode(text: str) -> str:
    """The text as characters that XML preserves: `decode(encode(text)) == text` for every `text`."""
    return _NEEDS_ENCODING.sub(lambda match: _PICTURES.get(match[0]) or f"{ESCAPE}{ord(match[0]):X};", text)


def decode(encoded: str) -> str:
    """The text that was encoded. What is no escape stands for itself, so typed text is read as meant."""
    return _IS_ENCODED.sub(_decoded, encoded)


def _decoded(match: re.Match[str]) -> str:
    if match[1] is None:
        return _CONTROLS[match[0]]
    code = int(match[1], 16)
    return chr(code) if code < 0x110000 else match[0]
