"""Paths in the code: where it names files, which of these it reads and writes, and which must stay as they are."""

from __future__ import annotations

import ast
import posixpath
import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbmde.notebooks.analysis.calls import CallResolver, ResolvedCall
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.rewrite import Places
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.analysis.values import scalar
from nbmde.notebooks.inject import patterns
from nbmde.notebooks.inject.assets import content
from nbmde.notebooks.inject.literals import ANY, inner_paths, is_file_name, named
from nbmde.notebooks.inject.patterns import HERE
from nbmde.notebooks.inject.shell_outputs import Made

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset, Notebook

MAX_ABOVE = 8
"""Folders above the working one that a project has, at most."""


@dataclass(frozen=True)
class FileExpression:
    """An argument that is a path: offsets in the statement's text, and its value where it is a literal."""

    start: int
    end: int
    path: str | None
    call: str
    returned: str  # how the call gives the path back: "path", or "list" for a list with it
    lists: str  # "names" or "paths": of the files that are there


@dataclass(frozen=True)
class PathUse:
    """A path that the code names: how, in which statement, and whether it is read or written there."""

    path: str
    unit: int
    direction: str  # input, output or both
    call: str
    literal: bool = True  # it stands in the call itself
    lists: bool = False  # it is asked which files are there
    stem: bool = False  # what is written has a suffix behind it


@dataclass(frozen=True)
class Survey:
    """The facts that are known of the paths in a notebook's code.

    Attributes:
        uses: of files that may lie elsewhere in a project.
        listing: uses that ask which files there are, by whatever path.
        known: what the code calls files that come along, and what it writes beside those that it lists.
        staying: paths that stay as they are in the code.
        in_place: paths of files that lie in a project where they lay.
        moves: the working folder changes: then all files of the notebook's folder stay in place.
        machines: folders that are the working one on other machines, as far as the code names what lies there.
        folders: absolute folders of one machine that the code writes to.
        lying: what calls that are not known may be given: names of files that come along.
        made: what commands write, and calls that unpack or fetch files.
        written: what the code writes, by whatever expression.
    """

    uses: list[PathUse]
    listing: list[PathUse]
    known: frozenset[str]
    staying: frozenset[str]
    in_place: frozenset[str]
    moves: bool
    machines: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    lying: frozenset[str] = frozenset()
    made: Made = field(default_factory=Made)
    written: frozenset[str] = frozenset()

    def only_asked(self, path: str) -> bool:
        """Does the code ask whether there is such a file, and no more?"""
        calls = [use.call for use in self.uses if self.means(use.path) == self.means(path)]
        return bool(calls) and all(map(_ASKS.search, calls))

    def looks_around(self) -> Iterator[int]:
        """The statements that ask what else is in the working folder or in one above it."""
        for use in self.listing:
            folder, pattern = patterns.split(use.path) if use.path else ("-", "")
            if not folder.strip("./") and pattern in ("", "*", "**", "**/*", "*.*"):
                yield use.unit

    def names(self, text: str) -> bool:
        """Is a text the path of a file that comes along, or of a place on another machine?"""
        return text in self.lying or any(below(text, top) for top in self.machines)

    def means(self, path: str) -> str:
        """A path from the working folder, also where it begins with what this is on another machine."""
        return _meant(path, self.machines)

    def may_be_made(self, path: str) -> bool:
        """May a command or a call that unpacks write a file that does not come along?"""
        return self.made.anything or self.made.covers(self.means(path))

    @property
    def lists_unknown(self) -> bool:
        """Does the code ask which files are in a folder that only a run tells?"""
        return any(not use.path for use in self.listing)


def _meant(path: str, machines: Iterable[str]) -> str:
    machine = next((top for top in machines if below(path, top)), None)
    return patterns.normal(path[len(machine) :].lstrip("/") if machine else path)


def _is_above(path: str) -> bool:
    """Is a path that of a folder in which the working one lies?"""
    return patterns.normal(path) != HERE and not patterns.normal(path).strip("./")


def below(path: str, folder: str) -> bool:
    """Is a path that of a folder, or of something in it?"""
    return path == folder or path.startswith(f"{folder}/")


def survey(
    assets: Iterable[Asset],
    units: list[Unit],
    resolver: CallResolver,
    commanded: Mapping[str, str],
    machines: Iterable[str] = (),
    runners: Collection[str] = (),
) -> Survey:
    """Which files the code names, and where.

    Args:
        assets: the files beside the notebook.
        commanded: what commands outside Python name: the path of the file, and the text that names it.
        machines: folders that are the working one on other machines.
        runners: what the code calls functions that run a command of the shell.
    """
    moves = any("cwd" in unit.changes for unit in units)
    assets = [asset for asset in assets if asset.kind.name != "marker"]
    every = list(_uses(enumerate(units), resolver))
    uses = [use for use in every if use.path]
    lying = {asset.path for asset in assets}
    known = {path for asset in assets for path in (asset.path, *asset.foundFor)}
    known |= {use.path for use in uses if patterns.matching(use.path, lying)}
    inside = {asset.path for asset in assets if not asset.path.startswith("..")}
    if not moves:
        known |= {HERE} if inside else set()
        listed = {patterns.split(use.path)[0] or HERE for use in uses if use.lists and use.path in known}
        known |= {use.path for use in uses if (posixpath.dirname(patterns.normal(use.path)) or HERE) in listed}
    staying = _named_otherwise(uses, units, known, moves, commanded.values())
    in_place = set(commanded)
    texts = [unit.text for unit in units]
    names = named(texts, runners=runners)
    made = names.made
    in_place |= {asset.path for asset in assets if made.covers(asset.path)}
    inner = {patterns.normal(path) for path in names.inner if not _ABSOLUTE.match(path)}
    staying |= {use.path for use in uses if patterns.normal(use.path) in inner}
    for asset in assets:
        spellings = {path for path in (asset.path, *asset.foundFor) if not _ABSOLUTE.match(path)}
        if inner & set(map(patterns.normal, spellings)):
            in_place.add(asset.path)
            staying |= spellings
    tops = tuple(top for top in machines if any(re.search(rf"{re.escape(top)}(?![\w.-])", text) for text in texts))
    direct = known | {use.path for use in uses}
    elsewhere = {path for path in direct if _ABSOLUTE.match(path) and not any(below(path, top) for top in tops)}
    stems = {use.path for use in uses if use.stem and not _ABSOLUTE.match(use.path)}
    made += Made(tuple(path for path in direct for stem in stems if path.startswith(f"{stem}.")))
    staying |= stems | {path for path in direct if _is_above(path) or (path in elsewhere and made.covers(path))}
    folders = dict.fromkeys(
        folder
        for path in names.written
        if path not in direct and not any(below(path, top) for top in tops) and (folder := _folder(path))
    )
    if moves:  # no other place would do
        in_place |= {asset.path for asset in assets if asset.path in inside and asset.kind.name in ("dataset", "other")}
        above = {path for asset in assets if asset.path not in inside for path in asset.foundFor}
        staying |= {path for path in known - above if not re.match(r"[/\\~]|\.\.|[A-Za-z]:", path)}
    return Survey(
        [use for use in uses if use.path not in staying],
        [use for use in every if use.lists],
        frozenset(known),
        frozenset(staying),
        frozenset(in_place),
        moves,
        tops,
        tuple(folders),
        frozenset(path for asset in assets if asset.kind.name == "dataset" for path in (asset.path, *asset.foundFor)),
        Made(tuple(_meant(path, tops) for path in made.paths), made.anything),
        frozenset(names.written) | {use.path for use in every if use.direction != "input"},
    )


_ASKS = re.compile(r"\b(?:l?exists|is_?file|is_?dir)$")
_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:[/\\]")
_SYSTEM = re.compile(r"/(?:dev|proc|sys|etc|usr|bin|lib|var|tmp)(?:/|$)")


def _folder(path: str) -> str:
    """The absolute folder of a path that is written; empty for any other."""
    if not _ABSOLUTE.match(path) or _SYSTEM.match(path):
        return ""
    known, unknown, _ = path.partition(ANY)
    folder, name = posixpath.split(known)
    folder = folder if unknown or "." in name else known
    return folder if re.search(r"\w", folder) else ""


def file_expressions(
    unit: Unit,
    resolver: CallResolver,
    survey: Survey,
    defined: Container[str],
) -> list[FileExpression]:
    """Arguments of calls that read or write files, in the order of the source; without paths that stay as they are.

    Args:
        defined: names of what the code defines itself.
    """
    staying = survey.staying
    places = Places(unit.text)
    found: dict[int, FileExpression] = {}
    for node in unit.nodes:
        inside = {id(part) for text in walk(node) if isinstance(text, ast.JoinedStr) for part in walk(text)}
        for call in resolver.calls(node):
            if id(call.node) not in inside and _is_foreign(call, resolver, defined):
                for part in _given(call):
                    text = scalar(part)
                    if isinstance(text, str) and text not in staying and survey.names(text):
                        found[places.span(part)[0]] = FileExpression(*places.span(part), text, call.name, "", "")
            for column in ("reads_files", "writes_files", "opens"):
                if column in call.row and id(call.node) not in inside:
                    argument = _argument(call, call.row[column], call.row.get("path_keyword"))
                    returned, lists = str(call.row.get("returns_path", "")), str(call.row.get("lists", ""))
                    if lists and not (call.node.args or call.node.keywords) and argument is None:
                        start = places.span(call.node)[1] - 1  # what it lists is said between the parentheses
                        found[start] = FileExpression(start, start, None, call.name, returned, lists)
                    if returned and column == "reads_files":
                        returned = ""
                    if argument is None or isinstance(argument, (ast.Starred, ast.Lambda, ast.List, ast.Dict)):
                        continue
                    value = scalar(argument)
                    if lists and isinstance(value, str) and patterns.normal(value) == HERE:
                        value = None
                    if value is not None and not (isinstance(value, str) and is_file_name(value)):
                        continue
                    if not _is_file(call, value) or value in staying:
                        continue
                    if value is None and resolver.type_of(argument) in ("io.StringIO", "io.BytesIO", "file"):
                        continue
                    start, end = places.span(argument)
                    found[start] = FileExpression(start, end, value, call.name, returned, lists)
    ordered = sorted(found.values(), key=lambda item: item.start)
    return [item for index, item in enumerate(ordered) if not any(other.end > item.start for other in ordered[:index])]


def defined(units: Iterable[Unit]) -> frozenset[str]:
    """The names of all functions, methods and classes of the code."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    parts = (part for unit in units for node in unit.nodes for part in walk(node))
    return frozenset(part.name for part in parts if isinstance(part, kinds))


def outside(
    unit: Unit, resolver: CallResolver, files: Iterable[FileExpression], defined: Container[str]
) -> Iterator[str]:
    """Absolute paths of one machine that a statement gives to what is not known, or names inside another text."""
    places = Places(unit.text)
    starts = {file.start for file in files}
    for node in unit.nodes:
        for call in resolver.calls(node):
            for part in _given(call):
                text = scalar(part)
                if isinstance(text, str) and places.span(part)[0] not in starts:
                    whole = [text] if _is_foreign(call, resolver, defined) and is_file_name(text) else []
                    for path in (*whole, *inner_paths(text)):
                        if _OF_A_MACHINE.match(path):
                            yield path


_OF_A_MACHINE = re.compile(r"/(?!dev/|proc/|sys/|tmp/)\w[\w.\- ]*/\w|~/|[A-Za-z]:[\\/]")


def top_names(survey: Survey, units: Iterable[Unit]) -> list[str]:
    """First names in the relative paths where the code asks which files there are, or removes them all."""
    found = [use.path for use in (*survey.listing, *survey.uses) if use.lists or use.call.endswith("rmtree")]
    if survey.lists_unknown:
        found += [mention.text for mention in named(unit.text for unit in units).mentions]
    plain = (patterns.normal(path) for path in found if path and not _ABSOLUTE.match(path))
    parts = (re.sub(r"^(?:\.\./)+", "", path).partition("/")[0] for path in plain)
    return sorted({part for part in parts if re.fullmatch(r"[\w.-]+", part) and part.strip(".")})


_KEYWORDS = re.compile(r"(?:.*_)?(?:path|file|filename|filepath|dir|directory|folder|root|source|uri|url|location)s?")


def _given(call: ResolvedCall) -> list[ast.expr]:
    """The arguments of a call that may be paths."""
    named = [keyword.value for keyword in call.node.keywords if keyword.arg and _KEYWORDS.fullmatch(keyword.arg)]
    return [*call.node.args, *named]


def _is_foreign(call: ResolvedCall, resolver: CallResolver, defined: Container[str]) -> bool:
    """Is what is called a library's, and unknown but for the whole of which it is a part?"""
    known = call.name in resolver.table.rows or (call.row and call.name.startswith("."))
    if known or "matplotlib" in call.row.get("resources", ()):
        return False
    if isinstance(call.node.func, ast.Name):
        return "." in call.name and not call.name.startswith(".")
    return call.name.rpartition(".")[2] not in defined


def _uses(units: Iterable[tuple[int, Unit]], resolver: CallResolver) -> Iterator[PathUse]:
    """Paths in calls that read or write files, where the path is a literal or a name bound to one just once.

    For a call that lists files, there is a use without a path where it is not known.
    """
    known: dict[str, str] = {}
    rebound: set[str] = set()
    for index, unit in units:
        for node in unit.nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                value = known_path(node.value, resolver)
                if isinstance(value, str) and name not in known and name not in rebound:
                    known[name] = value
                else:
                    known.pop(name, None)
                    rebound.add(name)
            for call in resolver.calls(node):
                for column, direction in (("reads_files", "input"), ("writes_files", "output"), ("opens", "input")):
                    if column in call.row:
                        argument = _argument(call, call.row[column], call.row.get("path_keyword"))
                        lists = "lists" in call.row
                        if isinstance(argument, ast.Name) and argument.id in known:
                            path: Any = known[argument.id]
                        elif argument is None:
                            path = HERE if lists and not call.node.args else None
                        else:
                            path = known_path(argument, resolver)
                        if isinstance(path, str) and is_file_name(path) and _is_file(call, path):
                            path = HERE if patterns.normal(path) == HERE else path
                            way = _mode(call) if column == "opens" else direction
                            stem = column == "writes_files" and _adds_suffix(call, path)
                            yield PathUse(path, index, way, call.name, isinstance(argument, ast.Constant), lists, stem)
                        elif lists and path is None:
                            yield PathUse("", index, direction, call.name, False, lists)


def _adds_suffix(call: ResolvedCall, path: str) -> bool:
    """Does a call write to its path with a suffix behind it?"""
    adds = call.row.get("adds_suffix")
    return adds == "always" or (adds == "missing" and "." not in path.replace("\\", "/").rpartition("/")[2])


def known_path(node: ast.expr, resolver: CallResolver) -> Any:
    """The path that an expression is, if that is written out."""
    if isinstance(node, ast.Call):
        name = resolver.call(node).name
        if name in ("pathlib.Path.cwd", "os.getcwd") or (name == "pathlib.Path" and not node.args):
            return HERE
        return scalar(node.args[0]) if name == "pathlib.Path" and len(node.args) == 1 else None
    return scalar(node)


def _named_otherwise(
    uses: Iterable[PathUse],
    units: Iterable[Unit],
    known: Container[str],
    changes_directory: bool,
    scripts: Iterable[str],
) -> set[str]:
    """Paths that must stay as they are, because the code names the same files in other ways as well.

    Args:
        known: paths of files that come along with the notebook; they lie elsewhere in a project.
        changes_directory: does the working directory change?
        scripts: texts of what runs outside the notebook.
    """
    words: Counter[str] = Counter()
    texts: set[str] = set()
    for unit in units:
        for node in unit.nodes:
            for part in walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    words.update(_words(part.value))
                    texts.add(part.value.rstrip("/\\"))
    for text in scripts:
        words.update(_words(text))
    written: set[str] = set()
    free: dict[str, None] = {}
    for use in uses:
        if use.direction != "input":
            written.add(use.path)
        if use.literal:
            words.subtract(_words(use.path))
        if use.path not in known:
            free[use.path] = None
    parts = {path: tuple(part for part in re.split(r"[\\/]+", path) if part not in ("", ".")) for path in free}
    folders = {path[:length] for path in parts.values() for length in range(1, len(path))} & set(parts.values())
    found = set()
    for path, names in parts.items():
        absolute = re.match(r"[/\\~]|[A-Za-z]:", path) is not None
        inside = any(names[:length] in folders for length in range(1, len(names) + 1))
        if names[:1] == ("..",):  # a word like "model" says nothing of a folder elsewhere
            mentioned = words[names[-1]] > 0 or any(
                "/".join(names[:length]) in texts for length in range(2, len(names))
            )
        else:
            mentioned = any(words[name] > 0 for name in names)
        made = path in written and path.endswith(".py")
        if not names or (not absolute and (made or mentioned or inside or changes_directory)):
            found.add(path)
    return found


def _words(text: str) -> list[str]:
    return re.findall(r"[\w.\-]*\w", text)


def _argument(call: ResolvedCall, position: Any, keyword: str | None) -> ast.expr | None:
    """Find a call's argument by position or keyword; the position "receiver" stands for the object of the method."""
    if position == "receiver":
        return call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if isinstance(position, int) and position < len(call.node.args):
        return call.node.args[position]
    names = {
        keyword,
        position if isinstance(position, str) else None,
        "path",
        "filepath_or_buffer",
        "filename",
        "path_or_buf",
        "fname",
    } - {None}
    return next((argument.value for argument in call.node.keywords if argument.arg in names), None)


def path_argument(call: ResolvedCall) -> ast.expr | None:
    """The argument of a call that is the path of what it reads."""
    for column in ("reads_files", "opens"):
        if column in call.row:
            return _argument(call, call.row[column], call.row.get("path_keyword"))
    return None


def opened_to_be_read(call: ResolvedCall) -> bool:
    """Does a call read a file, which has to be there?"""
    if "lists" in call.row or _ASKS.search(call.name) or not _is_file(call, "a.b"):
        return False
    return "reads_files" in call.row or ("opens" in call.row and _mode(call) == "input")


def _mode(call: ResolvedCall) -> str:
    mode: Any = next((scalar(argument.value) for argument in call.node.keywords if argument.arg == "mode"), None)
    if mode is None:
        texts = [scalar(argument) for argument in call.node.args[1:2]]
        mode = texts[0] if texts else "r"
    mode = mode if isinstance(mode, str) else "r"
    return "both" if "+" in mode or "a" in mode else "output" if set(mode) & set("wx") else "input"


def _is_file(call: ResolvedCall, path: str | None) -> bool:
    """Does the argument name a file? Of a method whose receiver is not known, only if its name or the text tells."""
    if not call.name.startswith(".") or re.search(r"\.(to_|save|load|read|write|dump|export)\w*$", call.name):
        return True
    return path is not None and re.fullmatch(r"[\w\-. /\\~:()]*[./][\w\-]+/?", path) is not None


def asked_for(
    survey: Survey, units: list[Unit], files: Mapping[int, list[FileExpression]]
) -> Iterator[tuple[Unit, str]]:
    """Statements with calls that give the places of files that come along: these lie elsewhere in a project."""
    others = {use.unit for use in survey.listing if use.path and use.path not in survey.known}
    for index, unit in enumerate(units):
        for file in () if survey.moves or not survey.known else files[index]:
            unknown = file.path is None and index not in others
            if file.lists == "paths" and (unknown or file.path in survey.known):
                yield unit, file.call


_LEADS_UP = re.compile(r"\.\.|parent|dirname|pardir|\bhere\b|_root\b|split\(")


def above(notebook: Notebook, units: list[Unit], files: Mapping[int, list[FileExpression]]) -> int:
    """How many folders above the working one the code may lead to, by paths that are no literals of file calls."""
    texts = [_blanked(unit.text, files[index]) for index, unit in enumerate(units)]
    modules = [content(asset) for asset in notebook.assets if asset.kind.name in ("module", "script") and asset.content]
    texts += [module.decode("utf-8", "replace") for module in modules]
    if not any(map(_LEADS_UP.search, texts)):
        return 0
    depth = len([part for part in (notebook.folder or "").split("/") if part])
    return min(named(texts, depth).above, MAX_ABOVE)


def _blanked(text: str, files: Iterable[FileExpression]) -> str:
    """A statement without the literals that stand for data sets."""
    for file in reversed([file for file in files if file.path is not None]):
        text = f'{text[: file.start]}""{text[file.end :]}'
    return text


def path_name(path: str) -> str:
    """An identifier for a file: its name without the folder, ``train_csv``."""
    parts = [part for part in re.split(r"[\\/]+", path) if part not in ("", ".", "..")]
    words = re.findall(r"[^\W_]+", parts[-1] if parts else "path")
    name = "_".join(words).lower() or "path"
    return name if name.isidentifier() else f"file_{name}"
