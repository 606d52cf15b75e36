"""A model is served with the table that enters the first step of the path to it, whatever happens to names later."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from oracle import Oracle

from nbmde.engine.errors import NbmdeError

pytestmark = pytest.mark.slow

DATA = """
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

random = np.random.RandomState(0)
df = pd.DataFrame({
    "size": random.normal(50, 9, 120), "rooms": random.randint(1, 6, 120), "city": random.choice(["Bern", "Rom"], 120)
})
df["sold"] = (df["size"] + 4 * df["rooms"] + 9 * (df["city"] == "Rom") > 65).astype(int)
"""
SPLIT = """
X_train, X_test, y_train, y_test = train_test_split(df[["size", "rooms"]], df["sold"], random_state=0)
"""
RECORDS = [{"size": 40.0, "rooms": 2}, {"size": 61.5, "rooms": 5}]
TYPED = {"size": "number", "rooms": "integer"}
# What the notebook does; an expression that predicts for the table `new`, as the notebook would; the columns.
PATHS: dict[str, tuple[str, str, dict[str, str]]] = {
    "scaled under its own name": (
        SPLIT + "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\n"
        "X_test = scaler.transform(X_test)\nmodel = LogisticRegression().fit(X_train, y_train)",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "a transformer that is fitted, and shown, as the last line of its cell": (
        "X = df[['size', 'rooms']]\ny = df['sold']\nscaler = StandardScaler()\nscaler.fit(X)\n\n\n"
        "X = scaler.transform(X)\nmodel = LogisticRegression()\nmodel.fit(X, y)",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "several transformers": (
        SPLIT + "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\npca = PCA(2, random_state=0)\n"
        "X_train = pca.fit_transform(X_train)\nmodel = LogisticRegression().fit(X_train, y_train)",
        "model.predict(pca.transform(scaler.transform(new)))",
        TYPED,
    ),
    "split after scaling": (
        "X = df.drop(columns=['sold', 'city'])\nscaler = MinMaxScaler()\nX = scaler.fit_transform(X)\n"
        "X_train, X_test, y_train, y_test = train_test_split(X, df['sold'], random_state=0)\n"
        "model = LogisticRegression()\nmodel.fit(X_train, y_train)",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "column transformer": (
        "X_train, X_test, y_train, y_test = train_test_split(df.drop('sold', axis=1), df['sold'], random_state=0)\n"
        "prepare = ColumnTransformer([('c', OneHotEncoder(), ['city']), ('n', StandardScaler(), ['size', 'rooms'])])\n"
        "X_train = prepare.fit_transform(X_train)\nmodel = LogisticRegression().fit(X_train, y_train)",
        "model.predict(prepare.transform(new))",
        {**TYPED, "city": "text"},
    ),
    "dummies": (
        "X = pd.get_dummies(df.drop('sold', axis=1))\nscaler = StandardScaler()\n"
        "X = pd.DataFrame(scaler.fit_transform(X), columns=X.columns)\n"
        "model = LogisticRegression().fit(X, df['sold'])",
        "model.predict(pd.DataFrame(scaler.transform(new), columns=X.columns))",
        {**TYPED, "city_Bern": "boolean", "city_Rom": "boolean"},
    ),
    "some columns in place": (
        SPLIT + "number = ['size']\nscaler = StandardScaler()\n"
        "X_train[number] = scaler.fit_transform(X_train[number])\nmodel = LogisticRegression().fit(X_train, y_train)",
        "model.predict(new.assign(size=scaler.transform(new[['size']])[:, 0]))",
        TYPED,
    ),
    "columns chosen in the call": (
        "model = LogisticRegression()\nmodel.fit(df[['size', 'rooms']], df['sold'])\ndf['size'] = 0\ndf = df.head()",
        "model.predict(new)",
        TYPED,
    ),
    "columns by number, as an array": (
        "X = df.iloc[:, [0, 1]].values\ny = df['sold'].values\nscaler = StandardScaler()\nX = scaler.fit_transform(X)\n"
        "model = LogisticRegression()\nmodel.fit(X, y)",
        "model.predict(scaler.transform(new[['size', 'rooms']].to_numpy()))",
        TYPED,
    ),
    "one call in another": (
        SPLIT + "scaler = StandardScaler()\nmodel = LogisticRegression()\n"
        "model.fit(scaler.fit_transform(X_train), y_train)\nX_train = None",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "transformer without a name": (
        SPLIT + "X_train = StandardScaler().fit_transform(X_train)\nmodel = LogisticRegression().fit(X_train, y_train)",
        "model.predict(StandardScaler().fit(kept).transform(new))",
        TYPED,
    ),
    "transformer that is fitted again": (
        SPLIT + "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\n"
        "X_test = scaler.fit_transform(X_test * 3)\nmodel = LogisticRegression().fit(X_train, y_train)",
        "model.predict(StandardScaler().fit(kept).transform(new))",
        TYPED,
    ),
    "name of the transformer taken by another one": (
        SPLIT + "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\n"
        "model = LogisticRegression().fit(X_train, y_train)\nscaler = MinMaxScaler()",
        "model.predict(StandardScaler().fit(kept).transform(new))",
        TYPED,
    ),
    "in functions": (
        "def split(table):\n    X = table[['size', 'rooms']]\n"
        "    return train_test_split(X, table['sold'], random_state=0)\n\n"
        "def scale(train, test):\n    scaler = StandardScaler()\n    train = scaler.fit_transform(train)\n"
        "    return train, scaler.transform(test), scaler\n\n"
        "def learn(X, y):\n    model = LogisticRegression()\n    model.fit(X, y)\n    return model\n\n"
        "X_train, X_test, y_train, y_test = split(df)\nX_train, X_test, scaler = scale(X_train, X_test)\n"
        "model = learn(X_train, y_train)\nprint(model.score(X_test, y_test))",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "best of a search": (
        SPLIT + "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\n"
        "search = GridSearchCV(LogisticRegression(), {'C': [0.1, 1.0]}, cv=3)\nsearch.fit(X_train, y_train)\n"
        "model = search.best_estimator_\nprint(model.predict(X_train[:3]))",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "text that is made dense": (
        "texts = df['city'] + ' ' + df['rooms'].astype(str) + ' rooms'\nwords = CountVectorizer()\n"
        "texts = words.fit_transform(texts).toarray()\nmodel = GaussianNB().fit(texts, df['sold'])",
        "model.predict(words.transform(new['value']).toarray())",
        {"value": "text"},
    ),
    "in a block": (
        SPLIT + "scaler = StandardScaler()\nwith np.errstate(all='ignore'):\n"
        "    X_train = scaler.fit_transform(X_train)\n    model = LogisticRegression().fit(X_train, y_train)",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "changed before the loop that fits": (
        SPLIT + "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\nmodel = LogisticRegression()\n"
        "for C in [0.1, 1.0]:\n    model.set_params(C=C)\n    model.fit(X_train, y_train)\n"
        "X_train = X_train[:0]\nprint(model.score(scaler.transform(X_test), y_test))",
        "model.predict(scaler.transform(new))",
        TYPED,
    ),
    "column added to the table later": (
        "X = df[['size', 'rooms']].copy()\nmodel = LogisticRegression()\nmodel.fit(X, df['sold'])\n"
        "X['guess'] = model.predict(X)",
        "model.predict(new)",
        TYPED,
    ),
}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": "src"}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def trained(folder: Path) -> Any:
    """The model that the project serves after its training, in this process: all libraries are loaded here."""
    before = Path.cwd()
    sys.path.insert(0, str(folder / "src"))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            assert importlib.import_module("story.utils.train").main(["--root", str(folder)]) == 0
        bundle = importlib.import_module("story.serving.bundle")
        return bundle.ModelBundle.load(folder / bundle.FOLDER)
    finally:
        os.chdir(before)
        sys.path.remove(str(folder / "src"))
        for name in [name for name in sys.modules if name.partition(".")[0] == "story"]:
            del sys.modules[name]


def records(columns: dict[str, str]) -> list[dict[str, Any]]:
    """Two records with some columns."""
    more: list[dict[str, Any]] = [
        {"city": "Rom", "city_Bern": False, "city_Rom": True, "value": "Bern 2 rooms"},
        {"city": "Bern", "city_Bern": True, "city_Rom": False, "value": "Rom 5 rooms"},
    ]
    return [{name: {**one, **other}[name] for name in columns} for one, other in zip(RECORDS, more, strict=True)]


@pytest.mark.parametrize("path", PATHS)
def test_service_takes_what_enters_the_first_step(oracle: Oracle, path: str) -> None:
    code, prediction, columns = PATHS[path]
    cells = [(DATA.strip(), []), *((part, []) for part in code.strip().split("\n\n\n")), ("print('end')", [])]
    folder, _ = oracle.convert(cells)
    bundle, asked = trained(folder), records(columns)
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(DATA, names)
        exec(SPLIT + "kept = X_train", names)
        exec(code, names)
        names["new"] = pd.DataFrame(asked)[[column.name for column in bundle.schema.columns]]
        exec(f"expected = {prediction}", names)
    assert {column.name: column.kind for column in bundle.schema.columns} == columns
    assert bundle.predict(pd.DataFrame(asked)).tolist() == names["expected"].tolist()
    assert sorted(bundle.reference) == sorted(columns)


def test_project_of_such_a_notebook_passes_its_own_tests(oracle: Oracle) -> None:
    code, _, _ = PATHS["some columns in place"]  # the service has a contract, so it and its drift have tests
    folder, _ = oracle.convert([(DATA, []), (code, []), ("print(model.score(X_train, y_train))", [])])
    assert (folder / "tests/test_serving.py").exists()
    assert (folder / "tests/test_drift.py").exists()
    done = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout


def test_what_is_kept_is_one_line_where_the_table_enters(oracle: Oracle) -> None:
    code, _, _ = PATHS["scaled under its own name"]
    _, outcome = oracle.convert([(DATA, []), (code, [])])
    text = "".join(file.content.decode() for path, file in outcome.files.items() if path.startswith("src/story/"))
    assert text.count("model_inputs = X_train") == 1
    service = outcome.root.service
    assert (service.features, list(service.transformers)) == ("model_inputs", ["scaler"])
    kept = [keep for step in outcome.root.workflow.steps for one in step.statements for keep in one.keeps]
    assert [(keep.expression, keep.symbol.name) for keep in kept] == [("X_train", "model_inputs")]


def test_nothing_is_kept_where_the_names_stay(oracle: Oracle) -> None:
    code = (
        SPLIT
        + "scaler = StandardScaler()\nA = scaler.fit_transform(X_train)\nmodel = LogisticRegression().fit(A, y_train)"
    )
    _, outcome = oracle.convert([(DATA, []), (code, [])])
    assert outcome.root.service.features == "X_train"
    assert not [keep for step in outcome.root.workflow.steps for one in step.statements for keep in one.keeps]


UNSERVED = {
    "baseline": (
        "model = DummyClassifier().fit(df[['size']], df['sold'])\nprint(model.score(df[['size']], df['sold']))",
        "learns nothing from its inputs",
    ),
    "series": (
        "from statsmodels.tsa.arima.model import ARIMA\nmodel = ARIMA(df['size'], order=(1, 0, 0)).fit()\n"
        "print(model.forecast(3))",
        "continues its own series",
    ),
    "loop": ("for C in [0.1, 1.0]:\n    model = LogisticRegression(C=C).fit(df[['size']], df['sold'])", "in a loop"),
    "nothing held": (
        "print(LogisticRegression().fit(df[['size']], df['sold']).score(df[['size']], df['sold']))",
        "no variable holds a model",
    ),
}


@pytest.mark.parametrize("what", UNSERVED)
def test_where_nothing_is_served_output_and_readme_say_why(oracle: Oracle, what: str) -> None:
    code, why = UNSERVED[what]
    folder, outcome = oracle.convert([(DATA, []), (code, [])])
    assert not (folder / "src/story/serving").exists()
    told = [notice for notice in outcome.notices if notice.code == "no-service"]
    assert {why in notice.message for notice in told} == {True}
    assert why in (folder / "README.md").read_text(encoding="utf-8")


def test_baseline_is_not_preferred_to_a_model(oracle: Oracle) -> None:
    code = (
        "X, y = df[['size', 'rooms']], df['sold']\nmodel = LogisticRegression().fit(X, y)\nprint(model.score(X, y))\n"
        "base = DummyClassifier().fit(X, y)\nprint(base.score(X, y))"
    )
    _, outcome = oracle.convert([(DATA, []), (code, [])])
    assert outcome.root.service.name == "model"


def served(oracle: Oracle, code: str, name: str) -> str:
    with oracle.options(serve=name):
        _, outcome = oracle.convert([(DATA, []), (code, [])])
    return str(outcome.root.service.name)


CHOICE = textwrap.dedent(
    """\
    X, y = df[['size', 'rooms']], df['sold']
    first = LogisticRegression().fit(X, y)
    second = RandomForestClassifier(random_state=0).fit(X, y)
    base = DummyClassifier().fit(X, y)
    for C in [0.1, 1.0]:
        last = LogisticRegression(C=C).fit(X, y)
    print(second.score(X, y))
    """
)


def test_the_model_that_is_asked_for_is_served(oracle: Oracle) -> None:
    assert served(oracle, CHOICE, "first") == "first"


@pytest.mark.parametrize(
    ("name", "why"),
    [("last", "in a loop"), ("base", "learns nothing"), ("X", "no model is fitted"), ("none", "no model is fitted")],
)
def test_a_model_that_cannot_be_served_is_refused_with_the_reason(oracle: Oracle, name: str, why: str) -> None:
    with pytest.raises(NbmdeError) as refused:
        served(oracle, CHOICE, name)
    assert why in str(refused.value)
    assert "first, second)" in str(refused.value)


def test_a_model_that_cannot_be_saved_ends_the_training_with_1(oracle: Oracle) -> None:
    code = "X, y = df[['size', 'rooms']], df['sold']\nmodel = LogisticRegression().fit(X, y)\nmodel.more = ROWS"
    good, _ = oracle.convert([(DATA, []), (code.replace("ROWS", "1"), [])])
    assert run(good, "scripts/train.py").returncode == 0
    bad, _ = oracle.convert([(DATA, []), (code.replace("ROWS", "(row for row in [1])"), [])])
    models = good / "models/latest"
    before = {path.name: path.read_bytes() for path in models.iterdir()}
    (bad / "models").mkdir(exist_ok=True)
    models.rename(bad / "models/latest")
    done = run(bad, "scripts/train.py")
    assert done.returncode == 1
    assert "the model model is not served: it cannot be saved" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name: path.read_bytes() for path in (bad / "models/latest").iterdir()} == before
    assert run(bad, "scripts/train.py", "--no-model").returncode == 0


TIMED = "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\nX = np.eye(4)\ny = [0, 1, 0, 1]"


@pytest.mark.parametrize(
    "fit",
    ["%%time\nmodel = LogisticRegression(C=0.5)\nmodel.fit(X, y)", "%time model = LogisticRegression(C=0.5).fit(X, y)"],
)
def test_what_is_learned_in_timed_code_is_known(oracle: Oracle, fit: str) -> None:
    _, outcome = oracle.convert([(TIMED, []), (fit, []), ("print(model.score(X, y))", [])])
    workflow = outcome.root.workflow
    assert [model.estimator for model in workflow.models] == ["sklearn.linear_model.LogisticRegression"]
    assert "C" in [setting.name for setting in workflow.settings]
