"""The commands about extensions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click
from click import option

from nbmde.cli.declarations import FILE, Group, argument, command, extension_option
from nbmde.cli.terminal import print_json


@command("extensions")
@option("--json", "as_json", is_flag=True, help="Print JSON, with every single thing that an extension brings.")
@extension_option
def list_extensions(as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Lists the extensions that are active: those installed, then those named with --extension.

    Exit code 1 where two of them bring the same thing.

      nbmde extensions

      nbmde extensions --json --extension my_extension
    """
    from nbmde.engine import extensions as installed

    found = installed.active(extensions)
    if as_json:
        described = [
            {
                "name": extension.name,
                "version": extension.version,
                "origin": extension.origin,
                "folder": str(extension.folder),
                "parts": [{"kind": part.kind, "name": part.name, "file": str(part.file)} for part in extension.parts()],
            }
            for extension in found
        ]
        print_json({"extensions": described})
        return
    for extension in found:
        counts = Counter(part.kind for part in extension.parts())
        brings = ", ".join(f"{kind}: {count}" for kind, count in counts.items()) or "nothing"
        print(f"{extension.name} {extension.version or '-'}\t{brings}\t{extension.origin}")
    if not found:
        print("no extension is installed or named")


@click.group(cls=Group)
def new() -> None:
    """Writes what one starts from."""


@new.command("extension")
@argument("name", metavar="NAME", help="Its name: a Python identifier in small letters, such as model_card.")
@option("-o", "--output", type=FILE, metavar="DIR", help="The folder to write; nbmde-NAME by default.")
def new_extension(name: str, output: Path | None) -> None:
    """Writes an extension to start from: a project with metamodel, rule, constraint, template, pipeline and tests.

    It works as it is:

      nbmde new extension model_card

      pip install -e "nbmde-model_card[test]" && pytest nbmde-model_card
    """
    from nbmde.engine import skeleton

    folder = output or Path(f"nbmde-{name}")
    for path in skeleton.write(name, folder):
        print(path)
