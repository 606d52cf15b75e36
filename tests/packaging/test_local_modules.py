"""A project is installed with the modules that lay beside its notebook, and with the files that these look for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from notebooks import generate, write_files, write_notebook

FILES = {
    "single.py": "from pkg.reading import limit\n\ndef twice(value):\n    return 2 * value\n",
    "pkg/__init__.py": "",
    "pkg/reading.py": "import json\nfrom pathlib import Path\n\nHERE = Path(__file__).parent\n\n"
    "def limit(name):\n    return json.loads((HERE / f'{name}.json').read_text())\n\n"
    "def rows():\n    return (HERE.parent / 'tables' / 'rows.csv').read_text()\n",
    "pkg/upper.json": "3",
    "tables/rows.csv": "a\n1\n",
}
CELLS = ["from single import twice\nfrom pkg.reading import limit, rows", "print(twice(limit('upper')), len(rows()))"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("beside")
    write_files(folder, FILES)
    return generate(write_notebook(folder / "shop.ipynb", CELLS), folder / "project")


def train(project: Path, path: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(path), "MPLBACKEND": "agg"}
    command = [sys.executable, "scripts/train.py"]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True).stdout


def test_it_runs_from_its_folder(project: Path) -> None:
    assert train(project, project / "src").splitlines()[0] == "6 4"


def test_it_runs_as_installed(project: Path, tmp_path: Path) -> None:
    """Not as a link to its folder: what was forgotten would be missing."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path), "."]
    subprocess.run(command, cwd=project, check=True)
    assert train(project, tmp_path).splitlines()[0] == "6 4"


def test_files_beside_single_modules_come_into_the_image(project: Path, tmp_path: Path) -> None:
    """No installation brings them, so the image takes the folder along."""
    image = (project / "deployment/docker/Dockerfile").read_text()
    assert "PYTHONPATH" not in image
    alone = "from pathlib import Path\nTEXT = Path(__file__).with_name('x.txt').read_text()\n"
    write_files(tmp_path, {"alone.py": alone, "x.txt": "1"})
    generate(write_notebook(tmp_path / "shop.ipynb", ["import alone\nprint(alone.TEXT)"]), tmp_path / "project")
    image = (tmp_path / "project/deployment/docker/Dockerfile").read_text()
    assert "PYTHONPATH=/app/src" in image
    assert "\nCOPY src src\nCOPY configs configs\n" in image
    assert train(tmp_path / "project", tmp_path / "project/src").splitlines()[0] == "1"


def test_what_a_cell_writes_is_the_module_and_not_an_older_file(tmp_path: Path) -> None:
    write_files(tmp_path, {"rates.py": "RATE = 2\n"})
    cells = ["%%writefile rates.py\nRATE = 3\n", "import rates\nprint(rates.RATE)"]
    project = generate(write_notebook(tmp_path / "shop.ipynb", cells), tmp_path / "project")
    assert (project / "src/rates.py").read_text() == "RATE = 3\n"
    assert train(project, project / "src").splitlines() == ["3"]


def test_a_cell_writes_a_module_into_a_folder_of_the_search_path(tmp_path: Path) -> None:
    cells = [
        "import os, sys\nos.makedirs('lib', exist_ok=True)\nsys.path.append('lib')",
        "%%writefile lib/rates.py\nRATE = 3\n",
        "import rates\nprint(rates.RATE)",
    ]
    project = generate(write_notebook(tmp_path / "shop.ipynb", cells), tmp_path / "project")
    assert train(project, project / "src").splitlines() == ["3"]
    assert "not known" not in (project / "README.md").read_text()
