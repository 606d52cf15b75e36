"""The model with all that its inputs go through, saved as one artefact.

The folder of a bundle holds ``bundle.pkl`` (model and fitted transformers), ``schema.json``
(what it takes) and ``reference.json`` (the distribution of each feature, to compare with later).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Hashable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd

from serving.metadata import FOLDER

CATEGORIES = 50  # a text column with more different values is free text
LEVELS = 10  # an integer column with at most so many different values is compared by their counts
QUANTILES = 1001
LARGEST = (1e300, 1e100, 1e30, 1e15)  # numbers of which the first is allowed that the model takes


class BundleError(ValueError):
    """A bundle cannot be made, saved or loaded; the message says why."""


class RecordError(ValueError):
    """Records that the model cannot take; the message says which column and why."""


@dataclass(frozen=True)
class Column:
    """One feature, as it was in the data that the model was made with.

    Attributes:
        name: of the column.
        kind: integer, number, boolean, text, time, any (of these) or json (lists and the like too).
        dtype: type in the data frame.
        missing: values may be missing.
        typical: median, most frequent value or an example.
        minimum: smallest number.
        maximum: largest number.
        categories: the values of a text column, if they are few.
    """

    name: str
    kind: str
    dtype: str
    missing: bool
    typical: Any = None
    minimum: float | None = None
    maximum: float | None = None
    categories: list[str] | None = None


@dataclass(frozen=True)
class Schema:
    """The inputs and outputs of a model.

    Attributes:
        model: name of the model in the notebook.
        estimator: its class.
        task: what it does, for example classification.
        container: what the columns are handed over in: frame, series, array or records (a list of dictionaries).
        columns: the features in order; None where they are not known.
        classes: what a classifier chooses from.
        probabilities: the model gives a probability for each class.
        largest: number that the model takes; some calculate with few bits. None where that is not known.
    """

    model: str
    estimator: str
    task: str
    container: str
    columns: list[Column] | None
    classes: list[Any] | None
    probabilities: bool
    largest: float | None = None

    @classmethod
    def load(cls, folder: Path) -> Schema:
        """Reads the schema of a saved bundle.

        Raises:
            BundleError: there is none, or it is not readable.
        """
        try:
            data = json.loads((folder / "schema.json").read_text(encoding="utf-8"))["schema"]
            columns = data["columns"] and [Column(**column) for column in data["columns"]]
            return cls(**{**data, "columns": columns})
        except OSError as error:
            raise BundleError(f"there is no model in {folder}: train one first") from error
        except (ValueError, TypeError, KeyError) as error:
            raise BundleError(f"{folder / 'schema.json'} is not the schema of a model") from error


@dataclass
class ModelBundle:
    """A fitted model and the fitted transformers before it.

    Attributes:
        model: the fitted model.
        transformers: objects with ``transform``, or functions; inputs go through them in order.
        schema: what it takes.
        labels: labels of the columns in the data frame.
        dtypes: types of the columns in the data frame; None for any.
        reference: the distribution of each feature, by name.
        dense: what transformers give is made a dense array.
    """

    model: Any
    transformers: list[Any]
    schema: Schema
    labels: list[Hashable]
    dtypes: list[Any]
    reference: dict[str, dict[str, Any]]
    dense: bool = False

    @classmethod
    def build(
        cls,
        name: str,
        model: Any,
        *,
        transformers: Sequence[Any] = (),
        example: Any = None,
        columns: Sequence[Column] = (),
        container: str = "frame",
        dense: bool = False,
        task: str = "unknown",
    ) -> ModelBundle:
        """Makes a bundle.

        Args:
            name: of the model.
            model: fitted model.
            transformers: fitted transformers in the order in which inputs go through them.
            example: inputs before the transformers, as a data frame, a series or an array; without
                one, the columns are those that the first of these was fitted with, of any type.
            columns: what is known of them, for where there is no example.
            container: what these are handed over in; "array" for the values of an example that is a table.
            dense: what the transformers give is made a dense array.
            task: what the model does.

        Raises:
            BundleError: the model does not take the inputs of the example.
        """
        found, frame = as_frame(example)
        found = container if found == "frame" else found
        if frame is not None and frame.columns.map(str).has_duplicates:
            raise BundleError("two columns of its inputs have the same name")
        names = getattr(model, "feature_names_in_", None)
        if (
            frame is not None
            and names is not None
            and not transformers
            and set(names) <= set(frame.columns)
        ):
            frame = frame[list(names)]
        if frame is None:
            found, features = _columns_of([*transformers, model][0], model)
            if columns and _are_known(columns, features):
                found, features = container, list(columns)
        else:
            features = [_column(frame[label]) for label in frame]
        labels: list[Hashable] = (
            [column.name for column in features or []] if frame is None else list(frame.columns)
        )
        classes = getattr(model, "classes_", None)
        known = classes is not None and not isinstance(classes, list)  # a list: of several targets
        schema = Schema(
            model=name,
            estimator=type(model).__qualname__,
            task=task,
            container=found,
            columns=features,
            classes=_plain(np.asarray(classes)) if known else None,
            probabilities=known and hasattr(model, "predict_proba"),
        )
        bundle = cls(
            model=model,
            transformers=list(transformers),
            schema=schema,
            labels=labels,
            dtypes=[_dtype(column) for column in features or []]
            if frame is None
            else list(frame.dtypes),
            reference={}
            if frame is None
            else {str(label): distribution(frame[label]) for label in frame},
            dense=dense,
        )
        if frame is not None:
            try:
                with redirect_stdout(io.StringIO()):
                    bundle.predict(frame.head().rename(columns=str))
            except Exception as error:
                raise BundleError(f"it does not take its inputs: {error}") from error
            bundle.schema = replace(
                schema, largest=bundle._largest(frame.head(1).rename(columns=str))
            )
        return bundle

    def _largest(self, record: pd.DataFrame) -> float | None:
        """The largest of some numbers that the model takes, of either sign, in all columns of numbers."""
        names = [column.name for column in self.schema.columns or [] if column.kind == "number"]
        for limit in LARGEST if names else ():
            signs = [
                [1] * len(names),
                [-1] * len(names),
                [(-1) ** place for place in range(len(names))],
            ]
            rows = [
                record.assign(**{name: limit * sign for name, sign in zip(names, row, strict=True)})
                for row in signs
            ]
            try:
                with np.errstate(all="ignore"), redirect_stdout(io.StringIO()):
                    self.predict(pd.concat(rows))
            except Exception:  # a model refuses numbers in any way  # nosec B112
                continue
            return limit
        return None

    def predict(self, records: pd.DataFrame) -> Any:
        """Predict one value, or row of values, for each record.

        Raises:
            RecordError: the records are not what the model takes.
        """
        predict = getattr(self.model, "predict", None) or self.model.transform
        predictions = np.asarray(predict(self.inputs(records)))
        if len(predictions) != len(records):
            raise RecordError(f"{len(records)} records gave {len(predictions)} predictions")
        return predictions

    def probabilities(self, records: pd.DataFrame) -> Any:
        """The probability of each of ``schema.classes``, one row for each record."""
        return np.asarray(self.model.predict_proba(self.inputs(records)))

    def inputs(self, records: pd.DataFrame) -> Any:
        """Return the model's inputs for records: their columns, through the transformers."""
        inputs: Any = self.frame(records)
        if self.schema.container == "series":
            inputs = inputs.iloc[:, 0]
        elif self.schema.container == "array":
            inputs = inputs.to_numpy()
        elif self.schema.container == "records":
            inputs = inputs.to_dict("records")
        for transformer in self.transformers:
            inputs = _transformed(transformer, inputs)
            if self.dense and hasattr(inputs, "toarray"):
                inputs = inputs.toarray()
        return _accepted(self.model, inputs)

    def frame(self, records: pd.DataFrame) -> pd.DataFrame:
        """Records with the columns, their order and their types as in the notebook.

        Raises:
            RecordError: a column is missing, or a value is not of the column's type.
        """
        if self.schema.columns is None:
            return records
        absent = [column.name for column in self.schema.columns if column.name not in records]
        if absent:
            raise RecordError(f"missing columns: {', '.join(absent)}")
        columns = zip(self.schema.columns, self.labels, self.dtypes, strict=True)
        values = {
            label: _cast(records[column.name], column, dtype) for column, label, dtype in columns
        }
        return pd.DataFrame(values, index=records.index)

    def save(self, folder: Path) -> None:
        """Writes the bundle's three files beside those of the model before it, and puts them in their place: all or none.

        Raises:
            BundleError: the model holds something that cannot be saved, such as an open file.
        """
        contents = {
            name: value for name, value in vars(self).items() if name not in ("schema", "reference")
        }
        try:
            content = cloudpickle.dumps(contents)  # lambdas and functions inside functions too
            cloudpickle.loads(content)
        except Exception as error:  # pickling can fail in any way
            raise BundleError(f"it cannot be saved: {error}") from error
        digest = hashlib.sha256(content).hexdigest()
        files = {"bundle.pkl": content, "reference.json": _json(self.reference)}
        files["schema.json"] = _json(
            {"schema": asdict(self.schema), "sha256": digest}
        )  # the last: it makes the others valid
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as beside:
                for name, data in files.items():
                    Path(beside, name).write_bytes(data)
                for name in files:
                    os.replace(Path(beside, name), folder / name)
        except OSError as error:
            raise BundleError(f"it cannot be written: {error}") from error

    @classmethod
    def load(cls, folder: Path) -> ModelBundle:
        """Reads a bundle. Load only what you trust: a pickled model runs code of its maker.

        Raises:
            BundleError: there is none, or its files do not belong together.
        """
        schema = Schema.load(folder)
        try:
            content = (folder / "bundle.pkl").read_bytes()
            digest = json.loads((folder / "schema.json").read_text(encoding="utf-8"))["sha256"]
            if hashlib.sha256(content).hexdigest() != digest:
                raise BundleError(f"schema.json in {folder} is that of another model: train again")
            contents = cloudpickle.loads(content)
            reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
        except OSError as error:
            raise BundleError(f"there is no whole model in {folder}: train one first") from error
        return cls(**contents, schema=schema, reference=reference)


def save_model(
    root: Path,
    name: str,
    model: Any,
    *,
    transformers: Sequence[Any] = (),
    example: Any = None,
    columns: Sequence[Column] = (),
    container: str = "frame",
    dense: bool = False,
    task: str = "unknown",
) -> None:
    """Saves the model of a run as a bundle in the project; where that fails, the one before it stays in service.

    Args:
        root: folder of the project.
        name: of the model.
        model: fitted model.
        transformers: fitted transformers in the order in which inputs go through them.
        example: inputs before the transformers.
        columns: what is known of them, for where there is no example.
        container: what these are handed over in; "array" for the values of an example that is a table.
        dense: what the transformers give is made a dense array.
        task: what the model does.

    Raises:
        BundleError: it does not take its inputs, or cannot be saved.
    """
    known: dict[str, Any] = {
        "columns": columns,
        "container": container,
        "dense": dense,
        "task": task,
    }
    bundle = ModelBundle.build(name, model, transformers=transformers, example=example, **known)
    bundle.save(root / FOLDER)


def distribution(values: pd.Series[Any]) -> dict[str, Any]:
    """How values are distributed: counts of the values if they are few, else quantiles; of free text, of its length."""
    present, kind = values.dropna(), _kind(values)
    summary: dict[str, Any] = {"rows": len(values), "missing": len(values) - len(present)}
    if kind in ("time", "any", "json") or present.empty:
        return summary
    few = {"integer": LEVELS, "boolean": 2, "text": CATEGORIES}.get(kind, 0)
    if present.nunique() <= few:
        counts = present.map(str).value_counts().sort_index()
        return {**summary, "counts": {str(value): int(count) for value, count in counts.items()}}
    levels = np.linspace(0, 1, min(QUANTILES, len(present)))
    quantiles = np.quantile(numbers(present), levels, method="inverted_cdf")
    return {**summary, "quantiles": [float(value) for value in quantiles]}


def numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return the numbers that quantiles are of: the values as numbers, the length of texts."""
    return (values.str.len() if _kind(values) == "text" else values).astype(float)


def as_frame(example: Any) -> tuple[str, pd.DataFrame | None]:
    """The kind of container that inputs are in (frame, series, array or records), and their columns."""
    if example is None:
        return "frame", None
    if isinstance(example, pd.DataFrame):
        return "frame", example
    if isinstance(example, pd.Series):
        return "series", example.to_frame("value" if example.name is None else example.name)
    if (
        isinstance(example, list)
        and example
        and all(isinstance(record, dict) for record in example)
        and all(record.keys() == example[0].keys() for record in example)
    ):
        return "records", pd.DataFrame(example)
    array = example.toarray() if hasattr(example, "toarray") else np.asarray(example)
    if array.ndim == 1:
        return "series", pd.DataFrame({"value": array})
    if array.ndim != 2:
        raise BundleError(f"its inputs have {array.ndim} dimensions")
    return "array", pd.DataFrame(
        array, columns=[f"feature_{number}" for number in range(array.shape[1])]
    )


def _kind(values: pd.Series[Any]) -> str:
    types = pd.api.types
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.categories.to_series()
    present = values.dropna()
    for kind, holds in (
        ("boolean", types.is_bool_dtype),
        ("integer", types.is_integer_dtype),
        ("number", types.is_float_dtype),
        ("time", types.is_datetime64_any_dtype),
    ):
        if holds(values.dtype) or (
            values.dtype == object and len(present) and holds(present.infer_objects())
        ):
            return kind
    if present.map(lambda value: isinstance(value, str)).all():
        return "text"
    return (
        "any"
        if present.map(lambda value: isinstance(value, (str, bool, int, float, np.generic))).all()
        else "json"
    )


def _columns_of(estimator: Any, model: Any) -> tuple[str, list[Column] | None]:
    """The container and columns that an estimator was fitted with, as far as it knows them.

    What takes a row of zeros and has nothing in it that looks at categories or text takes numbers.
    """
    if hasattr(estimator, "vocabulary_"):
        return "series", [Column("text", "text", "object", missing=False)]
    names = getattr(estimator, "feature_names_in_", None)
    container = "array" if names is None else "frame"
    if names is None and hasattr(estimator, "n_features_in_"):
        names = [f"feature_{number}" for number in range(estimator.n_features_in_)]
    if names is None:
        return "frame", None
    if _takes_numbers(estimator, model):
        return container, [
            Column(str(name), "number", "float64", missing=False, typical=0.0) for name in names
        ]
    return container, [Column(str(name), "any", "object", missing=True) for name in names]


def _takes_numbers(estimator: Any, model: Any) -> bool:
    """Whether an estimator can only have been fitted with numbers."""
    if any(
        hasattr(estimator, name)
        for name in ("categories_", "steps", "transformers_", "transformer_list", "func")
    ):
        return False
    names = getattr(estimator, "feature_names_in_", None)
    zeros: Any = np.zeros((1, estimator.n_features_in_))
    zeros = zeros if names is None else pd.DataFrame(zeros, columns=names)
    try:
        with redirect_stdout(io.StringIO()):
            _ = estimator.predict(zeros) if estimator is model else estimator.transform(zeros)
    except Exception:  # whatever it says, these are not its inputs
        return False
    return True


def _are_known(columns: Sequence[Column], features: list[Column] | None) -> bool:
    """Whether an estimator can have been fitted with some columns, by the features that it knows of itself."""
    names = [feature.name for feature in features or []]
    return not names or names == ["text"] or len(names) == len(columns)


def _dtype(column: Column) -> Any:
    """The type of a column in the data frame; None for any."""
    return None if column.kind in ("any", "json") or column.dtype == "category" else column.dtype


def _column(values: pd.Series[Any]) -> Column:
    kind, present = _kind(values), values.dropna()
    typical, minimum, maximum, categories = None, None, None, None
    if len(present):
        if kind in ("integer", "number"):
            quantiles = np.quantile(present.astype(float), (0, 0.5, 1), method="inverted_cdf")
            minimum, typical, maximum = (float(value) for value in quantiles)
            typical = int(typical) if kind == "integer" else typical
        elif kind not in ("any", "json"):
            typical = _plain(present.mode())[0]
        if kind == "text" and present.nunique() <= min(CATEGORIES, len(present) // 2):
            categories = sorted(map(str, present.unique()))
    return Column(
        name=str(values.name),
        kind=kind,
        dtype=str(values.dtype),
        missing=len(present) < len(values),
        typical=typical if kind != "text" or categories else "text",
        minimum=minimum,
        maximum=maximum,
        categories=categories,
    )


def _cast(values: pd.Series[Any], column: Column, dtype: Any) -> pd.Series[Any]:
    """The values of one column with the type that the model knows."""
    if dtype is None:
        return values
    absent = values.isna()
    if absent.any() and not column.missing:
        raise RecordError(f"column {column.name!r}: a value is missing")
    try:
        if column.kind in ("integer", "number", "boolean"):
            values = pd.to_numeric(values)
            if column.kind == "integer" and (values.dropna() % 1 != 0).any():
                raise RecordError(f"column {column.name!r}: not a whole number")
            if column.kind == "boolean" and not values.dropna().isin([0, 1]).all():
                raise RecordError(f"column {column.name!r}: neither true nor false")
        elif column.kind == "time":
            values = pd.to_datetime(values)
        elif column.kind == "text":
            if not values[~absent].map(lambda value: isinstance(value, str)).all():
                raise RecordError(f"column {column.name!r}: not text")
            values = values.astype(object).where(~absent, np.nan)
        with np.errstate(invalid="ignore"):
            cast = values.astype(dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise RecordError(f"column {column.name!r}: {error}") from error
    if (cast.isna() & ~absent).any():
        raise RecordError(f"column {column.name!r}: an unknown category")
    if column.kind == "integer" and (cast != values)[~absent].any():
        raise RecordError(f"column {column.name!r}: too large a number")
    return cast


def _transformed(transformer: Any, inputs: Any) -> Any:
    """Inputs after a transformer; where it was fitted with some of the columns, these are replaced."""
    transform: Callable[[Any], Any] = getattr(transformer, "transform", transformer)
    names = list(getattr(transformer, "feature_names_in_", ()))
    if isinstance(inputs, pd.DataFrame) and names and set(names) < set(inputs.columns):
        outputs = inputs.copy()
        outputs[names] = transform(inputs[names])
        return outputs
    return transform(_accepted(transformer, inputs))


def _accepted(estimator: Any, inputs: Any) -> Any:
    """Inputs in the form that an estimator was fitted with: its columns in its order, or an array."""
    if isinstance(inputs, pd.DataFrame) and hasattr(estimator, "n_features_in_"):
        names = getattr(estimator, "feature_names_in_", None)
        if names is not None:  # some estimators spell them in a way of their own
            return inputs[list(names)] if set(names) <= set(inputs.columns) else inputs
        if all(isinstance(label, str) for label in inputs.columns):
            return inputs.to_numpy()
    if (
        isinstance(inputs, np.ndarray) and inputs.ndim == 2
    ):  # that the notebook made a table of again
        names = getattr(estimator, "feature_names_in_", None)
        if names is not None and len(names) == inputs.shape[1]:
            return pd.DataFrame(inputs, columns=list(names))
    return inputs


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False, default=str) + "\n").encode()


def _plain(values: Any) -> list[Any]:
    """Values of an array or series as numbers, text and lists of them."""
    plain: list[Any] = values.tolist()
    return [value.isoformat() if hasattr(value, "isoformat") else value for value in plain]
