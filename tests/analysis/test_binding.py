"""Classes whose methods read variables from an attribute of the class."""

from __future__ import annotations

import ast

import pytest

from nbmde.notebooks.analysis.binding import bindable_class, methods, own_calls


def _class(source: str) -> ast.ClassDef:
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.ClassDef)
    return node


def test_functions_without_an_object_or_before_there_is_one_are_no_methods() -> None:
    node = _class(
        "class A:\n"
        "    def plain(self, x): pass\n"
        "    async def later(this): pass\n"
        "    def first(me, /, x): pass\n"
        "    @classmethod\n    def of_class(cls): pass\n"
        "    @trace\n    def traced(self): pass\n"
        "    @staticmethod\n    def static(x): pass\n"
        "    def nothing(): pass\n"
        "    def rest(*args): pass\n"
        "    def __new__(cls): pass\n"
        "    def __init_subclass__(cls): pass\n"
        "    def __class_getitem__(cls, x): pass\n"
    )
    owners = [(method.name, owner) for method, owner in methods(node)]
    assert owners == [("plain", "self"), ("later", "this"), ("first", "me"), ("of_class", "cls"), ("traced", "self")]


@pytest.mark.parametrize(
    ("call", "own"),
    [
        ("super(A, self)", True),
        ("super(self, A)", False),
        ("super(A)", False),
        ("isinstance(x, A, y)", False),
        ("isinstance(x, A)", True),
        ("isinstance(A, type)", False),
        ("issubclass(x, A)", True),
        ("issubclass(A, x)", False),
        ("super(B, self)", False),
        ("print(x, A)", False),
        ("isinstance(x, (A, B))", False),
        ("x.isinstance(x, A)", False),
    ],
)
def test_a_class_names_itself_only_where_a_derived_one_is_as_good(call: str, own: bool) -> None:
    node = _class(f"class A:\n    def f(self, x):\n        return {call}")
    assert [name.id for name in own_calls(node)] == (["A"] if own else [])


@pytest.mark.parametrize(
    ("body", "bindable"),
    [
        ("def f(self):\n        return v", True),
        ("def f(self):\n        return [v + i for i in self.x]", True),
        ("def f(self):\n        return (lambda: v)()", True),
        ("def f(self, x=v): pass", False),
        ("@v\n    def f(self): pass", False),
        ("x = v", False),
        ("@staticmethod\n    def f(x):\n        return v", False),
        ("def __new__(cls):\n        return v", False),
        ("def f(self):\n        self = 1\n        return v", False),
        ("def f(self):\n        del self\n        return v", False),
        ("def f(self):\n        return (lambda self: v)(1)", False),
        ("def f(self):\n        return (lambda this: v)(1)", True),
        ("def f(self):\n        global v\n        v = 1", False),
        ("def f(self):\n        v = 1\n        return v", True),
        ("def f(self):\n        return v\n    def g(me):\n        me = 1", True),
        ("def f(self):\n        return isinstance(self, A)", True),
        ("def f(self):\n        return A", True),
        ("x = A", False),
    ],
)
def test_only_methods_that_reach_their_object_may_use_the_names(body: str, bindable: bool) -> None:
    assert bindable_class(_class(f"class A:\n    {body}"), {"v", "A"}) == bindable
