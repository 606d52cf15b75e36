"""The command line. Everything heavy is imported inside the commands, so that help appears at once."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from dataclasses import dataclass

import click

from nbmde import __version__
from nbmde.cli import catalogue, conversion, explaining, extensions, metamodels, models, projects
from nbmde.cli.declarations import Group, argument
from nbmde.cli.terminal import error_lines, first_error
from nbmde.engine.errors import NbmdeError

NAME = "nbmde"
GARBAGE = 1_000_000  # new objects before garbage is looked for: nearly all that a command makes it needs to the end
ISSUES = "https://github.com/nbmde/nbmde/issues"


@click.group(
    cls=Group,
    epilog="Start with: nbmde run nb2project NOTEBOOK.ipynb -o DIR",
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(__version__, message="%(prog)s %(version)s", help="The version.")
def app() -> None:
    """From Jupyter notebook prototypes to production Python projects, through explicit models."""


for _command in (
    conversion.run,
    conversion.inject,
    conversion.extract,
    conversion.transform,
    conversion.generate,
    models.validate,
    explaining.explain,
    models.show,
    models.query,
    models.diff,
    models.export,
    models.trace,
    models.migrate,
    projects.verify,
    projects.batch,
    projects.report,
    projects.lock,
    metamodels.metamodel,
    catalogue.steps,
    catalogue.rules,
    catalogue.templates,
    extensions.list_extensions,
    extensions.new,
):
    app.add_command(_command)


class Stopped(BaseException):
    """Somebody ends the process; what it has begun is cleared away on the way out."""


def _stop(number: int, frame: object) -> None:
    raise Stopped


@dataclass(frozen=True)
class Ending:
    """Why a command did not do what it was asked for.

    Attributes:
        lines: for a person.
        message: the first error among them, without that word.
        fault: nothing that the user could do anything about.
    """

    lines: list[str]
    message: str
    fault: bool = False
    code: int = 1


def main(record: str | None = None) -> None:
    """Run the command line: exit code 0 done, 1 refused, 2 usage.

    Args:
        record: file for the message of an error and whether it is a fault, as JSON, for the program that asks for it.
    """
    gc.set_threshold(GARBAGE)
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name=NAME)
    except (Exception, Stopped) as error:
        if os.environ.get("NBMDE_DEBUG") and not isinstance(error, Stopped):
            raise
        ending = _ending(error)
        for line in ending.lines:
            print(line, file=sys.stderr)
        if record is not None:
            with open(record, "w", encoding="utf-8") as file:
                json.dump({"message": ending.message, "fault": ending.fault}, file)
        sys.exit(ending.code)
    finally:
        gc.freeze()  # the process ends: nothing needs to be told from garbage once more


def _ending(error: BaseException) -> Ending:
    """Find what to tell about an exception."""
    if isinstance(error, NbmdeError):
        return Ending(error_lines(error), first_error(error))
    if isinstance(error, Stopped):
        return _told("stopped by a signal", code=128 + signal.SIGTERM)
    if isinstance(error, (MemoryError, RecursionError)):
        return _told("the input is nested too deeply, or too large for the memory of this machine")
    if isinstance(error, OSError):  # a folder that vanished, a full disk, a limit: nothing that nbmde could mend
        if isinstance(error, FileNotFoundError) and not _stands():
            return _told("the current folder no longer exists", ": change to one that does, and run the command again")
        return _told(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
    remedy = f"this is a fault of nbmde: please report it at {ISSUES} with what NBMDE_DEBUG=1 shows"
    return _told(f"{type(error).__name__}: {error}", f" ({remedy})", fault=True)


def _stands() -> bool:
    """Whether the current folder is still there."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


def _told(message: str, remedy: str = "", *, fault: bool = False, code: int = 1) -> Ending:
    text = " ".join(message.split()) + remedy
    return Ending([f"error: {text}"], text, fault, code)


@app.command()
@argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="[bash|zsh|fish]", help="The shell.")
def completion(shell: str) -> None:
    """Prints a script that completes commands, options and file names in a shell.

    For bash, a line in ~/.bashrc:

      eval "$(nbmde completion bash)"

    For zsh, a line in ~/.zshrc:

      eval "$(nbmde completion zsh)"

    For fish:

      nbmde completion fish > ~/.config/fish/completions/nbmde.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    print(kind(app, {}, NAME, f"_{NAME.upper()}_COMPLETE").source())
