"""Functions are named after the notebook's headings, as a person would."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from nbmde import m2m

LAYOUT = tomllib.loads(
    (Path(__file__).parents[2] / "transformations" / "knowledge" / "layout.toml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Data Preparation", ["data_preparation"]),
        ("3.1 Loading the data", ["load_data"]),
        ("Training and evaluating", ["train_evaluate"]),
        ("Training accuracy", ["training_accuracy"]),
        ("Training the pipeline", ["train_pipeline"]),
        (
            "Fill the missing values in age and in embarked",
            ["fill_missing_values", "fill_missing_values_age_embarked"],
        ),
        ("Out-of-Bag evaluation", ["out_bag_evaluation"]),
        ("Now we can look at what the model has learned", []),
        ("Clasificación binaria", ["clasificacion_binaria"]),
        ("Step 2: Compile", ["compile"]),
        ("10.", []),
        ("<b>数据</b>", []),
    ],
)
def test_a_heading_gives_names_the_best_first(heading: str, names: list[str]) -> None:
    m2m.find("notebook2workflow")
    from nbmde_transformations.notebook2workflow.naming import slugs

    assert slugs(heading, LAYOUT) == names
