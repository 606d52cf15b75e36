"""A Project by hand with everything around the code: runtime, service, drift monitoring, scripts, tests, deployment.

The notebook that it stands for reads a table, looks at it, draws, scales, trains a classifier and scores it.
"""

from __future__ import annotations

import base64
import random
import zlib
from pathlib import Path
from typing import Any

from nbmde.engine import m2t, models

PACKAGE = "penguins"
FEATURES = ["Bill Length", "mass_g", "year", "is_male", "island"]


def table(rows: int = 240) -> bytes:
    """A CSV table of penguins: numbers with gaps, a year, a truth value, a category, the species."""
    draw = random.Random(7)
    lines = [",".join(["id", *FEATURES, "species"])]
    for number in range(rows):
        species = draw.choice(["Adelie", "Gentoo"])
        length = draw.gauss(39 if species == "Adelie" else 47, 2)
        mass = "" if draw.random() < 0.05 else f"{draw.gauss(3700 if species == 'Adelie' else 5000, 300):.0f}"
        year, male, island = draw.choice([2007, 2008, 2009]), draw.random() < 0.5, draw.choice(["Biscoe", "Dream"])
        lines.append(f"{number},{length:.1f},{mass},{year},{male},{island},{species}")
    return ("\n".join(lines) + "\n").encode()


def write(folder: Path, layout: str = "mlops", service: bool = True) -> Path:
    """Generates the project in a folder, and gives the folder."""
    registry = models.Registry()
    m2t.write(m2t.find("mlproject").run(project(registry, layout, service), registry), folder)
    return folder


class Builder:
    """Makes elements of the project metamodel: `builder.Module(...)`; enumeration literals by name."""

    def __init__(self, registry: models.Registry) -> None:
        self.registry, self.metamodel = registry, registry["mlproject"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.metamodel, name)

    def module(self, name: str, kind: str, *members: Any, imports: tuple[str, ...] = ()) -> Any:
        """A module; imports are statements of third-party libraries, or `local:` and a statement."""
        made = []
        for text in imports:
            group = "local" if text.startswith("local:") else "thirdparty"
            made.append(self.Import(group=getattr(self.ImportGroup, group), text=text.removeprefix("local:")))
        return self.Module(name=name, kind=getattr(self.ModuleKind, kind), imports=made, members=members)

    def step(self, name: str, title: str, inputs: str, results: str, *code: str, **features: Any) -> Any:
        """A function; inputs and results are names with blanks between."""
        return self.Function(
            name=name,
            title=title,
            cells="1",
            parameters=[self.Parameter(name=item, kind=self.ParameterKind.positional) for item in inputs.split()],
            results=[self.Result(name=item) for item in results.split()],
            fragments=[self.Fragment(text=text) for text in code],
            **features,
        )

    def call(self, function: Any, inputs: str, results: str, optional: bool = False) -> Any:
        """A call of the driver."""
        module = function.eContainer()
        return self.Call(
            module=f"{module.eContainer().name}.{module.name}",
            function=function,
            arguments=inputs.split(),
            results=results.split(),
            optional=optional,
        )


def project(registry: models.Registry, layout: str = "mlops", service: bool = True, rows: int = 240) -> Any:
    """The model of the project.

    Args:
        registry: of the metamodels.
        layout: mlops or basic.
        service: whether its model is served.
        rows: of the table.
    """
    b = Builder(registry)
    utils = f"{PACKAGE}.utils"
    load = b.step(
        "load_data",
        "Load <the> data",
        "penguins_csv",
        "df",
        "df = pd.read_csv(penguins_csv)",
        "print(df.shape)",
        "show(df.head())",
        doc="One row a penguin.\n\nThe *mass* is missing now & then.",
    )
    explore = b.step(
        "explore",
        "Look at it",
        "df",
        "",
        "df['mass_g'].plot.hist()\nplt.show()",
        "show(df.describe())",
        exploration=True,
    )
    prepare = b.step(
        "prepare",
        "Prepare the features",
        "df",
        "X y scaler X_train X_test y_train y_test",
        "df['mass_g'] = df['mass_g'].fillna(df['mass_g'].median())",
        "df['is_dream'] = (df['island'] == 'Dream').astype(int)",
        "X = df[['Bill Length', 'mass_g', 'year', 'is_male', 'is_dream']]\ny = df['species']",
        "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
        "scaler = StandardScaler()\nX_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)",
    )
    train = b.step(
        "train_model",
        "Train",
        "X_train y_train C",
        "model",
        "model = LogisticRegression(C=C)\nmodel.fit(X_train, y_train)",
        "show(model)",
    )
    evaluate = b.step(
        "evaluate",
        "Evaluate",
        "model X_test y_test scores_csv",
        "score",
        "score = model.score(X_test, y_test)\nprint(f'accuracy {score:.3f}')",
        "plt.plot(model.coef_[0])\nshow_figures()",
        "pd.DataFrame({'accuracy': [score]}).to_csv(scores_csv)",
    )
    served = [b.module("bundle", "serving"), b.module("metadata", "serving")]
    packages = [
        b.Package(
            name="",
            modules=[b.module("config", "config"), b.module("pipeline", "pipeline"), b.module("train", "support")],
        ),
        b.Package(
            name="data",
            modules=[
                b.module(
                    "load_data",
                    "steps",
                    load,
                    explore,
                    imports=(
                        "import matplotlib.pyplot as plt",
                        "import pandas as pd",
                        f"local:from {utils}.display import show",
                    ),
                )
            ],
        ),
        b.Package(
            name="features",
            modules=[
                b.module(
                    "build_features",
                    "steps",
                    prepare,
                    imports=(
                        "from sklearn.model_selection import train_test_split",
                        "from sklearn.preprocessing import StandardScaler",
                    ),
                )
            ],
        ),
        b.Package(
            name="models",
            modules=[
                *(served if service and layout == "basic" else []),
                b.module(
                    "train_model",
                    "steps",
                    train,
                    evaluate,
                    imports=(
                        "import matplotlib.pyplot as plt",
                        "import pandas as pd",
                        "from sklearn.linear_model import LogisticRegression",
                        f"local:from {utils}.display import show",
                        f"local:from {utils}.figures import show_figures",
                    ),
                ),
            ],
        ),
        b.Package(
            name="utils",
            modules=[
                b.module(name, "support")
                for name in (
                    "display",
                    "figures",
                    "forms",
                    "frontend",
                    "interactive",
                    "lines",
                    "notebook",
                    "places",
                    "report",
                    "shell",
                )
            ],
        ),
    ]
    if service:
        packages.append(b.Package(name="predict", modules=[b.module("predict", "serving")]))
    if service and layout == "mlops":
        served += [b.module("schema", "serving"), b.module("app", "serving")]
        packages.append(b.Package(name="serving", modules=served))
        packages.append(b.Package(name="monitoring", modules=[b.module("drift", "monitoring")]))
    result = b.Project(
        name=PACKAGE, package=PACKAGE, title='Penguins & "friends"', layout=getattr(b.Layout, layout), packages=packages
    )
    result.pipeline = b.Pipeline(
        name="pipeline",
        calls=[
            b.call(load, "config.load_data.penguins_csv", "df"),
            b.call(explore, "df", "", optional=True),
            b.call(prepare, "df", "X y scaler X_train X_test y_train y_test"),
            b.call(train, "X_train y_train config.train_model.C", "model"),
            b.call(evaluate, "model X_test y_test config.evaluate.scores_csv", "score"),
        ],
    )
    scores = "outputs/scores.csv"
    settings = [
        ("load_data", "penguins_csv", "str", '"data/raw/penguins.csv"', "path", "config"),
        ("train_model", "C", "float", "1.0", "hyperparameter", "model_config"),
        ("evaluate", "scores_csv", "str", f'"{scores}"', "path", "config"),
    ]
    result.configuration = b.Configuration(
        sections=[
            b.SettingsClass(
                name=section,
                className=section.title().replace("_", ""),
                settings=[
                    b.ConfigurationSetting(
                        name=name, type=type_, value=value, kind=getattr(b.SettingKind, kind), file=file
                    )
                ],
            )
            for section, name, type_, value, kind, file in settings
        ]
    )
    groups = {
        "runtime": "pandas matplotlib plotly scikit-learn cloudpickle PyYAML ipython",
        "serving": "fastapi uvicorn scipy",
        "development": "pytest ruff mypy types-PyYAML httpx2",
    }
    for group, names in groups.items():
        if group != "serving" or service:
            for name in names.split():
                specifier = "<3" if name == "pandas" else ""
                result.requirements.append(
                    b.Requirement(name=name, specifier=specifier, group=getattr(b.RequirementGroup, group))
                )
    result.entryPoints.append(b.EntryPoint(name=f"{PACKAGE}-train", script="train.py", target="train:main"))
    result.tests.extend(b.TestModule(name=name, template=name) for name in ("conftest", "test_config", "test_pipeline"))
    if service:
        result.service = b.Service(
            name="model",
            estimator="LogisticRegression",
            task=b.Task.classification,
            features="X",
            transformers=["scaler"],
            supportsProbability=True,
        )
        result.entryPoints.append(
            b.EntryPoint(name=f"{PACKAGE}-predict", script="predict.py", target="predict.predict:main")
        )
        result.tests.append(b.TestModule(name="test_serving", template="test_serving"))
        if layout == "mlops":
            result.entryPoints.append(
                b.EntryPoint(name=f"{PACKAGE}-serve", script="serve_model.py", target="serving.app:main")
            )
            result.tests.append(b.TestModule(name="test_drift", template="test_drift"))
    result.continuousIntegration = b.Workflow(name="ci", pythonVersions=["3.11", "3.12"])
    if layout == "mlops":
        result.container = b.Container(name=PACKAGE, base="python:3.11-slim", port=8000)
        result.stages.append(
            b.PipelineStage(
                name="train",
                command=f"{PACKAGE}-train",
                dependencies=["data/raw/penguins.csv", f"src/{PACKAGE}"],
                parameters=["configs/config.yaml", "configs/model_config.yaml"],
                outputs=["outputs", *(["models/latest"] if service else [])],
            )
        )
    content = table(rows)
    notebook = registry["notebook"]
    asset = notebook.Asset(
        path="penguins.csv", size=len(content), content=base64.b64encode(zlib.compress(content)).decode()
    )
    notebook.Notebook(name=PACKAGE, nbformat=4, nbformatMinor=5, assets=[asset])
    result.dataFiles.extend(
        [
            b.DataFile(name="penguins", path="data/raw/penguins.csv", role=b.DataRole.raw, asset=asset),
            b.DataFile(name="scores", path=scores, role=b.DataRole.output, written=True),
        ]
    )
    result.secrets.append(b.Secret(name="API_TOKEN", found="cell 3, line 1"))
    return result
