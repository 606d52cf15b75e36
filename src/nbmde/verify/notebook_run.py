"""Runs a notebook from its first to its last cell in a kernel of a given Python, and tells what each cell did."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import time
from pathlib import Path
from typing import Any

from nbmde.errors import NbmdeError, NotebookFails
from nbmde.inject import document
from nbmde.verify.copies import Copy
from nbmde.verify.runs import INSIDE, SVG, UNRENDERED, CellRun, picture_digest
from nbmde.verify.text import FIGURE

KERNEL = "nbmde-verify"
LONGEST_SOCKET = 80  # characters of a folder for sockets: systems allow about a hundred for the whole path
PICTURES = ("image/png", "image/jpeg")
TEXTS = ("text/html", "text/latex", "text/markdown", "text/plain", "image/svg+xml")


def run(
    copy: Copy, python: Path, variables: dict[str, str], told: dict[str, Any], work: Path, timeout: float, source: Path
) -> tuple[dict[int, CellRun], float]:
    """Runs the copy of a notebook.

    Args:
        variables: of the environment.
        told: what `inside.watch_kernel` is told; the cells are added.
        work: an empty folder for files of this run.
        timeout: seconds for the whole.
        source: the notebook as the user named it, for messages.

    Returns:
        What each code cell did, by its position in the document from 1; and how many seconds it took, without those for
        the record.

    Raises:
        NotebookFails: it fails, with the cell; takes too long; or the kernel dies.
        NbmdeError: the kernel does not start.
    """
    node = document.read(copy.notebook).node
    cells = [n for n, cell in enumerate(node.cells, 1) if cell.cell_type == "code" and cell.source.strip()]
    told = {**told, "cells": cells, "record": str(work / "record.jsonl")}
    (work / "told.json").write_text(json.dumps(told), encoding="utf-8")
    startup = Path(variables["IPYTHONDIR"], "profile_default", "startup")
    startup.mkdir(parents=True, exist_ok=True)
    call = f'__import__("runpy").run_path({str(INSIDE)!r}, run_name="_nbmde_inside")["watch_kernel"]'
    (startup / "00-nbmde.py").write_text(f"{call}({str(work / 'told.json')!r})\n", encoding="utf-8")
    begin = time.monotonic()
    _execute(node, copy, python, variables, work, timeout, source)
    seconds = time.monotonic() - begin
    runs = {number: _cell_run(node.cells[number - 1]) for number in cells}
    for line in (work / "record.jsonl").read_text(encoding="utf-8", errors="surrogatepass").splitlines():
        entry = json.loads(line)
        seconds -= entry["seconds"]
        if entry["cell"] in runs:
            run = runs[entry["cell"]]
            run.variables, run.generators, run.files = entry["variables"], entry["generators"], entry["files"]
            run.fault = entry.get("fault", "")
    return runs, seconds


def _execute(
    node: Any, copy: Copy, python: Path, variables: dict[str, str], work: Path, timeout: float, source: Path
) -> None:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    class Client(NotebookClient):
        """Keeps what is cleared or updated later: the project's standard output keeps it too."""

        current = 0  # position of the cell that is run

        async def async_execute_cell(self, cell: Any, cell_index: int, *rest: Any, **options: Any) -> Any:
            self.current = cell_index + 1
            return await super().async_execute_cell(cell, cell_index, *rest, **options)

        def clear_output(self, outs: Any, msg: Any, cell_index: int) -> None:
            pass

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            if msg["msg_type"] == "update_display_data":
                msg["msg_type"] = msg["header"]["msg_type"] = "display_data"
                msg["content"]["transient"] = {}
            return super().process_message(msg, cell, cell_index)

    specs = work / "kernels"
    (specs / KERNEL).mkdir(parents=True)
    arguments = [
        str(python),
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--HistoryManager.hist_file=:memory:",
    ]
    spec = {"argv": arguments, "display_name": "verify", "language": "python"}
    (specs / KERNEL / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    manager = AsyncKernelManager(
        kernel_name=KERNEL,
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)], ensure_native_kernel=False),
        connection_file=str(work / "kernel.json"),
    )
    if os.name == "posix" and len(str(work)) < LONGEST_SOCKET:
        manager.transport = "ipc"  # nobody else can listen, and no port is taken
    quiet = logging.getLogger("nbmde.verify.kernel")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    deadline = time.monotonic() + timeout
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = Client(
        node,
        km=manager,
        resources={"metadata": {"path": str(copy.notebook.parent)}},
        timeout_func=lambda cell: max(1, int(deadline - time.monotonic())),
        startup_timeout=max(60, int(timeout)),
        shutdown_kernel="immediate",
        record_timing=False,
    )
    client.log = manager.log = quiet
    client.owns_km = True  # it is shut down at the end, whatever happens
    file = str(source)
    try:
        with (work / "kernel.log").open("wb") as log:
            client.execute(env=variables, stdout=log, stderr=log)
    except CellExecutionError as error:
        reason = f"the notebook itself fails: {error.ename}: {_plain(error.evalue)}"
        missing = error.ename == "ModuleNotFoundError"
        remedy = "give a Python that has it with --python" if missing else "nothing was compared; repair it first"
        raise NotebookFails(reason, file=file, cell=_failed(node), remedy=remedy) from None
    except CellTimeoutError:
        reason, remedy = f"the notebook takes more than {timeout:g} s", "give more time with --timeout"
        raise NotebookFails(reason, file=file, cell=client.current, remedy=remedy) from None
    except DeadKernelError:
        raise NotebookFails("the kernel died", file=file, cell=client.current, remedy=_last_words(work)) from None
    except RuntimeError as error:
        raise NbmdeError(f"the kernel does not start: {error}", file=str(python), remedy=_last_words(work)) from error


def _cell_run(cell: Any) -> CellRun:
    """What a cell printed and showed."""
    result = CellRun()
    for output in cell.outputs:
        if output.output_type == "stream":
            result.text += output.text if output.name == "stdout" else ""
        elif output.output_type in ("execute_result", "display_data"):
            result.pictures += [
                picture_digest(base64.b64decode(output.data[kind])) for kind in PICTURES if kind in output.data
            ]
            result.pictures += [SVG for kind in output.data if kind == "image/svg+xml"]
            if not any(kind.startswith("image/") for kind in output.data):
                axes = FIGURE.findall(f"{output.data.get('text/plain', '')}\n")
                result.pictures += [UNRENDERED for count in axes if int(count)]  # an empty figure has no picture
            result.shown |= {kind for kind in output.data if kind not in (*PICTURES, *TEXTS)}
            plain = output.data.get("text/plain")
            if plain is not None:
                result.text += f"{plain}\n"
    return result


def _failed(node: Any) -> int | None:
    """Number of the cell with an error that is not allowed."""
    for number, cell in enumerate(node.cells, 1):
        failed = any(output.output_type == "error" for output in cell.get("outputs", ()))
        if failed and "raises-exception" not in cell.metadata.get("tags", ()):
            return number
    return None


def _last_words(work: Path) -> str:
    lines = (work / "kernel.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"its last words: {lines[-1][:200]}" if lines else "it said nothing"


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", " ".join(text.split()))[:300]
