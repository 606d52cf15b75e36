"""The zoo in `examples/zoo` passes its own tests, and EMF opens its metamodels, models and what becomes of them."""

import subprocess
import sys
from pathlib import Path

ZOO = Path(__file__).resolve().parents[2] / "examples" / "zoo"
sys.path.append(str(ZOO.parents[1] / "tests" / "emf"))

import emf  # noqa: E402

import nbmde  # noqa: E402


def test_the_zoo_passes_its_own_tests(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ZOO),
        str(ZOO / "tests"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_emf_opens_the_zoo_and_what_becomes_of_it(tmp_path: Path) -> None:
    registry = nbmde.Registry((ZOO,))
    made = []
    for name, model in (("families2persons", "families"), ("class2relational", "library")):
        roots = nbmde.load_roots(ZOO / "models" / f"{model}.xmi", registry)
        result = nbmde.transform(name, roots, registry)
        made += [tmp_path / f"{name}.xmi", tmp_path / f"{name}.trace.xmi"]
        nbmde.save({made[-2]: result.roots, made[-1]: result.trace}, registry)
    findings = emf.check([ZOO / "metamodels", ZOO / "models", *made])
    assert not findings, "\n".join(map(str, findings))
