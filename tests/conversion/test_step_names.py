"""Functions are named after the notebook's headings, as a person would."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from oracle import Oracle

from nbmde.engine import m2m

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
        ("Testing accuracy", ["testing_accuracy"]),
        ("Testing data", ["testing_data"]),
        ("Testing the model", ["test_model"]),
        ("Training loss", ["training_loss"]),
        ("Training curves", ["training_curves"]),
        ("Training results", ["training_results"]),
        ("Training error", ["training_error"]),
        ("Training set", ["training_set"]),
        ("Training trees", ["train_trees"]),
        ("Plotting accuracy", ["plot_accuracy"]),
        ("Sort the apples of our garden", ["sort_apples_garden"]),
        ("Let us sort a few apples", []),
        ("So sort", ["sort"]),
        ("Sort apples because pears go bad", ["sort_apples", "sort_apples_because_pears_go"]),
        ("Sort big apples (pears, plums)", ["sort_big_apples", "sort_big_apples_pears_plums"]),
        ("Sort big apples: pears plums", ["sort_big_apples", "sort_big_apples_pears_plums"]),
        ("Sort big apples using pears plums", ["sort_big_apples", "sort_big_apples_pears_plums"]),
        ("Sort big apples without pears", ["sort_big_apples", "sort_big_apples_without_pears"]),
        ("We sort the big apples", []),
        ("This is what apples are", []),
        ("Here are the five big apples", []),
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


def test_steps_that_do_the_same_are_named_after_what_they_are_about(oracle: Oracle) -> None:
    cells = [
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.tree import DecisionTreeClassifier\n"
        "X, y = [[0], [1], [2], [3]], [0, 0, 1, 1]\nlogreg = LogisticRegression().fit(X, y)\n"
        "tree = DecisionTreeClassifier().fit(X, y)",
        "print(logreg.predict(X))",
        "print(X)",
        "print(tree.predict(X))",
        "print(y)",
        "print(tree.predict([[5]]))",
    ]
    folder, _ = oracle.convert([(cell, []) for cell in cells], apart=True)
    steps = [path.read_text(encoding="utf-8") for path in (folder / "src" / "story").rglob("*.py")]
    names = {name for text in steps for name in re.findall(r"^def (predict_\w+)\(", text, re.MULTILINE)}
    assert names == {"predict_values", "predict_tree", "predict_tree_2"}


def test_a_step_that_only_sets_how_is_drawn_is_not_said_to_plot(oracle: Oracle) -> None:
    cells = [
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.figsize'] = (3, 3)\nplt.ion();",
        "plt.plot([1, 2]);",
    ]
    folder, _ = oracle.convert([(cell, []) for cell in cells], apart=True)
    steps = [path.read_text(encoding="utf-8") for path in (folder / "src" / "story").rglob("*.py")]
    names = re.findall(r"^@step\ndef (\w+)\(", "\n".join(steps), re.MULTILINE)
    assert sorted(names) == ["plot_data", "set_plot_options"]
