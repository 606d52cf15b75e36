"""Modules that the notebook imports, and the distributions that install them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine import knowledge
from nbmde.notebooks.analysis.calls import ResolvedCall, imported_names
from nbmde.notebooks.analysis.program import Program
from nbmde.notebooks.analysis.trees import walk

from .attempts import ALTERNATIVE, PREFERRED, SURE, Attempts
from .importing import is_module, module_name, modules_beside, named_files
from .remarks import Remark

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Notebook


@dataclass
class Imported:
    """A module, or a distribution that is needed without being imported.

    Attributes:
        verified: it is known what the module is; nothing is required for one of which it is not.
        written: the notebook writes it as it runs.
        tried: the notebook goes on without it.
        reason: why it is needed although it is not imported.
        bound: on its version, by what is used of it.
    """

    name: str
    cell: int = 0
    line: int = 0
    distribution: str = ""
    version: str = ""
    specifier: str = ""
    verified: bool = False
    standard_library: bool = False
    local: bool = False
    written: bool = False
    tried: bool = False
    extras: list[str] = field(default_factory=list)
    reason: str = ""
    bound: str = ""


class ImportedModules:
    """Finds imports, extra distributions that calls need, and bounds that old APIs put on versions."""

    def __init__(self, notebook: Notebook, program: Program, extensions: tuple[Path, ...]) -> None:
        self.notebook, self.program = notebook, program
        table = knowledge.table("distributions", extensions)
        self.distributions: Mapping[str, str] = table.get("distributions", {})
        self.unavailable: Mapping[str, str] = table.get("unavailable", {})
        self.usual: Mapping[str, str] = table.get("usual", {})
        self.extras: Mapping[str, Any] = table.get("extras", {})
        self.eras: Mapping[str, Mapping[str, str]] = table.get("era", {})
        self.variants: Mapping[str, list[str]] = table.get("variants", {})
        self.tools = frozenset(table.get("tools", {}).get("names", ()))
        self.installed = {
            name: distribution for distribution in notebook.distributions for name in distribution.imports
        }
        self.by_distribution = {_key(distribution.name): distribution for distribution in notebook.distributions}
        self.local = {module_name(asset).split(".")[0] for asset in notebook.assets if is_module(asset)}
        self.beside = modules_beside(notebook)
        self.written = named_files(program.units)
        self.modules: dict[str, Imported] = {}
        self.attempts: dict[int, tuple[list[str], list[str]]] = {}  # modules that are tried, and those taken instead

    def found(self) -> list[Imported]:
        """Modules in order of first import, then what their calls need, then what install lines name."""
        resolver = self.program.resolver
        for unit in self.program.units:
            for node in unit.nodes:
                attempts = Attempts(node)
                for part in walk(node):
                    for name in _names(part):
                        line = unit.line + max(0, part.lineno - unit.first_line)  # type: ignore[attr-defined]
                        key = self._add(name, unit.cell, line, tried=attempts.place(part) != SURE)
                        self._tried(key, attempts.place(part), attempts.attempt(part))
                    for target in _targets(part) if attempts.place(part) == SURE else ():
                        self._uses(target, target, unit.cell)
                for call in resolver.calls(node):
                    for key in _keys(call) if attempts.place(call.node) == SURE else ():
                        self._uses(key, call.name.lstrip("."), unit.cell, call.node)
        for tree in self.beside.values():
            self._imports_of(tree)
        self._settle_attempts()
        self._installs()
        recorded = self.source() == "recorded"
        for module in self.modules.values():
            if (recorded or not module.version) and not module.specifier:
                module.specifier = module.bound or self.usual.get(_key(module.distribution), "")
        return list(self.modules.values())

    def source(self) -> str:
        """Where the versions of a project come from: a literal of `VersionSource`."""
        needed = [module for module in self.modules.values() if module.distribution and not module.tried]
        missing = [module for module in needed if not module.version and not module.reason]
        if not missing:
            return "installed"
        states = [self.by_distribution.get(_key(module.distribution)) for module in missing]
        stated = [one.requested or one.declared or "" for one in states if one is not None]
        return "recorded" if any(re.search(r"==|~=|<", specifier) for specifier in stated) else "bounded"

    def remarks(self) -> Iterator[Remark]:
        """Report what a person must see to before the project can be installed or run."""
        for module in self.modules.values():
            reason = next((self.unavailable[name] for name in _prefixes(module.name) if name in self.unavailable), "")
            if reason and not module.tried and not module.local:
                why, _, remedy = reason.partition(": ")
                message = f"{module.name} is no requirement: it is {why}"
                yield Remark("module-unavailable", message, module.cell, module.line, remedy)
            elif module.written:
                message = f"{module.name} is a module that the code writes: it is imported where the notebook does it"
                yield Remark("module-written", message, module.cell, module.line)
            elif not module.verified and not module.tried:
                message = f"it is not known what {module.name} is: it is neither beside the notebook nor installed"
                remedy = (
                    "put its files into src, or add what installs it to pyproject.toml; "
                    f"what the package index calls {module.name} may be a stranger's"
                )
                yield Remark("module-unknown", message, module.cell, module.line, remedy)

    def _uses(self, key: str, name: str, cell: int, call: ast.Call | None = None) -> None:
        """Takes note of what a call or import needs, and of the versions that have it."""
        for distribution in self.extras.get(self._row(key, call), ()):
            self._need(distribution, cell, f"needed by {name}")
        self._bound(key)

    def _row(self, key: str, call: ast.Call | None) -> str:
        """The row of the table `extras` for a call: that of one of its texts, its own, or the longest that fits."""
        rows = self._rows_with_texts.get(key, ())
        texts = [text for text in map(_literal, _arguments(call)) if text] if rows and call is not None else []
        fitting = [row for row, pattern in rows if any(fnmatchcase(text.lower(), pattern) for text in texts)]
        if fitting or key in self.extras:
            return max(fitting, key=len, default=key)
        return max((row for row in self._open_rows if fnmatchcase(key, row)), key=len, default=key)

    @cached_property
    def _rows_with_texts(self) -> dict[str, list[tuple[str, str]]]:
        """Rows of `extras` for calls with a literal text: name of the call -> key and pattern of the text."""
        found: dict[str, list[tuple[str, str]]] = {}
        for key in self.extras:
            if match := re.fullmatch(r"(.+)\('(.*)'\)", key):
                found.setdefault(match[1], []).append((key, match[2].lower()))
        return found

    @cached_property
    def _open_rows(self) -> list[str]:
        """Rows of `extras` for all that a pattern fits."""
        return [key for key in self.extras if "*" in key and "'" not in key]

    def _imports_of(self, tree: ast.Module) -> None:
        """Add the imports of a module from beside the notebook."""
        for node in tree.body:
            attempts = Attempts(node)
            for part in walk(node):
                for name in _names(part):
                    key = self._add(name, 0, 0, tried=attempts.place(part) != SURE)
                    self._tried(key, attempts.place(part), attempts.attempt(part))

    def _tried(self, key: str, place: str, attempt: int) -> None:
        if place in (PREFERRED, ALTERNATIVE):
            keys = self.attempts.setdefault(attempt, ([], []))[place == ALTERNATIVE]
            if key not in keys:
                keys.append(key)

    def _add(self, name: str, cell: int, line: int, tried: bool) -> str:
        """Takes note of an imported module; tells the name by which it is known."""
        top = name.split(".")[0]
        key = next((prefix for prefix in _prefixes(name) if prefix in self.distributions), top)
        if key in self.modules:
            self.modules[key].tried &= tried
            return key
        imported = Imported(key, cell, line, tried=tried)
        self.modules[key] = imported
        if top in self.local:
            imported.local = imported.verified = True
        elif any(prefix in self.unavailable for prefix in _prefixes(name)):
            imported.verified = True
        elif top in sys.stdlib_module_names or top in ("__future__", "__main__"):
            imported.standard_library = imported.verified = True
        else:
            installed = self.installed.get(name) or self.installed.get(key) or self.installed.get(top)
            imported.distribution = self._variant(
                self.distributions.get(key) or (installed.name if installed is not None else "")
            )
            known = key in self.distributions or installed is not None
            imported.written = not known and name in self.written
            imported.verified, imported.local = known or imported.written, imported.written
            self._version(imported)
        return key

    def _variant(self, distribution: str) -> str:
        """A distribution, or another build of it that the notebook asks for or that alone is installed."""
        names = [distribution, *self.variants.get(_key(distribution), ())]
        known = [self.by_distribution[_key(name)] for name in names if _key(name) in self.by_distribution]
        asked = [one for one in known if one.requested is not None or one.declared is not None]
        found = asked or [one for one in known if one.version]
        return str(found[0].name) if found else distribution

    def _version(self, imported: Imported) -> None:
        installed = self.by_distribution.get(_key(imported.distribution))
        if installed is not None:
            imported.version = installed.version or ""
            imported.specifier = installed.requested or installed.declared or ""
            imported.extras = list(installed.extras)

    def _need(self, distribution: str, cell: int, reason: str) -> None:
        known = [module for module in self.modules.values() if _key(module.distribution) == _key(distribution)]
        for module in known:
            module.tried = False
        if not known:
            imported = Imported(distribution, cell, distribution=distribution, verified=True, reason=reason)
            self._version(imported)
            self.modules[distribution] = imported

    def _settle_attempts(self) -> None:
        """Of modules that stand for each other the first are needed, unless only the others are installed."""
        for first, others in self.attempts.values():
            chosen = others if others and self._there(others) and not self._there(first) else first
            for key in (*first, *others):
                module = self.modules[key]
                if module.tried:
                    module.tried = key not in chosen
                    module.version = module.version if key in chosen else ""

    def _there(self, keys: Iterable[str]) -> bool:
        """Are modules installed, or need they not be?"""
        modules = [self.modules[key] for key in keys]
        return all(module.version or module.standard_library or module.local for module in modules)

    def _installs(self) -> None:
        """Add the distributions that lines such as `!pip install` name: they are needed, whether imported or not."""
        for distribution in self.notebook.distributions:
            if distribution.requested is not None and _key(distribution.name) not in self.tools:
                cell = distribution.requestedIn.position if distribution.requestedIn is not None else 0
                self._need(str(distribution.name), cell, "the notebook installs it")

    def _bound(self, key: str) -> None:
        """Takes note of the bound that a use of an old or new API puts on a distribution."""
        bound = self.eras.get(key, {}).get("requires", "")
        match = re.fullmatch(r"([A-Za-z0-9._-]+)\s*([<>=!~][^|]*)", bound)
        if match:
            for module in self.modules.values():
                if _key(module.distribution) == _key(match[1]) and not module.bound:
                    module.bound = match[2].strip()


def _keys(call: ResolvedCall) -> list[str]:
    """Keys of a call in the tables: its name, with each keyword, and as a method."""
    names = (
        [call.name]
        if call.name.startswith(".") or not call.receiver
        else [call.name, "." + call.name.rpartition(".")[2]]
    )
    return [
        key for name in names for key in (name, *(f"{name}({part.arg})" for part in call.node.keywords if part.arg))
    ]


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    yield from (keyword.value for keyword in call.keywords)


def _literal(node: ast.expr) -> str | None:
    """A text that is written out."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _targets(node: ast.AST) -> list[str]:
    """Dotted names of what an import imports."""
    return list(imported_names(node).values()) if isinstance(node, (ast.Import, ast.ImportFrom)) else []


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return (
            [
                node.module,
                *(f"{node.module}.{alias.name}" for alias in node.names if node.module in ("google.cloud", "google")),
            ][:1]
            if node.module != "google.cloud"
            else [f"{node.module}.{alias.name}" for alias in node.names]
        )
    return []


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _key(distribution: str) -> str:
    return distribution.lower().replace("_", "-").replace(".", "-")
