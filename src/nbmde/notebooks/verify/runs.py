"""Common ground of both runs of a verification: their environment, and what is known of each cell afterwards."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.verify.written import pixels

WIDGET = "application/vnd.jupyter.widget-view+json"
SVG = "svg"  # in the place of a digest: the text of such a picture differs from run to run
UNRENDERED = ""  # in the place of a digest: the kernel only says that there is a figure
INSIDE = Path(__file__).with_name("probe.py")

# One thread and one process, unless the user says otherwise: sums of floating-point numbers then come out the same in
# every run, and what several processes print comes in the same order.
SINGLE = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
FIXED = {
    "COLUMNS": "80",
    "LINES": "24",
    "PYTHONIOENCODING": "utf-8:surrogatepass",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PIP_NO_INDEX": "1",  # nothing is installed
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_DETERMINISTIC_OPS": "1",
}
# For the second run of a notebook: glibc fills memory that it hands out (mallopt(3), M_PERTURB), so that what was never
# written to, as the buffers of `numpy.empty`, differs from the first run for sure instead of by chance.
PERTURBED = MappingProxyType({"MALLOC_PERTURB_": "165"})
# What a person's own set-up must not change in one of the runs alone.
UNSET = ("PYTHONSTARTUP", "PYTHONHOME", "PYTHONBREAKPOINT", "MPLBACKEND", "PYTHONINSPECT", "PYTHONUNBUFFERED")


@dataclass
class Passage:
    """A statement has run in the project.

    Attributes:
        number: of the statement.
        text, errors: how long these of its cell were behind it, in characters.
    """

    number: int
    file: str
    line: int
    function: str
    text: int
    errors: int

    @property
    def place(self) -> tuple[str, int, str]:
        """File, line and function."""
        return self.file, self.line, self.function


@dataclass
class CellRun:
    """The behaviour of a cell in one of the runs.

    Attributes:
        text: what it printed, and the plain text of what it showed.
        pictures: digests of its pictures.
        shown: kinds (MIME types) of what it showed that is neither text nor a picture.
        outside: in the project: files outside of its folder that it opened to write.
        widgets: plain texts, as far as a widget has one, in the order in which they were shown.
        variables: records of its variables at its end, as `digest` describes them.
        generators: digests of the states of the global random generators at its end.
        options: of libraries, at its end: digest, whether it is another one than at first, and a text.
        files: records of the files that it wrote, as `written` describes them; None for one that it removed.
        fault: why its variables are not known, if they are not.
        omitted: numbers of the expressions that printed something and are no part of the project.
        errors: what the notebook's own code wrote to standard error; `complaints`: all that came there.
        passages: in the project: behind each of its statements.
        rereads: until its end, a file was read that had been written in the run.
    """

    text: str = ""
    errors: str = ""
    complaints: str = ""
    pictures: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    widgets: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    generators: dict[str, str] = field(default_factory=dict)
    options: dict[str, tuple[str, bool, str]] = field(default_factory=dict)
    files: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    fault: str = ""
    omitted: list[int] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    rereads: bool = False


def environment(seed: int, folder: Path) -> dict[str, str]:
    """Environment variables for both processes.

    Args:
        folder: for what they write of their own.
    """
    variables = {name: value for name, value in os.environ.items() if name not in UNSET}
    variables |= {name: os.environ.get(name, "1") for name in SINGLE} | FIXED
    return {**variables, "PYTHONHASHSEED": str(seed % 2**32), "IPYTHONDIR": str(folder / "ipython")}


def check_python(python: Path) -> str:
    """The version of an interpreter that can run a notebook.

    Raises:
        NbmdeError: it does not start, or has no ipykernel.
    """
    command = [str(python), "-c", "import sys, ipykernel; print('.'.join(map(str, sys.version_info[:3])))"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NbmdeError(f"does not start: {error}", file=str(python), remedy="give a Python with --python") from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        remedy = f"{python} -m pip install ipykernel"
        raise NbmdeError(f"cannot run a notebook: {reason}", file=str(python), remedy=remedy)
    return done.stdout.strip()


def picture_digest(content: bytes) -> str:
    """A digest of a picture; in a PNG, of its pixels alone, behind its size."""
    shown = pixels(content)
    size = ""
    if content.startswith(b"\x89PNG"):
        size = f"{int.from_bytes(shown[:4], 'big')} x {int.from_bytes(shown[4:8], 'big')} pixels, "
    return size + hashlib.blake2b(shown, digest_size=16).hexdigest()
