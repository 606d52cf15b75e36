"""Runs a generated project's `scripts/train.py` with marks, and tells what each cell's statements did there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.verify.places import Places
from nbmde.notebooks.verify.runs import INSIDE, SVG, CellRun, Passage, picture_digest

SCRIPT = "scripts/train.py"
OWN_FILES = r"logs/.*|outputs/(?:report\.html|train\.log|plotly\.min\.js|figures/[^/]*-\d+\.\w+)"
"""Files that a project writes of itself: a regular expression for paths from its folder."""


@dataclass
class Failure:
    """Why the project did not get to its end.

    Attributes:
        reason: the exception, or what happened to the process.
        error: name of the exception's class; empty where there is none.
        file, line, function: the innermost place in the project's own code; empty if it is not known.
        cell: the cell that was being run; 0 if none.
    """

    reason: str
    file: str = ""
    line: int = 0
    function: str = ""
    cell: int = 0
    error: str = ""


@dataclass
class ProjectRun:
    """The run of a project.

    Attributes:
        cells: by position of the cell.
        before: what was printed before the first function ran.
        calls: the functions in the order in which they ran: (file, function, file and line of the call).
        timed_out: it was ended because it took too long.
        raised: the exception that was told last: name of its class, message and the places that it came through.
    """

    cells: dict[int, CellRun] = field(default_factory=dict)
    before: str = ""
    calls: list[tuple[str, str, str, int]] = field(default_factory=list)
    failure: Failure | None = None
    raised: tuple[str, str, list[tuple[str, int, str]]] | None = None
    timed_out: bool = False


@dataclass
class Running:
    """A project that is running.

    Attributes:
        work: folder with the files of this run; folder: the copy of the project.
        deadline: when it has to have ended, on the monotonic clock, in seconds.
    """

    process: subprocess.Popen[bytes]
    folder: Path
    work: Path
    places: Places
    timeout: float
    deadline: float

    def result(self) -> ProjectRun:
        """Wait for the run until it ends or its time is over, and return it."""
        try:
            code, reason = self.process.wait(max(0, self.deadline - time.monotonic())), ""
        except subprocess.TimeoutExpired:
            _kill(self.process)
            code, reason = -1, f"takes more than {self.timeout:g} s"
        result = _result(self.work, self.folder)
        result.timed_out = bool(reason)
        if code:
            result.failure = _failure(self.folder, self.places, result, reason or _ending(code, self.work / "stderr"))
        return result


@contextmanager
def running(
    folder: Path,
    places: Places,
    python: Path,
    variables: dict[str, str],
    told: dict[str, Any],
    work: Path,
    timeout: float,
) -> Iterator[Running]:
    """Runs the copy of a project in the background; it is ended where what is done inside ends.

    Args:
        folder: the copy, in a folder of the temporary one of the verification.
        variables: of the environment.
        told: what `inside.run_project` is told; what concerns the project is added.
        work: an empty folder for files of this run.
        timeout: seconds.
    """
    script = folder / SCRIPT
    if not script.is_file():
        raise NbmdeError("has no such file", file=SCRIPT, remedy="generate the project again")
    told = {
        **told,
        "record": str(work / "record.jsonl"),
        "script": str(script),
        "arguments": ["--no-model"] if places.project.service is not None else [],
        "folder": str(folder),
        "around": str(folder.parent.parent),
        "package": places.package,
        "driver": places.driver,
        "state": places.state,
        "statements": places.by_file(),
        "constants": {str(cell): places.modules_of(cell) for cell in places.constants},
        "called": places.called_so,
        "by_function": places.by_function,
    }
    (work / "told.json").write_text(json.dumps(told), encoding="utf-8")
    (work / "record.jsonl").touch()
    path = os.pathsep.join(filter(None, [str(folder / "src"), variables.get("PYTHONPATH")]))
    with (work / "stdout").open("ab") as stdout, (work / "stderr").open("wb") as stderr:
        try:
            process = subprocess.Popen(
                [str(python), str(INSIDE), str(work / "told.json")],
                cwd=folder,
                env={**variables, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise NbmdeError(f"does not start: {error}", file=str(python)) from error
        try:
            yield Running(process, folder, work, places, timeout, time.monotonic() + timeout)
        finally:
            if process.poll() is None:
                _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that this module started, and those that it started."""
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _ending(code: int, stderr: Path) -> str:
    """How a process ended, with its last words."""
    ending = f"ended with exit code {code}"
    if code < 0:
        with suppress(ValueError):
            ending = f"was ended by {signal.Signals(-code).name}"
    lines = [line for line in stderr.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return f"{ending}: {lines[-1]}" if lines else ending


def _result(work: Path, folder: Path) -> ProjectRun:
    """Put together by cell what was recorded."""
    result = ProjectRun()
    written, complained = ((work / name).read_bytes() for name in ("stdout", "stderr"))
    pictures = sorted((folder / "outputs" / "figures").glob("figure-*"))
    done = {"written": 0, "complained": 0, "pictures": 0}
    current: CellRun | None = None
    outside: dict[str, None] = {}
    lines = (work / "record.jsonl").read_text(encoding="utf-8", errors="surrogatepass").splitlines()
    for line in lines:
        mark = json.loads(line)
        if "failed" in mark:
            if mark["ends"] and (result.raised is None or mark["failed"] != SystemExit.__name__):
                result.raised = mark["failed"], mark["message"], [tuple(frame) for frame in mark["frames"]]
            continue
        if "outside" in mark:
            outside[mark["outside"]] = None
            continue
        if "constants" in mark:
            constants = CellRun(variables=mark["variables"], fault=mark.get("fault", ""))
            result.cells[mark["constants"]] = constants
            continue
        run = CellRun(errors=mark["errors"])
        if mark["statement"]:
            run.outside, outside = list(outside), {}
        run.text = written[done["written"] : mark["written"]].decode("utf-8", "replace")
        run.complaints = complained[done["complained"] : mark["complained"]].decode("utf-8", "replace")
        new = pictures[done["pictures"] : mark["pictures"]]
        run.pictures = [SVG if path.suffix == ".svg" else picture_digest(path.read_bytes()) for path in new]
        done |= {name: max(done[name], mark[name]) for name in done}
        if not mark["statement"]:  # what is printed between functions belongs to what ran before
            result.calls.append((mark["file"], mark["function"], *mark["called"]))
            _add(result, current, run)
            continue
        current = result.cells.setdefault(mark["cell"], CellRun())
        _add(result, current, run)
        lengths = len(current.text), len(current.errors)
        current.passages.append(Passage(mark["statement"], mark["file"], mark["line"], mark["function"], *lengths))
        if mark["ends"]:
            current.variables |= mark["variables"]
            current.files |= mark["files"]
            current.rereads = mark["rereads"]
            current.options = mark["options"]
            current.generators, current.fault = mark["generators"], current.fault or mark.get("fault", "")
    _add(result, current, CellRun(text=written[done["written"] :].decode("utf-8", "replace")))
    return result


def _add(result: ProjectRun, current: CellRun | None, run: CellRun) -> None:
    if current is None:
        result.before += run.text
        return
    current.text += run.text
    current.errors += run.errors
    current.complaints += run.complaints
    current.outside += run.outside
    current.pictures += run.pictures


def _failure(folder: Path, places: Places, result: ProjectRun, ending: str) -> Failure:
    """Find what went wrong: the exception that ended it, at the innermost place in the project's own code."""
    if result.raised is None or result.timed_out:
        return Failure(ending[:400])
    error, message, found = result.raised
    frames = [
        (Path(file).relative_to(folder).as_posix(), line, function)
        for file, line, function in found
        if Path(file).is_relative_to(folder)
    ]
    reason = f"{error}: {message}"[:400] if message else error
    own = [frame for frame in frames if frame[0] in places.by_file()] or frames
    if not own:
        return Failure(reason, error=error)
    cells = [
        place.cell
        for path, number, _ in reversed(frames)
        for place in places.places
        if place.file == path and place.first <= number <= place.last
    ]
    return Failure(reason, *own[-1], cells[0] if cells else 0, error)
