"""Python's scoping rules: what a wrong one of them would do to names."""

from __future__ import annotations

import ast

import pytest

from nbmde.notebooks.analysis import scopes


def _top_level(source: str) -> list[str]:
    return [one.name for node in ast.parse(source).body for one in scopes.top_level_names(node)]


def _function(source: str) -> ast.FunctionDef:
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    return node


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = y", ["x", "y"]),
        ("def f(a, b=c):\n    d = a + e\n    return d", ["f", "c", "e"]),
        ("async def f(a):\n    return a + e", ["f", "e"]),
        ("lambda a, *b, k=c, **d: a + b + k + d + e", ["c", "e"]),
        ("def f(*a, **b):\n    return a, b, c", ["f", "c"]),
        ("def f(a, /, b, *, c):\n    return a, b, c, d", ["f", "d"]),
        ("def f():\n    global x\n    x = y", ["f", "x", "y"]),
        ("def f():\n    def g():\n        return x\n    x = 1", ["f"]),
        ("@d(a)\ndef f(x: t = v) -> r: pass", ["f", "d", "a", "v", "t", "r"]),
        ("[a for a in b if a > c]", ["b", "c"]),
        ("[a for b in c for a in b]", ["c"]),
        ("[a for b in c for a in d]", ["c", "d"]),
        ("[a for a in a]", ["a"]),
        ("{a: b for a in c}", ["c", "b"]),
        ("{a for b in c}", ["c", "a"]),
        ("(a for a in b)", ["b"]),
        ("class A(B, metaclass=M):\n    x = y\n    z = x", ["A", "B", "M", "y"]),
        ("class A:\n    x = 1\n    def f(self):\n        return x", ["A", "x"]),
        ("class A:\n    x = 1\n    y = [x for i in range(3)]", ["A", "range", "x"]),
        ("class A:\n    global x\n    x = 1", ["A", "x"]),
        ("import a.b, c as d", ["a", "d"]),
        ("from a import b, c as d", ["b", "d"]),
        ("from a import *", []),
        ("try:\n    pass\nexcept E as e:\n    e", ["E", "e", "e"]),
        ("match a:\n    case [b, *c]: pass\n    case {'k': d, **e}: pass\n    case _: pass", ["a", "b", "c", "e", "d"]),
        ("def f():\n    import a\n    return a, b", ["f", "b"]),
        ("def f():\n    nonlocal_ = 1\n    def g():\n        nonlocal nonlocal_\n        nonlocal_ = x", ["f", "x"]),
    ],
)
def test_a_name_means_the_top_level_only_where_nothing_hides_it(source: str, names: list[str]) -> None:
    assert sorted(_top_level(source)) == sorted(names)


@pytest.mark.parametrize(
    ("source", "name", "hidden"),
    [
        ("def f(a):\n    return g(a)", "g", {"a"}),
        ("[g(a) for a in b]", "g", {"a"}),
        ("[a for a in b]", "b", set()),
        ("class A:\n    x = 1\n    y = g()", "g", {"x", "y"}),
        ("class A:\n    x = 1\n    def f(self):\n        return g()", "g", {"self"}),
        ("lambda a: g", "g", {"a"}),
    ],
)
def test_what_is_hidden_at_a_place_is_told(source: str, name: str, hidden: set[str]) -> None:
    (node,) = ast.parse(source).body
    assert [one.hidden for one in scopes.top_level_names(node) if one.name == name] == [frozenset(hidden)]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = 1\ndel b\nc: int\nfor d in e: pass\nwith f as g: pass", ["a", "b", "c", "d", "g"]),
        ("def f():\n    a = 1", ["f"]),
        ("class A:\n    a = 1", ["A"]),
        ("[a := b for c in d]", ["a"]),
        ("[c for c in d]", []),
        ("x = lambda: (a := 1)", ["x"]),
        ("def f(a=(b := 1)): pass", ["f", "b"]),
        ("try:\n    import a\nexcept E as e:\n    pass\nexcept F:\n    pass", ["a", "e"]),
        ("print(a)", []),
    ],
)
def test_names_that_a_scope_binds_are_its_own_alone(source: str, names: list[str]) -> None:
    assert list(scopes.bound_names(ast.parse(source).body)) == names


def test_what_runs_where_an_inner_scope_is_made_belongs_to_the_outer_one() -> None:
    source = "@deco\ndef f(a=default):\n    inside\nclass A(base, metaclass=m):\n    body\n"
    source += "[hidden for i in first for j in second if hidden]"
    names = [node.id for node in scopes.own_nodes(ast.parse(source).body) if isinstance(node, ast.Name)]
    assert names == ["deco", "default", "base", "m", "first"]


def test_nodes_of_a_scope_come_in_the_order_of_the_source() -> None:
    nodes = scopes.own_nodes(ast.parse("a\nif b:\n    c\nelse:\n    d\ne").body)
    assert [node.id for node in nodes if isinstance(node, ast.Name)] == ["a", "b", "c", "d", "e"]


def test_parameters_of_every_kind_are_local() -> None:
    node = _function("def f(a, /, b, *c, d, **e):\n    g = h\n    nonlocal_ = 1")
    assert scopes.local_names(node) == {"a", "b", "c", "d", "e", "g", "nonlocal_"}
    assert [one.arg for one in scopes.parameters(node)] == ["a", "b", "d", "c", "e"]


def test_declarations_are_told_apart_and_belong_to_their_own_function() -> None:
    node = _function(
        "def f():\n    global a, b\n    def g():\n        nonlocal c\n        global d\n    if a:\n        nonlocal e"
    )
    assert scopes.declared_global(node) == {"a", "b"}
    assert scopes.declared_nonlocal(node) == {"e"}
    (expression,) = ast.parse("lambda: 1").body
    assert isinstance(expression, ast.Expr)
    assert isinstance(expression.value, ast.Lambda)
    assert scopes.declared_global(expression.value) == frozenset()


def test_annotations_run_with_the_definition_unless_they_are_delayed() -> None:
    node = _function("@d\ndef f(a: t1 = v1, *b: t2, c: t3 = v2, **e: t4) -> r: pass")
    assert [ast.unparse(part) for part in scopes.evaluated_at_definition(node)] == [
        *("d", "v1", "v2", "t1", "t3", "t2", "t4", "r"),
    ]
    assert [ast.unparse(part) for part in scopes.evaluated_at_definition(node, annotations=False)] == ["d", "v1", "v2"]


@pytest.mark.parametrize("source", ["def f(): pass", "async def f(): pass", "f = lambda: 0"])
def test_each_kind_of_function_has_a_scope(source: str) -> None:
    assert any(isinstance(node, scopes.Function) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize("source", ["[x for x in y]", "{x for x in y}", "{x: x for x in y}", "(x for x in y)"])
def test_each_kind_of_comprehension_has_a_scope(source: str) -> None:
    assert any(isinstance(node, scopes.Comprehension) for node in ast.walk(ast.parse(source)))
