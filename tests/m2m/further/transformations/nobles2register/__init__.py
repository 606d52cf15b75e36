"""Extends a transformation of another extension: one rule is overridden, one is added."""

from typing import Any

from nbmde.engine.m2m import Context, Transformation

transformation = Transformation("nobles2register", extends="family2register")


@transformation.rule("Man", extends="person")
def man(t: Context, man: Any, citizen: Any, certificate: Any) -> None:
    citizen.title = t.option("title", "Sir")


@transformation.rule("Man", extends="man", guard=lambda t, man: man.born and man.born < 1900)
def elder(t: Context, man: Any, citizen: Any, certificate: Any) -> None:
    citizen.title = f"Old {citizen.title}"
