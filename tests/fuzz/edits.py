"""Edits models as a person in a model editor does, at random, and goes on from them.

    python tests/fuzz/edits.py [--edits 500] [--seed N] [--run 50]

Every edit keeps the types of the metamodel. What comes of one edit, or of some, must be files in which every name is
bound and every module is there, or a refusal that names the element and says what is wrong with the model: a message
that holds an error of Python is a fault. Some of the projects run from beginning to end. That may stop where an edit
changed what is computed, if it is said what is missing: a column, a value, a file that another name was given. Names,
attributes, arguments and imports that are not there are faults.

The tests in `test_edits.py` draw the same edits with hypothesis.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from nbmde.engine import constraints, models, pipeline
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EFeature, EObject
from nbmde.notebooks.analysis.names import facts

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = ("churn/churn.ipynb", "reviews/reviews.ipynb", "bike_demand/bike_demand.ipynb")
NOTEBOOKS += ("house_prices/house_prices.ipynb",)
FILES = {"workflow": "workflow.xmi", "mlproject": "project.xmi"}
"""Where a project keeps the models that are edited, by metamodel."""
MOST = 3  # edits of one model
FAULT = re.compile(r"\b[A-Z]\w*Error:|\b(?:KeyError|StopIteration)\b|Traceback|fault of nbmde|has no attribute")
BROKEN = ("NameError", "UnboundLocalError", "AttributeError", "TypeError", "ImportError", "ModuleNotFoundError")
BROKEN += ("SyntaxError", "IndentationError", "FileNotFoundError", "ConfigError", "RecursionError")
"""Errors of a run that an edited model never may lead to: what else stops it may be what the edit computes."""
Choose = Callable[[Any], Any]
"""Chooses one of several: of chance, or of hypothesis, which finds the simplest one that is a fault as well."""
REGISTRY = models.Registry()


def prepare(folder: Path, notebooks: Iterable[str] = NOTEBOOKS) -> list[Path]:
    """Convert the examples, and give the folders with their models."""
    found = []
    for name in notebooks:
        outcome = pipeline.run(pipeline.find("nb2project", ()), EXAMPLES / name, REGISTRY, {})
        for path, file in outcome.files.items():
            if path.startswith(".nbmde/"):
                place = folder / Path(name).stem / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.content)
        found.append(folder / Path(name).stem / ".nbmde")
    return found


@dataclass
class Edited:
    """A model with edits.

    Attributes:
        told: what was edited.
    """

    root: EObject
    path: Path
    told: list[str]

    def __repr__(self) -> str:
        return f"{self.path.parents[1].name}/{self.path.name}: {'; '.join(self.told)}"


@st.composite
def edited(draw: st.DrawFn, folder: Path, metamodel: str, most: int = MOST) -> Edited:
    """Models of a folder with one edit, or with some."""
    return edit_some(folder, metamodel, draw(st.integers(1, most)), lambda options: draw(st.sampled_from(options)))


def edit_some(folder: Path, metamodel: str, number: int, choose: Choose) -> Edited:
    """A model of a folder with some edits."""
    path = folder / FILES[metamodel]
    root = models.load(path, REGISTRY)
    return Edited(root, path, [edit(root, choose) for _ in range(number)])


# -- what comes of them ------------------------------------------------------------------------------------------------
Files = Mapping[str, bytes]


def outcome(edited: Edited, run: bool = False) -> str:
    """What comes of a model with edits.

    Args:
        run: whether the project runs, if there is one.

    Returns:
        "generated", "ran", "stopped: ERROR" for a run that ends as what it computes is another thing,
        "refused: REASON", or "fault: MESSAGE".
    """
    try:
        files = _generated(edited)
    except NbmdeError as error:
        return f"fault: {error}" if FAULT.search(str(error)) else f"refused: {error}"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"fault: {type(error).__name__}: {error} ({place.filename}:{place.lineno})"
    with tempfile.TemporaryDirectory(prefix="nbmde-") as place:
        for path, content in files.items():
            target = Path(place) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if wrong := unresolved(Path(place)):
            return f"fault: {wrong}"
        return _ran(Path(place), files) if run else "generated"


def _generated(edited: Edited) -> Files:
    root, path = edited.root, edited.path
    constraints.fix(root, lambda one: constraints.check(one, REGISTRY, ()), automatic=True)
    pipeline.check(root, REGISTRY, path)
    if root.eClass.ePackage.name == "workflow":
        root = pipeline.apply("workflow2project", root, REGISTRY, {}, path).root
    files = pipeline.generate("mlproject", root, REGISTRY)
    return {path: file.content for path, file in files.items() if not path.startswith(".nbmde/")}


def unresolved(folder: Path) -> str:
    """A name in a project's code that nothing binds, or a module or member of its own package that is not there."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "--output-format", "concise"]
    done = subprocess.run([*command, "."], cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr  # syntax errors are among what it tells
    if done.returncode:
        return done.stdout.partition("\n")[0]
    (package,) = [path.parent for path in (folder / "src").glob("*/pipeline.py")] or [folder / "src"]
    for file in sorted(folder.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        try:
            compile(text, file.name, "exec", dont_inherit=True)  # tells more than a parser
        except SyntaxError as error:
            return f"{file.relative_to(folder)}:{error.lineno}: SyntaxError: {error.msg}"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == package.name:
                for alias in node.names:
                    if not _is_there(folder / "src", node.module or "", alias.name):
                        return f"{file.relative_to(folder)}:{node.lineno}: {node.module} has no {alias.name}"
    return ""


def _is_there(folder: Path, module: str, name: str) -> bool:
    path = folder.joinpath(*module.split("."))
    if path.with_suffix(".py").is_file():
        bound = facts(ast.parse(path.with_suffix(".py").read_text(encoding="utf-8")).body).all_bound
        return name in bound or name == "*"
    return path.is_dir() and ((path / name).is_dir() or (path / f"{name}.py").is_file() or name.startswith("__"))


_KNOWN: dict[bytes, str] = {}
"""How the projects that ran have ended, by their files: most edits of a model change none that counts."""


def _ran(folder: Path, files: Files) -> str:
    """How a run of a project ends."""
    counts = sorted((path, content) for path, content in files.items() if not path.endswith(".md"))
    known = hashlib.sha256(repr(counts).encode()).digest()
    if known not in _KNOWN:
        _KNOWN[known] = _run(folder)
    return _KNOWN[known]


def _run(folder: Path) -> str:
    variables = {**os.environ, "PYTHONPATH": str(folder / "src"), "MPLBACKEND": "Agg"}
    done = subprocess.run(_command(folder), cwd=folder, capture_output=True, text=True, env=variables, timeout=300)
    if not done.returncode:
        return "ran"
    last = done.stderr.strip().rpartition("\n")[2]
    named = last.partition(":")[0].rpartition(".")[2]
    return f"{'fault' if named in BROKEN or 'Error' not in named else 'stopped'}: {last}"


def _command(folder: Path) -> list[str]:
    """Runs the workflow: by its script, or as that does where the model has none any more."""
    if (folder / "scripts" / "train.py").is_file():
        return [sys.executable, "scripts/train.py"]
    (module,) = (folder / "src").rglob("train.py")
    dotted = ".".join(module.relative_to(folder / "src").with_suffix("").parts)
    return [sys.executable, "-c", f"import pathlib, {dotted} as m; raise SystemExit(m.main(root=pathlib.Path.cwd()))"]


# -- edits -------------------------------------------------------------------------------------------------------------
def edit(root: EObject, choose: Choose) -> str:
    """Change one thing in a model, and say what."""
    elements = list(models.walk(root))
    classes = list(dict.fromkeys(element.eClass for element in elements))
    for _ in range(1000):
        change, eclass = choose(OPERATIONS), choose(classes)  # rare classes are edited as often as common ones
        element = choose([element for element in elements if element.eClass is eclass])
        feature = choose(models.features(eclass))
        if not feature.derived and feature.changeable and (told := change(root, element, feature, choose)) is not None:
            return told
    raise AssertionError("nothing could be edited")


def _drop(root: EObject, element: EObject, feature: EFeature, choose: Choose) -> str | None:
    told = f"{models.label(element)}: no {feature.name}"
    if feature.many or not models.values(element, feature):
        return None
    element.eSet(feature, feature.get_default_value() if feature.is_attribute else None)
    return told


def _change(root: EObject, element: EObject, feature: EFeature, choose: Choose) -> str | None:
    if feature.is_reference or feature.many:
        return None
    old = getattr(element, feature.name)
    new = choose(_values(root, feature, old))
    told = f"{models.label(element)}: {feature.name} {old!r} becomes {new!r}"
    element.eSet(feature, new)
    return told


def _values(root: EObject, feature: EFeature, old: Any) -> list[Any]:
    """Values of the type of an attribute."""
    if feature.eType.eClass.name == "EEnum":
        return list(feature.eType.eLiterals)
    if isinstance(old, bool):
        return [not old]
    kind = feature.eType.name
    if isinstance(old, int) or kind.startswith(("EInt", "ELong")):
        return [0, 1, -1, (old or 0) + 1, 10**6]
    if isinstance(old, float) or kind.startswith(("EDouble", "EFloat")):
        return [0.0, -1.0, (old or 0.0) * 2, 1e9]
    others = [
        value
        for one in models.walk(root)
        if feature in models.features(one.eClass)
        for value in models.values(one, feature)
    ]
    texts = ["", "x", f"name_{len(others)}", "class", "two words", "a.b", "../up", "ä␛", 'x = "', *others[:20]]
    return texts if feature.eType.instanceClassName in ("java.lang.String", None) or isinstance(old, str) else [None]


def _remove(root: EObject, element: EObject, feature: EFeature, choose: Choose) -> str | None:
    if element is root:
        return None
    told = f"{models.label(element)}: removed"
    element.delete()
    return told


def _duplicate(root: EObject, element: EObject, feature: EFeature, choose: Choose) -> str | None:
    container, home = element.eContainer(), element.eContainmentFeature() if element is not root else None
    if container is None or home is None or not home.many:
        return None
    siblings = getattr(container, home.name)
    siblings.insert(siblings.index(element) + 1, _copy(element))
    return f"{models.label(element)}: twice"


def _copy(element: EObject) -> Any:
    made = element.eClass()
    own = models.id_feature(element.eClass)
    for feature in models.features(element.eClass):
        if feature.derived or feature is own or not (found := models.values(element, feature)):
            continue
        found = [_copy(one) for one in found] if feature.is_reference and feature.containment else found
        if feature.many:
            getattr(made, feature.name).extend(found)
        else:
            setattr(made, feature.name, found[0])
    return made


def _move(root: EObject, element: EObject, feature: EFeature, choose: Choose) -> str | None:
    if not feature.many or len(getattr(element, feature.name)) < 2:
        return None
    values = getattr(element, feature.name)
    one = choose(list(values))
    told = f"{models.label(element)}: {feature.name}: {models.label(one)} to another place"
    values.remove(one)
    values.insert(choose(range(len(values) + 1)), one)
    return told


def _retarget(root: EObject, element: EObject, feature: EFeature, choose: Choose) -> str | None:
    if feature.is_attribute or feature.containment:
        return None
    others = [one for one in models.walk(root) if models.is_kind(one, feature.eType)]
    if not others:
        return None
    new = choose(others)
    told = f"{models.label(element)}: {feature.name} leads to {models.label(new)}"
    if feature.many:
        getattr(element, feature.name).append(new)
    else:
        element.eSet(feature, new)
    return told


def _empty(root: EObject, element: EObject, feature: EFeature, choose: Choose) -> str | None:
    if not feature.many or not models.values(element, feature):
        return None
    told = f"{models.label(element)}: no {feature.name}"
    for one in list(getattr(element, feature.name)) if feature.is_reference and feature.containment else ():
        one.delete()
    getattr(element, feature.name).clear()
    return told


OPERATIONS = (_drop, _change, _remove, _duplicate, _move, _retarget, _empty)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--edits", type=int, default=500, help="how many models are edited")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--run", type=int, default=0, help="how many of the projects run")
    parser.add_argument("--notebooks", nargs="+", default=NOTEBOOKS, help="below examples/")
    parser.add_argument("--verbose", action="store_true", help="tell every edit")
    chosen = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="nbmde-") as place:
        folders = prepare(Path(place), chosen.notebooks)
        for number in range(chosen.edits):
            draw = random.Random(f"{chosen.seed} {number}")
            run = outcomes["ran"] + outcomes["stopped"] < chosen.run
            one = edit_some(draw.choice(folders), draw.choice(list(FILES)), draw.randint(1, MOST), draw.choice)
            told = outcome(one, run)
            kind = told.partition(":")[0]
            outcomes[kind] += 1
            if chosen.verbose or kind in ("fault", "stopped"):
                print(f"{chosen.seed} {number} {one}\n    {told}", flush=True)
    print(f"seed {chosen.seed}: " + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())))
    return 1 if outcomes["fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
