"""Functions and classes stand at module level: what holds one can be pickled, and loads in another process."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from oracle import Oracle, code_of

HEAD = "import pickle\nwords = ['the']\nwords.append('a')"
FUNCTION = "def clean(text):\n    return [t for t in text.split() if t not in words]"
CLASS = "class Cleaner:\n    def __call__(self, text):\n        return [t for t in text.split() if t not in words]"
LOAD = "import pickle; print(pickle.load(open('outputs/kept.pkl', 'rb'))('the cat'))"


@pytest.mark.parametrize(
    ("definition", "kept"),
    [
        (FUNCTION, "clean"),
        (FUNCTION.replace("not in words", "not in STOP").replace("def", "STOP = {'the', 'a'}\ndef"), "clean"),
        (CLASS, "Cleaner()"),
        (f"{FUNCTION}\n{CLASS}", "Cleaner()"),
        (FUNCTION.replace("(text)", "(text, most=len(words))"), "clean"),
        (f"{FUNCTION.replace('not in', 'in')}\nfirst = clean\n{FUNCTION}", "clean"),
        ("if len(words) > 5:\n    clean = str\nelse:\n    " + FUNCTION.replace("\n", "\n    "), "clean"),
        (f"def register(f):\n    words.append(f.__name__)\n    return f\n@register\n{FUNCTION}", "clean"),
        (f"{CLASS}\nclass Own(Cleaner):\n    pass", "Own()"),
    ],
    ids=[
        *("a function with a variable", "a function with a constant", "an object", "an object beside a function"),
        *("a computed default", "a function that is defined again", "a function that is chosen", "a decorator"),
        "an object of a class that is derived",
    ],
)
def test_what_holds_a_function_of_the_notebook_loads_in_another_process(
    oracle: Oracle, definition: str, kept: str
) -> None:
    save = f"with open('kept.pkl', 'wb') as file:\n    pickle.dump({kept}, file)"
    folder, outcome = oracle.convert([(HEAD, []), (definition, []), (save, [])])
    run = oracle.project(folder)
    assert not run.failed, run.stderr
    saved = next(folder.rglob("kept.pkl")).relative_to(folder).as_posix()
    code = LOAD.replace("outputs/kept.pkl", saved)
    environment = {"PYTHONPATH": str(folder / "src")}
    loaded = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert loaded.stdout == "['cat']\n", loaded.stderr + code_of(outcome)


def test_no_definition_of_the_notebook_stands_in_a_function(oracle: Oracle) -> None:
    cells = [
        HEAD,
        FUNCTION,
        "import functools\n@functools.lru_cache\ndef known(word):\n    return word in words",
        "class Holder:\n    def get(self):\n        return words, limit\nlimit = len(words)",
        "print(known('a'), Holder().get(), [f('a b') for f in (clean,)])",
    ]
    _, outcome = oracle.convert([(cell, []) for cell in cells], apart=True)
    lines = code_of(outcome).splitlines()
    assert {"def known(word, *, words):", "class Holder:"} <= set(lines)
    assert not [line for line in lines if re.match(r" +(def (known|clean)|class Holder)", line)]


def test_a_decorator_is_applied_in_the_step_or_where_its_function_stands(oracle: Oracle) -> None:
    """As an unknown decorator may do something; what libraries are known to do only when the function is called."""
    cells = [
        "import torch\nfrom somewhere import route\nwords = ['the']\nwords.append('a')",
        "@torch.no_grad()\ndef evaluate(model, loader):\n    return [model(batch) for batch in loader], words",
        "@torch.inference_mode()\ndef plain(model):\n    return model",
        "@route('/kept')\ndef page(text):\n    return text in words",
        "@route('/plain')\nasync def other(text):\n    return text",
        "print(evaluate(len, words), plain(3), page, other)",
    ]
    _, outcome = oracle.convert([(cell, []) for cell in cells], apart=True)
    code = code_of(outcome)
    assert "\n@torch.no_grad()\ndef evaluate(model, loader, *, words):\n" in code
    assert "\n@torch.inference_mode()\ndef plain(model):\n" in code
    assert "\ndef page(text, *, words):\n" in code
    assert '    page = route("/kept")(bind(unbound_page, words=words))\n' in code
    assert "\nasync def other(text):\n" in code
    assert '    other = route("/plain")(unbound_other)\n' in code


def test_the_driver_knows_any_type_although_the_notebook_gives_its_name_to_something_else(oracle: Oracle) -> None:
    cells = ["from decimal import Decimal as Any\nd = {'a': Any('1.5')}\nd['b'] = 2", "print(d, Any('2'))"]
    folder, _ = oracle.convert([(cell, []) for cell in cells], apart=True)
    (driver,) = folder.glob("src/*/pipeline.py")
    text = driver.read_text(encoding="utf-8")
    assert "from typing import Any\n" in text
    assert "decimal" not in text
    assert "d: dict[Any, Any]" in text
