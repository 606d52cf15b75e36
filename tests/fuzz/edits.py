"""Edits models as a person in a model editor does, at random, and goes on from them.

    python tests/fuzz/edits.py [--edits 300] [--seed N]

Every edit keeps the types of the metamodel. What comes of it must be files, or a refusal that names the element and
says what is wrong with the model: a message that holds an error of Python is a fault.
"""

from __future__ import annotations

import argparse
import random
import re
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


def attempt(folder: Path, metamodel: str, draw: random.Random) -> tuple[str, str]:
    """Edit a model at random and go on from it.

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
    return told, "generated"


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
    if isinstance(old, int):
        return [0, 1, -1, old + 1, 10**6]
    if isinstance(old, float):
        return [0.0, -1.0, old * 2, 1e9]
    others = [
        value
        for one in models.walk(root)
        if feature in models.features(one.eClass)
        for value in models.values(one, feature)
    ]
    texts = ["", "x", "class", "two words", "a.b", "../up", "ä␛", 'x = "', *others[:20]]
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
    chosen = parser.parse_args()
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="nbmde-") as place:
        folders = prepare(Path(place))
        for number in range(chosen.edits):
            draw = random.Random(f"{chosen.seed} {number}")
            told, outcome = attempt(draw.choice(folders), EDITED[number % 2], draw)
            outcomes[outcome.partition(":")[0]] += 1
            if outcome.startswith("fault"):
                print(f"{chosen.seed} {number} {EDITED[number % 2]}: {told}\n    {outcome}", flush=True)
    print(f"seed {chosen.seed}: " + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())))
    return 1 if outcomes["fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
