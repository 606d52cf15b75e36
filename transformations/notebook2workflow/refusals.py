"""What code in a program of its own cannot mean as it does in a notebook: refused by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nbmde.analysis.calls import ResolvedCall
from nbmde.analysis.program import Problem, Program, Unit
from nbmde.analysis.scopes import Comprehension, Function

FRONT_END = frozenset(
    [
        "get_ipython",
        "In",
        "Out",
        "_",
        "__",
        "___",
        "_i",
        "_ii",
        "_iii",
        "_ih",
        "_oh",
        "_dh",
        "_exit_code",
        "__IPYTHON__",
    ]
)
MODULE = frozenset(
    ["__file__", "__doc__", "__spec__", "__loader__", "__package__", "__builtins__", "__annotations__", "__dict__"]
)
OWN_VARIABLE = "use a variable of your own"
BY_NAME = "use a dictionary, or name the variables in the code"

# Calls -> why they cannot be carried over, and what to do.
CALLS = {
    "exec": ("binds or reads names that only a run can tell", BY_NAME),
    "globals": ("binds or reads names that only a run can tell", BY_NAME),
    "locals": ("binds or reads names that only a run can tell", BY_NAME),
    "input": ("waits for a person", "put the answer into a variable"),
    "getpass.getpass": ("waits for a person", "read it from an environment variable"),
    "breakpoint": ("waits for a person", "remove it"),
    "pdb.set_trace": ("waits for a person", "remove it"),
    "exit": ("ends the notebook's kernel", "remove it"),
    "quit": ("ends the notebook's kernel", "remove it"),
    "sys._getframe": (
        "looks at the code around it, which is another one in a project",
        "pass what you need as an argument",
    ),
    "inspect.currentframe": (
        "looks at the code around it, which is another one in a project",
        "pass what you need as an argument",
    ),
    "inspect.stack": (
        "looks at the code around it, which is another one in a project",
        "pass what you need as an argument",
    ),
    "inspect.getsource": ("reads source code, of which a project has another layout", "keep the text in a variable"),
    "inspect.getsourcelines": (
        "reads source code, of which a project has another layout",
        "keep the text in a variable",
    ),
    "sys.getrefcount": ("counts references, of which a project has others", "remove it"),
}
WITHOUT_ARGUMENTS = {"vars": BY_NAME, "dir": BY_NAME}
ATTRIBUTES = {
    "__doc__": ("the layout of documentation of several lines differs in a project", "use inspect.getdoc"),
    "__qualname__": ("it says where a definition stands, which is elsewhere in a project", "use __name__"),
    "__module__": ("it says where a definition stands, which is elsewhere in a project", "use __name__"),
    "__code__": ("the code of functions differs in a project", "remove it"),
    "__globals__": ("a project has other globals", BY_NAME),
    "__closure__": ("the code of functions differs in a project", "remove it"),
}


def refusals(program: Program) -> Iterator[Problem]:
    """What no project can do as a notebook does, in the order of the notebook."""
    bound: set[str] = set()
    before = program.uses.get("display", [])[:1] < program.bindings.get("display", [])[:1]
    if before and "display" in program.bindings and "display" in program.uses:
        first = program.units[program.bindings["display"][0]]
        yield Problem(first, "display is used as IPython's function before, and bound here", OWN_VARIABLE)
    for unit in program.units:
        for name in (*unit.facts.reads, *unit.facts.captures):
            history = name in FRONT_END | MODULE or (name.startswith("_") and name.lstrip("_i").isdigit())
            if history and name not in bound:
                yield Problem(unit, f"{name} is known to a notebook only", OWN_VARIABLE)
        bound.update(unit.facts.all_bound)
        yield from _calls(program, unit)
        for node in unit.nodes:
            for part in ast.walk(node):
                if (
                    isinstance(part, ast.Attribute)
                    and part.attr in ATTRIBUTES
                    and (part.attr != "__doc__" or _long_documentation(program))
                ):
                    reason, remedy = ATTRIBUTES[part.attr]
                    yield _at(unit, part, f"{part.attr}: {reason}", remedy)
                elif isinstance(part, (ast.Import, ast.ImportFrom)) and "__main__" in _modules(part):
                    yield _at(unit, part, "the module __main__ is the notebook itself", BY_NAME)
                elif (
                    isinstance(part, ast.Subscript)
                    and program.resolver.dotted(part.value) == "sys.modules"
                    and _is_main(part.slice)
                ):
                    yield _at(unit, part, "sys.modules gives the notebook itself", BY_NAME)


def _calls(program: Program, unit: Unit) -> Iterator[Problem]:
    for node in unit.nodes:
        for call in program.resolver.calls(node):
            if call.name.split(".")[0] in program.bindings and call.name.split(".")[0] == call.name:
                continue
            if call.name in CALLS:
                reason, remedy = CALLS[call.name]
                yield _at(unit, call.node, f"{call.name}() {reason}", remedy)
            elif call.name in WITHOUT_ARGUMENTS and not call.node.args:
                yield _at(unit, call.node, f"{call.name}() without an argument names the variables around it", BY_NAME)
            elif call.name == "eval" and not _known_text(call):
                yield _at(
                    unit,
                    call.node,
                    "eval() reads names that only a run can tell",
                    "use ast.literal_eval for values, or name the variables",
                )
            elif call.name == "help" and call.node.args and _own(program, call.node.args[0]):
                yield _at(
                    unit,
                    call.node,
                    "help() says where a definition stands, which is elsewhere in a project",
                    "remove it",
                )
            elif (
                call.name in ("setattr", "getattr", "delattr", "vars")
                and call.node.args
                and _is_module_itself(program, call.node.args[0])
            ):
                yield _at(unit, call.node, f"{call.name}() on the notebook itself", BY_NAME)


def _long_documentation(program: Program) -> bool:
    """Does some definition of the notebook have a docstring of several lines?"""
    return any("\n" in (ast.get_docstring(node, clean=False) or "") for node in program.definitions.values())


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
    return not any(isinstance(part, Function | Comprehension) for part in ast.walk(tree))


def _own(program: Program, node: ast.expr) -> bool:
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return isinstance(node, ast.Name) and node.id in program.bindings and node.id not in program.types.modules


def _is_module_itself(program: Program, node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and program.resolver.dotted(node.value) == "sys.modules"


def _is_main(node: ast.expr) -> bool:
    return not isinstance(node, ast.Constant) or node.value == "__main__"


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def _at(unit: Unit, node: ast.expr | ast.stmt, message: str, remedy: str) -> Problem:
    return Problem(unit, message, remedy, node.lineno)
