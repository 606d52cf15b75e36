"""The commands about models."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from click import option

from nbmde.cli.declarations import (
    EXISTING,
    EXISTING_FILE,
    EXISTING_FOLDER,
    FILE,
    argument,
    command,
    extension_option,
    model_argument,
)
from nbmde.cli.terminal import error_lines, open_registry, print_json, tell, tell_origin, tell_places, write_text
from nbmde.engine.errors import NbmdeError


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
    from nbmde.engine import pipeline as pipelines
    from nbmde.notebooks import injection

    registry = open_registry(extensions)
    wrong = False
    for file in files:
        try:
            if file.suffix == pipelines.MODEL and fix:
                for done in pipelines.mend(file, registry):
                    print(f"{file}: {done}")
            if file.suffix == pipelines.MODEL:
                roots, notices = pipelines.examine(file, registry)
            elif fix:
                raise NbmdeError("is a notebook, which is not changed", remedy="inject it, mend the model, extract it")
            else:
                root, notices = injection.examine(file, registry)
                roots = (root,)
            tell(notices)
            what = f"{roots[0].eClass.name} is" if len(roots) == 1 else f"{len(roots)} roots are"
            print(f"{file}: {what} valid")
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
@option("-o", "--output", type=FILE, metavar="FILE", help="Save the differences as a model of comparison.ecore.")
@extension_option
def diff(before: Path, after: Path, output: Path | None, extensions: tuple[Path, ...]) -> None:
    """Shows what differs between two models, element by element.

    Elements are matched by id, and by their position where they have none.
    Exit code 1 where something differs.

      nbmde diff wf.xmi edited.xmi

    As a model, which refers to the elements of both:

      nbmde diff wf.xmi edited.xmi -o differences.xmi
    """
    from nbmde.engine import models

    registry = open_registry(extensions)
    a, b = models.load_roots(before, registry), models.load_roots(after, registry)
    if output is not None:
        models.save({output: models.comparison(a, b, registry)}, registry)
    differences = models.compare(a, b)
    for difference in differences:
        print(difference)
    if differences:
        sys.exit(1)


@command()
@model_argument
@option("--depth", type=click.IntRange(min=0), metavar="N", help="Of the elements that are shown; all by default.")
@extension_option
def show(model: Path, depth: int | None, extensions: tuple[Path, ...]) -> None:
    """Shows a model as a tree: a line for each element, with what is set in it.

    nbmde show churn/.nbmde/project.xmi --depth 2

    nbmde show wf.xmi | less -S
    """
    from nbmde.engine import models
    from nbmde.engine.views import tree

    for line in tree.tree(models.load_roots(model, open_registry(extensions)), depth):
        print(line)


@command()
@model_argument
@argument("expression", metavar="EXPR", help="An expression of Python, in which each class stands for its instances.")
@option("--json", "as_json", is_flag=True, help="Print JSON.")
@extension_option
def query(model: Path, expression: str, as_json: bool, extensions: tuple[Path, ...]) -> None:
    """Asks a model something, in Python, which is run: never pass an expression from somebody else.

    The name of a class is the list of its instances, root is the root, roots are all of them.

      nbmde query wf.xmi "len(Statement)"

    The longest functions of a project:

      nbmde query project.xmi "[f.name for f in Function if len(f.fragments) > 9]"

    How many statements each stage has:

      nbmde query wf.xmi "Counter(s.stage for s in Statement)"
    """
    from nbmde.engine import models
    from nbmde.engine.views import query as queries

    answer = queries.query(models.load_roots(model, open_registry(extensions)), expression)
    if as_json:
        print_json(queries.plain(answer))
        return
    for line in queries.lines(answer):
        print(line)


@command()
@model_argument
@option(
    "--to",
    "form",
    type=click.Choice(["xmi", "json", "csv", "plantuml", "mermaid", "dot"]),
    required=True,
    help="What to make of it.",
)
@option("-o", "--output", type=FILE, metavar="FILE", help="The file to write; standard output by default.")
@option("--select", metavar="EXPR", help="Only what an expression as of nbmde query gives; for diagrams.")
@extension_option
def export(model: Path, form: str, output: Path | None, select: str | None, extensions: tuple[Path, ...]) -> None:
    """Makes other forms of a model: data for programs, diagrams for people.

    Data: XMI as EMF reads it, JSON in the shape of EMFJSON, or CSV with a row for each value.

      nbmde export wf.xmi --to csv -o wf.csv

    Diagrams of objects, of the whole model or of some elements:

      nbmde export wf.xmi --to dot --select "Step" | dot -Tsvg > steps.svg
    """
    from nbmde.engine import models
    from nbmde.engine.views import data, diagrams
    from nbmde.engine.views import query as queries

    registry = open_registry(extensions)
    loaded = models.load_roots(model, registry)
    if select is not None and form not in diagrams.LANGUAGES:
        raise click.UsageError("--select is for diagrams: plantuml, mermaid and dot.")
    if form == "xmi" and output is not None:
        models.save({output: loaded}, registry)
        return
    if form == "xmi":
        text = models.dumps(loaded, registry).decode()
    elif form in diagrams.LANGUAGES:
        chosen = None if select is None else queries.query(loaded, select)
        if chosen is not None and not all(hasattr(one, "eClass") for one in chosen):
            raise NbmdeError(f"{select}: gives other things than elements", remedy='name a class: --select "Step"')
        text = diagrams.render(diagrams.of_model(loaded, chosen), form)
    else:
        text = data.as_json(loaded) if form == "json" else data.as_csv(loaded)
    write_text(text, output)


@command()
@argument("where", type=EXISTING, metavar="WHERE", help="The folder of a generated project, or a notebook.")
@argument("what", metavar="WHAT", help="FILE:LINE of the project; CELL or CELL:LINE of the notebook.")
@option("--project", type=EXISTING_FOLDER, metavar="DIR", help="For a notebook: the project that was made of it.")
@option("--pipeline", metavar="NAME", help="For a notebook without project: what it would go through; nb2project.")
@option("--json", "as_json", is_flag=True, help="Print JSON, with file and line of each rule.")
@extension_option
def trace(
    where: Path, what: str, project: Path | None, pipeline: str | None, as_json: bool, extensions: tuple[Path, ...]
) -> None:
    """Tells which cell, statements and rules made a line of a project, and which lines a cell became.

    Every generated line has an answer: the cells on which it depends, the elements of models, and the line of the
    template that wrote it. Files of the project may have been edited since.

      nbmde trace churn src/churn/data/load_data.py:17

    From a cell to its lines, in the project that it would become, or in one that is there:

      nbmde trace churn.ipynb 4

      nbmde trace churn.ipynb 4:2 --project churn
    """
    from dataclasses import asdict

    from nbmde.engine.diagnostics import Diagnostic
    from nbmde.notebooks import tracing

    registry = open_registry(extensions)
    head, _, tail = what.rpartition(":")
    if where.is_dir():
        if not head or not tail.isdecimal():
            raise click.BadParameter(f"{what!r} is not FILE:LINE", param_hint="WHAT")
        file = Path(head).as_posix()
        if not (where / file).is_file():
            raise NbmdeError("the project has no such file", file=str(where / file))
        traced = tracing.of_project(where, registry)
        found = traced.line(file, int(tail))
        if not found:
            reason = f"line {tail} was not generated"
            raise NbmdeError(reason, file=file, remedy="a person wrote it, or the file has no such line")
    else:
        if not all(part.isdecimal() for part in what.split(":", 1)):
            raise click.BadParameter(f"{what!r} is not CELL or CELL:LINE", param_hint="WHAT")
        if project:
            traced = tracing.of_project(project, registry)
        else:
            traced = tracing.of_notebook(where, registry, pipeline or tracing.PIPELINE)
        found = traced.cell(int(head or tail), int(tail) if head else None)
        if not found:
            raise NbmdeError("nothing was generated for it", file=str(where), cell=int(head or tail))
    if traced.unknown:
        message = f"{', '.join(traced.unknown)} had a part in it, and no extension that is named or installed has that"
        remedy = "--extension DIR: without it, the places of its rules are missing, or those of rules that it replaced"
        tell([Diagnostic("", "warning", message, file=str(project or where), remedy=remedy)])
    if as_json:
        print_json([asdict(lines) for lines in found])
    elif where.is_dir():
        tell_origin(found)
    else:
        tell_places(found)


@command()
@model_argument
@option("-o", "--output", type=FILE, metavar="FILE", help="The file to write; the model itself by default.")
@extension_option
def migrate(model: Path, output: Path | None, extensions: tuple[Path, ...]) -> None:
    """Brings a model of an older version of a metamodel to the current one.

    Versions are told by the namespace URI. What both versions have is copied, migration rules change the rest, and what
    has no place any more is listed. Models that it refers to come along; where it is not written to another file, so do
    models of its folder that refer to it.

      nbmde migrate old.xmi -o new.xmi
    """
    from nbmde.engine import migration, models
    from nbmde.engine import pipeline as pipelines

    registry = open_registry(extensions)
    roots, lost = migration.migrate(model, registry, in_place=output is None)
    first, *others = roots.items()
    target = output or model
    home = target.parent
    files = {target: first[1]} | {home / path.relative_to(model.parent): root for path, root in others}
    own = home / "metamodels"
    models.save(files, registry, metamodel_dir=own if own.is_dir() else None)
    for line in lost:
        print(f"lost: {line}", file=sys.stderr)
    tell(pipelines.check(first[1], registry, target))
    print(f"{target}: {first[1].eClass.name} of {first[1].eClass.ePackage.nsURI}")
