"""What is a secret: formats of tokens, and values of which their places say it. Nothing is looked up outside.

detect-secrets knows the formats, and which names speak of secrets; ``transformations/knowledge/secrets.toml`` says what
is asked of it and adds what it lacks. It is imported only where something looks like a secret.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

_SUSPICIOUS = re.compile(r"(?i)pass|pwd|pw\b|token|secret|key|auth|cred|\bsig|appid|://[^\s'\"@]{0,200}@|[\w+/=-]{20,}")
_FORMATTED = re.compile(r"://[^\s@/]{1,200}@|PRIVATE KEY|[\w-]{20,}")
_NAMED = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]{0,60})[\"']?\s*[=:]\s*[\"']?")
_VALUE = re.compile(r"[^\s\"'`;,&<>{}()\[\]\\\uffff]{1,500}")
_BLOB = re.compile(r"[\w+/=.:-]{8000,}")  # data, such as a picture: some patterns take long for it, and it is no token
_CREDENTIALS = re.compile(r"[\w.~+/-]{20,}={0,2}")
_CONNECTION = re.compile(r"(?i)\b(host|server|dbname|database|data source|initial catalog|uid|user(name| id)?)\s*=")
_PATH = re.compile(r"[./~]*/|[A-Za-z]:[\\/]|.*\.(csv|json|txt|pkl|py|parquet|xlsx?|png|jpe?g|ya?ml|h5|pth?|zip|gz)$")
_KEY_BLOCK = re.compile(r"-----BEGIN[^-]*PRIVATE KEY(?: BLOCK)?-----.*?-----END[^-]*-----", re.S)
_RESERVED = frozenset(
    ["PATH", "HOME", "USER", "PWD", "OLDPWD", "SHELL", "LANG", "TERM", "TMPDIR", "LOGNAME", "HOSTNAME"]
)
FIELD = "\uffff"  # stands for a field of an f-string


@dataclass(frozen=True)
class Found:
    """A secret in a text.

    Attributes:
        start, end: offsets in the text.
        kind: what it is, for people.
        variable: what an environment variable for it is called, if its place says nothing.
        address: True for a password in an address.
    """

    start: int
    end: int
    kind: str
    variable: str
    address: bool = False


class Detection:
    """Finds secrets.

    Args:
        table: ``secrets.toml``.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table
        self.names = {sort: re.compile(pattern) for sort, pattern in table["names"].items()}
        self.placeholder = re.compile(table["values"]["placeholder"], re.S)
        self.scheme = re.compile(table["values"]["scheme"])

    # -- what the library knows ----------------------------------------------------------------------------------
    @cached_property
    def detectors(self) -> list[tuple[str, str, Any]]:
        """Kind, name of the variable, and plugin."""
        base = importlib.import_module("detect_secrets.plugins.base").RegexBasedDetector
        found = []
        for path, row in self.table["detectors"].items():
            module, _, name = path.rpartition(".")
            plugin = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)()
            found.append((plugin.secret_type, row["variable"], plugin))
        for kind, row in self.table["formats"].items():
            features = {"secret_type": kind, "denylist": [re.compile(row["pattern"])]}
            found.append((kind, row["variable"], type("Format", (base,), features)()))
        return found

    @cached_property
    def _keywords(self) -> Any:
        return importlib.import_module("detect_secrets.plugins.keyword").KeywordDetector()

    # -- names ---------------------------------------------------------------------------------------------------
    @lru_cache(maxsize=4096)  # noqa: B019 - as long as the conversion of one notebook
    def sort(self, name: str) -> str:
        """What a name says about its value: password, token or loose; nothing for most names."""
        words = snake(name)
        if not _SUSPICIOUS.search(words) or self.names["other"].search(words):
            return ""
        for sort in ("password", "loose"):
            if self.names[sort].search(words):
                known = sort == "password" or not any(self._keywords.analyze_string(f'{words} = "0a1b2c3d4e"'))
                return sort if known else "token"
        return "token" if any(self._keywords.analyze_string(f'{words} = "0a1b2c3d4e"')) else ""

    def variable(self, name: str, default: str) -> str:
        """What an environment variable is called: after the name, if that speaks of a secret."""
        upper = re.sub(r"\W", "_", snake(name)).upper().strip("_") if name and name.isascii() else ""
        if upper.startswith("GITHUB_"):  # of which GitHub's workflows keep others
            upper = "GH_" + upper.removeprefix("GITHUB_")
        return upper if re.fullmatch(r"[A-Z_][A-Z0-9_]{0,60}", upper) and upper not in _RESERVED else default

    def is_address(self, name: str) -> bool:
        """Is a name one for an address?"""
        return bool(self.names["address"].search(snake(name)))

    # -- values --------------------------------------------------------------------------------------------------
    def is_placeholder(self, value: str) -> bool:
        """Does a value only stand for one?"""
        if FIELD in value or len(value) > 4096 or self.placeholder.fullmatch(value):
            return True
        longest = max(re.split(r"[^A-Za-z0-9]+", value), key=len)
        return len(longest) >= 8 and len(set(longest.lower())) <= 3

    def is_secret(self, name: str, value: str, weak: bool = False) -> bool:
        """Is this value, in a place of this name, a secret?

        Args:
            weak: does the place take passwords, so that even an ordinary word is one?
        """
        if len(value) < 3 or re.search(r"\s", value) or self.is_placeholder(value):
            return False
        random = looks_random(value)
        password = bool(self.names["password"].search(snake(name)))
        if not random and not (password and not _PATH.match(value) and (weak or not value.isalpha())):
            return False
        sort = self.sort(name)
        if sort == "loose":
            return random and re.fullmatch(r"[\w-]{20,}={0,2}", value) is not None and not _PATH.match(value)
        if sort == "token":
            return random and not _PATH.match(value) and not self._counts(value)
        return sort == "password"

    def _counts(self, value: str) -> bool:
        heuristics = importlib.import_module("detect_secrets.filters.heuristic")
        return bool(heuristics.is_sequential_string(value) or heuristics.is_templated_secret(value))

    # -- texts ---------------------------------------------------------------------------------------------------
    def find(self, text: str, known: Mapping[str, str]) -> list[Found]:
        """Secrets in a text, in order, not overlapping.

        Args:
            known: what each value is that is a secret.
        """
        legible = _BLOB.sub(lambda blob: FIELD * len(blob[0]), text)
        found = [*self._formatted(legible), *self._paired(legible)]
        for value, kind in known.items():
            found += [Found(*match.span(), kind, "SECRET") for match in re.finditer(re.escape(value), text)]
        found.sort(key=lambda item: (item.start, -item.end))
        kept: list[Found] = []
        for item in found:
            if not kept or item.start >= kept[-1].end:
                kept.append(item)
        return kept

    def _formatted(self, text: str) -> Iterator[Found]:
        if not any(_may_be_formatted(match[0]) for match in _FORMATTED.finditer(text)):
            return
        for kind, variable, plugin in self.detectors:
            values = set(plugin.analyze_string(text))
            if not values:
                continue
            for pattern in plugin.denylist:
                for match in pattern.finditer(text):
                    group = 1 if pattern.groups and match[1] in values else 0
                    if not values & {match[0], *match.groups()}:
                        continue
                    start, end = _whole(text, *match.span(group))
                    if "PRIVATE KEY" in text[start:end] or not self.is_placeholder(text[start:end]):
                        yield Found(start, end, kind, variable, variable == "DATABASE_URL")

    def _paired(self, text: str) -> Iterator[Found]:
        if not _SUSPICIOUS.search(text):
            return
        weak = len(_CONNECTION.findall(text)) > 0
        for match in _NAMED.finditer(text):
            scheme = self.scheme.match(text, match.end())
            found = _VALUE.match(text, scheme.end() if scheme else match.end()) or _VALUE.match(text, match.end())
            value = found[0].rstrip(".,:") if found else ""
            if found and self.is_secret(match[1], value, weak):
                kind = self.kind(match[1])
                variable = self.variable(match[1], "PASSWORD" if kind == "password" else "SECRET")
                yield Found(found.start(), found.start() + len(value), kind, variable)
        for match in self.scheme.finditer(text):
            credentials = _CREDENTIALS.match(text, match.end())
            value = credentials[0] if credentials and match[0].lower().startswith(("bearer", "basic")) else ""
            if credentials and looks_random(value) and not self.is_placeholder(value):
                yield Found(*credentials.span(), "credentials of a header", "AUTHORIZATION")

    def kind(self, name: str) -> str:
        """What a secret is, by the name of its place."""
        return "password" if self.names["password"].search(snake(name)) else "secret"


def suspicious(text: str) -> bool:
    """Can there be a secret in this text? Cheap; most texts have none."""
    return bool(_SUSPICIOUS.search(text))


def snake(name: str) -> str:
    """A name in lower case, words separated by underscores: of ``apiKey``, ``X-API-Key`` and ``api_key``."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.rpartition(".")[2])
    return re.sub(r"[\W_]+", "_", name).lower().strip("_")


def looks_random(value: str) -> bool:
    """Is this no word, and nothing made of words?"""
    longest = max(re.split(r"[^A-Za-z0-9]+", value), key=len)
    digits = sum(map(str.isdigit, longest))
    if not digits:
        mixed = len(re.findall(r"[a-z][A-Z]", longest)) * 5 > len(longest)
        return len(longest) >= 24 and (mixed or len(longest) >= 32)
    if digits == len(longest):
        return False
    changes = len(re.findall(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", longest))
    return (len(longest) >= 12 and changes >= 2) or (len(longest) >= 16 and changes >= 1) or changes >= 4


def _may_be_formatted(run: str) -> bool:
    """Could this be a token, or an address or key block? Identifiers and paths are none."""
    if run.count(":") > 1 or " " in run or re.fullmatch(r"[A-Z0-9]{20}", run):
        return True
    changes = len(re.findall(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", run))
    longest = max(re.split(r"[^A-Za-z0-9]+", run), key=len)
    return changes >= 2 or (len(longest) >= 30 and not longest.islower() and not longest.isupper())


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The range with the rest of the word or of the block of lines that it is in."""
    for block in _KEY_BLOCK.finditer(text):
        if block.start() <= start < block.end():
            return block.span()
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_-"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_-"):
        end += 1
    return start, end
