"""The command line. Everything heavy is imported inside the commands, so that help appears at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nbmde.errors import NbmdeError

if TYPE_CHECKING:
    from nbmde.models import Registry
    from nbmde.pipeline import Notice, Progress

ISSUES = "https://github.com/nbmde/nbmde/issues"

app = typer.Typer(
    help="From Jupyter notebook prototypes to production Python projects, through explicit models.",
    epilog="Start with: nbmde run nb2project NOTEBOOK.ipynb -o DIR",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help appears in half the time
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Layout(StrEnum):
    """The two trees of folders that a project can have."""

    mlops = "mlops"
    basic = "basic"


Extensions = Annotated[
    list[Path],
    typer.Option(
        "--extension",
        metavar="DIR",
        envvar="NBMDE_EXTENSIONS",
        exists=True,
        file_okay=False,
        help="Folder with metamodels/, transformations/ or templates/ of your own. Can be repeated.",
    ),
]
Settings = Annotated[
    list[str], typer.Option("--set", metavar="KEY=VALUE", help="An option of a transformation. Can be repeated.")
]
LayoutOption = Annotated[Layout | None, typer.Option("--layout", help="The tree of folders of the project.")]
Python = Annotated[
    Path | None,
    typer.Option(
        "--python",
        metavar="FILE",
        help="Interpreter whose installed packages the notebook uses; the running one by default. It is only asked "
        "what is installed.",
    ),
]
KeepEdited = Annotated[
    bool,
    typer.Option("--keep-edited", help="Leave generated files that were changed by hand as they are. Refused without."),
]
Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A model (.xmi).", exists=True, dir_okay=False)]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The file to write.")]
Folder = Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder to write.")]


def main() -> None:
    """Run the command line: exit code 0 done, 1 refused, 2 usage."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except NbmdeError as error:
        if os.environ.get("NBMDE_DEBUG"):
            raise
        for line in _error_lines(error):
            print(line, file=sys.stderr)
        sys.exit(1)
    except Exception as error:
        if os.environ.get("NBMDE_DEBUG"):
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        remedy = f"this is a fault of nbmde: please report it at {ISSUES} with what NBMDE_DEBUG=1 shows"
        print(f"error: {what} ({remedy})", file=sys.stderr)
        sys.exit(1)


def _error_lines(error: NbmdeError) -> list[str]:
    from nbmde.pipeline import Refused

    texts = [str(notice) for notice in error.notices] if isinstance(error, Refused) else [f"error: {error}"]
    return [" ".join(text.split()) for text in texts]


@app.command()
def run(
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="A pipeline, such as nb2project.")],
    source: Annotated[
        Path,
        typer.Argument(metavar="NOTEBOOK", help="A notebook, or a model to go on from.", exists=True, dir_okay=False),
    ],
    output: Folder,
    layout: LayoutOption = None,
    settings: Settings = [],  # noqa: B006 - typer copies it
    models_folder: Annotated[
        Path | None, typer.Option("--models", metavar="DIR", help="Save the models in this folder as well.")
    ] = None,
    keep_edited: KeepEdited = False,
    python: Python = None,
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Runs a pipeline: from a notebook to a whole project.

    Nothing of the notebook is executed. The folder is written whole or not at all;
    files in it that you changed since they were generated are never overwritten.
    Its models are in DIR/.nbmde, and Eclipse opens them as they are.

    A notebook becomes a project with packaging, tests, a service and deployment:

      nbmde run nb2project churn.ipynb -o churn

    The smaller tree of folders:

      nbmde run nb2project churn.ipynb -o churn --layout basic

    Go on from a model that was edited:

      nbmde run nb2project churn/.nbmde/workflow.xmi -o churn2
    """
    from nbmde import m2t
    from nbmde import pipeline as pipelines

    registry = _registry(extensions)
    chain = pipelines.find(pipeline, registry.extensions)
    options = _options(settings, layout)
    with _progress() as progress:
        outcome = pipelines.run(chain, source, registry, options, python=python, progress=progress)
        files = outcome.files or pipelines.model_files(pipelines.related(outcome.root), registry)
        if models_folder is not None:
            pipelines.save_models(files, models_folder)
        loaded = pipelines.sources(outcome.root)
        written = m2t.write(files, output, keep_edited=keep_edited, sources=loaded)
    _tell(outcome.notices)
    _tell_written(output, written)


@app.command()
def inject(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="A notebook.", exists=True, dir_okay=False)],
    output: Output,
    python: Python = None,
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Makes a Notebook model of a notebook file, without loss.

    Nothing of the notebook is executed. Local files that its code names come along.

      nbmde inject churn.ipynb -o nb.xmi
    """
    from nbmde import models
    from nbmde import pipeline as pipelines

    registry = _registry(extensions)
    root = pipelines.inject_notebook(notebook, registry, python)
    models.save({output: root}, registry)


@app.command()
def extract(model: Model, output: Output, extensions: Extensions = []) -> None:  # noqa: B006
    """Makes the notebook file of a Notebook model: inject backwards.

    nbmde extract nb.xmi -o churn.ipynb
    """
    from nbmde import models
    from nbmde.inject import write

    write(models.load(model, _registry(extensions)), output)


@app.command()
def transform(
    name: Annotated[str, typer.Argument(metavar="TRANSFORMATION", help="Its name, such as notebook2workflow.")],
    model: Model,
    output: Output,
    trace: Annotated[
        Path | None, typer.Option("--trace", metavar="FILE", help="Where the trace goes; beside the output by default.")
    ] = None,
    layout: LayoutOption = None,
    settings: Settings = [],  # noqa: B006
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Makes the next model of a model, and a trace of which rule made what.

    What is computed, step by step:

      nbmde transform notebook2workflow nb.xmi -o wf.xmi

    What is built:

      nbmde transform workflow2project wf.xmi -o project.xmi --layout basic
    """
    from nbmde import models
    from nbmde import pipeline as pipelines

    registry = _registry(extensions)
    source = pipelines.load(model, registry)
    given = _options(settings, layout)
    options = pipelines.Options({**given, pipelines.EXTENSIONS: registry.extensions})
    root, traced, notices = pipelines.transform(name, source, registry, options, model)
    if error := options.unknown(_options(settings, None)):
        raise error
    trace = trace or output.with_name(f"{output.stem}.trace{output.suffix}")
    models.save({output: root, trace: traced}, registry)
    _tell(notices)


@app.command()
def generate(
    model: Model,
    output: Folder,
    templates: Annotated[
        str | None,
        typer.Option("--templates", metavar="NAME", help="A folder below templates/; the metamodel's by default."),
    ] = None,
    keep_edited: KeepEdited = False,
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Writes the project that a Project model describes.

    The folder is written whole or not at all. Files in it that you changed since
    they were generated are never overwritten: they are listed and nothing is
    written, or they stay as they are with --keep-edited.

      nbmde generate project.xmi -o churn

    Again, after the model in the project was edited:

      nbmde generate churn/.nbmde/project.xmi -o churn
    """
    from nbmde import m2t
    from nbmde import pipeline as pipelines

    registry = _registry(extensions)
    root = pipelines.load(model, registry)
    loaded = pipelines.sources(root)
    files = pipelines.generate(templates or root.eClass.ePackage.name, root, registry)
    written = m2t.write(files, output, keep_edited=keep_edited, sources=loaded)
    _tell_written(output, written)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Models or notebooks.", exists=True)],
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Checks models and notebooks against their metamodels and constraints.

    Exit code 1 where there is an error; advice does not count as one.

      nbmde validate churn.ipynb wf.xmi project.xmi
    """
    from nbmde import pipeline as pipelines

    registry = _registry(extensions)
    wrong = False
    for file in files:
        try:
            is_model = file.suffix == pipelines.MODEL
            root = pipelines.load(file, registry) if is_model else pipelines.inject_notebook(file, registry)
            _tell(pipelines.check(root, registry, file))
            print(f"{file}: {root.eClass.name} is valid")
        except NbmdeError as error:
            wrong = True
            for line in _error_lines(error):
                print(line, file=sys.stderr)
    if wrong:
        raise typer.Exit(1)


@app.command()
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A model.", exists=True, dir_okay=False)],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another one.", exists=True, dir_okay=False)],
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Shows what differs between two models, element by element.

    Exit code 1 where something does.

      nbmde diff wf.xmi edited.xmi
    """
    from nbmde import models

    registry = _registry(extensions)
    differences = models.compare(models.load(before, registry), models.load(after, registry))
    for difference in differences:
        print(difference)
    if differences:
        raise typer.Exit(1)


@app.command()
def verify(
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="A notebook.", exists=True, dir_okay=False)],
    project: Annotated[
        Path, typer.Argument(metavar="DIR", help="The project made of it.", exists=True, file_okay=False)
    ],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all that was found to this file as well.")
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(
            "--python",
            metavar="FILE",
            help="Interpreter that runs both; the running one by default. It has ipykernel and all that is imported.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of all random generators.")] = 0,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=1, help="Time for each run.")] = 600,
    tolerance: Annotated[
        float,
        typer.Option(metavar="X", min=0, help="Relative difference that is allowed between floating-point numbers."),
    ] = 0,
    twice: Annotated[
        bool | None,
        typer.Option(
            "--twice/--once",
            help="Run the notebook twice, to tell what differs from run to run by itself. By default it runs again "
            "where something differs.",
        ),
    ] = None,
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Proves that a project computes what its notebook computes: runs both and compares.

    This executes the code of the notebook and of the project, in temporary copies of their
    folders and with the same seeds.

    Printed text, values of variables, pictures and the state of random generators are compared cell by cell; the first
    difference is named with its cell, function and line. Exit code 1 where something differs.

      nbmde verify churn.ipynb churn
    """
    import json

    from rich.console import Console

    from nbmde.verify import table
    from nbmde.verify import verify as check

    with _progress() as progress:
        verdict = check(
            notebook,
            project,
            _registry(extensions),
            python=python or Path(sys.executable),
            seed=seed,
            timeout=timeout,
            tolerance=tolerance,
            twice=twice,
            tell=lambda what: progress(0, 0, what),
        )
    if json_file is not None:
        try:
            json_file.write_text(json.dumps(verdict.as_dict(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(json_file)) from error
    table.show(verdict, Console())
    if not verdict.equal:
        raise typer.Exit(1)


@app.command()
def batch(
    notebooks: Annotated[
        list[Path], typer.Argument(metavar="NOTEBOOK...", help="Notebooks, or folders with notebooks.", exists=True)
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The folder of the projects.")],
    jobs: Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=1, help="How many at the same time.")] = 1,
    verified: Annotated[bool, typer.Option("--verify", help="Verify each project. This runs the notebooks.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Leave out what an earlier run has done.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, help="Time for each conversion, and for each run with --verify.")
    ] = 300,
    layout: LayoutOption = None,
    settings: Settings = [],  # noqa: B006
    python: Python = None,
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Converts many notebooks, each in a process of its own.

    What becomes of each is shown in a table, and is a line of DIR/batch.jsonl as soon as it is
    known. Exit code 1 where one was not converted, or differs.

      nbmde batch notebooks/ -o projects --jobs 2

      nbmde batch notebooks/ -o projects --verify --resume
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nbmde import batch as batches

    _options(settings, layout)  # a mistake in them is one for all
    shared = [item for folder in extensions for item in ("--extension", str(folder.absolute()))]
    shared += ["--python", os.path.abspath(python)] if python else []
    options = [*shared, *(item for setting in settings for item in ("--set", setting))]
    options += ["--layout", layout.value] if layout else []
    todo = batches.tasks(notebooks, output)
    number = 0
    with _progress() as progress:

        def done(outcome: batches.Outcome) -> None:
            nonlocal number
            number += 1
            progress(number, len(todo), f"{outcome.status}: {Path(outcome.notebook).name}")

        outcomes = batches.run(
            todo,
            output,
            options=options,
            verify=shared if verified else None,
            jobs=jobs,
            timeout=timeout,
            resume=resume,
            done=done,
        )
    table = Table("Notebook", "Project", "Result", "Seconds", "Why")
    for outcome in outcomes:
        colour = "green" if outcome.good else "red"
        names = escape(Path(outcome.notebook).name), escape(Path(outcome.project).name)
        table.add_row(*names, f"[{colour}]{outcome.status}[/]", f"{outcome.seconds:.1f}", escape(outcome.message))
    Console().print(table)
    good = sum(outcome.good for outcome in outcomes)
    print(f"{good} of {len(outcomes)} {'are equal' if verified else 'converted'}; {output / batches.RECORD} has all")
    if good < len(outcomes):
        raise typer.Exit(1)


@app.command()
def report(
    project: Annotated[Path, typer.Argument(metavar="DIR", help="A generated project.", exists=True, file_okay=False)],
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures to this file as well.")
    ] = None,
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Shows figures about a generated project, counted in its models.

    nbmde report churn
    """
    import json

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nbmde import report as reports

    figures = reports.report(project, _registry(extensions))
    if json_file is not None:
        try:
            json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(json_file)) from error
    console = Console()
    counts = Table("Of " + escape(figures["project"]), "Number", title_justify="left")
    for name, count in figures["counts"].items():
        counts.add_row(name, str(count))
    spread = Table("", "Least", "Median", "Mean", "Most")
    for name, values in figures["distributions"].items():
        spread.add_row(name, *(f"{value:g}" for value in values.values()))
    functions = Table("Function", "Cells", "Stage", "Statements", "Parameters", "Results")
    for row in figures["functions"]:
        functions.add_row(*(escape(str(value)) for value in row.values()))
    for table in (counts, spread, functions):
        console.print(table)
    for name, reason in figures["state"].items():
        console.print(f"shared through the state object: [bold]{escape(name)}[/] {escape(reason)}")
    for finding in figures["findings"]:
        place = f"cell {finding['cell']}: " if finding["cell"] else ""
        console.print(f"{finding['severity']}: {place}{escape(finding['message'])}", soft_wrap=True)


metamodels = typer.Typer(help="Pages about metamodels.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(metamodels, name="metamodel")


@metamodels.command()
def doc(
    names: Annotated[list[str], typer.Argument(metavar="METAMODEL...", help="All by default.")] = [],  # noqa: B006
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The page.")] = Path("metamodels.md"),
    extensions: Extensions = [],  # noqa: B006
) -> None:
    """Writes a page about metamodels from their documentation, with a class diagram of each beside it.

      nbmde metamodel doc -o docs/metamodels.md

    Only your own:

      nbmde metamodel doc shop --extension shop -o shop.md
    """
    from nbmde import metamodel_docs

    registry = _registry(extensions)
    for name, text in metamodel_docs.pages(names or list(registry), registry, output.stem).items():
        target = output if name == f"{output.stem}.md" else output.with_name(name)
        try:
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(target)) from error


def _version(asked: bool) -> None:
    if asked:
        from nbmde import __version__

        print(f"nbmde {__version__}")
        raise typer.Exit


@app.callback()
def _nbmde(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    pass


def _registry(extensions: list[Path]) -> Registry:
    from nbmde import models

    return models.Registry(tuple(extensions))


def _options(settings: list[str], layout: Layout | None) -> dict[str, Any]:
    """Options for transformations; a value that reads as a TOML value is one, anything else is text."""
    import tomllib

    options: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{setting!r} is not KEY=VALUE", param_hint="--set")
        try:
            options[key] = tomllib.loads(f"value = {value}")["value"]
        except (tomllib.TOMLDecodeError, KeyError):
            options[key] = value
    return {**options, "layout": layout.value} if layout else options


@contextmanager
def _progress() -> Iterator[Progress]:
    """Shows the steps of a pipeline on a terminal while they run, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda number, count, what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda number, count, what: bar.update(
            task, completed=number, total=count, description=what, refresh=True
        )


def _tell(notices: list[Notice]) -> None:
    """Shows what the user should know on standard error, each thing once."""
    for line in dict.fromkeys(" ".join(str(notice).split()) for notice in notices if notice.severity != "information"):
        print(line, file=sys.stderr)


def _tell_written(folder: Path, written: Any) -> None:
    for path in written.kept:
        print(f"kept: {folder / path}", file=sys.stderr)
    same = f", {len(written.unchanged)} unchanged" if written.unchanged else ""
    gone = f", {len(written.removed)} removed" if written.removed else ""
    print(f"{folder}: {len(written.written)} files written{same}{gone}")
