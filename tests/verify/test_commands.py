"""The commands verify, batch and report: what they print, write and return."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from notebooks import REGISTRY, generate, write_notebook
from verified import ORDERS, check, replace

from nbmde import cli
from nbmde.engine.errors import NbmdeError
from nbmde.notebooks import batch
from nbmde.notebooks.report import report

Orders = tuple[Path, Path]


def nbmde(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["nbmde", *map(str, arguments)])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return int(end.value.code or 0)


def test_verify_returns_0_and_writes_what_it_found(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nbmde(monkeypatch, "verify", *orders, "--json", tmp_path / "found.json") == 0

    found = json.loads((tmp_path / "found.json").read_text())
    assert found["equal"] is True
    assert found["first_difference"] is None
    assert found["counts"]["equal"] == 6
    assert [cell["cell"] for cell in found["cells"]] == [2, 3, 5, 6, 7, 9, 11, 13, 14]
    text = capsys.readouterr().out
    assert "Equal: 6 equal, 1 partly compared" in text
    assert "nets: a generator" in text


def test_verify_returns_1_and_names_the_place(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    replace(orders[1], '"amount": 12.5', '"amount": [12.5]')

    assert nbmde(monkeypatch, "verify", *orders, "--once", "--json", tmp_path / "found.json") == 1

    found = json.loads((tmp_path / "found.json").read_text())
    assert found["equal"] is False
    assert found["failure"]["file"].startswith("src/orders/")
    text = " ".join(capsys.readouterr().out.split())
    assert "Not equal" in text
    assert "The first difference is in cell 5" in text
    assert "the project fails in cell 7: TypeError" in text


def test_verify_returns_1_with_one_line_where_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = write_notebook(tmp_path / "bad.ipynb", ["print('begin')", "missing + 1"])
    project = generate(notebook, tmp_path / "bad")

    assert nbmde(monkeypatch, "verify", notebook, project) == 1

    error = capsys.readouterr().err
    assert error.startswith(f"error: {notebook}, cell 2: the notebook itself fails: NameError: name 'missing'")
    assert "Traceback" not in error
    assert nbmde(monkeypatch, "verify", notebook, tmp_path / "nowhere") == 2


def test_batch_converts_and_verifies_and_goes_on_after_refusals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(tmp_path / "in" / "a" / "good.ipynb", ["value = 6 * 7\nprint(value)"])
    write_notebook(tmp_path / "in" / "b" / "good.ipynb", ["print('other')"])
    (tmp_path / "in" / "broken.ipynb").write_text("{")
    output = tmp_path / "out"

    assert nbmde(monkeypatch, "batch", tmp_path / "in", "-o", output, "--jobs", 2, "--verify") == 1

    lines = [json.loads(line) for line in (output / "batch.jsonl").read_text().splitlines()]
    results = {Path(line["project"]).name: line for line in lines}
    assert {name: line["status"] for name, line in results.items()} == {
        "a-good": "equal",
        "b-good": "equal",
        "broken": "refused",
    }
    assert "truncated" in results["broken"]["message"]
    assert results["a-good"]["cells"] == {"equal": 1}
    assert json.loads((output / "a-good.verify.json").read_text())["equal"] is True
    assert check(tmp_path / "in" / "a" / "good.ipynb", output / "a-good").equal
    assert "2 of 3 are equal" in capsys.readouterr().out


def test_batch_resumes_what_is_not_done(tmp_path: Path) -> None:
    first = write_notebook(tmp_path / "first.ipynb", ["print(1)"])
    second = write_notebook(tmp_path / "second.ipynb", ["print(2)"])
    third = tmp_path / "third.ipynb"
    third.write_text("no notebook")
    todo = batch.tasks([first, second, third], tmp_path / "out")
    before = batch.run(todo, tmp_path / "out")
    assert [outcome.status for outcome in before] == ["converted", "converted", "refused"]
    with (tmp_path / "out" / batch.RECORD).open("a") as record:
        record.write('{"notebook": "cut off')

    write_notebook(second, ["print(3)"])
    write_notebook(third, ["print(4)"])
    first_files = sorted((tmp_path / "out" / "first").rglob("*"))
    times = [path.stat().st_mtime_ns for path in first_files]
    after = batch.run(todo, tmp_path / "out", resume=True)

    assert [outcome.status for outcome in after] == ["converted"] * 3
    assert after[0] == before[0]
    assert [path.stat().st_mtime_ns for path in first_files] == times
    assert "print(3)" in "".join(path.read_text() for path in (tmp_path / "out" / "second" / "src").rglob("*.py"))


def test_a_crash_or_an_endless_run_of_one_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["crash", "good", "endless", "other"]
    todo = batch.tasks([write_notebook(tmp_path / f"{name}.ipynb", ["print(1)"]) for name in names], tmp_path / "out")
    lines = ["import os, sys, time", "name = os.path.basename(sys.argv[3])"]
    lines += ["if name == 'crash.ipynb': os.abort()", "if name == 'endless.ipynb': time.sleep(60)", batch.NBMDE]
    monkeypatch.setattr(batch, "NBMDE", "\n".join(lines))
    seen: list[str] = []

    outcomes = batch.run(todo, tmp_path / "out", jobs=2, timeout=10, done=lambda outcome: seen.append(outcome.status))

    assert [outcome.status for outcome in outcomes] == ["crashed", "converted", "timeout", "converted"]
    assert outcomes[0].message.startswith("SIGABRT")
    assert outcomes[2].message == "takes more than 10 s"
    assert sorted(seen) == sorted(outcome.status for outcome in outcomes)
    assert (tmp_path / "out" / "other" / "scripts" / "train.py").is_file()


def test_projects_of_notebooks_with_the_same_name_do_not_meet(tmp_path: Path) -> None:
    for name in ("a/b.ipynb", "a-b.ipynb", "A/b.ipynb", "c.ipynb", ".ipynb_checkpoints/c-checkpoint.ipynb"):
        write_notebook(tmp_path / name, ["print(1)"])

    todo = batch.tasks([tmp_path, tmp_path / "c.ipynb"], tmp_path / "out")

    assert sorted(task.project.name for task in todo) == ["A-b", "a-b-2", "a-b-3", "c"]
    with pytest.raises(NbmdeError, match="there are no notebooks"):
        batch.tasks([tmp_path / "out"], tmp_path) if (tmp_path / "out").mkdir() is None else None


def test_report_counts_what_is_in_the_models(
    orders: Orders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nbmde(monkeypatch, "report", orders[1], "--json", tmp_path / "figures.json") == 0

    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures == json.loads(json.dumps(report(orders[1], REGISTRY)))
    assert figures["counts"]["cells"] == len(ORDERS)
    assert figures["counts"]["functions"] == len(figures["functions"]) == figures["counts"]["steps"]
    assert sum(row["statements"] for row in figures["functions"]) == figures["counts"]["statements"]
    spread = figures["distributions"]["parameters per function"]
    assert spread["least"] <= spread["median"] <= spread["most"]
    text = capsys.readouterr().out
    assert all(row["function"][:12] in text for row in figures["functions"])


def test_report_names_shared_state_and_refuses_other_folders(tmp_path: Path) -> None:
    notebook = write_notebook(
        tmp_path / "state.ipynb", ["count = 0", "def tick():\n    global count\n    count += 1", "tick()\nprint(count)"]
    )
    assert list(report(generate(notebook, tmp_path / "state"), REGISTRY)["state"]) == ["count"]
    with pytest.raises(NbmdeError, match="is not a generated project"):
        report(tmp_path, REGISTRY)


def test_whether_a_notebook_is_refused_is_not_read_in_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = tmp_path / "this is a fault of nbmde.ipynb"
    refused.write_text("{")
    fault = write_notebook(tmp_path / "fault.ipynb", ["print(1)"])
    lines = ["import os, sys", "import nbmde.notebooks.inject.document as document"]
    lines += ["if os.path.basename(sys.argv[3]) == 'fault.ipynb': document.read = lambda *given: 1 / 0", batch.NBMDE]
    monkeypatch.setattr(batch, "NBMDE", "\n".join(lines))

    outcomes = batch.run(batch.tasks([refused, fault], tmp_path / "out"), tmp_path / "out")

    assert [outcome.status for outcome in outcomes] == ["refused", "crashed"]
    assert outcomes[0].message.startswith(f"{refused}, line 1: truncated")
    assert "ZeroDivisionError" in outcomes[1].message
