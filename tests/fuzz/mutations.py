"""Notebooks and models that are not quite what they should be: one to four random changes to a good one."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

SOURCES = [
    "import math\nimport csv\nfrom pathlib import Path",
    "%matplotlib inline\n!echo {1 + 1}\nnames = ['a', 'b']",
    "with open('numbers.csv') as stream:\n    rows = [float(row[0]) for row in csv.reader(stream)]",
    "def scaled(values, factor=2.5):\n    '''Scales.'''\n    return [value * factor for value in values]",
    "%%time\ntotal = sum(scaled(rows))\nprint(f'total {total:.2f}')",
    "class Store:\n    rate = 0.5\n    def __init__(self, n):\n        self.n = n\nstore = Store(len(names))\nstore.n",
    "password = 'hunter2hunter2'\nPath('out').mkdir(exist_ok=True)\nopen('out/result.txt', 'w').write(str(total))",
]
"""Cells of a good notebook."""

VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**40, 1e400, "", "x", "\u202e", "\x00", "\ud800", "a" * 5000, "../../etc/passwd"),
    *([], {}, [[]], {"a": None}, ["code"], {"cell_type": "code"}, "code", "markdown", "raw", "{{ 1/0 }}", "<script>"),
]
"""What takes the place of a value."""

CODE = [
    *("lambda: " * 150 + "1", "(" * 250, "'" * 3, '"""', "x = \\", "%%", "%run", "!", "?", "%%bash\n", "\t\tx", "\x0c"),
    *("async def f(): await g()", "match x:\n  case 1: pass", "def f(:", "print 'x'", "1 if", "del x, y"),
    *(
        "exec('x = 1')",
        "from os import *",
        "import a.b.c as d",
        "f'{x!r:>{w}}'",
        "x: int",
        "*a, b = c",
        "@a\nclass B: 0",
    ),
    *(
        "\n".join(" " * n + "if 1:" for n in range(99)),
        "\u202e",
        "é = 1",
        "𝒳 = 2",
        "\r",
        "\u2028",
        "\ufeff",
        "0777",
        "`x`",
    ),
]
"""What is put into the code of a cell."""


def good(minor: int = 5) -> bytes:
    """A good notebook file.

    Args:
        minor: version of nbformat 4.
    """
    return json.dumps(_good(minor)).encode()


def notebook(chance: random.Random) -> bytes:
    """A notebook file with mistakes."""
    document = _good(chance.choice([0, 4, 5]))
    for _ in range(chance.randint(1, 4)):
        chance.choice([_replace, _delete, _repeat, _code, _code])(document, chance)
    content = json.dumps(document).encode()
    return _bytes(content, chance) if chance.random() < 0.1 else content


def _good(minor: int) -> dict[str, Any]:
    document: dict[str, Any] = {
        "nbformat": 4,
        "nbformat_minor": minor,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [{"cell_type": "markdown", "metadata": {"tags": ["a"]}, "source": ["# Title\n", "text"]}],
    }
    for number, source in enumerate(SOURCES):
        output = {"output_type": "stream", "name": "stdout", "text": ["1\n"]}
        cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [output], "execution_count": number}
        document["cells"].append(cell)
    for number, cell in enumerate(document["cells"] if minor == 5 else ()):
        cell["id"] = f"c{number}"
    return document


def model(text: str, chance: random.Random) -> bytes:
    """A model file with mistakes, made of the text of a good one."""
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(_OF_MODELS)(text, chance)
    content = text.encode("utf-8", "surrogatepass")
    return _bytes(content, chance) if chance.random() < 0.1 else content


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every container in a document with every key in it."""
    keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
    return [place for key in keys for place in [(node, key), *_places(node[key])]]


def _replace(document: Any, chance: random.Random) -> None:
    if places := _places(document):
        container, key = chance.choice(places)
        container[key] = chance.choice(VALUES)


def _delete(document: Any, chance: random.Random) -> None:
    if places := _places(document):
        container, key = chance.choice(places)
        del container[key]


def _repeat(document: Any, chance: random.Random) -> None:
    if places := [(node, key) for node, key in _places(document) if isinstance(node, list)]:
        container, key = chance.choice(places)
        container.insert(key, json.loads(json.dumps(container[chance.randrange(len(container))])))


def _code(document: Any, chance: random.Random) -> None:
    cells = document.get("cells")
    cells = [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
    cells = [cell for cell in cells if isinstance(cell.get("source"), str)]
    if cells:
        cell = chance.choice(cells)
        place = chance.randint(0, len(cell["source"]))
        cell["source"] = cell["source"][:place] + chance.choice(CODE) + cell["source"][place:]


def _bytes(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + bytes(chance.choices(range(256), k=chance.randint(0, 3))) + content[place + 1 :]


def _sub(pattern: str, change: Callable[[re.Match[str], random.Random], str]) -> Callable[[str, random.Random], str]:
    """Changes one place in a text that a pattern finds."""

    def changed(text: str, chance: random.Random) -> str:
        found = list(re.finditer(pattern, text))
        if not found:
            return text
        match = chance.choice(found)
        return text[: match.start()] + change(match, chance) + text[match.end() :]

    return changed


_ATTRIBUTES = [
    "",
    "x",
    "-1",
    "9" * 5000,
    "true",
    "//@x.0",
    "#",
    "/",
    "../../etc/passwd",
    "/dev/zero",
    "a b",
    "&#x202e;",
]
_REFERENCES = ["#x", "//@symbols.9" + "9" * 5000, "workflow.xmi#/", "http://a/b#c", "a" * 5000 + "#b", "%00#x", "#//"]
_OF_MODELS = [
    _sub(r'="[^"]*"', lambda match, chance: f'="{chance.choice(_ATTRIBUTES)}"'),
    _sub(r'href="[^"]*"', lambda match, chance: f'href="{chance.choice(_REFERENCES)}"'),
    _sub(r' [\w:]+="[^"]*"', lambda match, chance: ""),
    _sub(r" ([\w:]+)=", lambda match, chance: f" {chance.choice(['x', 'xsi:type', 'xmi:id', 'id', 'a:b', 'href'])}="),
    _sub(r"<(\w+) ", lambda match, chance: f"<{chance.choice(['x', 'a:b', 'steps', 'statements'])} "),
    _sub(r"<(\w+) [^<>]*/>", lambda match, chance: match[0] * chance.choice([0, 2])),
    _sub(r">", lambda match, chance: ">" + chance.choice(["x", "<!-- -->", "<x/>", "<![CDATA[x]]>", "<?x y?>", "&a;"])),
    _sub(r'xmlns:\w+="[^"]*"', lambda match, chance: chance.choice(["", 'xmlns:x="y"'])),
]
