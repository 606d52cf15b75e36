"""Shows values as a notebook does: plain text on standard output, the rich form in the run report."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from IPython.core.formatters import DisplayFormatter

from runtime.report import Bundle, clear, drawn, publish


@functools.cache
def _formatter() -> Any:
    """IPython's own choice of forms for a value, without a shell."""
    formatter: Any = DisplayFormatter()
    # There is no front end that an object could send itself to: its other forms are taken.
    formatter.ipython_display_formatter.enabled = False
    return formatter


def forms(
    value: object, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> Bundle:
    """The forms of a value, by MIME type."""
    if (pictures := drawn(value)) is not None:
        return _chosen(pictures, include, exclude)
    bundle: dict[str, str | bytes]
    bundle, _ = _formatter().format(value, include=include, exclude=exclude)
    if hasattr(type(value), "_ipython_display_"):
        # In a notebook such an object shows itself, without plain text.
        bundle.pop("text/plain", None)
    return bundle


def _chosen(bundle: Bundle, include: Iterable[str] | None, exclude: Iterable[str] | None) -> Bundle:
    """Some of the forms."""
    kept = set(include or bundle) - set(exclude or ())
    return {mime: form for mime, form in bundle.items() if mime in kept}


def show(value: object) -> None:
    """Shows the value of a cell's last expression; nothing for None."""
    if value is not None:
        publish(forms(value))


class Handle:
    """Stands for what was shown; shows it anew.

    Args:
        display_id: its name.
    """

    def __init__(self, display_id: str) -> None:
        self.display_id = display_id

    def display(self, value: object, **options: Any) -> None:
        """Shows a value."""
        display(value, **options)

    def update(self, value: object, **options: Any) -> None:
        """Shows a newer value, after the one that a notebook would replace."""
        display(value, **options)


def display(
    *values: object,
    include: Iterable[str] | None = None,
    exclude: Iterable[str] | None = None,
    display_id: str | bool | None = None,
    raw: bool = False,
    **options: object,
) -> Handle | None:
    """Shows values, as IPython's function of that name.

    Args:
        values: what to show; with ``raw``, dictionaries by MIME type.
        include: MIME types to show alone.
        exclude: MIME types to leave out.
        display_id: asks for a handle, of that name.
        raw: the values are forms already.
        options: ``metadata``, ``transient`` and ``clear`` of IPython; only ``clear`` has an effect here.

    Returns:
        A handle where ``display_id`` is given.
    """
    if options.get("clear"):
        clear_output()
    for value in values:
        if (pictures := drawn(value)) is not None:
            plain = () if include else ("text/plain",)  # which ``plt.show()`` does not show either
            publish(_chosen(pictures, include, (*(exclude or ()), *plain)))
        else:
            publish(value if raw and isinstance(value, dict) else forms(value, include, exclude))
    if not display_id:
        return None
    return Handle(display_id if isinstance(display_id, str) else uuid4().hex)


def update_display(value: object, *, display_id: str, **options: Any) -> None:
    """Shows a newer value, after the one that a notebook would replace."""
    display(value, **options)


def display_markup(mime: str, text: str) -> None:
    """Shows text of a cell written in another language, such as HTML, Markdown or LaTeX."""
    plain = {
        "text/html": "HTML",
        "text/markdown": "Markdown",
        "text/latex": "Latex",
        "image/svg+xml": "SVG",
        "application/javascript": "Javascript",
    }
    publish({"text/plain": f"<IPython.core.display.{plain[mime]} object>", mime: text})


def clear_output(wait: bool = False) -> None:
    """Takes back from the report what the current step has shown; standard output keeps it."""
    clear()
