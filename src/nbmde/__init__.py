"""nbmde: notebooks to production projects through explicit models.

The names of `nbmde.api` are those of this package; they are loaded when one of them is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbmde.api import *  # noqa: F403
    from nbmde.api import __all__ as __all__

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    from importlib import import_module, util

    public = not name.startswith("_") and util.find_spec(f"{__name__}.{name}") is None  # modules import themselves
    if public or name == "__all__":
        api = import_module(f"{__name__}.api")
        if name == "__all__" or name in api.__all__:
            return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__getattr__("__all__")]
