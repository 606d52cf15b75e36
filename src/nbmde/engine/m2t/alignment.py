"""Which lines of a text each line of the same text comes from after a formatter has broken and joined lines.

A formatter keeps what is written and its order, but for white space, quotes, parentheses and commas. So both texts are
read in step, without these.
"""

from __future__ import annotations

_CHANGED = str.maketrans("", "", " \t\f\r,()'\"\\;")
_AHEAD = 60  # lines in which the same line is looked for where the texts differ otherwise


def origins(before: str, after: str) -> list[tuple[int, ...]]:
    """For each line of a formatted text the lines that it was, from 0; blank lines are those of what follows them."""
    old, new = before.split("\n"), after.split("\n")
    if not after.strip():
        return [(0,)] * len(new)
    found = _found([_key(line) for line in old], [_key(line) for line in new])
    following: tuple[int, ...] = (len(old) - 1,)
    for number in range(len(new) - 1, -1, -1):
        if new[number].strip():
            following = found[number]
        else:
            found[number] = following[:1]
    return found


def _key(line: str) -> str:
    """Reduce a line to the characters that a formatter keeps, in lower case."""
    return line.translate(_CHANGED).lower()


def _found(old: list[str], new: list[str]) -> list[tuple[int, ...]]:
    row, rest = 0, old[0]
    found: list[tuple[int, ...]] = []
    for wanted in new:
        rows: list[int] = []
        while wanted:
            while not rest and row + 1 < len(old):
                row += 1
                rest = old[row]
            if not rest.startswith(wanted) and not wanted.startswith(
                rest
            ):  # it changed more: on with the next same line
                same = [ahead for ahead in range(row, min(row + _AHEAD, len(old))) if old[ahead] == wanted]
                row, rest = (same[0], "") if same else (row, rest)
                rows, wanted = [row], ""
                break
            if not rest:
                break
            rows.append(row)
            taken = min(len(rest), len(wanted))
            rest, wanted = rest[taken:], wanted[taken:]
        found.append(tuple(rows) or (row,))
    return found
