"""Packages installed for a Python interpreter. Also a script that another interpreter runs: it imports nothing else.

python installed.py < '{"distributions": ["numpy"], "modules": ["cv2"]}'
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.metadata as metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from email.message import Message
from email.parser import HeaderParser
from functools import lru_cache
from pathlib import PurePath
from typing import Any


def canonical(name: str) -> str:
    """A distribution's name in the form in which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lookup(distributions: Iterable[str], modules: Iterable[str]) -> dict[str, Any]:
    """Versions of distributions, and the distributions that provide modules.

    Args:
        distributions: names of distributions.
        modules: dotted names of modules; only these cost time, for the lists of all installed files are read.

    Returns:
        `versions`: canonical name to name and version, for those of the given distributions that are installed, for
        those that provide modules and for what these require in turn; `requires`: canonical name to the canonical names
        of what is installed of its requirements; `providers`: module to canonical name; `python`: Python's version.
    """
    modules = list(modules)
    providers = _providers(modules) if modules else {}
    versions: dict[str, list[str]] = {}
    required: dict[str, list[str]] = {}
    waiting = [canonical(name) for name in [*distributions, *providers.values()]]
    while waiting:
        name = waiting.pop()
        if name in versions:
            continue
        try:
            found = metadata.distribution(name)
            headers = _headers(found)
            versions[name] = [headers["Name"] or name, headers["Version"] or found.version]
        except (metadata.PackageNotFoundError, KeyError, ValueError):
            continue
        required[name] = _required(headers.get_all("Requires-Dist") or found.requires or [])
        waiting.extend(required[name])
    return {
        "versions": versions,
        "requires": {name: [other for other in others if other in versions] for name, others in required.items()},
        "providers": providers,
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def _headers(distribution: metadata.Distribution) -> Message:
    """Return a distribution's metadata, without its long description; parsed once, unlike its properties."""
    return _parsed(distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or "")


@lru_cache(maxsize=512)
def _parsed(text: str) -> Message:
    return HeaderParser().parsestr(text)


def _required(requirements: Iterable[str]) -> list[str]:
    """The canonical names of what a distribution requires without any of its extras."""
    names = set()
    for requirement in requirements:
        name, _, marker = requirement.partition(";")
        if "extra" not in marker and (spelled := re.match(r"[A-Za-z0-9._-]+", name)):
            names.add(canonical(spelled[0]))
    return sorted(names)


def _providers(modules: list[str]) -> dict[str, str]:
    """For modules the distribution that has files for most of their name; of several the one of the same name."""
    best: dict[str, tuple[int, bool, str]] = {}
    for distribution in metadata.distributions():
        files = distribution.read_text("RECORD") or distribution.read_text("installed-files.txt") or ""
        files += "".join(f"\n{top}/" for top in (distribution.read_text("top_level.txt") or "").split())
        tops = set(re.findall(r"^[^/.,\n]+", files, re.MULTILINE))
        for module in (module for module in modules if module.partition(".")[0] in tops):
            name = canonical(distribution.metadata["Name"] or "")
            rank = (_shared(module, files), name == canonical(module.partition(".")[0]), name)
            if name and rank > best.get(module, (0, False, "")):
                best[module] = rank
    return {module: rank[2] for module, rank in best.items()}


def _shared(module: str, files: str) -> int:
    """How many leading parts of a module's name are in a list of files."""
    parts = module.split(".")
    counts = range(len(parts), 0, -1)
    return next((n for n in counts if re.search(rf"^{re.escape('/'.join(parts[:n]))}[/.]", files, re.MULTILINE)), 0)


def public_names(module: str) -> list[str] | None:
    """The names that `from module import *` binds, as its source says; asks Python itself where the source does not.

    None where the module is not there, or cannot be imported. Only libraries are asked: nothing of a notebook's folder
    is on the search path, and a module that is a program, such as `test.autotest`, is not run.
    """
    names = _stated(module)
    if names is None:
        if _is_program(module):
            return None
        code = (
            "import importlib, json, sys; m = importlib.import_module(sys.argv[1]); "
            "names = getattr(m, '__all__', None); "
            "print(json.dumps(sorted(names if names is not None else (n for n in vars(m) if n[:1] != '_'))))"
        )
        if _source(module) is None:
            return None
        try:
            run = subprocess.run(
                [sys.executable, "-I", "-c", code, module], capture_output=True, text=True, timeout=60, check=True
            )
            names = json.loads(run.stdout.splitlines()[-1])
        except (OSError, subprocess.SubprocessError, ValueError, IndexError):
            return None
    return names


def _stated(module: str) -> list[str] | None:
    """Read the names that a literal `__all__` states, if nothing changes it."""
    tree = _tree(_source(module))
    if tree is None:
        return None
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "__all__"]
    places = [node for node in tree.body if isinstance(node, ast.Assign) and node.targets[0] in uses]
    if len(uses) != 1 or len(places) != 1:
        return None
    try:
        return sorted(set(map(str, ast.literal_eval(places[0].value))))
    except (ValueError, TypeError):
        return None


def _is_program(module: str) -> bool:
    """Does a module do something when it is imported, and say nothing of what it offers?"""
    file = _source(module)
    tree = _tree(file)
    if tree is None or PurePath(file or "").name == "__init__.py":
        return False
    offers = any(isinstance(node, ast.Name) and node.id == "__all__" for node in ast.walk(tree))
    return not offers and any(isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) for node in tree.body)


def _tree(file: str | None) -> ast.Module | None:
    """The syntax tree of a module's file; None where it is not Python's source."""
    if not file or not file.endswith(".py"):
        return None
    try:
        with open(file, "rb") as stream:
            return ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError):
        return None


def _source(module: str) -> str | None:
    """The file of a module, found without importing anything."""
    folders: Any = None
    spec = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = importlib.machinery.PathFinder.find_spec(name, folders)
        if spec is None:
            return None
        folders = spec.submodule_search_locations
    return spec.origin if spec is not None else None


if __name__ == "__main__":
    request = json.load(sys.stdin)
    answer = lookup(request["distributions"], request["modules"])
    answer["public"] = {module: public_names(module) for module in request.get("public", ())}
    json.dump(answer, sys.stdout)
