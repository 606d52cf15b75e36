"""Adds the modules that offer the served model, and watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from .modules import module_named, parts

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Service

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.serving", extends=parts)


def has_columns(t: Refinement, service: Service) -> bool:
    """Is it known what the service takes?"""
    return len(service.columns) > 0


@transformation.rule("Service", guard=lambda t, service: t.source.layout.name == "mlops")
def serve_over_http(t: Refinement, service: Service) -> None:
    """An application that answers over HTTP, with a watch for drift."""
    known = ["columns"] if has_columns(t, service) else []
    for name in ("bundle", *known, "metadata", "predict", "schema", "app"):
        module_named(t, f"serving.{name}", "serving")
    module_named(t, "monitoring.drift", "monitoring")


@transformation.rule("Service", guard=lambda t, service: t.source.layout.name == "basic")
def serve_from_code(t: Refinement, service: Service) -> None:
    """Functions that load the model and predict."""
    known = ["columns"] if has_columns(t, service) else []
    for name in ("bundle", *known, "metadata", "predict"):
        module_named(t, f"models.{name}", "serving")
