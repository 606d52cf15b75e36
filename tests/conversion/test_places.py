"""What is no file of the project, one file under several names, and places of other machines."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from notebooks import REGISTRY, generate, write_files, write_notebook
from oracle import Oracle, Run

from nbmde.engine import pipeline


def runs(
    oracle: Oracle, tmp_path: Path, cells: list[str], files: dict[str, str] | None = None
) -> tuple[Path, list[Run]]:
    """The project of a notebook and two runs of it, which write nothing beside it."""
    write_files(tmp_path / "beside", files or {})
    (tmp_path / "beside" / ".git").mkdir(parents=True, exist_ok=True)
    notebook = write_notebook(tmp_path / "beside" / "work.ipynb", cells)
    project = generate(notebook, tmp_path / "elsewhere" / "project")
    found = [oracle.project(project), oracle.project(project)]
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["project"]
    return project, found


def told(tmp_path: Path, cells: list[str], files: dict[str, str] | None = None) -> list[tuple[str, int]]:
    """The codes and cells of what is told about a conversion."""
    write_files(tmp_path, files or {})
    notebook = write_notebook(tmp_path / "work.ipynb", cells)
    outcome: Any = pipeline.run(pipeline.find("nb2project"), notebook, REGISTRY, {})
    return [(finding.code, finding.cellNumber) for finding in outcome.root.findings]


NO_FILES = {
    "a data base in memory": "sqlite3.connect(':memory:')",
    "one in memory with a name": "sqlite3.connect(NAME)",
    "a shared one": "sqlite3.connect('file::memory:?cache=shared', uri=True)",
    "one in memory by its mode": "sqlite3.connect('file:shared?mode=memory', uri=True)",
}


@pytest.mark.parametrize("how", NO_FILES)
def test_what_lies_in_memory_is_new_at_every_run(oracle: Oracle, tmp_path: Path, how: str) -> None:
    table = "con.execute('create table if not exists t (v)')\ncon.execute('insert into t values (1)')\ncon.commit()"
    cells = ["import sqlite3\nNAME = ':memory:'", f"con = {NO_FILES[how]}\n{table}"]
    cells.append("print(con.execute('select count(*) from t').fetchall())")
    project, found = runs(oracle, tmp_path, cells)
    assert [run.stdout for run in found] == ["[(1,)]\n", "[(1,)]\n"], found
    assert not [path for path in project.rglob("*") if "memory" in path.name or path.name == "shared"]


def test_devices_are_no_files_of_the_project(oracle: Oracle, tmp_path: Path) -> None:
    cells = [
        "import os\nwith open(os.devnull, 'w') as nothing:\n    print(nothing.write('a'))",
        "with open('/dev/null', 'w') as nothing:\n    print(nothing.write('a'))",
        "with open('/dev/urandom', 'rb') as source:\n    print(len(source.read(3)))",
        "with open('/proc/self/status') as status:\n    print(status.readline()[:4])",
    ]
    project, found = runs(oracle, tmp_path, cells)
    assert found[0].stdout == "1\n1\n3\nName\n", found
    assert not [path for path in project.rglob("*") if path.name in ("null", "urandom", "status")]


COUNT = "print(con.execute('select count(*) from other.t').fetchall())"
ONE_FILE = {
    "in a query": ["con = sqlite3.connect(':memory:')\n_ = con.execute(\"attach 'made.db' as other\")", COUNT],
    "in a query that is put together": ["FILE = 'made.db'", "con = sqlite3.connect(':memory:')\n"
    "_ = con.execute(f\"attach '{FILE}' as other\")", COUNT],
    "in an address": ["con = sqlite3.connect('file:made.db?mode=ro', uri=True)",
    "print(con.execute('select count(*) from t').fetchall())"],
}  # fmt: skip


@pytest.mark.parametrize("how", ONE_FILE)
def test_a_file_is_the_same_one(oracle: Oracle, tmp_path: Path, how: str) -> None:
    make = (
        "made = sqlite3.connect('made.db')\nmade.execute('drop table if exists t')\nmade.execute('create table t (v)')"
    )
    fill = "made.execute('insert into t values (1)')\nmade.commit()\nmade.close()"
    _, found = runs(oracle, tmp_path, ["import sqlite3", f"{make}\n{fill}", *ONE_FILE[how]])
    assert [run.stdout for run in found] == ["[(1,)]\n", "[(1,)]\n"], found


def test_a_file_that_comes_along_is_the_one_that_a_query_names(oracle: Oracle, tmp_path: Path) -> None:
    query = 'query = "select * from \'rows.csv\'"\nname = query.split("\'")[1]'
    show = "print(open('rows.csv').read() == (pathlib.Path.cwd() / name).resolve().open().read())"
    _, found = runs(oracle, tmp_path, ["import pathlib", query, show], {"rows.csv": "a\n1\n"})
    assert found[0].stdout == "True\n", found


def test_what_a_library_is_given_is_the_file_that_comes_along(oracle: Oracle, tmp_path: Path) -> None:
    cells = ["import mmap, os, linecache", "print(linecache.getline('rows.txt', 1), open('rows.txt').read())"]
    _, found = runs(oracle, tmp_path, cells, {"rows.txt": "a\n"})
    assert found[0].stdout == "a\n a\n\n", found


OPENED = " as file:\n    file.write('1')"
MACHINES = {
    "as a literal": "with open('/kaggle/working/made.txt', 'w')" + OPENED,
    "in a constant": "OUT = '/kaggle/working'\nwith open(os.path.join(OUT, 'made.txt'), 'w')" + OPENED,
    "in an f-string": "OUT = '/content/drive/MyDrive'\nwith open(f'{OUT}/made.txt', 'w')" + OPENED,
    "as a Path": "OUT = Path('/content')\nn = (OUT / 'made.txt').write_text('1')",
    "by a command": "!printf 1 > /kaggle/working/made.txt",
}


@pytest.mark.parametrize("how", MACHINES)
def test_the_working_folder_of_a_machine_is_the_project_s(oracle: Oracle, tmp_path: Path, how: str) -> None:
    cells = [
        "import os\nfrom pathlib import Path",
        MACHINES[how],
        "with open('made.txt') as file:\n    print(file.read())",
    ]
    _, found = runs(oracle, tmp_path, cells)
    assert [run.stdout for run in found] == ["1\n", "1\n"], found


OUTSIDE = {
    "a folder": "OUT = '/home/somebody/results'\nos.makedirs(OUT, exist_ok=True)",
    "a folder that is there": "OUT = '/srv/results'",
    "the user's": "OUT = os.path.expanduser('~/no_such_folder_of_results')\nos.makedirs(OUT, exist_ok=True)",
    "the user's as a Path": "OUT = Path.home() / 'no_such_folder_of_results'\nOUT.mkdir(exist_ok=True)",
}


@pytest.mark.parametrize("how", OUTSIDE)
def test_what_is_written_outside_is_written_inside(oracle: Oracle, tmp_path: Path, how: str) -> None:
    write = "for n in range(2):\n    with open(f'{OUT}/n{n}.txt', 'w') as file:\n        file.write('1')"
    cells = ["import os\nfrom pathlib import Path", OUTSIDE[how], write, "print(sorted(os.listdir(OUT)))"]
    project, found = runs(oracle, tmp_path, cells)
    assert [run.stdout for run in found] == ["['n0.txt', 'n1.txt']\n"] * 2, found
    assert len(list(project.rglob("n?.txt"))) == 2
    assert not (Path.home() / "no_such_folder_of_results").exists()


def test_what_cannot_be_mapped_is_told_at_its_cell(tmp_path: Path) -> None:
    cells = ["import mmap", "mmap.keep('/home/somebody/x.bin')", "address = str('sqlite:////home/somebody/x.db')"]
    assert ("path-outside", 2) in told(tmp_path, cells)
    assert ("path-outside", 3) in told(tmp_path, cells)


def test_the_project_s_own_folders_do_not_show(oracle: Oracle, tmp_path: Path) -> None:
    make = "os.makedirs('logs', exist_ok=True)\nwith open('logs/a.txt', 'w') as file:\n    file.write('1')"
    _, found = runs(oracle, tmp_path, ["import os", make, "print(sorted(os.listdir('logs')))"])
    assert [run.stdout for run in found] == ["['a.txt']\n"] * 2, found


ABSENT = {
    "in a variable": "NAME = '../rows/x.csv'\ndf = pd.read_csv(NAME)",
    "put together": "FOLDER = 'rows'\ndf = pd.read_csv(os.path.join(FOLDER, 'x.csv'))",
    "in an f-string": "FOLDER = 'rows'\ndf = pd.read_csv(f'{FOLDER}/x.csv')",
    "as a Path": "df = pd.read_csv(Path('rows') / 'x.csv')",
    "by default": "def load(name='rows/x.csv'):\n    return pd.read_csv(name)",
    "opened": "NAME = 'rows/x.csv'\nwith open(NAME) as file:\n    text = file.read()",
}


@pytest.mark.parametrize("how", ABSENT)
def test_a_file_that_is_not_there_is_told_at_its_cell(tmp_path: Path, how: str) -> None:
    cells = ["import os\nfrom pathlib import Path\nimport pandas as pd", ABSENT[how], "print(len('rows'), 'x.csv')"]
    assert ("file-missing", 2) in told(tmp_path, cells)


THERE = {
    "one of several is there": "BASE = '/kaggle/input' if os.path.exists('/kaggle/input') else 'rows'\n"
    "df = pd.read_csv(BASE + '/x.csv')",
    "the code writes it": "NAME = 'made.csv'\nopen(NAME, 'w').write('a')\ndf = pd.read_csv(NAME)",
    "a command writes it": "!curl -o made.csv https://example.org\ndf = pd.read_csv('made.csv')",
    "it is unpacked": "import zipfile\nzipfile.ZipFile('z').extractall('made')\ndf = pd.read_csv('made/x.csv')",
}


@pytest.mark.parametrize("how", THERE)
def test_a_file_that_will_be_there_is_not_told_to_be_missing(tmp_path: Path, how: str) -> None:
    cells = ["import os\nimport pandas as pd", THERE[how]]
    found = told(tmp_path, cells, {"rows/x.csv": "a\n1\n", "z": ""})
    assert "file-missing" not in [code for code, _ in found]


MADE = {
    "by a command": "!mkdir -p made\n!cp rows.txt made/x.txt",
    "by a command into a folder": "!mkdir -p made && tar cf a.tar rows.txt\n"
    "!tar xf a.tar -C made\n!mv made/rows.txt made/x.txt",
    "by a redirection": "!mkdir -p made && cat rows.txt > made/x.txt",
    "by an archive": "import shutil, os\nos.makedirs('to', exist_ok=True)\nn = open('to/x.txt', 'w').write('1')\n"
    "a = shutil.make_archive('a', 'zip', 'to')\nshutil.unpack_archive('a.zip', 'made')",
}


@pytest.mark.parametrize("how", MADE)
def test_what_is_made_is_read_where_it_is_made(oracle: Oracle, tmp_path: Path, how: str) -> None:
    read = "with open('made/x.txt') as file:\n    print(file.read())"
    _, found = runs(oracle, tmp_path, [MADE[how], read], {"rows.txt": "1"})
    assert found[0].stdout == "1\n", found


def test_what_is_written_with_a_suffix_behind_its_path_is_read_there(oracle: Oracle, tmp_path: Path) -> None:
    write = "import numpy as np\nnp.save('squares', np.arange(3) ** 2)\nnp.savez('both.npz', a=np.ones(2))"
    _, found = runs(
        oracle, tmp_path, [write, "print(np.load('squares.npy').sum(), np.load('both.npz')['a'].sum())"], {}
    )
    assert found[0].stdout == "5 2.0\n", found


def test_a_module_that_is_read_as_well_has_one_place(oracle: Oracle, tmp_path: Path) -> None:
    cells = ["import sys\nsys.path.append('src')\nimport model", "print(model.F, open('src/model.py').read())"]
    _, found = runs(oracle, tmp_path, [*cells, "!cat src/model.py"], {"src/model.py": "F = 3\n"})
    assert found[0].stdout == "3 F = 3\n\nF = 3\r\n", found


def test_data_of_the_folder_come_along_that_the_code_lists(oracle: Oracle, tmp_path: Path) -> None:
    read = "print([open(name).read() for name in sorted(os.listdir('.')) if name.endswith('.csv')])"
    _, found = runs(oracle, tmp_path, ["import os", read], {"a.csv": "1", "b.csv": "2", "notes.md": ""})
    assert found[0].stdout == "['1', '2']\n", found


def test_a_folder_is_there_that_the_code_writes_into(oracle: Oracle, tmp_path: Path) -> None:
    write = "with open(os.path.join(OUT, 'x.csv'), 'w') as file:\n    print(file.write('12'))"
    project, found = runs(oracle, tmp_path, ["import os\nOUT = 'results'", write], {"results/x.csv": "old"})
    assert found[0].stdout == "2\n", found
    assert [path.read_text() for path in project.rglob("x.csv")] == ["12"]


SHOWN = {
    "the working folder": "print(os.getcwd())",
    "the one above": "ROOT = Path.cwd().parent\nROOT",
    "in a text": "ROOT = Path('..').resolve()\nprint(f'root: {ROOT}')",
    "its name": "print(os.path.basename(os.getcwd()))",
    "a file": "os.path.abspath('x.csv')",
    "what lies in the folder": "print(os.listdir())",
}


@pytest.mark.parametrize("how", SHOWN)
def test_what_shows_where_the_code_runs_is_told_at_its_cell(tmp_path: Path, how: str) -> None:
    found = told(tmp_path, ["import os\nfrom pathlib import Path", SHOWN[how]])
    assert ("folder-listed" if "listdir" in SHOWN[how] else "place-shown", 2) in found


def test_a_path_that_is_the_same_everywhere_is_not_told(tmp_path: Path) -> None:
    cells = ["from pathlib import Path\nROOT = Path.cwd()", "print((ROOT / 'data').name, (ROOT / 'x').exists())"]
    assert not [code for code, _ in told(tmp_path, cells) if code == "place-shown"]


def made(folder: Path) -> str:
    """A data base with one row, in a folder of a repository; its path."""
    folder.mkdir(parents=True)
    base = sqlite3.connect(folder / "made.db")
    base.executescript("create table t (v); insert into t values (7)")
    base.close()
    return f"{folder.name}/made.db"


@pytest.mark.parametrize("folder", ["models", "outputs", "config", "logs"])
def test_a_file_in_a_query_lies_where_the_query_says(oracle: Oracle, tmp_path: Path, folder: str) -> None:
    """Also in a folder that the project has for itself."""
    path = made(tmp_path / "beside" / folder)
    attach = f"con = sqlite3.connect(':memory:')\nn = con.execute(\"attach '{path}' as other\")"
    show = "print(con.execute('select * from other.t').fetchall())"
    _, found = runs(
        oracle, tmp_path, ["import sqlite3", f"{attach}\n{show}", f"print(len(open('{path}', 'rb').read(4)))"]
    )
    assert found[0].stdout == "[(7,)]\n4\n", found


MODULE = """import json, os
import sqlite3
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def one():
    return json.load(open("../config/one.json"))


def two():
    return json.load(open(os.path.join(ROOT, "config", "two.json")))
"""


@pytest.mark.parametrize("start", ["..", "../src"])
def test_modules_find_the_files_that_they_read(oracle: Oracle, tmp_path: Path, start: str) -> None:
    """From the working folder and from where they lie, however they are imported."""
    name = "src.util" if start == ".." else "util"
    files = {"src/util.py": MODULE, "config/one.json": "[1]", "config/two.json": "[2]", ".git/HEAD": ""}
    write_files(tmp_path / "beside", files)
    cells = [f"import sys\nsys.path.append('{start}')\nfrom {name} import one, two", "print(one(), two())"]
    notebook = write_notebook(tmp_path / "beside" / "notebooks" / "work.ipynb", cells)
    run = oracle.project(generate(notebook, tmp_path / "elsewhere"))
    assert run.stdout == "[1] [2]\n", run


def test_a_command_of_one_machine_does_not_keep_a_file_of_it_outside(tmp_path: Path) -> None:
    cells = ["!/Users/me/anaconda3/bin/python -m pip list", "print(open('/Users/me/series/train.csv').read())"]
    project = generate(write_notebook(tmp_path / "work.ipynb", cells), tmp_path / "project")
    assert "data/raw/train.csv" in (project / "configs" / "config.yaml").read_text()


def in_notebooks(oracle: Oracle, folder: Path, cells: list[str], files: dict[str, str]) -> str:
    """What two runs of a project print alike, of a notebook in the folder `notebooks` of a repository."""
    write_files(folder / "beside", {**files, ".git/HEAD": ""})
    project = generate(
        write_notebook(folder / "beside" / "notebooks" / "work.ipynb", cells), folder / "elsewhere" / "p"
    )
    one, other = oracle.project(project), oracle.project(project)
    assert one == other
    assert [path.name for path in (folder / "elsewhere").iterdir()] == ["p"]
    return one.stdout


def test_the_project_s_own_folders_do_not_show_above_either(oracle: Oracle, tmp_path: Path) -> None:
    make = "os.makedirs('../logs', exist_ok=True)\nwith open('../logs/a.txt', 'w') as file:\n    n = file.write('1')"
    cells = ["import os", make, "print(sorted(os.listdir('../logs')))"]
    assert in_notebooks(oracle, tmp_path, cells, {}) == "['a.txt']\n"


def test_a_file_is_found_that_a_file_with_settings_names(oracle: Oracle, tmp_path: Path) -> None:
    read = "print(open(os.path.join('..', SET['folder'], SET['file'])).read())"
    cells = ["import json, os\nSET = json.load(open('../config/all.json'))", read]
    files = {"config/all.json": '{"folder": "data", "file": "rows.csv"}', "data/rows.csv": "1"}
    assert in_notebooks(oracle, tmp_path, cells, files) == "1\n"


def test_folders_are_there_after_the_code_has_changed_its_folder(oracle: Oracle, tmp_path: Path) -> None:
    cells = ["import os\nos.chdir('..')", "with open('saved/x.txt', 'w') as file:\n    print(file.write('12'))"]
    assert in_notebooks(oracle, tmp_path, cells, {"saved/x.txt": "old"}) == "2\n"


def test_folders_with_names_are_no_data_where_the_code_only_writes_into_them(tmp_path: Path) -> None:
    write_files(tmp_path, {"saved/old.csv": "1", ".git/HEAD": ""})
    cells = [
        "from pathlib import Path\nROOT = Path.cwd().parent",
        "IN, OUT = ROOT / 'in', ROOT / 'saved'\nOUT.mkdir(exist_ok=True)",
        "for name in 'ab':\n    n = (OUT / f'{name}.txt').write_text('1')",
    ]
    project = generate(write_notebook(tmp_path / "notebooks" / "work.ipynb", cells), tmp_path / "project")
    assert not list(project.rglob("old.csv"))


def test_a_folder_that_the_code_makes_later_is_there_as_around_the_notebook(oracle: Oracle, tmp_path: Path) -> None:
    cells = [
        "import os",
        "with open('made/new.csv', 'w') as stream:\n    stream.write('1')",
        "os.makedirs('made', exist_ok=True)\nwith open('made/more.csv', 'w') as stream:\n    stream.write('2')",
        "print(open('made/new.csv').read(), open('made/more.csv').read())",
    ]
    _, (first, second) = runs(oracle, tmp_path, cells, {"made/old.csv": "0", "notes.txt": "x"})
    assert first.stdout == second.stdout == "1 2\n"


REPOSITORY = {
    "a command": "root = !git rev-parse --show-toplevel",
    "a process": "import subprocess\nroot = subprocess.check_output(['git', 'rev-parse', '--show-toplevel'])",
    "a library": "import git\nroot = git.Repo('.', search_parent_directories=True).working_dir",
}


@pytest.mark.parametrize("how", REPOSITORY)
def test_what_asks_git_for_the_repository_is_told(tmp_path: Path, how: str) -> None:
    assert ("repository-asked", 1) in told(tmp_path, [REPOSITORY[how], "print(len(root))"])


def test_a_method_called_extract_unpacks_nothing_where_no_archive_is_opened(oracle: Oracle, tmp_path: Path) -> None:
    place = "C:\\Users\\me\\rows.csv"
    read = f"import pandas as pd\ndf = pd.read_csv({place!r})"
    cells = [read, "print(df.name.str.extract('([A-Z])', expand=False).tolist())"]
    project, found = runs(oracle, tmp_path, cells, {place: "name\nxA\n"})
    assert found[0].stdout == "['A']\n", found
    assert [path.name for path in (project / "data/raw").iterdir()] == ["rows.csv"]
    assert not [file for file in project.glob("src/**/*.py") if "Users" in file.read_text(encoding="utf-8")]
