"""Constraints on Workflow models. They also guard against edits by hand that could not be generated."""

from __future__ import annotations

import ast
import json
import keyword
from collections import Counter
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, cast

from nbmde.engine import m2m
from nbmde.engine.constraints import ConstraintSet
from nbmde.engine.models import root_of
from nbmde.notebooks import substitution
from nbmde.notebooks.analysis import values
from nbmde.notebooks.analysis.names import BUILTINS, facts
from nbmde.notebooks.analysis.naming import Named, identifiers, named

if TYPE_CHECKING:
    from nbmde.engine.models import EObject
    from nbmde.metamodels.workflow import (
        Argument,
        FileExpression,
        Kept,
        Occurrence,
        PlatformFunction,
        Setting,
        Statement,
        Step,
        Symbol,
        TrainedModel,
        Workflow,
    )

constraints = ConstraintSet("workflow")

MOST_LINES = 50  # of a function that one reads without scrolling
MOST_INPUTS = 6
DEFINING = ("import", "function", "class", "assignment")
"""Kinds of statements that can stand at module level."""


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
def names_of_steps_mean_nothing_else(workflow: Workflow) -> str | None:
    """The name of a step is none that the code says"""
    names = {symbol.name for symbol in workflow.symbols} | {one.alias for one in workflow.platform}
    names |= {one.name or "" for statement in _statements(workflow) for one in statement.occurrences if not one.symbol}
    for step in workflow.steps:
        if step.name in names or step.name in BUILTINS:
            return f"step {step.name} has a name that means something else in the code"
    return None


@constraints.constraint("Workflow")
def steps_do_something(workflow: Workflow) -> str | None:
    """Every step of a workflow has statements"""
    empty = [step.name for step in workflow.steps if not step.statements]
    return f"{', '.join(empty)} {'have' if len(empty) > 1 else 'has'} no statement" if empty else None


@constraints.constraint("Workflow")
def symbols_have_names_of_their_own(workflow: Workflow) -> str | None:
    """No two symbols have the same name"""
    same = _repeated([symbol.name for symbol in workflow.symbols])
    return f"several symbols are called {', '.join(same)}" if same else None


@constraints.constraint("Workflow", satisfies="steps_have_names_of_their_own")
def inputs_come_from_before(workflow: Workflow) -> str | None:
    """An input of a step is bound by a step before it"""
    bound: set[str] = set()
    for step in workflow.steps:
        missing = [symbol.name for symbol in step.inputs if symbol.name not in bound]
        if missing:
            return f"step {step.name} takes {', '.join(missing)}, which no step before it gives"
        bound.update(symbol.name for symbol in step.outputs)
    return None


@constraints.constraint("Workflow")
def order_is_kept(workflow: Workflow) -> str | None:
    """Statements that depend on each other stand in the order of the notebook"""
    try:
        found = next(m2m.module("notebook2workflow.order", ()).conflicts(workflow), None)
    except (SyntaxError, ValueError):
        return None  # see statement_is_python
    if found is None:
        return None
    first, then = _place_in_step(found.first), _place_in_step(found.then)
    return f"{first} stands before {then}, but stood behind it in the notebook; one of them {found.how} {found.what}"


def _place_in_step(statement: Statement) -> str:
    return f"{_place(statement)} (step {statement.step.name})" if statement.step is not None else _place(statement)


@constraints.constraint("Workflow")
def names_are_bound(workflow: Workflow) -> str | None:
    """Every name of the notebook that a statement says is bound by some statement"""
    bound = {symbol for statement in _statements(workflow) for symbol in _bound(statement)}
    for statement in _statements(workflow):
        for symbol in (one.symbol for one in statement.occurrences):
            if symbol is not None and symbol not in bound and not _is_late(symbol):
                return f"{_place(statement)} says {symbol.name}, which no statement binds: {_REMOVED}"
    return None


_REMOVED = "take back what was removed, or take this statement out as well"


def _is_late(symbol: Symbol) -> bool:
    """Is a name an attribute of the state, which functions bind when they run?"""
    return symbol.sharing.name == "state"


@constraints.constraint("Workflow", satisfies="names_are_bound")
def names_are_bound_before_they_are_read(workflow: Workflow) -> str | None:
    """A name in the text of a step's statement is bound by a definition, by the statement, or by one before it"""
    known = {symbol for statement in workflow.definitions for symbol in _bound(statement)}
    for step in workflow.steps:
        for statement in step.statements:
            known |= _bound(statement)
            read = set(statement.reads)
            early = [one.symbol for one in statement.occurrences if len(one.places) and one.symbol in read - known]
            for symbol in filter(None, early):
                if not _is_late(symbol) and symbol.name not in BUILTINS:  # or Python's own, which is hidden later
                    return f"{_place(statement)} reads {symbol.name}, which no statement before it binds: {_REMOVED}"
    return None


def _ran(element: EObject, refinement: str) -> bool:
    """Has a refinement run on the workflow of an element?"""
    workflow = cast("Workflow", root_of(element))
    return any(record.name == f"notebook2workflow.{refinement}" for record in workflow.refined)


def _connected(workflow: Workflow) -> bool:
    """Is it known what steps take and give?"""
    return _ran(workflow, "interfaces")


@constraints.constraint("Workflow", guard=_connected)
def steps_take_what_they_read(workflow: Workflow) -> str | None:
    """A name that a step's statements read, and steps before it bind, is one of its inputs or bound in it"""
    before: set[Symbol] = set()
    for step in workflow.steps:
        known = set(step.inputs)
        for statement in step.statements:
            missing = [one.name for one in statement.reads if _passed(one) and one in before and one not in known]
            if missing:
                return f"step {step.name} reads {', '.join(missing)} in {_place(statement)}, and does not take it"
            known |= _bound(statement)
        before |= known
    return None


@constraints.constraint("Step", guard=lambda step: _connected(step.eContainer()))
def step_has_what_it_gives(step: Step) -> str | None:
    """An output of a step is one of its inputs or bound in it"""
    known = set(step.inputs).union(*map(_bound, step.statements))
    missing = [symbol.name for symbol in step.outputs if symbol not in known]
    return f"step {step.name} gives {', '.join(missing)}, which it does not have" if missing else None


@constraints.constraint("Workflow", guard=_connected)
def steps_give_what_others_take(workflow: Workflow) -> str | None:
    """An input of a step is given by the last step before it that binds it"""
    last: dict[Symbol, Step] = {}
    for step in workflow.steps:
        for symbol in step.inputs:
            if symbol in last and symbol not in last[symbol].outputs:
                return (
                    f"step {step.name} takes {symbol.name}, which {last[symbol].name} binds before it and does not give"
                )
        for statement in step.statements:
            last.update(dict.fromkeys(filter(_passed, (*statement.binds, *statement.maybeBinds)), step))
    return None


def _bound(statement: Statement) -> set[Symbol]:
    return {*statement.binds, *statement.maybeBinds, *(kept.symbol for kept in statement.keeps)}


def _passed(symbol: Symbol) -> bool:
    return symbol.sharing.name == "passed" and symbol.kind.name != "import"


@constraints.constraint("Workflow", guard=_connected)
def definitions_are_shared_by_modules(workflow: Workflow) -> str | None:
    """A name that a definition at module level binds, and no other, is shared by its module"""
    defining = [one for one in workflow.definitions if one.placement.name == "module"]
    defined = {symbol for statement in defining for symbol in (*statement.binds, *statement.maybeBinds)}
    for symbol in workflow.symbols:
        if (symbol.sharing.name == "module") != (symbol in defined):
            how = "bound by a definition" if symbol in defined else "bound by none"
            return f"{symbol.name} is {how} at module level, and its sharing is {symbol.sharing.name}"
    return None


@constraints.constraint("Step", guard=lambda step: _connected(step.eContainer()))
def step_has_a_stage(step: Step) -> str | None:
    """It is known what a step is for"""
    return (
        None if step.stage else f"step {step.name} has no stage: a row of [stages] in layout.toml says which it can be"
    )


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
    for statement in workflow.definitions:
        unbound = not len(statement.binds) and (statement.named or statement.kind.name in DEFINING[1:])
        if unbound and statement.placement.name == "module":
            return f"the definition in cell {statement.cellNumber}, line {statement.firstLine}, binds none"
    return None


@constraints.constraint("Statement", guard=lambda statement: _ran(statement, "sharing"))
def statement_stands_where_it_is_placed(statement: Statement) -> str | None:
    """A statement of a step is placed there or dropped, and a definition at module level or before all modules"""
    placement, step = statement.placement.name, statement.step
    if (step is not None) == (placement in ("step", "dropped")):
        return None
    return f"it is placed {placement}, and stands {f'in step {step.name}' if step else 'among the definitions'}"


@constraints.constraint("Statement", guard=lambda statement: statement.placement.name == "module")
def definition_is_one_by_its_kind(statement: Statement) -> str | None:
    """A statement at module level is an import, a function, a class or an assignment"""
    kind = statement.kind.name
    return None if kind in DEFINING else f"a statement of the kind {kind} is placed at module level"


@constraints.constraint("Symbol")
def symbol_name_is_identifier(symbol: Symbol) -> str | None:
    """The name of a symbol is a Python identifier"""
    good = symbol.name.isidentifier() and not keyword.iskeyword(symbol.name)
    return None if good else f"{symbol.name!r} is no Python identifier"


def _statements(workflow: Workflow) -> Iterator[Statement]:
    yield from workflow.definitions
    for step in workflow.steps:
        yield from step.statements


def _workflow(statement: Statement) -> Workflow:
    found: EObject | None = statement.eContainer()
    while found is not None and found.eClass.name != "Workflow":
        found = found.eContainer()
    assert found is not None  # statements stand in a workflow or in one of its steps
    return cast("Workflow", found)


def _place(statement: Statement) -> str:
    return f"cell {statement.cellNumber}, line {statement.firstLine}"


def _means_something(name: str, workflow: Workflow) -> str:
    """Say what has a name already, so that nothing else can be called so; empty where nothing does."""
    if name in BUILTINS or name.startswith("__"):
        return "Python itself"
    if name in {one.alias for one in workflow.platform}:
        return "what stands for the notebook's platform"
    for statement in _statements(workflow):
        if name in identifiers(statement.text):
            return f"the code in {_place(statement)},"
    return ""


@constraints.constraint("PlatformFunction")
def platform_function_has_names_of_code(function: PlatformFunction) -> str | None:
    """A function of the platform, and what the statements call it, have names that are Python identifiers"""
    for name in (function.name, function.alias):
        if not name.isidentifier() or keyword.iskeyword(name):
            return f"{name!r} is no Python identifier"
    return None


@constraints.constraint("Symbol", guard=substitution.is_renamed, satisfies="symbol_name_is_identifier")
def symbol_can_be_called_so(symbol: Symbol) -> str | None:
    """A symbol that is renamed has a name that means nothing else, and every text that says the old one can follow"""
    workflow: Workflow = symbol.eContainer()
    if any(other is not symbol and other.name == symbol.name for other in workflow.symbols):
        return None  # see `symbols_have_names_of_their_own`
    for statement in _statements(workflow):
        for one in statement.occurrences:
            if one.symbol is symbol and one.fixed:
                return f"{symbol.found} cannot become {symbol.name}: {one.fixed} in {_place(statement)}"
    if what := _means_something(symbol.name, workflow):
        return f"{symbol.found} cannot become {symbol.name}: {what} calls something else so"
    if any(step.name == symbol.name for step in workflow.steps):
        return f"{symbol.found} cannot become {symbol.name}: a step is called so"
    return None


def _is_linked(statement: Statement) -> bool:
    """Is it known what the names in a statement mean?"""
    workflow = _workflow(statement)
    return any(symbol.found for symbol in workflow.symbols)


@constraints.constraint("Statement", guard=_is_linked, satisfies="statement_is_python")
def text_says_what_its_occurrences_mean(statement: Statement) -> str | None:
    """Every name in the text of a statement has an occurrence that says what it means, and stands where it says"""
    said, meant = named(statement.text), _meant(statement)
    places = f"its text in {_place(statement)}"
    for name in said:
        if name not in meant and not _is_known(name, _workflow(statement)):
            return f"{places} names {name}, and no occurrence says what that means"
    for name, one in meant.items():
        found = said.get(name, Named())
        if (one.places or one.imported) and name not in said:
            return f"{places} does not name {name}, of which it has an occurrence"
        renamed = one.symbol is not None and substitution.is_renamed(one.symbol)
        if renamed and (sorted(one.places), sorted(one.imported)) != (sorted(found.places), sorted(found.imported)):
            assert one.symbol is not None  # see above
            return f"{places} was edited, and {name} was renamed to {one.symbol.name}: only one of both can hold"
    return None


@constraints.constraint("Statement", satisfies="statement_is_python")
def statement_does_something_with_its_names(statement: Statement) -> str | None:
    """A name in a statement's text is read, bound or unbound by it, at once or when code in it runs"""
    done = {*statement.reads, *statement.captures, *statement.binds, *statement.maybeBinds, *statement.deletes}
    for one in statement.occurrences:
        if one.symbol is not None and one.symbol not in done and _uses(statement.text, one.symbol):
            name = one.symbol.name
            return f"its text in {_place(statement)} names {name}, and {name} is in none of what it reads and binds"
    return None


def _uses(text: str, symbol: Symbol) -> bool:
    """Does code more than declare a name?"""
    tree = compile(text, "<statement>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    found = facts(tree.body)
    return (symbol.found or symbol.name) in {*found.reads, *found.captures, *found.all_bound, *found.deletes}


def _meant(statement: Statement) -> dict[str, Occurrence]:
    return {
        (one.symbol.found or "" if one.symbol is not None else one.name or ""): one for one in statement.occurrences
    }


def _is_known(name: str, workflow: Workflow) -> bool:
    """Is a name there without a symbol?"""
    return name in BUILTINS or any(one.alias == name for one in workflow.platform)


@constraints.constraint("Statement", guard=lambda statement: statement.shown)
def what_is_shown_is_an_expression(statement: Statement) -> str | None:
    """The text that is shown in the place of a statement's value is an expression in names that the statement says"""
    shown = statement.shown or ""
    return _no_expression(shown) or _unknown(shown, set(_meant(statement)))


def _unknown(text: str, known: Container[str]) -> str | None:
    """Say which name in an expression is neither one of some names nor one of Python's; None if there is none such."""
    missing = sorted(name for name in named(text) if name not in known and name not in BUILTINS)
    return f"{text!r} says {missing[0]}, which is not known there" if missing else None


@constraints.constraint("FileExpression")
def file_is_an_expression(file: FileExpression) -> str | None:
    """The path of a file points at an expression of its statement, or at the place where a call lacks one"""
    text = file.eContainer().text
    left_out = 0 < file.start == file.end < len(text)
    return None if left_out else _no_expression(text, file.start, file.end)


@constraints.constraint("Workflow", guard=lambda workflow: _ran(workflow, "data"))
def files_are_data_sets(workflow: Workflow) -> str | None:
    """A path that is written out in a statement is that of a data set"""
    paths = {dataset.path for dataset in workflow.datasets}
    for statement in _statements(workflow):
        for file in statement.files:
            if file.path is not None and file.path not in paths:
                return (
                    f"{_place(statement)} names the file {file.path}, which is no data set: take the data set back,"
                    " or its statements out as well; a project's configuration says where else a file lies"
                )
    return None


@constraints.constraint("Kept")
def kept_has_a_place(kept: Kept) -> str | None:
    """A kept value points at a place or an expression of its statement"""
    text = kept.eContainer().text
    if not kept.expression:
        return _no_expression(text, kept.start, kept.end)
    inside = 0 <= kept.start <= len(text)
    return _no_expression(kept.expression) if inside else f"it is kept at {kept.start} of {len(text)} characters"


@constraints.constraint("Kept", guard=lambda kept: kept.expression, satisfies="kept_has_a_place")
def kept_is_made_of_what_is_known(kept: Kept) -> str | None:
    """The expression of what is kept is one in names of the notebook"""
    return _unknown(kept.expression or "", substitution.found(_workflow(kept.eContainer())))


@constraints.constraint("Kept")
def kept_has_a_name_of_its_own(kept: Kept) -> str | None:
    """A kept value has a name that no statement binds, so that nothing else is lost"""
    workflow = _workflow(kept.eContainer())
    for statement in _statements(workflow):
        if kept.symbol in (*statement.binds, *statement.maybeBinds):
            return f"{kept.symbol.name} is what {_place(statement)} binds: it takes a new symbol"
    return None


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


@constraints.constraint("Argument", guard=lambda argument: argument.value != argument.found)
def argument_is_a_literal(argument: Argument) -> str | None:
    """An argument with another value than it had is a literal in the text of its statement, and no setting"""
    text = argument.call.eContainer().text[argument.start : argument.end] if argument.call is not None else ""
    try:
        written = values.scalar(ast.parse(text, mode="eval").body)
        value = json.loads(argument.value or "")
    except (SyntaxError, ValueError):
        return f"{argument.value!r} is no JSON" if text else "it is handed to no call"
    if written is None or json.dumps(written, ensure_ascii=False) != argument.found:
        return f"it stands for {argument.found}, and the text says {text}"
    if not isinstance(value, bool | int | float | str):
        return f"{argument.value} is no single value"
    if argument.setting is not None:
        return f"its value is that of the setting {argument.setting.name}, which is the one to change"
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


@constraints.constraint("Setting", guard=lambda setting: _ran(setting, "data"))
def setting_of_a_file_is_a_path(setting: Setting) -> str | None:
    """A setting is a path where it leads to a data set, and leads to one where it is a path"""
    if setting.dataset is None:
        return "it is a path, and leads to no data set" if setting.role.name == "path" else None
    return None if setting.role.name == "path" else f"it leads to {setting.dataset.name}, and is no path"


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


@constraints.constraint("TrainedModel", satisfies="one_model_is_served")
def served_model_was_chosen(model: TrainedModel) -> str | None:
    """A model that is served has everything kept that the service needs"""
    if not model.served or model.reason or not _ran(model, "service"):
        return None
    name = model.symbol.name if model.symbol is not None else ""
    return f"nothing that a service of {name} needs was kept: convert the notebook with --set serve={name}"


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
