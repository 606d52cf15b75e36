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


def test_what_a_person_has_to_look_at_is_a_warning() -> None:
    """What is left out without a loss, or only made in another way, is information; nothing here refuses a notebook."""
    rows = knowledge.table("findings")["findings"]
    assert {code for code, row in rows.items() if row["severity"] == "information"} == {
        *("cell-skipped", "command-left-out", "condition-known", "definition-inner", "front-end-left-out"),
        *("front-end-name", "magic-left-out", "measurement-left-out", "module-in-cell", "module-written"),
        *("name-in-state", "names-by-text", "star-import"),
    }
    assert {row["severity"] for row in rows.values()} == {"information", "warning"}
