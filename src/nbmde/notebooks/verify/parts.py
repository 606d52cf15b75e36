"""Where two values differ: the parts, and the parts of these, whose digests are not the same.

A record (see `digest.py`) has the digests of a value's parts and, in `within`, those of the parts of its parts, as far
down as they are few. A part is named by its path: the names on the way to it from the value.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

Path = tuple[str, ...]
WHOLE: Path = ()
STEPS = 20_000  # pairs of parts that are looked at


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[Path]:
    """The deepest parts that are known to differ between two values whose digests differ; `WHOLE` if none is."""
    found: list[Path] = []
    queue: deque[tuple[Path, Any, Any]] = deque([(WHOLE, one.get("parts"), other.get("parts"))])
    steps = 0
    while queue:
        path, parts, others = queue.popleft()
        changed: list[str] = []
        if parts is not None and others is not None and parts.keys() == others.keys():
            changed = [part for part in parts if parts[part] != others[part]]
        steps += len(changed)
        if not changed or steps > STEPS:
            found.append(path)
            continue
        for part in changed:
            below = one.get("within", {}).get(parts[part]), other.get("within", {}).get(others[part])
            queue.append(((*path, part), *below))
    return found


def beside(paths: Iterable[Path], unstable: Iterable[Path]) -> list[Path]:
    """The paths that neither are nor lie within an unstable one."""
    known = set(unstable)
    return [path for path in paths if not any(path[:length] in known for length in range(len(path) + 1))]


def described(one: Mapping[str, Any], other: Mapping[str, Any], paths: Iterable[Path]) -> str:
    """How two values differ in some parts, for a person."""
    changed, missing, added = [], [], []
    for path in paths:
        parts, others = _at(one, path), _at(other, path)
        if parts is None or others is None or parts.keys() == others.keys():
            changed.append(spelled(path) or ("the order" if parts and others else "the values"))
            continue
        changed += [spelled((*path, part)) for part in parts if part in others and parts[part] != others[part]]
        missing += [spelled((*path, part)) for part in parts if part not in others]
        added += [spelled((*path, part)) for part in others if part not in parts]
    told = ((changed, "differ"), (missing, "missing in the project"), (added, "in the project only"))
    pieces = [f"{some(names)} {verb}" for names, verb in told if names]
    return ", ".join(pieces).replace("the order differ", "the order differs")


def _at(record: Mapping[str, Any], path: Path) -> Mapping[str, str] | None:
    """The parts of the part at a path; None if they are not known."""
    parts: Mapping[str, str] | None = record.get("parts")
    for name in path:
        if parts is None or name not in parts:
            return None
        parts = record.get("within", {}).get(parts[name])
    return parts


def spelled(path: Path) -> str:
    """A path as Python would get there, about: `_results.scale`, `['mean']`, `steps[0], column 'age'`."""
    text = ""
    for name in path:
        if not text:
            text = name.removeprefix(".")
        elif name.startswith((".", "[")):
            text += name
        else:
            text += f".{name}" if name.isidentifier() else f", {name}"
    return text


def some(names: Iterable[str], most: int = 4) -> str:
    """The first of some names, and how many more there are."""
    known = list(names)
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")
