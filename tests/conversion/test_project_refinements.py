"""The decisions about a project are refinements: each by itself, idempotent, seen in the model and in the trace."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from nbmde.engine import m2m, models, pipeline
from nbmde.notebooks import injection

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "churn" / "churn.ipynb"
STEPS = [step.name for step in pipeline.find("nb2project").steps if step.name.startswith("workflow2project.")]
SCALARS = {"str", "int", "float", "bool"}


@pytest.fixture(scope="module")
def registry() -> models.Registry:
    return models.Registry()


@pytest.fixture(scope="module")
def workflow(registry: models.Registry) -> Any:
    return pipeline.apply("notebook2workflow", injection.inject(EXAMPLE, registry), registry, {}, EXAMPLE).root


@pytest.fixture(scope="module")
def project(workflow: Any, registry: models.Registry) -> Any:
    return pipeline.apply("workflow2project", workflow, registry, {}, EXAMPLE).root


@pytest.mark.parametrize("name", ["workflow2project", *STEPS])
def test_rules_know_the_models_and_nothing_else(name: str) -> None:
    transformation = m2m.find(name)
    assert not list(transformation.hooks("pre"))
    for rule in transformation.rules.values():
        kinds = [
            one.annotation for one in inspect.signature(rule.body).parameters.values() if one.kind is one.KEYWORD_ONLY
        ]
        assert SCALARS.issuperset(kinds), f"{rule} takes {kinds}"
        assert "facts" not in rule.body.__code__.co_names, rule


def test_a_project_says_which_refinements_made_it(project: Any) -> None:
    assert [record.name for record in project.refined] == STEPS
    assert all(record.trace.transformation == record.name for record in project.refined)


@pytest.mark.parametrize("name", STEPS)
def test_a_refinement_that_runs_again_changes_nothing(project: Any, registry: models.Registry, name: str) -> None:
    links = m2m.run(m2m.find(name), project, registry, {}).trace.links
    assert [(link.rule, [models.label(one) for one in link.targets]) for link in links] == []


def test_what_moves_is_what_the_trace_of_the_placement_tells(project: Any) -> None:
    (record,) = (one for one in project.refined if one.name == "workflow2project.placement")
    moved = [link for link in record.trace.links if link.rule == "place_function"]
    assert [list(link.targets) for link in moved] == [list(link.sources) for link in moved]
    assert {one.name for link in moved for one in link.targets} == {
        call.function.name for call in project.pipeline.calls
    }


def without(workflow: Any, registry: models.Registry, *names: str) -> Any:
    return pipeline.apply("workflow2project", workflow, registry, {}, EXAMPLE, without=names).root


def test_without_the_placement_all_code_is_in_two_modules(workflow: Any, registry: models.Registry) -> None:
    project = without(workflow, registry, "placement")
    kinds = [module for package in project.packages for module in package.modules if module.members]
    assert {module.name for module in kinds} <= {"steps", "definitions"}
    assert [member.name for member in kinds[-1].members] == [step.name for step in workflow.steps]


def test_without_the_configuration_literals_stay_in_the_code(workflow: Any, registry: models.Registry) -> None:
    project = without(workflow, registry, "configuration")
    assert not project.configuration.sections
    lifted = [setting for setting in workflow.settings if setting.role.name == "hyperparameter"]
    texts = {
        fragment.statement: fragment.text for fragment in models.instances(project, registry["mlproject"].Fragment)
    }
    assert lifted
    assert all(setting.statement.text[setting.start : setting.end] in texts[setting.statement] for setting in lifted)


def test_without_annotations_types_are_not_told(workflow: Any, registry: models.Registry) -> None:
    project = without(workflow, registry, "annotations")
    typed = [one for call in project.pipeline.calls for one in call.function.parameters if one.symbol is not None]
    assert typed
    assert {one.type for one in typed} == {None}


def test_a_project_whose_refinement_stopped_on_the_way_becomes_the_same(tmp_path: Path) -> None:
    chain, registry = pipeline.find("nb2project"), models.Registry()
    half = pipeline.run(chain, EXAMPLE, registry, {}, until="placement")
    assert [record.name for record in half.root.refined][-1] == "workflow2project.placement"
    pipeline.save_models(pipeline.model_files(pipeline.related(half.roots), registry), tmp_path)
    rest = pipeline.run(chain, tmp_path / "project.xmi", models.Registry(), {}).files
    whole = pipeline.run(chain, EXAMPLE, models.Registry(), {}).files
    assert {path: file.content for path, file in rest.items() if not path.startswith(".nbmde")} == {
        path: file.content for path, file in whole.items() if not path.startswith(".nbmde")
    }
