"""Makes the page about diagnostics from what defines them: python docs/diagnostics.py docs/diagnostics.md"""

from __future__ import annotations

import sys
from pathlib import Path

from nbmde.engine.explanations import Explanation, explanations
from nbmde.engine.models import Registry

HEAD = """\
# Diagnostics

Each message has a code, which stands in brackets behind it. Codes are stable, messages may be worded anew.
`nbmde explain CODE` says what is here. An **error** means that nothing is made; a **warning** is advice;
**information** is in the model and in the project's README only.

This page is made from `transformations/knowledge/findings.toml` and from the constraints; extensions add codes to both.
"""


def page() -> str:
    """All codes with what they mean, findings first."""
    parts = [HEAD.strip()]
    title = ""
    for one in explanations(Registry()):
        if _title(one.about) != title:
            title = _title(one.about)
            parts.append(f"## In {title}")
        parts.append(_described(one))
    return "\n\n".join(parts) + "\n"


def _title(about: str) -> str:
    metamodel, dot, _ = about.partition(".")
    return f"a model of {metamodel}" if dot else about


def _described(one: Explanation) -> str:
    place = f", {one.about}" if "." in one.about else ""
    lines = [f"### {one.code}", "", f"{one.severity.capitalize()}{place}. {one.meaning}"]
    if one.example:
        lines += ["", f"Example: `{one.example}`"]
    if one.remedy:
        lines += ["", f"What to do: {one.remedy}"]
    return "\n".join(lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
