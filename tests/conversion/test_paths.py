"""Files that a notebook writes outside its folder are written inside the project; what it prints stays."""

from __future__ import annotations

from oracle import Oracle

CELLS: list[tuple[str, list[str]]] = [
    ("import joblib\nmodel = {'model': 1}\n'../models'", []),
    ("joblib.dump(model, '../model/forest.pkl')", []),
    ("print(joblib.load('../model/forest.pkl'))", []),
]


def test_a_file_above_the_notebook_lies_inside_the_project(oracle: Oracle) -> None:
    folder, _ = oracle.convert(CELLS)
    run = oracle.project(folder)
    assert not run.failed, run.stderr
    assert run.stdout == "'../models'\n['../model/forest.pkl']\n{'model': 1}\n"
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("forest.pkl")] == ["models/latest/forest.pkl"]
    assert not (folder.parent / "model").exists()


def test_a_folder_that_is_made_by_name_keeps_its_name(oracle: Oracle) -> None:
    made = "import os\nfor name in ['../model']:\n    os.makedirs(name, exist_ok=True)"
    folder, _ = oracle.convert([(made, []), *CELLS])
    run = oracle.project(folder)
    assert not run.failed, run.stderr
    assert (folder.parent / "model" / "forest.pkl").exists()
