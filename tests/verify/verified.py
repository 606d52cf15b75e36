"""A notebook that needs the standard library alone, verdicts, and faults in projects."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from notebooks import REGISTRY

from nbmde.notebooks.verify import Verdict, verify

ORDERS = [
    "# Orders",
    "import json\nimport random\nfrom collections import Counter",
    "random.seed(7)\n"
    'orders = [{"amount": round(random.gauss(50, 10), 2), "city": random.choice("ABC")} for _ in range(40)]\n'
    'print(len(orders), "orders")',
    "## Cleaning",
    'kept = orders\nkept.append({"amount": 12.5, "city": "A"})\nlen(orders)',
    "def discount(amount, rate=0.1):\n    return round(amount * (1 - rate), 2)",
    'for order in orders:\n    order["net"] = discount(order["amount"])\norders[0]',
    "## Survey",
    'asked = random.sample(range(40), 3)\nprint("asked", asked)',
    "## Lottery",
    'winners = random.sample(range(40), 2)\nprint("winners", winners)',
    "## Evaluation",
    'totals = Counter()\nfor order in kept:\n    totals[order["city"]] += order["net"]\n'
    "print(json.dumps(totals))\ntotals",
    'nets = (order["net"] for order in orders)\nhighest = max(order["net"] for order in kept)\nhighest',
]


def check(notebook: Path, project: Path, **options: Any) -> Verdict:
    """A verdict by the running Python."""
    return verify(notebook, project, REGISTRY, **{"python": Path(sys.executable), "timeout": 120, **options})


def code_of(project: Path, text: str) -> tuple[Path, int]:
    """The file of the project's code that holds a text, and its line."""
    for path in sorted((project / "src").rglob("*.py")):
        content = path.read_text()
        if text in content:
            return path, content[: content.index(text)].count("\n") + 1
    raise AssertionError(f"{text!r} is nowhere in {project}")


def replace(project: Path, old: str, new: str) -> Path:
    """Plants a fault in the project's code."""
    path, _ = code_of(project, old)
    path.write_text(path.read_text().replace(old, new, 1))
    return path
