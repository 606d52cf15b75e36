"""Commands that run outside Python: what they name must lie in the project where it lay beside the notebook."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Container, Iterable, Iterator
from typing import TYPE_CHECKING

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.calls import CallResolver
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject import patterns
from nbmde.notebooks.inject.assets import content

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset


def texts(unit: Unit, resolver: CallResolver, runtime: Collection[str]) -> Iterator[str]:
    """Texts in the commands that a statement runs, as far as they are written out.

    Args:
        runtime: what the code calls the functions of the runtime that run commands.
    """
    for node in unit.nodes:
        for call in resolver.calls(node):
            if call.name in runtime or call.row.get("runs"):
                for part in walk(call.node):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def named(commands: Iterable[str], assets: Iterable[Asset]) -> dict[str, str]:
    """The files that commands name, and those that the scripts among these name; with the text that does.

    Returns:
        By the path of the asset.
    """
    files = {asset.path: asset for asset in assets if not asset.folder}
    found: dict[str, str] = {}
    pending = list(commands)
    while pending:
        text = pending.pop(0)
        words = {word for word in re.split(r"[\s'\"<>|;&()=,`]+", text) if word}
        plain = {patterns.normal(word) for word in words} - {patterns.HERE}
        for path, asset in files.items():
            if path not in found and (
                path in plain
                or not words.isdisjoint(asset.foundFor)
                or any(path.startswith(f"{word}/") or patterns.matching(word, [path]) for word in plain)
            ):
                found[path] = text
                if asset.kind.name in ("script", "module") and (script := _text(asset)):
                    pending.append(script)
    return found


def listing(ran: Iterable[tuple[Unit, str]], table: Container[str]) -> Iterator[tuple[Unit, str]]:
    """The commands, with their statements, that tell which files there are.

    Args:
        ran: texts in commands with their statements.
        table: names of such commands.
    """
    for unit, text in ran:
        if text.split()[:1] and text.split()[0] in table:
            yield unit, text


def _text(asset: Asset) -> str:
    try:
        return content(asset).decode("utf-8", "replace")
    except NbmdeError:
        return ""
