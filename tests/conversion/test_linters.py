"""What people write in notebooks, whatever a linter thinks of it, passes linter and type checker as a project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from notebooks import generate, write_files, write_notebook
from oracle import Oracle

pytestmark = pytest.mark.slow

CELLS = [
    "import os, sys\nimport numpy as np; import pandas as pd\nfrom math import *",
    "print(f'Results')\nprint(f'{1}' f'!')",
    "x = [1, 2]\nprint(not 1 in x, not x is None, x == None, type(x) == list)\nif True == bool(x): print('yes')",
    "l = 1; O = 2; I = 3\nprint(l + O + I);",
    "square = lambda value: value ** 2\nprint(square(3), sqrt(4))",
    "print('%(a)s' % {'a': 1, 'b': 2}, '{}'.format(1, 2), '{0} {1}'.format(1, 2))",
    "prices = {'a': 1, 'a': 2}\nprint(prices, {1, 1})",
    "def collect(value, into=[]):\n    unused = 1\n    into.append(value)\n    return into\nprint(collect(1))",
    "def collect(value):\n    return [value]\nprint(collect(3))",
    "try:\n    import notthere\nexcept Exception as error:\n    pass\ntry:\n    print(1 / 0)\nexcept:\n    print('no')",
    "class Old(object):\n    def __init__(self): super(Old, self).__init__()\nprint(isinstance(Old(), (Old,)))",
    "for i in range(3): total = i\nprint(total, dict(), list(), set([1]))\nassert (x, 'there is x')",
    "frame = pd.DataFrame(dict(a=[1, 2]))\nprint(frame[frame['a'] == True].shape, np.array(x).tolist(), l is O)",
    "from typing import cast\nlimit: int = 3\nprint(cast(int, limit))",
    "from matplotlib.pylab import *\nfor step in range(2): figure(step)\nprint(step, [show for show in x])",
    "def f(x: 'kg', y: 'np.ndarray | None' = None, *z: 'Optional[int]') -> 'm':\n    w: 'List[str]' = [1]\n"
    "    return x, w",
    "class Kept:\n    unit: 'kg'\n    other: 'Kept' = None\n    def same(self, other: 'Kept'):\n"
    "        found: 'Dict[str, pd.DataFrame]' = {}\n        return found\n"
    "print(f(1), Kept().same(None), f.__annotations__, Kept.__annotations__)",
    "values = [i for i in range(3)]\nprint(list(map(lambda i: i, values)), open and os.name and sys.argv and 1)",
]


def lint(project: Path) -> None:
    for command in (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]):
        done = subprocess.run([sys.executable, "-m", *command], cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_idioms_of_notebooks_are_no_findings(oracle: Oracle) -> None:
    folder, _ = oracle.convert([(cell, []) for cell in CELLS])
    lint(folder)


def test_names_of_a_function_are_no_business_of_its_module(oracle: Oracle) -> None:
    """What a function imports itself, though another module imports the same name."""
    cells = [
        "import io\nimport json\nimport pandas as pd",
        "def text(values):\n    import json\n    return json.dumps(values)",
        "frame = pd.read_csv(io.StringIO('a\\n1'))\nprint(json.loads('[1]'))",
        "print(text([3]))",
    ]
    folder, outcome = oracle.convert([(cell, []) for cell in cells], apart=True)
    assert not [notice.message for notice in outcome.notices if "module_imports_what_it_uses" in notice.message]
    assert oracle.project(folder).stdout == "[1]\n[3]\n"


def test_they_still_print_what_the_notebook_prints(oracle: Oracle) -> None:
    folder, _ = oracle.convert([(cell, []) for cell in CELLS])
    assert oracle.project(folder).stdout == oracle.notebook([(cell, []) for cell in CELLS]).stdout


def test_a_module_in_a_folder_of_the_search_path_comes_along_as_it_is(oracle: Oracle, tmp_path: Path) -> None:
    """Found below `src`, which the notebook adds to `sys.path`; linters leave it alone, and its files stay in place."""
    rate = (
        "import os,sys\nfrom pathlib import Path\n"
        "def rate(): x = 'a' ; return int((Path(__file__).resolve().parents[3] / 'data' / 'rate.txt').read_text())\n"
    )
    files = {"src/pricing/__init__.py": "from .rules.base import rate\n", "src/pricing/rules/__init__.py": ""}
    write_files(tmp_path, {**files, "src/pricing/rules/base.py": rate, "data/rate.txt": "3"})
    cells = [
        "import os\nimport sys\nSRC = os.path.join(os.path.abspath('.'), 'src')\nsys.path.append(SRC)",
        "from pricing import rate\nfrom pricing.rules.base import rate as again",
        "print(rate() + again())",
        "with open('data/rate.txt') as file:\n    print(file.read())",
    ]
    generate(write_notebook(tmp_path / "prices.ipynb", cells), tmp_path / "project")
    assert (tmp_path / "project" / "src" / "pricing" / "rules" / "base.py").is_file()
    assert "pricing" not in (tmp_path / "project" / "requirements.txt").read_text()
    run = oracle.project(tmp_path / "project")
    assert run.stdout == "6\n3\n", run
    lint(tmp_path / "project")


def convert(folder: Path, constants: str, cells: list[str]) -> Path:
    """The project of a notebook beside a package `prices` with a module `constants`."""
    write_files(folder, {"prices/__init__.py": "print('loaded')\n", "prices/constants.py": constants})
    return generate(write_notebook(folder / "stars.ipynb", cells), folder / "project")


def test_a_star_import_of_a_module_beside_the_notebook_names_what_is_used(oracle: Oracle, tmp_path: Path) -> None:
    """Where the module prints something, the import stays at its place, and a star cannot stand in a function."""
    constants = "from pathlib import Path\nprint('constants')\nRATE = 3\nUNUSED = 4\n_HIDDEN = 5\n"
    cells = ["print('first')", "from prices.constants import *", "print(RATE, Path('x').name)"]
    project = convert(tmp_path, constants, cells)
    assert oracle.project(project).stdout == "first\nloaded\nconstants\n3 x\n"
    code = "".join(file.read_text() for file in (project / "src" / "stars").rglob("*.py"))
    assert "from prices.constants import Path, RATE" in code
    assert "import *" not in code


@pytest.mark.parametrize(
    "constants",
    [
        "print('x')\nimport random\nif random.random() < 2:\n    RATE = 1\nRATE2 = 2\n",
        "print('x')\nRATE = 1\nOTHER = 2\ndel OTHER\n",
    ],
)
def test_one_that_binds_what_only_a_run_tells_gives_what_nothing_else_binds(
    oracle: Oracle, tmp_path: Path, constants: str
) -> None:
    project = convert(tmp_path, constants, ["print('first')", "from prices.constants import *", "print(RATE)"])
    assert oracle.project(project).stdout == "first\nloaded\nx\n1\n"
    lint(project)
