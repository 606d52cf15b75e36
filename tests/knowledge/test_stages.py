"""What usual code and usual headings are for, as the tables tell."""

from __future__ import annotations

import ast
import sys
from typing import Any

import pytest

from nbmde.engine import m2m
from nbmde.notebooks.analysis.calls import CallResolver, CallTable
from nbmde.notebooks.analysis.program import Unit

m2m.find("notebook2workflow.stages")
stages = sys.modules["nbmde_transformations.notebook2workflow.stages"]

BEFORE = """
import numpy as np, pandas as pd, seaborn as sns, joblib, pickle, json, os, random, warnings
import torch, tensorflow as tf, xgboost as xgb
import matplotlib.pyplot as plt
from sklearn import metrics
from sklearn.model_selection import train_test_split, cross_val_score, GridSearchCV, KFold
from sklearn.linear_model import LogisticRegression, LinearRegression
from sklearn.ensemble import RandomForestClassifier
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler, OneHotEncoder, LabelEncoder
from sklearn.impute import SimpleImputer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix, mean_squared_error, roc_auc_score
df = pd.read_csv("a.csv")
X, y = df.drop(columns="y"), df["y"]
model = LogisticRegression()
scaler = StandardScaler()
pca = PCA(2)
"""


@pytest.fixture(scope="module")
def resolver(api: dict[str, Any]) -> CallResolver:
    found = CallResolver(CallTable(api["calls"]))
    for node in ast.parse(BEFORE).body:
        found.learn(node)
    return found


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (stage, code)
        for stage, codes in {
            "setup": [
                "import pandas as pd",
                "np.random.seed(1)",
                "random.seed(1)",
                "plt.rcParams['figure.dpi'] = 72",
                "pd.options.display.max_rows = pd.options.display.width = 99",
                "with warnings.catch_warnings():\n    import os as more\n    more.chdir('a')",
                "torch.manual_seed(1)",
                "tf.random.set_seed(1)",
                "warnings.filterwarnings('ignore')",
                "pd.set_option('display.max_columns', 9)",
                "sns.set_theme()",
                "plt.style.use('ggplot')",
                "plt.rcParams.update({'figure.figsize': (9, 6)})",
            ],
            "load": [
                "df = pd.read_csv('a.csv')",
                "df = pd.read_excel('a.xlsx')",
                "df = pd.read_parquet('a')",
                "df = sns.load_dataset('tips')",
                "a = np.load('a.npy')",
                "a = np.loadtxt('a.txt')",
                "j = json.load(open('a.json'))",
                "m = joblib.load('m.pkl')",
                "f = os.listdir('data')",
            ],
            "explore": [
                "df.head()",
                "df.info()",
                "df.describe()",
                "df['a'].value_counts()",
                "df.corr()",
                "df.isnull().sum()",
                "plt.plot(df['a'])",
                "plt.show()",
                "sns.heatmap(df.corr())",
                "sns.pairplot(df)",
                "df.hist()",
                "plt.savefig('a.png')",
                "print(df.shape)",
                "df",
            ],
            "preprocess": [
                "df = df.dropna()",
                "df['a'] = df['a'].fillna(0)",
                "df = df.drop_duplicates()",
                "df = df.rename(columns={'a': 'b'})",
                "df['d'] = pd.to_datetime(df['d'])",
                "df['a'] = df['a'].astype(int)",
                "df = df.merge(other, on='k')",
                "df = pd.concat([df, other])",
                "X = scaler.fit_transform(X)",
                "s = StandardScaler()",
                "i = SimpleImputer()",
                "df['a'] = df['a'].str.lower()",
            ],
            "features": [
                "X = pd.get_dummies(X)",
                "p = PCA(2)",
                "X2 = pca.fit_transform(X)",
                "v = TfidfVectorizer()",
            ],
            "split": [
                "a, b, c, d = train_test_split(X, y)",
                "k = KFold(5)",
            ],
            "train": [
                "model.fit(X, y)",
                "m = RandomForestClassifier()",
                "m = LinearRegression().fit(X, y)",
                "g = GridSearchCV(model, {}).fit(X, y)",
                "k = KMeans(3)",
                "b = xgb.XGBClassifier()",
                "p = make_pipeline(scaler, model)",
            ],
            "evaluate": [
                "accuracy_score(y, p)",
                "print(classification_report(y, p))",
                "c = confusion_matrix(y, p)",
                "e = mean_squared_error(y, p)",
                "a = roc_auc_score(y, p)",
                "s = cross_val_score(model, X, y)",
                "model.score(X, y)",
                "print(metrics.f1_score(y, p))",
            ],
            "predict": ["p = model.predict(X)", "p = model.predict_proba(X)"],
            "save": [
                "joblib.dump(model, 'm.pkl')",
                "pickle.dump(model, f)",
                "df.to_csv('a.csv')",
                "np.save('a.npy', X)",
            ],
        }.items()
        for code in codes
    ],
)
def test_usual_code_belongs_to_its_stage(resolver: CallResolver, stage: str, code: str) -> None:
    found = stages.classify(Unit(code, ast.parse(code).body, 1, echo=code == "df"), resolver)
    assert found is not None
    assert found.stage == stage, found


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("train", "model.fit(X, y)"),
        ("load", "df = pd.read_csv('a.csv')"),
        ("evaluate", "accuracy_score(y, p)"),
        ("split", "a, b = train_test_split(X)"),
        ("predict", "p = model.predict(X)"),
        ("save", "joblib.dump(model, 'm.pkl')"),
    ],
)
def test_what_says_it_surely_says_it_alone(resolver: CallResolver, stage: str, code: str) -> None:
    found = stages.classify(Unit(code, ast.parse(code).body, 1), resolver)
    assert (found.stage, found.score >= stages.STRONG) == (stage, True)


@pytest.mark.parametrize(
    ("heading", "stage"),
    [
        ("Importing libraries", "setup"),
        ("Install dependencies", "setup"),
        ("Loading the data", "load"),
        ("Read CSV", "load"),
        ("Exploratory Data Analysis", "explore"),
        ("EDA", "explore"),
        ("Visualization", "explore"),
        ("Data cleaning", "preprocess"),
        ("Missing values", "preprocess"),
        ("Handling outliers", "preprocess"),
        ("Feature engineering", "features"),
        ("One-hot encoding", "features"),
        ("Train-test split", "train"),
        ("Splitting", "split"),
        ("Modeling", "train"),
        ("Logistic regression", "train"),
        ("Random Forest", "train"),
        ("Hyperparameter tuning", "train"),
        ("Evaluation", "evaluate"),
        ("Confusion matrix", "evaluate"),
        ("Results", "evaluate"),
        ("Cross-validation", "evaluate"),
        ("Predictions", "predict"),
        ("Submission", "predict"),
        ("Saving the model", "save"),
        ("Export", "save"),
        ("Foreword", None),
    ],
)
def test_usual_headings_tell_a_stage(api: dict[str, Any], heading: str, stage: str | None) -> None:
    assert stages.word_stage(heading, api["stage_words"]) == stage


def test_a_cell_is_for_what_weighs_most_and_looking_counts_only_alone() -> None:
    def seen(**weights: float) -> list[Any]:
        return [stages.Evidence(stage, weight, "x") for stage, weight in weights.items()]

    assert stages.cell_stage(seen(load=5, train=8), None) == "train"
    assert stages.cell_stage(seen(load=5, explore=30), None) == "load"
    assert stages.cell_stage(seen(load=2, explore=3), None) == "explore"
    assert stages.cell_stage(seen(load=2), None) == "load"
    assert stages.cell_stage(seen(load=3, explore=1), None) == "load"
    assert stages.cell_stage(seen(setup=9, explore=1), None) == "explore"
    assert stages.cell_stage(seen(setup=9), None) is None
    assert stages.cell_stage([None, *seen(split=4), *seen(split=3), *seen(train=6)], None) == "split"
    assert stages.cell_stage(seen(preprocess=3, train=9), "preprocess") == "preprocess"
    assert stages.cell_stage(seen(preprocess=2, train=9), "preprocess") == "train"
    assert stages.cell_stage(seen(train=9), "preprocess") == "train"


def test_constants_are_made_by_functions_without_effects(api: dict[str, Any]) -> None:
    table = CallTable(api["calls"])
    effects = {"resources", "mutates", "reads_files", "writes_files", "opens", "random_if_missing", "mutates_if"}
    for name in (*api["constants"]["calls"], *api["constants"]["classes"]):
        if not name.startswith("torch."):  # which hardware there is does not change
            assert not effects & (table.dotted(name) or {}).keys(), name
        assert name.split(".")[0] not in ("random", "time", "os", "sys", "secrets", "glob"), name
    assert {"numpy.array", "re.compile", "dict", "collections.namedtuple"} <= {
        *api["constants"]["calls"],
        *api["constants"]["classes"],
    }
