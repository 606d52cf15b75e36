"""Records one run of a notebook into its model: types, shapes, columns, what models are fitted with, seconds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbmde.engine.models import Registry
from nbmde.notebooks import kernel
from nbmde.notebooks.elements import notebook_metamodel
from nbmde.notebooks.inject import document, execution

if TYPE_CHECKING:
    from nbmde.metamodels import NotebookMetamodel
    from nbmde.metamodels.notebook import CellRun, Column, Notebook, Profile, Value

__all__ = ["record"]

INSIDE = Path(__file__).with_name("probe.py")
DIGITS = 3  # of a second
ATTRIBUTES = ("type", "dtype", "minimum", "maximum")
OF_COLUMNS = ("name", "dtype", "kind", "missing", "minimum", "maximum")


def record(notebook: Notebook, path: Path, registry: Registry, python: Path, timeout: float = 600) -> None:
    """Runs a notebook, in a temporary copy of its project's folder, and puts what is recorded into its model.

    The run has fixed seeds and one thread, as one of `nbmde verify`, so that two runs record the same, except for the
    seconds and what no seed determines.

    Args:
        notebook: the Notebook model of the file.
        python: interpreter that runs it; it has ipykernel and what the notebook imports.
        timeout: seconds for the run.

    Raises:
        NbmdeError: the notebook fails, with the cell; or takes too long. Nothing is recorded then.
    """
    from nbmde.notebooks.verify import copies, runs  # here: a conversion without a run needs none of it

    version = runs.check_python(python)
    node = document.read(path).node
    code, cells = execution.code(node), execution.executed(node)
    with tempfile.TemporaryDirectory(prefix="nbmde-profile-", ignore_cleanup_errors=True) as folder:
        work = Path(folder).resolve()
        copy = copies.of_notebook(path, code, [asset.path for asset in notebook.assets], work / "copy")
        lines, told = work / "record.jsonl", work / "told.json"
        facts = {"record": str(lines), "cells": cells, "verify": str(runs.INSIDE), "seed": 0}
        told.write_text(json.dumps(facts), encoding="utf-8")
        inside = kernel.run_first(INSIDE, "record_kernel", told)
        remedy = "; ".join(filter(None, ["repair it first, or convert it without --profile", copy.missing()]))
        variables = runs.environment(0, work)
        kernel.execute(node, copy.notebook.parent, python, variables, inside, work, timeout, path, remedy)
        entries = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    notebook.profile = _Builder(notebook_metamodel(registry), notebook).profile(entries, version)


class _Builder:
    """Makes elements of what was recorded."""

    def __init__(self, metamodel: NotebookMetamodel, notebook: Notebook) -> None:
        self.metamodel = metamodel
        self.cells = {cell.position: cell for cell in notebook.cells}
        self.columns: dict[str, Column] = {}

    def profile(self, entries: list[dict[str, Any]], python: str) -> Profile:
        profile = self.metamodel.Profile(python=python)
        for entry in entries:
            if entry["cell"] in self.cells:
                profile.runs.append(self._run(entry))
        profile.columns.extend(self.columns.values())
        profile.seconds = round(sum(run.seconds or 0 for run in profile.runs), DIGITS)
        return profile

    def _run(self, entry: Mapping[str, Any]) -> CellRun:
        run = self.metamodel.CellRun(cell=self.cells[entry["cell"]], seconds=round(entry["seconds"], DIGITS))
        run.values.extend([self._value(name, facts) for name, facts in entry["values"].items()])
        for facts in entry["calls"]:
            call = self.metamodel.Call(method=facts["method"], receiver=facts["receiver"] or None, type=facts["type"])
            call.arguments.extend([self._value(name, argument) for name, argument in facts["arguments"].items()])
            run.calls.append(call)
        return run

    def _value(self, name: str, facts: Mapping[str, Any]) -> Value:
        value = self.metamodel.Value(name=name, **{key: facts[key] for key in ATTRIBUTES if key in facts})
        value.shape.extend(facts.get("shape", ()))
        value.aliases.extend(facts.get("aliases", ()))
        seen: dict[str, int] = {}
        for column in facts.get("columns", ()):
            key = json.dumps(column)
            seen[key] = seen.get(key, 0) + 1
            value.columns.append(self._column(f"{key} {seen[key]}", column))  # a table may have two of the same
        return value

    def _column(self, key: str, facts: Mapping[str, Any]) -> Column:
        if key not in self.columns:
            column = self.metamodel.Column(**{name: facts[name] for name in OF_COLUMNS if name in facts})
            column.categories.extend(facts.get("categories", ()))
            self.columns[key] = column
        return self.columns[key]
