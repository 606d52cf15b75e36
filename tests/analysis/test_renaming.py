"""Code that reaches the names of the top level in another way: the text around them stays."""

from __future__ import annotations

import pytest

from nbmde.notebooks.analysis.renaming import Renaming, Source

STATE = Renaming(frozenset(["x", "y"]), "state", {})
EXTRA = Renaming(frozenset(), "state", {"f": ["a", "b"], "g": [], "C": ["a"]}, classes=frozenset(["C"]))


def _renamed(text: str, renaming: Renaming) -> str:
    source = Source(text)
    source.rename(renaming)
    return source.edited()


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("x = y + z  # x", "state.x = state.y + z  # x"),
        ("print('x', x)", "print('x', state.x)"),
        ("def f(x): return x + y", "def f(x): return x + state.y"),
        ("[x for x in y]", "[x for x in state.y]"),
        ("x += 1", "state.x += 1"),
        ("del x", "del state.x"),
        ("for x in y: pass", "for state.x in state.y: pass"),
        ("with a as x: pass", "with a as state.x: pass"),
        ("(x := 1)", "(state.let(x=1))"),
        ("print(x := (1))", "print(state.let(x=(1)))"),
        ("def x():\n    pass", "def x():\n    pass\nstate.x = x"),
        ("@d\ndef x():\n    pass\n", "@d\ndef x():\n    pass\nstate.x = x\n"),
        (
            "if a:\n    class x:\n        pass\n    b = 1",
            "if a:\n    class x:\n        pass\n    state.x = x\n    b = 1",
        ),
        ("import x", "import x; state.x = x"),
        ("from m import x, z as y", "from m import x, z as y; state.x = x; state.y = y"),
        (
            "try:\n    a\nexcept E as x:\n    print(x)",
            "try:\n    a\nexcept E as x:\n    state.x = x\n    print(state.x); del state.x",
        ),
        (
            "try:\n    a\nexcept E as x:\n    if x:\n        b",
            "try:\n    a\nexcept E as x:\n    state.x = x\n    if state.x:\n        b\n    del state.x",
        ),
        ("try: a\nexcept E as x: b", "try: a\nexcept E as x: state.x = x; b; del state.x"),
        ("match a:\n    case [x]:\n        b", "match a:\n    case [x]:\n        state.x = x\n        b"),
        ("f'{x} {y!r} {z}'", "f'{state.x} {state.y!r} {z}'"),
        ("f'{x=}'", "f'x={state.x!r}'"),
        ("f'{x = !s}'", "f'x = {state.x !s}'"),
        ("f'{x=:>3}'", "f'x={state.x:>3}'"),
        ("f'{ {1: x}[1]=}'", "f' {{1: x}}[1]={ {1: state.x}[1]!r}'"),
        ("f'{z=} {x}'", "f'{z=} {state.x}'"),
        ("f'{z:{x}}'", "f'{z:{state.x}}'"),
        ("def f():\n    global x\n    x = 1", "def f():\n    pass\n    state.x = 1"),
        ("x.x = o.x", "state.x.x = o.x"),
        ("f(x=x)", "f(x=state.x)"),
    ],
)
def test_names_of_the_state_are_attributes_of_it(text: str, renamed: str) -> None:
    assert _renamed(text, STATE) == renamed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("try:\n    a\nexcept E as x:\n    raise", "x is bound by except"),
        ("for i in r:\n    try:\n        a\n    except E as x:\n        continue", "left early"),
        ("match a:\n    case [x] if x: pass", "pattern with a condition"),
        ("(x # note\n := 1)", "bound by := with a comment"),
        ("if a: b; import x", None),
        ("if a: \n    b\nelse: exec(''); \nimport x", None),
    ],
)
def test_what_cannot_be_renamed_is_refused(text: str, reason: str | None) -> None:
    if reason is None:
        assert _renamed(text, STATE).endswith("import x; state.x = x")
        return
    with pytest.raises(ValueError, match=reason):
        _renamed(text, STATE)


def test_a_walrus_is_refused_where_its_function_would_be_hidden() -> None:
    with pytest.raises(ValueError, match="let is a variable"):
        _renamed("(x := 1)", Renaming(frozenset(["x", "let"]), "state", {}))


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("f(1)", "f(1, a=a, b=b)"),
        ("g(1)", "g(1)"),
        ("map(f, z)", "map(bind(f, a=a, b=b), z)"),
        ("map(g, z)", "map(g, z)"),
        ("f.attribute", "f.attribute"),
        ("C(1)", "C(1, a=a)"),
        ("isinstance(z, C)", "isinstance(z, bind_class(C, a=a))"),
        ("f(f(1))", "f(f(1, a=a, b=b), a=a, b=b)"),
        ("def h(f): return f(1)", "def h(f): return f(1)"),
        ("f = 1", "f = 1"),
        ("f'{f(1)}'", "f'{f(1, a=a, b=b)}'"),
    ],
)
def test_functions_get_what_they_take_besides(text: str, renamed: str) -> None:
    assert _renamed(text, EXTRA) == renamed


@pytest.mark.parametrize(
    ("text", "main", "renamed"),
    [
        ("if __name__ == '__main__': pass", True, "if \"__main__\" == '__main__': pass"),
        ("print(__name__)", False, "print(__name__)"),
        ("f'{__name__}!'", True, "f'__main__!'"),
        ("f'{__name__:>9}'", True, "f'{\"__main__\":>9}'"),
        ("f'{__name__!r}'", True, "f'{\"__main__\"!r}'"),
        ('f"{__name__ + z}"', True, "f\"{'__main__' + z}\""),
        ("__name__ = 1", True, "__name__ = 1"),
    ],
)
def test_the_name_of_the_main_module_becomes_a_text(text: str, main: bool, renamed: str) -> None:
    assert _renamed(text, Renaming(frozenset(), "state", {}, main=main)) == renamed


def test_a_string_with_both_quotes_has_no_place_for_a_text() -> None:
    source = Source("f'''{d[\"a\"]}{__name__ + d['b']}'''")
    source.rename(Renaming(frozenset(), "state", {}))
    assert "__main__" in source.edited()


@pytest.mark.parametrize(
    ("body", "taken"),
    [
        ("return v", "return self.held.v"),
        ("return s", "return self.held.state.s"),
        ("return f(1)", "return f(1, v=self.held.v)"),
        ("return f", "return bind(f, v=self.held.v)"),
        ("return D(1)", "return D(1)"),
        ("return [v for i in self.x]", "return [self.held.v for i in self.x]"),
        ("v = 1", "v = 1"),
        ("return other", "return other"),
    ],
)
def test_methods_take_variables_from_their_class(body: str, taken: str) -> None:
    text = f"class A:\n    def m(self):\n        {body}\n"
    source = Source(text)
    renaming = Renaming(frozenset(["s"]), "state", {"f": ["v"], "D": ["v"]}, classes=frozenset(["D"]))
    source.take_from_class({"v", "s"}, "held", renaming)
    assert source.edited() == text.replace(body, taken)


def test_the_body_of_a_class_keeps_its_names() -> None:
    text = "class A:\n    z = v\n    def m(this):\n        return v"
    source = Source(text)
    source.take_from_class({"v"}, "held", STATE)
    assert source.edited() == "class A:\n    z = v\n    def m(this):\n        return this.held.v"
