"""A faithful project passes; planted faults are found, at the cell of the notebook and the line of the project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from notebooks import REGISTRY
from verified import check, code_of, replace

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.verify import Verdict, verify
from nbmde.notebooks.verify.verdict import DIFFERS, EQUAL, NOT_COMPARED, NOTHING, PARTLY

pytestmark = pytest.mark.slow

Orders = tuple[Path, Path]
Make = Callable[..., tuple[Path, Path]]


def statuses(verdict: Verdict) -> dict[int, str]:
    return {cell.number: cell.status for cell in verdict.cells}


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def found(verdict: Verdict) -> tuple[int, str, int, str]:
    """Cell, file, line and function of the first difference."""
    assert verdict.first is not None
    cell, difference = verdict.first
    return cell.number, difference.file, difference.line, difference.function


def test_a_generated_project_computes_what_its_notebook_computes(orders: Orders) -> None:
    verdict = check(*orders)

    assert verdict.equal
    assert verdict.runs == 1
    assert statuses(verdict) == {
        2: NOTHING, 3: EQUAL, 5: EQUAL, 6: NOTHING, 7: EQUAL, 9: EQUAL, 11: EQUAL, 13: EQUAL, 14: PARTLY
    }  # fmt: skip
    assert sum(cell.values for cell in verdict.cells) >= 12


def test_what_cannot_be_compared_is_listed_and_does_not_count_as_equal(orders: Orders) -> None:
    verdict = check(*orders)

    gaps = [(cell.number, gap.what, gap.reason) for cell in verdict.cells for gap in cell.gaps]
    assert gaps == [(14, "nets", "a generator: its values cannot be known without taking them")]
    last = verdict.cells[-1]
    assert last.status == PARTLY
    assert verdict.counts()[EQUAL] == 6


@pytest.mark.parametrize(
    ("old", "new", "cell", "name"),
    [
        ('"amount": 12.5', '"amount": 12.6', 5, "kept"),
        ('    kept.append({"amount": 12.5, "city": "A"})\n', "", 5, "kept"),
        ("kept = orders\n", "kept = list(orders)\n", 5, "orders"),
        ('order["net"] = discount(order["amount"])', 'order["net"] = discount(order["amount"], 0.2)', 7, "kept"),
        ("random.sample(range(40), 2)", "random.sample(range(9), 2)", 11, "winners"),
        ('totals[order["city"]] += order["net"]', 'totals[order["city"]] += order["amount"]', 13, "totals"),
    ],
    ids=["constant", "dropped line", "lost alias", "argument of a call", "random range", "loop body"],
)
def test_a_fault_in_the_code_is_found_at_its_cell_and_line(
    orders: Orders, old: str, new: str, cell: int, name: str
) -> None:
    notebook, project = orders
    path, line = code_of(project, old)
    replace(project, old, new)

    verdict = check(notebook, project, twice=False)

    assert not verdict.equal
    number, file, at, _ = found(verdict)
    assert (number, project / file) == (cell, path)
    assert line - 1 <= at <= line + 2  # of the statement that binds the variable, or the last one of the cell
    names = {difference.name for difference in verdict.first[0].differences} if verdict.first else set()
    assert name in names
    assert all(status in (EQUAL, NOTHING) for n, status in statuses(verdict).items() if n < cell)


def test_a_lost_alias_is_found_before_it_changes_a_value(project_of: Make) -> None:
    notebook, project = project_of("first = [1]", "second = first\nthird = 3", "print(first, second)")
    replace(project, "second = first", "second = first[:]")

    verdict = check(notebook, project, twice=False)

    assert found(verdict)[0] == 2
    assert [difference.kind for difference in verdict.cells[1].differences] == ["alias"]
    assert "one object in the notebook and two in the project" in verdict.cells[1].differences[0].detail


def test_a_changed_seed_is_found_where_it_is_set(orders: Orders) -> None:
    notebook, project = orders
    settings = project / "configs" / "config.yaml"
    assert "7" in settings.read_text()
    settings.write_text(settings.read_text().replace(": 7", ": 8"))

    verdict = check(notebook, project, twice=False)

    cell, file, _, _ = found(verdict)
    _, place = code_of(project, "random.seed(")
    assert cell == 3
    assert project / file == code_of(project, "random.seed(")[0]
    assert {d.kind for d in verdict.cells[1].differences} >= {"value", "random numbers"}
    assert all(difference.line >= place for difference in verdict.cells[1].differences)


def test_a_seed_that_nothing_uses_yet_is_compared_by_the_generator(project_of: Make) -> None:
    notebook, project = project_of("import random\nrandom.seed(5)\nready = True", "print(ready)")
    replace(project, "ready = True", "random.random()\n    ready = True")

    verdict = check(notebook, project, twice=False)

    assert [d.kind for d in verdict.cells[0].differences] == ["random numbers"]


def test_swapped_calls_are_found_in_the_driver(orders: Orders) -> None:
    notebook, project = orders
    driver, _ = code_of(project, "def run(")
    lines = driver.read_text().splitlines(keepends=True)
    asked = next(n for n, line in enumerate(lines) if "survey" in line and line.startswith("    ") and "(" in line)
    drawn = next(n for n, line in enumerate(lines) if "lottery" in line and line.startswith("    ") and "(" in line)
    lines[asked], lines[drawn] = lines[drawn], lines[asked]
    driver.write_text("".join(lines))

    verdict = check(notebook, project, twice=False)

    number, file, line, function = found(verdict)
    assert verdict.first is not None
    assert verdict.first[1].kind == "order"
    assert (number, project / file, line) == (9, driver, min(asked, drawn) + 1)
    assert "lottery" in function


def test_a_call_that_is_left_out_is_found(orders: Orders) -> None:
    notebook, project = orders
    driver, _ = code_of(project, "def run(")
    text = driver.read_text().splitlines(keepends=True)
    driver.write_text("".join(line for line in text if "survey" not in line or "import" in line or "from" in line))

    verdict = check(notebook, project, twice=False)

    assert not verdict.equal
    assert statuses(verdict)[9] == DIFFERS


def test_printed_text_is_compared_and_its_statement_named(orders: Orders) -> None:
    notebook, project = orders
    path, line = code_of(project, 'print("winners", winners)')
    replace(project, 'print("winners", winners)', 'print("losers", winners)')

    verdict = check(notebook, project, twice=False)

    assert found(verdict)[:3] == (11, str(path.relative_to(project)), line)
    assert verdict.first is not None
    difference = verdict.first[1]
    assert difference.kind == "text"
    assert difference.notebook.startswith("winners")
    assert difference.project.startswith("losers")


def test_lines_are_found_in_a_file_that_was_edited_around_them(orders: Orders) -> None:
    notebook, project = orders
    path, _ = code_of(project, "kept = orders")
    path.write_text("# A comment\n# of two lines.\n" + path.read_text())
    replace(project, "kept = orders\n", "# All of them.\n    kept = orders\n")

    assert check(notebook, project).equal

    replace(project, '"amount": 12.5', '"amount": 12.25')
    _, line = code_of(project, '"amount": 12.25')
    verdict = check(notebook, project, twice=False)

    assert found(verdict)[0] == 5
    assert found(verdict)[2] == line
    assert any("was changed since it was generated" in note for note in verdict.notes)


def test_shared_state_is_compared(project_of: Make) -> None:
    notebook, project = project_of(
        "count = 0",
        "def tick():\n    global count\n    count += 1\n    return count",
        "tick()\ntick()",
        "print(count)",
    )
    assert check(notebook, project).equal

    replace(project, "count += 1", "count += 2")
    verdict = check(notebook, project, twice=False)

    assert found(verdict)[0] == 3
    assert {difference.name for difference in verdict.cells[2].differences} >= {"count"}


def test_nothing_of_the_users_is_changed(project_of: Make) -> None:
    notebook, project = project_of(
        'from pathlib import Path\nPath("written.txt").write_text("x")\nlen(list(Path(".").glob("*.txt")))'
    )
    before = files(notebook.parent) | files(project)

    check(notebook, project)

    assert files(notebook.parent) | files(project) == before


def test_files_beside_and_above_the_notebook_are_found(tmp_path: Path, project_of: Make) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "above.txt").write_text("above\n")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "beside.txt").write_text("beside\n")
    notebook, project = project_of(
        'above = open("../data/above.txt").read()\nbeside = open("beside.txt").read()\nprint(above + beside)'
    )

    assert check(notebook, project).equal


def test_folders_above_the_notebook_that_it_writes_to_are_there(tmp_path: Path, project_of: Make) -> None:
    (tmp_path / "results").mkdir()
    notebook, project = project_of(
        'with open("../results/numbers.txt", "w") as stream:\n    stream.write("1 2 3")\nprint(stream.closed)'
    )

    assert check(notebook, project).equal
    assert not list((tmp_path / "results").iterdir())


def test_what_differs_from_run_to_run_is_told_apart(project_of: Make) -> None:
    notebook, project = project_of(
        "import os\ntoken = os.urandom(8).hex()\nprint('token', token)\nprint('fixed')\nsize = len(token)"
    )

    verdict = check(notebook, project)

    assert verdict.runs == 2
    assert verdict.equal
    assert {(gap.what, gap.reason) for gap in verdict.cells[0].gaps} == {
        ("token", "differs between two runs of the notebook"),
        ("lines of text", "differs between two runs of the notebook"),
    }
    replace(project, "'fixed'" if "'fixed'" in code_of(project, "fixed")[0].read_text() else '"fixed"', '"other"')
    assert not check(notebook, project).equal


def test_runs_that_agree_by_chance_are_followed_by_others(project_of: Make, tmp_path: Path) -> None:
    counter = tmp_path / "runs"  # of the notebook: the third one comes out as the project does
    notebook, project = project_of(
        "import os\nfrom pathlib import Path\ntoken = os.urandom(8)\nchance = True",
        f"if 'JPY_PARENT_PID' in os.environ:\n    with Path({str(counter)!r}).open('a') as stream:\n"
        f"        size = stream.write('x')\n    chance = Path({str(counter)!r}).stat().st_size > 2",
        "print(chance, 12345)\nprint(54321)",
    )

    verdict = check(notebook, project)

    assert verdict.runs == 3
    assert verdict.equal
    replace(project, "54321", "54320")
    verdict = check(notebook, project)
    assert verdict.runs == 4
    assert not verdict.equal


def test_memory_that_nothing_was_written_to_is_no_value(project_of: Make) -> None:
    notebook, project = project_of("import numpy as np\nbuffer = np.empty(5000)\nnumbers = np.arange(3)")
    replace(project, "np.empty(5000)", "np.full(5000, 7.5)")

    verdict = check(notebook, project)

    assert verdict.equal
    assert {(gap.what, gap.reason) for gap in verdict.cells[0].gaps} == {
        ("buffer", "differs between two runs of the notebook")
    }


def test_the_parts_of_a_value_that_do_not_differ_from_run_to_run_are_compared(project_of: Make) -> None:
    notebook, project = project_of("import os\nresult = {'when': os.urandom(4), 'score': 12}", "print(result['score'])")

    verdict = check(notebook, project)

    assert verdict.equal
    assert {gap.what for cell in verdict.cells for gap in cell.gaps} == {"result: ['when']"}
    replace(project, "12", "13")
    verdict = check(notebook, project)
    assert found(verdict)[0] == 1
    assert verdict.cells[0].differences[0].detail == "result: ['score'] differ"


def test_so_are_the_parts_of_its_parts(project_of: Make) -> None:
    notebook, project = project_of(
        "import os\n\nclass Fit:\n    def __init__(self):\n        self.buffers = {'scratch': os.urandom(4)}\n"
        "        self.scale = 12\n",
        "result = [Fit(), Fit()]\nprint(len(result))",
    )

    verdict = check(notebook, project)

    assert verdict.equal
    assert {gap.what for cell in verdict.cells for gap in cell.gaps} == {
        "result: [0].buffers['scratch'], [1].buffers['scratch']"
    }
    replace(project, "self.scale = 12", "self.scale = len(self.buffers)")
    differences = [difference for cell in check(notebook, project).cells for difference in cell.differences]
    assert [difference.detail for difference in differences] == ["result: [0].scale, [1].scale differ"]


def test_addresses_and_measured_times_do_not_count(project_of: Make) -> None:
    notebook, project = project_of(
        "class Thing:\n    pass",
        "thing = Thing()\nprint(thing, 'here')",
        "%%time\ntotal = sum(range(10))",
        "import datetime\nprint('today is', datetime.date.today())",
    )

    verdict = check(notebook, project)

    assert verdict.equal
    assert verdict.runs == 1


def test_the_folder_in_which_code_runs_is_the_same_folder(project_of: Make) -> None:
    notebook, project = project_of(
        "import os\nhere = os.path.abspath('.')\nprint(here)", "below = os.path.join(here, 'data')\nbelow"
    )
    assert check(notebook, project).equal


def test_a_notebook_that_fails_is_refused_with_its_cell(project_of: Make) -> None:
    notebook, project = project_of("value = 1", "# Then", "print(value)\nvalue / 0")

    with pytest.raises(NbmdeError) as refusal:
        check(notebook, project)

    assert refusal.value.cell == 3
    assert "the notebook itself fails: ZeroDivisionError: division by zero" in str(refusal.value)


def test_a_notebook_that_takes_too_long_is_refused(project_of: Make) -> None:
    notebook, project = project_of("import time", "time.sleep(60)")

    with pytest.raises(NbmdeError, match="takes more than 4 s") as refusal:
        check(notebook, project, timeout=4)

    assert refusal.value.cell == 2


def test_a_kernel_that_dies_is_told(project_of: Make) -> None:
    notebook, project = project_of("import os", "os._exit(9)")

    with pytest.raises(NbmdeError, match="the kernel died") as refusal:
        check(notebook, project)

    assert refusal.value.cell == 2


def test_a_project_that_fails_is_not_equal_and_what_ran_before_is_compared(orders: Orders) -> None:
    notebook, project = orders
    replace(project, 'print("asked", asked)', 'raise LookupError("nobody there")')
    path, line = code_of(project, "raise LookupError")

    verdict = check(notebook, project)

    assert not verdict.equal
    assert verdict.failure is not None
    assert "LookupError: nobody there" in verdict.failure.detail
    assert "cell 9" in verdict.failure.detail
    assert (project / verdict.failure.file, verdict.failure.line) == (path, line)
    assert statuses(verdict)[7] == EQUAL
    assert statuses(verdict)[9] == statuses(verdict)[13] == NOT_COMPARED


def test_a_project_that_cannot_be_imported_fails(orders: Orders) -> None:
    notebook, project = orders
    replace(project, "from collections import Counter", "from collections import Kounter")

    verdict = check(notebook, project)

    assert not verdict.equal
    assert verdict.failure is not None
    assert "ImportError" in verdict.failure.detail
    assert set(statuses(verdict).values()) == {NOT_COMPARED, NOTHING}


def test_a_project_that_never_ends_is_stopped(project_of: Make) -> None:
    notebook, project = project_of("value = 1\nprint(value)")
    replace(project, "value = 1", "while True:\n        pass\n    value = 1")

    verdict = check(notebook, project, timeout=8)

    assert not verdict.equal
    assert verdict.failure is not None
    assert "takes more than 8 s" in verdict.failure.detail


def test_a_folder_that_was_not_generated_is_refused(tmp_path: Path, orders: Orders) -> None:
    with pytest.raises(NbmdeError, match="is not a generated project"):
        check(orders[0], tmp_path)


def test_another_notebook_than_the_projects_is_refused(orders: Orders, project_of: Make) -> None:
    other, _ = project_of("print(1)", name="other")

    with pytest.raises(NbmdeError, match="was made of a notebook with 14 cells, this one has 1"):
        check(other, orders[1])


def test_a_python_without_kernel_is_refused(tmp_path: Path, orders: Orders) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'ModuleNotFoundError: No module named ipykernel' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(NbmdeError, match="No module named ipykernel"):
        verify(*orders, REGISTRY, python=broken)
    with pytest.raises(NbmdeError, match="does not start"):
        verify(*orders, REGISTRY, python=tmp_path / "nowhere")


def test_values_that_fail_when_they_are_looked_at_stop_nothing(project_of: Make) -> None:
    notebook, project = project_of(
        "class Sly:\n    @property\n    def __dict__(self):\n        raise SystemExit(3)",
        "sly = Sly()\nnumber = 1",
        "print(number)",
    )

    verdict = check(notebook, project)

    assert verdict.equal
    assert [cell.values for cell in verdict.cells[1:]] == [1, 1]
    assert {gap.what for cell in verdict.cells for gap in cell.gaps} == {"sly"}


def test_numbers_within_a_tolerance_are_equal(project_of: Make) -> None:
    notebook, project = project_of(
        "values = [0.1 * n for n in range(50)]\nmean = sum(values) / len(values)", "print('mean', mean)\nmean"
    )
    replace(project, "0.1 * n", "0.1 * n * (1 + 1e-12)")

    assert not check(notebook, project, twice=False).equal
    assert check(notebook, project, twice=False, tolerance=1e-9).equal
    assert not check(notebook, project, twice=False, tolerance=1e-14).equal
