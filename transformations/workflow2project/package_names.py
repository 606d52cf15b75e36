"""Names for the package and the distribution of a project that hide no others."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbmde.engine.errors import NbmdeError

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Workflow

_OWN = "nbmde"  # a project beside it must not hide it


class Names:
    """Names that are in use.

    Args:
        distributions: import names -> distributions, as far as they are known.
        generic: names that say nothing, or that what a project needs has at its top.
    """

    def __init__(self, workflow: Workflow, distributions: dict[str, str], generic: Collection[str]) -> None:
        self.workflow = workflow
        self.generic = frozenset(generic)
        self.modules = frozenset(name.partition(".")[0] for name in distributions) | {_OWN, "test"}
        self.imported = frozenset(module.name.partition(".")[0] for module in workflow.modules)
        self.beside = frozenset(
            PurePosixPath(asset.path).relative_to(asset.searchFolder or ".").with_suffix("").parts[0]
            for asset in workflow.notebook.assets
            if asset.kind.name == "module" and not asset.folder
        )
        needed = (module.distribution for module in workflow.modules if module.distribution)
        self.distributions = frozenset(map(_canonical, (*distributions.values(), *needed, _OWN)))

    def package(self, chosen: str) -> str:
        """The package's name.

        Args:
            chosen: what the user wants; empty for none.

        Raises:
            NbmdeError: the chosen name is none, or hides another module.
        """
        if not chosen:
            text = "_".join(re.findall(r"[a-z0-9]+", self.workflow.name.lower())) or "project"
            text = text if text[0].isalpha() else f"project_{text}"
            unusable = text in self.generic or keyword.iskeyword(text) or self._hidden(text)
            return self._free(f"{text}_project") if unusable else text
        if not re.fullmatch(r"[a-z][a-z0-9_]*", chosen) or keyword.iskeyword(chosen):
            raise NbmdeError(
                f"{chosen!r} is no name for a package", remedy="use lower case letters, digits, underscores"
            )
        if what := self._hidden(chosen):
            raise NbmdeError(
                f"the package cannot be called {chosen}: it would hide {what}", remedy="choose another name"
            )
        return chosen

    def distribution(self, chosen: str) -> str:
        """The name under which the project is installed.

        Args:
            chosen: what the user wants; empty for none.

        Raises:
            NbmdeError: a distribution of the chosen name exists, and installing the project would replace it.
        """
        name = chosen or str(self.workflow.name)
        if _canonical(name) not in self.distributions:
            return name
        if chosen:
            reason = f"the project cannot be called {chosen}: that is the name of a package that others install"
            raise NbmdeError(reason, remedy="choose another name")
        return f"{name}-project"

    def _hidden(self, name: str) -> str:
        """Say what a package of some name would hide; empty for nothing."""
        if name in self.beside:
            return "a module that lies beside the notebook"
        if name in self.imported:
            return "a module that the notebook imports"
        if name in sys.stdlib_module_names or name == "test":
            return "a module of the standard library"
        return "the library of that name" if name in self.modules else ""

    def _free(self, name: str) -> str:
        while self._hidden(name):
            name += "_"
        return name


def _canonical(name: str) -> str:
    """A distribution's name in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()
