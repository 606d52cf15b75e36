"""Programs taken apart: what stands at module level, what lives in the state, what cannot be carried over."""

from __future__ import annotations

import ast

import pytest
from notebook_programs import program, shared

from nbmde.notebooks.analysis.program import Unit, fresh, is_import, is_star_import


def _placed(*cells: str, **options: object) -> list[str]:
    found = program(*cells, **options)
    found.place()
    return sorted(name for name, how in found.sharing.items() if how.how == "module")


def _state(*cells: str) -> dict[str, str]:
    return {name: how.reason for name, how in shared(*cells).sharing.items() if how.how == "state"}


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["import a", "x = 1"], "a"),
        (["import a", "import a"], "a"),
        (["import a", "import b as a"], ""),
        (["import a", "a = 1"], ""),
        (["import a", "del a"], ""),
        (["import a, b", "a = 1"], ""),
        (["import a, b", "import b", "a = 1"], ""),
        (["import a", "def f():\n    global a\n    a = 1"], "f"),
        (["try:\n    import a\nexcept ImportError:\n    a = None"], "a"),
        (["try:\n    import a\nexcept ImportError:\n    print(1)"], ""),
        (["print(min)", "from m import min"], ""),
        (["from m import min", "print(min)"], "min"),
        (["from m import *", "print(a)", "import a"], ""),
        (["import a", "from m import *", "print(a)"], "a"),
        (["def f():\n    return 1"], "f"),
        (["def f():\n    return 1", "def f():\n    return 1"], "f"),
        (["def f():\n    return 1", "def f():\n    return 2"], ""),
        (["def f():\n    return 1", "g = f", "def f():\n    return 1"], ""),
        (["def f():\n    return 1", "f()", "def f():\n    return 1"], "f"),
        (["def f(a=[]):\n    return a", "f()", "def f(a=[]):\n    return a"], ""),
        (["class A: pass", "A()", "class A: pass"], ""),
        (["class A: pass", "class A: pass", "A()"], "A"),
        (["x = 1", "def f():\n    return x", "f()"], "f"),
        (["x = 1", "class A:\n    y = x"], "A x"),
        (["x = f()", "class A:\n    y = x"], ""),
        (["x = f()", "class A:\n    def g(self):\n        return x"], ""),
        (["x = f()", "def g(a=x): pass"], ""),
        (["x = f()", "def g():\n    return x", "def h():\n    return g()"], "g h"),
        (["x = f()", "def g():\n    return x", "eval('g()')"], ""),
        (["x = f()", "def g():\n    return x", "g.delay(1)"], ""),
        (
            ["x, y = f()", "class A:\n    def m(self):\n        return x + y", "def g():\n    return x", "eval('g()')"],
            "",
        ),
        (["x = f()", "def g():\n    return x", "g.name"], "g"),
        (["x = f()", "@d\ndef g():\n    return x"], ""),
        (
            [
                "x = f()",
                "def d(h):\n    def w(*a, **k):\n        return h(*a, **k)\n    return w",
                "@d\ndef g():\n    return x",
            ],
            "d g",
        ),
        (["class B(A): pass", "class A: pass"], "A"),
        (["class A: pass", "class B(A): pass"], "A B"),
        (["x = f()", "class A:\n    def m(self):\n        return x", "class B(A): pass"], ""),
        (["def f(): return g()", "def g(): return f()"], "f g"),
        (["L = [1]", "def f():\n    return L[0]"], "L f"),
        (["L = [1]", "def f():\n    return L"], "f"),
        (["L = [1]", "def f():\n    return L[0]", "L.append(2)"], "f"),
        (["L = [1]", "def f():\n    return len(L)", "f(L)"], "f"),
        (["L = []", "def f():\n    return L"], "f"),
        (["L = [1]", "L = [2]", "def f():\n    return L"], "f"),
        (["K = 1", "def f():\n    return K"], "f"),
        (["K = 1", "def f():\n    return K", "map(f, r)"], "K f"),
        (["K = 1", "def f():\n    return g()", "def g():\n    return K", "map(f, r)"], "K f g"),
        (["K = -1", "def f():\n    return K"], "f"),
        (["K = 1", "L = (K, 2)", "def f():\n    return L"], "K L f"),
        (["K = 1", "def f(a=K): pass"], "K f"),
        (["def f():\n    return L", "f()", "L = (1, 2)"], "f"),
        (["def f():\n    return L", "L = (1, 2)", "f()"], "L f"),
        (["print(L)", "L = (1, 2)", "def f():\n    return L"], "f"),
        (["L = (1, 2)", "def f():\n    return L", "eval('L')"], "f"),
        (["L = M = (1, 2)", "def f():\n    return L"], "f"),
        (["L = (1, 2)", "def f():\n    return L", "del L"], "f"),
        (["L = (1, 2)", "def f():\n    return L", "def g():\n    global L\n    L = 1"], "f g"),
        (["from m import *", "L = (1, 2)", "def f():\n    return L"], "f"),
        (["min = (1, 2)", "def f():\n    return min"], "f"),
        (["x = 1", "def f():\n    return x", "class A:\n    x = x"], "f x"),
    ],
)
def test_what_means_the_same_at_module_level_stands_there(cells: list[str], names: str) -> None:
    assert " ".join(_placed(*cells)) == names


def test_a_name_that_a_text_reads_is_no_constant() -> None:
    assert _placed(
        "K = (1, 2)", "df = pd.read_csv('x')", "def f():\n    return K", "import pandas as pd\ndf.query('@K')"
    ) == [
        "f",
        "pd",
    ]


def test_a_function_that_makes_a_class_makes_it_at_module_level() -> None:
    cells = ["from collections import namedtuple", "P = namedtuple('P', 'x')"]
    assert _placed(*cells, class_calls=["collections.namedtuple"]) == ["P", "namedtuple"]
    assert _placed(*cells) == ["namedtuple"]


def test_a_parameter_of_the_notebook_is_no_constant() -> None:
    found = program("L = (1, 2)", "def f():\n    return L")
    found.units[0].parameter = True
    found.place()
    assert not found.is_module("L")


def test_an_import_that_is_fixed_keeps_its_place_and_holds_those_of_the_same_names() -> None:
    found = program("import a, b", "import b, c", "import d")
    found.units[0].fixed = True
    found.place()
    assert [unit.placement for unit in found.units] == ["step", "step", "module"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["def f():\n    return 1", "def f():\n    return 2"], "the name has several meanings"),
        (["@g\ndef f():\n    return 1"], "something happens where it stands"),
        (["x = g()", "class f:\n    def m(self):\n        return x"], "it reads x"),
        (["x = g()", "def f(a=x): pass"], "what is read where it stands is a variable"),
    ],
)
def test_why_a_definition_stays_is_told(cells: list[str], reason: str) -> None:
    found = program(*cells)
    found.place()
    assert found.kept["f"] == reason


def test_variables_that_functions_need_go_with_all_that_call_them() -> None:
    found = program("x = g()", "def f():\n    return x", "def h():\n    return f()", "def k():\n    return 1")
    found.place()
    assert {name: list(names) for name, names in found.captured.items()} == {"f": ["x"], "h": ["x"], "k": []}


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        (["x = 1", "x = x + 1", "print(x)"], {}),
        (["x = 1", "def f():\n    global x\n    x += 1", "f()"], {"x": "a function binds it with `global`"}),
        (
            ["x = g()", "def f():\n    return x", "def h(x):\n    return f()"],
            {"x": "a function needs it where another variable of that name hides it"},
        ),
        (["x = open('a')", "x.read()"], {"x": "its value does something when nothing refers to it any more"}),
        (["x = [open('a')]", "x"], {"x": "its value does something when nothing refers to it any more"}),
        (["x = {'a': open('a')}", "x"], {"x": "its value does something when nothing refers to it any more"}),
        (["x = [open(i) for i in r]", "x"], {"x": "its value does something when nothing refers to it any more"}),
        (["x = {i: open(i) for i in r}", "x"], {"x": "its value does something when nothing refers to it any more"}),
        (["x = open('a')\nx.read()\nx.close()"], {}),
        (["x = open('a')\nwith x: pass"], {}),
        (["x = open('a')", "x.close()"], {"x": "its value does something when nothing refers to it any more"}),
        (
            ["x = open('a')\nx.close()", "x = 1"],
            {"x": "its value does something when nothing refers to it any more"},
        ),
        (["x = 1", "g = lambda: x", "x = 2"], {"x": "code in cell 1 reads it later and it is bound again"}),
        (["x = 1", "g = lambda: x\nx = 2", "g()"], {}),
        (["x = 1", "x = 2", "g = lambda: x"], {}),
        (
            ["x = g()", "def f():\n    return x", "h = map(f, r)", "x = 2"],
            {"x": "what a function gives in cell 2 reads it later and it is bound again"},
        ),
        (["x = g()", "def f():\n    return x", "h = f()", "x = 2"], {}),
        (
            ["x = g()", "def f():\n    yield x", "h = f()", "x = 2"],
            {"x": "what a function gives in cell 2 reads it later and it is bound again"},
        ),
        (
            ["x = g()", "def f():\n    yield x", "def k():\n    return f()", "h = k()", "x = 2"],
            {"x": "what a function gives in cell 3 reads it later and it is bound again"},
        ),
        (
            ["x = g()", "def f():\n    return x", "h = pd.DataFrame().apply(f)", "x = 2", "import pandas as pd"],
            {"x": "what a function gives in cell 2 reads it later and it is bound again"},
        ),
        (["x = g()", "def f():\n    return x", "h = sum(f(i) for i in r)", "x = 2"], {}),
        (["x = g()", "def f():\n    return x", "h = sorted(f)", "x = 2"], {}),
        (["if c:\n    x = 1\nprint(x)"], {}),
        (["if c:\n    x = 1", "print(x)"], {"x": "it may be unbound in cell 1"}),
        (["if c:\n    x = 1", "if d:\n    x = 2", "print(x)"], {"x": "it may be unbound in cell 2"}),
        (["x = 1", "if c:\n    x = 2", "print(x)"], {}),
        (["x = 1", "del x", "if c:\n    x = 2", "if c:\n    x = 3", "print(x)"], {"x": "it may be unbound in cell 4"}),
        (["x = 1", "with o:\n    del x\n    x = 2", "print(x)"], {}),
        (["x = 1", "del x\nx = 2", "print(x)"], {}),
        (["print(min)\nmin = 1"], {"min": "cell 0 may read it before it is bound"}),
        (["try:\n    print(x)\n    x = 1\nexcept E:\n    pass"], {"x": "cell 0 may read it before it is bound"}),
        (["import weakref", "x = 1"], {"x": "the notebook notices when nothing refers to an object any more"}),
        (
            ["class A:\n    def __del__(self): pass", "x = 1"],
            {"x": "the notebook notices when nothing refers to an object any more"},
        ),
    ],
)
def test_only_a_variable_that_cannot_be_passed_lives_in_the_state(cells: list[str], state: dict[str, str]) -> None:
    assert _state(*cells) == state


@pytest.mark.parametrize(
    ("cells", "messages"),
    [
        (["x = 1", "print(x)"], []),
        (["class A:\n    y = __x"], ["a class reads __x, which Python takes for a name of the class"]),
        (["x = g()", "class A:\n    x = x"], ["a class body reads x from outside and binds it as well"]),
        (["x = g()", "def f():\n    return eval('x')"], []),
        (
            ["x = g()", "def f():\n    return lambda: eval('x')"],
            ["a text names the variable x, which code in a function does not see there"],
        ),
        (["x = g()", "eval('x')"], []),
        (["x = g()", "def f(x):\n    return (lambda: eval('x'))"], []),
        (
            ["from __future__ import division", "division = 1"],
            ["names of `__future__` are used for other things as well"],
        ),
        (
            ["def f(a: int): pass", "from __future__ import annotations"],
            ["`from __future__` changes annotations from here on only, in a module those above as well"],
        ),
        (["def f(a): pass", "from __future__ import annotations"], []),
        (["from __future__ import annotations", "def f(a: int): pass"], []),
        (["from m import *", "if c:\n    x = 1", "print(x)"], ["x may come from `from m import *` or be a variable"]),
        (["if c:\n    x = 1", "print(x)", "from m import *"], []),
        (["x = 1", "from m import *", "print(x)"], []),
        (["sum = 1", "from m import *", "print(sum)"], ["`from m import *` binds sum anew"]),
        (["sum = 1", "print(sum)", "from m import *", "print(sum)"], ["`from m import *` binds sum anew"]),
        (["sum = 1", "from m import *", "sum = 2", "print(sum)"], []),
        (["sum = 1", "print(sum)", "from m import *"], []),
        (["sum(r)", "from m import *"], ["`from m import *` binds sum, which is used before as Python's own"]),
        (["from m import *", "sum(r)"], []),
        (["len(r)", "from m import *"], []),
    ],
)
def test_what_would_not_mean_the_same_is_told(cells: list[str], messages: list[str]) -> None:
    assert [problem.message for problem in shared(*cells).problems()] == messages


@pytest.mark.parametrize(
    ("beside", "names", "told"),
    [
        (frozenset(), None, True),
        (frozenset(), frozenset(["x"]), True),
        (frozenset(), frozenset(["y"]), False),
        (frozenset(["x"]), frozenset(["x"]), False),
        (frozenset(["y"]), None, True),
    ],
)
def test_a_star_import_binds_what_its_module_has_and_is_not_taken_beside(
    beside: frozenset[str], names: frozenset[str] | None, told: bool
) -> None:
    found = program("from m import *", "if c:\n    x = 1", "print(x)", stars={} if names is None else {"m": names})
    found.units[0].beside = beside
    found.place()
    found.share()
    assert [problem.reach for problem in found.problems()] == (["x"] if told else [])
    assert not found.may_import(found.units[0], "_x")


def test_names_taken_beside_a_star_import_are_not_bound_anew() -> None:
    found = program("x = 1", "from m import *", "print(x)", stars={"m": frozenset(["x"])})
    found.place()
    found.share()
    assert [problem.message for problem in found.problems()] == ["`from m import *` binds x anew"]
    found.units[1].beside = frozenset(["x"])
    assert list(found.problems()) == []


def test_names_behind_one_that_is_taken_beside_are_told() -> None:
    cells = ["x = 1", "y = 2", "from m import *", "print(x, y)"]
    found = program(*cells, stars={"m": frozenset(["x", "y"])})
    found.units[2].beside = frozenset(["x"])
    found.place()
    found.share()
    assert [problem.message for problem in found.problems()] == ["`from m import *` binds y anew"]


@pytest.mark.parametrize(
    ("cells", "interfaces"),
    [
        (["x = 1", "y = x", "print(y)"], [([], ["x"]), (["x"], ["y"]), (["y"], [])]),
        (["x = 1", "x = 2", "print(x)"], [([], []), ([], ["x"]), (["x"], [])]),
        (["x = 1", "if c:\n    x = 2", "print(x)"], [([], ["x"]), (["x"], ["x"]), (["x"], [])]),
        (["x = 1\ny = x", "print(y)"], [([], ["y"]), (["y"], [])]),
        (["x = 1", "del x"], [([], ["x"]), (["x"], [])]),
        (["import a", "x = a.b", "print(x)"], [([], ["x"]), (["x"], [])]),
        (["x = 1", "g = lambda: x", "g()"], [([], ["x"]), (["x"], ["g"]), (["g"], [])]),
        (["x = g()", "def f():\n    return x", "f()"], [([], ["x"]), (["x"], [])]),
        (["x, y = 1, 2", "print(y, x)"], [([], ["x", "y"]), (["y", "x"], [])]),
    ],
)
def test_functions_take_what_they_use_and_return_what_is_needed_later(
    cells: list[str], interfaces: list[tuple[list[str], list[str]]]
) -> None:
    assert shared(*cells).interfaces() == interfaces


def test_what_is_needed_at_the_end_is_returned() -> None:
    assert shared("x = 1", "y = 2").interfaces(["y"]) == [([], []), ([], ["y"])]


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("import a", True),
        ("from a import b", True),
        ("try:\n    import a\nexcept E:\n    a = None", True),
        ("try:\n    import a\nexcept E:\n    pass\nelse:\n    b = 1\nfinally:\n    import c", True),
        ("try:\n    import a\nexcept E:\n    a = f()", False),
        ("try:\n    import a\nexcept E:\n    a.b = 1", False),
        ("try:\n    pass\nexcept E:\n    import a", False),
        ("try:\n    from a import *\nexcept E:\n    pass", False),
        ("if a:\n    import b", False),
        ("x = 1", False),
    ],
)
def test_imports_that_choose_are_imports(source: str, imports: bool) -> None:
    (unit,) = program(source).units
    assert unit.node is not None
    assert is_import(unit.node) == imports


def test_star_imports_are_told_from_others() -> None:
    star, plain, module = (unit.node for unit in program("from a import *", "from a import b", "import a").units)
    assert star is not None
    assert plain is not None
    assert module is not None
    assert [is_star_import(star), is_star_import(plain), is_star_import(module)] == [True, False, False]


def test_a_name_gets_underscores_until_nobody_has_it() -> None:
    assert fresh("x", ["x", "x_", "y"]) == "x__"
    assert fresh("z", ["x"]) == "z"


def test_the_first_line_of_a_statement_is_that_of_its_decorator() -> None:
    (unit,) = program("# note\n@d\ndef f(): pass").units
    assert unit.first_line == 2
    assert Unit("", [], 0).first_line == 1


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("from random import choice", "random.choice"),
        ("with timed():\n    from random import choice", "random.choice"),
        ("with timed():\n    with again() as b:\n        from random import choice\n    x = choice", "random.choice"),
        ("with timed():\n    from random import choice\n    choice = 1", None),
        ("with timed() as choice:\n    from random import choice", None),
        ("if x:\n    from random import choice\nelse:\n    choice = 1", None),
    ],
)
def test_a_name_that_imports_alone_bind_is_what_they_say(cell: str, name: str | None) -> None:
    found = program(cell).resolver
    found.learn(ast.parse("from random import choice").body[0])
    node = ast.parse("choice", mode="eval").body
    assert found.dotted(node) == name


def test_what_a_function_makes_anew_swallows_no_exception_unless_it_may() -> None:
    managed = "@contextmanager\ndef m():\n    try:\n        yield\n    except E:\n        pass"
    plain = "@contextmanager\ndef m():\n    yield"
    block = "with m():\n    x = g()"
    assert list(program(managed, block).units[1].facts.binds) == []
    assert list(program(plain, block).units[1].facts.binds) == ["x"]
    returns = "class m:\n    def __exit__(self, *a):\n        return True"
    silent = "class m:\n    def __exit__(self, *a):\n        return"
    assert list(program(returns, block).units[1].facts.binds) == []
    assert list(program(silent, block).units[1].facts.binds) == ["x"]
