"""Kills runs at random moments, and lets two runs want one folder.

    python tests/fuzz/kills.py [--kills 60] [--pairs 50] [--seed N]

After each kill a file of the project is edited and the notebook is converted again: the edit must be there, and
everything else be whole. Of each pair one run must be refused, and the folder be that of the other.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mutations

COMMAND = [sys.executable, "-c", "from nbmde.cli import main; main()", "run", "nb2project"]


def notebooks(folder: Path) -> list[Path]:
    """Two versions of a notebook, in folders of their own, with the file that they read."""
    found = []
    for number, rate in enumerate(("2.5", "3.5")):
        place = folder / str(number)
        place.mkdir()
        (place / "numbers.csv").write_text("1\n2\n")
        (place / "story.ipynb").write_text(mutations.good().decode().replace("2.5", rate))
        found.append(place / "story.ipynb")
    return found


def files(project: Path) -> dict[str, bytes]:
    """What is in a project, by path."""
    return {str(path.relative_to(project)): path.read_bytes() for path in project.rglob("*") if path.is_file()}


def run(notebook: Path, project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Converts a notebook."""
    command = [*COMMAND, str(notebook), "-o", str(project), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def projects(versions: list[Path], work: Path) -> list[dict[str, bytes]]:
    """What notebooks become when nothing disturbs them."""
    for number, notebook in enumerate(versions):
        run(notebook, work / f"wanted-{number}")
    return [files(work / f"wanted-{number}") for number in range(len(versions))]


def kill(count: int, chance: random.Random) -> list[str]:
    """What was lost after so many kills."""
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        versions = notebooks(work)
        wanted = projects(versions, work)
        begin = time.monotonic()
        run(versions[0], work / "timed")
        seconds = time.monotonic() - begin
        for number in range(count):
            project = work / f"project-{number}"
            new = chance.random() < 0.3
            if not new:
                run(versions[0], project)
            process = subprocess.Popen(
                [*COMMAND, str(versions[1]), "-o", str(project)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(seconds * chance.uniform(0.5, 1.3))  # most of the time nothing is written yet
            process.kill()
            process.wait()
            edited = chance.choice([path for path in sorted(wanted[0]) if not path.startswith(".nbmde/")])
            if project.exists():
                (project / edited).write_bytes(b"# mine\n")
            done = run(versions[1], project, "--keep-edited")
            after = files(project) if project.exists() else {}
            expected = dict(wanted[1])
            if (project / edited).exists() and after.get(edited) == b"# mine\n":
                expected[edited] = b"# mine\n"
            elif not new:
                wrong.append(f"kill {number}: the edit of {edited} is lost")
            if done.returncode or after != expected:
                odd = [path for path in after.keys() | expected.keys() if after.get(path) != expected.get(path)]
                wrong.append(f"kill {number}: {done.stderr.strip()} {sorted(odd)[:5]}")
        left = [path.name for path in work.iterdir() if path.name.startswith(".")]
        wrong += [f"left behind: {name}" for name in left]
    return wrong


def pairs(count: int, chance: random.Random) -> list[str]:
    """What came of two runs at once, where it is not one project and one refusal."""
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        versions = notebooks(work)
        wanted = projects(versions, work)
        for number in range(count):
            project = work / f"project-{number}"
            if chance.random() < 0.5:
                run(versions[0], project)
            both = []
            for notebook in versions:
                command = [*COMMAND, str(notebook), "-o", str(project)]
                both.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
                time.sleep(chance.uniform(0, 0.1))
            told = [process.communicate()[1] for process in both]
            codes = [process.returncode for process in both]
            if sorted(codes) != [0, 1] or files(project) != wanted[codes.index(0)]:
                wrong.append(f"pair {number}: {codes} {told}")
    return wrong


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    wrong = pairs(given.pairs, chance) + kill(given.kills, chance)
    print(json.dumps({"kills": given.kills, "pairs": given.pairs, "wrong": wrong}, indent=1))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
