"""Refinements find what a Workflow model says: one by one, from saved states, again, and without some of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import m2m, models, pipeline
from nbmde.engine.chain import Step
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import Files
from nbmde.engine.states import States

CELLS = (
    ("markdown", "# Prices of houses\n\nWhat is a house worth?"),
    ("code", "import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import Ridge"),
    ("code", "from sklearn.model_selection import train_test_split\nfrom sklearn.preprocessing import StandardScaler"),
    ("markdown", "## Read the data"),
    ("code", "df = pd.read_csv('houses.csv')\ndf.head()"),
    ("code", "X = df[['area', 'rooms']]\ny = df['price']\ntest_size = 0.25"),
    ("code", "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=test_size, random_state=7)"),
    (
        "code",
        "X_train = StandardScaler().fit_transform(X_train)\nmodel = Ridge(alpha=0.5)\nmodel.fit(X_train, y_train)",
    ),
    ("code", "df.hist()"),
    ("code", "score = model.score(StandardScaler().fit_transform(X_test), y_test)\nprint(score)"),
    ("code", "pd.DataFrame({'score': [score]}).to_csv('scores.csv')"),
)
REFINEMENTS = [step.name for step in pipeline.of_transformation("notebook2workflow").steps if step.kind == "refine"]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook")
    cells = [
        {"cell_type": kind, "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for kind, source in CELLS
    ]
    (folder / "houses.ipynb").write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8"
    )
    (folder / "houses.csv").write_text("area,rooms,price\n1,2,3\n", encoding="utf-8")
    return folder / "houses.ipynb"


def run(source: Path, registry: models.Registry | None = None, **more: Any) -> pipeline.Outcome:
    chain = pipeline.find("nb2project")
    return pipeline.run(chain, source, registry or models.Registry(), {}, **more)


def contents(files: Files) -> dict[str, bytes]:
    return {path: file.content for path, file in files.items()}


@pytest.fixture(scope="module")
def whole(notebook: Path) -> dict[str, bytes]:
    return contents(run(notebook).files)


def code(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if not path.startswith(".nbmde/")}


def test_what_is_kept_between_refinements_holds_no_decision(notebook: Path, whole: dict[str, bytes]) -> None:
    m2m.find("notebook2workflow.naming")
    from nbmde_transformations.notebook2workflow import index

    def dropped(step: Step, roots: tuple[Any, ...]) -> None:
        index.drop()

    assert contents(run(notebook, state=dropped).files) == whole


def test_every_state_is_gone_on_from(notebook: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    registry = models.Registry()
    states = States(registry)
    assert contents(run(notebook, registry, state=states).files) == whole, "pictures change nothing"
    pipeline.save_files(states.files, tmp_path)
    found = sorted(tmp_path.glob("*/workflow.xmi"))
    assert [path.parent.name[3:] for path in found][1:] == [name.rpartition(".")[2] for name in REFINEMENTS]
    for path in found:
        again = run(path)
        assert code(contents(again.files)) == code(whole), path
        (project,) = again.roots
        assert [record.name for record in project.workflow.refined] == REFINEMENTS


def test_a_model_on_which_all_has_run_stays_as_it_is(notebook: Path, tmp_path: Path) -> None:
    registry = models.Registry()
    states = States(registry)
    run(notebook, registry, state=states, until=REFINEMENTS[-1])
    pipeline.save_files(states.files, tmp_path)
    (last,) = tmp_path.glob("*-occurrences/workflow.xmi")
    again = run(last, until=REFINEMENTS[-1])
    assert [record.name for record in again.root.refined] == REFINEMENTS
    assert not again.profiles


@pytest.mark.parametrize("name", REFINEMENTS)
def test_a_second_run_of_a_refinement_changes_nothing(name: str, notebook: Path) -> None:
    registry = models.Registry()
    outcome = run(notebook, registry, until=REFINEMENTS[-1])
    result = m2m.run(m2m.find(name), outcome.root, registry, pipeline.Options.of(registry, {}))
    assert [link.rule for link in result.trace.links] == []


def test_what_a_user_leaves_out_is_not_decided(notebook: Path) -> None:
    plain = run(notebook, without=["naming", "settings", "exploration"], until="occurrences").root
    names = [step.name for step in plain.steps]
    assert all(name.startswith("step_") for name in names), "each by the number of its first cell"
    assert len(names) == len(set(names))
    assert not len(plain.settings)
    assert not any(step.exploration for step in plain.steps)
    assert [record.name for record in plain.refined] == [
        name for name in REFINEMENTS if name.rpartition(".")[2] not in ("naming", "settings", "exploration")
    ]
    files = run(notebook, without=["naming", "settings", "exploration", "recorded"]).files
    assert any("def step_1" in file.content.decode() for path, file in files.items() if path.endswith(".py"))


def test_what_later_steps_need_is_not_left_out(notebook: Path) -> None:
    with pytest.raises(NbmdeError, match=r"refine notebook2workflow\.interfaces cannot be left out"):
        run(notebook, without=["interfaces"])


def test_the_options_of_a_refinement_are_kept_in_the_model(notebook: Path) -> None:
    chain = pipeline.find("nb2project")
    registry = models.Registry()
    root = pipeline.run(chain, notebook, registry, {"serve": "model"}, until="occurrences").root
    assert {record.name: list(record.options) for record in root.refined if len(record.options)} == {
        "notebook2workflow.service": ["serve=model"]
    }


def test_a_model_that_is_marked_before_the_service_is_made_is_the_one_that_is_served(tmp_path: Path) -> None:
    cells = ["import pandas as pd", "from sklearn.linear_model import Lasso, Ridge", "df = pd.read_csv('h.csv')"]
    cells += ["X, y = df[['a']], df['b']", "first = Ridge().fit(X, y)", "second = Lasso().fit(X, y)"]
    code = [{"cell_type": "code", "metadata": {}, "source": one, "outputs": [], "execution_count": 1} for one in cells]
    notebook = {"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "h.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "h.csv").write_text("a,b\n1,2\n3,5\n", encoding="utf-8")
    registry = models.Registry()
    states = States(registry)
    run(tmp_path / "h.ipynb", registry, state=states, until="metrics")
    pipeline.save_files(states.files, tmp_path)
    (path,) = tmp_path.glob("*-metrics/workflow.xmi")
    marked = models.load(path, models.Registry())
    assert not any(model.served for model in marked.models)
    next(model for model in marked.models if model.symbol.name == "first").served = True
    models.save({path: marked}, models.Registry())
    served = run(path, until="occurrences").root.models
    assert [(model.symbol.name, model.served, model.reason) for model in served] == [
        ("first", True, "it was chosen"),
        ("second", False, None),
    ]


def extension(folder: Path, over: str, text: str) -> models.Registry:
    """A registry with an extension that lays some code over a refinement."""
    (folder / "mine/transformations").mkdir(parents=True)
    begin = f'from nbmde.m2m import Transformation\n\ntransformation = Transformation("mine", superimposes="{over}")\n'
    (folder / "mine/transformations/mine.py").write_text(f"{begin}\n\n{text}\n")
    return models.Registry((folder / "mine",))


def test_what_a_user_names_is_served_whatever_an_extension_wants(notebook: Path, tmp_path: Path) -> None:
    text = '@transformation.helper("Workflow")\ndef wanted(t, workflow):\n    return "model"'
    registry = extension(tmp_path, "notebook2workflow.service", text)
    chain = pipeline.find("nb2project", registry.extensions)
    chosen = pipeline.run(chain, notebook, registry, {"serve": "model"}, until="service").root
    assert [model.reason for model in chosen.models if model.served] == ["it was chosen"]
    with pytest.raises(NbmdeError, match="the model in 'nothing' cannot be served"):
        pipeline.run(chain, notebook, registry, {"serve": "nothing"}, until="service")
    with pytest.raises(NbmdeError, match=r"the helper wanted gives 'model', which is no model .*t.helpers.candidates"):
        pipeline.run(chain, notebook, registry, {}, until="service")


def test_steps_that_are_no_neighbours_are_not_joined(notebook: Path, tmp_path: Path) -> None:
    text = (
        '@transformation.rule("Workflow")\ndef cut(t, workflow):\n'
        '    t.make("joined", (workflow.steps[0], workflow.steps[2]))'
    )
    registry = extension(tmp_path, "notebook2workflow.cuts", text)
    with pytest.raises(NbmdeError, match="are no neighbours and cannot be joined"):
        pipeline.run(pipeline.find("nb2project", registry.extensions), notebook, registry, {}, until="cuts")


def test_a_refinement_of_an_extension_whose_place_is_passed_is_told(notebook: Path, tmp_path: Path) -> None:
    (tmp_path / "mine/transformations").mkdir(parents=True)
    for name, place in (("early", "naming"), ("late", "occurrences")):
        (tmp_path / f"mine/transformations/{name}.py").write_text(
            "from nbmde.m2m import Transformation\n\n"
            f'transformation = Transformation("{name}", refines="workflow", after="notebook2workflow.{place}")\n'
        )
    registry = models.Registry((tmp_path / "mine",))
    chain = pipeline.find("nb2project", registry.extensions)
    plain = models.Registry()
    states = States(plain)
    run(notebook, plain, state=states, until="exploration")
    pipeline.save_files(states.files, tmp_path)
    (path,) = tmp_path.glob("*-exploration/workflow.xmi")
    outcome = pipeline.run(chain, path, registry, {}, until="late")
    assert [record.name for record in outcome.root.refined][-2:] == ["notebook2workflow.occurrences", "late"]
    (told,) = (notice for notice in outcome.notices if "refinement" in notice.message)
    assert told.message == "the refinement early has not run on this model, and those that follow it have"
    assert told.severity == "warning"
    assert "nbmde transform early" in (told.remedy or "")
    assert not [
        notice for notice in pipeline.run(chain, notebook, registry, {}, until="late").notices if notice == told
    ]
