"""Imports stand at the head of modules; what has to be done before them is done when the package is imported."""

from __future__ import annotations

import pytest
from oracle import Oracle


def imports_as_values(oracle: Oracle, *cells: str) -> tuple[list[str], str]:
    """Imported names that functions pass to each other, and the text of the package's own file."""
    _, outcome = oracle.convert([(cell, []) for cell in cells], apart=True)
    symbols = outcome.root.workflow.symbols
    passed = [symbol.name for symbol in symbols if symbol.kind.name == "import" and symbol.sharing.name != "module"]
    (path,) = [
        path for path in outcome.files if path.startswith("src/") and path.count("/") == 2 and "__init__" in path
    ]
    return passed, outcome.files[path].content.decode()


@pytest.mark.parametrize(
    "head",
    [
        'import os\nos.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"',
        'import os, sys\nsys.path.append("..")\nos.chdir(".")',
        "%cd .",
        'import warnings\nwarnings.filterwarnings("ignore")',
        "import sys\nsys.path.insert(0, 'lib')\nimport torch\ntorch.backends.cudnn.benchmark = True",
        'import os\ndef seed(n):\n    os.environ["PYTHONHASHSEED"] = str(n)\nseed(1)',
        "%env OMP_NUM_THREADS=1\n%set_env TF_CPP_MIN_LOG_LEVEL 3",
        'get_ipython().run_line_magic("env", "OMP_NUM_THREADS=1")',
        'import os\nlevel = "3"\nos.environ["TF_CPP_MIN_LOG_LEVEL"] = level',
    ],
)
def test_imports_behind_a_change_of_the_surroundings_are_no_values(oracle: Oracle, head: str) -> None:
    passed, _ = imports_as_values(
        oracle, f"{head}\nimport numpy as np\nfrom pathlib import Path\nimport tensorflow as tf", "print(np, Path, tf)"
    )
    assert passed == []


def test_what_a_library_reads_at_import_is_set_when_the_package_is_imported(oracle: Oracle) -> None:
    _, package = imports_as_values(oracle, 'import os\nos.environ["TF_A"] = "3"\nimport tensorflow as tf', "print(tf)")
    assert 'import os\n\nos.environ["TF_A"] = "3"\n' in package


def test_what_is_set_behind_the_import_that_reads_it_stays_in_its_step(oracle: Oracle) -> None:
    passed, package = imports_as_values(
        oracle, 'import tensorflow as tf\nimport os\nos.environ["TF_A"] = "3"\nimport numpy as np', "print(tf, np)"
    )
    assert (passed, "TF_A" in package) == ([], False)


def test_what_is_set_from_a_computed_value_stays_and_so_does_the_import_that_may_read_it(oracle: Oracle) -> None:
    passed, package = imports_as_values(
        oracle,
        'import os\nlevel = input_level = len("abc")\nos.environ["TF_A"] = str(level)\nimport tensorflow as tf',
        "tf",
    )
    assert (passed, "TF_A" in package) == (["tf"], False)


def test_a_magic_sets_before_imports_what_it_tells_of_where_it_stands(oracle: Oracle) -> None:
    cells = [
        "%env OMP_NUM_THREADS=1\nimport numpy as np",
        "import os\nprint(np.sum([1]), os.environ['OMP_NUM_THREADS'])",
    ]
    passed, package = imports_as_values(oracle, *cells)
    assert (passed, 'import os\n\nos.environ["OMP_NUM_THREADS"] = "1"\n' in package) == ([], True)
    folder, _ = oracle.convert([(cell, []) for cell in cells])
    assert oracle.project(folder).stdout == "env: OMP_NUM_THREADS=1\n1 1\n"


def test_a_variable_that_is_set_before_imports_is_written_out(oracle: Oracle) -> None:
    head = 'import os\ncache = "kept"\nos.environ["HF_HOME"] = os.path.join(cache, "hub")\nimport transformers'
    passed, package = imports_as_values(oracle, head, "print(transformers, cache)")
    assert (passed, 'os.environ["HF_HOME"] = os.path.join("kept", "hub")\n' in package) == ([], True)
