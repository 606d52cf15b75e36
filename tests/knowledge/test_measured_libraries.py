"""Rows of the tables against what installed libraries do when they are called: what changes, what comes out, who draws.

What a row says is written in two places so: in the table, and in a library that was asked.
"""

from __future__ import annotations

import builtins
import copy
import inspect
import io
import pickle
import types
import warnings
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

import installed
import numpy as np
import pandas as pd
import pytest
import sklearn.base
import yaml
from packaging.requirements import Requirement

from nbmde.notebooks.analysis.calls import CallTable

Rows = dict[str, dict[str, Any]]

FRAME = pd.DataFrame({"a": [3.0, 1.0, 2.0], "b": [1, 1, 0]})
SAMPLES = {"pandas.DataFrame": FRAME, "pandas.Series": FRAME["a"], "numpy.ndarray": np.array([3.0, 1.0, 2.0])}
ARGUMENTS: list[tuple[Any, ...]] = [
    (), ("a",), (["a"],), (1,), (0,), ([2, 0, 1],), (FRAME,), (FRAME["a"],), ("a", "b"), (lambda x: x * 2,), (np.mean,),
    ("a > 1",), ({"a": 1.5},), (0, "n", [7, 8, 9]), ({"a": "z"},), ([0.0, 1.0],), (FRAME["a"] > 1,), (FRAME > 1,),
    ("mean",), (float,), ([1], [9.0]), (0, 5.0), (0, 1), ((3, 1),), ({"a": [7.0, 8.0, 9.0]},),
]  # fmt: skip
ELSEWHERE = {"plot", "hist", "boxplot", "info", "pipe"}  # methods that draw, print, or call what they are given
OTHERS = {  # rows of methods that other types have as well, which change them
    "pandas.Series.subtract": "collections.Counter",
    "numpy.ndarray.setflags": "what may be written to is no value",
}


@pytest.fixture(scope="module")
def rows(api: dict[str, Any]) -> Rows:
    return dict(api["calls"])


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and bool(np.array_equal(one, other))
    return (
        bool(one.equals(other))
        and list(one.axes[-1]) == list(other.axes[-1])
        and one.axes[0].names == other.axes[0].names
    )


def type_name(value: Any) -> str:
    if value is None or isinstance(value, (bool, int, float, str, np.number, np.bool_)):
        plain = value.item() if isinstance(value, np.generic) else value
        return "None" if plain is None else type(plain).__name__
    module = type(value).__module__.split(".")[0]
    return type(value).__name__ if module == "builtins" else f"{module}.{type(value).__name__}"


def measured(sample: Any, method: str) -> tuple[set[bool], set[str]]:
    """Whether calls of a method change what they are called on, and the types of what they give."""
    changed, results = set(), set()
    for arguments in ARGUMENTS:
        one = sample.copy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                result = getattr(one, method)(*copy.deepcopy(arguments))
            except Exception:
                continue
        changed.add(not same(sample, one))
        results.add(type_name(result))
    return changed, results


def methods() -> Iterator[tuple[str, str]]:
    for kind, sample in SAMPLES.items():
        for name in dir(sample):
            public = not name.startswith(("_", "to_", "dump", "tofile")) and name not in ELSEWHERE
            if public and callable(getattr(type(sample), name, None)):
                yield kind, name


def test_methods_of_tables_and_arrays_change_them_where_their_rows_say_so(rows: Rows) -> None:
    table = CallTable(rows)
    checked = 0
    for kind, name in methods():
        typed = rows.get(f"{kind}.{name}")
        row = typed if typed is not None else table.method(name)
        if row is None or f"{kind}.{name}" in OTHERS:
            continue
        changed, _ = measured(SAMPLES[kind], name)
        if changed:
            assert (True in changed) == ("receiver" in row.get("mutates", ())), f"{kind}.{name}"
            checked += 1
    assert checked > 150


def test_methods_of_tables_and_arrays_give_what_their_rows_say(rows: Rows) -> None:
    checked = 0
    for kind, name in methods():
        said = rows.get(f"{kind}.{name}", {}).get("returns")
        if not isinstance(said, str) or said in ("receiver", "self"):
            continue
        _, results = measured(SAMPLES[kind], name)
        if results:
            wanted = {part.replace("pandas.api.typing.", "pandas.") for part in said.split(" | ")}
            assert results & wanted, f"{kind}.{name} gives {results}"
            checked += 1
    assert checked > 100


def test_what_can_work_in_place_says_so(rows: Rows) -> None:
    for kind in ("DataFrame", "Series"):
        for name, method in inspect.getmembers(getattr(pd, kind), inspect.isfunction):
            if not name.startswith("_"):
                row = rows.get(f"pandas.{kind}.{name}", rows.get(f".{name}"))
                in_place = "inplace" in inspect.signature(method).parameters
                if row is not None and name != "eval":
                    assert not in_place or row.get("mutates_if") == "inplace", f"{kind}.{name}"


@pytest.mark.slow
def test_functions_that_draw_from_numpys_generator_say_so(rows: Rows) -> None:
    table = CallTable(rows)
    arguments = [(), (3,), (0.5,), ([1, 2, 3],), (5, 0.5), (1.0, 2.0), (1, 2, 3), ([0.0], [[1.0]]), (3, [0.5, 0.5])]
    checked = 0
    for name in sorted(dir(np.random)):
        function = getattr(np.random, name)
        if name.startswith(("_", "get_", "set_")) or isinstance(function, type) or not callable(function):
            continue
        drew = False
        for given in arguments:
            np.random.seed(7)
            before = np.random.get_state()
            try:
                function(*copy.deepcopy(given))
            except (TypeError, ValueError, IndexError):
                continue
            after = np.random.get_state()
            drew |= before[2] != after[2] or not np.array_equal(before[1], after[1])
        row = table.dotted(f"numpy.random.{name}")
        assert row is not None, name
        if drew:
            assert "numpy.random" in row["resources"], name
            checked += 1
        if name == "default_rng":
            assert "resources" not in row
    assert checked > 30


def test_paths_stand_where_the_signatures_have_them(rows: Rows) -> None:
    checked = 0
    for key, row in rows.items():
        keyword = row.get("path_keyword")
        if keyword is None or key.startswith((".", "IPython.")) or installed._module(key.split(".")[0]) is None:
            continue
        called, owner = installed._found(key), installed._found(key.rpartition(".")[0]) if "." in key else None
        try:
            signature = list(inspect.signature(called).parameters)[isinstance(owner, type) :]
        except (TypeError, ValueError):  # gone, or written in C
            continue
        for column in ("reads_files", "writes_files", "opens"):
            if isinstance(place := row.get(column), int):
                assert signature[place] == keyword, f"{key}: {signature}"
                checked += 1
    assert checked > 60


def test_estimators_do_what_their_classes_say(rows: Rows) -> None:
    base = sklearn.base
    tasks = {
        base.ClassifierMixin: {"classification", "baseline"},
        base.RegressorMixin: {"regression", "baseline", "decomposition"},  # partial least squares is both
        base.ClusterMixin: {"clustering", "transformer"},  # FeatureAgglomeration gives columns
        base.OutlierMixin: {"outlier"},
        base.DensityMixin: {"clustering"},  # mixtures are used for their components
    }
    checked = 0
    for key, row in rows.items():
        found = installed._found(key) if key.startswith("sklearn.") and not key.endswith(".*") else None
        if not isinstance(found, type) or not issubclass(found, base.BaseEstimator):
            continue
        assert row["kind"] in ("model", "search"), key
        assert row["returns"] == "self", key
        for mixin, allowed in tasks.items():
            if issubclass(found, mixin):
                assert row["task"] in allowed, key
                assert row["stage"] == ("features" if found.__name__ == "FeatureAgglomeration" else "train"), key
                checked += 1
                break
        else:
            if issubclass(found, base.TransformerMixin):
                assert row["task"] in ("transformer", "decomposition", "classification"), key
                assert row["stage"] in ("features", "preprocess", "train"), key
                checked += 1
    assert checked > 150


STAGES_OF_KINDS = {
    "model": {"train", "features", "preprocess", "evaluate"},
    "search": {"train"},
    "metric": {"evaluate"},
    "dataset": {"load"},
    "plot": {"explore", "evaluate"},
    "split": {"split"},
    "persist": {"save", "load"},
    "seed": {"setup"},
}
STAGES_OF_MODULES = {
    "sklearn.metrics": {"evaluate", "features"},
    "sklearn.datasets": {"load"},
    "sklearn.preprocessing": {"preprocess", "features"},
    "sklearn.impute": {"preprocess"},
    "sklearn.decomposition": {"features"},
    "sklearn.feature_extraction": {"features"},
    "sklearn.feature_selection": {"features"},
    "sklearn.linear_model": {"train"},
    "sklearn.naive_bayes": {"train"},
    "sklearn.svm": {"train"},
    "sklearn.cluster": {"train", "features"},
    "sklearn.manifold": {"features"},
    "sklearn.inspection": {"evaluate"},
    "imblearn.over_sampling": {"preprocess"},
    "imblearn.under_sampling": {"preprocess"},
    "matplotlib.axes": {"explore"},
    "matplotlib.figure": {"explore"},
    "seaborn": {"explore", "load", "setup"},
    "statsmodels.formula": {"train"},
    "torch.nn": {"train"},
    "xgboost": {"train", "preprocess", "explore", "evaluate"},
}


def test_rows_of_a_kind_and_of_a_module_are_of_its_stages(rows: Rows) -> None:
    for key, row in rows.items():
        stage = row.get("stage")
        if "kind" in row:
            assert stage in STAGES_OF_KINDS[row["kind"]], key
        for module, stages in STAGES_OF_MODULES.items():
            if stage is not None and key.startswith(f"{module}."):
                assert stage in stages, key


def test_what_later_releases_lack_is_gone_and_what_they_brought_is_there(distributions: dict[str, Any]) -> None:
    checked = 0
    stubs = {"scipy.interpolate.interp2d"}  # it is there, and raises
    for use, row in distributions["era"].items():
        if (
            "(" in use
            or use.startswith(".")
            or "*" in use
            or use in stubs
            or installed._module(use.split(".")[0]) is None
        ):
            continue
        requirements = [Requirement(part) for part in row["requires"].split(" || ")]
        try:
            allowed = any(one.specifier.contains(metadata.version(one.name), prereleases=True) for one in requirements)
        except metadata.PackageNotFoundError:
            continue
        assert (installed._found(use) is not None) == allowed, use
        checked += 1
    assert checked > 100


WEIGHTS_OF_KINDS = {
    "model": (6, 8),
    "search": (7, 7),
    "metric": (8, 9),
    "dataset": (7, 9),
    "plot": (4, 8),
    "split": (7, 10),
    "persist": (9, 10),
    "seed": (4, 5),
}
IN_MEMORY = {  # they make a table of what is there already
    *("pandas.DataFrame.from_dict", "pandas.DataFrame.from_records"),
    *("pandas.io.json.json_normalize", "pandas.json_normalize"),
}


def test_rows_of_a_kind_weigh_alike(rows: Rows) -> None:
    for key, row in rows.items():
        if "kind" in row and "weight" in row:
            least, most = WEIGHTS_OF_KINDS[row["kind"]]
            assert least <= row["weight"] <= most, key


def test_what_loads_a_table_is_a_data_set(rows: Rows) -> None:
    for key, row in rows.items():
        loads = row.get("stage") == "load" and "pandas.DataFrame" in str(row.get("returns"))
        if loads and key not in IN_MEMORY:
            assert row.get("kind") == "dataset", key


def test_functions_that_measure_are_metrics_and_called_after_what_they_measure(rows: Rows) -> None:
    checked = 0
    for key, row in rows.items():
        module, _, name = key.rpartition(".")
        if module == "sklearn.metrics" and name.endswith(("_score", "_error", "_loss", "_deviance")):
            assert row["kind"] == "metric", key
            assert row["name"].replace("_", "") in name.replace("_", ""), key
            assert "float" in row["returns"], key
            checked += 1
    assert checked > 35


def test_what_has_a_number_of_splits_splits(rows: Rows) -> None:
    checked = 0
    for key, row in rows.items():
        found = installed._found(key) if key.startswith("sklearn.model_selection.") else None
        if isinstance(found, type) and hasattr(found, "get_n_splits"):
            assert (row["kind"], row["returns"]) == ("split", "self"), key
            checked += 1
    assert checked > 10


def test_what_sets_a_seed_touches_its_generator(rows: Rows) -> None:
    generators = {
        "random": "random",
        "numpy": "numpy.random",
        "torch": "torch.random",
        "tensorflow": "tensorflow.random",
    }
    for key, row in rows.items():
        if row.get("kind") == "seed" and (generator := generators.get(key.split(".")[0])):
            assert generator in row["resources"], key


def test_what_draws_with_matplotlib_touches_it(rows: Rows) -> None:
    for key, row in rows.items():
        if key.startswith(("seaborn.", "matplotlib.pyplot.")) and row.get("stage") == "explore":
            style = key.endswith(("_palette", "axes_style", "plotting_context")) or "color" in key
            assert style or "matplotlib" in row.get("resources", ()), key


def test_what_shuffles_changes_what_it_is_given(rows: Rows) -> None:
    for key, shuffled in (("random.shuffle", [1, 2, 3, 4, 5]), ("numpy.random.shuffle", np.arange(9))):
        before = list(shuffled)
        np.random.seed(1)
        installed._found(key)(shuffled)
        assert sorted(shuffled) == before
        assert "arg0" in rows[key]["mutates"], key


def _state(value: Any) -> Any:
    """What may change of an object."""
    if isinstance(value, type):
        return None
    if hasattr(value, "tell"):
        return value.tell()
    if hasattr(value, "__length_hint__"):
        return value.__length_hint__()
    return copy.deepcopy(vars(value) if hasattr(value, "__dict__") else np.asarray(value).tolist())


_TO, _FROM = io.StringIO, io.BytesIO
CHANGING: dict[str, tuple[Callable[..., Any], ...]] = {  # how each argument of a call is made
    "delattr": (lambda: types.SimpleNamespace(a=1), lambda: "a"),
    "setattr": (lambda: types.SimpleNamespace(a=1), lambda: "a", lambda: 2),
    "next": (lambda: iter([1, 2]),),
    "random.shuffle": (lambda: [*range(20)],),
    "cloudpickle.dump": (lambda: [1], _FROM),
    "cloudpickle.load": (lambda: _FROM(pickle.dumps([1])),),
    "dill.dump": (lambda: [1], _FROM),
    "dill.load": (lambda: _FROM(pickle.dumps([1])),),
    "pickle.dump": (lambda: [1], _FROM),
    "pickle.load": (lambda: _FROM(pickle.dumps([1])),),
    "json.dump": (lambda: [1], _TO),
    "json.load": (lambda: _TO("[1]"),),
    "toml.load": (lambda: _TO("a = 1"),),
    "tomllib.load": (lambda: _FROM(b"a = 1"),),
    "yaml.dump": (lambda: [1], _TO),
    "yaml.load": (lambda: _TO("[1]"), lambda: yaml.SafeLoader),
    "yaml.safe_dump": (lambda: [1], _TO),
    "yaml.safe_load": (lambda: _TO("[1]"),),
    "numpy.copyto": (lambda: np.zeros(3), lambda: np.ones(3)),
    "numpy.fill_diagonal": (lambda: np.zeros((2, 2)), lambda: 3),
    "numpy.place": (lambda: np.zeros(2), lambda: np.array([True, False]), lambda: np.array([5.0])),
    "numpy.put": (lambda: np.zeros(3), lambda: [0], lambda: [5]),
    "numpy.putmask": (lambda: np.zeros(2), lambda: np.array([True, False]), lambda: np.array([5.0])),
    "numpy.random.shuffle": (lambda: np.arange(20),),
    "numpy.add.at": (lambda: np.zeros(2), lambda: [0], lambda: 1),
    "numpy.subtract.at": (lambda: np.zeros(2), lambda: [0], lambda: 1),
    "numpy.multiply.at": (lambda: np.ones(2), lambda: [0], lambda: 3),
    "bisect.insort": (lambda: [1, 3], lambda: 2),
    "heapq.heapify": (lambda: [3, 2, 1],),
    "heapq.heappop": (lambda: [1, 2, 3],),
    "heapq.heappush": (lambda: [2, 3], lambda: 1),
}
UNTRIED = {  # methods, which need their objects, and libraries that work on files, pictures and tensors
    *("numpy.random.Generator.shuffle", "numpy.random.RandomState.shuffle", "PIL.ImageDraw.Draw"),
    *("cv2.circle", "cv2.drawContours", "cv2.line", "cv2.polylines", "cv2.putText", "cv2.rectangle"),
    *("torch.nn.init.*", "torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_"),
    "torch.optim.lr_scheduler.*",
}


def _changes_arguments(row: dict[str, Any]) -> bool:
    return any(one.startswith("arg") for one in row.get("mutates", ()))


def test_every_call_that_changes_its_arguments_is_tried(rows: Rows) -> None:
    found = {key for key, row in rows.items() if _changes_arguments(row) and not key.startswith(".")}
    assert found - UNTRIED == set(CHANGING)


@pytest.mark.parametrize("key", CHANGING)
def test_a_call_changes_the_arguments_that_its_row_says(rows: Rows, key: str) -> None:
    called = installed._found(key) if "." in key else getattr(builtins, key)
    if called is None:
        pytest.skip("is not installed")
    given = [make() for make in CHANGING[key]]
    before = [_state(one) for one in given]
    np.random.seed(1)
    called(*given)
    changed = {f"arg{number}" for number, one in enumerate(given) if _state(one) != before[number]}
    assert changed == set(rows[key]["mutates"])


def test_what_is_changed_beside_objects_is_called_by_its_name(rows: Rows) -> None:
    assert {key: rows[key]["resources"] for key in ("os.chdir", "print", "exec")} == {
        "os.chdir": ["cwd"],
        "print": ["stdout"],
        "exec": ["opaque"],
    }
