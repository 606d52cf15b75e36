"""Each filter gives text that its language reads as the one value, whatever it holds."""

from __future__ import annotations

import ast
import html as html_module
import inspect
import io
import json as json_module
import re
import shlex
import tokenize
import tomllib
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import yaml as yaml_module
from hypothesis import assume, example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nbmde.engine.m2t import escaping

HOSTILE = [
    '"""',
    '""""',
    'ends with "',
    "ends with \\",
    '\\"""',
    "{{ project }} {% raw %} ${{ secrets.TOKEN }}",
    "a\nb: c\n- d # e",
    "'; rm -rf / #",
    "*/ --> ]]> </script>",
    "\x00\x1b[31m\x85\u2028\ufeff",
    "\ud800",
    "null",
    "1e3",
    "yes",
    "@x",
    "%TAG",
]
TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(HOSTILE)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
UNICODE = st.text(st.characters(codec="utf-8"), max_size=40)


@given(VALUE.filter(lambda value: "inf" not in repr(value)))
def test_pyrepr_reads_back_as_the_value(value: object) -> None:
    text = escaping.pyrepr(value)
    assert ast.literal_eval(text) == value
    text.encode("utf-8")


def test_pyrepr_of_what_has_no_literal_is_an_expression() -> None:
    assert eval(escaping.pyrepr([float("inf"), float("-inf")])) == [float("inf"), float("-inf")]


@given(TEXT)
@example(r"\alpha and \beta" + "\n\n" + r"\gamma")
@example("a\n    b\n")
@example('say "hi"')
@example('a \\ and "quotes"')
def test_docstring_reads_back_as_the_text_without_white_space_around_lines(text: str) -> None:
    literal = escaping.docstring(text)
    source = f"def f():\n    {literal}\n"
    read = ast.get_docstring(ast.parse(source)) or inspect.cleandoc(ast.literal_eval(literal))
    wanted = [line.expandtabs(4).rstrip() for line in escaping._lines(text)]
    assert read.split() == " ".join(wanted).split()
    assert len(ast.parse(source).body) == 1
    literal.encode("utf-8")


def test_docstring_is_raw_where_that_reads_better() -> None:
    assert escaping.docstring(r"The angle \alpha.") == r'r"""The angle \alpha."""'


@given(TEXT)
def test_comment_is_nothing_but_comments(text: str) -> None:
    source = escaping.comment(text)
    kinds = {token.type for token in tokenize.generate_tokens(io.StringIO(source).readline)}
    assert kinds <= {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER}
    assert yaml_module.safe_load(source) is None
    assert tomllib.loads(source) == {}


@given(VALUE)
@example("a\nb")
@example({"a": ["b\r\n", "\u2028"]})
def test_yaml_is_one_line_that_reads_back_as_the_value(value: object) -> None:
    text = escaping.yaml(value)
    assert len(re.split(r"[\n\r\x85\u2028\u2029]", text)) == 1
    assert yaml_module.safe_load(f"first: 1\nkey: {text}\nlast: 2\n") == {"first": 1, "key": value, "last": 2}


@given(VALUE)
def test_json_reads_back_as_the_value(value: object) -> None:
    assert json_module.loads(escaping.json(value)) == value


@given(st.booleans() | st.integers(-(2**63), 2**63 - 1) | UNICODE | st.lists(UNICODE, max_size=3))
def test_toml_reads_back_as_the_value(value: object) -> None:
    assert tomllib.loads(f"key = {escaping.toml(value)}\nlast = 2\n") == {"key": value, "last": 2}


def test_toml_replaces_what_it_cannot_hold() -> None:
    assert tomllib.loads("key = " + escaping.toml("a\ud800"))["key"] == "a\ufffd"


@given(TEXT)
def test_shell_is_one_word(text: str) -> None:
    assert shlex.split(escaping.shell(text)) == [text]


@given(TEXT)
def test_html_is_text_alone(text: str) -> None:
    class Tags(HTMLParser):
        found: list[str]

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.found.append(tag)

    parser = Tags()
    parser.found = []
    parser.feed(f'<p title="{escaping.html(text)}">{escaping.html(text)}</p>')
    assert parser.found == ["p"]
    assert html_module.unescape(escaping.html(text)) == html_module.unescape(html_module.escape(text))


@given(TEXT)
@example("# heading")
@example("1. item")
@example("- item | <b>bold</b> [link](x) **strong** `code` $x$")
@example("=====")
def test_markdown_is_plain_text(text: str) -> None:
    inline = [
        token
        for block in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(escaping.markdown(text))
        for token in (block.children or [block])
    ]
    kinds = {token.type for token in inline}
    assert kinds <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


@given(TEXT)
@example("a | b")
@example("a \\| b")
def test_markdown_is_one_cell_of_a_table(text: str) -> None:
    source = f"| a | b |\n| --- | --- |\n| {escaping.markdown(text)} | last |\n"
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    cells = [after.content for token, after in pairwise(tokens) if token.type == "td_open"]
    assert len(cells) == 2
    assert cells[1] == "last"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain-1.2_3/x:y,z@a%b+c=d~", "plain-1.2_3/x:y,z@a%b+c=d~"),
        ("", ""),
        ("two words", "'two words'"),
        ('say "hi"', "'say \"hi\"'"),
        ("$HOME", "'$HOME'"),
        ("# no comment", "'# no comment'"),
        ("it's", '"it\'s"'),
        ("a\\b", '"a\\\\b"'),
        ('it\'s "so"', '"it\'s \\"so\\""'),
        ("a\nb", '"a\\nb"'),
        ("a\r\nb", '"a\\r\\nb"'),
        ("größe", "'größe'"),
    ],
)
def test_dotenv_is_quoted_where_it_must_be(value: str, written: str) -> None:
    assert escaping.dotenv(value) == written
    assert len(escaping.dotenv(value).splitlines()) <= 1


MARKED = st.text(alphabet="a\u202e\u2066 \\{}#'\"", max_size=12)


@given(MARKED)
def test_marks_of_direction_are_seen_and_values_stay(text: str) -> None:
    """In all languages that a value is written into."""
    for written, read in (
        (escaping.yaml(text), yaml_module.safe_load),
        (escaping.json(text), json_module.loads),
        ("key = " + escaping.toml(text), lambda source: tomllib.loads(source)["key"]),
        (escaping.pyrepr(text), ast.literal_eval),
    ):
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", written)
        assert read(written) == text
    for filter in (escaping.html, escaping.markdown, escaping.comment, escaping.docstring):
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", filter(text))


@given(MARKED, st.sampled_from(["", "r", "u", "f", "b"]), st.sampled_from(["'", '"', "'''"]))
@example("a\\\u202eb", "r", "'")
def test_marks_of_direction_in_code_are_seen_and_values_stay(text: str, prefix: str, quote: str) -> None:
    source = f"x = {prefix}{quote}{text}{quote}  # {text}\n"
    try:
        before = ast.literal_eval(ast.parse(source).body[0].value) if prefix != "f" else eval(source[4:])
    except (SyntaxError, ValueError, NameError, TypeError):
        assume(False)
    after = escaping.visible_source(source)
    assert prefix == "r" or not re.search("[\u202a-\u202e\u2066-\u2069]", after)
    assert eval(after[4:]) == before
