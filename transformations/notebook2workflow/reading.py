"""Reads a notebook as a program: everything that the rules need to know, found once before they run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine import knowledge
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.program import Program, Unit
from nbmde.notebooks.inject import execution

from . import (
    import_order,
    importing,
    parameters,
    prose,
    run_magic,
    secret_removal,
    secrets,
    secrets_in_models,
    stars,
)
from .index import program_of
from .meaning import Meaning
from .platform import Platform, identifiers
from .prose import Prose
from .remarks import Remark

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Cell, CodeCell, Notebook


@dataclass
class Reading:
    """The content of a notebook's cells, without its secrets and without what only its platform knows.

    Attributes:
        platform: knows the functions that stand for it.
        above: the prose above cells, by its position.
        cells: by position.
    """

    platform: Platform
    units: list[Unit]
    title: Prose | None
    above: dict[int, Prose]
    hidden: secret_removal.Hidden
    cells: dict[int, Cell]
    remarks: list[Remark]

    @cached_property
    def of_cells(self) -> dict[int, list[Unit]]:
        """The statements of each cell that has some, by its position."""
        found: dict[int, list[Unit]] = {}
        for unit in self.units:
            found.setdefault(unit.cell, []).append(unit)
        return found


@dataclass
class Told:
    """The content of a notebook's cells, without its secrets.

    Attributes:
        code: the cells that are run.
        identifiers: every name that they use.
        above: the prose above cells, by its position.
    """

    code: list[CodeCell]
    identifiers: set[str]
    platform: Platform
    units: list[Unit]
    title: Prose | None
    above: dict[int, Prose]
    hidden: secret_removal.Hidden


def tell(notebook: Notebook, extensions: tuple[Path, ...] = ()) -> Told:
    """The statements and the prose of a notebook, before anything else is asked of them.

    Raises:
        NbmdeError: for what is no Python and stands for none, at its cell and line.
    """
    magics = knowledge.table("magics", extensions)
    code = execution.code_cells(notebook)
    sources = [cell.source or "" for cell in code]
    runnable = run_magic.sources(notebook.assets) if any(re.search(r"\brun\b", text) for text in sources) else {}
    shared = (source for path, source in runnable.items() if path.endswith(".ipynb"))
    words = identifiers([*sources, *(source.decode("utf-8", "replace").replace("\\n", " ") for source in shared)])
    harmless = magics.get("harmless_extensions", {})
    functions = knowledge.table("runtime", extensions)["functions"]
    inside = importing.modules_of_cells(notebook, {cell.position: cell.source or "" for cell in code})
    _check_modules(notebook, inside, knowledge.table("secrets", extensions))
    platform = Platform(
        magics.get("magics", magics), functions, words, f"{notebook.name}.ipynb", harmless, runnable, inside
    )
    platform.use_front_ends(knowledge.table("frontends", extensions), code[-1].position if code else 0)
    units: list[Unit] = []
    for cell in code:
        units += platform.units(cell.source or "", cell.position, cell.tags)
    platform.provide(units)
    units = import_order.split(units, platform.alias["set_environment"])
    title, above = prose.above_cells(notebook.cells, knowledge.table("layout", extensions)["headings"])
    texts = {0: [title] if title else [], **{position: [text] for position, text in above.items()}}
    hidden = secret_removal.hide(units, texts, knowledge.table("secrets", extensions), words, platform.file)
    hidden.secrets.extend(_of_front_end(platform, units))
    _use_environment(platform, hidden)
    detection = secrets.Detection(knowledge.table("secrets", extensions))
    secrets_in_models.take_note(notebook, hidden, detection)
    platform.remarks[:] = secrets_in_models.shown(platform.remarks, hidden, detection)
    return Told(code, words, platform, units, title, above, hidden)


def _use_environment(platform: Platform, hidden: secret_removal.Hidden) -> None:
    """Has the module imported by which the code reads its secrets."""
    if hidden.module:
        platform.alias["os"], platform.used["os"] = hidden.module, None


def _check_modules(notebook: Notebook, inside: Mapping[int, str], table: Mapping[str, Any]) -> None:
    """Refuse a secret in a cell that becomes a module of the project, whose text stays as it is."""
    written = [asset for asset in notebook.assets if any(cell.position in inside for cell in asset.writers)]
    for path, line in secret_removal.modules_with_secrets(written, table).items():
        writers = next(asset.writers for asset in written if asset.path == path)
        cell = next(cell.position for cell in writers if cell.position in inside)
        reason = f"a secret in {path}, which becomes a module of the project"
        remedy = "let it read os.environ"
        raise NbmdeError(reason, file=f"{notebook.name}.ipynb", cell=cell, line=line + 1, remedy=remedy)


def read(notebook: Notebook, extensions: tuple[Path, ...] = ()) -> Reading:
    """The statements and the prose of a notebook, in plain Python.

    Raises:
        NbmdeError: for what cannot be converted, at its cell and line.
    """
    api = knowledge.table("api", extensions)
    told = tell(notebook, extensions)
    units, platform, hidden = told.units, told.platform, told.hidden
    modules = importing.modules_beside(notebook)
    starred = stars.known(notebook, units, modules)
    stars.name_all(units, starred)
    parameters.settle(units, told.code)
    distributions = knowledge.table("distributions", extensions)
    units = import_order.searching(units, import_order.known(notebook, modules, api, distributions))

    def make(units: Sequence[Unit]) -> Program:
        return program_of(units, api, starred, platform.alias["may_fail"] if "may_fail" in platform.used else None)

    meaning = Meaning(platform, make)
    there = {id(unit) for unit in units}
    units = meaning.decided(units, {cell.position: cell.source or "" for cell in told.code})
    hidden.also(unit for unit in units if id(unit) not in there)
    _use_environment(platform, hidden)
    hidden.follow(units)
    remarks = meaning.remarks + _hidden_state(told.code)
    remarks += [
        Remark("cell-skipped", f"the cell is not run: its tag is {execution.SKIPPED}", cell.position)
        for cell in execution.skipped_cells(notebook)
    ]
    cells = {cell.position: cell for cell in notebook.cells}
    return Reading(platform, units, told.title, told.above, hidden, cells, remarks)


def _of_front_end(platform: Platform, units: Sequence[Unit]) -> Iterator[secret_removal.Secret]:
    """The secrets that the notebook asks its front end for; their values are not known."""
    for name, place in platform.secrets.items():
        reading = [unit for unit in units if f'{platform.alias["environ"]}["{name}"]' in unit.text]
        below = [unit for unit in units if (unit.cell, unit.line) >= place]  # in which some library reads it
        yield secret_removal.Secret(name, "secret", "", [place], reading or below[:1])


def _hidden_state(code: Iterable[CodeCell]) -> list[Remark]:
    """Execution counts that a run from top to bottom does not leave."""
    counts = [(cell.position, cell.executionCount) for cell in code if cell.executionCount]
    for (_, before), (position, count) in pairwise(counts):
        if count <= before:
            message = f"cell {position} ran before the cell above it: the recorded outputs may come from hidden state"
            remedy = "run the notebook from top to bottom and look whether it still says the same"
            return [Remark("hidden-state", message, position, remedy=remedy)]
    return []
