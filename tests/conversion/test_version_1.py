"""Models of version 1, written by the nbmde that had it, are brought to version 2 and give the project of today.

The models below `version1` are those of the notebook there: by the first nbmde whose models nothing refined, and by the
last one. Neither has occurrences; their metrics know a name and a statement.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nbmde.cli import app
from nbmde.engine import models, pipeline
from nbmde.engine.errors import NbmdeError

HERE = Path(__file__).with_name("version1")
CHAIN = pipeline.find("nb2project")
VERSION = re.compile(rb"(?<=[=<>])\d[\d.]*")  # of what is installed here, and was there


def files_of(source: Path) -> dict[str, bytes]:
    """The project's files, without the models."""
    files = pipeline.run(CHAIN, source, models.Registry(), {}).files
    return {path: file.content for path, file in files.items() if not path.startswith(".nbmde/")}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("flats")  # the repository around a notebook tells what it needs
    for name in ("flats.ipynb", "flats.csv"):
        shutil.copy(HERE / name, folder)
    return files_of(folder / "flats.ipynb")


@pytest.fixture(scope="module", params=["oldest", "newest"])
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated") / str(request.param)
    shutil.copytree(HERE / str(request.param), folder)
    done = CliRunner().invoke(app, ["migrate", str(folder / "project.xmi")])
    assert done.exit_code == 0, done.output
    assert done.output == f"{folder / 'project.xmi'}: Project of http://nbmde.org/mlproject/2\n", "and nothing is lost"
    return folder


@pytest.mark.parametrize("model", ["workflow.xmi", "project.xmi"])
def test_the_project_is_that_of_today(migrated: Path, today: dict[str, bytes], model: str) -> None:
    files = files_of(migrated / model)
    assert files.keys() == today.keys()
    for path, content in files.items():
        assert VERSION.sub(b"", content) == VERSION.sub(b"", today[path]), path


def test_every_model_of_the_folder_is_of_the_current_version(migrated: Path) -> None:
    registry = models.Registry()
    for path in sorted(migrated.glob("*.xmi")):
        assert models.load(path, registry) is not None
        assert b"workflow/1" not in path.read_bytes()


def test_what_version_1_did_not_say_is_found(migrated: Path) -> None:
    workflow: Any = models.load(migrated / "workflow.xmi", models.Registry())
    (metric,) = workflow.metrics
    assert (metric.model.symbol.name, metric.data.name, metric.target.name) == ("model", "X_test", "y_test")
    assert (metric.part.name, metric.value, metric.provenance.name) == ("heldout", 0.912, "printed")
    assert [dataset.path for dataset in metric.model.datasets] == ["flats.csv"]
    statements = [statement for step in workflow.steps for statement in step.statements]
    assert [statement.number for statement in statements] == sorted({statement.number for statement in statements})
    named = {one.symbol.name for one in metric.statement.occurrences if one.symbol is not None}
    assert named == {"r2", "r2_score", "y_test", "model", "X_test"}
    assert [record.name.rpartition(".")[2] for record in workflow.refined][-2:] == ["occurrences", "metrics"]


def test_a_name_that_is_changed_after_that_carries_through(migrated: Path, tmp_path: Path) -> None:
    shutil.copytree(migrated, tmp_path / "edited")
    registry = models.Registry()
    workflow: Any = models.load(tmp_path / "edited/workflow.xmi", registry)
    next(symbol for symbol in workflow.symbols if symbol.name == "flats").name = "homes"
    models.save({tmp_path / "edited/workflow.xmi": workflow}, registry)
    code = b"".join(
        content for path, content in files_of(tmp_path / "edited/workflow.xmi").items() if "/src/" in f"/{path}"
    )
    assert b"homes = pd.read_csv" in code
    assert b"flats[" not in code


def test_a_function_that_is_renamed_after_that_is_called_so(migrated: Path, tmp_path: Path) -> None:
    shutil.copytree(migrated, tmp_path / "edited")
    registry = models.Registry()
    project: Any = models.load(tmp_path / "edited/project.xmi", registry)
    function = next(
        one for one in models.walk(project) if getattr(one, "name", "") == "squared" and hasattr(one, "text")
    )
    function.name = "to_area"
    models.save({tmp_path / "edited/project.xmi": project}, registry)
    files = files_of(tmp_path / "edited/project.xmi")
    code = b"".join(content for path, content in files.items() if path.startswith("src/"))
    assert b"def to_area(" in code
    assert b"= to_area(" in code
    assert b"squared(" not in code


@pytest.mark.parametrize("model", ["workflow.xmi", "project.xmi"])
def test_a_model_of_version_1_is_refused_with_what_to_do(model: str) -> None:
    with pytest.raises(NbmdeError, match=r"no metamodel with the URI .*/1") as caught:
        models.load(HERE / "oldest" / model, models.Registry())
    assert caught.value.remedy == "this is version 2; `nbmde migrate MODEL` brings older models there"


def test_a_model_of_a_later_version_is_refused_otherwise(tmp_path: Path) -> None:
    text = (HERE / "oldest/workflow.xmi").read_text(encoding="utf-8").replace("workflow/1", "workflow/7")
    (tmp_path / "workflow.xmi").write_text(text, encoding="utf-8")
    with pytest.raises(NbmdeError) as caught:
        models.load(tmp_path / "workflow.xmi", models.Registry())
    assert caught.value.remedy == "this is version 2; a newer nbmde knows it"
