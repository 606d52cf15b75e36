"""Edits models as a person in a model editor does, at random, and goes on from them.

    python tests/fuzz/edits.py [--edits 300] [--seed N] [--run 30]

Every edit keeps the types of the metamodel. What comes of it must be files in which every name is bound and every
module is there, or a refusal that names the element and says what is wrong with the model: a message that holds an
error of Python is a fault. With `--run`, some of the projects run from beginning to end.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbmde.engine import constraints, m2t, models, pipeline
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import EFeature, EObject
from nbmde.notebooks.analysis.names import facts

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = ("churn/churn.ipynb", "reviews/reviews.ipynb")
EDITED = ("workflow", "mlproject")
FAULT = re.compile(r"\b[A-Z]\w*Error:|\b(?:KeyError|StopIteration)\b|Traceback|fault of nbmde|has no attribute")


def prepare(folder: Path, notebooks: Iterable[str] = NOTEBOOKS) -> list[Path]:
    """Convert the examples, and give the folders with their models."""
    found = []
    for name in notebooks:
        registry = models.Registry()
        outcome = pipeline.run(pipeline.find("nb2project", ()), EXAMPLES / name, registry, {})
        for path, file in outcome.files.items():
            if path.startswith(".nbmde/"):
                place = folder / Path(name).stem / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.content)
        found.append(folder / Path(name).stem / ".nbmde")
    return found


def attempt(folder: Path, metamodel: str, draw: random.Random, run: bool = False) -> tuple[str, str]:
    """Edit a model at random and go on from it.

    Args:
        run: whether the project runs, if there is one.

    Returns:
        What was edited, and how it ended: "generated", "refused: REASON", or "fault: MESSAGE".
    """
    registry = models.Registry()
    path = folder / ("workflow.xmi" if metamodel == "workflow" else "project.xmi")
    root = models.load(path, registry)
    told = edit(root, draw)
    try:
        constraints.fix(root, lambda one: constraints.check(one, registry, ()), automatic=True)
        pipeline.check(root, registry, path)
        if metamodel == "workflow":
            root = pipeline.apply("workflow2project", root, registry, {}, path).root
        files = pipeline.generate("mlproject", root, registry)
    except NbmdeError as error:
        return told, f"fault: {error}" if FAULT.search(str(error)) else f"refused: {error}"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return told, f"fault: {type(error).__name__}: {error} ({place.filename}:{place.lineno})"
    assert m2t.ORIGIN in files
    with tempfile.TemporaryDirectory(prefix="nbmde-") as place:
        for path, file in files.items():
            target = Path(place) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
        wrong = unresolved(Path(place)) or (_runs(Path(place)) if run else "")
    return told, f"fault: {wrong}" if wrong else "ran" if run else "generated"


def unresolved(folder: Path) -> str:
    """A name in a project's code that nothing binds, or a module or member of its own package that is not there."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821,E999",
        "--output-format",
        "concise",
    ]
    done = subprocess.run([*command, "."], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        return done.stdout.partition("\n")[0]
    (package,) = [path.parent for path in (folder / "src").glob("*/pipeline.py")] or [folder / "src"]
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
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


def _runs(folder: Path) -> str:
    """How a run of a project ends, if not well."""
    variables = {**os.environ, "PYTHONPATH": str(folder / "src"), "MPLBACKEND": "Agg"}
    command = [sys.executable, "scripts/train.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=variables, timeout=300)
    return f"run: {done.stderr.strip().splitlines()[-1:]}" if done.returncode else ""


def edit(root: EObject, draw: random.Random) -> str:
    """Change one thing in a model, and say what."""
    elements = list(models.walk(root))
    for _ in range(1000):
        change = draw.choice([_drop, _change, _remove, _duplicate, _move, _retarget, _empty])
        element = draw.choice(_of_some_class(elements, draw))
        feature = draw.choice(models.features(element.eClass))
        if not feature.derived and feature.changeable and (told := change(root, element, feature, draw)) is not None:
            return told
    raise AssertionError("nothing could be edited")


def _of_some_class(elements: list[EObject], draw: random.Random) -> list[EObject]:
    """The elements of one class: rare classes are edited as often as common ones."""
    chosen = draw.choice(list(dict.fromkeys(element.eClass for element in elements)))
    return [element for element in elements if element.eClass is chosen]


def _drop(root: EObject, element: EObject, feature: EFeature, draw: random.Random) -> str | None:
    told = f"{models.label(element)}: no {feature.name}"
    if feature.many or not models.values(element, feature):
        return None
    element.eSet(feature, feature.get_default_value() if feature.is_attribute else None)
    return told


def _change(root: EObject, element: EObject, feature: EFeature, draw: random.Random) -> str | None:
    if feature.is_reference or feature.many:
        return None
    old = getattr(element, feature.name)
    new = draw.choice(_values(root, feature, old))
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


def _remove(root: EObject, element: EObject, feature: EFeature, draw: random.Random) -> str | None:
    if element is root:
        return None
    told = f"{models.label(element)}: removed"
    element.delete()
    return told


def _duplicate(root: EObject, element: EObject, feature: EFeature, draw: random.Random) -> str | None:
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


def _move(root: EObject, element: EObject, feature: EFeature, draw: random.Random) -> str | None:
    if not feature.many or len(getattr(element, feature.name)) < 2:
        return None
    values = getattr(element, feature.name)
    one = draw.choice(list(values))
    told = f"{models.label(element)}: {feature.name}: {models.label(one)} to another place"
    values.remove(one)
    values.insert(draw.randrange(len(values) + 1), one)
    return told


def _retarget(root: EObject, element: EObject, feature: EFeature, draw: random.Random) -> str | None:
    if feature.is_attribute or feature.containment:
        return None
    others = [one for one in models.walk(root) if models.is_kind(one, feature.eType)]
    if not others:
        return None
    new = draw.choice(others)
    told = f"{models.label(element)}: {feature.name} leads to {models.label(new)}"
    if feature.many:
        getattr(element, feature.name).append(new)
    else:
        element.eSet(feature, new)
    return told


def _empty(root: EObject, element: EObject, feature: EFeature, draw: random.Random) -> str | None:
    if not feature.many or not models.values(element, feature):
        return None
    told = f"{models.label(element)}: no {feature.name}"
    for one in list(getattr(element, feature.name)) if feature.is_reference and feature.containment else ():
        one.delete()
    getattr(element, feature.name).clear()
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--run", type=int, default=0, help="how many of the projects run")
    chosen = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="nbmde-") as place:
        folders = prepare(Path(place))
        for number in range(chosen.edits):
            draw = random.Random(f"{chosen.seed} {number}")
            run = outcomes["ran"] < chosen.run and number % 3 == 0
            told, outcome = attempt(draw.choice(folders), EDITED[number % 2], draw, run)
            outcomes[outcome.partition(":")[0]] += 1
            if outcome.startswith("fault"):
                print(f"{chosen.seed} {number} {EDITED[number % 2]}: {told}\n    {outcome}", flush=True)
    print(f"seed {chosen.seed}: " + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())))
    return 1 if outcomes["fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
