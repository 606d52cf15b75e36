"""The transformation that the modules of this package add their rules to."""

from __future__ import annotations

from nbmde.engine.m2m import Transformation

transformation = Transformation("workflow2project", source="workflow", target="mlproject")
