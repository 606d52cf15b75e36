"""Notebooks written for a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebook_documents import document

from nbmde.engine.models import EObject, Registry
from nbmde.notebooks.inject import inject


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a document (or any text or bytes) to a file below the test's folder."""

    def write_file(content: dict[str, Any] | str | bytes, name: str = "work.ipynb") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = json.dumps(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def injected(write: Callable[..., Path], registry: Registry) -> Callable[..., EObject]:
    """The model of a notebook with some cells."""

    def inject_cells(*cells: dict[str, Any] | str, name: str = "work.ipynb", **metadata: Any) -> EObject:
        return inject(write(document(*cells, **metadata), name), registry)

    return inject_cells
