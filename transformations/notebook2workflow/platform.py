"""From what a kernel accepts (magics, shell lines, help) to plain Python statements.

What each magic means is data: ``transformations/knowledge/magics.toml``. Functions of the generated project's runtime
(``knowledge/runtime.toml``) take the place of what the platform did.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from nbmde.engine.errors import NbmdeError
from nbmde.notebooks.analysis.calls import imported_names
from nbmde.notebooks.analysis.cells import SourceStatement, indent, statements
from nbmde.notebooks.analysis.names import facts
from nbmde.notebooks.analysis.program import Unit, fresh
from nbmde.notebooks.analysis.rewrite import Edit, Places, apply
from nbmde.notebooks.analysis.scopes import own_nodes
from nbmde.notebooks.analysis.trees import walk
from nbmde.notebooks.inject import DATABRICKS, installs, language_cell, patterns, python_source, with_percent_sign

from . import colab_forms, run_magic
from .expansion import expanded, literal
from .frontends import FrontEnds, Refused, Translation, provided
from .platform_functions import DISPLAY_MODULES, PlatformFunctions, displaying
from .remarks import Remark

_METHODS = ("magic", "run_line_magic", "run_cell_magic", "system", "getoutput", "set_next_input", "show_usage")
INTERACTIVITY = "InteractiveShell.ast_node_interactivity"
_LOOKS = ("InlineBackend.", "Completer.", "IPCompleter.", "Application.", "HistoryManager.", "IPKernelApp.")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass
class Platform:
    """Translates cells, in the order of the notebook; collects remarks on the way.

    Args:
        magics: rows of ``magics.toml``: name -> {line, cell, reason}.
        functions: those of the runtime, rows of ``runtime.toml``.
        identifiers: every name that the notebook uses, so that runtime names do not clash with them.
        file: the notebook, for messages.
        files: what `%run` can run: path -> content.
        modules: cells that hold a module and nothing else: position -> dotted name.
    """

    magics: Mapping[str, Mapping[str, Any]]
    functions: Mapping[str, Mapping[str, Any]]
    identifiers: set[str]
    file: str
    harmless: Mapping[str, Any] = field(default_factory=dict)  # extensions that change nothing that is computed
    files: Mapping[str, bytes] = field(default_factory=dict)
    modules: Mapping[int, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    last_cell: int = 0
    shells: set[str] = field(default_factory=set)  # variables that hold the kernel's shell
    secrets: dict[str, tuple[int, int]] = field(default_factory=dict)  # environment variables, with cell and line
    known: set[str] = field(default_factory=set)  # names that are bound so far
    interactivity: str = "last_expr"  # which values of a cell are shown
    active: list[str] = field(default_factory=list)  # files that `%run` is in
    imported: dict[str, str] = field(default_factory=dict)  # names that lead to IPython's functions for display

    def __post_init__(self) -> None:
        self.called = PlatformFunctions((), self.functions, self.identifiers)
        self.use_front_ends({"modules": {}, "names": {}, "calls": {}}, 0)
        self.displaying = displaying(self.functions)

    def use_front_ends(self, table: Mapping[str, Any], last_cell: int) -> None:
        """Knows what only the notebooks of one service have: ``frontends.toml``."""
        self.elsewhere = FrontEnds(table, self.runtime)
        self.last_cell = last_cell

    def provide(self, units: list[Unit]) -> None:
        """Binds names that a service binds and the notebook reads, before the first statement that does; in place."""
        found = sorted(provided(units, self.elsewhere.table), key=lambda name: name[0], reverse=True)
        for place, name, row in found:
            at = units[place]
            message = f"{name} is bound here; in {row['of']} it is there from the start"
            self.remarks.append(Remark("front-end-name", message, at.cell, at.line))
            lines = str(row["means"]).split("\n")
            units[place:place] = [self.unit(text, at.cell, at.line, at.line) for text in lines]

    def questions(self) -> dict[str, str]:
        """The functions of the runtime that ask a person something, by what the notebook's code calls for that."""
        return {row["replaces"]: name for name, row in self.functions.items() if row["module"] == "answers"}

    @property
    def alias(self) -> dict[str, str]:
        """The names by which statements call the functions of the runtime."""
        return self.called.alias

    @property
    def used(self) -> dict[str, None]:
        """Names of the functions of the runtime that statements call."""
        return self.called.used

    def runtime(self, name: str) -> str:
        """The name by which the statements call a function of the runtime."""
        return self.called(name)

    # -- cells ---------------------------------------------------------------------------------------------------
    def units(self, source: str, cell: int, tags: Iterable[str] = ()) -> list[Unit]:
        """The statements of a cell as plain Python.

        Raises:
            NbmdeError: for a magic that is not supported, or code that is not Python.
        """
        source = language_cell(with_percent_sign(source, self.known))
        units = self.magic_cell(source, cell) if source.lstrip().startswith("%%") else self.plain(source, cell)
        if units and "raises-exception" in tags:
            units = self.wrapped(units, f"{self.runtime('may_fail')}()", cell, "value")
        for unit in units:
            self.see(unit, cell)
        return units

    def see(self, unit: Unit, cell: int) -> None:
        """Takes note of what a statement binds and sets for the cells below."""
        found = facts(unit.nodes)
        self.known.update(found.all_bound, found.global_writes)
        node = unit.node
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith(INTERACTIVITY):
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            self.set_interactivity(str(value), cell, unit.line)

    def set_interactivity(self, value: str, cell: int, line: int) -> None:
        """Says which values cells show from the next one on."""
        if value not in ("all", "last", "last_expr", "last_expr_or_assign", "none"):
            raise self.refuse(cell, line, f"{INTERACTIVITY} cannot be {value}")
        self.interactivity = value

    def magic_cell(self, source: str, cell: int) -> list[Unit]:
        """The statements of a cell that begins with a cell magic."""
        try:
            call = _platform_call(ast.parse(python_source(source)).body[0].value)  # type: ignore[attr-defined]
        except (SyntaxError, AttributeError, IndexError):
            call = None
        if call is None or call[0] != "run_cell_magic":
            raise self.refuse(cell, 1, "this cell magic cannot be read")
        return _ended(self.cell_magic(call[1], cell, source[: source.index("%%")].count("\n") + 1))

    def cell_magic(self, arguments: list[str], cell: int, at: int) -> list[Unit]:
        """The statements that a cell magic stands for; its arguments are its name, its line and its body."""
        name, line, body = [*arguments, "", ""][:3]
        treatment = self.treatment(name, "cell", cell, at)
        if form := self.functions.get(treatment, {}).get("form"):
            shown = f"{self.runtime('display_markup')}({form!r}, {literal(body)})"
            return [self.unit(shown, cell, at, at)]
        handler = getattr(self, f"cell_{treatment}", None)
        if handler is None:
            raise self.refuse(cell, at, f"%%{name} is not supported")
        units: list[Unit] = handler(name, line.strip(), body, cell, at)
        return units

    def plain(self, source: str, cell: int, offset: int = 0, shown: bool = True) -> list[Unit]:
        """The statements of a cell or of the body of a cell magic; ``shown``: are values shown as IPython says?"""
        offset += _blank_lines(source)
        try:
            found = statements(python_source(source))
        except SyntaxError as error:
            raise NbmdeError(
                f"this is not Python: {error.msg}",
                file=self.file,
                cell=cell,
                line=(error.lineno or 1) + offset,
                remedy="correct the cell or remove it",
            ) from None
        units: list[Unit] = []
        comments = ""
        for position, statement in enumerate(found):
            last = position + 1 == len(found)
            text, parameter = colab_forms.without(statement.text)
            text = self.with_the_shell(text)
            plain = self.without_front_end(replace(statement, text=text), cell, offset)
            statement = replace(statement, text=plain.text or text)
            own = self.statement(statement, cell, offset) if plain.text else []
            for unit in own:
                unit.parameter |= parameter or plain.parameter
            if not own:
                comments += _comments(statement.text)
                continue
            if comments:
                own[0] = self.unit(comments + own[0].text, cell, own[0].line, own[0].last_line)
                comments = ""
            if not found[-1].silenced and shown and not plain.silent:
                own = self.shown(statement, own, last)
            else:
                own[-1].echo = False
            units += own
            for unit in own:
                self.known.update(facts(unit.nodes).all_bound)
        return _ended(units)

    def with_the_shell(self, text: str) -> str:
        """A statement that calls `get_ipython()` where it calls a variable for that: `ip = get_ipython()`."""
        tree = ast.parse(text)
        node = tree.body[0]
        if isinstance(node, ast.Assign) and ast.unparse(node.value) == "get_ipython()":
            self.shells.update(target.id for target in node.targets if isinstance(target, ast.Name))
        if not self.shells:
            return text
        places, edits = Places(text), []
        for part in walk(tree):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in _METHODS:
                base = part.func.value
                if isinstance(base, ast.Name) and base.id in self.shells:
                    edits.append(places.replace(base, "get_ipython()"))
        return apply(text, edits)

    def without_front_end(self, statement: SourceStatement, cell: int, offset: int) -> Translation:
        """A statement without what only the notebooks of one service have."""
        tree = ast.parse(statement.text)
        first = statement.first_line + offset - _first_line(tree.body[0])
        try:
            found = self.elsewhere.translated(statement.text, tree, self.known, cell == self.last_cell)
        except Refused as refused:
            raise self.refuse(cell, first + refused.line, str(refused)) from None
        self.remarks += [replace(remark, cell=cell, line=first + remark.line) for remark in found.remarks]
        for name in found.secrets:
            self.secrets.setdefault(name, (cell, statement.first_line + offset))
        return found

    def shown(self, statement: SourceStatement, units: list[Unit], last: bool) -> list[Unit]:
        """Marks what IPython shows of a statement."""
        unit, how, node = units[-1], self.interactivity, statement.node
        if how == "none" or not (last or how == "all"):
            unit.echo = False
            return units
        if isinstance(node, ast.Expr):
            unit.echo = isinstance(unit.node, ast.Expr) and not self.is_platform(node.value)
        elif how == "last_expr_or_assign":
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
                target = node.targets[-1] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name):
                    value = self.unit(target.id, unit.cell, unit.line, unit.last_line)
                    value.echo = True
                    return [*units, value]
        elif how in ("all", "last") and not isinstance(node, _DEFINITIONS):
            places = Places(unit.text)
            edits: list[Edit] = []
            for part in own_nodes(unit.nodes):
                if isinstance(part, ast.Expr):
                    start, end = places.span(part)
                    edits += [Edit(start, start, f"{self.runtime('show')}(("), Edit(end, end, "))")]
            if edits:
                return [*units[:-1], self.unit(apply(unit.text, edits), unit.cell, unit.line, unit.last_line)]
        return units

    def is_platform(self, node: ast.expr) -> bool:
        """Is this expression a command of the platform, which shows no value of its own?"""
        call = _platform_call(node)
        if call is None or call[0] == "getoutput":
            return False
        if call[1][:1] == ["env"]:
            return not _asks_for_variable(call[1][-1])
        return call[0] != "run_line_magic" or call[1][0] not in ("pwd", "sx", "!", "time")

    def statement(self, statement: SourceStatement, cell: int, offset: int) -> list[Unit]:
        """One statement with its platform calls replaced; none where nothing is left."""
        line = statement.first_line + offset
        tree = ast.parse(statement.text)
        text = self.displayed(statement.text, tree)
        if not text:
            return []
        if text != statement.text:
            tree = ast.parse(text)
            statement = replace(statement, text=text)
            if len(tree.body) > 1:
                return [self.unit(ast.unparse(node), cell, line, line) for node in tree.body]
        calls = [(part, found) for part in walk(tree) if (found := _platform_call(part)) is not None]
        if not calls:
            return [Unit(statement.text, tree.body, cell, line, statement.last_line + offset)]
        inside = {part.id for part in walk(tree) if isinstance(part, ast.Name)}
        inside |= {part.arg for part in walk(tree) if isinstance(part, ast.arg)}
        alone = len(calls) == 1 and isinstance(statement.node, (ast.Expr, ast.Assign)) and len(tree.body) == 1
        if alone and getattr(tree.body[0], "value", None) is calls[0][0]:
            method, arguments = calls[0][1]
            treatment = self.magics.get(arguments[0], {}).get("line") if method == "run_line_magic" else None
            if method == "run_cell_magic" and isinstance(tree.body[0], ast.Expr):
                return self.cell_magic(arguments, cell, line)
            if treatment == "pylab" and isinstance(tree.body[0], ast.Expr):
                return self.line_pylab(arguments[1], ast.unparse(calls[0][0]), cell, line)
            if treatment == "timing":
                return self.line_timing(arguments[0], arguments[1], tree.body[0], cell, line)
            if treatment == "run" and isinstance(tree.body[0], ast.Expr):
                return self.line_run(arguments[1], cell, line)
        places = Places(statement.text)
        edits: list[Edit] = []
        self.known, known = self.known | inside, self.known
        holders = {id(node.value): node for node in walk(tree) if isinstance(node, (ast.Expr, ast.Assign))}
        for part, found in calls:
            assert isinstance(part, ast.Call)
            if id(part) in holders and self.is_measured(found):
                holder, at = holders[id(part)], line + part.lineno - _first_line(tree.body[0])
                edits.append(places.replace(holder, self.timed_in_block(found[1], holder, cell, at)))
                continue
            told = len(self.remarks)
            replacement = self.command(found[0], found[1], cell, line + part.lineno - _first_line(tree.body[0]))
            self.remarks[told:] = [replace(remark, omits=ast.unparse(part)) for remark in self.remarks[told:]]
            if replacement is None and alone and isinstance(tree.body[0], ast.Expr):
                self.known = known
                return []
            if replacement is None and not any(
                isinstance(node, ast.Expr) and node.value is part for node in walk(tree)
            ):
                raise self.refuse(cell, line, f"the value of {' '.join(found[1][:2])} is not known")
            edits.append(places.replace(part, replacement or "None"))
        self.known = known
        return [self.unit(apply(statement.text, edits), cell, line, statement.last_line + offset)]

    def displayed(self, text: str, tree: ast.Module) -> str:
        """A statement with the runtime's functions in the place of IPython's, which need a front end."""
        places = Places(text)
        edits: list[Edit] = []
        for part in walk(tree):
            if isinstance(part, (ast.Import, ast.ImportFrom)):
                self.imported.update(
                    {name: to for name, to in imported_names(part).items() if to.startswith("IPython")}
                )
                if "display" in imported_names(part) and imported_names(part)["display"] == "IPython.display":
                    self.alias["display"] = fresh("display", self.identifiers)
            if isinstance(part, ast.ImportFrom) and part.module in DISPLAY_MODULES:
                taken = [alias for alias in part.names if alias.name in self.displaying]
                rest = [alias for alias in part.names if alias not in taken]
                if taken:
                    lines = [ast.unparse(ast.ImportFrom(part.module, rest, 0))] if rest else []
                    for alias in taken:
                        own = self.runtime(alias.name)
                        name = alias.asname or alias.name
                        lines += [f"{name} = {own}"] if name != own else []
                    if not lines and tree.body == [part]:
                        return ""
                    edits.append(places.replace(part, "; ".join(lines) or "pass"))
            elif isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load):
                base = ast.unparse(part.value) if part.attr in self.displaying else ""
                root, _, path = base.partition(".")
                if ".".join(filter(None, [self.imported.get(root, ""), path])) in DISPLAY_MODULES:
                    edits.append(places.replace(part, self.runtime(part.attr)))
        return apply(text, edits) if edits else text

    def unit(self, text: str, cell: int, line: int = 1, last_line: int = 1) -> Unit:
        """A statement of the given text."""
        return Unit(text, ast.parse(text).body, cell, line, last_line)

    def wrapped(self, inner: Sequence[Unit], manager: str, cell: int, what: str) -> list[Unit]:
        """Statements inside ``with manager:``; the value of the last expression is shown behind it."""
        texts = [unit.text for unit in inner]
        first, last = inner[0].line, inner[-1].last_line
        result = fresh(f"{what}_shown" if what == "value" else f"{what}_result", self.identifiers)
        before: list[Unit] = []
        if inner[-1].echo:
            start, end = Places(texts[-1]).span(inner[-1].nodes[-1])
            texts[-1] = f"{texts[-1][:start]}{result} = ({texts[-1][start:end]}){texts[-1][end:]}"
            if what == "value":  # it may not be computed
                before.append(self.unit(f"{result} = None", cell, first, first))
        block = self.unit(f"with {manager}:\n{indent(chr(10).join(texts))}", cell, first, last)
        block.timed = block.ends_cell = True
        if not inner[-1].echo:
            return [block]
        block.ends_cell = False
        shown = self.unit(result, cell, inner[-1].line, last)
        shown.echo = shown.ends_cell = True
        return [*before, block, shown]

    # -- commands ------------------------------------------------------------------------------------------------
    def command(self, method: str, arguments: list[str], cell: int, line: int) -> str | None:
        """The Python expression for a call of the platform; None where it concerns the platform only."""
        if method in ("system", "getoutput"):
            return self.shell(method, arguments[0], cell, line)
        if method == "run_cell_magic":
            raise self.refuse(cell, line, f"%%{arguments[0]} inside a statement is not supported")
        if method != "run_line_magic":
            return None  # help and set_next_input
        name, argument = arguments[0], arguments[1] if len(arguments) > 1 else ""
        treatment = self.treatment(name, "line", cell, line)
        handler: Callable[[str, str, int, int], str | None] | None = getattr(self, f"line_{treatment}", None)
        if name == "timeit":
            options, code = _options(argument)
            return self._timeit(code, options, cell, line)
        if handler is None or treatment == "timing":
            raise self.refuse(cell, line, f"%{name} is not supported here")
        return handler(name, argument, cell, line)

    def treatment(self, name: str, place: str, cell: int, line: int) -> str:
        """Look up how a magic is treated."""
        row = self.magics.get(name, {})
        treatment = row.get(place)
        sign = "%" if place == "line" or name.startswith(DATABRICKS) else "%%"
        spelled = f"{sign}{name.removeprefix(DATABRICKS)}"
        if treatment is None:
            raise self.refuse(cell, line, f"{spelled} is not known")
        if not self.known:
            treatment = row.get("if_first", treatment)
        if treatment == "refuse":
            raise self.refuse(cell, line, f"{spelled} is not supported: {row.get('reason', 'it is no Python')}")
        return str(treatment)

    def refuse(self, cell: int, line: int, reason: str) -> NbmdeError:
        """The refusal of something at a place of this notebook."""
        return NbmdeError(
            reason, file=self.file, cell=cell, line=line, remedy="replace it by plain Python or remove it"
        )

    def shell(self, method: str, command: str, cell: int, line: int) -> str | None:
        while (found := installs.command(command)) is not None:
            if method == "getoutput" and found.action not in ("install", "uninstall"):
                break  # what is printed is looked at
            message = f"`{found.tool} {found.action}` is left out: requirements.txt says what is installed"
            self.remarks.append(Remark("command-left-out", message, cell, line))
            for address in installs.unnamed(found) if found.action == "install" else ():
                message = f"{address} has no name on the package index, so it is no requirement"
                remedy = "add it to the dependencies in pyproject.toml, as NAME @ ADDRESS"
                self.remarks.append(Remark("install-without-name", message, cell, line, remedy))
            if not found.rest:
                return None if method == "system" else f"{self.runtime('Lines')}()"
            command = found.rest
        function = self.runtime("run_command" if method == "system" else "command_output")
        return f"{function}({self.expanded(command, cell, line)})"

    def expanded(self, command: str, cell: int, line: int) -> str:
        """A command as an expression, with the values that IPython fills in."""
        try:
            return expanded(command, self.known)
        except ValueError as error:
            raise self.refuse(cell, line, str(error)) from None

    # -- line magics, by treatment -------------------------------------------------------------------------------
    def line_drop(self, name: str, argument: str, cell: int, line: int) -> str | None:
        reason = self.magics[name]["reason"]
        self.remarks.append(Remark("magic-left-out", f"%{name} is left out: {reason}", cell, line))
        return None

    def line_silent(self, name: str, argument: str, cell: int, line: int) -> str | None:
        return None

    def line_store(self, name: str, argument: str, cell: int, line: int) -> str | None:
        if ">" in argument or "-r" in argument.split():
            raise self.refuse(cell, line, f"%{name} {argument}: {self.magics[name]['reason']}")
        message = f"%{name} is left out: it keeps values for other notebooks in the user's profile"
        self.remarks.append(Remark("magic-left-out", message, cell, line))
        return None

    def line_pylab(self, argument: str, omits: str, cell: int, line: int) -> list[Unit]:
        """The imports that IPython makes; what it says about them is left out."""
        message = "what %pylab prints is left out: these are the imports that it makes"
        self.remarks.append(Remark("magic-left-out", message, cell, line, omits=omits))
        texts = ["import numpy", "import numpy as np", "import matplotlib", "import matplotlib.pyplot as plt"]
        texts += ["from matplotlib import pylab, mlab, pyplot"]
        if "--no-import-all" not in argument.split():
            texts += ["from matplotlib.pylab import *", "from numpy import *"]
        return [self.unit(text, cell, line, line) for text in texts]

    def line_matplotlib(self, name: str, argument: str, cell: int, line: int) -> str | None:
        return None

    def line_config(self, name: str, argument: str, cell: int, line: int) -> str | None:
        option, equals, value = (part.strip() for part in argument.partition("="))
        if name != "config" or not equals:
            raise self.refuse(cell, line, f"%{name} {argument} changes how values are shown".replace("  ", " "))
        if option == INTERACTIVITY:
            self.set_interactivity(value.strip("'\""), cell, line)
        elif not option.startswith(_LOOKS):
            raise self.refuse(cell, line, f"%config of {option} is not supported")
        return None

    def line_extension(self, name: str, argument: str, cell: int, line: int) -> str | None:
        extension = argument.strip()
        if extension not in self.harmless:
            raise self.refuse(cell, line, f"the extension {extension} is not known")
        return None

    def line_requirement(self, name: str, argument: str, cell: int, line: int) -> str | None:
        return self.shell("system", f"{name} {argument}", cell, line)

    def line_directory(self, name: str, argument: str, cell: int, line: int) -> str | None:
        if name == "pwd":
            return f"{self.runtime('current_directory')}()"
        path = argument.strip()
        if name != "cd" or path.startswith("-"):
            raise self.refuse(cell, line, f"%{name} {path} goes back to where the session was".replace("  ", " "))
        path = path.strip(path[0]) if path[:1] in ("'", '"') else path
        if service := self.elsewhere.folder(path):
            message = f"%{name} {path} is left out: only {service} has this folder, and the code runs in the project's"
            self.remarks.append(Remark("front-end-left-out", message, cell, line))
            return None
        return f"{self.runtime('change_directory')}({self.expanded(path or '~', cell, line)})"

    def line_environment(self, name: str, argument: str, cell: int, line: int) -> str | None:
        variable, separator, value = argument.partition("=") if "=" in argument else argument.strip().partition(" ")
        if name == "env" and _asks_for_variable(argument):
            return f"{self.runtime('environ')}[{self.expanded(argument.strip(), cell, line)}]"
        if not argument.strip():
            message = f"%{name} is left out: it shows the environment, which differs from machine to machine"
            self.remarks.append(Remark("magic-left-out", message, cell, line))
            return None
        if not separator:
            raise self.refuse(cell, line, f"%{name} {argument} gives no value")
        return f"{self.runtime('set_environment')}({variable.strip()!r}, {self.expanded(value.strip(), cell, line)})"

    def line_shell(self, name: str, argument: str, cell: int, line: int) -> str | None:
        if name == "sc":
            raise self.refuse(cell, line, "%sc is not supported: write name = !command")
        command = self.magics[name].get("command", "")
        if "%l" in command:
            return self.shell("system", command.replace("%l", argument), cell, line)
        method = "getoutput" if name in ("sx", "!") else "system"
        return self.shell(method, f"{command} {argument}".strip(), cell, line)

    def line_timing(self, name: str, code: str, statement: ast.stmt, cell: int, line: int) -> list[Unit]:
        if name not in ("time", "timeit"):
            return self.measured(name, code, cell, line)
        if name == "timeit":
            options, code = _options(code)
            if _is_one_value(code):
                return [self.unit(self._timeit(code, options, cell, line), cell, line, line)]
            return [self._timeit_of_function(self.plain(code, cell, line - 1, shown=False), options, cell, line, line)]
        if code.lstrip().startswith("-"):
            raise self.refuse(cell, line, "options of %time are not supported")
        target = ""
        if isinstance(statement, ast.Assign):
            target = "".join(ast.unparse(part) + " = " for part in statement.targets)
        return self.timed_units(target + code, cell, line)

    def is_measured(self, call: tuple[str, list[str]]) -> bool:
        """Does this run code once, and tell how long it took?"""
        row = self.magics.get(call[1][0], {}) if call[0] == "run_line_magic" else {}
        return row.get("line") == "timing" and row.get("runs") == "once"

    def timed_in_block(self, arguments: list[str], statement: ast.Expr | ast.Assign, cell: int, line: int) -> str:
        """The code that takes the place of a measurement inside a block, where no value is shown."""
        name, code = arguments
        if isinstance(statement, ast.Assign):
            code = "".join(ast.unparse(part) + " = " for part in statement.targets) + code
        timed = name == "time" and not code.lstrip().startswith("-")
        inner = self.plain(code, cell, line - 1, shown=False) if timed else self.measured(name, code, cell, line)
        text = "\n".join(unit.text for unit in inner) or "pass"
        text = f"with {self.runtime('timed')}():\n{indent(text)}" if timed else text
        return indent(text, " " * statement.col_offset).lstrip()

    def line_run(self, argument: str, cell: int, line: int) -> list[Unit]:
        """A script runs in a namespace of its own, from which names are taken over; a notebook in this one's."""
        try:
            run = run_magic.parsed(argument)
            path = patterns.normal(run.path)
            if path not in self.files:
                raise ValueError(f"{run.path} is not beside the notebook")
            if path in self.active:
                raise ValueError(f"{run.path} runs itself")
            if run.shared:
                return self.inlined(path, cell, line)
            names, imports = run_magic.results(ast.parse(self.files[path]), self.identifiers)
        except (ValueError, SyntaxError) as error:
            raise self.refuse(cell, line, f"%run {argument}: {error}") from None
        call = f"{self.runtime('run_file')}({', '.join(map(repr, [run.path, *names]))}"
        call += f", arguments={run.arguments!r})" if run.arguments else ")"
        units = [self.unit(f"{', '.join(names)} = {call}" if names else call, cell, line, line)]
        return units + [self.unit(ast.unparse(node), cell, line, line) for node in imports]

    def inlined(self, path: str, cell: int, line: int) -> list[Unit]:
        """The statements of a file that runs in the notebook's own namespace; none shows its value."""
        cells = run_magic.cells(path, self.files[path])
        self.identifiers |= identifiers(cells)
        self.active.append(path)
        units: list[Unit] = []
        for source in cells:
            magic = source.lstrip().startswith("%%")
            units += self.magic_cell(source, cell) if magic else self.plain(source, cell, shown=False)
        self.active.pop()
        for unit in units:
            unit.line = unit.last_line = line
            unit.echo = False
        return units

    def measured(self, name: str, code: str, cell: int, line: int) -> list[Unit]:
        """Code that another tool than the clock measures: it runs, and nothing is measured."""
        code = _without_options(code, str(self.magics[name].get("options", "")))
        if code.lstrip().startswith("-") or self.magics[name].get("runs") != "once":
            raise self.refuse(cell, line, f"%{name} is not supported: it measures the code in a way of its own")
        message = f"the measurement of %{name} is left out"
        self.remarks.append(Remark("measurement-left-out", message, cell, line))
        return self.plain(code, cell, line - 1, shown=False)

    def _timeit(self, code: str, options: Mapping[str, str], cell: int, line: int) -> str:
        if not _is_one_value(code):
            raise self.refuse(cell, line, "%timeit of a statement is not supported here")
        value = ast.unparse(ast.parse(code).body[0].value)  # type: ignore[attr-defined]
        return f"{self.runtime('timeit')}(lambda: {value}{self._runs(options, cell, line)})"

    def _timeit_of_function(
        self, inner: Sequence[Unit], options: Mapping[str, str], cell: int, line: int, last_line: int
    ) -> Unit:
        """The function that has the statements as its own code, as for IPython, and its call."""
        function = fresh("timed_code", self.identifiers)
        code = indent("\n".join(unit.text for unit in inner) or "pass")
        call = f"{self.runtime('timeit')}({function}{self._runs(options, cell, line)})"
        return self.unit(f"def {function}():\n{code}\n\n{call}", cell, line, last_line)

    def _runs(self, options: Mapping[str, str], cell: int, line: int) -> str:
        if unknown := sorted(options.keys() - {"n", "r"}):
            raise self.refuse(cell, line, f"the option -{unknown[0]} of timeit is not supported")
        names = {"n": "number", "r": "repeat"}
        return "".join(f", {names[key]}={int(value or 0)}" for key, value in sorted(options.items()))

    # -- cell magics, by treatment -------------------------------------------------------------------------------
    def cell_timing(self, name: str, line: str, body: str, cell: int, at: int) -> list[Unit]:
        if name == "time":
            if line:
                raise self.refuse(cell, at, f"%%time {line} is not supported: put the code below")
            return self.timed_units(body, cell, at + 1)
        if name != "timeit":
            return self.measured(name, f"{line}\n{body}" if line.startswith("-") else body, cell, at + 1)
        options, setup = _options(line)
        units = self.plain(setup, cell, at - 1, shown=False) if setup.strip() else []
        inner = self.plain(body, cell, at, shown=False)
        return [*units, self._timeit_of_function(inner, options, cell, at + 1, at + body.count("\n"))]

    def timed_units(self, code: str, cell: int, line: int) -> list[Unit]:
        """Statements inside ``with timed():``; the value of the last expression is shown behind the times."""
        inner = self.plain(code, cell, line - 1)
        return self.wrapped(inner, f"{self.runtime('timed')}()", cell, "timed") if inner else []

    def cell_capture(self, name: str, line: str, body: str, cell: int, at: int) -> list[Unit]:
        words = line.split()
        if unknown := [word for word in words if word.startswith("-") and word != "--no-stderr"]:
            raise self.refuse(cell, at, f"the option {unknown[0]} of %%capture is not supported")
        inner = self.plain(body, cell, at)
        targets = [word for word in words if not word.startswith("-")]
        texts = [unit.text for unit in inner]
        if inner and inner[-1].echo and targets:
            start, end = Places(texts[-1]).span(inner[-1].nodes[-1])
            texts[-1] = f"{texts[-1][:start]}{self.runtime('show')}(({texts[-1][start:end]})){texts[-1][end:]}"
        target = f" as {targets[0]}" if targets else ""
        code = indent("\n".join(texts) or "pass")
        last = max([at, *(unit.last_line for unit in inner)])
        return [self.unit(f"with {self.runtime('captured')}(){target}:\n{code}", cell, at + 1, last)]

    def cell_drop(self, name: str, line: str, body: str, cell: int, at: int) -> list[Unit]:
        reason = self.magics[name]["reason"]
        self.remarks.append(Remark("magic-left-out", f"the cell is left out: {reason}", cell, at))
        return []

    def cell_inline(self, name: str, line: str, body: str, cell: int, at: int) -> list[Unit]:
        return self.plain(f"{line}\n{body}", cell, at - 1)

    def cell_spark_sql(self, name: str, line: str, body: str, cell: int, at: int) -> list[Unit]:
        queries = [text for text in re.split(r";[^\S\n]*(?:\n|$)", f"{line}\n{body}".strip()) if text.strip()]
        texts = [f"spark.sql({literal(text.strip(chr(10)))})" for text in queries]
        if texts and "_sqldf" in self.identifiers:  # where Databricks puts the last result
            texts[-1:] = [f"_sqldf = {texts[-1]}", "_sqldf"]
        texts[-1:] = [f"{self.runtime('display')}({text})" for text in texts[-1:]]
        return [self.unit(text, cell, at, at + body.count("\n")) for text in texts]

    def cell_writefile(self, name: str, line: str, body: str, cell: int, at: int) -> list[Unit]:
        words = shlex.split(line)
        append = any(word in ("-a", "--append") for word in words)
        path = [word for word in words if not word.startswith("-")]
        if not path:
            raise self.refuse(cell, at, f"%%{name} names no file")
        if cell in self.modules:
            message = f"%%{name} {line} is left out: what it writes is the module {self.modules[cell]} of the project"
            call = f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})"
            self.remarks.append(Remark("module-in-cell", message, cell, at, omits=ast.unparse(ast.parse(call))))
            return []
        more = ", append=True" if append else ""
        place = self.expanded(path[0], cell, at)
        return [self.unit(f"{self.runtime('write_file')}({place}, {literal(body)}{more})", cell, at, at)]

    def cell_shell(self, name: str, line: str, body: str, cell: int, at: int) -> list[Unit]:
        words = line.split()
        if name in ("!", "sx", "system"):
            text = f"{line}\n{body}" if line else body
            unit = self.unit(f"{self.runtime('command_output')}({self.expanded(text.strip(), cell, at)})", cell, at, at)
            unit.echo = True
            return [unit]
        if unknown := [word for word in words if word.startswith("--") and word != "--no-raise-error"]:
            raise self.refuse(cell, at, f"the option {unknown[0]} of %%{name} is not supported")
        program = " ".join(
            word
            for word in ([] if name == "script" else [self.magics[name].get("command", name)]) + words
            if word != "--no-raise-error"
        )
        more = ", check=False" if "--no-raise-error" in words else ""
        command = self.expanded(program, cell, at)
        return [self.unit(f"{self.runtime('run_script')}({command}, {literal(body)}{more})", cell, at, at)]

    cell_python = cell_shell


def _platform_call(node: ast.AST) -> tuple[str, list[str]] | None:
    """Method and literal arguments of a ``get_ipython().method(...)`` call."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "get_ipython"
        and all(isinstance(argument, ast.Constant) for argument in node.args)
    ):
        method = "run_line_magic" if node.func.attr == "magic" else node.func.attr
        arguments = [str(argument.value) if isinstance(argument, ast.Constant) else "" for argument in node.args]
        if node.func.attr == "magic" and arguments:
            arguments = [*arguments[0].lstrip("%").split(" ", 1), ""][:2]
        if method == "run_line_magic" and arguments and not arguments[0]:  # `% matplotlib inline`
            arguments = [*"".join(arguments[1:2]).split(None, 1), "", ""][:2]
        if method in _METHODS:
            return method, arguments
    return None


def _ended(units: list[Unit]) -> list[Unit]:
    if units:
        units[-1].ends_cell = True
    return units


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _blank_lines(source: str) -> int:
    """Blank lines above the code, which IPython drops."""
    return source[: len(source) - len(source.lstrip())].count("\n") if source.strip() else 0


def _comments(text: str) -> str:
    """The comment lines above a statement that is dropped."""
    lines = []
    for line in text.split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        lines.append(line)
    return "".join(f"{line}\n" for line in lines if line.strip())


def _asks_for_variable(argument: str) -> bool:
    """Does `%env` ask for one variable? Otherwise it sets one, or shows all."""
    return bool(re.fullmatch(r"\s*[^\s=]+\s*", argument))


def _without_options(code: str, known: str) -> str:
    """Code behind options of one letter, as far as these are known; a colon behind one says that it has a value."""
    values = "".join(re.findall(r"(\w):", known)) or "-"
    flags = "".join(letter for letter in re.sub(r"\w:", "", known)) or "-"
    option = re.compile(rf"\s*(?:-[{values}]\s*\S+|-[{flags}]+(?=\s))")
    while known and (match := option.match(code)):
        code = code[match.end() :]
    return code


def _is_one_value(code: str) -> bool:
    """Is this an expression, or what is bound to names?"""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return False
    return len(body) == 1 and isinstance(body[0], (ast.Expr, ast.Assign))


def _options(code: str) -> tuple[dict[str, str], str]:
    options: dict[str, str] = {}
    while match := re.match(r"\s*-(\w)\s*(\d*)\s*", code):
        options[match[1]] = match[2]
        code = code[match.end() :]
    return options, code


def identifiers(sources: Iterable[str]) -> set[str]:
    """Every word in the sources that could be a name."""
    return {word for source in sources for word in re.findall(r"(?<![\w.])[^\W\d]\w*", source)}
