"""Notebook commands as functions: timing, writing files, the environment, the working directory, captured output."""

from __future__ import annotations

import builtins
import io
import math
import os
import sys
import time
import timeit as stopwatch
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.report import Bundle, capturing, publish


def format_time(seconds: float) -> str:
    """A duration for people: ``1min 5s``, ``12.3 ms``."""
    if seconds >= 60:
        parts = []
        for unit, length in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
            count, seconds = divmod(seconds, length)
            if count:
                parts.append(f"{count:.0f}{unit}")
        return " ".join(parts)
    thousands = min(-(math.floor(math.log10(seconds)) // 3), 3) if seconds else 3
    return f"{seconds * 1000**thousands:.3g} {('s', 'ms', 'μs', 'ns')[thousands]}"


@contextmanager
def timed() -> Iterator[None]:
    """Prints how long the block took, on the processor and by the clock."""
    begin, wall = os.times(), time.perf_counter()
    yield
    wall, end = time.perf_counter() - wall, os.times()
    user, system = end.user - begin.user, end.system - begin.system
    print(
        f"CPU times: user {format_time(user)}, sys: {format_time(system)}, total: {format_time(user + system)}"
    )
    print(f"Wall time: {format_time(wall)}")


def timeit(function: Callable[[], object], number: int = 0, repeat: int = 7) -> None:
    """Prints how long a call takes.

    Args:
        function: what to call.
        number: calls in one run; 0 for as many as take at least 0.2 seconds.
        repeat: number of runs.
    """
    timer = stopwatch.Timer(function)
    if number == 0:
        number = next(
            10**power for power in range(10) if timer.timeit(10**power) >= 0.2 or power == 9
        )
    runs = [seconds / number for seconds in timer.repeat(repeat, number)]
    mean = math.fsum(runs) / len(runs)
    deviation = math.sqrt(math.fsum((run - mean) ** 2 for run in runs) / len(runs))
    print(
        f"{format_time(mean)} ± {format_time(deviation)} per loop (mean ± std. dev. of {repeat} "
        f"run{'s' if repeat != 1 else ''}, {number:,} loop{'s' if number != 1 else ''} each)"
    )


def write_file(path: str, text: str, append: bool = False) -> None:
    """Writes text to a file and prints so."""
    file = Path(path).expanduser()
    print(f"{'Appending to' if append else 'Overwriting' if file.exists() else 'Writing'} {file}")
    with file.open("a" if append else "w", encoding="utf-8") as stream:
        stream.write(text)


def run_file(path: str, *names: str, arguments: Sequence[str] = ()) -> Any:
    """Runs a script in a namespace of its own, as a main program. If it fails, the error is printed, as in a notebook.

    Args:
        names: what of it to return: one value, or a tuple of several.
        arguments: for ``sys.argv``, behind the path.

    Raises:
        KeyError: the script ended before it bound a name.
    """
    file = os.path.abspath(os.path.expanduser(path))
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": path, "__builtins__": builtins}
    given, sys.argv = sys.argv, [path, *arguments]
    sys.path.insert(0, os.path.dirname(file))
    try:
        exec(compile(Path(file).read_bytes(), file, "exec"), namespace)  # noqa: S102  # a script that the notebook runs  # nosec B102
    except SystemExit as end:
        if end.code:
            traceback.print_exception(end)
    except Exception:
        traceback.print_exc()
    finally:
        sys.argv = given
        sys.path.remove(os.path.dirname(file))
    values = [namespace[name] for name in names]
    return values[0] if len(values) == 1 else tuple(values)


def set_environment(name: str, value: str) -> None:
    """Sets an environment variable and prints so."""
    os.environ[name] = value
    print(f"env: {name}={value}")


def change_directory(path: str) -> None:
    """Changes the working directory, or prints why it cannot, and prints the directory after that."""
    try:
        os.chdir(Path(path).expanduser())
    except OSError as error:
        print(error)
    print(Path.cwd())


def current_directory() -> str:
    """The working directory."""
    return os.getcwd()


@contextmanager
def may_fail() -> Iterator[None]:
    """Goes on behind an error inside, which is printed to standard error: the notebook expects one there."""
    try:
        yield
    except Exception:
        traceback.print_exc()


@dataclass
class Captured:
    """The output that a block printed and showed."""

    stdout: str = ""
    stderr: str = ""
    outputs: list[Bundle] = field(default_factory=list)

    def show(self) -> None:
        """Prints and shows it."""
        sys.stdout.write(self.stdout)
        sys.stderr.write(self.stderr)
        for bundle in self.outputs:
            publish(bundle)

    __call__ = show

    def __str__(self) -> str:
        return self.stdout


@contextmanager
def captured() -> Iterator[Captured]:
    """Keeps what is printed and shown inside, instead of printing and showing it."""
    result, stdout, stderr = Captured(), io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(stdout), redirect_stderr(stderr), capturing() as result.outputs:
            yield result
    finally:
        result.stdout, result.stderr = stdout.getvalue(), stderr.getvalue()
