"""Proves that a generated project computes what its notebook computes, by running both and comparing cell by cell."""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nbmde.engine.errors import NbmdeError, NotebookFails
from nbmde.engine.models import Registry
from nbmde.notebooks.inject import document, execution
from nbmde.notebooks.verify import comparison, copies, notebook_run, project_run, runs
from nbmde.notebooks.verify import places as finder
from nbmde.notebooks.verify.places import Places
from nbmde.notebooks.verify.probe import Spelling
from nbmde.notebooks.verify.text import complained, normalised
from nbmde.notebooks.verify.verdict import CellVerdict, Difference, Gap, Verdict

__all__ = ["CellVerdict", "Difference", "Gap", "NotebookRun", "Verdict", "verify"]

MOST_RUNS = 4  # of a notebook that differs from run to run
SECOND = "second"  # folder for the records of a second run
AGAIN = ", run a second time where it has run"
Tell = Callable[[str], None]
"""Called with what is being done."""


def verify(
    notebook: Path,
    project: Path,
    registry: Registry,
    *,
    python: Path,
    seed: int = 0,
    timeout: float = 600,
    tolerance: float = 0,
    twice: bool | None = None,
    rerun: bool | None = None,
    tell: Tell = lambda what: None,
    known: dict[str, NotebookRun] | None = None,
) -> Verdict:
    """Runs a notebook and the project made of it, both in temporary copies, and compares what they compute.

    Both run at the same time. Where they differ, the project runs once more alone: they might share a place outside of
    their folders.

    Args:
        project: folder of the generated project.
        python: interpreter that runs both; it has ipykernel and what the notebook imports.
        seed: of all random generators.
        timeout: seconds for each run.
        tolerance: relative, for floating-point numbers in values and texts; 0 for exact equality.
        twice: whether the notebook runs twice, so that what differs from run to run is told apart; by default it does
            where something differs. One that differs from run to run runs again, up to four times, while the
            project differs from it where the notebook's own runs agree.
        rerun: whether the project runs a second time where it has run, and is compared with the notebook that runs so
            too; by default it does where its code reads files that it writes.
        known: runs of notebooks, filled in: where the same is given again, a notebook that other projects of it were
            compared with does not run anew.

    Raises:
        NotebookFails: the notebook fails itself, or takes too long.
        NbmdeError: the folder is no generated project, or the interpreter does not run notebooks.
    """
    python = Path(os.path.abspath(python))
    places = finder.find(project, registry)
    places.folder = notebook.resolve().parent
    version = runs.check_python(python)
    verdict = Verdict(str(notebook), str(project), version, seed, tolerance)
    verdict.notes += _notes(notebook, project, places)
    settings = _Settings(python, seed, timeout, tolerance, places, {} if known is None else known)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nbmde-verify-", ignore_cleanup_errors=True) as folder:
        work = Path(folder).resolve()
        tell("running the notebook and the project")
        with _project(project, settings, work / "project") as ended:
            one = _run_notebook(notebook, settings, work / "notebook")
            tell("running the project")
            made = ended()
        verdict.notebook_seconds = one.seconds
        verdict.notes += filter(None, [one.missing])
        shaky = comparison.Unstable()

        def compared() -> list[CellVerdict]:
            return comparison.compare(one.cells, made, places, tolerance, shaky)

        verdict.cells = compared()
        while _asks_for_another_run(verdict, twice, shaky):
            tell("running the notebook again")
            other = _run_notebook(notebook, settings, work / f"again-{verdict.runs}", runs.PERTURBED)
            verdict.runs += 1
            shaky.add(comparison.unstable(one.cells, other.cells, tolerance))
            verdict.cells = compared()
        beside = work / "notebook" in settings.copied  # it was not known, and ran while the project did
        if beside and _differs(verdict) and not made.timed_out:
            tell("running the project alone")
            with _project(project, settings, work / "alone") as ended:
                made = ended()
            verdict.cells = compared()
        verdict.failure = _failure(made, verdict, "")
        rereads = places.rereads or any(cell.rereads for run in (one.cells, made.cells) for cell in run.values())
        if verdict.equal and (rereads if rerun is None else rerun):
            tell("running both a second time where they have run")
            where = work / "alone" if (work / "alone").exists() else work / "project"
            _rerun(verdict, notebook, where, settings, work / "notebook", shaky)
    verdict.seconds = time.monotonic() - begin
    if made.before.strip():
        verdict.notes.append(f"printed before the first function runs: {made.before.strip()[:200]}")
    return verdict


def _failure(made: project_run.ProjectRun, verdict: Verdict, when: str) -> Difference | None:
    """Why the project did not get to its end.

    Args:
        when: said of it; begins with a comma, or is empty.
    """
    failure = made.failure
    if failure is None:
        return None
    if failure.error == "ModuleNotFoundError":
        verdict.notes.append(f"Python {verdict.python} has not all that the project's requirements.txt names")
    detail = f"the project fails{f' in cell {failure.cell}' if failure.cell else ''}{when}: {failure.reason}"
    return Difference("failure", detail, file=failure.file, line=failure.line, function=failure.function)


def _rerun(
    verdict: Verdict, notebook: Path, project: Path, settings: _Settings, work: Path, shaky: comparison.Unstable
) -> None:
    """Compares a second run of the project where it has run with a second run of the notebook where that has run.

    Where they differ, the notebook runs twice elsewhere: what differs between its own second runs does not count.

    Args:
        project, work: folders of the first runs of both.
        shaky: what differs between first runs of the notebook, and so between second ones.
    """
    try:
        with _project(None, settings, project) as ended:
            one = _run_notebook(notebook, settings, work, again=True)
            made = ended()
    except NotebookFails as error:
        verdict.notes.append(f"{error.reason} (cell {error.cell}){AGAIN}: such runs are not compared")
        return
    verdict.reran = True
    cells = comparison.compare(one.cells, made, settings.places, settings.tolerance, shaky)
    if any(cell.differences for cell in cells):
        with suppress(NotebookFails):
            other = _run_notebook(notebook, settings, work.with_name("elsewhere"), runs.PERTURBED, again=True)
            shaky.add(comparison.unstable(one.cells, other.cells, settings.tolerance))
        cells = comparison.compare(one.cells, made, settings.places, settings.tolerance, shaky)
    verdict.failure = _failure(made, verdict, AGAIN)
    for cell, found in zip(verdict.cells, cells, strict=True):
        cell.differences += [replace(d, detail=f"{d.detail}{AGAIN}") for d in found.differences]
        cell.gaps += [Gap(f"{gap.what}{AGAIN}", gap.reason) for gap in found.gaps if gap not in cell.gaps]


def _asks_for_another_run(verdict: Verdict, twice: bool | None, shaky: comparison.Unstable) -> bool:
    """A second run tells what differs from run to run; two runs of a notebook that does differ may agree by chance."""
    if verdict.runs == 1:
        return twice or (twice is None and _differs(verdict))
    return verdict.runs < MOST_RUNS and _differs(verdict) and bool(shaky)


def _differs(verdict: Verdict) -> bool:
    return any(cell.differences for cell in verdict.cells)


@dataclass
class NotebookRun:
    """A run of a notebook.

    Attributes:
        cells: what they did, with normalised texts.
        missing: which files around it were not copied, for a person; empty where all were.
        seconds: that it took, without those for the record.
    """

    cells: dict[int, runs.CellRun]
    missing: str
    seconds: float


@dataclass
class _Settings:
    """The settings that both runs share.

    Attributes:
        copied: the copies of the notebook that there are, by the folder of the run.
    """

    python: Path
    seed: int
    timeout: float
    tolerance: float
    places: Places
    known: dict[str, NotebookRun]
    copied: dict[Path, copies.Copy] = field(default_factory=dict)

    @property
    def omitted(self) -> dict[str, list[str]]:
        """By cell, the expressions that the project does not have."""
        return {str(cell): list(found) for cell, found in self.places.omitted.items()}

    def told(
        self,
        spellings: dict[str, str],
        own: list[str],
        files: dict[str, Any],
        folder: Path | str,
        runtime: Iterable[str],
    ) -> dict[str, Any]:
        """Return the request for `probe.py`."""
        carriers = [f"{folder}{os.sep}{path}" for path in runtime]
        programs = [f"{folder}{os.sep}{path}" for path in runtime if path in self.places.programs]
        return {
            "errors": {"folders": [f"{folder}{os.sep}"], "carriers": carriers, "programs": programs},
            "own": own,
            "spellings": list(spellings.items()),
            "tolerant": self.tolerance > 0,
            "variables": [*self.places.symbols, *filter(None, [self.places.state])],
            "taken": self.places.taken,
            "compared": self.places.compared,
            "names": {str(cell): names for cell, names in self.places.variables.items()},
            "files": files,
            "seed": self.seed,
        }


def _run_notebook(
    notebook: Path,
    settings: _Settings,
    work: Path,
    perturbed: Mapping[str, str] = MappingProxyType({}),
    again: bool = False,
) -> NotebookRun:
    """Return the run of the notebook's cells, known already or made now.

    Args:
        work: folder of the run.
        perturbed: variables of the environment in which only what is not determined may come out differently.
        again: runs where it has run before.
    """
    assets = [asset.path for asset in settings.places.workflow.notebook.assets]
    names = dict.fromkeys(settings.places.files, ""), settings.places.machines
    asked = settings.told({}, ["__main__"], {"names": names}, "", ()), settings.omitted
    key = json.dumps([work.name, again, str(notebook.resolve()), str(settings.python), assets, asked, dict(perturbed)])
    if key not in settings.known:
        if again and work not in settings.copied:  # the first run is known, or is not needed for itself
            _execute(notebook, settings, work, perturbed, assets)
        settings.known[key] = _execute(notebook, settings, work, perturbed, assets)
    return settings.known[key]


def _execute(
    notebook: Path, settings: _Settings, work: Path, perturbed: Mapping[str, str], assets: list[str]
) -> NotebookRun:
    """Runs the notebook, in the copy that there is in the folder of the run, or else in a new one."""
    records = work / SECOND if work in settings.copied else work
    records.mkdir()
    if work not in settings.copied:
        code = execution.code(document.read(notebook).node)
        settings.copied[work] = copies.of_notebook(notebook, code, assets, work / "copy")
    copy = settings.copied[work]
    folder = copy.notebook.parent
    top = folder.joinpath(*[".."] * settings.places.depth).resolve() if settings.places.depth else copy.root
    spellings = {str(top): "<root>", str(folder): "<folder>"}  # the folder where they are the same
    machines = [place for place in settings.places.machines if Path(place).is_dir()]
    files = {
        "names": {name: str(folder / os.path.expanduser(name)) for name in settings.places.files},
        "tops": [str(copy.root), *machines],
        "base": str(folder),
        "moved": [(place, ".") for place in machines],
        "own": "",
    }
    told = {**settings.told(spellings, ["__main__"], files, top, ()), "omitted": settings.omitted}
    variables = {**runs.environment(settings.seed, work), **perturbed}
    with _clock() as period:
        cells, seconds = notebook_run.run(copy, settings.python, variables, told, records, settings.timeout, notebook)
    for cell in cells.values():
        _normalise(cell, Spelling(spellings.items()), period)
    return NotebookRun(cells, copy.missing(), seconds)


@contextmanager
def _project(project: Path | None, settings: _Settings, work: Path) -> Iterator[Callable[[], project_run.ProjectRun]]:
    """Runs the project beside what is done inside; gives a function that waits and tells what it did, normalised.

    Args:
        project: None for the copy that has run in this folder.
        work: folder of the run.
    """
    places = settings.places
    folder, records = work / "copy", work if project is not None else work / SECOND
    records.mkdir()
    if project is not None:
        copies.of_project(project.resolve(), [f.path for f in places.project.dataFiles if f.written], folder)
    spellings = {str(folder): "<root>", str(folder / places.working): "<folder>"}  # in this order
    spellings |= {f"{module}.": "__main__." for module in places.modules}
    spellings |= {str(folder / path): original for path, original in places.came_along.items()}
    files = {
        "names": {name: str(folder / path) for name, (path, _) in places.files.items()},
        "tops": [str(folder)],
        "base": str(folder / places.working),
        "moved": [(str(folder / path), name) for path, name in places.called.items()],
        "own": rf"{re.escape(str(folder))}/(?:{project_run.OWN_FILES})",
    }
    told = settings.told(spellings, ["__main__", places.package], files, folder, places.runtime)
    variables = runs.environment(settings.seed, work)
    begin = datetime.now(UTC)
    with project_run.running(folder, places, settings.python, variables, told, records, settings.timeout) as running:

        def ended() -> project_run.ProjectRun:
            run = running.result()
            for cell in run.cells.values():
                _normalise(cell, Spelling(spellings.items()), [begin, datetime.now(UTC)])
            return run

        yield ended


def _normalise(cell: runs.CellRun, spelled: Spelling, period: list[datetime]) -> None:
    """Normalises the texts of a cell piece by piece, so that it is still known which statement wrote what."""
    pieces = {"text": (0, 0), "errors": (0, 0)}  # what is done of it, and how long it is normalised
    masks = {"text": lambda text: text, "errors": complained}
    for passage in cell.passages:
        for stream, (done, length) in pieces.items():
            until = getattr(passage, stream)
            length += len(masks[stream](normalised(getattr(cell, stream)[done:until], spelled, *period)))
            setattr(passage, stream, length)
            pieces[stream] = until, length
    cell.text = normalised(cell.text, spelled, *period)
    cell.widgets = [normalised(text, spelled, *period) for text in cell.widgets]
    cell.errors, cell.complaints = (
        complained(normalised(text, spelled, *period)) for text in (cell.errors, cell.complaints)
    )


@contextmanager
def _clock() -> Iterator[list[datetime]]:
    """When what is done inside begins and ends; filled in at its end."""
    period: list[datetime] = []
    begin = datetime.now(UTC)
    yield period
    period += [begin, datetime.now(UTC)]


def _notes(notebook: Path, project: Path, places: Places) -> list[str]:
    """Collect what a person should know before the runs."""
    notes = [f"{path} was changed since it was generated" for path in places.edited]
    cells = document.read(notebook).node.cells
    known = list(places.workflow.notebook.cells)
    changed = [n for n, (a, b) in enumerate(zip(cells, known, strict=False), 1) if a.source != (b.source or "")]
    if len(cells) != len(known):
        raise NbmdeError(
            f"the project was made of a notebook with {len(known)} cells, this one has {len(cells)}",
            file=str(notebook),
            remedy=f"generate {project} again, then verify it",
        )
    if changed:
        notes.append(f"the notebook was changed since the project was generated: cells {', '.join(map(str, changed))}")
    return notes
