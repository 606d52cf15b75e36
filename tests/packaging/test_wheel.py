"""A wheel of nbmde, installed in a new environment, works from any folder without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from nbmde.engine import locations

pytestmark = pytest.mark.slow

ROOT = locations.home()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution, as it is for a release."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def nbmde(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from the wheel; its dependencies are those of the environment that runs the tests."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    scheme = sysconfig.get_paths("posix_prefix", {"base": str(venv), "platbase": str(venv)})
    libraries = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib")])
    # a path in a .pth file is added as it is: an editable nbmde there stays out of the way
    Path(scheme["purelib"], "libraries.pth").write_text("\n".join(libraries) + "\n")
    command = [str(venv / "bin/python"), "-m", "pip", "install", "-q", "--no-deps", "--no-index", "-I", str(wheel)]
    subprocess.run(command, check=True)
    return venv / "bin" / "nbmde"


def run(command: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "NBMDE"))}
    return subprocess.run(
        [str(command), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_wheel_holds_every_metamodel_rule_and_template_and_nothing_else(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    for kind in locations.KINDS:
        files = {path.relative_to(ROOT) for path in (ROOT / kind).rglob("*") if path.is_file()}
        files = {path for path in files if not any(part.startswith((".", "__pycache__")) for part in path.parts)}
        assert files
        assert {f"nbmde/share/{path}" for path in files} <= inside
    outside = {name for name in inside if not name.startswith(("nbmde/", "nbmde-"))}
    assert not outside
    assert not {name for name in inside if "__pycache__" in name or name.endswith(".pyc")}
    assert {"nbmde/py.typed", "nbmde/notebooks/corpus/page.html.j2", "nbmde/notebooks/corpus/page.md.j2"} <= inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_installed_command_finds_its_own_files(nbmde: Path, tmp_path: Path) -> None:
    code = "import nbmde, nbmde.engine.locations; print(nbmde.__file__, nbmde.engine.locations.home(), sep='\\n')"
    python = nbmde.with_name("python")
    done = run(python, "-c", code, cwd=tmp_path)
    package, home = done.stdout.splitlines()
    assert package.startswith(str(nbmde.parents[1]))
    assert home == str(Path(package).parent / "share")


@pytest.mark.parametrize("layout", ["mlops", "basic"])
def test_installed_command_converts_as_the_checkout_does(nbmde: Path, tmp_path: Path, layout: str) -> None:
    notebook = ROOT / "examples" / "house_prices" / "house_prices.ipynb"
    arguments = ("run", "nb2project", str(notebook), "--layout", layout)
    done = run(nbmde, *arguments, "-o", "houses", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    # the same libraries are installed for both, so the same versions are written
    checkout = [sys.executable, "-c", "from nbmde.cli import main; main()", *arguments, "-o", "checkout/houses"]
    subprocess.run(checkout, cwd=tmp_path, check=True, capture_output=True)
    trees = [
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "houses", tmp_path / "checkout/houses")
    ]
    assert len(trees[0]) > 20
    assert trees[0] == trees[1]


def test_installed_pages_are_those_of_the_checkout(nbmde: Path, tmp_path: Path) -> None:
    done = run(nbmde, "metamodel", "doc", "-o", "metamodels.md", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "metamodels.md").read_text() == (ROOT / "docs/metamodels.md").read_text()
