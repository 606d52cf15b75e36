"""Declarations for commands: arguments that have help, and the options that several commands share."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click
from click import option


class Command(click.Command):
    """A command whose help says what its arguments are, as Click's own does from 8.5 on."""

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write usage, description, arguments and options."""
        self.format_usage(ctx, formatter)
        self.format_help_text(ctx, formatter)
        self.format_arguments(ctx, formatter)
        self.format_options(ctx, formatter)

    def format_arguments(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section about the arguments."""
        if rows := [(name.metavar or "", name.help) for name in self.params if isinstance(name, Argument)]:
            with formatter.section("Arguments"):
                formatter.write_dl(rows)


class Argument(click.Argument):
    """An argument with help."""

    def __init__(self, *declarations: Any, help: str, **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.help: str = help


class Group(click.Group):
    """Such commands, which the help lists in the order in which they are declared."""

    command_class = Command
    group_class = type

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)


argument = partial(click.argument, cls=Argument)
command = partial(click.command, cls=Command)

FILE = click.Path(path_type=Path)
EXISTING_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
EXISTING_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
EXISTING = click.Path(path_type=Path, exists=True)

extension_option = option(
    "--extension",
    "extensions",
    type=EXISTING_FOLDER,
    metavar="DIR",
    multiple=True,
    envvar="NBMDE_EXTENSIONS",
    show_envvar=True,
    help="Folder with metamodels/, transformations/ or templates/ of your own, or with the project of an extension. "
    "Can be repeated.",
)
set_option = option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True, help="An option of a transformation. Can be repeated."
)
input_option = option(
    "--input",
    "inputs",
    metavar="NAME=FILE",
    multiple=True,
    help="A further model (.xmi) for a transformation that takes several, by the name of the input. Can be repeated.",
)
layout_option = option(
    "--layout", metavar="NAME", help="The tree of folders of the project: mlops, basic, or one of an extension."
)
python_option = option(
    "--python",
    type=FILE,
    metavar="FILE",
    help="Interpreter whose installed packages the notebook uses; the running one by default. It is only asked "
    "what is installed, unless --profile is given.",
)
data_option = option(
    "--data-from",
    type=EXISTING_FOLDER,
    metavar="DIR",
    multiple=True,
    help="Folder outside the notebook's project: files in it that the code names come along as well. Can be repeated. "
    "Without it, files from outside come along only if you say so when asked on a terminal.",
)
profile_option = option(
    "--profile",
    is_flag=True,
    help="Run the notebook once, in a temporary copy of its folder, and record types, tables, what models are "
    "fitted with and seconds, for annotations, schemas and tests. Executes the notebook.",
)
profile_timeout_option = option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=600,
    metavar="SECONDS",
    help="Time for the run of --profile.",
)
profile_rules_option = option(
    "--profile-rules", is_flag=True, help="Show how often each rule ran and how long, on standard error."
)
until_option = option("--until", metavar="STEP", help="Stop behind this step.")
without_option = option("--without", multiple=True, metavar="NAME", help="Leave out a refinement. Can be repeated.")
keep_edited_option = option(
    "--keep-edited", is_flag=True, help="Leave generated files that were changed by hand as they are. Refused without."
)
replace_option = option(
    "--replace",
    is_flag=True,
    help="Let the project of another notebook that is in the folder give way. Refused without.",
)
notebook_argument = argument("notebook", type=EXISTING_FILE, metavar="NOTEBOOK", help="A notebook.")
model_argument = argument("model", type=EXISTING_FILE, metavar="MODEL", help="A model (.xmi).")
file_option = option("-o", "--output", type=FILE, metavar="FILE", required=True, help="The file to write.")
folder_option = option("-o", "--output", type=FILE, metavar="DIR", required=True, help="The folder to write.")
