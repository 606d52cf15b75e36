"""Questions to a model, as expressions of Python in which each class stands for its instances.

`[f.name for f in Function if len(f.parameters) > 3]` is what EOL writes
`Function.all.select(f | f.parameters.size() > 3).collect(f | f.name)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.engine.models import Model, fragment, identifier, label, roots, walk

# fmt: off
ALLOWED = (
    abs, all, any, bool, dict, enumerate, filter, float, frozenset, getattr, hasattr, int, isinstance, len, list, map,
    max, min, range, repr, reversed, round, set, sorted, str, sum, tuple, zip,
)
# fmt: on
"""Builtins that an expression sees."""


def query(model: Model, expression: str) -> Any:
    """Evaluate an expression on a model.

    It sees `root` and `roots`, the instances of each class of the model's metamodels under the name of the class
    (subclasses included; empty where there are none), `label(element)`, `container(element)`, `all_in(element)` and
    `Counter`. Where there are several roots, `root` is None.

    Args:
        expression: of Python. It is the user's own and is evaluated.

    Raises:
        NbmdeError: where it is none, or fails.
    """
    try:
        return eval(compile(expression, "<query>", "eval"), scope(model))  # the user's own, as said  # nosec B307
    except Exception as error:
        hint = "classes of the model are names, as in len(Function)" if isinstance(error, NameError) else None
        raise NbmdeError(f"{expression}: {type(error).__name__}: {error}", remedy=hint) from error


def scope(model: Model) -> dict[str, Any]:
    """The names that an expression sees."""
    elements = list(walk(model))
    packages = dict.fromkeys(
        one.ePackage
        for eclass in dict.fromkeys(e.eClass for e in elements)
        for one in (eclass, *eclass.eAllSuperTypes())
    )
    found: dict[str, Any] = {}
    for package in packages:
        for classifier in package.eClassifiers:
            if classifier.eClass.name == "EClass":
                kind = classifier.python_class
                found.setdefault(classifier.name, [element for element in elements if isinstance(element, kind)])
    functions: Mapping[str, Callable[..., Any]] = {
        "label": label,
        "container": lambda element: element.eContainer(),
        "all_in": lambda element: list(walk(element)),
        "Counter": Counter,
    }
    allowed = {one.__name__: one for one in ALLOWED}
    tops = roots(model)
    given = {"root": tops[0] if len(tops) == 1 else None, "roots": tops, "__builtins__": allowed}
    return {**found, **functions, **given}


def plain(value: Any) -> Any:
    """An answer as JSON takes it: elements as objects with class, id or place, and name."""
    if hasattr(value, "eClass"):
        if value.eClass.name == "EEnumLiteral":
            return value.name
        place = identifier(value) or fragment(value)
        return {"class": value.eClass.name, "id": place, "name": getattr(value, "name", None)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    try:
        return [plain(one) for one in value]
    except TypeError:
        return str(value)


def lines(value: Any) -> list[str]:
    """An answer as text: a line for each item of a list."""
    if isinstance(value, Mapping):
        return [f"{_line(key)}\t{_line(one)}" for key, one in value.items()]
    if isinstance(value, str) or not hasattr(value, "__iter__") or hasattr(value, "eClass"):
        return [_line(value)]
    return [_line(one) for one in value]


def _line(value: Any) -> str:
    if hasattr(value, "eClass"):
        return str(value.name) if value.eClass.name == "EEnumLiteral" else label(value)
    if isinstance(value, list | tuple):
        return "\t".join(map(_line, value))
    return str(value)
