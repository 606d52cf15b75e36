"""Functions that are passed on with what they read besides their own arguments, and by their own names."""

from __future__ import annotations

import copyreg
import functools
import inspect
import types
from collections.abc import Callable
from typing import Any


class bind(functools.partial[Any]):
    """A function with some of its arguments given; it goes by the name and the signature of the function.

    It can be pickled: as the function's name and the arguments.
    """

    def __new__(cls, function: Callable[..., Any], /, *args: Any, **given: Any) -> bind:
        """Binds arguments, by their names."""
        bound = super().__new__(cls, function, *args, **given)
        for name in functools.WRAPPER_ASSIGNMENTS:
            if hasattr(function, name):
                setattr(bound, name, getattr(function, name))
        return bound

    @property
    def __signature__(self) -> inspect.Signature:
        """The parameters that are left to be given."""
        whole = inspect.signature(self.func)
        return whole.replace(
            parameters=[p for p in whole.parameters.values() if p.name not in self.keywords]
        )

    @property
    def __defaults__(self) -> Any:
        """Those of the function."""
        return getattr(self.func, "__defaults__", None)

    @property
    def __kwdefaults__(self) -> Any:
        """Those of the function."""
        return getattr(self.func, "__kwdefaults__", None)

    def __repr__(self) -> str:
        return repr(self.func)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As IPython shows a function."""
        printer.text(
            f"<function {self.func.__module__}.{self.func.__qualname__}{self.__signature__}>"
        )

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As an attribute of a class it is a method, as a function would be."""
        return self if instance is None else types.MethodType(self, instance)

    def __copy__(self) -> bind:
        return self

    def __deepcopy__(self, memo: Any) -> bind:
        """Copies of what holds a function hold the same function."""
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bind) and (self.func, self._parts()) == (
            other.func,
            other._parts(),
        )

    def __hash__(self) -> int:
        return hash(self.func)

    def _parts(self) -> list[tuple[str, int]]:
        """The arguments as objects: the same ones, not equal ones."""
        return [(name, id(value)) for name, value in self.keywords.items()]


class with_defaults(bind):
    """A function with values for parameters that are not given, as where the notebook defines it."""

    _defaults: dict[str, Any]

    def __new__(cls, function: Callable[..., Any], /, **defaults: Any) -> Any:
        """Gives parameters defaults, by their names."""
        made: Any = super().__new__(cls, function)
        made._defaults = defaults
        return made

    def __call__(self, /, *args: Any, **given: Any) -> Any:
        """Calls the function."""
        return self.func(*args, **{**self._missing(len(args)), **given})

    def _missing(self, count: int) -> dict[str, Any]:
        """Defaults of all parameters but as many as are given by their positions."""
        function = self.func.func if isinstance(self.func, bind) else self.func
        code = function.__code__
        before = code.co_varnames[: min(count, code.co_argcount)]
        return {name: value for name, value in self._defaults.items() if name not in before}

    @property
    def __signature__(self) -> inspect.Signature:
        """With the defaults."""
        whole = inspect.signature(self.func)
        parts = whole.parameters.values()
        return whole.replace(
            parameters=[p.replace(default=self._defaults.get(p.name, p.default)) for p in parts],
        )

    @property
    def __defaults__(self) -> Any:
        """Those of parameters by position."""
        parts = self.__signature__.parameters.values()
        return (
            tuple(p.default for p in parts if p.kind in _BY_POSITION and p.default is not p.empty)
            or None
        )

    @property
    def __kwdefaults__(self) -> Any:
        """Those of parameters by name."""
        parts = self.__signature__.parameters.values()
        return {
            p.name: p.default
            for p in parts
            if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
        } or None

    def _parts(self) -> list[tuple[str, int]]:
        return [(name, id(value)) for name, value in self._defaults.items()]


_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class _Bound(type):
    """The type of classes to which values are bound: they count as the classes that these are made from."""

    def __instancecheck__(cls, instance: Any) -> bool:
        unbound = vars(cls).get("_unbound")
        return (
            isinstance(instance, unbound)
            if unbound is not None
            else super().__instancecheck__(instance)
        )

    def __subclasscheck__(cls, other: type[Any]) -> bool:
        unbound = vars(cls).get("_unbound")
        return (
            issubclass(other, unbound) if unbound is not None else super().__subclasscheck__(other)
        )


def bind_class(unbound: type[Any], /, **given: Any) -> Any:
    """A class whose methods find values in its attribute `_captured`.

    It can be pickled, and so can its objects: as the name of the class that it is made from, and the values.
    """
    kind = type("_Bound", (_Bound, type(unbound)), {}) if type(unbound) is not type else _Bound
    content = {name: getattr(unbound, name) for name in ("__module__", "__qualname__", "__doc__")}
    content |= {"__slots__": (), "_captured": types.SimpleNamespace(**given), "_unbound": unbound}
    copyreg.pickle(kind, _reduced)
    return kind(unbound.__name__, (unbound,), content)


def _reduced(bound: Any) -> str | tuple[Any, ...]:
    """How to make it again; a class that is derived from it goes by its name."""
    own = vars(bound)
    return (
        (_bound_again, (own["_unbound"], vars(own["_captured"])))
        if "_unbound" in own
        else bound.__qualname__
    )


def _bound_again(unbound: type[Any], given: dict[str, Any]) -> Any:
    return bind_class(unbound, **given)
