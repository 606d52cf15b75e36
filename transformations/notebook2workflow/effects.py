"""The effects of a statement besides names: objects changed in place, random generators, figures, files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from nbmde.notebooks.analysis.calls import CallResolver, ResolvedCall, root_name
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.trees import walk

UNKNOWN = "unknown"  # a call of which nothing is known; it may touch anything


def mutated_names(unit: Unit, resolver: CallResolver) -> list[str]:
    """Names whose object the statement changes in place, as far as assignments and the call table tell."""
    return changed_in_place(unit.nodes, resolver)


def changed_in_place(nodes: Iterable[ast.stmt], resolver: CallResolver) -> list[str]:
    """The same for some nodes."""
    found: dict[str, None] = {}
    for node in nodes:
        for part in walk(node):
            if isinstance(part, (ast.Subscript, ast.Attribute)) and isinstance(part.ctx, (ast.Store, ast.Del)):
                _add(found, root_name(part))
            elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                _add(found, part.target.id)
        for call in resolver.calls(node):
            for what in call.row.get("mutates", ()):
                _add(found, _operand(call, what))
            keyword = call.row.get("mutates_if")
            if keyword and any(
                argument.arg == keyword
                and not (isinstance(argument.value, ast.Constant) and argument.value.value is False)
                for argument in call.node.keywords
            ):
                _add(found, call.receiver)
    return list(found)


_LOOKS = frozenset(  # calls that only look at what others change
    [
        "os.getcwd",
        "pathlib.Path.cwd",
        "os.getenv",
        "os.environ.get",
        "os.environ.keys",
        "os.environ.items",
        "os.environ.copy",
    ]
)


def changed(unit: Unit, resolver: CallResolver, functions: Mapping[str, list[str]]) -> set[str]:
    """Find what of directory, environment and modules the statement changes, on which imports behind it depend."""
    found = {"cwd", "environment", "modules"} & set(unit.resources)
    if not found:
        return found
    for node in unit.nodes:
        names = {
            call.name
            for call in resolver.calls(node)
            if set(call.row.get("resources", ())) & found or call.name in functions
        }
        targets = [part for part in walk(node) if isinstance(part, (ast.Attribute, ast.Subscript))]
        if names - _LOOKS or any(not isinstance(target.ctx, ast.Load) for target in targets):
            return found
    return set()


def touched(
    unit: Unit, resolver: CallResolver, functions: Mapping[str, list[str]], drawing: Mapping[str, list[str]]
) -> list[str]:
    """Resources that the statement uses.

    Args:
        functions: those that the notebook defines, with what they touch.
        drawing: ``modules`` and ``words`` by which calls are told that draw, of which the table says nothing.
    """
    found: dict[str, None] = {}
    for node in unit.nodes:
        for call in resolver.calls(node):
            if call.name in functions:
                found.update(dict.fromkeys(functions[call.name]))
                continue
            known = (
                bool(call.row)
                or call.name in resolver.table.rows
                or resolver.table.method(call.name.lstrip(".")) is not None
            )
            for resource in call.row.get("resources", ()):
                found[resource] = None
            if any(key in call.row for key in ("reads_files", "writes_files", "opens")):
                found["files"] = None
            missing = call.row.get("random_if_missing")
            if missing and not any(argument.arg == missing for argument in call.node.keywords):
                found["numpy.random"] = None
            if not known:
                found[UNKNOWN] = None
            if not call.row and _draws_by_name(call.name, resolver, drawing):
                found["matplotlib"] = None
        for part in walk(node):
            if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
                changed = _dotted(part, resolver)
                if changed:
                    found[
                        next((resource for prefix, resource in _SETTABLE if changed.startswith(prefix)), "modules")
                    ] = None
    return list(found)


def draws(
    unit: Unit, resolver: CallResolver, functions: Mapping[str, list[str]], drawing: Mapping[str, list[str]]
) -> bool:
    """Does the statement surely draw a figure? Not if a condition decides. Arguments as those of `touched`."""
    if isinstance(unit.node, (ast.If, ast.Try, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return False
    return any(
        "matplotlib" in functions.get(call.name, ())
        or (call.row.get("kind") == "plot" and "matplotlib" in call.row.get("resources", ()))
        or (not call.row and _draws_by_name(call.name, resolver, drawing))
        for node in unit.nodes
        for call in resolver.calls(node)
    )


def _draws_by_name(name: str, resolver: CallResolver, drawing: Mapping[str, list[str]]) -> bool:
    last = name.rpartition(".")[2].lower()
    imported = {module.partition(".")[0] for module in resolver.types.modules.values()}
    return any(word in last for word in drawing["words"]) and not imported.isdisjoint(drawing["modules"])


# What is set by assignment -> what depends on it; anything else of a module is a patch.
_SETTABLE = (
    ("os.environ", "environment"),
    ("sys.path", "modules"),
    ("sys.std", "stdout"),
    ("sys.argv", "options"),
    ("matplotlib.", "matplotlib"),
    ("pandas.options", "options"),
    ("warnings.", "options"),
)


def _dotted(node: ast.expr, resolver: CallResolver) -> str | None:
    """The attribute of a module that an assignment changes."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return resolver.dotted(node) if isinstance(node, ast.Attribute) else None


def shows_nothing(unit: Unit, resolver: CallResolver) -> bool:
    """Is the value of this expression surely None?"""
    node = unit.nodes[-1] if unit.nodes else None
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    call = resolver.call(node.value)
    keyword = call.row.get("mutates_if")
    if keyword and not call.name.startswith("."):
        return any(
            argument.arg == keyword and isinstance(argument.value, ast.Constant) and argument.value.value is True
            for argument in call.node.keywords
        )
    return call.row.get("returns") == "None" and not call.name.startswith(".")


def _operand(call: ResolvedCall, what: str) -> str | None:
    if what == "receiver":
        return call.receiver
    if what.startswith("arg") and what[3:].isdigit() and int(what[3:]) < len(call.node.args):
        return root_name(call.node.args[int(what[3:])])
    return None


def _add(found: dict[str, None], name: str | None) -> None:
    if name is not None:
        found[name] = None
