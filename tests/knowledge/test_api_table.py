"""Every row of api.toml says what its columns allow, and says of Python's own types and modules what they do."""

from __future__ import annotations

import builtins
import inspect
import pkgutil
import random
import re
import sys
import tomllib
from copy import deepcopy
from typing import Any

import pytest
import sklearn.model_selection
from knowledge_files import FOLDER

from nbmde.notebooks.analysis.calls import CallTable

Rows = dict[str, dict[str, Any]]

STAGES = {"setup", "load", "explore", "preprocess", "features", "split", "train", "evaluate", "predict", "save"}
KINDS = {"model", "search", "metric", "dataset", "plot", "split", "persist", "seed"}
TASKS = {
    "classification", "regression", "clustering", "decomposition", "transformer", "pipeline", "search", "outlier",
    "density", "network", "forecasting", "baseline", "other",
}  # fmt: skip
RESOURCES = {
    "random", "numpy.random", "torch.random", "tensorflow.random", "matplotlib", "files", "cwd", "environment",
    "options", "modules", "stdout", "network", "database", "display", "opaque",
}  # fmt: skip
NAME = r"[A-Za-z_]\w*"
TYPE = rf"{NAME}(\.{NAME})*( \| {NAME}(\.{NAME})*)*"


def is_type(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(TYPE, value) is not None


def is_keyword(value: Any) -> bool:
    return isinstance(value, str) and value.isidentifier()


@pytest.fixture(scope="module")
def rows(api: dict[str, Any]) -> Rows:
    return dict(api["calls"])


def test_kinds_are_told_with_their_columns(rows: Rows) -> None:
    for key, row in rows.items():
        assert ("task" in row) == (row.get("kind") in ("model", "search")), key
        assert ("name" in row) == (row.get("kind") == "metric"), key


def test_the_head_of_the_file_explains_every_column_and_every_word(rows: Rows) -> None:
    head = (FOLDER / "api.toml").read_text(encoding="utf-8").split("\n[calls]\n")[0]
    used = {column for row in rows.values() for column in row}
    schema = tomllib.loads((FOLDER / "schemas/api.toml").read_text(encoding="utf-8"))
    assert used == set(schema["$defs"]["row"]["properties"])
    explained = set(re.findall(r"[\w.]+\w", head))
    words = {str(row[column]) for column in ("kind", "task") for row in rows.values() if column in row}
    words |= {
        item for row in rows.values() for column in ("resources", "fit_resources") for item in row.get(column, ())
    }
    assert used | words <= explained


def test_a_result_of_its_own_type_is_that_of_a_class(rows: Rows) -> None:
    for key, row in rows.items():
        if row.get("returns") == "self":
            assert not key.startswith("."), f"{key}: a method has no type of its own"
        if row.get("returns") == "receiver":
            assert key.count(".") >= 1, key


def test_a_row_that_changes_its_receiver_on_demand_does_not_say_always(rows: Rows) -> None:
    both = [key for key, row in rows.items() if "mutates_if" in row and "receiver" in row.get("mutates", ())]
    assert both == [".eval"]  # of a frame with inplace, of a torch module always


def test_what_fits_an_estimator_draws_as_the_estimator_does(rows: Rows) -> None:
    fitting = {key for key in rows if re.fullmatch(r"\.(partial_)?fit(_\w+)?", key)} - {".fit_on_texts"}
    assert len(fitting) >= 6
    assert fitting <= {key for key, row in rows.items() if row.get("draws") == "receiver"}
    assert rows["sklearn.ensemble.RandomForestClassifier"]["random_if_missing"] == "random_state"
    assert rows["sklearn.svm.SVR"]["fit_resources"] == ["numpy.random"]
    assert not {"random_if_missing", "fit_resources", "wraps"} & rows["sklearn.linear_model.LinearRegression"].keys()


def test_the_most_used_libraries_are_covered(rows: Rows) -> None:
    assert len(rows) >= 800
    for library, wanted in {"pandas": 120, "numpy": 80, "sklearn": 250, "matplotlib": 50, "seaborn": 30}.items():
        assert sum(key.startswith(library + ".") for key in rows) >= wanted, library


# -- look-up -----------------------------------------------------------------------------------------------------------
def test_every_row_is_found_by_its_own_key(rows: Rows) -> None:
    table = CallTable(rows)
    for key, row in rows.items():
        if not key.endswith(".*"):
            assert (table.method(key[1:]) if key.startswith(".") else table.dotted(key)) is row, key


def test_the_longest_prefix_wins(rows: Rows) -> None:
    table = CallTable(rows)
    prefixes = [key for key in rows if key.endswith(".*") and not key.startswith(".")]
    for key in prefixes:
        assert table.dotted(key[:-1] + "no_such_member") is rows[key], key
        inner = [other for other in prefixes if other != key and other.startswith(key[:-1])]
        for other in inner:
            assert table.dotted(other[:-1] + "no_such_member") is rows[other], other
    assert any(a != b and b.startswith(a[:-1]) for a in prefixes for b in prefixes)


def test_a_name_that_no_row_covers_is_not_found(rows: Rows) -> None:
    table = CallTable(rows)
    assert table.dotted("nolibrary.read_csv") is None
    assert table.dotted("pandasx.read_csv") is None
    assert table.method("no_such_method_anywhere") is None


# -- what Python does --------------------------------------------------------------------------------------------------
ARGUMENTS: list[tuple[Any, ...]] = [
    (), (1,), ("a",), ([1, 2],), ({"a": 5},), ("a", 1), (0, 9), ({1},), (",",), ("a", "b"), (20,), ({97: "b"},),
]  # fmt: skip
SAMPLES: dict[str, Any] = {"list": [3, 1, 2], "dict": {"a": 1, "b": 2}, "set": {1, 2, 3}, "str": "a,b", "bytes": b"ab"}


def own_methods(rows: Rows) -> list[tuple[str, str, str]]:
    return [(key, *key.split(".")) for key in rows if key.count(".") == 1 and key.split(".")[0] in SAMPLES]  # type: ignore[misc]


def test_methods_of_pythons_own_types_change_and_return_what_the_table_says(rows: Rows) -> None:
    checked = own_methods(rows)
    assert len(checked) > 40
    for key, kind, method in checked:
        changed, results = set(), set()
        for arguments in ARGUMENTS:
            sample = deepcopy(SAMPLES[kind])
            try:
                result = getattr(sample, method)(*deepcopy(arguments))
            except (TypeError, ValueError, LookupError, AttributeError):
                continue
            changed.add(list(sample) != list(SAMPLES[kind]))
            results.add("None" if result is None else type(result).__name__)
        assert changed, f"{key}: no argument fits"
        assert (True in changed) == ("receiver" in rows[key].get("mutates", ())), key
        if "returns" in rows[key]:
            assert results == {rows[key]["returns"]}, key


def test_methods_of_unknown_receivers_are_not_said_to_change_less_than_those_of_pythons_types(rows: Rows) -> None:
    for key, _, method in own_methods(rows):
        if "mutates" in rows[key]:
            assert "receiver" in rows["." + method].get("mutates", ()), method


def test_builtins_have_a_row_each(rows: Rows) -> None:
    public = {name: value for name, value in vars(builtins).items() if callable(value) and not name.startswith("_")}
    exceptions = {
        name for name, value in public.items() if isinstance(value, type) and issubclass(value, BaseException)
    }
    rare = {"aiter", "anext", "breakpoint", "copyright", "credits", "license", "memoryview"}
    assert public.keys() - exceptions - rows.keys() <= rare


def test_every_function_that_draws_from_pythons_generator_says_so(rows: Rows) -> None:
    table = CallTable(rows)
    calls: dict[str, tuple[Any, ...]] = {
        "choice": ([1, 2],), "choices": ([1, 2],), "sample": ([1, 2, 3], 2), "shuffle": ([1, 2, 3],), "randint": (1, 9),
        "randrange": (9,), "uniform": (0, 1), "gauss": (0, 1), "normalvariate": (0, 1), "expovariate": (1,),
        "betavariate": (1, 1), "triangular": (), "random": (), "lognormvariate": (0, 1), "vonmisesvariate": (0, 1),
        "gammavariate": (1, 1), "paretovariate": (1,), "weibullvariate": (1, 1), "randbytes": (2,), "getrandbits": (8,),
        "seed": (1,),
    }  # fmt: skip
    for name, arguments in calls.items():
        random.seed(7)
        before = random.getstate()
        getattr(random, name)(*arguments)
        assert random.getstate() != before, name
        row = table.dotted(f"random.{name}")
        assert row is not None, name
        assert "random" in row["resources"], name


def test_paths_stand_where_the_signatures_of_the_standard_library_have_them(rows: Rows) -> None:
    checked = 0
    for key, row in rows.items():
        keyword = row.get("path_keyword")
        if keyword is None or key.startswith(".") or key.split(".")[0] not in sys.stdlib_module_names:
            continue
        owner, called = (pkgutil.resolve_name(name) for name in (key.rpartition(".")[0], key))
        try:
            signature = list(inspect.signature(called).parameters)[isinstance(owner, type) :]
        except ValueError:  # written in C, without a signature
            continue
        places = {row[column] for column in ("reads_files", "writes_files", "opens") if column in row}
        if len(places) == 1 and isinstance(place := places.pop(), int):
            assert signature[place] == keyword, f"{key}: {signature}"
            checked += 1
    assert checked >= 10


# -- the other tables --------------------------------------------------------------------------------------------------
def test_words_tell_stages(api: dict[str, Any]) -> None:
    for word, stage in api["stage_words"].items():
        assert stage in STAGES, word
        assert word == word.lower().strip(), word
    assert set(api["stage_words"].values()) == STAGES


def test_keywords_of_models_and_splits(api: dict[str, Any]) -> None:
    hyperparameters = api["hyperparameters"]
    assert set(hyperparameters["keywords_of"]) <= KINDS
    excluded = hyperparameters["excluded"]
    assert len(excluded) == len(set(excluded))
    assert all(map(is_keyword, excluded))
    assert {"verbose", "n_jobs", "copy"} <= set(excluded)
    assert not {"n_estimators", "max_depth", "random_state", "C", "learning_rate"} & set(excluded)


RUNNING = {"cv", "groups", "test_fold", "arrays", "metadata_routing", "p", "n_groups"}
"""Parameters of what splits data that are data themselves, or of splitters that nobody sets."""


def test_keywords_of_what_splits_data_are_parameters_but_for_columns(api: dict[str, Any], rows: Rows) -> None:
    split = api["split_parameters"]
    assert {name for name, wanted in split.items() if not wanted} == {"stratify"}
    taken: set[str] = set()
    for key, row in rows.items():
        if row.get("kind") == "split" and key.startswith("sklearn.model_selection."):
            found = getattr(sklearn.model_selection, key.rpartition(".")[2], None)
            taken |= set(inspect.signature(found).parameters) if found is not None else set()
    assert taken - {"self"} - RUNNING == set(split)


def test_types_of_attributes_and_subscripts(api: dict[str, Any]) -> None:
    for key, kind in api["attributes"].items():
        assert re.fullmatch(rf"(\.|{NAME}\.)({NAME}\.)*{NAME}|\.{NAME}", key), key
        assert is_type(kind), key
    for key, kinds in api["subscripts"].items():
        assert is_type(key), key
        assert kinds.keys() <= {"text", "list", "slice", "mask", "integer", "tuple"}, key
        assert all(map(is_type, kinds.values())), key
