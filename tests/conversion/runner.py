"""Runs notebooks as a kernel does and generated projects as a person does, each in a fresh fork of this process.

    python runner.py

Reads one job a line as JSON and answers each with one line: {"stdout", "stderr", "failed"}. A job is
{"kind": "notebook", "cells": [[source, tags], ...], "folder"} or {"kind": "project", "folder"}; it runs in its folder.
What takes long to import is imported once, before the first fork.
"""

from __future__ import annotations

import asyncio  # noqa: F401
import json
import os
import runpy
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml  # noqa: F401
from IPython.core import page
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.history import HistoryManager
from IPython.core.interactiveshell import InteractiveShell

SECONDS = 60  # that a job may take


class Echo(DisplayHook):
    """Prints the value of a cell as a kernel sends it: without a prompt."""

    def write_output_prompt(self) -> None:
        """Nothing."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: object = None) -> None:
        if "text/plain" in format_dict:
            print(format_dict["text/plain"])

    def finish_displayhook(self) -> None:
        sys.stdout.flush()


class Publisher(DisplayPublisher):
    """Shows plain text as a kernel sends it."""

    def clear_output(self, wait: bool = False) -> None:
        """Nothing: what is sent is sent."""


class Shell(InteractiveShell):
    """A kernel without a front end."""

    displayhook_class = Echo
    display_pub_class = Publisher

    def _showtraceback(self, etype: object, evalue: object, stb: list[str]) -> None:
        print("\n".join(stb), file=sys.stderr)

    def enable_gui(self, gui: object = None) -> None:
        """Nothing: there is no window."""

    def init_display_formatter(self) -> None:
        """As a kernel: in all forms, not in plain text alone."""
        super().init_display_formatter()
        self.display_formatter.active_types = self.display_formatter.format_types


def notebook(cells: list[tuple[str, list[str]]]) -> bool:
    """Runs cells up to the first that fails; True if one does."""
    HistoryManager.enabled = False
    sys.path[0:1] = [""]  # a kernel finds modules in its working folder
    shell = Shell.instance()
    shell.set_hook("show_in_pager", page.as_hook(lambda *arguments, **options: None), 90)  # help is no output of a cell
    for source, tags in cells:
        if "skip-execution" in tags:
            continue
        result = shell.run_cell(source, store_history=True)
        if not result.success and "raises-exception" not in tags:
            return True
    return False


def project(folder: str) -> bool:
    """Runs the project's script; True if it fails."""
    sys.path[0:1] = [str(Path(folder, "scripts")), str(Path(folder, "src"))]
    sys.argv = ["scripts/train.py"]
    try:
        runpy.run_path("scripts/train.py", run_name="__main__")
    except SystemExit as end:
        return bool(end.code)
    return False


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Runs a job in a fork."""
    files = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(SECONDS)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # nobody types
            for number, file in enumerate(files, 1):
                os.dup2(file.fileno(), number)
            os.chdir(job["folder"])
            os.environ["HOME"] = os.environ["IPYTHONDIR"] = job["folder"]
            code = int(notebook(job["cells"]) if job["kind"] == "notebook" else project(job["folder"]))
        except BaseException as error:
            import traceback

            traceback.print_exception(error)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    texts = []
    for file in files:
        file.seek(0)
        texts.append(file.read().decode("utf-8", "replace"))
    return {"stdout": texts[0], "stderr": texts[1], "failed": status != 0}


def main() -> None:
    """Answers jobs until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in os.fdopen(os.dup(0), encoding="utf-8"):
        print(json.dumps(run(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
