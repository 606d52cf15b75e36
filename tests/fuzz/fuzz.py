"""Feeds nbmde with mutated notebooks and models, and tells which it takes for a fault of its own.

    python tests/fuzz/fuzz.py --notebooks 3000 --models 2000 [--seed N] [--seconds S] [--keep DIR] [--processes N]

Each input is given to the command line in a fork of this process. A fault is a traceback, a message that calls itself a
fault of nbmde, a death by a signal, or a file outside the target; its input is written to the folder `--keep`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import mutations

import nbmde.cli
from nbmde.engine import m2t, models, pipeline

SECONDS = 120  # that one input may take
KINDS = ("notebook", "model")


@dataclass
class Tally:
    """What came of the inputs.

    Attributes:
        outcomes: how many ended how.
        faults: what was wrong, with the input.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, str, bytes]] = field(default_factory=list)


def command(arguments: Sequence[str], folder: Path) -> tuple[int, str]:
    """Exit code (negative for a signal) and standard error of a command, run in a fork in a folder."""
    errors = folder / "stderr"
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(SECONDS)
            os.chdir(folder)
            for number, target in ((1, os.devnull), (2, str(errors))):
                os.dup2(os.open(target, os.O_WRONLY | os.O_CREAT), number)
            sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
            sys.stderr = open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
            sys.argv = ["nbmde", *arguments]
            code = 0
            try:
                nbmde.cli.main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            import traceback

            traceback.print_exc()
            code = 99
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    text = errors.read_text(encoding="utf-8", errors="replace")
    errors.unlink()
    return os.waitstatus_to_exitcode(status), text


def verdict(code: int, errors: str, folder: Path, expected: set[str]) -> str:
    """What is wrong with the end of a command; empty if nothing is."""
    if code < 0:
        return f"died by signal {-code}"
    if "Traceback" in errors or "fault of nbmde" in errors:
        return errors.strip().splitlines()[-1]
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code and not errors.strip():
        return "refused without a word"
    if more := {path.name for path in folder.iterdir()} - expected:
        return f"wrote {', '.join(sorted(more))} outside of its target"
    return ""


def good_models(folder: Path) -> dict[str, str]:
    """The models of a good notebook, by name, with those that they refer to written into a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / "good.ipynb"
    path.write_bytes(mutations.good())
    registry = models.Registry()
    outcome = pipeline.run(pipeline.find("nb2project"), path, registry, {})
    m2t.write({name: file for name, file in outcome.files.items() if name.startswith(".nbmde/")}, folder / "good")
    own = folder / "good" / ".nbmde"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(own.glob("*.xmi"))}


COMMANDS = {
    "notebook.xmi": ["transform", "notebook2workflow", "{}", "-o", "../made/wf.xmi"],
    "workflow.xmi": ["transform", "workflow2project", "{}", "-o", "../made/project.xmi"],
    "project.xmi": ["generate", "{}", "-o", "../made/project"],
}
"""What is done with a model, by its name; the others are validated."""


def inputs(kind: str, numbers: range, seed: int) -> Iterator[random.Random]:
    """Sources of chance of the inputs with these numbers: the same for the same seed."""
    for number in numbers:
        yield random.Random(f"{kind} {seed} {number}")


def fuzz(notebooks: int, models_: int, seed: int, seconds: float, first: int = 0, step: int = 1) -> Tally:
    """Tries so many inputs of both kinds, or fewer if the time is over.

    Args:
        first, step: which of them, where several processes share them.
    """
    tally = Tally()
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        good = good_models(work)
        pending = {
            "notebook": inputs("notebook", range(first, notebooks, step), seed),
            "model": inputs("model", range(first, models_, step), seed),
        }
        turn = 0
        while pending and time.monotonic() < end:
            kind = list(pending)[turn % len(pending)]
            turn += 1
            try:
                chance = next(pending[kind])
            except StopIteration:
                del pending[kind]
                continue
            content = mutations.notebook(chance) if kind == "notebook" else b""
            name = "nb.ipynb"
            if kind == "model":
                name = chance.choice(list(good))
                content = mutations.model(good[name], chance)
            trial(name, content, work, tally)
    return tally


def trial(name: str, content: bytes, work: Path, tally: Tally) -> str:
    """Tries one input; gives what was said on standard error."""
    folder = work / "trial"
    if name.endswith(".ipynb"):
        folder.mkdir()
        (folder / name).write_bytes(content)
        (folder / "numbers.csv").write_text("1\n2\n")
        arguments = ["run", "nb2project", name, "-o", "made"]
        expected = {name, "numbers.csv", "made"}
    else:
        shutil.copytree(work / "good" / ".nbmde", folder / "models")
        (folder / "models" / name).write_bytes(content)
        arguments = [part.format(f"models/{name}") for part in COMMANDS.get(name, ["validate", "{}"])]
        arguments = [part.replace("../made", "made") for part in arguments]
        (folder / "made").mkdir()
        expected = {"models", "made"}
    code, errors = command(arguments, folder)
    wrong = verdict(code, errors, folder, expected)
    tally.outcomes[f"{Path(name).suffix} {'fault' if wrong else 'done' if code == 0 else 'refused'}"] += 1
    if wrong:
        tally.faults.append((wrong, name, content))
    shutil.rmtree(folder)
    return errors


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notebooks", type=int, default=3000)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    share = (given.notebooks, given.models, given.seed, given.seconds)
    tally = Tally()
    with multiprocessing.Pool(given.processes) as pool:
        for part in pool.starmap(fuzz, [(*share, first, given.processes) for first in range(given.processes)]):
            tally.outcomes += part.outcomes
            tally.faults += part.faults
    for number, (wrong, name, content) in enumerate(tally.faults):
        print(f"FAULT {number}: {name}: {wrong[:300]}")
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{number}-{name}").write_bytes(content)
    print(dict(sorted(tally.outcomes.items())), f"{len(tally.faults)} faults")
    sys.exit(bool(tally.faults))


if __name__ == "__main__":
    main()
