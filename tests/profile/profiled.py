"""A notebook of rents with its table."""

from __future__ import annotations

import random
from pathlib import Path

RENTS = [
    "# Rents",
    "import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n"
    "from sklearn.preprocessing import StandardScaler",
    'rents = pd.read_csv("rents.csv")\nrents.head()',
    "## Cleaning",
    'known = rents.dropna()\nbackup = known\nknown = known.assign(old=known["year"] < 1950)',
    'cities = sorted(known["city"].unique())\nbounds = {"low": known["size"].min() * 1.0, "high": 200.0}\n'
    'rents["size"] = rents["size"].fillna(50.0)\ntable = rents',
    "class Rounder:\n    def round(self, value):\n        return round(value, -1)\n\nrounder = Rounder()",
    "## Training",
    'X = known[["size", "year"]]\ny = known["rent"]\nscaler = StandardScaler()\nscaler.fit(X)',
    "## Scaling",
    "X = scaler.transform(X)",
    "## Fitting",
    "model = LinearRegression()\nmodel.fit(X, y)",
    "predicted = model.predict(X)\nscore = model.score(X, y)\nprint(rounder.round(predicted.mean()))\nlen(table)",
]


def write_rents(folder: Path) -> None:
    """A table of 120 flats in three cities; one has no size."""
    draw = random.Random(3)
    rows = ["city,size,year,rent"]
    for number in range(120):
        size, year = draw.randint(20, 150), draw.randint(1900, 2020)
        rows.append(f"{draw.choice(['Bonn', 'Köln', 'Ulm'])},{size if number else ''},{year},{size * 9 + year - 1500}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rents.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
