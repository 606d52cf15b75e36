"""Errors that are shown to a person: what is wrong, where, and what to do."""

from __future__ import annotations


class NbmdeError(Exception):
    """Input that is refused, with its place and a remedy.

    Args:
        reason: what is wrong, one sentence.
        file: the file it is in, as the user named it.
        cell: number of the cell in document order, from 1.
        line: line in that cell or file, from 1.
        remedy: what the user can do about it, one sentence.
    """

    def __init__(
        self,
        reason: str,
        *,
        file: str | None = None,
        cell: int | None = None,
        line: int | None = None,
        remedy: str | None = None,
    ) -> None:
        self.reason, self.file, self.cell, self.line, self.remedy = reason, file, cell, line, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        places = (self.file, f"cell {self.cell}" if self.cell else None, f"line {self.line}" if self.line else None)
        place = ", ".join(place for place in places if place)
        text = f"{place}: {self.reason}" if place else self.reason
        return f"{text} ({self.remedy})" if self.remedy else text


class NotebookFails(NbmdeError):
    """A notebook that does not run to its end itself."""
