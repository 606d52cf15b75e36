"""What only notebooks of one service can do is treated by what it does there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="module")
def calls(knowledge: Callable[[str], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return dict(knowledge("frontends")["calls"])


@pytest.mark.parametrize(
    ("treatment", "names"),
    [
        (
            "secret",
            {
                "google.colab.userdata.get",
                "kaggle_secrets.UserSecretsClient().get_secret",
                "dbutils.secrets.get",
            },
        ),
        ("last", {"dbutils.notebook.exit"}),
        ("uploads", {"google.colab.files.upload"}),
        ("value", {"dbutils.widgets.get"}),
        ("client", {"kaggle_secrets.UserSecretsClient", "kaggle_datasets.KaggleDatasets"}),
        (
            "default",
            {f"dbutils.widgets.{kind}" for kind in ("combobox", "dropdown", "multiselect", "text")},
        ),
    ],
)
def test_calls_that_give_something_keep_giving_it(
    calls: dict[str, dict[str, Any]], treatment: str, names: set[str]
) -> None:
    found = {name for name, row in calls.items() if row["treatment"] == treatment}
    assert found == names


def test_what_is_left_out_gives_nothing_that_code_could_use(calls: dict[str, dict[str, Any]]) -> None:
    """Calls that fetch, list, read or copy are refused: without what they give, the rest computes something else."""
    giving = ("get", "ls", "head", "cp", "mv", "put", "run", "read", "list", "upload", "eval", "mkdirs", "mounts")
    for name, row in calls.items():
        last = name.rpartition(".")[2]
        if row["treatment"] == "drop":
            assert not last.startswith(giving), name
        if row["treatment"] in ("drop", "refuse", "secret", "uploads"):
            assert row.get("reason"), name


def test_what_only_shows_is_left_out(calls: dict[str, dict[str, Any]]) -> None:
    for name in (
        "google.colab.files.view",
        "google.colab.files.download",
        "google.colab.drive.mount",
        "google.colab.output.clear",
        "google.colab.patches.cv2_imshow",
        "dbutils.data.summarize",
        "dbutils.widgets.removeAll",
    ):
        assert calls[name]["treatment"] == "drop", name
