"""What layout.toml says of projects fits together, and says what people say."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import pytest
from packaging.requirements import Requirement

STAGES = ("setup", "load", "explore", "preprocess", "features", "split", "train", "evaluate", "predict", "save")
ALIASES = {"numpy": "np", "pandas": "pd"}


@pytest.fixture(scope="module")
def layout(knowledge: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return knowledge("layout")


def test_stages_live_in_the_packages_of_the_agreed_tree(layout: dict[str, Any]) -> None:
    homes = {stage: row["module"] for stage, row in layout["modules"].items()}
    assert homes == {
        "setup": "utils.environment",
        "load": "data.load_data",
        "explore": "analysis.explore",
        "preprocess": "data.preprocess",
        "features": "features.build_features",
        "split": "features.build_features",
        "train": "models.train_model",
        "evaluate": "models.evaluate_model",
        "predict": "predict.predict",
        "save": "models.train_model",
    }
    assert tuple(homes) == STAGES
    packages = {module.split(".")[0] for module in (*homes.values(), layout["helpers"]["module"])}
    assert packages <= set(layout["packages"])
    assert all(text.endswith(".") for text in layout["packages"].values())


def test_files_come_to_the_folders_of_the_agreed_tree(layout: dict[str, Any]) -> None:
    assert layout["folders"] == {
        "raw": "data/raw",
        "processed": "data/processed",
        "external": "data/external",
        "model": "models/latest",
        "figures": "outputs/figures",
        "output": "outputs",
        "predictions": "outputs/predictions",
        "working": "notebooks",
    }
    own = set(layout["own"]["names"])
    assert {"src", "tests", "models", "outputs", "README.md", ".nbmde", "pyproject.toml", ".env"} <= own
    assert "data" not in own
    assert set(layout["shared"]) <= own
    for folder, pattern in layout["shared"].items():
        assert re.compile(pattern), folder


def test_types_are_where_their_modules_have_them_and_aliases_are_the_usual_ones(layout: dict[str, Any]) -> None:
    assert layout["aliases"] == ALIASES
    for name, (module, attribute) in layout["types"].items():
        assert hasattr(importlib.import_module(module), attribute), name
        assert module in ("builtins", name.split(".")[0]), name
        if module != "builtins":
            assert name == f"{module}.{attribute}"


def test_requirements_have_a_lowest_version(layout: dict[str, Any]) -> None:
    for group, rows in layout["requirements"].items():
        for name, bound in rows.items():
            (specifier,) = Requirement(f"{name}{bound}").specifier
            assert specifier.operator == ">=", (group, name)
    assert set(layout["requirements"]["bundle"]) == {"cloudpickle", "pandas", "numpy"}
    assert {"fastapi", "uvicorn", "pydantic"} <= set(layout["requirements"]["serving"])
    assert {"pytest", "ruff", "mypy"} <= set(layout["requirements"]["development"])


def test_names_of_functions_say_what_calls_do(layout: dict[str, Any], api: dict[str, Any]) -> None:
    verbs = {
        *("aggregate", "balance", "bin", "build", "combine", "compute", "convert", "correlate", "count", "cross"),
        *("derive", "describe", "drop", "encode", "expand", "fill", "impute", "join", "load", "look", "map", "merge"),
        *("parse", "pivot", "predict", "rename", "replace", "report", "reduce", "resample", "reset", "sample", "save"),
        *("scale", "select", "set", "sort", "split", "vectorise"),
    }
    alike = {"dropna": "drop", "fillna": "fill", "drop": "drop", "rename": "rename", "merge": "merge", "join": "join"}
    alike |= {"describe": "describe", "sample": "sample", "sort_values": "sort", "set_index": "set", "seed": "set"}
    for key, name in layout["names"].items():
        assert name.isidentifier(), key
        assert name.split("_")[0] in verbs, key
        last = key.rpartition(".")[2]
        assert name.split("_")[0] == alike.get(last, name.split("_")[0]), key
        assert key in api["calls"] or key.startswith((".", "imblearn", "sklearn")), key


def test_imperatives_are_the_verbs_of_their_participles(layout: dict[str, Any]) -> None:
    for participle, verb in layout["imperatives"].items():
        assert participle.endswith("ing"), participle
        stem = participle.removesuffix("ing")
        assert verb in (stem, f"{stem}e", stem[:-1]), participle


def test_a_stage_names_its_steps_or_belongs_to_one_that_does(layout: dict[str, Any]) -> None:
    assert tuple(layout["stages"]) == STAGES
    for stage, row in layout["stages"].items():
        assert stage in layout["modules"]
        if "with" in row:
            assert "name" in layout["stages"][row["with"]], stage
        else:
            assert re.fullmatch(r"[a-z]+(_[a-z]+)?", row["verb"])
            assert row["name"].isidentifier()


def test_words_of_headings_stand_once(layout: dict[str, Any]) -> None:
    for kind, words in layout["headings"].items():
        assert words == sorted(set(words)) or kind == "marks", kind


def test_imports_without_effect_are_those_of_libraries_that_only_define_things(layout: dict[str, Any]) -> None:
    rows = layout["imports"]
    assert {"numpy", "pandas", "sklearn", "matplotlib", "seaborn", "scipy", "requests", "IPython"} <= {
        *rows["without_effect"]
    }
    assert "sklearn.experimental" in rows["with_effect"]
    assert {"sum", "min", "max", "abs", "open", "round"} <= {*rows["hidden_by_stars"]}
    assert {"matplotlib", "seaborn", "pylab"} == {*rows["drawing"]}


def test_commands_start_what_the_scripts_are_called_after(layout: dict[str, Any]) -> None:
    rows = layout["commands"]
    assert {name: (row["script"], row["serves"]) for name, row in rows.items()} == {
        "train": ("train.py", False),
        "predict": ("predict.py", True),
        "serve": ("serve_model.py", True),
    }
    for row in rows.values():
        for target in row["target"].values():
            module, _, function = target.partition(":")
            assert function == "main"
            assert PurePosixPath(module.replace(".", "/")).parts[0] in layout["packages"]
