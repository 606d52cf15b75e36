"""Constraints: what must hold for the models of a metamodel, beyond its multiplicities.

They are in `transformations/constraints/`, one file a metamodel, and in the same folder of extensions, in files of any
name; each file defines `constraints = ConstraintSet("<metamodel>")`.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from nbmde.engine import locations
from nbmde.engine.constraints.conformance import conformance
from nbmde.engine.constraints.constraint import SEVERITIES, Constraint, ConstraintSet
from nbmde.engine.constraints.fixing import fix
from nbmde.engine.diagnostics import Diagnostic
from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Model, Registry, walk

__all__ = ["SEVERITIES", "Constraint", "ConstraintSet", "check", "conformance", "find", "fix"]


def check(model: Model, registry: Registry, extensions: tuple[Path, ...] = ()) -> list[Diagnostic]:
    """Check a model: report where it does not conform to its metamodels, else which constraints do not hold.

    Constraints may rely on conformance, so they are not checked without it. They are those of the metamodels of all
    classes of the elements, and of the classes that these extend.
    """
    if findings := conformance(model):
        return findings
    classes = dict.fromkeys(element.eClass for element in walk(model))
    packages = dict.fromkeys(one.ePackage.name for eclass in classes for one in (eclass, *eclass.eAllSuperTypes()))
    sets = [find(package, extensions) for package in packages]
    return [finding for one in sets if one.constraints for finding in one.check(model, registry)]


def find(metamodel: str, extensions: tuple[Path, ...] = ()) -> ConstraintSet:
    """The constraints of a metamodel: nbmde's own, with those of the extensions, which override by name.

    Raises:
        NbmdeError: for a file of constraints that cannot be imported or defines none, and for a constraint that two
            extensions have.
    """
    found = ConstraintSet(metamodel)
    added: dict[str, Constraint] = {}
    for number, root in enumerate(locations.roots("transformations", tuple(extensions))):
        for file in sorted((root / "constraints").glob("*.py")):
            if not file.name.startswith("_") and (one := _load(file.resolve())).metamodel == metamodel:
                for name, constraint in one.constraints.items() if number else ():
                    if (other := added.setdefault(name, constraint)) is not constraint:
                        reason = f"constraint {name} for {metamodel} is in {other.file}, line {other.line}, too"
                        raise NbmdeError(reason, file=constraint.file, line=constraint.line, remedy="rename one")
                found = found.extended(one)
    return found


@cache
def _load(file: Path) -> ConstraintSet:
    spec = importlib.util.spec_from_file_location(f"nbmde_constraints.{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except NbmdeError:
        raise
    except Exception as error:
        raise NbmdeError(f"cannot be imported: {type(error).__name__}: {error}", file=str(file)) from error
    constraints = getattr(module, "constraints", None)
    if not isinstance(constraints, ConstraintSet):
        raise NbmdeError("defines no constraints", file=str(file), remedy='constraints = ConstraintSet("<metamodel>")')
    return constraints
