"""Functions of the notebooks of one service (Google Colab, Kaggle, Databricks): translated, left out, or refused.

What each name means is data: ``transformations/knowledge/frontends.toml``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nbmde.notebooks.analysis.calls import imported_names
from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.analysis.program import Unit
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.analysis.trees import children, walk

from .remarks import Remark

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SHOWING = ("display", "print")  # functions that look at a value and do nothing else with it
_IMPORT_FAILS = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")


class Refused(Exception):
    """A thing that cannot be carried over, with its line in the statement."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass
class Translation:
    """A statement without what only a front end knows.

    Attributes:
        text: empty where nothing is left.
        remarks: with lines in the statement.
        secrets: environment variables that it reads.
        parameter: the value that it binds is a parameter of the notebook.
        silent: its value is not that of the notebook's statement, and is not shown.
    """

    text: str
    remarks: list[Remark] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    parameter: bool = False
    silent: bool = False


@dataclass
class FrontEnds:
    """Knows, statement by statement, what names lead to a front end.

    Args:
        table: ``frontends.toml``.
        runtime: gives the name by which the code calls a function of the project's runtime.
    """

    table: Mapping[str, Any]
    runtime: Callable[[str], str]
    names: dict[str, str] = field(default_factory=dict)  # variable -> dotted name
    defaults: dict[str, str] = field(default_factory=dict)  # parameter -> expression

    def translated(self, text: str, tree: ast.Module, bound: Container[str], last: bool) -> Translation:
        """A statement in plain Python.

        Args:
            bound: names that the notebook binds above.
            last: whether it is in the last cell.

        Raises:
            Refused: it cannot be carried over.
        """
        words = set(re.findall(r"\w+", text))
        if words.isdisjoint(
            {name.split(".")[0] for name in (*self.table["modules"], *self.table["names"], *self.names)}
        ):
            return Translation(text)
        return _Statement(self, text, tree, bound, last).translation

    def module(self, dotted: str) -> str:
        """The module of a front end that a dotted name leads to; empty for none."""
        return next((name for name in self.table["modules"] if f"{dotted}.".startswith(f"{name}.")), "")

    def folder(self, path: str) -> str:
        """The service that has a folder; empty where it can be on any machine."""
        folders = self.table.get("folders", {})
        return next((str(of) for name, of in folders.items() if f"{path}/".startswith(f"{name}/")), "")

    def service(self, dotted: str) -> str:
        """Whose name this is."""
        module = self.module(dotted.partition("(")[0])
        row = self.table["modules"].get(module) or self.table["names"][dotted.split(".")[0]]
        return str(row["of"])


def provided(units: list[Unit], table: Mapping[str, Any]) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """Names that a front end binds and the notebook does not, with the place of the first statement that reads them."""
    bound = {name for unit in units for name in facts(unit.nodes).all_bound}
    for name, row in table["names"].items():
        if "means" in row and name not in bound:
            for place, unit in enumerate(units):
                found = facts(unit.nodes)
                if name in found.reads or name in found.captures:
                    yield place, name, row
                    break


class _Statement:
    """The translation of one statement."""

    def __init__(self, ends: FrontEnds, text: str, tree: ast.Module, bound: Container[str], last: bool) -> None:
        self.ends, self.text, self.tree, self.bound, self.last = ends, text, tree, bound, last
        self.places = Places(text)
        self.translation = Translation(text)
        self.edits: list[Edit] = []
        self.done: set[int] = set()  # nodes that need not be looked at
        self.gone: list[ast.stmt] = []
        self.clients: list[ast.expr] = []  # variables that hold one
        for node in walk(tree):
            if isinstance(node, ast.Try) and _may_fail(node) and any(map(self._imports, node.body)):
                self._note([part for statement in node.body for part in walk(statement)])
        self._own_names()
        self._imports_go()
        self._holders()
        self._calls()
        for node in self._open():
            used = isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load)
            if used and (name := self._dotted(node)):
                raise self._refused(name, node, "there is nothing like it in a project")
        for node in walk(tree):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node not in self.clients:
                ends.names.pop(node.id, None)
        whole = len(tree.body) == 1 and self.gone == tree.body
        self.translation.text = "" if whole else apply(text, [*self.edits, *self._blocks()])

    # -- where a front end is used -------------------------------------------------------------------------------
    def _open(self) -> Iterator[Any]:
        """Nodes that are not dealt with."""
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop(0)
            if id(node) not in self.done:
                yield node
                pending.extend(children(node))

    def _own_names(self) -> None:
        """Leaves variables of functions and loops as they are, whatever is called so outside."""
        for scope in walk(self.tree):
            if isinstance(scope, (*_SCOPES, ast.For, ast.AsyncFor)):
                inside = list(walk(scope))
                bound = {part.arg for part in inside if isinstance(part, ast.arg)}
                bound |= {part.id for part in inside if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
                self.done.update(id(part) for part in inside if isinstance(part, ast.Name) and part.id in bound)

    def _note(self, nodes: list[ast.AST]) -> None:
        """Leaves nodes as they are: the import among them fails, which is what the code looks for."""
        for node in nodes:
            self.done.add(id(node))
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._learn(node)

    def _learn(self, node: ast.Import | ast.ImportFrom) -> None:
        for name, dotted in imported_names(node).items():
            if self.ends.module(dotted) or any(
                module.startswith(f"{dotted}.") for module in self.ends.table["modules"]
            ):
                self.ends.names[name] = dotted

    def _imports(self, node: ast.AST) -> bool:
        """Does a statement import from a front end?"""
        return isinstance(node, (ast.Import, ast.ImportFrom)) and any(map(self.ends.module, _targets(node)))

    def _imports_go(self) -> None:
        for node in list(self._open()):
            if not self._imports(node):
                continue
            self._learn(node)
            kept = [alias for alias in node.names if not self.ends.module(_target(node, alias))]
            service = self.ends.service(next(name for name in _targets(node) if self.ends.module(name)))
            if kept:
                rest = (
                    ast.Import(kept) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, kept, node.level)
                )
                self.edits.append(self.places.replace(node, ast.unparse(rest)))
                self.done.add(id(node))
            else:
                self._drop(node)
            message = f"`{ast.unparse(node)}` is left out: only notebooks of {service} have it"
            self._tell(Remark("front-end-left-out", message), node)

    def _dotted(self, node: ast.expr) -> str:
        """The dotted name of something of a front end; empty for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if isinstance(node, ast.Call) and parts:  # UserSecretsClient().get_secret
            base = self._dotted(node.func)
            return f"{base}().{'.'.join(parts)}" if self._row(base).get("treatment") == "client" else ""
        if not isinstance(node, ast.Name) or id(node) in self.done:
            return ""
        names = self.ends.table["names"]
        base = self.ends.names.get(node.id, "")
        if not base and node.id in names and node.id not in self.bound and "means" not in names[node.id]:
            base = node.id
        dotted = ".".join([base, *parts]) if base else ""
        known = dotted.partition("(")[0]
        return dotted if dotted and (self.ends.module(known) or base.split(".")[0] in names) else ""

    def _row(self, dotted: str) -> Mapping[str, Any]:
        row: Mapping[str, Any] = self.ends.table["calls"].get(_of_databricks(dotted), {})
        return row

    # -- what is done --------------------------------------------------------------------------------------------
    def _holders(self) -> None:
        """Statements that go as a whole."""
        for node in list(self._open()):
            if isinstance(node, ast.Expr):
                call = _looked_at(node.value)
                if not isinstance(call, ast.Call) or not (dotted := self._dotted(call.func)):
                    continue
                row = self._row(dotted)
                if row.get("treatment") in ("drop", "client", "default") or row.get("looks"):
                    self._default(call, row)
                    self._without(node, call)
                    self._left_out(dotted, row, node)
                elif row.get("treatment") == "last" and self.last and node in self.tree.body:
                    self._drop(node)
                    self._left_out(dotted, row, node)
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and len(node.targets) == 1:
                self._assignment(node, node.targets[0], node.value)

    def _assignment(self, node: ast.Assign, target: ast.expr, call: ast.Call) -> None:
        dotted = self._dotted(call.func)
        row = self._row(dotted)
        if row.get("treatment") == "client" and isinstance(target, ast.Name):
            self.ends.names[target.id] = f"{dotted}()"
            self.clients.append(target)
            self._drop(node)
            self._left_out(dotted, row, node)
        elif row.get("treatment") == "secret" and (variable := _environment_variable(target)):
            self.translation.secrets.append(variable)
            self._drop(node)
            message = f"{_named(dotted)}: the environment variable {variable} is set outside of the code"
            self._tell(Remark("front-end-secret", message), node, ast.unparse(node))

    def _calls(self) -> None:
        for node in list(self._open()):
            dotted = self._dotted(node.func) if isinstance(node, ast.Call) and id(node) not in self.done else ""
            if dotted:
                self.edits.append(self.places.replace(node, self._value(node, dotted, self._row(dotted))))
                self._skip(node)

    def _value(self, node: ast.Call, dotted: str, row: Mapping[str, Any]) -> str:
        """Find the expression that takes the place of a call."""
        treatment, name = row.get("treatment", "refuse"), _text_argument(node)
        if treatment == "drop":
            self._left_out(dotted, row, node)
            return "None"
        if treatment == "secret" and name:
            variable = re.sub(r"\W+", "_", name).strip("_").upper()
            self.translation.secrets.append(variable)
            message = f"{_named(dotted)}: the code reads the environment variable {variable}"
            self._tell(Remark("front-end-secret", message), node)
            return f'{self.ends.runtime("environ")}["{variable}"]'
        if treatment == "uploads":
            message = f"{_named(dotted)} of {self.ends.service(dotted)} is not there: {row['reason']}"
            self._tell(Remark("front-end-upload", message), node)
            return f"{self.ends.runtime('uploaded_files')}()"
        if treatment == "html" and node.args:
            return f'{self.ends.runtime("display_markup")}("text/html", {ast.unparse(node.args[0])})'
        if treatment == "argument" and node.args:
            self._left_out(dotted, row, node)
            return f"({ast.unparse(node.args[0])})"
        if treatment == "value" and name in self.ends.defaults:
            self.translation.parameter = True
            return self.ends.defaults[name]
        raise self._refused(dotted, node, row.get("reason", "there is nothing like it in a project"))

    def _default(self, call: ast.Call, row: Mapping[str, Any]) -> None:
        """Notes the default of a parameter."""
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        value = call.args[1] if len(call.args) > 1 else given.get("defaultValue")
        if row.get("treatment") == "default" and value is not None:
            self.ends.defaults[_text_argument(call)] = ast.unparse(value)

    # -- edits ---------------------------------------------------------------------------------------------------
    def _without(self, node: ast.Expr, call: ast.Call) -> None:
        """Leaves a call out, but not what else its arguments do."""
        doing = [part for part in call.args if any(isinstance(inner, ast.Call) for inner in walk(part))]
        if not doing or self._row(self._dotted(call.func)).get("treatment") != "drop":
            self._drop(node)
            return
        self.edits.append(self.places.replace(node, ", ".join(map(ast.unparse, doing))))
        self._skip(node)
        self.translation.silent = True

    def _drop(self, node: ast.stmt) -> None:
        self.gone.append(node)
        self._skip(node)

    def _blocks(self) -> Iterator[Edit]:
        """Takes out the statements that go, with their lines; of a block of which nothing is left, all but one."""
        for parent in walk(self.tree):
            for name in ("body", "orelse", "finalbody"):
                block = getattr(parent, name, None)
                gone = [node for node in block if node in self.gone] if isinstance(block, list) else []
                for node in gone:
                    start, end = self.places.span(node)
                    begin = self.text.rfind("\n", 0, start) + 1
                    alone = not self.text[begin:start].strip() and self.text[end : end + 1] in ("", "\n")
                    if not alone or (len(gone) == len(block or ()) and node is gone[0]):
                        yield Edit(start, end, "pass")
                    else:
                        yield Edit(max(begin - 1, 0), end, "")

    def _skip(self, node: ast.AST) -> None:
        self.done.update(id(part) for part in walk(node))

    def _left_out(self, dotted: str, row: Mapping[str, Any], node: ast.stmt | ast.expr) -> None:
        message = f"{_named(dotted)} of {self.ends.service(dotted)} is left out: {row.get('reason', 'see above')}"
        self._tell(Remark("front-end-left-out", message), node, ast.unparse(node))

    def _tell(self, remark: Remark, node: ast.stmt | ast.expr, omits: str = "") -> None:
        self.translation.remarks.append(replace(remark, line=node.lineno, omits=omits))

    def _refused(self, dotted: str, node: ast.expr, reason: str) -> Refused:
        return Refused(f"{_named(dotted)} is of {self.ends.service(dotted)}: {reason}", node.lineno)


def _may_fail(node: ast.Try) -> bool:
    """Does this statement go on where an import fails?"""
    for handler in node.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        if any(kind is None or (isinstance(kind, ast.Name) and kind.id in _IMPORT_FAILS) for kind in kinds):
            return True
    return False


def _targets(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [_target(node, alias) for alias in node.names]


def _target(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    if isinstance(node, ast.Import):
        return alias.name
    return "" if node.level else f"{node.module}.{alias.name}"


def _of_databricks(dotted: str) -> str:
    """Others have the functions of Databricks under names of their own."""
    return re.sub(r"^(mssparkutils|notebookutils)\b", "dbutils", dotted)


def _looked_at(node: ast.expr) -> ast.expr:
    """Return the expression that a statement shows, or the one that it is."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in SHOWING
        and len(node.args) == 1
    ):
        return node.args[0]
    return node


def _environment_variable(target: ast.expr) -> str:
    """The variable that an assignment sets; empty for any other."""
    if (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and isinstance(target.slice.value, str)
    ):
        return target.slice.value if ast.unparse(target.value) in ("os.environ", "environ") else ""
    return ""


def _text_argument(call: ast.Call) -> str:
    """The text that says what is asked for: the first argument, and of a secret in a scope the second."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    nodes = [given["key"]] if "key" in given else [*call.args[1:2], *call.args[:1]]
    if isinstance(call.func, ast.Attribute) and call.func.attr != "get":
        nodes = [*call.args[:1], *given.values()]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return texts[0] if texts else ""


def _named(dotted: str) -> str:
    return dotted.removeprefix("google.colab.").removeprefix("kaggle_secrets.").removeprefix("kaggle_datasets.")
