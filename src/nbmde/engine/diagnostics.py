"""Says something of a model or of a file: one class, whoever says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EObject, label

SEVERITIES = ("error", "warning", "information")
"""With an error nothing is made; a warning is advice; information is in the model and the README only."""


@dataclass(frozen=True)
class Fix:
    """How an element can be changed so that a diagnostic is gone.

    Attributes:
        title: what it does, as one would say it to somebody: "Take the name of its symbol".
        do: changes the element.
        automatic: whether it is done whenever something is generated from a model, as what it sets follows from the
            rest of the model.
    """

    title: str
    do: Callable[[Any], Any]
    automatic: bool = False

    @property
    def file(self) -> str:
        """The file of the function."""
        return self.do.__code__.co_filename

    @property
    def line(self) -> int:
        """The first line of the function in its file."""
        return self.do.__code__.co_firstlineno


@dataclass(frozen=True)
class Diagnostic:
    """Something to say.

    Attributes:
        code: by which programs know it, and `nbmde explain` explains it: that of a finding, or the name of the
            constraint or of the rule that says it.
        severity: one of `SEVERITIES`.
        message: for people; may be worded anew at any time.
        element: what it is about; None for a file or the whole of a model.
        file: that the user named; None as long as only the element is known.
        cell, line: in the file, from 1; 0 for none.
        remedy: what to do about it.
        fix: what can be done about it automatically.
    """

    code: str
    severity: str
    message: str
    element: EObject | None = None
    file: str | None = None
    cell: int = 0
    line: int = 0
    remedy: str | None = None
    fix: Fix | None = None

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity {self.severity!r} is none of {', '.join(SEVERITIES)}")

    def at(self, file: str) -> Diagnostic:
        """The same with its file, and with the cell and line that its element comes from where none are known."""
        cell, line = (self.cell, self.line) if self.cell or self.line else _place(self.element)
        return replace(self, file=file, cell=cell, line=line)

    def as_error(self) -> NbmdeError:
        """An error that says the same."""
        about = f"{label(self.element)}: " if self.element is not None else ""
        code = f" [{self.code}]" if self.code else ""
        text = f"{about}{self.message}{code}"
        return NbmdeError(text, file=self.file, cell=self.cell, line=self.line, remedy=self.remedy)

    def __str__(self) -> str:
        return f"{self.severity}: {self.as_error()}"


class Refused(NbmdeError):
    """A model that must not be used, with all that is wrong with it."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        first = diagnostics[0].as_error()
        super().__init__(first.reason, file=first.file, cell=first.cell, line=first.line, remedy=first.remedy)


def errors(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Those among some diagnostics with which nothing is made."""
    return [one for one in diagnostics if one.severity == "error"]


def _place(element: EObject | None) -> tuple[int, int]:
    """Cell and line of what an element comes from; 0 where neither it, its statement nor what holds it tells."""
    while element is not None:
        for one in (element, getattr(element, "statement", None)):
            if cell := getattr(one, "cellNumber", None) or getattr(one, "position", None):
                return cell, getattr(one, "firstLine", None) or getattr(one, "line", None) or 0
        element = element.eContainer()
    return 0, 0
