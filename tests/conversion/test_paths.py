"""Files that a notebook writes outside its folder are written inside the project; what it prints stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebooks import REGISTRY, generate, write_files, write_notebook
from oracle import Oracle

from nbmde.engine import knowledge, m2t, pipeline

CELLS: list[tuple[str, list[str]]] = [
    ("import joblib\nmodel = {'model': 1}\n'../models'", []),
    ("joblib.dump(model, '../model/forest.pkl')", []),
    ("print(joblib.load('../model/forest.pkl'))", []),
]


def test_a_file_above_the_notebook_lies_inside_the_project(oracle: Oracle) -> None:
    folder, _ = oracle.convert(CELLS)
    run = oracle.project(folder)
    assert not run.failed, run.stderr
    assert run.stdout == "'../models'\n['../model/forest.pkl']\n{'model': 1}\n"
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("forest.pkl")] == ["outputs/forest.pkl"]
    assert not (folder.parent / "model").exists()


def test_a_folder_that_is_made_by_name_keeps_its_name_inside_the_project(oracle: Oracle) -> None:
    made = "import os\nfor name in ['../model']:\n    os.makedirs(name, exist_ok=True)"
    folder, _ = oracle.convert([(made, []), *CELLS])
    run = oracle.project(folder)
    assert not run.failed, run.stderr
    assert (folder / "model" / "forest.pkl").exists()
    assert not (folder.parent / "model").exists()


READS = {
    "with a dot": "table = pd.read_csv('./data/points.csv')",
    "with a dot, in the folder": "table = pd.read_csv('./near.csv')",
    "with two slashes": "table = pd.read_csv('data//points.csv')",
    "up and down": "table = pd.read_csv('./data/../data/points.csv')",
    "with backslashes": "table = pd.read_csv(r'data\\points.csv'.replace('\\\\', '/'))",
    "in a constant": "FILE = './data/points.csv'\ntable = pd.read_csv(FILE)",
    "in a constant for the folder": "FOLDER = './data/'\ntable = pd.read_csv(FOLDER + 'points.csv')",
    "in an f-string": "FOLDER = './data'\ntable = pd.read_csv(f'{FOLDER}/points.csv')",
    "joined": "import os\ntable = pd.read_csv(os.path.join('.', 'data', 'points.csv'))",
    "joined to a constant": "import os\nFOLDER = './data'\ntable = pd.read_csv(os.path.join(FOLDER, 'points.csv'))",
    "joined to the working folder": "import os\ntable = pd.read_csv(os.path.join(os.getcwd(), 'data', 'points.csv'))",
    "from the working folder": "from pathlib import Path\ntable = pd.read_csv(Path.cwd() / 'data' / 'points.csv')",
    "as an absolute path": "import os\ntable = pd.read_csv(os.path.abspath('data') + '/points.csv')",
    "as a Path": "from pathlib import Path\ntable = pd.read_csv(Path('./data/points.csv'))",
    "as a Path with slashes": "from pathlib import Path\ntable = pd.read_csv(Path('.') / 'data' / 'points.csv')",
    "opened": "with open('./data/points.csv') as file:\n    table = pd.read_csv(file)",
    "by a pattern": "import glob\ntable = pd.concat([pd.read_csv(name) for name in sorted(glob.glob('./data/*.csv'))])",
    "by a pattern beside others": "import glob\nnear = pd.read_csv('near.csv')\n"
    "table = pd.concat([pd.read_csv(name) for name in sorted(glob.glob('data/*.csv'))])",
    "by a pattern in the folder": "import glob\ntable = pd.concat([pd.read_csv(f) for f in glob.glob('nea?.csv')])",
    "by a pattern for all folders": "import glob\n"
    "table = pd.concat([pd.read_csv(name) for name in glob.glob('./**/points.csv', recursive=True)])",
    "by the pattern of a Path": "from pathlib import Path\n"
    "table = pd.concat([pd.read_csv(file) for file in sorted(Path('./data').glob('*.csv'))])",
    "by the folder as a Path": "from pathlib import Path\nfolder = Path('data')\n"
    "table = pd.concat([pd.read_csv(file) for file in sorted(folder.iterdir()) if file.is_file()])",
    "as a text of a Path": "from pathlib import Path\nimport io\n"
    "table = pd.read_csv(io.StringIO((Path('data') / 'points.csv').read_text()))",
    "if it is there": "from pathlib import Path\nimport os\n"
    "assert Path('data/points.csv').exists() and os.path.exists('./data/points.csv')\n"
    "table = pd.read_csv(Path('data', 'points.csv'))",
    "by walking": "import os\ntable = pd.concat([pd.read_csv(os.path.join(root, name))\n"
    "                   for root, folders, names in os.walk('./data') for name in names])",
    "by listing": "import os\ntable = pd.concat([pd.read_csv('./data/' + name) for name in os.listdir('./data')])",
    "in a function": "def read(name):\n    return pd.read_csv(name)\ntable = read('./data/points.csv')",
    "as a keyword": "table = pd.read_csv(filepath_or_buffer='./data/points.csv')",
}


@pytest.mark.parametrize("how", READS)
def test_a_file_is_found_however_its_place_is_spelled(oracle: Oracle, tmp_path: Path, how: str) -> None:
    """The file comes along and the project reads it, wherever it is run and wherever the notebook was."""
    write_files(tmp_path, dict.fromkeys(["data/points.csv", "near.csv"], "x,y\n1,2\n3,4\n"))
    cells = ["import pandas as pd", READS[how], "print(table.values.tolist())"]
    notebook = write_notebook(tmp_path / "points.ipynb", cells)
    outcome = pipeline.run(pipeline.find("nb2project"), notebook, REGISTRY, {})
    assert not [notice for notice in outcome.notices if "does not come along" in notice.message]
    m2t.write(outcome.files, tmp_path / "elsewhere" / "project")
    run = oracle.project(tmp_path / "elsewhere" / "project")
    assert run.stdout == "[[1, 2], [3, 4]]\n", run


def converted(oracle: Oracle, folder: Path, files: dict[str, str], cells: list[str]) -> tuple[Path, str]:
    """The project made of a notebook that lies beside some files, and what it prints."""
    write_files(folder / "beside", files)
    generate(write_notebook(folder / "beside" / "places.ipynb", cells), folder / "elsewhere" / "project")
    run = oracle.project(folder / "elsewhere" / "project")
    assert not run.failed, run.stderr
    return folder / "elsewhere" / "project", run.stdout


READ = "def read(path):\n    with open(path) as file:\n        return file.read()"


def test_files_of_one_name_in_several_folders_stay_apart(oracle: Oracle, tmp_path: Path) -> None:
    """Also where one of the folders says nothing, and its name would be left out."""
    files = {"x.txt": "1", "data/x.txt": "2", "input/x.txt": "3"}
    _, stdout = converted(
        oracle, tmp_path, files, [READ, "print(read('x.txt'), read('data/x.txt'), read('./input/x.txt'))"]
    )
    assert stdout == "1 2 3\n"


def test_results_of_one_name_in_several_folders_stay_apart(oracle: Oracle, tmp_path: Path) -> None:
    write = "for_one = open('outputs/x.txt', 'w')\nfor_one.write('1')\nfor_one.close()"
    other = write.replace("outputs", "results").replace("one", "two").replace("'1'", "'2'")
    made = "import os\nos.makedirs('outputs', exist_ok=True)\nos.makedirs('results', exist_ok=True)"
    cells = [READ, made, write, other, "print(read('outputs/x.txt'), read('results/x.txt'))"]
    assert converted(oracle, tmp_path, {}, cells)[1] == "1 2\n"


def test_what_is_written_and_read_under_two_spellings_is_one_file(oracle: Oracle, tmp_path: Path) -> None:
    cells = ["with open('x.txt', 'w') as file:\n    n = file.write('1')", "print(open('./x.txt').read())"]
    assert converted(oracle, tmp_path, {}, cells)[1] == "1\n"


LISTINGS = {
    "a folder": ["print(sorted(os.listdir('data')))"],
    "a folder in a constant": ["FOLDER = 'data'", "print(sorted(os.listdir(FOLDER)))"],
    "a pattern": ["print([os.path.basename(name) for name in sorted(glob.glob('*.txt'))])"],
    "a pattern for all folders": ["print(sorted(map(os.path.basename, glob.glob('**/*.txt', recursive=True))))"],
    "a folder, file by file": ["print([(read('data/' + name)) for name in sorted(os.listdir('data')) if '.' in name])"],
    "a folder that a function is given": [
        "def names(where):\n    return sorted(os.listdir(where))",
        "print(names('data'))",
    ],
    "a folder that an object has": [
        "class Store:\n    def __init__(self, place):\n        self.place = place\n\n"
        "    def names(self):\n        return sorted(os.listdir(self.place))",
        "print(Store(place='data').names())",
    ],
    "a walk": ["print([sorted(names) for root, folders, names in sorted(os.walk('data'))])"],
    "a Path": ["from pathlib import Path", "print(sorted(path.name for path in Path('data').iterdir()))"],
    "its own folder": ["print([name for name in sorted(os.listdir('.')) if name.endswith('.txt')])"],
    "the working folder": ["print([name for name in sorted(os.listdir()) if name.endswith('.txt')])"],
    "its own folder as a Path": [
        "from pathlib import Path\nhere = Path('.')",
        "print([path.name for path in sorted(here.glob('*.txt'))], [path.name for path in Path.cwd().glob('*.txt')])",
    ],
    "a walk of its own folder": [
        "print(sorted(os.path.join(os.path.basename(root), name) for root, folders, names in os.walk('data')\n"
        "             for name in names))"
    ],
    "what is written there": [
        "with open('data/new.txt', 'w') as file:\n    print(file.write('5'))",
        "print(sorted(os.listdir('data')), read('data/new.txt'))",
    ],
    "what is written where patterns look": [
        "with open('new.txt', 'w') as file:\n    print(file.write('5'))",
        "print([os.path.basename(name) for name in sorted(glob.glob('*.txt'))])",
    ],
}


@pytest.mark.parametrize("how", LISTINGS)
def test_a_listing_finds_the_same_files(oracle: Oracle, tmp_path: Path, how: str) -> None:
    """And no others, though all files lie in one folder of the project."""
    files = {"top.txt": "1", "data/x.txt": "2", "data/y.txt": "3", "data/sub/x.txt": "4"}
    cells = ["import glob\nimport os", READ, *LISTINGS[how], "print(read('top.txt') + read('data/sub/x.txt'))"]
    _, stdout = converted(oracle, tmp_path, files, cells)
    notebook = oracle.notebook([(cell, []) for cell in cells], folder=tmp_path / "beside")
    assert stdout == notebook.stdout


MOVES = {
    "into the folder": ["os.chdir('data')", "print(sorted(os.listdir('.')), read('x.txt'))", "os.chdir('..')"],
    "by the magic": ["%cd data", "print(read('x.txt'), sorted(glob.glob('*.txt')))", "%cd .."],
    "and writes there": [
        "os.chdir('data')",
        "n = open('z.txt', 'w').write('5')",
        "print(read('z.txt'))\nos.chdir('..')",
    ],
}


@pytest.mark.parametrize("how", MOVES)
def test_a_notebook_that_changes_its_folder_finds_its_files(oracle: Oracle, tmp_path: Path, how: str) -> None:
    """They lie in the project as they lay beside it: no other place would do."""
    files = {"top.txt": "1", "data/x.txt": "2", "data/y.txt": "3", "own.py": "VALUE = 4\n"}
    cells = ["import glob\nimport os\nimport own", READ, *MOVES[how], "print(read('top.txt') + read('data/y.txt'))"]
    project, stdout = converted(oracle, tmp_path, files, cells)
    assert [path.relative_to(project).as_posix() for path in project.rglob("own.py")] == ["src/own.py"]
    here, working = str(tmp_path / "beside"), project / "notebooks"
    project = working if working.exists() else project
    expected = oracle.notebook([(cell, []) for cell in cells], folder=tmp_path / "beside").stdout
    assert stdout.replace(str(project), here) == expected


SCRIPT = "text = open('data/x.txt').read()\nopen('made.txt', 'w').write(text * 2)\nprint('made', text)\n"
COMMANDS = {
    "one that prints": ["!cat data/x.txt"],
    "one whose output is kept": ["lines = !cat data/x.txt\nprint(lines)"],
    "one that names the file": ["!grep -c 2 ./data/x.txt data/y.txt"],
    "one that reads from the file": ["!wc -c < data/x.txt"],
    "one with a pattern": ["!cat data/*.txt"],
    "a cell of them": ["%%bash\ncat data/x.txt\nwc -c data/y.txt"],
    "one of Python's": ["import subprocess", "print(subprocess.check_output(['cat', 'data/x.txt']).decode())"],
    "os.system": ["import os", "code = os.system('grep -q 2 data/x.txt')\nprint(code)"],
    "one with a name in braces": ["name = 'x'", "!cat data/{name}.txt"],
    "a script that reads and writes": ["!python make.py", "print(read('made.txt'))"],
    "a script run by its own path": ["!python ./make.py", "with open('made.txt') as file:\n    print(file.read())"],
}


@pytest.mark.parametrize("how", COMMANDS)
def test_a_command_finds_the_files_that_it_names(oracle: Oracle, tmp_path: Path, how: str) -> None:
    files = {"data/x.txt": "2", "data/y.txt": "3", "make.py": SCRIPT}
    cells = [READ, *COMMANDS[how], "print(read('data/x.txt') + read('data/y.txt'))"]
    _, stdout = converted(oracle, tmp_path, files, cells)
    assert stdout == oracle.notebook([(cell, []) for cell in cells], folder=tmp_path / "beside").stdout
    assert stdout.endswith("23\n")


def test_a_command_finds_a_file_above_the_notebook(oracle: Oracle, tmp_path: Path) -> None:
    write_files(tmp_path, {"data/x.txt": "2\n"})
    cells = [READ, "!cat ../data/x.txt", "print(read('../data/x.txt'))"]
    project = generate(write_notebook(tmp_path / "notebooks" / "work.ipynb", cells), tmp_path / "project")
    assert (project / "data" / "x.txt").is_file()
    assert oracle.project(project).stdout == "2\r\n2\n\n"


def test_a_command_does_not_find_the_project_s_own_files(oracle: Oracle, tmp_path: Path) -> None:
    """The notebook's file of that name cannot lie where it lay."""
    files = {"README.md": "mine\n", "requirements.txt": "numpy\n"}
    cells = ["!cat README.md requirements.txt", "print(open('README.md').read())"]
    assert converted(oracle, tmp_path, files, cells)[1] == "mine\r\nnumpy\r\nmine\n\n"


def test_the_table_of_layouts_names_what_every_layout_has_at_its_top(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "work.ipynb", ["print(1)"])
    own = set(knowledge.table("layout")["own"]["names"])
    for layout in ("mlops", "basic"):
        project = generate(notebook, tmp_path / layout, layout=layout)
        assert {path.name for path in project.iterdir()} <= own | {"data"}


def test_a_command_that_lists_files_is_reported(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "work.ipynb", ["!ls -l", "print(1)"])
    outcome = pipeline.run(pipeline.find("nb2project"), notebook, REGISTRY, {})
    assert {notice.cell for notice in outcome.notices if "tells of the project's folder" in notice.message} == {1}
