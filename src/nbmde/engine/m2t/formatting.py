"""Formats generated Python files with ruff, and says where each line of a file went."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tempfile
import tokenize
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nbmde.engine.m2t.files import GenerationError

_COMMENT_LINE = re.compile(r"^[^\S\n]*#", re.MULTILINE)


def format_python(sources: Mapping[str, str], options: Mapping[str, object]) -> dict[str, str]:
    """Python files as ruff formats them; see `formatting`."""
    with formatting(sources, options) as formatted:
        return formatted()


@contextmanager
def formatting(sources: Mapping[str, str], options: Mapping[str, object]) -> Iterator[Callable[[], dict[str, str]]]:
    """Python files as ruff formats them, all in one process, which runs until the result is asked for.

    Args:
        sources: text by path.
        options: of `ruff format`: "line-length", "target-version".

    Returns:
        A function that gives the formatted text by path.

    Raises:
        GenerationError: when ruff is missing; from the function when it does not read a file.
    """
    from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]

    if not sources:
        yield dict
        return
    with tempfile.TemporaryDirectory(prefix="nbmde-") as folder:
        # numbers for names: what a path means to ruff (excluded folders, stub files) must not matter
        places = {path: Path(folder, f"{number}.py") for number, path in enumerate(sources)}
        for path, place in places.items():
            place.write_text(sources[path], encoding="utf-8", newline="")
        command = ["format", "--isolated", "--no-cache", "--config", 'format.line-ending = "lf"']
        command += [item for key, value in options.items() for item in (f"--{key}", str(value))]
        try:
            ruff = subprocess.Popen(
                [find_ruff_bin(), *command, "."],
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise GenerationError(f"ruff does not start: {error}", remedy="reinstall nbmde") from error
        with ruff:
            yield lambda: _formatted(ruff, places)


def _formatted(ruff: subprocess.Popen[str], places: Mapping[str, Path]) -> dict[str, str]:
    """Wait for ruff to end, and return the formatted files by path."""
    _, said = ruff.communicate()
    if ruff.returncode:
        reason = said.strip() or f"exit code {ruff.returncode}"
        for path, place in places.items():
            reason = reason.replace(f"{place.name}:", f"{path}:")
        raise GenerationError(f"ruff does not format what was generated: {reason}")
    return {path: place.read_text(encoding="utf-8") for path, place in places.items()}


def syntax_tree(source: str) -> ast.Module:
    """The syntax tree of a Python file; raises SyntaxError where Python would, also for what only compilation finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(source)
            compile(tree, "generated", "exec", dont_inherit=True)
        except (ValueError, RecursionError, MemoryError) as error:
            raise SyntaxError(str(error) or type(error).__name__) from error
    return tree


class LineMap:
    """From lines of a Python file to the lines of the same file after formatting.

    A formatter keeps statements and comments and their order. Both files are walked in step, and the places of
    corresponding statements and comments are the anchors.

    Args:
        tree: the syntax tree of the file before.
    """

    def __init__(self, before: str, after: str, tree: ast.Module | None = None) -> None:
        old = tree or ast.parse(before)
        new = old if before == after else ast.parse(after)
        self._anchors = [*_statements(old, new), *_comments(before, after)]

    def __call__(self, first: int, last: int) -> tuple[int, int]:
        """The lines that lines `first` to `last` became."""
        inside = [new for old, new in self._anchors if first <= old[0] and old[1] <= last]
        if inside:
            return min(new[0] for new in inside), max(new[1] for new in inside)
        around = [(old[1] - old[0], new) for old, new in self._anchors if old[0] <= first and last <= old[1]]
        return min(around)[1] if around else (first, last)


Span = tuple[int, int]


def _statements(before: ast.AST, after: ast.AST) -> Iterator[tuple[Span, Span]]:
    """Spans of statements, parameters, handlers and cases in both trees."""
    stack = [(before, after)]
    while stack:
        old, new = stack.pop()
        if type(old) is not type(new):
            continue
        if isinstance(old, ast.stmt | ast.excepthandler | ast.arg):
            yield _span(old), _span(new)
        for (_, old_field), (_, new_field) in zip(ast.iter_fields(old), ast.iter_fields(new), strict=True):
            if isinstance(old_field, ast.arguments | ast.Lambda):
                stack.append((old_field, new_field))
            elif isinstance(old_field, list) and isinstance(new_field, list) and len(old_field) == len(new_field):
                wanted = ast.stmt | ast.excepthandler | ast.match_case | ast.arg
                stack.extend(pair for pair in zip(old_field, new_field, strict=True) if isinstance(pair[0], wanted))


def _span(node: ast.AST) -> Span:
    """First and last line, decorators included."""
    first: int = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])  # type: ignore[attr-defined]
    return first, node.end_lineno or first  # type: ignore[attr-defined]


def _comments(before: str, after: str) -> Iterator[tuple[Span, Span]]:
    """Spans of comments on lines of their own, if both files have the same number of comments."""
    if not (_COMMENT_LINE.search(before) and _COMMENT_LINE.search(after)):
        return
    old, new = (
        [
            (token.start[0], not token.line[: token.start[1]].strip())
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        ]
        for text in (before, after)
    )
    if len(old) == len(new):
        for (old_line, alone), (new_line, still_alone) in zip(old, new, strict=True):
            if alone and still_alone:
                yield (old_line, old_line), (new_line, new_line)
