"""Common ground of all refinements of a Workflow model: symbols by name, findings, types of the rules' views."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nbmde.engine import knowledge, m2m

from .remarks import Remark

if TYPE_CHECKING:
    from nbmde.engine.m2m.refinement import Refining
    from nbmde.metamodels import WorkflowMetamodel
    from nbmde.metamodels.workflow import Element, Finding, Statement, Symbol, Workflow

    class Context(Refining):
        """The run of a refinement of a workflow."""

        source: Workflow
        target: Workflow
        source_metamodel: WorkflowMetamodel
        target_metamodel: WorkflowMetamodel


transformation = m2m.Transformation("refining", refines="workflow")


@transformation.rule("Element", to="Finding", lazy=True)
def finding(
    t: Context,
    element: Element,
    finding: Finding,
    *,
    code: str,
    message: str,
    remedy: str,
    omits: str,
    cell: int,
    line: int,
) -> None:
    """Something about an element that a person should know."""
    known = knowledge.table("findings", tuple(t.option("extensions", ())))["findings"]
    finding.code, finding.severity = code, getattr(t.target_metamodel.Severity, known[code]["severity"])
    finding.message, finding.remedy, finding.omits = message, remedy, omits or None
    finding.cellNumber, finding.line = cell, line
    if isinstance(element, t.target_metamodel.Statement):
        finding.statements.append(element)


@transformation.helper("Workflow", cached=True)
def symbols(t: Context, workflow: Workflow) -> dict[str, Symbol]:
    """The symbols by what the notebook calls them."""
    return {symbol.found or symbol.name: symbol for symbol in workflow.symbols}


def tell(t: Context, element: Element, remark: Remark, others: Iterable[Statement] = ()) -> None:
    """Add a finding about an element to the workflow, at its place in the order of the notebook; once.

    Args:
        others: statements that it is about as well.
    """
    workflow = t.target
    said = ((one.code, one.message, one.cellNumber, one.line) for one in workflow.findings)
    if (remark.code, remark.message, remark.cell, remark.line) in said:
        return
    found = t.make(
        "finding",
        element,
        key=(remark.code, remark.message, remark.line),
        code=remark.code,
        message=remark.message,
        remedy=remark.remedy,
        omits=remark.omits,
        cell=remark.cell,
        line=remark.line,
    )
    found.statements.extend(others)
    place = sum((one.cellNumber, one.line) <= (remark.cell, remark.line) for one in workflow.findings)
    workflow.findings.insert(place, found)


def has_run(t: Context, workflow: Workflow) -> bool:
    """Has this refinement run on the workflow, so that nothing is left of what it would refine?"""
    return any(one.name == t.transformation.name for one in workflow.refined)
