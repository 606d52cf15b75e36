"""Small changes to a notebook, as people make them: each to one cell, or to those that it has to change with it."""

from __future__ import annotations

import ast
import copy
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

Notebook = dict[str, Any]
Change = Callable[[str], str | None]
"""The source of a cell, changed; None where there is nothing of the kind in it."""

METRICS = {
    "accuracy_score": "balanced_accuracy_score",
    "mean_squared_error": "mean_absolute_error",
    "r2_score": "explained_variance_score",
    "classification_report": "confusion_matrix",
}
MODELS = {
    "LogisticRegression": "RidgeClassifier",
    "RandomForestClassifier": "ExtraTreesClassifier",
    "RandomForestRegressor": "ExtraTreesRegressor",
    "LinearRegression": "Lasso",
    "DecisionTreeClassifier": "ExtraTreeClassifier",
    "Ridge": "ElasticNet",
    "MultinomialNB": "ComplementNB",
}


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def _replace(source: str, node: ast.expr, text: str) -> str:
    """The source with other text in the place of an expression, which stands on one line."""
    lines = source.split("\n")
    row = node.lineno - 1
    line = lines[row].encode()
    lines[row] = (line[: node.col_offset] + text.encode() + line[node.end_col_offset :]).decode()
    return "\n".join(lines)


def _constants(source: str, kind: type) -> Iterator[ast.Constant]:
    tree = _tree(source)
    inside = {id(part) for node in ast.walk(tree or ast.Module([], [])) if isinstance(node, ast.JoinedStr)
              for part in ast.walk(node)}  # fmt: skip
    for node in ast.walk(tree or ast.Module([], [])):
        wanted = isinstance(node, ast.Constant) and type(node.value) is kind and id(node) not in inside
        if wanted and node.lineno == node.end_lineno:
            yield node


def number(source: str) -> str | None:
    """Another number."""
    for kind in (int, float):
        for node in _constants(source, kind):
            return _replace(source, node, repr(node.value + 3))
    return None


def text(source: str) -> str | None:
    """Another text, that is no path."""
    for node in _constants(source, str):
        if re.fullmatch(r"[A-Za-z ]{4,}", node.value):
            return _replace(source, node, repr(node.value + " too"))
    return None


def file_name(source: str) -> str | None:
    """Another file."""
    for node in _constants(source, str):
        if re.fullmatch(r"[\w./-]+\.(?:csv|txt|json|png|pkl|parquet|xlsx)", node.value):
            stem, dot, suffix = node.value.rpartition(".")
            return _replace(source, node, repr(f"{stem}_2{dot}{suffix}"))
    return None


def another_column(source: str) -> str | None:
    """A further column in a selection."""
    tree = _tree(source)
    for node in ast.walk(tree or ast.Module([], [])):
        inside = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.List) and node.slice.elts
        if inside and all(isinstance(item, ast.Constant) for item in inside) and node.lineno == node.end_lineno:
            return _replace(source, inside[-1], f"{ast.unparse(inside[-1])}, 'further'")
    return None


def seed(source: str) -> str | None:
    """Another seed of the random numbers."""
    changed = re.sub(r"(random_state\s*=\s*|seed\()(\d+)", lambda match: f"{match[1]}{int(match[2]) + 7}", source)
    return changed if changed != source else None


def keyword(source: str) -> str | None:
    """Another hyper-parameter, or a further one."""
    tree = _tree(source)
    for node in ast.walk(tree or ast.Module([], [])):
        if isinstance(node, ast.keyword) and node.arg and node.arg != "random_state":
            value = node.value
            if (
                isinstance(value, ast.Constant)
                and type(value.value) in (int, float)
                and value.lineno == value.end_lineno
            ):
                return _replace(source, value, repr(value.value * 2 + 1))
    return None


def print_(source: str) -> str | None:
    """A new print."""
    return source + "\nprint('one more line')" if _tree(source) and source.strip() else None


def standard_import(source: str) -> str | None:
    """A module of the standard library is imported and used."""
    return "import statistics\n" + source + "\nprint(statistics.mean([1, 2]))" if _tree(source) else None


def foreign_import(source: str) -> str | None:
    """A library is imported and used."""
    return "import networkx as nx\n" + source + "\nprint(nx.Graph())" if _tree(source) else None


def figure(source: str) -> str | None:
    """A new figure."""
    return source + "\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()" if _tree(source) else None


def function(source: str) -> str | None:
    """A new function, that is called."""
    return "def twice(value):\n    return 2 * value\n\n" + source + "\nprint(twice(3))" if _tree(source) else None


def written_file(source: str) -> str | None:
    """A file is written."""
    return source + "\nopen('notes.txt', 'w').write('done')" if _tree(source) and source.strip() else None


def comment(source: str) -> str | None:
    """A comment."""
    return "# looked at again\n" + source if _tree(source) and source.strip() else None


def removed(source: str) -> str | None:
    """A statement less: the last that binds nothing."""
    tree = _tree(source)
    body = tree.body if tree else []
    for node in reversed(body):
        if isinstance(node, ast.Expr) and len(body) > 1:
            lines = source.split("\n")
            return "\n".join(lines[: node.lineno - 1] + lines[(node.end_lineno or node.lineno) :])
    return None


def timed(source: str) -> str | None:
    """A magic on top."""
    return "%%time\n" + source if _tree(source) and source.strip() else None


def installed(source: str) -> str | None:
    """A command of the shell."""
    return "!pip install tabulate\n" + source if _tree(source) else None


def environment(source: str) -> str | None:
    """A magic that sets a variable of the environment."""
    return "%env WORKERS=3\n" + source if _tree(source) else None


def model(source: str) -> str | None:
    """Another class of models."""
    return _other(source, MODELS)


def metric(source: str) -> str | None:
    """Another metric."""
    return _other(source, METRICS)


def _other(source: str, names: dict[str, str]) -> str | None:
    for name, other in names.items():
        if re.search(rf"\b{name}\(", source):
            changed = re.sub(rf"\b{name}\(", f"{other}(", source)
            package = re.search(rf"from (sklearn[\w.]*) import [^\n]*\b{name}\b", source)
            home = package[1] if package else "sklearn.linear_model" if names is MODELS else "sklearn.metrics"
            return f"from {home} import {other}\n{changed}"
    return None


def heading(source: str) -> str | None:
    """Another heading."""
    if re.search(r"^#{1,4} \S", source, re.MULTILINE):
        return re.sub(r"^(#{1,4} )(?=\S)", r"\1Further ", source, count=1, flags=re.MULTILINE)
    return None


def prose(source: str) -> str | None:
    """A sentence more."""
    return source + "\n\nThis was looked at twice." if source.strip() else None


CODE: dict[str, Change] = {
    one.__name__: one
    for one in (
        *(number, text, file_name, another_column, seed, keyword, print_, standard_import, foreign_import, figure),
        *(function, written_file, comment, removed, timed, installed, environment, model, metric),
    )
}
MARKDOWN: dict[str, Change] = {one.__name__: one for one in (heading, prose)}


def renamed(notebook: Notebook, choose: random.Random) -> Notebook | None:
    """Another name for a variable, wherever it is used."""
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    bound = [
        node.id
        for cell, source in zip(notebook["cells"], sources, strict=True)
        if cell["cell_type"] == "code" and (tree := _tree(source)) is not None
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and len(node.id) > 2
    ]
    words = re.findall(r"\w+", "\n".join(sources))
    fitting = [name for name in dict.fromkeys(bound) if words.count(name) <= 12]
    if not fitting:
        return None
    name = choose.choice(fitting)
    changed = copy.deepcopy(notebook)
    for cell, source in zip(changed["cells"], sources, strict=True):
        if cell["cell_type"] == "code":
            cell["source"] = re.sub(rf"(?<![\w.'\"]){name}\b(?!['\"])", f"{name}_here", source)
    return changed


def added_cell(notebook: Notebook, choose: random.Random) -> Notebook:
    """A new cell with code, in the lower half."""
    changed = copy.deepcopy(notebook)
    place = choose.randrange(len(changed["cells"]) // 2, len(changed["cells"]) + 1)
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    changed["cells"].insert(place, {**cell, "source": "total = sum(range(4))\nprint('total', total)"})
    return changed


def added_heading(notebook: Notebook, choose: random.Random) -> Notebook:
    """A new heading between two cells."""
    changed = copy.deepcopy(notebook)
    place = choose.randrange(len(changed["cells"]) // 2, len(changed["cells"]))
    cell = {"cell_type": "markdown", "metadata": {}, "source": "## Look closer\n\nAt what is left."}
    changed["cells"].insert(place, cell)
    return changed


WHOLE: dict[str, Callable[[Notebook, random.Random], Notebook | None]] = {
    one.__name__: one for one in (renamed, added_cell, added_heading)
}


def perturbations(notebook: Notebook, number: int) -> Iterator[tuple[str, Notebook, set[int]]]:
    """What was done, the changed notebook, and the numbers of the cells that are others than before, from 1.

    Args:
        number: which of the cells in which something can be done; the same gives the same.
    """
    for kind, changes in (("code", CODE), ("markdown", MARKDOWN)):
        for name, change in changes.items():
            found = []
            for index, cell in enumerate(notebook["cells"]):
                if cell["cell_type"] == kind:
                    source = change("".join(cell["source"]))
                    if source is not None:
                        found.append((index, source))
            if found:
                index, source = random.Random(f"{name} {number}").choice(found)
                changed = copy.deepcopy(notebook)
                changed["cells"][index]["source"] = source
                yield name, changed, {index + 1}
    for name, alter in WHOLE.items():
        altered = alter(notebook, random.Random(f"{name} {number}"))
        if altered is not None:
            before = ["".join(cell["source"]) for cell in notebook["cells"]]
            after = ["".join(cell["source"]) for cell in altered["cells"]]
            new = set(range(len(after)))
            if len(after) == len(before):
                new = {index for index in new if before[index] != after[index]}
            else:
                same = next(
                    (i for i, (one, two) in enumerate(zip(before, after, strict=False)) if one != two), len(before)
                )
                new = {same}
            yield name, altered, {index + 1 for index in new}
