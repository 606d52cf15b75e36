"""Types of metamodels: they are those of the .ecore files, and checkers find with them what is misspelt."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from nbmde.engine import metamodel_types, models

ROOT = Path(__file__).resolve().parents[2]
RULES = "transformations/workflow2project"
CHECKS = "transformations/constraints"
QUERIES = "templates/mlproject/queries.py"
READING = "transformations/notebook2workflow"
HOUSE = "src/nbmde/notebooks"

PLANTED = [
    # features
    (f"{RULES}/__init__.py", "    project.doc = workflow.description", "    project.doc = workflow.descripton"),
    (f"{RULES}/__init__.py", "    function.exploration = step", "    function.explorative = step"),
    (f"{RULES}/__init__.py", "    attribute.doc = symbol.reason", "    attribute.doc = symbol.reasons"),
    (f"{RULES}/__init__.py", "service.supportsProbability = ", "service.supportsProbabilty = "),
    (f"{RULES}/__init__.py", "container.name = ", "container.nmae = "),
    (f"{RULES}/recorded.py", "if symbol.lastValue is not None", "if symbol.finalValue is not None"),
    (f"{RULES}/locations.py", "if dataset.listed and", "if dataset.list and"),
    (f"{RULES}/reading.py", "for step in workflow.steps:", "for step in workflow.stepz:"),
    (f"{RULES}/imports.py", "module.starImports = True", "module.starImport = True"),
    (QUERIES, "if setting.kind.name == ", "if setting.kin.name == "),
    (QUERIES, "for call in project.pipeline.calls:", "for call in project.pipeline.call:"),
    (QUERIES, "sentence(function.title or function.name.replace", "sentence(function.titel or function.name.replace"),
    (QUERIES, "if not finding.cellNumber:", "if not finding.cellnumber:"),
    (f"{CHECKS}/workflow.py", "for symbol in workflow.symbols]", "for symbol in workflow.symbol]"),
    (f"{CHECKS}/mlproject.py", "for package in project.packages for", "for package in project.package for"),
    (f"{CHECKS}/trace.py", "len(link.sources)", "len(link.source)"),
    (f"{CHECKS}/notebook.py", "bool(asset.omitted)", "bool(asset.omited)"),
    (f"{READING}/models.py", "    model.probability = ", "    model.probabilty = "),
    (f"{READING}/data.py", "dataset.inPlace = ", "dataset.inplace = "),
    (f"{READING}/profile_lookup.py", "value.aliases}", "value.alias}"),
    (f"{READING}/importing.py", "asset.searchFolder or", "asset.searchfolder or"),
    (f"{HOUSE}/inject/__init__.py", "    notebook.upgradedFrom = ", "    notebook.upgradeFrom = "),
    (f"{HOUSE}/verify/places.py", "or data.rereads for", "or data.reread for"),
    # literals of enumerations, by name and themselves
    (f"{RULES}/__init__.py", 'statement.placement.name == "first"', 'statement.placement.name == "frist"'),
    (f"{RULES}/annotations.py", 'value.provenance.name == "recorded"', 'value.provenance.name == "record"'),
    (f"{RULES}/__init__.py", "ModuleKind.package", "ModuleKind.packages"),
    (QUERIES, 'project.layout.name == "mlops"', 'project.layout.name == "mlop"'),
    (f"{CHECKS}/mlproject.py", 'requirement.group.name == "runtime"', 'requirement.group.name == "run"'),
    # classes
    (f"{RULES}/code.py", "t.target_metamodel.CellEnd", "t.target_metamodel.CellEnds"),
    # what may be missing, and values of other types
    (f"{RULES}/__init__.py", "service.name = model.symbol.name", "service.name = model.features.name"),
    (f"{RULES}/__init__.py", '    pipeline.name = "pipeline"', "    pipeline.name = 7"),
    (f"{RULES}/modules.py", "import_.text, import_.module = text", "import_.text, import_.group = text"),
    (f"{READING}/sharing.py", "    resource.name = name", "    resource.name = 7"),
    (f"{HOUSE}/verify/places.py", "return data.meant or patterns.normal(data.path)", "return data.meant"),
]  # fmt: skip
"""File, what stands there once, and what is planted in its place."""


def test_the_types_are_those_of_the_metamodels() -> None:
    registry = models.Registry()
    written = metamodel_types.of([registry[name] for name in registry])
    committed = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "src/nbmde/metamodels").glob("*.pyi")}
    assert written == committed, "nbmde metamodel types -o src/nbmde/metamodels"


def test_using_models_imports_no_types() -> None:
    code = "import sys, nbmde; nbmde.Registry()['workflow'].Step(); print('nbmde.metamodels' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_mypy_finds_each_misspelling_of_a_feature_a_literal_or_a_class(tmp_path: Path) -> None:
    for name in ("transformations", "templates", "src"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = {_plant(tmp_path / file, old, new) for file, old, new in PLANTED}
    assert len(planted) == len(PLANTED)
    files = [str(tmp_path / name) for name in (RULES, CHECKS, QUERIES, READING, HOUSE)]
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), *files]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    found = {(file, int(line)) for file, line in re.findall(r"^(\S+?):(\d+): error:", done.stdout, re.MULTILINE)}
    assert {(str((tmp_path / file).resolve()), line) for file, line in found} == planted, done.stdout + done.stderr


def _plant(file: Path, old: str, new: str) -> tuple[str, int]:
    """Plant a fault where a text stands first, and tell its place."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file}: {old}"
    before, _, after = text.partition(old)
    file.write_text(before + new + after, encoding="utf-8")
    return str(file.resolve()), before.count("\n") + 1
