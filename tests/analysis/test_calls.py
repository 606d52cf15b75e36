"""What calls call: through imports, prefixes, chains of methods and types."""

from __future__ import annotations

import ast

import pytest
from notebook_programs import expression, resolver

from nbmde.notebooks.analysis.calls import CallTable, TableSemantics, imported_names, root_name

FRAME = "df = pd.read_csv('a')\ns = df['x']\na = np.array([1])\nfrom pathlib import Path\n"


def _call(source: str, before: str = "") -> tuple[str, str | None]:
    node = expression(source)
    assert isinstance(node, ast.Call)
    found = resolver(before).call(node)
    return found.name, found.receiver


@pytest.mark.parametrize(
    ("source", "name", "receiver"),
    [
        ("pd.read_csv('a')", "pandas.read_csv", None),
        ("np.random.rand()", "numpy.random.rand", None),
        ("plt.plot()", "matplotlib.pyplot.plot", None),
        ("Ridge()", "sklearn.linear_model.Ridge", None),
        ("print()", "print", None),
        ("own()", "own", None),
        ("df.query('a')", "pandas.DataFrame.query", "df"),
        ("df.head().query('a')", "pandas.DataFrame.query", "df"),
        ("df.other()", ".other", "df"),
        ("x.str.lower()", ".str.lower", "x"),
        ("x[0].fit(y)", ".fit", "x"),
        ("f(x).fit(y)", ".fit", "f"),
        ("x.y.fit()", ".y.fit", "x"),
        ("f()()", "", None),
        ("(lambda: 1)()", "", None),
    ],
)
def test_a_call_has_the_name_of_what_it_calls(source: str, name: str, receiver: str | None) -> None:
    assert _call(source, FRAME) == (name, receiver)


def test_what_a_block_imports_and_binds_is_known_in_it_and_nowhere_else() -> None:
    block = ast.parse(
        "with timed() as t:\n    from sklearn.linear_model import Lasso\n    import numpy as other\n"
        "    frame = pd.read_csv('a')\n    frame.query('b')\n    with again():\n        Lasso()\n    other.array([1])"
    ).body[0]
    known = resolver(FRAME)
    before = dict(known.types.modules), dict(known.types.values)
    assert [call.name for call in known.calls(block)] == [
        "timed",
        "pandas.read_csv",
        "pandas.DataFrame.query",
        "again",
        "sklearn.linear_model.Lasso",
        "numpy.array",
    ]
    assert (known.types.modules, known.types.values) == before


def test_calls_come_in_the_order_in_which_they_are_made() -> None:
    node = ast.parse("f(g(1), h(2)).m(k(3))\nlast()")
    assert [call.name for call in resolver().calls(node)] == ["g", "h", "f", "k", ".m", "last"]


def test_a_name_that_is_bound_to_something_else_is_no_module() -> None:
    assert _call("np.array()", "np = 1") == (".array", "np")
    assert _call("np.array()", "np, x = f()") == (".array", "np")
    assert _call("sorted()", "sorted = 1")[0] == "sorted"
    assert resolver("sorted = f()").dotted(expression("sorted")) is None
    found = resolver()
    found.unclear = {"np", "print"}
    assert found.dotted(expression("np.array")) is None
    assert found.dotted(expression("print")) is None
    assert found.dotted(expression("print.x")) is None


def test_a_row_is_that_of_the_name_then_of_the_longest_prefix() -> None:
    table = CallTable({"a.b": {"is": 1}, "a.*": {"is": 2}, "a.b.*": {"is": 3}, ".x.*": {"is": 4}, ".z": {"is": 5}})
    assert table.dotted("a.b") == {"is": 1}
    assert table.dotted("a.c") == {"is": 2}
    assert table.dotted("a.b.c.d") == {"is": 3}
    assert table.dotted("a") is None
    assert table.dotted("b.c") is None
    assert table.method("x.y") == {"is": 4}
    assert table.method("y.z") == {"is": 5}
    assert table.method("z.y") is None
    assert table.method("x") is None


@pytest.mark.parametrize(
    ("source", "type_"),
    [
        ("1", "int"),
        ("'a'", "str"),
        ("None", ""),
        ("...", ""),
        ("f'{x}'", "str"),
        ("[1]", "list"),
        ("[i for i in x]", "list"),
        ("{1: 2}", "dict"),
        ("{i: i for i in x}", "dict"),
        ("{1}", "set"),
        ("(1,)", "tuple"),
        ("(i for i in x)", "generator"),
        ("df", "pandas.DataFrame"),
        ("unknown", ""),
        ("df['a']", "pandas.Series"),
        ("df[['a']]", "pandas.DataFrame"),
        ("df[df > 1]", "pandas.DataFrame"),
        ("df[1:2]", "pandas.DataFrame"),
        ("df[~x]", "pandas.DataFrame"),
        ("df[x]", ""),
        ("df[1]", ""),
        ("s[1:2]", "pandas.Series"),
        ("s[s > 1]", "pandas.Series"),
        ("s[1]", ""),
        ("a[1:]", "numpy.ndarray"),
        ("[1][0:1]", "list"),
        ("'abc'[1:]", "str"),
        ("'abc'[1]", ""),
        ("df.columns", "pandas.Index"),
        ("df.T", "pandas.DataFrame"),
        ("df.shape", "tuple"),
        ("df.other", ""),
        ("df > 1", "pandas.DataFrame"),
        ("1 < s", "pandas.Series"),
        ("s + a", "pandas.Series"),
        ("s + df", "pandas.DataFrame"),
        ("a * 2", "numpy.ndarray"),
        ("1 + 2", "int"),
        ("1 + 2.0", "float"),
        ("1 / 2", "float"),
        ("1 + x", ""),
        ("'a' + 'b'", "str"),
        ("[1] + [2]", "list"),
        ("'a' * 2", ""),
        ("'a' + x", ""),
        ("{1} - {2}", ""),
        ("1 < 2", ""),
        ("1 if x else 2", "int"),
        ("1 if x else 'a'", ""),
        ("pd.read_csv('a')", "pandas.DataFrame"),
        ("df.head()", "pandas.DataFrame"),
        ("df.head().head()", "pandas.DataFrame"),
        ("Ridge()", "sklearn.linear_model.Ridge"),
        ("divmod(1, 2)", "tuple"),
        ("train_test_split(df)", "tuple"),
        ("unknown()", ""),
        ("pd.read_excel('a')", ""),
        ("reversed(a)", ""),
        ("max(a, df)", "pandas.DataFrame"),
        ("max(a)", ""),
        ("lambda: 1", ""),
    ],
)
def test_types_of_expressions_are_inferred(source: str, type_: str) -> None:
    assert resolver(FRAME).type_of(expression(source)) == type_


def test_a_path_joined_by_a_slash_is_a_path() -> None:
    found = resolver()
    found.types.values["p"] = "pathlib.Path"
    assert found.type_of(expression("p / 'a'")) == "pathlib.Path"
    assert found.type_of(expression("'a' / p")) == "pathlib.Path"
    assert found.type_of(expression("p.parent")) == "pathlib.Path"
    assert found.type_of(expression("p * 'a'")) == ""


@pytest.mark.parametrize(
    ("source", "types"),
    [
        ("x = df", {"x": "pandas.DataFrame"}),
        ("x = y = 1", {"x": "int", "y": "int"}),
        ("x: int = 1", {"x": "int"}),
        ("x, y = 1, 'a'", {"x": "int", "y": "str"}),
        ("x, y = divmod(7, 2)", {"x": "int", "y": "int"}),
        ("x, y, z = divmod(7, 2)", {"x": "", "y": "", "z": ""}),
        (
            "w, x, y, z = train_test_split(df, s)",
            {"w": "pandas.DataFrame", "x": "pandas.DataFrame", "z": "pandas.Series"},
        ),
        ("x, y = f()", {"x": "", "y": ""}),
        ("with o:\n    x = 1", {"x": "int"}),
        ("try:\n    x = 1\nexcept E:\n    y = 1", {"x": "int", "y": None}),
        ("x = 1\nif c:\n    x = 'a'", {"x": ""}),
        ("x = 1\nif c:\n    x = 2", {"x": "int"}),
        ("if c:\n    x = 1\nelse:\n    y = 'a'", {"x": "int", "y": "str"}),
        ("x = 1\nfor i in r:\n    x = 'a'", {"x": ""}),
        ("x = 1\nwhile c:\n    x = 'a'", {"x": ""}),
        ("x = 1\nx = f()", {"x": ""}),
    ],
)
def test_what_a_statement_says_about_types_is_learned(source: str, types: dict[str, str | None]) -> None:
    found = resolver(FRAME + source).types.values
    assert {name: found.get(name) for name in types} == types


def test_an_import_in_a_handler_counts_where_there_is_no_other() -> None:
    found = resolver("try:\n    import a as x\nexcept ImportError:\n    import b as x\n    import c as y")
    assert (found.types.modules["x"], found.types.modules["y"]) == ("a", "c")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a", {"a": "a"}),
        ("import a.b", {"a": "a"}),
        ("import a.b as c", {"c": "a.b"}),
        ("from a.b import c as d, e", {"d": "a.b.c", "e": "a.b.e"}),
        ("from a import *", {}),
        ("from . import a", {"a": "..a"}),
        ("from ..a import b", {"b": "..a.b"}),
    ],
)
def test_imports_bind_names_to_what_they_stand_for(source: str, names: dict[str, str]) -> None:
    (node,) = ast.parse(source).body
    assert isinstance(node, (ast.Import, ast.ImportFrom))
    assert imported_names(node) == names


@pytest.mark.parametrize(
    ("source", "name"),
    [("a", "a"), ("a.b[0](1).c", "a"), ("f(x).y", "f"), ("(a + b).c", None), ("'x'.join(a)", None)],
)
def test_a_chain_begins_with_a_variable(source: str, name: str | None) -> None:
    assert root_name(expression(source)) == name


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("df.query('x > @limit and y < @ top')", ["limit", "top"]),
        ("df.query('x', other='@a')", ["a"]),
        ("df.query(text)", ["stored"]),
        ("sm.ols('y ~ x + np.log(z) + \"q\"')", ["y", "x", "np", "z"]),
        ("eval('a + b.c')", ["a", "b"]),
        ("eval('a', {})", []),
        ("eval('a +')", []),
        ("eval(x)", []),
        ("df.head('@a')", []),
    ],
)
def test_texts_name_variables_where_a_call_reads_them(source: str, names: list[str]) -> None:
    node = expression(source)
    assert isinstance(node, ast.Call)
    semantics = TableSemantics(resolver(FRAME), ["@stored", "y ~ w", "nothing"])
    assert list(semantics.string_reads(node)) == names


@pytest.mark.parametrize(
    ("source", "consumes"),
    [("sum(x)", True), ("','.join(x)", True), ("df.apply(f)", True), ("map(f, x)", False), ("own(x)", False)],
)
def test_calls_that_have_done_with_a_generator_are_known(source: str, consumes: bool) -> None:
    node = expression(source)
    assert isinstance(node, ast.Call)
    assert TableSemantics(resolver(FRAME)).consumes_callable(node) == consumes


@pytest.mark.parametrize(
    ("manager", "may"),
    [
        ("contextlib.suppress(E)", True),
        ("suppress(E)", True),
        ("pytest.raises(E)", True),
        ("ExitStack()", True),
        ("own()", True),
        ("own", True),
        ("variable", True),
        ("open('a')", False),
        ("np.array", False),
    ],
)
def test_a_manager_that_may_keep_an_exception_is_known(manager: str, may: bool) -> None:
    assert TableSemantics(resolver(), (), ["own"]).may_swallow(expression(manager)) == may


def test_without_managers_of_its_own_a_program_has_none_in_variables() -> None:
    assert not TableSemantics(resolver()).may_swallow(expression("variable"))
