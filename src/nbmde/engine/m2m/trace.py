"""Questions to traces: what was made from an element, and what an element was made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nbmde.engine.models import EObject

if TYPE_CHECKING:
    from nbmde.metamodels.trace import Link, Trace


class TraceIndex:
    """The links of one trace, or of the traces of a chain of transformations, by element.

    Args:
        traces: roots of trace models.
    """

    def __init__(self, *traces: Trace) -> None:
        self._to: dict[EObject, list[Link]] = {}
        self._from: dict[EObject, list[Link]] = {}
        for trace in traces:
            for link in trace.links:
                for target in link.targets:
                    self._to.setdefault(target, []).append(link)
                for source in link.sources:
                    self._from.setdefault(source, []).append(link)

    def links(self, element: EObject) -> list[Link]:
        """The links that lead to an element or, if no rule made it, to its nearest container that one made."""
        nearest: EObject | None = element
        while nearest is not None and nearest not in self._to:
            nearest = nearest.eContainer()
        return self._to[nearest] if nearest is not None else []

    def rules(self, element: EObject) -> list[str]:
        """Names of the rules that made an element."""
        return [link.rule for link in self.links(element)]

    def sources(self, element: EObject) -> list[EObject]:
        """Return the elements that an element was made from, one transformation back."""
        return _distinct(source for link in self.links(element) for source in link.sources)

    def targets(self, element: EObject) -> list[EObject]:
        """Return the elements that were made from an element, one transformation on."""
        return _distinct(target for link in self._from.get(element, []) for target in link.targets)

    def origins(self, element: EObject) -> list[EObject]:
        """Return the elements of the first model of the chain that an element goes back to."""
        found: list[EObject] = []
        seen: set[EObject] = set()
        stack = [element]
        while stack:
            current = stack.pop()
            if current in seen:
                continue
            seen.add(current)
            if sources := [source for source in self.sources(current) if source is not current]:
                stack.extend(reversed(sources))
            else:
                found.append(current)
        return found


def _distinct(elements: Iterable[EObject]) -> list[EObject]:
    return list(dict.fromkeys(elements))
