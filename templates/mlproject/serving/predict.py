"""Scores a file of records with the saved model."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from serving.bundle import BundleError, ModelBundle, RecordError, Schema
from serving.metadata import FOLDER

SUFFIXES = (".csv", ".json", ".jsonl", ".parquet")


def score(records: pd.DataFrame, bundle: ModelBundle) -> pd.DataFrame:
    """The records with what the model predicts for each, and the probabilities of a classifier."""
    values = bundle.predict(records)
    if values.ndim == 1:
        columns = {"prediction": values}
    else:
        columns = {f"prediction_{number}": column for number, column in enumerate(values.T)}
    if bundle.schema.probabilities and bundle.schema.classes is not None:
        probabilities = bundle.probabilities(records)
        for label, column in zip(bundle.schema.classes, probabilities.T, strict=True):
            columns[f"probability_{label}"] = column
    return records.assign(**columns)


def read(path: Path, schema: Schema) -> pd.DataFrame:
    """The records of a CSV, JSON, JSON Lines or Parquet file.

    Raises:
        ValueError: the file holds something else.
    """
    if path.suffix == ".jsonl":
        lines = path.read_text(encoding="utf-8").splitlines()
        return pd.DataFrame([json.loads(line) for line in lines if line.strip()])
    if path.suffix == ".json":
        data = json.loads(path.read_text(encoding="utf-8"))
        return pd.DataFrame(
            data["records"] if isinstance(data, dict) and "records" in data else data
        )
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix != ".csv":
        raise ValueError(f"no kind of file that is read here; known: {', '.join(SUFFIXES)}")
    text = {column.name: str for column in schema.columns or [] if column.kind == "text"}
    return pd.read_csv(path, dtype=text, float_precision="round_trip")


def write(table: pd.DataFrame, path: Path) -> None:
    """Writes a table as its file's suffix says.

    Raises:
        ValueError: the suffix is none of those that are known, or the table does not fit the kind of file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        table.to_json(path, orient="records", indent=1, double_precision=15)
    elif path.suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True, double_precision=15)
    elif path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        raise ValueError(f"no kind of file that is written here; known: {', '.join(SUFFIXES)}")


def main(arguments: Sequence[str] | None = None, root: Path | None = None) -> int:
    """Scores a file.

    Args:
        arguments: of the command line; those of the process by default.
        root: folder of the project; by default the working directory.

    Returns:
        Exit code: 0, or 1 when the model or the file is not usable.
    """
    root = root or Path.cwd()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--input", type=Path, required=True, help="CSV, JSON, JSON Lines or Parquet file"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=root / "outputs/predictions/predictions.csv",
        help="file to write, of one of these kinds",
    )
    parser.add_argument("--model", type=Path, default=root / FOLDER, help="folder of the model")
    options = parser.parse_args(arguments)
    file = options.input
    try:
        bundle = ModelBundle.load(options.model)
        scored = score(read(file, bundle.schema), bundle)
        file = options.output
        write(scored, file)
    except (
        OSError,
        ImportError,
        BundleError,
        RecordError,
        ValueError,
    ) as error:  # pandas may lack a library
        print(f"{file}: {error}", file=sys.stderr)
        return 1
    print(f"{len(scored)} predictions: {options.output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
