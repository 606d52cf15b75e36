"""Which imports may stand at the head of a module, and what has to be done before any library is imported.

A library may read the environment, look into folders or copy attributes of other modules while it is imported. A
statement that changes these is done before the package imports anything, if nothing that stands above it in the
notebook can tell; else it stays where it is, and so do the imports behind it that depend on it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbmde.notebooks.analysis.calls import ResolvedCall
from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.analysis.program import Program, Unit, is_import
from nbmde.notebooks.analysis.purity import Purity
from nbmde.notebooks.analysis.renaming import Source
from nbmde.notebooks.analysis.trees import walk

from . import importing

if TYPE_CHECKING:
    from nbmde.metamodels.notebook import Notebook

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SETS_FIRST = frozenset(  # calls that change the environment variable which their first argument names
    [*("os.environ.setdefault", "os.environ.pop", "os.environ.__setitem__", "os.putenv", "os.unsetenv"), "os.setenv"]
)
_FILTERS = ("warnings.filterwarnings", "warnings.simplefilter")
_SETS = frozenset([*_SETS_FIRST, "os.environ.update", *_FILTERS])
_SEARCH = ("sys.path", "site.addsitedir", "importlib.reload", "importlib.invalidate_caches")
_PLAIN_CALLS = frozenset(
    ["os.path.join", "print", "str", "int", "float", "len", "range", "dict", "list", "set", "tuple", "type"]
)
EVERY = "*"


@dataclass
class Change:
    """The changes that a statement makes and an import behind it may notice.

    Attributes:
        variables: of the environment; None stands for variables of which the names are not known.
        search: does it change where modules are looked for?
        folder: does it change the working folder?
        patched: modules of which it sets attributes; flags: the values that it sets are numbers, texts, True or None.
        warnings: does it say which warnings are shown?
    """

    variables: dict[str | None, None] = field(default_factory=dict)
    search: bool = False
    folder: bool = False
    patched: dict[str, None] = field(default_factory=dict)
    flags: bool = True
    warnings: bool = False


@dataclass(frozen=True)
class Known:
    """The facts that are known of modules.

    Attributes:
        beside: modules beside the notebook, by dotted name.
        distributions: modules of which it is known what installs them.
        readers: beginning of the name of an environment variable -> modules that read it while they are imported.
    """

    beside: Mapping[str, ast.Module]
    distributions: Container[str]
    readers: Mapping[str, Sequence[str]]

    def standard(self, module: str) -> bool:
        """Is a module part of Python?"""
        top = module.split(".")[0]
        return top in sys.stdlib_module_names and top not in self._tops

    def is_known(self, module: str) -> bool:
        """Is it known where a module comes from?"""
        prefixes = [module]
        while "." in prefixes[-1]:
            prefixes.append(prefixes[-1].rpartition(".")[0])
        return self.standard(module) or prefixes[-1] in self._tops or any(one in self.distributions for one in prefixes)

    def reads(self, module: str, variable: str | None) -> bool:
        """May a module read an environment variable while it is imported or called?"""
        top = module.split(".")[0]
        if self.standard(module):
            return False
        if top in self._tops:
            return True
        if variable is None:
            return any(top in modules for modules in self.readers.values())
        word = variable.lower()
        if word == top.lower() or word.startswith(f"{top.lower()}_"):
            return True
        fitting = [beginning for beginning in self.readers if variable.startswith(beginning)]
        modules = self.readers[max(fitting, key=len)] if fitting else ()
        return top in modules or EVERY in modules

    @property
    def _tops(self) -> set[str]:
        return {name.split(".")[0] for name in self.beside}


def known(
    notebook: Notebook, beside: Mapping[str, ast.Module], api: Mapping[str, Any], table: Mapping[str, Any]
) -> Known:
    """Collect the facts that are known of modules.

    Args:
        api, table: the tables of calls and of distributions.
    """
    installed = {name for distribution in notebook.distributions for name in distribution.imports}
    return Known(beside, installed | set(table.get("distributions", {})), api.get("reads_environment", {}))


def split(units: Iterable[Unit], setter: str) -> list[Unit]:
    """`%env NAME=value` with a value that is written out: what it sets, which may be done first, and what it prints.

    Args:
        setter: what the code calls the function that does both.
    """
    units = list(units)
    last = max((index for index, unit in enumerate(units) if _imported(unit)), default=-1)
    if any("os" in facts(unit.nodes).all_bound and not all(map(is_import, unit.nodes)) for unit in units):
        return units
    result: list[Unit] = []
    for index, unit in enumerate(units):
        set_ = _set(unit, setter) if index < last else None
        if set_ is None:
            result.append(unit)
            continue
        name, value = set_
        message = f"env: {name}={value}"
        for text in ("import os", f"os.environ[{name!r}] = {value!r}", f"print({message!r})"):
            result.append(Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line))
        result[-1].ends_cell = unit.ends_cell
    return result


def searching(units: Sequence[Unit], facts: Known) -> list[Unit]:
    """Modules that the code writes as it runs are looked for in the working folder, as in a notebook."""
    written = importing.named_files(units)
    result: list[Unit] = []
    for unit in units:
        if any(module in written and not facts.is_known(module) for module in _imported(unit)):
            for text in ("import sys", 'sys.path.insert(0, "")'):
                result.append(Unit(text, ast.parse(text).body, unit.cell, unit.line, unit.last_line))
            written = frozenset()
        result.append(unit)
    return result


def _set(unit: Unit, setter: str) -> tuple[str, str] | None:
    """The environment variable that a statement sets through the runtime, and the value."""
    node = unit.node
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return None
    call = node.value
    texts = [text for text in map(_text, call.args) if text is not None]
    if not isinstance(call.func, ast.Name) or call.func.id != setter or len(texts) != 2:
        return None
    return texts[0], texts[1]


def settle(program: Program, facts: Known) -> None:
    """Says of each statement whether it is done before all imports (its placement), or stays where it is (`fixed`)."""
    changes = _Changes(program)
    found = [changes.of(unit) for unit in program.units]
    written = importing.named_files(program.units)
    for unit in program.units:
        made = any(module in written and not facts.is_known(module) for module in _imported(unit))
        unit.fixed = unit.pinned or made or importing.acts_on_import(unit, facts.beside)
    for index, unit in enumerate(program.units):
        if _goes_first(program, found, index, facts):
            unit.placement = "first"
            _write_out(unit, _constants(program, index))
    before: list[Change] = []
    loaded: set[str] = set()
    for unit, change in zip(program.units, found, strict=True):
        modules = _imported(unit)
        if modules and any(_depends(unit, modules, one, facts, loaded) for one in before):
            unit.fixed = True
        loaded.update(module.split(".")[0] for module in modules)
        if change is not None and unit.placement != "first":
            before.append(change)


class _Changes:
    """Finds what statements change, with what the functions change that they call."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.resolver = program.resolver
        self._of_functions: dict[str, Change] = {}

    def of(self, unit: Unit) -> Change | None:
        """Find the changes that a statement makes; None for none."""
        if isinstance(unit.node, _DEFINITIONS):
            return None
        change = Change()
        for node in unit.nodes:
            self._look(node, change, set())
        return change if change != Change() else None

    def _look(self, node: ast.AST, change: Change, seen: set[str]) -> None:
        for part in walk(node):
            if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
                self._set(part, change)
            elif isinstance(part, ast.Call):
                call = self.resolver.call(part)
                self._called(call, change)
                definition = self.program.definitions.get(call.name)
                if definition is not None and call.name not in seen:
                    seen.add(call.name)
                    self._look(definition, change, seen)
            if isinstance(part, ast.Assign) and not isinstance(part.value, ast.Constant):
                change.flags &= not any(isinstance(target, ast.Attribute) for target in part.targets)

    def _set(self, target: ast.Attribute | ast.Subscript, change: Change) -> None:
        owner = target.value if isinstance(target, ast.Subscript) else target
        name = self.resolver.dotted(owner) if isinstance(owner, (ast.Attribute, ast.Name)) else None
        if name is None:
            return
        if name == "os.environ" and isinstance(target, ast.Subscript):
            change.variables[_text(target.slice)] = None
        elif name.startswith("os.environ"):
            change.variables[None] = None
        elif name.startswith("sys.path") or name.startswith("sys.modules"):
            change.search = True
        elif isinstance(target, ast.Attribute) and not name.startswith(("sys.std", "sys.argv")):
            change.patched[name.rpartition(".")[0]] = None

    def _called(self, call: ResolvedCall, change: Change) -> None:
        arguments = call.node.args
        if call.name in _SETS_FIRST or call.name == "set_environment":
            change.variables[_text(arguments[0]) if arguments else None] = None
        elif call.name == "os.environ.update":
            change.variables.update(dict.fromkeys(_updated(call.node)))
        elif call.name == "os.environ.clear" or call.name.endswith("load_dotenv"):
            change.variables[None] = None
        elif call.name in ("os.chdir", "change_directory"):
            change.folder = True
        elif call.name.startswith(_SEARCH) and call.name != "sys.path.index":
            change.search = True
        elif call.name in _FILTERS:
            change.warnings = True
        elif call.name.startswith(("unittest.mock.patch", "importlib.reload")):
            change.patched[EVERY] = None
            change.flags = False


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _updated(call: ast.Call) -> Iterator[str | None]:
    for argument in call.args:
        keys = argument.keys if isinstance(argument, ast.Dict) else [None]
        yield from (_text(key) if key is not None else None for key in keys)
    yield from (keyword.arg for keyword in call.keywords)


def _imported(unit: Unit) -> list[str]:
    """Dotted names of the modules that a statement imports."""
    if not unit.nodes or not all(is_import(node) for node in unit.nodes):
        return []
    return list(_modules(unit.nodes))


def _modules(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        for part in walk(node):
            if isinstance(part, ast.Import):
                yield from (alias.name for alias in part.names)
            elif isinstance(part, ast.ImportFrom):
                yield "." * part.level + (part.module or "")


# -- what stays ------------------------------------------------------------------------------------------------------
def _depends(unit: Unit, modules: Sequence[str], change: Change, facts: Known, loaded: Collection[str]) -> bool:
    """Does it matter that these modules are imported behind a change?"""
    for module in modules:
        top = module.split(".")[0]
        standard = facts.standard(module)
        if (change.search or change.folder) and not (facts.is_known(module) and _finds(module, change, facts)):
            return True
        if top not in loaded and any(facts.reads(module, variable) for variable in change.variables):
            return True
        if change.patched:
            copies = any(isinstance(node, ast.ImportFrom) for node in unit.nodes)
            tops = {name.split(".")[0] for name in change.patched}
            if (copies and (top in tops or EVERY in tops)) or not (change.flags or standard or top in loaded):
                return True
    return False


def _finds(module: str, change: Change, facts: Known) -> bool:
    """Is it the same module wherever one looks for it, and does it look for nothing itself?"""
    tree = facts.beside.get(module)
    return tree is None or not change.folder or not importing.calls_on_import(tree)


# -- what is done first ----------------------------------------------------------------------------------------------
def _goes_first(program: Program, found: Sequence[Change | None], index: int, facts: Known) -> bool:
    """Is a statement to be done before all imports, and can nothing above it tell?"""
    change, unit = found[index], program.units[index]
    if change is None or unit.echo or not _only_sets(program, unit, change):
        return False
    behind = [module for other in program.units[index + 1 :] for module in _imported(other)]
    if all(facts.standard(module) for module in behind):
        return False
    above = zip(program.units[:index], found[:index], strict=True)
    return all(_cannot_tell(program, other, made, change, facts) for other, made in above)


def _only_sets(program: Program, unit: Unit, change: Change) -> bool:
    """Does a statement nothing but set values that are known when the program begins?"""
    node = unit.node
    if change.search or change.folder or change.patched or None in change.variables:
        return False
    if unit.facts.all_bound or unit.facts.captures or unit.facts.deletes:
        return False
    if not isinstance(node, (ast.Assign, ast.Expr)):
        return False
    constants = _constants(program, program.units.index(unit))
    if not all(name in constants or _is_standard(program, name) for name in unit.facts.reads):
        return False
    value = node.value
    if isinstance(node, ast.Expr):
        if not isinstance(value, ast.Call) or program.resolver.call(value).name not in _SETS:
            return False
        return all(_is_plain(program, part) for part in (*value.args, *(keyword.value for keyword in value.keywords)))
    return _is_plain(program, value) and all(
        isinstance(target, ast.Subscript) and _text(target.slice) is not None for target in node.targets
    )


def _constants(program: Program, index: int) -> dict[str, str]:
    """Variables that a statement may read and that are bound once, above it, to a number or text; with its source."""
    found: dict[str, str] = {}
    for name in program.units[index].facts.reads:
        places = program.bindings.get(name, [])
        node = program.units[places[0]].node if len(places) == 1 and places[0] < index else None
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.targets[0], ast.Name)
        ):
            found[name] = ast.unparse(node.value)
    return {name: text for name, text in found.items() if name not in program.deletions}


def _write_out(unit: Unit, constants: Mapping[str, str]) -> None:
    """Puts values in the place of variables that the package does not know yet."""
    if constants:
        source = Source(unit.text)
        for part in walk(source.tree):
            if isinstance(part, ast.Name) and part.id in constants:
                source.edits.append(source.places.replace(part, constants[part.id]))
        unit.text = source.edited()
        unit.nodes = ast.parse(unit.text).body


def _is_plain(program: Program, node: ast.expr) -> bool:
    """Is a value known when the program begins?"""
    calls = (program.resolver.call(part).name for part in walk(node) if isinstance(part, ast.Call))
    return Purity(program.resolver, {}).value(node) and all(name in _PLAIN_CALLS for name in calls)


def _is_standard(program: Program, name: str) -> bool:
    """Is a name bound by imports of the standard library alone, or by Python?"""
    indexes = program.bindings.get(name)
    if indexes is None:
        return not any("*" in alias.name for unit in program.units for node in unit.nodes for alias in _aliases(node))
    if not program.bound_alike(name):
        return False
    return all(
        _imported(program.units[index])
        and all(module.split(".")[0] in sys.stdlib_module_names for module in _imported(program.units[index]))
        for index in indexes
    )


def _aliases(node: ast.AST) -> list[ast.alias]:
    return node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else []


def _matters(change: Change, modules: Iterable[str], facts: Known) -> bool:
    return any(facts.reads(module, variable) for module in modules for variable in change.variables)


def _cannot_tell(program: Program, unit: Unit, change: Change | None, later: Change, facts: Known) -> bool:
    """Does a statement do the same if what a later one changes is changed before it?"""
    if unit.placement == "first":
        return True
    if change is not None and ((change.variables and later.variables) or (change.warnings and later.warnings)):
        return False
    modules = _imported(unit)
    if modules:
        if later.warnings:
            return all(facts.standard(module) for module in modules)
        return not _matters(later, modules, facts) and all(facts.is_known(module) for module in modules)
    if isinstance(unit.node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not unit.node.decorator_list:
        return True
    calls = (part for node in unit.nodes for part in walk(node) if isinstance(part, ast.Call))
    return not {"environment", "opaque", "network", "database"} & set(unit.resources) and all(
        _is_deaf(program, call, later, facts) for call in calls
    )


def _is_deaf(program: Program, node: ast.Call, later: Change, facts: Known) -> bool:
    """Does a call not read what is changed?"""
    call = program.resolver.call(node)
    if call.name in _PLAIN_CALLS or call.name in _FILTERS:
        return True
    if not call.row or call.name.startswith(".") or later.warnings:
        return False
    return facts.standard(call.name) or not any(facts.reads(call.name, variable) for variable in later.variables)
