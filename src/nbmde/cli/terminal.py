"""Common work of all commands: read options, show progress, and say what happened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbmde.engine.errors import NbmdeError

if TYPE_CHECKING:
    from nbmde.engine.diagnostics import Diagnostic
    from nbmde.engine.m2m import RuleProfile
    from nbmde.engine.models import Registry
    from nbmde.engine.pipeline import Progress
    from nbmde.notebooks.batch import Outcome
    from nbmde.notebooks.tracing import Lines


def error_lines(error: NbmdeError) -> list[str]:
    from nbmde.engine.diagnostics import Refused

    texts = [str(one) for one in error.diagnostics] if isinstance(error, Refused) else [f"error: {error}"]
    return [" ".join(text.split()) for text in texts]


def first_error(error: NbmdeError) -> str:
    """The first of what is wrong, in one line."""
    from nbmde.engine.diagnostics import Refused, errors

    first = error
    if isinstance(error, Refused):
        first = (errors(error.diagnostics) or error.diagnostics)[0].as_error()
    return " ".join(str(first).split())


def open_registry(named: tuple[Path, ...], *, documented: bool = False, files: tuple[Path, ...] = ()) -> Registry:
    """All metamodels: nbmde's, those of extensions, and those in some files."""
    from nbmde.engine import extensions, models

    folders = tuple(extension.folder for extension in extensions.active(named))
    return models.Registry(folders, documented=documented, files=files)


def asked_on_terminal() -> Callable[[Path], bool] | None:
    """Asks whether a file from outside the notebook's project comes along; None where nobody can answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    return lambda file: click.confirm(f"{file} lies outside the notebook's project. Shall it come along?", err=True)


def read_options(settings: tuple[str, ...], layout: str | None, extensions: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Options for transformations; a value that reads as a TOML value is one, anything else is text."""
    import tomllib

    from nbmde.engine import knowledge

    options: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{setting!r} is not KEY=VALUE", param_hint="--set")
        try:
            options[key] = tomllib.loads(f"value = {value}")["value"]
        except (tomllib.TOMLDecodeError, KeyError):
            options[key] = value
    if layout is None:
        return options
    if layout not in (known := knowledge.table("layout", extensions)["layouts"]):
        raise click.BadParameter(f"{layout!r} is not one of {', '.join(known)}", param_hint="--layout")
    return {**options, "layout": layout}


def read_inputs(given: tuple[str, ...]) -> dict[str, Path]:
    """Files of further models, by the names of inputs."""
    inputs: dict[str, Path] = {}
    for one in given:
        name, equals, file = one.partition("=")
        if not equals or not name or not file:
            raise click.BadParameter(f"{one!r} is not NAME=FILE", param_hint="--input")
        if name in inputs:
            raise click.BadParameter(f"{name!r} is given twice", param_hint="--input")
        inputs[name] = Path(file)
    return inputs


@contextmanager
def progress_bar() -> Iterator[Progress]:
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
def counted(count: int) -> Iterator[Callable[[Outcome], None]]:
    """Shows how many notebooks of so many are done."""
    with progress_bar() as progress:
        numbers = iter(range(1, count + 1))
        yield lambda outcome: progress(next(numbers), count, f"{outcome.status}: {Path(outcome.notebook).name}")


def print_json(content: Any) -> None:
    """Prints JSON."""
    import json

    print(json.dumps(content, indent=1, ensure_ascii=False))


def tell_rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Shows rows of text: a table on a terminal; elsewhere a line each, with tabs between the columns."""
    if not sys.stdout.isatty():
        for row in rows:
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*headings)
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)


def write_json(content: dict[str, Any], file: Path | None, private: bool = False) -> None:
    """Writes a file of JSON that the user asked for.

    Args:
        private: whether its owner alone may read it.
    """
    import json

    if file is None:
        return
    try:
        file.touch(0o600 if private else 0o666)
        file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(file)) from error


def write_text(text: str, file: Path | None) -> None:
    """Writes text to a file, or to standard output."""
    if file is None:
        print(text, end="")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(file)) from error


def tell_origin(found: list[Lines]) -> None:
    """Shows where a line comes from: what is written alike with it and the rules behind, and the regions around it."""
    inner, *around = found
    print(f"{inner.file}:{inner.first}-{inner.last}")
    print(f"  written for  {inner.element}")
    print(f"  by template  {inner.template}")
    for element in inner.reads:
        print(f"  depends on   {element}")
    for link in inner.links:
        place = f"  ({link.place})" if link.place else ""
        print(f"  made by      {link.rule} from {', '.join(link.sources) or 'nothing'}{place}")
    for cell, first, last, text in inner.statements:
        lines = f"line {first}" if first == last else f"lines {first}-{last}"
        print(f"  cell {cell}, {lines}:")
        print("".join(f"    {line}\n" for line in text.splitlines()), end="")
    if others := sorted(set(inner.cells) - {cell for cell, *_ in inner.statements}):
        print(f"  cells        {', '.join(map(str, others))}")
    for outer in around:
        print(f"  inside of    {outer.element}, lines {outer.first}-{outer.last}")


def tell_places(found: list[Lines]) -> None:
    """Shows where lines of a notebook went, one place a line."""
    for lines in found:
        rule = lines.links[0].rule if lines.links else ""
        print(f"{lines.file}:{lines.first}-{lines.last}\t{lines.element}\t{rule}")


def tell(notices: list[Diagnostic]) -> None:
    """Shows what the user should know on standard error, each thing once."""
    for line in dict.fromkeys(" ".join(str(notice).split()) for notice in notices if notice.severity != "information"):
        print(line, file=sys.stderr)


def tell_profile(transformation: str, profile: list[RuleProfile]) -> None:
    """Shows how often the rules of a transformation ran and how long, the slowest first, on standard error."""
    from rich.console import Console
    from rich.table import Table

    total = sum(row.seconds for row in profile)
    table = Table("", "rule", title=f"{transformation}: {total:.3f} s", title_justify="left", box=None)
    for heading in ("runs", "guards", "ms", "%"):
        table.add_column(heading, justify="right")
    for row in profile:
        share = 100 * row.seconds / total if total else 0
        figures = str(row.runs), str(row.guards), f"{1000 * row.seconds:.1f}", f"{share:.0f}"
        table.add_row(row.kind if row.kind != "rule" else "", row.name, *figures)
    Console(stderr=True).print(table)


def tell_written(folder: Path, written: Any) -> None:
    for path in written.kept:
        print(f"kept: {folder / path}", file=sys.stderr)
    same = f", {len(written.unchanged)} unchanged" if written.unchanged else ""
    gone = f", {len(written.removed)} removed" if written.removed else ""
    print(f"{folder}: {len(written.written)} files written{same}{gone}")
