"""Code that does not mean in a function what it does at the top level of a notebook, and what helps."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from nbmde.notebooks.analysis.calls import CallResolver, ResolvedCall
from nbmde.notebooks.analysis.program import Problem, Program, Unit, is_import, is_star_import
from nbmde.notebooks.analysis.scopes import Comprehension, Function, own_nodes
from nbmde.notebooks.analysis.trees import children, walk

BY_NAME = "use a dictionary, or name the variables in the code"
_FRAME = "looks at the code around it"
_WHATEVER = "names variables that only a run tells"

# Calls -> what they do, how their statement keeps its meaning, which names it reaches, and what a person can do.
CALLS = {
    "exec": (_WHATEVER, "plain", "binds", BY_NAME),
    "eval": (_WHATEVER, "plain", "finds", "use ast.literal_eval for values, or name the variables"),
    "globals": (_WHATEVER, "plain", "binds", BY_NAME),
    "locals": (_WHATEVER, "plain", "binds", BY_NAME),
    "vars": (_WHATEVER, "plain", "binds", BY_NAME),
    "dir": ("lists the variables", "plain", "looks", BY_NAME),
    "sys._getframe": (_FRAME, "source", "frames", "pass what you need as an argument"),
    "inspect.currentframe": (_FRAME, "source", "frames", "pass what you need as an argument"),
    "inspect.stack": (_FRAME, "source", "frames", "pass what you need as an argument"),
}
_WORDS = re.compile("|".join(rf"\b{name.rpartition('.')[2]}\b" for name in CALLS))
_OF_SCOPE = frozenset(["locals", "vars", "dir"])  # the names of the function that they stand in
ATTRIBUTES = {
    "__code__": "the code of functions differs in a project",
    "__globals__": "a project has other globals",
    "__closure__": "the code of functions differs in a project",
}
_ONLY_FIND = frozenset(["get", "copy", "__contains__", "__getitem__"])
_ONLY_LOOK = frozenset(["keys", "values", "items"])
_LOOKING_CALLS = frozenset(
    ["len", "sorted", "list", "set", "tuple", "dict", "print", "sum", "any", "all", "iter", "str", "repr"]
)


def refusals(program: Program) -> Iterator[Problem]:
    """Find code that does not mean the same, in the order of the notebook."""
    for unit in program.units:
        yield from _calls(program, unit)
        for node in unit.nodes:
            for part in walk(node):
                if isinstance(part, ast.Attribute) and part.attr in ATTRIBUTES and _of_own(program, part.value):
                    yield _at(unit, part, f"{part.attr}: {ATTRIBUTES[part.attr]}", "remove it", "source", "finds")
                elif isinstance(part, (ast.Import, ast.ImportFrom)) and "__main__" in _modules(part):
                    yield _at(unit, part, "the module __main__ is the notebook itself", BY_NAME, "plain", "escapes")
                elif (
                    isinstance(part, ast.Subscript)
                    and program.resolver.dotted(part.value) == "sys.modules"
                    and is_main(part.slice)
                ):
                    yield _at(unit, part, "sys.modules gives the notebook itself", BY_NAME, "plain", "escapes")


def _calls(program: Program, unit: Unit) -> Iterator[Problem]:
    for call, own, reach in _by_text(program.resolver, unit, program.bindings):
        what, form, _, remedy = CALLS[call.name]
        if call.name in _OF_SCOPE and not own:
            if _takes_variables(program, unit):
                what = "gives the names of the function, which takes more of them in a project"
                yield _at(unit, call.node, f"{call.name}() {what}", remedy, "source", "")
            continue
        yield _at(unit, call.node, f"{call.name}() {what}", remedy, form, reach)


def binds_by_text(resolver: CallResolver, unit: Unit, bound: Collection[str]) -> bool:
    """May a statement, or code that it defines, bind or remove variables that only a run tells?"""
    return any(
        reach in ("binds", "escapes") and (own or call.name not in _OF_SCOPE)
        for call, own, reach in _by_text(resolver, unit, bound)
    )


def _by_text(resolver: CallResolver, unit: Unit, bound: Collection[str]) -> Iterator[tuple[ResolvedCall, bool, str]]:
    """Calls that find or bind names by text: are they the statement's own, and what do they reach?"""
    if not _WORDS.search(unit.text):
        return
    own = {id(part) for part in own_nodes(unit.nodes)}
    parts = (part for node in unit.nodes for part in walk(node))
    parents = {id(child): part for part in parts for child in children(part)}
    for node in unit.nodes:
        for call in resolver.calls(node):
            if call.name in bound or call.name not in CALLS or (call.name in _OF_SCOPE and call.node.args):
                continue
            if call.name == "locals" and _is_given(call.node, parents):
                continue
            reach = CALLS[call.name][2]
            if call.name in ("exec", "eval"):
                if _names_given(call) or (call.name == "eval" and _known_text(call)):
                    continue
            elif reach == "binds":
                reach = _use(call.node, parents)
            yield call, id(call.node) in own, reach


def _takes_variables(program: Program, unit: Unit) -> bool:
    """Does a function read variables, or functions that may read some?"""
    indexes = (index for name in unit.facts.captures for index in program.bindings.get(name, ()))
    return any(not all(map(is_import, other.nodes)) for other in (program.units[index] for index in indexes))


def _use(node: ast.expr, parents: dict[int, ast.AST]) -> str:
    """Tell how the dictionary of all variables is used."""
    parent = parents.get(id(node))
    if isinstance(parent, ast.Attribute):
        return "finds" if parent.attr in _ONLY_FIND else "looks" if parent.attr in _ONLY_LOOK else "binds"
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return "finds" if isinstance(parent.ctx, ast.Load) else "binds"
    if isinstance(parent, ast.Compare):
        return "finds"
    if isinstance(parent, ast.keyword):
        return "finds" if parent.arg in (None, "globals") else "escapes"
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in _LOOKING_CALLS:
        return "looks"
    if isinstance(parent, (ast.Expr, ast.For, ast.comprehension, ast.FormattedValue)):
        return "looks"
    return "escapes"


def _is_given(node: ast.expr, parents: Mapping[int, ast.AST]) -> bool:
    """Is this the dictionary of local names for `exec` or `eval`?"""
    parent = parents.get(id(node))
    return isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id in ("exec", "eval")


def _names_given(call: ResolvedCall) -> bool:
    """Is the code told which names there are?"""
    arguments = call.node.args[1:]
    namespaces = [part for part in arguments if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)]
    return bool(arguments) and not any(
        isinstance(part.func, ast.Name) and part.func.id in ("globals", "locals", "vars") and not part.args
        for part in namespaces
    )


def _known_text(call: ResolvedCall) -> bool:
    """Is it known what is evaluated, or is it told which names there are?"""
    arguments = call.node.args
    if len(arguments) != 1:
        return True
    if not isinstance(arguments[0], ast.Constant) or not isinstance(arguments[0].value, str):
        return False
    try:
        tree = ast.parse(arguments[0].value.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return True
    return not any(isinstance(part, Function | Comprehension) for part in walk(tree))


def _of_own(program: Program, node: ast.expr) -> bool:
    """May this be a function of the notebook that takes more arguments in the project?"""
    names = [part.id for part in walk(node) if isinstance(part, ast.Name)]
    return program.resolver.dotted(node) is None and any(
        name in program.definitions and any(other in program.bindings for other in program.units[index].facts.captures)
        for name in names
        for index in program.bindings.get(name, ())
    )


def is_main(node: ast.expr) -> bool:
    """Is this the name of the notebook's own module?"""
    return (isinstance(node, ast.Constant) and node.value == "__main__") or (
        isinstance(node, ast.Name) and node.id == "__name__"
    )


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def _at(unit: Unit, node: ast.expr | ast.stmt, message: str, remedy: str, form: str, reach: str) -> Problem:
    return Problem(unit, message, remedy, node.lineno, form, reach)


def stars_inside(program: Program) -> Iterator[Problem]:
    """Star imports that cannot stand at the top of a module, as the place where they are matters; after `place`."""
    for unit in program.units:
        parts = [part for node in unit.nodes for part in walk(node) if isinstance(part, ast.stmt)]
        if unit.placement == "step" and any(map(is_star_import, parts)):
            message = f"`{unit.text}` cannot move to the top of a module"
            yield Problem(unit, message, "import by name what you need", form="star")
