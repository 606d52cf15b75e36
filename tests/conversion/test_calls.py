"""Calls by which something is decided are elements, with their arguments; code has the literals that these have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from notebooks import REGISTRY, generate, write_files, write_notebook

from nbmde.engine import constraints, models, pipeline

CELLS = [
    "import pandas as pd\nfrom sklearn.linear_model import Ridge\nfrom sklearn.metrics import r2_score",
    "flats = pd.read_csv('flats.csv', sep=',', thousands=None, nrows=100)",
    "def load(path):\n    return pd.read_csv(path, sep=',')\nmore = load('more.csv')",
    "model = Ridge(alpha=0.5, fit_intercept=True)\nmodel.fit(flats[['size']], flats['rent'])",
    "r2 = r2_score(flats['rent'], model.predict(flats[['size']]))\nprint(round(r2, 3), len(flats), len(more))",
    "flats.to_csv('copy.csv', index=False)",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flats")
    rows = "size,rent\n30,500\n45,700\n60,900\n"
    write_files(folder, {"flats.csv": rows, "more.csv": rows})
    return generate(write_notebook(folder / "flats.ipynb", CELLS), folder / "project")


@pytest.fixture
def workflow(project: Path) -> Any:
    return models.load(project / ".nbmde/workflow.xmi", REGISTRY)


def calls(workflow: Any) -> dict[str, Any]:
    statements = [*workflow.definitions, *(statement for step in workflow.steps for statement in step.statements)]
    return {f"{statement.cellNumber} {call.name}": call for statement in statements for call in statement.calls}


def code(workflow: Any, project: Path) -> str:
    """What is generated of an edited workflow."""
    path = project / ".nbmde/workflow.xmi"
    before = path.read_bytes()
    models.save({path: workflow}, REGISTRY)
    files = pipeline.run(pipeline.find("nb2project"), path, models.Registry(), {}).files
    path.write_bytes(before)
    return "\n".join(file.content.decode() for name, file in files.items() if name.startswith("src/"))


def test_calls_that_decide_something_are_there(workflow: Any) -> None:
    assert [(one, call.kind) for one, call in sorted(calls(workflow).items())] == [
        ("2 pandas.read_csv", "dataset"),
        ("3 pandas.read_csv", "dataset"),
        ("4 sklearn.linear_model.Ridge", "model"),
        ("5 sklearn.metrics.r2_score", "metric"),
        ("6 .to_csv", None),
    ]


def test_arguments_are_literals_names_settings_and_paths(workflow: Any) -> None:
    found = calls(workflow)
    read, path = found["2 pandas.read_csv"], found["3 pandas.read_csv"].arguments[0]
    assert [(one.keyword, one.value) for one in read.arguments] == [
        (None, '"flats.csv"'),
        ("sep", '","'),
        ("thousands", None),
        ("nrows", "100"),
    ]
    statement = read.eContainer()
    assert [statement.text[one.start : one.end] for one in read.arguments] == ["'flats.csv'", "','", "None", "100"]
    assert (path.value, path.symbol) == (None, None), "a parameter is no name of the notebook"
    assert [file.argument for file in statement.files] == [read.arguments[0]]
    assert read.result.name == "flats"
    assert found["6 .to_csv"].receiver.name == "flats"


def test_settings_models_and_metrics_know_their_calls(workflow: Any) -> None:
    found = calls(workflow)
    ridge = found["4 sklearn.linear_model.Ridge"]
    (model,), (metric,) = workflow.models, workflow.metrics
    assert (model.call, metric.call) == (ridge, found["5 sklearn.metrics.r2_score"])
    assert {one.keyword: one.setting.name for one in ridge.arguments} == {
        "alpha": "alpha",
        "fit_intercept": "fit_intercept",
    }
    assert {one.argument.call.name for one in workflow.settings if one.role.name == "hyperparameter"} == {ridge.name}


def test_another_literal_is_in_the_code(workflow: Any, project: Path) -> None:
    sep, nrows = calls(workflow)["2 pandas.read_csv"].arguments[1::2]
    sep.value, nrows.value = '"a \\"b\\""', "7"
    next(symbol for symbol in workflow.symbols if symbol.name == "flats").name = "homes"
    calls(workflow)["3 pandas.read_csv"].arguments[1].value = '"\\t"'
    assert [one.message for one in constraints.check(workflow, REGISTRY) if one.severity == "error"] == []
    text = code(workflow, project).replace('"', "'")
    assert "homes = pd.read_csv(" in text
    assert "sep='a 'b'', thousands=None, nrows=7)" in text
    assert r"pd.read_csv(locate(path), sep='\t')" in text


@pytest.mark.parametrize(
    ("keyword", "value", "text", "reason"),
    [
        ("sep", "[1]", "", r"\[1\] is no single value"),
        ("sep", "plain", "", "'plain' is no JSON"),
        (
            "sep",
            '";"',
            "flats = pd.read_csv('flats.csv', sep='|', thousands=None, nrows=100)",
            'stands for ",", and the text',
        ),
        (None, '"other.csv"', "", "is that of the setting"),
        ("thousands", "3", "", "it stands for None"),
    ],
)
def test_a_literal_that_cannot_be_another_one_is_refused(
    workflow: Any, keyword: str | None, value: str, text: str, reason: str
) -> None:
    call = calls(workflow)["2 pandas.read_csv"]
    argument = next(one for one in call.arguments if one.keyword == keyword)
    argument.value = value
    if text:
        call.eContainer().text = text
    found = [one for one in constraints.check(workflow, REGISTRY) if one.code == "argument_is_a_literal"]
    assert [one.element for one in found] == [argument]
    assert re.search(reason, found[0].message)
