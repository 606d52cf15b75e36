"""Cells cut into statements; comments, semicolons and strings stay with theirs."""

from __future__ import annotations

import ast

import pytest

from nbmde.notebooks.analysis import cells


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("", []),
        ("# only a comment", []),
        ("a\nb", ["a", "b"]),
        ("a; b; c", ["a", "b", "c"]),
        ("a;", ["a"]),
        ("a; # note", ["a  # note"]),
        ("a  # note\nb", ["a  # note", "b"]),
        ("# above\na\n\n# above b\nb", ["# above\na", "# above b\nb"]),
        ("\n\na\n\n\nb\n", ["a", "b"]),
        ("a\n# behind\n# more", ["a\n# behind\n# more"]),
        ("a\n\n# behind", ["a\n\n# behind"]),
        ("if a:\n    b\n# c\nd", ["if a:\n    b", "# c\nd"]),
        ("if a: b; c", ["if a: b; c"]),
        ("@d\n@e\ndef f():\n    pass\nx", ["@d\n@e\ndef f():\n    pass", "x"]),
        ("# above\n@d\nclass A:\n    pass", ["# above\n@d\nclass A:\n    pass"]),
        ("x = '''a\nb'''; y", ["x = '''a\nb'''", "y"]),
        ("ä = 'ö'; ü = ä", ["ä = 'ö'", "ü = ä"]),
        ("a ; b # note\nc", ["a", "b  # note", "c"]),
        ("a; b # note", ["a", "b  # note"]),
        ("x = (1, # one\n  2)", ["x = (1, # one\n  2)"]),
    ],
)
def test_each_statement_has_its_own_text_and_comments(source: str, texts: list[str]) -> None:
    assert [one.text for one in cells.statements(source)] == texts


@pytest.mark.parametrize(
    ("source", "silenced"),
    [
        ("a;", [True]),
        ("a ;  # note", [True]),
        ("a  # note;", [False]),
        ("a\nb;", [False, True]),
        ("a; b", [True, False]),
        ("a; b;", [True, True]),
        ("a\n# ;\nb", [False, False]),
    ],
)
def test_a_semicolon_silences_what_it_stands_behind(source: str, silenced: list[bool]) -> None:
    assert [one.silenced for one in cells.statements(source)] == silenced


def test_lines_of_a_statement_are_those_of_its_code() -> None:
    found = cells.statements("# above\n\n@d\ndef f():\n    pass\n# c\nx = [\n  1]\ny")
    assert [(one.first_line, one.last_line) for one in found] == [(3, 5), (7, 8), (9, 9)]


@pytest.mark.parametrize("source", ["a = 'ä' + b", "a = '𝛼' + b", "\n\nx; a = 'ä€' + b"])
def test_offsets_count_characters_where_the_tree_counts_bytes(source: str) -> None:
    lines = cells.LineOffsets(source)
    name = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and node.id == "b")
    assert lines.offset(name.lineno, name.col_offset) == source.index("b")


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("a = '''x\ny\n  z'''\nb", {2, 3}),
        ('a = f"""x\n{y}\nz"""\nb = 1', {2, 3}),
        ("a = 'x'\nb", set()),
        ("a = (1,\n'x')", set()),
        ("'''a\nb''' + '''c\nd'''", {2, 3}),
    ],
)
def test_lines_inside_a_string_are_not_indented(source: str, lines: set[int]) -> None:
    assert cells.string_lines(source) == lines
    indented = cells.indent(source).split("\n")
    for number, (new, old) in enumerate(zip(indented, source.split("\n"), strict=True), 1):
        assert new == (old if number in lines else f"    {old}")


def test_blank_lines_are_not_indented() -> None:
    assert cells.indent("a\n\n  \nb", "  ") == "  a\n\n  \n  b"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("with a:\n    b\n    # note\n    c", "b\n# note\nc"),
        ("with a:\n    b\n    if c:\n        d", "b\nif c:\n    d"),
        ("with a: b; c", "b; c"),
        ("with a:\n    x = '''\n    y'''\n    z", "x = '''\n    y'''\nz"),
        ("with a:\n    @d\n    def f():\n        pass", "@d\ndef f():\n    pass"),
        ("if x:\n  pass\nwith a:\n\tb\n\tc", "b\nc"),
    ],
)
def test_a_block_is_taken_out_as_it_stands(source: str, text: str) -> None:
    node = ast.parse(source).body[-1]
    assert isinstance(node, ast.With)
    assert cells.dedent(source, node.body) == text
