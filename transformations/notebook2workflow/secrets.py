"""Recognition of secrets: by formats of tokens, and by the places of values. Nothing is looked up outside.

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

from .bigrams import LONG, Words

_SUSPICIOUS = re.compile(
    r"(?i)pass|pwd?|psw|pswd|kennwort|senha|contrasena|tok|secret|key|auth|cred|\bsig|appid|bearer|dsn|conn|hook|login|licen|access|api|jwt|session|cookie|identified|\bpat\b"
    r"|mysql|mariadb|curl|mongo|redis|ngrok|7z|openssl|b64encode|://\w+:['\"]|://[^\s'\"@]{0,200}@|[\w+/=-]{20,}|\s-[pP]\W?"
)
_FORMATTED = re.compile(
    r"://[^\s@/]{1,200}@|\w/[^\s@/]{3,100}@|PRIVATE KEY|[\w-]{20,}|[\w+/]{40}|xox\w-|eyJ|webhook|\bsig=|AccountKey="
)
_NAMED = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.-]{0,60})[\"'`*]*"
    r"(\s*(?:=>|->|[=:|\u2013\u2014])\s*|\s+-\s+|\s+(?:is|was|to|set\s+to)\s*[=:]?\s+)(?:(?:\*\*|__)\s+|\*\*)?[\"'`]?"
)
_SPOKEN = re.compile(r"\s+[a-z-]|[|\u2013\u2014>]")  # between a name and its value: in prose
_WORDS = re.compile(r"[^\W_][\w'!?.-]*(?: [\w'-][\w'!?.-]*){0,9}")
_REST = re.compile(r"[^\n,;|()<>]{3,80}?(?=[.!]?(?:$|[\n,;|()<>]|\.\s))")
_HEAD = re.compile(r"(?i)[\s#>*+\d.-]*(?:(?:the|my|our|db|database|admin|root|user|login|wifi|wi-fi|default) )*")
_SAID = re.compile(r"\d.*[A-Za-z]|[A-Za-z].*\d")  # tells a password from a word in prose
_FORMER = re.compile(r"(?i)\b(api|app|access|secret|private|auth|client|account|service|encryption)[ -]$")
_VALUE = re.compile(r"[^\s\"'`;,&<>{}()\[\]\\\uffff]{1,500}")
_QUOTED = {quote: re.compile(rf"[^\s{quote}\\\uffff]{{1,500}}(?={quote})") for quote in "\"'`"}
_URL = re.compile(r"[a-zA-Z][\w+.-]*://")
_EXPRESSION = re.compile(r"\\[wsdbWSDB.]|\[[^\]]+\]|\.[*+]|\(\?")
_BLOB = re.compile(r"[\w+/=.:-]{8000,}")  # data, such as a picture: some patterns take long for it, and it is no token
_CREDENTIALS = re.compile(r"[\w.~+/-]{16,}={0,2}")
_CONNECTION = re.compile(
    r"(?i)\b(host|server|dbname|database|data source|initial catalog|uid|user(?:[ _]?name|[ _]id)?)[\"']?\s*[=:]"
)
_SETTING = re.compile(r"\s*(?:[\w.\"'-]+\s*[=:](?:\s.*|[^/].*)?|\[[^\]]*\]|[#;].*|[{}],?|- \S.*|export \w+=.*|)")
_HEADER_WORDS = ("bearer", "basic")
_KEY_BLOCK = re.compile(r"-----BEGIN[^-]*PRIVATE KEY(?: BLOCK)?-----.*?-----END[^-]*-----", re.S)
_LITERAL = re.compile(r"\\b([\w-]+)(?![\w?*{+-])")  # of a pattern; the last character may be optional, and is left out
_ESCAPED, _GROUP = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]"), re.compile(r"\([^()]*\)")
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
        self.phrase = re.compile(table["values"]["phrase"], re.S)
        self.scheme = re.compile(table["values"]["scheme"])
        self.saying = re.compile(table["values"]["saying"])
        self.state = re.compile(table["values"]["state"])
        self.sayings = {kind: re.compile(pattern) for kind, pattern in table["sayings"].items()}
        self.path = re.compile(table["values"]["path"])
        self.commands = {kind: re.compile(pattern) for kind, pattern in table["commands"].items()}
        last = sorted({name.rpartition(".")[2] for name in table["calls"]})
        self.taking = re.compile(rf"\b(?:{'|'.join(last)})\s*\(")  # calls of functions that take secrets
        self.words = Words(table["words"]["pairs"])
        self.unsure = {kind for kind, row in table["formats"].items() if row.get("unsure")}
        self.may_be_words = {kind for kind, row in table["formats"].items() if row.get("word")}

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
        """Tell the sort of a value by its name: password, token, opaque or loose; nothing for most names."""
        words = snake(name)
        if not self.speaks(name):
            return ""
        for sort in ("password", "token", "opaque", "loose"):
            if self.names[sort].search(words):
                return sort
        return "token" if any(self._keywords.analyze_string(f'{words} = "0a1b2c3d4e"')) else ""

    def speaks(self, name: str) -> bool:
        """Can a name be one for a secret?"""
        words = snake(name)
        return bool(_SUSPICIOUS.search(words)) and not self.names["other"].search(words)

    def variable(self, name: str, default: str) -> str:
        """Name an environment variable: after the name, if that speaks of a secret."""
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
        if self.phrase.fullmatch(value) and self.words.like(re.sub(r"\W+", " ", value)):
            return True
        longest = max(re.split(r"[^A-Za-z0-9]+", value), key=len)
        return len(longest) >= 8 and len(set(longest.lower())) <= 3

    def is_path(self, value: str) -> bool:
        """Is a value a path? A token may begin with a slash as well."""
        found = self.path.match(value)
        return bool(found and (found[0] == value or self.words.like(value.replace("\\", "/"))))

    def is_secret(self, name: str, value: str, weak: bool = False) -> bool:
        """Is this value, in a place of this name, a secret?

        Args:
            weak: does the place take passwords, so that even an ordinary word is one?
        """
        if len(value) < 3 or not self.speaks(name) or self.is_placeholder(value) or self.is_path(value):
            return False
        words = snake(name)
        password = self.names["password"].search(words) is not None
        if weak and (password or self.names["chosen"].search(words)) and self.is_chosen(value, 3 if password else 8):
            return True
        if re.search(r"\s", value):
            return False
        if password:
            return not value.isalpha() or self.is_opaque(value)
        if not self.is_opaque(value, 5 if self.names["short"].search(words) else 6 if _cased(value) else 8):
            return False
        sort = self.sort(name)
        if sort == "token":
            return not _URL.match(value) and not _is_expression(value)
        if sort == "opaque":
            return len(value) >= 16 and re.fullmatch(r"[\w+/=.~-]+", value) is not None
        return sort == "loose" and looks_random(value) and re.fullmatch(r"[\w-]{20,}={0,2}", value) is not None

    def is_chosen(self, value: str, least: int) -> bool:
        """Can a person have chosen this as a password: one without white space, or a few words that say nothing?"""
        if not re.search(r"\s", value):
            return len(value) >= least
        return _WORDS.fullmatch(value) is not None and not self.is_saying(value)

    def is_saying(self, value: str) -> bool:
        """Do words say something about a password?"""
        return self.saying.search(value) is not None or self.state.fullmatch(value) is not None

    def is_opaque(self, value: str, least: int = 8) -> bool:
        """Is a value no word, nothing made of words, and no name or number shorter than that?"""
        mixed = re.search(r"\d", value) and re.search("[A-Za-z]", value)
        if not value.isascii() or len(value) < (least if mixed else LONG) or self.words.like(value):
            return False
        return not self._counts(value)

    def _counts(self, value: str) -> bool:
        heuristics = importlib.import_module("detect_secrets.filters.heuristic")
        return bool(heuristics.is_sequential_string(value) or heuristics.is_templated_secret(value))

    def suspects(self, text: str) -> bool:
        """Can there be a secret in this text? Cheap; most texts have none."""
        return bool(_SUSPICIOUS.search(text) or self.taking.search(text))

    # -- texts ---------------------------------------------------------------------------------------------------
    def find(self, text: str, known: Mapping[str, str], prose: bool = False) -> list[Found]:
        """Secrets in a text, in order, not overlapping.

        Args:
            known: what each value is that is a secret.
            prose: does a person say it to another one?
        """
        legible = _BLOB.sub(lambda blob: FIELD * len(blob[0]), text)
        found = [*self._formatted(legible), *self._paired(legible, prose), *self._commanded(legible)]
        if prose and _SUSPICIOUS.search(text):
            found += self._said(legible)
        for value, kind in known.items():
            if value not in text:
                continue
            found += [Found(*match.span(), kind, "SECRET") for match in re.finditer(re.escape(value), text)]
        found.sort(key=lambda item: (item.start, -item.end, item.kind in self.unsure))
        kept: list[Found] = []
        for item in found:
            if not kept or item.start >= kept[-1].end:
                kept.append(item)
        return kept

    def certain(self, text: str) -> list[Found]:
        """Find texts that look like nothing but a secret, whatever stands beside them."""
        legible = _BLOB.sub(lambda blob: FIELD * len(blob[0]), text)
        return [item for item in self._formatted(legible) if item.kind not in self.unsure]

    @cached_property
    def _beginnings(self) -> list[tuple[str, ...]]:
        """For each detector texts of which one is in whatever it finds; none where that is not known."""
        base = importlib.import_module("detect_secrets.plugins.base").RegexBasedDetector
        found = []
        for _, _, plugin in self.detectors:
            plain = type(plugin).analyze_string is base.analyze_string
            texts = tuple(map(beginning, plugin.denylist)) if plain else ()
            found.append(texts if all(texts) else ())
        return found

    def _formatted(self, text: str) -> Iterator[Found]:
        if not any(self._may_be_formatted(match[0]) for match in _FORMATTED.finditer(text)):
            return
        for (kind, variable, plugin), beginnings in zip(self.detectors, self._beginnings, strict=True):
            if beginnings and not any(beginning in text for beginning in beginnings):
                continue
            values = set(plugin.analyze_string(text))
            if not values:
                continue
            for pattern in plugin.denylist:
                for match in pattern.finditer(text):
                    group = 1 if pattern.groups and match[1] in values else 0
                    if not values & {match[0], *match.groups()}:
                        continue
                    start, end = _whole(text, *match.span(group))
                    value = text[start:end]
                    if kind in self.table["formats"] and kind not in self.may_be_words and self.words.like(value):
                        continue
                    if "PRIVATE KEY" in value or not self.is_placeholder(value):
                        yield Found(start, end, kind, variable, variable == "DATABASE_URL")

    def _may_be_formatted(self, run: str) -> bool:
        """Could this be a token, or an address or key block? Identifiers and paths are none."""
        if "PRIVATE KEY" in run or ":" in run or re.fullmatch(r"[A-Z0-9]{20}", run):
            return True
        return not self.words.like(run) and not self.is_placeholder(run)

    def _commanded(self, text: str) -> Iterator[Found]:
        """Find secrets that shell commands give to their options."""
        if not _SUSPICIOUS.search(text):
            return
        for kind, pattern in self.commands.items():
            for match in pattern.finditer(text):
                name = "password" if kind.startswith("password") else "token"
                value = match[1].rstrip(")")
                option = value.startswith("-") and (len(value) < LONG or self.words.like(value))
                if not option and not value.startswith(("$", "{")) and self.is_secret(name, value, weak=True):
                    yield Found(match.start(1), match.start(1) + len(value), kind, name.upper())

    def _paired(self, text: str, prose: bool) -> Iterator[Found]:
        if not _SUSPICIOUS.search(text):
            return
        weak = _CONNECTION.search(text) is not None or (not prose and _are_settings(text))
        for match in _NAMED.finditer(text):
            name = self._name(text, match)
            quote = text[match.end() - 1]
            scheme = self.scheme.match(text, match.end())
            found = None
            for position in (scheme.end() if scheme else match.end(), match.end()):
                found = found or (_QUOTED[quote].match(text, position) if quote in _QUOTED else None)
                found = found or _VALUE.match(text, position)
            value = found[0].rstrip(".,:|*") if found else ""
            quoted = quote in "\"'" and found is not None and text[found.end() : found.end() + 1] == quote
            entry = quoted and re.search(r"(?:[\"']\s*:|=)\s*[\"']$", match[0]) is not None
            given = weak or entry or re.match(r"[A-Z][A-Z0-9_]+=", match[0]) is not None
            if not found or not self.is_secret(name, value, given):
                continue
            plain = not given and (_SPOKEN.match(match[2]) or quote not in _QUOTED)
            if plain and not (_SAID.search(value) or self.is_opaque(value)):
                continue
            kind = self.kind(name)
            variable = self.variable(name, "PASSWORD" if kind == "password" else "SECRET")
            yield Found(found.start(), found.start() + len(value), kind, variable)
        for match in self.scheme.finditer(text):
            credentials = _CREDENTIALS.match(text, match.end())
            value = credentials[0] if credentials and match[0].lower().startswith(_HEADER_WORDS) else ""
            if credentials and value and not self.words.like(value) and not self.is_placeholder(value):
                yield Found(*credentials.span(), "credentials of a header", "AUTHORIZATION")

    def _said(self, text: str) -> Iterator[Found]:
        """Find secrets that a person tells another one in words."""
        for kind, pattern in self.sayings.items():
            for match in pattern.finditer(text):
                value = match[1].rstrip(".,:;!?)*`'\"")
                if self.is_placeholder(value) or self.is_path(value) or self.is_saying(value):
                    continue
                if kind != "token" or (looks_random(value) and self.is_opaque(value)):
                    yield Found(match.start(1), match.start(1) + len(value), kind, "SECRET")
        for match in _NAMED.finditer(text):
            if (
                self.kind(match[1]) != "password"
                or (match[1].lower() == "pass" and match[2] != "=")
                or not self.speaks(match[1])
            ):
                continue
            start, end = _stated(text, match)
            value = text[start:end]
            if not self.is_chosen(value, 4) or self.is_saying(value):
                continue
            if not self.is_placeholder(value) and not self.is_path(value):
                yield Found(start, end, "password", "PASSWORD")

    def _name(self, text: str, match: re.Match[str]) -> str:
        """The name of a value in a text: with the word in front that goes with it, as in API key."""
        former = _FORMER.search(text, max(0, match.start() - 21), match.start())
        return f"{former[1]}_{match[1]}" if former else match[1]

    def kind(self, name: str) -> str:
        """Tell the kind of a secret by the name of its place."""
        return "password" if self.names["password"].search(snake(name)) else "secret"


def snake(name: str) -> str:
    """A name in lower case, words separated by underscores: of ``apiKey``, ``X-API-Key`` and ``api_key``."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.rpartition(".")[2])
    return re.sub(r"[\W_]+", "_", name).lower().strip("_")


def _stated(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Find the password that a person states: between marks, one word, or several at the head of a line."""
    start = match.end()
    mark = "**" if match[0].endswith("**") else text[start - 1]
    if mark == "**" or mark in _QUOTED:
        return start, max(start, text.find(mark, start, start + 80))
    rest = _REST.match(text, start)
    if rest is None:
        return start, start
    head = _HEAD.fullmatch(text, text.rfind("\n", 0, match.start()) + 1, match.start())
    one = " " not in rest[0].strip()
    return (
        (start, start + len(rest[0].rstrip())) if one or (head and not match[2].strip().isalpha()) else (start, start)
    )


def beginning(pattern: re.Pattern[str]) -> str:
    """The text with which all begins that a pattern finds, as far as it shows: `sk-` for `\\bsk-[a-z]+`.

    To look for it takes a hundredth of the time in which the pattern finds nothing.
    """
    match = _LITERAL.match(pattern.pattern)
    rest = _ESCAPED.sub("", pattern.pattern)
    while (inner := _GROUP.sub("", rest)) != rest:
        rest = inner
    return match[1] if match and "|" not in rest and not pattern.flags & (re.I | re.X) else ""


def _cased(value: str) -> bool:
    """Does a value have small and capital letters and digits?"""
    return all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", r"\d"))


def _are_settings(text: str) -> bool:
    """Are these the lines of a file of settings?"""
    lines = text.strip().split("\n")
    return len(lines) > 1 and all(map(_SETTING.fullmatch, lines))


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


def _is_expression(value: str) -> bool:
    """Is this a regular expression?"""
    if sum(map(str.isalnum, value)) > 0.6 * len(value) or not _EXPRESSION.search(value):
        return False
    try:
        re.compile(value)
    except re.error:
        return False
    return True


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
