"""Every constraint that nbmde has is broken by some edit of a model that was made of a notebook, and by that alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from notebooks import REGISTRY, write_files, write_notebook

from nbmde.engine import constraints, models, pipeline

FIT = "LogisticRegression({}).fit(left[['a']], left['b'])"
CELLS = [
    "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression",
    "left = pd.read_csv('left.csv')\nright = pd.read_csv('right.csv')",
    "depth = 3\nrate = 0.5\ndef half(x):\n    return x * rate\ncount = 0\ndef step():\n    global count\n    count = 1",
    f"model = {FIT.format('C=2.0, max_iter=300')}\nother = {FIT.format('')}",
    "step()\nprint(model.score(left[['a']], left['b']), half(depth), count, len(right))",
]
Edit = Callable[[Any], object]


def first(elements: Any, **features: Any) -> Any:
    """The first of some elements with these features; enumerations by name."""
    for element in elements:
        values = {name: getattr(element, name) for name in features}
        if all(getattr(value, "name", value) == features[name] for name, value in values.items()):
            return element
    raise AssertionError(f"there is none with {features}")


def every(root: Any, name: str) -> list[Any]:
    return [element for element in models.walk(root) if element.eClass.name == name]


def rename(elements: Any) -> None:
    """Gives the second of some elements the name of the first."""
    one, other = list(elements)[:2]
    other.name = one.name


def add_inputs(workflow: Any) -> None:
    last, symbol = workflow.steps[-1], workflow.symbols[0].eClass
    made = [symbol(name=f"extra_{n}") for n in range(7)]
    workflow.symbols.extend(made)
    workflow.steps[0].outputs.extend(made)
    workflow.steps[0].statements[0].binds.extend(made)
    last.inputs.extend(made)


def renumber(workflow: Any) -> None:
    """As if the last statement, which reads the model, had stood where it is fitted."""
    fit, last = first(every(workflow, "TrainedModel")).fit, workflow.steps[-1].statements[-1]
    fit.number, last.number = last.number, fit.number


def taken_twice(project: Any) -> None:
    function = next(one for one in every(project, "Function") if len(one.parameters) > 1)
    rename(function.parameters)


def add_name(statement: Any) -> None:
    statement.text += "\nprint(unheard_of)"


def import_each_other(project: Any) -> None:
    code = [module for module in every(project, "Module") if module.kind.name in ("steps", "helpers")]
    definition = first(every(project, "Definition"), name="half")
    for module, other in (code[:2], code[1::-1]):
        new = every(project, "Import")[0].eClass()
        new.text, new.group = (
            "from somewhere import half",
            definition.eClass.ePackage.getEClassifier("ImportGroup").local,
        )
        new.module = ".".join(filter(None, [project.package, other.eContainer().name, other.name]))
        module.imports.append(new)


def give_under_another_name(project: Any) -> None:
    call = next(one for one in every(project, "Call") if len(one.results))
    call.results.insert(0, "another")
    call.results.pop(1)


def cut_call(project: Any) -> None:
    call = next(one for one in every(project, "Call") if len(one.arguments))
    call.arguments.pop()


def keep_nowhere(workflow: Any) -> None:
    statement = workflow.steps[0].statements[0]
    kept = statement.eClass.ePackage.getEClassifier("Kept")
    statement.keeps.append(kept(symbol=workflow.symbols[0], start=3, end=1))


def keep(workflow: Any, name: str, expression: str) -> None:
    statement = workflow.steps[0].statements[0]
    kept = statement.eClass.ePackage.getEClassifier("Kept")
    statement.keeps.append(kept(symbol=first(workflow.symbols, name=name), expression=expression))


def bind_later(workflow: Any) -> None:
    """As if a statement that reads a table were the first to bind it."""
    table, last = first(workflow.symbols, name="left"), workflow.steps[-1].statements[-1]
    for statement in every(workflow, "Statement"):
        if table in statement.binds:
            statement.binds.remove(table)
    last.binds.append(table)


def take_settings(project: Any) -> None:
    parameter = next(one for one in every(project, "Parameter") if one.symbol is not None)
    parameter.section = project.configuration.sections[0]


def give_back(project: Any) -> None:
    """A function gives back what another one takes."""
    result = every(project, "Result")[0]
    result.parameter = next(one for one in every(project, "Parameter") if one.eContainer() is not result.eContainer())


def make_path(project: Any) -> None:
    settings = every(project, "ConfigurationSetting")
    first(settings, type="int").kind = first(settings, kind="path").kind


def mean_no_setting(project: Any) -> None:
    """Where a setting is read, a function is meant."""
    read = next(one for one in every(project, "Occurrence") if one.element.eClass.name == "ConfigurationSetting")
    read.element = every(project, "Definition")[0]


def position_last(project: Any) -> None:
    function = next(one for one in every(project, "Function") if len(one.parameters) > 1)
    kinds = function.parameters[0].eClass.ePackage.getEClassifier("ParameterKind")
    function.parameters[0].kind, function.parameters[-1].kind = kinds.keyword, kinds.positional


BREAKERS: dict[str, dict[str, Edit]] = {
    "notebook": {
        "cells_are_numbered": lambda nb: setattr(nb.cells[0], "position", 7),
        "one_form_of_content": lambda nb: setattr(every(nb, "MimeData")[0], "json", "{}"),
        "value_is_json": lambda nb: setattr(every(nb, "Entry")[0], "value", "python3"),
        "content_is_json": lambda nb: setattr(first(every(nb, "MimeData"), text=None), "json", "{"),
        "content_or_reason": lambda nb: setattr(first(nb.assets, path="left.csv"), "omitted", "too large"),
        "asset_is_named_once": lambda nb: setattr(first(nb.assets, path="left.csv"), "path", "right.csv"),
    },
    "workflow": {
        "step_name_is_identifier": lambda wf: setattr(wf.steps[0], "name", "load data"),
        "steps_have_names_of_their_own": lambda wf: rename(wf.steps),
        "steps_give_what_others_take": lambda wf: first(wf.steps, stage="load").outputs.clear(),
        "names_of_steps_mean_nothing_else": lambda wf: setattr(wf.steps[0], "name", "print"),
        "symbol_can_be_called_so": lambda wf: setattr(first(wf.symbols, name="depth"), "name", "print"),
        "text_says_what_its_occurrences_mean": lambda wf: add_name(wf.steps[-1].statements[-1]),
        "steps_do_something": lambda wf: wf.definitions.extend(list(wf.steps[-1].statements)),
        "symbols_have_names_of_their_own": lambda wf: rename(wf.symbols),
        "inputs_come_from_before": lambda wf: wf.steps[0].inputs.append(wf.steps[-1].inputs[0]),
        "order_is_kept": renumber,
        "steps_take_what_they_read": lambda wf: wf.steps[-1].inputs.remove(wf.steps[-1].inputs[0]),
        "step_has_what_it_gives": lambda wf: wf.steps[0].outputs.append(first(wf.symbols, name="model")),
        "state_is_not_passed": lambda wf: wf.steps[-1].inputs.append(first(wf.symbols, sharing="state")),
        "statement_is_python": lambda wf: setattr(wf.steps[-1].statements[0], "text", "print('"),
        "import_imports": lambda wf: setattr(first(every(wf, "Statement"), kind="import"), "text", "left = 1"),
        "definitions_bind_names": lambda wf: first(wf.definitions, kind="function").binds.clear(),
        "symbol_name_is_identifier": lambda wf: setattr(wf.symbols[0], "name", "two words"),
        "file_is_an_expression": lambda wf: setattr(every(wf, "FileExpression")[0], "end", 10**6),
        "kept_has_a_place": keep_nowhere,
        "argument_is_a_literal": lambda wf: setattr(first(every(wf, "Argument"), keyword="C"), "value", "3.0"),
        "setting_is_a_literal": lambda wf: setattr(wf.settings[0], "end", wf.settings[0].end - 1),
        "setting_has_its_type": lambda wf: setattr(first(wf.settings, type="int"), "value", '"three"'),
        "served_model_was_chosen": lambda wf: setattr(first(wf.models, served=True), "reason", None),
        "one_model_is_served": lambda wf: [setattr(model, "served", True) for model in wf.models],
        "datasets_have_names_of_their_own": lambda wf: rename(wf.datasets),
        "definitions_are_shared_by_modules": lambda wf: setattr(
            first(wf.symbols, name="half"), "sharing", first(wf.symbols, name="left").sharing
        ),
        "step_has_a_stage": lambda wf: setattr(wf.steps[0], "stage", None),
        "names_are_bound": lambda wf: wf.definitions.remove(first(wf.definitions, kind="function")),
        "names_are_bound_before_they_are_read": bind_later,
        "statement_does_something_with_its_names": lambda wf: wf.steps[-1].statements[-1].reads.clear(),
        "statement_stands_where_it_is_placed": lambda wf: wf.definitions.append(wf.steps[-1].statements[0]),
        "definition_is_one_by_its_kind": lambda wf: setattr(
            first(wf.definitions, kind="function"), "kind", wf.steps[-1].statements[-1].kind
        ),
        "what_is_shown_is_an_expression": lambda wf: setattr(wf.steps[-1].statements[-1], "shown", "[unheard_of]"),
        "files_are_data_sets": lambda wf: wf.datasets.remove(wf.datasets[0]),
        "setting_of_a_file_is_a_path": lambda wf: setattr(first(wf.settings, role="path"), "dataset", None),
        "kept_has_a_name_of_its_own": lambda wf: keep(wf, "left", "1"),
        "kept_is_made_of_what_is_known": lambda wf: keep(wf, "left", "unheard_of"),
        "platform_function_has_names_of_code": lambda wf: wf.platform.append(
            wf.eClass.ePackage.getEClassifier("PlatformFunction")(name="show", alias="two words")
        ),
        "step_is_short": lambda wf: setattr(wf.steps[-1].statements[0], "text", "(" + "\n" * 60 + "1)"),
        "step_takes_little": add_inputs,
    },
    "mlproject": {
        "package_is_identifier": lambda pr: setattr(pr, "package", "my-project"),
        "service_offers_what_the_run_ends_with": lambda pr: setattr(pr.service, "name", "best"),
        "serving_needs_a_service": lambda pr: setattr(pr, "service", None),
        "tests_of_a_service_have_its_inputs": lambda pr: setattr(pr.service, "features", None),
        "modules_have_places_of_their_own": lambda pr: rename(
            next(p for p in pr.packages if len(p.modules) > 1).modules
        ),
        "members_have_names_of_their_own": lambda pr: rename(
            next(m for m in every(pr, "Module") if len(m.members) > 1).members
        ),
        "parameters_have_names_of_their_own": taken_twice,
        "call_fits_its_function": cut_call,
        "import_is_python": lambda pr: setattr(every(pr, "Import")[0], "text", "import"),
        "distribution_has_a_good_name": lambda pr: setattr(pr, "name", "a project"),
        "package_hides_nothing": lambda pr: setattr(pr, "package", "pandas"),
        "name_is_identifier": lambda pr: setattr(every(pr, "Definition")[0], "name", "half of it"),
        "class_of_settings_is_identifier": lambda pr: setattr(every(pr, "SettingsClass")[0], "className", "1st"),
        "sections_have_names_of_their_own": lambda pr: rename(pr.configuration.sections),
        "names_in_code_can_follow": lambda pr: setattr(first(every(pr, "Definition"), name="half"), "name", "x"),
        "element_has_what_stands_for_it": lambda pr: setattr(every(pr, "Occurrence")[0], "feature", "home"),
        "settings_are_taken": lambda pr: pr.configuration.sections[0].settings.append(
            pr.configuration.sections[1].settings[0]
        ),
        "arguments_are_known": give_under_another_name,
        "module_knows_its_names": lambda pr: add_name(every(pr, "Fragment")[0]),
        "modules_need_no_circle": import_each_other,
        "fragment_is_python": lambda pr: setattr(every(pr, "Fragment")[0], "text", "x = ("),
        "definition_is_python": lambda pr: setattr(every(pr, "Definition")[0], "text", "def half(:"),
        "setting_has_its_type": lambda pr: setattr(
            first(every(pr, "ConfigurationSetting"), type="int"), "value", '"a"'
        ),
        "settings_have_names_of_their_own": lambda pr: rename(
            next(one for one in every(pr, "SettingsClass") if len(one.settings) > 1).settings
        ),
        "requirements_are_named_once": lambda pr: rename(pr.requirements),
        "file_stays_in_the_project": lambda pr: setattr(pr.dataFiles[0], "path", "../left.csv"),
        "place_stays_in_the_project": lambda pr: setattr(every(pr, "Place")[0], "path", "/etc/left.csv"),
        "files_have_places_of_their_own": lambda pr: setattr(pr.dataFiles[0], "path", pr.dataFiles[1].path),
        "function_stands_with_code": lambda pr: setattr(
            first(every(pr, "Module"), kind="steps"), "kind", first(every(pr, "Module"), kind="config").kind
        ),
        "parameters_by_position_come_first": position_last,
        "runtime_function_is_called_by_a_name": lambda pr: setattr(pr.runtime[0], "alias", "two words"),
        "project_has_its_workflow": lambda pr: setattr(pr, "workflow", None),
        "modules_hold_what_others_import": lambda pr: setattr(
            first(every(pr, "Module"), kind="config"), "kind", first(every(pr, "Module"), kind="pipeline").kind
        ),
        "attribute_is_no_name": mean_no_setting,
        "what_awaits_is_asynchronous": lambda pr: setattr(every(pr, "Fragment")[0], "text", "await something()"),
        "driver_of_what_awaits_is_asynchronous": lambda pr: setattr(every(pr, "Function")[0], "asynchronous", True),
        "driver_names_are_identifiers": lambda pr: setattr(pr.pipeline, "rootName", "the folder"),
        "data_sets_have_places": lambda pr: setattr(pr.places[0], "original", "other.csv"),
        "files_lie_where_code_looks_for_them": lambda pr: pr.dataFiles.remove(first(pr.dataFiles, name="left.csv")),
        "settings_are_no_variable": take_settings,
        "result_gives_back_its_own_parameter": give_back,
        "setting_is_a_path_where_its_literal_is": make_path,
        "distribution_is_known": lambda pr: setattr(first(pr.requirements, verified=True), "verified", False),
        "module_imports_what_it_uses": lambda pr: next(
            m for m in every(pr, "Module") if m.kind.name == "steps" and len(m.imports)
        ).imports.clear(),
    },
    "trace": {
        "link_connects": lambda trace: trace.links[0].targets.clear(),
        "region_has_lines": lambda trace: setattr(trace.regions[0], "firstLine", trace.regions[0].lastLine + 1),
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of the models of a notebook by metamodel, or by constraint where the metamodel has several."""
    folder = tmp_path_factory.mktemp("models")
    rows = "a,b\n1,0\n2,0\n3,1\n4,1\n"
    write_files(folder, {"left.csv": rows, "right.csv": rows})
    notebook = write_notebook(folder / "work.ipynb", CELLS)
    document = notebook.read_text(encoding="utf-8")
    data = '{"text/plain": "1", "application/json": {}}'
    shown = f'{{"output_type": "display_data", "metadata": {{"isolated": true}}, "data": {data}}}'
    notebook.write_text(document.replace('"outputs": []', f'"outputs": [{shown}]', 1), encoding="utf-8")
    outcome = pipeline.run(pipeline.find("nb2project"), notebook, REGISTRY, {})
    pipeline.save_models(outcome.files, folder / "saved")
    saved = folder / "saved"
    names = {
        "notebook": "notebook",
        "workflow": "workflow",
        "mlproject": "project",
        "trace": "mlproject.trace",
        "link_connects": "workflow2project.trace",
    }
    return {what: saved / f"{name}.xmi" for what, name in names.items()}


ALL = [(metamodel, name) for metamodel, edits in BREAKERS.items() for name in edits]


def test_every_constraint_has_an_edit_that_breaks_it() -> None:
    assert {
        name: set(constraints.find(name).constraints) for name in REGISTRY if constraints.find(name).constraints
    } == {metamodel: set(edits) for metamodel, edits in BREAKERS.items()}


@pytest.mark.parametrize(("metamodel", "name"), ALL, ids=[f"{metamodel}-{name}" for metamodel, name in ALL])
def test_an_edit_breaks_its_constraint(metamodel: str, name: str, made: dict[str, Path]) -> None:
    registry = models.Registry()
    root = models.load(made[name if name in made else metamodel], registry)
    count = sum(one.code == name for one in constraints.check(root, registry))
    assert count == 0
    BREAKERS[metamodel][name](root)
    found = [one for one in constraints.check(root, registry) if one.code == name]
    assert len(found) > count, [str(one) for one in constraints.check(root, registry)]
    assert all(models.label(one.element) in str(one) for one in found)


def test_an_argument_that_is_no_expression_is_refused(made: dict[str, Path]) -> None:
    registry = models.Registry()
    root = models.load(made["mlproject"], registry)
    given = ((call, place) for call in root.pipeline.calls for place in range(len(call.arguments)))
    call, place = next(one for one in given if one[0].function.parameters[one[1]].section is None)
    call.arguments[place] = "x = ("
    told = [str(one) for one in constraints.check(root, registry) if one.code == "arguments_are_known"]
    assert any("'x = (' is no expression" in one for one in told)


@pytest.mark.parametrize(
    "kind", ["package", "config", "state", "pipeline", "support", "serving", "monitoring", "local"]
)
def test_a_module_of_steps_is_no_other_kind_of_module(made: dict[str, Path], kind: str) -> None:
    registry = models.Registry()
    root = models.load(made["mlproject"], registry)
    module = first(every(root, "Module"), kind="steps")
    module.kind = getattr(registry["mlproject"].ModuleKind, kind)
    assert "function_stands_with_code" in {one.code for one in constraints.check(root, registry)}
