"""nbmde: notebooks to production projects through explicit models."""

__version__ = "0.1.0"
