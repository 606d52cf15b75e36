"""Digests of values of numpy, pandas, scipy and scikit-learn, where these are installed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from nbmde.notebooks.verify.comparison import different
from nbmde.notebooks.verify.digest import Digester

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")


def record(value: Any, **options: Any) -> dict[str, Any]:
    return Digester(**options).record(value)


def frame(**changes: Any) -> Any:
    columns: dict[str, Any] = {
        "n": [1, 2, 3],
        "x": [1.5, float("nan"), 2.5],
        "s": ["a", None, "c"],
        "c": pd.Categorical(["u", "v", "u"]),
        "t": pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
        "z": pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]).tz_localize("Europe/Vienna"),
        "i": pd.array([1, None, 3], dtype="Int64"),
        "o": [[1], {"a": 2}, (3,)],
    }
    return pd.DataFrame({**columns, **changes})


def test_a_copy_has_the_same_digest() -> None:
    assert record(frame())["hash"] == record(frame().copy())["hash"] == record(copy.deepcopy(frame()))["hash"]
    assert not record(frame())["gaps"]


@pytest.mark.parametrize(
    "changed",
    [
        frame(n=[1, 2, 4]),
        frame(n=[1.0, 2.0, 3.0]),
        frame(x=[1.5, 0.0, 2.5]),
        frame(s=["a", "", "c"]),
        frame(c=pd.Categorical(["u", "v", "v"])),
        frame(c=pd.Categorical(["u", "v", "u"], ordered=True)),
        frame(t=pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])),
        frame(z=pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]).tz_localize("UTC")),
        frame(i=pd.array([1, 2, 3], dtype="Int64")),
        frame(o=[[1], {"a": 3}, (3,)]),
        frame().set_index("n"),
        frame().rename(columns={"n": "m"}),
        frame()[["x", "n", "s", "c", "t", "z", "i", "o"]],
        frame().iloc[::-1],
        frame().head(2),
    ],
)
def test_a_change_of_a_frame_changes_its_digest(changed: Any) -> None:
    assert record(frame())["hash"] != record(changed)["hash"]


def test_the_columns_that_differ_are_named() -> None:
    assert different(record(frame()), record(frame(n=[1, 2, 4])), 0) == "column 'n' differ"


def test_a_digest_leaves_a_frame_as_it_is() -> None:
    table = frame()
    part = table[table["n"] > 1]
    before = part.to_json(), list(table.columns), table.dtypes.to_dict()
    record(part)
    record(table)
    assert (part.to_json(), list(table.columns), table.dtypes.to_dict()) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(3), np.arange(3.0)),
        (np.arange(6), np.arange(6).reshape(2, 3)),
        (np.array(["a"]), np.array(["a"], dtype=object)),
        (np.float64(1), np.float32(1)),
        (np.float64(1), 1.0),
        (np.array([], dtype=int), np.array([], dtype=float)),
        (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[0, 0])),
        (np.array([(1, 2.0)], dtype="i4,f8"), np.array([(1, 2.5)], dtype="i4,f8")),
        (np.datetime64("2020-01-01"), np.datetime64("2020-01-02")),
        (np.random.default_rng(1), np.random.default_rng(2)),
        (np.random.RandomState(1), np.random.RandomState(2)),
        (pd.Series([1, 2], name="a"), pd.Series([1, 2], name="b")),
        (pd.Index([1, 2]), pd.Index([1, 3])),
        (pd.RangeIndex(3), pd.RangeIndex(4)),
        (pd.MultiIndex.from_product([[1], [2, 3]]), pd.MultiIndex.from_product([[1], [2, 4]])),
        (pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-01", tz="UTC")),
    ],
)
def test_different_values_have_different_digests(one: Any, other: Any) -> None:
    first, second = record(one), record(other)
    assert not first["gaps"] + second["gaps"]
    assert (first["type"], first["hash"]) != (second["type"], second["hash"])
    assert first["hash"] == record(copy.deepcopy(one))["hash"]


def test_the_order_in_memory_does_not_count() -> None:
    numbers = np.arange(12.0).reshape(3, 4)
    assert record(numbers)["hash"] == record(np.asfortranarray(numbers))["hash"] == record(numbers.T.copy().T)["hash"]


def test_what_lies_under_a_mask_or_between_fields_does_not_count() -> None:
    one, other = np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 99], mask=[0, 1])
    assert record(one)["hash"] == record(other)["hash"]
    kind = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [0, 8], "itemsize": 16})
    first, second = (np.frombuffer(bytes([1, fill, *[fill] * 6]) + bytes(8), dtype=kind) for fill in (7, 8))
    assert record(first)["hash"] == record(second)["hash"]


def test_views_of_one_array_share_their_memory() -> None:
    numbers = np.arange(10)
    records = Digester().snapshot({"all": numbers, "part": numbers[2:4], "copy": numbers.copy()})
    assert records["part"]["same"] == records["all"]["same"] != records["copy"]["same"]


def test_arrays_within_a_tolerance_are_equal() -> None:
    numbers = np.linspace(-5, 5, 1000)
    here, near, far = (record(values, tolerant=True) for values in (numbers, numbers * (1 + 1e-12), numbers + 1e-3))
    assert here["hash"] == near["hash"]
    assert not different(here, near, 1e-9)
    assert different(here, far, 1e-9)
    with_gap = numbers.copy()
    with_gap[3] = np.nan
    assert record(with_gap, tolerant=True)["hash"] != here["hash"]


def test_sparse_matrices_are_compared() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    one, other = sparse.csr_matrix(np.eye(3)), sparse.csr_matrix(np.eye(3) * 2)
    assert not record(one)["gaps"]
    assert record(one)["hash"] == record(one.copy())["hash"] != record(other)["hash"]


def test_fitted_estimators_are_compared_by_all_that_they_learned() -> None:
    pytest.importorskip("sklearn")
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    inputs, labels = np.random.RandomState(0).rand(60, 3), np.arange(60) % 2
    models = [
        lambda seed: RandomForestClassifier(5, random_state=seed),
        lambda seed: make_pipeline(StandardScaler(), LogisticRegression(C=seed + 1)),
        lambda seed: KNeighborsClassifier(seed + 1),
    ]
    for make in models:
        one, same, other = (make(seed).fit(inputs, labels) for seed in (0, 0, 1))
        assert not record(one)["gaps"]
        assert record(one)["hash"] == record(same)["hash"] != record(other)["hash"]
        assert record(one)["hash"] != record(make(0).fit(inputs + inputs**2, labels))["hash"]
        assert record(one)["hash"] != record(make(0))["hash"]
    search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3]}, cv=2).fit(inputs, labels)
    found = record(search)
    assert {reason for _, reason in found["gaps"]} == {"a time that was measured"}
    again = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3]}, cv=2).fit(inputs, labels)
    assert found["hash"] == record(again)["hash"]
