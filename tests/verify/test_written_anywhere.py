"""Every file that either side writes is compared, however it is named; reading one back asks for a second run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from verified import check, replace

pytestmark = pytest.mark.slow

Make = Callable[..., tuple[Path, Path]]
WRITES = {
    "an open file that is given on": ("import json\njson.dump({'v': 41}, open('made.json', 'w'))", "41"),
    "a path": ("from pathlib import Path\nFILE = Path('to') / 'x.txt'\nFILE.parent.mkdir(exist_ok=True)\n"
    "n = FILE.write_text('a41')", "41"),
    "a name": ("NAME = 'x' + '.txt'\nwith open(NAME, 'w') as file:\n    n = file.write('a41')", "41"),
    "a joined path": ("import os\nos.makedirs('to', exist_ok=True)\nOUT = 'to'\n"
    "with open(os.path.join(OUT, 'x.txt'), 'w') as file:\n    n = file.write('a41')", "41"),
    "a data base": ("import sqlite3\nNAME = 'x' + '.db'\nbase = sqlite3.connect(NAME)\n"
    "n = base.execute('create table if not exists t (v)')\nn = base.execute('insert into t values (41)')\n"
    "base.commit()\nbase.close()\ndel base, n", "41"),
    "a command": ("!printf a41 > x.txt", "41"),
    "an archive": ("import zipfile\nNAME = 'x' + '.zip'\nwith zipfile.ZipFile(NAME, 'w') as z:\n"
    "    z.writestr('a.txt', 'a41')\ndel z", "41"),
}  # fmt: skip


@pytest.mark.parametrize("how", WRITES)
def test_another_content_is_found(project_of: Make, how: str) -> None:
    cell, value = WRITES[how]
    notebook, project = project_of("print(1)", cell)
    right = check(notebook, project)
    replace(project, value, "42")
    wrong = check(notebook, project)

    assert right.equal
    assert right.cells[1].files
    assert wrong.first is not None
    assert wrong.first[0].number == 2
    assert wrong.first[1].kind == "file"


def test_a_file_that_only_the_project_writes_is_found(project_of: Make) -> None:
    notebook, project = project_of("NAME = 'a' + '.txt'\nwith open(NAME, 'w') as file:\n    n = file.write('1')")
    replace(project, "as file:", "as file, open('other.txt', 'w'):")

    verdict = check(notebook, project)

    assert verdict.first is not None
    assert verdict.first[1].name == "other.txt"


def test_a_file_whose_name_differs_from_run_to_run_is_no_difference(project_of: Make) -> None:
    verdict = check(
        *project_of("import os\nwith open(os.urandom(4).hex() + '.txt', 'w') as file:\n    print(file.write('1'))")
    )

    assert verdict.equal
    assert verdict.cells[0].gaps


AGAIN = {
    "read back": "NAME = 'a' + '.txt'\nopen(NAME, 'w').write('1')\nprint(open(NAME).read())",
    "added to": "NAME = 'a' + '.txt'\nwith open(NAME, 'a') as file:\n    n = file.write('1')",
    "listed": "import os\nNAME = 'a' + '.txt'\nopen(NAME, 'w').write('1')\nHERE = os.getcwd()\n"
    "n = len(os.listdir(HERE))\nn = 0",
    "a data base": "import sqlite3\nNAME = 'a' + '.db'\nbase = sqlite3.connect(NAME)\nbase.close()\ndel base",
}


@pytest.mark.parametrize("how", AGAIN)
def test_where_a_run_reads_what_it_has_written_both_run_again(project_of: Make, how: str) -> None:
    verdict = check(*project_of(AGAIN[how]))

    assert verdict.equal, verdict.first
    assert verdict.reran


def test_where_a_run_only_writes_nothing_runs_again(project_of: Make) -> None:
    verdict = check(*project_of("NAME = 'a' + '.txt'\nwith open(NAME, 'w') as file:\n    n = file.write('1')"))

    assert verdict.equal
    assert not verdict.reran
