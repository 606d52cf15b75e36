"""How time and memory grow with the notebook: inject, both transformations, save, and the index of the trace.

    python benchmarks/scaling.py [--cells 1000 3000 10000] [--json FILE]

The notebook is that of `convert.py`, its cells repeated. Each size runs in a process of its own, after a small notebook
that loads what is loaded once. Memory is the most that the process held, less what it held then, for each element of
all models that were made; what does not grow with the notebook weighs on small ones. Exit code 1 where the memory is
over its budget for the largest notebook, or the time for a cell grows by more than the budget from the smallest to it.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import convert

BYTES_PER_ELEMENT = 4096
GROWTH = 1.5
"""At most so many times the seconds for a cell of the smallest notebook."""


def measure(cells: int, folder: Path) -> dict[str, Any]:
    """Seconds of each step for a notebook of so many cells, elements of each model, and bytes for an element."""
    _convert(40, folder)
    before = _memory()
    seconds, elements = _convert(cells, folder)
    each = (_memory() - before) / sum(elements.values())
    return {"cells": cells, "seconds": seconds, "elements": elements, "bytes per element": each}


def _convert(cells: int, folder: Path) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds of each step, and elements of each model."""
    from nbmde.engine import m2m, models, pipeline
    from nbmde.engine.models.garbage import collection_paused
    from nbmde.notebooks import injection

    path = folder / "notebook.ipynb"
    path.write_text(json.dumps(convert.notebook(cells)), encoding="utf-8")
    (folder / "wines.csv").write_text(convert.table(), encoding="utf-8")
    registry = models.Registry()
    seconds: dict[str, float] = {}

    def timed(what: str, step: Any, *arguments: Any) -> Any:
        start = time.perf_counter()
        result = step(*arguments)
        seconds[what] = time.perf_counter() - start
        return result

    with collection_paused():
        notebook = timed("inject", injection.inject, path, registry)
        to_workflow = timed("notebook2workflow", pipeline.apply, "notebook2workflow", notebook, registry, {}, path)
        to_project = timed("workflow2project", pipeline.apply, "workflow2project", to_workflow.root, registry, {}, path)
        project = to_project.root
        roots = {"notebook.xmi": notebook, "workflow.xmi": to_workflow.root, "project.xmi": project}
        roots |= {"workflow.trace.xmi": to_workflow.trace, "project.trace.xmi": to_project.trace}
        roots |= {
            f"{name}.refinements.xmi": pipeline.refinements(made.root)
            for name, made in (("workflow", to_workflow), ("project", to_project))
        }
        index = timed("index the trace", m2m.TraceIndex, to_workflow.trace, to_project.trace)
        functions = [one for one in models.walk(project) if one.eClass.name == "Function"]
        timed("ask it once for each function", lambda: [index.origins(one) for one in functions])
        timed("save", lambda: pipeline.save_models(pipeline.model_files(roots, registry), folder / "models"))
    return seconds, {name: sum(1 for _ in models.walk(root)) for name, root in roots.items()}


def _memory() -> int:
    """The most memory that this process held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> int:
    """Measure each size in a process of its own, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cells", type=int, nargs="+", default=[1000, 3000, 10000])
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one is not None:
        with tempfile.TemporaryDirectory(prefix="nbmde-") as folder:
            print(json.dumps(measure(arguments.one, Path(folder))))
        return 0
    rows = []
    for cells in sorted(arguments.cells):
        command = [sys.executable, __file__, "--one", str(cells)]
        rows.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
        total = sum(rows[-1]["seconds"].values())
        parts = ", ".join(f"{what} {value:.2f}" for what, value in rows[-1]["seconds"].items())
        count = sum(rows[-1]["elements"].values())
        print(
            f"{cells:6} cells: {total:6.2f} s ({1000 * total / cells:.2f} ms a cell; {parts}), {count} elements, "
            f"{rows[-1]['bytes per element']:.0f} bytes each",
            flush=True,
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    each = [sum(row["seconds"].values()) / row["cells"] for row in rows]
    over = rows[-1]["bytes per element"] > BYTES_PER_ELEMENT
    print(f"seconds for a cell, largest to smallest notebook: {each[-1] / each[0]:.2f} (budget {GROWTH})")
    return 1 if over or each[-1] > GROWTH * each[0] else 0


if __name__ == "__main__":
    sys.exit(main())
