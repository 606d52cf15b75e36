"""Both run a second time where they have run before: what the first run leaves must not change what the second does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from verified import check, replace

Make = Callable[..., tuple[Path, Path]]
MEMORY = (
    "import sqlite3\nbase = sqlite3.connect(':memory:')\nbase.execute('create table if not exists t (n)')\n"
    "base.executemany('insert into t values (?)', [(1,), (2,)])\nbase.commit()",
    "count = base.execute('select count(*) from t').fetchone()[0]\nprint(count)",
)
GROWING = "with open('log.txt', 'a') as log:\n    log.write('run')\nprint(len(open('log.txt').read()))"
FRESH = (
    "def add(text):\n    with open('log.txt', 'w') as log:\n        log.write(text)\n\n\n"
    "add('run')\nprint(len(open('log.txt').read()))"
)


def test_a_data_base_in_memory_that_has_become_a_file_is_found(project_of: Make) -> None:
    notebook, project = project_of(*MEMORY)

    right = check(notebook, project, rerun=True)
    replace(project, ":memory:", "kept.db")
    wrong = check(notebook, project)

    assert right.equal
    assert right.reran
    assert wrong.first is not None
    assert (wrong.first[1].kind, wrong.first[1].name) == ("file", "kept.db")


def test_a_file_that_grows_only_in_the_project_is_found_without_being_asked(project_of: Make) -> None:
    notebook, project = project_of(FRESH)
    replace(project, '"w"', '"a"')

    verdict = check(notebook, project)

    assert verdict.reran
    assert verdict.first is not None
    assert verdict.first[0].number == 1
    assert {difference.kind for difference in verdict.first[0].differences} == {"text", "file"}


def test_a_file_that_grows_in_the_notebook_too_is_equal(project_of: Make) -> None:
    verdict = check(*project_of(GROWING))

    assert verdict.equal
    assert verdict.reran


def test_a_project_that_cannot_run_twice_fails_where_the_notebook_can(project_of: Make) -> None:
    notebook, project = project_of(FRESH + "\nimport os\nos.makedirs('made', exist_ok=True)")
    replace(project, "exist_ok=True", "exist_ok=False")

    verdict = check(notebook, project)

    assert verdict.failure is not None
    assert "FileExistsError" in verdict.failure.detail
    assert not verdict.equal


def test_a_notebook_that_cannot_run_twice_is_told(project_of: Make) -> None:
    verdict = check(*project_of(FRESH + "\nimport os\nos.mkdir('made')"))

    assert verdict.equal
    assert not verdict.reran
    assert [
        note for note in verdict.notes if "the notebook itself fails: FileExistsError" in note and "(cell 1)" in note
    ]


def test_what_differs_between_second_runs_of_the_notebook_does_not_count(project_of: Make) -> None:
    verdict = check(
        *project_of(
            "import os\nbefore = os.path.exists('token')\ntoken = os.urandom(4).hex() if before else ''\n"
            "with open('token', 'a') as stream:\n    stream.write('x')\nprint(token, open('token').read())"
        )
    )

    assert verdict.reran
    assert verdict.equal
    assert any("run a second time" in gap.what for gap in verdict.cells[0].gaps)
