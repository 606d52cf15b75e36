"""Where each constraint begins not to hold: what is just inside is let through, what is just outside is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nbmde.engine import constraints, models

REGISTRY = models.Registry()


class Maker:
    """Makes elements of a metamodel; literals of enumerations are given by name."""

    def __init__(self, metamodel: str) -> None:
        self._metamodel = REGISTRY[metamodel]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        made = getattr(self._metamodel, name)

        def make(**features: Any) -> Any:
            for key, value in features.items():
                feature = made.findEStructuralFeature(key)
                assert feature is not None, f"{name} has no {key}"
                if feature.eType.eClass.name == "EEnum":
                    features[key] = feature.eType.getEEnumLiteral(value)
            return made(**features)

        return make


NB, WF, PR, TR = map(Maker, ("notebook", "workflow", "mlproject", "trace"))


def verdict(metamodel: str, name: str, element: Any) -> str:
    """What a constraint says of an element: nothing if it holds, or is not for it."""
    constraint = constraints.find(metamodel).constraints[name]
    if constraint.guard is not None and not constraint.guard(element):
        return ""
    outcome = constraint.check(element)
    return "" if outcome in (True, None) else outcome or constraint.message


def test_only_advice_lets_a_model_through() -> None:
    advice = {
        (metamodel, name)
        for metamodel in REGISTRY
        for name, one in constraints.find(metamodel).constraints.items()
        if one.severity != "error"
    }
    assert advice == {
        ("mlproject", "distribution_is_known"),
        ("mlproject", "module_imports_what_it_uses"),
        ("workflow", "step_is_short"),
        ("workflow", "step_takes_little"),
    }


def test_what_needs_another_constraint_is_checked_behind_it() -> None:
    needs = {
        name: one.satisfies
        for metamodel in REGISTRY
        for name, one in constraints.find(metamodel).constraints.items()
        if one.satisfies
    }
    assert needs == {
        "files_have_places_of_their_own": ("file_stays_in_the_project",),
        "files_lie_where_code_looks_for_them": ("files_have_places_of_their_own", "data_sets_have_places"),
        "import_imports": ("statement_is_python",),
        "kept_is_made_of_what_is_known": ("kept_has_a_place",),
        "names_are_bound_before_they_are_read": ("names_are_bound",),
        "package_hides_nothing": ("package_is_identifier",),
        "served_model_was_chosen": ("one_model_is_served",),
        "statement_does_something_with_its_names": ("statement_is_python",),
        "symbol_can_be_called_so": ("symbol_name_is_identifier",),
        "text_says_what_its_occurrences_mean": ("statement_is_python",),
        "inputs_come_from_before": ("steps_have_names_of_their_own",),
        "setting_is_a_literal": ("statement_is_python",),
    }


# --- notebooks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("positions", "good"), [([1, 2, 3], True), ([], True), ([0, 1, 2], False), ([1, 3, 2], False), ([1, 2, 2], False)]
)
def test_cells_are_numbered_from_one(positions: list[int], good: bool) -> None:
    notebook = NB.Notebook(cells=[NB.CodeCell(position=position) for position in positions])
    assert (verdict("notebook", "cells_are_numbered", notebook) == "") == good


@pytest.mark.parametrize(
    ("features", "good"),
    [
        ({"text": "a"}, True),
        ({"json": "{}"}, True),
        ({}, False),
        ({"text": "a", "json": "{}"}, False),
        ({"text": ""}, True),
    ],
)
def test_data_are_text_or_json(features: dict[str, str], good: bool) -> None:
    assert (verdict("notebook", "one_form_of_content", NB.MimeData(**features)) == "") == good


def test_json_is_json() -> None:
    assert verdict("notebook", "value_is_json", NB.Entry(key="k", value='"a"')) == ""
    assert verdict("notebook", "value_is_json", NB.Entry(key="k", value="a")).startswith("the value of k is no JSON")
    assert verdict("notebook", "content_is_json", NB.MimeData(text="{")) == ""
    assert verdict("notebook", "content_is_json", NB.MimeData(json="{}")) == ""
    assert verdict("notebook", "content_is_json", NB.MimeData(json="{")) != ""


@pytest.mark.parametrize(
    ("features", "good"),
    [
        ({"content": "eA=="}, True),
        ({"omitted": "too large"}, True),
        ({}, False),
        ({"content": "eA==", "omitted": "too large"}, False),
        ({"folder": True}, True),
    ],
)
def test_a_file_has_a_content_or_a_reason(features: dict[str, Any], good: bool) -> None:
    assert (verdict("notebook", "content_or_reason", NB.Asset(**features)) == "") == good


def test_a_file_that_is_there_three_times_is_told_once() -> None:
    notebook = NB.Notebook(assets=[NB.Asset(path=path) for path in ("a", "b", "a", "a")])
    said = [verdict("notebook", "asset_is_named_once", asset) for asset in notebook.assets]
    assert said == ["a is there 3 times", "", "", ""]


# --- workflows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "good"),
    [("load", True), ("größe", True), ("match", True), ("class", False), ("two words", False), ("2", False)],
)
def test_names_are_identifiers_and_no_keywords(name: str, good: bool) -> None:
    assert (verdict("workflow", "step_name_is_identifier", WF.Step(name=name)) == "") == good
    assert (verdict("workflow", "symbol_name_is_identifier", WF.Symbol(name=name)) == "") == good
    assert (verdict("mlproject", "package_is_identifier", PR.Project(package=name)) == "") == good


def test_names_that_are_there_twice_are_listed() -> None:
    for feature, kind, constraint in (
        ("steps", WF.Step, "steps_have_names_of_their_own"),
        ("symbols", WF.Symbol, "symbols_have_names_of_their_own"),
        ("datasets", WF.DataSet, "datasets_have_names_of_their_own"),
    ):
        made = {feature: [kind(name=name) for name in ("a", "b", "a", "c", "b")]}
        assert verdict("workflow", constraint, WF.Workflow(**made)).endswith("are called a, b")
        fine = {feature: [kind(name=name) for name in ("a", "b")]}
        assert verdict("workflow", constraint, WF.Workflow(**fine)) == ""


def test_a_step_takes_what_steps_before_it_give() -> None:
    one, other = WF.Symbol(name="one"), WF.Symbol(name="other")
    first, second = WF.Step(name="first", outputs=[one]), WF.Step(name="second", inputs=[one], outputs=[other])
    workflow = WF.Workflow(symbols=[one, other], steps=[first, second])
    assert verdict("workflow", "inputs_come_from_before", workflow) == ""
    second.inputs.append(other)
    message = "step second takes other, which no step before it gives"
    assert verdict("workflow", "inputs_come_from_before", workflow) == message
    first.outputs.append(other)
    assert verdict("workflow", "inputs_come_from_before", workflow) == ""


CONNECTED = "notebook2workflow.interfaces"


def _reading(kind: str = "name", sharing: str = "passed", refined: str = CONNECTED, **second: Any) -> Any:
    """A workflow whose second step reads what the first one binds, and does not take it."""
    one = WF.Symbol(name="one", sharing=sharing) if kind == "name" else WF.Symbol(name="one", kind=kind)
    second = {key: [one] for key in second}
    statements = [WF.Statement(text="print(one)", cellNumber=2, firstLine=3, reads=[one])]
    if "binds" in second:
        statements.insert(0, WF.Statement(text="one = 1", binds=second.pop("binds")))
    steps = [
        WF.Step(name="first", statements=[WF.Statement(text="one = 1", binds=[one])], outputs=[one]),
        WF.Step(name="second", statements=statements, **second),
    ]
    records = [REGISTRY["refinement"].Refined(name=refined)]
    return WF.Workflow(symbols=[one], steps=steps, refined=records)


def test_a_step_takes_what_it_reads() -> None:
    name = "steps_take_what_they_read"
    message = "step second reads one in cell 2, line 3, and does not take it"
    assert verdict("workflow", name, _reading()) == message
    assert verdict("workflow", name, _reading(inputs=True)) == ""
    assert verdict("workflow", name, _reading(binds=True)) == ""
    assert verdict("workflow", name, _reading(outputs=True)) == message
    for fine in ({"sharing": "module"}, {"sharing": "state"}, {"kind": "import"}, {"refined": "another"}):
        assert verdict("workflow", name, _reading(**fine)) == ""
    nobody = _reading()
    nobody.steps[0].statements.clear()
    assert verdict("workflow", name, nobody) == ""


def test_a_step_has_what_it_gives() -> None:
    name = "step_has_what_it_gives"
    missing = _reading(outputs=True).steps[1]
    assert verdict("workflow", name, missing) == "step second gives one, which it does not have"
    assert verdict("workflow", name, _reading(outputs=True, inputs=True).steps[1]) == ""
    assert verdict("workflow", name, _reading(outputs=True, binds=True).steps[1]) == ""
    assert verdict("workflow", name, _reading(outputs=True, refined="another").steps[1]) == ""
    missing.statements[0].maybeBinds.append(missing.outputs[0])
    assert verdict("workflow", name, missing) == ""


@pytest.mark.parametrize(("name", "good"), [("load", True), ("frame", False), ("np", False), ("print", False)])
def test_a_step_has_a_name_that_means_nothing_else(name: str, good: bool) -> None:
    frame = WF.Symbol(name="frame")
    statement = WF.Statement(text="np, load", occurrences=[WF.Occurrence(name="np"), WF.Occurrence(symbol=frame)])
    workflow = WF.Workflow(symbols=[frame], steps=[WF.Step(name=name, statements=[statement])])
    said = verdict("workflow", "names_of_steps_mean_nothing_else", workflow)
    assert said == ("" if good else f"step {name} has a name that means something else in the code")


@pytest.mark.parametrize("sharing", ["passed", "module", "state"])
@pytest.mark.parametrize("end", ["inputs", "outputs"])
def test_only_what_is_passed_is_taken_and_given(sharing: str, end: str) -> None:
    step = WF.Step(**{end: [WF.Symbol(name="x", sharing=sharing), WF.Symbol(name="y")]})
    assert verdict("workflow", "state_is_not_passed", step) == (
        "" if sharing == "passed" else "x is shared another way"
    )


@pytest.mark.parametrize(
    ("text", "good"),
    [("x = 1", True), ("await f()", True), ("x = (", False), ("x\0", False), ("return 1", True), ("", True)],
)
def test_code_is_python(text: str, good: bool) -> None:
    statement = WF.Statement(text=text, cellNumber=3, firstLine=2)
    assert (verdict("workflow", "statement_is_python", statement) == "") == good
    assert good or verdict("workflow", "statement_is_python", statement).startswith("cell 3, line 2: ")
    assert (verdict("mlproject", "fragment_is_python", PR.Fragment(text=text)) == "") == good
    assert (verdict("mlproject", "definition_is_python", PR.Definition(text=text)) == "") == good


@pytest.mark.parametrize(
    ("kind", "text", "good"),
    [
        ("import", "import a", True),
        ("import", "try:\n    from a import b\nexcept E:\n    b = 1", True),
        ("import", "a = 1", False),
        ("assignment", "a = 1", True),
    ],
)
def test_an_import_imports(kind: str, text: str, good: bool) -> None:
    assert (verdict("workflow", "import_imports", WF.Statement(kind=kind, text=text)) == "") == good


@pytest.mark.parametrize(
    ("features", "good"),
    [
        ({"kind": "function"}, False),
        ({"kind": "class"}, False),
        ({"kind": "assignment"}, False),
        ({"kind": "import"}, True),
        ({"kind": "import", "named": "x"}, False),
        ({"kind": "function", "placement": "step"}, True),
        ({"kind": "function", "placement": "dropped"}, True),
        ({"kind": "function", "binds": True}, True),
    ],
)
def test_a_definition_at_module_level_binds_a_name(features: dict[str, Any], good: bool) -> None:
    symbol = WF.Symbol(name="x")
    given = {"placement": "module", "cellNumber": 3, "firstLine": 2, **features}
    given["binds"] = [symbol] if given.get("binds") else []
    workflow = WF.Workflow(symbols=[symbol], definitions=[WF.Statement(**given)])
    message = "" if good else "the definition in cell 3, line 2, binds none"
    assert verdict("workflow", "definitions_bind_names", workflow) == message


@pytest.mark.parametrize(
    ("start", "end", "good"),
    [
        (5, 8, True),
        (0, 9, True),
        (5, 9, False),
        (5, 5, True),
        (0, 0, False),
        (9, 9, False),
        (-1, 3, False),
        (5, 10, False),
        (8, 5, False),
    ],
)
def test_the_path_of_a_file_is_an_expression_or_left_out(start: int, end: int, good: bool) -> None:
    file = WF.FileExpression(start=start, end=end)
    WF.Statement(text="read('a')", files=[file])
    assert (verdict("workflow", "file_is_an_expression", file) == "") == good


@pytest.mark.parametrize(
    ("expression", "start", "end", "good"),
    [
        ("", 4, 9, True),
        ("", 0, 5, False),
        ("", 4, 4, False),
        ("", 0, 0, False),
        ("y + 1", 0, 0, True),
        ("y + 1", 9, 0, True),
        ("y + 1", 10, 0, False),
        ("y + 1", -1, 0, False),
        ("y +", 0, 0, False),
        ("y\n+ 1", 0, 0, True),
    ],
)
def test_what_is_kept_has_a_place_or_an_expression(expression: str, start: int, end: int, good: bool) -> None:
    kept = WF.Kept(expression=expression, start=start, end=end)
    WF.Statement(text="x = a + b", keeps=[kept])
    assert (verdict("workflow", "kept_has_a_place", kept) == "") == good


@pytest.mark.parametrize(
    ("text", "role", "message"),
    [
        ("3", "constant", ""),
        ("-3.5", "hyperparameter", ""),
        ("'a'", "path", ""),
        ("[1, 2]", "constant", "[1, 2] is no single value"),
        ("x", "seed", "x is no single value"),
        ("3 +", "seed", "'3 +' is no expression"),
        ("[1, 2]", "parameter", ""),
        ("2 * 3", "parameter", ""),
        ("dt.date(2020, 1, 2)", "parameter", ""),
        ("x", "parameter", "x is computed"),
    ],
)
def test_a_setting_is_a_literal(text: str, role: str, message: str) -> None:
    statement = WF.Statement(text=f"x = {text}")
    setting = WF.Setting(start=4, end=4 + len(text), role=role, statement=statement)
    assert verdict("workflow", "setting_is_a_literal", setting) == message


@pytest.mark.parametrize(
    ("value", "type_", "message"),
    [
        ("3", "int", ""),
        ("3.0", "int", "3.0, not int"),
        ("true", "int", "true, not int"),
        ("3", "float", ""),
        ("true", "float", "true, not float"),
        ("3", "bool", "3, not bool"),
        ('"a"', "str", ""),
        ("a", "str", "'a' is no JSON"),
        ("[1]", "list[int]", ""),
        ("null", "int | None", ""),
        ("null", "int", "null, not int"),
        ('"2020-01-02"', "date", ""),
        ('"2020"', "date", '"2020", not date'),
    ],
)
def test_a_setting_has_its_type(value: str, type_: str, message: str) -> None:
    assert verdict("workflow", "setting_has_its_type", WF.Setting(value=value, type=type_)) == message
    assert verdict("mlproject", "setting_has_its_type", PR.ConfigurationSetting(value=value, type=type_)) == message


def test_a_path_is_a_text() -> None:
    assert verdict("mlproject", "setting_has_its_type", PR.ConfigurationSetting(value='"a/b"', type="Path")) == ""
    assert verdict("mlproject", "setting_has_its_type", PR.ConfigurationSetting(value="1", type="Path")) == "1, not str"


@pytest.mark.parametrize(("served", "good"), [(0, True), (1, True), (2, False)])
def test_one_model_is_served(served: int, good: bool) -> None:
    workflow = WF.Workflow(models=[WF.TrainedModel(served=n < served) for n in range(3)])
    assert (verdict("workflow", "one_model_is_served", workflow) == "") == good


def test_fifty_lines_are_short_and_one_more_is_not() -> None:
    step = WF.Step(statements=[WF.Statement(text="x\n" * 24 + "x"), WF.Statement(text="y\n" * 24 + "y")])
    assert verdict("workflow", "step_is_short", step) == ""
    step.statements.append(WF.Statement(text="z"))
    assert verdict("workflow", "step_is_short", step) == "51 lines; more than 50 are hard to read"


def test_six_inputs_are_few_and_one_more_is_not() -> None:
    step = WF.Step(inputs=[WF.Symbol(name=f"x{n}") for n in range(6)])
    assert verdict("workflow", "step_takes_little", step) == ""
    step.inputs.append(WF.Symbol(name="y"))
    assert verdict("workflow", "step_takes_little", step) == "7 inputs; more than 6 are hard to follow"


# --- projects -------------------------------------------------------------------------------------------------------


def _package(name: str, **modules: str) -> Any:
    return PR.Package(name=name, modules=[PR.Module(name=module, kind=kind) for module, kind in modules.items()])


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, ""),
        ({"packages": [_package("a", one="steps", two="support")]}, ""),
        ({"packages": [_package("a", app="serving")]}, "there is no service, but app"),
        ({"packages": [_package("a", drift="monitoring")]}, "there is no service, but drift"),
        ({"tests": [PR.TestModule(name="test_api", template="test_serving")]}, "there is no service, but test_api"),
        ({"tests": [PR.TestModule(name="test_d", template="test_drift")]}, "there is no service, but test_d"),
        ({"tests": [PR.TestModule(name="test_x", template="test_other")]}, ""),
        ({"packages": [_package("a", app="serving")], "service": PR.Service(name="m")}, ""),
    ],
)
def test_what_serves_is_there_with_a_service_only(parts: dict[str, Any], message: str) -> None:
    assert verdict("mlproject", "serving_needs_a_service", PR.Project(**parts)) == message


@pytest.mark.parametrize(
    ("service", "optional", "message"),
    [
        ({"name": "model"}, False, ""),
        ({"name": "model", "features": "frame", "transformers": ["scaler"]}, False, ""),
        ({"name": "best"}, False, "no call that always runs gives best"),
        ({"name": "model", "features": "rows"}, False, "no call that always runs gives rows"),
        ({"name": "model", "transformers": ["scaler", "coder"]}, False, "no call that always runs gives coder"),
        ({"name": "model", "features": ""}, False, ""),
        ({"name": "model"}, True, "no call that always runs gives model"),
        (None, True, ""),
    ],
)
def test_a_service_offers_what_the_run_ends_with(service: Any, optional: bool, message: str) -> None:
    call = PR.Call(results=["model", "frame", "scaler"], optional=optional)
    project = PR.Project(pipeline=PR.Pipeline(calls=[call]), service=PR.Service(**service) if service else None)
    assert verdict("mlproject", "service_offers_what_the_run_ends_with", project) == message


def test_modules_are_files_of_their_own() -> None:
    apart = PR.Project(packages=[_package("a", x="steps"), _package("b", x="steps")])
    assert verdict("mlproject", "modules_have_places_of_their_own", apart) == ""
    same = PR.Project(packages=[_package("a", x="steps"), _package("a", x="helpers", y="steps")])
    assert verdict("mlproject", "modules_have_places_of_their_own", same) == "several modules are a.x"


@pytest.mark.parametrize(
    ("arguments", "parameters", "results", "returned", "message"),
    [
        (2, 2, 1, 1, ""),
        (0, 0, 0, 0, ""),
        (1, 2, 1, 1, "f takes 2 arguments, not 1"),
        (3, 2, 1, 1, "f takes 2 arguments, not 3"),
        (2, 2, 1, 2, "f returns 2 values, not 1"),
        (2, 2, 2, 1, "f returns 1 values, not 2"),
    ],
)
def test_a_call_fits_its_function(arguments: int, parameters: int, results: int, returned: int, message: str) -> None:
    function = PR.Function(
        name="f",
        parameters=[PR.Parameter(name=f"p{n}") for n in range(parameters)],
        results=[PR.Result(name=f"r{n}") for n in range(returned)],
    )
    call = PR.Call(
        function=function, arguments=[f"a{n}" for n in range(arguments)], results=[f"b{n}" for n in range(results)]
    )
    assert verdict("mlproject", "call_fits_its_function", call) == message


def test_a_distribution_is_required_once_however_it_is_spelled() -> None:
    def required(*names: str) -> str:
        project = PR.Project(requirements=[PR.Requirement(name=name) for name in names])
        return verdict("mlproject", "requirements_are_named_once", project)

    assert required("a", "b") == ""
    assert required("A_b", "a-B") == "required several times: a-b"


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("data/a.csv", True),
        ("a", True),
        ("", False),
        ("/a", False),
        ("../a", False),
        ("a/../b", False),
        ("a\\b", False),
        ("a/..b", True),
    ],
)
def test_a_file_stays_in_the_project(path: str, good: bool) -> None:
    message = "" if good else f"{path} is no path inside the project"
    assert verdict("mlproject", "file_stays_in_the_project", PR.DataFile(path=path)) == message
    assert verdict("mlproject", "place_stays_in_the_project", PR.Place(path=path)) == message


def test_files_come_to_places_of_their_own() -> None:
    project = PR.Project(dataFiles=[PR.DataFile(path=path) for path in ("a", "b", "a")])
    assert verdict("mlproject", "files_have_places_of_their_own", project) == "several files are a"


@pytest.mark.parametrize(
    ("group", "verified", "good"),
    [("runtime", False, False), ("runtime", True, True), ("development", False, True), ("serving", False, True)],
)
def test_a_guess_is_told_of_what_a_run_needs(group: str, verified: bool, good: bool) -> None:
    requirement = PR.Requirement(name="x", group=group, verified=verified)
    assert (verdict("mlproject", "distribution_is_known", requirement) == "") == good


# --- imports of modules ---------------------------------------------------------------------------------------------


def _function(text: str, parameters: str = "", annotation: str = "") -> Any:
    return PR.Function(
        name="f",
        parameters=[PR.Parameter(name=name, type=annotation) for name in parameters.split()],
        fragments=[PR.Fragment(text=text)],
    )


def _project(*modules: tuple[str, list[str], list[Any]]) -> Any:
    made = [
        PR.Module(name=f"m{n}", kind=kind, imports=[PR.Import(text=text) for text in imports], members=members)
        for n, (kind, imports, members) in enumerate(modules)
    ]
    return PR.Project(package="story", packages=[PR.Package(name="data", modules=made)])


OTHER = (
    "helpers",
    ["import numpy as np, pandas as pd", "from a import b as c"],
    [PR.Definition(name="g", text="def g(): pass")],
)


@pytest.mark.parametrize(
    ("imports", "member", "message"),
    [
        ([], _function("x = np.array(1)"), "it does not import np"),
        ([], _function("x = c(pd, np)"), "it does not import c, np, pd"),
        ([], _function("x = g()"), "it does not import g"),
        ([], _function("x = unknown()"), ""),
        ([], _function("x = np", "np"), ""),
        ([], _function("np = 1\nx = np"), ""),
        ([], PR.Definition(name="h", text="def h(): return np"), "it does not import np"),
        ([], PR.Definition(name="np", text="def np(): return 1"), ""),
        ([], _function("x = ("), ""),
        ([], _function("await g()"), "it does not import g"),
        (["import numpy as np"], _function("x = np.array(1)"), ""),
        (["import numpy as np"], _function("x = 1"), ""),
        (["import numpy as np"], _function("x = 1", "a", "np.ndarray"), ""),
        (["import os"], _function("x = 1"), ""),
    ],
)
def test_a_module_imports_what_it_uses(imports: list[str], member: Any, message: str) -> None:
    other = (OTHER[0], OTHER[1], [PR.Definition(name="g", text="def g(): pass")])
    project = _project(("steps", imports, [member]), other)
    assert verdict("mlproject", "module_imports_what_it_uses", project.packages[0].modules[0]) == message


def test_an_import_that_only_another_module_uses_is_needless() -> None:
    user = ("steps", ["import numpy as np"], [_function("x = np.array(1)")])
    project = _project(("steps", ["import numpy as np", "import os"], [_function("x = 1")]), user)
    first = project.packages[0].modules[0]
    assert verdict("mlproject", "module_imports_what_it_uses", first) == "it imports without use: import numpy as np"
    annotated = [
        PR.Function(name="g", parameters=[PR.Parameter(name="a", type="np.ndarray")]),
        PR.Function(name="g", results=[PR.Result(name="a", type="np.ndarray")]),
        _function("x: np.ndarray = 1"),
        _function("def inner(a: 'np.ndarray') -> None: ..."),
        PR.Definition(name="g", text="def g() -> 'list[np.ndarray]': ..."),
    ]
    for member in annotated:
        first.members.append(member)
        assert verdict("mlproject", "module_imports_what_it_uses", first) == ""
        first.members.remove(member)
        assert verdict("mlproject", "module_imports_what_it_uses", first) != ""


def test_an_import_that_two_modules_use_is_needed_in_both() -> None:
    used = [("steps", ["import numpy as np"], [_function("x = np.array(1)")]) for _ in range(2)]
    for module in _project(*used).packages[0].modules:
        assert verdict("mlproject", "module_imports_what_it_uses", module) == ""


def test_modules_without_code_of_the_notebook_are_left_alone() -> None:
    support = ("support", [], [_function("x = np.array(1)")])
    project = _project(support, OTHER)
    assert verdict("mlproject", "module_imports_what_it_uses", project.packages[0].modules[0]) == ""
    project = _project(("steps", [], [_function("x = np.array(1)")]), ("support", ["import numpy as np"], []))
    assert verdict("mlproject", "module_imports_what_it_uses", project.packages[0].modules[0]) == ""


def test_the_fix_takes_imports_along_one_by_one() -> None:
    other = (OTHER[0], OTHER[1], [PR.Definition(name="g", text="def g(): pass")])
    project = _project(
        ("steps", ["import numpy as np"], [_function("x = pd, c, g")]), other, ("steps", [], [_function("y = np")])
    )
    module = project.packages[0].modules[0]
    fix = constraints.find("mlproject").constraints["module_imports_what_it_uses"].fix
    assert fix is not None
    assert fix.automatic
    fix.do(module)
    texts = [one.text for one in module.imports]
    assert texts == ["from a import b as c", "from story.data.m1 import g", "import pandas as pd"]
    assert [one.group.name for one in module.imports][1] == "local"
    assert module.imports[1].module == "story.data.m1"
    assert verdict("mlproject", "module_imports_what_it_uses", module) == ""


# --- traces ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sources", "targets", "good"), [(1, 1, True), (0, 1, False), (1, 0, False), (0, 0, False)])
def test_a_link_connects(sources: int, targets: int, good: bool) -> None:
    link = TR.Link(sources=[WF.Step()] * sources, targets=[WF.Step()] * targets)
    assert (verdict("trace", "link_connects", link) == "") == good


@pytest.mark.parametrize(
    ("first", "last", "good"), [(1, 1, True), (1, 3, True), (0, 1, False), (3, 2, False), (0, 0, False)]
)
def test_a_region_has_lines(first: int, last: int, good: bool) -> None:
    assert (verdict("trace", "region_has_lines", TR.Region(firstLine=first, lastLine=last)) == "") == good
