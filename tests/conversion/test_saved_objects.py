"""A pickle is a model only where what is dumped is known to be one, or to hold one."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebooks import generate, write_notebook

HEAD = """import pickle, joblib
from sklearn.linear_model import LinearRegression
m = LinearRegression().fit([[1.0], [2.0]], [1, 2])
old = {'token': 'x'}"""
IN_FUNCTION = """def keep():
    from sklearn.svm import SVC
    c = SVC().fit([[1], [2]], [0, 1])
    joblib.dump(c, 'a.pkl')
keep()"""
TWO_FILES = """with open('a.pkl', 'wb') as f, open('b.pkl', 'wb') as g:
    pickle.dump(old, f)
    pickle.dump(m, g)"""
AGAIN = """pickle.dump([1, 2], open('a.pickle', 'wb'))
print(pickle.load(open('a.pickle', 'rb')))"""
CASES = {
    "joblib.dump(m, 'a.pkl')": "models/latest/a.pkl",
    "with open('a.pkl', 'wb') as f:\n    pickle.dump(m, f)": "models/latest/a.pkl",
    "f = open('a.pkl', 'wb')\npickle.dump(m, f)\nf.close()": "models/latest/a.pkl",
    "joblib.dump({'model': m, 'columns': ['x']}, 'a.joblib')": "models/latest/a.joblib",
    "both = [m]\nboth.append(1)\npickle.dump(both, open('a.sav', 'wb'))": "models/latest/a.sav",
    "with open('a.pkl', 'wb') as f:\n    f.write(pickle.dumps(m))": "models/latest/a.pkl",
    IN_FUNCTION: "models/latest/a.pkl",
    "with open('credentials.pkl', 'wb') as f:\n    pickle.dump(old, f)": "outputs/credentials.pkl",
    TWO_FILES: "outputs/a.pkl",
    AGAIN: "outputs/a.pickle",
    "import pandas as pd\npd.DataFrame({'a': [1]}).to_pickle('a.pkl')": "outputs/a.pkl",
    "m = {'a': 1}\njoblib.dump(m, 'a.joblib')": "outputs/a.joblib",
}


@pytest.mark.parametrize("code", CASES)
def test_models_and_other_objects_lie_apart(code: str, tmp_path: Path) -> None:
    project = generate(write_notebook(tmp_path / "work.ipynb", [HEAD, code]), tmp_path / "project")
    texts = [file.read_text() for file in (project / "configs/config.yaml", *project.glob("src/**/*.py"))]
    assert CASES[code] in "\n".join(texts)
