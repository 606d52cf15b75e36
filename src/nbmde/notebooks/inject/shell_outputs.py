"""Finds what commands of a shell write: the files and folders that they name, and whether there may be others."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbmde.notebooks.inject.patterns import HERE, normal

ANY = "\0"
"""Stands for any text in a path."""

_ENDS = frozenset(["&&", "||", ";", "|", "&", "|&"])
_REDIRECTIONS = frozenset([">", ">>", "&>", ">|"])
_BEFORE = frozenset(["sudo", "time", "nohup", "env", "command", "nice", "yes"])  # another command stands behind these
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|git@", re.IGNORECASE)


@dataclass(frozen=True)
class Made:
    """The files and folders that are written.

    Attributes:
        paths: files and folders, from the working folder; `HERE` for files in it whose names are not known.
        anything: a program runs that may write other files as well.
    """

    paths: tuple[str, ...] = ()
    anything: bool = False

    def __add__(self, other: Made) -> Made:
        return Made(tuple(dict.fromkeys((*self.paths, *other.paths))), self.anything or other.anything)

    def covers(self, path: str) -> bool:
        """Is a path, from the working folder, that of something that is written or that lies in it?"""
        path = normal(path)
        return any(
            path == place or path.startswith(f"{place}/") or (place == HERE and not path.startswith(("..", "/", "~")))
            for place in self.paths
        )


def by_commands(texts: Iterable[str], table: Mapping[str, Mapping[str, Any]]) -> Made:
    """Find the files that commands write.

    Args:
        texts: one or several commands each, as a shell takes them.
        table: that of the commands in `knowledge/places.toml`.
    """
    made = Made()
    for text in texts:
        folder = HERE
        for line in text.replace("\\\n", " ").splitlines():
            for words in _commands(line):
                if words[0] == "cd" and len(words) > 1:
                    folder = posixpath.join(folder, words[1])
                made += _written(words, folder, table)
    return made


def _commands(line: str) -> Iterator[list[str]]:
    """The simple commands of a line, word by word, with their redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.wordchars += ":@%+,{}$!^\\[]\0"
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # quotes that are not closed
        words = line.split()
    command: list[str] = []
    for word in [*words, ";"]:
        if word in _ENDS:
            if command:
                yield command
            command = []
        elif not (not command and (word in _BEFORE or re.match(r"\w+=", word))):
            command.append(word)


def _written(words: Sequence[str], folder: str, table: Mapping[str, Mapping[str, Any]]) -> Made:
    found: list[str] = []
    plain: list[str] = []
    pending = iter(words)
    for word in pending:
        if word in _REDIRECTIONS:
            found += [next(pending, "/dev/null")]
        else:
            plain.append(word)
    row = table.get(posixpath.basename(plain[0])) if plain else None
    anything = bool(row and row.get("runs"))
    if row is not None and ("with" not in row or any(re.fullmatch(row["with"], word) for word in plain[1:])):
        found += _named(plain[1:], row)
    places = (known(posixpath.join(folder, path)) for path in found if not path.startswith("/dev/"))
    return Made(tuple(dict.fromkeys(places)), anything)


def known(path: str) -> str:
    """A path as far as it is known: the folder in which the first part lies that is not."""
    before, unknown, _ = path.partition(ANY)
    return normal(posixpath.dirname(before) if unknown else path)


def _named(words: Sequence[str], row: Mapping[str, Any]) -> list[str]:
    """Find the names that a command gives to its output, as written, or as its input gives them."""
    files, options = list(_values(words, row.get("to", ()))), list(_values(words, row.get("into", ())))
    skipped = {*files, *options}
    bare = [word for word in words if not word.startswith("-") and word not in skipped]
    if row.get("all"):
        return bare
    if row.get("first"):
        return bare[:1]
    if row.get("last"):
        return _last(bare)
    if files:
        return [posixpath.join(*options[-1:], file) for file in files]
    if row.get("address"):
        addresses = [n for n, word in enumerate(bare) if _ADDRESS.match(word)]
        if row.get("second") and addresses and len(bare) > addresses[0] + 1:
            return [bare[addresses[0] + 1]]
        names = (posixpath.basename(bare[n].rstrip("/")).removesuffix(".git") for n in addresses)
        return [posixpath.join(*options[-1:], name) for name in names if name]
    return (options or [HERE]) if row.get("unpacks") else []


def _last(words: Sequence[str]) -> list[str]:
    """Where files are copied or moved to: the file, or what they are called in the folder."""
    if len(words) < 2:
        return []
    target = words[-1]
    inside = [posixpath.join(target, posixpath.basename(word.rstrip("/"))) for word in words[:-1]]
    if normal(target) not in (HERE, ".."):
        return [target]
    patterns = any(re.search(r"[*?]", word) for word in words[:-1])
    return [HERE] if patterns and normal(target) == HERE else inside


def _values(words: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    """Find the values of options: a word of its own, behind an equals sign, or at once behind one letter."""
    for number, word in enumerate(words):
        for option in options:
            if word == option and number + 1 < len(words):
                yield words[number + 1]
            elif option.startswith("--") and word.startswith(f"{option}="):
                yield word[len(option) + 1 :]
            elif len(option) == 2 and word.startswith(option) and len(word) > 2 and not word.startswith("--"):
                yield word[2:]
            elif len(option) == 2 and number + 1 < len(words) and re.fullmatch(rf"-\w+{option[1]}", word):
                yield words[number + 1]  # at the end of several letters, as in `-qO name`
