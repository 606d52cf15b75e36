"""What generated code needs fits what the notebook's own libraries are pinned to."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from notebooks import write_files, write_notebook
from oracle import Oracle

from nbmde.engine import models, pipeline

CELL = "from sklearn.linear_model import LinearRegression\nmodel = LinearRegression().fit([[1], [2]], [1, 2])"


def requirements(workflow: models.EObject, registry: models.Registry) -> dict[str, tuple[str, str]]:
    """Specifier and reason by name."""
    project = pipeline.apply("workflow2project", workflow, registry, {}, Path("x")).root
    return {requirement.name: (requirement.specifier, requirement.reason) for requirement in project.requirements}


@pytest.fixture(scope="module")
def converted(oracle: Oracle) -> Path:
    return oracle.convert([(CELL, [])])[0]


@pytest.mark.parametrize(("version", "specifier"), [("1.1.3", ">=1.23,<2"), ("1.5.2", ">=1.23"), ("", ">=1.23")])
def test_numpy_is_not_newer_than_what_an_old_release_was_built_for(
    converted: Path, version: str, specifier: str
) -> None:
    registry = models.Registry()
    workflow = models.load(converted / ".nbmde" / "workflow.xmi", registry)
    for module in workflow.modules:
        module.version = version
    for distribution in workflow.notebook.distributions:
        distribution.requires.clear()
        if distribution.name == "numpy":
            distribution.version = None
    assert requirements(workflow, registry)["numpy"][0] == specifier


def test_what_an_imported_library_computes_with_is_pinned_too(converted: Path) -> None:
    """statsmodels reads tables with whatever pandas is newest, and the notebook never imports pandas."""
    registry = models.Registry()
    workflow = models.load(converted / ".nbmde" / "workflow.xmi", registry)
    assert requirements(workflow, registry)["numpy"] == (f"=={version('numpy')}", "required by scikit-learn")


def installed_there(tmp_path: Path, versions: dict[str, str]) -> Path:
    """An interpreter for which some distributions are installed, and no others."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    for name, number in versions.items():
        write_files(
            packages,
            {f"{name}-{number}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n"},
        )
    return environment / "bin" / "python"


def required(tmp_path: Path, cells: list[str], versions: dict[str, str], **files: str) -> dict[str, str]:
    """The runtime requirements of a notebook's project: name to bounds, without those of the project's own code."""
    write_files(tmp_path, {name.replace("__", "."): text for name, text in files.items()})
    notebook = write_notebook(tmp_path / "work.ipynb", cells)
    outcome = pipeline.run(
        pipeline.find("nb2project"),
        notebook,
        models.Registry(),
        {},
        request={"python": installed_there(tmp_path, versions)},
    )
    found = [one for one in outcome.root.requirements if one.group.name == "runtime" and "own" not in one.reason]
    return {one.name: one.specifier or "" for one in found}


PANDAS = "import pandas as pd\nimport numpy as np\nprint(pd.DataFrame(), np.zeros(1))"


def test_versions_are_pinned_where_all_is_installed(tmp_path: Path) -> None:
    found = required(tmp_path, ["!pip install -q pandas==1.0", PANDAS], {"pandas": "2.2.3", "numpy": "1.26.4"})
    assert found == {"pandas": "==2.2.3", "numpy": "==1.26.4"}


def test_stated_versions_count_alone_where_not_all_is_installed(tmp_path: Path) -> None:
    """numpy 2.4.6 is installed, and tensorflow 2.19.0 does not bear it."""
    cells = ["!pip install tensorflow==2.19.0", f"import tensorflow as tf\n{PANDAS}"]
    assert required(tmp_path, cells, {"pandas": "2.2.3", "numpy": "2.4.6"}) == {
        "tensorflow": "==2.19.0",
        "pandas": "<3",
        "numpy": "",
    }


def test_what_is_installed_is_the_newest_allowed_where_the_rest_has_no_version(tmp_path: Path) -> None:
    found = required(tmp_path, [f"import numba\n{PANDAS}\nprint(numba)"], {"pandas": "2.2.3", "numpy": "2.4.6"})
    assert found == {"numba": "", "pandas": "<=2.2.3", "numpy": "<=2.4.6"}


def test_unknown_modules_are_no_requirements_and_stay_imported(tmp_path: Path) -> None:
    cells = ["import visuals as vs\nfrom src.data import load\nimport utils\n" + PANDAS, "vs.show(load(utils.PATH))"]
    assert required(tmp_path, cells, {"pandas": "2.2.3", "numpy": "1.26.4"}) == {
        "pandas": "==2.2.3",
        "numpy": "==1.26.4",
    }
    outcome = pipeline.run(pipeline.find("nb2project"), tmp_path / "work.ipynb", models.Registry(), {})
    told = {(one.code, one.cellNumber, one.line) for one in outcome.root.findings if one.code == "module-unknown"}
    assert told == {("module-unknown", 1, 1), ("module-unknown", 1, 2), ("module-unknown", 1, 3)}
    code = "".join(file.content.decode() for path, file in outcome.files.items() if path.startswith("src/"))
    assert "import visuals as vs" in code
    assert "from src.data import load" in code


def test_an_installed_distribution_with_a_module_of_a_common_name_is_not_meant(tmp_path: Path) -> None:
    python = installed_there(tmp_path, {"stranger": "1.0"})
    (record,) = tmp_path.glob("environment/lib/python*/site-packages/stranger-1.0.dist-info")
    (record / "RECORD").write_text("utils/__init__.py,,\nstranger/__init__.py,,\n")
    notebook = write_notebook(tmp_path / "work.ipynb", ["import utils\nimport stranger\nprint(utils, stranger)"])
    outcome = pipeline.run(pipeline.find("nb2project"), notebook, models.Registry(), {}, request={"python": python})
    assert {one.name for one in outcome.root.requirements if "imported" in one.reason} == {"stranger"}


TRIED = """try:
    import joblib
except ImportError:
    from sklearn.externals import joblib
try:
    import ujson
except ImportError:
    import json as ujson
try:
    import cupy
except ImportError:
    cupy = None
from sklearn.svm import SVC
print(joblib, ujson, cupy, SVC)"""


def test_what_a_handler_of_a_failed_import_does_is_no_evidence(tmp_path: Path) -> None:
    assert required(tmp_path, [TRIED], {}) == {"joblib": "", "scikit-learn": ""}


def test_of_two_modules_of_which_one_is_tried_the_installed_one_is_needed(tmp_path: Path) -> None:
    cells = ["try:\n    import tflite_runtime\nexcept ImportError:\n    import tensorflow\nprint(1)"]
    assert required(tmp_path, cells, {"tensorflow": "2.19.0"}) == {"tensorflow": "==2.19.0"}


def test_what_install_lines_name_is_needed_though_it_is_not_imported(tmp_path: Path) -> None:
    cells = [
        "!pip install -q accelerate 'sentencepiece>=0.1' -i https://x.y/z -r a.txt && pip install peft > log",
        "%pip install transformers[torch] git+https://github.com/a/b.git ./own --upgrade pip jupyter",
        "!conda install -y -c conda-forge lightgbm=4.1 python=3.9",
    ]
    assert required(tmp_path, [*cells, "print(1)"], {}) == {
        "accelerate": "",
        "sentencepiece": ">=0.1",
        "peft": "",
        "transformers[torch]": "",
        "lightgbm": "==4.1.*",
    }


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        ("from transformers import Trainer\nprint(Trainer)", {"transformers", "torch", "accelerate"}),
        (
            "from transformers import TFBertForSequenceClassification as N\nprint(N)",
            {"transformers", "tensorflow", "tf-keras"},
        ),
        ("from transformers import AutoTokenizer as T\nprint(T)", {"transformers"}),
        ("import pandas as pd\nprint(pd.read_excel('a.xlsx'))", {"pandas", "openpyxl"}),
        ("import pandas as pd\nprint(pd.read_excel('a.xls'))", {"pandas", "xlrd"}),
        ("import pandas as pd\nprint(pd.read_html('a.html'))", {"pandas", "lxml", "html5lib", "beautifulsoup4"}),
        ("import pandas as pd\npd.DataFrame().to_hdf('a.h5', key='a')", {"pandas", "tables"}),
        ("import pandas as pd\nprint(pd.read_parquet('a.parquet'))", {"pandas", "pyarrow"}),
        ("import pandas as pd\nprint(pd.read_parquet('a.parquet', engine='fastparquet'))", {"pandas", "fastparquet"}),
        ("import optuna.visualization as v\nv.plot_slice(1)", {"optuna", "plotly"}),
    ],
)
def test_what_a_library_needs_for_what_is_done_with_it_is_needed(code: str, needed: set[str], tmp_path: Path) -> None:
    assert set(required(tmp_path, [code], {})) == needed


def test_what_modules_beside_the_notebook_import_is_needed(tmp_path: Path) -> None:
    found = required(tmp_path, ["import own\nprint(own.f)"], {}, own__py="import networkx\nf = networkx.Graph\n")
    assert found == {"networkx": ""}
