"""The commands that list what there is to be used, replaced and added to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from click import option

from nbmde.cli.declarations import argument, command, extension_option
from nbmde.cli.terminal import open_registry, print_json, tell_rows

if TYPE_CHECKING:
    from nbmde.engine.catalogue import Catalogue, RuleEntry, StepEntry, TemplateEntry

E = TypeVar("E", bound="StepEntry | RuleEntry | TemplateEntry")

json_option = option("--json", "as_json", is_flag=True, help="Print JSON, with all that is known.")


def _catalogue(named: tuple[Path, ...]) -> Catalogue:
    from nbmde.engine import extensions
    from nbmde.engine.catalogue import Catalogue

    return Catalogue(open_registry(named), extensions.active(named))


def _tell(found: Sequence[E], as_json: bool, columns: Sequence[tuple[str, Callable[[E], str]]]) -> None:
    """Print entries as JSON, or as a table: the heading of each column, and what stands in it."""
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        headings, texts = zip(*columns, strict=True)
        tell_rows(headings, ([text(one) for text in texts] for one in found))


def _brought(entry: RuleEntry | TemplateEntry) -> str:
    return f"{entry.extension}, in place of {entry.overrides}" if entry.overrides else entry.extension


@command()
@argument("pipeline", required=False, metavar="[PIPELINE]", help="A pipeline; all of them by default.")
@json_option
@extension_option
def steps(pipeline: str | None, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Lists the steps of pipelines: what each takes and makes, and the options that it asks for.

    nbmde steps nb2project

    nbmde steps --json | jq -r '.[].options[]'
    """
    columns: list[tuple[str, Callable[[StepEntry], str]]] = [
        ("Pipeline", lambda one: one.pipeline),
        ("", lambda one: str(one.number)),
        ("Step", lambda one: f"{one.kind}, optional" if one.optional else one.kind),
        ("", lambda one: one.name),
        ("Takes", lambda one: ", ".join(one.takes)),
        ("Makes", lambda one: ", ".join(one.makes)),
        ("Options", lambda one: ", ".join(one.options)),
        ("Extension", lambda one: one.extension),
        ("What it does", lambda one: one.description),
    ]
    _tell(_catalogue(extensions).steps(pipeline), as_json, columns)


@command()
@argument("transformation", required=False, metavar="[TRANSFORMATION]", help="A transformation; all by default.")
@json_option
@extension_option
def rules(transformation: str | None, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Lists the rules of transformations: what each is for, under which condition, what it makes, and where it stands.

    Behind them stand the helpers: questions that rules ask of an element. A rule or helper of the same name, in a
    transformation that extends this one or is laid over it, takes the place of one.

      nbmde rules workflow2project

      nbmde rules --json | jq -r '.[] | select(.overrides != "") | .name'
    """
    columns: list[tuple[str, Callable[[RuleEntry], str]]] = [
        ("Transformation", lambda one: one.transformation),
        ("Rule", lambda one: one.name),
        ("For", lambda one: one.source),
        ("Guard", lambda one: one.guard),
        ("Makes", lambda one: ", ".join(one.targets)),
        ("Kind", lambda one: f"abstract {one.kind}" if one.abstract else one.kind),
        ("Extends", lambda one: ", ".join(one.extends)),
        ("Extension", _brought),
        ("What it does", lambda one: one.description),
        ("Place", lambda one: f"{one.file}:{one.line}"),
    ]
    _tell(_catalogue(extensions).rules(transformation), as_json, columns)


@command()
@argument("generation", required=False, metavar="[GENERATION]", help="A folder below templates/; all by default.")
@json_option
@extension_option
def templates(generation: str | None, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Lists what is generated: for the elements of which class, to which path, and by which template.

    A template or module of the same name, and an entry of the same class, path and template, in the folder of an
    extension, takes the place of one.

      nbmde templates mlproject

      nbmde templates --json | jq -r '.[] | select(.element == "Module") | .files[]'
    """
    columns: list[tuple[str, Callable[[TemplateEntry], str]]] = [
        ("Generation", lambda one: one.generation),
        ("For", lambda one: one.element),
        ("When", lambda one: one.when),
        ("Layouts", lambda one: ", ".join(one.layouts)),
        ("Path", lambda one: one.path),
        ("By", lambda one: one.kind),
        ("", lambda one: one.name),
        ("Extension", _brought),
        ("What it is", lambda one: one.description),
    ]
    _tell(_catalogue(extensions).templates(generation), as_json, columns)
