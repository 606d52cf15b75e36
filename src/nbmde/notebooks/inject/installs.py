"""Lines such as `!pip install`: distributions that a notebook needs, also where nothing imports them."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject.declared import conda_requirement
from nbmde.notebooks.inject.python import parse

_COMMAND = re.compile(
    r"\s*(?:(?:sudo|python[\d.]*|\{?sys\.executable\}?|\$\{?sys\.executable\}?)\s+(?:-m\s+)?)*"
    r"(?P<tool>pip[\d.]*|conda|mamba|micromamba|uv\s+pip)(?:\s+-[-\w=]+)*\s+"
    r"(?P<action>install|uninstall|list|freeze|show|update|upgrade|check|cache|config)\b(?P<rest>.*)",
    re.DOTALL,
)
_SEPARATOR = re.compile(r"""'[^'\n]*'|"(?:\\.|[^"\\\n])*"|(?P<sign>&&|\|\||;|\n)""")
"""Between commands; within quotes it is none."""
_WITH_VALUE = re.compile(
    r"-[rcifterpn]|--(requirement|constraint|channel|(extra-)?index-url|find-links|target|prefix|root|src|platform|python|"
    r"python-version|abi|implementation|only-binary|no-binary|progress-bar|upgrade-strategy|trusted-host|proxy|timeout|"
    r"cache-dir|log|report|name|editable)"
)
"""Options whose value is the next word."""
_TEXTS = ("system", "getoutput", "run_line_magic", "run_cell_magic")
_SHELLS = ("bash", "sh", "!", "sx", "system", "script")
"""Magics whose text is a command."""


@dataclass(frozen=True)
class Command:
    """A command that installs packages or tells what is installed.

    Attributes:
        tool: pip, conda or the like, as the code spells it.
        action: install, list, ...
        arguments: what stands behind.
        rest: the commands that follow in the same line; empty for none.
    """

    tool: str
    action: str
    arguments: str
    rest: str


@dataclass(frozen=True)
class Request:
    """A distribution that an install line names.

    Attributes:
        name: as it is spelled there.
        specifier: bounds on its version, such as `==2.19.0`; empty for none.
        extras: its optional features.
        cell: position in the list of sources, from 0.
    """

    name: str
    specifier: str
    extras: tuple[str, ...]
    cell: int


def command(text: str) -> Command | None:
    """The command about packages that a line begins with; None where it begins with another one."""
    first, separator, rest = _split(text)
    match = _COMMAND.fullmatch(first)
    if match is None:
        return None
    return Command(match["tool"], match["action"], match["rest"], rest.strip() if separator else "")


def requests(sources: Sequence[str]) -> list[Request]:
    """The distributions that cells install, in the order of the code; those at addresses or in folders are left out."""
    found: list[Request] = []
    for number, source in enumerate(sources):
        if "install" not in source:
            continue
        for text in _commands(source):
            for wanted in _installs(text):
                found += (Request(name, specifier, extras, number) for name, specifier, extras in _named(wanted))
    return found


def unnamed(wanted: Command) -> list[str]:
    """List what an install line asks for that has no name on the package index: addresses, folders, files."""
    return [word for word in _words(wanted.arguments) if "://" in word or word.startswith((".", "/", "git+"))]


def _split(text: str) -> tuple[str, str, str]:
    match = next((found for found in _SEPARATOR.finditer(text) if found["sign"]), None)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _installs(text: str) -> Iterator[Command]:
    """All install commands in a text."""
    while text:
        first, _, text = _split(text)
        if (found := command(first)) is not None and found.action == "install":
            yield found


def _commands(source: str) -> Iterator[str]:
    """Texts of the shell commands and line magics of a cell."""
    try:
        tree = parse(source)
    except SyntaxError:
        return
    calls = [node for node in walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        method = call.func.attr  # type: ignore[attr-defined]
        texts = [str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)]
        if method not in _TEXTS or not texts:
            continue
        if method == "run_cell_magic":
            if texts[0] in _SHELLS:
                yield texts[-1]
            elif len(texts) == 3:
                yield from _commands(texts[2])
        else:
            yield " ".join(texts[1:] if method == "run_line_magic" and texts[0] in _SHELLS else texts)


def _named(wanted: Command) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, bounds and extras of each distribution in an install line."""
    from packaging.requirements import InvalidRequirement, Requirement  # here: few notebooks install anything

    conda = "pip" not in wanted.tool
    for word in _words(wanted.arguments):
        if re.search(r"[{}$/\\]|\.(txt|whl|zip|gz|yml|yaml)$|^\.|://", word):
            continue
        if conda:
            yield from ((name, specifier, ()) for name, specifier in conda_requirement(word))
            continue
        with suppress(InvalidRequirement):
            requirement = Requirement(word)
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement.name, str(requirement.specifier), tuple(sorted(requirement.extras))


def _words(arguments: str) -> Iterator[str]:
    """The words of an install line without options, their values and what becomes of its output."""
    text = re.split(r"\s#|\s\d?&?>|\s\||\s&\s*$", arguments)[0]
    try:
        words: Iterable[str] = shlex.split(text)
    except ValueError:
        words = text.split()
    skip = False
    for word in words:
        if skip or word.startswith("-"):
            skip = not skip and _WITH_VALUE.fullmatch(word) is not None
        elif word not in (",", "&"):
            yield word.strip(",")
