"""What commands write, where they are told to; and where notebooks run."""

from __future__ import annotations

import inspect
import shutil
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from nbmde.notebooks.inject.shell_outputs import HERE, by_commands


@pytest.fixture(scope="module")
def places(knowledge: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return knowledge("places")


@pytest.mark.parametrize(
    ("command", "written"),
    [
        ("unzip a.zip", {HERE}),
        ("unzip -q a.zip -d data", {"data"}),
        ("tar -xzf a.tgz", {HERE}),
        ("tar xf a.tar -C data", {"data"}),
        ("tar --extract -f a.tar --directory=data", {"data"}),
        ("tar -czf a.tgz data", set()),
        ("tar tf a.tgz", set()),
        ("bsdtar -xf a.zip -C data", {"data"}),
        ("unrar x a.rar", {HERE}),
        ("unrar l a.rar", set()),
        ("7z x a.7z -odata", {"data"}),
        ("7z l a.7z", set()),
        ("gunzip a.gz", {HERE}),
        ("gzip -d a.gz", {HERE}),
        ("gzip a", set()),
        ("bunzip2 a.bz2", {HERE}),
        ("unxz a.xz", {HERE}),
        ("zip -r a.zip data", {"a.zip"}),
        ("wget https://example.org/a.csv", {"a.csv"}),
        ("wget -q https://example.org/x -O a.csv", {"a.csv"}),
        ("wget https://example.org/a.csv -P data", {"data/a.csv"}),
        ("wget --output-document=a.csv https://example.org/x", {"a.csv"}),
        ("curl https://example.org/a.csv", set()),
        ("curl -O https://example.org/a.csv", {"a.csv"}),
        ("curl -sL https://example.org/x -o a.csv", {"a.csv"}),
        ("curl --output a.csv https://example.org/x", {"a.csv"}),
        ("aria2c https://example.org/x -d data -o a.csv", {"data/a.csv"}),
        ("gdown 123 -O a.csv", {"a.csv"}),
        ("gdown 123", {HERE}),
        ("kaggle datasets download -d x/y", {HERE}),
        ("kaggle datasets download x/y -p data", {"data"}),
        ("huggingface-cli download x --local-dir data", {"data"}),
        ("hf download x --local-dir data", {"data"}),
        ("git clone https://example.org/x/tool.git", {"tool"}),
        ("git clone https://example.org/x/tool.git there", {"there"}),
        ("git pull", set()),
        ("cp a.csv data/b.csv", {"data/b.csv"}),
        ("cp a.csv .", {"a.csv"}),
        ("mv a.csv b.csv", {"b.csv"}),
        ("ln -s a b", {"b"}),
        ("rsync -a a b", {"b"}),
        ("scp host:a b", {"b"}),
        ("install a b", {"b"}),
        ("touch a b", {"a", "b"}),
        ("echo 1 | tee a.txt", {"a.txt"}),
        ("echo 1 > a.txt", {"a.txt"}),
        ("cd data\nwget https://example.org/a.csv", {"data/a.csv"}),
        ("ls -l", set()),
        ("cat a.txt", set()),
    ],
)
def test_a_command_writes_what_it_is_told_to(places: dict[str, Any], command: str, written: set[str]) -> None:
    made = by_commands([command], places["commands"])
    assert (set(made.paths), made.anything) == (written, False)


@pytest.mark.parametrize(
    "command",
    ["python a.py", "python3 a.py", "bash a.sh", "sh a.sh", "make", "dvc repro", "Rscript a.R", "aws s3 cp a b"],
)
def test_a_program_may_write_anything(places: dict[str, Any], command: str) -> None:
    assert by_commands([command], places["commands"]).anything


def test_every_command_is_tried_here(places: dict[str, Any]) -> None:
    tried = {
        command.split()[0]
        for test in (test_a_command_writes_what_it_is_told_to, test_a_program_may_write_anything)
        for mark in test.pytestmark  # type: ignore[attr-defined]
        for case in mark.args[1]
        for command in [case if isinstance(case, str) else case[0].rpartition("| ")[2]]
    }
    assert set(places["commands"]) - tried == {"gsutil"}


def test_what_unpacks_has_its_folder_where_the_signatures_have_it(places: dict[str, Any]) -> None:
    known: dict[str, list[Any]] = {
        ".extractall": [tarfile.TarFile.extractall, zipfile.ZipFile.extractall],
        ".extract": [tarfile.TarFile.extract, zipfile.ZipFile.extract],
        "shutil.unpack_archive": [shutil.unpack_archive],
        "unpack_archive": [shutil.unpack_archive],
        ".urlretrieve": [urllib.request.urlretrieve],
        "urlretrieve": [urllib.request.urlretrieve],
    }
    for key, functions in known.items():
        row = places["unpacking"][key]
        for function in functions:
            names = [name for name in inspect.signature(function).parameters if name != "self"]
            assert names[row["position"]] == row["keyword"], key
    documented = {  # positions of libraries that the tests do without; 99: by keyword only
        "wget.download": (1, "out"),
        "gdown.download": (1, "output"),
        "gdown.download_folder": (1, "output"),
        "od.download": (1, "data_dir"),
        "opendatasets.download": (1, "data_dir"),
        ".dataset_download_files": (1, "path"),
        ".dataset_download_file": (2, "path"),
        ".competition_download_files": (1, "path"),
        ".competition_download_file": (2, "path"),
        "hf_hub_download": (99, "local_dir"),
        "snapshot_download": (99, "local_dir"),
        ".clone_from": (1, "to_path"),
        ".download_file": (2, "Filename"),
    }
    assert set(places["unpacking"]) == {*known, *documented}
    for key, (position, keyword) in documented.items():
        assert (places["unpacking"][key]["position"], places["unpacking"][key]["keyword"]) == (position, keyword), key
    for key, row in places["unpacking"].items():
        for module in row.get("modules", ()):
            assert module in ("py7zr", "rarfile") or module in sys.stdlib_module_names, key


def test_machines_are_those_of_the_services_and_longer_folders_come_first(places: dict[str, Any]) -> None:
    working = places["machines"]["working"]
    assert {"/content", "/content/drive/MyDrive", "/kaggle/working", "/home/jovyan", "/databricks/driver"} <= {*working}
    for number, folder in enumerate(working):
        assert not any(folder.startswith(f"{other}/") for other in working[:number]), folder
