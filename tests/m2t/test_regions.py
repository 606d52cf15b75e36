"""Where the lines of a generated file are after a person edited it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2t.files import checked_path
from nbmde.engine.m2t.regions import generated_files, moved_lines
from nbmde.engine.m2t.writing import MANIFEST


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        ("abc", "abc", {1: 1, 2: 2, 3: 3}),
        ("abc", "xabc", {1: 2, 2: 3, 3: 4}),
        ("abc", "ac", {1: 1, 3: 2}),
        ("abc", "axc", {1: 1, 2: 2, 3: 3}),
        ("abcd", "axd", {1: 1, 2: 2, 3: 2, 4: 3}),
        ("ad", "axyd", {1: 1, 2: 4}),
        ("abc", "", {}),
        ("", "abc", {}),
    ],
)
def test_lines_are_followed_to_where_they_went(before: str, after: str, moves: dict[int, int]) -> None:
    assert moved_lines(list(before), list(after)) == moves


@pytest.mark.parametrize("text", ["", "{", "{}", '{"other": 1}'])
def test_a_folder_without_a_manifest_has_no_generated_files(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).parent.mkdir()
    (tmp_path / MANIFEST).write_text(text)
    assert generated_files(tmp_path) == {}
    assert generated_files(tmp_path / "nowhere") == {}


def test_a_manifest_names_the_generated_files(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).parent.mkdir()
    (tmp_path / MANIFEST).write_text(json.dumps({"files": {"a.py": "12"}}))
    assert generated_files(tmp_path) == {"a.py": "12"}


@pytest.mark.parametrize("path", ["a", "a/b.py", ".github/x", "x" * 255, "ä" * 127, "git", "a.git", "con2"])
def test_ordinary_paths_are_taken(path: str) -> None:
    assert checked_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "x" * 256,
        "ä" * 128,
        ".git/x",
        ".Git/x",
        "a/.GIT",
        ".hg/x",
        ".SVN/x",
        "GIT~1/x",
        "con",
        "a/NUL.txt",
        "lpt0",
        "a.",
        "a ",
    ],
)
def test_paths_that_some_system_takes_for_something_else_are_refused(path: str) -> None:
    with pytest.raises(NbmdeError):
        checked_path(path)
