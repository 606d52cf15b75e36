"""Files that modules and commands look for: they lie in the project where these look."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from nbmde.engine.filenames import portable
from nbmde.notebooks.inject import patterns
from nbmde.notebooks.inject.assets import DATA, SETTINGS, content, words_of_settings
from nbmde.notebooks.inject.literals import named
from nbmde.notebooks.inject.patterns import HERE

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset
    from nbmde.metamodels.workflow import DataSet, Workflow


def identity(dataset: DataSet) -> str:
    """The same for all data sets that are the same file: its path from the notebook's folder."""
    return str(dataset.asset.path if dataset.asset is not None else dataset.meant or patterns.normal(dataset.path))


def is_folder(dataset: DataSet) -> bool:
    """Is it a folder that comes along?"""
    return dataset.asset is not None and bool(dataset.asset.folder)


def is_marker(dataset: DataSet) -> bool:
    """Is it something that the code only asks for?"""
    return dataset.asset is not None and dataset.asset.kind.name == "marker"


def module_places(assets: Iterable[Asset]) -> dict[str, Asset]:
    """The modules that come along, by where they lie in the project: importable under the same names."""
    found: dict[str, Asset] = {}
    for asset in assets:
        if asset.kind.name == "module" and not asset.folder and asset.content:
            found.setdefault(_below_src(asset.path, asset.searchFolder or HERE), asset)
    return found


@dataclass(frozen=True)
class Own:
    """The places that are the project's own, so that no file of the notebook can lie there.

    Attributes:
        names: at the top of the project.
        shared: folders among these in which other files may lie -> names there that may not, as a regular expression.
    """

    names: Collection[str]
    shared: Mapping[str, str]

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> Own:
        """Read the own places from the tables of the file `layout`."""
        return cls(tables["own"]["names"], tables["shared"])

    def leaves(self, place: str) -> bool:
        """Can a file lie at a place, from the project's folder?"""
        top, *below = place.split("/")
        if place.startswith(("/", "~")) or top == ".." or not all(map(portable, place.split("/"))):
            return False
        if top in self.shared and below:
            return re.fullmatch(self.shared[top], below[0]) is None
        return top not in self.names


def clashes(workflow: Workflow, own: Own, working: str) -> bool:
    """Does a file have to lie where something is the project's own, if the code runs in some folder of the project?"""
    return any(wanted and not possible for wanted, possible in _possible(workflow, own, working).values())


def looked_for(workflow: Workflow, own: Own, working: str) -> dict[str, str]:
    """Where files must lie in the project, by their identity; others can lie anywhere.

    Args:
        working: where the code runs, from the project's folder.
    """
    datasets = {identity(dataset): dataset for dataset in workflow.datasets if not is_marker(dataset)}
    found = {key: places[0] for key, (_, places) in _possible(workflow, own, working).items() if places}
    natively = partial(_natively, working)
    staying = {path: natively(path) for path in datasets if found.get(path) == natively(path)}
    found |= _whole([key for key, dataset in datasets.items() if is_folder(dataset)], datasets, staying, natively)
    below = [key for key, dataset in datasets.items() if dataset.asset is not None and not key.startswith("..")]
    if below and all(found.get(key) == natively(key) for key in below):
        found[HERE] = working
    return found


def _possible(workflow: Workflow, own: Own, working: str) -> dict[str, tuple[list[str], list[str]]]:
    """By the identity of a file: where it is looked for in the project, and where of these it can lie."""
    modules = _Modules()
    for asset in workflow.notebook.assets:
        if asset.content is not None and not asset.omitted:
            if asset.kind.name == "module":
                modules.read(asset)
            elif asset.size <= SETTINGS:
                modules.read_settings(asset)
    lying = module_places(workflow.notebook.assets)
    found = {}
    for dataset in workflow.datasets:
        path = identity(dataset)
        if is_marker(dataset) or dataset.asset is None or is_folder(dataset) or path in found:
            continue
        native = _natively(working, path)
        stays = [native] if dataset.inPlace else []
        wanted = list(dict.fromkeys([*modules.exactly(path, native), *stays, *modules.places(path, native)]))
        others = {place for place, asset in lying.items() if asset is not dataset.asset}
        besides = [native] if working != HERE and dataset.listed and path.startswith("..") else []
        possible = [
            place
            for place in dict.fromkeys([*wanted, *besides])
            if (place.startswith("src/") or own.leaves(place)) and place not in others
        ]
        found[path] = wanted, possible
    return found


def _natively(working: str, path: str) -> str:
    """Where the code finds a file without further ado."""
    return patterns.normal(posixpath.join(working, path))


@dataclass
class _Modules:
    """Modules that come along, as they are.

    Attributes:
        exact: paths that they name, as they are found from the working folder -> the folder from which they look; None
            for the working one.
        words: parts of the paths in them, by the folder from which they look: one of the search path, which is `src` in
            the project, where a module says `__file__`; None for the working folder, which is the project's one.
        packages: folder of each package -> the folder of the search path with it.
    """

    exact: dict[str, str | None] = field(default_factory=dict)
    words: dict[str | None, set[str]] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)

    def read(self, module: Asset) -> None:
        """Takes note of what a module says."""
        search = module.searchFolder or HERE
        text = content(module).decode("utf-8", "replace")
        plain = {mention.text for mention in named([text]).mentions}
        around = {mention.text for mention in named([text], file=module.path).mentions} if "__file__" in text else set()
        self.exact |= {patterns.normal(path): search for path in sorted(around - plain)}
        # A bare name may be that of a file beside the module.
        surely = {path for path in plain if "/" in path or path not in around}
        self.exact |= {patterns.normal(path): None for path in sorted(surely)}
        words = self.words.setdefault(search if "__file__" in text else None, set())
        for literal in re.findall(r"""["']([^"'\n]+)["']""", text):
            words.update(part for part in re.split(r"[\\/]+", literal) if part)
        if posixpath.basename(module.path) == "__init__.py":
            self.packages[posixpath.dirname(module.path)] = search

    def read_settings(self, file: Asset) -> None:
        """Takes note of what a file with settings says, from which the code may put paths together."""
        words = self.words.setdefault(None, set())
        for word in words_of_settings(posixpath.basename(file.path), content(file)):
            words.update(part for part in re.split(r"[\\/]+", word) if DATA.fullmatch(part))

    def exactly(self, path: str, natively: str) -> Iterator[str]:
        """Where modules look for a file that they name by its whole path."""
        if path in self.exact:
            start = self.exact[path]
            yield natively if start is None else _below_src(path, start)

    def places(self, path: str, natively: str) -> Iterator[str]:
        """Where modules may look for a file; what lies in a package stays in it.

        Args:
            natively: where it is found from the working folder.
        """
        for folder, search in self.packages.items():
            if path.startswith(f"{folder}/"):
                yield _below_src(path, search)
        *folders, name = path.split("/")
        for start, words in self.words.items():
            if name in words or words.intersection(folders[:1]) or (folders[:1] == [".."] and words & set(folders)):
                yield natively if start is None else _below_src(path, start)


def _below_src(path: str, search: str) -> str:
    """Where a file lies in the project if a folder of the search path becomes its folder `src`."""
    return patterns.normal(posixpath.join("src", posixpath.relpath(path, search)))


def _whole(
    folders: Iterable[str], files: Collection[str], staying: Collection[str], natively: Callable[[str], str]
) -> dict[str, str]:
    """Folders that are read as a whole: if anything in one stays where it was, all does."""
    result: dict[str, str] = {}
    for folder in folders:
        inside = [key for key in files if key.startswith(f"{folder}/")]
        if any(key in staying for key in inside):
            result |= {key: natively(key) for key in (*inside, folder)}
    return result
