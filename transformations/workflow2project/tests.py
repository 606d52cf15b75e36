"""Adds the project's tests, with what a recorded run left behind as expectations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbmde.engine import m2m

from . import recorded
from .modules import workflow_of

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Expectation, Project, Service, TestModule
    from nbmde.metamodels.workflow import Symbol

    from .rules import Refinement

transformation = m2m.Transformation("workflow2project.tests", refines="mlproject", optional=True)


@transformation.rule("Project")
def add_tests(t: Refinement, project: Project) -> None:
    """Tests of what every project has, of its service, and of recorded results."""
    for name in ("conftest", "test_config", "test_pipeline"):
        _add(t, name)
    if project.service is not None:
        t.make("tests_of_service", project.service)
    expected = list(recorded.expected(workflow_of(project)))
    if expected and (test := _add(t, "test_recorded")) is not None:
        test.expectations.extend([t.make("expectation", symbol) for symbol in expected])


@transformation.rule("Service", to=(), lazy=True, guard=lambda t, service: bool(service.features))
def tests_of_service(t: Refinement, service: Service) -> None:
    """Tests of a service of which it is known what it takes."""
    for name in ("test_serving", *(["test_drift"] if t.source.layout.name == "mlops" else [])):
        _add(t, name)


def _add(t: Refinement, name: str) -> TestModule | None:
    if any(test.name == name for test in t.source.tests):
        return None
    made: TestModule = t.make("test_module", t.source, key=name, name=name)
    t.source.tests.append(made)
    return made


@transformation.rule("Project", to="TestModule", lazy=True)
def test_module(t: Refinement, project: Project, test: TestModule, *, name: str) -> None:
    """A file of tests."""
    test.name = test.template = name


@transformation.rule("workflow.Symbol", to="Expectation", lazy=True)
def expectation(t: Refinement, symbol: Symbol, expectation: Expectation) -> None:
    """The expected value of a name at the end of a run."""
    last = symbol.lastValue
    assert last is not None
    assert last.type is not None  # see `recorded.expected`
    expectation.name = symbol.name
    expectation.type = last.type.partition("[")[0].rpartition(".")[2]
    if last.type in (recorded.ARRAY, recorded.SERIES):
        expectation.dimensions, expectation.dtype = len(last.shape), last.dtype
    if last.type == recorded.TABLE:
        expectation.columns.extend([column.name for column in last.columns])
        expectation.dtypes.extend([column.dtype or "" for column in last.columns])
