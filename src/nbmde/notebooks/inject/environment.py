"""The distributions that a notebook's imports come from: which, which version is installed, which one is declared."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine import knowledge
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.inject import installed
from nbmde.notebooks.inject.declared import Declaration, declarations
from nbmde.notebooks.inject.enclosing_project import Surroundings
from nbmde.notebooks.inject.installed import canonical
from nbmde.notebooks.inject.installs import Request

if TYPE_CHECKING:
    from nbmde.metamodels import NotebookMetamodel, notebook
    from nbmde.metamodels.notebook import Cell


@dataclass
class Distribution:
    """A distribution package.

    Attributes:
        name: its name in the package index.
        version: the version that is installed, or None.
        declared: what a file of the project says of it, or None.
        imports: modules that the code imports from it, by their shortest names that tell.
        requires: canonical names of others of those found that it requires.
        requests: what install lines of the notebook say of it.
    """

    name: str
    version: str | None = None
    declared: Declaration | None = None
    imports: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


class Environment:
    """Where modules come from.

    Args:
        extensions: folders with further knowledge in `transformations/knowledge/distributions.toml`.
        python: interpreter whose distributions are looked up; the running one if None.

    Attributes:
        python: version of that interpreter, once something was looked up.
    """

    def __init__(self, extensions: tuple[Path, ...] = (), python: Path | None = None) -> None:
        table = knowledge.table("distributions", extensions)
        self._known: dict[str, str] = table.get("distributions", {})
        self._own = frozenset(table.get("own", {}).get("names", ()))
        self._variants: dict[str, list[str]] = table.get("variants", {})
        self._telling = frozenset(map(canonical, table.get("required", {}).get("telling", ())))
        self._interpreter = python
        self.python: str | None = None
        self._providers: dict[str, str | None] = {}

    def distributed(self, modules: Iterable[str]) -> set[str]:
        """Those of some modules that are part of Python, or of a distribution that is known or installed."""
        given = set(modules)
        unknown = {module for module in given if not is_standard(module) and not self._known_name(module)}
        asked = {module for module in unknown if module.partition(".")[0] not in self._own}
        return given - unknown | self._provided(asked).keys()

    def distributions(
        self, modules: Iterable[str], around: Surroundings, requests: Iterable[Request] = ()
    ) -> list[Distribution]:
        """The distributions behind modules, all that the project declares or install lines name, and what tells.

        What the table `required` calls telling changes with its releases what code computes; it is there where one of
        the others requires it. The result is in the order of canonical names.

        Raises:
            NbmdeError: the other interpreter does not run.
        """
        declared = declarations(around)
        foreign = [module for module in modules if not is_standard(module)]
        provided = self._provided(module for module in foreign if not self._known_name(module))
        requested: dict[str, list[Request]] = {}
        for request in requests:
            requested.setdefault(canonical(request.name), []).append(request)
        imports: dict[str, set[str]] = {name: set() for name in (*declared, *requested)}
        spelled = {name: found[0].name for name, found in requested.items()}
        spelled |= {name: declaration.name for name, declaration in declared.items()}
        for module in foreign:
            top = module.partition(".")[0]
            if known := self._known_name(module):
                name, told = canonical(self._known[known]), known
                spelled[name] = self._known[known]
            else:
                name, told = provided.get(module) or canonical(top), top
                if top in self._own and not {name, canonical(top)} & {*declared, *requested}:
                    continue
            imports.setdefault(name, set()).add(told)
        for name, told_by in list(imports.items()):
            for variant in self._variants.get(name, ()):
                imports.setdefault(canonical(variant), set()).update(told_by)
        answer = self._lookup(imports, [])
        versions, requires = answer["versions"], answer["requires"]
        telling = _reached(imports, requires) & self._telling
        found = []
        for name in sorted(imports | dict.fromkeys(telling)):
            official, version = versions.get(name, (name, None))
            if version or name in declared or name in requested:
                distribution = Distribution(spelled.get(name, official), version, declared.get(name))
                distribution.requests = requested.get(name, [])
                distribution.imports = sorted(imports.get(name, ()))
                distribution.requires = sorted(_reached(requires.get(name, ()), requires) & telling - {name})
                found.append(distribution)
        return found

    def public(self, modules: Iterable[str]) -> dict[str, list[str]]:
        """Find the names that star imports of some modules bind, for those that are installed."""
        modules = list(modules)
        if not modules:
            return {}
        if self._interpreter is None:
            answer = {module: installed.public_names(module) for module in modules}
        else:
            answer = self._asked({"distributions": [], "modules": [], "public": modules})["public"]
        return {module: names for module, names in answer.items() if names is not None}

    def _provided(self, modules: Iterable[str]) -> dict[str, str]:
        """The canonical names of the distributions that provide some modules, for those that any does."""
        modules = list(dict.fromkeys(modules))
        if new := [module for module in modules if module not in self._providers]:
            self._providers |= dict.fromkeys(new) | self._lookup([], new)["providers"]
        return {module: name for module in modules if (name := self._providers[module])}

    def _known_name(self, module: str) -> str | None:
        """The longest leading part of a module's name that the table has."""
        parts = module.split(".")
        names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
        return next((name for name in names if name in self._known), None)

    def _lookup(self, distributions: Iterable[str], modules: Iterable[str]) -> dict[str, Any]:
        request = {"distributions": list(distributions), "modules": list(modules)}
        answer = installed.lookup(**request) if self._interpreter is None else self._asked(request)
        self.python = answer["python"]
        return answer

    def _asked(self, request: dict[str, Any]) -> Any:
        """Ask the other interpreter, and return its answer."""
        command = [str(self._interpreter), "-I", str(Path(installed.__file__))]
        try:
            run = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, timeout=120)
            run.check_returncode()
            return json.loads(run.stdout)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            reason = f"does not run as a Python interpreter: {error}"
            raise NbmdeError(reason, file=str(self._interpreter), remedy="name one of Python 3.8 or newer") from error


def _reached(names: Iterable[str], requires: Mapping[str, Iterable[str]]) -> set[str]:
    """Some distributions and all that they require, directly or not."""
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        if (name := waiting.pop()) not in reached:
            reached.add(name)
            waiting.extend(requires.get(name, ()))
    return reached


def is_standard(module: str) -> bool:
    """Whether a module is part of Python."""
    return module.partition(".")[0] in sys.stdlib_module_names or module.startswith("__")


def to_model(
    metamodel: NotebookMetamodel, distributions: Iterable[Distribution], cells: Sequence[Cell] = ()
) -> list[notebook.Distribution]:
    """Elements for distributions, with references to what they require.

    Args:
        cells: those whose install lines were read.
    """
    distributions = list(distributions)
    elements = []
    for distribution in distributions:
        element = metamodel.Distribution(name=distribution.name, version=distribution.version)
        if distribution.declared:
            element.declared = distribution.declared.specifier
            element.declaredIn = distribution.declared.file
        if distribution.requests:
            element.requested = next((one.specifier for one in distribution.requests if one.specifier), "")
            element.extras.extend(sorted({extra for one in distribution.requests for extra in one.extras}))
            element.requestedIn = cells[distribution.requests[0].cell]
        element.imports.extend(distribution.imports)
        elements.append(element)
    by_name = {canonical(element.name): element for element in elements}
    for element, distribution in zip(elements, distributions, strict=True):
        element.requires.extend([by_name[name] for name in distribution.requires])
    return elements
