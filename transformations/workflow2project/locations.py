"""Where the files of a notebook lie in its project.

Files that are different for the notebook are different for the project, and where the code asks which files there are,
it finds the same ones. Within that, paths are as short as they can be.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

from nbmde.engine.filenames import folded, is_device
from nbmde.notebooks.inject import patterns
from nbmde.notebooks.inject.patterns import HERE

from .expected_files import Own, clashes, identity, is_folder, is_marker, looked_for

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import DataSet, Workflow

TABULAR = frozenset(["csv", "tsv", "parquet", "feather", "json", "xlsx", "xls", "npy", "npz", "txt"])
PICTURES = frozenset(["png", "jpg", "jpeg", "svg", "pdf", "gif"])
ABOVE = "above"
"""Stands for a folder above the notebook's one where files lie beside it as well."""


def working_folder(workflow: Workflow, tables: Mapping[str, Any]) -> str:
    """Where the code runs, from the project's folder: as far below it as the code may lead upwards.

    It is one folder further down where a file would have to lie at a place that is the project's own, or where the code
    asks what is in such a folder.

    The folders on the way have the names that they have around the notebook, as far as these are known.
    """
    folder, spare = _reaching(workflow, tables), str(tables["folders"]["working"])
    shows = workflow.above and set(workflow.listed) & set(tables["own"]["names"])
    if not shows and not clashes(workflow, Own.of(tables), folder):
        return folder
    return spare if folder == HERE else f"{spare}/{folder}"


def _reaching(workflow: Workflow, tables: Mapping[str, Any]) -> str:
    spare: str = tables["folders"]["working"]
    if not workflow.above:
        return spare if set(workflow.listed) & set(tables["own"]["names"]) else HERE
    names = [part for part in (workflow.notebook.folder or "").split("/") if part][-workflow.above :]
    names = [*[spare] * (workflow.above - len(names)), *map(_clean, names)]
    if names[0] in (*tables["own"]["names"], "data"):
        names[0] = spare
    return "/".join(names)


def places(workflow: Workflow, tables: Mapping[str, Any], working: str) -> dict[str, str]:
    """Path in the code -> path in the project, for every data set of a workflow.

    Args:
        tables: those of the file `layout`.
        working: where the code runs, from the project's folder.
    """
    datasets: dict[str, DataSet] = {}  # by what they are: one file may be spelled in many ways
    for dataset in workflow.datasets:
        datasets.setdefault(identity(dataset), dataset)
    marks = {key: _marked(dataset, working) for key, dataset in datasets.items() if is_marker(dataset)}
    machines = {dataset.path: working for dataset in workflow.datasets if dataset.meant == HERE}
    if machines and datasets[HERE].meant == HERE:
        del datasets[HERE]
    datasets = {key: dataset for key, dataset in datasets.items() if key not in marks}
    staying = looked_for(workflow, Own.of(tables), working)
    lying = {key for key, dataset in datasets.items() if dataset.asset is not None}
    listed = {
        key: is_folder(dataset)
        for key, dataset in datasets.items()
        if dataset.listed and (key in lying or key == HERE or patterns.matching(key, lying))
    }
    folders = {key if folder else patterns.split(key)[0] or HERE for key, folder in listed.items()}
    found: dict[str, str] = {}
    inputs: dict[str, DataSet] = {}
    outputs: dict[str, DataSet] = {}
    for key, dataset in datasets.items():
        missing = dataset.meant and dataset.asset is None and dataset.direction.name == "input"
        if (dataset.made or missing) and not _of_machine(key):
            found[key] = patterns.normal(posixpath.join(working, key))  # something else than a known call makes it
        elif key in staying and not dataset.rereads:
            found[key] = staying[key]
        elif dataset.direction.name == "input" or _overwritten(dataset) or (listed and _lies_in(key, folders)):
            inputs[key] = dataset
        else:
            outputs[key] = dataset
    dropped: Collection[str] = tables["paths"]["dropped"]
    raw: str = tables["folders"]["raw"]
    short = {key: _join(raw, _short(key, inputs, dropped)) for key in inputs}
    found |= _distinct(short if not listed and _keeps_apart(short, inputs) else _alike(inputs, raw, dropped), found)
    found |= _distinct({key: _output(key, dataset, tables) for key, dataset in outputs.items()}, found)
    found |= marks
    return machines | {
        dataset.path: _spelled(found[identity(dataset)], dataset.path)
        for dataset in workflow.datasets
        if dataset.path not in machines
    }


def _marked(dataset: DataSet, working: str) -> str:
    """Where something lies that the code only asks for: as around the notebook; another stands for a hidden one."""
    asset = dataset.asset
    assert asset is not None  # as for every marker
    if asset.omitted:
        return "src" if asset.folder else "pyproject.toml"
    return patterns.normal(posixpath.join(working, asset.path))


def _overwritten(dataset: DataSet) -> bool:
    """Is it a file that comes along, which the code reads before it writes it?"""
    return dataset.asset is not None and not dataset.rereads and dataset.direction.name != "output"


def _of_machine(path: str) -> bool:
    """Is it a place of one machine, which is none below the working folder?"""
    return re.match(r"[/\\~]|[A-Za-z]:", path) is not None


def _lies_in(path: str, folders: Iterable[str]) -> bool:
    return any((posixpath.dirname(path) or HERE) == folder or path.startswith(f"{folder}/") for folder in folders)


def _spelled(place: str, path: str) -> str:
    return place + ("/" if path.endswith("/") and not place.endswith("/") else "")


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


# -- what is read ----------------------------------------------------------------------------------------------------
def _short(key: str, inputs: Mapping[str, DataSet], dropped: Collection[str]) -> str:
    """A path without what only said where it lay; what lies in a folder that is read as a whole stays inside it."""
    folders = [other for other, dataset in inputs.items() if is_folder(dataset)]
    outer = min((folder for folder in folders if key.startswith(f"{folder}/")), key=len, default="")
    if outer:
        return _join(_inside(outer, dropped), key.removeprefix(f"{outer}/"))
    return _inside(key, dropped)


def _keeps_apart(found: Mapping[str, str], inputs: Mapping[str, DataSet]) -> bool:
    """Has every file a place of its own, and every folder that is read as a whole its own files only?"""
    if len({folded(place) for place in found.values()}) < len(found):
        return False
    for folder, dataset in inputs.items():
        if is_folder(dataset):
            before = {key for key in found if key.startswith(f"{folder}/")}
            after = {key for key, place in found.items() if place.startswith(f"{found[folder]}/")}
            if before != after:
                return False
    return True


def _alike(inputs: Mapping[str, DataSet], raw: str, dropped: Collection[str]) -> dict[str, str]:
    """All files as they lay to each other, without the folders that all of them were in."""
    parts = {key: [part for part in re.split(r"[\\/]+", key) if part not in ("", HERE)] for key in inputs}
    within = [parts[key] if is_folder(dataset) else parts[key][:-1] for key, dataset in inputs.items()]
    levels = takewhile(lambda names: len(set(names)) == 1 and names[0] in dropped, zip(*within, strict=False))
    shared = len(list(levels))
    named = {key: [ABOVE if name == ".." else _clean(name) for name in names[shared:]] for key, names in parts.items()}
    return {key: _join(raw, *names) for key, names in named.items()}


# -- what is written -------------------------------------------------------------------------------------------------
def _output(key: str, dataset: DataSet, tables: Mapping[str, Any]) -> str:
    folders = tables["folders"]
    base = re.sub(
        r"^(models?|outputs?|figures|images|img|results|reports|saved_models|artifacts|plots)/",
        "",
        _inside(key, tables["paths"]["dropped"]),
    )
    suffix = dataset.format or ""
    folder = (
        folders["model"]
        if dataset.model
        else folders["figures"]
        if suffix in PICTURES
        else folders["processed"]
        if suffix in TABULAR and dataset.rereads
        else folders["predictions"]
        if re.search(r"predict|submission|forecast", base)
        else folders["output"]
    )
    return f"{folder}/{base}"


# -- names -----------------------------------------------------------------------------------------------------------
def _distinct(found: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """The places, with the folder in front of the name or a number behind it where another file has the place."""
    taken = {folded(place) for place in before.values()}
    result = {}
    for key, place in found.items():
        result[key] = next(name for name in _candidates(key, place) if folded(name) not in taken)
        taken.add(folded(result[key]))
    return result


def _candidates(key: str, place: str) -> Iterator[str]:
    yield place
    folder, name = posixpath.split(place)
    if above := _clean(posixpath.basename(posixpath.dirname(key))):
        yield _join(folder, above, name)
    stem, suffix = posixpath.splitext(name)
    for number in count(2):
        yield _join(folder, f"{stem}_{number}{suffix}")


def _inside(path: str, dropped: Collection[str]) -> str:
    """A path without what only said where it lay on the notebook's machine."""
    parts = [part for part in re.split(r"[\\/]+", re.sub(r"^[A-Za-z]:", "", path)) if part]
    absolute = _of_machine(path)
    if absolute:
        parts = parts[-1:]
    while parts and parts[0] in dropped:
        parts.pop(0)
    return "/".join(_clean(part) for part in parts if part not in (".", ".."))


def _clean(name: str) -> str:
    """A file's name or pattern without characters that some systems or tools do not bear."""
    name = re.sub(r"[^\w.\- +()*?]|[. ]$", "_", name)
    return f"_{name}" if is_device(name) else name
