"""Programs as a notebook has them: a statement a unit, over a small table of calls."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from nbmde.notebooks.analysis.calls import CallResolver, CallTable
from nbmde.notebooks.analysis.cells import statements
from nbmde.notebooks.analysis.program import Program, Unit

ROWS: Mapping[str, Mapping[str, Any]] = {
    "numpy.array": {"returns": "numpy.ndarray"},
    "numpy.random.*": {"resources": ["random"]},
    "numpy.random.shuffle": {"mutates": ["arg0"], "resources": ["random"]},
    "pandas.read_csv": {"returns": "pandas.DataFrame", "reads_files": ["arg0"]},
    "pandas.DataFrame.query": {"returns": "pandas.DataFrame", "reads_names_in_string": "at"},
    "pandas.DataFrame.head": {"returns": "receiver"},
    "pandas.DataFrame.apply": {"consumes_callable": True},
    "sklearn.model_selection.train_test_split": {"returns": "each_arg_twice"},
    "sklearn.linear_model.Ridge": {"returns": "self"},
    "statsmodels.ols": {"reads_names_in_string": "formula"},
    "matplotlib.pyplot.plot": {"kind": "plot"},
    "math.sqrt": {"returns": "float"},
    ".fit": {"mutates": ["receiver"]},
    ".str.*": {"returns": "pandas.Series"},
    "divmod": {"returns": ["int", "int"]},
    "sorted": {"returns": "list"},
    "property": {},
    "pandas.read_excel": {"returns": "pandas.DataFrame | dict"},
    "reversed": {"returns": "None"},
    "max": {"returns": "arg1"},
}
IMPORTS = """
import numpy as np, pandas as pd, math, functools, os, sys, typing, datetime, collections, re
from matplotlib import pyplot as plt
from sklearn.model_selection import train_test_split
from sklearn.linear_model import Ridge
import statsmodels as sm
"""


def expression(source: str) -> ast.expr:
    """A syntax tree."""
    return ast.parse(source, mode="eval").body


def resolver(source: str = "") -> CallResolver:
    """Resolves calls behind some statements."""
    found = CallResolver(CallTable(ROWS))
    for node in ast.parse(IMPORTS + source).body:
        found.learn(node)
    return found


def program(*cells: str, **options: Any) -> Program:
    """A program, a statement a unit."""
    units = [
        Unit(one.text, [one.node], number, one.first_line, one.last_line, segment=number)
        for number, cell in enumerate(cells)
        for one in statements(cell)
    ]
    return Program(units, CallTable(ROWS), **options)


def shared(*cells: str, **options: Any) -> Program:
    """A program, each cell a function of its own, of which is known how its names travel."""
    found = program(*cells, **options)
    found.place()
    found.share()
    return found
