"""Where expressions of f-strings stand in the source, which edits and Python before 3.12 must know."""

from __future__ import annotations

import ast

import pytest

from nbmde.notebooks.analysis import fstrings
from nbmde.notebooks.analysis.rewrite import Places


@pytest.mark.parametrize(
    ("source", "expressions"),
    [
        ('f"{a}"', ["a"]),
        ('f"x{a}y{b + c}z"', ["a", "b + c"]),
        ('f"{{a}} {b}"', ["b"]),
        ('f"{{{a}}}"', ["a"]),
        ('f"{a!r:>{width}}"', ["a"]),
        ('f"{a:{b}.{c}f}"', ["a"]),
        ('f"{a == b} {c != d} {e <= f} {g >= h}"', ["a == b", "c != d", "e <= f", "g >= h"]),
        ("f\"{d['k']} {e}\"", ["d['k']", "e"]),
        ("f\"{d['}']}\"", ["d['}']"]),
        ("f\"{f'{a}'}\"", ["f'{a}'"]),
        ('f"{g(x=1)} {(lambda: y)()}"', ["g(x=1)", "(lambda: y)()"]),
        ('f"{ {1: 2}[a] }"', [" {1: 2}[a] "]),
        ('f"{x[1:2]}"', ["x[1:2]"]),
        (r'f"\{a}\n\"{b}"', ["a", "b"]),
        (r'f"\N{DEGREE SIGN}{a}"', ["a"]),
        (r'rf"\N{a}\{b}"', ["a", "b"]),
        ('"{x}" f"{a}"', ["a"]),
        ("f'{a}' '{x}' f'''{b}'''", ["a", "b"]),
        ("(f'{a}' # note {x}\n  f'{b}')", ["a", "b"]),
        ("f'{a}' \\\n f'{b}'", ["a", "b"]),
        (r"'\'' f'{a}'", ["a"]),
        ("f'''{a}\n'{b}\"''' ", ["a", "b"]),
        ("F'{a}' Rf'{b}' fR'{c}'", ["a", "b", "c"]),
        ("u'{x}' f'{a}'", ["a"]),
    ],
)
def test_the_fields_of_a_string_are_found(source: str, expressions: list[str]) -> None:
    start = 1 if source.startswith("(") else 0
    found = fstrings.fields(source, start, len(source.rstrip().rstrip(")")))
    assert [source[slice(*field.expression)] for field in found] == expressions


def test_what_stands_behind_an_expression_is_told() -> None:
    source = 'f"{a}{b = }{c!r}{d:>3}{e=!s:{f}}"'
    plain, shown, converted, formatted, everything = fstrings.fields(source, 0, len(source))
    assert (plain.equals, plain.conversion, plain.format, plain.nested) == (-1, False, False, [])
    assert source[plain.start] == "{"
    assert (plain.after, source[plain.after]) == (plain.expression[1], "}")
    assert source[shown.equals : shown.after] == "= "
    assert source[slice(*shown.expression)] == "b "
    assert (converted.conversion, converted.format) == (True, False)
    assert (formatted.conversion, formatted.format) == (False, True)
    assert (source[everything.equals], everything.conversion, everything.format) == ("=", True, True)
    assert [source[slice(*field.expression)] for field in everything.nested] == ["f"]


def test_what_is_no_string_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="no string at offset 4"):
        fstrings.fields("'a' + f'{b}'", 0, 12)


@pytest.mark.parametrize(
    "source",
    [
        "f'{a} {b.c[d]} {e!r:>{g}}'",
        "x = 1; print(f'ä{a}ö{b + c}', a)",
        "x = f'''ä\n{a} {b}\n  {c}'''",
        "x = (f'{a}'\n  f'ü{b}')",
        "x = f'{f\"{a}{b}\"} {c}'",
        "x = f'''{a +\n b}{c}'''",
        "x = f'{ a }'",
        "x = f'{(a, b)} {[c for c in d if c]}'",
        "x = f'{a:{b}} {c}'",
    ],
)
def test_names_in_strings_stand_where_the_tree_says(source: str) -> None:
    tree = ast.parse(source)
    fstrings.repair_positions(tree, source)
    places = Places(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            assert source[slice(*places.span(node))] == node.id
        elif isinstance(node, (ast.BinOp, ast.Attribute, ast.Subscript)):
            text = source[slice(*places.span(node))]
            assert ast.dump(ast.parse(f"({text})", mode="eval").body) == ast.dump(node)


def test_strings_in_strings_are_not_outer_ones() -> None:
    tree = ast.parse("f'{f\"{a}\"}' + f'{b}' + 'c'")
    assert [len(string.values) for string in fstrings.outer_strings(tree)] == [1, 1]
    names = [
        {part.id for part in ast.walk(string) if isinstance(part, ast.Name)} for string in fstrings.outer_strings(tree)
    ]
    assert sorted(map(sorted, names)) == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("expression", "quote", "text"),
    [
        ("d['a']", '"', 'd["a"]'),
        ('d["a"]["b"]', "'", "d['a']['b']"),
        ("a + 1", '"', "a + 1"),
    ],
)
def test_texts_in_an_expression_get_the_quotes_that_are_free(expression: str, quote: str, text: str) -> None:
    assert fstrings.in_quotes(expression, quote) == text


@pytest.mark.parametrize("expression", ["d['\"']", r"d['\\']", r"d['\n']", "d[b'a']"])
def test_a_text_that_needs_a_backslash_has_no_place(expression: str) -> None:
    with pytest.raises(ValueError, match="no place for a text"):
        fstrings.in_quotes(expression, '"')
