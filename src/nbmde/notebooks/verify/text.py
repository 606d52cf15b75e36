"""Differences that do not count in printed text: memory addresses, measured times, the present day, colours."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
FIGURE = re.compile(r"^<Figure size [\d.]+x[\d.]+ with (\d+) Axes>\n", re.MULTILINE)  # its picture is compared
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
TIMING = re.compile(
    r"^(?:CPU times: .*|Wall time: .*|.*\S (?:ns|us|µs|μs|ms|s|min) ± .* per loop \(.*|Compiler *: .*)$", re.MULTILINE
)
# Times that libraries print while they fit: scikit-learn's and joblib's with verbose, those of progress bars.
MEASURED = re.compile(
    r"(?<=total time=)\s*[\d.]+ ?\w+|(?<=elapsed:)\s*[\d.]+ ?\w+|(?<=remaining:)\s*[\d.]+ ?\w+"
    r"|\b(?:\d+s )?[\d.]+(?:us|µs|ms|s)/(?:step|epoch|sample|it)\b|\[\d+:\d\d(?::\d\d)?<[^\]\n]*\]"
)
WAITED = re.compile(r"(\bcurl: \(\d+\) .* after )\d+ ms\b")  # how long a program tried to reach a server
# LightGBM measures which of two ways is faster, and says so.
CHOICE = re.compile(
    r"^\[LightGBM\] \[Info\] Auto-choosing .*\n(?:You can set .*\n)?(?:And if memory .*\n)?", re.MULTILINE
)
CLOCK = re.compile(r"\b(\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?\b")
CELL_FILE = re.compile(r"\S*/ipykernel_\d+/\d+\.py|<ipython-input-[\w-]+>")
WARNING = re.compile(r"^\S.*?:\d+: (\w+: .*)\n(?:  \S.*(?:\n|\Z))?", re.MULTILINE)
FRAME = re.compile(r"^ *File \".*\", line \d+, in .*\n(?:    .*\n)*", re.MULTILINE)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def normalised(text: str, spelled: Callable[[str], str], begin: datetime, end: datetime) -> str:
    """A text without what differs from run to run.

    Args:
        spelled: replaces the places of files.
        begin, end: of the run, in UTC: the dates and clock times between them are masked, local ones too.
    """
    text = ESCAPE_SEQUENCE.sub("", text.replace("\r\n", "\n"))
    text = CHOICE.sub("", FIGURE.sub("", text))
    text = CELL_FILE.sub("<cell>", spelled(text))
    text = ADDRESS.sub("0x…", text)
    text = WAITED.sub(r"\1<time>", MEASURED.sub("<time>", TIMING.sub("<time>", text)))
    for day in {moment.astimezone(zone).date() for moment in (begin, end) for zone in (UTC, None)}:
        for form in (
            "%Y-%m-%d",
            "%d/%m/%Y",
            "%m/%d/%Y",
            "%a, %d %b %Y",
            "%d %b %Y",
            "%b %d, %Y",
            "%B %d, %Y",
            "%Y%m%d",
        ):
            text = text.replace(day.strftime(form), "<date>")
    return CLOCK.sub(lambda match: "<clock>" if _between(match, begin, end) else match.group(), text)


def complained(text: str) -> str:
    """Normalise text from standard error: without the places of warnings and functions, and the code there."""
    return WARNING.sub(r"<place>: \1\n", FRAME.sub("  <frame>\n", text))


def _between(match: re.Match[str], begin: datetime, end: datetime) -> bool:
    """Whether a clock time lies in a run, with some seconds around it."""
    hours, minutes, seconds = (int(part) for part in match.groups())
    margin = timedelta(seconds=5)
    for zone in (UTC, None):
        first, last = (begin - margin).astimezone(zone), (end + margin).astimezone(zone)
        time = first.replace(microsecond=0)
        if hours < 24 and minutes < 60 and seconds < 60:
            moment = time.replace(hour=hours, minute=minutes, second=seconds)
            if first <= moment <= last or first <= moment + timedelta(days=1) <= last:
                return True
    return False


def equal(one: str, other: str, tolerance: float) -> bool:
    """Whether two texts are equal, or differ only in numbers, and these by no more than a relative tolerance.

    The last digit that is printed may differ by one as well: it is rounded.
    """
    if one == other:
        return True
    if not tolerance or NUMBER.sub("#", " ".join(one.split())) != NUMBER.sub("#", " ".join(other.split())):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(_close(a, b, tolerance) for a, b in pairs if a != b)


def _close(one: str, other: str, tolerance: float) -> bool:
    a, b = float(one), float(other)
    return math.isclose(a, b, rel_tol=tolerance, abs_tol=1.01 * max(_unit(one), _unit(other)))


def _unit(number: str) -> float:
    """The value of one in the last digit of a printed number; 0 for integers, which are printed exactly."""
    mantissa, _, exponent = number.lower().partition("e")
    _, point, digits = mantissa.partition(".")
    if not point and not exponent:
        return 0.0
    return float(10.0 ** (int(exponent or 0) - len(digits)))


def unstable_lines(one: str, other: str) -> list[tuple[int, int]]:
    """Which lines of a text differ from another run's: pairs of the first line and the one behind the last, from 0."""
    return [(a, b) for kind, a, b, _, _ in _changes(one.split("\n"), other.split("\n")) if kind != "equal"]


def joined(lines: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs of a first line and the one behind the last, with those that touch or overlap as one."""
    result: list[tuple[int, int]] = []
    for begin, end in sorted(lines):
        if result and begin <= result[-1][1]:
            begin, end = result[-1][0], max(end, result.pop()[1])
        result.append((begin, end))
    return result


def lines_of(text: str, parts: Iterable[str]) -> list[tuple[int, int]]:
    """Which lines of a text are those of parts of it that follow each other: pairs as `unstable_lines` gives them."""
    found, position = [], 0
    for part in parts:
        begin = text.find(part, position)
        if begin >= 0:
            position = begin + len(part)
            found.append((text.count("\n", 0, begin), text.count("\n", 0, position)))
    return found


def equal_elsewhere(one: str, other: str, unstable: list[tuple[int, int]], tolerance: float) -> bool:
    """Whether two texts are equal but for the lines of the first one that are unstable.

    How much white space there is does not count: it may depend on what stands in the unstable lines.
    """
    first, second = ([" ".join(line.split()) for line in text.split("\n")] for text in (one, other))
    aligned = ([NUMBER.sub("#", line) if tolerance else line for line in lines] for lines in (first, second))

    def excused(begin: int, end: int) -> bool:
        return any(a <= begin and end <= b for a, b in unstable)

    return all(
        all(excused(a + n, a + n + 1) or equal(first[a + n], second[c + n], tolerance) for n in range(b - a))
        if kind == "equal"
        else excused(a, b)
        for kind, a, b, c, _ in _changes(*aligned)
    )


def _changes(one: list[str], other: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
