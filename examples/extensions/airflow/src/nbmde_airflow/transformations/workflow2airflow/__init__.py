"""Adds a workflow for Airflow to the project that `workflow2project` makes."""

from __future__ import annotations

from nbmde.m2m import Context, Transformation
from nbmde.models import EObject

transformation = Transformation("workflow2airflow", extends="workflow2project")


@transformation.rule("Workflow", to="airflow.Project", extends="workflow2project")
def project_with_workflows(t: Context, workflow: EObject, project: EObject) -> None:
    """The project, as one with workflows."""
    project.dags.append(t.make("dag", workflow))


@transformation.rule("Workflow", to="airflow.Dag", lazy=True)
def dag(t: Context, workflow: EObject, dag: EObject) -> None:
    """The workflow; its tasks follow when the stages of the project are there."""
    dag.name = workflow.name
    dag.doc = workflow.title or None
    dag.schedule = t.option("schedule")


@transformation.called(to="airflow.Task")
def stage_task(t: Context, task: EObject, *, stage: EObject) -> None:
    """A stage of the project."""
    t.bind(task, name=stage.name, command=stage.command, stage=stage)


@transformation.called(to="airflow.Task")
def test_task(t: Context, task: EObject, *, after: list[EObject]) -> None:
    """The tests of the project, when everything is trained."""
    t.bind(task, name="test", command="python -m pytest", upstream=after)


@transformation.post
def add_tasks(t: Context) -> None:
    """Stages are made by rules of `workflow2project` that run late, so tasks are made last."""
    (workflow,) = t.target.dags
    trained: list[EObject] = []
    for stage in t.target.stages:
        task = t.call("stage_task", stage=stage)
        task.upstream.extend(before for before in trained if set(before.stage.outputs) & set(stage.dependencies))
        trained.append(task)
    workflow.tasks.extend([*trained, t.call("test_task", after=trained)])
