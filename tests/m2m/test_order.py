"""What is found in folders comes in the order of its names, whatever order a file system gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nbmde.engine import constraints, extensions, m2m, migration, models, pipeline


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An extension with several of each kind."""
    home = tmp_path / "many"
    for kind in ("constraints", "migrations", "injectors"):
        (home / "transformations" / kind).mkdir(parents=True)
    (home / "metamodels").mkdir()
    for name in ("bee", "ant", "cat"):
        (home / "transformations" / name).mkdir()
        (home / "transformations" / name / "__init__.py").write_text(
            f"from nbmde.m2m import Transformation\n\ntransformation = Transformation('{name}', refines='{name}')\n"
        )
        (home / "transformations" / f"{name}_alone.py").write_text(
            "from nbmde.m2m import Transformation\n\n"
            f"transformation = Transformation('{name}_alone', refines='{name}')\n"
        )
        (home / "transformations" / f"{name}.toml").write_text(f'[[step]]\ntransform = "{name}"\n')
        (home / "transformations" / "constraints" / f"{name}.py").write_text(
            "from nbmde.constraints import ConstraintSet\n\nconstraints = ConstraintSet('notebook')\n\n\n"
            f"@constraints.constraint('Notebook')\ndef of_{name}(notebook):\n    return True\n"
        )
        (home / "metamodels" / f"{name}.ecore").write_text(
            '<ecore:EPackage xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI" '
            f'xmlns:ecore="http://www.eclipse.org/emf/2002/Ecore" name="{name}" nsURI="http://example.org/{name}" '
            f'nsPrefix="{name}"/>'
        )
    return home


@pytest.mark.parametrize("backwards", [False, True])
def test_names_are_sorted(folder: Path, backwards: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path.glob

    def glob(self: Path, pattern: str) -> Iterator[Path]:
        return iter(sorted(original(self, pattern), reverse=backwards))

    monkeypatch.setattr(Path, "glob", glob)
    found = m2m.names((folder,))
    assert [name for name in found if name in ("ant", "bee", "cat")] == ["ant", "bee", "cat"]
    assert [name for name in found if name.endswith("_alone")] == ["ant_alone", "bee_alone", "cat_alone"]
    assert [name for name in pipeline.names((folder,)) if len(name) == 3] == ["ant", "bee", "cat"]
    assert list(models.Registry((folder,)))[-3:] == ["ant", "bee", "cat"]
    own = list(constraints.find("notebook", (folder,)).constraints)
    assert own == sorted(own)
    assert [name for name in own if name.startswith("of_")] == ["of_ant", "of_bee", "of_cat"]
    origins = [found.ecore for found in migration.find((folder,)).values()]
    assert origins == sorted(origins)
    parts = extensions.Extension("many", folder, None, "many").parts()
    brought = [part.name for part in parts if part.kind == "transformation"]
    assert {"ant", "ant_alone"} <= set(brought), "packages and modules"
    for kind in {part.kind for part in parts}:
        names = [part.name for part in parts if part.kind == kind]
        assert names == sorted(names)
