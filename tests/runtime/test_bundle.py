"""A model is saved with all that its inputs go through, whatever these are, and predicts as before."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

pytestmark = [
    pytest.mark.filterwarnings(f"error::{kind}") for kind in ("UserWarning", "FutureWarning", "RuntimeWarning")
]
RANDOM = np.random.default_rng(0)
ROWS = 120


@pytest.fixture(scope="module")
def serving(generated: Path) -> Iterator[Any]:
    """The modules of the generated package."""
    sys.path.insert(0, str(generated / "src"))
    yield importlib.import_module("penguins.serving.bundle")
    sys.path.remove(str(generated / "src"))


@pytest.fixture(scope="module")
def schema_module(serving: Any) -> Any:
    return importlib.import_module("penguins.serving.schema")


@pytest.fixture(scope="module")
def drift(serving: Any) -> Any:
    return importlib.import_module("penguins.monitoring.drift")


FRAME = pd.DataFrame(
    {
        "length": RANDOM.normal(10, 2, ROWS),
        "Width (cm)": RANDOM.normal(5, 1, ROWS).astype("float32"),
        "count": RANDOM.integers(0, 50, ROWS).astype("int32"),
        "model_x": RANDOM.integers(0, 2, ROWS).astype(bool),
        "small": RANDOM.integers(0, 200, ROWS).astype("uint8"),
    }
)
MIXED = FRAME.assign(
    city=RANDOM.choice(["Bern", "Rom", "Oslo"], ROWS),
    grade=pd.Categorical(RANDOM.choice(list("abc"), ROWS)),
    gap=np.where(RANDOM.random(ROWS) < 0.2, np.nan, 1.5),
)
TARGET = FRAME["length"] * 3 + FRAME["count"]
TEXTS = pd.Series([f"some {'good' if number % 2 else 'bad'} thing {number}" for number in range(ROWS)], name="review")


def mixed_model() -> Any:
    categories = OneHotEncoder(handle_unknown="ignore")
    numbers = make_pipeline(FunctionTransformer(lambda frame: frame.fillna(0)), StandardScaler())
    columns = ColumnTransformer([("c", categories, ["city", "grade"]), ("n", numbers, ["length", "gap", "count"])])
    return make_pipeline(columns, RandomForestRegressor(n_estimators=5, random_state=0)).fit(MIXED, TARGET)


def scaled(inputs: Any) -> Any:
    return StandardScaler().fit(inputs)


def frame_with_scaler() -> tuple[Any, list[Any], Any]:
    return LinearRegression().fit(scaled(FRAME).transform(FRAME), TARGET), [scaled(FRAME)], FRAME


def text_model() -> tuple[Any, list[Any], Any]:
    vectorizer = TfidfVectorizer().fit(TEXTS)
    return LogisticRegression().fit(vectorizer.transform(TEXTS), TEXTS.str.contains("good")), [vectorizer], TEXTS


def chained() -> tuple[Any, list[Any], Any]:
    scaler = scaled(FRAME)
    pca = PCA(2).fit(scaler.transform(FRAME))
    return LinearRegression().fit(pca.transform(scaler.transform(FRAME)), TARGET), [scaler, pca], FRAME


def array_model() -> tuple[Any, list[Any], Any]:
    array = FRAME.to_numpy(dtype=float)
    return LinearRegression().fit(scaled(array).transform(array), TARGET), [scaled(array)], array


def dictionaries() -> tuple[Any, list[Any], Any]:
    records = MIXED[["city", "length", "count"]].to_dict("records")
    vectorizer = DictVectorizer(sparse=False).fit(records)
    return LinearRegression().fit(vectorizer.transform(records), TARGET), [vectorizer], records


def fitted_on_values() -> tuple[Any, list[Any], Any]:
    return LinearRegression().fit(FRAME.to_numpy(dtype=float), TARGET), [], FRAME


def numbered_columns() -> tuple[Any, list[Any], Any]:
    frame = pd.DataFrame(FRAME.to_numpy(dtype=float))
    return LinearRegression().fit(frame, TARGET), [], frame


CASES = {
    "frame": lambda: (LinearRegression().fit(FRAME, TARGET), [], FRAME),
    "frame with a scaler": lambda: (
        LinearRegression().fit(scaled(FRAME).transform(FRAME), TARGET),
        [scaled(FRAME)],
        FRAME,
    ),
    "two transformers": chained,
    "array": array_model,
    "dictionaries": dictionaries,
    "frame, fitted on its values": fitted_on_values,
    "columns without names": numbered_columns,
    "text": text_model,
    "names of its own": lambda: (Respelled(), [], FRAME),
    "clusters": lambda: (KMeans(3, n_init=1, random_state=0).fit(FRAME), [], FRAME),
    "two targets": lambda: (LinearRegression().fit(FRAME, np.column_stack([TARGET, -TARGET])), [], FRAME),
    "function before the model": lambda: (LinearRegression().fit(np.log1p(FRAME.abs()), TARGET), [log], FRAME),
}


class Respelled:
    """Spells the names of its features in a way of its own, as LightGBM does, and takes them as they were."""

    n_features_in_ = len(FRAME.columns)
    feature_names_in_ = np.array([name.replace(" ", "_") for name in FRAME])

    def predict(self, frame: pd.DataFrame) -> Any:
        assert list(frame) == list(FRAME)
        return frame["length"].to_numpy() * 2


def log(frame: pd.DataFrame) -> pd.DataFrame:
    return np.log1p(frame.abs())  # type: ignore[return-value]


def through(model: Any, transformers: list[Any], inputs: Any) -> Any:
    for transformer in transformers:
        inputs = transformer.transform(inputs) if hasattr(transformer, "transform") else transformer(inputs)
    values = getattr(inputs, "values", inputs) if not hasattr(model, "feature_names_in_") else inputs
    return model.predict(values)


def as_records(serving: Any, inputs: Any) -> pd.DataFrame:
    frame: pd.DataFrame = serving.as_frame(inputs)[1]
    return frame.rename(columns=str)


@pytest.mark.parametrize("case", CASES)
def test_prediction_survives_saving_and_json(serving: Any, schema_module: Any, tmp_path: Path, case: str) -> None:
    model, transformers, inputs = CASES[case]()
    expected = through(model, transformers, inputs)
    serving.ModelBundle.build("m", model, transformers=transformers, example=inputs).save(tmp_path)
    bundle = serving.ModelBundle.load(tmp_path)
    records = as_records(serving, inputs)
    np.testing.assert_array_equal(bundle.predict(records), expected)
    np.testing.assert_array_equal(bundle.predict(records[records.columns[::-1]]), expected)
    request = schema_module.request_model(serving.Schema.load(tmp_path))
    body = json.loads(json.dumps({"records": records.to_dict(orient="records")}, default=lambda value: value.item()))
    parsed = request.model_validate(body).model_dump(by_alias=True)["records"]
    np.testing.assert_array_equal(bundle.predict(pd.DataFrame(parsed)), expected)


def test_categories_gaps_and_unused_columns(serving: Any, schema_module: Any) -> None:
    model = mixed_model()
    bundle = serving.ModelBundle.build("m", model, example=MIXED.assign(target=TARGET))
    assert [column.name for column in bundle.schema.columns] == list(MIXED)
    kinds = {column.name: column.kind for column in bundle.schema.columns}
    assert kinds["city"] == kinds["grade"] == "text"
    assert (kinds["model_x"], kinds["count"], kinds["gap"]) == ("boolean", "integer", "number")
    assert bundle.schema.columns[5].categories == ["Bern", "Oslo", "Rom"]
    records = json.loads(MIXED.to_json(orient="records", double_precision=15))
    np.testing.assert_array_equal(bundle.predict(pd.DataFrame(records)), model.predict(MIXED))
    np.testing.assert_array_equal(bundle.predict(MIXED.assign(more=1).astype({"grade": object})), model.predict(MIXED))


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("count", 1.5, "whole number"),
        ("count", 10**12, "too large"),
        ("small", 300, "too large"),
        ("length", "long", "length"),
        ("length", None, "missing"),
        ("model_x", 2, "neither true nor false"),
        ("city", 5, "not text"),
        ("grade", "z", "unknown category"),
    ],
)
def test_value_of_another_type_is_refused(serving: Any, column: str, value: Any, reason: str) -> None:
    bundle = serving.ModelBundle.build("m", mixed_model(), example=MIXED)
    records = MIXED.head(3).astype(object)
    records.loc[1, column] = value
    with pytest.raises(serving.RecordError, match=reason):
        bundle.predict(records)


def test_scaler_of_some_columns_leaves_the_others(serving: Any) -> None:
    scaler = StandardScaler().fit(FRAME[["length", "count"]])
    inputs = FRAME.copy()
    inputs[["length", "count"]] = scaler.transform(inputs[["length", "count"]])
    model = LinearRegression().fit(inputs, TARGET)
    bundle = serving.ModelBundle.build("m", model, transformers=[scaler], example=FRAME)
    np.testing.assert_array_equal(bundle.predict(FRAME), model.predict(inputs))


def test_times_are_read_from_text(serving: Any, schema_module: Any) -> None:
    frame = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=ROWS), "x": RANDOM.normal(size=ROWS)})
    model = make_pipeline(
        FunctionTransformer(lambda frame: pd.DataFrame({"d": frame["day"].dt.dayofweek, "x": frame["x"]})),
        LinearRegression(),
    ).fit(frame, TARGET)
    bundle = serving.ModelBundle.build("m", model, example=frame)
    body = {"records": [{"day": "2024-01-03", "x": 1}, {"day": "2024-01-04T00:00:00", "x": 2.5}]}
    parsed = schema_module.request_model(bundle.schema).model_validate(body).model_dump(by_alias=True)["records"]
    same = pd.DataFrame({"day": pd.to_datetime(["2024-01-03", "2024-01-04"]), "x": [1.0, 2.5]})
    np.testing.assert_array_equal(bundle.predict(pd.DataFrame(parsed)), model.predict(same))


def test_without_an_example_the_columns_are_those_of_the_fit(serving: Any, schema_module: Any) -> None:
    bundle = serving.ModelBundle.build("m", mixed_model())
    assert [column.name for column in bundle.schema.columns] == list(MIXED)
    np.testing.assert_array_equal(bundle.predict(MIXED[MIXED.columns[::-1]]), mixed_model().predict(MIXED))
    model, transformers, inputs = array_model()
    bundle = serving.ModelBundle.build("m", model, transformers=transformers)
    records = as_records(serving, inputs)
    assert [column.name for column in bundle.schema.columns] == list(records)
    np.testing.assert_array_equal(bundle.predict(records), through(model, transformers, inputs))
    with pytest.raises(serving.RecordError, match="feature_4"):
        bundle.predict(records.drop(columns="feature_4"))


def test_text_without_an_example_is_one_column(serving: Any) -> None:
    model, transformers, texts = text_model()
    bundle = serving.ModelBundle.build("m", model, transformers=transformers)
    predictions = bundle.predict(texts.to_frame("text"))
    np.testing.assert_array_equal(predictions, model.predict(transformers[0].transform(texts)))


def test_model_without_known_inputs_takes_any_record(serving: Any, schema_module: Any) -> None:
    model = FunctionTransformer(lambda frame: frame.iloc[:1])
    bundle = serving.ModelBundle.build("m", model)
    assert bundle.schema.columns is None
    record = schema_module.record_model(bundle.schema).model_validate({"anything": [1]})
    assert record.model_dump() == {"anything": [1]}
    with pytest.raises(serving.RecordError, match="120 records gave 1 predictions"):
        bundle.predict(FRAME)


def test_several_targets_have_no_classes_in_common(serving: Any) -> None:
    target = np.column_stack([TARGET > 60, TARGET > 80])
    model = RandomForestClassifier(n_estimators=3, random_state=0).fit(FRAME, target)
    bundle = serving.ModelBundle.build("m", model, example=FRAME)
    assert bundle.schema.classes is None
    assert not bundle.schema.probabilities
    np.testing.assert_array_equal(bundle.predict(FRAME), model.predict(FRAME))


def test_model_that_does_not_take_its_inputs_leaves_the_one_before_it(serving: Any, tmp_path: Path) -> None:
    model = LinearRegression().fit(FRAME.to_numpy(dtype=float)[:, :2], TARGET)
    with pytest.raises(serving.BundleError, match="does not take its inputs"):
        serving.ModelBundle.build("m", model, example=FRAME)
    serving.save_model(tmp_path, "good", LinearRegression().fit(FRAME, TARGET), example=FRAME)
    assert serving.ModelBundle.load(tmp_path / serving.FOLDER).schema.model == "good"
    with pytest.raises(serving.BundleError, match="does not take its inputs"):
        serving.save_model(tmp_path, "bad", model, example=FRAME)
    assert serving.ModelBundle.load(tmp_path / serving.FOLDER).schema.model == "good"


def test_functions_without_a_name_are_saved(serving: Any, tmp_path: Path) -> None:
    model = make_pipeline(FunctionTransformer(lambda values: values**2), LinearRegression()).fit(FRAME, TARGET)
    serving.save_model(tmp_path, "squares", model, example=FRAME)
    loaded = serving.ModelBundle.load(tmp_path / serving.FOLDER)
    np.testing.assert_array_equal(loaded.predict(FRAME), model.predict(FRAME))


class ForgetsHowToLoad(LinearRegression):
    def __setstate__(self, state: Any) -> None:
        raise RuntimeError("no")


def test_model_that_cannot_be_saved_leaves_the_one_before_it(serving: Any, tmp_path: Path) -> None:
    serving.save_model(tmp_path, "good", LinearRegression().fit(FRAME, TARGET), example=FRAME)
    folder = tmp_path / serving.FOLDER
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    model = LinearRegression().fit(FRAME, TARGET)
    model.log = (tmp_path / "log").open("w")
    with model.log, pytest.raises(serving.BundleError, match="cannot be saved"):
        serving.save_model(tmp_path, "open", model, example=FRAME)
    with pytest.raises(serving.BundleError, match="cannot be saved: no"):
        serving.save_model(tmp_path, "forgets", ForgetsHowToLoad().fit(FRAME, TARGET), example=FRAME)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_model_is_saved_whole_or_not_at_all(serving: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving.save_model(tmp_path, "good", LinearRegression().fit(FRAME, TARGET), example=FRAME)
    folder = tmp_path / serving.FOLDER
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    written = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "schema.json":
            raise OSError("no space left")
        return written(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(serving.BundleError, match="no space left"):
        serving.save_model(tmp_path, "new", LinearRegression().fit(FRAME, -TARGET), example=FRAME)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_array_of_a_table_is_taken_as_the_table(serving: Any, tmp_path: Path) -> None:
    model = LinearRegression().fit(FRAME.to_numpy(dtype=float), TARGET)
    bundle = serving.ModelBundle.build("m", model, example=FRAME, container="array")
    assert [column.name for column in bundle.schema.columns] == list(FRAME.columns)
    np.testing.assert_allclose(bundle.predict(FRAME), model.predict(FRAME.to_numpy(dtype=float)))


def test_transformed_text_is_made_dense_where_the_model_needs_it(serving: Any) -> None:
    vectorizer = TfidfVectorizer().fit(TEXTS)
    dense = vectorizer.transform(TEXTS).toarray()
    model = GaussianNB().fit(dense, TEXTS.str.contains("good"))
    bundle = serving.ModelBundle.build("m", model, transformers=[vectorizer], example=TEXTS, dense=True)
    assert bundle.predict(TEXTS.to_frame()).tolist() == model.predict(dense).tolist()


def test_table_that_is_made_of_transformed_values_is_made_again(serving: Any) -> None:
    scaler = scaled(FRAME)
    table = pd.DataFrame(scaler.transform(FRAME), columns=FRAME.columns)
    bundle = serving.ModelBundle.build("m", LinearRegression().fit(table, TARGET), transformers=[scaler], example=FRAME)
    np.testing.assert_allclose(bundle.predict(FRAME), bundle.model.predict(table))


def test_columns_that_only_an_estimator_knows_are_numbers_where_it_takes_numbers(serving: Any) -> None:
    numbers = serving.ModelBundle.build("m", LinearRegression().fit(FRAME, TARGET))
    assert {(column.kind, column.missing) for column in numbers.schema.columns} == {("number", False)}
    mixed = serving.ModelBundle.build("m", mixed_model())
    assert {column.kind for column in mixed.schema.columns} == {"any"}


def test_two_columns_of_one_name_are_refused(serving: Any) -> None:
    frame = pd.concat([FRAME, FRAME], axis=1)
    with pytest.raises(serving.BundleError, match="same name"):
        serving.ModelBundle.build("m", LinearRegression().fit(frame.to_numpy(dtype=float), TARGET), example=frame)


def test_probabilities_are_those_of_the_model(serving: Any) -> None:
    model, transformers, inputs = text_model()
    bundle = serving.ModelBundle.build("m", model, transformers=transformers, example=inputs)
    assert bundle.schema.classes == [False, True]
    probabilities = bundle.probabilities(as_records(serving, inputs))
    np.testing.assert_array_equal(probabilities, model.predict_proba(transformers[0].transform(inputs)))


def compared(drift: Any, serving: Any, before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    reference = {name: serving.distribution(before[name]) for name in before}
    return [result.feature for result in drift.compare(json.loads(json.dumps(reference)), after) if result.drift]


def test_drift_is_reported_for_the_changed_feature_alone(drift: Any, serving: Any) -> None:
    before = MIXED.assign(review=TEXTS)
    assert compared(drift, serving, before, before) == []
    changes = {
        "length": before["length"] + 1.5,
        "count": before["count"] // 2,
        "city": "Rom",
        "model_x": True,
        "gap": np.nan,
        "review": TEXTS + " and more words",
    }
    for name, values in changes.items():
        assert compared(drift, serving, before, before.assign(**{name: values})) == [name]


def test_false_alarms_of_drift_are_as_rare_as_asked(drift: Any, serving: Any) -> None:
    """100 samples of 20 features without drift: at 5 % about 5 alarms; without correction it would be about 64."""
    random = np.random.default_rng(1)
    before = pd.DataFrame(random.normal(size=(400, 20))).rename(columns=str)
    alarms = sum(
        bool(compared(drift, serving, before, pd.DataFrame(random.normal(size=(60, 20))).rename(columns=str)))
        for _ in range(100)
    )
    assert alarms <= 12


def test_holm_correction_is_that_of_its_author(drift: Any) -> None:
    results = [drift.Comparison(str(number), "distribution", 0.1, p) for number, p in enumerate((0.01, 0.04, 0.03))]
    corrected = drift._holm(results, 0.05)
    assert [round(result.p_value, 10) for result in corrected] == [0.03, 0.06, 0.06]
    assert [result.drift for result in corrected] == [True, False, False]
