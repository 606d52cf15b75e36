"""The modules of the runtime and the service do their work where they lie, beside the templates."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from nbmde.engine import locations

HOME = locations.home() / "templates" / "mlproject"


@pytest.fixture(scope="module")
def load(generated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Imports a module in place; beside it lies what templates write: that of a generated project."""
    beside = tmp_path_factory.mktemp("beside")
    package = generated / "src" / "penguins"
    for written, place in (("utils/places.py", "runtime/places.py"), ("serving/metadata.py", "serving/metadata.py")):
        (beside / place).parent.mkdir()
        (beside / place).write_text((package / written).read_text(encoding="utf-8"), encoding="utf-8")
    known = set(sys.modules)
    sys.path[:0] = [str(HOME), str(beside)]
    yield importlib.import_module
    del sys.path[:2]
    for name in set(sys.modules) - known:
        if name.partition(".")[0] in ("runtime", "serving"):
            del sys.modules[name]


MODULES = sorted(path.relative_to(HOME) for folder in ("runtime", "serving") for path in (HOME / folder).glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_can_be_imported_where_it_lies(load: Any, path: Path) -> None:
    module: ModuleType = load(".".join(path.with_suffix("").parts))
    assert module.__file__ == str(HOME / path)
    assert module.__doc__


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_what_is_generated_is_the_same_text_but_for_names_of_modules(generated: Path, path: Path) -> None:
    package = generated / "src" / "penguins"
    found = [
        file for file in package.rglob(path.name) if file.parent.name in ("utils", "serving", "predict", "monitoring")
    ]
    text = (HOME / path).read_text(encoding="utf-8")
    for file in found:
        lines = zip(text.splitlines(), file.read_text(encoding="utf-8").splitlines(), strict=True)
        other = [(one, two) for one, two in lines if one != two]
        assert all(one.startswith(("from runtime.", "from serving.")) and "penguins." in two for one, two in other)
    assert found or path.name in ("answers.py", "binding.py", "files.py", "kernel.py", "names.py", "uploads.py")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ns"), (1.23e-7, "123 ns"), (0.0456, "45.6 ms"), (1.5, "1.5 s"), (65, "1min 5s"), (90061, "1d 1h 1min 1s")],
)
def test_durations_are_written_as_ipython_writes_them(load: Any, seconds: float, text: str) -> None:
    assert load("runtime.notebook").format_time(seconds) == text


def test_lines_of_a_command_are_searched_cut_and_sorted(load: Any) -> None:
    lines = load("runtime.lines").Lines(["b 10", "a 9", "B"])
    assert lines.grep("^b") == ["b 10", "B"]
    assert lines.grep("b", prune=True) == ["a 9"]
    assert lines.fields(1) == ["10", "9"]
    assert lines.sort(1, nums=True) == ["B", "a 9", "b 10"]
    assert (lines.s, lines.n) == ("b 10 a 9 B", "b 10\na 9\nB")


def test_a_bound_function_is_called_shown_and_compared_as_the_function(load: Any) -> None:
    binding = load("runtime.binding")

    def scaled(value: int, factor: int, *, more: int = 0) -> int:
        """Doc."""
        return value * factor + more

    bound = binding.bind(scaled, factor=3)
    assert (bound(2), bound(2, more=1)) == (6, 7)
    assert (bound.__name__, bound.__doc__, list(bound.__signature__.parameters)) == (
        "scaled",
        "Doc.",
        ["value", "more"],
    )
    assert bound == binding.bind(scaled, factor=3)
    assert bound != binding.bind(scaled, factor=4)
    assert binding.with_defaults(scaled, factor=5)(2) == 10


def test_a_question_is_answered_by_the_environment_or_refused(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = load("runtime.answers")
    monkeypatch.setenv("ANSWER_NAME", "Ada")
    assert answers.answer("ANSWER_NAME", "Name? ") == "Ada"
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(LookupError, match="set the environment variable ANSWER_AGE"):
        answers.secret_answer("ANSWER_AGE")


def test_files_are_found_by_what_the_notebook_calls_them(
    load: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = load("runtime.places")
    monkeypatch.setattr(
        places, "FILES", {"a.csv": "data/raw/a.csv", "/content/in/": "data/raw/in/", "x/": "data/raw/x/"}
    )
    monkeypatch.delitem(sys.modules, "runtime.files", raising=False)
    locate = load("runtime.files").locate
    monkeypatch.chdir(tmp_path)
    assert locate("a.csv") == "data/raw/a.csv"
    assert locate(Path("x/deep/b.csv")) == Path("data/raw/x/deep/b.csv")
    assert locate("/content/in/c.csv") == "data/raw/in/c.csv"
    assert locate(os.path.join(os.getcwd(), "a.csv")) == os.path.join(os.getcwd(), "data/raw/a.csv")
    assert locate(os.getcwd()) == os.getcwd()
    assert locate("other.csv") == "other.csv"
    assert locate(3) == 3
    sys.modules.pop("runtime.files")


def test_figures_are_shown_as_pictures_and_told_only_where_the_text_is_asked_for(
    load: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    display, figures, report = map(load, ("runtime.display", "runtime.figures", "runtime.report"))
    plt = importlib.import_module("matplotlib.pyplot")
    assert figures.render is not None
    figure, axes = plt.subplots(figsize=(1, 1))
    axes.plot([1, 2])
    assert set(display.forms(figure)) == {"image/png", "text/plain"}
    with report.recording(tmp_path):
        display.display(figure)
    assert len(list((tmp_path / "figures").glob("*.png"))) == 1
    assert capsys.readouterr().out == ""
    display.display(figure, include=["text/plain"])
    assert "Figure size" in capsys.readouterr().out
    plt.close(figure)


def test_the_page_of_a_run_that_may_tell_secrets_is_its_owners(load: Any, tmp_path: Path) -> None:
    recording = load("runtime.report").recording
    for name, private in (("open", False), ("closed", True)):
        with recording(tmp_path / name, "A <title>", private=private):
            print("shown")
        page = tmp_path / name / "report.html"
        assert "A &lt;title&gt;" in page.read_text(encoding="utf-8")
        if os.name == "posix":
            assert (page.stat().st_mode & 0o077 == 0) == private


def test_a_bundle_takes_records_as_they_come_and_refuses_others(load: Any, tmp_path: Path) -> None:
    bundle = load("serving.bundle")
    pd, linear = importlib.import_module("pandas"), importlib.import_module("sklearn.linear_model")
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [0, 1, 0, 1]})
    model = linear.LinearRegression().fit(table, [1.0, 2.0, 3.0, 4.0])
    bundle.save_model(tmp_path, "model", model, example=table, task="regression")
    loaded = bundle.ModelBundle.load(tmp_path / load("serving.metadata").FOLDER)
    assert loaded.predict(table[["b", "a"]]).round(6).tolist() == [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(bundle.RecordError, match="missing columns: b"):
        loaded.predict(table[["a"]])
