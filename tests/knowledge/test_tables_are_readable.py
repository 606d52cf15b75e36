"""The tables are data that people edit: sorted and aligned in their groups, each explained at its top."""

from __future__ import annotations

from pathlib import Path

import pytest
from knowledge_files import FOLDER, groups

TABLES = [
    ("api.toml", "calls"),
    ("api.toml", "stage_words"),
    ("distributions.toml", "distributions"),
    ("distributions.toml", "unavailable"),
    ("distributions.toml", "extras"),
    ("distributions.toml", "era"),
    ("distributions.toml", "oldest"),
    ("frontends.toml", "calls"),
    ("frontends.toml", "modules"),
    ("frontends.toml", "names"),
    ("magics.toml", "treatments"),
    ("magics.toml", "magics"),
    ("magics.toml", "harmless_extensions"),
    ("magics.toml", "listing_commands"),
]


@pytest.mark.parametrize(("file", "table"), TABLES)
def test_rows_of_a_group_are_sorted_and_aligned(file: str, table: str) -> None:
    found = list(groups(FOLDER / file, table))
    assert found
    for group in found:
        keys = [key for key, _ in group]
        assert keys in (sorted(keys), sorted(keys, key=lambda key: (key.lower(), key)))
        assert len({column for _, column in group}) == 1, f"not aligned: {keys[0]} ... {keys[-1]}"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.name)
def test_a_table_begins_with_a_comment_that_explains_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first.startswith("# ")
    assert len(first) > 30


def test_a_group_that_is_not_sorted_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t.toml"
    path.write_text('[a]\nb = 1\n\n[calls]\n"x.b" = {}\n"x.a"   = {}\n# next\n"y" = {}\n', encoding="utf-8")
    assert list(groups(path, "calls")) == [[("x.b", 6), ("x.a", 8)], [("y", 4)]]
