"""Formatted files say the same, and it is known where their lines went."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbmde.engine.m2t import GenerationError
from nbmde.engine.m2t.formatting import LineMap, format_python, syntax_tree

OPTIONS = {"line-length": 100, "target-version": "py311"}

CHUNKS = [
    "x = 1",
    "# a comment alone",
    "x   =  {'a':1,\n  'b' : 2,\n     'c': 3}",
    "import os,sys",
    'text = """a\n  b\n"""',
    "@decorator\n@other(1)\ndef f(a,b, *args,   c = 1):\n    '''Doc.'''\n    # inside\n    return a",
    "class A:\n\n\n    x=1\n    def m(self): pass",
    "if x: y = 1\nelse:\n    y = 2",
    "try:\n    x\nexcept (A,B):\n    pass\nfinally: z",
    "result = some_function(argument_one, argument_two)[0].method(lambda q: q+1).another(very_long_name_of_it=1, b=2)",
    "del (a), (b)",
    "x = 1; y = 2",
    "match x:\n  case [1, *rest]: y\n  case _:\n     z",
    "assert x, 'a' 'b'",
    "for i in range(3): print(i)  # trailing",
    "with a as b, c as d: pass",
    "x = (1 if y else\n   2)",
    "async def g():\n  await h()",
]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(CHUNKS), min_size=1, max_size=8))
def test_every_statement_is_found_where_it_went(chunks: list[str]) -> None:
    before = "\n".join(chunks) + "\n"
    after = format_python({"a.py": before}, OPTIONS)["a.py"]
    lines, line = LineMap(before, after), 1
    previous = 0
    for chunk in chunks:
        last = line + chunk.count("\n")
        new_first, new_last = lines(line, last)
        found = dedent("\n".join(after.splitlines()[new_first - 1 : new_last]))
        assert new_first > previous
        previous = new_last
        line = last + 1
        if chunk.startswith("# "):
            assert found == chunk
        elif not chunk.startswith("del"):
            assert ast.dump(ast.parse(found)) == ast.dump(ast.parse(chunk))


def test_a_region_inside_a_statement_is_that_statement() -> None:
    before = "x = {'a': 1,\n     'b': 2,\n     'c': 3}\ny = 1\n"
    after = format_python({"a.py": before}, OPTIONS)["a.py"]
    assert after == 'x = {"a": 1, "b": 2, "c": 3}\ny = 1\n'
    assert LineMap(before, after)(2, 2) == (1, 1)


def test_files_are_formatted_whatever_they_are_called() -> None:
    paths = ["build/a.py", ".venv/b.py", "node_modules/c.py", "d.pyi.py"]
    assert set(format_python(dict.fromkeys(paths, "x=1"), OPTIONS).values()) == {"x = 1\n"}


def test_line_ends_are_those_of_unix() -> None:
    assert format_python({"a.py": "x=1\r\ny=2\r\n"}, OPTIONS) == {"a.py": "x = 1\ny = 2\n"}


def test_what_ruff_does_not_read_is_refused_by_name() -> None:
    with pytest.raises(GenerationError, match=r"src/bad\.py"):
        format_python({"good.py": "x = 1\n", "src/bad.py": "x = = 1\n"}, OPTIONS)


@pytest.mark.parametrize("source", ["x = = 1", "return 1", "def f(a, a): pass", "x = '\ud800'", "x\x00", "(" * 300])
def test_what_python_refuses_is_a_syntax_error(source: str) -> None:
    with pytest.raises(SyntaxError):
        syntax_tree(source)
