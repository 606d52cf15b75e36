"""Python files that a notebook's own cells write: what they hold when the notebook imports or runs them."""

from __future__ import annotations

import ast
import posixpath
import shlex
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject.literals import ANY, folding, may_import, named
from nbmde.notebooks.inject.python import parse

_MAGICS = ("writefile", "file")
_STRIPS = ("strip", "lstrip", "rstrip")
_SURELY = (ast.Expr, ast.Assign, ast.With)  # statements whose parts run once, and in order


@dataclass(frozen=True)
class Write:
    """A cell writes a file.

    Attributes:
        path: as the code says it.
        text: what is written; None where only a run tells.
        append: behind what the file holds.
        whole: the whole cell does nothing else.
    """

    path: str
    text: str | None
    append: bool = False
    whole: bool = False


@dataclass
class WrittenFile:
    """A Python file that cells write.

    Attributes:
        path: relative to the notebook's folder.
        text: what it holds when it is first imported, or at the end; None where only a run tells.
        cells: positions in the list of sources of those that write this text.
        rewritten: it is written again after it was imported.
    """

    path: str
    text: str | None
    cells: list[int] = field(default_factory=list)
    rewritten: bool = False


def written_files(sources: list[str], before: Callable[[str], str]) -> dict[str, WrittenFile]:
    """The Python files that cells write, by their paths.

    Args:
        sources: the code cells, in their order.
        before: the text of the file that lies at a path before the notebook runs, empty for none.
    """
    if not any(".py" in source for source in sources):
        return {}
    search = [".", *named(sources).search]
    files = _Session(before, [posixpath.normpath(folder) for folder in search]).run(sources)
    if any("reload" in source for source in sources):
        for file in files.values():
            file.text = None if file.rewritten else file.text
    return files


class _Session:
    """Follows the cells from top to bottom."""

    def __init__(self, before: Callable[[str], str], search: list[str]) -> None:
        self.before = before
        self.search = search
        self.files: dict[str, WrittenFile] = {}
        self.imported: set[str] = set()  # paths that a module of the name would have

    def run(self, sources: list[str]) -> dict[str, WrittenFile]:
        trees: list[ast.Module] = []
        for source in sources:
            trees.append(ast.Module([], []))
            with suppress(SyntaxError):
                trees[-1] = parse(source)
        writes = _Writes(folding(trees))
        for number, tree in enumerate(trees):
            for node in tree.body:
                for write in writes.of(node):
                    self._write(write, number)
                if may_import(node):
                    self._import([ast.unparse(node)])
        return self.files

    def _write(self, write: Write, cell: int) -> None:
        path = posixpath.normpath(write.path)
        file = self.files.get(path)
        if path in self.imported:
            if file is not None:
                file.rewritten = True
            return
        before = (file.text if file else self.before(path)) if write.append else ""
        text = None if before is None or write.text is None else before + write.text
        cells = [*(file.cells if file and write.append else []), cell]
        self.files[path] = WrittenFile(path, text, cells if write.whole else [])

    def _import(self, sources: list[str]) -> None:
        """Take note of what is imported, and of what that imports in turn."""
        for name in named(sources).modules:
            parts = name.split(".")
            for folder in self.search:
                for count in range(1, len(parts) + 1):
                    place = posixpath.normpath(posixpath.join(folder, *parts[:count]))
                    for path in (f"{place}.py", f"{place}/__init__.py"):
                        if path not in self.imported:
                            self.imported.add(path)
                            if (file := self.files.get(path)) is not None and file.text is not None:
                                self._import([file.text])


class _Writes:
    """Finds what statements write.

    Args:
        fold: what an expression can be as a text.
    """

    def __init__(self, fold: Callable[[ast.expr], list[str]]) -> None:
        self.fold = fold

    def of(self, node: ast.stmt) -> Iterator[Write]:
        """The Python files that a top-level statement writes, as far as it names them."""
        for call in (part for part in walk(node) if isinstance(part, ast.Call)):
            found = self._magic(call) or self._method(call) or self._opened(call, node)
            if found is not None and found.path.endswith(".py"):
                yield found if isinstance(node, _SURELY) else Write(found.path, None, found.append)

    def _magic(self, call: ast.Call) -> Write | None:
        """`%%writefile path`."""
        texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        if _attribute(call) != "run_cell_magic" or len(texts) != 3 or texts[0] not in _MAGICS:
            return None
        try:
            words = shlex.split(str(texts[1]))
        except ValueError:
            return None
        paths = [word for word in words if not word.startswith("-")]
        if not paths or "{" in paths[0] or "$" in paths[0]:
            return None
        return Write(paths[0], str(texts[2]), bool({"-a", "--append"} & set(words)), whole=True)

    def _method(self, call: ast.Call) -> Write | None:
        """`Path(path).write_text(text)`."""
        if _attribute(call) != "write_text" or not isinstance(call.func, ast.Attribute) or not call.args:
            return None
        path = self._one(call.func.value)
        return Write(path, self._text(call.args[0])) if path else None

    def _opened(self, call: ast.Call, node: ast.stmt) -> Write | None:
        """`open(path, "w").write(text)`, also with the file in a variable of a with statement."""
        if not (isinstance(call.func, ast.Name) and call.func.id == "open" and call.args):
            return None
        path = self._one(call.args[0])
        modes = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
        mode = self._one(modes[0]) if modes else "r"
        if not path or (mode is not None and not set(mode) & set("wxa")):
            return None
        return Write(path, self._written(call, node), "a" in (mode or ""))

    def _written(self, opened: ast.Call, node: ast.stmt) -> str | None:
        """The text that goes into an opened file, where nothing else is done with it."""
        if isinstance(node, ast.With) and len(node.items) == 1 and node.items[0].context_expr is opened:
            name = node.items[0].optional_vars
            calls = [part.value if isinstance(part, ast.Expr) else None for part in node.body]
            texts = [self._argument(call, name) for call in calls]
            return "".join(text or "" for text in texts) if None not in texts else None
        return self._argument(node.value, opened) if isinstance(node, ast.Expr) else None

    def _argument(self, call: ast.expr | None, file: ast.expr | None) -> str | None:
        """The text in `file.write(text)`."""
        if not isinstance(call, ast.Call) or _attribute(call) != "write" or len(call.args) != 1 or file is None:
            return None
        assert isinstance(call.func, ast.Attribute)
        same = isinstance(file, ast.Name) and isinstance(call.func.value, ast.Name) and call.func.value.id == file.id
        return self._text(call.args[0]) if same or call.func.value is file else None

    def _text(self, node: ast.expr) -> str | None:
        """A text that is written out, also in a variable, stripped or dedented."""
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) in ("textwrap.dedent", "dedent") and len(node.args) == 1:
                inner = self._text(node.args[0])
                return None if inner is None else textwrap.dedent(inner)
            if _attribute(node) in _STRIPS and not node.args and isinstance(node.func, ast.Attribute):
                inner = self._text(node.func.value)
                return None if inner is None else str(getattr(inner, node.func.attr)())
            return None
        return self._one(node) if isinstance(node, ast.Constant | ast.Name) else None

    def _one(self, node: ast.expr) -> str | None:
        """Fold an expression into a text, where it can be one only."""
        texts = self.fold(node)
        return texts[0] if len(texts) == 1 and ANY not in texts[0] else None


def _attribute(call: ast.Call) -> str:
    """The name of the method that is called; empty for other calls."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
