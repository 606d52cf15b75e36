"""A stand-in for the kernel, for code that asks whether it runs in a notebook."""

from __future__ import annotations

from typing import Any, ClassVar


class Nothing:
    """A stand-in for all that the kernel would do or know: it can be called and looked into, and nothing happens."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __call__(self, *arguments: Any, **options: Any) -> None:
        """Does nothing."""


class ZMQInteractiveShell(Nothing):
    """By its name code tells that it runs in a notebook."""

    config: ClassVar[dict[str, Any]] = {"IPKernelApp": {}}


ZMQInteractiveShell.__module__ = "ipykernel.zmqshell"
_SHELL = ZMQInteractiveShell()


def get_ipython() -> Any:
    """The stand-in."""
    return _SHELL
