"""What `%run` runs: scripts in a namespace of their own, notebooks in that of the notebook."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notebooks import generate, write_files, write_notebook
from oracle import Oracle, document

from nbmde.engine.errors import NbmdeError

PREPARE = """import sys
import math as maths
from collections import Counter
limit = 3
_hidden = 4
unused = 5

def area(radius):
    return round(maths.pi * radius ** 2 + limit, 2)

class Shape:
    sides = limit

print("prepared", __name__, sys.argv[1:])
"""
FILES = {
    "prepare.py": PREPARE,
    "tools/deep.py": "import beside\nfound = beside.WORD\n",
    "tools/beside.py": "WORD = 'beside'\n",
    "shared.py": "start = start + 1\nprint(start)\n",
    "more.ipynb": json.dumps(document([("x = 10\nx", []), ("%run prepare.py\nprint(limit + x)", []), ("x + 1", [])])),
    "data/rates.txt": "7",
    "reads.py": "with open('data/rates.txt') as file:\n    rate = int(file.read())\n",
    "leaves.py": "import sys\ndone = 1\nsys.exit(len(sys.argv) - 1)\n",
    "fails.py": "got = 1\n1 / 0\n",
    "no_notebook.ipynb": "not JSON",
}
CASES = {
    "its names are taken over": [
        "%run prepare.py",
        "print(limit, area(2), Shape.sides, Counter('aa'), maths.floor(2.5))",
    ],
    "without its suffix": ["%run prepare", "print(limit)"],
    "with arguments": ["%run prepare.py --fast 'two words'", "print(area(1))"],
    "again, after a change": ["%run prepare.py", "limit = 100\nprint(area(1))", "%run prepare.py", "print(limit)"],
    "it does not see the notebook's names": [
        "limit = 8",
        "%run prepare.py",
        "print(limit)",
        "limit += 1\nprint(limit, area(1))",
    ],
    "hidden names": ["%run prepare.py", "print(_hidden)"],
    "in a folder, with a module beside it": ["%run tools/deep.py", "print(found)"],
    "in the notebook's namespace": ["start = 1", "%run -i shared.py", "%run -i shared.py", "print(start)"],
    "a notebook": ["x = 1", "%run more.ipynb", "x"],
    "a notebook that shows nothing": ["%run ./more.ipynb\nprint('end')"],
    "with a file": ["%run reads.py", "print(rate)"],
    "for its output alone": ["print(1)\n%run prepare.py\nprint(2)"],
    "one that ends itself": ["%run leaves.py", "print(done)"],
    "one that ends itself with an error": ["%run leaves.py now", "print(done)"],
    "one that fails": ["%run fails.py", "print(got)"],
    "beside a file that is no notebook": ["%run prepare.py", "print(limit, len(open('no_notebook.ipynb').read()))"],
}


@pytest.mark.parametrize("how", CASES)
def test_a_file_that_runs_gives_what_it_gave(oracle: Oracle, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "beside"
    write_files(folder, FILES)
    project = generate(write_notebook(folder / "runs.ipynb", CASES[how]), tmp_path / "project")
    run = oracle.project(project)
    assert not run.failed, run.stderr
    assert run.stdout == oracle.notebook([(cell, []) for cell in CASES[how]], folder=folder).stdout
    assert run.stdout


REFUSED = {
    "missing.py": "missing.py is not beside the notebook",
    "-d prepare.py": "the option -d of %run is not supported",
    "{name}": "known at run time only",
    "sometimes.py": "only a run tells whether it binds level",
    "stars.py": "only a run tells whether it binds the names of its star import",
    "broken.py": "invalid syntax",
    "itself.ipynb": "itself.ipynb runs itself",
}


@pytest.mark.parametrize("argument", REFUSED)
def test_what_only_a_run_tells_is_refused_at_its_cell(tmp_path: Path, argument: str) -> None:
    sometimes = "import sys\nif len(sys.argv) > 1:\n    level = 1\n"
    files = {"sometimes.py": sometimes, "stars.py": "from math import *\n", "broken.py": "x = = 1\n", **FILES}
    write_files(tmp_path, files | {"itself.ipynb": json.dumps(document([("%run itself.ipynb", [])]))})
    notebook = write_notebook(tmp_path / "runs.ipynb", ["name = 'prepare.py'", f"%run {argument}", "print(level)"])
    with pytest.raises(NbmdeError, match=REFUSED[argument]) as caught:
        generate(notebook, tmp_path / "project")
    assert caught.value.cell == 2
    assert not (tmp_path / "project").exists()
