"""The text of a command with the values of ``{expression}`` and ``$name``, as IPython fills them in when it runs."""

from __future__ import annotations

import ast
import json
from collections.abc import Collection, Iterator

from IPython.utils.text import DollarFormatter

from nbmde.notebooks.analysis.names import BUILTINS, facts


def expanded(command: str, known: Collection[str]) -> str:
    """A Python expression for a command.

    Args:
        known: names that are bound when the command runs. Where an expression needs another one, or is none, IPython
            leaves the whole command as it is.

    Raises:
        ValueError: the expressions cannot be written down in one text.
    """
    try:
        parts = list(_parts(command, known))
    except (ValueError, SyntaxError, LookupError):
        return literal(command)
    if not any(isinstance(part, tuple) for part in parts):
        return literal("".join(part for part in parts if isinstance(part, str)))
    return _formatted(parts)


def _parts(command: str, known: Collection[str]) -> Iterator[str | tuple[str, str]]:
    """Texts, and expressions with their conversions.

    Raises:
        ValueError, SyntaxError, LookupError: IPython cannot fill the command in.
    """
    for text, name, rest, conversion in DollarFormatter().parse(command):
        if text:
            yield text
        if name is None:
            continue
        expression = (f"{name}:{rest}" if rest else name).strip(" \t")
        tree = ast.parse(expression, mode="eval")
        needed = facts([ast.Expr(tree.body)]).reads
        if not needed:
            value = ast.literal_eval(tree)
            yield f"{value!r}" if conversion == "r" else f"{value!a}" if conversion == "a" else f"{value}"
        elif all(name in known or name in BUILTINS for name in needed):
            yield expression, f"!{conversion}" if conversion else ""
        else:
            raise LookupError(name)


def _formatted(parts: list[str | tuple[str, str]]) -> str:
    """An f-string, or a call of ``format`` where Python before 3.12 has none."""
    pieces = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part.replace("{", "{{").replace("}", "}}"))
        else:
            expression, conversion = part
            space = " " if expression.startswith("{") else ""
            pieces.append(f"{{{space}{expression}{conversion}}}")
    for quote in ('"', "'", '"""'):
        text = "".join(
            piece if isinstance(part, tuple) else _escaped(piece, quote)
            for piece, part in zip(pieces, parts, strict=True)
        )
        inside = "".join(expression for part in parts if isinstance(part, tuple) for expression in part)
        formatted = f"f{quote}{text}{quote}"
        if "\\" not in inside and quote[0] not in inside and _is_expression(formatted):
            return formatted
    template = "".join(
        part.replace("{", "{{").replace("}", "}}") if isinstance(part, str) else f"{{{part[1]}}}" for part in parts
    )
    values = ", ".join(f"({part[0]})" for part in parts if isinstance(part, tuple))
    text = f"{literal(template)}.format({values})"
    if not _is_expression(text):
        raise ValueError("the command cannot be written as one text")
    return text


def _escaped(text: str, quote: str) -> str:
    """A part of a text literal with these quotes."""
    escaped = text.replace("\\", "\\\\")
    if not text.isprintable():
        escaped = repr(f"{text}'\"")[1:-4].replace("\\'", "'")  # with both quotes in it, repr takes single ones
    return escaped.replace(quote[0], f"\\{quote[0]}")


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def literal(text: str) -> str:
    """A Python literal that a person can read: over several lines where the text has several."""
    if "\n" in text.strip("\n") and all(character.isprintable() or character in "\n\t" for character in text):
        body = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        if body.endswith('"'):
            body = body[:-1] + '\\"'
        return f'"""\\\n{body}"""'
    return json.dumps(text, ensure_ascii=False) if text.isprintable() and "\\" not in text else repr(text)
