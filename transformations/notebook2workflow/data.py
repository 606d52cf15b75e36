"""Finds the data sets: files that the code names, and those that come along although no literal names them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.inject import patterns

from . import index, refining
from .paths import PathUse, below, path_name
from .refining import tell
from .remarks import Remark

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Asset
    from nbmde.metamodels.workflow import DataSet, Setting, Statement, Workflow

    from .refining import Context

transformation = m2m.Transformation("notebook2workflow.data", refines="workflow", extends=refining.transformation)


@transformation.rule("Workflow", guard=lambda t, workflow: not workflow.datasets)
def with_data(t: Context, workflow: Workflow) -> None:
    """A workflow with its data sets, in the order in which the code names them."""
    taken: set[str] = set()
    for path in t.helpers.named_paths(workflow):
        name = base = path_name(path)
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        sources = (*_naming(t, path), *filter(None, [t.helpers.assets(workflow).get(path)]))
        dataset = t.make("dataset", sources, key=path, path=path, name=name)
        workflow.datasets.append(dataset)
        _tell(t, dataset)
    known = {dataset.path: dataset for dataset in workflow.datasets}
    for setting in workflow.settings:
        if setting.role == t.target_metamodel.Role.path:
            setting.dataset = known.get(_path(setting))


@transformation.rule("Element", to="DataSet", lazy=True)
def dataset(t: Context, sources: object, dataset: DataSet, *, path: str, name: str) -> None:
    """A file that the code names, made from the statements that do and from the file that comes along."""
    metamodel, known, workflow = t.target_metamodel, index.of(t), t.target
    paths = known.survey
    asset = t.helpers.assets(workflow).get(path)
    uses = t.helpers.uses(workflow).get(_meant(t, path), [])
    if asset is not None and asset.kind.name == "marker" and any(use.direction != "input" for use in uses):
        asset = None  # what is written is more than asked for
    dataset.path, dataset.name, dataset.asset = path, name, asset
    means = paths.means(path)
    dataset.meant = means if means != patterns.normal(path) else None
    first = uses[0].direction if uses else "input"
    if asset is None and not uses and any(below(path, machine) for machine in paths.machines):
        first = "output"
    every = {use.direction for use in uses} or {first}
    if path in paths.folders:  # files in it are written
        first, every = "output", every - {"both"} | {"output"}
    dataset.direction = (
        metamodel.Direction.input
        if every == {"input"}
        else (metamodel.Direction.output if first == "output" else metamodel.Direction.both)
    )
    dataset.rereads = first == "output" and "input" in every
    dataset.made = asset is None and dataset.direction == metamodel.Direction.input and paths.may_be_made(path)
    dataset.inPlace = asset is not None and asset.path in paths.in_place
    dataset.listed = any(use.lists for use in uses) or (asset is not None and paths.lists_unknown)
    suffix = path.rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
    dataset.format = suffix if re.fullmatch(r"[a-z0-9]{1,8}", suffix) else None
    _, saving = known.learned
    dataset.model = saving.is_model(path, [use.call for use in uses])
    dataset.statements.extend([known.statements[number] for number in dict.fromkeys(use.unit for use in uses)])


@transformation.helper("Workflow", cached=True)
def assets(t: Context, workflow: Workflow) -> Mapping[str, Asset]:
    """The files that come along, by the paths that lead to them."""
    found: dict[str, Asset] = {}
    for asset in workflow.notebook.assets:
        if not asset.made:
            for literal in (asset.path, *asset.foundFor):
                found.setdefault(literal, asset)
    return found


@transformation.helper("Workflow", cached=True)
def uses(t: Context, workflow: Workflow) -> Mapping[str, list[PathUse]]:
    """How the code uses files, by what their paths mean."""
    found: dict[str, list[PathUse]] = {}
    for use in index.of(t).survey.uses:
        found.setdefault(_meant(t, use.path), []).append(use)
    return found


@transformation.helper("Workflow", cached=True)
def named_paths(t: Context, workflow: Workflow) -> list[str]:
    """The paths of all data sets: those that the code names, then those of assets that no literal names as a whole."""
    paths, known = index.of(t).survey, t.helpers.assets(workflow)
    settings = sorted(workflow.settings, key=lambda setting: (setting.statement.number, setting.start))
    named = [_path(one) for one in settings if one.role == t.target_metamodel.Role.path]
    if not named:  # settings were left out
        named = [file.path for one in index.of(t).statements for file in one.files if file.path is not None]
    named += [use.path for use in paths.uses]
    covered = {id(known[path]) for path in named if path in known}
    for asset in workflow.notebook.assets:
        data = asset.kind.name in ("dataset", "other", "marker") or asset.path in paths.in_place
        if data and not asset.made and id(asset) not in covered:
            alone = paths.moves and not asset.path.startswith("..")
            named += [asset.path] if alone else list(asset.foundFor) or [asset.path]
    if paths.lists_unknown and any(not asset.path.startswith("..") for asset in known.values()):
        named.append(patterns.HERE)
    return list(dict.fromkeys([*named, *paths.machines, *paths.folders]))


def _path(setting: Setting) -> str:
    return str(json.loads(setting.value))


def _naming(t: Context, path: str) -> list[Statement | Workflow]:
    """The statements that use a path; the workflow where none does."""
    known = index.of(t)
    numbers = dict.fromkeys(use.unit for use in t.helpers.uses(t.target).get(_meant(t, path), []))
    return [known.statements[number] for number in numbers] or [t.target]


def _meant(t: Context, path: str) -> str:
    """The same, however a path is spelled."""
    known = t.helpers.assets(t.target)
    return str(known[path].path) if path in known else index.of(t).survey.means(path)


def _tell(t: Context, dataset: DataSet) -> None:
    """Say where a file comes along from outside, and where one does not come along."""
    paths, path, asset = index.of(t).survey, str(dataset.path), dataset.asset
    lying = (one.path for one in t.target.notebook.assets)
    cell = dataset.statements[0].cellNumber if len(dataset.statements) else 0
    if asset is not None and asset.outside:
        message = f"the file {path} comes along from outside the notebook's project"
        tell(t, dataset, Remark("file-from-outside", message, cell, remedy="look whether it may be passed on"))
    found = asset is not None or path == patterns.HERE or bool(patterns.matching(path, lying))
    made = dataset.made and paths.made.covers(paths.means(path))
    found = found or paths.only_asked(path)
    missing = not found and not made and dataset.direction == t.target_metamodel.Direction.input
    omitted = asset is not None and asset.kind.name != "marker" and asset.omitted
    if missing or omitted:
        message = f"the file {path} does not come along" + (f": {omitted}" if omitted else "")
        remedy = "put it into data/raw and name it in the configuration"
        if dataset.made:
            remedy = "look whether a command of the notebook writes it"
        tell(t, dataset, Remark("file-omitted" if omitted else "file-missing", message, cell, remedy=remedy))
