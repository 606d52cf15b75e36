"""What the templates ask for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any


def row(values: Iterable[Any]) -> str:
    """A line of CSV, without its end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow("" if value is None else value for value in values)
    return text.getvalue()
