"""The functions by which statements call what the notebook platform did, and how each is called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nbmde.notebooks.analysis.program import fresh

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import PlatformFunction

DISPLAY_MODULES = ("IPython.display", "IPython.core.display", "IPython.core.display_functions")


def displaying(functions: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Those that take the place of IPython's functions for display."""
    return {name for name, row in functions.items() if row.get("replaces", "").rpartition(".")[0] in DISPLAY_MODULES}


def aliases(functions: Mapping[str, Mapping[str, Any]], identifiers: Collection[str]) -> dict[str, str]:
    """Name each function, so that the notebook calls nothing else that; those for display as IPython calls them."""
    own = displaying(functions)
    return {name: name if name in own else fresh(name, identifiers) for name in functions}


class PlatformFunctions:
    """Those of a workflow.

    Args:
        known: those that its statements call already.
        functions: rows of ``runtime.toml``.
        identifiers: every name that the notebook uses.

    Attributes:
        alias: what each is called, by its own name.
        used: names of those that statements call.
    """

    def __init__(
        self,
        known: Iterable[PlatformFunction],
        functions: Mapping[str, Mapping[str, Any]],
        identifiers: Collection[str],
    ) -> None:
        self.alias = aliases(functions, identifiers)
        self.used: dict[str, None] = {}
        for one in known:
            self.alias[one.name] = one.alias
            self.used[one.name] = None

    def __call__(self, name: str) -> str:
        """Return the name by which a statement calls a function, and note that it uses it."""
        self.used.setdefault(name)
        return self.alias[name]
