"""Python modules that are generated as they are, but for the names of the modules that they import.

What does not vary is no template but real Python, which linters, type checkers, debuggers and tests read where it lies.
Below the folder of a coordination file such modules import each other by where they are there (``from runtime.report
import publish``); when they are written, each of these names becomes the one that the module has in what is generated,
and imports that follow each other are put in the order of these. Nothing else in the text changes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from nbmde.engine import models
from nbmde.engine.m2t.files import GenerationError, Region
from nbmde.engine.m2t.formatting import syntax_tree
from nbmde.engine.models import EObject

_FROM = re.compile(r"from[ \t]+(\w+(?:\.\w+)*)[ \t]+import\b")
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


@dataclass(frozen=True)
class _Import:
    """An import from another module, `text[start:end]`; in that, the dotted name is `text[name_start:name_end]`.

    Attributes:
        follows: it stands right behind the one before it.
    """

    start: int
    end: int
    name_start: int
    line: int
    name: str
    follows: bool = False

    @property
    def name_end(self) -> int:
        """Where the name ends."""
        return self.name_start + len(self.name)


class Modules:
    """The Python modules below some folders; one in an earlier folder takes the place of its namesakes in later ones.

    Args:
        folders: where modules are looked for, and in which they import each other.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._read = cache(self._uncached)

    def render(self, name: str, renamed: Mapping[str, str], element: EObject) -> str:
        """The text of a module, with the names that the modules have in what is generated.

        Args:
            name: the module's file below one of the folders.
            renamed: dotted names of modules in what is generated, by their dotted names below the folders.
            element: of the model, for which it is written.

        Raises:
            GenerationError: there is no such module, it is not Python, or it imports one that is not generated.
        """
        try:
            path, text, imports = self._read(name)
        except GenerationError as error:
            if error.file is not None:
                raise
            reason = f"{models.label(element)}: {error.reason}"
            raise GenerationError(reason, remedy="give it the name or the kind that it had") from error
        runs: list[list[tuple[str, str]]] = []  # of imports behind each other: new names and statements
        for found in imports:
            if found.name not in renamed:
                reason = f"imports {found.name}, which is not generated (for {models.label(element)})"
                remedy = "put it into the model, or take away what needs it"
                raise GenerationError(reason, file=str(path), line=found.line, remedy=remedy)
            new = renamed[found.name]
            if not _DOTTED.fullmatch(new):
                raise GenerationError(f"{new!r} is no name of a module", remedy="change the name in the model")
            statement = f"{text[found.start : found.name_start]}{new}{text[found.name_end : found.end]}"
            if not found.follows:
                runs.append([])
            runs[-1].append((new, statement))
        pieces, position = [], 0
        for found, (_, statement) in zip(imports, chain.from_iterable(map(sorted, runs)), strict=True):
            pieces += [text[position : found.start], statement]
            position = found.end
        return "".join([*pieces, text[position:]])

    def _uncached(self, name: str) -> tuple[Path, str, list[_Import]]:
        inside = ".." not in Path(name).parts
        path = next((place for folder in self._folders if inside and (place := folder / name).is_file()), None)
        if path is None:
            raise GenerationError(f"there is no module {name!r} beside the templates")
        try:
            text = path.read_text(encoding="utf-8")
            return path, text, self._own_imports(path, text)
        except UnicodeDecodeError as error:
            raise GenerationError(f"not UTF-8: {error}", file=str(path)) from error
        except SyntaxError as error:
            raise GenerationError(f"not Python: {error.msg}", file=str(path), line=error.lineno) from error

    def _own_imports(self, path: Path, text: str) -> list[_Import]:
        """Where the text imports from modules beside the templates, by their places in it."""
        found: list[_Import] = []
        for statement in _statements(text):
            if not statement.relative and not any(map(self._is_own, statement.names)):
                continue
            match = None if statement.relative else _FROM.match(text, statement.start)
            if match is None:
                reason = (
                    "what lies beside the templates is imported as from PACKAGE.MODULE import NAME, by its whole name"
                )
                raise GenerationError(reason, file=str(path), line=statement.line)
            follows = bool(found) and text[found[-1].end : statement.start] == "\n"
            found.append(_Import(statement.start, statement.end, match.start(1), statement.line, match[1], follows))
        return sorted(found, key=lambda one: one.start)

    def _is_own(self, name: str) -> bool:
        top = name.partition(".")[0]
        return any((folder / top).is_dir() or (folder / f"{top}.py").is_file() for folder in self._folders)


class _Statement(NamedTuple):
    """An import, `text[start:end]`, and the names of the modules that it is from."""

    names: tuple[str, ...]
    relative: bool
    start: int
    end: int
    line: int


@lru_cache(maxsize=256)  # the modules are the same in each project
def _statements(text: str) -> tuple[_Statement, ...]:
    """The imports in a text; raises SyntaxError where it is not Python."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    lines = text.split("\n")
    found = []
    for node in _imports(syntax_tree(text)):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        begin, end = (
            starts[line - 1] + len(lines[line - 1].encode()[:column].decode())
            for line, column in ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        )
        relative = isinstance(node, ast.ImportFrom) and bool(node.level)
        found.append(_Statement(tuple(names), relative, begin, end, node.lineno))
    return tuple(found)


def _imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports in a syntax tree; expressions, which have none, are not looked into."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _imports(node)


def line_regions(
    before: str, after: str, template: str, element: EObject, reads: tuple[EObject, ...] = ()
) -> tuple[Region, ...]:
    """The lines of a formatted text, in runs that keep their distance to the lines that they were."""
    old, new = before.rstrip("\n").split("\n"), after.rstrip("\n").split("\n")
    runs: list[tuple[int, int, int]] = []  # first line, last line, and the first line as it was
    codes = [("equal", 0, len(old), 0, len(new))]
    if old != new:
        codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()  # type: ignore[assignment]
    for kind, start, _, first, last in codes:
        if first == last:
            continue
        if kind == "equal" and runs and runs[-1][2] - runs[-1][0] == start - first:
            runs[-1] = (runs[-1][0], last, runs[-1][2])
        else:
            runs.append((first + 1, last, min(start, len(old) - 1) + 1))
    return tuple(Region(first, last, template, element, line, line + last - first, reads) for first, last, line in runs)
