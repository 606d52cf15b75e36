"""The Python in a notebook: cells as the kernel runs them, and the check that a notebook is Python at all."""

from __future__ import annotations

import ast
import builtins
import re
import sys
import textwrap
import warnings
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject import execution, kernels
from nbmde.notebooks.inject.newer_syntax import is_python, readable

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import CodeCell, Notebook

# Where IPython could see anything but Python: magics, shell lines, help, quoting, prompts, and line ends that only
# str.splitlines knows.
_SPECIAL = re.compile(
    r"^\s*(?:[%!?,;/]|>>>|\.\.\.|In \[|\[(?:nav|ins)\])|=\s*[%!]|\?\s*$|[\r\v\f\x1c-\x1e\x85\u2028\u2029]", re.MULTILINE
)
_COMMAND_LINE = re.compile(r"\s*([A-Za-z_]\w*)(?![\w.*])[^\S\n]*(?:[^\s=,][^\n]*)?\n?")
_LANGUAGE = re.compile(
    r"\s*%(?P<name>md-sandbox|md|sql|scala|r|sh|fs|python)(?P<line>(?:[ \t][^\n]*)?)\n(?P<rest>.*)", re.DOTALL
)
DATABRICKS = "databricks."
"""Before the names of the magics that say the language of a whole cell there."""
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")

# What the parser or the line says of Python 2.
_BLOCKS, _LAMBDAS = 90, 90
"""Statements and lambdas in each other: Python reads about 100, and what is generated around them needs some."""
_PYTHON2: tuple[tuple[str, str], ...] = (
    (r"Missing parentheses in call to 'print'", "print statement"),
    (r"Missing parentheses in call to 'exec'", "exec statement"),
    (r"multiple exception types must be parenthesized", "except with a comma"),
    (r"leading zeros in decimal integer", "octal number without 0o"),
)
_PYTHON2_LINES: tuple[tuple[str, str], ...] = (
    (r"(^|[:;])\s*print\b\s*(>>|[\"']|\s\w)", "print statement"),
    (r"(^|[:;])\s*exec\s+[\"'\w]", "exec statement"),
    (r"\bexcept\s+[\w.]+\s*,\s*\w+\s*:", "except with a comma"),
    (r"\braise\s+[\w.]+\s*,", "raise with a comma"),
    (r"`[^`]+`", "backticks"),
    (r"<>", "<> for !="),
    (r"\b\d+[lL]\b", "long integer"),
    (r"\b[uU][rR][\"']", "ur string"),
    (r"\blambda\s*\(|\bdef\s+\w+\s*\(\s*\(", "tuple parameter"),
)


def python_source(source: str) -> str:
    """The Python text of a cell as an IPython kernel runs it: magics, shell lines and help as calls of IPython.

    A cell magic makes one call of the whole cell. The text ends with a line feed and has no blank lines at its start.
    What only a newer Python reads is in words of the running one where that is possible.

    Raises:
        SyntaxError: IPython cannot read the cell.
    """
    source = language_cell(source)
    text = source if source.endswith("\n") else f"{source}\n"
    text = _BLANK_LINES.sub("", text) if text.strip() else text
    if _is_command(text) and not is_python(text.strip()):
        source = text = f"%{text.lstrip()}"
    plain = not _SPECIAL.search(text) and not text[:1].isspace()
    if plain and textwrap.dedent(text) == text:  # IPython's versions differ in how they dedent
        return readable(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return readable(str(_transformer().transform_cell(source)))
    except (RuntimeError, ValueError, IndexError) as error:
        raise SyntaxError(f"IPython cannot read it: {error}") from error


def language_cell(source: str) -> str:
    """A cell that says on its first line in what language it is, as in Databricks, as a cell magic of IPython.

    `%sql` is a line magic as well, of a package: above Python it is taken for that.
    """
    match = _LANGUAGE.match(source)
    if match is None or not match["rest"].strip():
        return source
    if match["name"] == "sql" and is_python(match["rest"].strip()):
        return source
    return f"%%{DATABRICKS}{match['name']}{match['line']}\n{match['rest']}"


def with_percent_sign(source: str, bound: Collection[str]) -> str:
    """A cell with the percent sign before a line magic that lacks it (`pwd`, `ls -l`): IPython calls this automagic.

    Args:
        bound: names that are bound when the cell runs; to these the first word refers, where it is one of them.
    """
    text = source.strip()
    name = _is_command(text)
    return f"%{text}" if name and name not in bound and name not in dir(builtins) else source


def _is_command(text: str) -> str:
    """The line magic that IPython may see in a text, a single line without its percent sign; else nothing.

    See IPython.core.prefilter, AutoMagicChecker and AssignmentChecker.
    """
    match = _COMMAND_LINE.fullmatch(text)
    return match[1] if match is not None and match[1] in _line_magics() else ""


@cache
def _line_magics() -> frozenset[str]:
    from IPython.core import magics  # here, because it takes long and few notebooks need it
    from IPython.core.alias import default_aliases
    from IPython.core.magic import Magics

    members = [getattr(magics, name, None) for name in dir(magics)]  # newer versions load them when they are asked for
    classes = [kind for kind in members if isinstance(kind, type) and issubclass(kind, Magics)]
    names = {name for kind in classes for name in (getattr(kind, "magics", None) or {}).get("line", ())}
    return frozenset(names | {name for name, _ in default_aliases()})


@cache
def _transformer() -> Any:
    import IPython.core.inputtransformer2 as inputtransformer  # here, because it takes 70 ms

    transformer: Any = inputtransformer.TransformerManager
    return transformer()


def parse(source: str) -> ast.Module:
    """The syntax tree of a cell, as the kernel compiles it (`await` may stand outside functions).

    Line numbers are those of `python_source(source)`.

    Raises:
        SyntaxError: the cell is not Python.
    """
    text = python_source(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(text)
            first = sorted(tree.body, key=lambda node: not _is_future(node))  # IPython compiles statement by statement
            module = ast.Module(first, [])
            compile(module, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except ValueError as error:  # NUL, lone surrogates
            raise SyntaxError(str(error)) from None
        except (MemoryError, RecursionError):
            raise SyntaxError("nested too deeply") from None
    return tree


def _is_future(node: ast.stmt) -> bool:
    """Is a statement an import from `__future__`?"""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__" and not node.level


def check_python(notebook: Notebook, file: str | None = None) -> None:
    """Check that a notebook is one of a Python 3 kernel and that all its code cells parse.

    Args:
        notebook: a Notebook model.
        file: its file as the user named it, for messages.

    Raises:
        NbmdeError: the kernel runs another language, there is no code, or a cell is Python 2 or no Python.
    """
    file = file or f"{notebook.name}.ipynb"
    if language := kernels.foreign(notebook):
        remedy = "only notebooks of a Python kernel can be converted"
        raise NbmdeError(f"the notebook's kernel is {language}, not Python", file=file, remedy=remedy)
    cells = execution.code_cells(notebook)
    if not any((cell.source or "").strip() for cell in cells):
        raise NbmdeError("the notebook has no code", file=file, remedy="there is nothing to convert")
    for cell in cells:
        _check(cell, file)


def _check(cell: CodeCell, file: str) -> None:
    source = cell.source or ""
    try:
        tree = parse(source)
    except SyntaxError as error:
        line = _line(source, error)
        text = source.splitlines()[line - 1].strip() if line else ""
        what = _python2(error.msg, text)
        shown = f": {text if len(text) <= 80 else text[:77] + '...'}" if text else ""
        if what:
            remedy = "port the notebook to Python 3 first"
            reason = f"Python 2 ({what}){shown}"
        else:
            remedy = "repair the cell, or make it Markdown if it is no code"
            if error.msg.startswith("f-string") and sys.version_info < (3, 12):
                remedy += "; where it has backslashes inside of an f-string, run nbmde with Python 3.12 or newer"
            reason = f"not Python {sys.version_info[0]}.{sys.version_info[1]} ({error.msg}){shown}"
        raise NbmdeError(reason, file=file, cell=cell.position, line=line, remedy=remedy) from None
    if line := _too_deep(tree):
        reason = f"nested too deeply: more than {_BLOCKS} blocks, or {_LAMBDAS} lambdas, in each other"
        line = _original(source, line)
        raise NbmdeError(reason, file=file, cell=cell.position, line=line, remedy="take it apart")
    text = python_source(source)
    for node in walk(tree):
        if what := _python2_node(node, text):
            line = _original(source, node.lineno)  # type: ignore[attr-defined]
            remedy = "port the notebook to Python 3 first"
            raise NbmdeError(f"Python 2 ({what})", file=file, cell=cell.position, line=line, remedy=remedy)


def _too_deep(tree: ast.Module) -> int | None:
    """A line in which a statement is so deep in others that Python could not read it inside a function any more."""
    stack: list[tuple[ast.AST, int, int]] = [(tree, 0, 0)]
    while stack:
        node, blocks, lambdas = stack.pop()
        blocks += isinstance(node, ast.stmt) and hasattr(node, "body")
        lambdas += isinstance(node, ast.Lambda)
        if blocks > _BLOCKS or lambdas > _LAMBDAS:
            return node.lineno  # type: ignore[attr-defined, no-any-return]
        stack += [(child, blocks, lambdas) for child in ast.iter_child_nodes(node)]
    return None


def _python2(message: str, line: str) -> str | None:
    """Which syntax of Python 2 makes a line fail, if one does."""
    tables = ((_PYTHON2, message), (_PYTHON2_LINES, line))
    return next((what for table, text in tables for pattern, what in table if re.search(pattern, text)), None)


def _python2_node(node: ast.AST, source: str) -> str | None:
    """Syntax of Python 2 that a newer Python takes for something else: `print >>f, x`, and from 3.14 `except E, e:`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift) and isinstance(node.left, ast.Name):
        return "print statement" if node.left.id == "print" else None
    if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Tuple) and len(node.type.elts) == 2:
        name = node.type.elts[1]
        line = source.splitlines()[node.lineno - 1] if node.lineno <= source.count("\n") + 1 else ""
        bare = re.match(r"\s*except\s+[^(\s]", line)
        return "except with a comma" if bare and isinstance(name, ast.Name) and name.id.islower() else None
    return None


def _line(source: str, error: SyntaxError) -> int | None:
    """The line of the cell in which an error is, from 1."""
    return _original(source, error.lineno) if error.lineno else None


def _original(source: str, line: int) -> int | None:
    """The line of the cell that a line of its Python text comes from: the same text at the same place or after it."""
    try:
        transformed = python_source(source).splitlines()
    except SyntaxError:
        return None
    lines = source.splitlines()
    wanted = transformed[line - 1].strip() if line <= len(transformed) else ""
    same = [number for number in range(line, len(lines) + 1) if lines[number - 1].strip() == wanted]
    return same[0] if same else min(line, len(lines)) or None
