"""Python annotations for the types of a workflow, in terms of what the notebook imports."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from nbmde.notebooks.analysis.calls import imported_names

from .planning import Plan

if TYPE_CHECKING:
    from nbmde.metamodels.workflow import Symbol, Value

BARE = {"list": "list[Any]", "dict": "dict[Any, Any]", "set": "set[Any]", "frozenset": "frozenset[Any]"}
BARE |= {"tuple": "tuple[Any, ...]"}
PLAIN = ("int", "float", "str", "bool", "bytes", "complex", "Any")
OWN = "__main__."


def annotation(plan: Plan, module: str, symbol: Symbol, value: Value | None) -> str:
    """The annotation for a name; Any where its type is not known or cannot be written down.

    A recorded type goes before an inferred one. A class of a library that the notebook does not import under a name is
    noted in the plan as an import to add, if importing the library changes nothing.

    Args:
        module: where the annotation stands, below the top package.
        value: what is known of the value at this point.
    """
    if value is not None and value.provenance.name == "recorded":
        try:
            text = _text(plan, module, ast.parse(value.type or "Any", mode="eval").body)
        except SyntaxError:  # a class that was made inside a function
            return "Any"
        return "Any" if text == "None" else text
    known = symbol.type or ""
    if known in BARE or known in PLAIN:
        return BARE.get(known, known)
    return _imported(plan, known) if known in plan.tables["types"] else "Any"


def names_in(text: str) -> set[str]:
    """The names that an annotation needs."""
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _text(plan: Plan, module: str, node: ast.expr) -> str:
    if isinstance(node, ast.BinOp):
        left, right = _text(plan, module, node.left), _text(plan, module, node.right)
        return "Any" if "Any" in (left, right) else f"{left} | {right}"
    if isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return f"{ast.unparse(node.value)}[{', '.join(_text(plan, module, part) for part in parts)}]"
    if isinstance(node, ast.Constant):  # None, or the dots of a tuple
        return "..." if node.value is ... else repr(node.value)
    name = ast.unparse(node)
    if name in PLAIN or name in BARE:
        return BARE.get(name, name)
    if name.startswith(OWN):
        return _own(plan, module, name.removeprefix(OWN))
    text = _imported(plan, name)
    return text if text != "Any" else _added(plan, name)


def _own(plan: Plan, module: str, name: str) -> str:
    """A class of the notebook: only where it stands, and where everybody may import it from."""
    symbol = plan.symbols.get(name)
    if symbol is None or symbol.kind.name != "class" or symbol.sharing.name != "module":
        return "Any"
    return name if plan.module_of.get(name) in (module, plan.tables["helpers"]["module"]) else "Any"


def _imported(plan: Plan, known: str) -> str:
    """A class by a name that the notebook imports."""
    owner, attribute = plan.tables["types"].get(known, known.rpartition(".")[::2])
    if owner == "builtins":
        return str(attribute)
    for statement in plan.imports:
        for node in ast.parse(statement.text).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for name, target in imported_names(node).items():
                    if target in (owner, f"{owner}.{attribute}") and _at_module_level(plan, name):
                        return f"{name}.{attribute}" if target == owner else name
    return "Any"


def _added(plan: Plan, known: str) -> str:
    """A class by an import that is not the notebook's."""
    owner, _, attribute = known.rpartition(".")
    top = owner.partition(".")[0]
    imports = plan.tables["imports"]
    if owner.startswith(tuple(imports["with_effect"])) or not (
        top in imports["without_effect"] or top in sys.stdlib_module_names
    ):
        return "Any"
    alias = plan.tables["aliases"].get(owner)
    name = alias or attribute
    other = plan.symbols.get(name)
    if name in plan.taken or (other is not None and (other.kind.name != "import" or _at_module_level(plan, name))):
        return "Any"
    plan.type_imports[name] = f"import {owner} as {alias}" if alias else f"from {owner} import {attribute}"
    return f"{alias}.{attribute}" if alias else attribute


def _at_module_level(plan: Plan, name: str) -> bool:
    return name in plan.symbols and plan.symbols[name].sharing.name == "module"
