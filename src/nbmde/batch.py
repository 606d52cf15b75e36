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
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbmde.errors import NbmdeError

RECORD = "batch.jsonl"
NBMDE = "import sys; from nbmde.cli import main; sys.argv[0] = 'nbmde'; main()"

CONVERTED, EQUAL, DIFFERS, REFUSED, CRASHED, TIMEOUT = "converted", "equal", "differs", "refused", "crashed", "timeout"
GOOD = (CONVERTED, EQUAL)

_RUNNING = 0.2  # seconds between looks at a running process


@dataclass
class Task:
    """A notebook to convert.

    Attributes:
        notebook: the file.
        project: the folder that its project goes to.
    """

    notebook: Path
    project: Path


@dataclass
class Outcome:
    """What became of a notebook.

    Attributes:
        status: one of the words above.
        sha256: of the notebook's file.
        message: why it was refused, how it differs, or what else happened.
        seconds: for all.
        cells: with verification: numbers of cells by result.
    """

    notebook: str
    project: str
    status: str
    sha256: str = ""
    message: str = ""
    seconds: float = 0.0
    cells: dict[str, int] | None = None

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
    common = Path(os.path.commonpath([file.parent for file in files]))
    taken: set[str] = set()
    result = []
    for file in files:
        base = name = "-".join(file.relative_to(common).with_suffix("").parts)
        number = 2
        while name.casefold() in taken:
            name, number = f"{base}-{number}", number + 1
        taken.add(name.casefold())
        result.append(Task(file, output / name))
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
            known = earlier.get(str(task.notebook))
            if known is not None and known.status in wanted and known.sha256 == _sha256(task.notebook):
                outcomes[number] = known
                done(known)
            else:
                futures[pool.submit(_convert, task, options, verify, timeout, stop)] = number
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
    task: Task, options: Sequence[str], verify: Sequence[str] | None, timeout: float, stop: threading.Event
) -> Outcome:
    """Converts one notebook, and verifies its project."""
    begin = time.perf_counter()
    outcome = Outcome(str(task.notebook), str(task.project), CONVERTED, _sha256(task.notebook))
    command = ["run", "nb2project", str(task.notebook), "-o", str(task.project), *options]
    outcome.status, outcome.message = _call(command, timeout, stop, CONVERTED)
    if outcome.status == CONVERTED and verify is not None:
        findings = task.project.with_name(f"{task.project.name}.verify.json")
        findings.unlink(missing_ok=True)
        command = ["verify", str(task.notebook), str(task.project), "--json", str(findings), *verify]
        command += ["--timeout", f"{timeout:g}"]
        outcome.status, outcome.message = _call(command, 3 * timeout + 60, stop, EQUAL)
        if findings.is_file():
            _read_findings(outcome, json.loads(findings.read_text(encoding="utf-8")))
    outcome.seconds = round(time.perf_counter() - begin, 1)
    return outcome


def _read_findings(outcome: Outcome, findings: dict[str, Any]) -> None:
    outcome.cells = {status: count for status, count in findings["counts"].items() if count}
    outcome.status = EQUAL if findings["equal"] else DIFFERS
    first, failure = findings["first_difference"], findings["failure"]
    outcome.message = ""
    if first is not None:
        outcome.message = f"cell {first['cell']}: {first['detail']}"
    elif failure is not None:
        outcome.message = failure["detail"]


def _call(arguments: Sequence[str], timeout: float, stop: threading.Event, good: str) -> tuple[str, str]:
    """Runs a command of nbmde in a process of its own: the status and a message."""
    process = subprocess.Popen(
        [sys.executable, "-c", NBMDE, *arguments],
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
    lines = [line for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if process.returncode == 0:
        return good, ""
    if process.returncode == 1:
        return REFUSED, (errors or lines or ["no reason given"])[0]
    with suppress(ValueError):
        return CRASHED, f"{signal.Signals(-process.returncode).name} {lines[-1] if lines else ''}".strip()
    return CRASHED, (errors or lines or [f"exit code {process.returncode}"])[-1]


def _kill(process: subprocess.Popen[str]) -> None:
    """Ends a process that this module started, and those that it started."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()


def _earlier(path: Path) -> dict[str, Outcome]:
    """The last outcome of each notebook in a record; a line that was not written to its end is left out."""
    found: dict[str, Outcome] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, TypeError):
                outcome = Outcome(**json.loads(line))
                found[outcome.notebook] = outcome
    return found


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
