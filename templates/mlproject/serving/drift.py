"""Compares new data with the data that the model was trained with, feature by feature.

Numbers, and the length of free text: two-sample Kolmogorov-Smirnov test. Categories, and how many values are missing: chi-square test. The
p-values of all tests are corrected by Holm's method, so that the chance of a false alarm is ``--alpha`` for the whole
comparison and not for each feature.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from serving.bundle import BundleError, Schema, numbers
from serving.metadata import FOLDER
from serving.predict import read

MINIMUM = 30  # values; fewer are not compared
EXPECTED = 5  # rarer categories are counted together


@dataclass(frozen=True)
class Comparison:
    """One feature.

    Attributes:
        feature: its name.
        test: what was compared: distribution, categories, missing; or none.
        statistic: of the test.
        p_value: corrected for the number of tests.
        drift: the distribution has changed.
        note: why there is no test.
    """

    feature: str
    test: str
    statistic: float | None = None
    p_value: float | None = None
    drift: bool = False
    note: str = ""


def compare(
    reference: dict[str, dict[str, Any]], current: pd.DataFrame, alpha: float = 0.05
) -> list[Comparison]:
    """Compares data with the reference of a bundle.

    Args:
        reference: distribution of each feature, by name.
        current: new data with these features as columns.
        alpha: chance of a false alarm.
    """
    results: list[Comparison] = []
    for name, summary in reference.items():
        if name not in current:
            results.append(Comparison(name, "none", note="not in the data"))
            continue
        values = current[name]
        results.append(_compare_values(name, summary, values))
        if summary["missing"] or values.isna().any():
            results.append(_compare_missing(name, summary, values))
    return _holm(results, alpha)


def _compare_values(name: str, summary: dict[str, Any], values: pd.Series[Any]) -> Comparison:
    present = values.dropna()
    if min(len(present), summary["rows"] - summary["missing"]) < MINIMUM:
        return Comparison(name, "none", note=f"fewer than {MINIMUM} values")
    if "quantiles" in summary:
        # Ten digits: what another way of reading changes in the last one is no drift.
        before, after = (
            [float(f"{value:.10g}") for value in side]
            for side in (summary["quantiles"], numbers(present))
        )
        result = stats.ks_2samp(before, after)
        return Comparison(name, "distribution", float(result.statistic), float(result.pvalue))
    if "counts" in summary:
        return _chi_square(name, "categories", summary["counts"], Counter(present.map(str)))
    return Comparison(name, "none", note="not comparable")


def _compare_missing(name: str, summary: dict[str, Any], values: pd.Series[Any]) -> Comparison:
    missing = int(values.isna().sum())
    before = {"missing": summary["missing"], "present": summary["rows"] - summary["missing"]}
    return _chi_square(
        name, "missing", before, {"missing": missing, "present": len(values) - missing}
    )


def _chi_square(name: str, test: str, before: dict[str, int], after: dict[str, int]) -> Comparison:
    """Chi-square test of two counts; categories too rare for it are counted together."""
    keys = sorted(set(before) | set(after))
    table = np.array(
        [[before.get(key, 0) for key in keys], [after.get(key, 0) for key in keys]], dtype=float
    )
    total, rows = table.sum(), table.sum(axis=1, keepdims=True)
    if (rows == 0).any() or rows.min() < MINIMUM:
        return Comparison(name, "none", note=f"fewer than {MINIMUM} values")
    rare = (rows * table.sum(axis=0) / total < EXPECTED).any(axis=0)
    if rare.any():
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return Comparison(name, test, 0.0, 1.0)
    result = stats.chi2_contingency(table)
    return Comparison(name, test, float(result.statistic), float(result.pvalue))


def _holm(results: list[Comparison], alpha: float) -> list[Comparison]:
    """Corrects the p-values for their number: Holm, Scandinavian Journal of Statistics 6 (1979)."""
    tested = sorted(
        (result.p_value, place)
        for place, result in enumerate(results)
        if result.p_value is not None
    )
    corrected, largest = list(results), 0.0
    for rank, (p_value, place) in enumerate(tested):
        largest = max(largest, min(1.0, p_value * (len(tested) - rank)))
        corrected[place] = replace(results[place], p_value=largest, drift=largest < alpha)
    return corrected


def table(results: list[Comparison]) -> str:
    """The results for people, features with drift first."""
    width = max((len(result.feature) for result in results), default=7)
    lines = [f"{'feature':{width}}  {'test':12}  statistic  p-value  drift"]
    for result in sorted(results, key=lambda result: not result.drift):
        if result.p_value is None or result.statistic is None:
            lines.append(f"{result.feature:{width}}  {result.test:12}  {result.note}")
        else:
            numbers = f"{result.statistic:9.3f}  {result.p_value:7.2g}"
            lines.append(
                f"{result.feature:{width}}  {result.test:12}  {numbers}  {'yes' if result.drift else 'no'}"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None, root: Path | None = None) -> int:
    """Compares a file with the reference.

    Args:
        arguments: of the command line; those of the process by default.
        root: folder of the project; by default the working directory.

    Returns:
        Exit code: 0 no drift, 1 drift, 2 nothing could be compared.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, help="folder of the model, or its reference.json")
    parser.add_argument(
        "--current", type=Path, required=True, help="CSV, JSON, JSON Lines or Parquet file"
    )
    parser.add_argument("--alpha", type=float, default=0.05, help="chance of a false alarm")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    reference = options.reference or (root or Path.cwd()) / FOLDER
    folder = reference.parent if reference.suffix == ".json" else reference
    try:
        schema = Schema.load(folder)
        known = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
        current = read(options.current, schema)
    except (OSError, ImportError, BundleError, ValueError) as error:
        print(f"{options.current}: {error}", file=sys.stderr)
        return 2
    results = compare(known, current, options.alpha)
    if not any(result.p_value is not None for result in results):
        print(f"{options.current}: nothing to compare, see the notes", file=sys.stderr)
    print(
        json.dumps([asdict(result) for result in results], indent=1)
        if options.json
        else table(results)
    )
    if all(result.p_value is None for result in results):
        return 2
    return int(any(result.drift for result in results))


if __name__ == "__main__":
    raise SystemExit(main())
