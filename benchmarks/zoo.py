"""What the two transformations of `examples/zoo` cost beside loops written by hand on pyecore, and motra.

    python benchmarks/zoo.py [--sizes 10000 100000] [--runs 3] [--json FILE]

All three make the same model of the same elements, read and written by nbmde; nbmde and motra also make a trace. Each
run is a process of its own, the tools take turns, and the fastest run counts: seconds of processor time for reading,
for the transformation with the trace that it makes, and for writing the model; their sum is the whole. What writing
the trace takes as well is told beside. Exit code 1 where the whole is more than `LIMIT` times that of the loops. motra
(`pip install motra`) is left out where it is missing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import zoo_loops

from nbmde.engine import m2m, models

ZOO = Path(__file__).resolve().parents[1] / "examples" / "zoo"
TRANSFORMATIONS = ("families2persons", "class2relational")
TOOLS = ("loops", "nbmde", "motra")
LIMIT = 1.5
Roots = Sequence[Any]
Made = tuple[Roots, Any]
"""The roots of the target model, and the root of its trace or None."""


def main() -> int:
    """Run the benchmark, or one run of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000], help="elements of the source model")
    parser.add_argument("--runs", type=int, default=3, help="of each tool, of which the fastest counts")
    parser.add_argument("--seconds", type=float, default=900, help="after which a run is given up")
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--one", nargs=4, metavar=("TOOL", "NAME", "SIZE", "DIR"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        tool, name, size, folder = arguments.one
        print(json.dumps(measure(tool, name, int(size), Path(folder))))
        return 0
    tools = [tool for tool in TOOLS if tool != "motra" or importlib.util.find_spec("motra") is not None]
    with tempfile.TemporaryDirectory(prefix="zoo-") as folder:
        rows = [row for name in TRANSFORMATIONS for size in arguments.sizes for row in compared(
            tools, name, size, arguments.runs, arguments.seconds, Path(folder)
        )]  # fmt: skip
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(any(row["tool"] == "nbmde" and row["whole ratio"] > LIMIT for row in rows))


def compared(
    tools: Sequence[str], name: str, size: int, runs: int, seconds: float, folder: Path
) -> list[dict[str, Any]]:
    """A row for each tool that comes to an end, for one transformation of a model of one size."""
    found: dict[str, list[dict[str, float]]] = {tool: [] for tool in tools}
    for number in range(runs):
        for tool in tools:
            if number == 0 or found[tool]:  # one that was given up is not tried again
                found[tool] += one_run(tool, name, size, seconds, folder)
    best = {tool: min(rows, key=lambda row: row["whole"]) for tool, rows in found.items() if rows}
    base = best["loops"]
    return [
        {"transformation": name, "elements": size, "tool": tool, **row}
        | {f"{what} ratio": row[what] / base[what] for what in ("transform", "whole")}
        for tool, row in best.items()
    ]


def one_run(tool: str, name: str, size: int, seconds: float, folder: Path) -> list[dict[str, float]]:
    """The figures of one run in a process of its own; none where it took too long."""
    command = [sys.executable, __file__, "--one", tool, name, str(size), str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        print(f"{tool} took more than {seconds:.0f} s for {name} of {size:,} elements", file=sys.stderr)
        return []
    return [json.loads(done.stdout)]


def measure(tool: str, name: str, size: int, folder: Path) -> dict[str, float]:
    """Seconds of processor time of one run: reading, transforming, writing, and all three."""
    registry = models.Registry((ZOO,), documented=False)
    source = folder / f"{name}-{size}.xmi"
    if not source.is_file():
        models.save({source: SOURCES[name](registry, size)}, registry)
    run = tools_of(tool, name, registry)
    started = time.process_time()
    roots = models.load_roots(source, registry)
    loaded = time.process_time()
    target, trace = run(roots)
    transformed = time.process_time()
    models.save({folder / f"{tool}-{name}.xmi": target}, registry)
    saved = time.process_time()
    if trace is not None:
        models.save({folder / f"{tool}-{name}.trace.xmi": trace}, registry)
    return {
        "read": loaded - started,
        "transform": transformed - loaded,
        "write": saved - transformed,
        "whole": saved - started,
        "trace": time.process_time() - saved,
    }


def tools_of(tool: str, name: str, registry: models.Registry) -> Callable[[Roots], Made]:
    """What a tool makes of a model, everything loaded that is loaded once."""
    if tool == "nbmde":
        transformation = m2m.find(name, registry.extensions)

        def run(roots: Roots) -> Made:
            result = m2m.run(transformation, roots, registry)
            return result.roots, result.trace

        return run
    if tool == "motra":
        import zoo_motra

        return lambda roots: (zoo_motra.run(name, roots, registry), None)
    loop = getattr(zoo_loops, name)
    return lambda roots: (loop(roots, registry), None)


def families(registry: models.Registry, size: int) -> Roots:
    """Families of five, so many elements."""
    metamodel = registry["Families"]

    def member(number: int, role: str) -> Any:
        return metamodel.Member(firstName=f"{role} {number}")

    return [
        metamodel.Family(
            lastName=f"Family {number}",
            father=member(number, "father"),
            mother=member(number, "mother"),
            sons=[member(number, "first son"), member(number, "second son")],
            daughters=[member(number, "daughter")],
        )
        for number in range(size // 6)
    ]


def classes(registry: models.Registry, size: int) -> Roots:
    """Classes of nine attributes: six of a data type, one of the next class, and a list of either; so many elements."""
    metamodel = registry["Class"]
    integer, string = (metamodel.DataType(name=name) for name in ("Integer", "String"))
    found = [metamodel.Class(name=f"Class{number}") for number in range(size // 10)]
    for number, one in enumerate(found):
        following = found[(number + 1) % len(found)]
        types = [integer, string] * 3 + [following, string, following]
        one.attr.extend(
            metamodel.Attribute(name=f"attribute{position}", type=type_, multiValued=position > 6)
            for position, type_ in enumerate(types)
        )
    return [integer, string, *found]


SOURCES: dict[str, Callable[[models.Registry, int], Roots]] = {
    "families2persons": families,
    "class2relational": classes,
}


def table(rows: list[dict[str, Any]]) -> str:
    """The figures as a table of Markdown."""
    lines = [
        "| Transformation | Elements | With | Read | Transform | Write | Whole | Trace file | Transform | Whole |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        seconds = [f"{row[what]:.2f} s" for what in ("read", "transform", "write", "whole")]
        seconds.append(f"{row['trace']:.2f} s" if row["tool"] == "nbmde" else "")
        ratios = f"{row['transform ratio']:.2f} | {row['whole ratio']:.2f}"
        lines.append(
            f"| {row['transformation']} | {row['elements']:,} | {row['tool']} | {' | '.join(seconds)} | {ratios} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
