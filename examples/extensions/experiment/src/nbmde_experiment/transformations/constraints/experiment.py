"""What must hold for experiments."""

from __future__ import annotations

from nbmde.constraints import ConstraintSet
from nbmde.models import EObject

constraints = ConstraintSet("experiment")


@constraints.constraint("Experiment")
def runs_are_numbered(experiment: EObject) -> bool:
    """Runs are numbered from 1"""
    return [run.number for run in experiment.runs] == list(range(1, len(experiment.runs) + 1))


@constraints.fix("runs_are_numbered", "Number them in their order")
def number_runs(experiment: EObject) -> None:
    for number, run in enumerate(experiment.runs, 1):
        run.number = number


@constraints.constraint("Run", severity="critique")
def run_is_measured(run: EObject) -> str | None:
    return None if run.metrics else f"nothing tells how good {run.model} is"
