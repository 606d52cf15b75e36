"""The commands that list what there is to be used, replaced and added to."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from click import option

from nbmde.cli.declaring import argument, command, extension_option
from nbmde.cli.telling import open_registry, print_json, tell_rows

if TYPE_CHECKING:
    from nbmde.engine.catalogue import Catalogue

json_option = option("--json", "as_json", is_flag=True, help="Print JSON, with all that is known.")


def _catalogue(named: tuple[Path, ...]) -> Catalogue:
    from nbmde.engine import extensions
    from nbmde.engine.catalogue import Catalogue

    return Catalogue(open_registry(named), extensions.active(named))


@command()
@argument("pipeline", required=False, metavar="[PIPELINE]", help="A pipeline; all of them by default.")
@json_option
@extension_option
def steps(pipeline: str | None, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Lists the steps of pipelines: what each takes and makes, and the options that it asks for.

    nbmde steps nb2project

    nbmde steps --json | jq -r '.[].options[]'
    """
    found = _catalogue(extensions).steps(pipeline)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    headings = ("Pipeline", "", "Step", "", "Takes", "Makes", "Options", "Extension", "What it does")
    rows = (
        (
            one.pipeline,
            str(one.number),
            f"{one.kind}, optional" if one.optional else one.kind,
            one.name,
            ", ".join(one.takes),
            ", ".join(one.makes),
            ", ".join(one.options),
            one.extension,
            one.description,
        )
        for one in found
    )
    tell_rows(headings, rows)


@command()
@argument("transformation", required=False, metavar="[TRANSFORMATION]", help="A transformation; all by default.")
@json_option
@extension_option
def rules(transformation: str | None, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Lists the rules of transformations: what each is for, under which condition, what it makes, and where it stands.

    A rule of the same name, in a transformation that extends this one or is laid over it, takes the place of a rule.

      nbmde rules workflow2project

      nbmde rules --json | jq -r '.[] | select(.overrides != "") | .name'
    """
    found = _catalogue(extensions).rules(transformation)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    headings = (
        "Transformation",
        "Rule",
        "For",
        "Guard",
        "Makes",
        "Kind",
        "Extends",
        "Extension",
        "What it does",
        "Place",
    )
    rows = (
        (
            one.transformation,
            one.name,
            one.source,
            one.guard,
            ", ".join(one.targets),
            f"abstract {one.kind}" if one.abstract else one.kind,
            ", ".join(one.extends),
            f"{one.extension}, in place of {one.overrides}" if one.overrides else one.extension,
            one.description,
            f"{one.file}:{one.line}",
        )
        for one in found
    )
    tell_rows(headings, rows)


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
    found = _catalogue(extensions).templates(generation)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    headings = ("Generation", "For", "When", "Layouts", "Path", "By", "", "Extension", "What it is")
    rows = (
        (
            one.generation,
            one.element,
            one.when,
            ", ".join(one.layouts),
            one.path,
            one.kind,
            one.name,
            f"{one.extension}, in place of {one.overrides}" if one.overrides else one.extension,
            one.description,
        )
        for one in found
    )
    tell_rows(headings, rows)
