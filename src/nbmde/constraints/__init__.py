"""Constraints: what must hold for the models of a metamodel, beyond its multiplicities.

They are in `transformations/constraints/`, one file a metamodel, and in the same folder of extensions, in files of any
name; each file defines `constraints = ConstraintSet("<metamodel>")`.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from nbmde import locations
from nbmde.constraints.conformance import conformance
from nbmde.constraints.constraint import SEVERITIES, Constraint, ConstraintSet, Finding
from nbmde.errors import NbmdeError
from nbmde.models import EObject, Registry

__all__ = ["SEVERITIES", "Constraint", "ConstraintSet", "Finding", "check", "conformance", "find"]


def check(root: EObject, registry: Registry, extensions: tuple[Path, ...] = ()) -> list[Finding]:
    """What is wrong with a model: where it does not conform to its metamodel, else which constraints do not hold.

    Constraints may rely on conformance, so they are not checked without it.
    """
    return conformance(root) or find(root.eClass.ePackage.name, extensions).check(root, registry)


def find(metamodel: str, extensions: tuple[Path, ...] = ()) -> ConstraintSet:
    """The constraints of a metamodel: nbmde's own, with those of the extensions, which override by name.

    Raises:
        NbmdeError: for a file of constraints that cannot be imported or defines none.
    """
    found = ConstraintSet(metamodel)
    for root in locations.roots("transformations", tuple(extensions)):
        for file in sorted((root / "constraints").glob("*.py")):
            if not file.name.startswith("_") and (one := _load(file.resolve())).metamodel == metamodel:
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
