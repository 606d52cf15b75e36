"""Constraints on Workflow models. They also guard against edits by hand that could not be generated."""

from __future__ import annotations

import ast
import json
import keyword
from collections import Counter
from typing import TYPE_CHECKING

from nbmde.engine.constraints import ConstraintSet
from nbmde.notebooks.analysis import values

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import FileExpression, Kept, Setting, Statement, Step, Symbol, Workflow

constraints = ConstraintSet("workflow")

MOST_LINES = 50  # of a function that one reads without scrolling
MOST_INPUTS = 6


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


@constraints.constraint("Step")
def step_name_is_identifier(step: Step) -> str | None:
    """The name of a step is a Python identifier"""
    good = step.name.isidentifier() and not keyword.iskeyword(step.name)
    return None if good else f"{step.name!r} is no Python identifier"


@constraints.constraint("Workflow")
def steps_have_names_of_their_own(workflow: Workflow) -> str | None:
    """No two steps have the same name"""
    same = _repeated([step.name for step in workflow.steps])
    return f"several steps are called {', '.join(same)}" if same else None


@constraints.constraint("Workflow")
def symbols_have_names_of_their_own(workflow: Workflow) -> str | None:
    """No two symbols have the same name"""
    same = _repeated([symbol.name for symbol in workflow.symbols])
    return f"several symbols are called {', '.join(same)}" if same else None


@constraints.constraint("Workflow", satisfies="steps_have_names_of_their_own")
def inputs_come_from_before(workflow: Workflow) -> str | None:
    """What a step takes is bound by a step before it"""
    bound: set[str] = set()
    for step in workflow.steps:
        missing = [symbol.name for symbol in step.inputs if symbol.name not in bound]
        if missing:
            return f"step {step.name} takes {', '.join(missing)}, which no step before it gives"
        bound.update(symbol.name for symbol in step.outputs)
    return None


@constraints.constraint("Step")
def state_is_not_passed(step: Step) -> str | None:
    """Names of the state object are neither inputs nor outputs"""
    state = [symbol.name for symbol in (*step.inputs, *step.outputs) if symbol.sharing.name != "passed"]
    return f"{', '.join(state)} is shared another way" if state else None


@constraints.constraint("Statement")
def statement_is_python(statement: Statement) -> str | None:
    """The text of a statement is Python"""
    try:
        compile(statement.text, "<statement>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError) as error:
        return f"cell {statement.cellNumber}, line {statement.firstLine}: {error}"
    return None


def _imports(statement: Statement) -> bool:
    return statement.kind.name == "import"


@constraints.constraint("Statement", guard=_imports, satisfies="statement_is_python")
def import_imports(statement: Statement) -> bool:
    """A statement of the kind import imports something"""
    return any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(statement.text)))


@constraints.constraint("Workflow")
def definitions_bind_names(workflow: Workflow) -> str | None:
    """A definition at module level binds a name"""
    kinds = ("function", "class", "assignment")
    for statement in workflow.definitions:
        unbound = not len(statement.binds) and (statement.named or statement.kind.name in kinds)
        if unbound and statement.placement.name == "module":
            return f"the definition in cell {statement.cellNumber}, line {statement.firstLine}, binds none"
    return None


@constraints.constraint("Symbol")
def symbol_name_is_identifier(symbol: Symbol) -> str | None:
    """The name of a symbol is a Python identifier"""
    good = symbol.name.isidentifier() and not keyword.iskeyword(symbol.name)
    return None if good else f"{symbol.name!r} is no Python identifier"


@constraints.constraint("FileExpression")
def file_is_an_expression(file: FileExpression) -> str | None:
    """The path of a file points at an expression of its statement, or at the place where a call lacks one"""
    text = file.eContainer().text
    left_out = 0 < file.start == file.end < len(text)
    return None if left_out else _no_expression(text, file.start, file.end)


@constraints.constraint("Kept")
def kept_has_a_place(kept: Kept) -> str | None:
    """What is kept points at a place or an expression of its statement"""
    text = kept.eContainer().text
    if not kept.expression:
        return _no_expression(text, kept.start, kept.end)
    inside = 0 <= kept.start <= len(text)
    return _no_expression(kept.expression) if inside else f"it is kept at {kept.start} of {len(text)} characters"


def _no_expression(text: str, start: int = 0, end: int | None = None) -> str | None:
    """Why a part of a text is no expression; nothing where it is one."""
    end = len(text) if end is None else end
    if not 0 <= start < end <= len(text):
        return f"{start} to {end} is no part of {len(text)} characters"
    try:
        ast.parse(f"({text[start:end]}\n)", mode="eval")
    except (SyntaxError, ValueError):
        return f"{text[start:end]!r} is no expression"
    return None


@constraints.constraint("Setting", satisfies="statement_is_python")
def setting_is_a_literal(setting: Setting) -> str | None:
    """A setting points at a literal of its statement"""
    text = setting.statement.text[setting.start : setting.end]
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"{text!r} is no expression"
    if setting.role.name == "parameter":
        return None if values.value(node, _any_date) is not None else f"{text} is computed"
    return None if values.scalar(node) is not None else f"{text} is no single value"


def _any_date(node: ast.expr) -> str:
    return f"datetime.{ast.unparse(node).rpartition('.')[2]}"  # under whatever name it is imported


@constraints.constraint("Setting")
def setting_has_its_type(setting: Setting) -> str | None:
    """The value of a setting is JSON of its type; it may differ from the literal, to change what is generated"""
    try:
        value = json.loads(setting.value)
    except json.JSONDecodeError:
        return f"{setting.value!r} is no JSON"
    good = values.fits(value, setting.type) or (setting.type == "float" and type(value) is int)
    return None if good else f"{setting.value}, not {setting.type}"


@constraints.constraint("Workflow")
def one_model_is_served(workflow: Workflow) -> bool:
    """At most one model is served"""
    return sum(bool(model.served) for model in workflow.models) <= 1


@constraints.constraint("Workflow")
def datasets_have_names_of_their_own(workflow: Workflow) -> str | None:
    """No two data sets have the same name"""
    same = _repeated([dataset.name for dataset in workflow.datasets])
    return f"several data sets are called {', '.join(same)}" if same else None


@constraints.constraint("Step", severity="critique")
def step_is_short(step: Step) -> str | None:
    """A step can be read without scrolling"""
    lines = sum(statement.text.count("\n") + 1 for statement in step.statements)
    return f"{lines} lines; more than {MOST_LINES} are hard to read" if lines > MOST_LINES else None


@constraints.constraint("Step", severity="critique")
def step_takes_little(step: Step) -> str | None:
    """A step takes few inputs"""
    inputs = len(step.inputs)
    return f"{inputs} inputs; more than {MOST_INPUTS} are hard to follow" if inputs > MOST_INPUTS else None
