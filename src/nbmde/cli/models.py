"""The commands about models."""

from __future__ import annotations

import sys
from pathlib import Path

from click import option

from nbmde.cli.declaring import EXISTING, EXISTING_FILE, argument, command, extension_option
from nbmde.cli.telling import error_lines, open_registry, tell
from nbmde.errors import NbmdeError


@command()
@argument("files", type=EXISTING, nargs=-1, required=True, metavar="FILE...", help="Models or notebooks.")
@option("--fix", is_flag=True, help="Mend what constraints know a fix for, and save the models.")
@extension_option
def validate(files: tuple[Path, ...], fix: bool, extensions: tuple[Path, ...]) -> None:
    """Checks models and notebooks against their metamodels and constraints.

    Of a notebook, both its model and the workflow that it computes are checked.
    Exit code 1 where there is an error; advice does not count as one.

      nbmde validate churn.ipynb wf.xmi project.xmi

    What constraints know how to mend is mended in the file itself:

      nbmde validate --fix project.xmi
    """
    from nbmde import pipeline as pipelines

    registry = open_registry(extensions)
    wrong = False
    for file in files:
        try:
            if file.suffix == pipelines.MODEL and fix:
                for done in pipelines.mend(file, registry):
                    print(f"{file}: {done}")
            if file.suffix == pipelines.MODEL:
                root, notices = pipelines.examine(file, registry)
            elif fix:
                raise NbmdeError("is a notebook, which is not changed", remedy="inject it, mend the model, extract it")
            else:
                root, notices = pipelines.examine_notebook(file, registry)
            tell(notices)
            print(f"{file}: {root.eClass.name} is valid")
        except NbmdeError as error:
            wrong = True
            error.file = error.file or str(file)
            for line in error_lines(error):
                print(line, file=sys.stderr)
    if wrong:
        sys.exit(1)


@command()
@argument("before", type=EXISTING_FILE, metavar="A", help="A model.")
@argument("after", type=EXISTING_FILE, metavar="B", help="Another one.")
@extension_option
def diff(before: Path, after: Path, extensions: tuple[Path, ...]) -> None:
    """Shows what differs between two models, element by element.

    Exit code 1 where something does.

      nbmde diff wf.xmi edited.xmi
    """
    from nbmde import models

    registry = open_registry(extensions)
    differences = models.compare(models.load(before, registry), models.load(after, registry))
    for difference in differences:
        print(difference)
    if differences:
        sys.exit(1)
