"""Class diagrams of metamodels as SVG: from left to right, what contains or generalises before what it contains.

The layout is the layered one of Sugiyama, Tagawa and Toda (1981): links that would close a cycle are left out, each
class is put into the layer after the last of its predecessors, long links bend at a point in each layer that they pass,
and the classes and points of a layer are ordered by the mean height of their neighbours. Containment and inheritance
are drawn; other references are rows in the boxes, as they would cross everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

from nbmde.engine.models import EClass, Metamodel

ROW, HEADER, MARGIN, GAP, CHANNEL = 15, 24, 16, 16, 84  # pixels
CHARACTER = 6.1  # mean width of a character at 11 pixels
CROWD = 4  # lines to a class from more others are not drawn: the boxes name it

STYLE = """
text { font: 11px Helvetica, Arial, sans-serif; fill: #1f2328 }
.name { font-weight: bold; font-size: 12px } .abstract { font-style: italic } .super { fill: #59636e }
.box { fill: #fff; stroke: #59636e } .head { fill: #ddf4ff; stroke: #59636e } .empty { fill: #f6f8fa; stroke: #59636e }
.link { fill: none; stroke: #59636e } .part { fill: #59636e; stroke: #59636e } .kind { fill: #fff; stroke: #59636e }
"""


@dataclass(eq=False)
class _Box:
    """A class: its rows of text, and the place of its upper left corner; or, without a class, where a link bends."""

    eclass: Any = None
    supertypes: str = ""
    rows: list[tuple[Any, str]] = field(default_factory=list)
    x: float = 0
    y: float = 0
    layer: int = 0
    across: float = 0  # width of its layer

    @property
    def title(self) -> str:
        return str(self.eclass.name)

    @property
    def width(self) -> float:
        if self.eclass is None:
            return 0
        texts = [len(text) for _, text in self.rows]
        return 20 + CHARACTER * max([*texts, 1.2 * len(self.title) + len(self.supertypes) + 1, 8])

    @property
    def height(self) -> float:
        return 0 if self.eclass is None else HEADER + (ROW * len(self.rows) + 6 if self.rows else 0)

    def row(self, feature: Any) -> float:
        """The height of the line for a feature; of the name for None."""
        if self.eclass is None:
            return self.y
        if feature is None:
            return self.y + HEADER / 2
        position = [known for known, _ in self.rows].index(feature)
        return self.y + HEADER + ROW * position + ROW / 2 + 3


@dataclass(eq=False)
class _Link:
    """From a container (with the feature that contains) or a supertype (without) to a class."""

    source: _Box
    target: _Box
    feature: Any = None
    bends: list[_Box] = field(default_factory=list)

    def pieces(self) -> list[tuple[_Box, Any, _Box]]:
        """From layer to layer: where it begins, with the feature there, and where it ends."""
        stations = [self.source, *self.bends, self.target]
        features = [self.feature, *(None for _ in self.bends)]
        return list(zip(stations, features, stations[1:], strict=False))


def svg(metamodel: Metamodel) -> str:
    """The class diagram of a metamodel. The same metamodel gives the same text."""
    boxes = _boxes(metamodel)
    links = _acyclic(_links(boxes), list(boxes.values()))
    layers = _layers(list(boxes.values()), links)
    _place(layers, [piece for link in links for piece in link.pieces()])
    width = max(box.x + box.width for box in boxes.values()) + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    title = escape(f"Classes of the metamodel {metamodel.ecore.name}")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
            f'height="{height:.0f}" role="img">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
            *map(_drawn_link, links),
            *map(_drawn_box, boxes.values()),
            "</svg>\n",
        ]
    )


def multiplicity(feature: Any) -> str:
    """As in UML: `0..1`, `1`, `*`, `1..*`."""
    lower, upper = feature.lowerBound, "*" if feature.upperBound < 0 else str(feature.upperBound)
    return upper if str(lower) == upper or (lower == 0 and upper == "*") else f"{lower}..{upper}"


def _boxes(metamodel: Metamodel) -> dict[EClass, _Box]:
    classes = [classifier for classifier in metamodel.ecore.eClassifiers if classifier.eClass.name == "EClass"]
    crowded = [supertype for eclass in classes for supertype in eclass.eSuperTypes]
    boxes = {}
    for eclass in classes:
        named = [s.name for s in eclass.eSuperTypes if s not in classes or crowded.count(s) > CROWD]
        box = boxes[eclass] = _Box(eclass, f"extends {', '.join(named)}" if named else "")
        for feature in eclass.eStructuralFeatures:
            arrow = "" if feature.is_attribute else "\u25c6 " if feature.containment else "\u2192 "
            many = multiplicity(feature)
            many = "" if many == "0..1" else f" [{many}]"
            box.rows.append((feature, f"{arrow}{feature.name}: {feature.eType.name}{many}"))
    return boxes


def _links(boxes: dict[EClass, _Box]) -> list[_Link]:
    links = []
    for eclass, box in boxes.items():
        for feature in eclass.eStructuralFeatures:
            if feature.is_reference and feature.containment and feature.eType in boxes:
                links.append(_Link(box, boxes[feature.eType], feature))
    contained = [link.target for link in links]
    links = [link for link in links if contained.count(link.target) <= CROWD]
    for eclass, box in boxes.items():
        named = box.supertypes.removeprefix("extends ").split(", ")
        links += [_Link(boxes[supertype], box) for supertype in eclass.eSuperTypes if supertype.name not in named]
    return links


def _acyclic(links: list[_Link], boxes: list[_Box]) -> list[_Link]:
    """The links without those that lead back to where the walk from the first class came from."""
    kept, state = [], dict.fromkeys(boxes, "new")
    inner = {link.target for link in links if link.source is not link.target}

    def visit(box: _Box) -> None:
        state[box] = "open"
        for link in links:
            if link.source is box and state[link.target] != "open":
                kept.append(link)
                if state[link.target] == "new":
                    visit(link.target)
        state[box] = "done"

    for box in sorted(boxes, key=lambda box: box in inner):  # those that nothing leads to first
        if state[box] == "new":
            visit(box)
    return kept


def _layers(boxes: list[_Box], links: list[_Link]) -> list[list[_Box]]:
    """Classes by the length of the longest way to them. Those without any link come last, below the others.

    Links get their bends, one in each layer that they pass.
    """
    for _ in boxes:
        for link in links:
            link.target.layer = max(link.target.layer, link.source.layer + 1)
    linked = {box for link in links for box in (link.source, link.target)}
    for box in boxes:  # a class that only leads on stands right before what it leads to
        onward = [link.target.layer for link in links if link.source is box]
        if onward and not any(link.target is box for link in links):
            box.layer = min(onward) - 1
    layers: list[list[_Box]] = [[] for _ in range(1 + max(box.layer for box in boxes))]
    for box in sorted(boxes, key=lambda box: box not in linked):
        layers[box.layer].append(box)
    for link in links:
        link.bends = [_Box(layer=layer) for layer in range(link.source.layer + 1, link.target.layer)]
        for bend in link.bends:
            layers[bend.layer].append(bend)
    return layers


def _place(layers: list[list[_Box]], pieces: list[tuple[_Box, Any, _Box]]) -> None:
    """Columns from left to right; in each, classes near those that they come from, then near those they lead to."""
    x: float = MARGIN
    for layer in layers:
        _stack(layer, {})
        across = max(box.width for box in layer)
        for box in layer:
            box.x, box.across = x, across
        x += across + CHANNEL
    for _ in range(6):
        for layer in layers[1:]:
            before = {
                box: [
                    source.row(feature) - box.row(None) + box.y for source, feature, target in pieces if target is box
                ]
                for box in layer
            }
            _stack(layer, before)
        for layer in layers[-2::-1]:
            after = {
                box: [
                    target.row(None) - box.row(feature) + box.y for source, feature, target in pieces if source is box
                ]
                for box in layer
            }
            _stack(layer, after)
    top = min(box.y for layer in layers for box in layer) - MARGIN
    for layer in layers:
        for box in layer:
            box.y -= top


def _stack(layer: list[_Box], wanted: dict[_Box, list[float]]) -> None:
    """Put the boxes of a layer one below the other, each as near to the mean of its wanted places as the others allow.

    Boxes that overlap are gathered into blocks, which are moved as one to the mean of what their boxes want: the pool
    adjacent violators algorithm of isotonic regression.
    """
    means = {box: sum(places) / len(places) for box, places in wanted.items() if places}
    lowest = max(means.values(), default=0.0)
    order = {box: (means.get(box, lowest), position) for position, box in enumerate(layer)}
    layer.sort(key=order.__getitem__)
    blocks: list[tuple[float, float, list[_Box]]] = []  # place, height, boxes
    for box in layer:
        place, height, members = means.get(box, lowest if means else 0.0), box.height + GAP, [box]
        while blocks and blocks[-1][0] + blocks[-1][1] > place:
            above, size, others = blocks.pop()
            count = len(others) + len(members)
            place = (above * len(others) + (place - size) * len(members)) / count
            height, members = size + height, others + members
        blocks.append((place, height, members))
    for place, _, members in blocks:
        for box in members:
            box.y = place
            place += box.height + GAP


def _drawn_box(box: _Box) -> str:
    left, top = round(box.x), round(box.y)
    kind = "name abstract" if box.eclass.abstract else "name"
    parts = [f'<rect class="box" x="{left}" y="{top}" width="{box.width:.0f}" height="{box.height:.0f}" rx="3"/>']
    parts.append(f'<rect class="head" x="{left}" y="{top}" width="{box.width:.0f}" height="{HEADER}" rx="3"/>')
    extends = f'<tspan class="super" dx="6">{escape(box.supertypes)}</tspan>' if box.supertypes else ""
    parts.append(
        f'<text x="{left + 9}" y="{top + 16}"><tspan class="{kind}">{escape(box.title)}</tspan>{extends}</text>'
    )
    for position, (_, text) in enumerate(box.rows):
        parts.append(f'<text x="{left + 9}" y="{top + HEADER + ROW * position + 14}">{escape(text)}</text>')
    return "\n".join(parts)


def _drawn_link(link: _Link) -> str:
    x, y = link.source.x + link.source.width, link.source.row(link.feature)
    if link.feature is None:
        mark = f'<path class="kind" d="M{x:.0f} {y:.0f}l10 -5v10z"/>'
        x += 10
    else:
        mark = f'<path class="part" d="M{x:.0f} {y:.0f}l6 -4l6 4l-6 4z"/>'
        x += 12
    path = f"M{x:.0f} {y:.0f}"
    for station in [*link.bends, link.target]:
        end, height = station.x, station.row(None)
        bend = max(30, (end - x) / 2)
        path += f"C{x + bend:.0f} {y:.0f} {end - bend:.0f} {height:.0f} {end:.0f} {height:.0f}"
        x, y = end, height
        if station is not link.target:  # straight past the classes of its layer
            x += station.across
            path += f"H{x:.0f}"
    return f'<path class="link" d="{path}"/>{mark}'
