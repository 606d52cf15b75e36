"""A transformation with every kind of rule."""

from nbmde.engine.m2m import Transformation

transformation = Transformation("family2register", source="family", target="register")

from . import people, town  # noqa: E402, F401
