"""The EMF oracle: does a metamodel or a model open in Eclipse?

`EmfCheck.java` beside this file does the work, with the Eclipse Modeling Framework as Debian packages it. It is
compiled once; the class files stay in the folder for temporary files, under a name made of the program's hash.

    findings = check([Path("metamodels"), project / ".nbmde"])
    assert not findings, "\\n".join(map(str, findings))
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "EmfCheck.java"

# jar (in the folder of jars) -> Debian package that brings it
JARS = {
    "eclipse-emf-common.jar": "libeclipse-emf-common-java",
    "eclipse-emf-ecore.jar": "libeclipse-emf-ecore-java",
    "eclipse-emf-ecore-xmi.jar": "libeclipse-emf-ecore-xmi-java",
}
JDK_PACKAGE = "default-jdk-headless"
JAR_FOLDER_VARIABLE = "EMF_JARS"
JAR_FOLDER = "/usr/share/java"

# Short runs: start fast rather than compile well.
JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")


class EmfMissing(RuntimeError):
    """Java or EMF is not installed; the message names the packages and the command that installs them."""


class EmfFailed(RuntimeError):
    """The check itself could not be compiled or broke off; the message is what Java said."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a file. `severity` is "error" or "warning"."""

    file: Path
    severity: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.severity}: {self.message}"


@dataclass(frozen=True)
class Opened:
    """What EMF made of one file: how many model elements it holds, and what is wrong with it."""

    file: Path
    elements: int
    findings: tuple[Finding, ...]


def check(paths: Sequence[Path]) -> list[Finding]:
    """What is wrong with `paths`: files, and folders of .ecore and .xmi files. Empty if EMF opens them all.

    Each file is loaded on its own, its metamodel found through xsi:schemaLocation, its references resolved and its
    elements validated. A path that does not exist and a folder without models are findings.
    Raises EmfMissing, EmfFailed.
    """
    return [finding for opened in open_all(paths) for finding in opened.findings]


def open_all(paths: Sequence[Path]) -> list[Opened]:
    """As `check`, but with a result for each file, in the order of `paths` and by name within a folder."""
    if not paths:
        raise ValueError("no file to check")
    return _run([str(path) for path in paths])


def roundtrip(source: Path, target: Path) -> list[Finding]:
    """Load all models of `source` (a folder, or a file) together; save them with EMF, same relative names, in `target`.

    Returns what was wrong; nothing is saved unless every file loads and is valid. Metamodels outside `source` stay
    where they are; the saved models' xsi:schemaLocation leads to them.
    """
    return [finding for opened in _run(["--roundtrip", str(source), str(target)]) for finding in opened.findings]


def edit(model: Path, *edits: tuple[str, ...]) -> list[Finding]:
    """Change a model with EMF, as one does in Eclipse's editor, and save it and what refers to it.

    Args:
        edits: `("set", id, feature, value)`, where the value of a reference is an id; `("add", id, feature, new id)`,
            `("move", id, feature, id of the container)`, `("place", id, index among its siblings)` or `("delete", id)`.

    Returns what was wrong with the model before; nothing is saved then.
    """
    words = [word for edit in edits for word in edit]
    return [finding for opened in _run(["--edit", str(model), *words]) for finding in opened.findings]


def jar_folder() -> Path:
    """Where EMF's jars are: the environment's EMF_JARS, or where Debian puts them."""
    return Path(os.environ.get(JAR_FOLDER_VARIABLE) or JAR_FOLDER)


def missing_packages() -> list[str]:
    """The Debian packages that have to be installed before `check` can work."""
    packages = [package for jar, package in JARS.items() if not (jar_folder() / jar).is_file()]
    if not (shutil.which("java") and shutil.which("javac")):
        packages.insert(0, JDK_PACKAGE)
    return packages


def compiled() -> Path:
    """The folder that holds EmfCheck.class, compiled now if it is not there yet. Several processes may ask at once."""
    if missing := missing_packages():
        raise EmfMissing(
            f"The EMF checks need a JDK in the PATH and EMF's jars in {jar_folder()}. "
            f"Install them: sh {HERE / 'install.sh'}   (that is: apt-get install {' '.join(missing)})"
        )
    source = SOURCE.read_bytes()
    temporary = Path(tempfile.gettempdir())
    classes = temporary / f"nbmde-emf-{os.getuid()}-{hashlib.sha256(source).hexdigest()[:16]}"
    if not classes.is_dir():
        with tempfile.TemporaryDirectory(prefix="nbmde-emf-", dir=temporary) as folder:
            fresh = Path(folder) / "classes"
            javac = ["javac", "--release", "11", "-cp", _class_path(), "-d", str(fresh), str(SOURCE)]
            compilation = subprocess.run(javac, capture_output=True, text=True)
            if compilation.returncode != 0:
                raise EmfFailed(f"{SOURCE} does not compile (JDK 11 or newer needed):\n{compilation.stderr}")
            try:
                fresh.rename(classes)
            except OSError:  # another process was faster
                if not classes.is_dir():
                    raise
    return classes


def _class_path(*folders: Path) -> str:
    return os.pathsep.join(map(str, [*folders, *(jar_folder() / jar for jar in JARS)]))


def _run(arguments: Sequence[str]) -> list[Opened]:
    command = ["java", *JAVA_OPTIONS, "-cp", _class_path(compiled()), "EmfCheck", *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}  # Java reads file names in the locale's encoding
    result = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment)
    if result.returncode not in (0, 1):
        raise EmfFailed(f"EmfCheck ended with status {result.returncode}:\n{result.stderr}")
    opened = [_parse(line) for line in result.stdout.split("\n") if line]
    if not opened or any(one.findings for one in opened) != (result.returncode == 1):
        raise EmfFailed(f"EmfCheck's report and exit status differ:\n{result.stdout}{result.stderr}")
    return opened


def _parse(line: str) -> Opened:
    _, name, count, *reasons = line.split("\t")
    file = Path(name)
    findings = tuple(Finding(file, *reason.split(": ", 1)) for reason in reasons)
    return Opened(file, int(count.split()[0]), findings)
