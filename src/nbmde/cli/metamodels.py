"""The commands about metamodels."""

from __future__ import annotations

from pathlib import Path

import click
from click import option

from nbmde.cli.declaring import FILE, Group, argument, extension_option
from nbmde.cli.telling import open_registry
from nbmde.errors import NbmdeError


@click.group(cls=Group)
def metamodel() -> None:
    """Pages about metamodels."""


@metamodel.command()
@argument("names", nargs=-1, metavar="[METAMODEL...]", help="All by default.")
@option("-o", "--output", type=FILE, default=Path("metamodels.md"), metavar="FILE", help="The page.")
@extension_option
def doc(names: tuple[str, ...], output: Path, extensions: tuple[Path, ...]) -> None:
    """Writes a page about metamodels from their documentation, with a class diagram of each beside it.

      nbmde metamodel doc -o docs/metamodels.md

    Only your own:

      nbmde metamodel doc shop --extension shop -o shop.md
    """
    from nbmde import metamodel_docs

    registry = open_registry(extensions, documented=True)
    for name, text in metamodel_docs.pages(names or list(registry), registry, output.stem).items():
        target = output if name == f"{output.stem}.md" else output.with_name(name)
        try:
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(target)) from error
