"""Runs shell commands as a notebook's lines with an exclamation mark do."""

from __future__ import annotations

import os
import posixpath
import re
import shlex
import shutil
import subprocess  # runs the notebook's own commands  # nosec B404
import sys
from collections.abc import Iterator

from runtime.lines import Lines
from runtime.places import FILES

# What a notebook's kernel sets for commands: plain colours, no pager.
ENVIRONMENT = {
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
}


def run_command(command: str) -> None:
    """Runs a command in the shell and prints what it writes, while it runs; its exit code is not looked at."""
    for text in _output(_placed(command)):
        print(text, end="", flush=True)


def command_output(command: str) -> Lines:
    """Runs a command in the shell and returns the lines that it writes."""
    done = subprocess.run(  # a command of the notebook  # nosec B602 B603
        _placed(command),
        shell=True,
        executable=_shell(),
        env=os.environ | ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Lines(done.stdout.decode(errors="replace").splitlines())


def run_script(program: str, text: str, check: bool = True) -> None:
    """Feeds text to a program, as a cell in another language does, and prints what it writes.

    Raises:
        CalledProcessError: the program failed, and ``check`` is true.
    """
    try:
        done = subprocess.run(  # a program that the notebook names  # nosec B603
            shlex.split(program), input=_placed(text).encode(), capture_output=True, check=False
        )
    except FileNotFoundError:
        print(f"Couldn't find program: {shlex.split(program)[0]!r}")
        return
    sys.stdout.write(done.stdout.decode(errors="replace"))
    sys.stderr.write(done.stderr.decode(errors="replace"))
    if check:
        done.check_returncode()


def _placed(command: str) -> str:
    """The command with the files that the notebook names where they lie in the project."""
    moved = (name for name, path in FILES.items() if posixpath.normpath(name) not in (".", path))
    names = sorted((name for name in moved if "/" in name or "." in name), key=len, reverse=True)
    if not names:
        return command
    # what begins with the folder of another machine lies in the one that stands for it
    pattern = "|".join(
        re.escape(name) + (r"(?![\w.-])" if name.startswith("/") else r"(?![\w./-])")
        for name in names
    )
    return re.sub(rf"(?<![\w./-])(?:{pattern})", lambda match: FILES[match.group()], command)


def _shell() -> str | None:
    return os.environ.get("SHELL") if os.name == "posix" else None


def _output(command: str) -> Iterator[str]:
    """Run a command, and give what it writes, piece by piece."""
    if sys.platform == "win32":
        yield from ("".join(line + "\n" for line in command_output(command)),)
        return
    # A notebook gives commands a terminal of 80 columns, which many of them write differently to.
    import codecs
    import fcntl
    import pty
    import struct
    import termios

    reader, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    try:
        process = subprocess.Popen(  # a command of the notebook  # nosec B602 B603
            [shutil.which(_shell() or "sh") or "/bin/sh", "-c", command],
            env=os.environ | ENVIRONMENT,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
    finally:
        os.close(terminal)
    decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
    try:
        while True:
            try:
                piece = os.read(reader, 65536)
            except OSError:  # how Linux says that the other end is closed
                piece = b""
            yield decode(piece, final=not piece)
            if not piece:
                break
    finally:
        os.close(reader)
        process.wait()
