"""The text that the notebook's own code writes to standard error, apart from that of libraries and other programs.

Plain Python 3.8 and its standard library alone, loaded by its path like `digest.py` beside it. Whose a text is, is told
by the code that calls `print`, a logger or `warnings.warn`: the first function on the stack that is none of these.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CELL = re.compile(r"[\\/]ipykernel_\d+[\\/][^\\/]*$|^<ipython-input")
CARRIERS = frozenset(["logging", "logging.handlers", "warnings", "_py_warnings", "traceback", "contextlib"])
EVALUATED = ("<string>", "<frozen")  # code without a file: whose it is, its caller tells


class Errors:
    """Watches `sys.stderr`.

    Args:
        places: `folders` in which files are the notebook's own; `carriers`: files there that only pass a text on;
            `programs`: files there that pass on what other programs write.
    """

    def __init__(self, places: Mapping[str, Any]) -> None:
        self.folders = tuple(places["folders"])
        self.carriers, self.programs = frozenset(places["carriers"]), frozenset(places["programs"])
        self.own: list[str] = []
        write: Any = sys.stderr.write

        def watched(text: str) -> Any:
            self.note(text, sys._getframe(1))
            return write(text)

        try:
            sys.stderr.write = watched  # type: ignore[method-assign]
        except AttributeError:  # a stream of Python's own; a kernel's stays what it is
            sys.stderr = _Watched(sys.stderr, watched)

    def taken(self) -> str:
        """Return the text that the notebook's own code has written since the last time."""
        text = "".join(self.own)
        self.own.clear()
        return text

    def note(self, text: str, frame: Any) -> None:
        """Keeps a text that is written by the call of a function."""
        if self._is_own(frame):
            self.own.append(text)

    def _is_own(self, frame: Any) -> bool:
        while frame is not None:
            file = frame.f_code.co_filename
            if file in self.programs:
                return False
            module = str(frame.f_globals.get("__name__"))
            carries = module in CARRIERS or module.startswith("IPython.") or file in self.carriers
            if not carries and not file.startswith(EVALUATED):
                return bool(CELL.search(file)) or (file.startswith(self.folders) and "site-packages" not in file)
            frame = frame.f_back
        return False


class _Watched:
    """A text stream with another way to write.

    Args:
        stream: does everything else.
        write: writes a text.
    """

    write: Any

    def __init__(self, stream: Any, write: Any) -> None:
        self.__dict__.update(_stream=stream, write=write)

    def writelines(self, texts: Any) -> None:
        for text in texts:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stream, name, value)
