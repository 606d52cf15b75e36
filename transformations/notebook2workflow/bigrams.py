"""Is a text made of words? Random characters are told by how rare their pairs of letters are in words.

A text falls into pieces where the case changes and at digits; ``secrets.toml`` says how common each pair of letters is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SYMBOL = re.compile(r"[^\w\-./: ]")
_HEXADECIMAL = re.compile(r"(?=.*\d)(?=.*[a-f])[0-9a-f]{12,}", re.I)
_BETWEEN_LETTERS = re.compile(r"[A-Za-z]\d+[A-Za-z]")
LONG = 14
"""From so many letters and digits on a text shows for certain whether it is random."""


class Words:
    """Knows how common pairs of letters are.

    Args:
        rows: for each first letter a digit for each second one: 0 for a pair that no word has, 9 for the commonest.
    """

    def __init__(self, rows: Sequence[str]) -> None:
        self.rows = [[int(digit) for digit in row] for row in rows]

    def like(self, text: str) -> bool:
        """Is a text a word, or made of some, such as a name, a path or a phrase?"""
        pieces = _PIECE.findall(text)
        runs = [run for run in re.split(r"[^A-Za-z0-9]+", text) if run]
        if _SYMBOL.search(text) or any(map(_HEXADECIMAL.fullmatch, runs)):
            return False
        size = sum(map(len, pieces))
        long = size >= LONG
        letters = [piece for piece in pieces if piece.isalpha() and len(piece) > 1]
        if not letters:
            return text.isdigit() or (len(pieces) <= 2 and not long)
        mixed = sum(bool(_BETWEEN_LETTERS.search(run)) for run in runs)
        if len(pieces) - sum(map(str.isalpha, pieces)) > 2 or mixed > (0 if long else 1):
            return False
        if size / len(pieces) < (3.2 if long else 2):
            return False
        unbroken = any(len(piece) >= LONG for piece in letters)
        return self.level(letters) >= (6 if unbroken else 5.7 if long else 4)

    def level(self, pieces: Sequence[str]) -> float:
        """How common the pairs of letters in some pieces are on average: 0 to 9."""
        levels = [
            self.rows[ord(first) - ord("a")][ord(second) - ord("a")]
            for piece in map(str.lower, pieces)
            for first, second in pairwise(piece)
        ]
        return sum(levels) / len(levels)
