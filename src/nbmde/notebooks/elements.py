"""Tells checkers of which class an element is: models are dynamic, and know their classes by name alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard, cast

if TYPE_CHECKING:
    from nbmde.engine.models import EObject, Registry
    from nbmde.metamodels import NotebookMetamodel
    from nbmde.metamodels.mlproject import Definition, Fragment, Function, Import, Pipeline, Project
    from nbmde.metamodels.notebook import Cell, CodeCell, ExecuteResult, MarkdownCell, MimeData, Notebook, StreamOutput
    from nbmde.metamodels.trace import Trace
    from nbmde.metamodels.workflow import Statement

CELLS = frozenset({"CodeCell", "MarkdownCell", "RawCell", "UnrecognizedCell"})


def notebook_metamodel(registry: Registry) -> NotebookMetamodel:
    """The metamodel of notebooks, with the types of its classes."""
    return cast("NotebookMetamodel", registry["notebook"])


# Notebook


def is_notebook(element: EObject) -> TypeGuard[Notebook]:
    return element.eClass.name == "Notebook"


def is_cell(element: EObject) -> TypeGuard[Cell]:
    return element.eClass.name in CELLS


def is_code_cell(element: EObject) -> TypeGuard[CodeCell]:
    return element.eClass.name == "CodeCell"


def is_markdown_cell(element: EObject) -> TypeGuard[MarkdownCell]:
    return element.eClass.name == "MarkdownCell"


def is_stream(element: EObject) -> TypeGuard[StreamOutput]:
    return element.eClass.name == "StreamOutput"


def is_result(element: EObject) -> TypeGuard[ExecuteResult]:
    return element.eClass.name == "ExecuteResult"


def is_mime_data(element: EObject) -> TypeGuard[MimeData]:
    return element.eClass.name == "MimeData"


# Workflow


def is_statement(element: EObject) -> TypeGuard[Statement]:
    return element.eClass.name == "Statement"


# Project


def is_project(element: EObject) -> TypeGuard[Project]:
    return element.eClass.name == "Project"


def is_pipeline(element: EObject) -> TypeGuard[Pipeline]:
    return element.eClass.name == "Pipeline"


def is_function(element: EObject) -> TypeGuard[Function]:
    return element.eClass.name == "Function"


def is_fragment(element: EObject) -> TypeGuard[Fragment]:
    return element.eClass.name == "Fragment"


def is_definition(element: EObject) -> TypeGuard[Definition]:
    return element.eClass.name == "Definition"


def is_import(element: EObject) -> TypeGuard[Import]:
    return element.eClass.name == "Import"


# Trace


def is_trace(element: EObject) -> TypeGuard[Trace]:
    return element.eClass.name in ("Trace", "Refinement")
