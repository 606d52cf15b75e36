"""Is what a generated project prints what its notebook prints? Cases are text files in ``cases/``.

    == a list sorted in a later cell
    values = [3, 1, 2]
    %%
    values.sort()
    %%
    print(values)

A line of ``%%`` alone begins the next cell, ``%% [tag, tag]`` one with tags, ``%% markdown`` one of Markdown. Behind
the title may stand
    refused: part of the message        nbmde refuses the notebook
    reports: part of a message          the notebook is converted with this notice
    state: names                        these names, and no others, live in the state object ("nothing" for none)
    masked: regular expression          what differs from run to run

Every notebook is converted twice: as it is, and with every cell as a function of its own.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import subprocess
import sys
import unittest.mock
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbmde.engine import m2m, m2t, models, pipeline
from nbmde.engine.errors import NbmdeError

HERE = Path(__file__).parent
LINES = "nbmde_transformations.notebook2workflow.cuts.TARGET_LINES"
pipeline.m2t.find = functools.cache(m2t.find)  # type: ignore[attr-defined]  # templates are compiled once for all cases


@dataclass
class Case:
    """A notebook and what becomes of it: it is converted and prints the same unless it is refused."""

    name: str
    cells: list[tuple[str, list[str]]] = field(default_factory=list)
    refused: str = ""
    reports: str = ""
    state: str = ""
    masked: str = ""

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Run:
    """What a run printed, and whether it failed."""

    stdout: str
    stderr: str
    failed: bool


def cases() -> Iterator[Case]:
    """All cases, file by file."""
    for path in sorted(HERE.glob("cases/*.txt")):
        yield from read(path.read_text(encoding="utf-8"), path.stem)


def read(text: str, topic: str) -> Iterator[Case]:
    """The cases of a file."""
    for part in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        title, *lines = part.rstrip("\n").split("\n")
        case = Case(f"{topic}: {title}")
        while lines and (match := re.fullmatch(r"(refused|reports|state|masked): (.*)", lines[0])):
            setattr(case, match[1], match[2])
            lines.pop(0)
        cell: list[str] = []
        tags: list[str] = []
        for line in [*lines, "%%"]:
            if match := re.fullmatch(r"%%(?: (markdown)| \[(.*)\])?", line):
                case.cells.append(("\n".join(cell), tags))
                cell, tags = [], [match[1]] if match[1] else (match[2] or "").split(", ") if match[2] else []
            else:
                cell.append(line)
        yield case


class Oracle:
    """Converts notebooks, and runs both."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        self.folder = folder
        self.registry = models.Registry()
        self.chain = pipeline.find("nb2project")
        m2m.find("notebook2workflow")
        self.number = 0
        self.chosen: dict[str, Any] = {}
        self._runner = subprocess.Popen(
            [python, str(HERE / "runner.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def close(self) -> None:
        """Ends the process that runs things."""
        assert self._runner.stdin is not None
        self._runner.stdin.close()
        self._runner.wait()

    @contextlib.contextmanager
    def options(self, **chosen: Any) -> Iterator[None]:
        """Converts with some options, as long as it lasts."""
        self.chosen = chosen
        try:
            yield
        finally:
            self.chosen = {}

    def convert(self, cells: Sequence[tuple[str, list[str]]], apart: bool = False) -> tuple[Path, pipeline.Outcome]:
        """A project in a new folder, and what there was to tell.

        Args:
            apart: each cell becomes a function, as if all were long.

        Raises:
            NbmdeError: the notebook is refused.
        """
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        path = folder / "story.ipynb"
        path.write_text(json.dumps(document(cells)), encoding="utf-8")
        with unittest.mock.patch(LINES, 0) if apart else contextlib.nullcontext():
            outcome = pipeline.run(self.chain, path, self.registry, self.chosen)
        m2t.write(outcome.files, folder / "project")
        return folder / "project", outcome

    def notebook(self, cells: Sequence[tuple[str, list[str]]], folder: Path | None = None) -> Run:
        """Runs the cells of a notebook, in a new folder if none is given."""
        if folder is None:
            self.number += 1
            folder = self.folder / str(self.number)
            folder.mkdir()
        code = [cell for cell in cells if "markdown" not in cell[1]]
        return self._job({"kind": "notebook", "cells": code, "folder": str(folder)})

    def project(self, folder: Path) -> Run:
        """Runs a project."""
        return self._job({"kind": "project", "folder": str(folder)})

    def _job(self, job: Any) -> Run:
        assert self._runner.stdin is not None
        assert self._runner.stdout is not None
        print(json.dumps(job), file=self._runner.stdin, flush=True)
        return Run(**json.loads(self._runner.stdout.readline()))

    def complaint(self, case: Case) -> str:
        """What is wrong about a case; empty if nothing is."""
        expected = self.notebook(case.cells)
        if case.refused:
            together = self._difference(case, expected)
            return self._unless_refused(case) or ("" if together.startswith("refused: ") else together)
        return self._difference(case, expected) or self._difference(case, expected, apart=True)

    def _unless_refused(self, case: Case) -> str:
        try:
            _, outcome = self.convert(case.cells, apart=True)
        except NbmdeError as error:
            if case.refused not in str(error):
                return f"refused for another reason: {error}"
            return "" if error.cell else f"refused without a cell: {error}"
        return f"not refused\n{code_of(outcome)}"

    def _difference(self, case: Case, expected: Run, apart: bool = False) -> str:
        try:
            folder, outcome = self.convert(case.cells, apart)
        except NbmdeError as error:
            return f"refused: {error}"
        if case.reports and not any(case.reports in str(notice) for notice in outcome.notices):
            return f"not reported, but: {[str(notice) for notice in outcome.notices]}\n{code_of(outcome)}"
        if case.state and apart:
            wanted = set() if case.state == "nothing" else set(case.state.split(", "))
            if (found := state_names(outcome)) != wanted:
                return f"state is {sorted(found)}\n{code_of(outcome)}"
        got = self.project(folder)
        pattern = re.compile(case.masked or r"(?!)")
        if pattern.sub("", expected.stdout) == pattern.sub("", got.stdout) and expected.failed == got.failed:
            return ""
        return "\n".join(
            [
                f"notebook ({'failed' if expected.failed else 'done'}):",
                expected.stdout,
                expected.stderr[-2000:],
                f"project ({'failed' if got.failed else 'done'}):",
                got.stdout,
                got.stderr[-2000:],
                code_of(outcome),
            ]
        )


def document(cells: Sequence[tuple[str, list[str]]]) -> dict[str, Any]:
    """A notebook of cells with tags."""
    made = []
    for number, (source, tags) in enumerate(cells):
        cell: dict[str, Any] = {"id": f"cell-{number}", "source": source, "metadata": {"tags": tags} if tags else {}}
        if "markdown" in tags:
            made.append({**cell, "cell_type": "markdown", "metadata": {}})
        else:
            made.append({**cell, "cell_type": "code", "execution_count": number + 1, "outputs": []})
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def code_of(outcome: pipeline.Outcome) -> str:
    """The code that was made out of the notebook's."""
    own = (".toml", "config.py", "__init__.py", "setup.py")
    parts = []
    for path, file in outcome.files.items():
        support = re.search(r"/utils/(?!environment|helpers)|/serving/|^tests/|^scripts/|^deployment/|^\.", path)
        if path.endswith(".py") and not path.endswith(own) and not support:
            parts.append(f"----- {path}\n{file.content.decode()}")
    return "\n".join(parts)


def state_names(outcome: pipeline.Outcome) -> set[str]:
    """Names that live in the state object."""
    return {symbol.name for symbol in outcome.root.workflow.symbols if symbol.sharing.name == "state"}
