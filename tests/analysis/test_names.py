"""Def-use facts of statements: what is surely bound, what may be read from before, what later code captures."""

from __future__ import annotations

import ast

import pytest
from notebook_programs import resolver

from nbmde.notebooks.analysis.calls import TableSemantics
from nbmde.notebooks.analysis.names import NameFacts, Semantics, facts, free_names


def _facts(source: str, semantics: Semantics | None = None) -> NameFacts:
    return facts(ast.parse(source).body, semantics or Semantics())


@pytest.mark.parametrize(
    ("source", "reads", "binds", "maybe"),
    [
        ("x = y", "y", "x", ""),
        ("x = x + 1", "x", "x", ""),
        ("x += y", "x y", "x", ""),
        ("a.b += c", "a c", "", ""),
        ("a[i] = v", "v a i", "", ""),
        ("x: t = v", "t v", "x", ""),
        ("x: t", "t", "", "x"),
        ("a, (b, *c) = d", "d", "a b c", ""),
        ("x = 1\ny = x", "", "x y", ""),
        ("if c:\n    x = 1\nelse:\n    x = 2\n    y = 3", "c", "x", "y"),
        ("if c:\n    x = 1\nprint(x)", "c print x", "", "x"),
        ("if c:\n    raise e\nelse:\n    x = 1\nprint(x)", "c e print", "x", ""),
        ("if c:\n    x = 1\nelse:\n    raise e\nprint(x)", "c e print", "x", ""),
        ("for i in r:\n    x = i\nprint(x)", "r print x", "", "i x"),
        ("for i in r:\n    pass\nelse:\n    y = i", "r i", "", "i y"),
        ("while c:\n    x = 1\n    break", "c", "", "x"),
        ("x = 1\nfor i in r:\n    del x\nprint(x)", "r print x", "", "x i"),
        ("with o as f:\n    x = f", "o", "f x", ""),
        ("with suppress(E):\n    x = f()\nprint(x)", "suppress E f print x", "", "x"),
        ("with a as b, suppress(E) as c, d as e:\n    x = e", "a suppress E d", "b", "c e x"),
        ("try:\n    x = f()\nexcept E as e:\n    y = e\nprint(x)", "f E print x", "", "x e y"),
        ("try:\n    x = f()\nexcept E:\n    raise\nprint(x)", "f E print", "x", ""),
        ("try:\n    x = f()\nexcept E:\n    x = 2", "f E", "x", ""),
        ("try:\n    x = f()\nexcept E:\n    x = 2\nelse:\n    y = x", "f E", "x", "y"),
        ("try:\n    x = f()\nfinally:\n    y = 1", "f", "y x", ""),
        ("try:\n    x = f()\nfinally:\n    print(x)", "f print x", "x", ""),
        ("match s:\n    case [a, b]:\n        x = a\n    case _:\n        x = 1", "s", "x", "a b"),
        ("match s:\n    case 1:\n        x = 1", "s", "", "x"),
        ("match s:\n    case A.B if g(a):\n        x = 1", "s A g a", "", "x"),
        ("match s:\n    case int() as a:\n        x = a", "s int", "", "a x"),
        ("match s:\n    case {'k': v, **rest}:\n        x = rest", "s", "", "v rest x"),
        ("match s:\n    case a:\n        x = a\nprint(x)", "s print", "x a", ""),
        ("match s:\n    case a if a:\n        x = a\nprint(x)", "s print x", "", "a x"),
        ("import a.b as c, d.e", "", "c d", ""),
        ("from a import b as c, d", "", "c d", ""),
        ("def f(a=b):\n    return c", "b", "f", ""),
        ("class A(B):\n    x = y\n    z = x", "B y", "A", ""),
        ("class A:\n    x = y\n    def f(self):\n        return z", "y", "A", ""),
        ("(x := y) + x", "y", "x", ""),
        ("c and (x := 1)\nprint(x)", "c print x", "", "x"),
        ("(x := 1) and c\nprint(x)", "c print", "x", ""),
        ("(x := 1) if c else x", "c x", "", "x"),
        ("c and (x := 1) and x", "c", "", "x"),
        ("[x for x in y if z]", "y z", "", ""),
        ("[w for x in y for w in x + v]", "y v", "", ""),
        ("[(w := x) for x in y]\nprint(w)", "y print w", "", "w"),
        ("{k: v for k in y}", "y v", "", ""),
        ("return_ = 1\nassert x, y", "x y", "return_", ""),
        ("del a, (b, c[d])", "a b c d", "", ""),
        ("global x\nx = 1", "", "x", ""),
    ],
)
def test_what_may_be_read_from_before_and_what_is_surely_bound(source: str, reads: str, binds: str, maybe: str) -> None:
    found = _facts(source)
    assert " ".join(found.reads) == reads
    assert sorted(found.binds) == sorted(binds.split())
    assert sorted(set(found.all_bound) - set(found.binds)) == sorted(maybe.split())


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x", "x"),
        ("if c:\n    x", "c"),
        ("for i in r:\n    x", "r"),
        ("c or x", "c"),
        ("x if c else y", "c"),
        ("[x for i in r]", "r"),
        ("try:\n    x\nexcept E:\n    pass", ""),
        ("with o:\n    x", "o x"),
        ("if c:\n    x = 1\nx", "c"),  # it may be the one from here
        ("del x", "x"),
        ("x.y", "x"),
        ("lambda: x", ""),
        ("raise e\nx", "e"),
    ],
)
def test_what_is_read_on_every_path_is_what_must_be_there(source: str, names: str) -> None:
    assert " ".join(_facts(source).must_read) == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("f = lambda a: a + b", "b"),
        ("def f(a):\n    return a + b + g()", "b g"),
        ("def f():\n    x = 1\n    return [x + y for i in z]", "z y"),
        ("def f():\n    def g():\n        return x\n    return g", "x"),
        ("def f():\n    def g():\n        return x\n    x = 1\n    return g", ""),
        ("class A:\n    def f(self):\n        return x", "x"),
        ("(x + y for x in z)", "y"),
        ("keep(x + y for x in z)", "y"),
        ("[lambda: x + y for x in z]", "y"),
        ("def f():\n    global x\n    x = 1", "x"),
        ("def f():\n    x: t = 1", "t"),
    ],
)
def test_what_code_reads_that_runs_later_is_captured(source: str, names: str) -> None:
    assert " ".join(_facts(source).captures) == names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f():\n    global x\n    x = 1", "x"),
        ("def f():\n    global x\n    print(x)", ""),
        ("def f():\n    global x\n    del x", "x"),
        ("def f():\n    def g():\n        global x\n        x = 1", "x"),
        ("class A:\n    global x\n    x = 1", "x"),
        ("class A:\n    def f(self):\n        global x\n        x += 1", "x"),
        ("f = lambda: (x := 1)", ""),
    ],
)
def test_names_that_are_bound_through_global_are_found(source: str, names: str) -> None:
    assert " ".join(_facts(source).global_writes) == names


def test_a_deleted_name_is_no_longer_bound() -> None:
    found = _facts("x = 1\ny = 2\ndel x\nprint(x)")
    assert list(found.binds) == ["y"]
    assert list(found.deletes) == ["x"]
    assert "x" in found.reads


def test_the_name_of_an_exception_is_deleted_behind_its_handler() -> None:
    assert list(_facts("try:\n    f()\nexcept E as e:\n    pass").deletes) == ["e"]


def test_deletions_on_some_path_are_kept_with_those_before() -> None:
    assert list(_facts("del a\nif c:\n    del b\nfor i in r:\n    del d").deletes) == ["a", "b", "d"]


def test_a_class_body_that_binds_what_it_reads_from_outside_is_told() -> None:
    assert list(_facts("class A:\n    x = x").in_class) == ["x"]
    assert list(_facts("class A:\n    y = x").in_class) == []
    assert list(_facts("x = 1\nclass A:\n    x = x").in_class) == []
    assert list(_facts("class A:\n    global x\n    x = x").in_class) == []
    assert list(_facts("def f():\n    class A:\n        x = x").in_class) == ["x"]
    assert list(_facts("def f(x):\n    class A:\n        x = x").in_class) == []


def test_names_that_a_class_mangles_are_told() -> None:
    assert list(_facts("class A:\n    x = __secret").private) == ["__secret"]
    assert list(_facts("class A:\n    def f(self):\n        return __secret, __name__, _own").private) == ["__secret"]
    assert list(_facts("x = __secret").private) == []


@pytest.mark.parametrize(
    ("source", "awaits"),
    [
        ("await f()", True),
        ("async for i in r:\n    pass", True),
        ("async with o:\n    pass", True),
        ("[i async for i in r]", True),
        ("async def f():\n    await g()", False),
        ("for i in r:\n    pass", False),
        ("with o:\n    pass", False),
        ("[i for i in r]", False),
    ],
)
def test_a_top_level_await_is_seen(source: str, awaits: bool) -> None:
    assert _facts(source).awaits == awaits


@pytest.mark.parametrize(
    ("source", "ends"),
    [
        ("raise e", True),
        ("if c:\n    raise e", False),
        ("if c:\n    raise e\nelse:\n    raise f\nx = 1", True),
        ("x = 1", False),
        ("try:\n    raise e\nexcept E:\n    pass", False),
        ("try:\n    raise e\nfinally:\n    pass\nx", True),
        ("match s:\n    case _:\n        raise e\nx", True),
        ("match s:\n    case 1:\n        raise e\nx", False),
        ("with suppress(E):\n    raise e\nx", False),
        ("with o:\n    raise e\nx", True),
    ],
)
def test_code_that_never_goes_on_is_seen(source: str, ends: bool) -> None:
    assert _facts(source).terminates == ends


def test_annotations_that_are_delayed_are_captured_and_not_read() -> None:
    semantics = Semantics()
    semantics.annotations = False
    found = _facts("x: t = v\ndef f(a: u) -> w: pass", semantics)
    assert list(found.reads) == ["v"]
    assert list(found.captures) == ["t"]


def test_what_a_function_takes_is_read_where_it_is_called_and_captured_where_it_is_kept() -> None:
    semantics = TableSemantics(resolver())
    semantics.implied = {"f": {"a": None, "f": None}}
    called = _facts("f()", semantics)
    assert (list(called.reads), list(called.implied)) == (["a", "f"], ["a"])
    assert list(_facts("f.name", semantics).reads) == ["f"]
    assert list(_facts("a = 1\nf()", semantics).reads) == ["f"]
    assert list(_facts("g = lambda: f()", semantics).captures) == ["a", "f"]


def test_a_call_that_has_done_with_its_function_captures_nothing() -> None:
    semantics = TableSemantics(resolver())
    found = _facts("sum(x * y for x in z)", semantics)
    assert list(found.captures) == []
    assert list(found.reads) == ["sum", "z", "y"]
    assert list(found.must_read) == ["sum", "z"]
    assert list(_facts("keep(x * y for x in z)", semantics).captures) == ["y"]


def test_names_in_texts_are_read_where_a_call_looks_them_up() -> None:
    semantics = TableSemantics(resolver("df = pd.read_csv('a')"))
    assert list(_facts("df.query('x > @limit')", semantics).reads) == ["limit", "df"]
    assert list(_facts("df.head('x > @limit')", semantics).reads) == ["df"]


def test_a_function_of_a_class_does_not_see_the_names_of_the_class() -> None:
    found = _facts("class A:\n    x = 1\n    y = [x for i in range(2)]")
    assert list(found.reads) == ["range", "x"]


def test_what_a_function_binds_for_itself_is_not_free() -> None:
    (node,) = ast.parse("def f(a):\n    nonlocal n\n    b = a + c\n    n = 1\n    return [i for i in b]").body
    assert isinstance(node, ast.FunctionDef)
    assert list(free_names(node).captures) == ["c", "n"]


def test_names_of_outer_functions_come_in_order() -> None:
    (node,) = ast.parse("def f():\n    nonlocal g, c, e, a, h, b, d\n    a = b").body
    assert isinstance(node, ast.FunctionDef)
    assert list(free_names(node).captures) == ["b", "a", *"cdegh"]
