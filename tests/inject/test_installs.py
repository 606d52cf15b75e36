"""What install lines name, however the tool is called and whatever stands between the names."""

from __future__ import annotations

import pytest

from nbmde.notebooks.inject import installs


def found(*cells: str) -> list[tuple[str, str, tuple[str, ...], int]]:
    return [(one.name, one.specifier, one.extras, one.cell) for one in installs.requests(cells)]


@pytest.mark.parametrize(
    "tool",
    [
        *("!conda", "!mamba", "!micromamba", "%conda", "%mamba", "%micromamba", "!sudo conda"),
        *("%%bash\nmamba", "%sx mamba", "%system conda", "!conda -q"),
    ],
)  # fmt: skip
def test_conda_and_its_likes_have_bounds_of_their_own(tool: str) -> None:
    names = "lightgbm=4.1 conda-forge::pytorch>=2 'scipy==1.11' python=3.9 pip numpy"
    assert found(f"{tool} install -y -c conda-forge {names}") == [
        ("lightgbm", "==4.1.*", (), 0),
        ("torch", ">=2", (), 0),
        ("scipy", "==1.11", (), 0),
        ("numpy", "", (), 0),
    ]


@pytest.mark.parametrize(
    "tool",
    [
        *(
            "!pip",
            "!pip3",
            "!pip3.11",
            "%pip",
            "!uv pip",
            "!python -m pip",
            "!python3 -m pip",
            "!{sys.executable} -m pip",
        ),
        *("!sudo pip", "%%bash\npip", "%%sh\npip3", "%%script bash\npip", "!pip -q", "lines = !pip", "!!pip"),
    ],
)
def test_pip_is_found_however_it_is_called(tool: str) -> None:
    assert found("x = 1", f"{tool} install -q 'lightgbm>=4,<5' transformers[torch,sentencepiece]==4.40") == [
        ("lightgbm", "<5,>=4", (), 1),
        ("transformers", "==4.40", ("sentencepiece", "torch"), 1),
    ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("-r requirements.txt peft", ["peft"]),
        ("-i https://x.y/z peft", ["peft"]),
        ("-e ./own peft", ["peft"]),
        ("--index-url https://x.y/z --no-deps peft", ["peft"]),
        ("--index-url=https://x.y/z peft", ["peft"]),
        ("-U --no-cache-dir peft trl", ["peft", "trl"]),
        ("--progress-bar off peft", ["peft"]),
        ("peft --target lib trl", ["peft", "trl"]),
        ("git+https://github.com/a/b.git peft", ["peft"]),
        ("./wheels/a-1.0.whl ../b /opt/c peft", ["peft"]),
        ("peft > log.txt", ["peft"]),
        ("peft 2>&1 | tail -1", ["peft"]),
        ("peft # trl", ["peft"]),
        ("peft, trl", ["peft", "trl"]),
        ("peft && pip install trl", ["peft", "trl"]),
        ("peft; pip uninstall -y trl; pip install wandb", ["peft", "wandb"]),
        ("peft {name} $NAME", ["peft"]),
        ("'peft; python_version < \"3\"' trl", ["trl"]),
        ("", []),
    ],
)
def test_options_addresses_and_what_follows_are_no_names(words: str, names: list[str]) -> None:
    assert [name for name, *_ in found(f"!pip install {words}")] == names


@pytest.mark.parametrize(
    "cell",
    ["!pip list", "!pip uninstall -y peft", "!apt install peft", "print('pip install peft')", "# !pip install peft",
     "!echo pip install peft", "x = ("],
)  # fmt: skip
def test_other_lines_name_nothing(cell: str) -> None:
    assert found(cell) == []
