"""A small Project by hand: four steps in pure Python, settings, a helper definition, state, a served model."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from nbmde.engine import models

CSV = b"length,width,kind\n5.1,3.5,a\n4.9,3.0,a\n7.0,3.2,b\n6.4,3.1,b\n6.9,3.1,b\n5.0,3.6,a\n"


class Builder:
    """Creates elements of the project metamodel."""

    def __init__(self, registry: models.Registry) -> None:
        self.registry = registry
        self.m = registry["mlproject"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.m, name)

    def module(self, name: str, kind: str, imports: tuple[tuple[str, str], ...] = (), **features: Any) -> Any:
        """A module; imports are pairs of group and text."""
        made = [self.m.Import(group=getattr(self.m.ImportGroup, group), text=text) for group, text in imports]
        return self.m.Module(name=name, kind=getattr(self.m.ModuleKind, kind), imports=made, **features)

    def function(
        self, name: str, title: str, cells: str, parameters: str, results: str, *fragments: str, **features: Any
    ) -> Any:
        """A function; `parameters` and `results` are `name: type` with semicolons between, `*` begins keyword ones."""
        kind, made = "positional", []
        for item in filter(None, map(str.strip, parameters.split(";"))):
            if item == "*":
                kind = "keyword"
                continue
            key, _, type_name = item.partition(": ")
            made.append(self.m.Parameter(name=key, type=type_name, kind=getattr(self.m.ParameterKind, kind)))
        outcome = []
        for item in filter(None, map(str.strip, results.split(";"))):
            key, _, type_name = item.partition(": ")
            outcome.append(self.m.Result(name=key, type=type_name))
        body = [self.m.Fragment(text=text) for text in fragments]
        return self.m.Function(
            name=name, title=title, cells=cells, parameters=made, results=outcome, fragments=body, **features
        )

    def call(
        self, function: Any, arguments: tuple[str, ...] = (), results: tuple[str, ...] = (), **features: Any
    ) -> Any:
        """A call in the driver."""
        module = function.eContainer()
        package = module.eContainer()
        path = f"{package.name}.{module.name}" if package.name else module.name
        return self.m.Call(module=path, function=function, arguments=arguments, results=results, **features)

    def setting(self, name: str, type_name: str, value: str, kind: str, file: str = "config", doc: str = "") -> Any:
        """A configuration setting; the value is JSON."""
        kind_ = getattr(self.m.SettingKind, kind)
        return self.m.ConfigurationSetting(
            name=name, type=type_name, value=value, kind=kind_, file=file, doc=doc or None
        )

    def asset(self, path: str, content: bytes) -> Any:
        """A notebook that carries one file; gives the file."""
        notebook = self.registry["notebook"]
        blob = base64.b64encode(zlib.compress(content)).decode()
        asset = notebook.Asset(path=path, size=len(content), content=blob)
        notebook.Notebook(name="flowers", nbformat=4, nbformatMinor=5, assets=[asset])
        return asset


def project(registry: models.Registry, layout: str = "mlops", **features: Any) -> Any:
    """The sample."""
    b = Builder(registry)
    load = b.function(
        "load_flowers",
        "Load the flowers",
        "2",
        "*; flowers_csv: str",
        "rows: list[dict[str, str]]",
        "# the raw measurements\nwith open(flowers_csv) as stream:\n    rows = list(csv.DictReader(stream))",
        'print(f"""{len(rows)}\nrows""")',
        doc="One row a flower: `length` and `width` in cm.\n\n- source: the garden",
    )
    explore = b.function(
        "explore", "Look at the data", "3 to 4", "rows", "", "for row in rows: print(row['kind'])", exploration=True
    )
    train = b.function(
        "train_model",
        "Train",
        "5",
        "rows: list[dict[str, str]]; state: State; *; threshold: float",
        "model; seen: int",
        "model = {'threshold': threshold}\nstate.best = 0\nseen = 0\n",
        "def fit(row):\n    global_text = '''\n  kept as it is\n'''\n    return is_long(row, threshold), global_text",
        "for row in rows:\n    state.best += fit(row)[0]\n    seen += 1",
    )
    evaluate = b.function(
        "evaluate",
        "Evaluate",
        "6",
        "rows; model; state: State",
        "score: float",
        "score = sum(is_long(row, model['threshold']) == (row['kind'] == 'b') for row in rows) / len(rows)\n"
        "print('score', score, state.best)",
    )
    helper = b.Definition(
        name="is_long",
        text="def is_long(row, threshold):\n"
        '    """Whether a flower\n    is long."""\n'
        '    return float(row["length"]) > threshold',
    )
    package = "flowers"
    state_import = ("local", f"from {package}.state import State")
    packages = [
        b.Package(
            name="",
            modules=[b.module("config", "config"), b.module("state", "state"), b.module("pipeline", "pipeline")],
        ),
        b.Package(name="data", modules=[b.module("load_data", "steps", (("standard", "import csv"),), members=[load])]),
        b.Package(name="analysis", modules=[b.module("explore", "steps", members=[explore])]),
        b.Package(
            name="models",
            modules=[
                b.module(
                    "train_model",
                    "steps",
                    (state_import, ("local", f"from {package}.utils.helpers import is_long")),
                    members=[train],
                ),
                b.module(
                    "evaluate_model",
                    "steps",
                    (state_import, ("local", f"from {package}.utils.helpers import is_long")),
                    members=[evaluate],
                ),
            ],
        ),
        b.Package(name="utils", modules=[b.module("helpers", "helpers", members=[helper])]),
    ]
    values: dict[str, Any] = {"name": "flowers", "package": package, "title": "Flowers", "source": "flowers.ipynb"}
    result = b.Project(**{**values, **features}, layout=getattr(b.Layout, layout), packages=packages)
    result.pipeline = b.Pipeline(
        name="pipeline",
        calls=[
            b.call(load, ("config.load_flowers.flowers_csv",), ("rows",)),
            b.call(explore, ("rows",), optional=True),
            b.call(train, ("rows", "state", "config.train_model.threshold"), ("model", "seen")),
            b.call(evaluate, ("rows", "model", "state"), ("score",)),
        ],
    )
    result.state = b.StateClass(name="State", attributes=[b.Attribute(name="best", type="int")])
    result.configuration = b.Configuration(
        sections=[
            b.SettingsClass(
                name="load_flowers",
                className="LoadFlowers",
                settings=[b.setting("flowers_csv", "Path", '"data/raw/flowers.csv"', "path", doc="The table")],
            ),
            b.SettingsClass(
                name="train_model",
                className="TrainModel",
                settings=[b.setting("threshold", "float", "5.5", "hyperparameter", "model_config")],
            ),
        ]
    )
    group = b.RequirementGroup
    result.requirements.extend(
        [
            b.Requirement(name="PyYAML", specifier="==6.0.3", group=group.runtime),
            b.Requirement(name="guess", group=group.runtime, verified=False),
            b.Requirement(name="pytest", specifier=">=8", group=group.development),
        ]
    )
    result.dataFiles.append(
        b.DataFile(name="flowers", path="data/raw/flowers.csv", role=b.DataRole.raw, asset=b.asset("flowers.csv", CSV))
    )
    result.sections.append(b.Section(name="Left out", text="- `predict`: the notebook predicts nothing"))
    result.findings.append(
        b.Finding(
            code="training-score",
            severity=b.Severity.warning,
            message="the score is on the training data",
            cellNumber=6,
            line=1,
        )
    )
    return result
