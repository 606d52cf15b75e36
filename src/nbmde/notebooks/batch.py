"""Converts many notebooks, each in a process of its own: a crash, an endless loop or a refusal costs no other notebook.

What becomes of each notebook is a line of `batch.jsonl` in the output folder as soon as it is known, so that a run that
was interrupted can be resumed.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbmde.engine.errors import NbmdeError

RECORD = "batch.jsonl"
NBMDE = "import sys; from nbmde.cli import main; sys.argv[0] = 'nbmde'; main(sys.argv.pop())"

CONVERTED, EQUAL, DIFFERS, REFUSED, CRASHED, TIMEOUT = "converted", "equal", "differs", "refused", "crashed", "timeout"
FAILS, UNVERIFIED = "notebook fails", "not verified"
GOOD = (CONVERTED, EQUAL)

_RUNNING = 0.2  # seconds between looks at a running process


@dataclass
class Task:
    """A notebook to convert.

    Attributes:
        notebook: the file.
        project: the folder that its project goes to.
        python: interpreter that has what the notebook imports; None for that of the options.
    """

    notebook: Path
    project: Path
    python: Path | None = None


@dataclass
class Outcome:
    """The outcome for a notebook.

    Attributes:
        status: one of the words above.
        sha256: of the notebook's file.
        message: why it was refused, how it differs, or what else happened.
        seconds: for all.
        python: interpreter that was named for it.
        verify_seconds: for the verification.
        notebook_seconds: for the notebook alone.
        cells: with verification: numbers of cells by result.
        first: the first difference: cell, function, file, line, kind and detail.
    """

    notebook: str
    project: str
    status: str
    sha256: str = ""
    message: str = ""
    seconds: float = 0.0
    python: str = ""
    verify_seconds: float = 0.0
    notebook_seconds: float = 0.0
    cells: dict[str, int] | None = None
    first: dict[str, Any] | None = None

    @property
    def good(self) -> bool:
        """Whether all that was asked for is done."""
        return self.status in GOOD


def tasks(notebooks: Iterable[Path], output: Path) -> list[Task]:
    """A project for each notebook, with the notebook's name; notebooks in several folders get the folders' names too.

    Args:
        notebooks: files, and folders that are searched for notebooks.

    Raises:
        NbmdeError: there is none.
    """
    files = list(dict.fromkeys(Path(os.path.abspath(file)) for path in notebooks for file in _notebooks(path)))
    if not files:
        raise NbmdeError("there are no notebooks", remedy="name files that end with .ipynb, or folders with such files")
    return [Task(file, output / name) for file, name in zip(files, names(files), strict=True)]


def names(files: Sequence[Path], taken: Iterable[str] = ()) -> list[str]:
    """Different names for projects of notebooks.

    Args:
        files: absolute.
        taken: names that are not free, in lower case.
    """
    if not files:
        return []
    common = Path(os.path.commonpath([file.parent for file in files]))
    known = set(taken)
    result = []
    for file in files:
        base = name = "-".join(file.relative_to(common).with_suffix("").parts)
        number = 2
        while name.casefold() in known:
            name, number = f"{base}-{number}", number + 1
        known.add(name.casefold())
        result.append(name)
    return result


def _notebooks(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.rglob("*.ipynb")):
        if not any(part.startswith(".") for part in file.relative_to(path).parts):
            yield file


def run(
    todo: Sequence[Task],
    output: Path,
    *,
    options: Sequence[str] = (),
    verify: Sequence[str] | None = None,
    report: Sequence[str] | None = None,
    jobs: int = 1,
    timeout: float = 300,
    resume: bool = False,
    done: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Converts notebooks, several at a time.

    Args:
        output: the folder of the projects and of the record.
        options: further arguments of `nbmde run nb2project`.
        verify: further arguments of `nbmde verify`; None to leave that out.
        report: the same of `nbmde report`.
        jobs: how many at the same time.
        timeout: seconds for the conversion, and for each run of a verification.
        resume: leave out the notebooks that an earlier run has done, if they have not changed since.
        done: called with each outcome as soon as it is known.

    Returns:
        The outcomes in the order of the tasks, those of an earlier run among them.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        earlier = _earlier(output / RECORD) if resume else {}
        record = (output / RECORD).open("a" if resume else "w", encoding="utf-8")
    except OSError as error:
        raise NbmdeError(f"cannot be written: {error.strerror}", file=str(output)) from error
    outcomes: dict[int, Outcome] = {}
    stop = threading.Event()
    wanted = (EQUAL,) if verify is not None else GOOD
    with record, ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = {}
        for number, task in enumerate(todo):
            known = earlier.get((str(task.notebook), task.project.name))
            if known is not None and known.status in wanted and _unchanged(task, known):
                outcomes[number] = known
                done(known)
            else:
                futures[pool.submit(_convert, task, options, verify, report, timeout, stop)] = number
        try:
            for future in as_completed(futures):
                outcome = outcomes[futures[future]] = future.result()
                record.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")
                record.flush()
                done(outcome)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [outcomes[number] for number in range(len(todo))]


def _convert(
    task: Task,
    options: Sequence[str],
    verify: Sequence[str] | None,
    report: Sequence[str] | None,
    timeout: float,
    stop: threading.Event,
) -> Outcome:
    """Converts one notebook, verifies its project and counts in it."""
    begin = time.perf_counter()
    outcome = Outcome(str(task.notebook), str(task.project), CONVERTED, _sha256(task.notebook))
    for what in ("verify", "report"):  # of an earlier run
        beside(task.project, what).unlink(missing_ok=True)
    python: list[str] = []
    if task.python is not None:
        outcome.python = str(task.python)
        python = ["--python", outcome.python]
    command = ["run", "nb2project", str(task.notebook), "-o", str(task.project), *options, *python]
    outcome.status, outcome.message = _call(command, timeout, stop, CONVERTED, REFUSED, task.python)
    converted = outcome.status == CONVERTED
    if converted and verify is not None:
        _verify(task, outcome, [*verify, *python, "--timeout", f"{timeout:g}"], timeout, stop)
    if converted and report is not None:
        command = ["report", str(task.project), "--json", str(beside(task.project, "report")), *report]
        _call(command, timeout, stop, CONVERTED, REFUSED)
    outcome.seconds = round(time.perf_counter() - begin, 1)
    return outcome


def _verify(task: Task, outcome: Outcome, options: Sequence[str], timeout: float, stop: threading.Event) -> None:
    """Verifies a project, and fills in what was found."""
    begin = time.perf_counter()
    found = beside(task.project, "verify")
    command = ["verify", str(task.notebook), str(task.project), "--json", str(found), *options]
    outcome.status, outcome.message = _call(command, 3 * timeout + 60, stop, EQUAL, UNVERIFIED, task.python)
    outcome.verify_seconds = round(time.perf_counter() - begin, 1)
    if found.is_file():
        _read_findings(outcome, json.loads(found.read_text(encoding="utf-8")))


def beside(project: Path, what: str) -> Path:
    """Where what was found about a project is kept: "verify" or "report"."""
    return project.with_name(f"{project.name}.{what}.json")


def _read_findings(outcome: Outcome, findings: dict[str, Any]) -> None:
    if "notebook_fails" in findings:
        fault = findings["notebook_fails"]
        outcome.status, outcome.message = FAILS, f"cell {fault['cell']}: {fault['reason']}"
        return
    outcome.cells = {status: count for status, count in findings["counts"].items() if count}
    outcome.notebook_seconds = findings["notebook_seconds"]
    outcome.status = EQUAL if findings["equal"] else DIFFERS
    first, failure = findings["first_difference"], findings["failure"]
    outcome.first = first or failure
    outcome.message = ""
    if first is not None:
        outcome.message = f"cell {first['cell']}: {first['detail']}"
    elif failure is not None:
        outcome.message = failure["detail"]


def _call(
    arguments: Sequence[str],
    timeout: float,
    stop: threading.Event,
    good: str,
    refused: str,
    python: Path | None = None,
) -> tuple[str, str]:
    """Runs a command of nbmde in a process of its own: the status and a message.

    Args:
        good, refused: the status for the exit codes 0 and 1.
        python: whose folder comes first where the notebook's commands are looked for.
    """
    path = os.environ.get("PATH", os.defpath)
    with tempfile.TemporaryDirectory(prefix="nbmde-batch-", ignore_cleanup_errors=True) as folder:
        record = Path(folder) / "ending.json"
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", NBMDE, *arguments, str(record)],
            env={**os.environ, "PATH": path if python is None else os.pathsep.join([str(python.parent), path])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=os.name == "posix",
        )
        deadline = time.monotonic() + timeout
        while True:
            try:
                _, stderr = process.communicate(timeout=_RUNNING)
                break
            except subprocess.TimeoutExpired:
                if stop.is_set() or time.monotonic() > deadline:
                    _kill(process)
                    return TIMEOUT, "interrupted" if stop.is_set() else f"takes more than {timeout:g} s"
        ending = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    if process.returncode == 0:
        return good, ""
    last = ([line for line in stderr.splitlines() if line.strip()] or [""])[-1]  # shown where nothing else is known
    with suppress(ValueError):  # a negative number is that of a signal
        return CRASHED, f"{signal.Signals(-process.returncode).name} {last}".strip()
    refuses = process.returncode == 1 and not ending.get("fault")
    return refused if refuses else CRASHED, ending.get("message") or last or f"exit code {process.returncode}"


def _kill(process: subprocess.Popen[str]) -> None:
    """Ends a process that this module started, and those that it started."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()


def _earlier(path: Path) -> dict[tuple[str, str], Outcome]:
    """The last outcome in a record of each notebook and name of its project; lines that were cut off are left out."""
    found: dict[tuple[str, str], Outcome] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, TypeError):
                outcome = Outcome(**json.loads(line))
                found[outcome.notebook, Path(outcome.project).name] = outcome
    return found


def _unchanged(task: Task, known: Outcome) -> bool:
    return known.sha256 == _sha256(task.notebook) and known.python == str(task.python or "")


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
