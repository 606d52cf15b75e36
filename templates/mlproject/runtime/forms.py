"""Shows one form of values, as IPython's functions of the same names."""

from __future__ import annotations

from runtime.display import display


def show_form(mime: str, values: tuple[object, ...], raw: bool) -> None:
    """Shows one form of values.

    Args:
        mime: MIME type of the form.
        raw: the values are in that form already.
    """
    for value in values:
        display({mime: value} if raw else value, include=[mime], raw=raw)


def display_html(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form text/html of values."""
    show_form("text/html", values, raw)


def display_javascript(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form application/javascript of values."""
    show_form("application/javascript", values, raw)


def display_jpeg(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form image/jpeg of values."""
    show_form("image/jpeg", values, raw)


def display_json(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form application/json of values."""
    show_form("application/json", values, raw)


def display_latex(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form text/latex of values."""
    show_form("text/latex", values, raw)


def display_markdown(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form text/markdown of values."""
    show_form("text/markdown", values, raw)


def display_pdf(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form application/pdf of values."""
    show_form("application/pdf", values, raw)


def display_png(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form image/png of values."""
    show_form("image/png", values, raw)


def display_pretty(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form text/plain of values."""
    show_form("text/plain", values, raw)


def display_svg(*values: object, raw: bool = False, **options: object) -> None:
    """Shows the form image/svg+xml of values."""
    show_form("image/svg+xml", values, raw)
