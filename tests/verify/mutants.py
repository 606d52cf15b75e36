"""Notebooks, and faults to plant in the projects made of them, each with the place where it has to be found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """A fault: a text that stands once in a file of the project is replaced.

    Attributes:
        notebook: whose project it is planted in.
        cell, function: of the first difference that has to be found.
        kind: of one of the differences in that cell and function.
    """

    name: str
    notebook: str
    file: str
    before: str
    after: str
    cell: int
    function: str
    kind: str


def _shops(shift: int) -> str:
    rows = ["shop,price,units,when,kind"]
    for n in range(24):
        price = "" if n % 6 == 2 else f"{1.37 * ((n + shift) % 9) + 0.11:.2f}"
        rows.append(f"s{n},{price},{n * 5 % 11},2024-0{1 + n % 7}-1{n % 9}T0{n % 9}:00,{'abc'[n % 3]}")
    return "\n".join(rows) + "\n"


NOTEBOOKS = {
    "letters": [
        "# Letters",
        "import json\nimport random",
        "random.seed(11)\nletters = [random.choice('abcd') for _ in range(30)]\nprint(len(letters), 'letters')",
        "## Settings",
        "with open('weights.json') as stream:\n    weights = json.load(stream)\nlimit = 0.123456\nready = 1",
        "## Functions",
        "class Scale:\n    factor = 2\n\n    def of(self, value):\n        return value * self.factor",
        "def weigh(letter, extra=3):\n    return weights[letter] + extra",
        "def adder(amount):\n    def add(value):\n        return value + amount\n    return add",
        "## Counting",
        "kept = letters\nkept.append('a')\nshown = list(kept)",
        "counts = {letter: kept.count(letter) for letter in 'abcd'}\n"
        "seen = {letter for letter in kept if letter != 'd'}",
        "scale = Scale()\nscores = [scale.of(weigh(letter)) for letter in kept]\n"
        "add = adder(5)\nraised = [add(score) for score in scores]\nraised.sort()",
        "counts",
        "## Survey",
        "asked = random.sample(range(30), 4)\nprint('asked', asked)\nprint('of', len(kept))",
        "## Lottery",
        "drawn = random.sample(range(30), 2)\nprint('drawn', drawn)",
        "## Checks",
        "problems = []\nfor letter in ['a', 'x']:\n    try:\n        weigh(letter)\n"
        "    except KeyError as error:\n        problems.append(error)\nproblems",
        "## Report",
        "with open('report.json', 'w') as stream:\n"
        "    json.dump({'asked': asked, 'total': sum(scores)}, stream, indent=1)",
        "with open('done.txt', 'w') as stream:\n    written = stream.write('done\\n')",
        "print('total', sum(raised))",
    ],
    "shops": [
        "# Shops",
        "import numpy as np\nimport pandas as pd",
        "np.random.seed(4)\nsales = pd.read_csv('sales.csv', index_col='shop')\n"
        "noise = np.random.normal(size=len(sales))\nsales.head(3)",
        "last_year = pd.read_csv('last_year.csv', index_col='shop')\nlast_year.shape",
        "## Cleaning",
        "clean = sales\nclean['price'] = clean['price'].fillna(1.5)\nclean = clean[clean['units'] > 0]",
        "clean = clean.assign(when=pd.to_datetime(clean['when'], utc=True), kind=clean['kind'].astype('category'))\n"
        "clean.dtypes",
        "## Features",
        "clean['income'] = (clean['price'] * clean['units'] / 3).round(6)\n"
        "clean['large'] = (clean['units'] > 5).astype(int)\ntable = clean[['kind', 'income', 'large', 'when']]",
        "## Summary",
        "means = table.groupby('kind', observed=True)['income'].mean()\n"
        "top = table.sort_values('income', ascending=False).head(3)\nprint(means.round(3))",
        "matrix = clean[['price', 'units']].to_numpy()\nview = matrix[:2]\ncentred = matrix - matrix.mean(axis=0)",
        "table.to_csv('table.csv')",
    ],
    "flowers": [
        "# Flowers",
        "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.metrics import accuracy_score\nfrom sklearn.model_selection import train_test_split\n"
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.tree import DecisionTreeClassifier",
        "iris = load_iris()\nX = iris.data[:, :2]\ny = iris.target",
        "## Split",
        "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=5)",
        "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)",
        "## Training",
        "model = LogisticRegression(C=0.5, max_iter=200)\nmodel.fit(X_train, y_train)",
        "tree = DecisionTreeClassifier(max_depth=3, random_state=0)\ntree.fit(X_train, y_train)",
        "## Evaluation",
        "accuracy = accuracy_score(y_test, model.predict(X_test))\nprint('accuracy', round(accuracy, 3))",
        "probabilities = model.predict_proba(X_test).round(8)\n"
        "correct = int((tree.predict(X_test) == y_test).sum())\ncorrect",
    ],
    "curves": [
        "# Curves",
        "import matplotlib.pyplot as plt",
        "## Lines",
        "values = [n * n % 7 for n in range(12)]\nplt.plot(values, color='green')\nplt.title('squares')\n"
        "plt.show()\nplt.bar(range(4), values[:4])\nplt.show()",
        "## Parts",
        "figure, axes = plt.subplots(1, 2, figsize=(6, 3))\naxes[0].hist(values, bins=4)\n"
        "axes[1].scatter(values, values[::-1])\nfigure.savefig('parts.png')",
    ],
}

FILES = {
    "letters": {"weights.json": json.dumps({"a": 1, "b": 2.5, "c": 3, "d": 4})},
    "shops": {"sales.csv": _shops(0), "last_year.csv": _shops(4)},
    "flowers": {},
    "curves": {},
}


def _mutants() -> Iterator[Mutant]:
    """What `mutants.txt` lists; its head says how."""
    notebook = ""
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        if block.startswith("# "):
            notebook = block.removeprefix("# ")
            continue
        name, place, file, *lines = block.strip("\n").split("\n")
        before, after = ("\n".join(line[1:] for line in lines if line[0] == sign) for sign in "-+")
        where, _, kind = place.partition(": ")
        cell, function = where.split()
        yield Mutant(name, notebook, file, before if after else f"{before}\n", after, int(cell), function, kind)


MUTANTS = list(_mutants())
