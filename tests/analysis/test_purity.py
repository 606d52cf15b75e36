"""Does it matter when a definition runs? What acts must be told from what only makes values."""

from __future__ import annotations

import ast

import pytest
from notebook_programs import program, resolver

from nbmde.notebooks.analysis.purity import Definition, Purity, gives_back, has_method, passes_on


def _definitions(source: str) -> dict[str, Definition]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name: node for node in ast.parse(source).body if isinstance(node, kinds)}


def _last_is_pure(source: str) -> bool:
    found = _definitions(source)
    return Purity(resolver(source), found, ["tensorflow.keras.saving.register"]).definition(list(found.values())[-1])


@pytest.mark.parametrize(
    "source",
    [
        "def f(a, b=1, *c, d=(1, 'x', -2), **e): print(a)",
        "async def f(a=x.y[0]): pass",
        "def f(a: int = 1) -> str: pass",
        "def f(a=lambda b=1: g()): pass",
        "def f(a=[b for b in c if b > 1], d=f'{e}', k={**g}, m=(1 if n else 2), o=not p): pass",
        "def f(a=math.sqrt(2)): pass",
        "def f(a=np.array([1])): pass",
        "@functools.lru_cache(maxsize=None)\ndef f(): pass",
        "@functools.wraps(g)\ndef f(): pass",
        "@property\ndef f(self): pass",
        "@f.setter\ndef f(self): pass",
        "class A: pass",
        "class A(dict, metaclass=abc.ABCMeta):\n    '''Doc.'''\n    pass",
        "class A:\n    x: int = 1\n    y: str\n    a, b = 1, 2\n    n += 1",
        "class A:\n    if x:\n        y = 1\n    else:\n        y = 2",
        "class A:\n    class B:\n        x = 1\n    def f(self): print(1)",
        "class A(collections.namedtuple('A', 'x')): pass",
        "class Base:\n    def f(self): pass\nclass A(Base): pass",
        "def deco(f):\n    '''Doc.'''\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a)\n"
        "    return inner\n@deco\ndef g(): pass",
        "def deco(f):\n    return f\n@deco\nclass A: pass",
        "def deco(f):\n    return\n@deco\nclass A: pass",
        "def make(n):\n    def deco(f):\n        return f\n    return deco\n@make(3)\ndef g(): pass",
        "from tensorflow.keras import saving\n@saving.register\nclass A: pass",
        "from tensorflow.keras import saving\n@saving.register(1)\nclass A: pass",
        "import torch\n@torch.no_grad()\ndef f(): pass",
    ],
)
def test_a_definition_that_only_makes_something_may_run_earlier(source: str) -> None:
    assert _last_is_pure("import abc\n" * ("abc" in source) + source)


@pytest.mark.parametrize(
    "source",
    [
        "def f(a=g()): pass",
        "def f(*, a=g()): pass",
        "def f(a: g()): pass",
        "def f() -> g(): pass",
        "def f(a=lambda b=g(): 1): pass",
        "def f(a=[g() for b in c]): pass",
        "def f(a=[b async for b in c]): pass",
        "def f(a=(b := 1)): pass",
        "def f(a=np.random.rand()): pass",
        "def f(a=pd.read_csv('x')): pass",
        "def f(a=plt.plot([1])): pass",
        "def f(a=np.array(g())): pass",
        "def f(a=np.array(x=g())): pass",
        "def f(a=os.environ): pass",
        "def f(a=os.environ['x']): pass",
        "@g\ndef f(): pass",
        "@g.h\ndef f(): pass",
        "@g.h.setter\ndef f(): pass",
        "@functools.lru_cache(g())\ndef f(): pass",
        "@np.random.seed\ndef f(): pass",
        "class A(g()): pass",
        "class A(B, key=g()): pass",
        "class A:\n    x = g()",
        "class A:\n    print(1)",
        "class A:\n    x.y = 1",
        "class A:\n    x[0] = 1",
        "class A:\n    for i in x: pass",
        "class A:\n    if g(): pass",
        "class A:\n    if x:\n        g()",
        "class A:\n    if x:\n        pass\n    else:\n        g()",
        "class A:\n    def f(self, a=g()): pass",
        "class A:\n    class B:\n        x = g()",
        "def deco(f):\n    print(f)\n    return f\n@deco\ndef g(): pass",
        "def deco(f):\n    return g(f)\n@deco\nclass A: pass",
        "def deco(f):\n    def inner(a=f()):\n        return a\n    return inner\n@deco\nclass A: pass",
        "def deco(f):\n    @other(f)\n    def inner():\n        return f()\n    return inner\n@deco\nclass A: pass",
        "def deco(f):\n    @other\n    def inner():\n        return f()\n    return inner\n@deco\nclass A: pass",
        "async def deco(f):\n    return f\n@deco\nclass A: pass",
        "def make(n):\n    def deco(f):\n        print(f)\n        return f\n    return deco\n@make(3)\ndef g(): pass",
        "def make(n):\n    return n\n@make(print)\ndef g(): pass",
        "def make(n):\n    def deco(f):\n        return f\n    return deco\n@make(h())\ndef g(): pass",
        "from tensorflow.keras import saving\n@saving.register(g())\nclass A: pass",
        "class Base:\n    def __init_subclass__(cls): print(cls)\nclass A(Base): pass",
        "class Base:\n    def __init_subclass__(cls): print(cls)\nclass Middle(Base): pass\nclass A(Middle): pass",
        "class Meta(type):\n    pass\nclass A(metaclass=Meta): pass",
        "class Meta(type):\n    pass\nclass Base(metaclass=Meta): pass\nclass A(Base): pass",
        "class Base:\n    async def __new__(cls): pass\nclass A(Base): pass",
        "def Base(): pass\nclass A(Base): pass",
    ],
)
def test_a_definition_that_acts_stays_where_it_is(source: str) -> None:
    assert not _last_is_pure(source)


@pytest.mark.parametrize("hook", ["__init_subclass__", "__new__", "__set_name__", "__prepare__"])
def test_a_class_whose_base_has_a_hook_stays_where_it_is(hook: str) -> None:
    assert not _last_is_pure(f"class Base:\n    def {hook}(self): pass\nclass A(Base): pass")
    assert _last_is_pure("class Base:\n    def __init__(self): pass\nclass A(Base): pass")


def test_a_decorator_that_uses_itself_ends() -> None:
    assert not _last_is_pure(
        "def deco(f):\n    @deco\n    def inner():\n        return f\n    return inner\n@deco\ndef g(): pass"
    )


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("def f(a, b=1, *, c='x', d): pass", True),
        ("def f(a=[]): pass", False),
        ("def f(*, a=[]): pass", False),
        ("@d\ndef f(a): pass", False),
        ("class A: pass", False),
    ],
)
def test_a_function_made_anew_is_the_same_only_with_plain_defaults(source: str, same: bool) -> None:
    (node,) = _definitions(source).values()
    assert Purity(resolver(), {}).same_each_time(node) == same


@pytest.mark.parametrize(
    ("source", "passes"),
    [
        ("def d(f):\n    def w(*a, **k):\n        return f(*a, **k)\n    return w", True),
        ("def d(f):\n    def w(*a, **k):\n        print(1)\n        return f(0, *a, x=1, **k)\n    return w", True),
        ("def d(f):\n    def w(*a, **k):\n        print(a)\n        return f(*a, **k)\n    return w", False),
        ("def d(f):\n    def w(*a, **k):\n        print(k)\n        return f(*a, **k)\n    return w", False),
        ("def d(f):\n    def w(*a):\n        return f(*a)\n    return w", False),
        ("def d(f):\n    def w(**k):\n        return f(**k)\n    return w", False),
        ("def d(f):\n    return f", False),
        ("def d(f):\n    def v(*a, **k): pass\n    def w(*a, **k): pass\n    return w", False),
    ],
)
def test_a_decorator_that_looks_at_arguments_does_not_pass_them_on(source: str, passes: bool) -> None:
    (node,) = _definitions(source).values()
    assert isinstance(node, ast.FunctionDef)
    assert passes_on(node) == passes


@pytest.mark.parametrize(
    ("decorator", "source", "gives"),
    [
        ("d", "def d(f):\n    print(f)\n    return f", True),
        ("d", "def d(f, g):\n    return g", False),
        ("d", "def d(f):\n    if f:\n        return f\n    return g", False),
        ("d", "def d(f):\n    if f:\n        return f\n    return 1", False),
        ("d", "def d(f):\n    if f:\n        return f", False),
        ("d", "def d(f):\n    f = g(f)\n    return f", False),
        ("d", "def d(f):\n    def f(): pass\n    import f\n    return f", False),
        ("d", "def d(f):\n    yield f\n    return f", False),
        ("d", "def d(f):\n    def g():\n        return 1\n    return f", True),
        ("d", "def d():\n    return f", False),
        ("d", "class d:\n    pass", False),
        ("other", "def d(f):\n    return f", False),
        ("a.b", "def d(f):\n    return f", False),
        ("d(1)", "def d(n):\n    def w(f):\n        return f\n    return w", True),
        ("d(1)", "def d(n):\n    def w(f):\n        return n\n    return w", False),
        ("d(1)", "def d(n):\n    return n", False),
    ],
)
def test_only_a_decorator_that_returns_what_it_gets_gives_it_back(decorator: str, source: str, gives: bool) -> None:
    assert gives_back(ast.parse(decorator, mode="eval").body, _definitions(source)) == gives


def test_methods_are_found_in_classes_alone() -> None:
    assert has_method(ast.parse("def f():\n    class A:\n        async def __del__(self): pass"), "__call__", "__del__")
    assert not has_method(ast.parse("def __del__(self): pass\nclass A:\n    __del__ = 1"), "__del__")


def test_a_function_whose_decorator_acts_is_not_moved_to_module_level() -> None:
    found = program("registry = []", "def deco(f):\n    registry.append(f)\n    return f", "@deco\ndef g(): pass")
    found.place()
    assert found.kept == {"g": "something happens where it stands"}
    assert found.is_module("deco")
