"""Compares rows of api.toml with the libraries that are installed: does the function exist, has it that keyword?

python tests/knowledge/installed.py     lists the rows that cannot be compared, for tests/knowledge/unchecked.txt
"""

from __future__ import annotations

import importlib
import inspect
import tomllib
import warnings
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "transformations" / "knowledge"
_KEYWORDS = ("path_keyword", "random_if_missing", "mutates_if")


@dataclass
class Findings:
    """What came of it.

    Attributes:
        wrong: a sentence for each row that says what is not so.
        checked: keys of rows whose function exists.
        unchecked: rows of libraries that are not installed, and of methods of unknown receivers: key and keywords.
    """

    wrong: list[str] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


@cache
def _module(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ImportError:
            return None


def _found(key: str) -> Any:
    """What a dotted name stands for; None where it does not exist."""
    parts = key.split(".")
    owner = _module(parts[0])
    for number, part in enumerate(parts[1:], 2):
        try:
            owner = getattr(owner, part)
        except (AttributeError, ImportError):  # a library may say with the latter why a function is gone
            owner = _module(".".join(parts[:number]))
        if owner is None:
            return None
    return owner


def compared(rows: dict[str, dict[str, Any]], gone: set[str]) -> Findings:
    """Compares the rows.

    Args:
        rows: of the table [calls].
        gone: names that only other versions of a library have.
    """
    result = Findings()
    _module("sklearn.experimental.enable_halving_search_cv")
    for key, row in rows.items():
        words = [row[column] for column in _KEYWORDS if column in row] + list(row.get("random_only_with", ()))
        if key.startswith(".") or key.endswith(".*") or "." not in key or _module(key.split(".")[0]) is None:
            result.unchecked.append(" ".join([key, *words]))
            continue
        called = _found(key)
        if called is None:
            if not any(key == name or key.startswith(f"{name}.") for name in gone):
                result.wrong.append(f"there is no {key}")
            continue
        result.checked.append(key)
        try:
            parameters = inspect.signature(called).parameters
        except (TypeError, ValueError):  # written in C, without a signature
            continue
        if not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
            result.wrong += [f"{key} takes no {word}" for word in words if word not in parameters]
            result.wrong += list(_seeds(key, row, parameters))
    return result


def _seeds(key: str, row: dict[str, Any], parameters: Any) -> list[str]:
    """A scikit-learn estimator or splitter that takes `random_state` draws without it, unless its row says why not."""
    takes = "random_state" in parameters and key.startswith("sklearn.") and not key.startswith("sklearn.datasets.")
    says = {"random_if_missing", "wraps", "fit_resources", "resources"} & row.keys()
    return [f"{key} takes random_state, and its row says nothing of it"] if takes and not says else []


def tables() -> tuple[dict[str, dict[str, Any]], set[str]]:
    """The rows, and the names that only other versions have."""
    read = (tomllib.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("api.toml", "distributions.toml"))
    api, distributions = read
    return api["calls"], {*distributions["era"], "IPython.core.display.display"}


if __name__ == "__main__":
    print("\n".join(compared(*tables()).unchecked))
