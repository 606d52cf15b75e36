"""Names that code finds by text, and what the notebook's own names were."""

from __future__ import annotations

from typing import Any


class Names:
    """The variables of code that looks them up or binds them by text: ``vars(names)`` takes the place of `globals()`."""

    def __init__(self) -> None:
        vars(self)["__name__"] = "__main__"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NameError(f"name {name!r} is not defined", name=name)  # as for a variable


class MainModule:
    """The same variables as attributes of the module that the notebook was."""

    def __init__(self, names: Names) -> None:
        self.__dict__ = vars(names)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"module '__main__' has no attribute {name!r}")


def undefined(name: str) -> Any:
    """Stands for a name that a notebook does not have.

    Raises:
        NameError: always.
    """
    raise NameError(f"name {name!r} is not defined", name=name)


def module_name(value: Any) -> Any:
    """The module of a class or function; of the project's own it is the one that the notebook was."""
    name = value.__module__
    own = __name__.partition(".")[0]
    return "__main__" if isinstance(name, str) and name.partition(".")[0] == own else name
