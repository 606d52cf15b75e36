"""Text from a model as data of the language that it is written into: the filters that every template can use.

Names, comments and prose come from notebooks, which may hold anything. Each filter gives text that the target language
reads as the one value, whatever it holds.
"""

from __future__ import annotations

import html as _html
import io
import itertools
import json as _json
import re
import shlex
import tokenize
from collections.abc import Callable
from typing import Any

import yaml as _yaml

_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""Marks that make a text look other than it is read (https://trojansource.codes)."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$])")


def pyrepr(value: Any) -> str:
    """A Python literal: of None, bool, int, float, str, or lists and dicts of them."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f'float("{value}")'
    if isinstance(value, list):
        return f"[{', '.join(map(pyrepr, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{pyrepr(key)}: {pyrepr(item)}' for key, item in value.items())}}}"
    return repr(value)


def docstring(text: str, indent: int = 4) -> str:
    """A triple-quoted string of a text, lines after the first indented; raw where that saves doubled backslashes."""
    text = "\n".join(line.expandtabs(4).rstrip() for line in _lines(text)).strip()
    odd = _UNPRINTABLE.search(text) or _DIRECTION.search(text)
    raw = "\\" in text and '"""' not in text and not text.endswith(("\\", '"')) and not odd
    if not raw:
        last = '\\"' if text.endswith('"') else ""
        text = text.removesuffix('"').replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        text = visible(_UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)) + last
    lines = text.split("\n")
    body = "\n".join([lines[0], *(" " * indent + line if line else "" for line in lines[1:])])
    closing = "\n" + " " * indent if len(lines) > 1 else ""
    return f'{"r" if raw else ""}"""{body}{closing}"""'


def comment(text: str, prefix: str = "# ") -> str:
    """Line comments: of Python, YAML, TOML, shell and Dockerfile."""
    return "\n".join((prefix + printable(line)).rstrip() for line in _lines(text))


def yaml(value: Any) -> str:
    """A value on one line of YAML."""
    options: dict[str, Any] = {"default_flow_style": True, "width": 10**9, "allow_unicode": True, "sort_keys": False}
    text: str = _yaml.dump(value, Dumper=_OneLine, **options)
    return visible(text.removesuffix("...\n").rstrip("\n"))


_ODD = re.compile(rf"{_UNPRINTABLE.pattern}|{_DIRECTION.pattern}|\n")


class _OneLine(_yaml.SafeDumper):
    """Strings of several lines in double quotes, where a line break is written as one."""


_OneLine.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style='"' if _ODD.search(text) else None
    ),
)


def json(value: Any, indent: int | None = None) -> str:
    """JSON in ASCII; also what the exec form of a Dockerfile takes."""
    return _json.dumps(value, indent=indent)


def toml(value: Any) -> str:
    """A value of TOML: bool, int, float, str, or lists of them on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    text = re.sub(r'["\\]', r"\\\g<0>", str(value))
    return '"' + visible(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", _toml_escape, text)) + '"'


def _toml_escape(match: re.Match[str]) -> str:
    known = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    code = ord(match[0])
    return known.get(match[0]) or f"\\u{0xFFFD if code >= 0xD800 else code:04X}"  # TOML has no lone surrogates


def dotenv(value: str) -> str:
    """The value of a variable in an `.env` file, as python-dotenv and docker compose read it: quoted if need be."""
    if re.fullmatch(r"[\w@%+=:,./~-]*", value, re.ASCII):
        return value
    if "'" not in value and "\\" not in value and not _UNPRINTABLE.search(value) and "\n" not in value:
        return f"'{value}'"
    return '"' + re.sub(r'["\\]', r"\\\g<0>", value).replace("\n", "\\n").replace("\r", "\\r") + '"'


def shell(value: str) -> str:
    """One word of a POSIX shell."""
    return shlex.quote(str(value))


def printable(text: str) -> str:
    """A text without characters that a file cannot hold or nobody can see."""
    return visible(_UNPRINTABLE.sub("\ufffd", text.expandtabs(4)))


def visible(text: str) -> str:
    """A text whose marks of direction are written out, as many languages write them in strings: ``\\u202e``."""
    return _DIRECTION.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def visible_source(text: str) -> str:
    """The same Python with such marks written out in strings and comments, its values unchanged.

    A mark in a raw string goes to a string of its own between its halves, unless a quote is beside it; there it
    stays, as does one inside the braces of an f-string.
    """
    if not _DIRECTION.search(text):
        return text
    lines = text.splitlines(keepends=True)
    starts = list(itertools.accumulate(map(len, lines), initial=0))
    pieces, done, raw = [], 0, False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == _START:
            raw = "r" in token.string.lower()
        if token.type in _TEXTS and _DIRECTION.search(token.string) and not (raw and token.type == _MIDDLE):
            start, end = (starts[line - 1] + column for line, column in (token.start, token.end))
            pieces += [text[done:start], _visible_token(text[start:end])]
            done = end
    return "".join([*pieces, text[done:]])


_START, _MIDDLE = (getattr(tokenize, f"FSTRING_{part}", -1) for part in ("START", "MIDDLE"))  # from Python 3.12 on
_TEXTS = {tokenize.STRING, tokenize.COMMENT, _MIDDLE}
_LITERAL = re.compile(r"(?P<prefix>[A-Za-z]*)(?P<quote>'{3}|\"{3}|['\"])")


_MARKED = re.compile(rf"(\\*)({_DIRECTION.pattern})")
_BESIDE_QUOTE = re.compile(rf"['\"]\\*{_DIRECTION.pattern}|{_DIRECTION.pattern}['\"]")


def _visible_token(text: str) -> str:
    literal = _LITERAL.match(text)
    if literal is not None and "r" in literal["prefix"].lower():
        if _BESIDE_QUOTE.search(text):
            return text
        prefix, quote = literal["prefix"], literal["quote"]
        between = '{0} "{1}" {2}{0}'
        return _MARKED.sub(lambda mark: between.format(quote, mark[1] * 2 + visible(mark[2]), prefix), text)
    # a backslash before a mark stands for itself
    return _MARKED.sub(lambda mark: mark[1] + "\\" * (len(mark[1]) % 2) + visible(mark[2]), text)


def html(value: str) -> str:
    """Text of HTML, also within attributes in quotes."""
    return visible(_html.escape(str(value)))


def markdown(text: str) -> str:
    """Plain text on one line of Markdown, also in a cell of a table."""
    line = " ".join(printable(text).split())
    return re.sub(r"^(\d+)([.)])|^([-+=])", r"\1\\\2\3", _MARKDOWN.sub(r"\\\1", line))


def _lines(text: str) -> list[str]:
    """Lines, by every line break that some target language knows."""
    return re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text)


_ALL = (pyrepr, docstring, comment, yaml, json, toml, dotenv, shell, printable, html, markdown)
FILTERS: dict[str, Callable[..., str]] = {filter.__name__: filter for filter in _ALL}
