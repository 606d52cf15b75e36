"""What is the same is called the same, and what happened is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from notebooks import generate, write_notebook
from verified import check, replace

from nbmde.engine.errors import NotebookFails
from nbmde.notebooks.verify import places

Make = Callable[..., tuple[Path, Path]]


def test_the_name_of_the_program_and_paths_that_are_shown_are_the_same(
    project_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("joblib")
    notebook, project = project_of(
        "import argparse\nimport joblib\nfrom pathlib import Path",
        "parser = argparse.ArgumentParser(description='settings')\nparser.add_argument('--epochs', type=int)",
        "args = parser.parse_args(args=[])\nparser.print_help()",
        "joblib.dump([1], Path('kept.joblib'))",
    )
    monkeypatch.chdir(Path(sys.executable).parent)
    verdict = check(notebook, project, twice=False, python=Path(os.path.basename(sys.executable)))
    assert verdict.equal
    assert verdict.counts()["equal"] == 3


def test_settings_that_a_method_captures_are_no_difference(project_of: Make) -> None:
    pytest.importorskip("sklearn")
    fit = "    def train(self, X, y):\n        return LogisticRegression(solver='lbfgs').fit(X, y)"
    notebook, project = project_of(
        "from sklearn.linear_model import LogisticRegression\nX, y = [[1], [2], [3], [4]], [0, 0, 1, 1]",
        f"class Trainer:\n    rows = len(X)\n{fit}",
        "Trainer().train(X, y).coef_, Trainer.rows",
    )
    assert check(notebook, project, twice=False).equal
    (settings,) = (file for file in (project / "configs").iterdir() if "lbfgs" in file.read_text())
    settings.write_text(settings.read_text().replace("lbfgs", "saga"))
    assert not check(notebook, project, twice=False).equal


def test_what_a_widget_captures_is_compared_and_nothing_waits_for_it(project_of: Make) -> None:
    pytest.importorskip("ipywidgets")
    notebook, project = project_of(
        "from ipywidgets import Output, interact",
        "def draw(k=2):\n    print('drawn', k)\n    return k * 2",
        "interact(draw, k=(1, 5))\nprint('shown')",
        "out = Output()\nwith out:\n    print('inside')\nprint('outside')",
    )
    assert check(notebook, project, twice=False, timeout=60).equal
    replace(project, '"outside"', '"beside"')
    found = {cell.number for cell in check(notebook, project, twice=False, timeout=60).cells if cell.differences}
    assert found == {4}


def test_a_value_whose_display_fails_is_told_with_its_error(project_of: Make) -> None:
    notebook, project = project_of("class Shy:\n    def __repr__(self):\n        raise ValueError('not me')\n\nShy()")
    with pytest.raises(NotebookFails, match="ValueError: not me"):
        check(notebook, project)


def test_a_stopped_verification_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "long.ipynb", ["import time\nopen('begun', 'w').close()\ntime.sleep(100)"])
    project = generate(notebook, tmp_path / "long")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", "from nbmde.cli import main; main()", "verify", str(notebook), str(project)],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(temporary.rglob("notebook/**/begun")) and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    assert process.stderr is not None
    assert process.stderr.read() == "error: stopped by a signal\n"
    assert process.wait() == 128 + signal.SIGTERM
    assert not list(temporary.glob("nbmde-verify-*"))


def test_a_function_of_pyplot_that_is_shown_looks_as_in_a_notebook(project_of: Make) -> None:
    verdict = check(*project_of("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show", "print(plt.show)"))

    assert verdict.equal
    assert verdict.cells[0].text > 0


def test_standard_streams_and_archives_are_the_same_wherever_they_are(project_of: Make) -> None:
    notebook, project = project_of(
        "import logging\nimport sys\nimport zipfile",
        "handler = logging.StreamHandler(sys.stdout)\nplaces = {'out': sys.stdout, 'problems': sys.stderr}",
        "with zipfile.ZipFile('bundle.zip', 'w') as bundle:\n    bundle.writestr('a.txt', 'text')",
        "stream = sys.stdout",
    )
    assert check(notebook, project, twice=False).equal
    replace(project, 'problems": sys.stderr', 'problems": sys.stdout')
    replace(project, '"a.txt", "text"', '"a.txt", "Text"')
    verdict = check(notebook, project, twice=False)
    found = {cell.number: {one.name for one in cell.differences} for cell in verdict.cells}
    assert found[2] == {"places"}
    assert found[3] == {"bundle", "bundle.zip"}


def test_what_only_a_project_binds_is_not_looked_for_because_prose_has_the_word(tmp_path: Path) -> None:
    cells = [
        "table = [1, 2]  # all names must match",
        "def check(name):\n    return [len(globals()[name])] if name in globals() else []\n\n"
        "needs = {'table': 1, 'other': 2}\nfound = []\n"
        "for key, value in needs.items():\n    found += check(key)\nprint(found)",
    ]
    notebook = write_notebook(tmp_path / "shop.ipynb", cells)
    document = json.loads(notebook.read_text(encoding="utf-8"))
    prose = {"cell_type": "markdown", "metadata": {}, "source": "Column names are given."}
    document["cells"].insert(0, prose | ({"id": "prose"} if "id" in document["cells"][0] else {}))
    notebook.write_text(json.dumps(document), encoding="utf-8")
    project = generate(notebook, tmp_path / "project")
    assert check(notebook, project, twice=False).equal


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("table = 1  # all names must match", {"table", "1"}),
        ("globals()['late'] = f'{early}'", {"globals", "late", "f", "early"}),
        ("%time x = (1  # names", {"time", "x", "1", "names"}),
    ],
)
def test_words_of_comments_name_no_variable(code: str, words: set[str]) -> None:
    """Where a cell can be read; else all words may name one."""
    assert set(places._words(code)) == words
