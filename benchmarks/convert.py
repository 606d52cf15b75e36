"""How long a conversion takes, from the start of the command to its end, beside `jupyter nbconvert --to script`.

    python benchmarks/convert.py [--cells 40] [--repetitions 7] [--json FILE]

Both commands read the same notebook, by turns, in new processes. nbconvert only copies the code of the cells into a
file; it is there because it is what people have, and because its time tells how fast the machine is just now.
Medians are printed. Exit code 1 where a budget is exceeded; they are for an idle machine.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUDGETS = {"nbmde run": (1.0, 200.0), "nbmde --help": (0.3, 200.0)}
"""Seconds of wall time and MB of memory."""

CELLS = Path(__file__).with_name("wines.txt")
"""The notebook as text. `# %% [KIND]` begins a cell: markdown, or code with what is recorded as its output."""


def cells() -> list[tuple[str, str]]:
    """Kind and text of the cells in `CELLS`."""
    pieces = re.split(r"^# %% \[(\w+)\]\n", CELLS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [(kind, text.strip("\n")) for kind, text in zip(pieces[1::2], pieces[2::2], strict=True)]


def notebook(count: int) -> dict[str, Any]:
    """A notebook of so many cells, as a document of nbformat 4.5; past 40 cells, the features and models once more."""
    draw = random.Random(0)
    given = cells()
    again = given[18:36]
    given = [*given[:count], *(again[number % len(again)] for number in range(count - len(given)))]
    document: list[dict[str, Any]] = []
    execution = 0
    for number, (kind, text) in enumerate(given, 1):
        code = kind != "markdown"
        cell: dict[str, Any] = {"cell_type": "code" if code else kind, "id": f"cell-{number}", "metadata": {}}
        cell["source"] = text.splitlines(keepends=True)
        if code:
            execution += 1
            recorded = [_output(kind, execution, draw)] if kind != "nothing" else []
            cell |= {"execution_count": execution, "outputs": recorded}
        document.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python", "version": "3.11.7"}}
    return {"cells": document, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _output(kind: str, execution: int, draw: random.Random) -> dict[str, Any]:
    """What a front end records: printed text, a table of pandas in text and HTML, or a figure of some 20 kB."""
    rows = [[round(draw.uniform(0, 15), 3) for _ in range(8)] for _ in range(8)]
    text = [" ".join(f"{value:8}" for value in row) + "\n" for row in rows]
    if kind == "text":
        return {"output_type": "stream", "name": "stdout", "text": text}
    if kind == "table":
        body = "".join("<tr>" + "".join(f"<td>{value}</td>\n" for value in row) + "</tr>\n" for row in rows)
        data = {"text/html": f"<table>\n{body}</table>".splitlines(keepends=True), "text/plain": text}
        return {"output_type": "execute_result", "execution_count": execution, "data": data, "metadata": {}}
    picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + draw.randbytes(20_000)).decode()
    return {"output_type": "display_data", "data": {"image/png": picture, "text/plain": ["<Figure>"]}, "metadata": {}}


def table(rows: int = 1500) -> str:
    """The data file that the notebook reads."""
    draw = random.Random(1)
    lines = ["acidity;sugar;sulphur;alcohol;colour;quality"]
    for _ in range(rows):
        numbers = (draw.uniform(4, 12), draw.uniform(1, 15), draw.uniform(5, 70), draw.uniform(8, 14))
        lines.append(";".join([*(f"{n:.2f}" for n in numbers), draw.choice(["red", "white"]), str(draw.randint(3, 9))]))
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Run:
    """One process: seconds of wall time and of CPU time with its children, and the most memory it held, in MB."""

    wall: float
    cpu: float
    memory: float


def timed(command: list[str], folder: Path) -> Run:
    """Run a command in a folder, which must succeed."""
    # compiled modules are there, as after an installation
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(cells: int, repetitions: int) -> dict[str, Run]:
    """The medians of each command. One run of each goes before, which fills the caches of the file system."""
    folder = Path(sys.executable).parent
    commands = {
        "nbmde run": [str(folder / "nbmde"), "run", "nb2project", "wines.ipynb", "-o", "project"],
        "nbconvert": [str(folder / "jupyter-nbconvert"), "--to", "script", "wines.ipynb"],
        "nbmde --help": [str(folder / "nbmde"), "--help"],
    }
    with tempfile.TemporaryDirectory(prefix="nbmde-") as place:
        work = Path(place)
        (work / "data").mkdir()
        (work / "data" / "wines.csv").write_text(table(), encoding="utf-8")
        (work / "wines.ipynb").write_text(json.dumps(notebook(cells), indent=1), encoding="utf-8")
        runs: dict[str, list[Run]] = {name: [] for name in commands}
        for repetition in range(repetitions + 1):
            for name, command in commands.items():
                shutil.rmtree(work / "project", ignore_errors=True)
                run = timed(command, work)
                if repetition:
                    runs[name].append(run)
    return {
        name: Run(*(statistics.median(getattr(run, field) for run in done) for field in ("wall", "cpu", "memory")))
        for name, done in runs.items()
    }


def main() -> int:
    """Measure, print, and compare with the budgets."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cells", type=int, default=40)
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--json", type=Path, help="write the medians to this file as well")
    arguments = parser.parse_args()
    medians = measure(arguments.cells, arguments.repetitions)
    print(f"{arguments.cells} cells, medians of {arguments.repetitions} runs")
    print(f"{'':14}{'wall s':>8}{'CPU s':>8}{'MB':>8}")
    for name, run in medians.items():
        print(f"{name:14}{run.wall:8.2f}{run.cpu:8.2f}{run.memory:8.0f}")
    ratio = medians["nbmde run"].wall / medians["nbconvert"].wall
    print(f"nbmde run takes {ratio:.2f} times as long as nbconvert")
    if arguments.json:
        values = {name: vars(run) for name, run in medians.items()}
        arguments.json.write_text(json.dumps({"cells": arguments.cells, "ratio": ratio, **values}, indent=2) + "\n")
    exceeded = [
        f"{name}: {run.wall:.2f} s and {run.memory:.0f} MB, the budget is {wall} s and {memory:.0f} MB"
        for name, run in medians.items()
        if name in BUDGETS
        for wall, memory in [BUDGETS[name]]
        if run.wall > wall or run.memory > memory
    ]
    print("\n".join(exceeded) or "within the budgets")
    return bool(exceeded)


if __name__ == "__main__":
    raise SystemExit(main())
