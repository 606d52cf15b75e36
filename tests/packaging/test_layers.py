"""Nothing imports what stands above it: the contracts in pyproject.toml, kept here and broken on purpose."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _check(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        (None, "", ""),
        ("engine/pipeline.py", "from nbmde.notebooks.inject import inject", "Notebooks stand on the engine"),
        ("notebooks/tracing.py", "from nbmde.cli import terminal", "Notebooks stand on the engine"),
        ("engine/models/structure.py", "from nbmde.engine import m2m", "The floors of the engine"),
        ("notebooks/inject/python.py", "from nbmde.notebooks import verify", "The floors of the notebooks' house"),
    ],
)
def test_a_module_that_imports_what_stands_above_it_breaks_its_contract(
    module: str | None, line: str, contract: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if module is not None:
        place = tmp_path / "src/nbmde" / module
        place.write_text(f"{place.read_text(encoding='utf-8')}\n\n{line}\n", encoding="utf-8")
    done = _check(tmp_path)
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert (done.returncode == 0) == (not broken) == (module is None), done.stdout + done.stderr
    assert module is None or any(line.startswith(contract) for line in broken)
