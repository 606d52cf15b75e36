"""What only notebooks of Google Colab, Kaggle and Databricks can do: translated, left out, or refused by its name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from oracle import Oracle

from nbmde.engine import pipeline
from nbmde.engine.errors import NbmdeError


def convert(oracle: Oracle, *cells: str) -> tuple[Path, pipeline.Outcome]:
    return oracle.convert([(cell, []) for cell in cells])


def code(outcome: pipeline.Outcome) -> str:
    """What the notebook's statements have become."""
    functions = (path for path in outcome.files if "/utils/" not in path and path.startswith("src/"))
    return "\n".join(outcome.files[path].content.decode() for path in functions)


def codes(outcome: pipeline.Outcome) -> list[tuple[str, int]]:
    """Codes and cells of the findings."""
    return [(finding.code, finding.cellNumber) for finding in outcome.root.findings]


def run(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/train.py"]
    variables = {"PYTHONPATH": "src", "PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False)


def test_what_mounts_and_shows_in_google_colab_is_left_out(oracle: Oracle) -> None:
    project, outcome = convert(
        oracle,
        "import google.colab\nfrom google.colab import drive, files, auth, output, data_table\n"
        "drive.mount('/content/drive')\n%cd /content/drive/MyDrive/proj\nauth.authenticate_user()\noutput.clear()",
        "table = [1, 2]\ndata_table.DataTable(table)",
        "for name in ['a']:\n    files.download(name)\nprint('done')",
    )

    done = run(project)
    assert done.stdout == "[1, 2]\ndone\n"
    assert "colab" not in code(outcome)
    assert ("front-end-left-out", 1) in codes(outcome)
    assert ("front-end-left-out", 3) in codes(outcome)


def test_secrets_of_a_front_end_are_environment_variables(oracle: Oracle) -> None:
    project, outcome = convert(
        oracle,
        "from google.colab import userdata\nkey = userdata.get('MY-KEY')\nprint(key)",
        "from kaggle_secrets import UserSecretsClient\nall = UserSecretsClient()\nprint(all.get_secret('wandb'))",
        "import os\nos.environ['HF_TOKEN'] = userdata.get('hf')\nprint(os.environ['HF_TOKEN'])",
        "print(dbutils.secrets.get(scope='s', key='db'))",
    )

    assert run(project, MY_KEY="a", WANDB="b", HF_TOKEN="c", DB="d").stdout == "a\nb\nc\nd\n"
    assert {line.partition("=")[0] for line in (project / ".env").read_text().splitlines() if "=" in line} == {
        "MY_KEY", "WANDB", "HF_TOKEN", "DB"
    }  # fmt: skip
    assert [cell for found, cell in codes(outcome) if found == "front-end-secret"] == [1, 2, 3, 4]


def test_files_that_are_uploaded_are_those_in_the_folder_for_them(oracle: Oracle) -> None:
    project, _ = convert(
        oracle, "from google.colab import files\nup = files.upload()\nfor name in up:\n    print(name, len(up[name]))"
    )

    assert "data/raw has no files" in run(project).stderr
    (project / "data/raw").mkdir(parents=True, exist_ok=True)
    (project / "data/raw/x.csv").write_text("abc")
    assert run(project).stdout == "x.csv 3\n"


def test_widgets_of_databricks_are_settings(oracle: Oracle) -> None:
    project, outcome = convert(
        oracle,
        "%md\n# A title",
        "dbutils.widgets.text('start', '2024-01-01', 'Start')\nstart = dbutils.widgets.get('start')",
        "%sh\necho hi",
        "%python\nx = start\nx",
        "display(dbutils.fs.ls('/mnt'))",
        "dbutils.notebook.exit(start)",
    )

    assert run(project).stdout == "hi\n'2024-01-01'\n"
    assert [setting.name for setting in outcome.root.workflow.settings] == ["start"]


def test_spark_is_a_session_and_its_sql_a_query(oracle: Oracle) -> None:
    _, outcome = convert(oracle, "df = spark.range(3)\ndf.createOrReplaceTempView('t')", "%sql\nSELECT *\nFROM t")

    text = code(outcome)
    assert "spark = SparkSession.builder.getOrCreate()" in text
    assert 'spark.sql("""' in text
    assert ("front-end-name", 1) in codes(outcome)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%scala\nval x = 1", "%scala is not supported: a Databricks magic"),
        ("%fs\nrm -r /mnt/x", "%fs is not supported: a Databricks magic"),
        ("\nx = dbutils.fs.ls('/mnt')", "dbutils.fs.ls is of Databricks"),
        ("\nx = dbutils.widgets.get('start')", "dbutils.widgets.get is of Databricks"),
        ("from google.colab import output\nx = output.eval_js('1')", "output.eval_js is of Google Colab"),
        ("from google.colab import ai\nx = ai.generate_text('1')", "ai.generate_text is of Google Colab"),
        ("from google.colab import files\nf = files", "files is of Google Colab"),
    ],
)
def test_what_cannot_be_carried_over_is_refused_by_its_name(oracle: Oracle, cell: str, message: str) -> None:
    with pytest.raises(NbmdeError) as refused:
        convert(oracle, "print(1)", cell)

    assert message in str(refused.value)
    assert refused.value.cell == 2
    assert refused.value.line == (1 if cell.startswith("%") else 2)


def test_values_that_are_stored_for_other_notebooks_are_left_out(oracle: Oracle) -> None:
    project, outcome = convert(oracle, "x = [1]\n%store x", "% matplotlib inline\nprint(x)")

    assert run(project).stdout == "[1]\n"
    assert codes(outcome) == [("magic-left-out", 1)]


def test_pylab_makes_its_imports(oracle: Oracle) -> None:
    project, outcome = convert(oracle, "%pylab inline\nx = linspace(0, 1, 3)\nprint(x.sum(), np.pi > plt.np.e)")

    assert run(project).stdout == "1.5 True\n"
    assert codes(outcome) == [("magic-left-out", 1)]
