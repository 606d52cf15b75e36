"""Draws the chain of models: python docs/chain.py docs/chain.svg"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

# What there is, from left to right: name, kind, what it holds.
STATIONS = [
    ("churn.ipynb", "file", ["cells, outputs,", "metadata; the", "data files that", "the code names"]),
    ("Notebook", "model", ["the document,", "without loss", "", "notebook.ecore"]),
    ("Workflow", "model", ["statements, steps,", "stages, data sets,", "settings, models", "workflow.ecore"]),
    ("Project", "model", ["packages, functions,", "configuration, tests,", "service, deployment", "mlproject.ecore"]),
    ("churn/", "file", ["Python package,", "packaging, tests,", "service, container,", "pipeline"]),
]
# What leads from each to the next, and where that is written.
ARROWS = [
    ("inject", "nbmde.notebooks.inject"),
    ("notebook2workflow", "rules, API knowledge"),
    ("workflow2project", "rules"),
    ("generate", "templates"),
]
WIDTH, HEIGHT, GAP, TOP, LEFT = 136, 104, 128, 34, 16

STYLE = """
text { font: 12px Helvetica, Arial, sans-serif; fill: #1f2328; text-anchor: middle }
.name { font-weight: bold; font-size: 14px } .note { fill: #59636e; font-size: 11px }
.file { fill: #fff8c5; stroke: #9a6700 } .model { fill: #ddf4ff; stroke: #0969da }
.line { fill: none; stroke: #59636e; stroke-width: 1.5 } .dashed { stroke-dasharray: 4 3 }
"""


def chain() -> str:
    """The picture as SVG."""
    right = LEFT + len(STATIONS) * WIDTH + len(ARROWS) * GAP
    middle = TOP + HEIGHT / 2
    parts = []
    for number, (name, kind, lines) in enumerate(STATIONS):
        x = LEFT + number * (WIDTH + GAP)
        corner = 3 if kind == "file" else 12
        parts.append(
            f'<rect class="{kind}" x="{x}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" rx="{corner}"/>'
            f'<text class="name" x="{x + WIDTH / 2:.0f}" y="{TOP + 22}">{escape(name)}</text>'
        )
        for row, line in enumerate(lines):
            parts.append(f'<text class="note" x="{x + WIDTH / 2:.0f}" y="{TOP + 44 + 16 * row}">{escape(line)}</text>')
    for number, (name, place) in enumerate(ARROWS):
        x = LEFT + (number + 1) * WIDTH + number * GAP
        parts.append(
            f'<path class="line" marker-end="url(#head)" d="M{x + 3} {middle:.0f}H{x + GAP - 5}"/>'
            f'<text x="{x + GAP / 2:.0f}" y="{middle - 10:.0f}">{escape(name)}</text>'
            f'<text class="note" x="{x + GAP / 2:.0f}" y="{middle + 18:.0f}">{escape(place)}</text>'
        )
    below = TOP + HEIGHT
    # constraints check each model, the trace follows all steps, verify compares the ends
    for number, (_, kind, _) in enumerate(STATIONS):
        if kind == "model":
            x = LEFT + number * (WIDTH + GAP) + WIDTH // 2
            parts.append(f'<path class="line" d="M{x} {TOP}v-12"/>')
    first, last = LEFT + WIDTH / 2, right - WIDTH / 2
    models = (LEFT + WIDTH + GAP + WIDTH / 2, right - WIDTH - GAP - WIDTH / 2)
    parts.append(f'<path class="line" d="M{models[0]:.0f} {TOP - 12}H{models[1]:.0f}"/>')
    note = "constraints are checked and models can be saved, edited in Eclipse, and gone on from"
    parts.append(f'<text class="note" x="{(first + last) / 2:.0f}" y="{TOP - 19}">{note}</text>')
    for depth, name, ends, text in (
        (
            30,
            "trace",
            (models[0], last - 24),
            "trace.ecore: which rule and which element every element and every line came from",
        ),
        (
            66,
            "verify",
            (first, last),
            "nbmde verify: both are run, and values, printed text, tables and figures compared",
        ),
    ):
        y = below + depth
        style = "line dashed" if name == "trace" else "line"
        parts.append(
            f'<path class="{style}" marker-start="url(#head)" marker-end="url(#head)" '
            f'd="M{ends[0]:.0f} {below + 5}V{y}H{ends[1]:.0f}V{below + 5}"/>'
            f'<text class="note" x="{(ends[0] + ends[1]) / 2:.0f}" y="{y - 7}">{text}</text>'
        )
    height = below + 82
    arrow = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#59636e"/></marker></defs>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + LEFT} {height}" width="{right + LEFT}" '
            f'height="{height}" role="img">',
            "<title>From a notebook through three models to a project</title>",
            f"<style>{STYLE}</style>",
            arrow,
            f'<rect width="{right + LEFT}" height="{height}" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(chain(), encoding="utf-8")
