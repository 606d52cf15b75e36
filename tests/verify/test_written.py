"""Files that notebook and project write are compared by what is in them."""

from __future__ import annotations

import gzip
import os
import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebooks import generate, write_notebook
from verified import check, replace

from nbmde.notebooks.verify.digest import Digester
from nbmde.notebooks.verify.written import Written

Make = Callable[..., tuple[Path, Path]]


def told(names: dict[str, str]) -> dict[str, Any]:
    """What is watched where no folder is watched as a whole."""
    return {"names": names, "tops": [], "base": "", "moved": [], "own": ""}


def zipped(path: Path, content: bytes, year: int) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt", (year, 1, 1, 0, 0, 0)), content)


WRITERS: dict[str, Callable[[Path, Any, int], object]] = {
    "text.csv": lambda path, value, moment: path.write_text(f"{value}\n", newline="\r\n" if moment % 2 else "\n"),
    "packed.csv.gz": lambda path, value, moment: path.write_bytes(gzip.compress(f"{value}".encode(), mtime=moment)),
    "archive.zip": lambda path, value, moment: zipped(path, f"{value}".encode(), 1990 + moment),
    "object.pkl": lambda path, value, moment: path.write_bytes(pickle.dumps([value], protocol=2 + moment)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_is_in_a_file_counts_and_not_how_it_was_packed(tmp_path: Path, name: str) -> None:
    def record(value: Any, moment: int) -> Any:
        path = tmp_path / name
        path.unlink(missing_ok=True)
        written = Written(told({"file": str(path)}), Digester())
        WRITERS[name](path, value, moment)
        return written.changed()["file"]

    assert record(1.5, 1) == record(1.5, 2)
    assert record(1.5, 1)["hash"] != record(1.25, 1)["hash"]
    assert record(1.5, 1)["gaps"] == []


def test_the_place_of_a_file_that_came_along_counts_as_where_it_lay(tmp_path: Path) -> None:
    """A module says where its table lies: in the project that is another folder, and the same file."""
    (tmp_path / "rates.py").write_text(
        "from pathlib import Path\nTABLE = Path(__file__).parent / 'tables' / 'rates.csv'\n"
    )
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "rates.csv").write_text("1")
    cells = [
        "import os\nimport rates",
        "print(rates.TABLE, rates.TABLE.exists())\nplace = os.path.abspath(rates.TABLE)",
    ]
    notebook = write_notebook(tmp_path / "taxes.ipynb", cells)
    project = generate(notebook, tmp_path / "project")
    assert check(notebook, project).equal
    replace(project, "print(rates.TABLE,", "print(rates.TABLE.parent,")
    assert not check(notebook, project).equal


def test_files_that_are_written_or_removed_are_told_once(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "gone.txt").write_text("gone")
    (tmp_path / "folder").mkdir()
    names = ["old.txt", "gone.txt", "new.txt", "folder"]
    written = Written(told({name: str(tmp_path / name) for name in names}), Digester())
    assert written.changed() == {}

    (tmp_path / "new.txt").write_text("new")
    (tmp_path / "gone.txt").unlink()
    (tmp_path / "folder" / "inner.bin").write_bytes(b"\xff\xfe")

    changed = written.changed()
    assert changed["gone.txt"] is None
    assert changed.keys() == {"gone.txt", "new.txt", "folder/inner.bin"}
    assert changed["new.txt"]["text"] == "'new'"  # type: ignore[index]
    assert written.changed() == {}
    os.utime(tmp_path / "old.txt", ns=(1, 1))
    assert written.changed().keys() == {"old.txt"}


class Drawing:
    def __setstate__(self, state: Any) -> None:
        random.random()


def test_looking_into_a_pickle_draws_no_random_numbers(tmp_path: Path) -> None:
    path = tmp_path / "drawing.pkl"
    written = Written(told({"drawing.pkl": str(path)}), Digester())
    drawing = Drawing()
    drawing.value = 1  # type: ignore[attr-defined]
    path.write_bytes(pickle.dumps(drawing))
    state = random.getstate()

    assert "hash" in (written.changed()["drawing.pkl"] or {})

    assert random.getstate() == state


SAVED = (
    "import pickle",
    "class Point:\n    def __init__(self, x):\n        self.x = x",
    "with open('point.pkl', 'wb') as stream:\n    pickle.dump(Point(0.25), stream)",
)


def test_a_saved_object_is_compared_by_its_value(project_of: Make) -> None:
    notebook, project = project_of(*SAVED)

    verdict = check(notebook, project)

    assert verdict.equal  # though its class is in another module, and the bytes say so
    assert [cell.files for cell in verdict.cells] == [0, 0, 1]
    replace(project, "0.25", "0.125")
    assert [d.kind for d in check(notebook, project, twice=False).cells[2].differences] == ["file"]


def test_a_file_that_differs_from_run_to_run_is_told_apart(project_of: Make) -> None:
    notebook, project = project_of(
        "import os\nwith open('token.txt', 'w') as stream:\n    stream.write(os.urandom(4).hex())\ndone = True"
    )

    verdict = check(notebook, project)

    assert verdict.equal
    assert ("the file token.txt", "differs between two runs of the notebook") in {
        (gap.what, gap.reason) for cell in verdict.cells for gap in cell.gaps
    }


@pytest.mark.parametrize(("suffix", "equal"), [("bin", False), ("pt", True)])
def test_bytes_count_unless_a_library_puts_more_than_the_values_in(project_of: Make, suffix: str, equal: bool) -> None:
    notebook, project = project_of(
        f"with open('raw.{suffix}', 'wb') as stream:\n    stream.write(b'\\xff\\x00')\ndone = True"
    )
    replace(project, "xff", "xfe")

    verdict = check(notebook, project, twice=False)

    assert verdict.equal == equal
    assert [gap.what for gap in verdict.cells[0].gaps] == (["the file raw.pt"] if equal else [])


def test_numbers_in_a_file_may_differ_within_the_tolerance(project_of: Make) -> None:
    notebook, project = project_of(
        "third = 1 / 3", "with open('third.txt', 'w') as stream:\n    stream.write(f'third {third}')\nok = 1"
    )
    replace(project, "{third}", "{third * (1 + 1e-12)}")

    assert not check(notebook, project, twice=False).equal
    assert check(notebook, project, twice=False, tolerance=1e-9).equal
    assert not check(notebook, project, twice=False, tolerance=1e-14).equal


def test_what_is_written_where_it_is_missing_only_is_told(project_of: Make) -> None:
    keep = "    place = Path(''.join(['li', 'b.js']))\n    if not place.exists():\n        place.write_text('made')"
    notebook, project = project_of(f"from pathlib import Path\ndef keep():\n{keep}", "keep()\ndone = True")
    assert check(notebook, project, twice=False).cells[1].files == 1

    (notebook.parent / "lib.js").write_text("lies there")
    verdict = check(notebook, project, twice=False)

    assert verdict.equal
    assert [gap.what for gap in verdict.cells[1].gaps] == ["the file lib.js"]


def test_files_count_whatever_they_are_called(project_of: Make) -> None:
    notebook, project = project_of(
        "import os\nimport uuid\nfrom pathlib import Path",
        "Path(f'run_{uuid.uuid4().hex}.txt').write_text('one')",
        "%%writefile settings.yaml\nrate: 2",
        "%%writefile tool.py\nRATE = 2",
        "import tool\nfor n in range(2):\n    Path(f'part_{n}.txt').write_text(str(n * tool.RATE))",
        "!echo done > done.txt",
        "os.remove(f'part_{n - 1}.txt')",
    )
    assert check(notebook, project).equal

    replace(project, "n * tool.RATE", "n + tool.RATE")
    replace(project, "done > done.txt", "done >> done.txt; touch more.txt")
    replace(project, "n - 1", "n")
    found = {(cell.number, one.name) for cell in check(notebook, project).cells for one in cell.differences if one.name}
    assert found == {(5, "part_0.txt"), (5, "part_1.txt"), (6, "more.txt"), (7, "part_0.txt"), (7, "part_1.txt")}


def test_pictures_that_are_drawn_by_lines_count_without_ids_and_dates(project_of: Make) -> None:
    pytest.importorskip("matplotlib")
    notebook, project = project_of(
        "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], label='rate')\nplt.grid()",
        "plt.plot([1, 3])\nplt.savefig('lines.svg')",
        "plt.plot([3, 1])\nplt.savefig('lines.pdf')",
    )
    verdict = check(notebook, project, twice=False)
    assert verdict.equal
    assert [cell.files for cell in verdict.cells] == [0, 1, 1]
    assert not any(gap.what.startswith("the file") for cell in verdict.cells for gap in cell.gaps)

    for name in ("lines_svg", "lines_pdf"):
        replace(project, f"plt.savefig(paths.{name}", f"plt.title('t')\n    plt.savefig(paths.{name}")
    found = {(c.number, d.name) for c in check(notebook, project, twice=False).cells for d in c.differences if d.name}
    assert found == {(2, "lines.svg"), (3, "lines.pdf")}
