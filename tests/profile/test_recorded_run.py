"""What one run of a notebook records into its model."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from emf import check as check_with_emf
from notebooks import REGISTRY, write_notebook

from nbmde.engine import m2m, models, pipeline
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import injection

pytestmark = pytest.mark.slow


def value(rents: SimpleNamespace, name: str, cell: int) -> Any:
    """What was recorded of a variable at the end of a cell."""
    run = next(run for run in rents.model.profile.runs if run.cell.position == cell)
    return next(value for value in run.values if value.name == name)


def test_types_are_those_of_the_objects_and_of_their_items(rents: SimpleNamespace) -> None:
    types = {
        value.name: value.type for run in rents.model.profile.runs for value in run.values if run.cell.position != 11
    }
    assert types == {
        "rents": "pandas.DataFrame",
        "known": "pandas.DataFrame",
        "backup": "pandas.DataFrame",
        "table": "pandas.DataFrame",
        "cities": "list[str]",
        "bounds": "dict[str, float]",
        "rounder": "__main__.Rounder",
        "X": "pandas.DataFrame",
        "y": "pandas.Series",
        "scaler": "sklearn.preprocessing.StandardScaler",
        "model": "sklearn.linear_model.LinearRegression",
        "predicted": "numpy.ndarray",
        "score": "float",
    }
    assert value(rents, "X", 11).type == "numpy.ndarray"


def test_shapes_and_ranges(rents: SimpleNamespace) -> None:
    assert list(value(rents, "rents", 3).shape) == [120, 4]
    assert list(value(rents, "cities", 6).shape) == [3]
    scaled = value(rents, "X", 11)
    assert (list(scaled.shape), scaled.dtype) == ([119, 2], "float64")
    assert -3 < scaled.minimum < -1
    assert 1 < scaled.maximum < 3


def test_columns_with_types_ranges_categories_and_missing_values(rents: SimpleNamespace) -> None:
    city, size, year, rent = value(rents, "rents", 3).columns
    assert (city.name, city.kind, list(city.categories)) == ("city", "text", ["Bonn", "Köln", "Ulm"])
    assert (size.name, size.kind, size.dtype, size.missing) == ("size", "number", "float64", 1)
    assert 20 <= size.minimum < size.maximum <= 150
    assert (year.name, year.kind, year.dtype, year.missing) == ("year", "integer", "int64", 0)
    assert 1900 <= year.minimum < year.maximum <= 2020
    assert rent.name == "rent"
    old = value(rents, "known", 5).columns[-1]
    assert (old.name, old.kind, old.minimum, list(old.categories)) == ("old", "boolean", None, [])


def test_what_changed_is_recorded_again_with_the_columns_that_did_not_change(rents: SimpleNamespace) -> None:
    before, after = value(rents, "rents", 3), value(rents, "rents", 6)
    assert [column.name for column in before.columns] == [column.name for column in after.columns]
    assert [one is other for one, other in zip(before.columns, after.columns, strict=True)] == [True, False, True, True]
    assert after.columns[1].missing == 0


def test_what_models_are_fitted_with_and_predict_from(rents: SimpleNamespace) -> None:
    calls = [(run.cell.position, call) for run in rents.model.profile.runs for call in run.calls]
    assert [(cell, call.receiver, call.method) for cell, call in calls] == [
        (9, "scaler", "fit"),
        (11, "scaler", "transform"),
        (13, "model", "fit"),
        (14, "model", "predict"),
        (14, "model", "score"),
    ]
    _, fitted = calls[2]
    features, target = fitted.arguments
    assert fitted.type == "sklearn.linear_model.LinearRegression"
    assert (features.type, [column.name for column in features.columns]) == (
        "numpy.ndarray",
        ["feature_0", "feature_1"],
    )
    assert (target.type, [column.name for column in target.columns]) == ("pandas.Series", ["rent"])


def test_names_of_the_same_object(rents: SimpleNamespace) -> None:
    assert list(value(rents, "table", 6).aliases) == ["rents"]
    assert list(value(rents, "backup", 5).aliases) == []  # known is another object since


def test_seconds(rents: SimpleNamespace) -> None:
    profile = rents.model.profile
    seconds = [run.seconds for run in profile.runs]
    assert len(seconds) == 9
    assert all(0 <= one < 60 for one in seconds)
    assert seconds[0] > 0.05  # imports
    assert profile.seconds == pytest.approx(sum(seconds), abs=0.01)


def test_nothing_of_the_users_is_changed(rents: SimpleNamespace) -> None:
    assert rents.untouched


def test_models_open_in_emf(rents: SimpleNamespace) -> None:
    assert check_with_emf([rents.file, rents.profiled / ".nbmde"]) == []


def test_a_second_run_records_the_same_but_for_the_seconds(rents: SimpleNamespace, tmp_path: Path) -> None:
    again = injection.inject(rents.notebook, REGISTRY, python=Path(sys.executable), profile=120)
    for model in (again, models.load(rents.file, REGISTRY)):
        model.profile.seconds = 0.0
        for run in model.profile.runs:
            run.seconds = 0.0
        models.save({tmp_path / f"{id(model)}.xmi": model}, REGISTRY)
    one, other = (path.read_bytes() for path in tmp_path.glob("*.xmi"))
    assert one == other


def test_without_profile_nothing_is_executed(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", [f'open({str(tmp_path / "executed")!r}, "w").close()'])
    assert injection.inject(notebook, REGISTRY).profile is None
    assert not (tmp_path / "executed").exists()
    injection.inject(notebook, REGISTRY, python=Path(sys.executable), profile=60)
    assert (tmp_path / "executed").exists()


def test_a_notebook_that_fails_is_refused_at_its_cell(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", ["one = 1", "## Then", "one / 0"])
    with pytest.raises(NbmdeError) as refused:
        injection.inject(notebook, REGISTRY, python=Path(sys.executable), profile=60)
    error = refused.value
    assert (error.file, error.cell) == (str(notebook), 3)
    assert "ZeroDivisionError" in str(error)
    assert "without --profile" in (error.remedy or "")


def test_a_notebook_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb", ["import time", "time.sleep(60)"])
    with pytest.raises(NbmdeError, match="takes more than 3 s") as refused:
        injection.inject(notebook, REGISTRY, python=Path(sys.executable), profile=3)
    assert refused.value.cell == 2


def test_a_model_cannot_be_run(rents: SimpleNamespace) -> None:
    with pytest.raises(NbmdeError, match="is a model"):
        injection.request(rents.file, profile=60)


def test_objects_that_cannot_be_looked_at_do_not_end_the_run(tmp_path: Path) -> None:
    source = (
        "class Odd:\n    @property\n    def shape(self):\n        raise SystemExit\n    def fit(self, X):\n"
        "        return self\n    __hash__ = None\n    def __eq__(self, other):\n        raise ValueError\n"
    )
    cells = [source, "odd = Odd()\nsame = odd", "fitted = odd.fit(odd)\nwords = {1: odd, None: [odd]}\nx = 10**400"]
    notebook = write_notebook(tmp_path / "a.ipynb", cells)
    profile = injection.inject(notebook, REGISTRY, python=Path(sys.executable), profile=60).profile
    types = {value.name: value.type for run in profile.runs for value in run.values}
    assert types["odd"] == types["fitted"] == "__main__.Odd"
    assert types["words"] == "dict[int | None, Any]"
    assert profile.runs[2].calls[0].arguments[0].type == "__main__.Odd"


def test_what_an_edited_profile_leaves_out_is_not_known(tmp_path: Path) -> None:
    sources = [
        "from sklearn.linear_model import LinearRegression",
        "model = LinearRegression().fit([[1], [2]], [1, 2])",
    ]
    notebook: Any = injection.inject(write_notebook(tmp_path / "line.ipynb", sources), REGISTRY)
    of_notebooks = REGISTRY["notebook"]
    runs = [of_notebooks.CellRun(cell=cell) for cell in notebook.cells]
    runs[-1].values.append(of_notebooks.Value(name="model"))
    notebook.profile = of_notebooks.Profile(runs=runs)

    workflow: Any = pipeline.apply("notebook2workflow", notebook, REGISTRY, {}, tmp_path).root

    again = m2m.run(m2m.find("notebook2workflow.recorded"), workflow, REGISTRY, pipeline.Options.of(REGISTRY, {}))
    assert not [link for link in again.trace.links if link.rule != "recorded_model"]
    assert [step.seconds for step in workflow.steps] == [None] * len(workflow.steps)
    assert [(model.estimator, model.task.name) for model in workflow.models] == [(None, "unknown")]
