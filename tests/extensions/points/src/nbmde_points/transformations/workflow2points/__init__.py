"""Extends workflow2project, and overrides one of its rules by name."""

from nbmde.m2m import Context, Transformation

transformation = Transformation("workflow2points", extends="workflow2project")


@transformation.rule("Workflow", to="mlproject.Container")
def container(t: Context, workflow, container):
    container.name = "overridden"
    container.base = "python:3.12-slim"
