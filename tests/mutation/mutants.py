"""Plants small faults in nbmde itself, and tells which of them the tests find: a sample, with Cosmic Ray's operators.

    python tests/mutation/mutants.py --mutants 100 [--seed N] [--contexts FILE] [--processes N] [--tests N]

First the tests are run once, to see which lines each test runs (kept in `--contexts`). Then each mutant is put into a
copy of the repository, and the tests that run its line are run until one fails, those that run the fewest lines
first. What no test finds is shown as a difference; lines that no test runs count as not found. Exit code: 0 if at
least `FLOOR` are found, else 1.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import cosmic_ray.plugins
import parso
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import mutate_code
from coverage import CoverageData

ROOT = Path(__file__).parents[2]
PARTS = ("src/nbmde/engine", "src/nbmde/notebooks/analysis", "transformations")
FLOOR = 0.85
NEAR = 5  # lines
SECONDS = 600  # that the tests of one mutant may take; one that hangs is found
# Cosmic Ray's operators that make mutants which mean something anywhere; the rest need arguments.
OPERATORS = [name for name in sorted(cosmic_ray.plugins.operator_names()) if not name.startswith("core/Variable")]
COPIED = ("src", "transformations", "templates", "metamodels", "tests", "docs", "examples", "benchmarks")


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        file: relative to the repository.
        line: first line that changes, from 1.
        operator: name that Cosmic Ray knows.
        occurrence: which of the operator's places in the file, from 0.
    """

    file: str
    line: int
    operator: str
    occurrence: int

    def code(self, text: str) -> str | None:
        """The file's text with the change; None if there is none."""
        mutated = mutate_code(text, cosmic_ray.plugins.get_operator(self.operator)(), self.occurrence)
        return None if mutated is None else str(mutated)


def places(file: Path) -> dict[tuple[int, int, str], list[Mutant]]:
    """What can be changed in a file: mutants by line, column and kind of operator."""
    tree = parso.parse(file.read_text(encoding="utf-8"))
    nodes = list(ast_nodes(tree))
    typed = {id(inner) for node in nodes if node.type in ("annassign", "tfpdef", "param") for inner in _types(node)}
    typed |= {
        id(inner)
        for node in nodes
        if node.type == "funcdef" and node.annotation
        for inner in ast_nodes(node.annotation)
    }
    found: dict[tuple[int, int, str], list[Mutant]] = defaultdict(list)
    for name in OPERATORS:
        operator = cosmic_ray.plugins.get_operator(name)()
        occurrence = 0
        for node in nodes:
            for (line, column), _ in operator.mutation_positions(node):
                if id(node) not in typed:  # a type says nothing when the code runs
                    mutant = Mutant(str(file.relative_to(ROOT)), line, name, occurrence)
                    found[line, column, name.split("_")[0]].append(mutant)
                occurrence += 1
    return found


def _types(node: parso.tree.NodeOrLeaf) -> Iterable[parso.tree.NodeOrLeaf]:
    """What stands in the annotation of a parameter or of an assignment."""
    annotation = node.annotation if node.type == "param" else node.children[1]
    return ast_nodes(annotation) if annotation is not None else ()


def sample(files: Sequence[Path], number: int, seed: int) -> list[Mutant]:
    """So many mutants, each place as likely as any other."""
    choose = random.Random(seed)
    groups = [group for file in files for _, group in sorted(places(file).items())]
    return [choose.choice(group) for group in choose.sample(groups, min(number, len(groups)))]


def record(contexts: Path) -> None:
    """Runs the tests, and keeps which lines each runs."""
    command = [
        "-m",
        "pytest",
        "-m",
        "not slow",
        "-n",
        "auto",
        "--dist",
        "worksteal",
        "--cov",
        "--cov-context=test",
        "--cov-report=",
    ]
    environment = os.environ | {"COVERAGE_FILE": str(contexts)}
    subprocess.run([sys.executable, *command, "--cov-fail-under=0"], cwd=ROOT, env=environment, check=False)


class Tests:
    """Which tests run a line, those that run little first: they are quick, and speak of that line."""

    def __init__(self, contexts: Path) -> None:
        self._data = CoverageData(str(contexts))
        self._data.read()
        self._sizes: Counter[str] = Counter()
        for file in self._data.measured_files():
            for names in self._data.contexts_by_lineno(file).values():
                self._sizes.update(names)

    def of(self, mutant: Mutant, limit: int) -> list[str]:
        """Names of tests; where none runs the line itself, as that of a decorator, those of a line near it."""
        lines = self._data.contexts_by_lineno(str(ROOT / mutant.file))
        near = sorted(range(mutant.line - NEAR, mutant.line + NEAR + 1), key=lambda line: abs(line - mutant.line))
        names = next((found for line in near if (found := [name for name in lines.get(line, []) if name])), [])
        tests = {name.partition("|")[0] for name in names}
        return sorted(tests, key=lambda test: (self._sizes[f"{test}|run"], test))[:limit]


def copied(folder: Path) -> Path:
    """The repository, as far as tests need it."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    return folder


def survives(mutant: Mutant, tests: Sequence[str], folder: Path) -> str:
    """How a mutant differs, if all tests pass with it; else nothing."""
    place = folder / mutant.file
    text = place.read_text(encoding="utf-8")
    mutated = mutant.code(text)
    if mutated is None or mutated == text:
        return ""
    place.write_text(mutated, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        if tests:
            command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=SECONDS, check=False
            )
            if done.returncode != 0:
                return ""
    except subprocess.TimeoutExpired:
        return ""
    finally:
        place.write_text(text, encoding="utf-8")
    lines = difflib.unified_diff(
        text.splitlines(), mutated.splitlines(), mutant.file, mutant.operator, n=1, lineterm=""
    )
    return "\n".join([f"passed with it: {len(tests)} tests", *lines])


def main() -> int:
    """Plants a sample of mutants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--contexts", type=Path, default=ROOT / ".coverage.contexts")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tests", type=int, default=200, help="at most so many for a mutant")
    parser.add_argument("--only", default="", help="in files whose path holds this")
    options = parser.parse_args()
    if not options.contexts.exists():
        record(options.contexts)
    known = Tests(options.contexts)
    files = sorted(file for part in PARTS for file in (ROOT / part).rglob("*.py") if options.only in str(file))
    mutants = sample(files, options.mutants, options.seed)
    survivors = []
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(options.processes) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(options.processes):
            folder = Path(temporary) / str(number)
            folder.mkdir()
            free.put(copied(folder))

        def tried(mutant: Mutant) -> str:
            folder = free.get()
            try:
                return survives(mutant, known.of(mutant, options.tests), folder)
            finally:
                free.put(folder)

        for number, survivor in enumerate(pool.map(tried, mutants), 1):
            survivors += [survivor] if survivor else []
            if survivor:
                print(f"{survivor}\n", flush=True)
            print(f"{number} mutants, {number - len(survivors)} found", file=sys.stderr, flush=True)
    found = len(mutants) - len(survivors)
    print(f"{found} of {len(mutants)} mutants found ({found / len(mutants):.1%}), seed {options.seed}")
    return int(found < FLOOR * len(mutants))


if __name__ == "__main__":
    sys.exit(main())
