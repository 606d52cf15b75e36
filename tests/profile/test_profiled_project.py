"""What a recorded run changes in the project, and that it is right."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from notebooks import REGISTRY, generate, write_notebook
from profiled import write_rents

from nbmde.engine import models
from nbmde.notebooks import injection
from nbmde.notebooks.verify import verify

pytestmark = pytest.mark.slow


def signatures(project: Path) -> dict[str, str]:
    """Annotations of the functions made of steps, by function."""
    found = {}
    for path in sorted((project / "src").rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(ast.unparse(one) == "step" for one in node.decorator_list):
                parameters = ", ".join(f"{a.arg}: {ast.unparse(a.annotation)}" for a in node.args.args if a.annotation)
                found[node.name] = f"({parameters}) -> {ast.unparse(node.returns) if node.returns else ''}"
    return found


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={**os.environ, "PYTHONPATH": "src", "MYPYPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_annotations_are_those_of_the_run(rents: SimpleNamespace) -> None:
    static, profiled = signatures(rents.static), signatures(rents.profiled)
    assert static.keys() == profiled.keys()
    assert "Any" not in "".join(profiled.values())
    assert "Any" in "".join(static.values())
    assert profiled["prepare_scaling"] == "(scaler: StandardScaler, X: pd.DataFrame) -> np.ndarray"
    assert profiled["evaluate_model"] == (
        "(model: LinearRegression, X: np.ndarray, y: pd.Series, rounder: Rounder, predicted: np.ndarray, "
        "table: pd.DataFrame) -> None"
    )


def test_the_driver_lets_a_name_hold_values_of_different_types(rents: SimpleNamespace) -> None:
    text = (rents.profiled / "src/rents/pipeline.py").read_text()
    assert "    X: Any\n" in text
    assert "    X: np.ndarray\n" in text  # among the results
    assert "    X: Any\n" not in (rents.static / "src/rents/pipeline.py").read_text().partition("def run")[2]


def test_provenance_and_types_of_symbols(rents: SimpleNamespace) -> None:
    symbols = {symbol.name: symbol for symbol in rents.workflow.symbols}
    assert (symbols["cities"].type, symbols["cities"].provenance.name) == ("list[str]", "recorded")
    assert symbols["X"].type is None  # it holds a table, then an array
    assert [alias.name for alias in symbols["table"].aliases] == ["rents"]
    static = models.load(rents.static / ".nbmde/workflow.xmi", REGISTRY)
    assert {symbol.provenance.name for symbol in static.symbols} <= {"unknown", "inferred"}


def test_a_value_inside_a_cell_is_not_taken_for_the_one_at_its_end(tmp_path: Path) -> None:
    write_rents(tmp_path)
    cells = [
        "import pandas as pd\nfrom sklearn.linear_model import LinearRegression",
        'rents = pd.read_csv("rents.csv")\nsizes = rents[["year"]]\nmodel = LinearRegression()\n'
        'model.fit(sizes, rents["rent"])\nprint(model.score(sizes, rents["rent"]))\nrents = len(rents)',
        "## Size",
        "print(rents + len(sizes))",
    ]
    notebook = write_notebook(tmp_path / "a.ipynb", cells)
    model = injection.inject(notebook, REGISTRY, python=Path(sys.executable), profile=60)
    models.save({tmp_path / "nb.xmi": model}, REGISTRY)
    project = generate(tmp_path / "nb.xmi", tmp_path / "made")
    first, *_, last = models.load(project / ".nbmde/workflow.xmi", REGISTRY).steps
    assert {symbol.name for symbol in first.outputs} == {"rents", "sizes"}
    assert {value.symbol.name: value.type for value in first.outputValues} == {"sizes": "pandas.DataFrame"}
    assert {value.symbol.name: value.type for value in last.inputValues}["rents"] == "int"
    assert first.seconds is None
    assert last.seconds is not None


def test_served_columns_have_ranges(rents: SimpleNamespace) -> None:
    text = (rents.profiled / "src/rents/serving/columns.py").read_text()
    assert 'Column("size", "number", "float64", missing=False, minimum=' in text
    assert 'Column("year", "integer", "int64", missing=False, minimum=' in text
    served = next(model for model in rents.workflow.models if model.served)
    assert served.estimator == "sklearn.linear_model.LinearRegression"
    assert [column.name for column in served.inputs.columns] == ["size", "year"]
    assert [column.name for column in served.fitted.columns] == ["feature_0", "feature_1"]
    assert [column.name for column in served.predicted.columns] == ["feature_0", "feature_1"]
    assert not (rents.static / "src/rents/serving/columns.py").exists()


def test_seconds_are_in_the_readme(rents: SimpleNamespace) -> None:
    text = (rents.profiled / "README.md").read_text()
    assert "| Step | Function | Recorded |" in text
    assert f"its cells took {rents.workflow.seconds:.1f} s" in text
    assert "Recorded" not in (rents.static / "README.md").read_text()


def test_tables_and_arrays_have_their_sizes_in_docstrings(rents: SimpleNamespace) -> None:
    text = "\n".join(path.read_text() for path in (rents.profiled / "src").rglob("*.py"))
    assert "119 rows, 5 columns." in text
    assert "119 × 2." in text


@pytest.mark.parametrize("kind", ["profiled", "static"])
def test_types_of_the_project_are_right(rents: SimpleNamespace, kind: str) -> None:
    done = run(getattr(rents, kind), "-m", "mypy")
    assert done.returncode == 0, done.stdout
    done = run(getattr(rents, kind), "-m", "ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_tests_of_the_project_pass_and_expect_what_was_recorded(rents: SimpleNamespace) -> None:
    done = run(rents.profiled, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA")
    assert done.returncode == 0, done.stdout
    for test in (
        "test_result_is_of_the_recorded_class[scaler]",
        "test_table_has_the_recorded_columns[known]",
        "test_array_is_of_the_recorded_type[predicted]",
        "test_model_takes_the_recorded_columns",
        "test_model_predicts_at_the_recorded_limits",
    ):
        assert f"PASSED tests/test_recorded.py::{test}" in done.stdout


def test_a_recorded_test_fails_where_the_run_gives_another_type(rents: SimpleNamespace, tmp_path: Path) -> None:
    files = tree(rents.profiled)
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(
            content.replace(b"known = rents.dropna()", b"known = rents.dropna().iloc[:, ::-1]")
        )
    done = run(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_recorded.py")
    assert done.returncode == 1
    assert "test_table_has_the_recorded_columns[known]" in done.stdout


def test_the_project_computes_the_same(rents: SimpleNamespace) -> None:
    assert verify(rents.notebook, rents.profiled, REGISTRY, python=Path(sys.executable), timeout=120).equal
