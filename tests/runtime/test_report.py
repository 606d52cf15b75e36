"""The run report has what a run showed, in order, readable, also when the run fails."""

from __future__ import annotations

import re
import textwrap
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest


class Page(HTMLParser):
    """Text of a page, the classes and pictures in it, and whether each element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.open, self.pictures = "", [], []  # type: ignore[var-annotated]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "img":
            self.pictures.append(dict(attrs)["src"])
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def report(python: Any, tmp_path: Path) -> Any:
    """Runs code with `step` and `recording` of a project; gives the finished process and the page."""

    def run(code: str) -> tuple[Any, Page]:
        program = (
            "from penguins.utils.report import recording, step\nfrom penguins.utils.display import display, show\n"
            "import logging, sys\nfrom pathlib import Path\n" + textwrap.dedent(code)
        )
        done = python("-c", program, cwd=tmp_path)
        return done, Page((tmp_path / "report.html").read_text(encoding="utf-8"))

    return run


def test_each_step_is_a_section_with_its_prose(report: Any) -> None:
    done, page = report('''
        @step
        def load():
            """Load the data.

            From <b>here</b> & there.

            Args:
                nothing: at all.
            """
            print("loaded")
        @step
        def look():
            """Look."""
            print("seen")
            return 3
        with recording(Path(".")):
            load()
            assert look() == 3
        ''')
    assert done.stdout == "loaded\nseen\n"
    words = ["Load the data.", "From <b>here</b> & there.", "loaded", "Look.", "seen"]
    places = [page.text.find(word) for word in words]
    assert -1 not in places
    assert places == sorted(places)
    assert "nothing: at all" not in page.text


def test_text_of_a_notebook_is_text_on_the_page(report: Any) -> None:
    _, page = report("""
        with recording(Path(".")):
            print("<script>alert(1)</script></pre>")
            show("</pre><img src=x>")
            print("\\x1b[31mred\\x1b[0m 10%\\r100%\\nend \\ud800")
        """)
    assert "<script>alert(1)</script></pre>" in page.text
    assert "</pre><img src=x>" in page.text
    assert "red" not in page.text
    assert "100%\nend" in page.text
    assert page.pictures == []


LIVE = {
    "a script": "<p>a</p><script>alert(1)</script><p>b</p>",
    "a script that is not closed": "<p>a</p><p>b</p><script>alert(1)",
    "a script in capitals": "<p>a</p><SCRIPT src=x></SCRIPT><p>b</p>",
    "a handler": "<p onclick='alert(1)'>a</p><img src=x onerror=alert(1)><p>b</p>",
    "an address": "<p>a</p><a href=' java\nscript:alert(1)'>x</a><a href='JAVASCRIPT:alert(1)'>b</a>",
    "a frame": "<p>a</p><iframe srcdoc='<script>alert(1)</script>'></iframe><p>b</p>",
    "a picture": "<p>a</p><svg onload=alert(1)><script>alert(1)</script></svg><p>b</p>",
    "a page elsewhere": "<p>a</p><meta http-equiv=refresh content='0;url=x'><base href=x><p>b</p>",
}


@pytest.mark.parametrize("what", LIVE)
def test_nothing_on_the_page_runs(report: Any, tmp_path: Path, what: str) -> None:
    _, page = report(f"""
        class Live:
            def _repr_html_(self): return {LIVE[what]!r}
        with recording(Path(".")):
            show(Live())
        """)
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search("(?is)a.*b", page.text)
    assert "default-src 'none'" in source
    body = source.partition("<body>")[2]
    assert not re.search(r"(?i)<(script|iframe|meta|base)|\son\w+=|javascript:|alert", body.replace("\n", "")), body


def test_tables_of_libraries_stay_as_they_are(report: Any, tmp_path: Path) -> None:
    table = (
        '<style scoped>\n    .x tbody tr th {\n  top: 1;\n}\n</style>\n<table border="1" class="dataframe">'
        "<thead><tr><th></th><th>a &amp; b</th></tr></thead><tbody><tr><td>&lt;1&gt;&nbsp;2</td></tr></tbody></table>"
    )
    report(f"""
        class Table:
            def _repr_html_(self): return {table!r}
        with recording(Path(".")):
            show(Table())
        """)
    assert table in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_values_are_shown_in_their_richest_form_and_printed_plain(report: Any) -> None:
    done, page = report("""
        class Rich:
            def __repr__(self): return "plain form"
            def _repr_html_(self): return "<em>rich form</em>"
        with recording(Path(".")):
            show(Rich())
            show(None)
        """)
    assert done.stdout == "plain form\n"
    assert "rich form" in page.text
    assert "plain form" not in page.text


def test_errors_of_a_value_that_shows_itself_do_not_stop_the_run(report: Any) -> None:
    done, _ = report("""
        class Broken:
            def _repr_html_(self): raise ValueError("cannot")
            def __repr__(self): return "whole"
        with recording(Path(".")):
            show(Broken())
            print("after")
        """)
    assert done.returncode == 0
    assert done.stdout == "whole\nafter\n"


def test_report_of_a_failed_run_has_what_came_before_and_the_error(report: Any) -> None:
    done, page = report("""
        with recording(Path(".")):
            print("before")
            1 / 0
        """)
    assert done.returncode == 1
    assert page.text.index("before") < page.text.index("ZeroDivisionError")


def test_standard_error_is_in_the_report_and_log_messages_are_not(report: Any) -> None:
    done, page = report("""
        logging.basicConfig(level="INFO")
        @step
        def work():
            print("careful", file=sys.stderr)
        with recording(Path(".")):
            work()
        """)
    assert "work begins" in done.stderr
    assert "careful" in done.stderr
    assert "careful" in page.text
    assert "work begins" not in page.text
    assert done.stdout == ""


def test_figures_of_an_earlier_run_are_removed_and_other_files_stay(report: Any, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    for name in ("figure-01.png", "figure-07.png", "figure-mine.png"):
        (tmp_path / "figures" / name).write_bytes(b"old")
    _, page = report("""
        import penguins.utils.figures as figures, matplotlib.pyplot as plt
        figures.use()
        with recording(Path(".")):
            plt.plot([1])
            plt.show()
        """)
    assert sorted(file.name for file in (tmp_path / "figures").iterdir()) == ["figure-01.png", "figure-mine.png"]
    assert (tmp_path / "figures/figure-01.png").read_bytes().startswith(b"\x89PNG")
    assert page.pictures == ["figures/figure-01.png"]


def test_picture_of_a_shown_value_is_described_by_its_text(report: Any, tmp_path: Path) -> None:
    done, page = report("""
        import penguins.utils.figures as figures, matplotlib.pyplot as plt
        figures.use()
        with recording(Path(".")):
            figure = plt.figure(figsize=(3, 2), dpi=100)
            figure.gca().plot([1])
            show(figure)
        """)
    assert done.stdout == "<Figure size 300x200 with 1 Axes>\n"
    assert page.pictures == ["figures/figure-01.png"]
    assert 'alt="&lt;Figure size 300x200 with 1 Axes&gt;"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_two_runs_write_the_same_report(report: Any, tmp_path: Path) -> None:
    code = """
        @step
        def work():
            show({1: 2})
        with recording(Path(".")):
            work()
        """
    report(code)
    first = (tmp_path / "report.html").read_bytes()
    report(code)
    assert (tmp_path / "report.html").read_bytes() == first


def test_step_may_be_asynchronous_and_keeps_name_and_documentation(report: Any) -> None:
    done, page = report('''
        import asyncio
        @step
        async def wait(seconds):
            """Wait a bit."""
            await asyncio.sleep(seconds)
            print("waited")
            return seconds
        with recording(Path(".")):
            print(asyncio.run(wait(0)), wait.__name__, wait.__doc__)
        ''')
    assert done.stdout == "waited\n0 wait Wait a bit.\n"
    assert page.text.index("Wait a bit.") < page.text.index("waited")


def test_values_are_printed_without_a_recording(python: Any) -> None:
    done = python("-c", "from penguins.utils.display import display, show\nshow([1])\ndisplay('x')")
    assert done.stdout == "[1]\n'x'\n"


def test_handle_and_update_show_the_newer_value(python: Any) -> None:
    done = python(
        "-c",
        "from penguins.utils.display import display, update_display\n"
        "handle = display(1, display_id='a')\nhandle.update(2)\nupdate_display(3, display_id=handle.display_id)\n"
        "assert display(4) is None",
    )
    assert done.stdout == "1\n2\n3\n4\n"


def test_object_with_its_own_display_is_shown_by_its_other_forms(report: Any) -> None:
    done, page = report("""
        class Widget:
            def _ipython_display_(self): raise AssertionError("there is no front end")
            def _repr_html_(self): return "<b>the widget</b>"
        with recording(Path(".")):
            show(Widget())
        """)
    assert done.stdout == ""
    assert "the widget" in page.text


def test_the_page_leads_to_plotly_figures_and_runs_no_script(report: Any, tmp_path: Path) -> None:
    done, _ = report("""
        import plotly.graph_objects as go
        from penguins.utils import frontend
        frontend.use()
        figure = go.Figure(go.Scatter(x=[1], y=[2], name="the trace"))
        with recording(Path(".")):
            show(figure)
            figure.show()
        """)
    assert done.stdout == ""
    source = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in source
    assert [f'href="figures/interactive-0{number}.html"' in source for number in (1, 2)] == [True, True]
    assert (tmp_path / "plotly.min.js").stat().st_size > 1_000_000
    pages = sorted((tmp_path / "figures").iterdir())
    assert [path.name for path in pages] == ["interactive-01.html", "interactive-02.html"]
    for path in pages:
        assert "the trace" in path.read_text(encoding="utf-8")
        assert 'src="../plotly.min.js"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("picture", "saved"), [("return b'picture'", True), ("raise RuntimeError('no browser')", False)]
)
def test_plotly_figures_are_saved_as_pictures_where_kaleido_can(
    report: Any, tmp_path: Path, picture: str, saved: bool
) -> None:
    (tmp_path / "kaleido.py").touch()
    done, page = report(f"""
        import plotly.graph_objects as go
        import plotly.io
        from penguins.utils import frontend
        def to_image(figure, form, **options):
            {picture}
        plotly.io.to_image = to_image
        frontend.use()
        with recording(Path(".")):
            go.Figure(go.Scatter(x=[1], y=[2], name="the trace")).show()
        """)
    assert done.returncode == 0
    assert ("figures/interactive-01.png" in page.pictures) == saved
    assert (tmp_path / "figures" / "interactive-01.png").exists() == saved
    assert ("no picture of a plotly figure: no browser" in done.stderr) == (not saved)


def test_much_that_is_printed_is_no_work_that_grows_with_its_square(report: Any) -> None:
    """What would take hours is stopped after a minute of the processor."""
    done, page = report("""
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        with recording(Path(".")):
            print("x" * 4_000_000)
            for _ in range(500_000):
                print("many small pieces", end=" ")
        """)
    assert done.returncode == 0
    assert page.text.count("many small pieces") == 500_000


def test_output_of_other_programs_comes_in_its_place(report: Any) -> None:
    done, _ = report("""
        import subprocess
        with recording(Path(".")):
            print("first")
            subprocess.run(["echo", "second"])
            show(3)
        """)
    assert done.stdout == "first\nsecond\n3\n"
