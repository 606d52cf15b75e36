"""The lines that a command wrote, as a notebook gives them: a list that can be searched, cut and sorted like a table."""

from __future__ import annotations

import builtins
import os
import re
from collections.abc import Callable
from pathlib import Path


def _column(line: str, number: int) -> str:
    """One column of a line; empty where it has not so many."""
    parts = line.split()
    return parts[number] if -len(parts) <= number < len(parts) else ""


class Lines(list[str]):
    """A list of lines; columns are what white space separates."""

    def grep(
        self, pattern: str | Callable[[str], object], prune: bool = False, field: int | None = None
    ) -> Lines:
        """The lines that fit.

        Args:
            pattern: a regular expression that is searched for, in small or capital letters, or a condition.
            prune: the lines that do not fit instead.
            field: number of the column to look at; the whole line if None.
        """

        def fits(line: str) -> bool:
            text = line if field is None else _column(line, field)
            return bool(
                re.search(pattern, text, re.IGNORECASE)
                if isinstance(pattern, str)
                else pattern(text)
            )

        return Lines(line for line in self if fits(line) != bool(prune))

    def fields(self, *numbers: int) -> builtins.list[str] | builtins.list[builtins.list[str]]:
        """Some columns of each line that has them, joined by spaces; without numbers all columns, as lists."""
        if not numbers:
            return [line.split() for line in self]
        rows = ([part for number in numbers if (part := _column(line, number))] for line in self)
        return Lines(" ".join(row) for row in rows if row)

    def sort(self, field: int | None = None, nums: bool = False) -> Lines:  # type: ignore[override]
        """The lines in order.

        Args:
            field: number of the column that decides; the whole line if None.
            nums: whether numbers decide: what is none counts as 0, and of a whole line all digits make one number.
        """

        def text(line: str) -> str:
            return line if field is None else _column(line, field)

        def number(line: str) -> int:
            digits = "".join(filter(str.isdigit, line)) if field is None else text(line)
            return int(digits) if digits.isdigit() else 0

        if nums:
            return Lines(sorted(self, key=lambda line: (number(line), line)))
        return Lines(sorted(self, key=lambda line: (text(line), line)))

    @property
    def n(self) -> str:
        """The whole text."""
        return "\n".join(self)

    @property
    def s(self) -> str:
        """The lines with spaces between them."""
        return " ".join(self)

    @property
    def p(self) -> builtins.list[Path]:
        """The lines that are paths of something that exists."""
        return [Path(line) for line in self if os.path.exists(line)]

    @property
    def l(self) -> Lines:  # noqa: E743
        """The list itself."""
        return self

    nlstr, spstr, paths, list = n, s, p, l
