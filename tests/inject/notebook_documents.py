"""Documents of nbformat 4 that tests start from."""

from __future__ import annotations

from typing import Any


def code(source: str, **properties: Any) -> dict[str, Any]:
    """A code cell of nbformat 4.4 that has not been run."""
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    return cell | properties


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def document(*cells: dict[str, Any] | str, **metadata: Any) -> dict[str, Any]:
    """A document of nbformat 4.4; strings are code cells."""
    nodes = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": nodes}
