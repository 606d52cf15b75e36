"""The paths and modules that Python code names: string expressions folded to what they can be, and imports.

Folding is flow-insensitive: a name stands for every value that the code binds to it. A part whose value is not known
becomes `ANY`, so that `os.path.join(DATA, name)` is known to lie in `DATA`.
"""

from __future__ import annotations

import ast
import itertools
import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote

from nbmde.inject.python import parse

ANY = "\0"
"""Stands for any text in a folded string; no path has this character."""

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
    r"extractall|FileHandler|ModelCheckpoint|CSVLogger|TensorBoard|SummaryWriter|"
    r"print|display|debug|info|warning|error|log|(sup|set_)?title|(set_)?[xy]label|text|annotate"
)
_LISTS_ITSELF = re.compile(r"iterdir|walk")
_SAME_PATH = re.compile(
    r"str|\w*Path|fspath|fsdecode|abspath|normpath|realpath|expanduser|expandvars|resolve|absolute|as_posix|strip"
)
_JOINS = re.compile(r"join|joinpath|\w*Path")
_COMMANDS = re.compile(r"run_line_magic|run_cell_magic|system|getoutput")
_PLACES = re.compile(r"import_module|__import__|append|insert|extend|addsitedir|chdir")
_PYTHON_MAGICS = re.compile(r"time|timeit|capture|prun|memit|mprun|lprun|snakeviz|python3?")
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
    """

    text: str
    folder: bool = False
    whole: bool = False


@dataclass
class Named:
    """What a piece of code names, each in the order of its first place.

    Attributes:
        mentions: paths.
        modules: imported modules with their dotted names, with leading dots where they are relative;
            `a.b` for `from a import b`, whatever `b` is.
        search: folders that the code adds to the module search path.
        working: folders that the code makes the working directory.
    """

    mentions: list[Mention]
    modules: list[str]
    search: list[str]
    working: list[str]


def named(sources: Iterable[str]) -> Named:
    """What cells or modules name. Sources that are not Python are passed over."""
    trees = [tree for source in sources for tree in _trees(source)]
    scan = _Scan(_bindings(trees))
    for tree in trees:
        with suppress(RecursionError):
            scan.visit(tree)
    return Named(_unique(scan.mentions), _unique(scan.modules), _unique(scan.search), _unique(scan.working))


def folding(trees: Iterable[ast.Module]) -> Callable[[ast.expr], list[str]]:
    """Tells what string and path expressions of some code can be."""
    return _Scan(_bindings(trees)).fold


def pictures(markdown: str) -> list[str]:
    """The local pictures that Markdown shows, in their order."""
    places = (next(filter(None, match.groups())) for match in _PICTURE.finditer(markdown))
    return [unquote(place) for place in places if not re.match(r"[a-z]+:|//|#", place)]


def _unique(found: list[_T]) -> list[_T]:
    return list(dict.fromkeys(found))


def _trees(source: str) -> Iterator[ast.Module]:
    """The syntax tree of a source, and those of the Python in its magics."""
    try:
        tree = parse(source)
    except SyntaxError:
        return
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in ("run_cell_magic", "run_line_magic"):
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

    An attribute is a name with a dot in front, whatever it belongs to.
    """
    bound: dict[str, list[ast.expr]] = {}
    nodes = [node for tree in trees for node in ast.walk(tree)]
    signatures = dict(_signatures(nodes))
    for node in nodes:
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            pairs = [(node.target, node.value)]
        elif isinstance(node, ast.For | ast.comprehension) and isinstance(node.iter, _DISPLAYS):
            pairs = [(node.target, element) for element in node.iter.elts]
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
    """What a call gives to which parameter, as far as it is written out."""
    yield from itertools.takewhile(
        lambda pair: not isinstance(pair[1], ast.Starred), zip(parameters, call.args, strict=False)
    )
    for keyword in call.keywords:
        if keyword.arg in parameters:
            yield keyword.arg, keyword.value


class _Scan(ast.NodeVisitor):
    """Collects what trees name."""

    def __init__(self, bindings: dict[str, list[ast.expr]]) -> None:
        self.bindings = bindings
        self.mentions: list[Mention] = []
        self.modules: list[str] = []
        self.search: list[str] = []
        self.working: list[str] = []
        self._values: dict[str, list[str]] = {}

    def visit_Import(self, node: ast.Import) -> None:
        self.modules += [alias.name for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        package = "." * node.level + (node.module or "")
        prefix = f"{package}." if node.module else package
        self.modules += [package if alias.name == "*" else f"{prefix}{alias.name}" for alias in node.names]

    def visit_Assign(self, node: ast.Assign) -> None:
        named = all(isinstance(target, ast.Name) for target in node.targets)
        self._text(node.value, _never if named else _is_path)  # a folder with a name counts where the name is used
        for target in node.targets:
            self.visit(target)

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

    def _text(self, node: ast.expr, folder: Callable[[str], bool], whole: bool = True) -> None:
        """Mention what an expression can be, and the files that constants in it name.

        Args:
            folder: whether a text that the expression can be means a whole folder.
            whole: whether the expression is a whole path that is read.
        """
        if not isinstance(node, ast.Constant | ast.Name | ast.Attribute | ast.JoinedStr | ast.BinOp | ast.Call):
            self.visit(node)
            return
        texts = self.fold(node)
        for text in texts:
            self._mention(text, folder(text), whole)
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
        if _LISTS_ITSELF.fullmatch(name) and isinstance(node.func, ast.Attribute):
            self._text(node.func.value, _always)
        part = composed or _reads_nothing(node, name) or self._place(node, name)
        for argument in itertools.chain(node.args, (keyword.value for keyword in node.keywords)):
            plain = isinstance(argument, ast.Constant) and not _READS_FOLDER.fullmatch(name)
            self._text(argument, _never if part else _is_path if plain else _always, whole=not part)
        self.visit(node.func)

    def _place(self, node: ast.Call, name: str) -> bool:
        """Calls that import, and calls that change where things are found; tell whether it is one."""
        if not _PLACES.fullmatch(name):
            return False
        function = ast.unparse(node.func)
        texts = [text for argument in node.args for text in self.fold(argument) if ANY not in text]
        if name in ("import_module", "__import__"):
            self.modules += texts[:1]
        elif function.startswith(("sys.path.", "site.", "path.")):
            self.search += texts
        elif name == "chdir":
            self.working += texts
        else:
            return False
        return True

    def _command(self, kind: str, values: list[object]) -> None:
        """A magic or a shell command: every word may be a path."""
        texts = [value for value in values if isinstance(value, str)]
        words = [word for text in texts for word in _words(text)]
        magic = words[0] if words and kind == "run_line_magic" else ""
        if magic == "cd":
            self.working += words[1:2]
        for word in words:
            self._mention(word, whole=True)
            if magic == "run" and not posixpath.splitext(word)[1]:
                self._mention(f"{word}.py", whole=True)

    def _mention(self, text: str, folder: bool = False, whole: bool = False) -> None:
        if len(text) <= 1024 and "\n" not in text and text.strip(f"{ANY}./\\ "):
            self.mentions.append(Mention(text, folder, whole))

    def fold(self, node: ast.expr, depth: int = 0) -> list[str]:
        """What a string or path expression can be; nothing where it is no text."""
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
        if isinstance(node, ast.Attribute):
            return self._attribute(node, depth)
        if isinstance(node, ast.Subscript):
            return self._item(node, depth)
        return self._call(node, depth) if isinstance(node, ast.Call) else []

    def _value(self, name: str) -> list[str]:
        """What a name can stand for. In a binding that refers to the name itself it is `ANY`."""
        if name not in self._values:
            self._values[name] = [ANY]
            values = [text for value in self.bindings.get(name, []) for text in self.fold(value)]
            self._values[name] = list(dict.fromkeys(values))[:_LIMIT]
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
            return [posixpath.dirname(text) or "." for text in self.fold(node.value, depth + 1)]
        return self._value(f".{node.attr}")

    def _item(self, node: ast.Subscript, depth: int) -> Iterable[str]:
        """A member of a dictionary or list that is written out."""
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
            return ["."]
        if _JOINS.fullmatch(name) and len(arguments) + bool(receiver) > 1:
            parts = [receiver, *arguments] if receiver else arguments
            return self._joined([part or [ANY] for part in parts], _join) if parts[0] else []
        if name in ("glob", "rglob") and receiver and arguments and arguments[0]:
            deep = ["**"] if name == "rglob" else []
            return self._joined([receiver, deep or [""], arguments[0]], _join)
        if name == "dirname" and arguments:
            return [posixpath.dirname(text) or "." for text in arguments[0]]
        if name == "format" and receiver:
            return [re.sub(r"\{[^{}]*\}", ANY, text) for text in receiver]
        if _SAME_PATH.fullmatch(name):
            return arguments[0] if arguments else receiver
        return []

    @staticmethod
    def _joined(parts: list[list[str]], join: Callable[[tuple[str, ...]], str]) -> Iterable[str]:
        return (join(choice) for choice in itertools.product(*parts))


def _join(parts: tuple[str, ...]) -> str:
    return posixpath.join(*parts)


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
