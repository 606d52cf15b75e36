"""Which variables are constants, and what would change one."""

from __future__ import annotations

import ast

import pytest
from notebook_programs import expression, resolver

from nbmde.notebooks.analysis.constants import Values, changed, nested


def _values(**known: str) -> Values:
    found = Values(resolver(), ["re.compile", "dict", "numpy.array", "len"], ["collections.namedtuple"])
    found.known = {name: expression(source) for name, source in known.items()}
    return found


@pytest.mark.parametrize(
    "source",
    [
        "1",
        "'text'",
        "'a.b.c d'",
        "K",
        "len",
        "math.pi",
        "np.float32",
        "-K + 2 * (3 if K else 4)",
        "[K, *K, (1, {2, 3})]",
        "{'a': K, **K}",
        "K[1:2]",
        "K and not K < 3",
        "f'{K:>{K}}'",
        "dict(a=1)",
        "re.compile('a/b')",
        "collections.namedtuple('P', 'x.y')",
        "'a b'.split()",
        "','.join([K])",
        "[i + K for i in K if i]",
        "{i: j for i in K for j in [i]}",
        "{(i, j) for i, j in K}",
    ],
)
def test_what_can_be_told_without_running_anything_is_a_constant(source: str) -> None:
    assert _values(K="1").is_constant(expression(source))


@pytest.mark.parametrize(
    "source",
    [
        "x",
        "print",
        "'data/file'",
        "'a\\\\b'",
        "'file.csv'",
        "[1, x]",
        "x.y",
        "os.environ",
        "sys.argv",
        "os.sep",
        "K.x",
        "open('x')",
        "dict('a/b')",
        "dict(a=x)",
        "re.compile(x)",
        "K.split()",
        "'a'.isalpha()",
        "'a'.join(x)",
        "[x for i in K]",
        "[i for i in x]",
        "[i for i in K if x]",
        "(i for i in K)",
        "[i for i in K for j in x]",
        "lambda: 1",
        "[i async for i in K]",
        "collections.namedtuple('P', x)",
        "(y := 1)",
    ],
)
def test_what_depends_on_the_run_or_is_a_path_is_no_constant(source: str) -> None:
    assert not _values(K="1").is_constant(expression(source))


@pytest.mark.parametrize(
    ("source", "can"),
    [
        ("1", False),
        ("'a'", False),
        ("(1, 2)", False),
        ("[1]", True),
        ("{1}", True),
        ("{1: 2}", True),
        ("[i for i in K]", True),
        ("{i for i in K}", True),
        ("{i: i for i in K}", True),
        ("(1, [2])", True),
        ("1 if K else [2]", True),
        ("[1] + [2]", True),
        ("2 * [1]", True),
        ("1 + 2", False),
        ("K", False),
        ("L", True),
        ("other", False),
        ("dict(a=1)", True),
        ("list('a')", True),
        ("collections.Counter('a')", True),
        ("np.array([1])", True),
        ("len('a')", False),
        ("re.compile('a')", False),
        ("x.y()", True),
        ("L[0]", True),
        ("K[0]", False),
    ],
)
def test_a_value_that_can_be_changed_is_known(source: str, can: bool) -> None:
    assert _values(K="1", L="[1]").can_change(expression(source)) == can


@pytest.mark.parametrize(
    ("source", "empty"),
    [
        ("[]", True),
        ("{}", True),
        ("set([])", False),
        ("set()", True),
        ("dict()", True),
        ("dict(a=1)", False),
        ("list('a')", False),
        ("[1]", False),
        ("{1: 2}", False),
        ("{1}", False),
        ("()", False),
        ("len()", False),
        ("collections.OrderedDict()", True),
    ],
)
def test_a_container_that_waits_to_be_filled_is_known(source: str, empty: bool) -> None:
    assert _values().is_empty(expression(source)) == empty


@pytest.mark.parametrize(
    ("source", "inside"),
    [
        ("[1, 2]", False),
        ("[1, [2]]", True),
        ("(1, {2})", True),
        ("{'a': [1]}", True),
        ("{'a': 1}", False),
        ("[[i] for i in K]", True),
        ("[i for i in K]", False),
        ("{i: [1] for i in K}", True),
        ("N", True),
        ("K", False),
        ("other", False),
        ("f([1])", False),
    ],
)
def test_values_that_can_be_changed_inside_another_are_known(source: str, inside: bool) -> None:
    assert nested(_values(K="1", N="[[1]]"), expression(source)) == inside


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("print(L)", False),
        ("print(*L)", False),
        ("print(end=L)", False),
        ("own(L)", True),
        ("own(k=L)", True),
        ("L()", True),
        ("np.random.shuffle(L)", True),
        ("np.random.shuffle(x, L)", False),
        ("L.append(1)", True),
        ("L.move_to_end(1)", True),
        ("L.index(1)", False),
        ("f = L.append", True),
        ("L.x", True),
        ("L[0]", False),
        ("x[L]", False),
        ("x[L, 1]", False),
        ("x = [L, 1]", True),
        ("L[0] = 1", True),
        ("del L[0]", True),
        ("for i in L: pass", False),
        ("[i for i in L]", False),
        ("[L for i in x]", True),
        ("if L: pass", False),
        ("while L: pass", False),
        ("L + x", False),
        ("-L", False),
        ("L and x", False),
        ("L == x", False),
        ("f'{L}'", False),
        ("L", False),
        ("x = L", True),
        ("return_ = (L, 1)", True),
        ("x = {1: L}", True),
        ("def f():\n    return L", True),
        ("def f(L):\n    L.append(1)", False),
        ("def f():\n    L.append(1)", True),
        ("M.append(1)", False),
        ("print(1)\nL.sort()", True),
    ],
)
def test_every_use_that_may_change_a_list_is_seen(source: str, change: bool) -> None:
    assert changed("L", ast.parse(source).body, resolver(), {"own"}.__contains__, nested=False) == change


@pytest.mark.parametrize(
    ("source", "change"),
    [("L[0]", True), ("L.index(1)", True), ("for i in L: pass", True), ("print(L)", False), ("x[L]", False)],
)
def test_what_gives_away_a_part_may_change_it(source: str, change: bool) -> None:
    assert changed("L", ast.parse(source).body, resolver(), {"own"}.__contains__, nested=True) == change
