"""Decides which files come along or are written: the notebook's modules, its data, what its code makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks.inject import patterns

from . import tables
from .expected_files import is_marker, module_places
from .modules import workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import DataFile, Place, Project
    from nbmde.metamodels.notebook import Asset
    from nbmde.metamodels.workflow import DataSet

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.data_files", refines="mlproject")


# -- what lies where -------------------------------------------------------------------------------------------------
@transformation.helper("Project", cached=True)
def lying(t: Refinement, project: Project) -> Mapping[str, tuple[object, ...]]:
    """Path in the project -> what comes there first: a module, a place, or a place and the file in its folder."""
    found: dict[str, tuple[object, ...]] = {file.path: (file,) for file in project.dataFiles}
    for path, asset in module_places(workflow_of(project).notebook.assets).items():
        found.setdefault(path, (asset,))
    for place in project.places:
        if is_folder(t, place):
            for path, asset in _inside(project, place):
                found.setdefault(path, (place, asset))
        elif _is_file(t, place):
            found.setdefault(place.path.rstrip("/"), (place,))
    return found


def is_folder(t: Refinement, place: Place) -> bool:
    """Does a folder come along there?"""
    dataset = _data(place)
    return _is_there(t, place) and dataset.asset is not None and bool(dataset.asset.folder)


def _is_file(t: Refinement, place: Place) -> bool:
    dataset, assets = _data(place), workflow_of(t.source).notebook.assets
    return (
        _is_there(t, place)
        and patterns.HERE not in (dataset.path, dataset.meant)
        and not patterns.matching(dataset.path, (one.path for one in assets))
    )


def _is_there(t: Refinement, place: Place) -> bool:
    """Is there something? What writes a file makes its folder, and folders are made where they are not there."""
    dataset, asset = _data(place), _data(place).asset
    own = place.path.partition("/")[0] in tables.layout_of(t, t.source)["own"]["names"]
    asked = asset is not None and is_marker(dataset) and bool(asset.omitted or asset.folder or own)
    return not dataset.made and not asked


def _inside(project: Project, place: Place) -> Iterator[tuple[str, Asset]]:
    """The files of a folder, with their paths in the project."""
    asset = _data(place).asset
    assert asset is not None  # as for every folder that comes along
    prefix = asset.path.rstrip("/") + "/"
    for other in workflow_of(project).notebook.assets:
        if other.path.startswith(prefix) and not other.folder:
            yield f"{place.path.rstrip('/')}/{other.path[len(prefix) :]}", other


def _data(place: Place) -> DataSet:
    assert place.dataset is not None  # as for every place that is made
    return place.dataset


def comes_along(t: Refinement, place: Place) -> bool:
    """Is there a file that the code reads, as the first that lies there?"""
    return _is_first(t, place) and not _writes(t, place)


def is_written(t: Refinement, place: Place) -> bool:
    """Is there a file that the code writes, as the first that lies there?"""
    return _is_first(t, place) and _writes(t, place)


def _is_first(t: Refinement, place: Place) -> bool:
    return bool(t.helpers.lying(t.source).get(place.path.rstrip("/")) == (place,))


def _writes(t: Refinement, place: Place) -> bool:
    raw: str = tables.layout_of(t, t.source)["folders"]["raw"]
    return _data(place).direction.name != "input" and not place.path.startswith(raw)


# -- rules -----------------------------------------------------------------------------------------------------------
@transformation.rule("Project")
def take_modules_along(t: Refinement, project: Project) -> None:
    """Python files that lay beside the notebook and that it imports: importable under the same name.

    Of two that would be the same module Python imports the first, and so there is no other.
    """
    for path, asset in module_places(workflow_of(project).notebook.assets).items():
        if t.helpers.lying(project)[path] == (asset,):
            project.dataFiles.append(t.make("module_file", asset, key=path, path=path))


@transformation.rule("notebook.Asset", to="DataFile", lazy=True)
def module_file(t: Refinement, asset: Asset, file: DataFile, *, path: str) -> None:
    """A module of the notebook's own."""
    file.name = asset.path.rpartition("/")[2]
    file.path, file.original, file.asset = path, asset.path, asset
    file.role = t.target_metamodel.DataRole.external


@transformation.rule("Place", guard=is_folder)
def take_folder_along(t: Refinement, place: Place) -> None:
    """A folder comes along file by file."""
    for path, asset in _inside(t.source, place):
        if t.helpers.lying(t.source)[path] == (place, asset):
            t.source.dataFiles.append(t.make("file_in_folder", (place, asset), key=path, path=path))


@transformation.rule("Place", to="DataFile", lazy=True)
def file_in_folder(t: Refinement, source: tuple[Place, Asset], file: DataFile, *, path: str) -> None:
    """A file of a folder."""
    place, asset = source
    _describe(t, place, file, path)
    file.asset = asset


@transformation.rule("Place", to="DataFile", guard=comes_along)
def file_that_is_read(t: Refinement, place: Place, file: DataFile) -> None:
    """A file that comes along, if it was found."""
    _describe(t, place, file, place.path.rstrip("/"))
    file.asset = _data(place).asset
    t.source.dataFiles.append(file)


@transformation.rule("Place", to="DataFile", guard=is_written)
def file_that_is_written(t: Refinement, place: Place, file: DataFile) -> None:
    """A file that the project writes."""
    file.written = True
    _describe(t, place, file, place.path.rstrip("/"))
    t.source.dataFiles.append(file)


def _describe(t: Refinement, place: Place, file: DataFile, path: str) -> None:
    dataset = _data(place)
    file.name = path.rpartition("/")[2] or dataset.name
    file.path, file.original, file.dataset = path, dataset.path, dataset
    role = (
        "raw"
        if path.startswith("data/raw")
        else "processed"
        if path.startswith("data/processed")
        else "model"
        if dataset.model
        else "output"
        if file.written
        else "external"
    )
    file.role = getattr(t.target_metamodel.DataRole, role)
