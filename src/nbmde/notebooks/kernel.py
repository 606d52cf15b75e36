"""Executes a notebook from its first to its last cell in a kernel of a given Python."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import threading
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from nbmde.engine.errors import NbmdeError, NotebookFails

KERNEL = "nbmde"
LONGEST_SOCKET = 80  # characters of a folder for sockets: systems allow about a hundred for the whole path


def execute(
    node: Any,
    folder: Path,
    python: Path,
    variables: dict[str, str],
    inside: str,
    work: Path,
    timeout: float,
    source: Path,
    remedy: str,
) -> None:
    """Executes the code cells of a document, which has their outputs afterwards.

    Args:
        node: the document, as nbformat reads it.
        folder: the kernel's working directory.
        variables: of the environment; `IPYTHONDIR` among them.
        inside: Python that the kernel runs first.
        work: an empty folder for files of this run.
        timeout: seconds for the whole.
        source: the notebook as the user named it, for messages.
        remedy: what to do where the notebook fails.

    Raises:
        NotebookFails: it fails, with the cell; takes too long; or the kernel dies.
        NbmdeError: the kernel does not start.
    """
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    class Client(NotebookClient):
        """Keeps what is cleared or updated later: a project's standard output keeps it too."""

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

        def on_comm_open_jupyter_widget(self, msg: Any) -> Any:
            """Nothing stands for a front end: what is shown inside an `Output` is the cell's own, as in a project."""

        @asynccontextmanager
        async def async_setup_kernel(self, **options: Any) -> AsyncGenerator[None]:
            """Signals end the process as they do without a kernel."""
            known = _signals()
            async with super().async_setup_kernel(**options):
                for number, handler in known.items():
                    with suppress(RuntimeError, NotImplementedError):
                        asyncio.get_running_loop().remove_signal_handler(number)
                    signal.signal(number, handler)
                yield

    startup = Path(variables["IPYTHONDIR"], "profile_default", "startup")
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "00-nbmde.py").write_text(inside, encoding="utf-8")
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
    spec = {"argv": arguments, "display_name": KERNEL, "language": "python"}
    (specs / KERNEL / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    manager = AsyncKernelManager(
        kernel_name=KERNEL,
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)], ensure_native_kernel=False),
        connection_file=str(work / "kernel.json"),
    )
    if os.name == "posix" and len(str(work)) < LONGEST_SOCKET:
        manager.transport = "ipc"  # nobody else can listen, and no port is taken
    quiet = logging.getLogger("nbmde.notebooks.kernel")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    deadline = time.monotonic() + timeout
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = Client(
        node,
        km=manager,
        resources={"metadata": {"path": str(folder)}},
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
        number = _failed(node)
        name, message = _error(node, number) or (error.ename, error.evalue)
        reason = f"the notebook itself fails: {name}: {_plain(message)}"
        remedy = "give a Python that has it with --python" if name == "ModuleNotFoundError" else remedy
        raise NotebookFails(reason, file=file, cell=number, remedy=remedy) from None
    except CellTimeoutError:
        reason, remedy = f"the notebook takes more than {timeout:g} s", "give more time with --timeout"
        raise NotebookFails(reason, file=file, cell=client.current, remedy=remedy) from None
    except DeadKernelError:
        raise NotebookFails("the kernel died", file=file, cell=client.current, remedy=_last_words(work)) from None
    except RuntimeError as error:
        raise NbmdeError(f"the kernel does not start: {error}", file=str(python), remedy=_last_words(work)) from error


def _signals() -> dict[signal.Signals, Any]:
    """Return the handlers of signals that end the process; none outside of the main thread, which alone sets them."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}


def run_first(path: Path, function: str, argument: Path) -> str:
    """Python that loads a file by its path (a kernel need not have nbmde) and calls a function of it."""
    return f'__import__("runpy").run_path({str(path)!r}, run_name="_nbmde_inside")[{function!r}]({str(argument)!r})\n'


def _failed(node: Any) -> int | None:
    """Number of the cell with an error that is not allowed."""
    for number, cell in enumerate(node.cells, 1):
        failed = any(output.output_type == "error" for output in cell.get("outputs", ()))
        if failed and "raises-exception" not in cell.metadata.get("tags", ()):
            return number
    return None


def _error(node: Any, number: int | None) -> tuple[str, str] | None:
    """Name and message of the last error of a cell: a kernel's reply does not tell those of values that are shown."""
    outputs = node.cells[number - 1].outputs if number else []
    errors = [(output.ename, output.evalue) for output in outputs if output.output_type == "error"]
    return errors[-1] if errors else None


def _last_words(work: Path) -> str:
    lines = (work / "kernel.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"its last words: {lines[-1][:200]}" if lines else "it said nothing"


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", " ".join(text.split()))[:300]
