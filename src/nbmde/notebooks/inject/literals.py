"""The paths and modules that Python code names: string expressions folded to what they can be, and imports.

Folding is flow-insensitive: a name stands for every value that the code binds to it. A part whose value is not known
becomes `ANY`, so that `os.path.join(DATA, name)` is known to lie in `DATA`. Absolute paths of the working folder and
the folders around it begin with `WORKING`: the parent of `Path.cwd()` is known, that of `Path(".")` is the same again.
"""

from __future__ import annotations

import ast
import itertools
import posixpath
import re
import shlex
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, cast
from urllib.parse import unquote

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject import shell_outputs
from nbmde.notebooks.inject.patterns import HERE
from nbmde.notebooks.inject.python import parse
from nbmde.notebooks.inject.shell_outputs import ANY, Made

__all__ = [
    "ANY",
    "WORKING",
    "Mention",
    "Named",
    "folding",
    "inner_paths",
    "is_file_name",
    "levels",
    "may_import",
    "named",
    "pictures",
]
WORKING = "\1"
"""Stands for the absolute path of the working folder, at the start of a folded string."""

_T = TypeVar("_T")

_LIMIT = 64  # values of one expression
_DEPTH = 50  # nesting of one expression

# Calls by the last part of their name: what they do with a path among their arguments.
_READS_FOLDER = re.compile(
    r"\w*Path|listdir|scandir|walk|[ir]?glob|copytree|make_archive|load_from_disk|load_files|load_dataset|"
    r"ImageFolder|DatasetFolder|\w+_dataset_from_directory|flow_from_directory"
)
_READS_NOTHING = re.compile(
    r"to_\w+|save\w*|write\w*|dump|mkdir|makedirs|touch|imwrite|imsave|export\w*|rmtree|remove|unlink|rmdir|urlretrieve|"
    r"extractall|unpack_archive|FileHandler|ModelCheckpoint|CSVLogger|TensorBoard|SummaryWriter"
)
_TELLS = re.compile(r"print|display|debug|info|warning|error|log|(sup|set_)?title|(set_)?[xy]label|text|annotate")
_LISTS_ITSELF = re.compile(r"iterdir|walk")
_LISTS = re.compile(r"listdir|scandir|iterdir|walk")
_COPIES = re.compile(r"copy|copy2|copyfile|copytree|move|rename|replace")
_RUNS = re.compile(r"system|popen|run|call|check_call|check_output|Popen|getoutput|getstatusoutput")
_SHELLS = re.compile(r"bash|sh|!|sx|system|script|capture")
_ASKS = re.compile(r"l?exists|is_?file|is_?dir")
_SAME_PATH = re.compile(r"str|\w*Path|join|joinpath|fspath|fsdecode|normpath|expanduser|expandvars|as_posix|strip")
_ABSOLUTE = re.compile(r"abspath|realpath|resolve|absolute")
_JOINS = re.compile(r"join|joinpath|\w*Path")
_ITERATORS = re.compile(r"list|tuple|reversed|sorted|iter|chain")
_FOUND_ROOTS = re.compile(r"here|find_root|setup_root")  # of pyprojroot and rootutils: they look for it upwards
_COMMANDS = re.compile(r"run_line_magic|run_cell_magic|system|getoutput")
_PLACES = re.compile(r"import_module|__import__|append|insert|extend|addsitedir|chdir")
_PYTHON_MAGICS = re.compile(r"time|timeit|capture|prun|memit|mprun|lprun|snakeviz|python3?")
_IMPORTERS, _MAGICS = ("import_module", "__import__"), ("run_cell_magic", "run_line_magic")
_IMPORTS = {*_IMPORTERS, *_MAGICS}  # what they are given may be code that imports
_ATTRIBUTES = {"sep": "/", "altsep": "/", "curdir": ".", "pardir": ".."}
_PICTURE = re.compile(
    r"""!\[[^\]]*\]\(\s*<?([^)\s>]+)|<img\b[^>]*?\bsrc\s*=\s*(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE
)
_DISPLAYS = (ast.List, ast.Tuple, ast.Set)


@dataclass(frozen=True)
class Mention:
    """A text in code that may be a path.

    Attributes:
        text: the path; `ANY` stands for what is not known.
        folder: whether it means all that lies there if it is a folder.
        whole: whether it is read as a whole path, as opposed to a part of one, a key, or a place that is written to.
        asked: whether the code only asks if something lies there.
        sure: whether it is the one path that is meant, and not one of several folders where the code looks.
        bound: whether it is a value that a name stands for, which counts where the name is used.
    """

    text: str
    folder: bool = False
    whole: bool = False
    asked: bool = False
    sure: bool = True
    bound: bool = False


@dataclass(frozen=True)
class Named:
    """The paths, modules and folders that code names, each in the order of its first place.

    Attributes:
        mentions: paths.
        modules: imported modules with their dotted names, with leading dots where they are relative;
            `a.b` for `from a import b`, whatever `b` is.
        search: folders that the code adds to the module search path.
        working: folders that the code makes the working directory.
        above: how many folders above the working one its paths may lead.
        inner: paths inside other texts, as in the addresses of data bases and in queries.
        written: paths that the code writes.
        composed: those of them that do not stand where they are written.
        made: what commands write, and calls that unpack or fetch files.
        listed: folders from the working one upwards of which the code asks what is in them: ".", "..".
        walks: it asks so of the folders in the working one as well.
    """

    mentions: tuple[Mention, ...]
    modules: tuple[str, ...]
    search: tuple[str, ...]
    working: tuple[str, ...]
    above: int
    inner: tuple[str, ...]
    written: tuple[str, ...]
    composed: tuple[str, ...]
    made: Made
    listed: tuple[str, ...]
    walks: bool

    def only_written(self) -> set[str]:
        """The paths that the code writes and does not read."""
        read = {one.text for one in self.mentions if one.asked or (one.whole and not one.bound)}
        return set(self.written) - read


def named(sources: Iterable[str], depth: int = 0, file: str = "", runners: Collection[str] = ()) -> Named:
    """Find what cells or modules name. Sources that are not Python are passed over.

    Args:
        depth: how many folders above the working one are looked at where the code searches upwards.
        file: of a module: its path from the working folder.
        runners: what the code calls functions that run a command of the shell.
    """
    return _named(tuple(sources), depth, file, frozenset(runners))


@lru_cache(maxsize=256)  # several steps ask the same of a notebook and of the modules beside it
def _named(sources: tuple[str, ...], depth: int, file: str, runners: frozenset[str]) -> Named:
    trees = [tree for source in sources for tree in _trees(source)]
    scan = _Scan(_bindings(trees), depth, file, runners)
    for tree in trees:
        with suppress(RecursionError):
            scan.visit(tree)
            scan.look_up(tree)
    return Named(
        _unique(scan.mentions),
        _unique(scan.modules),
        _unique(scan.search),
        _unique(scan.working),
        scan.above,
        _unique(scan.inner),
        _unique(scan.written),
        _unique(scan.composed),
        scan.made(),
        _unique(scan.listed),
        scan.walks,
    )


_ADDRESS = re.compile(r"(?:sqlite|duckdb)(?:\+\w+)?:///(?:file:)?([^?\s'\"]+)|\bfile:(?!//)([^?\s'\"]+)")
_QUERY = re.compile(r"\b(?:from|join|attach|copy|into|database|to)\b", re.IGNORECASE)
_QUOTED = re.compile(r"""'([^'\n]{1,300}\.\w{1,10})'|"([^"\n]{1,300}\.\w{1,10})\"""")


def inner_paths(text: str) -> list[str]:
    """The files that the address of a data base or the quotes of a query name."""
    found = [match[1] or match[2] for match in _ADDRESS.finditer(text)]
    if _QUERY.search(text):
        found += [match[1] or match[2] for match in _QUOTED.finditer(text)]
    return [path for path in found if is_file_name(path)]


def is_file_name(path: str) -> bool:
    """Whether a text can be the path of a file of a project, unlike data bases in memory, devices and addresses."""
    return bool(path.strip()) and not _NO_FILE.match(path) and "\n" not in path


_NO_FILE = re.compile(
    r"[a-zA-Z][a-zA-Z0-9+.\-]+://|:memory:|file:|/(?:dev|proc|sys)(?:/|$)|(?:nul|con):?$",
    re.IGNORECASE,
)


def levels(path: str) -> int:
    """How many folders above the one that it starts in a path leads, as far as it is known; 0 for an absolute one."""
    if re.match(r"[/\\~]|[A-Za-z]:", path):
        return 0
    level = highest = 0
    for part in re.split(r"[/\\]+", path.removeprefix(WORKING)):
        level += 1 if part == ".." else 0 if part in ("", ".") or ANY in part else -1
        highest = max(highest, level)
    return highest


def folding(trees: Iterable[ast.Module], depth: int = 0) -> Callable[[ast.expr], list[str]]:
    """Tells what string and path expressions of some code can be.

    Args:
        depth: how many folders above the working one are looked at where the code searches upwards.
    """
    return _Scan(_bindings(trees), depth).fold


def pictures(markdown: str) -> list[str]:
    """The local pictures that Markdown shows, in their order."""
    places = (next(filter(None, match.groups())) for match in _PICTURE.finditer(markdown))
    return [unquote(place) for place in places if not re.match(r"[a-z]+:|//|#", place)]


def may_import(node: ast.AST) -> bool:
    """Can `named` tell a module of some code? Cheap; most statements import none."""
    return any(
        isinstance(part, ast.Import | ast.ImportFrom) or (isinstance(part, ast.Call) and _name(part.func) in _IMPORTS)
        for part in walk(node)
    )


def _unique(found: list[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=128)
def _trees(source: str) -> tuple[ast.Module, ...]:
    """The syntax tree of a source, and those of the Python in its magics; nobody changes them."""
    return tuple(_parsed(source))


def _parsed(source: str) -> Iterator[ast.Module]:
    try:
        tree = parse(source)
    except SyntaxError:
        return
    yield tree
    for node in walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _MAGICS:
            texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            magic, *code = [text for text in texts if isinstance(text, str)] or [""]
            if magic in ("writefile", "file") and code and code[0].split()[-1:] and code[0].split()[-1].endswith(".py"):
                code = code[1:]
            elif not _PYTHON_MAGICS.fullmatch(magic):
                code = []
            for text in code:
                yield from _trees(text)


def _bindings(trees: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """For each name the expressions that are bound to it anywhere: by assignment, a loop over a written list, a call.

    An attribute is a name with a dot in front, whatever it belongs to; what a function gives has parentheses behind.
    """
    bound: dict[str, list[ast.expr]] = {}
    nodes = [node for tree in trees for node in walk(tree)]
    signatures = dict(_signatures(nodes))
    for node in nodes:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, element) for element in _elements(node.iter)]
        elif isinstance(node, ast.ClassDef):
            assigned = [part for part in node.body if isinstance(part, ast.Assign | ast.AnnAssign) and part.value]
            for part in assigned:
                for name in part.targets if isinstance(part, ast.Assign) else [part.target]:
                    if isinstance(name, ast.Name) and part.value is not None:
                        bound.setdefault(f".{name.id}", []).append(part.value)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            results = [part.value for part in walk(node) if isinstance(part, ast.Return) and part.value]
            bound.setdefault(f"{node.name}()", []).extend(results)
            for parameter, value in _defaults(node.args):
                bound.setdefault(parameter, []).append(value)
        elif isinstance(node, ast.Call) and (parameters := signatures.get(_name(node.func))):
            for parameter, value in _passed(parameters, node):
                bound.setdefault(parameter, []).append(value)
        for target, value in pairs:
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs.extend(zip(target.elts, value.elts, strict=False))
            elif isinstance(target, ast.Name):
                bound.setdefault(target.id, []).append(value)
            elif isinstance(target, ast.Attribute):
                bound.setdefault(f".{target.attr}", []).append(value)
    return bound


def _elements(node: ast.expr) -> list[ast.expr]:
    """Return the elements of an iterable, as far as it is written out; the folders above a path are."""
    if isinstance(node, _DISPLAYS):
        return [part for element in node.elts for part in _spread(element)]
    if isinstance(node, ast.Attribute) and node.attr == "parents":
        return [ast.Subscript(node, ast.Name("", ast.Load()), ast.Load())]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_elements(node.left), *_elements(node.right)]
    if isinstance(node, ast.Call) and _ITERATORS.fullmatch(_name(node.func)):
        return [part for argument in node.args for part in _elements(argument)]
    return []


def _spread(element: ast.expr) -> list[ast.expr]:
    return _elements(element.value) if isinstance(element, ast.Starred) else [element]


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """The parameters that have a value of their own."""
    positional = [*arguments.posonlyargs, *arguments.args]
    yield from ((p.arg, value) for p, value in zip(reversed(positional), reversed(arguments.defaults), strict=False))
    yield from ((p.arg, v) for p, v in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if v is not None)


def _signatures(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, list[str]]]:
    """The parameters of each function, method and class by its name; that of the object itself is left out."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, _parameters(node)
    for node in nodes:
        for part in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not part.decorator_list:
                name = node.name if isinstance(node, ast.ClassDef) and part.name == "__init__" else part.name
                yield name, _parameters(part)[1:]


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    arguments = function.args
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _passed(parameters: list[str], call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Pair the values that a call passes with the parameters, as far as it is written out."""
    yield from itertools.takewhile(
        lambda pair: not isinstance(pair[1], ast.Starred), zip(parameters, call.args, strict=False)
    )
    for keyword in call.keywords:
        if keyword.arg in parameters:
            yield keyword.arg, keyword.value


class _Scan(ast.NodeVisitor):
    """Collects what trees name."""

    def __init__(
        self, bindings: dict[str, list[ast.expr]], depth: int = 0, file: str = "", runners: Collection[str] = ()
    ) -> None:
        self.bindings = bindings
        self.runners = runners
        self.known = knowledge.table("places")
        self.commands: list[str] = []
        self.unpacked: list[tuple[str, Collection[str]]] = []  # folders, with modules of which one must be imported
        self.listed: list[str] = []
        self.walks = False
        self.depth = depth
        self.above = 0
        self.inner: list[str] = []
        self.written: list[str] = []
        self.composed: list[str] = []
        self.climbing: set[str] = set()  # names that are bound to a folder, then to the one above it, and so on
        self.mentions: list[Mention] = []
        self.modules: list[str] = []
        self.search: list[str] = []
        self.working: list[str] = []
        self._values: dict[str, list[str]] = {"__file__": [f"{WORKING}/{file}"]} if file else {}

    def look_up(self, tree: ast.AST) -> None:
        """Take note of how far up the words of any text in a tree lead."""
        for node in walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and ".." in node.value:
                self._leads(*re.split(r"[\s'\"=:;,<>|&()]+", node.value))

    def _leads(self, *texts: str) -> None:
        self.above = max([self.above, *map(levels, texts)])

    def visit_Import(self, node: ast.Import) -> None:
        self.modules += [alias.name for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        package = "." * node.level + (node.module or "")
        prefix = f"{package}." if node.module else package
        self.modules += [package if alias.name == "*" else f"{prefix}{alias.name}" for alias in node.names]

    def visit_Assign(self, node: ast.Assign) -> None:
        named = all(isinstance(part, ast.Name) for target in node.targets for part in _elements(target) or [target])
        # what has a name counts where the name is used
        for value in (_elements(node.value) if named and _elements(node.targets[0]) else []) or [node.value]:
            self._text(value, _never if named else _is_path, bound=named)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if ast.unparse(node.target) == "sys.path":
            self._add_places(self.search, _elements(node.value))
        else:
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        self._text(node.slice, _never, whole=False)

    def visit_Constant(self, node: ast.Constant) -> None:
        self._text(node, _is_path)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        self._text(node, _is_path)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self._text(node, _is_path)

    def visit_Call(self, node: ast.Call) -> None:
        self._text(node, _is_path)

    def _text(self, node: ast.expr, folder: Callable[[str], bool], whole: bool = True, bound: bool = False) -> None:
        """Mention what an expression can be, and the files that constants in it name.

        Args:
            folder: whether a text that the expression can be means a whole folder.
            whole: whether the expression is a whole path that is read.
            bound: whether a name is bound to it.
        """
        if not isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.JoinedStr | ast.BinOp | ast.Call):
            self.visit(node)
            return
        texts = self.fold(node)
        self._leads(*texts)
        sure = sum(text.startswith(WORKING) for text in texts) < 2
        for text in texts:
            self._mention(text, folder(text), whole, sure=sure, bound=bound)
        if isinstance(node, ast.Call):
            self._arguments(node, composed=bool(texts))
        elif isinstance(node, ast.Attribute):
            self.visit(node.value)
        elif isinstance(node, ast.BinOp):
            self._text(node.left, _never, whole=not texts)
            self._text(node.right, _never, whole=not texts)
        elif isinstance(node, ast.JoinedStr):
            for piece in node.values:
                self._text(piece.value if isinstance(piece, ast.FormattedValue) else piece, _never, whole=False)

    def _arguments(self, node: ast.Call, composed: bool) -> None:
        """The arguments of a call, which are but parts of a path where the call puts one together."""
        name = _name(node.func)
        if _COMMANDS.fullmatch(name) and _is_ipython(node.func):
            self._command(name, [argument.value for argument in node.args if isinstance(argument, ast.Constant)])
            return
        self._runs(node, name)
        self._unpacks(node, name)
        if _LISTS.fullmatch(name) and (node.args or isinstance(node.func, ast.Attribute)):
            self._lists(node)
        if _LISTS_ITSELF.fullmatch(name) and isinstance(node.func, ast.Attribute):
            self._text(node.func.value, _always)
        if _COPIES.fullmatch(name) and len(node.args) == 2:
            self._writes(node.args[1])
            self._text(node.args[0], _always if name == "copytree" else _is_path)
            self._text(node.args[1], _never, whole=False)
            self.visit(node.func)
            return
        if _ASKS.fullmatch(name) and (node.args or isinstance(node.func, ast.Attribute)):
            subject = node.args[0] if node.args else cast(ast.Attribute, node.func).value
            for text in (texts := self.fold(subject)):
                self._mention(text, whole=True, asked=True, sure=len(texts) < 2)
            self._leads(*texts)
            if not texts:
                self.visit(subject)
            return
        if _reads_nothing(node, name):
            owner = [node.func.value] if isinstance(node.func, ast.Attribute) else []
            for one in [*owner, *node.args[:2]]:
                self._writes(one)
        part = composed or bool(_TELLS.fullmatch(name)) or _reads_nothing(node, name) or self._place(node, name)
        for argument in itertools.chain(node.args, (keyword.value for keyword in node.keywords)):
            plain = isinstance(argument, ast.Constant) and not _READS_FOLDER.fullmatch(name)
            self._text(argument, _never if part else _is_path if plain else _always, whole=not part)
        self.visit(node.func)

    def _writes(self, node: ast.expr) -> None:
        """A path that is written, if it is one."""
        texts = [relative(text) for text in self.fold(node)]
        self.written += texts
        if not isinstance(node, ast.Constant):
            self.composed += texts

    def _runs(self, node: ast.Call, name: str) -> None:
        """A call that runs a command of the shell."""
        if not node.args or not (_RUNS.fullmatch(name) or name in self.runners):
            return
        words = [self.fold(part)[:1] or [ANY] for part in _elements(node.args[0])]
        self.commands += [shlex.join(word for (word,) in words)] if words else self.fold(node.args[0])

    def _unpacks(self, node: ast.Call, name: str) -> None:
        """A call that writes files which it is not told by name."""
        row = self.known["unpacking"].get(ast.unparse(node.func)) or self.known["unpacking"].get(f".{name}")
        if row is not None:
            given = [*node.args[row["position"] :][:1], *(k.value for k in node.keywords if k.arg == row["keyword"])]
            texts = [relative(text) for part in given for text in self.fold(part)]
            folders = [shell_outputs.known(text) for text in texts] or [HERE]
            self.unpacked += [(folder, row.get("modules", ())) for folder in folders]

    def _lists(self, node: ast.Call) -> None:
        """A call that tells what is in a folder."""
        subject = node.args[0] if node.args else cast(ast.Attribute, node.func).value
        here = not node.args and _name(node.func) in ("listdir", "scandir")
        texts = [HERE] if here else map(relative, self.fold(subject))
        places = [place for place in map(posixpath.normpath, texts) if not place.strip("./")]
        self.listed += places
        self.walks |= HERE in places and _name(node.func) == "walk"

    def made(self) -> Made:
        """The files that commands write, and calls that unpack or fetch."""
        imported = {module.partition(".")[0] for module in self.modules}
        unpacked = [folder for folder, needed in self.unpacked if not needed or not imported.isdisjoint(needed)]
        return shell_outputs.by_commands(self.commands, self.known["commands"]) + Made(tuple(_unique(unpacked)))

    def _place(self, node: ast.Call, name: str) -> bool:
        """Calls that import, and calls that change where things are found; tell whether it is one."""
        if not _PLACES.fullmatch(name):
            return False
        function = ast.unparse(node.func)
        parts = [part for argument in node.args for part in _elements(argument) or [argument]]
        if name in _IMPORTERS:
            self.modules += [text for part in parts for text in self.fold(part) if ANY not in text][:1]
        elif function.startswith(("sys.path.", "site.", "path.")):
            self._add_places(self.search, parts)
        elif name == "chdir":
            self._add_places(self.working, parts)
        else:
            return False
        return True

    def _add_places(self, places: list[str], nodes: Iterable[ast.expr]) -> None:
        """Add folders that expressions are."""
        texts = [text for node in nodes for text in self.fold(node) if ANY not in text]
        self._leads(*texts)
        places += [relative(text) for text in texts]

    def _command(self, kind: str, values: list[object]) -> None:
        """A magic or a shell command: every word may be a path."""
        texts = [value for value in values if isinstance(value, str)]
        words = [word for text in texts for word in _words(text)]
        magic = words[0] if words and kind == "run_line_magic" else ""
        self._leads(*words)
        if magic == "cd":
            self.working += words[1:2]
        if kind in ("system", "getoutput") or (words and kind != "run_line_magic" and _SHELLS.fullmatch(words[0])):
            self.commands += [self._filled(text) for text in texts[-1:]]
        for word in words:
            self._mention(word, whole=True)
            if magic == "run" and not posixpath.splitext(word)[1]:
                self._mention(f"{word}.py", whole=True)

    def _filled(self, command: str) -> str:
        """A command with the values of the names that stand in braces or behind a dollar sign."""

        def value(match: re.Match[str]) -> str:
            texts = self._value(match[1] or match[2] or "")
            return texts[0] if len(texts) == 1 else ANY

        return re.sub(r"\{(\w+)\}|\$(\w+)|\{[^{}]*\}", value, command)

    def _mention(
        self,
        text: str,
        folder: bool = False,
        whole: bool = False,
        asked: bool = False,
        sure: bool = True,
        bound: bool = False,
    ) -> None:
        for path in inner_paths(text):
            self.inner.append(relative(path))
            self._leads(path)
            self.mentions.append(Mention(relative(path)))
        if len(text) <= 1024 and "\n" not in text and text.strip(f"{ANY}{WORKING}./\\ "):
            self.mentions.append(Mention(relative(text), folder, whole, asked, sure, bound))

    def fold(self, node: ast.expr, depth: int = 0) -> list[str]:
        """Find the texts that a string or path expression can be; none where it is no text."""
        texts = self._fold(node, depth) if depth < _DEPTH else []
        return list(dict.fromkeys(itertools.islice(texts, _LIMIT)))

    def _fold(self, node: ast.expr, depth: int) -> Iterable[str]:
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if isinstance(node, ast.Name):
            return self._value(node.id)
        if isinstance(node, ast.JoinedStr):
            return self._joined([self._piece(part, depth) for part in node.values], "".join)
        if isinstance(node, ast.BinOp):
            return self._operation(node, depth)
        if isinstance(node, ast.IfExp):
            return [*self.fold(node.body, depth + 1), *self.fold(node.orelse, depth + 1)]
        if isinstance(node, ast.BoolOp):
            return [text for value in node.values for text in self.fold(value, depth + 1)]
        if isinstance(node, ast.Attribute):
            return self._attribute(node, depth)
        if isinstance(node, ast.Subscript):
            return self._item(node, depth)
        return self._call(node, depth) if isinstance(node, ast.Call) else []

    def _value(self, name: str) -> list[str]:
        """Find the texts that a name can stand for. In a binding that refers to the name itself it is `ANY`.

        A folder that is bound again and again leads up to the last one that is looked at.
        """
        if name not in self._values:
            known, texts = dict(self._values), [ANY]
            for _ in range(1 + self.depth):
                self._values = {**known, name: texts}
                found = dict.fromkeys(text for value in self.bindings.get(name, []) for text in self.fold(value))
                before, texts = texts, list(found)[:_LIMIT]
                if texts == before or not any(text.startswith(WORKING) for text in texts):
                    break
                self.climbing.add(name)
            self._values[name] = texts
        return self._values[name]

    def _operation(self, node: ast.BinOp, depth: int) -> Iterable[str]:
        left, right = self.fold(node.left, depth + 1), self.fold(node.right, depth + 1)
        if isinstance(node.op, ast.Add) and (left or right):
            return self._joined([left or [ANY], right or [ANY]], "".join)
        if isinstance(node.op, ast.Div) and left:
            return self._joined([left, right or [ANY]], _join)
        if isinstance(node.op, ast.Mod) and left:
            return [re.sub(r"%[-+ #0]*[\d.*]*[a-zA-Z]", ANY, text) for text in left]
        return []

    def _piece(self, part: ast.expr, depth: int) -> list[str]:
        value = part.value if isinstance(part, ast.FormattedValue) else part
        return self.fold(value, depth + 1) or [ANY]

    def _attribute(self, node: ast.Attribute, depth: int) -> Iterable[str]:
        if node.attr in _ATTRIBUTES:
            return [_ATTRIBUTES[node.attr]]
        if node.attr == "parent":
            return self._above(node.value, depth)
        return self._value(f".{node.attr}")

    def _above(self, node: ast.expr, depth: int) -> list[str]:
        """The folders that paths lie in; where the code searches upwards, none above those that are looked at."""
        limit = self.depth if isinstance(node, ast.Name) and node.id in self.climbing else sys.maxsize
        texts = (_parent(text) for text in self.fold(node, depth + 1))
        return [text for text in texts if levels(text) <= limit]

    def _item(self, node: ast.Subscript, depth: int) -> Iterable[str]:
        """A member of a dictionary or list that is written out, or one of the folders above a path."""
        if isinstance(node.value, ast.Attribute) and node.value.attr == "parents":
            number = node.slice.value if isinstance(node.slice, ast.Constant) else None
            ups = range(number, number + 1) if isinstance(number, int) else range(self.depth)
            return [_parent(text, 1 + up) for up in ups for text in self.fold(node.value.value, depth + 1)]
        if isinstance(node.value, ast.Call) and _name(node.value.func) == "split" and len(node.value.args) == 1:
            head = isinstance(node.slice, ast.Constant) and node.slice.value == 0
            return [_parent(text) for text in self.fold(node.value.args[0], depth + 1)] if head else []
        if not isinstance(node.value, ast.Name) or not isinstance(node.slice, ast.Constant):
            return []
        found: list[str] = []
        for value in self.bindings.get(node.value.id, []):
            if isinstance(value, ast.Dict):
                for key, member in zip(value.keys, value.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == node.slice.value:
                        found += self.fold(member, depth + 1)
        return found

    def _call(self, node: ast.Call, depth: int) -> Iterable[str]:
        name = _name(node.func)
        arguments = [self.fold(argument, depth + 1) for argument in node.args]
        receiver = self.fold(node.func.value, depth + 1) if isinstance(node.func, ast.Attribute) else []
        if name in ("getcwd", "cwd"):
            return [WORKING]
        if f"{name}()" in self.bindings:
            return self._value(f"{name}()")
        if _FOUND_ROOTS.fullmatch(name):
            tops = [_parent(WORKING, up) for up in range(self.depth + 1)]
            return self._joined([tops, *([argument or [ANY] for argument in arguments])], _join)
        if name == "Path" and not node.args:
            return ["."]
        if name == "home" and not node.args:
            return ["~"]
        if name == "next" and node.args and isinstance(node.args[0], ast.GeneratorExp):
            return [*self.fold(node.args[0].elt, depth + 1), *(text for texts in arguments[1:] for text in texts)]
        if len(arguments) == 2 and (name == "getenv" or ast.unparse(node.func).endswith("environ.get")):
            return arguments[1]
        if _JOINS.fullmatch(name) and len(arguments) + bool(receiver) > 1:
            parts = [receiver, *arguments] if receiver else arguments
            return self._joined([part or [ANY] for part in parts], _join) if parts[0] else []
        if name in ("glob", "rglob") and receiver and arguments and arguments[0]:
            deep = ["**"] if name == "rglob" else []
            return self._joined([receiver, deep or [""], arguments[0]], _join)
        if name == "dirname" and arguments:
            return self._above(node.args[0], depth)
        if name == "format" and receiver:
            return [re.sub(r"\{[^{}]*\}", ANY, text) for text in receiver]
        if _ABSOLUTE.fullmatch(name):
            return [_absolute(text) for text in (arguments[0] if arguments else receiver)]
        if _SAME_PATH.fullmatch(name):
            return arguments[0] if arguments else receiver
        return []

    @staticmethod
    def _joined(parts: list[list[str]], join: Callable[[tuple[str, ...]], str]) -> Iterable[str]:
        return (join(choice) for choice in itertools.product(*parts))


def _join(parts: tuple[str, ...]) -> str:
    last = max((number for number, part in enumerate(parts) if part.startswith(WORKING)), default=0)
    return posixpath.join(*parts[last:])


def _parent(text: str, ups: int = 1) -> str:
    """The folder that a path lies in, as pathlib says it; of an absolute path around the working folder any above."""
    for _ in range(ups):
        if text.startswith(WORKING):
            text = _absolute(f"{text}/..")
        elif "/" in text or ANY not in text:
            text = posixpath.dirname(text) or "."
    return text


def _absolute(text: str) -> str:
    """An absolute path, as short as it can be."""
    if not text.startswith(WORKING):
        if re.match(rf"[/\\~{ANY}]|[A-Za-z]:", text):
            return text
        text = f"{WORKING}/{text}"
    inside = posixpath.normpath(text.removeprefix(WORKING).lstrip("/") or ".")
    return WORKING if inside == "." else f"{WORKING}/{inside}"


def relative(text: str) -> str:
    """A path from the working folder where it is known to be below or around it."""
    if not text.startswith(WORKING):
        return text.replace(WORKING, ".")
    return _absolute(text).removeprefix(WORKING).removeprefix("/") or "."


def _is_path(text: str) -> bool:
    """Whether a text has the form of a path of more than one part."""
    return "/" in text or "\\" in text


def _always(_: str) -> bool:
    return True


def _never(_: str) -> bool:
    return False


def _name(function: ast.expr) -> str:
    """The last part of the name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_ipython(function: ast.expr) -> bool:
    owner = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(owner, ast.Call) and _name(owner.func) == "get_ipython"


def _reads_nothing(node: ast.Call, name: str) -> bool:
    """Whether a call does not read what lies at the paths among its arguments."""
    if name == "open":
        modes = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
        return any(isinstance(mode, ast.Constant) and set(str(mode.value)) & set("wx") for mode in modes)
    return bool(_READS_NOTHING.fullmatch(name))


def _words(text: str) -> list[str]:
    """The words of a command, without the quotes of the shell."""
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()
