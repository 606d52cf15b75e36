"""What is found out of single values: types, shapes, columns."""

from __future__ import annotations

import math
from collections import OrderedDict
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbmde.notebooks.profile import probe


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "None"),
        (True, "bool"),
        (1, "int"),
        ((), "tuple[Any, ...]"),
        ((1,), "tuple[int]"),
        ((1, "a", None), "tuple[int, str, None]"),
        ((1, 2.5, "a", None), "tuple[int, float, str, None]"),
        ((1, 2, 3, 4, 5), "tuple[int, ...]"),
        ((1, "a", 3, 4, 5), "tuple[Any, ...]"),
        ([], "list[Any]"),
        ([1, 2], "list[int]"),
        ([1, 2.5], "list[float]"),
        ([1, None], "list[int | None]"),
        ([None, None], "list[Any]"),
        ([1, "a"], "list[Any]"),
        ([True, 1], "list[Any]"),
        ({1.5}, "set[float]"),
        (frozenset(["a"]), "frozenset[str]"),
        ({}, "dict[Any, Any]"),
        ({"a": 1}, "dict[str, int]"),
        ({"a": [1], "b": [2]}, "dict[str, list[int]]"),
        ({"a": 1, 2: 1}, "dict[Any, int]"),
        ([[[1]]], "list[list[list[int]]]"),
        ([[[[1]]]], "list[list[list[list[Any]]]]"),
        (((((1,),),),), "tuple[tuple[tuple[tuple[Any, ...]]]]"),
        (OrderedDict(a=1), "collections.OrderedDict"),
        (Decimal(1), "decimal.Decimal"),
        (np.float64(1), "numpy.float64"),
        ([1, np.float64(2)], "list[float]"),
        (np.zeros(2), "numpy.ndarray"),
        (pd.DataFrame(), "pandas.DataFrame"),
        (pd.Series([1]), "pandas.Series"),
    ],
)
def test_a_type_says_what_items_have_in_common(value: Any, told: str) -> None:
    assert probe.type_of(value) == told


@pytest.mark.parametrize(
    ("values", "kind", "more"),
    [
        ([1, 2], "integer", {"minimum": 1.0, "maximum": 2.0, "missing": 0}),
        ([1.5, None], "number", {"minimum": 1.5, "maximum": 1.5, "missing": 1}),
        ([math.inf, 1.0], "number", {"missing": 0}),
        ([True, False], "boolean", {"missing": 0}),
        ([True, None], "boolean", {"missing": 1}),
        (["a", "b", "a", "b"], "text", {"missing": 0, "categories": ["a", "b"]}),
        (["a", "b", "a"], "text", {"missing": 0}),
        (["b", "a", None, "a", "b"], "text", {"missing": 1, "categories": ["a", "b"]}),
        (["x" * 100] * 2, "text", {"missing": 0, "categories": ["x" * 100]}),
        (["x" * 101] * 2, "text", {"missing": 0}),
        ([f"{n % 50}" for n in range(100)], "text", {"missing": 0, "categories": sorted(map(str, range(50)))}),
        ([f"{n % 51}" for n in range(102)], "text", {"missing": 0}),
        ([1, "a"], "any", {"missing": 0}),
        (pd.to_datetime(["2024-01-02"]), "time", {"missing": 0}),
    ],
)
def test_a_column_has_a_kind_and_what_can_be_told_of_it(values: Any, kind: str, more: dict[str, Any]) -> None:
    [column] = probe.facts(pd.DataFrame({"a": pd.Series(values)}))["columns"]
    known = {key: value for key, value in column.items() if key not in ("name", "dtype", "kind")}
    assert (column["name"], column["kind"], known) == ("a", kind, more)


def test_a_category_is_of_the_kind_of_its_values() -> None:
    table = pd.DataFrame({"a": pd.Categorical([1, 2, 1]), "b": pd.Categorical(["x", "y", "x"])})
    assert [column["kind"] for column in probe.facts(table)["columns"]] == ["integer", "text"]


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.array([[1.0, math.nan], [3.0, 4.0]]), {"shape": [2, 2], "minimum": 1.0, "maximum": 4.0}),
        (np.array([math.nan]), {"shape": [1]}),
        (np.array([], dtype=int), {"shape": [0]}),
        (np.array(["a"]), {"shape": [1]}),
        (np.array([1, math.inf]), {"shape": [2]}),
        (np.float64(2.5), {}),
        (np.int64(3), {}),
    ],
)
def test_an_array_has_a_shape_and_a_range(array: Any, told: dict[str, Any]) -> None:
    assert {key: value for key, value in probe.facts(array).items() if key not in ("type", "dtype")} == told


def test_features_of_arrays_and_lists_are_told_where_they_are_asked_for() -> None:
    array = np.array([[1.0, math.nan], [3.0, 4.0]])
    assert "columns" not in probe.facts(array)
    assert probe.facts(array, features=True)["columns"] == [
        {"name": "feature_0", "dtype": "float64", "kind": "number", "minimum": 1.0, "maximum": 3.0, "missing": 0},
        {"name": "feature_1", "dtype": "float64", "kind": "number", "minimum": 4.0, "maximum": 4.0, "missing": 1},
    ]
    [texts] = probe.facts(["a", "a", "b", "b"], features=True)["columns"]
    assert (texts["kind"], texts["categories"]) == ("text", ["a", "b"])
    rows = probe.facts([{"a": 1, "b": "x"}, {"a": 2, "b": "x"}], features=True)
    assert "columns" not in rows or [one["name"] for one in rows["columns"]] == ["a", "b"]
    assert "columns" not in probe.facts([{"a": 1}, {"b": 2}], features=True)


def test_looking_at_a_table_does_not_change_it() -> None:
    table = pd.DataFrame({"a": [1, None], "b": ["x", "y"]})
    before = table.copy(deep=True)
    random = np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    probe.facts(table, features=True)
    pd.testing.assert_frame_equal(table, before)
    assert (np.random.get_state()[1] == random).all()  # type: ignore[index]
