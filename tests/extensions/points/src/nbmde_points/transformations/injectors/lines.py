"""A shelf with a book for each line of a text."""

from pathlib import Path

from nbmde.models import EObject, Registry


def injector(file: Path, registry: Registry) -> EObject:
    points = registry["points"]
    lines = file.read_text(encoding="utf-8").splitlines()
    return points.Shelf(books=[points.Book(title=line) for line in lines if line])
