"""Makes the page about the command line from the program itself: python docs/command_line.py docs/command-line.md"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from nbmde.cli import app

HEAD = """\
# The command line

This page is made from the program itself; `nbmde COMMAND --help` says the same.

Exit code 0: done. 1: refused, or not equal; each message is one line that says file, cell, line, reason and what to do.
2: the command was not understood. `NBMDE_DEBUG=1` shows Python's traceback with an error.
"""


def page() -> str:
    """All commands, in the order in which the help lists them."""
    sections = [_section(name, function) for name, function in _commands(app, "nbmde")]
    return "\n\n".join([HEAD.strip(), *sections]) + "\n"


def _commands(group: typer.Typer, name: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for command in group.registered_commands:
        assert command.callback is not None
        yield f"{name} {command.name or command.callback.__name__.replace('_', '-')}", command.callback
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from _commands(inner.typer_instance, f"{name} {inner.name}")


def _section(name: str, function: Callable[..., Any]) -> str:
    hints = get_type_hints(function, include_extras=True)
    defaults = {key: parameter.default for key, parameter in inspect.signature(function).parameters.items()}
    usage, rows = [name], []
    for key, default in defaults.items():
        kind, info = get_args(hints[key])
        if isinstance(info, ArgumentInfo):
            usage.append(str(info.metavar))
            rows.append((str(info.metavar), info.help or ""))
        elif isinstance(info, OptionInfo):
            rows.append((_spelling(key, kind, info), (info.help or "") + _default(default)))
    table = "\n".join(f"| `{what}` | {_cell(text)} |" for what, text in rows)
    return "\n\n".join(
        [f"## {name}", f"    {' '.join(usage)} [OPTIONS]", _prose(function), f"| | |\n| --- | --- |\n{table}"]
    )


def _prose(function: Callable[..., Any]) -> str:
    """The documentation, its indented lines and its examples as blocks of code."""
    lines = inspect.cleandoc(function.__doc__ or "").splitlines()
    return "\n".join(f"    {line.strip()}" if line.startswith(("  ", "nbmde ")) else line for line in lines)


def _spelling(key: str, kind: Any, info: OptionInfo) -> str:
    declared = [
        name for name in (info.default, *(info.param_decls or ())) if isinstance(name, str)
    ]  # as typer reads it
    names = ", ".join(declared or [f"--{key.replace('_', '-')}"])
    if kind is bool:
        return names
    of = next((part for part in (kind, *get_args(kind)) if isinstance(part, type) and issubclass(part, Enum)), None)
    values = "\\|".join(str(member.value) for member in of) if of else ""
    return f"{names} {info.metavar or values}"


def _default(default: Any) -> str:
    if default is inspect.Parameter.empty:
        return " Required."
    return f" Default: `{default}`." if isinstance(default, int | float | str | Path) and default is not False else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
