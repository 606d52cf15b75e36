"""Each code of a finding is told somewhere and documented once."""

from __future__ import annotations

import ast
from pathlib import Path

from nbmde.engine import knowledge, locations


def codes() -> set[str]:
    """Texts that stand for a code in nbmde's own transformations: `Remark(CODE, ...)`, `at(unit, CODE, ...)`."""
    found: set[str] = set()
    (root, *_) = locations.roots("transformations", ())
    for path in sorted(Path(root).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Remark", "at"):
                place = node.args[0 if node.func.id == "Remark" else 1]
                found |= {
                    part.value for part in ast.walk(place) if isinstance(part, ast.Constant) and part.value is not None
                }
    return found


def test_every_code_is_documented_and_told() -> None:
    rows = knowledge.table("findings")["findings"]
    assert codes() == set(rows)
    assert {row["severity"] for row in rows.values()} <= {"information", "warning", "error"}
    assert all(row["meaning"].endswith(".") and row["remedy"].endswith(".") for row in rows.values())
    assert all(row["example"] for row in rows.values())
