"""The command line. Everything heavy is imported inside the commands, so that help appears at once."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click import option

from nbmde import __version__
from nbmde.errors import FAULT, NbmdeError, NotebookFails

if TYPE_CHECKING:
    from nbmde.batch import Outcome
    from nbmde.models import Registry
    from nbmde.pipeline import Notice, Progress

NAME = "nbmde"
GARBAGE = 1_000_000  # new objects before garbage is looked for: nearly all that a command makes it needs to the end
ISSUES = "https://github.com/nbmde/nbmde/issues"


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
    help="Folder with metamodels/, transformations/ or templates/ of your own. Can be repeated.",
)
set_option = option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True, help="An option of a transformation. Can be repeated."
)
layout_option = option("--layout", type=click.Choice(["mlops", "basic"]), help="The tree of folders of the project.")
python_option = option(
    "--python",
    type=FILE,
    metavar="FILE",
    help="Interpreter whose installed packages the notebook uses; the running one by default. It is only asked "
    "what is installed, unless --profile is given.",
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
keep_edited_option = option(
    "--keep-edited", is_flag=True, help="Leave generated files that were changed by hand as they are. Refused without."
)
notebook_argument = argument("notebook", type=EXISTING_FILE, metavar="NOTEBOOK", help="A notebook.")
model_argument = argument("model", type=EXISTING_FILE, metavar="MODEL", help="A model (.xmi).")
file_option = option("-o", "--output", type=FILE, metavar="FILE", required=True, help="The file to write.")
folder_option = option("-o", "--output", type=FILE, metavar="DIR", required=True, help="The folder to write.")


@click.group(
    cls=Group,
    epilog="Start with: nbmde run nb2project NOTEBOOK.ipynb -o DIR",
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(__version__, message="%(prog)s %(version)s", help="The version.")
def app() -> None:
    """From Jupyter notebook prototypes to production Python projects, through explicit models."""


def main() -> None:
    """Run the command line: exit code 0 done, 1 refused, 2 usage."""
    gc.set_threshold(GARBAGE)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name=NAME)
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
        remedy = f"{FAULT}: please report it at {ISSUES} with what NBMDE_DEBUG=1 shows"
        print(f"error: {what} ({remedy})", file=sys.stderr)
        sys.exit(1)
    finally:
        gc.freeze()  # the process ends: nothing needs to be told from garbage once more


def _error_lines(error: NbmdeError) -> list[str]:
    from nbmde.pipeline import Refused

    texts = [str(notice) for notice in error.notices] if isinstance(error, Refused) else [f"error: {error}"]
    return [" ".join(text.split()) for text in texts]


@app.command()
@argument("pipeline", metavar="PIPELINE", help="A pipeline, such as nb2project.")
@argument("source", type=EXISTING_FILE, metavar="NOTEBOOK", help="A notebook, or a model to go on from.")
@folder_option
@layout_option
@set_option
@option("--models", "models_folder", type=FILE, metavar="DIR", help="Save the models in this folder as well.")
@keep_edited_option
@python_option
@profile_option
@profile_timeout_option
@extension_option
def run(
    pipeline: str,
    source: Path,
    output: Path,
    layout: str | None,
    settings: tuple[str, ...],
    models_folder: Path | None,
    keep_edited: bool,
    python: Path | None,
    profile: bool,
    timeout: float,
    extensions: tuple[Path, ...],
) -> None:
    """Runs a pipeline: from a notebook to a whole project.

    Nothing of the notebook is executed, unless --profile is given. The folder is written whole or not at all;
    files in it that you changed since they were generated are never overwritten.
    Its models are in DIR/.nbmde, and Eclipse opens them as they are.

    A notebook becomes a project with packaging, tests, a service and deployment:

      nbmde run nb2project churn.ipynb -o churn

    The smaller tree of folders:

      nbmde run nb2project churn.ipynb -o churn --layout basic

    With precise types and schemas, from one run of the notebook:

      nbmde run nb2project churn.ipynb -o churn --profile

    Go on from a model that was edited:

      nbmde run nb2project churn/.nbmde/workflow.xmi -o churn2
    """
    from nbmde import m2t
    from nbmde import pipeline as pipelines

    registry = _registry(extensions)
    chain = pipelines.find(pipeline, registry.extensions)
    options = _options(settings, layout)
    with _progress() as progress:
        outcome = pipelines.run(
            chain, source, registry, options, python=python, profile=timeout if profile else None, progress=progress
        )
        files = outcome.files or pipelines.model_files(pipelines.related(outcome.root), registry)
        if models_folder is not None:
            pipelines.save_models(files, models_folder)
        loaded = pipelines.sources(outcome.root)
        written = m2t.write(files, output, keep_edited=keep_edited, sources=loaded)
    _tell(outcome.notices)
    _tell_written(output, written)


@app.command()
@notebook_argument
@file_option
@python_option
@profile_option
@profile_timeout_option
@extension_option
def inject(
    notebook: Path,
    output: Path,
    python: Path | None,
    profile: bool,
    timeout: float,
    extensions: tuple[Path, ...],
) -> None:
    """Makes a Notebook model of a notebook file, without loss.

    Nothing of the notebook is executed, unless --profile is given. Local files that its code names come along.

      nbmde inject churn.ipynb -o nb.xmi
    """
    from nbmde import models
    from nbmde import pipeline as pipelines

    registry = _registry(extensions)
    root = pipelines.inject_notebook(notebook, registry, python, timeout if profile else None)
    models.save({output: root}, registry)


@app.command()
@model_argument
@file_option
@extension_option
def extract(model: Path, output: Path, extensions: tuple[Path, ...]) -> None:
    """Makes the notebook file of a Notebook model: inject backwards.

    nbmde extract nb.xmi -o churn.ipynb
    """
    from nbmde import models
    from nbmde.inject import write

    write(models.load(model, _registry(extensions)), output)


@app.command()
@argument("name", metavar="TRANSFORMATION", help="Its name, such as notebook2workflow.")
@model_argument
@file_option
@option("--trace", type=FILE, metavar="FILE", help="Where the trace goes; beside the output by default.")
@layout_option
@set_option
@extension_option
def transform(
    name: str,
    model: Path,
    output: Path,
    trace: Path | None,
    layout: str | None,
    settings: tuple[str, ...],
    extensions: tuple[Path, ...],
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
@model_argument
@folder_option
@option("--templates", metavar="NAME", help="A folder below templates/; the metamodel's by default.")
@keep_edited_option
@extension_option
def generate(model: Path, output: Path, templates: str | None, keep_edited: bool, extensions: tuple[Path, ...]) -> None:
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
@argument("files", type=EXISTING, nargs=-1, required=True, metavar="FILE...", help="Models or notebooks.")
@extension_option
def validate(files: tuple[Path, ...], extensions: tuple[Path, ...]) -> None:
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
        sys.exit(1)


@app.command()
@argument("before", type=EXISTING_FILE, metavar="A", help="A model.")
@argument("after", type=EXISTING_FILE, metavar="B", help="Another one.")
@extension_option
def diff(before: Path, after: Path, extensions: tuple[Path, ...]) -> None:
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
        sys.exit(1)


@app.command()
@argument("notebook", type=EXISTING_FILE, required=False, metavar="NOTEBOOK", help="A notebook.")
@argument("project", type=EXISTING_FOLDER, required=False, metavar="DIR", help="The project made of it.")
@option(
    "--corpus",
    type=EXISTING_FILE,
    metavar="MANIFEST",
    help="Instead of one, convert and verify all notebooks that this file lists: the path of one a line, or JSON with "
    "notebook, id and python.",
)
@option("-o", "--output", type=FILE, metavar="DIR", help="With --corpus: the folder of the projects and the page.")
@option("-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="With --corpus: how many at once.")
@option("--resume", is_flag=True, help="With --corpus: leave out what an earlier run has found equal.")
@option("--json", "json_file", type=FILE, metavar="FILE", help="Write all that was found to this file as well.")
@option(
    "--python",
    type=FILE,
    metavar="FILE",
    help="Interpreter that runs both; the running one by default. It has ipykernel and all that is imported.",
)
@option("--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Seed of all random generators.")
@option("--timeout", type=click.FloatRange(min=1), default=600, metavar="SECONDS", help="Time for each run.")
@option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0,
    metavar="X",
    help="Relative difference that is allowed between floating-point numbers.",
)
@option(
    "--twice/--once",
    default=None,
    help="Run the notebook twice, to tell what differs from run to run by itself. By default it runs again where "
    "something differs.",
)
@extension_option
def verify(
    notebook: Path | None,
    project: Path | None,
    corpus: Path | None,
    output: Path | None,
    jobs: int,
    resume: bool,
    json_file: Path | None,
    python: Path | None,
    seed: int,
    timeout: float,
    tolerance: float,
    twice: bool | None,
    extensions: tuple[Path, ...],
) -> None:
    """Proves that a project computes what its notebook computes: runs both and compares.

    This executes the code of the notebook and of the project, in temporary copies of their
    folders and with the same seeds.

    Printed text, values of variables, pictures and the state of random generators are compared cell by cell; the first
    difference is named with its cell, function and line. Exit code 1 where something differs.

      nbmde verify churn.ipynb churn

    With --corpus, each of many notebooks is converted and verified in processes of its own. What becomes of it is a
    line of DIR/batch.jsonl as soon as it is known; DIR/report.html shows all. Exit code 0 where each is equal or was
    refused with the reason.

      nbmde verify --corpus notebooks.txt -o verified --resume
    """
    from rich.console import Console

    from nbmde.verify import table
    from nbmde.verify import verify as check

    if corpus is not None:
        if notebook is not None or output is None or json_file is not None:
            raise click.UsageError("--corpus takes -o DIR, and no NOTEBOOK, DIR or --json FILE.")
        options = ["--seed", f"{seed}", "--tolerance", f"{tolerance}"]
        options += [] if twice is None else ["--twice" if twice else "--once"]
        _verify_corpus(corpus, output, options, jobs, resume, python, timeout, extensions)
        return
    if notebook is None or project is None:
        raise click.UsageError("Give NOTEBOOK and DIR, or --corpus MANIFEST.")
    with _progress() as progress:
        try:
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
        except NotebookFails as error:
            fault = {"cell": error.cell, "reason": error.reason, "remedy": error.remedy}
            _write_json({"notebook": str(notebook), "equal": False, "notebook_fails": fault}, json_file)
            raise
    _write_json(verdict.as_dict(), json_file)
    table.show(verdict, Console())
    if not verdict.equal:
        sys.exit(1)


def _verify_corpus(
    manifest: Path,
    output: Path,
    options: list[str],
    jobs: int,
    resume: bool,
    python: Path | None,
    timeout: float,
    extensions: tuple[Path, ...],
) -> None:
    """Verifies the notebooks of a manifest, with further options of `nbmde verify`."""
    from rich.console import Console

    from nbmde import corpus
    from nbmde.corpus import manifest as manifests
    from nbmde.corpus import table

    shared = [item for folder in extensions for item in ("--extension", str(folder.absolute()))]
    todo = manifests.tasks(manifest, output, Path(os.path.abspath(python)) if python else None)
    with _counted(len(todo)) as done:
        rows = corpus.run(
            todo,
            output,
            options=shared,
            verify=[*options, *shared],
            report=shared,
            jobs=jobs,
            timeout=timeout,
            resume=resume,
            done=done,
        )
    table.show(rows, corpus.summary(rows), Console())
    print(f"{sum(row.outcome.good for row in rows)} of {len(rows)} are equal; {output / corpus.PAGE} shows all")
    if not all(row.good for row in rows):
        sys.exit(1)


@app.command()
@argument(
    "notebooks",
    type=EXISTING,
    nargs=-1,
    required=True,
    metavar="NOTEBOOK...",
    help="Notebooks, or folders with notebooks.",
)
@option("-o", "--output", type=FILE, metavar="DIR", required=True, help="The folder of the projects.")
@option("-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="How many at the same time.")
@option("--verify", "verified", is_flag=True, help="Verify each project. This runs the notebooks.")
@option("--resume", is_flag=True, help="Leave out what an earlier run has done.")
@option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=300,
    metavar="SECONDS",
    help="Time for each conversion, and for each run with --verify.",
)
@layout_option
@set_option
@python_option
@extension_option
def batch(
    notebooks: tuple[Path, ...],
    output: Path,
    jobs: int,
    verified: bool,
    resume: bool,
    timeout: float,
    layout: str | None,
    settings: tuple[str, ...],
    python: Path | None,
    extensions: tuple[Path, ...],
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
    options += ["--layout", layout] if layout else []
    todo = batches.tasks(notebooks, output)
    with _counted(len(todo)) as done:
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
        sys.exit(1)


@app.command()
@argument("project", type=EXISTING_FOLDER, metavar="DIR", help="A generated project.")
@option("--json", "json_file", type=FILE, metavar="FILE", help="Write the figures to this file as well.")
@extension_option
def report(project: Path, json_file: Path | None, extensions: tuple[Path, ...]) -> None:
    """Shows figures about a generated project, counted in its models.

    nbmde report churn
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from nbmde import report as reports

    figures = reports.report(project, _registry(extensions))
    _write_json(figures, json_file)
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


@app.group()
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

    registry = _registry(extensions, documented=True)
    for name, text in metamodel_docs.pages(names or list(registry), registry, output.stem).items():
        target = output if name == f"{output.stem}.md" else output.with_name(name)
        try:
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NbmdeError(f"cannot be written: {error.strerror}", file=str(target)) from error


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


def _registry(extensions: tuple[Path, ...], *, documented: bool = False) -> Registry:
    from nbmde import models

    return models.Registry(extensions, documented=documented)


def _options(settings: tuple[str, ...], layout: str | None) -> dict[str, Any]:
    """Options for transformations; a value that reads as a TOML value is one, anything else is text."""
    import tomllib

    options: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{setting!r} is not KEY=VALUE", param_hint="--set")
        try:
            options[key] = tomllib.loads(f"value = {value}")["value"]
        except (tomllib.TOMLDecodeError, KeyError):
            options[key] = value
    return {**options, "layout": layout} if layout else options


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


@contextmanager
def _counted(count: int) -> Iterator[Callable[[Outcome], None]]:
    """Shows how many notebooks of so many are done."""
    with _progress() as progress:
        numbers = iter(range(1, count + 1))
        yield lambda outcome: progress(next(numbers), count, f"{outcome.status}: {Path(outcome.notebook).name}")


def _write_json(content: dict[str, Any], file: Path | None) -> None:
    """Writes a file of JSON that the user asked for."""
    import json

    if file is None:
        return
    try:
        file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(file)) from error


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
