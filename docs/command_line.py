"""Makes the page about the command line from the program itself: python docs/command_line.py docs/command-line.md"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from nbmde.cli import NAME, app
from nbmde.cli.declarations import Argument

HEAD = """\
# The command line

This page is made from the program itself; `nbmde COMMAND --help` says the same.

Exit code 0: done. 1: refused, or not equal; each message is one line that says file, cell, line, reason and what to do.
2: the command was not understood. `NBMDE_DEBUG=1` shows Python's traceback with an error.
"""


def page() -> str:
    """All commands, in the order in which the help lists them."""
    sections = [_section(name, command) for name, command in _commands(app, NAME)]
    return "\n\n".join([HEAD.strip(), *sections]) + "\n"


def _commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{name} {command.name}")
        else:
            yield f"{name} {command.name}", command


def _section(name: str, command: click.Command) -> str:
    arguments = [parameter for parameter in command.params if isinstance(parameter, Argument)]
    usage = " ".join([name, *(str(argument.metavar) for argument in arguments), "[OPTIONS]"])
    rows = [(str(argument.metavar), argument.help) for argument in arguments]
    context = click.Context(command, info_name=name, show_default=True)
    for option in command.params:
        if record := not isinstance(option, Argument) and option.get_help_record(context):
            rows.append(record)
    table = "\n".join(f"| `{_cell(what)}` | {_cell(text)} |" for what, text in rows)
    return "\n\n".join([f"## {name}", f"    {usage}", _prose(command), f"| | |\n| --- | --- |\n{table}"])


def _prose(command: click.Command) -> str:
    """The documentation, its indented lines and its examples as blocks of code."""
    lines = inspect.cleandoc(command.help or "").splitlines()
    return "\n".join(f"    {line.strip()}" if line.startswith(("  ", "nbmde ")) else line for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
