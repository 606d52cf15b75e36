"""Edits of source text: everything that is not edited stays as it is."""

from __future__ import annotations

import ast

import pytest

from nbmde.notebooks.analysis.rewrite import Edit, Places, apply


def test_edits_are_applied_where_they_stand_whatever_their_order() -> None:
    assert apply("abcdef", [Edit(4, 5, "5"), Edit(0, 1, "1"), Edit(2, 2, "-"), Edit(6, 6, "!")]) == "1b-cd5f!"


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply("ab", [Edit(1, 1, "2"), Edit(1, 1, "1"), Edit(1, 2, "B")]) == "a21B"


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap at offset 2"):
        apply("abcd", [Edit(1, 3, "x"), Edit(2, 4, "y")])
    assert apply("abcd", [Edit(1, 3, "x"), Edit(3, 4, "y")]) == "axy"


@pytest.mark.parametrize(
    ("call", "edited"),
    [
        ("f()", "f(k=1)"),
        ("f(a)", "f(a, k=1)"),
        ("f(a,)", "f(a, k=1)"),
        ("f(a, # x,\n  )", "f(a, # x,\n   k=1)"),
        ("f(a # x,\n  )", "f(a # x,\n  , k=1)"),
        ("f(x for x in y)", "f((x for x in y), k=1)"),
        ("f((x for x in y))", "f((x for x in y), k=1)"),
        ("f((x for x in y), z)", "f((x for x in y), z, k=1)"),
        ("f(b=2)", "f(b=2, k=1)"),
        ("f(*a, **b)", "f(*a, **b, k=1)"),
        ("f(',')", "f(',', k=1)"),
        ("ä.f('ö')", "ä.f('ö', k=1)"),
    ],
)
def test_a_call_gets_one_more_argument(call: str, edited: str) -> None:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert apply(call, Places(call).last_argument(node, "k=1")) == edited


@pytest.mark.parametrize(
    ("head", "edited"),
    [
        ("def f():", "def f(*, k, m):"),
        ("def f(a):", "def f(a, *, k, m):"),
        ("def f(a,):", "def f(a, *, k, m):"),
        ("def f(a, /):", None),
        ("def f(a=(1, 2)):", "def f(a=(1, 2), *, k, m):"),
        ("def f(a, *b):", "def f(a, *b, k, m):"),
        ("def f(*, a):", "def f(*, a, k, m):"),
        ("def f(*, a=g(1)):", "def f(*, a=g(1), k, m):"),
        ("def f(**a):", "def f(*, k, m, **a):"),
        ("def f(a, *b, **c):", "def f(a, *b, k, m, **c):"),
        ("def f(a, *, b, ** c):", "def f(a, *, b, k, m, ** c):"),
        ("def f(a: list[int] = [1]) -> (int):", "def f(a: list[int] = [1], *, k, m) -> (int):"),
        ("def f(a, # (\n  b, # )\n  ):", "def f(a, # (\n  b, # )\n   *, k, m):"),
        ("async def f(a: '(' = ')'):", "async def f(a: '(' = ')', *, k, m):"),
        ("def f(ä: 'ö'):", "def f(ä: 'ö', *, k, m):"),
    ],
)
def test_a_function_gets_further_parameters(head: str, edited: str | None) -> None:
    source = f"x = 1\n@d(1)\n{head}\n    return 1"
    node = ast.parse(source).body[1]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    result = apply(source, [Places(source).new_parameter(node, ["k", "m"])])
    if edited is not None:
        assert result == source.replace(head, edited)
    new = ast.parse(result).body[1]
    assert isinstance(new, (ast.FunctionDef, ast.AsyncFunctionDef))
    assert [one.arg for one in new.args.kwonlyargs][-2:] == ["k", "m"]
    assert len(new.args.args) == len(node.args.args)


def test_a_node_is_replaced_where_it_stands() -> None:
    source = "ä = 'ö' + b\nc = b"
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name) and node.id == "b"]
    assert apply(source, [Places(source).replace(node, "(new)") for node in nodes]) == "ä = 'ö' + (new)\nc = (new)"
