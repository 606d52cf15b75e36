"""The command line. Everything heavy is imported inside the commands, so that help appears at once."""

from __future__ import annotations

import gc
import os
import signal
import sys

import click

from nbmde import __version__
from nbmde.cli import conversion, extensions, metamodels, models, projects
from nbmde.cli.declaring import Group, argument
from nbmde.cli.telling import error_lines
from nbmde.errors import FAULT, NbmdeError

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
    extensions.list_extensions,
    extensions.new,
):
    app.add_command(_command)


class Stopped(BaseException):
    """Somebody ends the process; what it has begun is cleared away on the way out."""


def _stop(number: int, frame: object) -> None:
    raise Stopped


def main() -> None:
    """Run the command line: exit code 0 done, 1 refused, 2 usage."""
    gc.set_threshold(GARBAGE)
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name=NAME)
    except NbmdeError as error:
        if os.environ.get("NBMDE_DEBUG"):
            raise
        for line in error_lines(error):
            print(line, file=sys.stderr)
        sys.exit(1)
    except (MemoryError, RecursionError):
        if os.environ.get("NBMDE_DEBUG"):
            raise
        print("error: the input is nested too deeply, or too large for the memory of this machine", file=sys.stderr)
        sys.exit(1)
    except OSError as error:  # a folder that vanished, a full disk, a limit: nothing that nbmde could mend
        if os.environ.get("NBMDE_DEBUG"):
            raise
        place = f"{error.filename}: " if error.filename else ""
        print(" ".join(f"error: {place}{error.strerror or error}".split()), file=sys.stderr)
        sys.exit(1)
    except Stopped:
        print("error: stopped by a signal", file=sys.stderr)
        sys.exit(128 + signal.SIGTERM)
    except Exception as error:
        if os.environ.get("NBMDE_DEBUG"):
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        remedy = f"{FAULT}: please report it at {ISSUES} with what NBMDE_DEBUG=1 shows"
        print(f"error: {what} ({remedy})", file=sys.stderr)
        sys.exit(1)
    finally:
        gc.freeze()  # the process ends: nothing needs to be told from garbage once more


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
