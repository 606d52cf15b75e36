"""Figures about a generated project, counted in its models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import mean, median
from typing import Any

from nbmde.engine.models import Registry
from nbmde.notebooks import generated, readability, tracing
from nbmde.notebooks.verify import places

Report = dict[str, Any]
"""JSON: `counts` by name; `functions`: a row for each; `distributions` by name: least, median, mean and most; `state`:
names that are shared through the state object, with the reason; `lines`: how many lead to a cell, to no cell but an
element of the project, and to the line of a template alone; `readability`: see `readability`; `findings`: code,
severity, cell, message."""


def report(folder: Path, registry: Registry) -> Report:
    """The figures of a project.

    Raises:
        NbmdeError: the folder is no generated project, or its models cannot be read.
    """
    found = generated.read(folder, registry)
    project, workflow = found.project, found.workflow
    functions = [call.function for call in project.pipeline.calls]
    rows = [
        {
            "function": function.name,
            "cells": function.cells or "",
            "stage": function.step.stage if function.step is not None else "",
            "statements": len({fragment.statement for fragment in function.fragments}),
            "parameters": len(function.parameters),
            "results": len(function.results),
        }
        for function in functions
    ]
    measured = ("statements", "parameters", "results")
    return {
        "project": project.name,
        "layout": project.layout.name,
        "counts": {
            "cells": len(workflow.notebook.cells),
            "statements": sum(len(step.statements) for step in workflow.steps),
            "definitions at module level": len(workflow.definitions),
            "steps": len(workflow.steps),
            "functions": len(functions),
            "modules": sum(len(package.modules) for package in project.packages),
            "settings": sum(len(section.settings) for section in project.configuration.sections),
            "data files": len(project.dataFiles),
            "fitted models": len(workflow.models),
            "metrics": len(workflow.metrics),
            "figures": len(workflow.figures),
            "requirements": len(project.requirements),
        },
        "stages": dict(Counter(row["stage"] for row in rows)),
        "distributions": {f"{name} per function": _distribution(row[name] for row in rows) for name in measured},
        "functions": rows,
        "state": {symbol.name: symbol.reason or "" for symbol in workflow.symbols if symbol.sharing.name == "state"},
        "lines": tracing.of_project(folder, registry).shares(),
        "readability": readability.measure(folder, places.find(folder, registry)),
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.name,
                "cell": finding.cellNumber,
                "message": finding.message,
            }
            for finding in project.findings
        ],
    }


def _distribution(values: Iterable[Any]) -> dict[str, float]:
    numbers = list(values)
    if not numbers:
        return {}
    return {
        "least": min(numbers), "median": median(numbers), "mean": round(mean(numbers), 2), "most": max(numbers)
    }  # fmt: skip
