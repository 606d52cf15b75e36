"""The copy in which a notebook is run: what is around it there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from notebooks import generate, write_notebook
from verified import check

from nbmde.engine.errors import NotebookFails
from nbmde.notebooks.verify import copies

Make = Callable[..., tuple[Path, Path]]
FIND = "from pathlib import Path\nroot = next(p for p in [Path.cwd(), *Path.cwd().parents] if (p / '.git').exists())"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a notebook's folder, a module and data beside that."""
    root = tmp_path / "repository"
    for folder in (".git", "src", "data/raw", "work/notebooks"):
        (root / folder).mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / "src" / "shapes.py").write_text("def area(a, b):\n    return a * b\n")
    (root / "data" / "raw" / "sides.csv").write_text("a,b\n2,3\n4,5\n")
    return root


def names(copied: copies.Copy) -> set[str]:
    """The files and links in a copy, by path below its root."""
    return {path.relative_to(copied.root).as_posix() for path in copied.root.rglob("*")}


def test_a_notebook_runs_in_a_copy_of_its_repository(repository: Path, tmp_path: Path) -> None:
    notebook = write_notebook(
        repository / "work" / "notebooks" / "sides.ipynb",
        [
            "import csv\nimport os\nimport sys",
            "top = os.path.dirname(os.path.dirname(os.getcwd()))\nsys.path.append(os.path.join(top, 'src'))\n"
            "from shapes import area",
            "with open('../../data/raw/sides.csv') as stream:\n    rows = list(csv.DictReader(stream))\n"
            "areas = [area(int(row['a']), int(row['b'])) for row in rows]\nprint(areas)",
        ],
    )
    project = generate(notebook, tmp_path / "made" / "sides")

    assert check(notebook, project).equal


def test_a_search_upwards_for_the_repository_ends(repository: Path, tmp_path: Path) -> None:
    notebook = write_notebook(repository / "work" / "notebooks" / "search.ipynb", [FIND])

    copied = copies.of_notebook(notebook, [FIND], [], tmp_path / "copy")

    assert (copied.root / ".git").is_dir()
    assert not list((copied.root / ".git").iterdir())
    assert {"src/shapes.py", "data/raw/sides.csv"} <= names(copied)


def test_a_project_below_the_notebooks_folder_or_around_it_is_not_copied(project_of: Make) -> None:
    notebook, project = project_of("numbers = [1, 2]\nprint(numbers)")
    (notebook.parent / "kept.txt").write_text("kept\n")
    inner = Path(shutil.move(project, notebook.parent / "project"))
    below = copies.of_notebook(notebook, [], [], notebook.parent.parent / "below")
    inside = Path(shutil.copy(notebook, inner))
    (inner / "own.txt").write_text("own\n")
    around = copies.of_notebook(inside, [], [], notebook.parent.parent / "around")

    assert names(below) == {"work.ipynb", "kept.txt"}
    assert {name for name in names(around) if "/" not in name} >= {"work.ipynb", "own.txt"}
    assert "src/work" not in names(around)
    assert check(notebook, inner).equal
    assert check(inside, inner).equal


def test_the_folder_of_the_project_can_be_the_working_folder(project_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook, project = project_of("rows = [1, 2]\nprint(rows)")
    monkeypatch.chdir(project)

    assert check(Path(os.path.relpath(notebook)), Path()).equal


def test_folders_that_are_linked_are_copied_once(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "linked.csv").write_text("a\n1\n")
    (repository / "work" / "notebooks" / "data").symlink_to(tmp_path / "elsewhere")
    (repository / "work" / "again").symlink_to(repository)
    notebook = write_notebook(repository / "work" / "notebooks" / "linked.ipynb", ["1"])

    copied = copies.of_notebook(notebook, [], [], tmp_path / "copy")

    assert "work/notebooks/data/linked.csv" in names(copied)
    assert not any(name.startswith("work/again/") for name in names(copied))


def test_what_is_too_large_is_told_where_the_notebook_fails(project_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook, project = project_of("name = 'large' + '.csv'\ntext = open(name).read()\nprint(len(text))")
    (notebook.parent / "large.csv").write_text("x" * 2000)
    monkeypatch.setattr(copies, "LIMIT", 1000)

    with pytest.raises(NotebookFails, match=r"1 files around the notebook were too large to be copied: large\.csv"):
        check(notebook, project)


def test_a_file_that_is_gone_meanwhile_is_no_reason_to_stop(tmp_path: Path) -> None:
    there, gone = tmp_path / "there.csv", tmp_path / "gone.csv"
    there.write_text("a\n1\n")
    copies._copy(there, tmp_path / "copy" / "there.csv")
    copies._copy(gone, tmp_path / "copy" / "gone.csv")
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["there.csv"]
