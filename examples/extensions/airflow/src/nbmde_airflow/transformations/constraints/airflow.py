"""What Airflow demands of workflows."""

from __future__ import annotations

import re

from nbmde.constraints import ConstraintSet
from nbmde.models import EObject

constraints = ConstraintSet("airflow")

KEY = re.compile(r"[A-Za-z0-9_.-]+")


@constraints.constraint("Dag")
def workflow_has_a_key(dag: EObject) -> bool:
    """Airflow takes letters, digits, dot, hyphen and underscore as the name of a workflow"""
    return KEY.fullmatch(dag.name) is not None


@constraints.constraint("Task")
def task_has_a_key(task: EObject) -> bool:
    """Airflow takes letters, digits, dot, hyphen and underscore as the name of a task"""
    return KEY.fullmatch(task.name) is not None


@constraints.fix("task_has_a_key", "Put an underscore for each other character")
def give_a_key(task: EObject) -> None:
    task.name = re.sub(r"[^A-Za-z0-9_.-]", "_", task.name) or "task"


@constraints.constraint("Dag", satisfies="workflow_has_a_key")
def names_of_tasks_differ(dag: EObject) -> bool:
    """Two tasks have one name"""
    return len({task.name for task in dag.tasks}) == len(dag.tasks)


@constraints.constraint("Task")
def task_runs_after_those_that_it_needs(task: EObject) -> str | None:
    tasks = list(task.eContainer().tasks)
    late = [other.name for other in task.upstream if tasks.index(other) >= tasks.index(task)]
    return f"it needs {late[0]}, which stands behind it" if late else None
