"""The commands about generated projects."""

from __future__ import annotations

import os
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
    layout_option,
    python_option,
    set_option,
)
from nbmde.cli.terminal import counted, open_registry, progress_bar, read_options, write_json
from nbmde.engine.errors import NotebookFails


@command()
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
@option(
    "--rerun/--no-rerun",
    default=None,
    help="Run both a second time where they have run, and compare that too. By default where the project reads files "
    "that it writes.",
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
    rerun: bool | None,
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

    from nbmde.notebooks.verify import table
    from nbmde.notebooks.verify import verify as check

    if corpus is not None:
        if notebook is not None or output is None or json_file is not None:
            raise click.UsageError("--corpus takes -o DIR, and no NOTEBOOK, DIR or --json FILE.")
        options = ["--seed", f"{seed}", "--tolerance", f"{tolerance}"]
        options += [] if twice is None else ["--twice" if twice else "--once"]
        options += [] if rerun is None else ["--rerun" if rerun else "--no-rerun"]
        _verify_corpus(corpus, output, options, jobs, resume, python, timeout, extensions)
        return
    if notebook is None or project is None:
        raise click.UsageError("Give NOTEBOOK and DIR, or --corpus MANIFEST.")
    with progress_bar() as progress:
        try:
            verdict = check(
                notebook,
                project,
                open_registry(extensions),
                python=python or Path(sys.executable),
                seed=seed,
                timeout=timeout,
                tolerance=tolerance,
                twice=twice,
                rerun=rerun,
                tell=lambda what: progress(0, 0, what),
            )
        except NotebookFails as error:
            fault = {"cell": error.cell, "reason": error.reason, "remedy": error.remedy}
            write_json({"notebook": str(notebook), "equal": False, "notebook_fails": fault}, json_file, private=True)
            raise
    write_json(verdict.as_dict(), json_file, private=True)  # what runs printed may tell secrets
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

    from nbmde.notebooks import corpus
    from nbmde.notebooks.corpus import manifest as manifests
    from nbmde.notebooks.corpus import table

    shared = [item for folder in extensions for item in ("--extension", str(folder.absolute()))]
    todo = manifests.tasks(manifest, output, Path(os.path.abspath(python)) if python else None)
    with counted(len(todo)) as done:
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


@command()
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

    from nbmde.notebooks import batch as batches

    read_options(settings, layout, open_registry(extensions).extensions)  # a mistake in them is one for all
    shared = [item for folder in extensions for item in ("--extension", str(folder.absolute()))]
    shared += ["--python", os.path.abspath(python)] if python else []
    options = [*shared, *(item for setting in settings for item in ("--set", setting))]
    options += ["--layout", layout] if layout else []
    todo = batches.tasks(notebooks, output)
    with counted(len(todo)) as done:
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


@command()
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

    from nbmde.notebooks import report as reports

    figures = reports.report(project, open_registry(extensions))
    write_json(figures, json_file)
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
    lines = Table("Lines lead to", "Number", "%")
    for kind, name in (("cell", "a cell"), ("element", "no cell, but an element"), ("template", "a template alone")):
        number = figures["lines"][kind]
        lines.add_row(name, str(number), f"{100 * number / max(1, sum(figures['lines'].values())):.0f}")
    for table in (counts, spread, functions, lines):
        console.print(table)
    for name, reason in figures["state"].items():
        console.print(f"shared through the state object: [bold]{escape(name)}[/] {escape(reason)}")
    for finding in figures["findings"]:
        place = f"cell {finding['cell']}: " if finding["cell"] else ""
        console.print(f"{finding['severity']}: {place}{escape(finding['message'])}", soft_wrap=True)


@command()
@argument("project", type=EXISTING_FOLDER, metavar="DIR", help="A generated project.")
@option(
    "--python-version",
    "python",
    default="",
    metavar="X.Y",
    help="Python to resolve for; by default the lowest that the project allows.",
)
@option("--upgrade", is_flag=True, help="Take the newest versions instead of those of an earlier lock.")
@option("--build", is_flag=True, help="Build what is there as source alone, which runs code of its authors.")
def lock(project: Path, python: str, upgrade: bool, build: bool) -> None:
    """Resolves the requirements of a project, and writes DIR/requirements.lock.

    uv looks for one version of everything that pyproject.toml needs, with all optional groups, directly or not. This
    asks the package index, as nothing else does. Exit code 1 where the requirements do not fit each other; the message
    says which. What is locked is installed with

      nbmde lock churn

      pip install -r churn/requirements.lock

      pip install --no-deps -e churn
    """
    from nbmde.notebooks import locking

    path = locking.lock(project, python=python, upgrade=upgrade, build=build)
    print(f"{path}: {len(locking.pinned(path))} distributions")
