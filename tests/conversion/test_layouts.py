"""A notebook in a folder of its own, beside those of its data and modules: what lies above it is in the project too."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebooks import generate, write_files, write_notebook
from oracle import Oracle

FILES = {
    "data/raw/points.csv": "x,y\n1,2\n3,4\n",
    "src/geometry/__init__.py": "",
    "src/geometry/core.py": "def total(rows):\n    return sum(map(sum, rows))\n",
    "tools/__init__.py": "",
    "tools/core.py": "def largest(rows):\n    return max(map(max, rows))\n",
    "pyproject.toml": "",
}
BASES = {
    "the parent of the working folder": "BASE = Path.cwd().parent",
    "the first of its parents": "BASE = Path.cwd().parents[0]",
    "the parent of its absolute path": "BASE = Path().resolve().parent",
    "the parent of the resolved dot": "BASE = Path('.').absolute().parent",
    "two dots, resolved": "BASE = Path('..').resolve()",
    "two dots": "BASE = Path('..')",
    "two dots, joined": "BASE = os.path.join(os.getcwd(), '..')",
    "two dots, joined and made absolute": "BASE = os.path.abspath(os.path.join(os.getcwd(), os.pardir))",
    "two dots, joined alone": "BASE = os.path.abspath(os.path.join('..'))",
    "the folder of the working folder": "BASE = os.path.dirname(os.getcwd())",
    "the folder of its absolute path": "BASE = os.path.dirname(os.path.abspath('.'))",
    "its head": "BASE = os.path.split(os.getcwd())[0]",
    "added to its text": "BASE = os.getcwd() + '/..'",
    "in an f-string": "BASE = f'{os.getcwd()}/..'",
    "of a class": "class Paths:\n    above = os.path.abspath(os.path.join(os.getcwd(), '..'))\n\nBASE = Paths.above",
    "of a name": "HERE = Path.cwd()\nBASE = HERE.parent",
    "from the environment, or else": "BASE = os.environ.get('NO_SUCH_VARIABLE_IS_SET', '..')",
    "the first with a folder of that name": "BASE = next(p for p in [Path.cwd(), *Path.cwd().parents]\n"
    "            if (p / 'src').exists())",
    "the first with a file of that name": "BASE = next(p for p in (Path.cwd(), *Path.cwd().parents) "
    "if (p / 'pyproject.toml').is_file())",
    "found in a loop": "BASE = Path.cwd()\nwhile not (BASE / 'data').exists() and BASE != BASE.parent:\n"
    "    BASE = BASE.parent",
    "found in a loop of texts": "BASE = os.getcwd()\nwhile 'data' not in os.listdir(BASE) and len(BASE) > 1:\n"
    "    BASE = os.path.dirname(BASE)",
    "found by a function": "def find_root(start=Path.cwd()):\n    for folder in [start, *start.parents]:\n"
    "        if (folder / 'tools').is_dir():\n            return folder\n    raise FileNotFoundError\n\n"
    "BASE = find_root()",
    "found by a function that calls itself": "def root_of(place):\n    if (place / 'src').exists():\n"
    "        return place\n    return root_of(place.parent)\n\nBASE = root_of(Path.cwd())",
}
READ = "with open(os.path.join(BASE, 'data', 'raw', 'points.csv')) as file:\n    print(file.read())"
WRITE = (
    "os.makedirs(os.path.join(BASE, 'artifacts'), exist_ok=True)\n"
    "with open(os.path.join(BASE, 'artifacts', 'made.txt'), 'w') as file:\n    print(file.write('done'))\n"
    "print(sorted(os.listdir(os.path.join(BASE, 'artifacts'))))"
)
HEAD = "import os\nimport sys\nfrom pathlib import Path"


def repository(folder: Path, cells: list[str], files: dict[str, str], place: str = "notebooks") -> Path:
    """The notebook in a repository with some files."""
    write_files(folder, files)
    (folder / ".git").mkdir(exist_ok=True)
    return write_notebook(folder / place / "work.ipynb", cells)


def check(oracle: Oracle, tmp_path: Path, cells: list[str], files: dict[str, str], place: str = "notebooks") -> Path:
    """The project prints what the notebook does and writes nothing beside itself; twice."""
    notebook = repository(tmp_path / "repository", cells, files, place)
    project = generate(notebook, tmp_path / "elsewhere" / "project")
    expected = oracle.notebook([(cell, []) for cell in cells], folder=notebook.parent)
    assert not expected.failed, expected.stderr
    for _ in range(2):
        run = oracle.project(project)
        assert not run.failed, run.stderr
        assert run.stdout == expected.stdout
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["project"]
    return project


@pytest.mark.parametrize("how", BASES)
def test_data_above_the_notebook_is_found_from(oracle: Oracle, tmp_path: Path, how: str) -> None:
    """And what is written through the same base lies inside the project."""
    project = check(oracle, tmp_path, [HEAD, BASES[how], READ, WRITE], FILES)
    (found,) = project.rglob("points.csv")
    assert found.relative_to(project).as_posix().endswith("data/raw/points.csv")
    (made,) = project.rglob("made.txt")
    assert made.read_text() == "done"


SEARCH = {
    "appended": "sys.path.append('..')",
    "of the working folder's parent": "sys.path.append(str(Path.cwd().parent))",
    "inserted": "sys.path.insert(0, os.path.abspath(os.path.join(os.getcwd(), '..')))",
    "by a name, once": "module_path = os.path.abspath(os.path.join('..'))\n"
    "if module_path not in sys.path:\n    sys.path.append(module_path)",
    "as a list": "sys.path += [os.path.dirname(os.getcwd())]",
    "extended": "sys.path.extend([str(Path('..').resolve())])",
}


@pytest.mark.parametrize("how", SEARCH)
def test_modules_above_the_notebook_are_found_when_their_folder_is(oracle: Oracle, tmp_path: Path, how: str) -> None:
    use = "from tools.core import largest\nprint(largest([[1, 2], [3, 4]]))"
    check(oracle, tmp_path, [HEAD, SEARCH[how], use], FILES)


def test_modules_in_the_source_folder_are_found(oracle: Oracle, tmp_path: Path) -> None:
    use = "from geometry.core import total\nprint(total([[1, 2], [3, 4]]))"
    check(oracle, tmp_path, [HEAD, "sys.path.append(str(Path.cwd().parent / 'src'))", use], FILES)


def test_the_source_folder_is_a_package(oracle: Oracle, tmp_path: Path) -> None:
    use = "from src.geometry.core import total\nprint(total([[1, 2], [3, 4]]))"
    check(
        oracle, tmp_path, [HEAD, "sys.path.append(os.path.dirname(os.getcwd()))", use, BASES["two dots"], READ], FILES
    )


def test_the_working_folder_may_become_the_one_above(oracle: Oracle, tmp_path: Path) -> None:
    move = "if Path.cwd().name == 'notebooks':\n    os.chdir('..')"
    use = (
        "from tools.core import largest\nwith open('data/raw/points.csv') as file:\n"
        "    print(largest([file.read().split()]))"
    )
    check(oracle, tmp_path, [HEAD, move, use], FILES)


def test_folders_further_up_are_found(oracle: Oracle, tmp_path: Path) -> None:
    base = "BASE = Path.cwd().parents[1]"
    check(oracle, tmp_path, [HEAD, base, READ, WRITE], FILES, "work/notebooks")


def test_what_is_written_above_a_lone_notebook_stays_inside(oracle: Oracle, tmp_path: Path) -> None:
    cells = [
        HEAD,
        "BASE = Path('..') / 'results'\nBASE.mkdir(exist_ok=True)",
        "print((BASE / 'n.txt').write_text('4'))",
    ]
    project = generate(write_notebook(tmp_path / "alone" / "work.ipynb", cells), tmp_path / "elsewhere" / "project")
    run = oracle.project(project)
    assert run.stdout == "1\n", run.stderr
    assert (project / "results" / "n.txt").read_text() == "4"
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["project"]
