"""What conformance refuses, EMF refuses as well, and the other way round."""

from pathlib import Path
from typing import Any

import emf
import pytest

from nbmde.engine import constraints, models

pytestmark = pytest.mark.skipif(bool(emf.missing_packages()), reason="Java or EMF is not installed")


def test_conformance_and_emf_agree(registry: models.Registry, tmp_path: Path) -> None:
    shop = registry["shop"]

    def order(count: int, **values: Any) -> Any:
        items = [shop.Item(name=f"item {number}") for number in range(count)]
        return shop.Order(number="A1", items=items, **values)

    models_by_name = {"good": order(3), "too few": order(0), "too many": order(4), "no name": order(1)}
    models_by_name["no name"].items[0].name = None
    models_by_name["empty name"] = order(1)
    models_by_name["empty name"].items[0].name = ""
    refused = {name for name, root in models_by_name.items() if constraints.conformance(root)}
    assert refused == {"too few", "too many", "no name"}
    registry.export(tmp_path, ["shop"])
    models.save({tmp_path / f"{name}.xmi": root for name, root in models_by_name.items()}, registry, tmp_path)
    assert {finding.file.stem for finding in emf.check([tmp_path])} == refused
