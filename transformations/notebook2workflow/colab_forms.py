"""Form fields of Google Colab: comments that make a form of a cell (`#@title`, `#@markdown`, `x = 1  #@param`)."""

from __future__ import annotations

import io
import re
import tokenize

from nbmde.notebooks.analysis.cells import LineOffsets
from nbmde.notebooks.analysis.rewrite import Edit, apply

_FIELD = re.compile(r"#\s*@(?P<kind>param|title|markdown)\b\s*(?P<rest>.*)", re.DOTALL)
_LOOKS = re.compile(r"\{.*\}\s*$")  # of a form: {display-mode: "form", run: "auto"}


def without(text: str) -> tuple[str, bool]:
    """A statement with plain comments, and whether it binds a parameter of a form."""
    if "@" not in text or not _FIELD.search(text):
        return text, False
    lines, edits, parameter = LineOffsets(text), [], False
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError):
        return text, False
    for token in tokens:
        field = _FIELD.search(token.string) if token.type == tokenize.COMMENT else None
        if field is None:
            continue
        begin = lines.offset(token.start[0], 0) + token.start[1]
        start, end = begin + field.start(), begin + len(token.string)
        if field["kind"] == "param":
            parameter = True
            start = len(text[:start].rstrip(" \t"))
            edits.append(Edit(start, end, ""))
        else:
            edits.append(Edit(start, end, f"# {_LOOKS.sub('', field['rest'])}".rstrip()))
    return apply(text, edits), parameter
