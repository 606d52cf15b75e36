"""The commands about metamodels."""

from __future__ import annotations

from pathlib import Path

import click
from click import option

from nbmde.cli.declarations import FILE, Group, argument, extension_option
from nbmde.cli.terminal import open_registry, print_json, write_text
from nbmde.engine.errors import NbmdeError


@click.group(cls=Group)
def metamodel() -> None:
    """Lists, shows and draws metamodels."""


@metamodel.command("list")
@option("--json", "as_json", is_flag=True, help="Print JSON.")
@extension_option
def list_metamodels(as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Lists all metamodels, those of extensions included.

    nbmde metamodel list
    """
    registry = open_registry(extensions)
    found = [
        {
            "name": name,
            "uri": one.ecore.nsURI,
            "classes": sum(classifier.eClass.name == "EClass" for classifier in one.ecore.eClassifiers),
            "file": str(one.path),
        }
        for name in registry
        for one in (registry[name],)
    ]
    if as_json:
        print_json(found)
        return
    for row in found:
        print("{name}\t{uri}\t{classes} classes\t{file}".format_map(row))


@metamodel.command()
@argument("name", metavar="METAMODEL[.CLASS]", help="A metamodel, or one of its classes.")
@extension_option
def show(name: str, extensions: tuple[Path, ...]) -> None:
    """Shows the classes of a metamodel with their features, types and numbers.

      nbmde metamodel show workflow

    One class, with what it inherits, and with the documentation of all:

      nbmde metamodel show workflow.Step
    """
    from nbmde.engine import metamodel_docs

    package, _, simple = name.partition(".")
    registry = open_registry(extensions, documented=True)
    chosen = registry[package]
    if simple and simple not in chosen:
        raise NbmdeError(f"metamodel {package} has no class {simple!r}", remedy=f"see nbmde metamodel show {package}")
    outline = metamodel_docs.class_outline(getattr(chosen, simple)) if simple else metamodel_docs.outline(chosen)
    for line in outline:
        print(line)


@metamodel.command()
@argument("name", metavar="METAMODEL", help="Its name.")
@option(
    "--to", "form", type=click.Choice(["svg", "plantuml", "mermaid", "dot"]), default="svg", help="What to draw it in."
)
@option("-o", "--output", type=FILE, metavar="FILE", help="The file to write; standard output by default.")
@extension_option
def diagram(name: str, form: str, output: Path | None, extensions: tuple[Path, ...]) -> None:
    """Draws a class diagram of a metamodel.

    nbmde metamodel diagram workflow -o workflow.svg

    nbmde metamodel diagram workflow --to plantuml
    """
    from nbmde.engine import class_diagram
    from nbmde.engine.views import diagrams

    chosen = open_registry(extensions)[name]
    drawn = class_diagram.svg(chosen) if form == "svg" else diagrams.render(diagrams.of_metamodel(chosen), form)
    write_text(drawn, output)


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
    from nbmde.engine import metamodel_docs

    registry = open_registry(extensions, documented=True)
    for name, text in metamodel_docs.pages(names or list(registry), registry, output.stem).items():
        target = output if name == f"{output.stem}.md" else output.with_name(name)
        try:
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(target)) from error


@metamodel.command()
@argument("what", metavar="METAMODEL", help="The name of a metamodel, or an .ecore file.")
@option("-o", "--output", type=FILE, metavar="DIR", required=True, help="The package to write.")
@extension_option
def api(what: str, output: Path, extensions: tuple[Path, ...]) -> None:
    """Writes static Python classes for a metamodel, with types for editors and mypy.

    The folder is a package with a module for the metamodel and for each that it refers to.

      nbmde metamodel api workflow -o analysis/metamodels

    Then, in Python:

      from analysis.metamodels.workflow import Step
    """
    from nbmde.engine import metamodel_api

    file = Path(what)
    if file.suffix == ".ecore":
        if not file.is_file():
            raise NbmdeError("is not there", file=what)
        registry = open_registry(extensions, documented=True, files=(file,))
        chosen = registry.of_file(file)
    else:
        registry = open_registry(extensions, documented=True)
        chosen = registry[what]
    for path in metamodel_api.write(chosen, registry, output):
        print(path)


@metamodel.command()
@argument("names", nargs=-1, metavar="[METAMODEL...]", help="All by default.")
@option("-o", "--output", type=FILE, metavar="DIR", required=True, help="The package of stub files to write.")
@extension_option
def types(names: tuple[str, ...], output: Path, extensions: tuple[Path, ...]) -> None:
    """Writes the types of metamodels for checkers alone: models stay dynamic.

      nbmde metamodel types shop --extension shop -o shop/shop_types

    Then, in a rule:

      if TYPE_CHECKING:
          from shop_types.shop import Order

    The types of the metamodels of nbmde are in `nbmde.metamodels`.
    """
    from nbmde.engine import metamodel_types

    registry = open_registry(extensions, documented=True)
    for path in metamodel_types.write(names or list(registry), registry, output):
        print(path)
