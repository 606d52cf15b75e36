"""Cells become Python exactly as an IPython kernel sees them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from nbmde.notebooks.inject import python_source

pieces = st.sampled_from(
    ["x = 1", "\n", " ", "\t", "    ", "%time", "%%time", "!ls", "= !ls", "a = %who", "?", "x?", "x??", ">>> ", "... ",
     "In [1]: ", "...: ", ",f a", ";f a", "/f a", "'''", '"', "\\\n", "(", ")", "#", "if x:", "\r\n", "\r",
     "\x0c", "\x1c", "\u2028", "x % y", "x != y", "lambda: 0", "é", "  \n"]
)  # fmt: skip


@pytest.mark.filterwarnings("ignore:.make_tokens_by_line")
@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=12).map("".join) | st.text(max_size=40))
@example("")
@example("\n\n  x = 1\n\n    y = 2\n")
@example('s = """\n  \n"""')
@example("a = %who,f a\n\\\n")
def test_the_text_is_that_of_ipython(source: str) -> None:
    try:
        expected = TransformerManager().transform_cell(source)
    except Exception:
        with pytest.raises(SyntaxError):
            python_source(source)
    else:
        assert python_source(source) == expected


def test_plain_python_does_not_wait_for_ipython() -> None:
    script = "import sys; from nbmde.notebooks.inject import python_source; "
    script += "python_source('x = 5 % 3\\n\\nif x != 1: pass'); "
    script += "print('IPython' in sys.modules, 'nbformat' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('print(f"{d["a"]}")', "1"),
        ('print(f"{", ".join(d)} {d["a"]!r:>{d["w"]}}");', "a, w    1"),
        ('if d:\n    %time x = f"<{d["a"]}>"\nprint(x)', "<1>"),
        ("print(f'{d['a']}', rf'{d['w']}\\d')", "1 4\\d"),
    ],
)
def test_quotes_in_an_f_string_may_be_those_around_it(
    source: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    class Shell:
        def run_line_magic(self, name: str, line: str) -> None:
            exec(python_source(line), names)

    names: dict[str, object] = {"d": {"a": 1, "w": 4}, "get_ipython": Shell}
    exec(python_source(source), names)
    assert capsys.readouterr().out == f"{shown}\n"
    assert python_source(source).rstrip().endswith(";") == source.endswith(";")


@pytest.mark.parametrize("source", ['x = f"{d["a}"\n', 'x = f"{"\n', 'print "f"\n'])
def test_what_no_python_reads_stays_as_it_is(source: str) -> None:
    assert python_source(source) == source
