"""Where texts say names of the top level, and that others can take their places."""

from __future__ import annotations

import pytest

from nbmde.notebooks.analysis.naming import identifiers, named, with_names

RENAMED = {
    "reads and bindings": ("x = x + y", "n = n + m"),
    "attributes and keywords are none": ("f(x=x).x", "f(x=n).x"),
    "comprehensions hide": ("[x for x in y] + [x]", "[x for x in m] + [n]"),
    "functions hide, their defaults do not": ("def f(x=x):\n    return x, y", "def f(x=n):\n    return x, m"),
    "global": ("def f():\n    global x\n    x = y", "def f():\n    global n\n    n = m"),
    "own name of a function": ("@y\nasync def  x():\n    return x", "@m\nasync def  n():\n    return n"),
    "own name of a class": ("class x(y):\n    pass", "class n(m):\n    pass"),
    "import": ("import x, y", "import x as n, y as m"),
    "import under another name": ("import a.b as x", "import a.b as n"),
    "import from": (
        "from x import (\n    y,  # why\n    a as x,\n)",
        "from x import (\n    y as m,  # why\n    a as n,\n)",
    ),
    "handler": ("try:\n    y\nexcept (y) as x:\n    x", "try:\n    m\nexcept (m) as n:\n    n"),
    "with and for": ("with y as x: pass\nfor x in y: pass", "with m as n: pass\nfor n in m: pass"),
    "walrus": ("if (x := y): pass", "if (n := m): pass"),
    "pattern": ("match y:\n    case [x, *_]: pass", "match m:\n    case [n, *_]: pass"),
    "deletion": ("del x, y[0]", "del n, m[0]"),
    "f-string": ("f'{x!r:{y}} {{x}}'", "f'{n!r:{m}} {{x}}'"),
    "f-string that shows its source": ("f'{x=}'", "f'x={n!r}'"),
    "comments and strings stay": ("x = 'x'  # x", "n = 'x'  # x"),
    "beyond ASCII": ("é = 'ü'; x", "é = 'ü'; n"),
}


@pytest.mark.parametrize("what", RENAMED)
def test_names_of_the_top_level_become_others(what: str) -> None:
    before, after = RENAMED[what]
    said = named(before).keys() & {"x", "y"}
    assert with_names(before, {name: {"x": "n", "y": "m"}[name] for name in said}) == after


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import x.z", "import x.z binds x"),
        ("match y:\n    case {'k': 1, **x}: pass", "bound by a pattern"),
        ("\ufb01x = 1\nfix", "spelled otherwise"),
    ],
)
def test_what_cannot_be_called_otherwise_says_why(text: str, why: str) -> None:
    name = "fix" if "fix" in text else "x"
    with pytest.raises(ValueError, match=why):
        with_names(text, {name: "n"})


def test_identifiers_are_those_of_all_scopes() -> None:
    code = "import a.b, c as d\ndef e(f, *g, h=i, **j):\n    k = [l for m in n]\n    o.p(q=r)\nclass s: t = 1"
    assert identifiers(code) == set("adefghijklmnorst")
