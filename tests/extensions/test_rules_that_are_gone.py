"""An extension that overrides a rule of an earlier version hears where that is now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nbmde.engine import m2m, models
from nbmde.engine.errors import NbmdeError
from nbmde.engine.m2m import Transformation
from nbmde.engine.m2m.linking import link

# The rules of the first version, in which these transformations had no refinements.
FIRST = {
    "notebook2workflow": """column dataset figure file_expression finding kept kept_symbol metric module
        notebook2workflow resource runtime_name secret setting statement step symbol trained_model value""",
    "workflow2project": """attribute call configuration container continuous_integration data_file definition
        end_of_cell entry_point expectation feature_column finding2finding fragment import_
        local_file module package parameter pipeline pipeline_stage place preparation
        preparing_module requirement result secret2secret service setting2setting
        setting_parameter settings_class state_class step2function test_module workflow2project""",
}
SUCCESSOR = re.compile(r"(?:the rule|, or) (?!the)(\w+)(?: of ([\w.]+))?")


def told(name: str) -> list[tuple[str, str]]:
    return [(name, rule) for rule in FIRST[name].split()]


@pytest.mark.parametrize(("name", "rule"), [case for name in FIRST for case in told(name)])
def test_a_rule_of_the_first_version_is_there_or_says_what_has_its_place(name: str, rule: str) -> None:
    transformation = m2m.find(name)
    if rule in transformation.rules:
        return
    made, successor = transformation.gone[rule]
    target = models.Registry()[transformation.target].ecore
    assert target.getEClassifier(made) is not None
    where, found = name, SUCCESSOR.findall(successor)
    assert found
    for one, home in found:
        where = home or where
        assert one in m2m.find(where).rules, successor


@pytest.mark.parametrize(
    ("name", "rule", "source", "target", "remedy"),
    [
        ("notebook2workflow", "metric", "notebook.Cell", "Metric", "the rule metric of notebook2workflow.metrics"),
        ("notebook2workflow.models", "metric", "Statement", "Metric", "the rule metric of notebook2workflow.metrics"),
        ("notebook2workflow.models", "kept", "Statement", "Kept", "the rule kept of notebook2workflow.service"),
        ("workflow2project", "place", "workflow.DataSet", "Place", "the rule place of workflow2project.places"),
    ],
)
def test_overriding_it_is_refused_with_its_successor(
    name: str, rule: str, source: str, target: str, remedy: str
) -> None:
    base = m2m.find(name)
    mine = Transformation(f"my.{name}", extends=base)
    mine.rule(source, to=target, lazy=True, name=rule)(lambda t, source, target: None)
    with pytest.raises(NbmdeError, match="there is none to override any longer") as caught:
        link(mine, models.Registry())
    assert caught.value.remedy == f"its place has {remedy}"
    assert Path(caught.value.file or "").name == "test_rules_that_are_gone.py"


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ('superimposes="notebook2workflow.cutz"', "superimposes='notebook2workflow.cutz' names none"),
        ('refines="workflow", after="notebook2workflow.cutz"', "after='notebook2workflow.cutz' names none"),
        ('refines="workflow", before="notebook2workflow.cutz"', "before='notebook2workflow.cutz' names none"),
    ],
)
def test_an_extension_that_is_laid_over_nothing_is_told(where: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "transformations/mine.py"
    file.parent.mkdir()
    file.write_text(f'from nbmde.m2m import Transformation\n\ntransformation = Transformation("mine", {where})\n')
    with pytest.raises(NbmdeError) as raised:
        m2m.find("notebook2workflow.cuts", (tmp_path,))
    assert said in str(raised.value)
    assert raised.value.file == str(file)
    assert raised.value.remedy == "notebook2workflow.cuts?"


def laid_over(tmp_path: Path, over: str, text: str) -> NbmdeError:
    """What is said of an extension with some code over a transformation."""
    file = tmp_path / "transformations/mine.py"
    file.parent.mkdir()
    begin = f'from nbmde.m2m import Transformation\n\ntransformation = Transformation("mine", superimposes="{over}")\n'
    file.write_text(f"{begin}\n\n{text}\n")
    with pytest.raises(NbmdeError) as raised:
        link(m2m.find(over, (tmp_path,)), models.Registry((tmp_path,)))
    assert (raised.value.file, raised.value.line) == (str(file), 6)
    return raised.value


def test_a_helper_that_is_asked_elsewhere_now_is_refused_with_its_successor(tmp_path: Path) -> None:
    text = '@transformation.helper("Workflow")\ndef wanted(t, workflow):\n    return None'
    error = laid_over(tmp_path, "notebook2workflow.models", text)
    assert "helper wanted: there is none to override any longer" in error.reason
    assert error.remedy == "its place has the helper wanted of notebook2workflow.service"


@pytest.mark.parametrize(
    ("text", "reason", "remedy"),
    [
        (
            '@transformation.helper("Workflow")\ndef wnated(t, workflow):\n    return None',
            "transformation mine adds the helper wnated to notebook2workflow.service, and nothing there names it",
            "wanted?",
        ),
        (
            '@transformation.rule("Statement", to="Kept", lazy=True)\ndef kpt(t, one, kept, *, name):\n    pass',
            "transformation mine adds the lazy rule kpt to notebook2workflow.service, and nothing there names it",
            "kept?",
        ),
        (
            '@transformation.rule("Workflow")\ndef offerred(t, workflow):\n    pass',
            "transformation mine adds the rule offerred to notebook2workflow.service, beside offered",
            "offered, if it is to take its place; else a name that is less like it",
        ),
    ],
)
def test_what_is_meant_to_override_and_does_not_is_refused(text: str, reason: str, remedy: str, tmp_path: Path) -> None:
    error = laid_over(tmp_path, "notebook2workflow.service", text)
    assert (error.reason, error.remedy) == (reason, remedy)


def test_a_helper_of_its_own_that_an_extension_asks_is_none_of_those(tmp_path: Path) -> None:
    file = tmp_path / "transformations/mine.py"
    file.parent.mkdir()
    file.write_text(
        """from nbmde.m2m import Transformation

transformation = Transformation("mine", superimposes="notebook2workflow.service")


@transformation.helper("Workflow")
def first(t, workflow):
    return workflow.models[0]


@transformation.helper("Workflow")
def wanted(t, workflow):
    return t.helpers.first(workflow)
"""
    )
    names = {name for name, _ in m2m.find("notebook2workflow.service", (tmp_path,)).helpers}
    assert {"first", "wanted"} <= names
