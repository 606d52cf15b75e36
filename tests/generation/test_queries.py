"""Queries that templates use: laws and single facts."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from importlib import util
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nbmde.engine import locations
from nbmde.engine.errors import NbmdeError


def load() -> ModuleType:
    spec = util.spec_from_file_location("queries", locations.home() / "templates/mlproject/queries.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


queries = load()

STATEMENTS = [
    "x = 1",
    "# comment",
    'text = """a\n  b\n\n\tc\n"""',
    "text = '''\n# no comment\n'''",
    'text = f"""{x}\n  {y:>{\n10}}\n"""',
    "text = (f'''a\n{x}''' 'b'\n  'c')",
    "if x:\n    y = 1\nelse:\n    y = '''\nz'''",
    "if x:\n\ty = 1\n\tz = 2",
    "total = 1 + \\\n2",
    "call(a,\nb)",
    "\x0cx = 2",
    "def f():\n    '''Doc\n    string.'''\n    return r'''\\\n  '''",
    "",
    "   ",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=6), st.integers(1, 3))
def test_indented_code_is_the_same_code(statements: list[str], levels: int) -> None:
    text = "\n".join(statements)
    header = "".join("    " * level + "if True:\n" for level in range(levels))
    footer = "\n" + "    " * levels + "pass\n"
    tree = ast.parse(header + queries.indent_code(text, levels) + footer)
    for _ in range(levels):
        assert isinstance(tree.body[0], ast.If)
        tree = ast.Module(tree.body[0].body, [])
    assert [ast.dump(node) for node in tree.body[:-1]] == [ast.dump(node) for node in ast.parse(text).body]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
def test_nested_f_strings_are_indented() -> None:
    text = 'x = f\'{f"""a\n{b}\n  c"""}\''
    tree = ast.parse(f"if True:\n{queries.indent_code(text)}\n")
    assert isinstance(tree.body[0], ast.If)
    assert ast.dump(tree.body[0].body[0]) == ast.dump(ast.parse(text).body[0])


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(NbmdeError, match="not Python"):
        queries.indent_code("x = '''")


@given(st.text(max_size=60))
def test_a_code_span_shows_its_text_and_nothing_else(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(queries.code_span(text))
    if text.split():
        assert [token.type for token in tokens[1].children or []] == ["code_inline"]


@given(
    st.lists(
        st.sampled_from(["a", "```", "~~~~", "```python", "<!-- x", "-->", "<pre>", "<!x", "<script>a</script>", ""]),
        max_size=6,
    )
)
def test_what_follows_markdown_is_not_swallowed_by_it(lines: list[str]) -> None:
    text = queries.closed_markdown("\n".join(lines))
    tokens = MarkdownIt("commonmark").parse(f"{text}\n\n## What follows\n")
    assert [token.content for token in tokens if token.type == "inline"][-1] == "What follows"
    assert any(token.type == "heading_open" for token in tokens)


def test_paragraphs_are_wrapped_and_everything_else_is_kept() -> None:
    code = "```\n" + "x" * 120 + "\n```"
    table = "| " + "a | " * 40
    text = f"{'word ' * 40}\n\n- {'item ' * 30}\n\n{code}\n\n{table}"
    paragraphs = queries.wrapped(text).split("\n\n")
    assert max(map(len, paragraphs[0].splitlines())) <= queries.WIDTH
    assert paragraphs[1:] == [f"- {'item ' * 30}", code, table.strip()]


def test_a_line_break_never_makes_a_list_or_heading() -> None:
    text = "a " * 45 + "1. not a list " + "b " * 50 + "# not a heading"
    assert [token.type for token in MarkdownIt().parse(queries.wrapped(text))] == [
        "paragraph_open",
        "inline",
        "paragraph_close",
    ]


def test_names_are_sorted_as_people_do() -> None:
    assert sorted(["step_10", "step_2", "step", "Other"], key=queries._natural) == [
        "Other",
        "step",
        "step_2",
        "step_10",
    ]


def test_git_ignores_what_runs_write_and_nothing_else(tmp_path: Path) -> None:
    written = ["models/m.pkl", "a b.csv", "#notes.txt", "!x", "data/[1]*.csv", "end ", "outputs/x.csv"]
    files = [SimpleNamespace(path=path, written=True, asset=None) for path in written]
    files.append(SimpleNamespace(path="data/raw/x.csv", written=True, asset=object()))
    project = SimpleNamespace(layout=SimpleNamespace(name="basic"), service=None, dataFiles=files)
    (tmp_path / ".gitignore").write_text("\n".join(queries.written_patterns(project)) + "\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    kept = ["data/raw/x.csv", "data/11.csv", "sub/#notes.txt", "src/outputs.py"]
    command = ["git", "check-ignore", "--no-index", "-z", "--stdin"]
    done = subprocess.run(
        command, cwd=tmp_path, input="\0".join(written + kept), capture_output=True, text=True, check=False
    )
    assert set(done.stdout.split("\0")) - {""} == set(written)


@pytest.mark.parametrize("name", ["a b", "1a", "class", "", "a.b", "x\n"])
def test_a_name_is_an_identifier(name: str) -> None:
    with pytest.raises(NbmdeError):
        queries.identifier(name)


def test_notebook_modules_are_named_by_package_where_it_holds_no_others(
    files: Callable[..., dict[str, object]],
) -> None:
    content = files()["pyproject.toml"].content.decode()  # type: ignore[attr-defined]
    assert '"src/flowers/{analysis/*,data/*,models/*,utils/*}.py"' in content
