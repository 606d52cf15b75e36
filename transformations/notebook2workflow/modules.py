"""Modules that the notebook imports, and the distributions that install them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbmde import knowledge
from nbmde.analysis.calls import ResolvedCall, imported_names

from .local import is_module, module_name
from .reading import Reading


@dataclass
class Imported:
    """A module or a distribution that is needed without being imported."""

    name: str
    cell: int = 0
    distribution: str = ""
    version: str = ""
    specifier: str = ""
    verified: bool = False
    standard_library: bool = False
    local: bool = False
    tried: bool = False


class ImportedModules:
    """Finds imports, extra distributions that calls need, and bounds that old APIs put on versions."""

    def __init__(self, reading: Reading, extensions: tuple[Path, ...]) -> None:
        self.reading = reading
        table = knowledge.table("distributions", extensions)
        self.distributions: Mapping[str, str] = table.get("distributions", {})
        self.unavailable: Mapping[str, str] = table.get("unavailable", {})
        self.usual: Mapping[str, str] = table.get("usual", {})
        self.extras: Mapping[str, Any] = table.get("extras", {})
        self.eras: Mapping[str, Mapping[str, str]] = table.get("era", {})
        self.installed = {
            name: distribution for distribution in reading.notebook.distributions for name in distribution.imports
        }
        self.by_distribution = {
            _key(distribution.name): distribution for distribution in reading.notebook.distributions
        }
        self.local = {module_name(asset).split(".")[0] for asset in reading.notebook.assets if is_module(asset)}

    def found(self) -> list[Imported]:
        """Modules in order of first import, then what their calls need, then what `!pip install` names."""
        modules: dict[str, Imported] = {}
        resolver = self.reading.program.resolver
        for unit in self.reading.program.units:
            for node in unit.nodes:
                inside_try = isinstance(node, ast.Try)
                for part in ast.walk(node):
                    for name in _names(part):
                        self._add(modules, name, unit.cell, inside_try)
                    for target in _targets(part):
                        self._bound(modules, target)
                for call in resolver.calls(node):
                    for key in _keys(call):
                        for distribution in self.extras.get(key, ()):
                            self._need(modules, distribution, unit.cell)
                        self._bound(modules, key)
        for requirement in self.reading.platform.requirements:
            name = requirement.split("[")[0].split("=")[0].split("<")[0].split(">")[0].split("~")[0].split("!")[0]
            known = next((module for module in modules.values() if _key(module.distribution) == _key(name)), None)
            pinned = requirement[len(name) :] if "==" in requirement and "[" not in requirement else ""
            if known is not None and pinned and not known.version:
                known.specifier = pinned
        for module in modules.values():
            if not module.version and not module.specifier:
                module.specifier = self.usual.get(_key(module.distribution), "")
        return list(modules.values())

    def _add(self, modules: dict[str, Imported], name: str, cell: int, tried: bool) -> None:
        top = name.split(".")[0]
        key = next((prefix for prefix in _prefixes(name) if prefix in self.distributions), top)
        if key in modules:
            modules[key].tried &= tried
            return
        imported = Imported(key, cell, tried=tried)
        modules[key] = imported
        if top in self.local:
            imported.local = imported.verified = True
        elif any(prefix in self.unavailable for prefix in _prefixes(name)):
            imported.verified = True
        elif top in sys.stdlib_module_names or top in ("__future__", "__main__"):
            imported.standard_library = imported.verified = True
        else:
            installed = self.installed.get(name) or self.installed.get(key) or self.installed.get(top)
            imported.distribution = self.distributions.get(key) or (installed.name if installed else top)
            imported.verified = key in self.distributions or installed is not None
            self._version(imported, installed)

    def _version(self, imported: Imported, installed: Any) -> None:
        installed = installed or self.by_distribution.get(_key(imported.distribution))
        if installed is not None:
            imported.version = installed.version or ""
            imported.specifier = installed.declared or ""

    def _need(self, modules: dict[str, Imported], distribution: str, cell: int) -> None:
        if not any(_key(module.distribution) == _key(distribution) for module in modules.values()):
            imported = Imported(distribution, cell, distribution=distribution, verified=True)
            self._version(imported, None)
            modules[distribution] = imported

    def _bound(self, modules: dict[str, Imported], key: str) -> None:
        """Puts the bound that a use of an old or new API needs on a distribution of which no version is known."""
        bound = self.eras.get(key, {}).get("requires", "")
        match = re.fullmatch(r"([A-Za-z0-9._-]+)\s*([<>=!~][^|]*)", bound)
        if match:
            for module in modules.values():
                if _key(module.distribution) == _key(match[1]) and not module.version and not module.specifier:
                    module.specifier = match[2].strip()


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
