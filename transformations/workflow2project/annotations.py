"""Annotates arguments and results: Python annotations for the types of a workflow, in terms of what is imported."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbmde.engine import m2m
from nbmde.notebooks import substitution
from nbmde.notebooks.analysis.calls import imported_names
from nbmde.notebooks.analysis.program import fresh

from . import reading, tables
from .imports import group, module_of
from .modules import add_import, dotted, homes, parts, workflow_of
from .recorded import value

if TYPE_CHECKING:
    from nbmde.metamodels.mlproject import Module, Parameter, Project, Result
    from nbmde.metamodels.workflow import Symbol, Value

    from .rules import Refinement

BARE = {"list": "list[Any]", "dict": "dict[Any, Any]", "set": "set[Any]", "frozenset": "frozenset[Any]"}
BARE |= {"tuple": "tuple[Any, ...]"}
PLAIN = ("int", "float", "str", "bool", "bytes", "complex", "Any")
OWN = "__main__."

transformation = m2m.Transformation("workflow2project.annotations", refines="mlproject", extends=parts, optional=True)


@dataclass(frozen=True)
class Names:
    """The meanings of names in the modules of a project: an index of its model.

    Attributes:
        tables: those of the layout.
        symbols: of the notebook, by name; found: the same by what the notebook calls them, as recorded types do.
        imported: names that imports of the notebook bind at module level, each with what it stands for.
        homes: names of definitions -> their modules.
        taken: names that modules bind besides those of the notebook.
    """

    tables: tables.Tables
    symbols: Mapping[str, Symbol]
    found: Mapping[str, Symbol]
    imported: tuple[tuple[str, str], ...]
    homes: Mapping[str, str]
    taken: frozenset[str]


@dataclass
class Annotation:
    """An annotation, and the imports that it needs besides those of the notebook: statement by the name it binds."""

    text: str = "Any"
    imports: dict[str, str] = field(default_factory=dict)


@transformation.helper("Project", cached=True)
def names(t: Refinement, project: Project) -> Names:
    """Index the meanings of names."""
    workflow, known = workflow_of(project), tables.layout_of(t, project)
    symbols = reading.symbols(workflow)
    imported = [
        pair
        for statement in reading.imports(workflow)
        for node in reading.syntax(substitution.text(statement)).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for pair in imported_names(node).items()
        if pair[0] in symbols and symbols[pair[0]].sharing.name == "module"
    ]
    words = reading.words(workflow, known)
    own = {fresh("Paths", words), fresh("State", words), project.pipeline.decoratorName}
    own |= {one.alias for one in project.runtime if one.added and one.name != "bind_class"}
    taken = frozenset({"Any", *own, *dir(builtins)})
    own_classes = substitution.found(workflow)
    return Names(known, symbols, own_classes, tuple(imported), homes(t), taken)


# -- rules -----------------------------------------------------------------------------------------------------------
@transformation.rule("Parameter", guard=lambda t, parameter: parameter.symbol is not None)
def annotate_parameter(t: Refinement, parameter: Parameter) -> None:
    """A parameter with its type."""
    function = parameter.eContainer()
    known = function.step.inputValues if function.step is not None else ()
    _annotate(t, parameter, function.eContainer(), known)


@transformation.rule("Result", guard=lambda t, result: result.symbol is not None)
def annotate_result(t: Refinement, result: Result) -> None:
    """A result with its type."""
    function = result.eContainer()
    known = function.step.outputValues if function.step is not None else ()
    _annotate(t, result, function.eContainer(), known)


def _annotate(t: Refinement, typed: Parameter | Result, module: Module, known: Iterable[Value]) -> None:
    assert typed.symbol is not None  # see the guards
    found = annotation(t.helpers.names(t.source), dotted(module), typed.symbol, value(known, typed.symbol))
    typed.type = found.text
    for statement in found.imports.values():
        node = ast.parse(statement).body[0]
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        if made := add_import(t, module, typed.symbol, group(module_of(node)), module_of(node), statement):
            made.forAnnotations = True


# -- types -----------------------------------------------------------------------------------------------------------
def annotation(names: Names, module: str, symbol: Symbol, value: Value | None) -> Annotation:
    """The annotation for a name; Any where its type is not known or cannot be written down.

    A recorded type goes before an inferred one. A class of a library that the notebook does not import under a name is
    imported, if importing the library changes nothing.

    Args:
        module: where the annotation stands, below the top package.
        value: what is known of the value at this point.
    """
    found = Annotation()
    if value is not None and value.provenance.name == "recorded":
        try:
            text = _text(names, module, ast.parse(value.type or "Any", mode="eval").body, found.imports)
        except SyntaxError:  # a class that was made inside a function
            return Annotation()
        return Annotation() if text in ("None", "Any") else Annotation(text, found.imports)
    known = symbol.type or ""
    if known in BARE or known in PLAIN:
        return Annotation(BARE.get(known, known))
    return Annotation(_imported(names, known) if known in names.tables["types"] else "Any")


def _text(names: Names, module: str, node: ast.expr, imports: dict[str, str]) -> str:
    if isinstance(node, ast.BinOp):
        left, right = (_text(names, module, part, imports) for part in (node.left, node.right))
        return "Any" if "Any" in (left, right) else f"{left} | {right}"
    if isinstance(node, ast.Subscript):
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return f"{ast.unparse(node.value)}[{', '.join(_text(names, module, part, imports) for part in parts)}]"
    if isinstance(node, ast.Constant):  # None, or the dots of a tuple
        return "..." if node.value is ... else repr(node.value)
    name = ast.unparse(node)
    if name in PLAIN or name in BARE:
        return BARE.get(name, name)
    if name.startswith(OWN):
        return _own(names, module, name.removeprefix(OWN))
    text = _imported(names, name)
    return text if text != "Any" else _added(names, name, imports)


def _own(names: Names, module: str, name: str) -> str:
    """A class of the notebook: only where it stands, and where everybody may import it from."""
    symbol = names.found.get(name)
    if symbol is None or symbol.kind.name != "class" or symbol.sharing.name != "module":
        return "Any"
    return symbol.name if names.homes.get(symbol.name) in (module, names.tables["helpers"]["module"]) else "Any"


def _imported(names: Names, known: str) -> str:
    """A class by a name that the notebook imports."""
    owner, attribute = names.tables["types"].get(known, known.rpartition(".")[::2])
    if owner == "builtins":
        return str(attribute)
    for name, target in names.imported:
        if target in (owner, f"{owner}.{attribute}"):
            return f"{name}.{attribute}" if target == owner else name
    return "Any"


def _added(names: Names, known: str, imports: dict[str, str]) -> str:
    """A class by an import that is not the notebook's."""
    owner, _, attribute = known.rpartition(".")
    top = owner.partition(".")[0]
    rows = names.tables["imports"]
    if owner.startswith(tuple(rows["with_effect"])) or not (
        top in rows["without_effect"] or top in sys.stdlib_module_names
    ):
        return "Any"
    alias = names.tables["aliases"].get(owner)
    name = alias or attribute
    other = names.symbols.get(name)
    if name in names.taken or (other is not None and (other.kind.name != "import" or other.sharing.name == "module")):
        return "Any"
    imports[name] = f"import {owner} as {alias}" if alias else f"from {owner} import {attribute}"
    return f"{alias}.{attribute}" if alias else attribute
