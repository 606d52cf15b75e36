"""Code in the syntax of a newer Python than the one that reads it, in words that this one knows."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import warnings
from functools import lru_cache

_F_STRING = re.compile(r"(?i)\b(?:f|rf|fr)['\"]")


def readable(text: str) -> str:
    """Python whose f-strings have in them the quotes that end them, as Python 3.12 reads it, with other quotes in them.

    The formatter of the generated code writes them so. All else stays as it is, text that even so cannot be read too.
    """
    if sys.version_info >= (3, 12) or not _F_STRING.search(text) or is_python(text):
        return text
    if text.rstrip().endswith("\\"):  # no Python reads that, and the formatter would drop it
        return text
    formatted = _formatted(text)
    return formatted if is_python(formatted) else text


@lru_cache(maxsize=1024)
def is_python(text: str) -> bool:
    """Whether the running Python reads a text as a module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return False
    return True


@lru_cache(maxsize=1024)
def _formatted(text: str) -> str:
    """As ruff formats it in a notebook, where a semicolon at the end counts; the same if ruff does not read it."""
    from ruff.__main__ import find_ruff_bin  # type: ignore[import-untyped]  # here, because few notebooks need it

    cell: dict[str, object] = {"cell_type": "code", "id": "cell", "source": text, "metadata": {}, "outputs": []}
    cell["execution_count"] = None
    notebook = {
        "cells": [cell],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    options = ["--isolated", "--no-cache", "--target-version", "py313", "--line-length", "320"]
    command = [find_ruff_bin(), "format", *options, "--stdin-filename", "cell.ipynb", "-"]
    ruff = subprocess.run(command, input=json.dumps(notebook).encode(), capture_output=True, check=False)
    if ruff.returncode:
        return text
    return "".join(json.loads(ruff.stdout)["cells"][0]["source"]) + "\n"
